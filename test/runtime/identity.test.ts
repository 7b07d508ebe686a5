/** Who may connect, and what they may call then: TLS between two Apps, and what comes of a peer that is not who it should be. */
import { once } from 'node:events'
import { connect as netConnect } from 'node:net'
import { connect as tlsConnect } from 'node:tls'
import { afterEach, describe, expect, test } from 'vitest'
import { Authority } from '../../deployer/certificates.ts'
import { App, type AppOptions } from '../../runtime/app.ts'
import type { LogLine } from '../../runtime/logger.ts'
import type { Identity } from '../../runtime/transport/socket/identity.ts'
import { authority, identityOf } from './identities.ts'
import {
  appOptions,
  CART,
  CHECKOUT,
  listenAt,
  MemoryCart,
  rejection,
  replica,
  shopDescriptor,
  stubsOf,
} from './shop.ts'

const DAY_MS = 24 * 3_600_000
const EXPIRED = { notBefore: new Date(Date.now() - 2 * DAY_MS), notAfter: new Date(Date.now() - DAY_MS) }
const NOT_YET = { notBefore: new Date(Date.now() + DAY_MS), notAfter: new Date(Date.now() + 2 * DAY_MS) }

const apps: App[] = []
afterEach(async () => {
  for (const app of apps.splice(0)) await app.stop()
})

interface Side extends Partial<AppOptions> {
  version?: string
}

interface Ends {
  cart: MemoryCart
  /** What a call of the client comes to. */
  outcome: unknown
  /** The reasons in the logs of the two ends. */
  server: string[]
  client: string[]
}

/** A server that hosts Cart as group `cart`, a client of group `checkout`, and a call between them. */
async function meet(server: Side, client: Side, group = 'cart'): Promise<Ends> {
  const cart = new MemoryCart()
  const logs = { server: [] as string[], client: [] as string[] }
  const make = (side: 'server' | 'client', { version = 'v1', ...options }: Side) => {
    const logSink = ({ fields, message }: LogLine) =>
      void logs[side].push(`${message}: ${(fields as { reason?: string }).reason}`)
    const app = new App(appOptions(shopDescriptor({ cart: () => cart, version }), { logSink, ...options }))
    apps.push(app)
    return app
  }
  const serving = make('server', { hosted: new Set([CART]), process: 'cart-1', group: 'cart', ...server })
  const calling = make('client', { hosted: new Set([CHECKOUT]), process: 'checkout-1', group: 'checkout', ...client })
  const address = await serving.serve(listenAt('tls'))
  await serving.start()
  calling.route(CART, [replica(address, { group })])
  const outcome = await rejection(
    stubsOf(calling)
      .cart.items('ada')
      .then((items) => Promise.reject(items)),
  )
  await expect.poll(() => logs.client.length + logs.server.length === 0 || logs.server.length > 0).toBe(true)
  return { cart, outcome, ...logs }
}

const cart = { identity: identityOf('cart') }
const checkout = { identity: identityOf('checkout') }

test('two groups of one deployment talk', async () => {
  expect(await meet(cart, checkout)).toMatchObject({ outcome: [], server: [], client: [] })
})

