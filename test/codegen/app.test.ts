/** Generated text as the runtime sees it: descriptor, boundary classes, method table. */
import { transformSync } from 'esbuild'
import { describe, expect, test } from 'vitest'
import { BOUNDARY_FORMAT, type Boundary } from '../../runtime/boundary.ts'
import { Reader } from '../../runtime/codec/reader.ts'
import { Writer } from '../../runtime/codec/writer.ts'
import { CallContext, contextStorage, withDeadline } from '../../runtime/context.ts'
import { MANIFEST_FORMAT } from '../../runtime/manifest.ts'
import { EdgeCounts } from '../../runtime/measure/edge-counts.ts'
import type { Definitions, Shape } from '../../runtime/shape.ts'
import { countsOf, type LocalTarget, type RemoteTarget, type Stub } from '../../runtime/stub.ts'
import { GENERATED_FORMAT, generateApp } from '../../transformer/codegen/app.ts'
import { WRITTEN_FORMAT } from '../../transformer/codegen/manifest.ts'
import type { App, AppModel, Method } from '../../transformer/model.ts'
import {
  boundariesOf,
  component,
  descriptorOf,
  evaluate,
  implementation,
  method,
  modelOf,
  parameter,
} from './evaluate.ts'

const STRING: Shape = { kind: 'string' }
const NUMBER: Shape = { kind: 'number' }
const VOID: Shape = { kind: 'undefined' }
const ITEM: Shape = { kind: 'ref', name: 'src/cart.CartItem' }
const definitions: Definitions = {
  'src/cart.CartItem': {
    kind: 'object',
    members: [
      { name: 'productId', shape: STRING },
      { name: 'quantity', shape: NUMBER },
    ],
  },
  'src/unused.Thing': { kind: 'object', members: [{ name: 'thing', shape: STRING }] },
}
const options = { version: 'abc', specifier: (file: string) => `./${file.replace('src/', '')}` }

type Methods = Record<string, (...args: unknown[]) => Promise<unknown>>

function boundaryOf(methods: Method[], name = 'src/cart.Cart'): Boundary {
  const { model, app } = modelOf([component(name, methods)], { definitions })
  return boundariesOf(descriptorOf(model, app))[0]!
}

const local = (boundary: Boundary, implementation: object) =>
  new boundary.Local(implementation) as unknown as LocalTarget & Methods

/** Arguments as the serving side gets them. */
function across(boundary: Boundary, index: number, args: unknown[]): unknown[] {
  const writer = new Writer()
  boundary.methods[index]!.encodeArguments(writer, args)
  const bytes = writer.take()
  const reader = new Reader(bytes)
  const decoded = boundary.methods[index]!.decodeArguments(reader)
  expect(reader.left).toBe(0)
  return decoded
}

function shop(): { model: AppModel; app: App } {
  const cart = component('src/cart.Cart', [method('add', [parameter('item', ITEM)], VOID)], {
    implementation: implementation('src/cart-memory.ts', 'MemoryCart', {
      dependencies: [
        { kind: 'component', parameter: 'rates', component: 'src/rates.Rates' },
        { kind: 'config', parameter: 'config', shape: { kind: 'object', members: [{ name: 'title', shape: STRING }] } },
        { kind: 'logger', parameter: 'log' },
        { kind: 'default', parameter: 'size' },
      ],
    }),
  })
  const rates = component('src/rates.Rates', [], { provided: true })
  const inside = implementation('src/main.ts', 'Inside', { exportName: undefined, reaches: ['src/cart.Cart'] })
  const here = component('src/here.Here', [], { implementation: inside })
  const root = {
    name: 'src/shop.Shop',
    implementation: implementation('src/shop.ts', 'Shop', {
      exportName: 'default',
      dependencies: [{ kind: 'listener', parameter: 'web' }],
    }),
  }
  const { model, app } = modelOf([rates, cart, here], {
    definitions,
    errors: [{ name: 'src/errors.Gone', className: 'Gone', file: 'src/errors.ts', exportName: 'Gone' }],
  })
  return { model, app: { ...app, kind: 'run', root } }
}

