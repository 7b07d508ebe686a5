/**
 * What the samples of some time come to: sums by edge's method, by method, by component and by process. A second is one, and so is a window
 * of many; they are added to each other, and written as bytes (frame.ts). Who is meant by a number, names.ts knows.
 */
import { LATENCY_BUCKETS } from '../../runtime/measure/latency.ts'

/** All are sums that only grow, and whole numbers. */
export const EDGE_SUMS = [
  'calls',
  'errors',
  'errorsVariance',
  'remote',
  'timed',
  'timedNs',
  'sized',
  'requestBytes',
  'replyBytes',
] as const
export const METHOD_SUMS = ['calls', 'totalUs', 'ownUs'] as const
export const CHILD_SUMS = ['calls', 'totalUs', 'criticalUs'] as const

export type Sums<Names extends readonly string[]> = Record<Names[number], number>

export class EdgeTotals {
  readonly sums: Sums<typeof EDGE_SUMS> = zeros(EDGE_SUMS)
  readonly latency = new Float64Array(LATENCY_BUCKETS)
  /** Of calls, over the seconds that were added: sum of squares. */
  callsSquared = 0
}

export class MethodTotals {
  readonly sums: Sums<typeof METHOD_SUMS> = zeros(METHOD_SUMS)
  /** By callee's method. */
  readonly children = new Map<number, Sums<typeof CHILD_SUMS>>()
}

/** Of a component in one process. */
export interface ComponentTotals {
  component: number
  process: number
  cpuUs: number
  cpuUsSquared: number
  /** As it was last. */
  heapBytes: number
}

/** Of one process, restarts included. */
export interface ProcessTotals {
  /** Time that its samples cover. */
  ms: number
  cpuUs: number
  activeMs: number
  gcUs: number
  delayUsMax: number
  /** Sums weighted with milliseconds, for means. */
  delayUsP50Ms: number
  delayUsP99Ms: number
  /** As they were last. */
  rssBytes: number
  heapBytes: number
  startUs: number
}

export const PROCESS_SUMS = ['ms', 'cpuUs', 'activeMs', 'gcUs', 'delayUsP50Ms', 'delayUsP99Ms'] as const

export class Totals {
  /** How long it covers. */
  ms = 0
  /** How many seconds have been added up. */
  seconds = 0
  readonly edges = new Map<number, EdgeTotals>()
  readonly methods = new Map<number, MethodTotals>()
  /** By process and component. */
  readonly components = new Map<string, ComponentTotals>()
  readonly processes = new Map<number, ProcessTotals>()

  edge(edge: number): EdgeTotals {
    return at(this.edges, edge, () => new EdgeTotals())
  }

  method(method: number): MethodTotals {
    return at(this.methods, method, () => new MethodTotals())
  }

  component(component: number, process: number): ComponentTotals {
    const none = () => ({ component, process, cpuUs: 0, cpuUsSquared: 0, heapBytes: 0 })
    return at(this.components, `${process} ${component}`, none)
  }

  process(process: number): ProcessTotals {
    return at(this.processes, process, () => ({
      ...zeros(PROCESS_SUMS),
      delayUsMax: 0,
      rssBytes: 0,
      heapBytes: 0,
      startUs: 0,
    }))
  }

  /** `later` is one second that came after all that is in here, or a minute. */
  add(later: Totals): void {
    this.ms += later.ms
    this.seconds += later.seconds
    for (const [edge, { sums, latency, callsSquared }] of later.edges) {
      const own = this.edge(edge)
      plus(own.sums, sums, EDGE_SUMS)
      own.callsSquared += callsSquared
      if (sums.timed === 0) continue
      for (let bucket = 0; bucket < LATENCY_BUCKETS; bucket++) own.latency[bucket]! += latency[bucket]!
    }
    for (const [method, { sums, children }] of later.methods) {
      const own = this.method(method)
      plus(own.sums, sums, METHOD_SUMS)
      for (const [child, childSums] of children) plus(childOf(own, child), childSums, CHILD_SUMS)
    }
    for (const { component, process, cpuUs, cpuUsSquared, heapBytes } of later.components.values()) {
      const own = this.component(component, process)
      own.cpuUs += cpuUs
      own.cpuUsSquared += cpuUsSquared
      own.heapBytes = heapBytes
    }
    for (const [process, totals] of later.processes) {
      const own = this.process(process)
      plus(own, totals, PROCESS_SUMS)
      own.delayUsMax = Math.max(own.delayUsMax, totals.delayUsMax)
      own.rssBytes = totals.rssBytes
      own.heapBytes = totals.heapBytes
      own.startUs = totals.startUs
    }
  }

  /** It is one second, and complete. */
  close(ms: number): void {
    this.ms = ms
    this.seconds = 1
    for (const edge of this.edges.values()) edge.callsSquared = edge.sums.calls ** 2
    for (const component of this.components.values()) component.cpuUsSquared = component.cpuUs ** 2
  }
}

export function childOf({ children }: MethodTotals, child: number): Sums<typeof CHILD_SUMS> {
  return at(children, child, () => zeros(CHILD_SUMS))
}

export function plus<Names extends readonly string[]>(to: Sums<Names>, from: Sums<Names>, names: Names): void {
  for (const name of names as readonly Names[number][]) to[name] += from[name]
}

function zeros<Names extends readonly string[]>(names: Names): Sums<Names> {
  return Object.fromEntries(names.map((name) => [name, 0])) as Sums<Names>
}

function at<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  const known = map.get(key)
  if (known !== undefined) return known
  const made = make()
  map.set(key, made)
  return made
}
