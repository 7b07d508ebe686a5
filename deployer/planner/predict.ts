/**
 * What a placement is predicted to cost. In: a call graph, rules, and any placement of its components. Out: CPU, memory, processes, bytes, the
 * latency of each entry point, and the cost that plans are compared by. Reads the graph edge by edge, with the formulas of costs.ts; the search
 * has the same sums in another form, and a test holds the two together.
 */
import { brokenRules } from './broken-rules.ts'
import { blockMsOf, callsInto, edgeKey } from './compile.ts'
import {
  ARRIVALS,
  BLOCKING,
  CPU,
  cpuWith,
  edgeCost,
  groupCost,
  KEYED_ARRIVALS,
  KEYED_COST,
  KEYED_CPU,
  LOAD_FIELDS,
  MEMORY,
  PENALTY_RULE,
  type Prices,
  pricesOf,
  processPenalty,
  replicasFor,
  waitMs,
} from './costs.ts'
import { type CriticalPath, criticalPaths } from './critical-path.ts'
import type { CallGraph, GroupPrediction, Placement, PlanRules, Prediction } from './model.ts'
import { NO_MAXIMUM } from './ranges.ts'

export function predict(graph: CallGraph, rules: PlanRules, placement: Placement): Prediction {
  const work = new Sums(graph, rules, placement)
  const groups = work.groups()
  const processes = sum(groups, ({ replicas }) => replicas)
  const { idle, calls, penalty } = work.costs()
  const broken = brokenRules(graph, rules, placement, groups)
  const entries = work.paths.map((path) => ({
    name: path.entry.name,
    requestsPerSecond: path.entry.requestsPerSecond,
    latencyMs: work.latencyMs(path),
  }))
  const latency = rules.weights.latency * sum(work.paths, (path) => path.entry.requestsPerSecond * work.addedMs(path))
  const penalties = penalty + processPenalty(work.prices, processes) + PENALTY_RULE * broken.pins
  return {
    cpuMsPerSecond:
      sum(graph.components, ({ cpuMsPerSecond }) => cpuMsPerSecond) + calls + processes * work.prices.processCpu,
    remoteCallsPerSecond: sum(graph.edges, (edge) => edge.callsPerSecond * work.remoteShare(edge)),
    bytesPerSecond: sum(
      graph.edges,
      (edge) => edge.callsPerSecond * (edge.requestBytes + edge.replyBytes) * work.remoteShare(edge),
    ),
    processes,
    memoryBytes: sum(groups, ({ memoryBytes, replicas }) => memoryBytes * replicas),
    entries,
    groups,
    cost: { calls, latency, processes: idle, penalty: penalties, total: calls + latency + idle + penalties },
    broken: broken.sentences,
  }
}

/** Loads of the groups of one placement, and what follows from them. */
class Sums {
  readonly prices: Prices
  readonly paths: CriticalPath[]
  readonly #placement: Placement
  readonly #groupOf: ReadonlyMap<string, number>
  readonly #keyed: ReadonlySet<string>
  readonly #loads: Float64Array
  readonly #ranges: { min: number; max: number }[]
  readonly #replicas: number[]
  readonly #wait: number[]
  /** CPU of calls, those by key aside that leave their group's process. */
  #calls = 0

