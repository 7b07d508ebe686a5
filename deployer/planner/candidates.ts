/**
 * Placements to choose from. In: a request and its problem. Out: today's; then single moves from there, blocks moved from there, everything built
 * anew, each without the moves that aren't worth it; and what could be gained if moving cost nothing. Groups have today's numbers, and
 * numbers above for new ones.
 */
import { align } from './align.ts'
import { numbered } from './coarsen.ts'
import type { Compiled } from './compile.ts'
import type { Prices } from './costs.ts'
import { SLACK } from './defaults.ts'
import { Grouping } from './grouping.ts'
import type { Placement, PlanRequest } from './model.ts'
import type { Problem } from './problem.ts'
import { Random } from './random.ts'
import { refine } from './refine.ts'
import { search } from './search.ts'
import { type NodeMove, steady } from './steady.ts'

export interface Candidate {
  groupOf: Int32Array
  moves: NodeMove[]
  /** Milliseconds of CPU a second, with what its moves cost while they have to pay for themselves. */
  total: number
}

export interface Candidates {
  /** The cheapest; today's where none is cheaper. */
  best: Candidate
  /** The cheapest other; one of moves that aren't worth it, where there is no better. */
  second: Candidate | undefined
  couldGain: number
}

/** Steps of search: one for each component, but enough for a few dozen of them, and at most so many that 10,000 are planned in half a minute. */
const STEPS_MIN = 100
const STEPS_MAX = 10_000

export function stepsFor(components: number): number {
  return Math.max(STEPS_MIN, Math.min(STEPS_MAX, components))
}

export function candidatesOf(request: PlanRequest, compiled: Compiled): Candidates {
  const { graph, rules, today, seed = 1 } = request
  const { problem } = compiled
  const todayOf = todayOfNodes(compiled, today)
  const groups = today.length + problem.size
  const movePrice = graph.costs.moveCpuMs / rules.weights.paybackSeconds
  // What runs may be a little over its bounds before it is touched; what is proposed may not.
  const lenient: Compiled = { ...compiled, problem: { ...problem, prices: lenientPrices(problem.prices) } }
  const candidateOf = (groupOf: Int32Array, moves: NodeMove[]): Candidate => {
    const components = moves.flatMap(({ nodes }) => nodes).reduce((sum, v) => sum + problem.components[v]!, 0)
    return { groupOf, moves, total: totalOf(lenient.problem, groupOf, groups) + movePrice * components }
  }
  // A group with what can't move is the one that it is in, whatever else would have to move.
  const fixed = new Set(compiled.components.flatMap((each, v) => (each.fixed ? [compiled.nodeOf[v]!] : [])))
  const weight = (v: number) => (fixed.has(v) ? compiled.components.length + 1 : problem.components[v]!)
  const stay = candidateOf(todayOf, [])
  const worthy = [stay]
  const others: Candidate[] = []
  const steps = request.effort ?? stepsFor(problem.size)
  const start = numbered(todayOf).clusterOf
  for (const groupOf of [
    singleMoves(problem, todayOf, groups, movePrice, seed),
    search(problem, { start, seed, steps }),
  ]) {
    const aligned = align(groupOf, todayOf, today.length, weight)
    const kept = steady(lenient, todayOf, aligned, groups, { weights: rules.weights, movePrice })
    worthy.push(candidateOf(kept.groupOf, kept.moves))
    others.push(candidateOf(aligned, allMoves(aligned, todayOf)))
  }
  worthy.sort((one, other) => one.total - other.total)
  const best = worthy[0]!
  const differs = (other: Candidate) => !sameGroups(other.groupOf, best.groupOf)
  const without = withoutWeakest(best, candidateOf)
  const free = Math.min(...others.map(({ groupOf }) => totalOf(lenient.problem, groupOf, groups)))
  const second = [...worthy, ...without].filter(differs).sort((one, other) => one.total - other.total)[0]
  return { best, second: second ?? others.find(differs), couldGain: Math.max(0, stay.total - free) }
}

function totalOf(problem: Problem, groupOf: Int32Array, groups: number): number {
  return new Grouping(problem, groupOf.slice(), groups).total
}

function lenientPrices(prices: Prices): Prices {
  return { ...prices, cpuMax: prices.cpuMax * SLACK, memoryMax: prices.memoryMax * SLACK }
}

/** Where each node is today: where its fixed component is, else its first. */
function todayOfNodes({ problem, components, nodeOf }: Compiled, today: Placement): Int32Array {
  const places = new Map(today.flatMap((group, g) => group.components.map((name) => [name, g] as const)))
  const todayOf = new Int32Array(problem.size).fill(-1)
  for (const [v, { name, fixed }] of components.entries()) {
    if (fixed || todayOf[nodeOf[v]!] === -1) todayOf[nodeOf[v]!] = places.get(name)!
  }
  return todayOf
}

function singleMoves(
  problem: Problem,
  todayOf: Int32Array,
  groups: number,
  movePrice: number,
  seed: number,
): Int32Array {
  const grouping = new Grouping(problem, todayOf.slice(), groups)
  const price = Float64Array.from({ length: problem.size }, (_, v) => movePrice * problem.components[v]!)
  refine(grouping, new Random(seed), { homeOf: todayOf, price })
  return grouping.groupOf
}

function allMoves(groupOf: Int32Array, todayOf: Int32Array): NodeMove[] {
  const nodes = [...groupOf.keys()].filter((v) => groupOf[v] !== todayOf[v])
  return nodes.map((v) => ({ nodes: [v], from: todayOf[v]!, to: groupOf[v]!, gain: 0 }))
}

/** The plan with one move less, as one might ask about it. */
function withoutWeakest(
  best: Candidate,
  candidateOf: (groupOf: Int32Array, moves: NodeMove[]) => Candidate,
): Candidate[] {
  if (best.moves.length < 2) return []
  const weakest = best.moves.reduce((one, other) => (other.gain < one.gain ? other : one))
  const groupOf = best.groupOf.slice()
  for (const v of weakest.nodes) groupOf[v] = weakest.from
  return [
    candidateOf(
      groupOf,
      best.moves.filter((move) => move !== weakest),
    ),
  ]
}

/** Equal up to the numbers of groups. */
function sameGroups(one: Int32Array, other: Int32Array): boolean {
  const [a, b] = [numbered(one).clusterOf, numbered(other).clusterOf]
  return a.every((group, v) => group === b[v])
}
