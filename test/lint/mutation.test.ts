/** WV2011 and WV2030: changes of values that crossed a boundary, where somebody would look for them in vain. */
import { describe, expect, test } from 'vitest'
import { expectNothing, expectReports } from './project.ts'

const inCart = (body: string, parameters = 'user: string, item: Item', name = 'add'): string =>
  `
declare function use(value: unknown): void
export abstract class MemoryCart implements Cart {
  #items: Item[] = []
  async items(_user: string) { return this.#items }
  async find(_user: string, _id: string) { return this.#items[0] }
  abstract addAll(user: string, items: Item[]): Promise<void>
  abstract stock(counts: Map<string, number>): Promise<void>
  abstract next(cursor: string): Promise<string>
  abstract shared(item: Shared<Item>): Promise<Shared<Item>>
  abstract frozen(items: readonly Item[]): Promise<readonly Item[]>
  ${name === 'add' ? '' : 'abstract add(user: string, item: Item): Promise<void>'}
  async ${name}(${parameters}): Promise<${name === 'shared' ? 'Shared<Item>' : name === 'frozen' ? 'readonly Item[]' : 'void'}> {
${body}
  }
}
`.replace(name === 'add' ? /$^/ : new RegExp(`  abstract ${name}\\(.*\\n`), '')

describe('a method that changes its argument is reported', () => {
  test.for([
    ['a member', '[|item|].quantity = 1; this.#items.push(item)'],
    ['a member deeper', '[|item.tags|][0] = "x"'],
    ['with an operator', '[|item|].quantity += 1'],
    ['++', '[|item|].quantity++'],
    ['delete', 'delete (item as Partial<Item>).quantity'.replace('item as', '[|item|] as')],
    ['push', '[|item.tags|].push("x"); use(item)'],
    ['sort', '[|item.tags|].sort()'],
    ['Object.assign', 'Object.assign([|item|], { quantity: 1 })'],
    ['by another name', 'const mine = item; [|mine|].quantity = 1'],
    ['by a destructured name', 'const { tags } = item; [|tags|].push("x")'],
    ['in a callback', 'use(() => { [|item|].quantity = 0 })'],
    ['once a parameter', '[|item|].quantity = 1; item.tags.push("y")'],
  ])('%s', ([, body]) => {
    expectReports('WV2011', inCart(body!))
  })

  test('in a pattern', () => {
    expectReports('WV2011', inCart('[|tags|].push("x")', 'user: string, { tags }: Item'))
  })

  test('elements of an array: for-of, forEach, find, by index', () => {
    for (const body of [
      'for (const each of items) [|each|].quantity = 1',
      'items.forEach((each) => { [|each|].quantity = 1 })',
      'const first = items.find(({ id }) => id === "a"); if (first) [|first|].quantity = 1',
      '[|items[0]|]!.quantity = 1',
      '[|items|].length = 0',
      'for (const { tags } of items.values()) [|tags|].push("x")',
    ])
      expectReports('WV2011', inCart(body, 'user: string, items: Item[]', 'addAll'))
  })

  test('a map', () => {
    expectReports('WV2011', inCart('[|counts|].set("a", 1)', 'counts: Map<string, number>', 'stock'))
  })

  test('shared and cast, where the change is seen in one placement only', () => {
    const [shared] = expectReports(
      'WV2011',
      inCart('[|item|].quantity = 1; return item', 'item: Shared<Item>', 'shared'),
    )
    expect(shared!.message).toBe(
      "'MemoryCart.shared' changes its argument 'item', which its caller sees only while both are in one process.",
    )
    expectReports(
      'WV2011',
      inCart('(items as Item[]).push(items[0]!); return items', 'items: readonly Item[]', 'frozen').replace(
        'items as',
        '[|items|] as',
      ),
    )
  })

  test('a date, also a readonly one, whose changes TypeScript does not see', () => {
    for (const type of ['Date', 'Readonly<Date>']) {
      const [found] = expectReports(
        'WV2011',
        `export interface Clock extends Component { set(now: ${type}): Promise<void> }
export class WallClock implements Clock { async set(now: ${type}) { [|now|].setTime(0) } }
`,
      )
      expect(found!.fixes ?? []).toEqual([])
    }
  })

  test('readonly is offered', () => {
    const [found] = expectReports('WV2011', inCart('[|items|].sort()', 'user: string, items: Item[]', 'addAll'))
    expect(found!.message).toBe("'MemoryCart.addAll' changes its argument 'items', and its caller does not see that.")
    expect(found!.fixes!.map(({ id, safe, edits }) => [id, safe, edits[0]!.text])).toEqual([
      ['readonly', false, 'readonly Item[]'],
    ])
    expect(found!.fix).toBe("return what has changed, or change a copy: 'items.toSorted(…)'")
    expect(found!.related.map(({ message }) => message)).toEqual(["'items' is declared here"])
  })
})

