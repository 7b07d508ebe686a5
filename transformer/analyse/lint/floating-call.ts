/**
 * WV3007: the promise of a boundary call is dropped, so that nobody learns when the call fails, and Node ends the process for it.
 * Also where a function hands it to somebody who drops it: `forEach`, a timer, an event listener (callbacks.ts), or to another
 * promise that is dropped: an async function that is called at once, a chain of `then`, `Promise.all`. `void` is a decision.
 */
import type { SyntaxNode } from '../../checker/syntax.ts'
import type { Place } from '../../checker/view.ts'
import type { Fix } from '../../diagnostics/diagnostic.ts'
import { confirmed, type Dropper, droppersOf } from './callbacks.ts'
import type { BoundaryCall } from './facts.ts'
import { contains, functionAround, placeOf } from './nodes.ts'
import { fateOf } from './promise.ts'
import { insertion, type LintContext } from './rule.ts'

export function floatingCall(context: LintContext): void {
  const suspects: { call: BoundaryCall; dropper: Dropper }[] = []
  for (const call of context.calls) {
    if (!call.method.promised) continue
    const fate = fateOf(call.node)
    if (fate.kind === 'dropped') {
      suspects.push({ call, dropper: { at: fate.promise, by: { kind: 'promise', around: undefined }, receivers: [] } })
      continue
    }
    const from = fate.kind === 'returned' ? fate.from : fate.kind === 'awaited' ? functionAround(call.node) : undefined
    if (!from || (fate.kind === 'awaited' && (!from.async || isCaught(call.node, from)))) continue
    suspects.push(...droppersOf(from).map((dropper) => ({ call, dropper })))
  }
  const real = confirmed(
    context.view,
    suspects.map(({ dropper }) => dropper),
  )
  const said = new Set<SyntaxNode>()
  for (const { call, dropper } of suspects) {
    // Of several calls whose promises go into one that is dropped, the first says it.
    if (!real.has(dropper) || said.has(dropper.at)) continue
    said.add(dropper.at)
    report(context, call, dropper)
  }
}

function isCaught(node: SyntaxNode, within: SyntaxNode): boolean {
  for (let outer = node.parent; outer && outer !== within; outer = outer.parent) {
    if (outer.kind === 'try' && outer.child('catch') && contains(outer.child('body')!, node)) return true
  }
  return false
}

function report(context: LintContext, call: BoundaryCall, { by, at }: Dropper): void {
  const { title, component } = call.method
  const why = `'${component.shortName}' may run in another process, so the call can fail where a local one could not, and a failure that nobody handles ends the process`
  if (by.kind === 'callback') {
    context.report('WV3007', calleePlace(call.node), {
      message: `The promise of '${title}' is dropped by '${by.name}', which does not wait for its callback.`,
      why,
      fix: ADVICE[by.name] ?? "handle the failure inside of the callback, with try or '.catch(…)'",
    })
    return
  }
  const { around } = by
  context.report('WV3007', calleePlace(call.node), {
    message: `The promise of '${title}' is dropped${around === undefined ? '' : `, with that of ${around} around it`}.`,
    why,
    fix: `'await' ${around ?? 'it'}, return it, or handle its failure with '.catch(…)'; 'void' says that it is meant`,
    fixes: fixes(at, () => context.view.topLevelAwait(call.file)),
  })
}

const COLLECT = "'await Promise.all(….map(…))', or a 'for' loop that awaits"
const TEST = "its callback's promise is always true: 'await Promise.all(….map(…))' first, and look at what that gives"

const ADVICE: Readonly<Record<string, string>> = {
  forEach: COLLECT,
  map: "'await Promise.all(…)' around it",
  flatMap: "'await Promise.all(…)' around it",
  filter: TEST,
  find: TEST,
  findIndex: TEST,
  findLast: TEST,
  findLastIndex: TEST,
  some: TEST,
  every: TEST,
  'new Promise': "make the function around it 'async' in place of 'new Promise', or pass the failure to 'reject'",
}

/** `this.#cart.add` of `this.#cart.add(…)`: the arguments may go over many lines. */
export function calleePlace(call: SyntaxNode): Place {
  return { ...placeOf(call), end: call.child('callee')!.end }
}

/** At the promise, and not where its statement begins: in `on && put()` that would negate the condition. */
function fixes(promise: SyntaxNode, atTop: () => boolean): Fix[] {
  const dropped: Fix = {
    id: 'void',
    title: "Say with 'void' that it is dropped",
    safe: false,
    choice: true,
    edits: [insertion(promise, 'void ')],
  }
  if (!mayAwait(promise, atTop)) return [dropped]
  return [{ id: 'add-await', title: "Add 'await'", safe: false, edits: [insertion(promise, 'await ')] }, dropped]
}

/** In the body of an async function, or at the top level of an ES module; not in a parameter's default, a field or a namespace. */
function mayAwait(node: SyntaxNode, atTop: () => boolean): boolean {
  for (let inner = node; inner.parent; inner = inner.parent) {
    const { parent } = inner
    if (parent.kind === 'function') return parent.async && inner.role === 'body'
    if (parent.kind === 'class' || (parent.kind === 'block' && parent.text === 'namespace')) return false
  }
  return atTop()
}
