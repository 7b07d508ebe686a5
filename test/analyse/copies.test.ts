/** What `weave check --copies` says of a program: each argument and result that is more than a primitive, and what would spare its copy. */
import { afterAll, expect, test } from 'vitest'
import { copiesIn } from '../../transformer/copies.ts'
import { openProject } from './project.ts'

const project = openProject()
afterAll(() => project[Symbol.dispose]())

test('each copy is named with what makes it necessary', () => {
  project.write({
    'src/cart.ts': `
import type { Component, Json } from 'weavets'
export interface Item { readonly id: string; quantity: number }
export interface Stamp { readonly at: Date }
export interface Cart extends Component {
  add(user: string, item: Item, ...more: Item[]): Promise<void>
  ids(): Promise<string[]>
  last(): Promise<Stamp>
  note(text: Json): Promise<void>
  shown(): Promise<readonly Readonly<Item>[]>
}`,
    'src/memory.ts': `
import type { Cart, Item } from './cart.ts'
export class Memory implements Cart {
  readonly #items: Item[] = []
  async add(_user: string, item: Item, ...more: Item[]) { this.#items.push(item, ...more) }
  async ids() { return this.#items.map((item) => item.id) }
  async last() { return { at: new Date() } }
  async note() {}
  async shown() { return this.#items }
}`,
    'src/main.ts': `
import { type Main, run } from 'weavets'
import type { Cart } from './cart.ts'
class Shop implements Main {
  constructor(readonly cart: Cart) {}
  async main() {}
}
await run(Shop)`,
  })
  const { model } = project.analyse()
  const copies = copiesIn(model, model.apps[0])
  const said = copies.map(({ method, parameter, kind, because, sparable }) => [
    `${method} ${parameter ?? '→'}`,
    kind,
    because.join('; '),
    sparable,
  ])
  expect(said).toEqual([
    ['Cart.add item', 'copied', 'Item: quantity is not readonly', true],
    ['Cart.add more', 'copied', 'Item: quantity is not readonly', true],
    ['Cart.ids →', 'copied', 'string[] is not readonly', true],
    ['Cart.last →', 'copied', 'Date can be changed', false],
    ['Cart.note text', 'readonly', '', true],
    ['Cart.shown →', 'readonly', '', true],
  ])
  expect(copies[0]?.place.file).toBe('src/cart.ts')
})
