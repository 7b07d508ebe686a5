/**
 * What the planner takes and gives, as plain data that survives JSON: a measured call graph and the rules go in, a placement with what it
 * is predicted to cost and the reason for each move comes out. Nothing in this folder does I/O, reads a clock or draws a random number that
 * isn't seeded: the same request gives the same plan. docs/placement.md has the formulas.
 *
 * Components are named in full (`src/cart.Cart`). Rates are means over the window that was measured; CPU is in milliseconds of one core a
 * second, so 1,000 is a process that is always busy.
 */
import type { Group } from '../placement.ts'

/** Groups in any order; each component of the graph is in one. Names are those of groups that run, where it is today's. */
export type Placement = readonly Group[]

/** What was measured of an application in a window of time, on whatever placement it had then; nothing here depends on the placement. */
export interface CallGraph {
  application: string
  /** Length of what was measured. Rates of a short window are noisy, and the planner asks for more gain then. */
  windowSeconds: number
  components: ComponentLoad[]
  /** Calls between components, one entry a caller, callee and method; those without calls may be left out. */
  edges: EdgeLoad[]
  /** How time is made up, for the latency of entry points. Methods that no entry point reaches may be left out. */
  methods: MethodTime[]
  /** Where work comes from outside: listeners, the root's own loop. Latency is predicted for these. */
  entries: EntryPoint[]
  costs: CallCosts
}

export interface ComponentLoad {
  name: string
  /** CPU of its own code, all replicas together, without what sending and receiving calls took. */
  cpuMsPerSecond: number
  /** Standard deviation of that between one-second samples. Default: what random arrivals would give. */
  cpuDeviation?: number
  /** What a process needs more of for hosting it. */
  memoryBytes: number
  /**
   * How long, on average, work that arrives while this component holds the event loop has to wait until it lets go: E[s²] / 2E[s] over its
   * uninterrupted stretches s. Half a stretch where all are alike, a whole one where they are exponential. Default: its CPU for each call.
   */
  blockMs?: number
  /** Fewest and most processes that may host it. Default: 1, and as many as there may be. A singleton has `replicasMax: 1`. */
  replicasMin?: number
  replicasMax?: number
  /** It stays where it is: the root, and what holds state that it can't hand over. Others may join it. */
  fixed?: boolean
}

export interface EdgeLoad {
  caller: string
  callee: string
  method: string
  callsPerSecond: number
  /** Standard deviation of that between one-second samples. Default: the square root of the rate, as for random arrivals. */
  deviation?: number
  /** Of one call, mean. */
  requestBytes: number
  replyBytes: number
  /** The method has a `Key<T>`: in a group of several replicas, most of its calls leave the process all the same. */
  keyed?: boolean
}

/** One call of a method on average, over all callers. A listener's work is a method too, of a name that is no method's: `(web)`. */
export interface MethodTime {
  component: string
  method: string
  /** Elapsed time that is spent neither in calls to other components nor in waiting for its own process: its code, its I/O. */
  ownMs: number
  calls: MethodCalls[]
}

export interface MethodCalls {
  component: string
  method: string
  /** Calls for one call of the caller; less than 1 where only some make it. */
  perCall: number
  /** How much of these calls' time the caller waits for and for nothing else: 1 one after the other, 1/n for n at once, 0 where nobody awaits. */
  criticalShare: number
}

export interface EntryPoint {
  /** For people: `web`, or the method. */
  name: string
  component: string
  /** One of `methods`. */
  method: string
  requestsPerSecond: number
  /** What was measured on today's placement; predictions are then corrected by the difference. */
  meanMs?: number
}

