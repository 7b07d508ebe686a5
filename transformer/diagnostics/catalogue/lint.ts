/**
 * Boundary lint: code that means one thing in one process and another in two, or costs more than it looks. Its codes are in the
 * chapters 2 (values) and 3 (wiring and calls); those about suppressions are set-up. All are warnings: weave.config.ts turns them off or
 * into errors, and a comment with a reason suppresses one.
 */
import { type CatalogueEntry, warning } from './entry.ts'

const CART = `export interface Item { id: string; quantity: number }
export interface Cart extends Component {
  items(user: string): Promise<Item[]>
  add(user: string, item: Item): Promise<void>
}
`
const MEMORY = `export class MemoryCart implements Cart {
  #items = new Map<string, Item[]>()
  async items(user: string) { return this.#items.get(user) ?? [] }
  async add(user: string, item: Item) { this.#items.set(user, [...(await this.items(user)), item]) }
}
`
const shop = (main: string): string => `${CART}${MEMORY}export class Shop {
  constructor(private readonly cart: Cart) {}
  ${main}
}
`

export const LINT = {
  WV2011: warning(
    'mutated-argument',
    'A method changes what it was given',
    "Arguments of a component are passed by value, in one process as in many, so the caller does not see the change. Called directly, as a unit test does, or before the interface was a component, the object is the caller's own: the method means two things. Return what has changed, or change a copy. Where nothing is copied inside a process (`Shared<T>`, or a cast that takes `readonly` away), the caller sees the change in one placement and not in another.",
    {
      wrong: `${CART}export class MemoryCart implements Cart {
  #items: Item[] = []
  async items(user: string) { return this.#items }
  async add(user: string, item: Item) {
    [|item|].quantity = Math.max(1, item.quantity)
    this.#items.push(item)
  }
}
`,
      right: `${CART}export class MemoryCart implements Cart {
  #items: Item[] = []
  async items(user: string) { return this.#items }
  async add(user: string, item: Item) {
    this.#items.push({ ...item, quantity: Math.max(1, item.quantity) })
  }
}
`,
    },
  ),
  WV2012: warning(
    'lost-identity',
    'A value that crossed a boundary is compared by identity',
    'Values cross as copies, so no object of one side is ever one of the other: `===`, `Object.is` or a `case` with it is false, and `indexOf`, `includes`, a `Set` or the keys of a `Map` do not find it. Compare what identifies it. Comparisons among parts of one received value are not reported, and neither is looking for what the same method has stored.',
    {
      wrong: `${CART}export class MemoryCart implements Cart {
  #last: Item | undefined
  async items(user: string) { return this.#last ? [this.#last] : [] }
  async add(user: string, item: Item) {
    if ([|item === this.#last|]) return
    this.#last = { ...item }
  }
}
`,
      right: `${CART}export class MemoryCart implements Cart {
  #last: Item | undefined
  async items(user: string) { return this.#last ? [this.#last] : [] }
  async add(user: string, item: Item) {
    if (item.id === this.#last?.id) return
    this.#last = { ...item }
  }
}
`,
    },
  ),
  WV2030: warning(
    'mutated-result',
    'A caller changes its copy of a result, and nobody reads it',
    "Results of a component are passed by value, so a caller may sort and fill them as it likes, and the component keeps its own. A change that nobody can read afterwards makes sense only where the object were the component's: there should be a method that makes it. An object that was stored, passed on or captured before is not reported. Where nothing is copied inside a process (`Shared<T>`, or a cast that takes `readonly` away), every change is reported.",
    {
      wrong: shop(`async buy(user: string, item: Item) {
    const items = await this.cart.items(user)
    [|items|].push(item)
  }`),
      right: shop(`async buy(user: string, item: Item) {
    await this.cart.add(user, item)
  }`),
    },
  ),
  WV3006: warning(
    'bypass',
    'The application constructs an implementation itself',
    "Such an object stays in the process that made it, whatever the deployment says, and beside it the runtime constructs the component's own: two that share no state. Tests may do so, `provide` is meant for it, and an implementation may wrap another one of the same component.",
    {
      wrong: `${CART}${MEMORY}export async function size(user: string) {
  return (await new [|MemoryCart|]().items(user)).length
}
`,
      right: `${CART}${MEMORY}export async function size(user: string) {
  return (await get<Cart>().items(user)).length
}
`,
    },
  ),
  WV3007: warning(
    'floating-call',
    'The promise of a boundary call is dropped',
    'A call to another process can fail where a local one could not, and Node ends a process for a rejection that nobody handles. Await the promise, return it, or handle its failure. A callback that `forEach`, `filter`, a timer or an event listener is given drops its promise too, and so does whatever the promise goes into without being waited for: an async function that is called at once, a chain of `then`, `Promise.all`, an array of promises that is awaited as such. `void` says that it is meant.',
    {
      wrong: shop(`async buy(user: string, item: Item) {
    [|this.cart.add|](user, item)
  }`),
      right: shop(`async buy(user: string, item: Item) {
    await this.cart.add(user, item)
  }`),
    },
  ),
  WV3016: warning(
    'call-in-loop',
    'A boundary call is awaited in a loop',
    'Each round waits for the one before. In one process that costs nothing; across two, a hundred rounds are a hundred round trips, one after the other. Give the component a method that takes all of them, or start the calls together. Not reported are loops that stop early (`break`, `return`, `throw`), that carry a result into the next round (cursors, retries), that take from a queue or a stream, that wait on purpose, that hand over many at a time (chunks), and those of workers that run side by side.',
    {
      wrong: shop(`async buy(user: string, items: Item[]) {
    for (const item of items) await [|this.cart.add|](user, item)
  }`),
      right: shop(`async buy(user: string, items: Item[]) {
    await Promise.all(items.map((item) => this.cart.add(user, item)))
  }`),
    },
  ),
  WV3017: warning(
    'concrete-type',
    'A variable has the type of an implementing class',
    "It can only hold an object of this process. Code that is given a component has the interface's type, so that it does not matter where the component is. A constructor parameter that the runtime fills is an error, WV3005.",
    {
      wrong: {
        'src/cart.ts': CART,
        'src/memory-cart.ts': `import type { Cart, Item } from './cart.ts'
${MEMORY}`,
        'src/size.ts': `import type { MemoryCart } from './memory-cart.ts'
export const size = async (cart: [|MemoryCart|], user: string) => (await cart.items(user)).length
`,
      },
      right: {
        'src/cart.ts': CART,
        'src/memory-cart.ts': `import type { Cart, Item } from './cart.ts'
${MEMORY}`,
        'src/size.ts': `import type { Cart } from './cart.ts'
export const size = async (cart: Cart, user: string) => (await cart.items(user)).length
`,
      },
    },
  ),
  WV9020: warning(
    'suppression-reason',
    'A warning is suppressed without a reason',
    'The next reader cannot tell whether it still holds. The reason stands behind the code: `// weave-ignore WV3016: two rounds at most`.',
    {
      wrong: shop(`async buy(user: string, items: Item[]) {
    [|// weave-ignore WV3016|]
    for (const item of items) await this.cart.add(user, item)
  }`),
      right: shop(`async buy(user: string, items: Item[]) {
    // weave-ignore WV3016: two items at most, and their order matters
    for (const item of items) await this.cart.add(user, item)
  }`),
    },
  ),
  WV9021: warning(
    'suppression-unused',
    'A suppression has nothing to suppress',
    'What it was written for is gone, or is on another line, and the comment would hide the next one. A comment on a line of its own speaks of the next line of code, any other of its own line.',
    {
      wrong: shop(`async buy(user: string, item: Item) {
    // weave-ignore [|WV3016|]: two items at most
    await this.cart.add(user, item)
  }`),
      right: shop(`async buy(user: string, item: Item) {
    await this.cart.add(user, item)
  }`),
    },
  ),
  WV9022: warning(
    'suppression-unknown',
    'A suppression names nothing that can be suppressed',
    'It names no code, one that does not exist, or an error. Errors cannot be suppressed: without what they ask for no code can be generated, or the program would not be the same in two processes.',
    {
      wrong: shop(`async buy(user: string, item: Item) {
    // weave-ignore [|WV30007|]: nobody waits for it
    void this.cart.add(user, item)
  }`),
      right: shop(`async buy(user: string, item: Item) {
    // Nobody waits for it.
    void this.cart.add(user, item)
  }`),
    },
  ),
} as const satisfies Record<string, CatalogueEntry>
