/** A component moves between running processes, here between Apps with real sockets between them; the test plays the deployer. */
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest'
import { App, type AppOptions } from '../../runtime/app.ts'
import type { WeaveError } from '../../runtime/errors.ts'
import { LIMITS } from '../../runtime/limits.ts'
import type { Replica } from '../../runtime/process/control.ts'
import { FakeClock } from './fake-clock.ts'
import { FEED, type FeedApps, HUB, item, LISTENER, type Listener, numbers, startFeed, upTo } from './feed.ts'
import { identityOf } from './identities.ts'
import {
  appOptions,
  CART,
  type Cart,
  CHECKOUT,
  type Item,
  listenAt,
  MemoryCart,
  REMOTE,
  type Remote,
  rejection,
  replica,
  shopDescriptor,
  stubsOf,
} from './shop.ts'
import { removeTemporaryFolders } from './temporary.ts'

afterAll(removeTemporaryFolders)

const NAMES = ['a', 'b', 'c'] as const
type Name = (typeof NAMES)[number]

/** Cart lives in `a` at first; `b` is where it may go, and `c` only calls it. All three call it. */
class Deployment {
  readonly apps = {} as Record<Name, App>
  /** By call, how often it has run. */
  readonly ran = new Map<string, number>()
  /** The instances of Cart, in the order in which they were made. */
  readonly carts: MovingCart[] = []
  /** Instances that were stopped. */
  readonly stopped: MovingCart[] = []
  /** The constructor throws it. */
  failure: Error | undefined
  readonly #addresses = {} as Record<Name, string>

  async start(placement: Remote, more: Partial<AppOptions> = {}): Promise<void> {
    const deployment = this
    class Made extends MovingCart {
      constructor() {
        super(deployment)
      }
    }
    const base = shopDescriptor()
    const [cart, ...others] = base.components
    const descriptor = { ...base, components: [{ ...cart!, load: async () => Made }, ...others] }
    for (const process of NAMES) {
      const hosted = new Set(process === 'a' ? [CART, CHECKOUT] : [])
      const identity = placement === 'tls' ? identityOf(process) : undefined
      this.apps[process] = new App(appOptions(descriptor, { hosted, process, identity, ...more }))
      this.#addresses[process] = await this.apps[process].serve(listenAt(placement))
    }
    for (const process of ['b', 'c'] as const) this.lead(process, 'a')
    for (const process of NAMES) await this.apps[process].start()
  }

  cart(process: Name): Cart {
    return stubsOf(this.apps[process]).cart
  }

