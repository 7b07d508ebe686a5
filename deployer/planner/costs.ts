/**
 * The cost model's formulas (docs/placement.md explains them), each in one place for prediction and search alike: what an edge costs either
 * way, how many replicas a load needs, and what a group costs with it. All in milliseconds of CPU a second.
 */
import type { CallCosts, EdgeLoad, PlanRules } from './model.ts'

const GIB = 2 ** 30

/** For each unit of a broken rule: a millisecond of CPU a second, or a MiB, too many. Above what any of them could gain. */
export const PENALTY_UNIT = 1e4
/** For a rule that is either kept or not: a pin, a process too many. */
export const PENALTY_RULE = 1e7

export interface EdgeCost {
  /** CPU at each end between processes, and at the only end inside one. */
  remoteCaller: number
  remoteCallee: number
  local: number
}

export function edgeCost({ callsPerSecond, requestBytes, replyBytes }: EdgeLoad, costs: CallCosts): EdgeCost {
  const kib = (requestBytes + replyBytes) / 1024
  const cpu = (callUs: number, kibUs: number) => (callsPerSecond * (callUs + kib * kibUs)) / 1000
  return {
    remoteCaller: cpu(costs.remoteCallUs.caller, costs.remoteKibUs.caller),
    remoteCallee: cpu(costs.remoteCallUs.callee, costs.remoteKibUs.callee),
    local: cpu(costs.localCallUs, costs.localKibUs),
  }
}

/** The rules and constants as the formulas use them. */
export interface Prices {
  /** Milliseconds of CPU a second that one process may be planned to take. */
  cpuMax: number
  memoryMax: number
  processesMax: number
  processMemory: number
  /** Of one more process: its idle CPU and memory. */
  process: number
  processCpu: number
  /** Of a byte for as long as it is held. */
  byte: number
  /** Of a request's millisecond. */
  latency: number
  hopMs: number
}

export function pricesOf(costs: CallCosts, { limits, weights }: PlanRules): Prices {
  const byte = weights.memoryGib / GIB
  return {
    cpuMax: limits.utilisationMax * 1000,
    memoryMax: limits.memoryBytesMax,
    processesMax: limits.processesMax,
    processMemory: costs.processMemoryBytes,
    process: costs.processCpuMsPerSecond + costs.processMemoryBytes * byte,
    processCpu: costs.processCpuMsPerSecond,
    byte,
    latency: weights.latency,
    hopMs: costs.hopUs / 1000,
  }
}

/**
 * A group's load is a row of these sums, so that joining two groups adds rows and subtracts what is saved between them.
 *
 *   cpu        own code, and both ends of calls: as if all calls to other blocks were remote, less what sharing the group saves
 *   memory     of its components in one process
 *   blocking   Σ cpu × blockMs: over the replicas and 1 − utilisation, what work waits for the event loop
 *   arrivals   critical requests and replies that come to it a second, and wait
 *   keyed…     what calls by key inside it would cost, in cost, CPU and arrivals, if all of them left the process
 */
export const CPU = 0
export const MEMORY = 1
export const BLOCKING = 2
export const ARRIVALS = 3
export const KEYED_COST = 4
export const KEYED_CPU = 5
export const KEYED_ARRIVALS = 6
export const LOAD_FIELDS = 7

/** Work is never predicted to wait longer than at this utilisation: the formula has a pole at 1, and there the penalty speaks. */
const UTILISATION_MODELLED = 0.95

/** Replicas for the load at `at`: as many as keep each below the bound, as far as the group's components allow. */
export function replicasFor(prices: Prices, loads: Float64Array, at: number, min: number, max: number): number {
  const cpu = loads[at + CPU]!
  const alone = Math.ceil(cpu / prices.cpuMax - 1e-9)
  const wanted = alone > 1 ? Math.ceil((cpu + loads[at + KEYED_CPU]!) / prices.cpuMax - 1e-9) : 1
  return Math.max(1, Math.min(Math.max(wanted, min), max))
}

/** Milliseconds that work waits for the event loop of one of `replicas`: Pollaczek and Khinchine's mean, M/G/1. */
export function waitMs(loads: Float64Array, at: number, replicas: number, cpu: number): number {
  const utilisation = Math.min(cpu / (1000 * replicas), UTILISATION_MODELLED)
  return loads[at + BLOCKING]! / (1000 * replicas * (1 - utilisation))
}

/** CPU with the calls by key that leave, of which one replica in `replicas` keeps its own. */
export function cpuWith(loads: Float64Array, at: number, replicas: number): number {
  return loads[at + CPU]! + (1 - 1 / replicas) * loads[at + KEYED_CPU]!
}

/** What a group costs beyond its calls to others and its components' own code. `max` < `min` is a rule broken. */
export function groupCost(prices: Prices, loads: Float64Array, at: number, min: number, max: number): number {
  const replicas = replicasFor(prices, loads, at, min, max)
  const leaving = 1 - 1 / replicas
  const cpu = loads[at + CPU]! + leaving * loads[at + KEYED_CPU]!
  const memory = prices.processMemory + loads[at + MEMORY]!
  const arrivals = loads[at + ARRIVALS]! + leaving * loads[at + KEYED_ARRIVALS]!
  let cost = replicas * (prices.process + loads[at + MEMORY]! * prices.byte) + leaving * loads[at + KEYED_COST]!
  cost += prices.latency * arrivals * waitMs(loads, at, replicas, cpu)
  if (cpu > replicas * prices.cpuMax) cost += PENALTY_UNIT * (cpu - replicas * prices.cpuMax)
  if (memory > prices.memoryMax) cost += (PENALTY_UNIT * (memory - prices.memoryMax)) / 2 ** 20
  if (min > max) cost += PENALTY_RULE * (min - max)
  return cost
}

/** Of a group with other components beside those that want a process of their own. */
export function lonerPenalty(components: number, loners: number): number {
  return loners > 0 && components > 1 ? PENALTY_RULE * loners : 0
}

export function processPenalty(prices: Prices, processes: number): number {
  return processes > prices.processesMax ? PENALTY_RULE * (processes - prices.processesMax) : 0
}
