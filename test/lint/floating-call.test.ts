/** WV3007: who drops the promise of a boundary call, and who doesn't. */
import { describe, expect, test } from 'vitest'
import { applyEdits } from '../../transformer/diagnostics/fixes/apply.ts'
import { openProject } from '../analyse/project.ts'
import { analyseFiles, expectNothing, expectReports, PRELUDE } from './project.ts'

const inShop = (body: string): string => `
import { EventEmitter } from 'node:events'
declare const item: Item
declare const items: Item[]
declare const emitter: EventEmitter
export class Shop {
  constructor(readonly cart: Cart, readonly maybe?: Cart) {}
  async buy() {
${body}
  }
}
`

describe('reported', () => {
  test.for([
    ['a statement', '[|this.cart.add|]("ann", item)'],
    ['behind ?.', '[|this.maybe?.add|]("ann", item)'],
    ['of get', '[|get<Cart>().add|]("ann", item)'],
    ['through a local', 'const { cart } = this; [|cart.add|]("ann", item)'],
    ['in parentheses', '([|this.cart.add|]("ann", item))'],
    ['behind an operator', 'items.length > 0 && [|this.cart.add|]("ann", item)'],
    ['in a conditional', 'items.length > 0 ? [|this.cart.add|]("ann", item) : undefined'],
    ['before a comma', '[|this.cart.add|]("ann", item), items.length'],
    ['then without a handler of failures', '[|this.cart.items|]("ann").then((all) => all.length)'],
    ['finally', '[|this.cart.add|]("ann", item).finally(() => {})'],
    ['inside Promise.all that is dropped', 'Promise.all([[|this.cart.add|]("ann", item), 1])'],
    ['the body of a forEach callback', 'items.forEach((each) => [|this.cart.add|]("ann", each))'],
    ['returned to forEach', 'items.forEach((each) => { return [|this.cart.add|]("ann", each) })'],
    ['awaited in an async forEach callback', 'items.forEach(async (each) => { await [|this.cart.add|]("ann", each) })'],
    ['a map whose result is dropped', 'items.map((each) => [|this.cart.add|]("ann", each))'],
    ['a timer', 'setTimeout(() => [|this.cart.add|]("ann", item), 10)'],
    ['an async timer', 'setInterval(async () => { await [|this.cart.add|]("ann", item) }, 10)'],
    ['a listener', "emitter.on('close', () => [|this.cart.add|]('ann', item))"],
    ['an async function that is called at once', '(async () => { await [|this.cart.add|]("ann", item) })()'],
    ['a chain of somebody else', 'Promise.resolve(1).then(() => [|this.cart.add|]("ann", item))'],
    ['a chain that goes on with another call', '[|this.cart.items|]("ann").then(() => this.cart.add("ann", item))'],
    ['Promise.all that is dropped', 'Promise.all(items.map((each) => [|this.cart.add|]("ann", each)))'],
    ['an array of promises that is awaited', 'await items.map((each) => [|this.cart.add|]("ann", each))'],
    ['two of one Promise.all, once', 'Promise.all([[|this.cart.add|]("ann", item), this.cart.add("bob", item)])'],
    ['a filter that awaits', 'items.filter(async ({ id }) => (await [|this.cart.find|]("ann", id)) !== undefined)'],
    ['an async executor', 'await new Promise<void>(async (done) => { await [|this.cart.add|]("ann", item); done() })'],
    ['the head of a loop', 'for ([|this.cart.add|]("ann", item); ; ) break'],
    ['a set', 'new Set(items).forEach((each) => [|this.cart.add|]("ann", each))'],
  ])('%s', ([, body]) => {
    expectReports('WV3007', inShop(body!))
  })
})

