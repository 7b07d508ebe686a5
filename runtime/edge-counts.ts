/**
 * What is counted of the calls of one edge, caller → callee, by method: how many, how many failed, and how long one in `LIMITS.callsPerSample`
 * took. It stays when the callee moves, since a stub has it and not its target. Read by whoever wants the call graph (`App.edges`).
 *
 * A call costs one decrement of `due`, in the generated stub; where that reaches 0, `Stub.$sample` does the rest. So errors are counted
 * where they are seen for nothing: at a call that was looked at, where each stands for as many as there are calls per sample.
 *
 * Hot path: `due` (bench/call.bench.ts).
 */
import { LIMITS } from './limits.ts'

/** From 1 ns to 2^40 ns, 18 minutes; what takes longer is in the last. */
export const LATENCY_BUCKETS = 41

export interface EdgeSample {
  readonly caller: string
  readonly callee: string
  readonly method: string
  /** Since the process began. */
  readonly calls: number
  /** An estimate: those that were seen, times `callsPerSample`. */
  readonly errors: number
  /** How many calls have been timed. */
  readonly timed: number
  /** Of those, how many took from 2^n up to 2^(n+1) nanoseconds, by n. */
  readonly latency: readonly number[]
}

export class EdgeCounts {
  readonly caller: string
  readonly callee: string
  readonly #methods: readonly string[]
  /** By method: calls until one is looked at. */
  readonly due: Uint32Array
  /** By method: calls before the last that was looked at, and it. */
  readonly #counted: Float64Array
  readonly #errors: Float64Array
  readonly #latency: Uint32Array
  /** In milliseconds, with fractions. */
  readonly #now: () => number

  constructor(caller: string, callee: string, methods: readonly string[], now: () => number) {
    this.caller = caller
    this.callee = callee
    this.#methods = methods
    this.due = new Uint32Array(methods.length).fill(LIMITS.callsPerSample)
    this.#counted = new Float64Array(methods.length)
    this.#errors = new Float64Array(methods.length)
    this.#latency = new Uint32Array(methods.length * LATENCY_BUCKETS)
    this.#now = now
  }

  /** The call whose turn it was has come. Gives when. */
  begin(method: number): number {
    this.count(method)
    return this.#now()
  }

  /** The same for a call that isn't timed, because it gives a stream. */
  count(method: number): void {
    this.due[method] = LIMITS.callsPerSample
    this.#counted[method]! += LIMITS.callsPerSample
  }

  end(method: number, begun: number, failed: boolean): void {
    const ns = (this.#now() - begun) * 1e6
    const bucket = ns < 1 ? 0 : Math.min(LATENCY_BUCKETS - 1, Math.floor(Math.log2(ns)))
    this.#latency[method * LATENCY_BUCKETS + bucket]!++
    if (failed) this.#errors[method]! += LIMITS.callsPerSample
  }

  /** Methods that nobody has called are left out. */
  samples(): EdgeSample[] {
    const { caller, callee } = this
    return this.#methods.flatMap((method, index) => {
      const calls = this.#counted[index]! + LIMITS.callsPerSample - this.due[index]!
      if (calls === 0) return []
      const latency = [...this.#latency.subarray(index * LATENCY_BUCKETS, (index + 1) * LATENCY_BUCKETS)]
      const timed = latency.reduce((sum, count) => sum + count, 0)
      return [{ caller, callee, method, calls, errors: this.#errors[index]!, timed, latency }]
    })
  }
}
