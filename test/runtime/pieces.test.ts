/** The small pieces: names, context, logger, config file, listener, deadlines, Node's version, what is exported. */
import { writeFileSync } from 'node:fs'
import { createServer as createHttpServer, get as httpGet } from 'node:http'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { DeadlineSweep } from '../../runtime/calls/deadlines.ts'
import { systemClock } from '../../runtime/clock.ts'
import { loadConfigFile } from '../../runtime/config/config-file.ts'
import { context, withDeadline, withMetadata, withTrace } from '../../runtime/context.ts'
import * as weavets from '../../runtime/index.ts'
import { LIMITS } from '../../runtime/limits.ts'
import { Listeners, PortBinder } from '../../runtime/listener.ts'
import { ComponentLogger, type LogLine, prettyLine } from '../../runtime/logger.ts'
import { didYouMean, resolveComponentName } from '../../runtime/names.ts'
import { nodeVersionProblem } from '../../runtime/node-version.ts'
import * as testing from '../../testing/index.ts'
import { FakeClock } from './fake-clock.ts'
import { rejection } from './shop.ts'
import { removeTemporaryFolders, temporaryFolder } from './temporary.ts'

afterAll(removeTemporaryFolders)

test('the names that weavets and weavets/testing export', () => {
  expect(Object.keys(weavets).sort()).toEqual([
    'ERROR_CODES',
    'WeaveError',
    'context',
    'defineConfig',
    'get',
    'provide',
    'run',
    'withDeadline',
    'withMetadata',
    'withTrace',
  ])
  expect(Object.keys(testing).sort()).toEqual(['fake', 'startApp'])
})

describe('names of components', () => {
  const names = ['src/cart.Cart', 'src/old/cart.Cart', 'src/checkout.Checkout']

  test('short where unique, else full', () => {
    expect(resolveComponentName('Checkout', names)).toBe('src/checkout.Checkout')
    expect(resolveComponentName('src/cart.Cart', names)).toBe('src/cart.Cart')
    expect(() => resolveComponentName('Cart', names, 'weave.config.ts: placement')).toThrow(
      'weave.config.ts: placement: "Cart" is the name of 2 components; write one of "src/cart.Cart", "src/old/cart.Cart".',
    )
  })

  test('a name that is not there is corrected when one is near', () => {
    expect(() => resolveComponentName('Chekout', names)).toThrow(
      'there is no component "Chekout"; did you mean "Checkout"?',
    )
    expect(() => resolveComponentName('Mail', ['src/a.Cart'])).toThrow(
      'there is no component "Mail"; there are "Cart".',
    )
    expect(didYouMean('crat', ['Cart', 'Catalog'])).toBe('Cart')
    expect(didYouMean('x', ['Cart'])).toBeUndefined()
  })
})

describe('the call context', () => {
  test('is empty outside of calls', () => {
    expect(context()).toEqual({ remainingMs: undefined, traceparent: undefined, metadata: {} })
  })

  test('metadata adds up, inside only', () => {
    withMetadata({ a: '1', b: '1' }, () =>
      withMetadata({ b: '2', __proto__: 'x' } as never, () =>
        expect({ ...context().metadata }).toEqual({ a: '1', b: '2' }),
      ),
    )
    expect(context().metadata).toEqual({})
  })

  test('metadata has limits', () => {
    const many = Object.fromEntries(
      Array.from({ length: LIMITS.metadataEntriesMax + 1 }, (_, index) => [`k${index}`, '']),
    )
    expect(() => withMetadata(many, () => {})).toThrow(
      'withMetadata: there would be 65 entries; at most 64 travel with a call.',
    )
    expect(() => withMetadata({ long: 'x'.repeat(LIMITS.metadataBytesMax) }, () => {})).toThrow(
      'at most 8192 travel with a call',
    )
    expect(() => withMetadata({ n: 1 } as never, () => {})).toThrow('withMetadata: "n" must be a string; it is number.')
  })

  test('a traceparent is checked', () => {
    expect(() => withTrace('nonsense', () => {})).toThrow('withTrace: "traceparent" must be of the form')
    expect(() => withTrace(`00-${'0'.repeat(32)}-b7ad6b7169203331-01`, () => {})).toThrow('must be of the form')
  })

  test('withDeadline gives the result in time, and the error of the work', async () => {
    expect(await withDeadline(60_000, async () => 1)).toBe(1)
    const late = withDeadline(60_000, async () => {
      throw new RangeError('mine')
    })
    expect(await rejection(late)).toMatchObject({ message: 'mine' })
    expect(await rejection(withDeadline(1, () => new Promise(() => {})))).toMatchObject({
      code: 'WV_DEADLINE',
      message: 'withDeadline: no result in 1 ms.',
    })
    expect(() => withDeadline(Number.NaN, async () => {})).toThrow('withDeadline: "ms" must be a number')
  })
})

describe('the deadline sweep', () => {
  test('fires at the nearest deadline, whatever the order in which they come', () => {
    const clock = new FakeClock()
    const deadlines = [clock.now() + 300, clock.now() + 100, clock.now() + 200]
    const fired: number[] = []
    const sweep = new DeadlineSweep(clock, (now) => {
      fired.push(now - 1_000)
      return Math.min(...deadlines.filter((deadline) => deadline > now), Number.POSITIVE_INFINITY)
    })
    for (const deadline of deadlines) sweep.note(deadline)
    expect(clock.timers).toBe(1)
    clock.advance(1_000)
    expect(fired).toEqual([100, 200, 300])
    expect(clock.timers).toBe(0)
  })
})

