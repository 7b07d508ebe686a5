/**
 * The cheapest way to put a few nodes in groups. What a group costs depends on its members alone, and twelve nodes have 4,096 sets of members:
 * each is priced once. The best placement of a set of nodes is then one of its groups, with the lowest node in it, and the best placement of the
 * others: 3ⁿ / 2 sums in place of a price for each of the placements (for twelve nodes 265,000 in place of 4,213,597, the twelfth Bell number).
 */
import { groupCost, LOAD_FIELDS, lonerPenalty, PENALTY_RULE, replicasFor } from './costs.ts'
import { addLoad, LINK_FIELDS, type Problem, SAVED_COST } from './problem.ts'

/** A plan of so many takes some ten milliseconds; each node more triples it. */
export const EXACT_NODES_MAX = 13
/** As a step of a search, of which there are thousands: a tenth of a millisecond. */
export const EXACT_STEP_MAX = 10

/** By set of nodes, which is a number with a bit for each of them. */
interface Sets {
  /** Of the set as one group, less what its members save by sharing it. */
  cost: Float64Array
  replicas: Int32Array
}

/** Any number of nodes up to some 20; time and memory grow as above. */
export function exact(problem: Problem): Int32Array {
  const sets = setsOf(problem)
  const free = cheapest(problem.size, sets, Number.POSITIVE_INFINITY)
  const { processesMax } = problem.prices
  return numbered(free.processes <= processesMax ? free : cheapest(problem.size, sets, processesMax), problem.size)
}

function setsOf(problem: Problem): Sets {
  const { size, prices } = problem
  const count = 2 ** size
  const sets: Sets = { cost: new Float64Array(count), replicas: new Int32Array(count) }
  const link = linksByPair(problem)
  const loads = new Float64Array(count * LOAD_FIELDS)
  const saved = new Float64Array(count)
  const min = new Int32Array(count).fill(1)
  const max = new Int32Array(count).fill(2 ** 31 - 1)
  const components = new Int32Array(count)
  const loners = new Int32Array(count)
  const toRest = new Float64Array(LINK_FIELDS)
  for (let set = 1; set < count; set++) {
    const v = lowest(set)
    const rest = set & (set - 1)
    toRest.fill(0)
    for (let left = rest; left !== 0; left &= left - 1) {
      const at = (v * size + lowest(left)) * LINK_FIELDS
      for (let f = 0; f < LINK_FIELDS; f++) toRest[f]! += link[at + f]!
    }
    const at = set * LOAD_FIELDS
    loads.copyWithin(at, rest * LOAD_FIELDS, (rest + 1) * LOAD_FIELDS)
    addLoad(loads, at, problem.loads, v * LOAD_FIELDS, toRest, 0)
    saved[set] = saved[rest]! + toRest[SAVED_COST]!
    min[set] = Math.max(min[rest]!, problem.min[v]!)
    max[set] = Math.min(max[rest]!, problem.max[v]!)
    components[set] = components[rest]! + problem.components[v]!
    loners[set] = loners[rest]! + problem.loners[v]!
    sets.replicas[set] = replicasFor(prices, loads, at, min[set]!, max[set]!)
    sets.cost[set] =
      groupCost(prices, loads, at, min[set]!, max[set]!) + lonerPenalty(components[set]!, loners[set]!) - saved[set]!
  }
  return sets
}

/** `LINK_FIELDS` numbers for each ordered pair of nodes. */
function linksByPair({ size, first, other, links }: Problem): Float64Array {
  const byPair = new Float64Array(size * size * LINK_FIELDS)
  for (let v = 0; v < size; v++) {
    for (let link = first[v]!; link < first[v + 1]!; link++) {
      const from = link * LINK_FIELDS
      byPair.set(links.subarray(from, from + LINK_FIELDS), (v * size + other[link]!) * LINK_FIELDS)
    }
  }
  return byPair
}

interface Found {
  groups: number[]
  processes: number
}

/**
 * With a bound on processes, each beyond it has its penalty, and the best of a set depends on how many are left for it: so many columns. Without
 * one there is a single column.
 */
function cheapest(size: number, { cost, replicas }: Sets, processesMax: number): Found {
  const full = 2 ** size - 1
  const bounded = Number.isFinite(processesMax)
  const columns = bounded ? processesMax + 1 : 1
  const best = new Float64Array((full + 1) * columns).fill(Number.POSITIVE_INFINITY)
  const chosen = new Int32Array((full + 1) * columns)
  best.fill(0, 0, columns)
  for (let set = 1; set <= full; set++) {
    const rest = set & (set - 1)
    const low = set ^ rest
    // Every part of the rest, the empty one last.
    for (let part = rest; ; part = (part - 1) & rest) {
      const group = part | low
      const others = (set ^ group) * columns
      for (let column = 0; column < columns; column++) {
        const left = bounded ? Math.max(0, column - replicas[group]!) : 0
        const excess = bounded ? Math.max(0, replicas[group]! - column) * PENALTY_RULE : 0
        const total = cost[group]! + excess + best[others + left]!
        if (total >= best[set * columns + column]!) continue
        best[set * columns + column] = total
        chosen[set * columns + column] = group
      }
      if (part === 0) break
    }
  }
  const found: Found = { groups: [], processes: 0 }
  let column = columns - 1
  for (let set = full; set !== 0; ) {
    const group = chosen[set * columns + column]!
    found.groups.push(group)
    found.processes += replicas[group]!
    column = Math.max(0, column - replicas[group]!)
    set ^= group
  }
  return found
}

/** Groups go by the number of their lowest node. */
function numbered({ groups }: Found, size: number): Int32Array {
  const groupOf = new Int32Array(size)
  for (const group of groups) for (let left = group; left !== 0; left &= left - 1) groupOf[lowest(left)] = lowest(group)
  return groupOf
}

function lowest(set: number): number {
  return 31 - Math.clz32(set & -set)
}
