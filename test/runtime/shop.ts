/**
 * A small application as the transformer would describe it, written by hand: `Checkout` → `Cart`, and a root. Its codec is JSON with
 * one check; the real ones have tests of their own. The same application starts on every placement.
 */
import type { Socket } from 'node:net'
import { join } from 'node:path'
import { App, type AppOptions } from '../../runtime/app.ts'
import {
  type AppDescriptor,
  BOUNDARY_FORMAT,
  type Boundary,
  type ComponentDescriptor,
  type ImplementationClass,
  type Method,
} from '../../runtime/boundary.ts'
import { isLate, late, timed } from '../../runtime/calls/local.ts'
import { mismatch } from '../../runtime/codec/signal.ts'
import { context } from '../../runtime/context.ts'
import { PortBinder } from '../../runtime/listener.ts'
import type { LogLine } from '../../runtime/logger.ts'
import type { Replica } from '../../runtime/process/control.ts'
import { LocalTarget, RemoteTarget, Stub } from '../../runtime/stub.ts'
import { type Network, systemNetwork } from '../../runtime/transport/socket/network.ts'
import { identityOf } from './identities.ts'
import { Moving, type Place } from './moving.ts'
import { temporaryFolder } from './temporary.ts'

export const CART = 'src/cart.Cart'
export const CHECKOUT = 'src/checkout.Checkout'
export const SHOP = 'src/shop.Shop'

export interface Item {
  productId: string
  quantity: number
}

export interface Cart {
  add(userId: string, item: Item): Promise<void>
  /** Returns what the callee sees of the call context. */
  seen(): Promise<{
    remainingMs: number | undefined
    metadata: Record<string, string>
    traceparent: string | undefined
  }>
  /** Never ends. */
  hang(): Promise<void>
  items(userId: string): Promise<Item[]>
  /** `@timeout 20ms`; never ends. */
  slow(): Promise<void>
  /** `@idempotent`; ends when `release` of the implementation is called. */
  held(name: string): Promise<string>
  /** The same, with `@timeout 1s`. */
  heldBriefly(name: string): Promise<string>
  /** The same as `held`, not idempotent. */
  heldOnce(name: string): Promise<string>
  fail(kind: string): Promise<void>
}

export interface Checkout {
  /** Cart.seen, called from here. */
  seen(): Promise<Awaited<ReturnType<Cart['seen']>>>
  fail(kind: string): Promise<void>
}

export class OutOfStock extends Error {
  override name = 'OutOfStock'
  readonly productId: string

  constructor(productId: string, options?: ErrorOptions) {
    super(`${productId} is out of stock`, options)
    this.productId = productId
  }
}

export class MemoryCart implements Cart {
  readonly carts = new Map<string, Item[]>()
  /** Calls of `held` and `heldOnce` so far, and those that wait. */
  readonly calls: string[] = []
  readonly #held = new Map<string, PromiseWithResolvers<string>>()
  #arrived = Promise.withResolvers<void>()
  readonly #end = Promise.withResolvers<void>()

  /** What never ends does: where a component has left nobody stops its calls. */
  end(): void {
    this.#end.resolve()
  }

  async add(userId: string, item: Item): Promise<void> {
    this.carts.set(userId, [...(this.carts.get(userId) ?? []), item])
  }

  async seen(): Promise<Awaited<ReturnType<Cart['seen']>>> {
    const { remainingMs, metadata, traceparent } = context()
    return { remainingMs, metadata: { ...metadata }, traceparent }
  }

  hang(): Promise<void> {
    return this.#end.promise
  }

  async items(userId: string): Promise<Item[]> {
    return this.carts.get(userId) ?? []
  }

  slow(): Promise<void> {
    return this.#end.promise
  }

  held(name: string): Promise<string> {
    return this.#hold(name)
  }

  heldBriefly(name: string): Promise<string> {
    return this.#hold(name)
  }

  heldOnce(name: string): Promise<string> {
    return this.#hold(name)
  }

  #hold(name: string): Promise<string> {
    this.calls.push(name)
    const held = this.#held.get(name) ?? Promise.withResolvers<string>()
    this.#held.set(name, held)
    this.#arrived.resolve()
    return held.promise
  }

  /** Resolves when `count` calls have come. */
  async arrived(count: number): Promise<void> {
    while (this.calls.length < count) {
      this.#arrived = Promise.withResolvers<void>()
      await this.#arrived.promise
    }
  }

  release(name: string): void {
    this.#held.get(name)?.resolve(name)
  }

  async fail(kind: string): Promise<void> {
    if (kind === 'own') throw new OutOfStock('mug', { cause: new RangeError('0 left') })
    if (kind === 'value') throw { reason: 'no error at all' }
    throw new TypeError('a plain one')
  }
}

