/**
 * Which replica owns which routing keys, and how that changes. In: owners by bucket (runtime/calls/slices.ts), what calls come in each. Out: other
 * owners. Pure functions; nothing here knows of processes. A change moves as little as it can, since what a replica keeps for a key
 * stays behind:
 *
 *   without   a replica leaves: what it owned goes to the others, nothing else moves
 *   withOne   a replica joins: each of the others gives it some, nothing moves between them
 *   balanced  one has more to do than its share: hot buckets go to who has least, a bounded number at a time
 *
 * Slices split where a part of one moves, and merge by themselves where neighbours come to one owner.
 */

import { equalShare, type OwnedSlices } from '../../runtime/calls/slices.ts'
import { LIMITS } from '../../runtime/limits.ts'

const BUCKETS = LIMITS.keyBuckets

/** By bucket, the slot that owns it. */
export type Owners = Uint8Array

/** Runs of buckets: a slot, and how many buckets in a row it owns. Plain data, for what is kept of a group. */
export type SliceRuns = readonly number[]

export function equalOwners(slots: number): Owners {
  const owners = new Uint8Array(BUCKETS)
  for (let slot = 0; slot < slots; slot++) {
    const [first, count] = equalShare(slot, slots) as [number, number]
    owners.fill(slot, first, first + count)
  }
  return owners
}

export function toRuns(owners: Owners): SliceRuns {
  return slicesOf(owners).flatMap(({ slot, from, to }) => [slot, to - from])
}

/** Undefined when that is no partition: another version has written it. */
export function fromRuns(runs: SliceRuns): Owners | undefined {
  const owners = new Uint8Array(BUCKETS)
  let at = 0
  for (let index = 0; index + 1 < runs.length; index += 2) {
    const count = runs[index + 1]!
    owners.fill(runs[index]!, at, at + count)
    at += count
  }
  return at === BUCKETS ? owners : undefined
}

export interface Slice {
  slot: number
  /** Buckets, the last one not included. */
  from: number
  to: number
}

export function slicesOf(owners: Owners): Slice[] {
  const slices: Slice[] = []
  for (let from = 0, to = 1; from < BUCKETS; from = to, to++) {
    while (to < BUCKETS && owners[to] === owners[from]) to++
    slices.push({ slot: owners[from]!, from, to })
  }
  return slices
}

/** For a route. */
export function ownedBy(owners: Owners, slot: number): OwnedSlices {
  return slicesOf(owners).flatMap((slice) => (slice.slot === slot ? [slice.from, slice.to - slice.from] : []))
}

export function slotsIn(owners: Owners): number[] {
  return [...new Set(owners)].sort((a, b) => a - b)
}

/** By how much of the weight of a bucket its keys count, and not the calls in them: what replicas hold for keys that are seldom called takes memory too. */
const KEYS_SHARE = 0.1

/** By bucket. `calls` in any unit; without any, all buckets weigh the same. */
export function weightsOf(calls: Float64Array): Float64Array {
  const sum = calls.reduce((total, each) => total + each, 0)
  const ofKeys = (sum === 0 ? 1 : (sum * KEYS_SHARE) / (1 - KEYS_SHARE)) / BUCKETS
  return calls.map((each) => each + ofKeys)
}

/** Of the keys that one replica owns when all own as many, the multiple that it may get: all that it owns changes owner when it leaves. */
const KEYS_OWNED_MAX = 1.2

class Draft {
  readonly owners: Owners
  readonly weights: Float64Array
  /** By slot. */
  readonly sums = new Map<number, number>()
  /** By slot, how many buckets. */
  readonly keys = new Map<number, number>()

  constructor(owners: Owners, weights: Float64Array) {
    this.owners = owners.slice()
    this.weights = weights
    for (const [bucket, slot] of owners.entries()) {
      this.sums.set(slot, (this.sums.get(slot) ?? 0) + weights[bucket]!)
      this.keys.set(slot, (this.keys.get(slot) ?? 0) + 1)
    }
  }

  give(from: number, to: number, slot: number): void {
    for (let bucket = from; bucket < to; bucket++) {
      const weight = this.weights[bucket]!
      const owner = this.owners[bucket]!
      this.sums.set(owner, this.sums.get(owner)! - weight)
      this.sums.set(slot, (this.sums.get(slot) ?? 0) + weight)
      this.keys.set(owner, this.keys.get(owner)! - 1)
      this.keys.set(slot, (this.keys.get(slot) ?? 0) + 1)
      this.owners[bucket] = slot
    }
  }

