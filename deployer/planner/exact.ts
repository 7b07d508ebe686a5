/**
 * Every way to put a few nodes in groups, and the cheapest of them. Ten nodes have 115,975 ways (the tenth Bell number), so up to
 * `EXACT_NODES_MAX` a plan is optimal. Node `v` joins each group of the nodes before it, then one of its own, and the cost is kept on the way.
 */
import { processPenalty } from './costs.ts'
import { Grouping } from './grouping.ts'
import type { Problem } from './problem.ts'

export const EXACT_NODES_MAX = 10

export function exact(problem: Problem): Int32Array {
  const grouping = new Grouping(problem)
  let best = grouping.groupOf.slice()
  let bestTotal = Number.POSITIVE_INFINITY
  // Groups are numbered by their first node, which is in the group of its own number: a node goes there, or stays.
  const place = (v: number): void => {
    if (v === problem.size) {
      const total = grouping.total + processPenalty(problem.prices, grouping.processes)
      if (total < bestTotal) {
        bestTotal = total
        best = grouping.groupOf.slice()
      }
      return
    }
    place(v + 1)
    for (let g = 0; g < v; g++) {
      if (grouping.groupOf[g] !== g) continue
      move(v, g)
      place(v + 1)
      move(v, v)
    }
  }
  const move = (v: number, g: number) => {
    grouping.look(v)
    grouping.move(v, g)
  }
  place(0)
  return best
}
