/**
 * From a call graph and rules to numbers (problem.ts). In: a request that has been checked. Out: the problem, and which components each of its
 * nodes is. Components that must stay together are one node: pinned ones, and those of a group of today's that may not move; such nodes of
 * different groups may not meet, so that each keeps its group.
 */

import {
  ARRIVALS,
  BLOCKING,
  CPU,
  type EdgeCost,
  edgeCost,
  LOAD_FIELDS,
  MEMORY,
  PENALTY_RULE,
  type Prices,
  pricesOf,
} from './costs.ts'
import { criticalPaths } from './critical-path.ts'
import type { CallGraph, ComponentLoad, Placement, PlanRules } from './model.ts'
import {
  emptyNodes,
  LINK_FIELDS,
  LINK_KEYED_ARRIVALS,
  LINK_KEYED_COST,
  LINK_KEYED_CPU,
  type Link,
  merged,
  type Problem,
  problemOf,
  SAVED_ARRIVALS,
  SAVED_COST,
  SAVED_CPU,
} from './problem.ts'

export interface Compiled {
  problem: Problem
  /** Node of each component, in the graph's order. */
  nodeOf: Int32Array
  components: readonly ComponentLoad[]
  /** What calls would cost if every one left its process of which that can be told: those inside a node are counted as they are. */
  constant: number
  /** Of what a link saves, by `pairOf` its nodes: how sure that is, from the noise of the rates. */
  variance: ReadonlyMap<number, number>
}

/** A number for two nodes of a problem, in any order. */
export function pairOf(a: number, b: number, size: number): number {
  return a < b ? a * size + b : b * size + a
}

export function compile(graph: CallGraph, rules: PlanRules, today: Placement): Compiled {
  const prices = pricesOf(graph.costs, rules)
  const numbers = new Map(graph.components.map(({ name }, number) => [name, number]))
  const { links, constant, nodes } = loadsOf(graph, rules, prices, numbers)
  const nodeOf = blocksOf(graph, rules, today, numbers)
  links.push(...separations(graph, rules, today, numbers, nodeOf))
  const problem = problemOf(prices, graph.components.length, nodes, links)
  const count = nodeOf.reduce((most, node) => Math.max(most, node), -1) + 1
  let inside = 0
  const variance = new Map<number, number>()
  for (const { a, b, values, variance: own } of links) {
    const [one, two] = [nodeOf[a]!, nodeOf[b]!]
    if (one === two) inside += values[SAVED_COST]!
    else variance.set(pairOf(one, two, count), (variance.get(pairOf(one, two, count)) ?? 0) + (own ?? 0))
  }
  const blocks = merged(problem, nodeOf, count)
  return { problem: blocks, nodeOf, components: graph.components, constant: constant - inside, variance }
}

/** Links with how sure they are. */
type MeasuredLink = Link & { variance?: number }

type Numbers = ReadonlyMap<string, number>

/** How long work waits for this component, where it wasn't measured: as if its calls took exponentially long. */
export function blockMsOf(component: ComponentLoad, callsPerSecond: number): number {
  return component.blockMs ?? (callsPerSecond > 0 ? component.cpuMsPerSecond / callsPerSecond : 0)
}

/** Calls a second into each component, those from outside included. */
export function callsInto(graph: CallGraph): Map<string, number> {
  const calls = new Map<string, number>()
  const add = (name: string, rate: number) => calls.set(name, (calls.get(name) ?? 0) + rate)
  for (const { callee, callsPerSecond } of graph.edges) add(callee, callsPerSecond)
  for (const { component, requestsPerSecond } of graph.entries) add(component, requestsPerSecond)
  return calls
}

