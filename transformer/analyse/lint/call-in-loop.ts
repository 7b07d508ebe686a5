/**
 * WV3016: a boundary call is awaited for one element after the other. Reported where the rounds could be one call or run side by
 * side: the call's arguments come from the element, and no round depends on the one before. Left alone are loops that stop
 * early, that carry something from round to round (cursors, retries, a growing queue), that take from a queue, that wait on purpose or
 * read a stream, that call with a batch of many, and those of a pool of workers, which run side by side already.
 */
import type { SyntaxNode } from '../../checker/syntax.ts'
import type { TypeHandle } from '../../checker/view.ts'
import type { BoundaryCall } from './facts.ts'
import { calleePlace } from './floating-call.ts'
import { bare, calledMember, contains, functionAround, receiverOf, some, walk } from './nodes.ts'
import { fateOf } from './promise.ts'
import type { LintContext } from './rule.ts'
import { boundNames, declarationOf, isAssignment, isWritten, referencesOf } from './scope.ts'

export function callInLoop(context: LintContext): void {
  const suspects: { call: BoundaryCall; loop: SyntaxNode }[] = []
  for (const call of context.calls) {
    if (!call.method.promised || !context.isApplication(call.file.path)) continue
    const loop = fateOf(call.node).kind === 'awaited' ? loopOf(call.node) : undefined
    if (loop) suspects.push({ call, loop })
    else if (isReduced(call.node)) report(context, call)
  }
  const iterating = suspects.filter(({ loop }) => loop.text === 'for-of')
  const lists = context.view.typesAt(iterating.map(({ loop }) => listOf(loop.child('iterated')!)))
  const others = new Set(iterating.filter((_, at) => !isList(context, lists[at]!)))
  const batches = batchesOf(context, suspects)
  for (const suspect of suspects) if (!others.has(suspect) && !batches.has(suspect)) report(context, suspect.call)
}

/** What has all of its elements now. An iterator may be shared among workers, and a stream has them one after the other. */
function isList({ view }: LintContext, type: TypeHandle): boolean {
  const { kind } = view.describe(type)
  if (kind === 'array' || kind === 'tuple') return true
  const symbol = view.symbolOf(type)
  return symbol !== undefined && LISTS.test(view.symbolName(symbol))
}

const LISTS = /^(?:Readonly)?(?:Map|Set)$/

/** `list` of `list.entries()`, whose iterator is this loop's own. */
function listOf(iterated: SyntaxNode): SyntaxNode {
  const inner = bare(iterated)
  const own = /^(?:entries|keys|values)$/.test(calledMember(inner) ?? '') ? receiverOf(inner)! : undefined
  return own && own.text !== 'Object' ? own : iterated
}

/** Calls that hand over an element which is a list itself, or a slice: they take many at once already. */
function batchesOf<S extends { readonly call: BoundaryCall; readonly loop: SyntaxNode }>(
  { view }: LintContext,
  suspects: readonly S[],
): Set<S> {
  const whole = suspects.flatMap((suspect) => {
    const heads = suspect.loop.child('initializer')?.all('element') ?? []
    const names = new Set(heads.flatMap((each) => boundNames(each.child('name'))))
    return suspect.call.node
      .all('argument')
      .filter((each) => bare(each).kind === 'identifier' && names.has(declarationOf(bare(each))!))
      .map((argument) => ({ suspect, argument }))
  })
  const types = view.typesAt(whole.map(({ argument }) => argument))
  const lists = whole.filter((_, at) => ['array', 'tuple'].includes(view.describe(types[at]!).kind))
  const sliced = suspects.filter(({ call }) => call.node.all('argument').some(isSliced))
  return new Set([...lists.map(({ suspect }) => suspect), ...sliced])
}

function isSliced(argument: SyntaxNode): boolean {
  const inner = bare(argument)
  const variable = inner.kind === 'identifier' ? declarationOf(inner)?.parent : undefined
  const value = variable?.kind === 'variable' ? variable.child('value') : argument
  return value !== undefined && some(value, (node) => /^(?:slice|splice|subarray)$/.test(calledMember(node) ?? ''))
}

function report(context: LintContext, { node, method }: BoundaryCall): void {
  context.report('WV3016', calleePlace(node), {
    message: `'${method.title}' is awaited in a loop: each call waits for the one before.`,
    why: `where '${method.component.shortName}' runs in another process, every round is a round trip`,
    fix: `give '${method.component.shortName}' a method that takes all of them, or start the calls together: 'await Promise.all(….map(…))'`,
  })
}

