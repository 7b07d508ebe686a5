/**
 * When keys move between replicas that stay. In: owners, calls by bucket, how busy each replica is. Out: other owners, or why they stay as they are. A
 * pure function. What a replica keeps for a key stays behind when the key moves, so nothing moves while nobody is busy, nor for what may be chance.
 */
import { DEPLOYER_LIMITS } from '../limits.ts'
import { balanced, imbalance, type Owners, slotsIn, weightsOf } from './slices.ts'

const { rebalanceBusyMin, rebalanceCallsMin, rebalanceFrom, rebalanceTo } = DEPLOYER_LIMITS

export type Balancing = { imbalance: number } & (
  | { kind: 'even' }
  /** Uneven, and left so: a clause that says why. */
  | { kind: 'held'; why: string }
  | { kind: 'rebalanced'; owners: Owners; after: number }
)

export interface Load {
  /** By bucket. */
  calls: Float64Array
  /** Share of the time in which the slot's event loop is. */
  busy: (slot: number) => number
  /** Of all keys, the share that may change owner. */
  churnMax: number
}

/** Weights of the heaviest are multiples of the mean. */
export function rebalance(owners: Owners, { calls, busy, churnMax }: Load): Balancing {
  const before = imbalance(owners, calls)
  if (slotsIn(owners).length < 2 || before < rebalanceFrom) return { kind: 'even', imbalance: before }
  const heaviest = heaviestOf(owners, calls)
  const held = (why: string): Balancing => ({ kind: 'held', imbalance: before, why })
  if (heaviest.calls < rebalanceCallsMin) return held('so few calls that it may be chance')
  const active = busy(heaviest.slot)
  if (active < rebalanceBusyMin) return held(`its loop is ${Math.round(active * 100)} % busy`)
  const next = balanced(owners, calls, { tolerance: rebalanceTo, churnMax })
  const after = imbalance(next, calls)
  return after < before
    ? { kind: 'rebalanced', imbalance: before, owners: next, after }
    : held('a few keys are too hot for any replica')
}

function heaviestOf(owners: Owners, calls: Float64Array): { slot: number; calls: number } {
  const weights = weightsOf(calls)
  const sums = new Map<number, { weight: number; calls: number }>()
  for (const [bucket, slot] of owners.entries()) {
    const sum = sums.get(slot) ?? { weight: 0, calls: 0 }
    sums.set(slot, sum)
    sum.weight += weights[bucket]!
    sum.calls += calls[bucket]!
  }
  const [slot, { calls: came }] = [...sums].reduce((most, each) => (each[1].weight > most[1].weight ? each : most))
  return { slot, calls: came }
}
