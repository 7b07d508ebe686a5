/** Ways through the neutral tree that several rules go: outwards to a function, inwards through casts, and into everything. */
import type { SyntaxNode } from '../../checker/syntax.ts'
import type { Place } from '../../checker/view.ts'

export function placeOf({ file, start, end }: SyntaxNode): Place {
  return { file, start, end }
}

/** Calls `visit` for `node` and everything in it; what `visit` returns false for is not entered. */
export function walk(node: SyntaxNode, visit: (node: SyntaxNode) => unknown): void {
  if (visit(node) === false) return
  for (const child of node.children) walk(child, visit)
}

export function some(node: SyntaxNode, test: (node: SyntaxNode) => boolean): boolean {
  return test(node) || node.children.some((child) => some(child, test))
}

/** Without the casts around it. */
export function bare(node: SyntaxNode): SyntaxNode {
  let inner = node
  while (inner.kind === 'cast') inner = inner.child('operand') ?? inner.children[0]!
  return inner
}

/** The casts around it included. */
export function cast(node: SyntaxNode): SyntaxNode {
  let outer = node
  while (outer.parent?.kind === 'cast') outer = outer.parent
  return outer
}

/** The function whose code `node` is part of; undefined at the top level of a module or class. */
export function functionAround(node: SyntaxNode): SyntaxNode | undefined {
  let outer = node.parent
  while (outer && outer.kind !== 'function') outer = outer.parent
  return outer
}

export function classAround(node: SyntaxNode): SyntaxNode | undefined {
  let outer = node.parent
  while (outer && outer.kind !== 'class') outer = outer.parent
  return outer
}

export function contains(outer: SyntaxNode, inner: SyntaxNode): boolean {
  for (let node: SyntaxNode | undefined = inner; node; node = node.parent) if (node === outer) return true
  return false
}

/** `name` of a call `….name(…)`. */
export function calledMember(call: SyntaxNode): string | undefined {
  const callee = call.kind === 'call' ? call.child('callee') : undefined
  const inner = callee && bare(callee)
  return inner?.kind === 'member' ? inner.child('name')?.text : undefined
}

/** What a call `receiver.name(…)` is made on. */
export function receiverOf(call: SyntaxNode): SyntaxNode | undefined {
  const callee = call.child('callee')
  return callee && bare(callee).child('object')
}
