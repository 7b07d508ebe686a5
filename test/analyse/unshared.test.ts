/** Which results are proven to be held by nobody else, in the words of a program. */
import { afterAll, expect, test } from 'vitest'
import { openProject } from './project.ts'

const project = openProject()
afterAll(() => project[Symbol.dispose]())

const INTERFACE = `
import type { Component, Shared } from 'weavets'
export interface Item { id: string; quantity: number; note?: string }
export interface Order { items: Item[]; tags: string[]; total: Readonly<{ units: number }> }
export interface Shelf extends Component {
  ids(): Promise<string[]>
  item(): Promise<Item>
  items(): Promise<Item[]>
  maybe(): Promise<Item | undefined>
  order(): Promise<Order>
  pair(): Promise<[Item, string]>
  table(): Promise<Record<string, number>>
}
`

/** The unshared methods of a class with these members. */
function unshared(members: string, more: { before?: string; head?: string } = {}): string[] {
  project.write({
    'src/shelf.ts': INTERFACE,
    'src/wood.ts': `
import type { Item, Order, Shelf } from './shelf.ts'
${more.before ?? ''}
${more.head ?? 'export class Wood implements Shelf'} {
  readonly #items: Item[] = []
  readonly #item: Item = { id: 'a', quantity: 1 }
  ${members}
}`,
    'src/main.ts': `
import { type Main, run } from 'weavets'
import type { Shelf } from './shelf.ts'
class Shop implements Main {
  constructor(readonly shelf: Shelf) {}
  async main() {}
}
await run(Shop)`,
  })
  return project.analyse().model.components[0]!.unshared ?? []
}

test.each<[string, string]>([
  ['ids', 'async ids() { return [] }'],
  ['ids', 'async ids() { return this.#items.map((item) => item.id) }'],
  ['ids', "async ids() { return ['a', ...this.#items.map((item) => item.id)] }"],
  ['ids', 'async ids() { const all = this.#items.map((item) => item.id); return all.filter(Boolean) }'],
  ['item', "async item() { return { id: 'a', quantity: 1 } }"],
  ['item', "async item() { const id = 'a'; return { id, quantity: 1, note: undefined } }"],
  [
    'item',
    "async item() { if (this.#items.length > 0) throw new Error('x'); return { id: 'a', quantity: 1 } satisfies Item }",
  ],
  ['items', 'async items() { return this.#items.map((item) => ({ id: item.id, quantity: 1 })) }'],
  ['items', 'async items() { return this.#items.map((item) => { return { id: item.id, quantity: 1 } }) }'],
  ['items', "async items() { return this.#items.length > 0 ? [{ id: 'a', quantity: 1 }] : [] }"],
  ['maybe', "async maybe() { return this.#items.length > 0 ? undefined : { id: 'a', quantity: 1 } }"],
  ['pair', "async pair() { return [{ id: 'a', quantity: 1 }, 'b'] }"],
])('%s is: %s', (name, member) => {
  expect(unshared(member)).toEqual([name])
})

test.each<[string, string]>([
  ['kept by the object', 'async items() { return this.#items }'],
  ['an element that is kept', 'async items() { return [this.#item] }'],
  ['elements that are kept', 'async items() { return this.#items.filter(() => true) }'],
  ['spread elements that are kept', 'async items() { return [...this.#items] }'],
  ['mapped to themselves', 'async items() { return this.#items.map((item) => item) }'],
  ['mapped by something else', 'async items() { return this.#items.map(copyOf) }'],
  [
    'one return of several',
    "async item() { if (this.#items[0]) return this.#items[0]; return { id: 'a', quantity: 1 } }",
  ],
  ['a return without a value', "async maybe() { if (this.#items[0]) return; return { id: 'a', quantity: 1 } }"],
  ['a return in finally', "async item() { try { return { id: 'a', quantity: 1 } } finally { return this.#item } }"],
  ['through a variable', "async item() { const item = { id: 'a', quantity: 1 }; last = item; return item }"],
  ['assigned on the way', "async item() { return (last = { id: 'a', quantity: 1 }) }"],
  ['an undeclared member', "async item() { const more = { id: 'a', quantity: 1, more: 1 }; return { ...more } }"],
  ['members in another order than a copy has', "async item() { return { quantity: 1, id: 'a' } }"],
  ['a getter', 'async item() { return { get id() { return String(Math.random()) }, quantity: 1 } }'],
  ['a computed name', "async item() { return { ['id']: 'a', quantity: 1 } as Item }"],
  ['a prototype', "async item() { return { __proto__: this.#item, id: 'a', quantity: 1 } as Item }"],
  ['a cast', 'async item() { return { id: 1, quantity: 1 } as unknown as Item }'],
  ['a part that is kept', 'async order() { return { items: this.#items, tags: [], total: { units: 1 } } }'],
  ['no async function', "item() { return Promise.resolve({ id: 'a', quantity: 1 }) }"],
  ['a field', "item = async () => ({ id: 'a', quantity: 1 })"],
  ['an array with a hole', 'async ids() { return [, ] as unknown as string[] }'],
  ['keys that a copy may order', 'async table() { return { b: 1, a: 2 } }'],
  ['a decorated method', "@log async item() { return { id: 'a', quantity: 1 } }"],
  ['a method of another map', "async ids() { return other.map(() => 'a') }"],
])('is not: %s', (_, member) => {
  const before = `
let last: Item
const copyOf = (item: Item): Item => last ?? item
const other = { map: (_: () => string): string[] => (kept.push('x'), kept) }
const kept: string[] = []
const log = (method: () => Promise<Item>) => method
console.log(copyOf, other, log)`
  expect(unshared(member, { before })).toEqual([])
})

test('parts that can not be changed may be kept', () => {
  const member = `readonly #total = { units: 1 }
  async order() { return { items: this.#items.map((item) => ({ id: item.id, quantity: 1 })), tags: [], total: this.#total } }`
  expect(unshared(member)).toEqual(['order'])
})

test('a decorated class and an inherited method are copied', () => {
  const before = `const log = (made: typeof Wood) => made
class Base { async item() { return { id: 'a', quantity: 1 } } }
console.log(log)`
  const member = "async item() { return { id: 'a', quantity: 1 } }"
  expect(unshared(member, { before, head: 'export @log class Wood implements Shelf' })).toEqual([])
  expect(unshared(member, { before, head: '@log\nexport class Wood implements Shelf' })).toEqual([])
  expect(unshared('', { before, head: 'export class Wood extends Base implements Shelf' })).toEqual([])
})
