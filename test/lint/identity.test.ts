/** WV2012: comparing what crossed a boundary by identity. */
import { describe, expect, test } from 'vitest'
import { expectNothing, expectReports } from './project.ts'

const inCart = (body: string): string => `
declare function use(value: unknown): void
const first: Item = { id: 'a', quantity: 1, tags: [] }
const limits = new Map<Item, number>()
const marked = new WeakSet<Item>()
export abstract class MemoryCart implements Cart {
  #last: Item | undefined
  #items: Item[] = []
  #seen = new Set<Item>()
  async items(_user: string) { return this.#items }
  async find(_user: string, _id: string) { return this.#items[0] }
  async add(_user: string, item: Item) {
${body}
  }
  abstract addAll(user: string, items: Item[]): Promise<void>
  abstract stock(counts: Map<string, number>): Promise<void>
  abstract next(cursor: string): Promise<string>
  abstract shared(item: Shared<Item>): Promise<Shared<Item>>
  abstract frozen(items: readonly Item[]): Promise<readonly Item[]>
}
`

const inShop = (body: string): string => `
declare function use(value: unknown): void
enum Colour { Red, Blue }
export class Shop {
  last: Item | undefined
  colour = Colour.Red
  constructor(readonly cart: Cart, readonly other: Cart) {}
  async buy(item: Item) {
${body}
  }
}
`

describe('reported', () => {
  test.for([
    ['=== with state', 'if ([|item === this.#last|]) return'],
    ['!== with state, the other way round', 'use([|this.#last !== item|])'],
    ['with a constant of the module', 'use([|item === first|])'],
    ['a member that is an object', 'use([|item.tags === this.#last?.tags|])'],
    ['indexOf', 'use(this.#items.indexOf([|item|]))'],
    ['includes', 'use(this.#items.includes([|item|]))'],
    ['a set', 'use(this.#seen.has([|item|]))'],
    ['a set it is to leave', 'this.#seen.delete([|item|])'],
    ['a key of a map', 'use(limits.get([|item|]))'],
    ['a weak set', 'use(marked.has([|item|]))'],
    ['switch', 'switch (item) { case [|this.#last|]: use(1); break; default: use(2) }'],
    ['Object.is', 'use([|Object.is(item, this.#last)|])'],
    ['a set of state', 'const known = new Set(this.#items); use(known.has([|item|]))'],
    ['a part of a list', 'use(this.#items.filter(({ quantity }) => quantity > 0).includes([|item|]))'],
  ])('an argument: %s', ([, body]) => {
    expectReports('WV2012', inCart(body!))
  })

  test.for(
    [
      ['with state', 'const found = await this.cart.find("ann", "a"); use([|found === this.last|])'],
      [
        'two results',
        'const one = await this.cart.find("ann", "a"); const two = await this.cart.find("bob", "a"); use([|one === two|])',
      ],
      [
        'results of Promise.all',
        'const [one, two] = await Promise.all([this.cart.find("ann", "a"), this.cart.find("bob", "a")]); use([|one === two|])',
      ],
      [
        'one in the list of another',
        'const all = await this.cart.items("ann"); const one = await this.cart.find("ann", "a"); if (one) use(all.includes([|one|]))',
      ],
      [
        'what the function was given',
        'const all = await this.cart.items("ann"); use(all.includes(item)); use([|all.find(({ id }) => id === "a") === item|])'.replace(
          'includes(item)',
          'includes([|item|])',
        ),
      ],
      [
        'a set of one call, an answer of another',
        'const all = new Set(await this.cart.items("ann")); use(all.has(([|await this.cart.find("ann", "a")|])!))',
      ],
      [
        'keys that were put in before',
        'const counts = new Map<Item, number>(); for (const each of await this.cart.items("ann")) counts.set(each, 1); for (const each of await this.cart.items("bob")) use(counts.get([|each|]))',
      ],
      ['==', 'use([|(await this.cart.find("ann", "a")) == this.last|])'.replace('[|(', '([|').replace(') ==', ') ==')],
    ].slice(0, 7),
  )('a result: %s', ([, body]) => {
    expectReports('WV2012', inShop(body!))
  })

  test('instanceof a class whose instances never cross', () => {
    const [found] = expectReports(
      'WV2012',
      `export class Own { id = ''; quantity = 0; tags: string[] = [] }\n${inCart('use([|item instanceof Own|])')}`,
    )
    expect(found!.message).toBe("'instanceof' asks for the class 'Own', and 'item' crossed a boundary, by 'Cart.add'.")
  })

  test('says what to do', () => {
    const [found] = expectReports('WV2012', inCart('if ([|item === this.#last|]) return'))
    expect(found).toMatchObject({
      message: "'===' asks whether two things are one object, and 'item' crossed a boundary, by 'Cart.add'.",
      fix: 'compare what identifies it, such as its id',
    })
  })
})

test('once, where the file itself calls a component too', () => {
  expectReports('WV2012', `await get<Cart>().items('ann')\n${inCart('use([|item === this.#last|])')}`)
})

describe('not reported', () => {
  test.for([
    ['primitives', 'use(item.id === this.#last?.id); use(item.quantity === first.quantity)'],
    ['null', 'use(this.#last === undefined); use((item as Item | null) === null)'],
    ['strings in arrays', 'use(this.#items.map(({ id }) => id).includes(item.id))'],
    ['parts of one value', 'use(item.tags.indexOf(item.tags[0]!)); const same = item; use(item === same)'],
    ['what it has stored itself', 'this.#seen.add(item); try { use(1) } finally { this.#seen.delete(item) }'],
    ['what it has assigned itself', 'this.#last = item; use(this.#last === item)'],
    ['a list of its own', 'const own = [item]; use(own.includes(item))'],
    ['state with state', 'use(this.#items[0] === this.#last)'],
    ['a local set that has it', 'const known = new Set(this.#items); known.add(item); use(known.has(item))'],
    ['a set that others fill', 'const known = new Set(this.#items); use(known); use(known.has(item))'],
    ['cases by a member', 'switch (item.id) { case this.#last?.id: use(1) }'],
    ['an index by a string', 'use(new Map<string, number>().get(item.id))'],
  ])('an argument: %s', ([, body]) => {
    expectNothing(inCart(body!))
  })

  test('instanceof of what does cross', () => {
    expectNothing(`
export class Sold extends Error {}
export interface Till extends Component { pay(reason: Error | Date): Promise<Error | undefined> }
export class DrawerTill implements Till {
  async pay(reason: Error | Date) { return reason instanceof Sold || reason instanceof Error ? reason : undefined }
}
`)
  })

  test.for([
    [
      'elements of one result',
      'const all = await this.cart.items("ann"); const [head] = all; use(all.filter((each) => each !== head)); use(all.indexOf(all[0]!))',
    ],
    [
      'kept for the next time',
      'const found = await this.cart.find("ann", "a"); this.last = found; use(found === this.last)',
    ],
    ['components', 'use(this.cart === this.other)'],
    [
      'a callback that others call',
      'const all = await this.cart.items("ann"); use((each: Item) => all.includes(each))',
    ],
    [
      'a memory of this call',
      'const seen = new Set<Item>(); for (const each of await this.cart.items("ann")) { if (seen.has(each)) continue; seen.add(each) }',
    ],
    ['enums', 'use(this.colour === Colour.Blue)'],
    ['parameters of a plain method', 'use(item === this.last)'],
    ['strings', 'const next = await this.cart.next("a"); use(next === this.last?.id)'],
  ])('a caller: %s', ([, body]) => {
    expectNothing(inShop(body!))
  })
})
