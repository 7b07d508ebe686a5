/** A process that can't keep up refuses what it could not answer in time, and its callers don't make it worse. */
import { afterAll, afterEach, describe, expect, test } from 'vitest'
import { App, type AppOptions } from '../../runtime/app.ts'
import { LIMITS } from '../../runtime/limits.ts'
import { FakeClock } from './fake-clock.ts'
import {
  appOptions,
  CART,
  CHECKOUT,
  cuttableNetwork,
  MemoryCart,
  rejection,
  replica,
  shopDescriptor,
  socketPath,
  stubsOf,
} from './shop.ts'
import { removeTemporaryFolders } from './temporary.ts'

afterAll(removeTemporaryFolders)

const apps: App[] = []
afterEach(async () => {
  for (const app of apps.splice(0).reverse()) await app.stop()
})

/** Each call of it works for so long, on its process's own clock. */
class BusyCart extends MemoryCart {
  runs = 0
  readonly #clock: FakeClock
  readonly #workMs: number

  constructor(clock: FakeClock, workMs: number) {
    super()
    this.#clock = clock
    this.#workMs = workMs
  }

  #work(): void {
    this.runs++
    this.#clock.pass(this.#workMs)
  }

  override async add(): Promise<void> {
    this.#work()
  }

  override async heldBriefly(name: string): Promise<string> {
    this.#work()
    return name
  }
}

async function start(hosted: string, options: Partial<AppOptions>, cart = new MemoryCart()): Promise<App> {
  const app = new App(appOptions(shopDescriptor({ cart: () => cart }), { hosted: new Set([hosted]), ...options }))
  apps.push(app)
  await app.start()
  return app
}

async function busy(process: string, workMs: number, calls: AppOptions['calls'] = {}) {
  const clock = new FakeClock()
  const cart = new BusyCart(clock, workMs)
  const app = await start(CART, { process, clock, calls }, cart)
  return { cart, clock, at: replica(await app.serve(socketPath()), { process }) }
}

/** What became of each, once the caller's clock has passed all pauses. */
async function outcomes(clock: FakeClock, calls: Promise<unknown>[]): Promise<unknown[]> {
  let over = false
  const all = Promise.allSettled(calls).finally(() => {
    over = true
  })
  while (!over) {
    await new Promise(setImmediate)
    clock.advance(5)
  }
  return (await all).map((each) => (each.status === 'fulfilled' ? 'ok' : (each.reason as { code: unknown }).code))
}

const count = (list: readonly unknown[], what: unknown): number => list.filter((each) => each === what).length

describe('a burst of calls', () => {
  test('is run as far as the config says, and the rest is refused, not run', async () => {
    const clock = new FakeClock()
    const { cart, at } = await busy('cart-1', 5, { queueMs: 500 })
    const app = await start(CHECKOUT, { process: 'checkout-1', clock })
    app.route(CART, [at])
    const stub = stubsOf(app).cart
    await stub.items('warm')
    const item = { productId: 'mug', quantity: 1 }
    const ended = await Promise.allSettled(Array.from({ length: 500 }, () => stub.add('ada', item)))
    const refused = ended.flatMap((each) => (each.status === 'rejected' ? [each.reason] : []))
    // 500 ms of work, and what is begun between two looks at the clock.
    expect(cart.runs).toBeGreaterThanOrEqual(100)
    expect(cart.runs).toBeLessThan(125)
    // Arguments that may have changed meanwhile aren't sent again.
    expect(refused.length).toBe(500 - cart.runs)
    expect(refused[0]).toMatchObject({ code: 'WV_OVERLOADED', executed: 'no' })
    expect(refused[0].message).toMatch(
      /^Cart\.add was not run: its process is \d+ ms behind, too far to answer in time; call less at once, or add replicas\.$/,
    )
  })

  test('waits where its callers have time', async () => {
    const clock = new FakeClock()
    const { cart, at } = await busy('cart-1', 5)
    const app = await start(CHECKOUT, { process: 'checkout-1', clock })
    app.route(CART, [at])
    const item = { productId: 'mug', quantity: 1 }
    await Promise.all(Array.from({ length: 500 }, () => stubsOf(app).cart.add('ada', item)))
    expect(cart.runs).toBe(500)
  })

  test('is run within half of the time that callers have, and repeated within the budget', async () => {
    const clock = new FakeClock()
    const { cart, at } = await busy('cart-1', 5)
    const app = await start(CHECKOUT, { process: 'checkout-1', clock, random: () => 0 })
    app.route(CART, [at])
    const stub = stubsOf(app).cart
    await stub.items('warm')
    const ended = await outcomes(
      clock,
      Array.from({ length: 1_000 }, () => stub.heldBriefly('a')),
    )
    expect(count(ended, 'ok')).toBe(cart.runs)
    expect(count(ended, 'WV_OVERLOADED')).toBe(1_000 - cart.runs)
    expect(cart.runs).toBeGreaterThanOrEqual(100)
    // What was run beyond the first round was paid for.
    expect(cart.runs).toBeLessThan(125 + LIMITS.retryBurst + 1_000 * LIMITS.retryShare + 50)
  })
})

test('what one replica refuses, the other one runs', async () => {
  const clock = new FakeClock()
  const slow = await busy('cart-1', 50)
  const fast = await busy('cart-2', 0)
  let draw = 0
  const app = await start(CHECKOUT, { process: 'checkout-1', clock, random: () => (draw++ % 97) / 97 })
  app.route(CART, [
    { ...slow.at, slots: 2 },
    { ...fast.at, slot: 1, slots: 2 },
  ])
  const { cart } = stubsOf(app)
  // Both are connected to.
  while (slow.cart.runs === 0 || fast.cart.runs === 0) await cart.heldBriefly('warm')
  const before = slow.cart.runs
  const ended = await outcomes(
    clock,
    Array.from({ length: 100 }, () => cart.heldBriefly('a')),
  )
  expect(count(ended, 'ok')).toBe(100)
  expect(slow.cart.runs - before).toBeLessThan(30)
})

test('a call that was lost says what the connection died of', async () => {
  const { network, kill } = cuttableNetwork()
  const cart = new MemoryCart()
  const server = await start(CART, { process: 'cart-1', network }, cart)
  const app = await start(CHECKOUT, { process: 'checkout-1' })
  const clock = new FakeClock()
  const quiet = await start(CHECKOUT, { process: 'checkout-2', clock, calls: { silenceMs: 1_000 } })
  const at = replica(await server.serve(socketPath()))
  app.route(CART, [at])
  quiet.route(CART, [at])
  const failed = rejection(stubsOf(quiet).cart.heldOnce('a'))
  await cart.arrived(1)
  for (let look = 0; look < 5; look++) clock.advance(200)
  const error = (await failed) as Error
  expect(error).toMatchObject({ code: 'WV_UNAVAILABLE', executed: 'maybe' })
  expect((error.cause as Error).message).toBe('Process "cart-1" said nothing for 1000 ms, and left 3 pings unanswered.')
  kill()
})
