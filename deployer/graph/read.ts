/**
 * A process's sample as the store takes it (runtime/measure/sample.ts has what is sent). In: what the process said. Out: rows with names, or
 * undefined where it isn't a sample; then nothing of it counts.
 */
import { LIMITS } from '../../runtime/limits.ts'
import { LATENCY_BUCKETS } from '../../runtime/measure/latency.ts'
import type { ProbeResult } from '../../runtime/measure/probe.ts'
import type { ComponentSample, KeyedCalls, ProcessSample } from '../../runtime/measure/sample.ts'

export interface ReadSample {
  ms: number
  process: ProcessSample | undefined
  begun: number
  edges: EdgeRow[]
  methods: MethodRow[]
  components: ComponentSample[]
  keyed: KeyedCalls[]
}

export interface EdgeRow extends EdgeSums {
  caller: string
  callee: string
  method: string
  /** Pairs of a bucket and its count. */
  latency: readonly number[]
}

export interface EdgeSums {
  calls: number
  errors: number
  errorsVariance: number
  remote: number
  timed: number
  timedNs: number
  sized: number
  requestBytes: number
  replyBytes: number
}

export interface MethodRow {
  component: string
  method: string
  calls: number
  totalUs: number
  ownUs: number
  children: ChildRow[]
}

export interface ChildRow {
  component: string
  method: string
  calls: number
  totalUs: number
  criticalUs: number
}

export function readSample(value: unknown): ReadSample | undefined {
  try {
    return sampleOf(new Row([value]).object())
  } catch (thrown) {
    if (thrown === MALFORMED) return undefined
    throw thrown
  }
}

export function readProbe(value: object): ProbeResult | undefined {
  try {
    return probeOf(value as Record<string, unknown>)
  } catch (thrown) {
    if (thrown === MALFORMED) return undefined
    throw thrown
  }
}

const MALFORMED = Symbol('malformed')

/** What is left of a list that comes from another process. Each step takes the next value, or throws `MALFORMED`. */
class Row {
  readonly #values: readonly unknown[]
  readonly #names: readonly unknown[]
  #next = 0

  constructor(values: unknown, names: readonly unknown[] = []) {
    if (!Array.isArray(values)) throw MALFORMED
    this.#values = values
    this.#names = names
  }

  get left(): number {
    return this.#values.length - this.#next
  }

  amount(): number {
    const value = this.#values[this.#next++]
    if (typeof value !== 'number' || !(value >= 0 && value <= Number.MAX_SAFE_INTEGER)) throw MALFORMED
    return value
  }

  name(): string {
    const name = this.#names[this.amount()]
    if (typeof name !== 'string') throw MALFORMED
    return name
  }

  object(): Record<string, unknown> {
    const value = this.#values[this.#next++]
    if (typeof value !== 'object' || value === null) throw MALFORMED
    return value as Record<string, unknown>
  }

  /** Rows that are left, each read by `read`. */
  rows<T>(read: (row: Row) => T): T[] {
    return this.#values.map((values) => {
      const row = new Row(values, this.#names)
      const result = read(row)
      if (row.left > 0) throw MALFORMED
      return result
    })
  }
}

function sampleOf(value: Record<string, unknown>): ReadSample {
  const { ms, process, begun = 0, names } = value
  if (!Array.isArray(names)) throw MALFORMED
  return {
    ms: new Row([ms]).amount(),
    process: process === undefined ? undefined : processOf(new Row([process]).object()),
    begun: new Row([begun]).amount(),
    edges: new Row(value.edges, names).rows(edgeOf),
    methods: new Row(value.methods, names).rows(methodOf),
    components: new Row(value.components, names).rows((row) => ({
      component: row.name(),
      cpuUs: row.amount(),
      heapBytes: row.amount(),
    })),
    keyed: value.keyed === undefined ? [] : new Row(value.keyed, names).rows(keyedOf),
  }
}

function keyedOf(row: Row): KeyedCalls {
  const component = row.name()
  const buckets: number[] = []
  while (row.left > 0) {
    const bucket = row.amount()
    if (!Number.isInteger(bucket) || bucket >= LIMITS.keyBuckets) throw MALFORMED
    buckets.push(bucket, row.amount())
  }
  return { component, buckets }
}

function processOf(value: Record<string, unknown>): ProcessSample {
  const amount = (name: keyof ProcessSample) => new Row([value[name]]).amount()
  return {
    cpuUs: amount('cpuUs'),
    active: amount('active'),
    delayUsP50: amount('delayUsP50'),
    delayUsP99: amount('delayUsP99'),
    delayUsMax: amount('delayUsMax'),
    rssBytes: amount('rssBytes'),
    heapBytes: amount('heapBytes'),
    gcUs: amount('gcUs'),
    startUs: amount('startUs'),
  }
}

function probeOf(value: Record<string, unknown>): ProbeResult {
  const amount = (name: keyof ProbeResult) => new Row([value[name]]).amount()
  return {
    callerUs: amount('callerUs'),
    calleeUs: amount('calleeUs'),
    callerKibUs: amount('callerKibUs'),
    calleeKibUs: amount('calleeKibUs'),
    roundTripUs: amount('roundTripUs'),
    localUs: amount('localUs'),
    spread: amount('spread'),
  }
}

function edgeOf(row: Row): EdgeRow {
  const edge = {
    caller: row.name(),
    callee: row.name(),
    method: row.name(),
    calls: row.amount(),
    errors: row.amount(),
    errorsVariance: row.amount(),
    remote: row.amount(),
    timed: row.amount(),
    timedNs: row.amount(),
    sized: row.amount(),
    requestBytes: row.amount(),
    replyBytes: row.amount(),
  }
  const latency: number[] = []
  while (row.left > 0) {
    const bucket = row.amount()
    if (!Number.isInteger(bucket) || bucket >= LATENCY_BUCKETS) throw MALFORMED
    latency.push(bucket, row.amount())
  }
  return { ...edge, latency }
}

function methodOf(row: Row): MethodRow {
  const method = {
    component: row.name(),
    method: row.name(),
    calls: row.amount(),
    totalUs: row.amount(),
    ownUs: row.amount(),
  }
  const children: ChildRow[] = []
  while (row.left > 0) {
    children.push({
      component: row.name(),
      method: row.name(),
      calls: row.amount(),
      totalUs: row.amount(),
      criticalUs: row.amount(),
    })
  }
  return { ...method, children }
}
