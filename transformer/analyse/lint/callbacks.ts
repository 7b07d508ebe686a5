/**
 * Who drops the promise that a function gives: in goes the function, out come those whom it is handed to and who ignore what it
 * returns, with what must be asked of the types before anybody may say so. A function whose promise goes into another promise
 * (a callback of `then`, one that is called at once) is followed to the end of that.
 */
import type { SyntaxNode } from '../../checker/syntax.ts'
import type { CheckerView, SymbolHandle, TypeHandle } from '../../checker/view.ts'
import { bare, calledMember, receiverOf } from './nodes.ts'
import { fateOf, fateOfMany } from './promise.ts'
import { declarationOf } from './scope.ts'

export interface Dropper {
  /** Equal for calls that one `await` would serve: the promise that is dropped, or the call that drops it. */
  readonly at: SyntaxNode
  readonly by:
    | { readonly kind: 'callback'; readonly name: string }
    /** `around`: what the promise is of, for messages; undefined for a chain that begins with the boundary call itself. */
    | { readonly kind: 'promise'; readonly around: string | undefined }
  /** Asked of the view: each must be a collection or a promise … */
  readonly receivers: readonly SyntaxNode[]
  /** … and this be declared by Node or the language. */
  readonly callee?: SyntaxNode | undefined
}

const TIMERS: ReadonlySet<string> = new Set(['setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask'])
const LISTENERS: ReadonlySet<string> = new Set(['on', 'once', 'addListener', 'prependListener', 'addEventListener'])
/** They look at what their callback gives, and a promise is always true. */
const TESTING: ReadonlySet<string> = new Set(
  'forEach filter find findIndex findLast findLastIndex some every'.split(' '),
)
/** Their results hold what the callback gives, so the promises are dropped only with the result. */
const COLLECTING: ReadonlySet<string> = new Set(['map', 'flatMap'])
const CHAINING: ReadonlySet<string> = new Set(['then', 'catch', 'finally'])

/** Functions in functions whose promises are followed outwards. */
const DEPTH_MAX = 8

export function droppersOf(from: SyntaxNode, depth = 0): Dropper[] {
  const outer = from.parent
  if (depth > DEPTH_MAX || !outer) return []
  if (from.role === 'callee' && outer.kind === 'call') return goesOn(outer, 'the function', depth)
  if (from.role !== 'argument') return []
  if (outer.kind === 'new') {
    const name = bare(outer.child('callee')!)
    const isPromise = name.kind === 'identifier' && name.text === 'Promise' && declarationOf(name) === undefined
    return isPromise && from.async ? [callback('new Promise', outer)] : []
  }
  return outer.kind === 'call' ? givenTo(outer, from, depth) : []
}

function givenTo(outer: SyntaxNode, from: SyntaxNode, depth: number): Dropper[] {
  const callee = bare(outer.child('callee')!)
  if (callee.kind === 'identifier') {
    const timer = TIMERS.has(callee.text) && declarationOf(callee) === undefined
    return timer ? [callback(callee.text, outer)] : []
  }
  const name = calledMember(outer)
  if (name === undefined) return []
  const receivers = [receiverOf(outer)!]
  const first = outer.child('argument') === from
  if (first && TESTING.has(name)) return [{ ...callback(name, outer), receivers }]
  const also = (each: Dropper): Dropper => ({ ...each, receivers: [...receivers, ...each.receivers] })
  if (first && COLLECTING.has(name)) return collected(outer, name, depth).map(also)
  if (CHAINING.has(name)) return goesOn(outer, `'${name}'`, depth).map(also)
  if (name === 'nextTick' && receiverOf(outer)?.text === 'process') return [callback(name, outer)]
  return LISTENERS.has(name) ? [{ ...callback(name, outer), callee: callee.child('name') }] : []
}

const callback = (name: string, at: SyntaxNode): Dropper => ({ at, by: { kind: 'callback', name }, receivers: [] })

/** `promise` ends when the function's own does. */
function goesOn(promise: SyntaxNode, around: string, depth: number): Dropper[] {
  const fate = fateOf(promise)
  if (fate.kind === 'dropped') return [{ at: fate.promise, by: { kind: 'promise', around }, receivers: [] }]
  return fate.kind === 'returned' ? droppersOf(fate.from, depth + 1) : []
}

function collected(many: SyntaxNode, name: string, depth: number): Dropper[] {
  const fate = fateOfMany(many)
  if (fate.kind === 'returned') return droppersOf(fate.from, depth + 1)
  if (fate.kind !== 'dropped') return []
  if (fate.promise === many) return [callback(name, many)]
  return [{ at: fate.promise, by: { kind: 'promise', around: "'Promise.all'" }, receivers: [] }]
}

/** Other things have a `forEach` that waits, or an `on` that listens to what its listener returns. */
export function confirmed(view: CheckerView, droppers: readonly Dropper[]): Set<Dropper> {
  const byReceiver = droppers.flatMap((dropper) => dropper.receivers.map((receiver) => ({ dropper, receiver })))
  const byCallee = droppers.filter(({ callee }) => callee)
  const types = view.typesAt(byReceiver.map(({ receiver }) => receiver))
  const symbols = view.symbolsAt(byCallee.map(({ callee }) => callee!))
  const refused = new Set([
    ...byReceiver.filter((_, at) => !isKnown(view, types[at]!)).map(({ dropper }) => dropper),
    ...byCallee.filter((_, at) => symbols[at] === undefined || !ofPlatform(view, symbols[at])),
  ])
  return new Set(droppers.filter((each) => !refused.has(each)))
}

/** An array, a map, a set or a promise. */
function isKnown(view: CheckerView, type: TypeHandle): boolean {
  const { kind } = view.describe(type)
  if (kind === 'array' || kind === 'tuple') return true
  const symbol = view.symbolOf(type)
  return (
    symbol !== undefined &&
    /^(?:(?:Readonly)?(?:Map|Set)|Promise)$/.test(view.symbolName(symbol)) &&
    ofPlatform(view, symbol)
  )
}

function ofPlatform(view: CheckerView, symbol: SymbolHandle): boolean {
  return view.declarationsOf(symbol).some(({ origin }) => origin === 'lib' || origin === 'node')
}