/** The innermost loop around `call` whose rounds it could do at once. */
function loopOf(call: SyntaxNode): SyntaxNode | undefined {
  for (let node = call; node.parent && node.parent.kind !== 'function'; node = node.parent) {
    const loop = node.parent
    if (loop.kind === 'loop' && node.role === 'body' && isIndependent(loop, call)) return loop
  }
  return undefined
}

function isIndependent(loop: SyntaxNode, call: SyntaxNode): boolean {
  if (stopsEarly(loop) || waits(loop)) return false
  const state = stateOf(loop)
  const condition = loop.child('condition')
  if (condition && mentions(condition, state.carried)) return false
  const args = call.all('argument')
  if (args.some((each) => mentions(each, state.carried)) || !args.some((each) => mentions(each, state.varying)))
    return false
  switch (loop.text) {
    case 'for-of':
    case 'for-in':
      return !isShortList(loop.child('iterated')!) && !grows(loop, loop.child('iterated')!) && !isWorker(loop)
    case 'for':
      return condition !== undefined && isCounted(loop) && !isWorker(loop)
    // `while` and `do` go on until something happens: rounds that are known beforehand are written in another way.
    default:
      return false
  }
}

/** `i++` and the like: one round for one element. */
function isCounted(loop: SyntaxNode): boolean {
  const update = loop.child('update')
  if (!update) return false
  if (update.kind === 'prefix' || update.kind === 'postfix') return true
  return /^[-+]=$/.test(update.text) && update.child('right')?.text === '1'
}

/** In a function that is started several times at once: given to `map` or `Array.from`, or called without waiting for its end. */
function isWorker(loop: SyntaxNode): boolean {
  for (let around = functionAround(loop); around; around = functionAround(around)) {
    const { parent, role } = around
    if (role === 'argument' && STARTING.has(calledMember(parent!) ?? '')) return true
    const name =
      around.text === 'declaration' || parent?.kind === 'variable'
        ? (around.child('name') ?? parent?.child('name'))
        : undefined
    if (name?.kind === 'identifier' && referencesOf(name).some(isStart)) return true
  }
  return false
}

/** `[worker(), worker()]`, `workers.push(worker())`, `lanes.map(worker)`, `lanes.map(() => worker())`. */
function isStart(reference: SyntaxNode): boolean {
  const { role, parent } = reference
  if (role === 'argument') return STARTING.has(calledMember(parent!) ?? '')
  if (role !== 'callee') return false
  if (parent!.role === 'element' || (parent!.role === 'argument' && calledMember(parent!.parent!) === 'push'))
    return true
  const fate = fateOf(parent!)
  return (
    fate.kind === 'returned' && fate.from.role === 'argument' && STARTING.has(calledMember(fate.from.parent!) ?? '')
  )
}

const STARTING: ReadonlySet<string> = new Set(['map', 'flatMap', 'from'])

/** `break` out of it, `return`, `throw`, or `yield`, which hands the pace to somebody else. */
function stopsEarly(loop: SyntaxNode): boolean {
  let found = false
  walk(loop.child('body')!, (node) => {
    if (node.kind === 'return' || (node.kind === 'keyword' && node.text === 'yield')) found = true
    if (node.kind === 'throw' && !isCaughtIn(node, loop)) found = true
    if (node.kind === 'continue' && node.child('name')) found = true
    if (node.kind === 'break') found ||= node.child('name') !== undefined || breaks(node) === loop
    return !found && node.kind !== 'function' && node.kind !== 'class'
  })
  return found
}

function isCaughtIn(thrown: SyntaxNode, loop: SyntaxNode): boolean {
  for (let node = thrown; node !== loop && node.parent; node = node.parent) {
    if (node.parent.kind === 'try' && node.role === 'body' && node.parent.child('catch')) return true
  }
  return false
}

function breaks(statement: SyntaxNode): SyntaxNode | undefined {
  let node = statement.parent
  while (node && node.kind !== 'loop' && node.kind !== 'switch') node = node.parent
  return node
}

const WAITING =
  /sleep|delay|backoff|retr(?:y|ies)|attempt|throttl|limiter|ratelimit|semaphore|mutex|acquire|settimeout|poll|debounce|tick/i

function waits(loop: SyntaxNode): boolean {
  return some(loop, (node) => node.kind === 'identifier' && WAITING.test(node.text))
}

interface LoopState {
  /** Declared by the loop or in its body: another value each round. */
  readonly varying: ReadonlySet<SyntaxNode>
  /** Declared outside or in the head, and changed in the body: what a round leaves for the next. */
  readonly carried: ReadonlySet<SyntaxNode>
}

