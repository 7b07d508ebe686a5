/**
 * An application whose methods carry streams, signals and references, as the transformer generates it: a model written by hand, the real
 * generated code. `Hub` → `Feed`; nobody depends on `Listener` but who is given one. The same application starts on every placement; on
 * remote each component has an App of its own, with real sockets between them.
 */
import { App, type AppOptions } from '../../runtime/app.ts'
import type { AppDescriptor, ImplementationClass } from '../../runtime/boundary.ts'
import type { LogLine } from '../../runtime/logger.ts'
import type { Replica } from '../../runtime/process/control.ts'
import type { Shape } from '../../runtime/shape.ts'
import { systemNetwork } from '../../runtime/transport/socket/network.ts'
import type { Parameter } from '../../transformer/model.ts'
import { component, descriptorOf, method, modelOf, parameter } from '../codegen/evaluate.ts'
import { identityOf } from './identities.ts'
import { Moving, type Place } from './moving.ts'
import {
  appOptions,
  classOf,
  cuttableNetwork,
  isRemote,
  listenAt,
  OutOfStock,
  type Placement,
  replica,
} from './shop.ts'

export const FEED = 'src/feed.Feed'
export const HUB = 'src/hub.Hub'
export const LISTENER = 'src/listener.Listener'

export interface Item {
  n: number
  tags: string[]
}

export interface Listener {
  tell(text: string): Promise<string>
}

export interface Feed {
  watch(topic: string, signal?: AbortSignal): AsyncIterable<Item>
  open(topic: string, signal?: AbortSignal): Promise<AsyncIterable<Item>>
  /** `@timeout 200ms` */
  brief(topic: string, signal?: AbortSignal): AsyncIterable<Item>
  absorb(items: AsyncIterable<Item>): Promise<void>
  collect(items: AsyncIterable<Item>, signal?: AbortSignal): Promise<number>
  join(left: AsyncIterable<Item>, right?: AsyncIterable<Item>): AsyncIterable<Item>
  wait(text: string, signal?: AbortSignal): Promise<string>
  /** `@timeout 200ms` */
  waitBriefly(signal?: AbortSignal): Promise<string>
  /** `@idempotent` */
  again(items?: AsyncIterable<Item>): Promise<AsyncIterable<Item>>
  subscribe(listeners: { name: string; listener: Listener }[]): Promise<string[]>
  first(): Promise<Listener>
  listeners(): AsyncIterable<{ listener: Listener }>
}

export interface Hub {
  wait(text: string, signal?: AbortSignal): Promise<string>
  watch(topic: string, signal?: AbortSignal): AsyncIterable<Item>
  subscribe(): Promise<string[]>
}

const STRING: Shape = { kind: 'string' }
const ITEM: Shape = {
  kind: 'object',
  members: [
    { name: 'n', shape: { kind: 'number' } },
    { name: 'tags', shape: { kind: 'array', of: STRING } },
  ],
}
const REFERENCE: Shape = { kind: 'component', component: LISTENER }
const ITEMS: Shape = { kind: 'stream', of: ITEM }
const topic = parameter('topic', STRING)
const signal = parameter('signal', { kind: 'signal' }, { optional: true })
const items = (name: string, more: Partial<Parameter> = {}) => parameter(name, ITEMS, more)
const holder = (more: string[]): Shape => ({
  kind: 'object',
  members: [
    { name: 'listener', shape: REFERENCE, readonly: true as const },
    ...more.map((name) => ({ name, shape: STRING, readonly: true as const })),
  ],
})

function feedDescriptor(): AppDescriptor {
  const direct = { directStream: true } as const
  const { model, app } = modelOf([
    component(FEED, [
      method('absorb', [items('items')], { kind: 'undefined' }),
      method('again', [items('items', { optional: true })], ITEMS, { idempotent: true }),
      method('brief', [topic, signal], ITEMS, { ...direct, timeoutMs: 200 }),
      method('collect', [items('items'), signal], { kind: 'number' }),
      method('first', [], REFERENCE),
      method('join', [items('left'), items('right', { optional: true })], ITEMS, direct),
      method('listeners', [], { kind: 'stream', of: holder([]) }, direct),
      method('open', [topic, signal], ITEMS),
      method('subscribe', [parameter('listeners', { kind: 'array', of: holder(['name']) })], {
        kind: 'array',
        of: STRING,
      }),
      method('wait', [parameter('text', STRING), signal], STRING),
      method('waitBriefly', [signal], STRING, { timeoutMs: 200 }),
      method('watch', [topic, signal], ITEMS, direct),
    ]),
    component(HUB, [
      method('subscribe', [], { kind: 'array', of: STRING }),
      method('wait', [parameter('text', STRING), signal], STRING),
      method('watch', [topic, signal], ITEMS, direct),
    ]),
    component(LISTENER, [method('tell', [parameter('text', STRING)], STRING)]),
  ])
  return descriptorOf(model, app)
}

export class RealListener implements Listener {
  readonly told: string[] = []

  async tell(text: string): Promise<string> {
    this.told.push(text)
    return `heard ${text}`
  }
}

export class RealHub implements Hub {
  readonly #feed: Feed
  readonly #listener: Listener

  constructor(feed: Feed, listener: Listener) {
    this.#feed = feed
    this.#listener = listener
  }

  wait(text: string, signal?: AbortSignal): Promise<string> {
    return this.#feed.wait(text, signal)
  }

