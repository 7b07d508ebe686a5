/**
 * WV3016: a boundary call is awaited for one element after the other. Reported where the rounds could be one call or run side by
 * side: the call's arguments come from the element, and no round depends on the one before. Left alone are loops that stop
 * early, that carry something from round to round (cursors, retries, a growing queue), that wait on purpose, or read a stream.
 */
import type { SyntaxNode } from '../../checker/syntax.ts'
import type { BoundaryCall } from './facts.ts'
import { calleePlace } from './floating-call.ts'
import { bare, calledMember, contains, functionAround, receiverOf, some, walk } from './nodes.ts'
import { fateOf } from './promise.ts'
import type { LintContext } from './rule.ts'
import { boundNames, declarationOf, isAssignment, isWritten, referencesOf } from './scope.ts'

export function callInLoop(context: LintContext): void {
  const streams: { call: BoundaryCall; iterated: SyntaxNode }[] = []
  for (const call of context.calls) {
    if (!call.method.promised || !context.isApplication(call.file.path)) continue
    const fate = fateOf(call.node)
    const loop = fate.kind === 'awaited' ? loopOf(call.node) : undefined
    if (loop?.awaits) streams.push({ call, iterated: loop.child('iterated')! })
    else if (loop || isReduced(call.node)) report(context, call)
  }
  // `for await` over a plain array awaits its elements and no stream.
  const types = context.view.typesAt(streams.map(({ iterated }) => iterated))
  for (const [at, { call }] of streams.entries()) {
    if (context.view.describe(types[at]!).kind === 'array') report(context, call)
  }
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
      return !isShortList(loop.child('iterated')!) && !grows(loop, loop.child('iterated')!)
    case 'for':
      return condition !== undefined
    // `while` and `do` take from a list, or they are something else.
    default:
      return condition !== undefined && takesFrom(loop, condition)
  }
}

/** `break` out of it, `return`, or `yield`, which hands the pace to somebody else. */
function stopsEarly(loop: SyntaxNode): boolean {
  let found = false
  walk(loop.child('body')!, (node) => {
    if (node.kind === 'return' || (node.kind === 'keyword' && node.text === 'yield')) found = true
    if (node.kind === 'break') found ||= node.child('name') !== undefined || breaks(node) === loop
    return !found && node.kind !== 'function' && node.kind !== 'class'
  })
  return found
}

function breaks(statement: SyntaxNode): SyntaxNode | undefined {
  let node = statement.parent
  while (node && node.kind !== 'loop' && node.kind !== 'switch') node = node.parent
  return node
}

const WAITING = /sleep|delay|backoff|retr(?:y|ies)|attempt|throttl|ratelimit|settimeout|poll|debounce|tick/i

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
        else if (value && (mentions(value, varying) || isTaken(value))) varying.add(name)
      }
    }
    if (node.kind !== 'identifier') return
    const declared = declarationOf(node)
    if (!declared || !(isWritten(node) || isMemberWritten(node))) return
    if (!contains(loop, declared) || (varying.has(declared) && !contains(body, declared))) carried.add(declared)
  })
  return { varying, carried }
}

/** `queue.shift()`, `ids[i]` and the like, where a value is taken from a list. */
function isTaken(value: SyntaxNode): boolean {
  return some(value, (node) => TAKING.has(calledMember(node) ?? ''))
}

const TAKING: ReadonlySet<string> = new Set(['shift', 'pop'])

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

/** `while (queue.length > 0) { … queue.pop() … }`, with nothing put into the queue. */
function takesFrom(loop: SyntaxNode, condition: SyntaxNode): boolean {
  let list: SyntaxNode | undefined
  walk(condition, (node) => {
    const length = node.kind === 'member' && /^(?:length|size)$/.test(node.child('name')!.text)
    if (length) list ??= node.child('object')
  })
  return list !== undefined && isTaken(loop.child('body')!) && !grows(loop, list)
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
