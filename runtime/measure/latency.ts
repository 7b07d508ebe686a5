/**
 * The buckets that durations are counted in, everywhere: four of equal width in each doubling from 256 ns to 69 s, one below and one
 * beyond. A duration that is read back as the middle of its bucket is at most an eighth off, so are percentiles; what is below 256 ns
 * (calls inside a process) counts as half of that. Histograms of several processes or seconds are added bucket by bucket.
 */

const FIRST_NS = 256
const DOUBLINGS = 28
const STEPS = 4

export const LATENCY_BUCKETS = 1 + DOUBLINGS * STEPS + 1

export function bucketOf(ns: number): number {
  const scaled = ns / FIRST_NS
  if (!(scaled >= 1)) return 0
  if (scaled >= 2 ** DOUBLINGS) return LATENCY_BUCKETS - 1
  const doubling = 31 - Math.clz32(scaled)
  return 1 + doubling * STEPS + Math.floor((scaled / 2 ** doubling - 1) * STEPS)
}

/** Where the bucket begins, in nanoseconds; its end is where the next one begins. */
export function bucketStart(bucket: number): number {
  if (bucket <= 0) return 0
  const doubling = Math.floor((bucket - 1) / STEPS)
  return FIRST_NS * 2 ** doubling * (1 + ((bucket - 1) % STEPS) / STEPS)
}

/** What a duration of the bucket is taken for. */
export function bucketMiddle(bucket: number): number {
  const start = bucketStart(bucket)
  return bucket >= LATENCY_BUCKETS - 1 ? start : (start + bucketStart(bucket + 1)) / 2
}

/** The duration in nanoseconds that the share `q` of those counted stays below; undefined where none was counted. */
export function percentile(counts: ArrayLike<number>, q: number): number | undefined {
  let total = 0
  for (let bucket = 0; bucket < counts.length; bucket++) total += counts[bucket]!
  if (total === 0) return undefined
  const rank = Math.max(1, Math.ceil(q * total))
  let passed = 0
  for (let bucket = 0; bucket < counts.length; bucket++) {
    passed += counts[bucket]!
    if (passed >= rank) return bucketMiddle(bucket)
  }
  return undefined
}
