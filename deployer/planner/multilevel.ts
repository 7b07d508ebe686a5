/**
 * Builds a grouping from blocks down to single nodes. In: a problem, and optionally a grouping that is to be improved: then no block crosses
 * its groups. Out: a grouping that no move of a node or of a whole group makes cheaper, as far as such moves were tried.
 */
import { type Clusters, cluster, numbered } from './coarsen.ts'
import { EXACT_STEP_MAX, exact } from './exact.ts'
import { Grouping } from './grouping.ts'
import { merged, type Problem } from './problem.ts'
import type { Random } from './random.ts'
import { refine } from './refine.ts'

/** `start` is improved; without it, everything is built from single nodes. */
export function multilevel(problem: Problem, random: Random, start?: Int32Array): Grouping {
  return joinGroups(levels(problem, random, start), random)
}

function levels(problem: Problem, random: Random, start: Int32Array | undefined): Grouping {
  if (problem.size <= EXACT_STEP_MAX) return new Grouping(problem, exact(problem))
  const level = coarser(problem, random, start)
  if (level === undefined) {
    const grouping = new Grouping(problem, start?.slice())
    refine(grouping, random)
    return joinGroups(grouping, random)
  }
  const coarse = merged(problem, level.clusterOf, level.count)
  const there = levels(coarse, random, start === undefined ? undefined : gathered(level, start))
  const grouping = new Grouping(problem, spread(level, there.groupOf))
  refine(grouping, random)
  return grouping
}

/** Undefined when there is nothing to be gained by another level. */
function coarser(problem: Problem, random: Random, start: Int32Array | undefined): Clusters | undefined {
  const level = cluster(problem, 1 / (2 + random.below(8)), random, start)
  return level.count > 0.95 * problem.size ? undefined : level
}

/** Whole groups as nodes: joins those that cost less together. */
function joinGroups(grouping: Grouping, random: Random): Grouping {
  const { problem } = grouping
  const parts = numbered(grouping.groupOf)
  if (parts.count === problem.size || parts.count < 2) return grouping
  const joined = new Grouping(merged(problem, parts.clusterOf, parts.count))
  const before = joined.total
  refine(joined, random)
  return joined.total >= before ? grouping : new Grouping(problem, spread(parts, joined.groupOf))
}

/** Groups of nodes, that no cluster crosses, as groups of clusters. */
function gathered({ clusterOf, count }: Clusters, groupOf: Int32Array): Int32Array {
  const gathered = new Int32Array(count)
  for (let v = 0; v < clusterOf.length; v++) gathered[clusterOf[v]!] = groupOf[v]!
  return numbered(gathered).clusterOf
}

/** Groups of clusters as groups of their nodes. */
function spread({ clusterOf }: Clusters, groupOf: Int32Array): Int32Array {
  return clusterOf.map((c) => groupOf[c]!)
}
