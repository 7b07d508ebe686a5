/**
 * The planner's input out of a window of the store. In: totals, the manifest, what was found of costs. Out: a `CallGraph`, in which nothing
 * depends on where components are now: rates, means, how the time of methods is made up.
 *
 * Where something isn't known yet it is assumed, and the planner asks for more gain from a short window: CPU that was not profiled is shared out
 * by calls served; a method that was not recorded takes what its calls took and calls nobody.
 */
import type { Manifest } from '../../runtime/manifest.ts'
import { OUTSIDE } from '../../runtime/measure/entries.ts'
import type { CallCosts, CallGraph, ComponentLoad, EdgeLoad, EntryPoint, MethodTime } from '../planner/model.ts'
import type { Calibrated } from './calibration.ts'
import type { GraphStore } from './store.ts'
import type { EdgeTotals, Totals } from './totals.ts'

export interface CallGraphOptions {
  application: string
  manifest: Manifest
  store: GraphStore
  totals: Totals
  calibrated: Calibrated | undefined
}

interface Edge {
  caller: string
  callee: string
  method: string
  totals: EdgeTotals
}

export function callGraph(options: CallGraphOptions): CallGraph {
  const { application, manifest, store, totals, calibrated } = options
  const seconds = Math.max(totals.ms, 1) / 1000
  const names = new Set(manifest.components.map(({ name }) => name))
  const edges = [...totals.edges].flatMap(([number, edge]): Edge[] => {
    const [caller, callee, method] = store.edges.parts(number) as [string, string, string]
    if (!names.has(callee)) return []
    // A `get` of code that belongs to no component counts for the root, as in the manifest.
    const known = caller === OUTSIDE || names.has(caller) ? caller : manifest.root
    return [{ caller: known, callee, method, totals: edge }]
  })
  const inside = edges.filter(({ caller }) => caller !== OUTSIDE)
  const entries = entryPoints(edges, manifest.root, seconds)
  return {
    application,
    windowSeconds: seconds,
    components: componentLoads(options, edges, seconds),
    edges: mergedLoads(inside, manifest, seconds),
    methods: methodTimes(store, totals, edges, entries),
    entries,
    costs: callCosts(totals, calibrated),
  }
}

function componentLoads(
  { manifest, store, totals }: CallGraphOptions,
  edges: Edge[],
  seconds: number,
): ComponentLoad[] {
  const measured = new Map<string, { cpuUs: number; squared: number; heapBytes: number }>()
  for (const { component, cpuUs, cpuUsSquared, heapBytes } of totals.components.values()) {
    const [name] = store.components.parts(component)
    const sums = measured.get(name!) ?? { cpuUs: 0, squared: 0, heapBytes: 0 }
    measured.set(name!, sums)
    sums.cpuUs += cpuUs
    sums.squared += cpuUsSquared
    sums.heapBytes = Math.max(sums.heapBytes, heapBytes)
  }
  const assumed = measured.size > 0 ? new Map<string, number>() : sharedByCalls(totals, edges)
  return manifest.components.map(({ name }) => {
    const sums = measured.get(name)
    const cpuMsPerSecond = (sums?.cpuUs ?? assumed.get(name) ?? 0) / 1000 / seconds
    const cpuDeviation = sums && deviation(sums.cpuUs, sums.squared, totals.seconds) / 1000
    return {
      name,
      cpuMsPerSecond,
      ...(cpuDeviation !== undefined && totals.seconds > 1 && { cpuDeviation }),
      memoryBytes: sums?.heapBytes ?? 0,
      ...(name === manifest.root && { fixed: true }),
    }
  })
}

/** Microseconds of all processes, by how many calls each component has served. */
function sharedByCalls(totals: Totals, edges: Edge[]): Map<string, number> {
  const cpuUs = [...totals.processes.values()].reduce((sum, process) => sum + process.cpuUs, 0)
  const calls = edges.reduce((sum, { totals: { sums } }) => sum + sums.calls, 0)
  const shared = new Map<string, number>()
  for (const {
    callee,
    totals: { sums },
  } of edges) {
    shared.set(callee, (shared.get(callee) ?? 0) + (cpuUs * sums.calls) / Math.max(calls, 1))
  }
  return shared
}

/** Between seconds. */
function deviation(sum: number, squared: number, seconds: number): number {
  return Math.sqrt(Math.max(0, squared / seconds - (sum / seconds) ** 2))
}

function mergedLoads(edges: Edge[], manifest: Manifest, seconds: number): EdgeLoad[] {
  const keyed = new Set(
    manifest.components.flatMap(({ name, methods }) =>
      methods.flatMap((method) => (method.key === undefined ? [] : [`${name} ${method.name}`])),
    ),
  )
  const loads = new Map<string, EdgeLoad>()
  for (const { caller, callee, method, totals } of edges) {
    const { calls, sized, requestBytes, replyBytes } = totals.sums
    if (calls === 0) continue
    const key = `${caller} ${callee} ${method}`
    const known = loads.get(key)
    const load: EdgeLoad = {
      caller,
      callee,
      method,
      callsPerSecond: calls / seconds,
      deviation: deviation(calls, totals.callsSquared, seconds),
      requestBytes: sized === 0 ? 0 : requestBytes / sized,
      replyBytes: sized === 0 ? 0 : replyBytes / sized,
      ...(keyed.has(`${callee} ${method}`) && { keyed: true }),
    }
    // Of the root and of `get` outside of components there may be two.
    loads.set(key, known === undefined ? load : added(known, load))
  }
  return [...loads.values()]
}