describe('the logger', () => {
  test('writes what JSON can say of any field, without throwing', () => {
    const lines: LogLine[] = []
    const logger = new ComponentLogger((line) => lines.push(line), 'src/cart.Cart', 'cart-1')
    const circular: Record<string, unknown> = { n: 1 }
    circular.self = circular
    const hostile = {
      get boom(): never {
        throw new Error('no')
      },
    }
    logger.warn('odd', { circular, hostile, f: () => 1, s: Symbol('x'), m: new Map([['a', 1]]), d: new Date(0) })
    expect(lines[0]).toMatchObject({ level: 'warn', message: 'odd', component: 'src/cart.Cart', process: 'cart-1' })
    expect(JSON.parse(JSON.stringify(lines[0]!.fields))).toEqual({
      circular: { n: 1, self: '[circular]' },
      hostile: '[unreadable: Error: no]',
      f: '[function]',
      s: 'Symbol(x)',
      m: { a: 1 },
      d: '1970-01-01T00:00:00.000Z',
    })
    expect(prettyLine({ ...lines[0]!, time: '2026-01-01T10:20:30.400Z', fields: undefined })).toContain('odd')
  })

  test('has the trace of its call', () => {
    const lines: LogLine[] = []
    const logger = new ComponentLogger((line) => lines.push(line), 'x', undefined)
    withTrace('00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01', () => logger.info('in'))
    expect(lines[0]).toMatchObject({ trace: '0af7651916cd43dd8448eb211c80319c' })
  })
})

describe('weave.config.ts', () => {
  function folder(files: Record<string, string>): string {
    const root = temporaryFolder()
    for (const [name, text] of Object.entries(files)) writeFileSync(join(root, name), text)
    return root
  }

  test('is loaded with its types stripped; without one there is none', () => {
    const text = "const name: string = 'shop'\nexport default { name, replicas: 2 }\n"
    expect(loadConfigFile(folder({ 'weave.config.ts': text }))).toEqual({ name: 'shop', replicas: 2 })
    expect(loadConfigFile(folder({}))).toBeUndefined()
  })

  test('one in a form that is not read is not passed over', () => {
    expect(() => loadConfigFile(folder({ 'weave.config.yaml': '' }))).toThrow(
      'weave.config.yaml is not read; put what it says into weave.config.ts',
    )
    expect(loadConfigFile(folder({ 'weave.config.yaml': '', 'weave.config.mjs': 'export default {}' }))).toEqual({})
  })

  test('says which file and why when it cannot be loaded', () => {
    const code = (text: string) => () => loadConfigFile(folder({ 'weave.config.mjs': text }))
    expect(code('export const x = 1')).toThrow('weave.config.mjs must have a default export that is an object')
    expect(code("throw new Error('oh')")).toThrow('weave.config.mjs could not be loaded: oh')
    expect(code('await 1; export default {}')).toThrow('weave.config.mjs could not be loaded: it uses top-level await')
    const two = folder({ 'weave.config.mjs': '', 'weave.config.ts': '' })
    expect(() => loadConfigFile(two)).toThrow('There are 2 config files (weave.config.ts, weave.config.mjs)')
  })
})

describe('a listener', () => {
  test('listens on a free port of 127.0.0.1, and knows its address', async () => {
    const listeners = new Listeners(new PortBinder({}), systemClock)
    const web = listeners.listener('web', 'src/shop.Shop')
    const url = await web.listen(createHttpServer((_, response) => response.end('hello')))
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
    expect(web.url).toBe(url)
    expect(await (await fetch(url)).text()).toBe('hello')
    await listeners.close()
    expect(await rejection(fetch(url))).toBeInstanceOf(TypeError)
  })

  test('lets an open request end before it closes', async () => {
    const listeners = new Listeners(new PortBinder({}), systemClock)
    const arrived = Promise.withResolvers<() => void>()
    const server = createHttpServer((_, response) => arrived.resolve(() => response.end('done')))
    const url = await listeners.listener('web', 'src/shop.Shop').listen(server)
    const answer = new Promise<string>((resolve, reject) => {
      httpGet(url, (response) => response.setEncoding('utf8').on('data', resolve)).on('error', reject)
    })
    const finish = await arrived.promise
    const closed = listeners.close()
    finish()
    expect(await answer).toBe('done')
    await closed
  })

  test('says which listener and what to do when its port is taken', async () => {
    const taken = createServer()
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve))
    const { port } = taken.address() as { port: number }
    const listeners = new Listeners(new PortBinder({ web: { port } }), systemClock)
    expect(await rejection(listeners.listener('web', 'src/shop.Shop').listen(createServer()))).toMatchObject({
      code: 'WV_CONFIG',
      message: `Listener "web": 127.0.0.1:${port} is in use; stop what uses it, or set listeners.web in weave.config.ts to another port.`,
    })
    taken.close()
  })
})

test('an old Node is told what is needed', () => {
  expect(nodeVersionProblem('22.18.0')).toBeUndefined()
  expect(nodeVersionProblem('24.0.0')).toBeUndefined()
  expect(nodeVersionProblem('22.17.1')).toContain('weavets needs Node.js 22.18 or newer; this is 22.17.1')
  expect(nodeVersionProblem('20.9.0')).toContain('this is 20.9.0')
})
