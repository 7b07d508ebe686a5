/** What goes wrong on the way, and what becomes of the calls: the same on every transport between processes. */
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { App, type AppOptions } from '../../runtime/app.ts'
import { LIMITS } from '../../runtime/limits.ts'
import type { LogLine } from '../../runtime/logger.ts'
import { type Cable, cable } from './cable.ts'
import { FEED, type Feed, HUB, startFeed, upTo } from './feed.ts'
import { identityOf } from './identities.ts'
import {
  appOptions,
  CART,
  CHECKOUT,
  listenAt,
  MemoryCart,
  REMOTE,
  rejection,
  replica,
  shopDescriptor,
  stubsOf,
} from './shop.ts'
import { removeTemporaryFolders } from './temporary.ts'

afterAll(removeTemporaryFolders)

/** A cart in a process of its own, and the cable to it. */
interface Replica {
  app: App
  cart: MemoryCart
  cable: Cable
  process: string
}

const ITEM = { productId: 'mug', quantity: 1 }

for (const kind of REMOTE) {
  describe(`failures, ${kind}`, () => {
    const closing: (() => unknown)[] = []
    let client: App
    let cart: ReturnType<typeof stubsOf>['cart']
    let logs: LogLine[]

    function app(options: Partial<AppOptions>, implementation = new MemoryCart()): App {
      const identity = kind === 'tls' ? identityOf(options.group!) : undefined
      const made = new App(appOptions(shopDescriptor({ cart: () => implementation }), { identity, ...options }))
      closing.push(() => made.stop())
      return made
    }

    async function startReplica(process: string, options: Partial<AppOptions> = {}): Promise<Replica> {
      const implementation = new MemoryCart()
      const server = app({ hosted: new Set([CART]), process, group: 'cart', ...options }, implementation)
      const line = await cable(kind, await server.serve(listenAt(kind)))
      closing.push(() => line.close())
      await server.start()
      return { app: server, cart: implementation, cable: line, process }
    }

    function route(...replicas: Replica[]): void {
      const slots = replicas.length
      client.route(
        CART,
        replicas.map(({ cable, process }, slot) => replica(cable.address, { process, group: 'cart', slot, slots })),
      )
    }

    beforeEach(async () => {
      logs = []
      client = app({
        hosted: new Set([CHECKOUT]),
        process: 'checkout-1',
        group: 'checkout',
        // Of two replicas the first, while nothing speaks against it; pauses before repetitions are none.
        random: () => 0,
        calls: { silenceMs: 300 },
        logSink: (line) => void logs.push(line),
      })
      cart = stubsOf(client).cart
    })
    afterEach(async () => {
      for (const close of closing.splice(0).reverse()) await close()
    })

    test('a call whose process is gone may have run', async () => {
      const one = await startReplica('cart-1')
      route(one)
      const failed = rejection(cart.heldOnce('a'))
      await one.cart.arrived(1)
      one.cable.cut()
      expect(await failed).toMatchObject({
        code: 'WV_UNAVAILABLE',
        executed: 'maybe',
        edge: { caller: 'test', callee: CART, method: 'heldOnce' },
        message:
          'Cart.heldOnce: process "cart-1" was gone before it answered; the call may have run; a method marked @idempotent would be tried again.',
      })
      expect(one.cart.calls).toEqual(['a'])
    })

    test('an idempotent one is repeated by another replica', async () => {
      const one = await startReplica('cart-1')
      route(one)
      const answer = cart.held('a')
      await one.cart.arrived(1)
      const two = await startReplica('cart-2')
      route(one, two)
      one.cable.cut()
      await two.cart.arrived(1)
      two.cart.release('a')
      expect(await answer).toBe('a')
      expect(one.cart.calls).toEqual(['a'])
    })

    test('but not for ever', async () => {
      const one = await startReplica('cart-1')
      route(one)
      const failed = rejection(cart.held('a'))
      for (let attempt = 1; attempt <= LIMITS.attemptsMax; attempt++) {
        await one.cart.arrived(attempt)
        one.cable.cut()
        if (attempt < LIMITS.attemptsMax) await one.cable.mend()
      }
      expect(await failed).toMatchObject({ code: 'WV_UNAVAILABLE', executed: 'maybe' })
      expect(one.cart.calls).toHaveLength(LIMITS.attemptsMax)
    })

    test('a call waits for a process that comes back, as it was made', async () => {
      const one = await startReplica('cart-1')
      route(one)
      // Its loss is known once the call that it had has failed.
      const lost = rejection(cart.heldOnce('a'))
      await one.cart.arrived(1)
      one.cable.cut()
      await lost
      const item = { ...ITEM }
      const added = cart.add('ada', item)
      item.quantity = 99
      await one.cable.mend()
      await added
      expect(await cart.items('ada')).toEqual([ITEM])
    })

    test('a process that falls silent is given up; what it had may have run, and others go on', async () => {
      const one = await startReplica('cart-1')
      route(one)
      const failed = rejection(cart.heldOnce('a'))
      const repeated = cart.held('b')
      await one.cart.arrived(2)
      const two = await startReplica('cart-2')
      route(one, two)
      one.cable.silence()
      expect(await failed).toMatchObject({ code: 'WV_UNAVAILABLE', executed: 'maybe' })
      await two.cart.arrived(1)
      two.cart.release('b')
      expect(await repeated).toBe('b')
    })

    test('a process that stops ends what it has, and gets nothing new', async () => {
      const one = await startReplica('cart-1')
      route(one)
      const held = cart.heldOnce('a')
      await one.cart.arrived(1)
      const two = await startReplica('cart-2')
      route(one, two)
      const stopped = one.app.stop()
      await vi.waitFor(async () => {
        await cart.add('ada', ITEM)
        expect(two.cart.carts.size).toBe(1)
      })
      one.cart.release('a')
      expect(await held).toBe('a')
      await stopped
    })

    test('another process at the address is not called; the right one is, when it is there', async () => {
      const wrong = await startReplica('cart-9')
      client.route(CART, [replica(wrong.cable.address, { process: 'cart-1', group: 'cart' })])
      const added = cart.add('ada', ITEM)
      await vi.waitFor(() =>
        expect(logs.map(({ message }) => message)).toContain('another process answers at an address'),
      )
      expect(logs[0]!.fields).toMatchObject({ expected: 'cart-1', found: 'cart-9' })
      const right = await startReplica('cart-1')
      route(right)
      await added
      expect([wrong.cart.carts.size, right.cart.carts.size]).toEqual([0, 1])
    })

    test('an error whose class nobody exports arrives as the nearest class that is known', async () => {
      class Secret extends RangeError {
        readonly code = 7
      }
      const one = await startReplica('cart-1')
      route(one)
      one.cart.fail = async () => {
        throw new Secret('not for you', { cause: new TypeError('inner') })
      }
      const error = (await rejection(cart.fail('x'))) as Secret
      expect(error).toBeInstanceOf(RangeError)
      expect(error).not.toBeInstanceOf(Secret)
      expect(error).toMatchObject({ message: 'not for you', code: 7, cause: { message: 'inner' } })
      expect(error.cause).toBeInstanceOf(TypeError)
    })

    test('a stream whose network falls silent ends at both ends', async () => {
      const implementation: Partial<Feed> = {}
      const apps = await startFeed(kind, { calls: { silenceMs: 300 } }, implementation)
      closing.push(() => apps.stop())
      const line = await cable(kind, apps.addresses[FEED]!)
      closing.push(() => line.close())
      apps.app(HUB).route(FEED, [replica(line.address, { process: 'p1' })])
      const aborted = Promise.withResolvers<unknown>()
      implementation.watch = async function* (_, signal) {
        signal!.addEventListener('abort', () => aborted.resolve(signal!.reason))
        yield* upTo(1)
        await new Promise(() => {})
      }
      const stream = apps.feed.watch('all', new AbortController().signal)[Symbol.asyncIterator]()
      expect((await stream.next()).value.n).toBe(0)
      const next = rejection(stream.next())
      line.silence()
      expect(await next).toMatchObject({ code: 'WV_UNAVAILABLE', executed: 'maybe' })
      expect(await aborted.promise).toMatchObject({ code: 'WV_UNAVAILABLE' })
    })

    test('a stream that loses its process fails at its reader, and its producer hears of it', async () => {
      const implementation: Partial<Feed> = {}
      const apps = await startFeed(kind, {}, implementation)
      closing.push(() => apps.stop())
      const aborted = Promise.withResolvers<unknown>()
      const opened = Promise.withResolvers<void>()
      implementation.watch = async function* (_, signal) {
        signal!.addEventListener('abort', () => aborted.resolve(signal!.reason))
        yield* upTo(2)
        opened.resolve()
        await new Promise(() => {})
      }
      const stream = apps.feed.watch('all', new AbortController().signal)[Symbol.asyncIterator]()
      expect([(await stream.next()).value.n, (await stream.next()).value.n]).toEqual([0, 1])
      await opened.promise
      const next = rejection(stream.next())
      // The reader's process ends.
      await apps.app(HUB).stop()
      expect(await next).toMatchObject({ code: expect.stringMatching(/^WV_(UNAVAILABLE|STOPPING)$/) })
      expect(await aborted.promise).toMatchObject({ code: 'WV_UNAVAILABLE' })
    })
  })
}
