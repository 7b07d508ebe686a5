/** What takes several files: choosing implementations, tests beside sources, packages, configuration, and staying warm. */
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import type { Definitions, Shape } from '../../runtime/shape.ts'
import { MethodHashes } from '../../transformer/analyse/methods/hash.ts'
import { openProject } from './project.ts'

const project = openProject()
afterAll(() => project[Symbol.dispose]())

const cart = `import type { Component } from 'weavets'
export interface Item { id: string }
export interface Cart extends Component { items(): Promise<Item[]> }
`
const memoryCart = `import type { Cart } from './cart.ts'
export class MemoryCart implements Cart { async items() { return [] } }
`
const redisCart = `import type { Cart } from './cart.ts'
export class RedisCart implements Cart { async items() { return [] } }
`
const shop = `import type { Main } from 'weavets'
import type { Cart } from './cart.ts'
export class Shop implements Main { constructor(readonly cart: Cart) {} async main() {} }
`
const main = `import { run } from 'weavets'
import { Shop } from './shop.ts'
await run(Shop)
`
const base = { 'src/cart.ts': cart, 'src/memory-cart.ts': memoryCart, 'src/shop.ts': shop, 'src/main.ts': main }
const implementationOf = (name: string, options = {}) =>
  project.analyse(options).model.components.find((each) => each.name === name)?.implementation

beforeEach(() => project.write(base))

