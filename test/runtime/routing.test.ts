/** Which replica gets a call. */
import { expect, test } from 'vitest'
import { Route } from '../../runtime/calls/routing.ts'
import { bucketOf, equalShare, hashKey } from '../../runtime/calls/slices.ts'
import { NO_CONTEXT } from '../../runtime/context.ts'
import { Call, type CallOwner, type Channel } from '../../runtime/transport/call.ts'
import { FakeClock } from './fake-clock.ts'
import { method } from './shop.ts'

class FakeChannel implements Channel {
  open = true
  coming = false
  refusal = undefined
  callsInFlight = 0
  readonly process: string
  readonly sent: Call[] = []

  constructor(process: string) {
    this.process = process
  }

  send(call: Call): void {
    this.callsInFlight++
    this.sent.push(call)
  }
}

function call(key?: string): Call {
  const owner = { beforeWaiting: () => true } as unknown as CallOwner
  const keyHash = key === undefined ? undefined : hashKey(key)
  return new Call(owner, 0, 0, method('items'), [], 1e9, 'x', 0, NO_CONTEXT, keyHash, () => {})
}

function route(count: number, random: () => number = Math.random): { route: Route; channels: FakeChannel[] } {
  const channels = Array.from({ length: count }, (_, slot) => new FakeChannel(`cart-${slot}`))
  const made = new Route('src/cart.Cart', new FakeClock(), random)
  made.update(channels.map((channel, slot) => ({ slot, slots: count, channel })))
  return { route: made, channels }
}

test('without a key the less busy one of two gets it', () => {
  const draws = [0.1, 0.9, 0.1, 0.9]
  const { route: cart, channels } = route(3, () => draws.shift()!)
  channels[0]!.callsInFlight = 5
  // Draws replicas 0 and 2.
  cart.send(call())
  expect(channels[2]!.sent).toHaveLength(1)
  channels[2]!.callsInFlight = 9
  cart.send(call())
  expect(channels[0]!.sent).toHaveLength(1)
})

test('calls spread evenly', () => {
  let seed = 1
  const random = () => {
    seed = (seed * 16_807) % 2_147_483_647
    return seed / 2_147_483_647
  }
  const { route: cart, channels } = route(5, random)
  for (let count = 0; count < 1_000; count++) cart.send(call())
  for (const { sent } of channels) expect(Math.abs(sent.length - 200)).toBeLessThan(10)
})

test('equal keys meet the same replica, keys spread over all', () => {
  const { route: cart, channels } = route(4)
  for (let round = 0; round < 2; round++) for (let user = 0; user < 400; user++) cart.send(call(`user-${user}`))
  for (const { sent } of channels) {
    expect(sent.length).toBeGreaterThan(120)
    const hashes = sent.map(({ keyHash }) => keyHash)
    expect(new Set(hashes).size * 2).toBe(hashes.length)
  }
})

/** Of equal slices. */
function ownerOf(key: string, slots: number): number {
  const bucket = bucketOf(hashKey(key))
  return Array.from({ length: slots }, (_, slot) => equalShare(slot, slots)).findIndex(
    ([first, count]) => bucket >= first! && bucket < first! + count!,
  )
}

test('while a replica is down the others share its keys, and only its', () => {
  const { route: cart, channels } = route(4)
  const users = Array.from({ length: 400 }, (_, user) => `user-${user}`)
  const sent = (slot: number) => channels[slot]!.sent.map(({ keyHash }) => keyHash)
  channels[3]!.open = false
  cart.changed()
  for (const user of users) cart.send(call(user))
  expect(sent(3)).toEqual([])
  for (const slot of [0, 1, 2]) {
    const mine = users.filter((user) => ownerOf(user, 4) === slot).map(hashKey)
    expect(mine.filter((hash) => !sent(slot).includes(hash))).toEqual([])
    expect(sent(slot).length - mine.length).toBeGreaterThan(15)
  }
})

test('the deployer says who owns what, also while calls come; what is said twice changes nothing', () => {
  const { route: cart, channels } = route(2)
  const replicas = (first: number[], second: number[]) =>
    channels.map((channel, slot) => ({ slot, slots: 2, owns: slot === 0 ? first : second, channel }))
  const bucket = bucketOf(hashKey('ada'))
  cart.update(replicas([0, 1024], []))
  cart.send(call('ada'))
  cart.update(replicas([0, bucket, bucket + 1, 1023 - bucket], [bucket, 1]))
  for (const name of ['ada', 'grace', 'ada']) cart.send(call(name))
  cart.update(replicas([0, bucket, bucket + 1, 1023 - bucket], [bucket, 1]))
  cart.send(call('ada'))
  expect(channels.map(({ sent }) => sent.length)).toEqual([2, 3])
})

test('calls are counted by bucket where there is a choice', () => {
  const { route: cart } = route(2)
  for (const name of ['ada', 'grace', 'ada']) cart.send(call(name))
  cart.send(call())
  const expected = [
    [bucketOf(hashKey('ada')), 2],
    [bucketOf(hashKey('grace')), 1],
  ].sort(([a], [b]) => a! - b!)
  expect(cart.takeKeyed()).toEqual(expected.flat())
  expect(cart.takeKeyed()).toEqual([])
  const { route: alone } = route(1)
  alone.send(call('ada'))
  expect(alone.takeKeyed()).toEqual([])
})

test('while the application stops, a call waits for a replica that comes but not for one that has gone', async () => {
  const { route: cart, channels } = route(1)
  channels[0]!.open = false
  const outcomes: unknown[] = []
  const watched = () => Object.assign(call(), { reject: (error: unknown) => outcomes.push(error) })
  const refused = { code: 'WV_STOPPING', executed: 'no' }
  cart.changed()
  cart.send(watched())
  expect(outcomes).toEqual([])
  cart.stopping()
  expect(outcomes).toMatchObject([refused])
  channels[0]!.coming = true
  cart.changed()
  cart.send(watched())
  expect(outcomes).toHaveLength(1)
  cart.update([])
  expect(outcomes).toMatchObject([refused, refused])
  cart.send(watched())
  expect(outcomes).toMatchObject([refused, refused, refused])
})

test('a key waits for its owner while that is only just being connected to', () => {
  const { route: cart, channels } = route(2)
  const owner = channels[ownerOf('ada', 2)]!
  owner.open = false
  owner.coming = true
  cart.changed()
  cart.send(call('ada'))
  expect(channels.flatMap(({ sent }) => sent)).toEqual([])
  owner.open = true
  owner.coming = false
  cart.changed()
  expect(owner.sent).toHaveLength(1)
})

test('keys are told apart by type, and the hash is the same in every process', () => {
  expect(hashKey('1')).not.toBe(hashKey(1))
  expect(hashKey(1n)).not.toBe(hashKey(1))
  expect([hashKey('ada'), hashKey(''), hashKey(42)]).toEqual([HASH_ADA, HASH_EMPTY, HASH_42])
  expect([0, 0xffffffff].map(bucketOf)).toEqual([0, 1023])
})

// Callers that disagree on these send equal keys to different replicas: changing them is changing the protocol.
const HASH_ADA = 1_983_102_478
const HASH_EMPTY = 2_872_998_923
const HASH_42 = 3_369_096_834
