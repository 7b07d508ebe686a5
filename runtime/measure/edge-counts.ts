/**
 * What is counted of the calls of one edge, caller → callee, by method. It stays when the callee moves, since a stub has it and not its
 * target. Read by whoever wants the call graph: `App.edges` as totals, measure/sampler.ts as what came since it asked last.
 *
 *   calls    all of them
 *   errors   all of the remote ones; of those inside the process the ones that were looked at, each standing for the calls since the last
 *            look. `errorsVariance` says how far off that is: 0 where every call is looked at, as where there are few
 *   latency  of calls that were looked at
 *   bytes    all of the remote ones, without frames; inside the process what a few would have taken (measure/sizes.ts)
 *
 * A call costs one decrement of `due`, in the generated stub; where that reaches 0, measure/look.ts does the rest. How many calls are let
 * pass until then is drawn anew each time, so that callers with a rhythm don't always show the same call.
 *
 * Hot path: `due` (bench/call.bench.ts).
 */
import type { Method } from '../boundary.ts'
import { LIMITS } from '../limits.ts'
import { bucketOf, LATENCY_BUCKETS } from './latency.ts'
import type { Recorder } from './recorder.ts'
import type { Sizes } from './sizes.ts'

/** Of one method of an edge. */
export interface EdgeSample {
  readonly caller: string
  readonly callee: string
  readonly method: string
  readonly calls: number
  readonly errors: number
  readonly errorsVariance: number
  /** Calls that left the process. */
  readonly remote: number
  /** Calls whose time is in `latency`, and their time together in nanoseconds. */
  readonly timed: number
  readonly timedNs: number
  /** Calls whose bytes are in the two sums that follow. */
  readonly sized: number
  readonly requestBytes: number
  readonly replyBytes: number
  /** Calls that took so long, by bucket (measure/latency.ts). */
  readonly latency: readonly number[]
}

/** What has come to it in a while. Of `latency` there are only buckets in which there is something: pairs of one and its count. */
export type EdgeDelta = EdgeSample

const FIELDS = [
  'errors',
  'errorsVariance',
  'remote',
  'timed',
  'timedNs',
  'sized',
  'requestBytes',
  'replyBytes',
] as const
const [ERRORS, VARIANCE, REMOTE, TIMED, TIMED_NS, SIZED, REQUEST_BYTES, REPLY_BYTES] = [0, 1, 2, 3, 4, 5, 6, 7]
const WIDTH = FIELDS.length

/** What edges of a process share, where somebody wants to know more than counts. */
export interface Observer {
  readonly sizes: Sizes
  readonly recorder: Recorder
}

/** Of a method, as much as is needed here. */
export type CountedMethod = Pick<Method, 'name' | 'encodeArguments' | 'encodeResult'>

export class EdgeCounts {
  readonly caller: string
  readonly callee: string
  readonly methods: readonly CountedMethod[]
  /** By method: calls until one is looked at. */
  readonly due: Uint32Array
  /** Every call to be made now stays in this process. Set by the linker. */
  isLocal = false
  /** In milliseconds, with fractions. */
  readonly now: () => number
  readonly #observer: () => Observer | undefined
  /** By method: calls that the next look stands for, and how many it does on average. */
  readonly #gap: Uint32Array
  readonly #period: Uint32Array
  /** By method: calls before that gap. */
  readonly #counted: Float64Array
  /** By method: since when looks and calls are counted to find the right period. */
  readonly #sinceMs: Float64Array
  readonly #sinceCalls: Float64Array
  readonly #looks: Uint32Array
  /** By method, `WIDTH` fields each. */
  readonly #sums: Float64Array
  readonly #latency: (Uint32Array | undefined)[] = []
  /** What `take` has given away. */
  readonly #takenCalls: Float64Array
  readonly #takenSums: Float64Array
  readonly #takenLatency: (Uint32Array | undefined)[] = []
  #armed = 0
  /** Since it was armed. */
  #armedLooks = 0
  #draw = 1

