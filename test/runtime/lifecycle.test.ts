/** From descriptor to running components and back: order, injection, config, failures. */
import { expect, test } from 'vitest'
import { App, type AppOptions } from '../../runtime/app.ts'
import type { AppDescriptor, ComponentDescriptor, Dependency } from '../../runtime/boundary.ts'
import { resolveSettings } from '../../runtime/config/settings.ts'
import { LIMITS } from '../../runtime/limits.ts'
import type { LogLine } from '../../runtime/logger.ts'
import type { Shape } from '../../runtime/shape.ts'
import type { Listener, Logger } from '../../runtime/types.ts'
import { FakeClock } from './fake-clock.ts'
import { appOptions, boundaryOf, method, rejection, shopDescriptor } from './shop.ts'

const events: string[] = []

interface Node {
  dependencies?: Dependency[]
  reaches?: string[]
  start?: () => Promise<void>
  stop?: () => Promise<void>
  construct?: (...dependencies: unknown[]) => void
  load?: boolean
}

/** Components that write down what happens to them. */
function node(
  name: string,
  { dependencies = [], reaches = [], start, stop, construct, load = true }: Node = {},
): ComponentDescriptor {
  class Implementation {
    constructor(...given: unknown[]) {
      events.push(`new ${name}`)
      construct?.(...given)
    }
    async start(): Promise<void> {
      events.push(`start ${name}`)
      await start?.()
    }
    async stop(): Promise<void> {
      events.push(`stop ${name}`)
      await stop?.()
    }
    async hello(): Promise<string> {
      return name
    }
  }
  const boundary = boundaryOf(`src/${name}.${name}`, [method('hello')])
  return {
    name: `src/${name}.${name}`,
    load: load ? async () => Implementation : undefined,
    dependencies,
    reaches,
    boundary: name === 'Root' ? undefined : boundary,
  }
}

function on(...names: string[]): Dependency[] {
  return names.map((name) => ({ kind: 'component', component: `src/${name}.${name}` }))
}

function appOf(components: ComponentDescriptor[], options: Partial<AppOptions> = {}): App {
  events.length = 0
  const descriptor: AppDescriptor = { ...shopDescriptor(), root: 'src/Root.Root', components }
  return new App(appOptions(descriptor, { hosted: new Set(components.map(({ name }) => name)), ...options }))
}

test('dependencies start before dependents, also those reached by get, and stop in reverse', async () => {
  const app = appOf([
    node('Root', { dependencies: on('A') }),
    node('A', { dependencies: on('B', 'C') }),
    node('B', { reaches: ['src/D.D'] }),
    node('C', { dependencies: on('D') }),
    node('D'),
  ])
  await app.start()
  const order = ['D', 'B', 'C', 'A', 'Root']
  expect(events).toEqual(order.flatMap((name) => [`new ${name}`, `start ${name}`]))
  events.length = 0
  await app.stop()
  expect(events).toEqual([...order].reverse().map((name) => `stop ${name}`))
})

test('a circle through get starts: constructors keep their order, and nobody waits for itself', async () => {
  const circle = () => [
    node('B', { reaches: ['src/A.A', 'src/C.C'] }),
    node('C', { reaches: ['src/B.B'] }),
    node('A', { dependencies: on('B', 'D') }),
    node('D'),
    node('Root', { dependencies: on('A') }),
  ]
  const app = appOf(circle())
  await app.start()
  const starts = () => events.filter((event) => event.startsWith('start '))
  expect(starts()).toEqual(['start B', 'start C', 'start D', 'start A', 'start Root'])
  await app.stop()
  // Whoever begins: here a call asks for the callee of the circle while its caller is starting.
  const other = appOf(circle())
  const calls = ['src/C.C', 'src/B.B', 'src/A.A'].map((name) =>
    (other.get(name, 'test') as unknown as { hello(): Promise<string> }).hello(),
  )
  await other.start()
  expect(await Promise.all(calls)).toEqual(['C', 'B', 'A'])
  expect(starts().indexOf('start B')).toBeLessThan(starts().indexOf('start A'))
  await other.stop()
})

