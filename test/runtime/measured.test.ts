/** What is measured of an application between two processes' worth of it: errors and bytes to the call, what a served call is made of, costs. */
import { createServer } from 'node:http'
import { afterEach, expect, test } from 'vitest'
import { App } from '../../runtime/app.ts'
import type { EdgeSample } from '../../runtime/measure/edge-counts.ts'
import { OUTSIDE } from '../../runtime/measure/entries.ts'
import { identityOf } from './identities.ts'
import {
  appOptions,
  CART,
  CART_METHODS,
  component,
  listenAt,
  MemoryCart,
  method,
  REMOTE,
  type Remote,
  rejection,
  replica,
  shopDescriptor,
} from './shop.ts'

const FRONT = 'src/front.Front'

type Counting = Record<string, (...args: unknown[]) => Promise<unknown>> & {
  $due: Uint32Array
  $target: Record<string, (...args: unknown[]) => Promise<unknown>>
}

/** As a generated stub does it. */
function call(stub: object, index: number, name: string, ...args: unknown[]): Promise<unknown> {
  const counting = stub as Counting
  if (--counting.$due[index]! === 0) return counting.$sample!(index, name, args)
  return counting.$target[name]!(...args)
}

const indexOf = (name: string) => CART_METHODS.findIndex((each) => each.name === name)
const cartCall = (stub: object, name: string, ...args: unknown[]) => call(stub, indexOf(name), name, ...args)

class Front {
  readonly #cart: object

  constructor(cart: object) {
    this.#cart = cart
  }

  async page(): Promise<unknown> {
    return cartCall(this.#cart, 'seen')
  }
}

const stops: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop()
})

interface Pair {
  client: App
  server: App
  address: string
}

async function pair(transport: Remote): Promise<Pair> {
  const front = component(FRONT, [method('page')], Front, [CART])
  const descriptor = shopDescriptor({ cart: () => new MemoryCart(), components: [front] })
  const side = (process: string, hosted: string) => {
    const identity = transport === 'tls' ? identityOf(process) : undefined
    return new App(appOptions(descriptor, { hosted: new Set([hosted]), process, identity, measured: true }))
  }
  const server = side('cart-1', CART)
  const client = side('checkout-1', FRONT)
  const address = await server.serve(listenAt(transport))
  client.route(CART, [replica(address)])
  await server.start()
  await client.start()
  stops.push(
    () => client.stop(),
    () => server.stop(),
  )
  return { client, server, address }
}

const edgeOf = (edges: readonly EdgeSample[], method: string) => edges.find((edge) => edge.method === method)

for (const transport of REMOTE)
  test(`over ${transport} each error and each byte is counted, at the caller`, async () => {
    const { client, server } = await pair(transport)
    const cart = client.get(CART, FRONT)
    for (let made = 0; made < 100; made++) await cartCall(cart, 'items', 'ada')
    for (let made = 0; made < 70; made++) await rejection(cartCall(cart, 'fail', 'plain'))
    const edges = client.edges()
    const items = edgeOf(edges, 'items')!
    expect(items).toMatchObject({ calls: 100, remote: 100, sized: 100, errors: 0 })
    expect(items.requestBytes % 100).toBe(0)
    expect(items.requestBytes).toBeGreaterThan(600)
    expect(items.replyBytes).toBe(100 * '[]'.length + 100)
    expect(edgeOf(edges, 'fail')).toMatchObject({ calls: 70, remote: 70, errors: 70, errorsVariance: 0 })
    expect(server.edges()).toEqual([])
    expect([client.callsBegun, server.callsBegun]).toEqual([0, 170])
  })

test('what a served call calls is recorded where it is served', async () => {
  const { client } = await pair('unix')
  await call(client.get(FRONT, 'test'), 0, 'page')
  const { methods } = client.measures!.take()
  expect(methods).toMatchObject([
    { component: FRONT, method: 'page', calls: 1, children: [{ component: CART, method: 'seen', calls: 1 }] },
  ])
  const [{ totalMs, ownMs, children }] = methods as [(typeof methods)[0]]
  expect(children[0]!.criticalMs).toBe(children[0]!.totalMs)
  expect(ownMs + children[0]!.criticalMs).toBeCloseTo(totalMs, 6)
})

test('requests from outside are counted by what they ask for, and those that fail', async () => {
  const { client } = await pair('unix')
  const server = createServer((request, response) => {
    response.statusCode = request.url === '/broken' ? 500 : 200
    response.end('well')
  })
  const { entries } = client.measures!
  entries.watch(FRONT, 'web', server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  const paths = ['/', '/?page=2', '/product/OLJCESPC7Z', '/product/66VCHSJNUP?x=1', '/broken', '/4711', '/%20']
  for (const path of paths) await (await fetch(`http://127.0.0.1:${port}${path}`)).text()
  for (let kind = 0; kind < 100; kind++)
    await (await fetch(`http://127.0.0.1:${port}/${'x'.repeat(1 + (kind % 20))}${'y'.repeat(kind / 20)}`)).text()
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
  const taken = entries.take()
  const counts = new Map(taken.map(({ method, calls, errors }) => [method, [calls, errors]]))
  expect(taken.every(({ caller, callee }) => caller === OUTSIDE && callee === FRONT)).toBe(true)
  expect(counts.get('web GET /')).toEqual([2, 0])
  expect(counts.get('web GET /product')).toEqual([2, 0])
  expect(counts.get('web GET /broken')).toEqual([1, 1])
  expect(counts.get('web GET /*')).toEqual([2, 0])
  expect(counts.size).toBe(65)
  expect([...counts.values()].reduce((sum, [calls]) => sum + calls!, 0)).toBe(107)
  expect(taken.every(({ timed, calls }) => timed === calls)).toBe(true)
  expect(entries.take()).toEqual([])
})

for (const transport of ['unix', 'tcp', 'tls'] as const)
  test(`what calls cost over ${transport} is measured between the two, and of one with itself`, async () => {
    const { client, server, address } = await pair(transport)
    const peer = { process: 'cart-1', group: 'cart-1', address }
    for (const found of [await client.probe(peer), await server.probe(peer)]) {
      expect(found.callerUs).toBeGreaterThan(0.1)
      expect(found.calleeUs).toBeGreaterThan(0.1)
      expect(found.roundTripUs).toBeGreaterThan(1)
      for (const value of Object.values(found)) expect(value).toBeGreaterThanOrEqual(0)
    }
  })

test('a process that is not there can not be asked', async () => {
  const { client } = await pair('unix')
  const peer = { process: 'gone-1', group: 'gone', address: listenAt('unix') }
  await expect(client.probe(peer)).rejects.toThrow('was gone')
})
