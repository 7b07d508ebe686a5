/**
 * Which replica of a group owns a routing key. The hash of a key falls into one of 1,024 buckets, and each bucket is owned by one
 * replica; neighbours that one replica owns are a slice. Who owns what is decided by the deployer (deployer/keys/) and comes with the routes; here
 * it becomes a table, so that finding the owner of a key is one look.
 */
import { LIMITS } from '../limits.ts'

const BUCKETS = LIMITS.keyBuckets
const BUCKET_SHIFT = 32 - Math.log2(BUCKETS)

export function bucketOf(hash: number): number {
  return hash >>> BUCKET_SHIFT
}

/** What a replica owns: pairs of a slice's first bucket and its number of buckets. */
export type OwnedSlices = readonly number[]

export interface Owner {
  readonly slot: number
  /** Of the group. */
  readonly slots: number
  /** Undefined where nobody has said: an equal share. */
  readonly owns?: OwnedSlices | undefined
}

const NOBODY = -1

/**
 * Bucket → index in `owners` of who serves it. Where its owner isn't `there`, or isn't known, one of the others: which one is drawn by bucket and slot
 * (rendezvous hashing), so that all callers agree, the load of one that is down spreads over all, and no other bucket moves.
 */
export function ownerTable(owners: readonly Owner[], there: readonly boolean[]): Int16Array {
  const table = new Int16Array(BUCKETS).fill(NOBODY)
  for (const [index, owner] of owners.entries()) {
    if (!there[index]) continue
    const owns = owner.owns ?? equalShare(owner.slot, owner.slots)
    for (let at = 0; at + 1 < owns.length; at += 2) table.fill(index, owns[at]!, owns[at]! + owns[at + 1]!)
  }
  const present = owners.map((_, index) => index).filter((index) => there[index])
  if (present.length === 0) return table
  for (let bucket = 0; bucket < BUCKETS; bucket++)
    if (table[bucket] === NOBODY) table[bucket] = drawn(bucket, present, owners)
  return table
}

/** What each of `slots` replicas owns before anything was measured. */
export function equalShare(slot: number, slots: number): OwnedSlices {
  const first = Math.ceil((slot * BUCKETS) / slots)
  return [first, Math.ceil(((slot + 1) * BUCKETS) / slots) - first]
}

function drawn(bucket: number, present: readonly number[], owners: readonly Owner[]): number {
  let best = present[0]!
  let highest = -1
  for (const index of present) {
    const weight = mix((bucket + 1) * 0x9e3779b1 + owners[index]!.slot * 0x7feb352d)
    if (weight <= highest) continue
    highest = weight
    best = index
  }
  return best
}

/** FNV-1a over the key's text with its type, mixed at the end so that short keys spread. All callers must agree on it: it is part of the protocol. */
export function hashKey(key: unknown): number {
  const text = typeof key === 'string' ? key : `${typeof key}:${String(key)}`
  let hash = 0x811c9dc5
  for (let index = 0; index < text.length; index++) {
    hash ^= text.charCodeAt(index)
    hash = Math.imul(hash, 0x01000193)
  }
  return mix(hash)
}

/** Murmur3's finaliser: each bit of the result depends on each of the input. */
function mix(hash: number): number {
  let mixed = hash | 0
  mixed ^= mixed >>> 16
  mixed = Math.imul(mixed, 0x85ebca6b)
  mixed ^= mixed >>> 13
  mixed = Math.imul(mixed, 0xc2b2ae35)
  return (mixed ^ (mixed >>> 16)) >>> 0
}