test('a start that takes long is named in the log, and one that takes too long fails', async () => {
  const clock = new FakeClock()
  const logs: LogLine[] = []
  const start = () => new Promise<void>(() => {})
  const app = appOf([node('A', { start })], { clock, logSink: (line) => logs.push(line) })
  const failure = rejection(app.start())
  await expect.poll(() => events).toEqual(['new A', 'start A'])
  clock.advance(LIMITS.startWarningMs - 1)
  expect(logs).toEqual([])
  clock.advance(1)
  clock.advance(LIMITS.startMs - LIMITS.startWarningMs - 1)
  expect(logs.map(({ level, message }) => [level, message])).toEqual(
    [5, 10, 20, 40].map((seconds) => ['warn', `A.start has taken ${seconds} s`]),
  )
  clock.advance(1)
  expect(await failure).toMatchObject({
    code: 'WV_START',
    message: 'src/A.A could not be started: it has not started in 60 s, which is the limit',
  })
  await app.stop()
})

test('a start that ends leaves no timer', async () => {
  const clock = new FakeClock()
  const app = appOf([node('A')], { clock })
  const before = clock.timers
  await app.start()
  expect(clock.timers).toBe(before)
  await app.stop()
})

test('a component that is not hosted here is neither loaded nor started', async () => {
  const hosted = new Set(['src/A.A'])
  const app = appOf([node('A', { dependencies: on('B') }), node('B')], { hosted })
  await app.start()
  expect(events).toEqual(['new A', 'start A'])
  await app.stop()
})

test('a failing constructor or start names the component and the cause, and what has started is stopped', async () => {
  const failing: [Node, string][] = [
    [
      {
        construct: () => {
          throw new TypeError('no database')
        },
      },
      'src/A.A could not be started: no database',
    ],
    [
      {
        start: async () => {
          throw new TypeError('no network')
        },
      },
      'src/A.A could not be started: no network',
    ],
    [{ load: false }, 'src/A.A could not be started: it has no class; call provide<A>(() => …) before run'],
  ]
  for (const [how, message] of failing) {
    const app = appOf([node('A', { dependencies: on('B'), ...how }), node('B')])
    expect(await rejection(app.start())).toMatchObject({ code: 'WV_START', message, cause: expect.any(Error) })
    await app.stop()
    expect(events.at(-1)).toBe('stop B')
  }
})

test('a stop that fails is logged and does not keep the others from stopping', async () => {
  const logs: LogLine[] = []
  const stop = async () => {
    throw new Error('stuck')
  }
  const app = appOf([node('A', { dependencies: on('B'), stop }), node('B')], { logSink: (line) => logs.push(line) })
  await app.start()
  await app.stop()
  expect(events.at(-1)).toBe('stop B')
  expect(logs).toMatchObject([
    { level: 'error', message: 'src/A.A.stop failed', fields: { error: { message: 'stuck' } } },
  ])
})

test('a call made while its callee starts waits for it', async () => {
  const started = Promise.withResolvers<void>()
  const app = appOf([node('A', { start: () => started.promise })])
  const starting = app.start()
  const stub = app.get('src/A.A', 'test') as unknown as { hello(): Promise<string> }
  let answer: string | undefined
  const call = stub.hello().then((value) => {
    answer = value
  })
  await new Promise((resolve) => setImmediate(resolve))
  expect(answer).toBeUndefined()
  started.resolve()
  await starting
  await call
  expect(answer).toBe('A')
  await app.stop()
})