  /** How many buckets more the slot may get, of `slots` that there are. */
  room(slot: number, slots: number): number {
    return Math.floor((BUCKETS / slots) * KEYS_OWNED_MAX) - (this.keys.get(slot) ?? 0)
  }

  /** The slots by their weights, the lightest first. */
  byWeight(): [slot: number, weight: number][] {
    return [...this.sums].sort(([a, lighter], [b, heavier]) => lighter - heavier || a - b)
  }

  /** What would be one more slice, or one less, if these buckets went to `slot`. */
  slicesMore(from: number, to: number, slot: number): number {
    const { owners } = this
    const edges = (at: number) => (at === 0 || at === BUCKETS ? 0 : owners[at - 1] === owners[at] ? 1 : 0)
    const merges = (outside: number | undefined) => (outside === slot ? 1 : 0)
    return edges(from) + edges(to) - merges(owners[from - 1]) - merges(owners[to])
  }
}

/** `slot` leaves. What it owned goes, slice by slice, to a neighbour below its share, else to who has least then. */
export function without(owners: Owners, slot: number, calls: Float64Array): Owners {
  const draft = new Draft(owners, weightsOf(calls))
  const left = slicesOf(owners).filter((slice) => slice.slot === slot)
  const leaving = draft.sums.get(slot) ?? 0
  draft.sums.delete(slot)
  const heirs = draft.sums.size
  if (heirs === 0) return owners.slice()
  const total = [...draft.sums.values()].reduce((sum, each) => sum + each, leaving)
  draft.sums.set(slot, leaving)
  const share = total / heirs
  for (const { from, to } of left) {
    for (let at = from; at < to; ) {
      const [heir, weight] = heirOf(draft, { slot, at, to, share, heirs })
      // One bucket at least; more while the heir stays below its share.
      const last = Math.min(to, at + draft.room(heir, heirs))
      let end = at + 1
      let sum = weight + draft.weights[at]!
      while (end < last && sum + draft.weights[end]! <= share) sum += draft.weights[end++]!
      draft.give(at, end, heir)
      at = end
    }
  }
  return draft.owners
}

/** A neighbour that is below its share, so that slices merge; else who has least, of those that may get more. */
function heirOf(
  draft: Draft,
  { slot, at, to, share, heirs }: { slot: number; at: number; to: number; share: number; heirs: number },
): [slot: number, weight: number] {
  for (const neighbour of [draft.owners[at - 1], draft.owners[to]]) {
    if (neighbour === undefined || neighbour === slot || draft.room(neighbour, heirs) <= 0) continue
    const weight = draft.sums.get(neighbour)!
    if (weight + draft.weights[at]! <= share) return [neighbour, weight]
  }
  // There is always one: who owns fewest owns less than the mean.
  return draft.byWeight().find(([each]) => each !== slot && draft.room(each, heirs) > 0)!
}

/** Of the keys that one replica owns when all own as many, the share by which it may get more when it joins: hot ones weigh more than their number. */
const JOIN_KEYS_MAX = 1.15

/** `slot` joins, which owns nothing yet: it gets its share of the weight, in few pieces, from who has more than that. */
export function withOne(owners: Owners, slot: number, calls: Float64Array): Owners {
  const draft = new Draft(owners, weightsOf(calls))
  const slots = draft.sums.size + 1
  const total = [...draft.sums.values()].reduce((sum, each) => sum + each, 0)
  const share = total / slots
  // Who has ever so little more than its share gives one bucket of the ordinary.
  const least = total / BUCKETS / 2
  let keysLeft = Math.floor((BUCKETS / slots) * JOIN_KEYS_MAX)
  draft.sums.set(slot, 0)
  while (keysLeft > 0 && draft.sums.get(slot)! < share) {
    const donors = draft.byWeight().filter(([each, weight]) => each !== slot && weight > share)
    const weightMax = share - draft.sums.get(slot)!
    const run = donors.reverse().flatMap(([donor, weight]) => {
      const most = Math.min(weightMax, Math.max(weight - share, least))
      const found = bestRun(draft, { donor, to: slot, weightMax: most, keysMax: keysLeft })
      return found ? [found] : []
    })[0]
    if (run === undefined) break
    draft.give(run.from, run.to, slot)
    keysLeft -= run.to - run.from
  }
  return draft.owners
}

