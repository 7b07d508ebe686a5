/** WV2xxx: what crosses a boundary, and what does not. */
import { type CatalogueEntry, error, warning } from './entry.ts'

/** An interface with one method. */
const cart = (method: string): string => `export interface Cart extends Component {
  ${method}
}`

export const DATA = {
  WV2001: error(
    'any',
    'any has no shape',
    'Codecs are made from types when the program is built. `any` says nothing about what will be there. Write the type, or use `Json` for data whose shape is not known.',
    {
      wrong: cart('add(meta: [|any|]): Promise<void>'),
      right: cart('add(meta: Json): Promise<void>'),
    },
  ),
  WV2002: error(
    'unresolved',
    'A type could not be resolved',
    'The type comes from something that the compiler itself reports as an error, such as an import that was not found. Everything weave could say about it would be a consequence.',
    {
      wrong: `import type { Item } from './items.ts'

export interface Cart extends Component {
  add(item: [|Item|]): Promise<void>
}`,
      right: {
        'src/cart.ts': `import type { Item } from './items.ts'

export interface Cart extends Component {
  add(item: Item): Promise<void>
}`,
        'src/items.ts': 'export interface Item { product: string }',
      },
    },
  ),
  WV2003: error(
    'unknown',
    'The type says too little to encode',
    '`unknown`, `object` and `{}` accept nearly everything, functions and sockets included. Name the members, or use `Json`.',
    {
      wrong: cart('add(item: [|unknown|]): Promise<void>'),
      right: cart('add(item: { product: string; note: Json }): Promise<void>'),
    },
  ),
  WV2004: error(
    'function',
    'A function can not leave its process',
    'Its code and the variables it closes over live in the process that made it. Pass the data that it would work on, or make the receiver a component.',
    {
      wrong: cart('place(product: string, onDone: [|() => void|]): Promise<void>'),
      right: cart('/** Resolves when it is done. */\n  place(product: string): Promise<void>'),
    },
  ),
  WV2005: error(
    'class-instance',
    'Instances of classes do not cross a boundary',
    "The data of an instance would arrive, but not its methods and its private state, so the receiver would hold something else under the same name. Pass an interface with the data, or give the class a codec, by which it arrives as an instance: a `static readonly codec` in it, as here; for a class of a package an exported `Codec<Money, …>` that weave.config.ts names, `types: { 'money.Money': { codec: 'src/codecs.money' } }`.",
    {
      wrong: `export class Money {
  constructor(readonly units: bigint) {}
  format() { return this.units + ' EUR' }
}

export interface Till extends Component {
  charge(amount: [|Money|]): Promise<void>
}`,
      right: `export class Money {
  static readonly codec: Codec<Money, bigint> = {
    encode: (money) => money.units,
    decode: (units) => new Money(units),
  }
  constructor(readonly units: bigint) {}
  format() { return this.units + ' EUR' }
}

export interface Amount {
  units: bigint
}

export interface Till extends Component {
  charge(amount: Money): Promise<void>
  refund(amount: Amount): Promise<void>
}`,
    },
  ),
  WV2006: error(
    'not-transferable',
    'The value is bound to its process',
    'Sockets, streams, timers, promises, weak references and symbols stand for something that exists in one process only. Pass what the receiver needs to know.',
    {
      wrong: `import type { Socket } from 'node:net'

export interface Greeter extends Component {
  greet(socket: [|Socket|]): Promise<void>
}`,
      right: `export interface Greeter extends Component {
  greet(remoteAddress: string): Promise<string>
}`,
    },
  ),
  WV2007: error(
    'ambiguous-union',
    'Nothing tells the members of a union apart',
    'The sender must know which member of the union a value is. Members are told apart by `typeof` or class, by a literal member such as `kind`, or by a required member that the others do not have.',
    {
      wrong: {
        'src/till.ts': `export class Amount {
  constructor(readonly units: bigint) {}
  format() { return this.units + ' EUR' }
}

export const amount: Codec<Amount, string> = {
  encode: (value) => String(value.units),
  decode: (text) => new Amount(BigInt(text)),
}

export interface Till extends Component {
  charge(price: [|Amount | { euros: number }|]): Promise<void>
}`,
        'weave.config.ts': `export default { types: { Amount: { codec: 'src/till.amount' } } }`,
      },
      right: {
        'src/till.ts': `export class Amount {
  constructor(readonly units: bigint) {}
  format() { return this.units + ' EUR' }
}

export const amount = {
  encode: (value: Amount) => String(value.units),
  decode: (text: string) => new Amount(BigInt(text)),
  is: (value: unknown) => value instanceof Amount,
}

export interface Till extends Component {
  charge(price: Amount | { euros: number }): Promise<void>
}`,
        'weave.config.ts': `export default { types: { Amount: { codec: 'src/till.amount' } } }`,
      },
    },
  ),
  WV2008: error(
    'open-type',
    'The type depends on a type parameter',
    'A type parameter, or a conditional or indexed type over one, is a different type at each use. A boundary needs one type.',
    {
      wrong: `export interface Stock extends Component {
  left(): Promise<number>
}

export class LimitedStock<Limit> implements Stock {
  constructor(readonly config: Config<{ limit: [|Limit|] }>) {}
  async left() { return 3 }
}`,
      right: `export interface Stock extends Component {
  left(): Promise<number>
}

export class LimitedStock implements Stock {
  constructor(readonly config: Config<{ limit: number }>) {}
  async left() { return 3 }
}`,
    },
  ),
  WV2009: error(
    'endless-type',
    'The type expands without end',
    'A generic type that contains itself with a bigger argument each time, as in `interface Nest<T> { inner?: Nest<T[]> }`, has no finite shape. One that is met with hundreds of different arguments, each of them a union of hundreds, has one that no codec should hold; where a package such as schema-dts declares it, the report says which line of weave.config.ts lets it cross as Json.',
    {
      wrong: `export interface Nest<T> {
  inner?: Nest<T[]>
}

export interface Eggs extends Component {
  collect(nest: [|Nest<string>|]): Promise<void>
}`,
      right: `export interface Nest<T> {
  inner?: Nest<T>
  eggs: T[]
}

export interface Eggs extends Component {
  collect(nest: Nest<string>): Promise<void>
}`,
    },
  ),
  WV2010: error(
    'component-as-data',
    'Only the interface of a component can be passed',
    'A reference to a component crosses as its interface: the receiver gets a stub that calls it wherever it is. The implementing class, or `Component` itself, names no boundary.',
    {
      wrong: `export interface Cart extends Component {
  share(friend: [|Component|]): Promise<void>
}`,
      right: `export interface Friend extends Component {
  notify(text: string): Promise<void>
}

export interface Cart extends Component {
  share(friend: Friend): Promise<void>
}`,
    },
  ),
  WV2013: warning(
    'error-member',
    'A member of an error class stays behind, or loses its class',
    'A caller in the same process gets the very error that was thrown. One in another process gets an error of the same class, with its message, cause, stack and enumerable fields: an instance among them keeps its class where that brings a codec, and arrives as plain data where it does not. Functions, symbols, handles of the process, components and private `#` members do not arrive.',
    {
      wrong: `export class OutOfStock extends Error {
  [|#shelf|] = 'A'
  get shelf() { return this.#shelf }
}

export interface Stock extends Component {
  take(product: string): Promise<void>
}`,
      right: `export class OutOfStock extends Error {
  readonly shelf = 'A'
}

export interface Stock extends Component {
  take(product: string): Promise<void>
}`,
    },
  ),
  WV2014: error(
    'accessor',
    'An accessor is not data',
    'A getter runs code of its object whenever it is read; a copy would hold the value of one moment. Declare a plain member.',
    {
      wrong: `export interface Order {
  get total(): number
}

export interface Till extends Component {
  pay(order: [|Order|]): Promise<void>
}`,
      right: `export interface Order {
  readonly total: number
}

export interface Till extends Component {
  pay(order: Order): Promise<void>
}`,
    },
  ),
  WV2015: error(
    'stream',
    'A stream is a parameter or a result of its own',
    'An `AsyncIterable<T>` is carried beside the call, item by item. It can be a parameter, or what a method returns (by itself or in a promise), but not a part of data; an `AsyncGenerator` or a `ReadableStream` is declared as the `AsyncIterable` that it is.',
    {
      wrong: cart('changes(): Promise<{ lines: [|AsyncIterable<string>|] }>'),
      right: cart('changes(): AsyncIterable<string>'),
    },
  ),
  WV2016: error(
    'abort-signal',
    'An AbortSignal is the last parameter',
    'Aborting is carried beside the call and concerns the call as a whole, so its signal is the last parameter of the method, and nothing else.',
    {
      wrong: cart('search(signal: [|AbortSignal|], text: string): Promise<string[]>'),
      right: cart('search(text: string, signal: AbortSignal): Promise<string[]>'),
    },
  ),
  WV2017: error(
    'symbol-key',
    'A member with a symbol as its key can not cross',
    'A symbol is not the same symbol in another process. A brand that exists for the type checker only is written as an optional member of type `never`, which is left out.',
    {
      wrong: `export declare const currency: unique symbol

export interface Price {
  units: number
  [currency]: string
}

export interface Till extends Component {
  charge(price: [|Price|]): Promise<void>
}`,
      right: `export interface Price {
  units: number
  currency: string
}

export interface Till extends Component {
  charge(price: Price): Promise<void>
}`,
    },
  ),
  WV2018: error(
    'error-not-exported',
    'An error class must be importable',
    'An error arrives as an instance of its own class, which generated code imports. The class must be exported from a module of the project.',
    {
      wrong: `class OutOfStock extends Error {}

export interface Stock extends Component {
  lastProblem(): [|Promise<OutOfStock>|]
}`,
      right: `export class OutOfStock extends Error {}

export interface Stock extends Component {
  lastProblem(): Promise<OutOfStock>
}`,
    },
  ),
  WV2019: error(
    'codec',
    'A codec can not be used',
    'A codec is an exported object with `encode` and `decode`, or the static member `codec` of an exported class. What `encode` gives must be something that crosses a boundary.',
    {
      wrong: `class Money {
  constructor(readonly units: bigint) {}
  format() { return this.units + ' EUR' }
  static readonly codec: Codec<Money, string> = {
    encode: (money) => String(money.units),
    decode: (text) => new Money(BigInt(text)),
  }
}

export interface Till extends Component {
  charge(amount: [|Money|]): Promise<void>
}`,
      right: `export class Money {
  constructor(readonly units: bigint) {}
  format() { return this.units + ' EUR' }
  static readonly codec: Codec<Money, string> = {
    encode: (money) => String(money.units),
    decode: (text) => new Money(BigInt(text)),
  }
}

export interface Till extends Component {
  charge(amount: Money): Promise<void>
}`,
    },
  ),
} as const satisfies Record<string, CatalogueEntry>