/** What calls and processes cost here, measured on this machine between processes of this deployment. */
export interface CallCosts {
  /** CPU of a remote call, microseconds at each end: encode, frame, socket, decode, dispatch. */
  remoteCallUs: CallEnds
  /** The same for each KiB of request and reply. */
  remoteKibUs: CallEnds
  /** CPU of a co-located call: the stub and its copies. */
  localCallUs: number
  localKibUs: number
  /** What a remote call takes longer than a co-located one, beside the time that it waits for busy processes: mostly the kernel's wake-ups. */
  hopUs: number
  /** A process that does nothing. */
  processCpuMsPerSecond: number
  processMemoryBytes: number
  /** CPU of starting a component elsewhere, switching and draining: what a move costs once. */
  moveCpuMs: number
}

export interface CallEnds {
  caller: number
  callee: number
}

/** What a placement must keep to, and what things are worth. */
export interface PlanRules {
  limits: PlanLimits
  pins: Pins
  weights: Weights
}

export interface PlanLimits {
  /** Of one core: how busy a process may be planned to be. The rest is for bursts. */
  utilisationMax: number
  memoryBytesMax: number
  processesMax: number
  /** Of one group. */
  replicasMax: number
}

export interface Pins {
  /** Each a list of components that share a process. */
  together: string[][]
  /** Each a list of components of which no two share a process. */
  apart: string[][]
  /** Each in a process of its own. */
  alone: string[]
}

/** Cost is counted in milliseconds of CPU a second; weights say what else is worth in them. */
export interface Weights {
  /** CPU that one millisecond of one request's latency is worth, in milliseconds. */
  latency: number
  /** CPU that a GiB is worth, in milliseconds a second. */
  memoryGib: number
  /** Time in which a move has to pay for itself. */
  paybackSeconds: number
  /** A move is proposed when it gains more than so many standard errors of that gain … */
  gainErrors: number
  /** … and than this share of what the placement costs. */
  gainShare: number
}

export interface PlanRequest {
  graph: CallGraph
  rules: PlanRules
  /** Where components are now. */
  today: Placement
  /** Any whole number; another one may find another plan where several are as good. */
  seed?: number
  /** Steps of search; more find better plans of large graphs. Default: by the size of the graph. */
  effort?: number
}

/** What a placement is predicted to cost with the load that was measured. */
export interface Prediction {
  /** The components' own, calls, and idle processes. */
  cpuMsPerSecond: number
  remoteCallsPerSecond: number
  /** Between processes. */
  bytesPerSecond: number
  processes: number
  memoryBytes: number
  entries: { name: string; requestsPerSecond: number; latencyMs: number }[]
  groups: GroupPrediction[]
  cost: CostTerms
  /** Rules that it breaks, each a sentence. */
  broken: string[]
}

export interface GroupPrediction {
  name: string
  components: string[]
  /** As many as its load needs. */
  replicas: number
  /** Of one replica, 0 to 1 and beyond: the share of a core. */
  utilisation: number
  memoryBytes: number
  /** What work that comes to it waits on average for the event loop. */
  waitMs: number
}

/** All in milliseconds of CPU a second. What components compute themselves is in none: it is the same everywhere. */
export interface CostTerms {
  /** CPU of calls, remote and co-located. */
  calls: number
  /** Hops and waiting on critical paths, by the weight of latency. */
  latency: number
  /** Idle CPU and memory of processes, replicas included. */
  processes: number
  /** For rules that are broken; so high that a plan breaks only what can't be kept. */
  penalty: number
  total: number
}

export interface Plan {
  today: Prediction
  /** Equal to today's, group by group, when there are no moves. */
  proposed: Prediction
  placement: Placement
  moves: Move[]
  /** Why nothing moves, or that something does: one sentence. */
  summary: string
  /** The next best, and why it isn't proposed. */
  runnerUp: { placement: Placement; prediction: Prediction; why: string } | undefined
}

export interface Move {
  /** They go together. */
  components: string[]
  from: string
  /** Name of the group; `isNew` when it doesn't run today. */
  to: string
  isNew: boolean
  /** One sentence, with the figures that decide. */
  reason: string
  /** What taking this move alone out of the plan would cost, in milliseconds of CPU a second. */
  gain: number
}