describe('descriptor', () => {
  test('components with their dependencies, the root last, classes imported where they are', async () => {
    const { model, app } = shop()
    class MemoryCart {}
    class Shop {}
    class Inside {}
    class Gone extends Error {}
    const modules: Record<string, Record<string, unknown>> = {
      './cart-memory.ts': { MemoryCart },
      './shop.ts': { default: Shop },
      './errors.ts': { Gone },
    }
    const imported: string[] = []
    const descriptor = evaluate(
      generateApp(model, app, options),
      async (specifier) => {
        imported.push(specifier)
        return modules[specifier]!
      },
      { Inside },
    )
    expect(descriptor).toMatchObject({ format: BOUNDARY_FORMAT, version: 'abc', root: 'src/shop.Shop' })
    expect(descriptor.components.map(({ name, dependencies, reaches }) => ({ name, dependencies, reaches }))).toEqual([
      { name: 'src/rates.Rates', dependencies: [], reaches: [] },
      {
        name: 'src/cart.Cart',
        dependencies: [
          { kind: 'component', component: 'src/rates.Rates' },
          { kind: 'config', shape: { kind: 'object', members: [{ name: 'title', shape: STRING }] } },
          { kind: 'logger' },
          { kind: 'default' },
        ],
        reaches: [],
      },
      { name: 'src/here.Here', dependencies: [], reaches: ['src/cart.Cart'] },
      { name: 'src/shop.Shop', dependencies: [{ kind: 'listener', name: 'web' }], reaches: [] },
    ])
    expect(imported).toEqual([])
    const [rates, cart, here, root] = descriptor.components
    expect(rates?.load).toBeUndefined()
    expect(await cart?.load?.()).toBe(MemoryCart)
    expect(await root?.load?.()).toBe(Shop)
    expect(root?.boundary).toBeUndefined()
    expect(await descriptor.errors[0]?.load()).toBe(Gone)
    expect(imported).toEqual(['./cart-memory.ts', './shop.ts', './errors.ts'])
    // Never the file that the text is in: it waits for `run`, and would wait for itself.
    expect(await here?.load?.()).toBe(Inside)
    expect(imported).toHaveLength(3)
  })

  test('only the definitions that are needed', () => {
    const { model, app } = shop()
    expect(Object.keys(evaluate(generateApp(model, app, options)).definitions())).toEqual(['src/cart.CartItem'])
  })

  test('formats are those of the runtime', () => {
    expect([GENERATED_FORMAT, WRITTEN_FORMAT]).toEqual([BOUNDARY_FORMAT, MANIFEST_FORMAT])
  })
})

