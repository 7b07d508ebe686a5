/** Buckets of durations: none is more than an eighth off, and neither is a percentile. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { bucketMiddle, bucketOf, bucketStart, LATENCY_BUCKETS, percentile } from '../../runtime/measure/latency.ts'

const duration = fc.double({ min: Math.log(257), max: Math.log(2 ** 35.9), noNaN: true }).map(Math.exp)

test('a duration is in the bucket that begins before it and ends after it', () => {
  fc.assert(
    fc.property(duration, (ns) => {
      const bucket = bucketOf(ns)
      expect(bucketStart(bucket)).toBeLessThanOrEqual(ns)
      expect(bucketStart(bucket + 1)).toBeGreaterThan(ns)
      expect(Math.abs(bucketMiddle(bucket) - ns) / ns).toBeLessThanOrEqual(0.125)
    }),
  )
})

test('buckets follow each other without a gap', () => {
  for (let bucket = 1; bucket < LATENCY_BUCKETS; bucket++) {
    expect(bucketStart(bucket)).toBeGreaterThan(bucketStart(bucket - 1))
    expect(bucketOf(bucketStart(bucket))).toBe(bucket)
  }
})

test('the shortest and the longest have a bucket too', () => {
  expect([0, -1, Number.NaN, 255].map(bucketOf)).toEqual([0, 0, 0, 0])
  expect([2 ** 36, 1e15, Number.POSITIVE_INFINITY].map(bucketOf)).toEqual(Array(3).fill(LATENCY_BUCKETS - 1))
})

test('a percentile of the buckets is an eighth off the true one at most', () => {
  fc.assert(
    fc.property(
      fc.array(duration, { minLength: 1, maxLength: 500 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (all, q) => {
        const counts = new Uint32Array(LATENCY_BUCKETS)
        for (const ns of all) counts[bucketOf(ns)]!++
        const sorted = [...all].sort((a, b) => a - b)
        const exact = sorted[Math.max(1, Math.ceil(q * all.length)) - 1]!
        expect(Math.abs(percentile(counts, q)! - exact) / exact).toBeLessThanOrEqual(0.125)
      },
    ),
  )
  expect(percentile(new Uint32Array(LATENCY_BUCKETS), 0.5)).toBeUndefined()
})