describe('a connection is refused, with one line in the log of each end,', () => {
  const stranger = Authority.make('shop')
  const REFUSED = 'a connection was refused: '
  const PEER = `${REFUSED}Process "cart-1" did not prove who it is: `
  const CALLER = `${REFUSED}The caller did not prove who it is: `
  const TOLD = `${REFUSED}Process "cart-1" refused the connection: `
  const BY_CLIENT = 'a connection was refused by its client: Process "cart-1" did not prove who it is: '

  const cases: [string, Side, Side, { server: RegExp; client: RegExp; code?: string }][] = [
    [
      'by the server: a certificate of another authority',
      cart,
      { identity: { ...stranger.identity('checkout'), ca: authority.identity('checkout').ca } },
      {
        server: starts(`${CALLER}its certificate is not of this deployment's authority (`),
        client: starts(`${TOLD}The caller did not prove who it is: its certificate is not of this deployment's`),
      },
    ],
    [
      'by the server: a certificate that has expired',
      cart,
      { identity: authority.identity('checkout', EXPIRED) },
      {
        server: starts(`${CALLER}its certificate has expired, on `),
        client: starts(`${TOLD}The caller did not prove who it is: its certificate has expired, on `),
      },
    ],
    [
      'by the server: a certificate that is not valid yet',
      cart,
      { identity: authority.identity('checkout', NOT_YET) },
      {
        server: starts(`${CALLER}its certificate is not valid yet; compare the clocks of the two machines`),
        client: starts(`${TOLD}The caller did not prove who it is: its certificate is not valid yet`),
      },
    ],
    [
      'by the server: a group that its certificate does not prove',
      cart,
      { identity: identityOf('ads') },
      {
        server: starts(
          `${REFUSED}Process "checkout-1" did not prove who it is: its certificate is of group "ads", and it should be "checkout"`,
        ),
        client: starts(`${TOLD}Process "checkout-1" did not prove who it is: its certificate is of group "ads"`),
      },
    ],
    [
      'by the client: a server of another authority',
      { identity: { ...stranger.identity('cart'), ca: authority.identity('cart').ca } },
      checkout,
      {
        server: starts(`${BY_CLIENT}its certificate is not of this deployment's authority (`),
        client: starts(`${PEER}its certificate is not of this deployment's authority (`),
      },
    ],
    [
      'by the client: a server whose certificate has expired',
      { identity: authority.identity('cart', EXPIRED) },
      checkout,
      {
        server: starts(`${BY_CLIENT}its certificate has expired, on `),
        client: starts(`${PEER}its certificate has expired, on `),
      },
    ],
    [
      'by the client: a server of another group than the routes say',
      { identity: identityOf('ads') },
      checkout,
      {
        server: starts(`${BY_CLIENT}its certificate is of group "ads", and it should be "cart"`),
        client: starts(`${PEER}its certificate is of group "ads", and it should be "cart"`),
      },
    ],
    [
      'by the client: a certificate for another application, of the same authority',
      { ...cart, application: 'shop' },
      { ...checkout, application: 'bank' },
      {
        server: starts(`${BY_CLIENT}its certificate is of application "shop", and it should be "bank"`),
        client: starts(`${PEER}its certificate is of application "shop", and it should be "bank"`),
      },
    ],
    [
      'by both: another version',
      cart,
      { ...checkout, version: 'v2' },
      {
        server: starts(`${REFUSED}Process "checkout-1" has version v2, this one is v1; `),
        client: starts(`${REFUSED}Process "cart-1" has version v1, this one is v2; `),
        code: 'WV_VERSION',
      },
    ],
  ]
  for (const [what, server, client, { code = 'WV_IDENTITY', ...lines }] of cases) {
    test(what, async () => {
      const ends = await meet(server, client)
      expect(ends.outcome).toMatchObject({ code, executed: 'no' })
      expect(ends.client).toEqual([expect.stringMatching(lines.client)])
      expect(ends.server).toEqual([expect.stringMatching(lines.server)])
    })
  }
})

