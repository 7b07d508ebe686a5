/** State in memory goes to another process, here between Apps with real sockets between them; the test plays the deployer. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeEach, expect, test } from 'vitest'
import { App, type AppOptions } from '../../runtime/app.ts'
import { LIMITS } from '../../runtime/limits.ts'
import { FakeClock } from './fake-clock.ts'
import {
  appOptions,
  CART,
  type Cart,
  type Item,
  listenAt,
  MemoryCart,
  method,
  rejection,
  replica,
  shopDescriptor,
  stubsOf,
} from './shop.ts'
import { removeTemporaryFolders, temporaryFolder } from './temporary.ts'

afterAll(removeTemporaryFolders)

type State = [string, Item[]][]

class StatefulCart extends MemoryCart {
  failure: Error | undefined
  /** Instead of what it knows. */
  given: unknown
  stopped = 0

  async handOver(): Promise<unknown> {
    if (this.failure) throw this.failure
    return this.given ?? [...this.carts]
  }

  async takeOver(state: State): Promise<void> {
    if (this.failure) throw this.failure
    for (const [user, items] of state) this.carts.set(user, items)
  }

  async stop(): Promise<void> {
    this.stopped++
  }
}

const NAMES = ['a', 'b', 'c'] as const
type Name = (typeof NAMES)[number]
let apps: Record<Name, App>
let addresses: Record<Name, string>
/** In the order in which they were made: the old one first. */
let carts: StatefulCart[]
let path: string

/** Cart lives in `a`, has started in `b` too, and is called from all three. */
async function start(options: Partial<AppOptions> = {}): Promise<void> {
  class Made extends StatefulCart {
    constructor() {
      super()
      carts.push(this)
    }
  }
  const base = shopDescriptor()
  const [cart, ...others] = base.components
  const isState = ([state]: readonly unknown[]) => Array.isArray(state)
  const boundary = () => ({ ...cart!.boundary!(), state: method('takeOver', { check: isState }) })
  const descriptor = { ...base, components: [{ ...cart!, boundary, load: async () => Made }, ...others] }
  for (const process of NAMES) {
    apps[process] = new App(
      appOptions(descriptor, { hosted: new Set(process === 'a' ? [CART] : []), process, ...options }),
    )
    addresses[process] = await apps[process].serve(listenAt('unix'))
  }
  for (const process of ['b', 'c'] as const) lead(process, 'a')
  for (const process of NAMES) await apps[process].start()
  await apps.b.host(CART, undefined)
}

const cartOf = (process: Name): Cart => stubsOf(apps[process]).cart
function lead(process: Name, to: Name): void {
  apps[process].route(CART, [replica(addresses[to], { process: to })])
}

beforeEach(() => {
  apps = {} as Record<Name, App>
  addresses = {} as Record<Name, string>
  carts = []
  path = join(temporaryFolder(), 'state')
})
afterEach(async () => {
  for (const process of NAMES) await apps[process].stop()
})

const MUG: Item = { productId: 'mug', quantity: 1 }
async function turns(count = 20): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise(setImmediate)
}
const sizes = () => carts.map((cart) => cart.carts.get('ada')?.length ?? 0)

test('calls that come meanwhile run once, in the new place, on the state that went there', async () => {
  await start()
  await cartOf('c').add('ada', MUG)
  await apps.a.handOver(CART, path)
  // From the old process itself, from the new one, from another.
  const added = NAMES.map((process) => cartOf(process).add('ada', MUG))
  await turns()
  expect(sizes()).toEqual([1, 0])
  await apps.b.takeOver(CART, path)
  await apps.a.giveUp(CART)
  for (const process of NAMES) lead(process, 'b')
  expect(await apps.a.retire(CART)).toBe(0)
  await Promise.all(added)
  expect(sizes()).toEqual([1, 4])
  expect(carts.map(({ stopped }) => stopped)).toEqual([1, 0])
  expect(apps.a.hosted).toEqual([])
})

test('calls that come meanwhile run once where they would have, when nothing comes of it', async () => {
  await start()
  await apps.a.handOver(CART, path)
  const added = NAMES.map((process) => cartOf(process).add('ada', MUG))
  await turns()
  apps.a.keep(CART)
  await Promise.all(added)
  expect(sizes()).toEqual([3, 0])
  await expect(apps.a.giveUp(CART)).rejects.toThrow('src/cart.Cart is not being handed over here.')
})

test('it waits for calls in flight, whoever made them', async () => {
  await start()
  const held = NAMES.map((process) => cartOf(process).heldOnce(process))
  await carts[0]!.arrived(3)
  const given = apps.a.handOver(CART, path)
  await turns()
  expect(existsSync(path)).toBe(false)
  for (const process of NAMES) carts[0]!.release(process)
  expect(await Promise.all(held)).toEqual([...NAMES])
  await given
  expect(existsSync(path)).toBe(true)
})

test.each(['a', 'c'] as const)(
  'a call from %s that does not end keeps it where it is, and the error says so',
  async (process) => {
    const clock = new FakeClock()
    await start({ clock })
    const held = cartOf(process).heldOnce('long')
    await carts[0]!.arrived(1)
    const error = rejection(apps.a.handOver(CART, path))
    await turns()
    clock.advance(LIMITS.handOverMs)
    expect(await error).toMatchObject({ message: '1 call of Cart had not ended in 5 s' })
    await cartOf('a').add('ada', MUG)
    expect(sizes()).toEqual([1, 0])
    carts[0]!.release('long')
    await held
  },
)

test.each(['handOver', 'takeOver'])('what %s throws is the error, and nothing is left behind', async (stage) => {
  await start()
  await cartOf('c').add('ada', MUG)
  carts[stage === 'handOver' ? 0 : 1]!.failure = new Error('no ink')
  const both = async () => {
    await apps.a.handOver(CART, path)
    await apps.b.takeOver(CART, path)
  }
  await expect(both()).rejects.toThrow('no ink')
  apps.a.keep(CART)
  await cartOf('a').add('ada', MUG)
  expect(sizes()).toEqual([2, 0])
  if (stage === 'handOver') expect(existsSync(path)).toBe(false)
})

test('a state that is not of its type stays, and the error says where', async () => {
  await start()
  carts[0]!.given = { ada: 1 }
  await expect(apps.a.handOver(CART, path)).rejects.toMatchObject({ code: 'WV_VALUE' })
  await cartOf('c').add('ada', MUG)
  expect(sizes()).toEqual([1, 0])
})

test('bytes that are no state are refused, and another file is not written over', async () => {
  await start()
  writeFileSync(path, 'no state at all')
  await expect(apps.a.handOver(CART, path)).rejects.toThrow('EEXIST')
  expect(readFileSync(path, 'utf8')).toBe('no state at all')
  await expect(apps.b.takeOver(CART, path)).rejects.toThrow()
  await cartOf('c').add('ada', MUG)
})

test('one whose deployer is gone serves on, and one that was given up ends', async () => {
  await start()
  await apps.a.handOver(CART, path)
  const added = cartOf('c').add('ada', MUG)
  apps.a.orphaned()
  await added
  expect(sizes()).toEqual([1, 0])
  await apps.a.handOver(CART, `${path}2`)
  await apps.b.takeOver(CART, `${path}2`)
  await apps.a.giveUp(CART)
  const later = cartOf('c').add('ada', MUG)
  apps.a.orphaned()
  await turns()
  expect(carts[0]!.stopped).toBe(1)
  for (const process of NAMES) lead(process, 'b')
  await later
  expect(sizes()).toEqual([1, 2])
})