export class RealCheckout implements Checkout {
  readonly #cart: Cart

  constructor(cart: Cart) {
    this.#cart = cart
  }

  seen(): Promise<Awaited<ReturnType<Cart['seen']>>> {
    return this.#cart.seen()
  }

  async fail(kind: string): Promise<void> {
    await this.#cart.fail(kind)
  }
}

interface MethodOptions {
  idempotent?: boolean
  timeoutMs?: number
  key?: number
  check?: (args: readonly unknown[]) => boolean
}

export function method(name: string, options: MethodOptions = {}): Method {
  return {
    name,
    idempotent: options.idempotent ?? false,
    timeoutMs: options.timeoutMs,
    key: options.key,
    shapes: () => ({
      parameters: [
        { name: 'userId', shape: { kind: 'string' } },
        { name: 'item', shape: { kind: 'object', members: [{ name: 'quantity', shape: { kind: 'number' } }] } },
      ],
      result: { kind: 'json' },
    }),
    encodeArguments(writer, args) {
      if (options.check?.(args) === false) mismatch()
      writer.string(JSON.stringify(args))
    },
    decodeArguments: (reader) => JSON.parse(reader.string()) as unknown[],
    encodeResult(writer, value) {
      writer.string(JSON.stringify(value) ?? '')
    },
    decodeResult(reader) {
      const text = reader.string()
      return text === '' ? undefined : JSON.parse(text)
    },
  }
}

type Methods = Record<string, (...args: unknown[]) => Promise<unknown>>

/** The three classes, as generated ones behave. */
export function boundaryOf(component: string, methods: readonly Method[]): () => Boundary {
  return () => {
    class TestStub extends Stub {}
    class TestLocal extends LocalTarget {}
    class TestRemote extends RemoteTarget {}
    for (const [index, { name, timeoutMs }] of methods.entries()) {
      Object.assign(TestStub.prototype, {
        [name](this: TestStub, ...args: unknown[]) {
          return (this.$target as unknown as Methods)[name]!(...args)
        },
      })
      Object.assign(TestLocal.prototype, {
        async [name](this: TestLocal, ...args: unknown[]) {
          if (isLate()) return late(this.$caller, component, name)
          const copied = structuredClone(args)
          const call = () => (this.$implementation as unknown as Methods)[name]!(...copied)
          const result = await (timeoutMs === undefined
            ? call()
            : timed(timeoutMs, component, name, call, this.$caller))
          return structuredClone(result)
        },
      })
      Object.assign(TestRemote.prototype, {
        [name](this: TestRemote, ...args: unknown[]) {
          return this.$call(index, args)
        },
      })
    }
    return { component, methods, Stub: TestStub, Local: TestLocal, Remote: TestRemote }
  }
}

export const CART_METHODS: readonly Method[] = [
  method('add', { check: ([, item]) => typeof (item as Item).quantity === 'number' }),
  method('fail'),
  method('hang'),
  method('held', { idempotent: true }),
  method('heldBriefly', { timeoutMs: 1_000 }),
  method('heldOnce'),
  method('items', { idempotent: true, key: 0 }),
  method('seen'),
  method('slow', { timeoutMs: 20 }),
]

export interface Parts {
  cart?: () => object
  components?: readonly ComponentDescriptor[]
  version?: string
}

export function shopDescriptor({
  cart = () => new MemoryCart(),
  components = [],
  version = 'v1',
}: Parts = {}): AppDescriptor {
  return {
    format: BOUNDARY_FORMAT,
    version,
    root: SHOP,
    components: [
      component(CART, CART_METHODS, classOf(cart)),
      component(CHECKOUT, [method('fail'), method('seen')], RealCheckout, [CART]),
      ...components,
    ],
    errors: [{ name: 'src/errors.OutOfStock', load: async () => OutOfStock }],
    definitions: () => ({}),
  }
}

export function component(
  name: string,
  methods: readonly Method[],
  load: ImplementationClass | undefined,
  dependencies: readonly string[] = [],
): ComponentDescriptor {
  return {
    name,
    load: load && (async () => load),
    dependencies: dependencies.map((dependency) => ({ kind: 'component', component: dependency })),
    reaches: [],
    boundary: boundaryOf(name, methods),
  }
}

/** A class whose instances a test has made. */
export function classOf(make: () => object): ImplementationClass {
  return class {
    constructor() {
      // biome-ignore lint/correctness/noConstructorReturn: that is the point
      return make()
    }
  }
}

export function appOptions(descriptor: AppDescriptor, options: Partial<AppOptions> = {}): AppOptions {
  return {
    descriptor,
    application: 'shop',
    isolated: false,
    hosted: new Set([CART, CHECKOUT]),
    config: {},
    binder: new PortBinder({}),
    provided: () => undefined,
    logSink: () => {},
    ...options,
  }
}