function added(a: EdgeLoad, b: EdgeLoad): EdgeLoad {
  const callsPerSecond = a.callsPerSecond + b.callsPerSecond
  const mean = (of: (load: EdgeLoad) => number) =>
    (of(a) * a.callsPerSecond + of(b) * b.callsPerSecond) / callsPerSecond
  return {
    ...a,
    callsPerSecond,
    deviation: Math.hypot(a.deviation ?? 0, b.deviation ?? 0),
    requestBytes: mean((load) => load.requestBytes),
    replyBytes: mean((load) => load.replyBytes),
  }
}

/** The root's calls where nothing comes from outside: a job, which goes on call by call. */
const OWN_LOOP = '(main)'

function entryPoints(edges: Edge[], root: string, seconds: number): EntryPoint[] {
  const listened = edges.filter(({ caller, totals }) => caller === OUTSIDE && totals.sums.calls > 0)
  if (listened.length > 0) {
    return listened.map(({ callee, method, totals: { sums } }) => ({
      name: method,
      component: callee,
      method,
      requestsPerSecond: sums.calls / seconds,
      ...(sums.timed > 0 && { meanMs: sums.timedNs / sums.timed / 1e6 }),
    }))
  }
  const own = edges.filter(({ caller }) => caller === root)
  const calls = own.reduce((sum, { totals: { sums } }) => sum + sums.calls, 0)
  if (calls === 0) return []
  return [{ name: 'main', component: root, method: OWN_LOOP, requestsPerSecond: calls / seconds }]
}

function methodTimes(store: GraphStore, totals: Totals, edges: Edge[], entries: EntryPoint[]): MethodTime[] {
  const times = [...totals.methods].flatMap(([number, { sums, children }]): MethodTime[] => {
    const [component, method] = store.methods.parts(number) as [string, string]
    if (sums.calls === 0) return []
    const calls = [...children].map(([child, { calls: made, totalUs, criticalUs }]) => {
      const [callee, called] = store.methods.parts(child) as [string, string]
      return {
        component: callee,
        method: called,
        perCall: made / sums.calls,
        criticalShare: totalUs === 0 ? 1 : criticalUs / totalUs,
      }
    })
    return [{ component, method, ownMs: sums.ownUs / sums.calls / 1000, calls }]
  })
  const known = new Set(times.map(({ component, method }) => `${component} ${method}`))
  const isKnown = (component: string, method: string) => known.size < known.add(`${component} ${method}`).size
  for (const { component, method } of entries) {
    if (method === OWN_LOOP) times.push(ownLoop(component, edges))
    known.add(method === OWN_LOOP ? `${component} ${method}` : '')
  }
  for (const {
    callee,
    method,
    totals: { sums },
  } of edges) {
    if (sums.timed === 0 || !isKnown(callee, method)) continue
    times.push({ component: callee, method, ownMs: sums.timedNs / sums.timed / 1e6, calls: [] })
  }
  return times
}

function ownLoop(root: string, edges: Edge[]): MethodTime {
  const own = edges.filter(({ caller }) => caller === root)
  const calls = own.reduce((sum, { totals: { sums } }) => sum + sums.calls, 0)
  return {
    component: root,
    method: OWN_LOOP,
    ownMs: 0,
    calls: own.map(({ callee, method, totals: { sums } }) => ({
      component: callee,
      method,
      perCall: sums.calls / calls,
      criticalShare: 1,
    })),
  }
}

/** Until two processes have been asked: what was found on a machine with two cores (bench/README.md). */
const ASSUMED = { callerUs: 12, calleeUs: 12, callerKibUs: 0.6, calleeKibUs: 0.6, roundTripUs: 70, localUs: 0.03 }
/** A generated copier's, which is far below all else. */
const LOCAL_KIB_US = 0.1
/** Of an idle process, milliseconds a second: whatever it does beyond is for somebody. */
const IDLE_CPU_MAX = 5

function callCosts(totals: Totals, calibrated: Calibrated | undefined): CallCosts {
  const { callerUs, calleeUs, callerKibUs, calleeKibUs, roundTripUs, localUs } = calibrated ?? ASSUMED
  const processes = [...totals.processes].filter(([, { ms }]) => ms > 0)
  const least = (values: number[], otherwise: number) => (values.length === 0 ? otherwise : Math.min(...values))
  const idle = processes.map(([, { cpuUs, ms }]) => cpuUs / ms)
  const memory = processes.map(([number, { rssBytes }]) => {
    const hosted = [...totals.components.values()].filter(({ process }) => process === number)
    return rssBytes - hosted.reduce((sum, { heapBytes }) => sum + heapBytes, 0)
  })
  const starts = processes.map(([, { startUs }]) => startUs / 1000)
  return {
    remoteCallUs: { caller: callerUs, callee: calleeUs },
    remoteKibUs: { caller: callerKibUs, callee: calleeKibUs },
    localCallUs: localUs,
    localKibUs: LOCAL_KIB_US,
    hopUs: Math.max(0, roundTripUs - localUs),
    processCpuMsPerSecond: Math.min(least(idle, 1), IDLE_CPU_MAX),
    processMemoryBytes: least(memory, 64 * 1024 * 1024),
    moveCpuMs: starts.length === 0 ? 500 : starts.reduce((sum, ms) => sum + ms, 0) / starts.length,
  }
}
