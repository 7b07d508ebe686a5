/**
 * Finds cheap groupings of a problem. In: the problem, where to start from, a seed, how long to search in steps. Out: the group of each node.
 * Few nodes are tried in every way (exact.ts). For more:
 *
 *   1. multilevel   clusters of clusters; then, from the coarsest down, each level's nodes move to where they cost least
 *   2. rebuilding   a group and those that it calls most are taken apart and put together anew, over and over; the better one stays
 *
 * The same arguments give the same result on any machine.
 */
import { EXACT_NODES_MAX, exact } from './exact.ts'
import { Grouping } from './grouping.ts'
import { multilevel } from './multilevel.ts'
import type { Problem } from './problem.ts'
import { Random } from './random.ts'
import { rebuild } from './rebuild.ts'

export interface SearchOptions {
  /** Group of each node, from 0 up to their number; default: each alone. */
  start?: Int32Array | undefined
  seed: number
  /** Steps of rebuilding. */
  steps: number
}

/** Rounds in which the price of a process is doubled, when there are more than may be. */
const PRICE_ROUNDS_MAX = 20

export function search(problem: Problem, options: SearchOptions): Int32Array {
  if (problem.size <= EXACT_NODES_MAX) return exact(problem)
  let found = searchOnce(problem, options)
  let { prices } = problem
  for (let round = 0; round < PRICE_ROUNDS_MAX && found.processes > prices.processesMax; round++) {
    prices = { ...prices, process: prices.process * 2 + 1 }
    found = searchOnce({ ...problem, prices }, { ...options, start: found.groupOf })
  }
  return found.groupOf
}

function searchOnce(problem: Problem, { start, seed, steps }: SearchOptions): Grouping {
  const random = new Random(seed)
  const fresh = multilevel(problem, random)
  const kept = start === undefined ? fresh : multilevel(problem, random, start)
  const better = new Grouping(problem, kept.total <= fresh.total ? kept.groupOf : fresh.groupOf)
  rebuild(better, random, steps)
  return better
}
