/** Replicas that follow load, against a world in which they take time to start and their loops can't be more than busy. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { DEPLOYER_LIMITS } from '../../deployer/limits.ts'
import { decide, type Remembered } from '../../deployer/scaling/controller.ts'
import type { ReplicaRange } from '../../runtime/configuration.ts'

const { scaleOutBusy, scaleInBusy, scaleToBusy, scaleInSeconds, scaleOutSeconds } = DEPLOYER_LIMITS
const START_SECONDS = 2

interface World {
  range: ReplicaRange
  /** In replicas' worth of work, second by second. */
  load: (second: number) => number
  seconds: number
  first?: number
  spareCores?: number
}

interface Change {
  second: number
  from: number
  to: number
  why: string
}

function simulate({ range, load, seconds, first = range.min, spareCores = 8 }: World): {
  changes: Change[]
  replicas: number[]
} {
  const changes: Change[] = []
  const counts: number[] = []
  let remembered: Remembered = []
  let replicas = first
  let settledAt = 0
  for (let second = 0; second < seconds; second++) {
    const settled = second >= settledAt
    const serving = settled ? replicas : Math.min(replicas, changes.at(-1)?.from ?? replicas)
    const busy = Array.from({ length: serving }, () => Math.min(1, load(second) / serving))
    const decision = decide(remembered, { range, replicas, settled, busy, spareCores })
    remembered = decision.remembered
    if (decision.to !== undefined) {
      changes.push({ second, from: replicas, to: decision.to, why: decision.why })
      settledAt = second + START_SECONDS
      replicas = decision.to
    }
    counts.push(replicas)
  }
  return { changes, replicas: counts }
}

const range = fc
  .tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 20 }))
  .map(([min, more]) => ({ min, max: min + more }))
const load = fc.double({ min: 0, max: 16, noNaN: true })

describe('load that stays', () => {
  test('ends where every loop has room, or where no more is allowed; it gets there on one way', () => {
    fc.assert(
      fc.property(range, load, load, (allowed, before, after) => {
        const steps = (second: number) => (second < 300 ? before : after)
        const { changes, replicas } = simulate({ range: allowed, load: steps, seconds: 900 })
        for (const count of replicas) {
          expect(count).toBeGreaterThanOrEqual(allowed.min)
          expect(count).toBeLessThanOrEqual(allowed.max)
        }
        const last = replicas.at(-1)!
        expect(after / last < scaleOutBusy || last === allowed.max).toBe(true)
        expect(last === allowed.min || after / (last - 1) > scaleInBusy).toBe(true)
        for (const phase of [
          changes.filter(({ second }) => second < 300),
          changes.filter(({ second }) => second >= 300),
        ])
          expect(new Set(phase.map(({ from, to }) => Math.sign(to - from))).size).toBeLessThan(2)
        expect(changes.filter(({ second }) => second >= 300 + 8 * scaleInSeconds)).toEqual([])
      }),
    )
  })

  test('never are there more than the load asks for', () => {
    fc.assert(
      fc.property(range, load, (allowed, after) => {
        const { replicas } = simulate({ range: allowed, load: (second) => (second < 20 ? 0.1 : after), seconds: 300 })
        expect(Math.max(...replicas)).toBeLessThanOrEqual(Math.max(allowed.min, Math.ceil(after / scaleToBusy + 1e-9)))
      }),
    )
  })

  test('that wavers by a tenth is followed outwards at most, once it is near the bound', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.2, max: 12, noNaN: true }), fc.nat(), (mean, seed) => {
        let state = (seed % 2_147_483_646) + 1
        const noise = () => {
          state = (state * 16_807) % 2_147_483_647
          return 0.9 + (0.2 * state) / 2_147_483_647
        }
        const { changes } = simulate({ range: { min: 1, max: 32 }, load: () => mean * noise(), seconds: 1_800 })
        const late = changes.filter(({ second }) => second > 300)
        expect(late.length).toBeLessThan(2)
        expect(changes.filter(({ from, to }) => to < from)).toEqual([])
      }),
      { numRuns: 50 },
    )
  })
})

test('a step to eight times as much has its replicas in half a minute, and loses them again', () => {
  const { changes } = simulate({
    range: { min: 1, max: 10 },
    load: (second) => (second >= 60 && second < 200 ? 4 : 0.5),
    seconds: 500,
  })
  expect(changes.map(({ second, to, why }) => [second, to, why])).toEqual([
    [64, 2, 'loop 100 % busy for 5 s'],
    [70, 4, 'loop 100 % busy for 5 s'],
    [76, 7, 'loop 100 % busy for 5 s'],
    // Of the five seconds before that, three were before the load went.
    [226, 5, 'loop at most 37 % busy for 30 s'],
    [257, 3, 'loop at most 10 % busy for 30 s'],
    [288, 2, 'loop at most 17 % busy for 30 s'],
    [319, 1, 'loop at most 25 % busy for 30 s'],
  ])
})

test('a peak of a few seconds is none', () => {
  const { changes } = simulate({
    range: { min: 1, max: 4 },
    load: (second) => (second % 20 < scaleOutSeconds - 1 ? 1 : 0.6),
    seconds: 600,
  })
  expect(changes).toEqual([])
})

describe('why nothing changes', () => {
  const busy = Array.from({ length: scaleOutSeconds }, () => 0.93)
  test('there are as many as there may be', () => {
    const seen = { range: { min: 1, max: 2 }, replicas: 2, settled: true, busy: [0.93, 0.93], spareCores: 8 }
    expect(decide(busy, seen)).toMatchObject({
      to: undefined,
      why: 'loop 93 % busy for 6 s; 2 is the most that it may have',
    })
  })

  test('another replica would have no core', () => {
    const seen = { range: { min: 1, max: 4 }, replicas: 2, settled: true, busy: [0.93, 0.93], spareCores: 0.1 }
    expect(decide(busy, seen).why).toBe('loop 93 % busy for 6 s; the machine has no core to spare for another')
  })

  test('those that were asked for are not there yet', () => {
    const seen = { range: { min: 1, max: 4 }, replicas: 2, settled: false, busy: [1], spareCores: 8 }
    expect(decide(busy, seen)).toEqual({ remembered: [], to: undefined, why: '' })
  })
})

test('what is remembered is bounded', () => {
  let remembered: Remembered = []
  const seen = { range: { min: 1, max: 4 }, replicas: 2, settled: true, busy: [0.7, 0.6], spareCores: 8 }
  for (let second = 0; second < 1_000; second++) remembered = decide(remembered, seen).remembered
  expect(remembered).toHaveLength(scaleInSeconds)
})
