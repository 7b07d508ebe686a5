/** Who owns which keys: what a change of replicas, or of load, moves and what it leaves alone. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  balanced,
  changedShare,
  equalOwners,
  fromRuns,
  imbalance,
  type Owners,
  ownedBy,
  slicesOf,
  slotsIn,
  toRuns,
  withOne,
  without,
} from '../../deployer/keys/slices.ts'
import { bucketOf, hashKey, ownerTable } from '../../runtime/calls/slices.ts'
import { LIMITS } from '../../runtime/limits.ts'

const BUCKETS = LIMITS.keyBuckets
const NO_CALLS = new Float64Array(BUCKETS)
const BALANCE = { tolerance: 1.15, churnMax: 0.1 }

/** Calls by bucket: even, or as keys of which few are hot. */
const calls: fc.Arbitrary<Float64Array> = fc.oneof(
  fc.constant(NO_CALLS),
  fc
    .record({ hot: fc.array(fc.nat(BUCKETS - 1), { maxLength: 30 }), times: fc.integer({ min: 1, max: 500 }) })
    .map(({ hot, times }) => {
      const loads = new Float64Array(BUCKETS).fill(1)
      for (const bucket of hot) loads[bucket]! += times
      return loads
    }),
)

function keysOf(owners: Owners, slot: number): number {
  return owners.filter((owner) => owner === slot).length
}

function movedBetweenStayers(before: Owners, after: Owners, changed: number): number {
  let moved = 0
  for (let bucket = 0; bucket < BUCKETS; bucket++)
    if (before[bucket] !== after[bucket] && before[bucket] !== changed && after[bucket] !== changed) moved++
  return moved
}

describe('replicas come and go', () => {
  test('of even load at most 1.2/n of the keys change their owner, and never between two that stay', () => {
    const steps = fc.array(fc.boolean(), { minLength: 1, maxLength: 60 })
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 24 }), steps, (first, grows) => {
        let owners = equalOwners(first)
        for (const joins of grows) {
          const slots = slotsIn(owners).length
          if (!joins && slots === 1) continue
          const slot = joins ? slots : slots - 1
          const next = joins ? withOne(owners, slot, NO_CALLS) : without(owners, slot, NO_CALLS)
          const more = joins ? slots + 1 : slots
          expect(changedShare(owners, next)).toBeLessThanOrEqual(1.2 / more)
          expect(changedShare(owners, next)).toBeGreaterThan(0.85 / more)
          expect(movedBetweenStayers(owners, next, slot)).toBe(0)
          owners = next
        }
        const share = BUCKETS / slotsIn(owners).length
        for (const slot of slotsIn(owners)) expect(keysOf(owners, slot) / share).toBeLessThan(1.2)
      }),
      { numRuns: 50 },
    )
  })

  test('whatever the load, who joins gets no more, and of who leaves nothing else moves', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 20 }), calls, (slots, loads) => {
        const owners = balanced(equalOwners(slots), loads, BALANCE)
        const joined = withOne(owners, slots, loads)
        expect(changedShare(owners, joined)).toBeLessThanOrEqual(1.2 / (slots + 1))
        expect(movedBetweenStayers(owners, joined, slots)).toBe(0)
        const left = without(joined, slots, loads)
        expect(changedShare(joined, left)).toBe(keysOf(joined, slots) / BUCKETS)
        expect(slotsIn(left)).toEqual(slotsIn(owners))
      }),
      { numRuns: 100 },
    )
  })

  test('that holds whatever the load was, and however often it was evened out', () => {
    const steps = fc.array(fc.boolean(), { minLength: 1, maxLength: 8 })
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 12 }),
        steps,
        fc.array(calls, { minLength: 8, maxLength: 8 }),
        (...given) => {
          const [first, grows, loads] = given
          let owners = equalOwners(first)
          for (const [at, joins] of grows.entries()) {
            for (let round = 0; round < 4; round++) owners = balanced(owners, loads[at]!, BALANCE)
            const slots = slotsIn(owners).length
            if (!joins && slots === 1) continue
            const slot = joins ? slots : slots - 1
            const next = joins ? withOne(owners, slot, loads[at]!) : without(owners, slot, loads[at]!)
            expect(changedShare(owners, next)).toBeLessThanOrEqual(1.2 / (joins ? slots + 1 : slots))
            owners = next
          }
        },
      ),
      { numRuns: 100 },
    )
  })

  test('who joins takes of the load what is fair, where buckets are small enough', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), (slots) => {
        const owners = withOne(equalOwners(slots), slots, NO_CALLS)
        expect(keysOf(owners, slots)).toBeGreaterThan((BUCKETS / (slots + 1)) * 0.85)
      }),
    )
  })

  test('slices stay few however often they come and go', () => {
    let owners = equalOwners(4)
    for (let round = 0; round < 200; round++) {
      owners = withOne(owners, 4, NO_CALLS)
      owners = without(owners, 4, NO_CALLS)
    }
    expect(slicesOf(owners).length).toBeLessThanOrEqual(40)
  })
})