describe('at a port that wants TLS', () => {
  async function listening(): Promise<{ address: URL; logs: LogLine[] }> {
    const logs: LogLine[] = []
    const logSink = (line: LogLine) => void logs.push(line)
    const descriptor = shopDescriptor()
    const options = { hosted: new Set([CART]), process: 'cart-1', group: 'cart', ...cart, logSink }
    const app = new App(appOptions(descriptor, options))
    apps.push(app)
    return { address: new URL((await app.serve(listenAt('tls'))).replace('tls:', 'http:')), logs }
  }

  test('a caller without a certificate is told so, and nothing else', async () => {
    const { address, logs } = await listening()
    const socket = tlsConnect({ port: Number(address.port), host: '127.0.0.1', rejectUnauthorized: false })
    const heard: Buffer[] = []
    socket.on('data', (chunk: Buffer) => heard.push(chunk))
    socket.on('error', () => {})
    await once(socket, 'close')
    expect(logs.map(({ fields }) => fields)).toMatchObject([
      { reason: 'The caller did not prove who it is: it has no certificate.' },
    ])
    const text = Buffer.concat(heard).toString('latin1')
    expect(text).toContain('it has no certificate')
    for (const secret of ['shop', 'v1', 'cart-1']) expect(text).not.toContain(secret)
  })

  test('bytes that are no TLS end the connection', async () => {
    const { address, logs } = await listening()
    const socket = netConnect(Number(address.port), '127.0.0.1')
    socket.on('error', () => {})
    socket.resume()
    socket.write('GET / HTTP/1.1\r\n\r\n')
    await once(socket, 'close')
    await expect.poll(() => logs.length).toBe(1)
    expect(logs[0]).toMatchObject({
      message: 'a connection was refused',
      fields: { reason: expect.stringMatching(/^the TLS handshake failed: /) },
    })
  })

  test('a caller that hangs up in the middle of the handshake is not worth a line', async () => {
    const { address, logs } = await listening()
    const gone = netConnect(Number(address.port), '127.0.0.1')
    await once(gone, 'connect')
    gone.destroy()
    const reset = netConnect(Number(address.port), '127.0.0.1')
    await once(reset, 'connect')
    reset.resetAndDestroy()
    // The next one that fails is heard of, and it alone.
    const socket = netConnect(Number(address.port), '127.0.0.1')
    socket.on('error', () => {})
    socket.resume()
    socket.write('GET / HTTP/1.1\r\n\r\n')
    await once(socket, 'close')
    await expect.poll(() => logs.length).toBe(1)
  })

  test('a process without a certificate says what to do', async () => {
    const app = new App(appOptions(shopDescriptor(), { process: 'cart-1' }))
    apps.push(app)
    await expect(async () => app.serve(listenAt('tls'))).rejects.toThrow(
      'tls://127.0.0.1:0 needs TLS, and this process has no certificate; let the deployer start it with --transport tls.',
    )
  })
})

describe('a group may call what it declares', () => {
  const ways: [string, string, Identity | undefined][] = [
    ['unix', 'unix', undefined],
    ['tcp', 'tcp', undefined],
    ['tls', 'tls', identityOf('checkout')],
  ]
  for (const [name, kind, identity] of ways) {
    for (const admitted of [{ checkout: [CART] }, { checkout: [CHECKOUT], cart: [CART] }, {}]) {
      const may = admitted.checkout?.includes(CART) === true
      test(`${name}: ${may ? 'admitted' : 'refused'} with ${JSON.stringify(admitted)}`, async () => {
        const implementation = new MemoryCart()
        const common = { process: 'cart-1', group: 'cart', admitted }
        const server = new App(
          appOptions(shopDescriptor({ cart: () => implementation }), {
            hosted: new Set([CART]),
            ...common,
            ...(identity && cart),
          }),
        )
        const client = new App(
          appOptions(shopDescriptor(), {
            hosted: new Set([CHECKOUT]),
            process: 'checkout-1',
            group: 'checkout',
            identity,
          }),
        )
        apps.push(client, server)
        const address = await server.serve(listenAt(kind as 'unix'))
        await server.start()
        client.route(CART, [replica(address, { group: 'cart' })])
        const called = stubsOf(client).cart.add('ada', { productId: 'mug', quantity: 1 })
        if (may) await called
        else {
          expect(await rejection(called)).toMatchObject({
            code: 'WV_FORBIDDEN',
            executed: 'no',
            message:
              'Group "checkout" may not call Cart.add: no component in it takes Cart as a constructor parameter.',
          })
        }
        expect(implementation.carts.size).toBe(may ? 1 : 0)
      })
    }
  }
})

/** A line that begins so. */
function starts(text: string): RegExp {
  return new RegExp(`^${text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}`)
}