describe('implementations', () => {
  test('found in any module, whatever imports it', () => {
    const { model, diagnostics } = project.analyse({ entry: 'src/main.ts' })
    expect(diagnostics).toEqual([])
    expect(model.components[0]).toMatchObject({
      name: 'src/cart.Cart',
      implementation: { className: 'MemoryCart', file: 'src/memory-cart.ts' },
    })
    expect(model.apps).toEqual([
      {
        kind: 'run',
        file: 'src/main.ts',
        components: ['src/cart.Cart'],
        root: expect.objectContaining({ name: 'src/shop.Shop' }),
      },
    ])
  })

  test('none', () => {
    const { 'src/memory-cart.ts': _, ...rest } = base
    project.write(rest)
    expect(project.report()).toEqual(["WV3001 src/shop.ts:3:64 No class implements 'Cart', needed by 'Shop'."])
    expect(project.analyse().model.components[0]?.broken).toBeUndefined()
  })

  test('that say so run though nobody takes them, with what they need; those of tests do not', () => {
    const janitor = (tag: string, name = 'Janitor') =>
      `import type { Component } from 'weavets'\nimport type { Cart } from './cart.ts'\n${tag}\nexport interface ${name} extends Component { sweep(): Promise<void> }\nexport class Night${name} implements ${name} { constructor(readonly cart: Cart) {} async sweep() {} }\n`
    const started = () => project.analyse({ entry: 'src/main.ts' }).model.apps[0]!.components
    project.write({ ...base, 'src/janitor.ts': janitor('') })
    expect(started()).toEqual(['src/cart.Cart'])
    project.write({
      ...base,
      'src/janitor.ts': janitor('/** @background */'),
      'src/a.test.ts': janitor('/** @background */', 'Tester'),
    })
    expect(started()).toEqual(['src/cart.Cart', 'src/janitor.Janitor'])
  })

  test('that keep state in memory say so, in the class or for all in the interface', () => {
    const statefulOf = () => project.analyse({ entry: 'src/main.ts' }).model.components[0]!.stateful
    expect(statefulOf()).toBeUndefined()
    project.write({
      ...base,
      'src/memory-cart.ts': memoryCart.replace('export class', '/** @stateful */\nexport class'),
    })
    expect(statefulOf()).toBe(true)
    project.write(base)
    expect(statefulOf()).toBeUndefined()
    project.write({
      ...base,
      'src/cart.ts': cart.replace('export interface Cart', '/** @stateful */\nexport interface Cart'),
    })
    expect(statefulOf()).toBe(true)
  })

  describe('that visibly keep something between calls', () => {
    /** The field that is found in a class whose body is this. */
    const kept = (body: string, tags: { on?: string; of?: string } = {}) => {
      const text = `import type { Component } from 'weavets'\n${tags.of ?? ''}\nexport interface Box extends Component { put(item: string): Promise<void> }\n${tags.on ?? ''}\nexport class OpenBox implements Box {\n${body}\n}\n`
      project.write({ 'src/box.ts': text })
      return project.analyse().model.components.find(({ shortName }) => shortName === 'Box')!.keeps
    }
    const put = (statements: string) => `async put(item: string) { ${statements} }`

    test.each([
      [`readonly #items = new Map<string, number>()\n${put('this.#items.set(item, 1)')}`, '#items'],
      [`readonly #items = new Map<string, string[]>()\n${put('this.#items.get(item)!.push(item)')}`, '#items'],
      [`private items: string[] = []\n${put('this.items.push(item)')}`, 'items'],
      [`items: Record<string, number>\nconstructor() { this.items = {} }\n${put('this.items[item] = 1')}`, 'items'],
      [`items: Record<string, number> = {}\n${put('delete this.items[item]')}`, 'items'],
      [`#count = 0\n${put('this.#count++')}`, '#count'],
      [`#last = ''\n${put('this.#keep(item)')}\n#keep(item: string) { this.#last = item }`, '#last'],
      [`#items = new Set<string>()\nput = async (item: string) => { this.#items.add(item) }`, '#items'],
    ])('%s', (body, field) => {
      expect(kept(body)).toBe(field)
    })

    test.each([
      // Made once, and read.
      [`readonly #items = new Map([['mug', 1]])\n${put('this.#items.get(item)')}`],
      [`#items: string[] = []\n${put('this.#items.slice().sort(); [...this.#items].reverse()')}`],
      // Before the first call, and after the last one.
      [`#open = false\nasync start() { this.#open = true }\nasync stop() { this.#open = false }\n${put('this.#open')}`],
      // Another's, which keeps it elsewhere.
      [`readonly #db = new Client()\n${put('this.#db.set(item)')}\n} class Client { set(_: string) {}`],
      [put('const items: string[] = []; items.push(item)')],
    ])('not %s', (body) => {
      expect(kept(body)).toBeUndefined()
    })

    test('unless the class or the interface says what becomes of it', () => {
      const body = `#count = 0\n${put('this.#count++')}`
      expect(kept(body, { on: '/** @stateless */' })).toBeUndefined()
      expect(kept(body, { of: '/** @stateless */' })).toBeUndefined()
      expect(kept(body, { on: '/** @stateful */' })).toBeUndefined()
      expect(kept(body, { of: '/** @stateful */' })).toBeUndefined()
      expect(kept(body)).toBe('#count')
    })
  })

  test('two, until the config chooses', () => {
    project.write({ ...base, 'src/redis-cart.ts': redisCart })
    expect(project.report()).toEqual([
      "WV3002 src/memory-cart.ts:2:14 'MemoryCart' and 'RedisCart' both implement 'Cart'.",
    ])
    expect(implementationOf('src/cart.Cart', { implementations: { Cart: 'RedisCart' } })?.className).toBe('RedisCart')
    const full = { 'src/cart.Cart': 'src/redis-cart.RedisCart' }
    expect(implementationOf('src/cart.Cart', { implementations: full })?.className).toBe('RedisCart')
    expect(project.report({ implementations: full })).toEqual([])
  })

  test('names in the config that do not exist', () => {
    expect(project.report({ implementations: { Crat: 'MemoryCart', Cart: 'RedisCart' } })).toEqual([
      "WV3008 weave.config.ts: implementations: no class 'RedisCart' implements 'Cart'.",
      "WV3008 weave.config.ts: implementations: there is no component 'Crat'.",
    ])
  })

  test('classes and interfaces of tests belong to the tests', () => {
    project.write({
      ...base,
      'src/cart.test.ts': redisCart,
      'test/fakes.ts': redisCart.replace('./cart', '../src/cart'),
      'src/__tests__/x.ts': cart,
    })
    const { model, diagnostics } = project.analyse()
    expect(diagnostics).toEqual([])
    expect(model.components.map(({ name }) => name)).toEqual(['src/cart.Cart'])
  })

  test('a provided component needs no class, and forgives one that cannot be injected', () => {
    const legacy = memoryCart.replace('{ async', '{ constructor(pool: object) {} async')
    const provide = `import { provide } from 'weavets'\nimport type { Cart } from './cart.ts'\nprovide<Cart>(() => null!)\n`
    project.write({ ...base, 'src/memory-cart.ts': legacy, 'src/setup.ts': provide })
    const { model, diagnostics } = project.analyse()
    expect(diagnostics).toEqual([])
    expect(model.components[0]).toMatchObject({ provided: true, implementation: undefined, broken: undefined })
    expect(model.rewrites).toContainEqual(
      expect.objectContaining({
        kind: 'argument',
        file: 'src/setup.ts',
        position: 1,
        arguments: 1,
        text: '"src/cart.Cart"',
      }),
    )
  })

  test('exported as default, under another name, inherited', () => {
    const renamed = `${memoryCart.replace('export class', 'class')}export { MemoryCart as Memory }\n`
    project.write({ ...base, 'src/memory-cart.ts': renamed })
    expect(implementationOf('src/cart.Cart')).toMatchObject({ className: 'MemoryCart', exportName: 'Memory' })
    const anonymous = `import { Base } from './base.ts'\nexport default class extends Base {}\n`
    const abstract = memoryCart.replace('class MemoryCart', 'abstract class Base')
    project.write({ ...base, 'src/memory-cart.ts': anonymous, 'src/base.ts': abstract })
    expect(implementationOf('src/cart.Cart')).toMatchObject({ className: 'default', exportName: 'default' })
  })
})