  constructor(
    caller: string,
    callee: string,
    methods: readonly CountedMethod[],
    now: () => number,
    observer: () => Observer | undefined = () => undefined,
  ) {
    const { length } = methods
    this.caller = caller
    this.callee = callee
    this.methods = methods
    this.now = now
    this.#observer = observer
    this.due = new Uint32Array(length).fill(1)
    this.#gap = new Uint32Array(length).fill(1)
    this.#period = new Uint32Array(length).fill(1)
    this.#counted = new Float64Array(length)
    this.#sinceMs = new Float64Array(length).fill(now())
    this.#sinceCalls = new Float64Array(length)
    this.#looks = new Uint32Array(length)
    this.#sums = new Float64Array(length * WIDTH)
    this.#takenCalls = new Float64Array(length)
    this.#takenSums = new Float64Array(length * WIDTH)
  }

  get observer(): Observer | undefined {
    return this.#observer()
  }

  /** The call whose turn it was has come. Gives the number of calls that it stands for. */
  look(method: number, now: number): number {
    const stoodFor = this.#gap[method]!
    this.#counted[method]! += stoodFor
    const every = this.#armed > 0 && ++this.#armedLooks <= LIMITS.armedLooksMax
    this.#begin(method, every ? 1 : this.#nextGap(method, now))
    return stoodFor
  }