describe('text', () => {
  test('the same for the same model, whatever the order of its definitions', () => {
    const { model, app } = shop()
    const reversed = { ...model, definitions: Object.fromEntries(Object.entries(definitions).reverse()) }
    expect(generateApp(reversed, app, options)).toBe(generateApp(model, app, options))
  })

  test('is TypeScript and JavaScript, with nothing at the top level but an import and functions', () => {
    const { model, app } = shop()
    const text = generateApp(model, app, options)
    for (const loader of ['ts', 'js'] as const) expect(() => transformSync(text, { loader })).not.toThrow()
    const topLevel = text.split('\n').filter((line) => /^\S/.test(line) && !/^(\}|\/\/)/.test(line))
    expect(topLevel[0]).toBe("import * as __weave from 'weavets/internal'")
    for (const line of topLevel.slice(1)) expect(line).toMatch(/^function __weave_\w+\(.*\) \{$/)
  })

  test('names of any kind', async () => {
    const odd = ['odd name', 'class', '__proto__', 'constructor', 'a"b\u2028', '</script>', 'then']
    const shape: Shape = { kind: 'object', members: odd.toSorted().map((name) => ({ name, shape: NUMBER })) }
    const names: Definitions = { 'src/a.T<src/b.U>': shape, 'src/b.T<src/b.U>': shape, 'src/c.\u{1f600}': shape }
    const methods = odd.map((name) =>
      method(
        name,
        Object.keys(names).map((each) => parameter('class', { kind: 'ref', name: each })),
        VOID,
      ),
    )
    const { model, app } = modelOf([component('src/odd-name.class', methods)], { definitions: names })
    const text = generateApp(model, app, { ...options, version: "'\u2028" })
    for (const loader of ['ts', 'js'] as const) expect(() => transformSync(text, { loader })).not.toThrow()
    expect(text).not.toContain('</script>')
    const boundary = boundariesOf(evaluate(text))[0]!
    const seen: string[] = []
    const implementation = Object.create(null) as Record<string, unknown>
    for (const name of odd) {
      Object.defineProperty(implementation, name, { value: async () => seen.push(name) })
    }
    const target = local(boundary, implementation)
    const value = JSON.parse(`{${odd.map((name) => `${JSON.stringify(name)}:1`).join()}}`)
    for (const name of odd) await target[name]?.(value, value, value)
    expect(seen).toEqual(odd)
  })
})

describe('arguments', () => {
  const boundary = boundaryOf([
    method(
      'list',
      [
        parameter('after', STRING),
        parameter('limit', NUMBER, { optional: true }),
        parameter('item', ITEM, { optional: true }),
      ],
      VOID,
    ),
    method('tag', [parameter('id', STRING), parameter('tags', { kind: 'array', of: ITEM }, { rest: true })], VOID),
    method('none', [], VOID),
    method('all', [parameter('values', { kind: 'array', of: NUMBER }, { rest: true })], NUMBER),
  ])
  const item = { productId: 'a', quantity: 1 }

  test('optional ones may be missing', () => {
    expect(across(boundary, 0, ['x'])).toEqual(['x', undefined, undefined])
    expect(across(boundary, 0, ['x', undefined, item])).toEqual(['x', undefined, item])
    expect(across(boundary, 2, [])).toEqual([])
  })

  test('rest parameters stay flat', () => {
    expect(across(boundary, 1, ['x'])).toEqual(['x'])
    expect(across(boundary, 1, ['x', item, item])).toEqual(['x', item, item])
    expect(across(boundary, 3, [1, 2, 3])).toEqual([1, 2, 3])
  })

  test('nothing to say takes no bytes', () => {
    const writer = new Writer()
    boundary.methods[2]!.encodeArguments(writer, [])
    boundary.methods[2]!.encodeResult(writer, 'ignored')
    expect(writer.position).toBe(0)
    expect(boundary.methods[2]!.decodeResult(new Reader(Buffer.alloc(0)))).toBeUndefined()
  })

  test('shapes, for explaining', () => {
    expect(boundary.methods[1]!.shapes()).toEqual({
      parameters: [
        { name: 'id', shape: STRING },
        { name: 'tags', shape: { kind: 'array', of: ITEM }, rest: true },
      ],
      result: VOID,
    })
  })

  test('co-located, rest parameters and absent ones are as they were', async () => {
    const calls: unknown[][] = []
    const record = async (...args: unknown[]) => void calls.push(args)
    const target = local(boundary, { list: record, tag: record })
    await target.list?.('x')
    await target.tag?.('x', item, item)
    expect(calls).toEqual([
      ['x', undefined, undefined],
      ['x', item, item],
    ])
    expect(calls[1]?.[1]).not.toBe(item)
  })
})