describe('entries', () => {
  test('everything in one file', () => {
    const whole = `import { type Component, run, type Main } from 'weavets'
interface Cart extends Component { size(): Promise<number> }
class MemoryCart implements Cart { async size() { return 0 } }
class Shop implements Main { constructor(readonly cart: Cart) {} async main() {} }
await run(Shop)
`
    project.write({ 'src/main.ts': whole })
    const { model, diagnostics } = project.analyse({ entry: 'src/main.ts' })
    expect(diagnostics).toEqual([])
    expect(model.components[0]).toMatchObject({ name: 'src/main.Cart', implementation: { exportName: undefined } })
    expect(model.rewrites).toEqual([expect.objectContaining({ kind: 'replace', text: '__weave_app' })])
    expect(whole.slice(model.rewrites[0]!.start, model.rewrites[0]!.end)).toBe('Shop')
  })

  test('the import of the root becomes a type import only if nothing else reads it', () => {
    const kinds = () => project.analyse().model.rewrites.map(({ kind }) => kind)
    const imports = project.analyse().model.rewrites.find(({ kind }) => kind === 'type-import')
    expect(main.slice(imports!.start, imports!.end)).toBe("import { Shop } from './shop.ts'")
    project.write({ ...base, 'src/main.ts': `${main}export type X = Shop\n` })
    expect(kinds()).toEqual(['type-import', 'replace'])
    project.write({ ...base, 'src/main.ts': `${main}console.log(Shop.name)\n` })
    expect(kinds()).toEqual(['replace'])
    project.write({ ...base, 'src/main.ts': `${main}export class Mall extends Shop {}\n` })
    expect(kinds()).toEqual(['replace'])
    for (const names of ['{ Shop, type Options }', '{ Shop, Options }', 'Default, { Shop }']) {
      project.write({ ...base, 'src/main.ts': main.replace('{ Shop }', names) })
      expect(kinds()).toEqual(['type-import', 'replace'])
    }
    project.write({ ...base, 'src/main.ts': `${main.replace('{ Shop }', '{ Shop, help }')}help()\n` })
    expect(kinds()).toEqual(['replace'])
    project.write({ ...base, 'src/main.ts': `${main.replace('{ Shop }', '{ Shop, help }')}export { help }\n` })
    expect(kinds()).toEqual(['replace'])
    project.write({ ...base, 'src/main.ts': main.replace('{ Shop }', '* as shop').replace('(Shop)', '(shop.Shop)') })
    expect(kinds()).toEqual(['type-import', 'replace'])
  })

  test('names of ours under other names', () => {
    const other = `export { run as start } from 'weavets'\n`
    const renamed = main.replace("{ run } from 'weavets'", "{ start as go } from './weave.ts'").replace('run(', 'go(')
    project.write({ ...base, 'src/weave.ts': other, 'src/main.ts': renamed })
    expect(project.analyse().model.apps).toHaveLength(1)
  })

  test('an entry that starts nothing, or is not there', () => {
    expect(project.report({ entry: 'src/shop.ts' })).toEqual([
      "WV9010 src/shop.ts:1:1 The entry 'src/shop.ts' does not call 'run'.",
    ])
    expect(project.report({ entry: 'src/mian.ts' })).toEqual([
      "WV9010 The entry 'src/mian.ts' is not part of the program.",
    ])
  })

  test('a test that starts the application takes every healthy component, and its own', () => {
    const spec = `import type { Component } from 'weavets'
import { fake, startApp } from 'weavets/testing'
import type { Cart } from '../src/cart.ts'
interface Probe extends Component { ping(): Promise<void> }
class RealProbe implements Probe { constructor(readonly cart: Cart) {} async ping() {} }
const app = await startApp({ fakes: [fake<Cart>({ async items() { return [] } })] })
await app.get<Probe>().ping()
await startApp()
`
    const broken = cart.replace('Cart ', 'Broken ').replace('Promise<Item[]>', 'number')
    project.write({ ...base, 'test/shop.test.ts': spec, 'src/broken.ts': broken })
    const { model } = project.analyse()
    expect(model.apps.find(({ kind }) => kind === 'startApp')).toEqual({
      kind: 'startApp',
      file: 'test/shop.test.ts',
      root: undefined,
      components: ['src/cart.Cart', 'test/shop.test.Probe'],
    })
    const rewrites = model.rewrites.filter(({ file }) => file.startsWith('test/'))
    const texts = rewrites.map(
      (each) => `${each.kind === 'argument' ? `${each.position}/${each.arguments} ${each.text}` : ''}`,
    )
    expect(texts).toEqual(['1/1 __weave_app', '1/1 "src/cart.Cart"', '0/0 "test/shop.test.Probe"', '1/0 __weave_app'])
  })
})

