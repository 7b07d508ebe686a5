/**
 * Hysteresis: what of a proposed grouping is worth being moved. In: a problem with some slack in its bounds, where nodes are today and would be,
 * and what moves must gain. Out: the proposal without the moves that gain too little, and what the others gain. A move is all nodes that go from
 * one group to another; it gains what taking it back alone would cost.
 */
import { type Compiled, pairOf } from './compile.ts'
import { Grouping } from './grouping.ts'
import type { Weights } from './model.ts'
import { LINK_FIELDS, SAVED_COST } from './problem.ts'

export interface NodeMove {
  nodes: number[]
  from: number
  to: number
  /** In milliseconds of CPU a second. */
  gain: number
}

export interface Steady {
  groupOf: Int32Array
  moves: NodeMove[]
  total: number
}

export interface Hysteresis {
  weights: Weights
  /** Milliseconds of CPU a second that moving one component costs while it has to pay for itself. */
  movePrice: number
}

/** Moves of which one at a time is taken back: it takes the square of their number. */
const ONE_BY_ONE_MAX = 64

/** `groups`: how many numbers of groups both groupings use. Ends, since each round takes a move back. */
export function steady(
  compiled: Compiled,
  todayOf: Int32Array,
  proposed: Int32Array,
  groups: number,
  hysteresis: Hysteresis,
): Steady {
  const grouping = new Grouping(compiled.problem, proposed.slice(), groups)
  for (;;) {
    const moves = movesOf(grouping, todayOf)
    const weak: { move: NodeMove; lack: number }[] = []
    for (const move of moves) {
      move.gain = gainOf(grouping, move)
      const lack = threshold(compiled, grouping.groupOf, todayOf, move, hysteresis) - move.gain
      if (lack > 0) weak.push({ move, lack })
    }
    if (weak.length === 0) return { groupOf: grouping.groupOf, moves, total: grouping.total }
    // One that is taken back may make others worth it. Of many, half of the weak ones go at once.
    weak.sort((one, other) => other.lack - one.lack)
    const back = moves.length > ONE_BY_ONE_MAX ? weak.slice(0, Math.ceil(weak.length / 2)) : weak.slice(0, 1)
    for (const { move } of back) moveAll(grouping, move.nodes, move.from)
  }
}

function movesOf({ groupOf }: Grouping, todayOf: Int32Array): NodeMove[] {
  const moves = new Map<string, NodeMove>()
  for (let v = 0; v < groupOf.length; v++) {
    const [from, to] = [todayOf[v]!, groupOf[v]!]
    if (from === to) continue
    const known = moves.get(`${from} ${to}`)
    if (known !== undefined) known.nodes.push(v)
    else moves.set(`${from} ${to}`, { nodes: [v], from, to, gain: 0 })
  }
  return [...moves.values()]
}

function gainOf(grouping: Grouping, { nodes, from, to }: NodeMove): number {
  const before = grouping.total
  moveAll(grouping, nodes, from)
  const gain = grouping.total - before
  moveAll(grouping, nodes, to)
  return gain
}

function moveAll(grouping: Grouping, nodes: readonly number[], to: number): void {
  for (const v of nodes) {
    grouping.look(v)
    grouping.move(v, to)
  }
}

/** What moving costs, what the gain may be off by chance, and a share of what the moved calls cost apart. */
function threshold(
  { problem, variance }: Compiled,
  groupOf: Int32Array,
  todayOf: Int32Array,
  { nodes }: NodeMove,
  { weights, movePrice }: Hysteresis,
): number {
  const moved = new Set(nodes)
  let components = 0
  let calls = 0
  let error = 0
  for (const v of nodes) {
    components += problem.components[v]!
    for (let link = problem.first[v]!; link < problem.first[v + 1]!; link++) {
      const u = problem.other[link]!
      if (moved.has(u)) continue
      calls += Math.max(0, problem.links[link * LINK_FIELDS + SAVED_COST]!)
      if ((todayOf[v] === todayOf[u]) !== (groupOf[v] === groupOf[u]))
        error += variance.get(pairOf(v, u, problem.size)) ?? 0
    }
  }
  return movePrice * components + weights.gainErrors * Math.sqrt(error) + weights.gainShare * calls
}
