/** `run` in one process: output, exit codes, signals, errors. */
import { expect, test } from 'vitest'
import { BOUNDARY_FORMAT } from '../../runtime/boundary.ts'
import { get, provide, run } from '../../runtime/run.ts'
import { fake, startApp } from '../../testing/index.ts'
import { Child } from './child.ts'
import { CART, type Cart, MemoryCart, rejection, shopDescriptor } from './shop.ts'

const ITEMS = 'cart constructed\nitems [{"productId":"mug","quantity":2}]\n'

test('main returns: components stop, code after run runs, exit code 0', async () => {
  expect(await new Child('returns').ended).toEqual({
    code: 0,
    signal: null,
    stdout: `${ITEMS}cart stopped\nafter run\n`,
    stderr: '',
  })
})

test('isolated, by WEAVE_RUN: the same output', async () => {
  const settings = { application: 'shop', isolated: true, config: {}, listeners: {} }
  const ended = await new Child('returns', { WEAVE_RUN: JSON.stringify(settings) }).ended
  expect(ended).toMatchObject({ code: 0, stdout: `${ITEMS}cart stopped\nafter run\n`, stderr: '' })
})

test('main throws: the error is printed once, with its cause, exit code 1', async () => {
  const { code, stdout, stderr } = await new Child('throws').ended
  expect(code).toBe(1)
  expect(stdout).toBe(`${ITEMS}cart stopped\n`)
  expect(stderr.match(/RangeError: main is unhappy/g)).toHaveLength(1)
  expect(stderr).toContain("[cause]: 'the weather'")
})

test('a handle that was forgotten does not keep the process', async () => {
  expect(await new Child('forgets').ended).toMatchObject({ code: 0, stdout: `${ITEMS}cart stopped\nafter run\n` })
})

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  test(`${signal} asks main to return: exit code 0`, async () => {
    const child = new Child('waits')
    await child.printed('waiting')
    child.process.kill(signal)
    expect(await child.ended).toMatchObject({
      code: 0,
      signal: null,
      stdout: expect.stringContaining('asked to stop\ncart stopped\n'),
    })
  })
}

test('a main that throws the reason of its signal has ended well', async () => {
  const child = new Child('rethrows')
  await child.printed('waiting')
  child.process.kill('SIGTERM')
  expect(await child.ended).toMatchObject({ code: 0, stderr: '' })
})

test('a second signal ends a main that does not listen: 128 + its number', async () => {
  const child = new Child('stubborn')
  await child.printed('waiting')
  child.process.kill('SIGINT')
  child.process.kill('SIGTERM')
  expect((await child.ended).code).toSatisfy((code) => code === 130 || code === 143)
})

test('a component that fails to start is named, exit code 1', async () => {
  const { code, stderr } = await new Child('broken').ended
  expect(code).toBe(1)
  expect(stderr).toContain(
    'WV_START src/cart.Cart could not be started: no database\nTypeError: no database\n    at new LoudCart',
  )
})

test('a listener that the config names wrongly', async () => {
  const settings = { application: 'shop', isolated: false, config: {}, listeners: { wbe: {} } }
  const { code, stderr } = await new Child('returns', { WEAVE_RUN: JSON.stringify(settings) }).ended
  expect(code).toBe(1)
  expect(stderr).toBe('WV_CONFIG weave.config.ts: listeners: there is no listener "wbe"; did you mean "web"?\n')
})

test('listening answers requests until the signal', async () => {
  const child = new Child('listens')
  await child.printed('listening http://127.0.0.1:')
  const url = /listening (\S+)/.exec(child.stdout)![1]!
  expect(await (await fetch(url)).text()).toBe('hello')
  child.process.kill('SIGINT')
  expect(await child.ended).toMatchObject({ code: 0 })
})

