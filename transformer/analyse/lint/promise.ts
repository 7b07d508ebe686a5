/**
 * What becomes of the promise that a call gives: in goes the call, out comes the first thing that settles it. Chains
 * (`.then(…)`), operators that pass a value on, and `Promise.all([…])` are followed.
 */
import type { SyntaxNode } from '../../checker/syntax.ts'
import { calledMember, receiverOf } from './nodes.ts'

export type Fate =
  /** Nobody holds it; `node` is the whole expression. */
  | { readonly kind: 'dropped'; readonly node: SyntaxNode }
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
  let node = promise
  for (;;) {
    const next = step(node)
    if ('fate' in next) return next.fate
    node = next.node
  }
}

type Step = { readonly node: SyntaxNode } | { readonly fate: Fate }

function step(node: SyntaxNode): Step {
  const { parent, role } = node
  switch (parent?.kind) {
    case 'cast':
      return { node: parent }
    case 'keyword':
      if (parent.text === 'await') return { fate: { kind: 'awaited', node: parent } }
      return { fate: parent.text === 'void' ? HANDLED : OTHER }
    case 'binary':
      if (parent.text === ',' && role === 'left') return { fate: { kind: 'dropped', node } }
      return role === 'right' && PASSES_RIGHT.has(parent.text) ? { node: parent } : { fate: OTHER }
    case 'conditional':
      return role === 'condition' ? { fate: OTHER } : { node: parent }
    case 'member':
      return chained(parent)
    case 'array':
      return collected(parent)
    case 'statement':
      return { fate: { kind: 'dropped', node } }
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
      return handlers > 1 ? { fate: HANDLED } : { node: call }
    case 'catch':
      return handlers > 0 ? { fate: HANDLED } : { node: call }
    case 'finally':
      return { node: call }
    default:
      return { fate: OTHER }
  }
}

/** An element of `Promise.all([…])`. */
function collected(array: SyntaxNode): Step {
  const call = array.parent
  if (array.role !== 'argument' || call?.kind !== 'call' || receiverOf(call)?.text !== 'Promise') return { fate: OTHER }
  switch (calledMember(call)) {
    case 'all':
    case 'any':
    case 'race':
      return { node: call }
    // It never fails.
    case 'allSettled':
      return { fate: HANDLED }
    default:
      return { fate: OTHER }
  }
}