describe('set-up', () => {
  test('two files that differ in the extension only', () => {
    project.write({ 'src/cart.ts': cart, 'src/cart.mts': cart })
    expect(project.report()).toEqual(["WV1008 src/cart.ts:3:18 Two components are called 'src/cart.Cart'."])
  })

  test('without strictNullChecks', () => {
    using loose = openProject({ strict: false })
    loose.write(base)
    expect(loose.report()).toEqual(["WV9001 'strictNullChecks' is off."])
  })

  test('without weavets', () => {
    using bare = openProject({ paths: {} })
    bare.write(base)
    expect(bare.report()).toEqual(["WV9011 The import of 'weavets' was not found."])
    // It may be there, and not found in the old way of CommonJS projects.
    expect(bare.analyse().diagnostics[0]!.fix).toContain('"moduleResolution": "bundler"')
  })

  test('a circle of one', () => {
    project.write({
      ...base,
      'src/memory-cart.ts': memoryCart.replace('{ async', '{ constructor(readonly inner: Cart) {} async'),
    })
    expect(project.report()).toEqual(['WV3003 src/memory-cart.ts:2:71 Cart → Cart: none can be constructed first.'])
  })
})

const thrownBy = (exportName: string) => ({ file: 'src/memory-cart.ts', package: 'maths/errors', exportName })

