/** What is the gRPC transport's own: what a proxy on the way sees and may change, health checks, status codes, headers that are wrong. */
import { once } from 'node:events'
import {
  type ClientHttp2Session,
  connect,
  createServer,
  type Http2Server,
  type IncomingHttpHeaders,
  type ServerHttp2Stream,
} from 'node:http2'
import type { AddressInfo } from 'node:net'
import * as grpc from '@grpc/grpc-js'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { App, type AppOptions } from '../../runtime/app.ts'
import { Writer } from '../../runtime/codec/writer.ts'
import { context, withDeadline, withTrace } from '../../runtime/context.ts'
import { WeaveError } from '../../runtime/errors.ts'
import { LIMITS } from '../../runtime/limits.ts'
import type { LogLine } from '../../runtime/logger.ts'
import { callerHeader, pathOf, readCallerHeader, serviceName, statusOf } from '../../runtime/transport/grpc/messages.ts'
import { FRAME } from '../../runtime/transport/socket/frames.ts'
import { writeGreeting } from '../../runtime/transport/socket/handshake.ts'
import { FakeClock } from './fake-clock.ts'
import { type Feed, startFeed, upTo } from './feed.ts'
import {
  appOptions,
  CART,
  CHECKOUT,
  listenAt,
  MemoryCart,
  OutOfStock,
  rejection,
  replica,
  shopDescriptor,
  stubsOf,
} from './shop.ts'

const TRACEPARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
const PROXY_TRACEPARENT = '00-0af7651916cd43dd8448eb211c80319c-00f067aa0ba902b7-01'

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

function app(options: Partial<AppOptions>, cart = new MemoryCart(), version = 'v1'): App {
  const made = new App(appOptions(shopDescriptor({ cart: () => cart, version }), options))
  closing.push(() => made.stop())
  return made
}

async function serving(cart: MemoryCart, options: Partial<AppOptions> = {}, version = 'v1') {
  const server = app({ hosted: new Set([CART]), process: 'cart-1', group: 'cart', ...options }, cart, version)
  const address = await server.serve(listenAt('grpc'))
  return { server, address }
}

function calling(options: Partial<AppOptions> = {}): App {
  return app({ hosted: new Set([CHECKOUT]), process: 'checkout-1', group: 'checkout', ...options })
}

interface Relayed {
  path: string
  headers: IncomingHttpHeaders
  trailers: IncomingHttpHeaders
}