export function socketPath(name = 'p'): string {
  return join(temporaryFolder(), name)
}

export function replica(address: string, more: Partial<Replica> = {}): Replica {
  const process = more.process ?? 'cart-1'
  return { slot: 0, slots: 1, process, group: process, address, ...more }
}

export const plainNetwork = systemNetwork(undefined)

/** Sockets whose accepted ends a test can cut, as a process that is killed does. */
export function cuttableNetwork(sockets = plainNetwork): { network: Network; kill: () => void; accepted: Socket[] } {
  const accepted: Socket[] = []
  const closers: (() => void)[] = []
  const network: Network = {
    connect: sockets.connect,
    async listen(address, accept, failed) {
      const listen = (socket: Socket) => {
        accepted.push(socket)
        accept(socket)
      }
      const listening = await sockets.listen(address, listen, failed)
      closers.push(() => listening.close())
      return listening
    },
  }
  const kill = () => {
    for (const close of closers) close()
    for (const socket of accepted) socket.destroy()
  }
  return { network, kill, accepted }
}

/** Between Apps, as between processes. */
export const REMOTE = ['unix', 'tcp', 'tls', 'grpc'] as const
/** `moving`: from process to process all the time, the caller's among them (moving.ts). */
export const PLACEMENTS = ['local', 'isolated', ...REMOTE, 'moving'] as const
export type Placement = (typeof PLACEMENTS)[number]
export type Remote = (typeof REMOTE)[number]

export function isRemote(placement: Placement): placement is Remote {
  return placement !== 'local' && placement !== 'isolated' && placement !== 'moving'
}

/** Where an App may listen; it says where it does. */
export function listenAt(placement: Remote): string {
  return placement === 'unix' ? socketPath() : `${placement}://127.0.0.1:0`
}

export interface Started {
  cart: Cart
  checkout: Checkout
  implementation: MemoryCart
  /** What the hop looks like in a stack. */
  hop: string | undefined
  logs: LogLine[]
  stop(): Promise<void>
}

/** Cart in one of three Apps, and in another a moment later; Checkout and the test in the last of them. */
async function startMovingShop(
  descriptor: AppDescriptor,
  implementation: MemoryCart,
  options: Partial<AppOptions>,
): Promise<Omit<Started, 'logs'>> {
  const places: Place[] = []
  for (const [process, hosted] of [
    ['cart-1', [CART]],
    ['cart-2', []],
    ['checkout-1', [CHECKOUT]],
  ] as const) {
    const app = new App(appOptions(descriptor, { hosted: new Set(hosted), process, ...options }))
    places.push({ process, app, address: await app.serve(listenAt('unix')) })
  }
  const moving = new Moving(CART, places)
  for (const { app } of places) await app.start()
  moving.begin()
  const stop = async () => {
    await moving.end()
    implementation.end()
    for (const { app } of [...places].reverse()) await app.stop()
  }
  return { ...stubsOf(places[2]!.app), implementation, hop: undefined, stop }
}

/** Remote: Cart in one App, Checkout and the test in another, real sockets between them. */
export async function startShop(placement: Placement, more: Partial<AppOptions> = {}): Promise<Started> {
  const implementation = new MemoryCart()
  const descriptor = shopDescriptor({ cart: () => implementation })
  const logs: LogLine[] = []
  const logSink = (line: LogLine) => logs.push(line)
  const options = { logSink, ...more }
  if (placement === 'moving') return { ...(await startMovingShop(descriptor, implementation, options)), logs }
  if (!isRemote(placement)) {
    const app = new App(appOptions(descriptor, { isolated: placement === 'isolated', ...options }))
    await app.start()
    const hop = placement === 'isolated' ? 'isolated' : undefined
    return { ...stubsOf(app), implementation, hop, logs, stop: () => app.stop() }
  }
  const side = (process: string, hosted: string) => {
    const identity = placement === 'tls' ? identityOf(process) : undefined
    return new App(appOptions(descriptor, { hosted: new Set([hosted]), process, identity, ...options }))
  }
  const server = side('cart-1', CART)
  const client = side('checkout-1', CHECKOUT)
  const address = await server.serve(listenAt(placement))
  client.route(CART, [replica(address)])
  await server.start()
  await client.start()
  const stop = async () => {
    await client.stop()
    await server.stop()
  }
  return { ...stubsOf(client), implementation, hop: 'process cart-1', logs, stop }
}

export function stubsOf(app: App): { cart: Cart; checkout: Checkout } {
  return { cart: app.get(CART, 'test') as unknown as Cart, checkout: app.get(CHECKOUT, 'test') as unknown as Checkout }
}

/** What a promise was rejected with. */
export async function rejection(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise
  } catch (error) {
    return error
  }
  throw new Error('it did not reject')
}
