/** Long messages: cut into parts, put together again, and passed by shorter ones on the way. */
import { connect as netConnect, type Socket } from 'node:net'
import { afterAll, afterEach, describe, expect, test } from 'vitest'
import { App } from '../../runtime/app.ts'
import { isLate } from '../../runtime/calls/local.ts'
import { Reader } from '../../runtime/codec/reader.ts'
import { Writer } from '../../runtime/codec/writer.ts'
import { LIMITS } from '../../runtime/limits.ts'
import { FRAME, Frames, HEADER_BYTES } from '../../runtime/transport/socket/frames.ts'
import { writeGreeting } from '../../runtime/transport/socket/handshake.ts'
import { Incoming, Outgoing } from '../../runtime/transport/socket/parts.ts'
import { frameOf } from '../fuzz/frames.ts'
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
  for (const app of apps.splice(0)) await app.stop()
})

type Side = Parameters<typeof appOptions>[1]

async function server(address: string, cart: MemoryCart, options: Side = {}): Promise<App> {
  const app = new App(
    appOptions(shopDescriptor({ cart: () => cart }), { hosted: new Set([CART]), process: 'cart-1', ...options }),
  )
  apps.push(app)
  await app.serve(address)
  await app.start()
  return app
}

async function client(options: Side = {}): Promise<App> {
  const app = new App(appOptions(shopDescriptor(), { hosted: new Set([CHECKOUT]), process: 'checkout-1', ...options }))
  apps.push(app)
  await app.start()
  return app
}

const LONG = 'x'.repeat(5 * 1024 * 1024)

describe('a long message', () => {
  test('arrives whole in both directions, and short calls pass it', async () => {
    const address = socketPath()
    const cart = new MemoryCart()
    await server(address, cart)
    const app = await client()
    const stubs = stubsOf(app)
    app.route(CART, [replica(address)])
    await stubs.cart.items('warm')
    const order: string[] = []
    const put = stubs.cart.add('ada', { productId: LONG, quantity: 1 }).then(() => order.push('long request'))
    const short = stubs.cart.items('bob').then(() => order.push('short call'))
    await Promise.all([put, short])
    expect(order).toEqual(['short call', 'long request'])
    const got = stubs.cart.items('ada').then((items) => {
      order.push('long result')
      return items
    })
    await stubs.cart.items('bob')
    await stubs.cart.items('bob').then(() => order.push('short call'))
    expect((await got)[0]?.productId).toBe(LONG)
    expect(order.slice(2)).toEqual(['short call', 'long result'])
  })

  test('of each length around the limit arrives as it was', async () => {
    const address = socketPath()
    const cart = new MemoryCart()
    cart.heldOnce = async (name) => name
    await server(address, cart)
    const app = await client()
    app.route(CART, [replica(address)])
    const lengths = [-20, -10, -9, -8, -7, -6, -5, -4, -3, -2, -1, 0, 1, 2].flatMap((more) =>
      [1, 4, 5].map((parts) => parts * LIMITS.partBytes + more),
    )
    const texts = lengths.map((length) => 'y'.repeat(length))
    expect(await Promise.all(texts.map((text) => stubsOf(app).cart.heldOnce(text)))).toEqual(texts)
  })

  test('is followed by what is said about its call: a cancel does not overtake its request', async () => {
    const clock = new FakeClock()
    const address = socketPath()
    const cart = new MemoryCart()
    const heard = Promise.withResolvers<void>()
    cart.heldBriefly = async (name) => {
      while (!isLate()) await new Promise((resolve) => setImmediate(resolve))
      heard.resolve()
      return name
    }
    await server(address, cart)
    const app = await client({ clock })
    app.route(CART, [replica(address)])
    const { cart: stub } = stubsOf(app)
    await stub.items('warm')
    const late = rejection(stub.heldBriefly(LONG))
    clock.advance(1_000)
    expect(await late).toMatchObject({ code: 'WV_DEADLINE', executed: 'maybe' })
    await heard.promise
    // The answer is empty, and the id is free.
    expect(await stub.items('ada')).toEqual([])
  })

  test('goes out whole before a server that drains leaves', async () => {
    const address = socketPath()
    const cart = new MemoryCart()
    const draining = await server(address, cart)
    const app = await client()
    app.route(CART, [replica(address)])
    await stubsOf(app).cart.add('ada', { productId: LONG, quantity: 1 })
    const held = stubsOf(app).cart.heldOnce(LONG)
    await cart.arrived(1)
    const drained = draining.stop()
    cart.release(LONG)
    expect((await held).length).toBe(LONG.length)
    await drained
  })

  test('a request of which not all was sent has not run, and goes elsewhere', async () => {
    const [first, second] = [socketPath(), socketPath()]
    const carts = [new MemoryCart(), new MemoryCart()] as const
    const { network, accepted, kill } = cuttableNetwork()
    await server(first, carts[0], { network })
    await server(second, carts[1], { process: 'cart-2' })
    const app = await client()
    app.route(CART, [replica(first)])
    const { cart } = stubsOf(app)
    await cart.items('warm')
    // It reads no more, so it never says that parts were taken.
    for (const socket of accepted) socket.pause()
    const added = cart.add('ada', { productId: LONG, quantity: 1 })
    await new Promise((resolve) => setImmediate(resolve))
    app.route(CART, [replica(first), replica(second, { process: 'cart-2' })])
    kill()
    await added
    expect(carts[0].carts.size).toBe(0)
    expect(carts[1].carts.get('ada')?.[0]?.productId).toBe(LONG)
  })

  test('answers that nobody reads: beyond a limit, requests are refused and not run', async () => {
    const address = socketPath()
    const cart = new MemoryCart()
    let runs = 0
    const large = 'z'.repeat(LIMITS.messageBytesMax - 1_024)
    cart.heldOnce = async () => {
      runs++
      return large
    }
    await server(address, cart)
    const socket = netConnect(address)
    const refused = new Promise<void>((resolve) => {
      const frames = new Frames(LIMITS.messageBytesMax, (kind) => kind === FRAME.error && resolve())
      socket.on('data', (chunk) => {
        frames.push(chunk)
        while (frames.cut(1_000));
      })
    })
    socket.write(hello())
    for (let id = 0; id < 4; id++) {
      socket.write(request(id))
      while (runs < Math.min(id + 1, 3)) await new Promise((resolve) => setImmediate(resolve))
    }
    await refused
    expect(runs).toBe(3)
    socket.destroy()
  })
})

