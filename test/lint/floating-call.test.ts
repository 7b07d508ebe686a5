/** WV3007: who drops the promise of a boundary call, and who doesn't. */
import { describe, expect, test } from 'vitest'
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

test('await is offered where it may stand, and void everywhere', () => {
  const [inAsync] = expectReports('WV3007', inShop('[|this.cart.add|]("ann", item).then(() => {})'))
  expect(inAsync!.fixes!.map(({ id, safe }) => `${id} ${safe}`)).toEqual(['add-await false', 'void false'])
  const [plain] = expectReports('WV3007', 'export function note(log: Log) { [|log.note|]("x") }\n')
  expect(plain!.fixes!.map(({ id }) => id)).toEqual(['void'])
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