describe('not reported', () => {
  test.for([
    ['awaited', 'await this.cart.add("ann", item)'],
    ['returned', 'return this.cart.add("ann", item)'],
    ['void', 'void this.cart.add("ann", item)'],
    ['catch', 'this.cart.add("ann", item).catch(() => {})'],
    ['then with both', 'this.cart.add("ann", item).then(() => {}, () => {})'],
    ['kept', 'const pending = this.cart.add("ann", item); await pending'],
    ['collected', 'await Promise.all(items.map((each) => this.cart.add("ann", each)))'],
    ['all that is awaited', 'await Promise.all([this.cart.add("ann", item)])'],
    ['allSettled', 'Promise.allSettled([this.cart.add("ann", item)])'],
    ['caught in the callback', 'items.forEach(async (each) => { try { await this.cart.add("ann", each) } catch {} })'],
    ['handled in the callback', 'items.forEach((each) => this.cart.add("ann", each).catch(() => {}))'],
    [
      'a forEach that waits',
      'await { forEach: async (use: (each: Item) => Promise<void>) => use(item) }.forEach((each) => this.cart.add("ann", each))',
    ],
    [
      'a listener of its own',
      'const own = { on: (_: string, then: () => Promise<void>) => then() }; await own.on("x", () => this.cart.add("ann", item))',
    ],
    ['a Map called like a component', 'const add = new Map<string, Item>(); add.get("x")'],
    ['another class', 'const other = { add: async (_: string, __: Item) => {} }; other.add("ann", item)'],
    ['a chain that is awaited', 'await Promise.resolve(1).then(() => this.cart.add("ann", item))'],
    ['a chain that is handled', 'Promise.resolve(1).then(() => this.cart.add("ann", item)).catch(() => {})'],
    ['a function that is called at once and awaited', 'await (async () => { await this.cart.add("ann", item) })()'],
    ['one whose failure is handled', '(async () => { await this.cart.add("ann", item) })().catch(() => {})'],
    ['one that is void', 'void (async () => { await this.cart.add("ann", item) })()'],
    ['Promise.all that is returned', 'return Promise.all(items.map((each) => this.cart.add("ann", each)))'],
    ['Promise.allSettled', 'Promise.allSettled(items.map((each) => this.cart.add("ann", each)))'],
    [
      'a then of something else',
      'const own = { then: async (use: () => unknown) => { await use() } }; own.then(() => this.cart.add("ann", item))',
    ],
    ['pushed', 'const all: Promise<void>[] = []; all.push(this.cart.add("ann", item)); await Promise.all(all)'],
    [
      'yielded to a helper',
      'const run = (work: () => Promise<void>) => work(); await run(() => this.cart.add("ann", item))',
    ],
  ])('%s', ([, body]) => {
    expectNothing(inShop(body!))
  })

  test('a call of its own method, which stays in the process', () => {
    expectNothing(`
export class Notes implements Log {
  async note(_text: string) { }
  async both() { this.note('a') }
}
`)
  })
})