function hello(): Buffer {
  const writer = new Writer()
  writeGreeting(writer, { application: 'shop', version: 'v1', process: 'evil', group: 'evil' })
  return frameOf(FRAME.hello, 0, writer.take())
}

function request(id: number): Buffer {
  const writer = new Writer()
  // Cart.heldOnce
  for (const value of [0, 5, 10_000, 0]) writer.varint(value)
  writer.string('["a"]')
  return frameOf(FRAME.request, id, writer.take())
}

describe('hostile parts', () => {
  const whole = Buffer.alloc(LIMITS.partBytes, FRAME.request)
  const cases: [string, Buffer][] = [
    ['before the greeting', frameOf(FRAME.part, 0, Buffer.alloc(100))],
    ['a part that is short and not the last', Buffer.concat([hello(), frameOf(FRAME.part, 0, Buffer.alloc(10))])],
    ['a part that is empty', Buffer.concat([hello(), frameOf(FRAME.lastPart, 0, Buffer.alloc(0))])],
    [
      'a frame longer than a part',
      Buffer.concat([hello(), frameOf(FRAME.request, 0, Buffer.alloc(LIMITS.wholeBytesMax + 1))]),
    ],
    ['an id out of range', Buffer.concat([hello(), frameOf(FRAME.part, LIMITS.callsInFlightMax, whole)])],
    ['parts taken that were not sent', Buffer.concat([hello(), frameOf(FRAME.taken, 0, Buffer.of(1))])],
    ['parts within parts', Buffer.concat([hello(), frameOf(FRAME.lastPart, 0, Buffer.of(FRAME.part, 1, 2))])],
    ['an unknown kind beyond parts', Buffer.concat([hello(), frameOf(FRAME.taken + 1, 0, Buffer.alloc(0))])],
  ]
  for (const [what, bytes] of cases) {
    test(`${what}: the connection closes`, async () => {
      const address = socketPath()
      const logs: string[] = []
      await server(address, new MemoryCart(), { logSink: (line) => logs.push(line.message) })
      const socket: Socket = netConnect(address)
      socket.on('error', () => {})
      socket.resume()
      const closed = new Promise((resolve) => socket.on('close', resolve))
      socket.write(bytes)
      await closed
      expect(logs).toEqual(['a connection was closed'])
    })
  }

  test('a message that is too long is refused as soon as too much has come', () => {
    const incoming = new Incoming()
    const full = LIMITS.messageBytesMax / LIMITS.partBytes
    for (let part = 0; part < full; part++) incoming.part(1, new Reader(whole), false)
    expect(() => incoming.part(1, new Reader(Buffer.alloc(1)), true)).toThrow('a message in parts has more than')
  })

  test('incomplete messages hold only so much together', () => {
    const incoming = new Incoming()
    const full = LIMITS.assembledBytesMax / LIMITS.partBytes
    for (let part = 0; part < full; part++) incoming.part(part % 64, new Reader(whole), false)
    expect(() => incoming.part(64, new Reader(whole), false)).toThrow('may be under way')
  })
})