describe('shapes', () => {
  test('types of a package are named after it, its classes and errors do not cross', () => {
    const types = `export interface Point { x: number; y: number }
export declare class Matrix { rows: number[][]; invert(): Matrix }
export declare class MathError extends Error {}
`
    const component = `import type { Component } from 'weavets'
import type { MathError, Matrix, Point } from 'maths'
export interface Plot extends Component { draw(points: Point[], by: Matrix): Promise<MathError | undefined> }
`
    project.write({
      'src/plot.ts': component,
      'node_modules/maths/package.json': '{ "name": "maths", "version": "1.0.0", "types": "index.d.ts" }',
      'node_modules/maths/index.d.ts': types,
    })
    const { model, diagnostics } = project.analyse()
    expect(diagnostics.map(({ code, related }) => [code, related.map(({ line }) => line)])).toEqual([
      ['WV2005', [2]],
      ['WV2018', [3]],
    ])
    expect(diagnostics[0]?.related[0]?.file).toBe('node_modules/maths/index.d.ts')
    expect(model.components[0]?.methods[0]?.parameters[0]?.shape).toEqual({
      kind: 'array',
      of: { kind: 'ref', name: 'maths/index.Point' },
    })
    expect(model.components[0]?.broken).toBe(
      "WV2005 'draw(by)' is an instance of the class 'Matrix', which would arrive without its methods and private state. (src/plot.ts:3:69)",
    )
  })

  test("error classes of a package that are thrown or told apart are the application's too, as the source imports them", () => {
    const memory = `import { Asked, type MathError, NotFound, Overflow as TooMuch, Point, Unused } from 'maths/errors'
import { Refused } from '../own/errors.ts'
import type { Cart } from './cart.ts'
export class MemoryCart implements Cart {
  // async items(user: string) { throw new NotFound('everybody') }
  async items(user: string) {
    if (user === '') throw new NotFound('nobody')
    if (user === 'many') throw new TooMuch()
    if (user === 'odd') throw new Point()
    if (user === 'own') throw new Refused()
    if (await this.items('').catch((error: unknown) => error instanceof Asked)) return []
    if (user === 'all') throw new RangeError('all')
    return user === 'math' ? [] : await Promise.reject<[]>(new Unused() satisfies MathError)
  }
}
`
    project.write({
      ...base,
      'src/memory-cart.ts': memory,
      'own/errors.ts': 'export class Refused extends Error {}\n',
      'node_modules/maths/package.json':
        '{ "name": "maths", "version": "1.0.0", "exports": { "./errors": "./index.d.ts" } }',
      'node_modules/maths/index.d.ts': `export declare class MathError extends Error {}
export declare class NotFound extends MathError {}
export declare class Overflow extends MathError {}
export declare class Asked extends MathError {}
export declare class Unused extends MathError {}
export declare class Point { x: number }
`,
    })
    const { errors } = project.analyse().model
    expect(errors.filter((each) => each.package !== undefined)).toEqual([
      { name: 'maths/errors.Asked', className: 'Asked', ...thrownBy('Asked') },
      { name: 'maths/errors.NotFound', className: 'NotFound', ...thrownBy('NotFound') },
      { name: 'maths/errors.Overflow', className: 'Overflow', ...thrownBy('Overflow') },
    ])
    expect(errors.map(({ exportName }) => exportName)).toContain('Refused')
  })

  test('an optional member needs no undefined of its own, with exactOptionalPropertyTypes or without', () => {
    using exact = openProject({ exactOptionalPropertyTypes: true })
    const members = '{ a?: string; b?: string | undefined; c: string | undefined }'
    exact.write({ 'src/cart.ts': cart.replace('{ id: string }', members) })
    const text = { kind: 'string' }
    const maybe = {
      kind: 'union',
      members: [{ kind: 'undefined' }, text].map((shape) => ({ test: { by: 'kind' }, shape })),
    }
    expect(exact.analyse().model.definitions['src/cart.Item']).toEqual({
      kind: 'object',
      members: [
        { name: 'a', shape: text, optional: true },
        // Present and undefined is told from absent for everything optional.
        { name: 'b', shape: text, optional: true },
        { name: 'c', shape: maybe },
      ],
    })
  })

  test('one culprit, one report, with its further uses', () => {
    const many = `import type { Socket } from 'node:net'
import type { Component } from 'weavets'
export interface A extends Component { a(s: Socket): Promise<Socket>; b(s: Socket[]): Promise<void>; c(x: { s: Socket }): Promise<{ s: Socket }> }
export interface B extends Component { b(s: Socket): Promise<void> }
`
    project.write({ 'src/many.ts': many })
    const { diagnostics, model } = project.analyse()
    expect(diagnostics.map(({ message }) => message)).toEqual(["'a(s)' is a 'Socket', which cannot leave its process."])
    expect(diagnostics[0]?.related.map(({ message }) => message)).toEqual([
      "'Socket' is declared here",
      "also reached by 'a()'",
      "also reached by 'b(s)[]'",
      "also reached by 'c(x).s'",
      'and 2 more',
    ])
    expect(model.components.map(({ broken }) => broken?.slice(0, 13))).toEqual(["WV2006 'a(s)'", "WV2006 'a(s)'"])
  })

  test('definitions that only broken components need are left out', () => {
    project.write({ 'src/cart.ts': cart.replace('Promise<Item[]>', 'Promise<[Item, () => void]>') })
    expect(project.analyse().model.definitions).toEqual({})
  })
})

