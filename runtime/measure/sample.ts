/**
 * What a process tells its deployer once a second: what has happened since it told last. Everything counted is a difference, so whoever adds
 * samples up needs to know nothing of processes that end and come again. Rows are lists of numbers, since there may be thousands; a name is
 * said once a sample, in `names`, and meant by its index.
 */
import type { EdgeDelta } from './edge-counts.ts'
import type { MethodRecord } from './recorder.ts'

export interface Sample {
  /** Milliseconds since the one before. */
  ms: number
  /** Absent where it is the rest of a sample that was too long for one line. */
  process?: ProcessSample
  names: string[]
  /** Calls from other processes that have come to run here; absent where there are none. */
  begun?: number
  /**
   * Of an edge's method: caller, callee, method; calls, errors, variance of errors, remote calls, timed calls, their nanoseconds, sized calls, their
   * bytes there and back; then pairs of a latency bucket and its count. A caller without a name is the world outside.
   */
  edges: number[][]
  /**
   * Of a method whose calls were recorded: component, method; calls, their microseconds, own microseconds; then for each callee component, method,
   * calls, microseconds, microseconds on the critical path.
   */
  methods: number[][]
  /** Component, microseconds of CPU, bytes of heap. */
  components: number[][]
  /** Now and then, of a component that was called by routing key: its name; then pairs of a bucket (runtime/calls/slices.ts) and the calls that were made in it. */
  keyed?: number[][]
}

/** Calls that were made to a component by routing key. */
export interface KeyedCalls {
  readonly component: string
  /** Pairs of a bucket and its calls. */
  readonly buckets: readonly number[]
}

export interface ProcessSample {
  /** Of all threads. */
  cpuUs: number
  /** Share of the time in which the event loop was busy, 0 to 1. */
  active: number
  /** What a timer was late by, in microseconds: what work that arrives waits for the event loop. */
  delayUsP50: number
  delayUsP99: number
  delayUsMax: number
  rssBytes: number
  heapBytes: number
  gcUs: number
  /** CPU that it took to start: until all its components had. */
  startUs: number
}

export interface ComponentSample {
  readonly component: string
  readonly cpuUs: number
  readonly heapBytes: number
}

export interface Taken {
  ms: number
  process: ProcessSample
  begun?: number | undefined
  edges: readonly EdgeDelta[]
  methods: readonly MethodRecord[]
  components: readonly ComponentSample[]
  keyed?: readonly KeyedCalls[] | undefined
}

/** In as many lines as `rowsMax` rows each make. */
export function encodeSamples(taken: Taken, rowsMax: number): Sample[] {
  const { ms, process, begun = 0, edges, methods, components, keyed = [] } = taken
  const samples: Sample[] = []
  for (let from = 0; from === 0 || from < edges.length || from < methods.length; from += rowsMax) {
    const names = new Names()
    const isFirst = from === 0
    samples.push({
      ms: isFirst ? ms : 0,
      ...(isFirst && { process }),
      ...(isFirst && begun > 0 && { begun }),
      names: names.list,
      edges: edges.slice(from, from + rowsMax).map((edge) => edgeRow(edge, names)),
      methods: methods.slice(from, from + rowsMax).map((method) => methodRow(method, names)),
      components: isFirst
        ? components.map(({ component, cpuUs, heapBytes }) => [names.index(component), cpuUs, heapBytes])
        : [],
      ...(isFirst &&
        keyed.length > 0 && { keyed: keyed.map(({ component, buckets }) => [names.index(component), ...buckets]) }),
    })
  }
  return samples
}

class Names {
  readonly list: string[] = []
  readonly #indices = new Map<string, number>()

  index(name: string): number {
    let index = this.#indices.get(name)
    if (index === undefined) {
      index = this.list.push(name) - 1
      this.#indices.set(name, index)
    }
    return index
  }
}

function edgeRow(edge: EdgeDelta, names: Names): number[] {
  const row = [
    names.index(edge.caller),
    names.index(edge.callee),
    names.index(edge.method),
    edge.calls,
    edge.errors,
    edge.errorsVariance,
    edge.remote,
    edge.timed,
    Math.round(edge.timedNs),
    edge.sized,
    edge.requestBytes,
    edge.replyBytes,
  ]
  for (const each of edge.latency) row.push(each)
  return row
}

function methodRow({ component, method, calls, totalMs, ownMs, children }: MethodRecord, names: Names): number[] {
  const row = [names.index(component), names.index(method), calls, micros(totalMs), micros(ownMs)]
  for (const child of children) {
    const { calls: made, totalMs: took, criticalMs } = child
    row.push(names.index(child.component), names.index(child.method), made, micros(took), micros(criticalMs))
  }
  return row
}

const micros = (ms: number) => Math.round(ms * 1000)
