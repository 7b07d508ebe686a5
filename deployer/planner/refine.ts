/**
 * Local search: moves single nodes of a grouping to where they cost least, until no move gains. In: a grouping, which is changed. A node may go
 * to a group that it has links to, to a few that it hasn't (a process may be filled up with what calls nobody there), or to one of its own.
 * It ends, since each step gains at least `GAIN_MIN`.
 */
import type { Grouping } from './grouping.ts'
import type { Random } from './random.ts'

/** Above the rounding of sums, below anything that matters: a nanosecond of CPU a second. */
export const GAIN_MIN = 1e-6
/** So many groups are all tried for each node; of more, the near ones and as many at random. */
const STRANGERS_ALL = 24
const STRANGERS = 3

/** What being elsewhere costs a node: a group, and the price of not being in it. */
export interface Homes {
  homeOf: Int32Array
  price: Float64Array
}

export function refine(grouping: Grouping, random: Random, homes?: Homes): void {
  const { size, first, other } = grouping.problem
  const queue = random.permutation(size)
  const queued = new Uint8Array(size).fill(1)
  // A ring: what is in it is `queued`, so it can't overflow.
  let head = 0
  let waiting = size
  while (waiting > 0) {
    const v = queue[head]!
    head = (head + 1) % size
    waiting--
    queued[v] = 0
    if (!improve(grouping, v, random, homes)) continue
    for (let link = first[v]!; link < first[v + 1]!; link++) {
      const u = other[link]!
      if (queued[u] === 1) continue
      queued[u] = 1
      queue[(head + waiting) % size] = u
      waiting++
    }
  }
}

/** Moves `v` to the best place. */
function improve(grouping: Grouping, v: number, random: Random, homes: Homes | undefined): boolean {
  const from = grouping.groupOf[v]!
  grouping.look(v)
  const leaving = grouping.leaving(v) + priceOf(homes, v, from)
  let best = -1
  let bestGain = GAIN_MIN
  const consider = (to: number) => {
    if (to === from) return
    const gain = leaving - grouping.joining(v, to) - priceOf(homes, v, to)
    if (gain > bestGain) {
      best = to
      bestGain = gain
    }
  }
  for (const to of grouping.near) consider(to)
  if (grouping.nodes[from]! > 1) {
    const empty = grouping.emptyGroup()
    if (empty !== undefined) consider(empty)
  }
  const { size } = grouping.problem
  if (size <= STRANGERS_ALL) {
    for (let to = 0; to < size; to++) if (grouping.nodes[to]! > 0) consider(to)
  } else {
    for (let i = 0; i < STRANGERS; i++) consider(grouping.groupOf[random.below(size)]!)
  }
  if (best < 0) return false
  grouping.move(v, best)
  return true
}

function priceOf(homes: Homes | undefined, v: number, group: number): number {
  return homes === undefined || homes.homeOf[v] === group ? 0 : homes.price[v]!
}