describe('Local', () => {
  const boundary = boundaryOf([
    method('add', [parameter('item', ITEM)], VOID),
    method('count', [parameter('id', STRING)], NUMBER),
    method('items', [parameter('id', STRING)], { kind: 'array', of: ITEM }),
  ])

  test('passes by value, both ways', async () => {
    const kept: object[] = []
    const target = local(boundary, {
      async add(item: object) {
        kept.push(item)
      },
      async items() {
        return kept
      },
    })
    const item = { productId: 'a', quantity: 1 }
    await target.add?.(item)
    item.quantity = 99
    const items = (await target.items?.('x')) as { quantity: number }[]
    expect(items).toEqual([{ productId: 'a', quantity: 1 }])
    items[0]!.quantity = 50
    expect(kept).toEqual([{ productId: 'a', quantity: 1 }])
  })

  test.each(['add', 'count', 'items'])('%s: a synchronous throw is a rejection with the same error', async (name) => {
    const error = new Error('mine')
    const thrower = () => {
      throw error
    }
    const target = local(boundary, { add: thrower, count: thrower, items: thrower })
    const promise = target[name]?.({ productId: 'a', quantity: 1 })
    expect(promise).toBeInstanceOf(Promise)
    await expect(promise).rejects.toBe(error)
  })

  test('where nothing is copied, the promise of the implementation is handed on', () => {
    const promise = Promise.resolve(1)
    expect(local(boundary, { count: () => promise }).count?.('x')).toBe(promise)
  })

  test('a wrong argument and a wrong result are told with their paths', async () => {
    let called = false
    const target = local(boundary, {
      async add() {
        called = true
      },
      items: async () => [{ productId: 'a' }],
    })
    await expect(target.add?.({ productId: 'a', quantity: '1' })).rejects.toMatchObject({
      code: 'WV_VALUE',
      executed: 'no',
      message: 'Cart.add: item.quantity must be number; it is a string.',
    })
    expect(called).toBe(false)
    await expect(target.items?.('x')).rejects.toMatchObject({
      code: 'WV_VALUE',
      message: 'Cart.items: the result[0].quantity is missing; it must be number.',
    })
  })

  test('@timeout is kept', async () => {
    const timed = boundaryOf([
      method('slow', [], NUMBER, { timeoutMs: 1 }),
      method('copied', [parameter('item', ITEM)], ITEM, { timeoutMs: 1 }),
      method('fast', [parameter('item', ITEM)], ITEM, { timeoutMs: 60_000 }),
    ])
    expect(timed.methods.map((each) => each.timeoutMs)).toEqual([1, 1, 60_000])
    const never = () => new Promise(() => {})
    const target = local(timed, { slow: never, copied: never, fast: async (item: object) => item })
    const item = { productId: 'a', quantity: 1 }
    await expect(target.slow?.()).rejects.toMatchObject({ code: 'WV_DEADLINE' })
    await expect(target.copied?.(item)).rejects.toMatchObject({ code: 'WV_DEADLINE' })
    expect(await target.fast?.(item)).toEqual(item)
    target.$caller = 'src/shop.Shop'
    await expect(target.slow?.()).rejects.toMatchObject({
      edge: { caller: 'src/shop.Shop', callee: 'src/cart.Cart', method: 'slow' },
      executed: 'maybe',
    })
  })

  test.each(['add', 'count', 'items'])('%s is not called when the deadline has passed', async (name) => {
    const calls: unknown[] = []
    const record = async (...args: unknown[]) => void calls.push(args)
    const target = local(boundary, { add: record, count: record, items: record })
    target.$caller = 'src/shop.Shop'
    const call = async () => target[name]?.({ productId: 'a', quantity: 1 })
    const late = {
      code: 'WV_DEADLINE',
      executed: 'no',
      message: `Cart.${name} was not called: the deadline had passed; it came from withDeadline.`,
      edge: { caller: 'src/shop.Shop', callee: 'src/cart.Cart', method: name },
    }
    await expect(withDeadline(0, call)).rejects.toMatchObject(late)
    // A served call that was cancelled, and a deadline within it.
    const served = new CallContext(performance.now() + 60_000, 'withDeadline', undefined, {})
    const inside = await contextStorage.run(served, () =>
      withDeadline(120_000, async () => {
        served.deadline = Number.NEGATIVE_INFINITY
        return await call().catch((error: unknown) => error)
      }),
    )
    expect(inside).toMatchObject(late)
    expect(calls).toEqual([])
    expect(await withDeadline(60_000, async () => void (await target.add?.({ productId: 'a', quantity: 1 })))).toBe(
      undefined,
    )
    expect(calls).toHaveLength(1)
  })
})