test('listener, logger, config and defaults are injected in their places', async () => {
  let given: unknown[] = []
  const shape: Shape = { kind: 'object', members: [{ name: 'title', shape: { kind: 'string' } }] }
  const dependencies: Dependency[] = [
    { kind: 'listener', name: 'web' },
    { kind: 'config', shape },
    { kind: 'default' },
    { kind: 'logger' },
  ]
  const construct = (...all: unknown[]) => {
    given = all
  }
  const logs: LogLine[] = []
  const config = { 'src/A.A': { title: 'Mugs' } }
  const app = appOf([node('A', { dependencies, construct })], { config, logSink: (line) => logs.push(line) })
  await app.start()
  const [listener, settings, byDefault, logger] = given as [Listener, { title: string }, undefined, Logger]
  expect(listener).toMatchObject({ name: 'web', url: '' })
  expect(settings).toEqual({ title: 'Mugs' })
  expect(Object.isFrozen(settings)).toBe(true)
  expect(byDefault).toBeUndefined()
  logger.info('hello', { count: 1n, error: new RangeError('bad', { cause: 'why' }) })
  expect(logs).toMatchObject([
    {
      level: 'info',
      message: 'hello',
      component: 'src/A.A',
      fields: { count: '1', error: { name: 'RangeError', message: 'bad', cause: 'why' } },
    },
  ])
  expect(logs[0]).not.toHaveProperty('process')
  await app.stop()
})

test('a config that does not fit says where, what was declared and what was found', async () => {
  const shape: Shape = {
    kind: 'object',
    members: [
      { name: 'port', shape: { kind: 'number' } },
      { name: 'title', shape: { kind: 'string' }, optional: true },
    ],
  }
  const dependencies: Dependency[] = [{ kind: 'config', shape }]
  const app = appOf([node('A', { dependencies })], { config: { 'src/A.A': { port: 'x', titel: 'Mugs' } } })
  const error = (await rejection(app.start())) as Error
  expect(error).toMatchObject({ code: 'WV_CONFIG' })
  expect(error.message).toContain('weave.config.ts does not fit src/A.A:')
  expect(error.message).toContain('config.A.port must be number; it is')
  expect(error.message).toContain('config.A.titel is not known; did you mean "title"?')
  expect(events).toEqual([])
  await app.stop()
})

test('provide replaces the class and all that it needs', async () => {
  const provided = (name: string) => (name === 'src/A.A' ? async () => ({ hello: async () => 'provided' }) : undefined)
  const app = appOf([node('A', { dependencies: on('B') })], { provided })
  await app.start()
  const stub = app.get('src/A.A', 'test') as unknown as { hello(): Promise<string> }
  expect(await stub.hello()).toBe('provided')
  expect(events).toEqual([])
  await app.stop()
  expect(() => app.get('src/A.A', 'test')).toThrow('get: the application has stopped.')
})

test('each edge has a stub of its own, the same one every time', async () => {
  const app = appOf([node('A')])
  await app.start()
  expect(app.get('src/A.A', 'x')).toBe(app.get('src/A.A', 'x'))
  expect(app.get('src/A.A', 'x')).not.toBe(app.get('src/A.A', 'y'))
  expect(app.get('src/A.A', 'x').$component).toBe('src/A.A')
  expect(() => app.get('src/Z.Z', 'x')).toThrow('The application has no component "src/Z.Z"')
  await app.stop()
})

test('settings name components and listeners, or say what was meant', () => {
  const descriptor: AppDescriptor = {
    ...shopDescriptor(),
    components: [node('Cart', { dependencies: [{ kind: 'listener', name: 'web' }] })],
  }
  const settings = { application: 'x', isolated: false, config: {}, listeners: {} }
  expect(resolveSettings(descriptor, { ...settings, config: { Cart: { a: 1 } } }).config).toEqual({
    'src/Cart.Cart': { a: 1 },
  })
  expect(() => resolveSettings(descriptor, { ...settings, config: { Crat: {} } })).toThrow(
    'weave.config.ts: config: there is no component "Crat"; did you mean "Cart"?',
  )
  expect(() => resolveSettings(descriptor, { ...settings, listeners: { wbe: {} } })).toThrow(
    'weave.config.ts: listeners: there is no listener "wbe"; did you mean "web"?',
  )
})