function stateOf(loop: SyntaxNode): LoopState {
  const varying = new Set<SyntaxNode>()
  const carried = new Set<SyntaxNode>()
  const initializer = loop.child('initializer')
  const heads = initializer?.kind === 'variables' ? initializer.all('element') : []
  for (const name of heads.flatMap((each) => boundNames(each.child('name')))) varying.add(name)
  const body = loop.child('body')!
  walk(body, (node) => {
    if (node.kind === 'variable') {
      const value = node.child('value')
      for (const name of boundNames(node.child('name'))) {
        if (value && mentions(value, carried)) carried.add(name)
        else if (value && mentions(value, varying)) varying.add(name)
      }
    }
    if (node.kind !== 'identifier') return
    const declared = declarationOf(node)
    if (!declared || !(isWritten(node) || isMemberWritten(node))) return
    if (!contains(loop, declared) || (varying.has(declared) && !contains(body, declared))) carried.add(declared)
  })
  return { varying, carried }
}

/** `state.cursor = …`, with `state` given. */
function isMemberWritten(identifier: SyntaxNode): boolean {
  let node = identifier
  while (node.role === 'object' && (node.parent?.kind === 'member' || node.parent?.kind === 'element'))
    node = node.parent
  return node !== identifier && node.role === 'left' && node.parent !== undefined && isAssignment(node.parent)
}

function mentions(node: SyntaxNode, names: ReadonlySet<SyntaxNode>): boolean {
  if (names.size === 0) return false
  return some(node, (each) => {
    if (each.kind !== 'identifier' || (each.role === 'name' && each.parent?.kind === 'member')) return false
    const declared = declarationOf(each)
    return declared !== undefined && names.has(declared)
  })
}

/** `['a', 'b']`: as many calls as are written there. */
function isShortList(iterated: SyntaxNode): boolean {
  const node = bare(iterated)
  return node.kind === 'array' && !node.children.some((each) => each.kind === 'spread')
}

const GROWING: ReadonlySet<string> = new Set(['push', 'unshift', 'add', 'set', 'splice'])

/** The list gets new elements in the loop: a walk through something whose next step only the call knows. */
function grows(loop: SyntaxNode, list: SyntaxNode): boolean {
  const root = rootOf(list)
  const declared = root && declarationOf(root)
  if (!declared) return false
  return referencesOf(declared).some((reference) => {
    if (!contains(loop.child('body')!, reference)) return false
    const call = reference.parent?.parent
    return call?.kind === 'call' && receiverOf(call) === reference && GROWING.has(calledMember(call) ?? '')
  })
}

function rootOf(expression: SyntaxNode): SyntaxNode | undefined {
  let node = bare(expression)
  while (node.kind === 'member' || node.kind === 'element') node = bare(node.child('object')!)
  return node.kind === 'identifier' ? node : undefined
}

/** `ids.reduce(async (before, id) => { await before; await cart.add(id) }, …)`, or `before.then(() => cart.add(id))`. */
function isReduced(call: SyntaxNode): boolean {
  const around = functionAround(call)
  if (!around) return false
  const fate = fateOf(call)
  const reducer = isReducer(around) ? around : thenOf(around)
  if (!reducer || (fate.kind !== 'awaited' && fate.kind !== 'returned')) return false
  if (reducer === around && !around.async) return false
  const [before, element] = reducer.all('parameter')
  if (!before || !element) return false
  const carried = new Set(boundNames(before.child('name')))
  // Without waiting for what is before, the calls run side by side.
  const waits = (node: SyntaxNode): boolean =>
    node.kind === 'keyword' && node.text === 'await' && mentions(node, carried)
  if (reducer === around && !some(reducer, waits)) return false
  walk(reducer.child('body')!, (node) => {
    const value = node.kind === 'variable' ? node.child('value') : undefined
    if (value && mentions(value, carried)) for (const name of boundNames(node.child('name'))) carried.add(name)
  })
  const own = new Set(boundNames(element.child('name')))
  const args = call.all('argument')
  return args.some((each) => mentions(each, own)) && !args.some((each) => mentions(each, carried))
}

function isReducer(node: SyntaxNode): boolean {
  const call = node.role === 'argument' ? node.parent : undefined
  return call !== undefined && call.all('argument')[0] === node && /^reduce(?:Right)?$/.test(calledMember(call) ?? '')
}

/** The reducer whose first parameter's `then` is given the function `node`. */
function thenOf(node: SyntaxNode): SyntaxNode | undefined {
  const call = node.role === 'argument' ? node.parent : undefined
  const receiver = call && calledMember(call) === 'then' ? receiverOf(call) : undefined
  const declared = receiver && bare(receiver).kind === 'identifier' ? declarationOf(bare(receiver)) : undefined
  const reducer = declared?.parent?.kind === 'parameter' ? declared.parent.parent : undefined
  return reducer && isReducer(reducer) && reducer.child('parameter') === declared?.parent ? reducer : undefined
}