/** An L7 proxy: passes streams on to `target`, keeps what it sees, and may change headers. */
async function relay(target: string, change: (headers: IncomingHttpHeaders) => void = () => {}) {
  const seen: Relayed[] = []
  const upstream: ClientHttp2Session = connect(target.replace('grpc:', 'http:'))
  const server: Http2Server = createServer()
  server.on('stream', (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => {
    change(headers)
    const entry: Relayed = { path: String(headers[':path']), headers, trailers: {} }
    seen.push(entry)
    const further = upstream.request(headers)
    stream.on('error', () => {})
    further.on('error', () => {})
    stream.pipe(further)
    stream.on('aborted', () => further.close(8))
    further.on('response', (answer, flags) => {
      if (flags & 1) entry.trailers = answer
      if (!stream.closed) stream.respond(answer, { waitForTrailers: (flags & 1) === 0, endStream: (flags & 1) === 1 })
    })
    further.on('trailers', (trailers) => {
      entry.trailers = trailers
    })
    stream.on('wantTrailers', () => stream.sendTrailers(entry.trailers))
    further.pipe(stream)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  closing.push(() => {
    upstream.destroy()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return { address: `grpc://127.0.0.1:${port}`, seen }
}

describe('through a proxy', () => {
  async function proxied(cart: MemoryCart, change?: (headers: IncomingHttpHeaders) => void) {
    const { server, address } = await serving(cart)
    await server.start()
    const proxy = await relay(address, change)
    const client = calling()
    client.route(CART, [replica(proxy.address, { group: 'cart' })])
    return { ...stubsOf(client), seen: proxy.seen }
  }
  const callsOf = (seen: Relayed[]) => seen.filter(({ path }) => !path.startsWith('/weavets.'))

  test('it sees who calls which method of which component, the deadline and the trace', async () => {
    const { cart, seen } = await proxied(new MemoryCart())
    await withTrace(TRACEPARENT, () => withDeadline(5_000, () => cart.add('ada', { productId: 'mug', quantity: 1 })))
    expect(await cart.items('ada')).toEqual([{ productId: 'mug', quantity: 1 }])
    const [add, items] = callsOf(seen)
    expect(add).toMatchObject({
      path: '/src.cart.Cart/add',
      headers: {
        'content-type': 'application/grpc',
        traceparent: TRACEPARENT,
        'grpc-timeout': expect.stringMatching(/^\d+m$/),
        'weave-from': 'shop/v1/checkout-1/checkout',
      },
      trailers: { 'grpc-status': '0' },
    })
    const timeoutMs = Number.parseInt(String(add!.headers['grpc-timeout']), 10)
    expect(timeoutMs).toBeGreaterThan(0)
    expect(timeoutMs).toBeLessThanOrEqual(5_000)
    expect(items!.path).toBe('/src.cart.Cart/items')
    // Nobody asked for the default deadline, so it is nobody's affair.
    expect(items!.headers).not.toHaveProperty('grpc-timeout')
    expect(items!.headers).not.toHaveProperty('traceparent')
  })

  test('the trace that it makes is the one that the callee has', async () => {
    const { cart } = await proxied(new MemoryCart(), (headers) => {
      if (headers.traceparent) headers.traceparent = PROXY_TRACEPARENT
    })
    const { traceparent } = await withTrace(TRACEPARENT, () => cart.seen())
    expect(traceparent).toBe(PROXY_TRACEPARENT)
    expect((await cart.seen()).traceparent).toBeUndefined()
  })

  test('a trace that it spoils is not taken', async () => {
    const { cart } = await proxied(new MemoryCart(), (headers) => {
      if (headers.traceparent) headers.traceparent = 'nonsense'
    })
    expect((await withTrace(TRACEPARENT, () => cart.seen())).traceparent).toBe(TRACEPARENT)
  })

  test("an error of the user's has a status that nobody retries; the caller gets the error itself", async () => {
    const { cart, seen } = await proxied(new MemoryCart())
    const error = (await rejection(cart.fail('own'))) as OutOfStock
    expect(error).toBeInstanceOf(OutOfStock)
    expect(error.productId).toBe('mug')
    expect(callsOf(seen)[0]!.trailers).toMatchObject({
      'grpc-status': '2',
      'grpc-message': encodeURI('mug is out of stock'),
    })
  })

  test('an error too long for headers arrives whole', async () => {
    const implementation = new MemoryCart()
    const text = `\ud800 ${'much '.repeat(4_000)}`
    implementation.fail = async () => {
      throw new RangeError(text)
    }
    const { cart } = await proxied(implementation)
    expect(await rejection(cart.fail('x'))).toMatchObject({ name: 'RangeError', message: text })
  })

  test('messages may be as large as on every transport', async () => {
    const { cart } = await proxied(new MemoryCart())
    const productId = 'x'.repeat(6 * 1024 * 1024)
    await cart.add('ada', { productId, quantity: 1 })
    expect((await cart.items('ada'))[0]!.productId).toBe(productId)
  })

  test('a deadline that passes ends the call at the callee too', async () => {
    const implementation = new MemoryCart()
    const { promise: late, resolve } = Promise.withResolvers<number>()
    implementation.hang = () => {
      const { deadline } = { deadline: context().remainingMs }
      resolve(deadline!)
      return new Promise(() => {})
    }
    const { cart, seen } = await proxied(implementation)
    const error = await rejection(withDeadline(50, () => cart.hang()))
    expect(error).toMatchObject({ code: 'WV_DEADLINE', executed: 'maybe' })
    expect(await late).toBeLessThanOrEqual(50)
    expect(callsOf(seen)[0]!.headers['grpc-timeout']).toMatch(/^\d+m$/)
  })

  test('a proxy that answers itself: the call may have run', async () => {
    const server = createServer()
    server.on('stream', (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => {
      if (headers[':path'] === '/weavets.Calls/Greet') {
        const writer = new Writer()
        writer.uint8(FRAME.hello)
        writeGreeting(writer, { application: 'shop', version: 'v1', process: 'cart-1', group: 'cart' })
        const body = writer.take()
        const frame = Buffer.alloc(5)
        frame.writeUInt32BE(body.length, 1)
        stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true })
        stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }))
        stream.end(Buffer.concat([frame, body]))
      } else stream.respond({ ':status': 503 }, { endStream: true })
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    closing.push(() => server.close())
    const client = calling()
    client.route(CART, [replica(`grpc://127.0.0.1:${(server.address() as AddressInfo).port}`, { group: 'cart' })])
    expect(await rejection(stubsOf(client).cart.heldOnce('a'))).toMatchObject({
      code: 'WV_UNAVAILABLE',
      executed: 'maybe',
    })
  })
})

describe('a server refuses', () => {
  const request = (component: number, method: number) => {
    const writer = new Writer()
    writer.uint8(FRAME.request)
    for (const value of [component, method, 1_000, 0]) writer.varint(value)
    writer.string('[]')
    return writer.take()
  }
  async function call(path: string, bytes: Buffer, from: string | undefined, options: Partial<AppOptions> = {}) {
    const logs: LogLine[] = []
    const cart = new MemoryCart()
    const { server, address } = await serving(cart, { logSink: (line) => logs.push(line), ...options })
    await server.start()
    const client = new grpc.Client(address.slice('grpc://'.length), grpc.credentials.createInsecure())
    closing.push(() => client.close())
    const metadata = new grpc.Metadata()
    if (from !== undefined) metadata.set('weave-from', from)
    const asIs = (each: Buffer) => each
    const outcome = await new Promise<grpc.ServiceError | Buffer>((resolve) => {
      client.makeUnaryRequest(path, asIs, asIs, bytes, metadata, (error, value) => resolve(error ?? value!))
    })
    return { outcome, logs, cart }
  }
  const FROM = callerHeader({ application: 'shop', version: 'v1', process: 'x', group: 'checkout' })

  test('a call that does not say who makes it', async () => {
    const { outcome, logs } = await call('/src.cart.Cart/seen', request(0, 7), undefined)
    expect(outcome).toMatchObject({
      code: grpc.status.UNAUTHENTICATED,
      details: 'A call has no header weave-from that says who makes it; only processes of this deployment call here.',
    })
    expect(logs.map(({ message }) => message)).toEqual(['calls are refused'])
  })

  test('a call of another version, behind a proxy that knows no versions', async () => {
    const from = callerHeader({ application: 'shop', version: 'v2', process: 'x', group: 'checkout' })
    expect((await call('/src.cart.Cart/seen', request(0, 7), from)).outcome).toMatchObject({
      code: grpc.status.FAILED_PRECONDITION,
      details: expect.stringContaining('Process "x" has version v2, this one is v1'),
    })
  })

  test('a call of a group that declares no dependency', async () => {
    const { outcome } = await call('/src.cart.Cart/seen', request(0, 7), FROM, { admitted: { other: [CART] } })
    expect(outcome).toMatchObject({ code: grpc.status.PERMISSION_DENIED })
  })

  test('a request that comes by the path of another method, which is what proxies have allowed', async () => {
    const { outcome, cart, logs } = await call('/src.cart.Cart/items', request(0, 2), FROM)
    expect(outcome).toMatchObject({ code: grpc.status.INTERNAL })
    expect(cart.calls).toEqual([])
    expect(logs[0]?.fields).toMatchObject({ reason: expect.stringContaining('by the path of another method') })
  })

  test('bytes that are no request; the next call is served', async () => {
    for (const bytes of [
      Buffer.alloc(0),
      Buffer.from([9]),
      Buffer.from([FRAME.request, 0, 7]),
      Buffer.alloc(100, 255),
    ]) {
      expect((await call('/src.cart.Cart/seen', bytes, FROM)).outcome).toMatchObject({ code: grpc.status.INTERNAL })
    }
    expect((await call('/src.cart.Cart/seen', request(0, 7), FROM)).outcome).toBeInstanceOf(Buffer)
  })

  test('a method that is not hosted here', async () => {
    expect((await call('/src.ads.Ads/show', request(0, 7), FROM)).outcome).toMatchObject({
      code: grpc.status.UNIMPLEMENTED,
    })
    const { server, address } = await serving(new MemoryCart(), { hosted: new Set([CHECKOUT]) })
    await server.start()
    const client = calling({ hosted: new Set() })
    client.route(CART, [replica(address, { group: 'cart' })])
    expect(await rejection(stubsOf(client).cart.items('ada'))).toMatchObject({ code: 'WV_NO_METHOD', executed: 'no' })
  })

  test('a process of another version, when it connects', async () => {
    const logs: LogLine[] = []
    const logSink = (line: LogLine) => void logs.push(line)
    const { server, address } = await serving(new MemoryCart(), { logSink }, 'v2')
    await server.start()
    const client = calling({ logSink })
    client.route(CART, [replica(address, { group: 'cart' })])
    expect(await rejection(stubsOf(client).cart.items('ada'))).toMatchObject({ code: 'WV_VERSION', executed: 'no' })
    expect(logs.map(({ message, process }) => `${process}: ${message}`)).toEqual([
      'cart-1: a connection was refused',
      'checkout-1: a connection was refused',
    ])
  })
})

describe('health', () => {
  const encode = (service: string) => Buffer.concat([Buffer.from([10, service.length]), Buffer.from(service)])
  const asIs = (bytes: Buffer) => bytes
  const STATUS = ['UNKNOWN', 'SERVING', 'NOT_SERVING', 'SERVICE_UNKNOWN']
  async function asking(options: Partial<AppOptions> = {}) {
    const { server, address } = await serving(new MemoryCart(), options)
    const client = new grpc.Client(address.slice('grpc://'.length), grpc.credentials.createInsecure())
    closing.push(() => client.close())
    const check = (bytes: Buffer) =>
      new Promise<string>((resolve) => {
        client.makeUnaryRequest('/grpc.health.v1.Health/Check', asIs, asIs, bytes, (error, value) =>
          resolve(error ? grpc.status[error.code]! : STATUS[value![1]!]!),
        )
      })
    const watch = (service: string) =>
      client.makeServerStreamRequest<Buffer, Buffer>('/grpc.health.v1.Health/Watch', asIs, asIs, encode(service))
    return { server, check, watch }
  }

  test('serves when all components have started, for the process and for each of them', async () => {
    const { server, check } = await asking()
    expect(await check(Buffer.alloc(0))).toBe('NOT_SERVING')
    await server.start()
    expect(await check(Buffer.alloc(0))).toBe('SERVING')
    expect(await check(encode('src.cart.Cart'))).toBe('SERVING')
    expect(await check(encode('src.ads.Ads'))).toBe('NOT_FOUND')
    for (const bytes of [
      [8, 1],
      [10, 200],
      [10, 5, 1],
      [10, 0x81, 1, 1],
    ]) {
      expect(await check(Buffer.from(bytes))).toBe('NOT_FOUND')
    }
    // The length of a name of 200 bytes takes two.
    expect(await check(Buffer.concat([Buffer.from([10, 200, 1]), Buffer.alloc(200, 97)]))).toBe('NOT_FOUND')
  })

  test('a watch hears of the start and of the stop, which it does not hold up', async () => {
    const { server, watch } = await asking()
    const heard: string[] = []
    const stream = watch('src.cart.Cart').on('data', (bytes: Buffer) => heard.push(STATUS[bytes[1]!]!))
    stream.on('error', () => {})
    await once(stream, 'data')
    await server.start()
    await once(stream, 'data')
    const ended = once(stream, 'end')
    await server.stop()
    await ended
    expect(heard).toEqual(['NOT_SERVING', 'SERVING', 'NOT_SERVING'])
  })

  test('watches are bounded', async () => {
    const { watch } = await asking()
    const streams = Array.from({ length: LIMITS.healthWatchersMax }, () => watch(''))
    await Promise.all(streams.map((stream) => once(stream, 'data')))
    const [error] = (await once(
      watch('').on('data', () => {}),
      'error',
    )) as [grpc.ServiceError]
    expect(error.code).toBe(grpc.status.RESOURCE_EXHAUSTED)
    for (const stream of streams) stream.on('error', () => {}).cancel()
  })
})

describe('a process that stops', () => {
  test('lets calls end that it has; new ones go elsewhere', async () => {
    const [first, second] = [new MemoryCart(), new MemoryCart()]
    const one = await serving(first)
    await one.server.start()
    const two = await serving(second, { process: 'cart-2' })
    await two.server.start()
    const client = calling({ random: () => 0 })
    client.route(CART, [replica(one.address, { group: 'cart' })])
    const { cart } = stubsOf(client)
    const held = cart.heldOnce('a')
    await first.arrived(1)
    client.route(CART, [
      replica(one.address, { group: 'cart' }),
      replica(two.address, { group: 'cart', process: 'cart-2' }),
    ])
    const stopped = one.server.stop()
    await vi.waitFor(async () => {
      await cart.add('ada', { productId: 'mug', quantity: 1 })
      expect(second.carts.size).toBe(1)
    })
    first.release('a')
    expect(await held).toBe('a')
    await stopped
  })

  test('is gone after its time, and the call may have run', async () => {
    const clock = new FakeClock()
    const cart = new MemoryCart()
    const { server, address } = await serving(cart, { clock })
    await server.start()
    const client = calling()
    client.route(CART, [replica(address, { group: 'cart' })])
    const failed = rejection(stubsOf(client).cart.heldOnce('a'))
    await cart.arrived(1)
    const stopped = server.stop()
    clock.advance(LIMITS.drainMs)
    expect(await failed).toMatchObject({ code: 'WV_UNAVAILABLE', executed: 'maybe' })
    await stopped
  })

  test('and comes back at its address is found again', async () => {
    const cart = new MemoryCart()
    const before = await serving(cart)
    await before.server.start()
    const client = calling()
    client.route(CART, [replica(before.address, { group: 'cart' })])
    await stubsOf(client).cart.items('ada')
    await before.server.stop()
    const answer = stubsOf(client).cart.items('ada')
    const after = app({ hosted: new Set([CART]), process: 'cart-1', group: 'cart' }, cart)
    await after.serve(before.address)
    await after.start()
    expect(await answer).toEqual([])
  })
})

test('a stream whose process is gone fails at both ends', async () => {
  const implementation: Partial<Feed> = {}
  const apps = await startFeed('grpc', {}, implementation)
  closing.push(() => apps.stop())
  let signalled: unknown
  const opened = Promise.withResolvers<void>()
  implementation.watch = async function* (_, signal) {
    signal?.addEventListener('abort', () => {
      signalled = signal.reason
    })
    yield* upTo(1)
    opened.resolve()
    await new Promise(() => {})
  }
  const stream = apps.feed.watch('all', new AbortController().signal)[Symbol.asyncIterator]()
  expect((await stream.next()).value.n).toBe(0)
  // The producer takes its next step when it is asked for.
  const next = rejection(stream.next())
  await opened.promise
  // The caller's process goes: no answer is due any more.
  await apps.app('src/hub.Hub').stop()
  expect(await next).toMatchObject({ code: 'WV_UNAVAILABLE', executed: 'maybe' })
  await vi.waitFor(() => expect(signalled).toMatchObject({ code: 'WV_UNAVAILABLE' }))
})

describe('names', () => {
  test('of components and methods are paths', () => {
    expect(pathOf('src/cart.Cart', 'add')).toBe('/src.cart.Cart/add')
    expect(serviceName('@acme/shop/lib/cart.Cart')).toBe('%40acme.shop.lib.cart.Cart')
    expect(pathOf('src/ü.Ü', 'größe')).toBe('/src.%C3%BC.%C3%9C/gr%C3%B6%C3%9Fe')
  })

  test('of callers go there and back', () => {
    const greeting = { application: 'my shop/ü', version: 'v,1', process: 'cart-1', group: 'cart' }
    expect(readCallerHeader(callerHeader(greeting))).toEqual(greeting)
    for (const wrong of ['', 'a/b/c', 'a/b/c/d/e', 'a/b/c/%']) expect(readCallerHeader(wrong)).toBeUndefined()
  })

  test('of failures: only what was surely not run may be tried again by others', () => {
    const edge = { caller: 'a', callee: 'b', method: 'c' }
    expect(statusOf(new WeaveError('', { code: 'WV_STOPPING', executed: 'no' }))).toBe(grpc.status.UNAVAILABLE)
    expect(statusOf(new WeaveError('', { code: 'WV_UNAVAILABLE', executed: 'no', edge }))).toBe(grpc.status.UNKNOWN)
    expect(statusOf(new Error('x'))).toBe(grpc.status.UNKNOWN)
    expect(statusOf('x')).toBe(grpc.status.UNKNOWN)
  })
})
