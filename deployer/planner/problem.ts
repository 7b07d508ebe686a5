/**
 * A placement problem as numbers: nodes with loads, weighted links between them, and prices. In: nodes and links in any order, or another
 * problem whose nodes are to be merged. Out: rows of `LOAD_FIELDS` per node and of `LINK_FIELDS` per link, links by node. A node of a merged
 * problem is what a group is: the sum of its members less what they save by sharing, so search knows one kind of thing.
 *
 * Owned by whoever made it and changed by nobody.
 */
import { ARRIVALS, CPU, KEYED_ARRIVALS, KEYED_COST, KEYED_CPU, LOAD_FIELDS, type Prices } from './costs.ts'

/** What two nodes save by sharing a process, in cost, CPU and arrivals; and the part of it that calls by key lose again to replicas. */
export const SAVED_COST = 0
export const SAVED_CPU = 1
export const SAVED_ARRIVALS = 2
export const LINK_KEYED_COST = 3
export const LINK_KEYED_CPU = 4
export const LINK_KEYED_ARRIVALS = 5
export const LINK_FIELDS = 6

export interface Nodes {
  loads: Float64Array
  /** Replicas that each allows. */
  min: Int32Array
  max: Int32Array
  /** How many components it is, and how many of them want a process of their own. */
  components: Int32Array
  loners: Int32Array
}

export interface Problem extends Nodes {
  readonly size: number
  readonly prices: Prices
  /** Links of node `v` are `first[v]` … `first[v + 1] − 1`, each also at its other end. */
  readonly first: Int32Array
  readonly other: Int32Array
  readonly links: Float64Array
}

export interface Link {
  a: number
  b: number
  /** `LINK_FIELDS` numbers. */
  values: ArrayLike<number>
}

export function emptyNodes(size: number): Nodes {
  return {
    loads: new Float64Array(size * LOAD_FIELDS),
    min: new Int32Array(size).fill(1),
    max: new Int32Array(size).fill(2 ** 31 - 1),
    components: new Int32Array(size),
    loners: new Int32Array(size),
  }
}

/** Links of equal ends are summed up; one from a node to itself isn't allowed. */
export function problemOf(prices: Prices, size: number, nodes: Nodes, links: readonly Link[]): Problem {
  const sums = new Map<number, Float64Array>()
  for (const { a, b, values } of links) {
    const pair = a < b ? a * size + b : b * size + a
    let sum = sums.get(pair)
    if (sum === undefined) {
      sum = new Float64Array(LINK_FIELDS)
      sums.set(pair, sum)
    }
    for (let f = 0; f < LINK_FIELDS; f++) sum[f]! += values[f]!
  }
  const first = new Int32Array(size + 1)
  for (const pair of sums.keys()) {
    first[Math.floor(pair / size) + 1]!++
    first[(pair % size) + 1]!++
  }
  for (let v = 0; v < size; v++) first[v + 1]! += first[v]!
  const at = first.slice(0, size)
  const other = new Int32Array(first[size]!)
  const values = new Float64Array(first[size]! * LINK_FIELDS)
  for (const [pair, sum] of sums) {
    const [a, b] = [Math.floor(pair / size), pair % size]
    for (const [from, to] of [
      [a, b],
      [b, a],
    ] as const) {
      const link = at[from]!++
      other[link] = to
      values.set(sum, link * LINK_FIELDS)
    }
  }
  return { size, prices, ...nodes, first, other, links: values }
}

/** Adds the load of a node, or of a group, to another's. `saved` is the link between the two, if there is one. */
export function addLoad(
  into: Float64Array,
  intoAt: number,
  load: Float64Array,
  loadAt: number,
  saved: Float64Array,
  savedAt: number,
): void {
  for (let f = 0; f < LOAD_FIELDS; f++) into[intoAt + f]! += load[loadAt + f]!
  into[intoAt + CPU]! -= saved[savedAt + SAVED_CPU]!
  into[intoAt + ARRIVALS]! -= saved[savedAt + SAVED_ARRIVALS]!
  into[intoAt + KEYED_COST]! += saved[savedAt + LINK_KEYED_COST]!
  into[intoAt + KEYED_CPU]! += saved[savedAt + LINK_KEYED_CPU]!
  into[intoAt + KEYED_ARRIVALS]! += saved[savedAt + LINK_KEYED_ARRIVALS]!
}

/** The reverse: takes a node out of a group, to whose other members it has the links in `saved`. */
export function takeLoad(
  from: Float64Array,
  fromAt: number,
  load: Float64Array,
  loadAt: number,
  saved: Float64Array,
  savedAt: number,
): void {
  for (let f = 0; f < LOAD_FIELDS; f++) from[fromAt + f]! -= load[loadAt + f]!
  from[fromAt + CPU]! += saved[savedAt + SAVED_CPU]!
  from[fromAt + ARRIVALS]! += saved[savedAt + SAVED_ARRIVALS]!
  from[fromAt + KEYED_COST]! -= saved[savedAt + LINK_KEYED_COST]!
  from[fromAt + KEYED_CPU]! -= saved[savedAt + LINK_KEYED_CPU]!
  from[fromAt + KEYED_ARRIVALS]! -= saved[savedAt + LINK_KEYED_ARRIVALS]!
}

