/**
 * What comes in each bucket of routing keys. In: what callers tell every few seconds. Out: calls by bucket, older ones counting less and less. Bounded: a
 * component with routing keys takes two tables of 8 KiB.
 */
import { LIMITS } from '../../runtime/limits.ts'
import type { KeyedCalls } from '../../runtime/measure/sample.ts'

/** Of what came before, after each round of reports: the last 16 s count for two thirds. */
const KEPT = 0.7

interface Load {
  now: Float64Array
  lately: Float64Array
}

export class KeyLoad {
  readonly #loads = new Map<string, Load>()

  /** `components`: those that have routing keys; of others nothing is kept. */
  constructor(components: Iterable<string>) {
    for (const name of components)
      this.#loads.set(name, { now: new Float64Array(LIMITS.keyBuckets), lately: new Float64Array(LIMITS.keyBuckets) })
  }

  take(rows: readonly KeyedCalls[]): void {
    for (const { component, buckets } of rows) {
      const load = this.#loads.get(component)
      if (load === undefined) continue
      for (let at = 0; at + 1 < buckets.length; at += 2) load.now[buckets[at]!]! += buckets[at + 1]!
    }
  }

  /** A round of reports is over: `LIMITS.keyedMs` have passed. */
  close(): void {
    for (const { now, lately } of this.#loads.values()) {
      for (let bucket = 0; bucket < now.length; bucket++) lately[bucket] = lately[bucket]! * KEPT + now[bucket]!
      now.fill(0)
    }
  }

  /** Calls by bucket of these components together, in some 16 s. */
  of(components: readonly string[]): Float64Array {
    const sum = new Float64Array(LIMITS.keyBuckets)
    for (const name of components) {
      const lately = this.#loads.get(name)?.lately
      if (lately) for (let bucket = 0; bucket < sum.length; bucket++) sum[bucket]! += lately[bucket]!
    }
    return sum
  }

  /** What a number of `of` is in calls a second. */
  static perSecond(calls: number): number {
    return (calls * (1 - KEPT) * 1_000) / LIMITS.keyedMs
  }
}