describe('hashes', () => {
  const hashOf = (text: string) => {
    project.write({ 'src/cart.ts': text })
    return project.analyse().model.components[0]?.methods[0]?.hash
  }

  test('do not depend on names of types, order of members or unions, readonly, or folders', () => {
    const one = hashOf(cart.replace('{ id: string }', '{ id: string; kind: "a" | "b"; next?: Item }'))
    const other = cart
      .replaceAll('Item', 'Line')
      .replace('{ id: string }', '{ readonly next?: Line; kind: "b" | "a"; id: string }')
    expect(hashOf(other)).toBe(one)
  })

  test('change with what is on the wire', () => {
    const texts = ['{ id: string }', '{ id: number }', '{ id?: string }', '{ id: string; x: 1 }', '{ idd: string }']
    const hashes = texts.map((text) => hashOf(cart.replace('{ id: string }', text)))
    expect(new Set(hashes).size).toBe(texts.length)
  })

  test('do not multiply what is shared', () => {
    const levels = Array.from({ length: 60 }, (_, n) => `interface L${n} { a: L${n + 1}; b: L${n + 1} }`)
    const deep = `import type { Component } from 'weavets'
${levels.join('\n')}
interface L60 { end: true }
export interface Deep extends Component { put(top: L0): Promise<void> }
`
    expect(hashOf(deep)).toMatch(/^[0-9a-f]{16}$/)
  })

  test('end on recursive definitions', () => {
    const definitions = { A: { kind: 'array', of: { kind: 'ref', name: 'A' } } } as const
    const method = { name: 'm', parameters: [], idempotent: false, timeoutMs: undefined, key: undefined }
    const hashes = new MethodHashes({ A: { ...definitions.A } })
    expect(hashes.of({ ...method, result: { kind: 'ref', name: 'A' } })).toMatch(/^[0-9a-f]{16}$/)
  })

  const ring = (names: readonly string[], last: Shape, read = () => {}) => {
    const definitions: Definitions = {}
    for (const [at, name] of names.entries()) {
      definitions[name] = {
        kind: 'map',
        key: at === names.length - 1 ? last : { kind: 'string' },
        get value(): Shape {
          read()
          return { kind: 'ref', name: names[(at + 1) % names.length]! }
        },
      }
    }
    const hashes = new MethodHashes(definitions)
    const method = { name: 'm', parameters: [], idempotent: false, timeoutMs: undefined, key: undefined }
    return names.map((name) => hashes.of({ ...method, result: { kind: 'ref', name } }))
  }

  test('of definitions that refer to each other depend on all of them and on where one begins, not on names', () => {
    const one = ring(['A', 'B', 'C'], { kind: 'number' })
    expect(new Set(one).size).toBe(3)
    expect(ring(['Y', 'X', 'Z'], { kind: 'number' })).toEqual(one)
    const other = ring(['A', 'B', 'C'], { kind: 'boolean' })
    expect(new Set([...one, ...other]).size).toBe(6)
  })

  test('of what refers to nothing are made too', () => {
    const definitions: Definitions = { A: { kind: 'array', of: { kind: 'ref', name: 'B' } } }
    const method = { name: 'm', parameters: [], idempotent: false, timeoutMs: undefined, key: undefined }
    const hashes = new MethodHashes(definitions)
    for (const name of ['A', 'B'])
      expect(hashes.of({ ...method, result: { kind: 'ref', name } })).toMatch(/^[0-9a-f]{16}$/)
  })

  test('read each definition once, however many of a recursion are met from outside', () => {
    let reads = 0
    const names = Array.from({ length: 200 }, (_, at) => `N${at}`)
    expect(new Set(ring(names, { kind: 'number' }, () => void reads++)).size).toBe(200)
    expect(reads).toBe(200)
  })
})

describe('a warm program', () => {
  test('is the same one while nothing changes, and sees edits, new and removed files', () => {
    const first = project.program.refresh()
    expect(project.program.refresh()).toBe(first)
    project.write({ ...base, 'src/cart.ts': cart.replace('id: string', 'id: number; more: string') })
    expect(project.analyse().model.definitions['src/cart.Item']).toMatchObject({
      members: [{ shape: { kind: 'number' } }, {}],
    })
    project.write({
      ...base,
      'src/cart.ts': `${cart}import type { Extra } from './extra.ts'\nexport interface More extends Component { x(): Promise<Extra> }\n`,
    })
    expect(project.report()).toEqual(["WV2002 src/cart.ts:5:48 'x()' has a type that could not be resolved."])
    project.write({
      ...base,
      'src/cart.ts': `${cart}import type { Extra } from './extra.ts'\nexport interface More extends Component { x(): Promise<Extra> }\n`,
      'src/extra.ts': 'export interface Extra { n: number }\n',
    })
    expect(project.report()).toEqual([])
  })

  test('depends on every source of the project and on no library', () => {
    const { dependencies } = project.analyse()
    const own = dependencies
      .filter((path) => path.startsWith(project.root))
      .map((path) => path.slice(project.root.length + 1))
    expect(own).toEqual(['src/cart.ts', 'src/main.ts', 'src/memory-cart.ts', 'src/shop.ts'])
    expect(dependencies.filter((path) => path.includes('/node_modules/'))).toEqual([])
  })

  test('the model is the same twice, and plain JSON', () => {
    const { model } = project.analyse()
    const json = JSON.stringify(model)
    expect(JSON.stringify(project.analyse().model)).toBe(json)
    expect(json).not.toContain(project.root)
  })
})
