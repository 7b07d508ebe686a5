/** Has the load changed by more than it wavers? In: two call graphs of one application, of windows of seconds. */
import { edgeCost } from '../planner/costs.ts'
import type { CallGraph, EdgeLoad } from '../planner/model.ts'

/** Of what there was: rates of a few hundred calls are off by less by chance. */
const CHANGED_SHARE = 0.1
/**
 * And in milliseconds of CPU a second, since shares of little are large. Whose CPU it was is known by ten samples a second, so of ten seconds at a tenth of
 * a core half of it may be somebody else's the next time; calls are counted.
 */
const CPU_CHANGED_MIN = 50
const CALLS_CHANGED_MIN = 2

export function hasChanged(before: CallGraph, now: CallGraph): boolean {
  const cpu = (graph: CallGraph) =>
    new Map(graph.components.map(({ name, cpuMsPerSecond }) => [name, cpuMsPerSecond] as const))
  // What calls would cost between processes: all of them by the same prices, and many small ones count for little.
  const calls = (graph: CallGraph) => {
    const cost = (edge: EdgeLoad) => {
      const { remoteCaller, remoteCallee } = edgeCost(edge, before.costs)
      return remoteCaller + remoteCallee
    }
    return new Map(graph.edges.map((edge) => [`${edge.caller} ${edge.callee} ${edge.method}`, cost(edge)] as const))
  }
  return differ(cpu(before), cpu(now), CPU_CHANGED_MIN) || differ(calls(before), calls(now), CALLS_CHANGED_MIN)
}

function differ(before: ReadonlyMap<string, number>, now: ReadonlyMap<string, number>, min: number): boolean {
  let [change, total] = [0, 0]
  for (const key of new Set([...before.keys(), ...now.keys()])) {
    const [one, other] = [before.get(key) ?? 0, now.get(key) ?? 0]
    change += Math.abs(one - other)
    total += one
  }
  return change > Math.max(min, CHANGED_SHARE * total)
}
