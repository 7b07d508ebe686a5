/**
 * A window of the measured call graph in the units in which people think: rates a second, means of one call, percentiles. In: totals and the
 * names that they are by. Out: plain data, which `/v1/graph` gives and `weave graph --live` draws. Components are in the order of their CPU,
 * edges in the order of their calls.
 */
import { percentile } from '../../runtime/measure/latency.ts'
import type { Calibrated } from './calibration.ts'
import type { GraphStore } from './store.ts'
import type { EdgeTotals, ProcessTotals, Totals } from './totals.ts'

export interface GraphReport {
  /** Seconds that were measured; fewer than asked for where there aren't so many. */
  seconds: number
  components: ComponentReport[]
  edges: EdgeReport[]
  processes: ProcessReport[]
  /** What calls between processes cost, in microseconds, as two of them have measured it; null until then. */
  costs: Calibrated | null
}

export interface ComponentReport {
  /** Full name. */
  name: string
  /** Of its own code, all replicas together: milliseconds of one core a second. */
  cpuMsPerSecond: number
  /** Of one replica: heap that its code has allocated and that is still in use. */
  heapBytes: number
  /** Processes that have told of it. */
  processes: string[]
}

export interface EdgeReport {
  /** Null: the world outside. */
  caller: string | null
  callee: string
  /** Of a request from outside: its listener, verb and first part of its path. */
  method: string
  callsPerSecond: number
  errorsPerSecond: number
  /** Standard deviation of that, from calls that were not looked at; 0 where it is exact. */
  errorsPerSecondDeviation: number
  /** Share of the calls that left the process. */
  remoteShare: number
  /** Null where no call was timed. Percentiles are off by an eighth at most. */
  latencyMs: { mean: number; p50: number; p99: number } | null
  /** Of one call, mean: what travels, or what would; null where it isn't known. */
  requestBytes: number | null
  replyBytes: number | null
}

export interface ProcessReport {
  name: string
  cpuMsPerSecond: number
  /** Share of the time in which its event loop was busy. */
  utilisation: number
  /** How long work that arrives waits for the event loop. */
  delayMs: { p50: number; p99: number; max: number }
  gcMsPerSecond: number
  rssBytes: number
  heapBytes: number
}

export function graphReport(store: GraphStore, totals: Totals): Omit<GraphReport, 'costs'> {
  const seconds = totals.ms / 1000
  return {
    seconds,
    components: componentReports(store, totals, seconds),
    edges: [...totals.edges]
      .map(([edge, sums]) => edgeReport(store.edges.parts(edge), sums, seconds))
      .sort((a, b) => b.callsPerSecond - a.callsPerSecond),
    processes: [...totals.processes]
      .map(([process, sums]) => processReport(store.processes.parts(process)[0]!, sums))
      .sort((a, b) => (a.name < b.name ? -1 : 1)),
  }
}

function componentReports(store: GraphStore, totals: Totals, seconds: number): ComponentReport[] {
  const reports = new Map<number, ComponentReport>()
  for (const { component, process, cpuUs, heapBytes } of totals.components.values()) {
    const [name] = store.components.parts(component)
    const report = reports.get(component) ?? { name: name!, cpuMsPerSecond: 0, heapBytes: 0, processes: [] }
    reports.set(component, report)
    report.cpuMsPerSecond += cpuUs / 1000 / seconds
    report.heapBytes = Math.max(report.heapBytes, heapBytes)
    report.processes.push(store.processes.parts(process)[0]!)
  }
  return [...reports.values()].sort((a, b) => b.cpuMsPerSecond - a.cpuMsPerSecond)
}

function edgeReport([caller, callee, method]: string[], { sums, latency }: EdgeTotals, seconds: number): EdgeReport {
  const { calls, errors, errorsVariance, remote, timed, timedNs, sized, requestBytes, replyBytes } = sums
  const ms = (q: number) => percentile(latency, q)! / 1e6
  return {
    caller: caller === '' ? null : caller!,
    callee: callee!,
    method: method!,
    callsPerSecond: calls / seconds,
    errorsPerSecond: errors / seconds,
    errorsPerSecondDeviation: Math.sqrt(errorsVariance) / seconds,
    remoteShare: calls === 0 ? 0 : Math.min(1, remote / calls),
    latencyMs: timed === 0 ? null : { mean: timedNs / timed / 1e6, p50: ms(0.5), p99: ms(0.99) },
    requestBytes: sized === 0 ? null : requestBytes / sized,
    replyBytes: sized === 0 ? null : replyBytes / sized,
  }
}

function processReport(name: string, totals: ProcessTotals): ProcessReport {
  const { ms, cpuUs, activeMs, gcUs, delayUsP50Ms, delayUsP99Ms, delayUsMax, rssBytes, heapBytes } = totals
  const seconds = Math.max(ms, 1) / 1000
  const delay = (sum: number) => sum / Math.max(ms, 1) / 1000
  return {
    name,
    cpuMsPerSecond: cpuUs / 1000 / seconds,
    utilisation: activeMs / Math.max(ms, 1),
    delayMs: { p50: delay(delayUsP50Ms), p99: delay(delayUsP99Ms), max: delayUsMax / 1000 },
    gcMsPerSecond: gcUs / 1000 / seconds,
    rssBytes,
    heapBytes,
  }
}