  constructor(graph: CallGraph, rules: PlanRules, placement: Placement) {
    this.prices = pricesOf(graph.costs, rules)
    this.paths = criticalPaths(graph)
    this.#placement = placement
    this.#groupOf = new Map(placement.flatMap(({ components }, g) => components.map((name) => [name, g] as const)))
    this.#keyed = new Set(graph.edges.filter((edge) => edge.keyed).map(edgeKey))
    this.#loads = new Float64Array(placement.length * LOAD_FIELDS)
    this.#ranges = placement.map(() => ({ min: 1, max: NO_MAXIMUM }))
    this.#addComponents(graph, rules)
    this.#addEdges(graph)
    this.#addPaths()
    this.#replicas = placement.map((_, g) => {
      const { min, max } = this.#ranges[g]!
      return replicasFor(this.prices, this.#loads, g * LOAD_FIELDS, min, max)
    })
    this.#wait = placement.map((_, g) => {
      const cpu = cpuWith(this.#loads, g * LOAD_FIELDS, this.#replicas[g]!)
      return waitMs(this.#loads, g * LOAD_FIELDS, this.#replicas[g]!, cpu)
    })
  }

  #add(g: number, field: number, value: number): void {
    this.#loads[g * LOAD_FIELDS + field]! += value
  }

  #addComponents(graph: CallGraph, { limits }: PlanRules): void {
    const into = callsInto(graph)
    for (const component of graph.components) {
      const g = this.#groupOf.get(component.name)!
      const range = this.#ranges[g]!
      this.#add(g, CPU, component.cpuMsPerSecond)
      this.#add(g, MEMORY, component.memoryBytes)
      this.#add(g, BLOCKING, component.cpuMsPerSecond * blockMsOf(component, into.get(component.name) ?? 0))
      range.min = Math.max(range.min, component.replicasMin ?? 1)
      range.max = Math.min(range.max, component.replicasMax ?? limits.replicasMax, limits.replicasMax)
    }
  }

  #addEdges(graph: CallGraph): void {
    for (const edge of graph.edges) {
      if (edge.caller === edge.callee) continue
      const { remoteCaller, remoteCallee, local } = edgeCost(edge, graph.costs)
      const [caller, callee] = [this.#groupOf.get(edge.caller)!, this.#groupOf.get(edge.callee)!]
      if (caller !== callee) {
        this.#add(caller, CPU, remoteCaller)
        this.#add(callee, CPU, remoteCallee)
        this.#calls += remoteCaller + remoteCallee
        continue
      }
      this.#add(caller, CPU, local)
      this.#calls += local
      if (!edge.keyed) continue
      this.#add(caller, KEYED_CPU, remoteCaller + remoteCallee - local)
      this.#add(caller, KEYED_COST, remoteCaller + remoteCallee - local)
    }
  }

  #addPaths(): void {
    for (const { entry, calls } of this.paths) {
      this.#add(this.#groupOf.get(entry.component)!, ARRIVALS, entry.requestsPerSecond)
      for (const call of calls) {
        if (call.caller === call.callee) continue
        const [caller, callee] = [this.#groupOf.get(call.caller)!, this.#groupOf.get(call.callee)!]
        const perSecond = call.perRequest * entry.requestsPerSecond
        if (caller !== callee) {
          this.#add(caller, ARRIVALS, perSecond)
          this.#add(callee, ARRIVALS, perSecond)
        } else if (this.#keyed.has(edgeKey(call))) {
          this.#add(caller, KEYED_ARRIVALS, 2 * perSecond)
          this.#add(caller, KEYED_COST, perSecond * this.prices.hopMs * this.prices.latency)
        }
      }
    }
  }

  groups(): GroupPrediction[] {
    return this.#placement.map(({ name, components }, g) => {
      const replicas = this.#replicas[g]!
      return {
        name,
        components,
        replicas,
        utilisation: cpuWith(this.#loads, g * LOAD_FIELDS, replicas) / (1000 * replicas),
        memoryBytes: this.prices.processMemory + this.#loads[g * LOAD_FIELDS + MEMORY]!,
        waitMs: this.#wait[g]!,
      }
    })
  }

  /** What of the cost isn't latency. */
  costs(): { calls: number; idle: number; penalty: number } {
    const { prices } = this
    let [calls, idle, penalty] = [this.#calls, 0, 0]
    for (const [g, replicas] of this.#replicas.entries()) {
      const at = g * LOAD_FIELDS
      const leaving = 1 - 1 / replicas
      const own = replicas * (prices.process + this.#loads[at + MEMORY]! * prices.byte)
      const arrivals = this.#loads[at + ARRIVALS]! + leaving * this.#loads[at + KEYED_ARRIVALS]!
      const { min, max } = this.#ranges[g]!
      const all = groupCost(prices, this.#loads, at, min, max)
      calls += leaving * this.#loads[at + KEYED_CPU]!
      idle += own
      penalty += all - own - leaving * this.#loads[at + KEYED_COST]! - prices.latency * arrivals * this.#wait[g]!
    }
    // What isn't broken leaves the rounding of sums.
    return { calls, idle, penalty: penalty < 1e-6 ? 0 : penalty }
  }

  /** How much of an edge's calls go to another process. */
  remoteShare(edge: { caller: string; callee: string; method: string }): number {
    if (edge.caller === edge.callee) return 0
    const [caller, callee] = [this.#groupOf.get(edge.caller)!, this.#groupOf.get(edge.callee)!]
    if (caller !== callee) return 1
    return this.#keyed.has(edgeKey(edge)) ? 1 - 1 / this.#replicas[caller]! : 0
  }

  latencyMs(path: CriticalPath): number {
    return path.ownMs + this.addedMs(path)
  }

  /** What placement adds to a request: hops, and waiting for event loops. */
  addedMs({ entry, calls }: CriticalPath): number {
    let added = this.#wait[this.#groupOf.get(entry.component)!]!
    for (const call of calls) {
      const waits = this.#wait[this.#groupOf.get(call.caller)!]! + this.#wait[this.#groupOf.get(call.callee)!]!
      added += call.perRequest * this.remoteShare(call) * (this.prices.hopMs + waits)
    }
    return added
  }
}

function sum<T>(items: readonly T[], value: (item: T) => number): number {
  return items.reduce((total, item) => total + value(item), 0)
}