  /** Calls from `process` go to `to` from now on. */
  lead(process: Name, to: Name): void {
    this.apps[process].route(CART, [replica(this.#addresses[to], { process: to })])
  }

  async move(from: Name, to: Name): Promise<number> {
    await this.begin(from, to)
    for (const process of NAMES) this.lead(process, to)
    return this.apps[from].retire(CART)
  }

  async begin(from: Name, to: Name): Promise<void> {
    this.apps[from].expectLeave(CART)
    await this.apps[to].host(CART, undefined)
  }

  async stop(): Promise<void> {
    await Promise.all(Object.values(this.apps).map((app) => app.stop()))
  }
}

class MovingCart extends MemoryCart {
  readonly #deployment: Deployment

  constructor(deployment: Deployment) {
    super()
    if (deployment.failure) throw deployment.failure
    this.#deployment = deployment
    deployment.carts.push(this)
  }

  override async add(userId: string, item: Item): Promise<void> {
    const { ran } = this.#deployment
    ran.set(item.productId, (ran.get(item.productId) ?? 0) + 1)
    await new Promise(setImmediate)
    await super.add(userId, item)
  }

  async stop(): Promise<void> {
    this.#deployment.stopped.push(this)
  }
}

/** Turns of the event loop: enough for a message to cross. */
async function turns(count = 20): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise(setImmediate)
}

for (const placement of REMOTE) {
  describe(`a move, ${placement}`, () => {
    let deployment: Deployment
    beforeEach(async () => {
      deployment = new Deployment()
      await deployment.start(placement)
    })
    afterEach(() => deployment.stop())

    test('no call is lost and none runs twice, from wherever it comes', async () => {
      const made: string[] = []
      let isOver = false
      const callers = NAMES.flatMap((process) => [0, 1, 2, 3].map((number) => ({ process, number })))
      const calling = callers.map(async ({ process, number }) => {
        const cart = deployment.cart(process)
        for (let n = 0; !isOver; n++) {
          const productId = `${process}${number}-${n}`
          made.push(productId)
          const added: Item = { productId, quantity: 1 }
          const answer = cart.add(process, added)
          added.productId = 'changed after the call'
          await answer
          // One that is co-located takes no turn by itself.
          await new Promise(setImmediate)
        }
      })
      for (const [from, to] of ['ab', 'ba', 'ab', 'bc', 'ca', 'ab'].map((move) => move.split('') as [Name, Name])) {
        await turns()
        expect(await deployment.move(from, to)).toBe(0)
      }
      isOver = true
      await Promise.all(calling)
      expect(made.length).toBeGreaterThan(100)
      expect(made.filter((productId) => deployment.ran.get(productId) !== 1)).toEqual([])
      expect(deployment.ran.size).toBe(made.length)
      expect(deployment.carts).toHaveLength(7)
      expect(deployment.stopped).toEqual(deployment.carts.slice(0, 6))
    })

    test('calls in flight end where they began, and it is stopped after them', async () => {
      const [a, b, c] = NAMES.map((process) => deployment.cart(process)) as [Cart, Cart, Cart]
      const [old] = deployment.carts
      await deployment.begin('a', 'b')
      const held = [a, b, c].map((cart, index) => cart.heldOnce(`call ${index}`))
      await old!.arrived(3)
      for (const process of NAMES) deployment.lead(process, 'b')
      const retired = deployment.apps.a.retire(CART)
      await c.add('ada', { productId: 'new', quantity: 1 })
      expect(deployment.carts[1]!.carts.get('ada')).toHaveLength(1)
      await turns()
      expect(deployment.stopped).toEqual([])
      for (let index = 0; index < 3; index++) old!.release(`call ${index}`)
      expect(await Promise.all(held)).toEqual(['call 0', 'call 1', 'call 2'])
      expect(await retired).toBe(0)
      expect(deployment.stopped).toEqual([old])
    })

    test('a call that comes too late is sent back, and made with the arguments that it was made with', async () => {
      await deployment.begin('a', 'b')
      deployment.lead('a', 'b')
      await deployment.apps.a.retire(CART)
      const late: Item = { productId: 'mug', quantity: 2 }
      const added = deployment.cart('c').add('ada', late)
      late.quantity = 99
      await turns()
      deployment.lead('c', 'b')
      await added
      expect(deployment.carts.map(({ carts }) => carts.get('ada'))).toEqual([
        undefined,
        [{ productId: 'mug', quantity: 2 }],
      ])
    })

    test('a call that comes when its group may no longer call there is sent back too', async () => {
      await deployment.stop()
      deployment = new Deployment()
      await deployment.start(placement, { admitted: { a: [CART], b: [CART], c: [CART] } })
      await deployment.begin('a', 'b')
      deployment.lead('a', 'b')
      await deployment.apps.a.retire(CART)
      deployment.apps.a.admit({})
      const added = deployment.cart('c').add('ada', { productId: 'mug', quantity: 1 })
      await turns()
      deployment.lead('c', 'b')
      await added
      expect(deployment.carts[1]!.carts.get('ada')).toHaveLength(1)
    })

    test('a component that can not start leaves all as it was, and may come later', async () => {
      deployment.failure = new RangeError('no room')
      const error = (await rejection(deployment.begin('a', 'b'))) as WeaveError
      expect(error).toMatchObject({ code: 'WV_START', message: 'src/cart.Cart could not be started: no room' })
      for (const process of NAMES) await deployment.cart(process).items(process)
      deployment.failure = undefined
      expect(await deployment.move('a', 'b')).toBe(0)
      for (const process of NAMES) await deployment.cart(process).items(process)
      expect(deployment.carts).toHaveLength(2)
    })
  })

  describe(`what a call carries moves with nothing, ${placement}`, () => {
    let feeds: FeedApps
    beforeEach(async () => {
      place.clear()
      feeds = await startFeed(placement)
    })
    afterEach(() => feeds.stop())

    const PROCESSES = [LISTENER, FEED, HUB]
    const place = new Map<string, string>()

    function lead(name = FEED, to = HUB): void {
      const process = `p${PROCESSES.indexOf(to)}`
      for (const each of PROCESSES) feeds.app(each).route(name, [replica(feeds.addresses[to]!, { process })])
    }

    /** To where `to` was at first. */
    async function move(name = FEED, to = HUB): Promise<number> {
      const from = feeds.app(place.get(name) ?? name)
      place.set(name, to)
      from.expectLeave(name)
      await feeds.app(to).host(name, undefined)
      lead(name, to)
      return from.retire(name)
    }

    test('a stream that is open is read to its end, and the next one comes from where it is now', async () => {
      const gate = Promise.withResolvers<void>()
      feeds.implementation.watch = async function* (topic) {
        yield item(0)
        if (topic === 'old') await gate.promise
        yield item(1)
      }
      const stream = feeds.feed.watch('old')[Symbol.asyncIterator]()
      expect((await stream.next()).value).toEqual(item(0))
      const moved = move()
      await turns()
      expect(await numbers(feeds.feed.watch('new'))).toEqual([0, 1])
      gate.resolve()
      expect((await stream.next()).value).toEqual(item(1))
      expect((await stream.next()).done).toBe(true)
      expect(await moved).toBe(0)
    })

    test('a call that comes too late takes its signal and its streams along', async () => {
      const sum = async (items: AsyncIterable<{ n: number }>) => {
        let total = 0
        for await (const { n } of items) total += n
        return total
      }
      feeds.implementation.collect = sum
      const arrived = Promise.withResolvers<void>()
      feeds.implementation.wait = (text, signal) => {
        arrived.resolve()
        return new Promise((resolve) => signal!.addEventListener('abort', () => resolve(`${text} aborted`)))
      }
      await feeds.app(HUB).host(FEED, undefined)
      await feeds.app(FEED).retire(FEED)
      const controller = new AbortController()
      const waited = feeds.feed.wait('call', controller.signal)
      const collected = feeds.feed.collect(upTo(300))
      await turns()
      lead()
      expect(await collected).toBe((299 * 300) / 2)
      await arrived.promise
      controller.abort()
      expect(await waited).toBe('call aborted')
    })

    test('a reference leads to where its component is', async () => {
      const kept: Listener[] = []
      feeds.implementation.subscribe = async (listeners) => {
        kept.push(...listeners.map(({ listener }) => listener))
        return []
      }
      await feeds.hub.subscribe()
      await move(LISTENER, HUB)
      expect(await kept[0]!.tell('after the move')).toBe('heard after the move')
      await move(FEED, HUB)
      await move(LISTENER, FEED)
      await feeds.hub.subscribe()
      for (const listener of kept) expect(await listener.tell('again')).toBe('heard again')
      expect(feeds.listenerImplementation.told).toHaveLength(3)
    })
  })
}

test('who may call what changes on connections that there are', async () => {
  const deployment = new Deployment()
  await deployment.start('unix', { admitted: { b: [CART] } })
  const cart = deployment.cart('c')
  expect(await rejection(cart.items('ada'))).toMatchObject({ code: 'WV_FORBIDDEN' })
  deployment.apps.a.admit({ c: [CART] })
  expect(await cart.items('ada')).toEqual([])
  expect(await rejection(deployment.cart('b').items('ada'))).toMatchObject({ code: 'WV_FORBIDDEN' })
  await deployment.stop()
})

describe('co-located calls that nobody has counted', () => {
  test('are given as long as calls of their method have taken, or a second where none has been timed', async () => {
    const clock = new FakeClock()
    const stops: number[] = []
    const feeds = await startFeed('local', { clock })
    Object.assign(feeds.implementation, { stop: async () => void stops.push(clock.now()) })
    feeds.implementation.first = () => new Promise(() => {})
    const app = feeds.app(FEED)
    void feeds.feed.first()
    const from = clock.now()
    app.expectLeave(FEED)
    clock.advance(400)
    const retired = app.retire(FEED)
    await turns()
    clock.advance(LIMITS.untimedMs - 401)
    await turns()
    expect(stops).toEqual([])
    clock.advance(1)
    expect(await retired).toBe(0)
    expect(stops).toEqual([from + LIMITS.untimedMs])
    await feeds.stop()
  })

  test('that are counted are waited for, but not for ever', async () => {
    const clock = new FakeClock()
    const feeds = await startFeed('local', { clock })
    feeds.implementation.first = () => new Promise(() => {})
    const app = feeds.app(FEED)
    app.expectLeave(FEED)
    void feeds.feed.first()
    const retired = app.retire(FEED)
    await turns()
    clock.advance(LIMITS.drainMs)
    expect(await retired).toBe(1)
    expect(feeds.logs.map(({ message }) => message)).toContain('calls had not ended when their component left')
    await feeds.stop()
  })
})

describe('keys', () => {
  test('keep their owners: a component that moves to two replicas is called there by its keys', async () => {
    const ran: string[] = []
    const { replicas, apps, old, cart } = await keyed(ran)
    const users = Array.from({ length: 40 }, (_, n) => `user-${n}`)
    for (const user of users) await cart.items(user)
    expect(new Set(ran)).toEqual(new Set(['old']))
    for (const process of ['b1', 'b2']) await apps[process]!.host(CART, undefined)
    for (const app of Object.values(apps)) app.route(CART, replicas)
    await old.retire(CART)
    const ownerOf = new Map<string, string>()
    for (const from of ['b1', 'b2', 'a']) {
      for (const user of users) {
        ran.length = 0
        await stubsOf(apps[from]!).cart.items(user)
        expect(ownerOf.get(user) ?? ran[0]).toBe(ran[0])
        ownerOf.set(user, ran[0]!)
      }
    }
    expect(new Set(ownerOf.values())).toEqual(new Set(['b1', 'b2']))
    await Promise.all(Object.values(apps).map((app) => app.stop()))
  })
})

/** Cart lives in `a`; two processes of another group are there. `ran` learns which process has run a call. */
async function keyed(ran: string[]) {
  const apps: Record<string, App> = {}
  const replicas: Replica[] = []
  for (const process of ['a', 'b1', 'b2']) {
    class Told extends MemoryCart {
      override async items(userId: string): Promise<Item[]> {
        ran.push(process === 'a' ? 'old' : process)
        return super.items(userId)
      }
    }
    const descriptor = shopDescriptor({ cart: () => new Told() })
    const hosted = new Set(process === 'a' ? [CART] : [])
    const group = process.slice(0, 1)
    apps[process] = new App(appOptions(descriptor, { hosted, process, group }))
    const address = await apps[process].serve(listenAt('unix'))
    if (process !== 'a') replicas.push(replica(address, { process, group, slot: replicas.length, slots: 2 }))
    await apps[process].start()
  }
  const old = apps.a!
  return { apps, replicas, old, cart: stubsOf(old).cart }
}