describe('await is put where it changes nothing else, and offered where it may stand', () => {
  test.for([
    ['items.length > 0 && ¦this.cart.add("ann", item)'],
    ['items.length > 0 ? ¦this.cart.add("ann", item) : undefined'],
    ['¦this.cart.add("ann", item), items.length'],
    ['(¦this.cart.add("ann", item) as Promise<unknown>)'],
    ['¦this.maybe?.add("ann", item)'],
    ['¦this.maybe!.add("ann", item)'],
    ['¦(this.cart.items("ann")).then(() => {})'],
    ['¦this.cart.items("ann").then(() => {}).finally(() => {})'],
    ['¦Promise.all([this.cart.add("ann", item), this.cart.add("bob", item)])'],
    ['¦Promise.all(items.map((each) => this.cart.add("ann", each)))'],
    [';¦(async () => { await this.cart.add("ann", item) })()'],
    ['if (items.length > 0) ¦this.cart.add("ann", item)'],
    ['for (const each of items) ¦this.cart.add("ann", each)'],
  ])('%s', ([marked]) => {
    const body = marked!.replace('¦', '')
    const text = PRELUDE + inShop(body)
    const [found] = analyseFiles({ 'src/shop.ts': text })
    const [fix] = found!.fixes!
    expect({ id: fix!.id, edits: fix!.edits.length }).toEqual({ id: 'add-await', edits: 1 })
    const after = applyEdits(text, fix!.edits)
    expect(after).toBe(text.replace(body, marked!.replace('¦', 'await ')))
    expect(analyseFiles({ 'src/shop.ts': after }).filter(({ code }) => code === 'WV3007')).toEqual([])
  })

  test.for([
    ['a plain function', 'export function note(log: Log) { [|log.note|]("x") }'],
    ["an async function's default", 'export async function note(log: Log, _ = ([|log.note|]("x"), 1)) {}'],
    ['a field', 'export class Notes { log = get<Log>(); size = ([|this.log.note|]("x"), 1) }'],
    ['a static block', 'export class Notes { static { [|get<Log>().note|]("x") } }'],
    ['a getter', 'export class Notes { get size() { [|get<Log>().note|]("x"); return 1 } }'],
    ['an arrow in an async function', 'export const go = async (log: Log) => [() => { [|log.note|]("x") }]'],
    ['a generator', 'export function* go(log: Log) { [|log.note|]("x"); yield 1 }'],
    ['a namespace', 'export namespace Start { [|get<Log>().note|]("x") }'],
  ])('not in %s', ([, program]) => {
    const [found] = expectReports('WV3007', `${program}\n`)
    expect(found!.fixes!.map(({ id, choice }) => `${id} ${choice}`)).toEqual(['void true'])
  })

  describe('at the top level', () => {
    const offered = (files: Readonly<Record<string, string>>) =>
      analyseFiles(files).flatMap(({ fixes = [] }) => fixes.map(({ id }) => id))
    const text = `${PRELUDE}get<Log>().note("x")\n`
    const type = (type: string) => ({ 'src/package.json': JSON.stringify({ type }) })

    test('of a module', () => {
      expect(offered({ 'src/shop.ts': text, ...type('module') })).toEqual(['add-await', 'void'])
      expect(offered({ 'src/shop.mts': text, ...type('commonjs') })).toEqual(['add-await', 'void'])
    })

    test('not of CommonJS', () => {
      expect(offered({ 'src/shop.ts': text, ...type('commonjs') })).toEqual(['void'])
      expect(offered({ 'src/shop.cts': text, ...type('module') })).toEqual(['void'])
    })

    test.each([
      ['commonjs', 'node10', ['void']],
      ['es2022', 'bundler', ['add-await', 'void']],
      ['es2020', 'bundler', ['void']],
      ['preserve', 'bundler', ['add-await', 'void']],
    ])('where tsc makes %s of it', (module, moduleResolution, expected) => {
      using project = openProject({ module, moduleResolution, ignoreDeprecations: '6.0' })
      project.write({ 'src/shop.ts': text, ...type('module') })
      expect(project.analyse().diagnostics.flatMap(({ fixes = [] }) => fixes.map(({ id }) => id))).toEqual(expected)
    })
  })
})

test('a listener that awaits several is reported once', () => {
  const body =
    "emitter.on('close', async () => { await [|this.cart.add|]('ann', item); await this.cart.add('bob', item) })"
  expectReports('WV3007', inShop(body))
})

test('in tests too', () => {
  const found = analyseFiles({
    'src/shop.ts': PRELUDE,
    'test/shop.test.ts':
      "import type { Log } from '../src/shop.ts'\nexport const go = (log: Log) => { log.note('x') }\n",
  })
  expect(found.map(({ code, file, line, column }) => `${code} ${file}:${line}:${column}`)).toEqual([
    'WV3007 test/shop.test.ts:2:35',
  ])
})

test('says what, why and what to do', () => {
  const [found] = expectReports('WV3007', inShop('items.forEach((each) => [|this.cart.add|]("ann", each))'))
  expect(found).toMatchObject({
    message: "The promise of 'Cart.add' is dropped by 'forEach', which does not wait for its callback.",
    why: "'Cart' may run in another process, so the call can fail where a local one could not, and a failure that nobody handles ends the process",
    fix: "'await Promise.all(….map(…))', or a 'for' loop that awaits",
  })
})

test('says what drops it', () => {
  const message = (body: string) => expectReports('WV3007', inShop(body))[0]!
  expect(message('(async () => { await [|this.cart.add|]("ann", item) })()')).toMatchObject({
    message: "The promise of 'Cart.add' is dropped, with that of the function around it.",
    fix: "'await' the function, return it, or handle its failure with '.catch(…)'; 'void' says that it is meant",
  })
  expect(message('Promise.all(items.map((each) => [|this.cart.add|]("ann", each)))').message).toBe(
    "The promise of 'Cart.add' is dropped, with that of 'Promise.all' around it.",
  )
})