function loadsOf(graph: CallGraph, rules: PlanRules, prices: Prices, numbers: Numbers) {
  const nodes = emptyNodes(graph.components.length)
  const { loads } = nodes
  const calls = callsInto(graph)
  for (const [v, component] of graph.components.entries()) {
    loads[v * LOAD_FIELDS + CPU] = component.cpuMsPerSecond
    loads[v * LOAD_FIELDS + MEMORY] = component.memoryBytes
    loads[v * LOAD_FIELDS + BLOCKING] = component.cpuMsPerSecond * blockMsOf(component, calls.get(component.name) ?? 0)
    nodes.min[v] = component.replicasMin ?? 1
    nodes.max[v] = Math.min(component.replicasMax ?? rules.limits.replicasMax, rules.limits.replicasMax)
    nodes.components[v] = 1
  }
  for (const name of rules.pins.alone) nodes.loners[numbers.get(name)!] = 1
  const keyed = new Set(graph.edges.filter((edge) => edge.keyed).map(edgeKey))
  const links: MeasuredLink[] = []
  let constant = 0
  const between = (call: Ends, isKeyed: boolean, cost: number, cpu: number, arrivals: number, error: number) => {
    const { caller, callee } = call
    const [a, b] = [numbers.get(caller)!, numbers.get(callee)!]
    const values = new Float64Array(LINK_FIELDS)
    values[SAVED_COST] = cost
    values[SAVED_CPU] = cpu
    values[SAVED_ARRIVALS] = arrivals
    if (isKeyed) {
      values[LINK_KEYED_COST] = cost
      values[LINK_KEYED_CPU] = cpu
      values[LINK_KEYED_ARRIVALS] = arrivals
    }
    links.push({ a, b, values, variance: (cost * error) ** 2 })
  }
  for (const edge of graph.edges) {
    if (edge.caller === edge.callee) continue
    const cost = edgeCost(edge, graph.costs)
    loads[numbers.get(edge.caller)! * LOAD_FIELDS + CPU]! += cost.remoteCaller
    loads[numbers.get(edge.callee)! * LOAD_FIELDS + CPU]! += cost.remoteCallee
    constant += cost.remoteCaller + cost.remoteCallee
    const saved = savedCpu(cost)
    between(
      edge,
      edge.keyed === true,
      saved,
      saved,
      0,
      errorOf(edge.callsPerSecond, edge.deviation, graph.windowSeconds),
    )
  }
  for (const path of criticalPaths(graph)) {
    const { component, requestsPerSecond } = path.entry
    loads[numbers.get(component)! * LOAD_FIELDS + ARRIVALS]! += requestsPerSecond
    for (const call of path.calls) {
      if (call.caller === call.callee) continue
      const perSecond = call.perRequest * requestsPerSecond
      const hops = perSecond * prices.hopMs * prices.latency
      // The request waits for the callee's event loop, the reply for the caller's.
      loads[numbers.get(call.caller)! * LOAD_FIELDS + ARRIVALS]! += perSecond
      loads[numbers.get(call.callee)! * LOAD_FIELDS + ARRIVALS]! += perSecond
      constant += hops
      between(
        call,
        keyed.has(edgeKey(call)),
        hops,
        0,
        2 * perSecond,
        errorOf(perSecond, undefined, graph.windowSeconds),
      )
    }
  }
  return { nodes, links, constant }
}

interface Ends {
  caller: string
  callee: string
}

/** Standard error of a mean rate, as a share of it. Random arrivals deviate by the square root of their rate. */
function errorOf(rate: number, deviation: number | undefined, windowSeconds: number): number {
  return rate > 0 ? (deviation ?? Math.sqrt(rate)) / Math.sqrt(Math.max(1, windowSeconds)) / rate : 0
}

export function savedCpu({ remoteCaller, remoteCallee, local }: EdgeCost): number {
  return remoteCaller + remoteCallee - local
}

export function edgeKey({ caller, callee, method }: { caller: string; callee: string; method: string }): string {
  return `${caller} ${callee} ${method}`
}

/** Components of today's groups that may not move, by group. */
function fixedByGroup(graph: CallGraph, today: Placement): string[][] {
  const fixed = new Set(graph.components.filter((component) => component.fixed).map(({ name }) => name))
  return today.map(({ components }) => components.filter((name) => fixed.has(name))).filter((list) => list.length > 0)
}

/** The node of each component, numbered from 0: union and find over what must stay together. */
function blocksOf(graph: CallGraph, rules: PlanRules, today: Placement, numbers: Numbers): Int32Array {
  const parent = Int32Array.from({ length: graph.components.length }, (_, v) => v)
  const find = (v: number): number => {
    let root = v
    while (parent[root] !== root) root = parent[root]!
    parent[v] = root
    return root
  }
  for (const list of [...rules.pins.together, ...fixedByGroup(graph, today)]) {
    for (const name of list.slice(1)) parent[find(numbers.get(name)!)] = find(numbers.get(list[0]!)!)
  }
  const nodeOf = new Map<number, number>()
  return parent.map((_, v) => {
    const root = find(v)
    if (!nodeOf.has(root)) nodeOf.set(root, nodeOf.size)
    return nodeOf.get(root)!
  })
}

/** Links that cost so much inside a group that nobody takes them. */
function separations(
  graph: CallGraph,
  rules: PlanRules,
  today: Placement,
  numbers: Numbers,
  nodeOf: Int32Array,
): MeasuredLink[] {
  const values = new Float64Array(LINK_FIELDS)
  values[SAVED_COST] = -PENALTY_RULE
  const links: MeasuredLink[] = []
  const fixed = fixedByGroup(graph, today).map((list) => list[0]!)
  for (const list of [...rules.pins.apart, fixed]) {
    for (const [place, one] of list.entries()) {
      for (const two of list.slice(place + 1)) {
        const [a, b] = [numbers.get(one)!, numbers.get(two)!]
        if (nodeOf[a] !== nodeOf[b]) links.push({ a, b, values })
      }
    }
  }
  return links
}
