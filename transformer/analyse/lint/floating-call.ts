/**
 * WV3007: the promise of a boundary call is dropped, so that nobody learns when the call fails, and Node ends the process for it.
 * Also where a function hands it to somebody who drops it: `forEach`, a timer, an event listener. `void` is a decision.
 */
import type { SyntaxNode } from '../../checker/syntax.ts'
import type { Place } from '../../checker/view.ts'
import type { Fix } from '../../diagnostics/diagnostic.ts'
import type { BoundaryCall } from './facts.ts'
import { bare, calledMember, contains, functionAround, placeOf, receiverOf } from './nodes.ts'
import { fateOf } from './promise.ts'
import { insertion, type LintContext } from './rule.ts'
import { declarationOf } from './scope.ts'

export function floatingCall(context: LintContext): void {
  const suspects: Suspect[] = []
  const callbacks = new Set<SyntaxNode>()
  for (const call of context.calls) {
    if (!call.method.promised) continue
    const fate = fateOf(call.node)
    if (fate.kind === 'dropped') report(context, call, { by: undefined, fixes: fixes(call.node) })
    else if (fate.kind === 'returned') suspects.push(...dropping(call, fate.from))
    else if (fate.kind === 'awaited') {
      const from = functionAround(call.node)
      // Of a callback that awaits several, the first says it.
      if (!from?.async || callbacks.has(from) || isCaught(call.node, from)) continue
      callbacks.add(from)
      suspects.push(...dropping(call, from))
    }
  }
  for (const suspect of confirmed(context, suspects)) report(context, suspect.call, { by: suspect.name, fixes: [] })
}

interface Suspect {
  readonly call: BoundaryCall
  /** What drops it, for the message. */
  readonly name: string
  /** Asked of the view: the receiver must be a collection, or the callee declared by Node or the language. */
  readonly receiver: SyntaxNode | undefined
  readonly callee: SyntaxNode | undefined
}

const TIMERS: ReadonlySet<string> = new Set(['setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask'])
const LISTENERS: ReadonlySet<string> = new Set(['on', 'once', 'addListener', 'prependListener', 'addEventListener'])
/** Their results hold what the callback gives, so the promises are dropped only with the result. */
const COLLECTING: ReadonlySet<string> = new Set(['map', 'flatMap'])

/** `from` is given to a function that ignores what it returns. */
function dropping(call: BoundaryCall, from: SyntaxNode): Suspect[] {
  const outer = from.role === 'argument' ? from.parent! : undefined
  if (outer?.kind !== 'call') return []
  const callee = bare(outer.child('callee')!)
  if (callee.kind === 'identifier') {
    const timer = TIMERS.has(callee.text) && declarationOf(callee) === undefined
    return timer ? [{ call, name: callee.text, receiver: undefined, callee: undefined }] : []
  }
  const name = calledMember(outer)
  if (name === undefined) return []
  const receiver = receiverOf(outer)
  if (name === 'forEach' || (COLLECTING.has(name) && fateOf(outer).kind === 'dropped')) {
    return [{ call, name, receiver, callee: undefined }]
  }
  if (name === 'nextTick' && receiver?.text === 'process')
    return [{ call, name, receiver: undefined, callee: undefined }]
  return LISTENERS.has(name) ? [{ call, name, receiver: undefined, callee: callee.child('name') }] : []
}

/** Other things have a `forEach` that waits, or an `on` that listens to what its listener returns. */
function confirmed({ view }: LintContext, suspects: readonly Suspect[]): Suspect[] {
  const byReceiver = suspects.filter(({ receiver }) => receiver)
  const byCallee = suspects.filter(({ callee }) => callee)
  const types = view.typesAt(byReceiver.map(({ receiver }) => receiver!))
  const symbols = view.symbolsAt(byCallee.map(({ callee }) => callee!))
  const confirmedTypes = new Set(
    byReceiver.filter((_, at) => {
      const type = types[at]!
      const { kind } = view.describe(type)
      if (kind === 'array' || kind === 'tuple') return true
      const symbol = view.symbolOf(type)
      return (
        symbol !== undefined && /^(?:Readonly)?(?:Map|Set)$/.test(view.symbolName(symbol)) && ofPlatform(view, symbol)
      )
    }),
  )
  const confirmedCallees = new Set(
    byCallee.filter((_, at) => symbols[at] !== undefined && ofPlatform(view, symbols[at])),
  )
  return suspects.filter(
    (each) => (!each.receiver || confirmedTypes.has(each)) && (!each.callee || confirmedCallees.has(each)),
  )
}

function ofPlatform(
  view: LintContext['view'],
  symbol: NonNullable<ReturnType<LintContext['view']['symbolOf']>>,
): boolean {
  return view.declarationsOf(symbol).some(({ origin }) => origin === 'lib' || origin === 'node')
}

function isCaught(node: SyntaxNode, within: SyntaxNode): boolean {
  for (let outer = node.parent; outer && outer !== within; outer = outer.parent) {
    if (outer.kind === 'try' && outer.child('catch') && contains(outer.child('body')!, node)) return true
  }
  return false
}

function report(
  context: LintContext,
  call: BoundaryCall,
  { by, fixes }: { by: string | undefined; fixes: Fix[] },
): void {
  const { title, component } = call.method
  context.report('WV3007', calleePlace(call.node), {
    message: by
      ? `The promise of '${title}' is dropped by '${by}', which does not wait for its callback.`
      : `The promise of '${title}' is dropped.`,
    why: `'${component.shortName}' may run in another process, so the call can fail where a local one could not, and a failure that nobody handles ends the process`,
    fix: by
      ? (ADVICE[by] ?? "handle the failure inside of the callback, with try or '.catch(…)'")
      : "'await' it, return it, or handle its failure with '.catch(…)'; 'void' says that it is meant",
    fixes,
  })
}

const ADVICE: Readonly<Record<string, string>> = {
  forEach: "'await Promise.all(….map(…))', or a 'for' loop that awaits",
  map: "'await Promise.all(…)' around it",
  flatMap: "'await Promise.all(…)' around it",
}

/** `this.#cart.add` of `this.#cart.add(…)`: the arguments may go over many lines. */
export function calleePlace(call: SyntaxNode): Place {
  return { ...placeOf(call), end: call.child('callee')!.end }
}

/** At the call, and not where its statement begins: in `on && put()` that would negate the condition. */
function fixes(dropped: SyntaxNode): Fix[] {
  const around = functionAround(dropped)
  const fixes: Fix[] = [
    { id: 'void', title: "Say with 'void' that it is dropped", safe: false, edits: [insertion(dropped, 'void ')] },
  ]
  if (around === undefined || around.async) {
    fixes.unshift({ id: 'add-await', title: "Add 'await'", safe: false, edits: [insertion(dropped, 'await ')] })
  }
  return fixes
}