describe('not reported', () => {
  test.for([
    ['a copy', 'const own = { ...item }; own.quantity = 1; use(own)'],
    ['structuredClone', 'const own = structuredClone(item); own.tags.push("x"); use(own)'],
    ['another object by the same name', '{ const item = { quantity: 0 }; item.quantity = 1 } use(item)'],
    ['replaced first', 'item = { ...item }; item.quantity = 1; use(item)'],
    ['a number', 'let { quantity } = item; quantity++; use(quantity)'],
    ['its own state', 'this.#items.push(item); this.#items.length = 0'],
    ['reading', 'use(item.tags.toSorted()); use(item.tags.includes("x"))'],
    ['slice', 'const own = item.tags.slice(); own.push("x"); use(own)'],
  ])('%s', ([, body]) => {
    expectNothing(inCart(body!))
  })

  test('what is returned', () => {
    for (const body of ['items.sort(); return items', 'const all = items; all.reverse(); return { all }.all'])
      expectNothing(
        `export class Other { constructor(readonly cart: Cart) {} }\n${inCart(body, 'items: Item[]', 'frozen')}`,
      )
  })

  test('methods that are no part of the component, and functions beside it', () => {
    expectNothing(`
export class Notes implements Log {
  async note(_text: string) {}
  tidy(items: Item[]) { items.sort() }
}
export const fill = (items: Item[]) => { items.length = 0 }
`)
  })

  test('a component that is passed, with a method called like one of Set', () => {
    expectNothing(`
export interface Book extends Component { enter(cart: Cart, items: Item[]): Promise<void> }
export class PaperBook implements Book {
  async enter(cart: Cart, items: Item[]) { await cart.add('ann', items[0]!) }
}
`)
  })
})

const inShop = (body: string): string => `
declare function use(value: unknown): void
export class Shop {
  constructor(readonly cart: Cart) {}
  async buy(item: Item) {
${body}
  }
}
`

describe('a caller that changes what somebody else has too is not reported', () => {
  test.for([
    ['stored', 'const items = await this.cart.items("ann"); Object.assign(this, { items }); items.push(item)'],
    ['passed', 'const items = await this.cart.items("ann"); use(items); items.push(item)'],
    ['passed in part', 'const items = await this.cart.items("ann"); use(items[0]); items[0]!.quantity = 1'],
    ['captured', 'const items = await this.cart.items("ann"); use(() => items); items.push(item)'],
    ['collected', 'const items = await this.cart.items("ann"); const all = [items]; items.push(item); use(all)'],
    [
      'under another name',
      'const items = await this.cart.items("ann"); const mine = items; items.push(item); use(mine)',
    ],
    [
      'found in it',
      'const items = await this.cart.items("ann"); const one = items.find(({ id }) => id === "a"); items[0]!.quantity = 1; use(one)',
    ],
  ])('%s', ([, body]) => {
    expectNothing(inShop(body!))
  })

  test.for([
    [
      'asked for its length',
      'const items = await this.cart.items("ann"); if (items.length > 9) return; [|items|].push(item)',
    ],
    [
      'asked for what it has',
      'const items = await this.cart.items("ann"); if (!items.some(({ id }) => id === "a")) [|items|].push(item)',
    ],
    ['logged', 'const items = await this.cart.items("ann"); console.log(items); [|items|].push(item)'],
  ])('but one that only looked is: %s', ([, body]) => {
    expectReports('WV2030', inShop(body!))
  })
})

describe('a caller that changes what it received, and nothing else, is reported', () => {
  test.for([
    ['by name', 'const items = await this.cart.items("ann"); [|items|].push(item)'],
    [
      'at once',
      '[|(await this.cart.items("ann"))|].push(item)'.replace(
        '[|(await this.cart.items("ann"))|]',
        '([|await this.cart.items("ann")|])',
      ),
    ],
    ['a member', 'const found = await this.cart.find("ann", "a"); if (found) [|found|].quantity = 0'],
    [
      'by a pattern',
      'const [first] = await this.cart.items("ann"); [|first!|].quantity++'.replace('[|first!|]', '[|first|]!'),
    ],
    ['twice', 'const items = await this.cart.items("ann"); [|items|].push(item); [|items|].sort()'],
    ['after a look', 'const items = await this.cart.items("ann"); if (items.length === 0) [|items|].push(item)'],
  ])('%s', ([, body]) => {
    expectReports('WV2030', inShop(body!))
  })

  test('shared, whatever is done with it', () => {
    expectReports('WV2030', inShop('const one = await this.cart.shared(item); [|one|].quantity = 1; use(one)'))
    expectReports(
      'WV2030',
      inShop('const all = await this.cart.frozen([item]); ([|all|] as Item[]).push(item); use(all)'),
    )
  })
})

describe('a caller may work with its copy', () => {
  test.for([
    ['sort and use', 'const items = await this.cart.items("ann"); items.sort(); use(items)'],
    ['sort and return', 'const items = await this.cart.items("ann"); items.push(item); return items'],
    ['send back', 'const items = await this.cart.items("ann"); items.push(item); await this.cart.addAll("ann", items)'],
    ['take from it', 'const items = await this.cart.items("ann"); const last = items.pop(); use(last)'],
    ['a queue', 'const items = await this.cart.items("ann"); while (items.length > 0) { items.pop() }'],
    [
      'a closure that reads',
      'const items = await this.cart.items("ann"); const show = () => use(items); items.push(item); show()',
    ],
    [
      'an element of what is used',
      'const items = await this.cart.items("ann"); for (const each of items) each.quantity = 0; use(items)',
    ],
    ['by another name', 'const items = await this.cart.items("ann"); const same = items; same.push(item); use(items)'],
    [
      'a member by another name',
      'const first = await this.cart.find("ann", "a"); const tags = first!.tags; tags.push("x"); use(first)',
    ],
  ])('%s', ([, body]) => {
    expectNothing(inShop(body!))
  })
})