  async *watch(topic: string, signal?: AbortSignal): AsyncGenerator<Item> {
    for await (const item of this.#feed.watch(topic, signal)) yield { ...item, tags: [...item.tags, 'hub'] }
  }

  subscribe(): Promise<string[]> {
    return this.#feed.subscribe([{ name: 'hub', listener: this.#listener }])
  }
}

export interface FeedApps {
  feed: Feed
  hub: Hub
  listener: Listener
  /** What Feed is made of: a test gives each method that it calls. */
  implementation: Partial<Feed>
  listenerImplementation: RealListener
  /** Of each component's App, where it has one. */
  addresses: Record<string, string>
  /** Where the feed lives, or may when a call reaches it. */
  homes: App[]
  /** The App that a component lives in. */
  app: (component: string) => App
  /** Cuts every connection, as the death of all peers would. */
  kill: () => void
  logs: LogLine[]
  stop(): Promise<void>
}

export async function startFeed(
  placement: Placement,
  more: Partial<AppOptions> = {},
  implementation: Partial<Feed> = {},
): Promise<FeedApps> {
  const listenerImplementation = new RealListener()
  const base = feedDescriptor()
  const parts: Record<string, [ImplementationClass, string[]]> = {
    [FEED]: [classOf(() => implementation), []],
    [HUB]: [RealHub as ImplementationClass, [FEED, LISTENER]],
    [LISTENER]: [classOf(() => listenerImplementation), []],
  }
  const components = base.components.map((each) => {
    const [load, dependencies] = parts[each.name]!
    return {
      ...each,
      load: async () => load,
      dependencies: dependencies.map((name) => ({ kind: 'component' as const, component: name })),
    }
  })
  const errors = [{ name: 'src/errors.OutOfStock', load: async () => OutOfStock }]
  const descriptor = { ...base, components, errors }
  const logs: LogLine[] = []
  const options = { logSink: (line: LogLine) => void logs.push(line), ...more }
  const kills: (() => void)[] = []
  const addresses: Record<string, string> = {}
  const started = (apps: Record<string, App>, all: App[]): FeedApps => ({
    addresses,
    feed: apps[HUB]!.get(FEED, 'test') as unknown as Feed,
    hub: apps[HUB]!.get(HUB, 'test') as unknown as Hub,
    listener: apps[HUB]!.get(LISTENER, 'test') as unknown as Listener,
    implementation,
    listenerImplementation,
    homes: [apps[FEED]!],
    app: (name) => apps[name]!,
    kill() {
      for (const kill of kills) kill()
    },
    logs,
    async stop() {
      for (const app of all) await app.stop()
    },
  })
  const names = [LISTENER, FEED, HUB]
  if (placement === 'moving') {
    const hosted = [[FEED], [], [LISTENER], [HUB]]
    const places: Place[] = []
    for (const [index, those] of hosted.entries()) {
      const process = `p${index}`
      const app = new App(appOptions(descriptor, { hosted: new Set(those), process, ...options }))
      places.push({ process, app, address: await app.serve(listenAt('unix')) })
    }
    const [feed, spare, listener, hub] = places as [Place, Place, Place, Place]
    for (const { app, process } of places)
      for (const [name, place] of [
        [LISTENER, listener],
        [HUB, hub],
      ] as const)
        if (process !== place.process) app.route(name, [replica(place.address, { process: place.process })])
    const moving = new Moving(FEED, [feed, spare, hub])
    for (const { app } of [listener, feed, spare, hub]) await app.start()
    moving.begin()
    const apps = started({ [FEED]: feed.app, [LISTENER]: listener.app, [HUB]: hub.app }, [])
    return {
      ...apps,
      homes: [feed, spare, hub].map(({ app }) => app),
      async stop() {
        await moving.end()
        for (const { app } of [hub, feed, spare, listener]) await app.stop()
      },
    }
  }
  if (!isRemote(placement)) {
    const app = new App(
      appOptions(descriptor, { hosted: new Set(names), isolated: placement === 'isolated', ...options }),
    )
    await app.start()
    return started(Object.fromEntries(names.map((name) => [name, app])), [app])
  }
  const apps: Record<string, App> = {}
  const replicas: Replica[] = []
  for (const [index, name] of names.entries()) {
    const process = `p${index}`
    const { network, kill } = cuttableNetwork(systemNetwork(placement === 'tls' ? identityOf(process) : undefined))
    kills.push(kill)
    const app = new App(appOptions(descriptor, { hosted: new Set([name]), process, network, ...options }))
    addresses[name] = await app.serve(listenAt(placement))
    replicas.push(replica(addresses[name], { process }))
    apps[name] = app
  }
  for (const [index, name] of names.entries()) {
    for (const [other, callee] of names.entries()) if (other !== index) apps[name]!.route(callee, [replicas[other]!])
  }
  for (const name of names) await apps[name]!.start()
  return started(
    apps,
    [HUB, FEED, LISTENER].map((name) => apps[name]!),
  )
}

export function item(n: number): Item {
  return { n, tags: [`t${n}`] }
}

export async function* upTo(count: number): AsyncGenerator<Item> {
  for (let n = 0; n < count; n++) yield item(n)
}

export async function numbers(stream: AsyncIterable<Item>): Promise<number[]> {
  const found: number[] = []
  for await (const { n } of stream) found.push(n)
  return found
}