  #begin(method: number, gap: number): void {
    this.#gap[method] = gap
    this.due[method] = gap
  }

  #nextGap(method: number, now: number): number {
    const looks = ++this.#looks[method]!
    const elapsedMs = now - this.#sinceMs[method]!
    if (elapsedMs >= WINDOW_MS) this.#measureRate(method, now, elapsedMs)
    else if (looks > 2 * LIMITS.looksPerSecond) {
      // Far more calls than there were: no use in waiting for the second to end.
      this.#period[method] = Math.min(this.#period[method]! * 2, LIMITS.callsPerLook)
      this.#looks[method] = 0
    }
    const period = this.#period[method]!
    return period === 1 ? 1 : 1 + (this.#random() % (2 * period - 1))
  }

  #measureRate(method: number, now: number, elapsedMs: number): void {
    const calls = this.#counted[method]!
    const perSecond = ((calls - this.#sinceCalls[method]!) * 1000) / elapsedMs
    this.#period[method] = Math.max(1, Math.min(Math.ceil(perSecond / LIMITS.looksPerSecond), LIMITS.callsPerLook))
    this.#sinceMs[method] = now
    this.#sinceCalls[method] = calls
    this.#looks[method] = 0
  }

  /** A few bits of a linear congruence: calls don't follow it, which is all that is asked for. */
  #random(): number {
    this.#draw = (Math.imul(this.#draw, 1_664_525) + 1_013_904_223) >>> 0
    return this.#draw >>> 8
  }

  /** The next call is looked at. */
  #lookAtNext(method: number): void {
    this.#counted[method]! += this.#gap[method]! - this.due[method]!
    this.#begin(method, 1)
  }

  /** Until `disarm`, as often called, every call is looked at: one that is being recorded may be its caller. */
  arm(): void {
    if (this.#armed++ > 0) return
    this.#armedLooks = 0
    for (let method = 0; method < this.due.length; method++) this.#lookAtNext(method)
  }

  /** There were so many calls since it was armed that not every one was looked at. */
  get isOverrun(): boolean {
    return this.#armedLooks > LIMITS.armedLooksMax
  }

  disarm(): void {
    this.#armed--
  }

  calls(method: number): number {
    return this.#counted[method]! + this.#gap[method]! - this.due[method]!
  }

  /** A call that was looked at has ended. */
  timed(method: number, ns: number): void {
    this.#sums[method * WIDTH + TIMED]!++
    this.#sums[method * WIDTH + TIMED_NS]! += ns
    this.#latency[method] ??= new Uint32Array(LATENCY_BUCKETS)
    this.#latency[method][bucketOf(ns)]!++
  }

  /** A call inside the process has failed that was looked at. */
  failedOf(method: number, stoodFor: number): void {
    this.#sums[method * WIDTH + ERRORS]! += stoodFor
    this.#sums[method * WIDTH + VARIANCE]! += stoodFor * (stoodFor - 1)
  }

  /** It is known what a call inside the process would take. */
  sized(method: number, requestBytes: number, replyBytes: number): void {
    this.#sums[method * WIDTH + SIZED]!++
    this.#sums[method * WIDTH + REQUEST_BYTES]! += requestBytes
    this.#sums[method * WIDTH + REPLY_BYTES]! += replyBytes
  }

  /** A call leaves the process. */
  left(method: number): void {
    this.#sums[method * WIDTH + REMOTE]!++
    this.#sums[method * WIDTH + SIZED]!++
  }

  remote(method: number): number {
    return this.#sums[method * WIDTH + REMOTE]!
  }

  /** For each attempt. */
  sent(method: number, bytes: number): void {
    this.#sums[method * WIDTH + REQUEST_BYTES]! += bytes
  }

  received(method: number, bytes: number): void {
    this.#sums[method * WIDTH + REPLY_BYTES]! += bytes
  }

  /** One that was to leave the process, or did. */
  failed(method: number): void {
    this.#sums[method * WIDTH + ERRORS]!++
  }

  /** All that was counted since the process began. Methods that nobody has called are left out. */
  samples(): EdgeSample[] {
    return this.methods.flatMap((_, method) => {
      const calls = this.calls(method)
      if (calls === 0) return []
      return [this.#sample(method, calls, (field) => this.#sums[field]!, [...(this.#latency[method] ?? NO_LATENCY)])]
    })
  }

  #sample(method: number, calls: number, sum: (field: number) => number, latency: number[]): EdgeSample {
    const { caller, callee } = this
    const fields = Object.fromEntries(FIELDS.map((name, field) => [name, sum(method * WIDTH + field)]))
    const { name } = this.methods[method]!
    return { caller, callee, method: name, calls, ...(fields as Record<(typeof FIELDS)[number], number>), latency }
  }

  /** What was counted since it was asked last. Methods of which there is nothing are left out. */
  take(now: number): EdgeDelta[] {
    const taken: EdgeDelta[] = []
    for (let method = 0; method < this.methods.length; method++) {
      // A method that was called often, and no more, would wait long for its next look.
      if (this.#period[method]! > 1 && now - this.#sinceMs[method]! > 2 * WINDOW_MS) this.#slacken(method, now)
      if (this.#changed(method)) taken.push(this.#take(method))
    }
    return taken
  }

  #slacken(method: number, now: number): void {
    this.#lookAtNext(method)
    this.#measureRate(method, now, now - this.#sinceMs[method]!)
  }

  #changed(method: number): boolean {
    if (this.calls(method) !== this.#takenCalls[method]) return true
    for (let field = method * WIDTH; field < (method + 1) * WIDTH; field++) {
      if (this.#sums[field] !== this.#takenSums[field]) return true
    }
    return false
  }

  /** Written out: there may be thousands each second. */
  #take(method: number): EdgeDelta {
    const calls = this.calls(method)
    const since = calls - this.#takenCalls[method]!
    this.#takenCalls[method] = calls
    return {
      caller: this.caller,
      callee: this.callee,
      method: this.methods[method]!.name,
      calls: since,
      errors: this.#takeSum(method, ERRORS),
      errorsVariance: this.#takeSum(method, VARIANCE),
      remote: this.#takeSum(method, REMOTE),
      timed: this.#takeSum(method, TIMED),
      timedNs: this.#takeSum(method, TIMED_NS),
      sized: this.#takeSum(method, SIZED),
      requestBytes: this.#takeSum(method, REQUEST_BYTES),
      replyBytes: this.#takeSum(method, REPLY_BYTES),
      latency: this.#takeLatency(method),
    }
  }

  #takeSum(method: number, field: number): number {
    const at = method * WIDTH + field
    const since = this.#sums[at]! - this.#takenSums[at]!
    this.#takenSums[at] = this.#sums[at]!
    return since
  }

  #takeLatency(method: number): number[] {
    const latency = this.#latency[method]
    if (latency === undefined) return []
    this.#takenLatency[method] ??= new Uint32Array(LATENCY_BUCKETS)
    const taken = this.#takenLatency[method]
    const pairs: number[] = []
    for (let bucket = 0; bucket < LATENCY_BUCKETS; bucket++) {
      const since = latency[bucket]! - taken[bucket]!
      if (since === 0) continue
      pairs.push(bucket, since)
      taken[bucket] = latency[bucket]!
    }
    return pairs
  }
}

const WINDOW_MS = 1000
const NO_LATENCY = new Uint32Array(LATENCY_BUCKETS)
