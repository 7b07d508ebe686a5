/**
 * The graph of definitions: which one refers to which, which belong to one recursion. In go definitions, out come answers for all of
 * them at once, in time that grows with the graph: types that many files share make a graph in which most definitions
 * reach most others, and a walk for each question would cost its square.
 */
import type { Definitions, Shape } from '../runtime/shape.ts'

/** The names that a shape itself refers to, in the order they are written; `hidden` hides what is behind shapes of that kind. */
export function refsOf(shape: Shape, inner: (shape: Shape) => readonly Shape[], hidden?: Shape['kind']): Set<string> {
  const found = new Set<string>()
  const visit = (part: Shape): void => {
    if (part.kind === hidden) return
    if (part.kind === 'ref') found.add(part.name)
    for (const next of inner(part)) visit(next)
  }
  visit(shape)
  return found
}

export type Edges = ReadonlyMap<string, ReadonlySet<string>>

export function edgesOf(
  definitions: Definitions,
  inner: (shape: Shape) => readonly Shape[],
  hidden?: Shape['kind'],
): Edges {
  return new Map(Object.entries(definitions).map(([name, shape]) => [name, refsOf(shape, inner, hidden)]))
}

/** Names from which one of `targets` can be reached, those themselves included. */
export function reaching(edges: Edges, targets: Iterable<string>): ReadonlySet<string> {
  const back = new Map<string, string[]>()
  for (const [from, to] of edges) {
    for (const each of to) {
      const known = back.get(each)
      if (known === undefined) back.set(each, [from])
      else known.push(from)
    }
  }
  const found = new Set<string>()
  const pending = [...targets]
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (found.has(next)) continue
    found.add(next)
    pending.push(...(back.get(next) ?? []))
  }
  return found
}

/** Groups of definitions that reach each other; a group comes after all that it refers to (Tarjan). */
export function recursions(edges: Edges): string[][] {
  const order = new Map<string, number>()
  const lowest = new Map<string, number>()
  const open: string[] = []
  const isOpen = new Set<string>()
  const groups: string[][] = []
  // An own stack: a chain of a few thousand types is deeper than JavaScript's.
  const work: { name: string; rest: Iterator<string> }[] = []
  const enter = (name: string): void => {
    order.set(name, order.size)
    lowest.set(name, order.get(name)!)
    open.push(name)
    isOpen.add(name)
    work.push({ name, rest: (edges.get(name) ?? new Set<string>()).values() })
  }
  const lower = (name: string, to: number): void => {
    if (to < lowest.get(name)!) lowest.set(name, to)
  }
  for (const start of edges.keys()) {
    if (order.has(start)) continue
    enter(start)
    for (let top = work.at(-1); top !== undefined; top = work.at(-1)) {
      const { done, value } = top.rest.next()
      if (done !== true) {
        if (!order.has(value)) enter(value)
        else if (isOpen.has(value)) lower(top.name, order.get(value)!)
        continue
      }
      work.pop()
      const above = work.at(-1)
      if (above !== undefined) lower(above.name, lowest.get(top.name)!)
      if (lowest.get(top.name) !== order.get(top.name)) continue
      const group = open.splice(open.lastIndexOf(top.name))
      for (const each of group) isOpen.delete(each)
      groups.push(group)
    }
  }
  return groups
}