describe('the sender', () => {
  const frame = (id: number, bytes: number) => frameOf(FRAME.result, id, Buffer.alloc(bytes, id))

  function pumped(outgoing: Outgoing): { id: number; bytes: number; isLast: boolean }[] {
    const parts: { id: number; bytes: number; isLast: boolean }[] = []
    outgoing.pump((id, body, isLast) => {
      parts.push({ id, bytes: body.reduce((sum, { length }) => sum + length, 0), isLast })
    })
    return parts
  }

  test('takes turns, and is never further ahead than it may be', () => {
    const outgoing = new Outgoing()
    expect(LIMITS.partsAheadBytesMax).toBe(4 * LIMITS.partBytes)
    outgoing.add(1, frame(1, 1_000_000))
    outgoing.add(2, frame(2, LIMITS.partBytes + 10))
    const first = pumped(outgoing)
    expect(first.map(({ id }) => id)).toEqual([1, 2, 1, 2])
    expect(first[3]).toEqual({ id: 2, bytes: 11, isLast: true })
    // The next part would be more than may be ahead.
    expect(pumped(outgoing)).toEqual([])
    outgoing.taken(2 * LIMITS.partBytes)
    expect(pumped(outgoing).map(({ id }) => id)).toEqual([1, 1])
    expect(() => outgoing.taken(LIMITS.partsAheadBytesMax + 1)).toThrow('of parts were taken')
  })

  test('keeps the order of one call, and a short message behind a long one', () => {
    const outgoing = new Outgoing()
    outgoing.add(1, frame(1, LIMITS.partBytes + 99))
    outgoing.add(1, frame(1, 10))
    outgoing.add(1, frame(1, LIMITS.partBytes + 99))
    expect(outgoing.has(1)).toBe(true)
    expect(pumped(outgoing).map(({ bytes }) => bytes)).toEqual([LIMITS.partBytes, 100, 11, LIMITS.partBytes, 100])
    expect(outgoing.has(1)).toBe(false)
    expect(outgoing.empty).toBe(true)
    expect(outgoing.bytes).toBe(0)
  })

  test('begins no more messages than the receiver may hold', () => {
    const outgoing = new Outgoing()
    const body = Buffer.alloc(HEADER_BYTES + LIMITS.messageBytesMax - 1)
    for (let id = 0; id < 6; id++) outgoing.add(id, body)
    const begun = new Set<number>()
    let ended = 0
    while (!outgoing.empty) {
      const parts = pumped(outgoing)
      for (const { id, isLast, bytes } of parts) {
        begun.add(id)
        if (isLast) ended++
        outgoing.taken(bytes)
      }
      expect(begun.size - ended).toBeLessThanOrEqual(4)
    }
    expect(ended).toBe(6)
  })

  test('cuts what its receiver puts together', () => {
    const outgoing = new Outgoing()
    const incoming = new Incoming()
    const body = Buffer.from(Array.from({ length: 100_000 }, (_, n) => n % 251))
    outgoing.add(7, frameOf(FRAME.result, 7, body))
    let message: Reader | undefined
    while (!outgoing.empty) {
      outgoing.pump((id, parts, isLast) => {
        message = incoming.part(id, new Reader(Buffer.concat(parts)), isLast)
      })
      outgoing.taken(incoming.untold)
      incoming.untold = 0
    }
    expect(message!.uint8()).toBe(FRAME.result)
    expect(message!.buffer.subarray(message!.position).equals(body)).toBe(true)
  })
})
