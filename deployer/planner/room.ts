/**
 * Could any other placement cost less than today's? A bound that takes one prediction, so that the planner's thread need not be asked where nothing
 * can come of it. In: what a plan is made from. Out: the most that another placement could gain, which none may reach; 0 or less: today's is the best.
 */
import { edgeCost, pricesOf } from './costs.ts'
import type { PlanRequest } from './model.ts'
import { predict } from './predict.ts'

/** In milliseconds of CPU a second. */
export function roomToGain({ graph, rules, today }: Pick<PlanRequest, 'graph' | 'rules' | 'today'>): number {
  const { process, byte } = pricesOf(graph.costs, rules)
  let least = today.length === 1 ? 2 * process : process
  for (const { memoryBytes } of graph.components) least += memoryBytes * byte
  for (const edge of graph.edges) {
    if (edge.caller === edge.callee) continue
    const { remoteCaller, remoteCallee, local } = edgeCost(edge, graph.costs)
    least += Math.min(local, remoteCaller + remoteCallee)
  }
  return predict(graph, rules, today).cost.total - least
}
