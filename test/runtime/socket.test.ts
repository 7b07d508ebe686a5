/** What goes wrong between two processes, and what becomes of the calls. */
import { AsyncLocalStorage } from 'node:async_hooks'
import { once } from 'node:events'
import { connect as netConnect, type Socket } from 'node:net'
import { afterAll, afterEach, describe, expect, test, vi } from 'vitest'
import { App, type AppOptions } from '../../runtime/app.ts'
import { Writer } from '../../runtime/codec/writer.ts'
import { LIMITS } from '../../runtime/limits.ts'
import type { LogLine } from '../../runtime/logger.ts'
import { FRAME } from '../../runtime/transport/socket/frames.ts'
import { writeGreeting } from '../../runtime/transport/socket/handshake.ts'
import type { Network, Received } from '../../runtime/transport/socket/network.ts'
import { MemoryNetwork } from '../fuzz/memory-network.ts'
import { FakeClock } from './fake-clock.ts'
import {
  appOptions,
  CART,
  CHECKOUT,
  cuttableNetwork,
  MemoryCart,
  plainNetwork,
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

interface Side extends Partial<AppOptions> {
  version?: string
}

function newApp({ version = 'v1', ...options }: Side, cart = new MemoryCart()): App {
  const app = new App(appOptions(shopDescriptor({ cart: () => cart, version }), options))
  apps.push(app)
  return app
}

async function server(address: string, cart: MemoryCart, options: Side = {}): Promise<App> {
  const app = newApp({ hosted: new Set([CART]), process: 'cart-1', ...options }, cart)
  await app.serve(address)
  await app.start()
  return app
}

async function client(options: Side = {}): Promise<App> {
  const app = newApp({ hosted: new Set([CHECKOUT]), process: 'checkout-1', ...options })
  await app.start()
  return app
}

/** Sockets that a test counts and cuts from the calling side. */
function countingNetwork(): { network: Network; connected: Socket[] } {
  const connected: Socket[] = []
  const network = {
    ...plainNetwork,
    connect(path: string, received: Received) {
      const socket = plainNetwork.connect(path, received)
      connected.push(socket)
      return socket
    },
  }
  return { network, connected }
}

describe('a component that nothing in the process needs', () => {
  test('costs it neither a boundary nor a connection, until somebody asks for it: then the newest route counts', async () => {
    const address = socketPath()
    const cart = new MemoryCart()
    await server(address, cart)
    const { network, connected } = countingNetwork()
    const descriptor = shopDescriptor({ cart: () => cart })
    const made: string[] = []
    const makes = <Made>(name: string, make: () => Made) => {
      return () => {
        made.push(name)
        return make()
      }
    }
    const components = descriptor.components.map(({ boundary, ...component }) => ({
      ...component,
      boundary: boundary && makes(component.name, boundary),
    }))
    const app = new App(appOptions({ ...descriptor, components }, { hosted: new Set(), process: 'idle-1', network }))
    apps.push(app)
    await app.start()
    app.route(CART, [replica(socketPath())])
    app.route(CART, [replica(address)])
    expect([made, connected.length]).toEqual([[], 0])
    const held = stubsOf(app).cart.held('a')
    await cart.arrived(1)
    cart.release('a')
    expect(await held).toBe('a')
    expect(connected.length).toBe(1)
    expect(made).toContain(CART)
  })
})

describe('a peer that is killed', () => {
  test('fails the call that it had, which may have run', async () => {
    const address = socketPath()
    const cart = new MemoryCart()
    const { network, kill } = cuttableNetwork()
    await server(address, cart, { network })
    const app = await client()
    app.route(CART, [replica(address)])
    const failed = rejection(stubsOf(app).cart.heldOnce('a'))
    await cart.arrived(1)
    kill()
    const error = (await failed) as Error
    expect(error).toMatchObject({
      code: 'WV_UNAVAILABLE',
      executed: 'maybe',
      edge: { caller: 'test', callee: CART, method: 'heldOnce' },
      message:
        'Cart.heldOnce: process "cart-1" was gone before it answered; the call may have run; a method marked @idempotent would be tried again.',
    })
    expect(error.stack).toContain('socket.test.ts')
  })

  test('has its idempotent call repeated by another replica', async () => {
    const [first, second] = [socketPath(), socketPath()]
    const carts = [new MemoryCart(), new MemoryCart()] as const
    const { network, kill } = cuttableNetwork()
    await server(first, carts[0], { network })
    const app = await client({ random: () => 0 })
    app.route(CART, [replica(first)])
    const answer = stubsOf(app).cart.held('a')
    await carts[0].arrived(1)
    await server(second, carts[1], { process: 'cart-2' })
    app.route(CART, [replica(first), replica(second, { process: 'cart-2' })])
    kill()
    await carts[1].arrived(1)
    carts[1].release('a')
    expect(await answer).toBe('a')
    expect(carts[0].calls).toEqual(['a'])
  })

  test('that comes back at its address serves the repeated call', async () => {
    const address = socketPath()
    const before = new MemoryCart()
    const { network, kill } = cuttableNetwork()
    await server(address, before, { network })
    const app = await client()
    app.route(CART, [replica(address)])
    const answer = stubsOf(app).cart.held('a')
    await before.arrived(1)
    kill()
    const after = new MemoryCart()
    await server(address, after)
    await after.arrived(1)
    after.release('a')
    expect(await answer).toBe('a')
  })

  test('again and again: an idempotent call gives up after so many attempts', async () => {
    const address = socketPath()
    const cart = new MemoryCart()
    const { network, accepted } = cuttableNetwork()
    await server(address, cart, { network })
    const app = await client()
    app.route(CART, [replica(address)])
    const failed = rejection(stubsOf(app).cart.held('a'))
    for (let attempt = 1; attempt <= LIMITS.attemptsMax; attempt++) {
      await cart.arrived(attempt)
      for (const socket of accepted.splice(0)) socket.destroy()
    }
    expect(await failed).toMatchObject({ code: 'WV_UNAVAILABLE', executed: 'maybe' })
    expect(cart.calls).toHaveLength(LIMITS.attemptsMax)
  })

  test('before a call was written: it goes elsewhere though it is not idempotent', async () => {
    const [first, second] = [socketPath(), socketPath()]
    const carts = [new MemoryCart(), new MemoryCart()] as const
    await server(first, carts[0])
    const { network, connected } = countingNetwork()
    const app = await client({ network })
    const { cart } = stubsOf(app)
    app.route(CART, [replica(first)])
    await cart.items('warm')
    await server(second, carts[1], { process: 'cart-2' })
    // In one tick: the call is in the output buffer, and the socket is gone before that is flushed.
    const added = cart.add('ada', { productId: 'mug', quantity: 1 })
    connected[0]!.emit('close')
    app.route(CART, [replica(second, { process: 'cart-2' })])
    await added
    expect(carts[0].carts.size).toBe(0)
    expect(carts[1].carts.get('ada')).toEqual([{ productId: 'mug', quantity: 1 }])
  })
})

describe('a component without a live replica', () => {
  test('keeps its calls waiting, as they were made', async () => {
    const address = socketPath()
    const cart = new MemoryCart()
    const app = await client()
    const item = { productId: 'mug', quantity: 1 }
    const added = stubsOf(app).cart.add('ada', item)
    item.quantity = 99
    await server(address, cart)
    app.route(CART, [replica(address)])
    await added
    expect(cart.carts.get('ada')).toEqual([{ productId: 'mug', quantity: 1 }])
  })

  test('fails them at their deadline, surely not run', async () => {
    const clock = new FakeClock()
    const app = await client({ clock })
    const failed = rejection(stubsOf(app).cart.items('ada'))
    clock.advance(LIMITS.deadlineMsDefault)
    expect(await failed).toMatchObject({
      code: 'WV_DEADLINE',
      executed: 'no',
      message: 'Cart.items: no live replica in 30000 ms; that is the default, which @timeout or withDeadline change.',
    })
    clock.advance(1_000)
    expect(clock.timers).toBe(0)
  })

  test('lets only so many wait', async () => {
    const app = await client()
    const { cart } = stubsOf(app)
    const waiting = Array.from({ length: LIMITS.callsWaitingMax }, () => rejection(cart.items('ada')))
    expect(await rejection(cart.items('ada'))).toMatchObject({ code: 'WV_OVERLOADED', executed: 'no' })
    await app.stop()
    expect(await Promise.all(waiting)).toHaveLength(LIMITS.callsWaitingMax)
  })

  test('refuses a wrong value before it waits', async () => {
    const app = await client()
    const failed = stubsOf(app).cart.add('ada', { productId: 'mug', quantity: 'x' } as never)
    expect(await rejection(failed)).toMatchObject({ code: 'WV_VALUE', executed: 'no' })
  })
})

describe('calls of one tick', () => {
  test('share one write, and all are answered', async () => {
    const address = socketPath()
    await server(address, new MemoryCart())
    const { network, connected } = countingNetwork()
    const app = await client({ network })
    const { cart } = stubsOf(app)
    app.route(CART, [replica(address)])
    await cart.items('warm')
    const socket = connected[0]!
    const write = vi.spyOn(socket, 'write')
    // More than are looked at in one go when they arrive.
    const added = Array.from({ length: 200 }, (_, n) => cart.add(`u${n}`, { productId: 'mug', quantity: n }))
    await Promise.all(added)
    expect(write).toHaveBeenCalledTimes(1)
    write.mockClear()
    const items = await Promise.all(added.map((_, n) => cart.items(`u${n}`)))
    expect(items.map(([item]) => item?.quantity)).toEqual(added.map((_, n) => n))
    expect(write).toHaveBeenCalledTimes(1)
  })

  test('are served without what was current where their caller or the socket came from', async () => {
    const address = socketPath()
    const storage = new AsyncLocalStorage<string>()
    const cart = new MemoryCart()
    const seen: (string | undefined)[] = []
    cart.add = async () => void seen.push(storage.getStore())
    const app = await storage.run('outer', async () => {
      await server(address, cart)
      const app = await client()
      app.route(CART, [replica(address)])
      await stubsOf(app).cart.items('warm')
      return app
    })
    const item = { productId: 'mug', quantity: 1 }
    const calls = Array.from({ length: 70 }, (_, n) =>
      storage.run(`call ${n}`, () => stubsOf(app).cart.add('ada', item)),
    )
    await Promise.all(calls)
    // What was current when the application was made is all that there is.
    expect(new Set(seen)).toEqual(new Set(['outer']))
    expect(seen).toHaveLength(70)
  })
})

describe('deadlines', () => {
  test('expire while the callee runs, and free its place only when it has answered', async () => {
    const clock = new FakeClock()
    const address = socketPath()
    const cart = new MemoryCart()
    await server(address, cart)
    const app = await client({ clock })
    app.route(CART, [replica(address)])
    const late = rejection(stubsOf(app).cart.heldBriefly('late'))
    await cart.arrived(1)
    clock.advance(1_000)
    expect(await late).toMatchObject({ code: 'WV_DEADLINE', executed: 'maybe' })
    // The late answer meets nobody, least of all a newer call.
    const second = stubsOf(app).cart.heldOnce('second')
    await cart.arrived(2)
    cart.release('late')
    cart.release('second')
    expect(await second).toBe('second')
  })
})

describe('limits', () => {
  test('of calls in flight: the next one is refused, not run', async () => {
    const address = socketPath()
    const cart = new MemoryCart()
    await server(address, cart)
    const app = await client()
    app.route(CART, [replica(address)])
    const stubs = stubsOf(app)
    await stubs.cart.items('warm')
    const held = Array.from({ length: LIMITS.callsInFlightMax }, () => stubs.cart.heldOnce('a'))
    expect(await rejection(stubs.cart.heldOnce('a'))).toMatchObject({ code: 'WV_OVERLOADED', executed: 'no' })
    await cart.arrived(LIMITS.callsInFlightMax)
    cart.release('a')
    await Promise.all(held)
    expect(await stubs.cart.items('ada')).toEqual([])
  })

  test('of a message: a request or result beyond is an error, and the connection lives', async () => {
    const address = socketPath()
    const cart = new MemoryCart()
    await server(address, cart)
    const app = await client()
    app.route(CART, [replica(address)])
    const stubs = stubsOf(app)
    const huge = 'x'.repeat(LIMITS.messageBytesMax + 1)
    await stubs.cart.items('warm')
    expect(await rejection(stubs.cart.heldOnce(huge))).toMatchObject({ code: 'WV_VALUE', executed: 'no' })
    expect(cart.calls).toEqual([])
    cart.items = async () => [{ productId: huge, quantity: 1 }]
    const error = (await rejection(stubs.cart.items('ada'))) as Error
    expect(error.message).toContain(`a message may have ${LIMITS.messageBytesMax}`)
    expect(await stubs.cart.seen()).toMatchObject({ metadata: {} })
  })
})

describe('the greeting', () => {
  for (const [what, side] of [
    ['version', { version: 'v2' }],
    ['application', { application: 'other' }],
  ] as const) {
    test(`refuses another ${what}, says so once at each end, and fails the calls`, async () => {
      const address = socketPath()
      const serverLogs: LogLine[] = []
      const clientLogs: LogLine[] = []
      await server(address, new MemoryCart(), { logSink: (line) => serverLogs.push(line) })
      const app = await client({ ...side, logSink: (line) => clientLogs.push(line) })
      app.route(CART, [replica(address)])
      const error = (await rejection(stubsOf(app).cart.items('ada'))) as Error
      expect(error).toMatchObject({ code: 'WV_VERSION', executed: 'no' })
      const other = what === 'version' ? 'version v1, this one is v2' : 'application "shop", this one is "other"'
      expect(error.message).toBe(
        `Process "cart-1" has ${other}; all processes of a deployment must run the same build.`,
      )
      expect(clientLogs.map(({ message }) => message)).toEqual(['a connection was refused'])
      expect(serverLogs.map(({ message }) => message)).toEqual(['a connection was refused'])
    })
  }
})

describe('drain', () => {
  test('lets calls in flight end and sends new ones elsewhere', async () => {
    const [first, second] = [socketPath(), socketPath()]
    const carts = [new MemoryCart(), new MemoryCart()] as const
    const draining = await server(first, carts[0])
    await server(second, carts[1], { process: 'cart-2' })
    const app = await client()
    const { cart } = stubsOf(app)
    app.route(CART, [replica(first)])
    const held = cart.heldOnce('old')
    await carts[0].arrived(1)
    const drained = draining.stop()
    app.route(CART, [replica(first), replica(second, { process: 'cart-2' })])
    const news = Array.from({ length: 20 }, (_, n) => cart.add(`u${n}`, { productId: 'mug', quantity: n }))
    await Promise.all(news)
    // Those that were sent before the draining was heard of are served by the old one: none is lost, none runs twice.
    expect(carts[0].carts.size + carts[1].carts.size).toBe(20)
    carts[0].release('old')
    expect(await held).toBe('old')
    await drained
  })

  test('is not waited for longer than its time', async () => {
    const clock = new FakeClock()
    const address = socketPath()
    const cart = new MemoryCart()
    const app = await server(address, cart, { clock })
    const caller = await client()
    caller.route(CART, [replica(address)])
    const failed = rejection(stubsOf(caller).cart.heldOnce('stuck'))
    await cart.arrived(1)
    const stopped = app.stop()
    await Promise.resolve()
    clock.advance(LIMITS.drainMs)
    await stopped
    expect(await failed).toMatchObject({ code: 'WV_UNAVAILABLE', executed: 'maybe' })
  })

  test('a replica that routes no longer name finishes its calls', async () => {
    const address = socketPath()
    const cart = new MemoryCart()
    await server(address, cart)
    const app = await client()
    app.route(CART, [replica(address)])
    const held = stubsOf(app).cart.heldOnce('a')
    await cart.arrived(1)
    app.route(CART, [])
    cart.release('a')
    expect(await held).toBe('a')
  })
})

describe('a silent peer', () => {
  test('is given up after unanswered pings, and its call fails', async () => {
    const clock = new FakeClock()
    const address = socketPath()
    const cart = new MemoryCart()
    const { network, accepted } = cuttableNetwork()
    await server(address, cart, { network })
    const app = await client({ clock })
    app.route(CART, [replica(address)])
    const failed = rejection(stubsOf(app).cart.heldOnce('a'))
    await cart.arrived(1)
    for (const socket of accepted) socket.pause()
    clock.advance(LIMITS.silenceMs)
    expect(await failed).toMatchObject({ code: 'WV_UNAVAILABLE', executed: 'maybe' })
  })

  test('is given up within the time that the config says', async () => {
    const clock = new FakeClock()
    const address = socketPath()
    const cart = new MemoryCart()
    const { network, accepted } = cuttableNetwork()
    await server(address, cart, { network })
    const logs: LogLine[] = []
    const app = await client({ clock, calls: { silenceMs: 500 }, logSink: (line) => logs.push(line) })
    app.route(CART, [replica(address)])
    const failed = rejection(stubsOf(app).cart.heldOnce('a'))
    await cart.arrived(1)
    for (const socket of accepted) socket.pause()
    clock.advance(500)
    expect(await failed).toMatchObject({ code: 'WV_UNAVAILABLE', executed: 'maybe' })
    expect(logs).toMatchObject([{ level: 'warn', message: 'a process is silent', fields: { peer: 'cart-1' } }])
  })

  test('is given up too when no route leads to it any more', async () => {
    const clock = new FakeClock()
    const address = socketPath()
    const cart = new MemoryCart()
    const { network, accepted } = cuttableNetwork()
    await server(address, cart, { network })
    const app = await client({ clock })
    app.route(CART, [replica(address)])
    const failed = rejection(stubsOf(app).cart.heldOnce('a'))
    await cart.arrived(1)
    for (const socket of accepted) socket.pause()
    app.route(CART, [])
    clock.advance(LIMITS.silenceMs)
    expect(await failed).toMatchObject({ code: 'WV_UNAVAILABLE', executed: 'maybe' })
  })

  test('that calls is let go by the process that it called', async () => {
    const clock = new FakeClock()
    const address = socketPath()
    await server(address, new MemoryCart(), { clock })
    const socket = netConnect(address)
    const closed = once(socket, 'close')
    const writer = new Writer()
    writeGreeting(writer, { application: 'shop', version: 'v1', process: 'gone', group: 'gone' })
    const body = writer.take()
    const header = Buffer.alloc(9)
    header.writeUInt32LE(5 + body.length)
    header[4] = FRAME.hello
    socket.write(Buffer.concat([header, body]))
    await once(socket, 'data')
    clock.advance(LIMITS.silenceMs)
    await closed
  })
})

describe('hostile bytes', () => {
  const greeting = { application: 'shop', version: 'v1', process: 'evil', group: 'evil' }
  const cases: [string, Buffer][] = [
    ['not the protocol', Buffer.from('GET / HTTP/1.1\r\nHost: cart\r\n\r\n')],
    ['a length beyond the limit before the greeting', frame(FRAME.hello, 0, Buffer.alloc(LIMITS.handshakeBytesMax))],
    ['a length shorter than the header', Buffer.from([2, 0, 0, 0, 1, 2])],
    ['a request before the greeting', frame(FRAME.request, 0, Buffer.from([0, 0, 0, 0]))],
    ['a length beyond the limit', Buffer.concat([hello(), Buffer.from([0xff, 0xff, 0xff, 0xff, FRAME.request])])],
    ['an unknown kind', Buffer.concat([hello(), frame(99, 0)])],
    ['a truncated request', Buffer.concat([hello(), frame(FRAME.request, 0, Buffer.from([0]))])],
    [
      'an id out of range',
      Buffer.concat([hello(), frame(FRAME.request, LIMITS.callsInFlightMax, Buffer.from([0, 2, 1, 0]))]),
    ],
    ['the same id twice', Buffer.concat([hello(), request(1, 'hang'), request(1, 'hang')])],
    [
      'a request after the goodbye',
      Buffer.concat([hello(), request(1, 'hang'), frame(FRAME.goodbye, 0), request(2, 'hang')]),
    ],
    [
      'metadata without end',
      Buffer.concat([hello(), frame(FRAME.request, 0, Buffer.from([0, 2, 1, 2, 0xff, 0xff, 0xff, 0x7f]))]),
    ],
    ['a malformed traceparent', Buffer.concat([hello(), frame(FRAME.request, 0, Buffer.from([0, 2, 1, 1, 4, 65]))])],
    ['bytes after the arguments', Buffer.concat([hello(), request(1, 'hang', Buffer.from([1, 2, 3]))])],
  ]

  function frame(kind: number, id: number, body: Buffer = Buffer.alloc(0)): Buffer {
    const header = Buffer.alloc(9)
    header.writeUInt32LE(5 + body.length, 0)
    header[4] = kind
    header.writeUInt32LE(id, 5)
    return Buffer.concat([header, body])
  }

  function hello(): Buffer {
    const writer = new Writer()
    writeGreeting(writer, greeting)
    return frame(FRAME.hello, 0, writer.take())
  }

  function request(id: number, method: string, more: Buffer = Buffer.alloc(0)): Buffer {
    const writer = new Writer()
    // Cart is component 0; its methods are in the order of their names.
    for (const value of [0, ['add', 'fail', 'hang'].indexOf(method), 1_000, 0]) writer.varint(value)
    writer.string('[]')
    return frame(FRAME.request, id, Buffer.concat([writer.take(), more]))
  }

  for (const [what, bytes] of cases) {
    for (const step of [bytes.length, 1]) {
      test(`${what} closes the connection${step === 1 ? ', byte by byte' : ''}`, async () => {
        const address = socketPath()
        const logs: LogLine[] = []
        await server(address, new MemoryCart(), { logSink: (line) => logs.push(line) })
        const socket = netConnect(address)
        socket.on('error', () => {})
        socket.resume()
        const closed = new Promise((resolve) => socket.on('close', resolve))
        for (let at = 0; at < bytes.length; at += step) socket.write(bytes.subarray(at, at + step))
        await closed
        expect(logs).toMatchObject([{ level: 'error', message: 'a connection was closed', component: 'weavets' }])
        // Others are served as before.
        const app = await client()
        app.route(CART, [replica(address)])
        expect(await stubsOf(app).cart.items('ada')).toEqual([])
      })
    }
  }

  test('from a server close the connection too', async () => {
    const address = socketPath()
    const writer = new Writer()
    writeGreeting(writer, { ...greeting, process: 'cart-1' })
    const bytes = writer.take()
    const logs: LogLine[] = []
    const fake = await plainNetwork.listen(
      address,
      (socket) => {
        socket.on('error', () => {})
        socket.write(Buffer.concat([frame(FRAME.hello, 0, bytes), frame(FRAME.result, 77)]))
      },
      () => {},
    )
    const app = await client({ logSink: (line) => logs.push(line) })
    const { cart } = stubsOf(app)
    app.route(CART, [replica(address)])
    const failed = rejection(cart.heldOnce('a'))
    await expect
      .poll(() => logs[0]?.fields)
      .toMatchObject({ reason: expect.stringContaining("call 77 was answered, which isn't in flight") })
    await app.stop()
    expect(await failed).toMatchObject({ code: expect.stringMatching(/WV_STOPPING|WV_UNAVAILABLE/) })
    fake.close()
  })

  test('a peer that is refused and stays is cut', async () => {
    const clock = new FakeClock()
    const network = new MemoryNetwork()
    const app = newApp({ hosted: new Set([CART]), process: 'cart-1', clock, network })
    const socket = network.intrude(await app.serve('memory'))
    socket.on('error', () => {})
    socket.resume()
    // Not of a socket that hears of the end and answers it.
    socket.allowHalfOpen = true
    const closed = once(socket, 'close')
    const writer = new Writer()
    writeGreeting(writer, { ...greeting, version: 'v2' })
    socket.write(frame(FRAME.hello, 0, writer.take()))
    await once(socket, 'end')
    clock.advance(LIMITS.lingerMs)
    await closed
  })

  test('a flood of connections is refused beyond the limit, with one line in the log', async () => {
    const network = new MemoryNetwork()
    const logs: LogLine[] = []
    const logSink = (line: LogLine) => logs.push(line)
    const app = newApp({ hosted: new Set([CART]), process: 'cart-1', network, logSink })
    const address = await app.serve('memory')
    const sockets = Array.from({ length: LIMITS.connectionsMax + 3 }, () => network.intrude(address))
    await Promise.all(sockets.slice(LIMITS.connectionsMax).map((socket) => socket.destroyed || once(socket, 'close')))
    expect(sockets[LIMITS.connectionsMax - 1]!.destroyed).toBe(false)
    expect(logs.map(({ message }) => message)).toEqual(['connections are refused'])
    for (const socket of sockets) socket.destroy()
  })

  test('a peer that connects and says nothing is dropped', async () => {
    const clock = new FakeClock()
    const address = socketPath()
    const { network, accepted } = cuttableNetwork()
    await server(address, new MemoryCart(), { clock, network })
    const socket = netConnect(address)
    await once(socket, 'connect')
    await expect.poll(() => accepted.length).toBe(1)
    clock.advance(LIMITS.handshakeMs)
    socket.resume()
    await once(socket, 'close')
  })

  test('a component or method that is not hosted is an error of the call', async () => {
    const address = socketPath()
    const app = newApp({ hosted: new Set([CHECKOUT]), process: 'checkout-1' })
    await app.serve(address)
    const caller = newApp({ hosted: new Set(), process: 'x' })
    caller.route(CART, [replica(address, { process: 'checkout-1' })])
    expect(await rejection(stubsOf(caller).cart.items('ada'))).toMatchObject({
      code: 'WV_NO_METHOD',
      executed: 'no',
      message: 'This process does not host src/cart.Cart.',
    })
  })
})