/** The problem whose nodes are the parts of `part` (numbers from 0 up to `parts`). What they save inside is in their loads. */
export function merged(problem: Problem, part: Int32Array, parts: number): Problem {
  const nodes = emptyNodes(parts)
  const { loads, first, other, links } = problem
  const nothing = new Float64Array(LINK_FIELDS)
  for (let v = 0; v < problem.size; v++) {
    const p = part[v]!
    addLoad(nodes.loads, p * LOAD_FIELDS, loads, v * LOAD_FIELDS, nothing, 0)
    nodes.min[p] = Math.max(nodes.min[p]!, problem.min[v]!)
    nodes.max[p] = Math.min(nodes.max[p]!, problem.max[v]!)
    nodes.components[p]! += problem.components[v]!
    nodes.loners[p]! += problem.loners[v]!
  }
  const between = gatherLinks(problem, part, parts)
  const none = new Float64Array(LOAD_FIELDS)
  for (let v = 0; v < problem.size; v++) {
    for (let link = first[v]!; link < first[v + 1]!; link++) {
      const u = other[link]!
      if (u > v && part[u] === part[v]) addLoad(nodes.loads, part[v]! * LOAD_FIELDS, none, 0, links, link * LINK_FIELDS)
    }
  }
  return { size: parts, prices: problem.prices, ...nodes, ...between }
}

/** Links between parts, summed: by a sweep over each part's nodes with one slot for each other part. */
function gatherLinks(problem: Problem, part: Int32Array, parts: number): Pick<Problem, 'first' | 'other' | 'links'> {
  const { size, first, other, links } = problem
  const start = new Int32Array(parts + 1)
  for (let v = 0; v < size; v++) start[part[v]! + 1]!++
  for (let p = 0; p < parts; p++) start[p + 1]! += start[p]!
  const at = start.slice(0, parts)
  const byPart = new Int32Array(size)
  for (let v = 0; v < size; v++) byPart[at[part[v]!]!++] = v
  const slotOf = new Int32Array(parts).fill(-1)
  const outFirst = new Int32Array(parts + 1)
  const outOther = new Int32Array(other.length)
  const outLinks = new Float64Array(other.length * LINK_FIELDS)
  let count = 0
  for (let p = 0; p < parts; p++) {
    const begin = count
    for (let i = start[p]!; i < start[p + 1]!; i++) {
      const v = byPart[i]!
      for (let link = first[v]!; link < first[v + 1]!; link++) {
        const q = part[other[link]!]!
        if (q === p) continue
        let slot = slotOf[q]!
        if (slot < begin) {
          slot = count++
          slotOf[q] = slot
          outOther[slot] = q
        }
        for (let f = 0; f < LINK_FIELDS; f++) outLinks[slot * LINK_FIELDS + f]! += links[link * LINK_FIELDS + f]!
      }
    }
    outFirst[p + 1] = count
  }
  return { first: outFirst, other: outOther.slice(0, count), links: outLinks.slice(0, count * LINK_FIELDS) }
}

/** The problem of some nodes alone. Links to others stay what they are to them: calls that leave. */
export function induced(problem: Problem, chosen: Int32Array): Problem {
  const { first, other, links } = problem
  const size = chosen.length
  const numberOf = new Map<number, number>()
  for (let i = 0; i < size; i++) numberOf.set(chosen[i]!, i)
  const nodes = emptyNodes(size)
  const outFirst = new Int32Array(size + 1)
  let count = 0
  let room = 0
  for (let i = 0; i < size; i++) room += first[chosen[i]! + 1]! - first[chosen[i]!]!
  const outOther = new Int32Array(room)
  const outLinks = new Float64Array(room * LINK_FIELDS)
  for (let i = 0; i < size; i++) {
    const v = chosen[i]!
    for (let f = 0; f < LOAD_FIELDS; f++) nodes.loads[i * LOAD_FIELDS + f] = problem.loads[v * LOAD_FIELDS + f]!
    nodes.min[i] = problem.min[v]!
    nodes.max[i] = problem.max[v]!
    nodes.components[i] = problem.components[v]!
    nodes.loners[i] = problem.loners[v]!
    for (let link = first[v]!; link < first[v + 1]!; link++) {
      const to = numberOf.get(other[link]!)
      if (to === undefined) continue
      outOther[count] = to
      for (let f = 0; f < LINK_FIELDS; f++) outLinks[count * LINK_FIELDS + f] = links[link * LINK_FIELDS + f]!
      count++
    }
    outFirst[i + 1] = count
  }
  return {
    size,
    prices: problem.prices,
    ...nodes,
    first: outFirst,
    other: outOther.subarray(0, count),
    links: outLinks.subarray(0, count * LINK_FIELDS),
  }
}