describe('load', () => {
  test('nothing moves while it is even enough', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), fc.nat(), (slots, seed) => {
        const loads = Float64Array.from(
          { length: BUCKETS },
          (_, bucket) => 0.5 + hashKey(`${seed} ${bucket}`) / 2 ** 32,
        )
        const owners = equalOwners(slots)
        expect(balanced(owners, loads, { ...BALANCE, tolerance: 1.2 })).toEqual(owners)
      }),
      { numRuns: 30 },
    )
  })

  test('what is asked for moves no more than it may, and makes the heaviest lighter', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 20 }), calls, (slots, loads) => {
        const owners = equalOwners(slots)
        const next = balanced(owners, loads, BALANCE)
        expect(changedShare(owners, next)).toBeLessThanOrEqual(BALANCE.churnMax)
        expect(imbalance(next, loads)).toBeLessThanOrEqual(imbalance(owners, loads) + 1e-9)
        expect(slotsIn(next)).toEqual(slotsIn(owners))
      }),
      { numRuns: 100 },
    )
  })

  test('a hot range is split until all have their share; then nothing moves any more', () => {
    const loads = new Float64Array(BUCKETS).fill(1).fill(40, 0, 100)
    let owners = equalOwners(4)
    let rounds = 0
    for (let next = owners; rounds < 20; rounds++) {
      next = balanced(owners, loads, BALANCE)
      if (changedShare(owners, next) === 0) break
      owners = next
    }
    expect(imbalance(equalOwners(4), loads)).toBeGreaterThan(3)
    expect(imbalance(owners, loads)).toBeLessThanOrEqual(1.15)
    expect(rounds).toBeLessThan(5)
    expect(slicesOf(owners).length).toBeLessThan(24)
  })

  test('one bucket that is too hot for anybody is left alone, and of the rest leaves its owner what others may get', () => {
    const loads = new Float64Array(BUCKETS).fill(1)
    loads[700] = 5_000
    let owners = equalOwners(4)
    for (let round = 0; round < 20; round++) owners = balanced(owners, loads, BALANCE)
    const owner = owners[700]!
    expect(keysOf(owners, owner)).toBe(BUCKETS - 3 * Math.floor((BUCKETS / 4) * 1.2))
    const others = slotsIn(owners).filter((slot) => slot !== owner)
    expect(balanced(owners, loads, BALANCE)).toEqual(owners)
    for (const slot of others) expect(keysOf(owners, slot)).toBeGreaterThan(250)
  })
})

test('callers make the same table of it', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 20 }), calls, fc.nat(19), (slots, loads, down) => {
      const owners = balanced(withOne(equalOwners(slots), slots, loads), loads, BALANCE)
      expect(fromRuns(toRuns(owners))).toEqual(owners)
      const replicas = slotsIn(owners).map((slot) => ({ slot, slots: slots + 1, owns: ownedBy(owners, slot) }))
      const all = ownerTable(
        replicas,
        replicas.map(() => true),
      )
      expect([...all]).toEqual([...owners])
      // While one is down only what it owns is served by others, and by all of them.
      const gone = down % (slots + 1)
      const table = ownerTable(
        replicas,
        replicas.map(({ slot }) => slot !== gone),
      )
      const heirs = new Set<number>()
      for (let bucket = 0; bucket < BUCKETS; bucket++) {
        expect(table[bucket]).not.toBe(gone)
        if (owners[bucket] === gone) heirs.add(table[bucket]!)
        else expect(table[bucket]).toBe(owners[bucket])
      }
      if (keysOf(owners, gone) > 40 * slots) expect(heirs.size).toBe(slots)
    }),
    { numRuns: 60 },
  )
})

test('users with ordinary names spread over buckets', () => {
  const counts = new Float64Array(BUCKETS)
  for (let user = 0; user < 100 * BUCKETS; user++) counts[bucketOf(hashKey(`user-${user}`))]!++
  expect(Math.max(...counts)).toBeLessThan(160)
  expect(Math.min(...counts)).toBeGreaterThan(50)
})
