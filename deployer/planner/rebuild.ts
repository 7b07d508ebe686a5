/**
 * Takes a group apart, or a few that call each other, builds them anew, and keeps what is cheaper; then sets a few of their nodes free, and tries all
 * ways to place these. So, step by step, a large placement becomes as good as small ones can be made. In: a grouping, which is changed, and how many steps. A step costs by the nodes of its groups, of which
 * there are `REBUILT_NODES_MAX` at most, so the time of a search grows with its steps and not with the application.
 */
import { EXACT_STEP_MAX, exact } from './exact.ts'
import { Grouping } from './grouping.ts'
import { multilevel } from './multilevel.ts'
import { induced, LINK_FIELDS, merged, SAVED_COST } from './problem.ts'
import type { Random } from './random.ts'
import { GAIN_MIN } from './refine.ts'

const REBUILT_NODES_MAX = 1_000
const REBUILT_GROUPS_MAX = 4
/** Beside what is left of the groups that they were in. */
const FREED = EXACT_STEP_MAX - REBUILT_GROUPS_MAX

export function rebuild(grouping: Grouping, random: Random, steps: number): void {
  const { problem } = grouping
  for (let step = 0; step < steps; step++) {
    const chosen = chooseGroups(grouping, random)
    const nodes = Int32Array.from(chosen.flatMap((g) => nodesIn(grouping, g)))
    if (nodes.length < 2) continue
    const places = new Map(chosen.map((g, place) => [g, place]))
    const part = induced(problem, nodes)
    const before = new Grouping(
      part,
      nodes.map((v) => places.get(grouping.groupOf[v]!)!),
    )
    const isExact = part.size <= EXACT_STEP_MAX
    const after = isExact ? new Grouping(part, exact(part)) : multilevel(part, random)
    if (after.total < before.total - GAIN_MIN) apply(grouping, nodes, after.groupOf, chosen)
    // All placements of all nodes have been tried: no step finds a better one.
    if (isExact && part.size === problem.size) return
    if (isExact) continue
    const loose = loosened(after.total < before.total - GAIN_MIN ? after : before, random)
    if (loose !== undefined) apply(grouping, nodes, loose, [...new Set(nodes.map((v) => grouping.groupOf[v]!))])
  }
}

/**
 * A few nodes of a part are set free, and what is left of each group stays in one piece: all placements of these are tried. Gives groups that
 * cost less, if there are any.
 */
function loosened(grouping: Grouping, random: Random): Int32Array | undefined {
  const { problem, groupOf } = grouping
  const free = new Set(random.permutation(problem.size).subarray(0, FREED))
  const pieces = new Map<number, number>()
  let count = 0
  const pieceOf = groupOf.map((g, v) => {
    if (free.has(v)) return count++
    const known = pieces.get(g)
    if (known !== undefined) return known
    pieces.set(g, count)
    return count++
  })
  if (count > EXACT_STEP_MAX) return undefined
  const placed = exact(merged(problem, pieceOf, count))
  const found = new Grouping(
    problem,
    pieceOf.map((piece) => placed[piece]!),
  )
  return found.total < grouping.total - GAIN_MIN ? found.groupOf : undefined
}

function nodesIn(grouping: Grouping, g: number): number[] {
  const nodes: number[] = []
  for (let v = grouping.firstIn[g]!; v >= 0; v = grouping.nextOf[v]!) nodes.push(v)
  return nodes
}

/** One group at random, then others by what they would save with those chosen. */
function chooseGroups(grouping: Grouping, random: Random): number[] {
  const { problem, groupOf } = grouping
  const chosen = [groupOf[random.below(problem.size)]!]
  let nodes = grouping.nodes[chosen[0]!]!
  const wanted = 2 + random.below(REBUILT_GROUPS_MAX - 1)
  const saved = new Map<number, number>()
  while (chosen.length < wanted) {
    const last = chosen.at(-1)!
    for (let v = grouping.firstIn[last]!; v >= 0; v = grouping.nextOf[v]!) {
      for (let link = problem.first[v]!; link < problem.first[v + 1]!; link++) {
        const g = groupOf[problem.other[link]!]!
        saved.set(g, (saved.get(g) ?? 0) + Math.max(0, problem.links[link * LINK_FIELDS + SAVED_COST]!))
      }
    }
    for (const g of chosen) saved.delete(g)
    const next = draw(saved, random) ?? groupOf[random.below(problem.size)]!
    nodes += grouping.nodes[next]!
    if (chosen.includes(next) || nodes > REBUILT_NODES_MAX) break
    chosen.push(next)
  }
  return chosen
}

/** One of the keys, by their values. */
function draw(weights: ReadonlyMap<number, number>, random: Random): number | undefined {
  let sum = 0
  for (const weight of weights.values()) sum += weight
  let left = random.next() * sum
  for (const [key, weight] of weights) {
    left -= weight
    if (left < 0) return key
  }
  return undefined
}

/** New groups take the numbers of those that they replace, and of empty ones. */
function apply(grouping: Grouping, nodes: Int32Array, partOf: Int32Array, replaced: readonly number[]): void {
  const numbers = new Map<number, number>()
  const free = [...replaced]
  for (let i = 0; i < nodes.length; i++) {
    const v = nodes[i]!
    let g = numbers.get(partOf[i]!)
    if (g === undefined) {
      g = free.shift() ?? grouping.emptyGroup()!
      numbers.set(partOf[i]!, g)
    }
    if (grouping.groupOf[v] === g) continue
    grouping.look(v)
    grouping.move(v, g)
  }
}
