/**
 * When keys move between replicas that stay. In: owners, calls by bucket, how busy each replica is. Out: other owners and why, or nothing. A pure
 * function. What a replica keeps for a key stays behind when the key moves, so nothing moves while nobody is busy, nor for what may be chance.
 */
import { DEPLOYER_LIMITS } from '../limits.ts'
import { balanced, imbalance, type Owners, slotsIn, weightsOf } from './slices.ts'

const { rebalanceBusyMin, rebalanceCallsMin, rebalanceFrom, rebalanceTo, rebalanceKeysMax } = DEPLOYER_LIMITS

export interface Rebalanced {
  owners: Owners
  /** Weight of the heaviest, as a multiple of the mean. */
  before: number
  after: number
}

/** `busy`: share of the time in which the slot's event loop is. */
export function rebalance(owners: Owners, calls: Float64Array, busy: (slot: number) => number): Rebalanced | undefined {
  if (slotsIn(owners).length < 2) return undefined
  const before = imbalance(owners, calls)
  if (before < rebalanceFrom) return undefined
  const heaviest = heaviestOf(owners, calls)
  if (heaviest.calls < rebalanceCallsMin || busy(heaviest.slot) < rebalanceBusyMin) return undefined
  const next = balanced(owners, calls, { tolerance: rebalanceTo, churnMax: rebalanceKeysMax })
  const after = imbalance(next, calls)
  // Where a single bucket is too hot, nothing helps.
  return after < before ? { owners: next, before, after } : undefined
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