test('Stub calls its target, Remote hands index and arguments on', async () => {
  const boundary = boundaryOf([
    method('add', [parameter('id', STRING), parameter('items', { kind: 'array', of: ITEM }, { rest: true })], VOID),
    method('count', [parameter('id', STRING)], NUMBER, { idempotent: true, key: 0 }),
    method('watch', [parameter('id', STRING)], { kind: 'stream', of: NUMBER }, { directStream: true }),
  ])
  expect(boundary.methods.map(({ name, idempotent, key }) => ({ name, idempotent, key }))).toEqual([
    { name: 'add', idempotent: false, key: undefined },
    { name: 'count', idempotent: true, key: 0 },
    { name: 'watch', idempotent: false, key: undefined },
  ])
  const calls: unknown[] = []
  const remote = new boundary.Remote() as RemoteTarget & Methods
  remote.$caller = {
    async call(index, args) {
      calls.push([index, args])
      return 7
    },
    async *stream(index, args) {
      yield [index, args]
    },
  }
  const stub = new boundary.Stub() as Stub & Methods
  stub.$target = remote as unknown as Stub['$target']
  let now = 0
  countsOf(stub, new EdgeCounts('src/shop.Shop', 'src/x.X', boundary.methods, () => now++))
  expect(await stub.count?.('x')).toBe(7)
  await stub.add?.('x', 1, 2)
  const watched = stub.watch?.('y') as unknown as AsyncIterable<unknown>
  for await (const item of watched) expect(item).toEqual([2, ['y']])
  const counts = stub.$edge.samples().map(({ method, calls }) => [method, calls])
  expect(counts).toEqual([
    ['add', 1],
    ['count', 1],
    ['watch', 1],
  ])
  expect(calls).toEqual([
    [1, ['x']],
    [0, ['x', 1, 2]],
  ])
})

test('a broken component rejects every call with what the build said', async () => {
  const socket: Shape = { kind: 'unsupported', reason: 'it is a handle', path: 'open(socket)', fix: 'pass a URL' }
  const broken = component('src/a.A', [method('open', [parameter('socket', socket)], VOID)], {
    broken: 'src/a.ts:3:8 WV2006 …',
  })
  const healthy = component('src/b.B', [method('ping', [], VOID)])
  const { model, app } = modelOf([broken, healthy])
  const [boundary] = boundariesOf(descriptorOf(model, app)) as [Boundary]
  for (const target of [new boundary.Stub(), new boundary.Local({}), new boundary.Remote()] as unknown as Methods[]) {
    await expect(target.open?.()).rejects.toMatchObject({
      code: 'WV_UNTRANSFORMED',
      message: 'src/a.ts:3:8 WV2006 …',
      executed: 'no',
    })
  }
})

test('error classes are loaded before a boundary with errors is used', async () => {
  class Gone extends Error {}
  const { model, app } = modelOf(
    [component('src/a.A', [method('last', [], { kind: 'array', of: { kind: 'error' } })])],
    {
      errors: [{ name: 'src/errors.Gone', className: 'Gone', file: 'src/errors.ts', exportName: 'Gone' }],
    },
  )
  const [boundary] = boundariesOf(evaluate(generateApp(model, app, options), async () => ({ Gone }))) as [Boundary]
  await boundary.prepare?.()
  const writer = new Writer()
  boundary.methods[0]!.encodeResult(writer, [new Gone('x')])
  const [error] = boundary.methods[0]!.decodeResult(new Reader(writer.take())) as [Error]
  expect(error).toBeInstanceOf(Gone)
})
