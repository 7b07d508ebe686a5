/**
 * What becomes of the promise that a call gives, or of an array of promises: in goes the expression, out comes the first thing
 * that settles it. Chains (`.then(…)`), operators that pass a value on, and `Promise.all([…])` are followed.
 */
import type { SyntaxNode } from '../../checker/syntax.ts'
import { calledMember, receiverOf } from './nodes.ts'

export type Fate =
  /** Nobody holds it; `promise` is the end of its chain, where `await` would stand. */
  | { readonly kind: 'dropped'; readonly promise: SyntaxNode }
  | { readonly kind: 'awaited'; readonly node: SyntaxNode }
  /** `from` a function, by `return` or as the body of an arrow. */
  | { readonly kind: 'returned'; readonly from: SyntaxNode }
  /** `void`, `.catch(…)`, `.then(a, b)`. */
  | { readonly kind: 'handled' }
  /** Stored, passed on, compared: somebody else's business. */
  | { readonly kind: 'other' }

const OTHER: Fate = { kind: 'other' }
const HANDLED: Fate = { kind: 'handled' }

export function fateOf(promise: SyntaxNode): Fate {
  return follow(promise, step)
}

/** Of an array of promises, such as `ids.map((id) => cart.find(id))`. To await the array itself waits for none of them. */
export function fateOfMany(promises: SyntaxNode): Fate {
  return follow(promises, (node) => {
    const { parent } = node
    if (parent?.kind === 'call') return collected(node)
    const awaited = parent?.kind === 'keyword' && parent.text === 'await'
    if (awaited) return { fate: { kind: 'dropped', promise: node } }
    const next = step(node)
    return parent?.kind === 'member' || ('fate' in next && next.fate.kind === 'returned') ? { fate: OTHER } : next
  })
}

function follow(from: SyntaxNode, next: (node: SyntaxNode) => Step): Fate {
  let [node, promise, take] = [from, from, next]
  for (;;) {
    const taken = take(node)
    if ('fate' in taken) return taken.fate.kind === 'dropped' ? { kind: 'dropped', promise } : taken.fate
    node = taken.node
    if (taken.promise) {
      promise = node
      // One promise for all of them.
      if (node.kind === 'call') take = step
    }
  }
}

/** `promise`: the node is a promise that stands for the one before, and no operator that passes it on. */
type Step = { readonly node: SyntaxNode; readonly promise: boolean } | { readonly fate: Fate }

function step(node: SyntaxNode): Step {
  const { parent, role } = node
  const dropped: Step = { fate: { kind: 'dropped', promise: node } }
  switch (parent?.kind) {
    case 'cast':
      return { node: parent, promise: true }
    case 'keyword':
      if (parent.text === 'await') return { fate: { kind: 'awaited', node: parent } }
      return { fate: parent.text === 'void' ? HANDLED : OTHER }
    case 'binary':
      if (parent.text === ',' && role === 'left') return dropped
      return role === 'right' && PASSES_RIGHT.has(parent.text) ? { node: parent, promise: false } : { fate: OTHER }
    case 'conditional':
      return role === 'condition' ? { fate: OTHER } : { node: parent, promise: false }
    case 'member':
      return chained(parent)
    case 'array':
      return parent.role === 'argument' ? collected(parent) : { fate: OTHER }
    case 'statement':
      return dropped
    case 'loop':
      return parent.text === 'for' && (role === 'initializer' || role === 'update') ? dropped : { fate: OTHER }
    case 'return':
      return { fate: returned(parent) }
    case 'function':
      return { fate: role === 'body' ? { kind: 'returned', from: parent } : OTHER }
    default:
      return { fate: OTHER }
  }
}

const PASSES_RIGHT: ReadonlySet<string> = new Set([',', '&&', '||', '??'])

function returned(statement: SyntaxNode): Fate {
  let from = statement.parent
  while (from && from.kind !== 'function') from = from.parent
  return from ? { kind: 'returned', from } : OTHER
}

/** `promise.then(…)`, where `member` is `promise.then`. */
function chained(member: SyntaxNode): Step {
  const call = member.parent
  if (member.role !== 'callee' || call?.kind !== 'call') return { fate: OTHER }
  const handlers = call.all('argument').length
  switch (member.child('name')?.text) {
    case 'then':
      return handlers > 1 ? { fate: HANDLED } : { node: call, promise: true }
    case 'catch':
      return handlers > 0 ? { fate: HANDLED } : { node: call, promise: true }
    case 'finally':
      return { node: call, promise: true }
    default:
      return { fate: OTHER }
  }
}

/** What `Promise.all(…)` and the like are given. */
function collected(promises: SyntaxNode): Step {
  const call = promises.parent
  if (promises.role !== 'argument' || call?.kind !== 'call' || receiverOf(call)?.text !== 'Promise')
    return { fate: OTHER }
  switch (calledMember(call)) {
    case 'all':
    case 'any':
    case 'race':
      return { node: call, promise: true }
    // It never fails.
    case 'allSettled':
      return { fate: HANDLED }
    default:
      return { fate: OTHER }
  }
}
