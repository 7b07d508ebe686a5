/** WV3xxx: which class implements a component, what its constructor takes, what an application starts, and weave.config.ts. */
import { type CatalogueEntry, error } from './entry.ts'

const STOCK = `export interface Stock extends Component {
  left(): Promise<number>
}
`
const CLASS = `export class MemoryStock implements Stock {
  async left() { return 3 }
}
`
/** A root whose constructor takes what is given, and the call that starts it. */
const root = (parameters: string, before = ''): string => `${STOCK}${before}
export class Shop implements Main {
  constructor(${parameters}) {}
  async main() {}
}

await run(Shop)`

export const WIRING = {
  WV3001: error(
    'no-implementation',
    'No class implements a component that the application needs',
    "A component needs one exported class that names its interface in `implements`, or a call of `provide<Stock>(() => …)` where no class can be constructed from its parameters. Classes in tests don't count.",
    { wrong: root('readonly stock: [|Stock|]'), right: root('readonly stock: Stock', `\n${CLASS}`) },
  ),
  WV3002: error(
    'many-implementations',
    'Several classes implement a component',
    'There is one implementation in an application. Where there are several classes, weave.config.ts says which one it is, under `implementations`.',
    {
      wrong: {
        'src/stock.ts': `${STOCK}
export class [|MemoryStock|] implements Stock {
  async left() { return 3 }
}

export class RedisStock implements Stock {
  async left() { return 5 }
}`,
      },
      right: {
        'src/stock.ts': `${STOCK}
export class MemoryStock implements Stock {
  async left() { return 3 }
}

export class RedisStock implements Stock {
  async left() { return 5 }
}`,
        'weave.config.ts': `export default { implementations: { Stock: 'RedisStock' } }`,
      },
    },
  ),
  WV3003: error(
    'cycle',
    'Components depend on each other in a circle',
    'A component is constructed after what its constructor takes, so in a circle none can be the first. Let one of them ask for the other by `get<X>()` when it needs it, or move what both need to a third.',
    {
      wrong: `export interface Cart extends Component { size(): Promise<number> }
export interface Stock extends Component { left(): Promise<number> }

export class MemoryCart implements Cart {
  constructor(readonly stock: [|Stock|]) {}
  async size() { return 1 }
}

export class MemoryStock implements Stock {
  constructor(readonly cart: Cart) {}
  async left() { return 10 - (await this.cart.size()) }
}`,
      right: `export interface Cart extends Component { size(): Promise<number> }
export interface Stock extends Component { left(): Promise<number> }

export class MemoryCart implements Cart {
  constructor(readonly stock: Stock) {}
  async size() { return 1 }
}

export class MemoryStock implements Stock {
  async left() { return 10 - (await get<Cart>().size()) }
}`,
    },
  ),
  WV3004: error(
    'not-injectable',
    'A constructor parameter that weave can not supply',
    'Parameters of an implementation are components, `Listener`, `Config<T>` or `Logger`, or have a default value. What is constructed in another way is given by `provide`.',
    {
      wrong: `${STOCK}
export class RemoteStock implements Stock {
  constructor(readonly url: [|string|]) {}
  async left() { return this.url.length }
}`,
      right: `${STOCK}
export class RemoteStock implements Stock {
  constructor(readonly config: Config<{ url: string }>) {}
  async left() { return this.config.url.length }
}`,
    },
  ),
  WV3005: error(
    'concrete-dependency',
    'A dependency names the class instead of the component',
    'A parameter of the class type must be an instance of that class in the same process. Name the interface, and weave decides where it runs.',
    {
      wrong: root('readonly stock: [|MemoryStock|]', `\n${CLASS}`),
      right: root('readonly stock: Stock', `\n${CLASS}`),
    },
  ),
  WV3008: error(
    'unknown-in-config',
    'weave.config.ts names something that does not exist',
    'The names in weave.config.ts are checked against the application, so that a misspelt one is not silently without effect.',
    {
      wrong: {
        'src/main.ts': root('readonly stock: Stock', `\n${CLASS}`),
        'weave.config.ts': 'export default { replicas: { [|Stok|]: 2 } }',
      },
      right: {
        'src/main.ts': root('readonly stock: Stock', `\n${CLASS}`),
        'weave.config.ts': 'export default { replicas: { Stock: 2 } }',
      },
    },
  ),
  WV3009: error(
    'root-not-class',
    'run takes a class',
    'The root of an application is the class given to `run`, written there by its name, so that it can be found without running the program. It must be declared at the top level of a module.',
    {
      wrong: 'await run([|class { async main() {} }|])',
      right: `export class Shop implements Main {
  async main() {}
}

await run(Shop)`,
    },
  ),
  WV3010: error(
    'root-not-main',
    'The root must implement Main',
    'The runtime constructs the root and calls its `main(signal)`; the application ends when that returns.',
    {
      wrong: `export class Shop {
  async open() {}
}

// @ts-expect-error: TypeScript says it too
await run([|Shop|])`,
      right: `export class Shop implements Main {
  async main(signal: AbortSignal) {}
}

await run(Shop)`,
    },
  ),
  WV3011: error(
    'several-roots',
    'One file starts one application',
    'The code that starts the application is added to the file that calls `run`, once. Let each entry file call it once.',
    {
      wrong: {
        'src/main.ts': `export class Shop implements Main { async main() {} }
export class Office implements Main { async main() {} }

if (process.argv[2] === 'office') await run(Office)
else await [|run|](Shop)`,
      },
      right: {
        'src/main.ts': `export class Shop implements Main { async main() {} }
await run(Shop)`,
        'src/office.ts': `export class Office implements Main { async main() {} }
await run(Office)`,
      },
    },
  ),
  WV3012: error(
    'call-without-type',
    'The call does not say which component',
    'Types are gone when the program runs, so the component must be written at the call, `get<Cart>()`, where weave puts its name beside it. A type parameter is not enough: it stands for many.',
    {
      wrong: `${STOCK}
export async function left() {
  const stock: Stock = [|get|]()
  return await stock.left()
}`,
      right: `${STOCK}
export async function left() {
  return await get<Stock>().left()
}`,
    },
  ),
  WV3013: error(
    'not-a-component',
    'The type argument is not a component',
    'A component is an exported interface that extends `Component` of weavets.',
    {
      wrong: `export interface Stock {
  left(): Promise<number>
}

export const left = async () => await get<[|Stock|]>().left()`,
      right: `${STOCK}
export const left = async () => await get<Stock>().left()`,
    },
  ),
  WV3014: error(
    'config-value',
    'weave.config.ts has a value that does not fit',
    'A component gets its section of weave.config.ts as its `Config<T>`, so the section must be a `T`; what the deployer reads (listeners, placement, replicas) has a form of its own.',
    {
      wrong: {
        'src/main.ts': root('readonly config: Config<{ seats: number }>').slice(STOCK.length),
        'weave.config.ts': `export default { config: { Shop: { [|seats|]: 'five' } } }`,
      },
      right: {
        'src/main.ts': root('readonly config: Config<{ seats: number }>').slice(STOCK.length),
        'weave.config.ts': 'export default { config: { Shop: { seats: 5 } } }',
      },
    },
  ),
  WV3015: error(
    'class-of-several',
    'One class implements several components',
    'Each component is an object of its own, which can be placed in a process of its own. One class for two of them would look like one object with shared state, and would be two.',
    {
      wrong: `export interface Cart extends Component { size(): Promise<number> }
export interface Stock extends Component { left(): Promise<number> }

export class [|Store|] implements Cart, Stock {
  async size() { return 1 }
  async left() { return 9 }
}`,
      right: `export interface Cart extends Component { size(): Promise<number> }
export interface Stock extends Component { left(): Promise<number> }

export class StoreStock implements Stock {
  async left() { return 9 }
}

export class StoreCart implements Cart {
  constructor(readonly stock: Stock) {}
  async size() { return 10 - (await this.stock.left()) }
}`,
    },
  ),
  WV3018: error(
    'hand-over',
    'A hand-over of state is incomplete, or its two ends differ',
    'A component that says `@stateful` keeps what its calls depend on in memory. It moves to another process only by handing that over: `handOver` gives the state where it was, and `takeOver` of the new instance gets it, by value like everything that crosses. So a class has both, for one type, or neither, and then the component stays in its process.',
    {
      wrong: `export interface Stock extends Component {
  left(): Promise<number>
}

/** @stateful */
export class MemoryStock implements Stock {
  #left = 3
  async left() { return this.#left }
  async [|handOver|](): Promise<number> { return this.#left }
}`,
      right: `export interface Stock extends Component {
  left(): Promise<number>
}

/** @stateful */
export class MemoryStock implements Stock {
  #left = 3
  async left() { return this.#left }
  async handOver(): Promise<number> { return this.#left }
  async takeOver(left: number): Promise<void> { this.#left = left }
}`,
    },
  ),
} as const satisfies Record<string, CatalogueEntry>