test('untransformed code is told which file and what to add where', async () => {
  const { code, stderr } = await new Child('untransformed').ended
  expect(code).toBe(1)
  const sentence = /WeaveError: (\S+) calls (.*)/.exec(stderr)!
  expect(sentence[1]).toMatch(/test\/runtime\/apps\/main\.ts$/)
  expect(sentence[2]).toBe(
    'run(Shop) and was not transformed by weavets: add "--import weavets/register" to the flags of node or tsx, weave() of "weavets/esbuild", "weavets/vite" or "weavets/rollup" under "plugins" in the build\'s config, or "weavets/transform" under "plugins" in tsconfig.json (built with "weave tsc" or tspc); or start it with "weave run".',
  )
  class Shop {
    async main(): Promise<void> {}
  }
  expect(await rejection(run(Shop))).toMatchObject({
    code: 'WV_UNTRANSFORMED',
    message: expect.stringContaining('run.test.ts calls run(Shop)'),
  })
  expect(() => get()).toThrow('run.test.ts calls get() and was not transformed')
  expect(() => provide(() => ({}))).toThrow('run.test.ts calls provide(…) and was not transformed')
  const vitest =
    'was not transformed by weavets: add weave() of "weavets/vite" under "plugins" in vitest.config.ts, or "--import weavets/register" to the flags of node --test.'
  expect(await rejection(startApp())).toMatchObject({
    message: expect.stringContaining(`run.test.ts calls startApp() and ${vitest}`),
  })
  expect(() => fake({})).toThrow(vitest)
})

test('a build of another format says so', async () => {
  const app = () => ({ ...shopDescriptor(), format: 99 })
  expect(await rejection(run(app as never))).toMatchObject({
    code: 'WV_VERSION',
    message: `The build is of format 99, this weavets runs format ${BOUNDARY_FORMAT}; build the application again.`,
  })
})

// What the transformer makes of the public functions: one more argument each.
const transformed = {
  startApp: startApp as (options: Parameters<typeof startApp>[0], app: unknown) => ReturnType<typeof startApp>,
  get: get as unknown as (component: string) => unknown,
  fake: fake as unknown as (implementation: object, component: string) => ReturnType<typeof fake>,
}

test('get outside of a running application says what to do', () => {
  expect(() => transformed.get(CART)).toThrow(
    'get<Cart>() was called outside a running application; call it in code that runs after run(…)',
  )
})

for (const placement of [undefined, 'isolated', 'local'] as const) {
  test(`startApp, ${placement ?? 'default'}: components without the root, get inside it, stop`, async () => {
    const app = await transformed.startApp(placement && { placement }, () => shopDescriptor())
    const cart = (app.get as (name: string) => Cart)(CART)
    await cart.add('ada', { productId: 'mug', quantity: 1 })
    expect(await (transformed.get(CART) as Cart).items('ada')).toEqual([{ productId: 'mug', quantity: 1 }])
    // Isolated, a wrong value is refused by the codec.
    const wrong = cart.add('ada', { productId: 'mug', quantity: 'x' } as never)
    if (placement === 'local') await wrong
    else expect(await rejection(wrong)).toMatchObject({ code: 'WV_VALUE' })
    await app.stop()
    expect(() => transformed.get(CART)).toThrow('outside a running application')
  })
}

test('startApp with a fake: calls reach it, and the real one is not loaded', async () => {
  const cart = new MemoryCart()
  const load = () => Promise.reject(new Error('it was loaded'))
  const descriptor = shopDescriptor()
  const components = descriptor.components.map((component) =>
    component.name === CART ? { ...component, load } : component,
  )
  await using app = await transformed.startApp({ fakes: [transformed.fake(cart, CART)] }, () => ({
    ...descriptor,
    components,
  }))
  await (app.get as (name: string) => Cart)(CART).add('ada', { productId: 'mug', quantity: 1 })
  expect(cart.carts.get('ada')).toHaveLength(1)
})

test('provide gives the implementation, until it is too late', async () => {
  const late = provide as unknown as (factory: () => object, component: string) => void
  const cart = new MemoryCart()
  late(() => cart, 'src/provided.Cart')
  const [template] = shopDescriptor().components
  const components = [{ ...template!, name: 'src/provided.Cart', load: undefined }]
  await using app = await transformed.startApp({}, () => ({ ...shopDescriptor(), components }))
  await (app.get as (name: string) => Cart)('src/provided.Cart').add('ada', { productId: 'mug', quantity: 1 })
  expect(cart.carts.get('ada')).toHaveLength(1)
  expect(() => late(() => cart, 'src/provided.Cart')).toThrow(
    'provide<Cart>(…) came too late: src/provided.Cart has been constructed; call it before run(…).',
  )
})

test('startApp gives a component that cannot start as its error', async () => {
  const cart = () => {
    throw new TypeError('no database')
  }
  expect(await rejection(transformed.startApp({}, () => shopDescriptor({ cart })))).toMatchObject({
    code: 'WV_START',
    message: 'src/cart.Cart could not be started: no database',
  })
})