interface RunWish {
  donor: number
  to: number
  weightMax: number
  keysMax: number
}

/**
 * A run of the donor's buckets that is no heavier than it may be: among those at an end of one of its slices, the heaviest; of equals the one
 * that leaves the fewest slices. A bucket beyond counts where more than half of it fits.
 */
function bestRun(draft: Draft, { donor, to: receiver, weightMax, keysMax }: RunWish): Slice | undefined {
  const { owners, weights } = draft
  let best: { slice: Slice; weight: number; more: number } | undefined
  const offer = (from: number, to: number, weight: number) => {
    if (to <= from) return
    const more = draft.slicesMore(from, to, receiver)
    const isBetter =
      best === undefined || weight > best.weight * 1.001 || (weight > best.weight * 0.999 && more < best.more)
    if (isBetter) best = { slice: { slot: donor, from, to }, weight, more }
  }
  const fits = (sum: number, bucket: number) => sum + weights[bucket]! / 2 <= weightMax
  for (const { slot, from, to } of slicesOf(owners)) {
    if (slot !== donor) continue
    let sum = 0
    let end = from
    while (end < to && end - from < keysMax && fits(sum, end)) sum += weights[end++]!
    offer(from, end, sum)
    sum = 0
    let begin = to
    while (begin > from && to - begin < keysMax && fits(sum, begin - 1)) sum += weights[--begin]!
    offer(begin, to, sum)
  }
  return best?.slice
}

export interface Balance {
  /** The heaviest replica's weight may be so many times the mean before anything moves. */
  tolerance: number
  /** Share of the keys that may change owner at once. */
  churnMax: number
}

/** A slice more counts as so many buckets that move: it makes each route longer. */
const SLICE_PRICE = 4

/**
 * Buckets go from the heaviest replica to the lightest that may get more, those first that carry most for their number, until the heaviest is
 * within `tolerance`, or enough have moved. The same owners, where nothing helps: one bucket may be heavier than a fair share.
 */
export function balanced(owners: Owners, calls: Float64Array, { tolerance, churnMax }: Balance): Owners {
  const draft = new Draft(owners, weightsOf(calls))
  const slots = draft.sums.size
  const mean = [...draft.sums.values()].reduce((sum, each) => sum + each, 0) / slots
  let left = Math.floor(BUCKETS * churnMax)
  while (left > 0) {
    const byWeight = draft.byWeight()
    const [donor, heaviest] = byWeight.at(-1)!
    if (heaviest <= mean * tolerance) break
    const [to, lightest] = byWeight.find(([slot]) => draft.room(slot, slots) > 0)!
    const keysMax = Math.min(left, draft.room(to, slots))
    // The receiver must not become what the donor was.
    const run = bestValue(draft, { donor, to, weightMax: Math.min(heaviest - mean, mean - lightest), keysMax })
    if (run === undefined) break
    draft.give(run.from, run.to, to)
    left -= run.to - run.from
  }
  return draft.owners
}

/** Of all runs of the donor's buckets that are no heavier than they may be, the one with most weight for what it moves and what it cuts. */
function bestValue(draft: Draft, { donor, to: receiver, weightMax, keysMax }: RunWish): Slice | undefined {
  const { owners, weights } = draft
  let best: Slice | undefined
  // Less would be moved for nothing.
  let highest = 0
  for (const { slot, from: first, to: last } of slicesOf(owners)) {
    if (slot !== donor) continue
    for (let from = first; from < last; from++) {
      let weight = 0
      for (let to = from + 1; to <= last && to - from <= keysMax; to++) {
        weight += weights[to - 1]!
        if (weight > weightMax) break
        const price = to - from + SLICE_PRICE * Math.max(0, draft.slicesMore(from, to, receiver))
        if (weight / price <= highest) continue
        highest = weight / price
        best = { slot, from, to }
      }
    }
  }
  return best
}

/** Share of the keys whose owner differs, 0 to 1. */
export function changedShare(before: Owners, after: Owners): number {
  let changed = 0
  for (let bucket = 0; bucket < BUCKETS; bucket++) if (before[bucket] !== after[bucket]) changed++
  return changed / BUCKETS
}

/** How the weight of the heaviest compares with the mean, 1 at the least. */
export function imbalance(owners: Owners, calls: Float64Array): number {
  const sums = [...new Draft(owners, weightsOf(calls)).sums.values()]
  return Math.max(...sums) / (sums.reduce((sum, each) => sum + each, 0) / sums.length)
}
