/**
 * What finding the replica of a routing key costs a call: hashing the key, then `Route.send` to a channel that does nothing, with a key and without. Beside it the
 * scan over replicas in order of their slots that was there before slices were told. Interleaved; medians. Guards runtime/calls/routing.ts and runtime/calls/slices.ts.
 *
 *     node bench/keys.bench.ts [rounds=15]
 */

import { Route } from '../runtime/calls/routing.ts'
import { hashKey } from '../runtime/calls/slices.ts'
import { systemClock } from '../runtime/clock.ts'
import { NO_CONTEXT } from '../runtime/context.ts'
import { Call, type CallOwner, type Channel } from '../runtime/transport/call.ts'
import { method } from '../test/runtime/shop.ts'

const ROUNDS = Number(process.argv[2] ?? 15)
const CALLS = 200_000
const keys = Array.from({ length: 4_096 }, () => crypto.randomUUID())
const hashes = keys.map(hashKey)
const owner = {} as CallOwner
const call = (hash?: number) => new Call(owner, 0, 0, method('items'), [], 1e9, '', 0, NO_CONTEXT, hash, () => {})
const withKey = hashes.map((hash) => call(hash))
const withoutKey = hashes.map(() => call())

class Nowhere implements Channel {
  readonly process: string
  readonly open = true
  readonly coming = false
  readonly callsInFlight = 0
  readonly refusal = undefined
  sent = 0

  constructor(process: string) {
    this.process = process
  }

  send(): void {
    this.sent++
  }
}

/** As it was: equal slices, and the first replica at or after the key's slot. */
function scan(replicas: readonly { slot: number; slots: number; channel: Channel }[], hash: number): Channel {
  const slot = Math.floor((hash / 2 ** 32) * replicas[0]!.slots)
  return (replicas.find((replica) => replica.slot >= slot) ?? replicas[0]!).channel
}

function nsOf(work: (index: number) => void): number {
  const begun = performance.now()
  for (let index = 0; index < CALLS; index++) work(index & 4_095)
  return ((performance.now() - begun) * 1e6) / CALLS
}

const median = (values: number[]) => values.toSorted((a, b) => a - b)[values.length >> 1]!
let sum = 0

console.log('| replicas | hash of a UUID | with a key, before | with a key, now | ratio | without a key |')
console.log('| ---: | ---: | ---: | ---: | ---: | ---: |')
for (const count of [2, 8, 32]) {
  const replicas = Array.from({ length: count }, (_, slot) => ({
    slot,
    slots: count,
    channel: new Nowhere(`cart-${slot}`),
  }))
  const route = new Route('src/cart.Cart', systemClock, Math.random)
  route.update(replicas)
  const rows = { hash: [] as number[], before: [] as number[], now: [] as number[], without: [] as number[] }
  for (let round = -3; round < ROUNDS; round++) {
    const taken = {
      hash: nsOf((index) => {
        sum += hashKey(keys[index])
      }),
      before: nsOf((index) => {
        const each = withKey[index]!
        scan(replicas, each.keyHash!).send(each)
      }),
      now: nsOf((index) => route.send(withKey[index]!)),
      without: nsOf((index) => route.send(withoutKey[index]!)),
    }
    if (round >= 0) for (const name of ['hash', 'before', 'now', 'without'] as const) rows[name].push(taken[name])
  }
  const ns = (name: keyof typeof rows) => `${median(rows[name]).toFixed(1)} ns`
  const ratio = median(rows.now.map((now, round) => now / rows.before[round]!))
  console.log(`| ${count} | ${ns('hash')} | ${ns('before')} | ${ns('now')} | ${ratio.toFixed(2)} | ${ns('without')} |`)
}
if (sum === 0) console.log('')
