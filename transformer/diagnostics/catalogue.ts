/**
 * Every diagnostic's code in one table: severity, name, title and the paragraph that `weave explain` and the documentation
 * show. Texts of a single report (what, why, what to do) are made where it is found. Codes are stable and never reused;
 * 1 is shape, 2 data, 3 wiring, 4 compatibility, 9 set-up. Numbers left out belong to checks that are still to come.
 */

export interface CatalogueEntry {
  readonly severity: 'error' | 'warning'
  readonly name: string
  readonly title: string
  readonly explanation: string
  readonly example: Example | undefined
}

export interface Example {
  readonly wrong: string
  readonly right: string
}

const error = (name: string, title: string, explanation: string, example?: Example): CatalogueEntry => ({
  severity: 'error',
  name,
  title,
  explanation,
  example,
})
const warning = (name: string, title: string, explanation: string, example?: Example): CatalogueEntry => ({
  severity: 'warning',
  name,
  title,
  explanation,
  example,
})

export const CATALOGUE = {
  // Shape
  WV1001: error(
    'async-return',
    'A component method must return a Promise',
    'The component that is called may run in another process, and an answer from there takes time. A method that returns its result at once could only work while both live in one process, so the program would break when it is split.',
    { wrong: 'total(): number', right: 'total(): Promise<number>' },
  ),
  WV1002: error(
    'not-a-method',
    'A component has methods only',
    'Reading a property can not wait for an answer from another process. What a component lets others see, it gives by a method.',
    { wrong: 'readonly limit: number', right: 'limit(): Promise<number>' },
  ),
  WV1003: error(
    'overloads',
    'A component method has one signature',
    'Which overload a call means is known to the type checker only; the process that receives it has just the method and its arguments. Use a union for the parameter, or two names.',
    {
      wrong: `find(id: string): Promise<Item>
find(id: number): Promise<Item>`,
      right: 'find(id: string | number): Promise<Item>',
    },
  ),
  WV1004: error(
    'generic-method',
    'A component method has no type parameters',
    'The codec of a method is made when the program is built. What a type parameter stands for differs from call to call, so there is nothing to make a codec from.',
    { wrong: 'load<T>(id: string): Promise<T>', right: 'load(id: string): Promise<Item>' },
  ),
  WV1005: error(
    'generic-component',
    'A component has no type arguments',
    'A component is one thing with one name in the whole application. Give each instantiation an interface of its own: `interface UserRepo extends Repo<User>`.',
    {
      wrong: 'constructor(private readonly users: Repo<User>) {}',
      right: `export interface UserRepo extends Repo<User> {}
constructor(private readonly users: UserRepo) {}`,
    },
  ),
  WV1006: error(
    'bad-name',
    'A component method can not have this name',
    "Callers hold a stub in the component's place. A method named `then` would make `await` call it; `constructor` is the class; `start` and `stop` are called by the runtime; names that begin with `$` or `__weave` are the stub's own; a symbol is not the same symbol in another process.",
  ),
  WV1007: error(
    'not-reachable',
    'The implementing class can not be constructed from outside its module',
    'Generated code imports the module of an implementation and constructs the class. It must be exported, must not be abstract, and its constructor must be public.',
  ),
  WV1008: error(
    'duplicate-name',
    'Two components have the same name',
    "A component's name is the path of its file without the extension, and the interface's name. Two files that differ in the extension only make the same name.",
  ),
  WV1009: error(
    'optional-method',
    'A component method can not be optional',
    'A stub can not know whether the implementation in the other process has the method.',
  ),
  WV1010: error(
    'bad-timeout',
    'A @timeout that can not be read',
    'It is a number and a unit, `@timeout 500ms`, `@timeout 2s` or `@timeout 1m`, longer than nothing and shorter than 24 days. An unreadable one is an error, since a call without its deadline is the very thing that it was written against.',
    { wrong: '/** @timeout 5 */', right: '/** @timeout 5s */' },
  ),
  WV1011: error(
    'two-keys',
    'A method has one routing key',
    'The value of the `Key<T>` parameter decides which replica serves the call; two values could ask for two replicas.',
  ),
  WV1012: error(
    'bad-key',
    'Key<T> is used where it can not route',
    'A routing key is a parameter of its own that every call has (not optional, not a rest parameter), and a string, number, bigint or boolean: its value is hashed to choose the replica.',
  ),
  WV1013: error(
    'interface-not-exported',
    'A component interface must be exported',
    'Other modules name a component by its interface, and so does the manifest. Only in the file that calls `run` or `startApp` may it stay private.',
  ),
  WV1014: warning(
    'key-without-effect',
    'Key<T> inside data routes nothing',
    'Only a parameter that is itself a `Key<T>` chooses the replica. Inside an object or in a result it is just its value.',
  ),
  WV1015: error(
    'misspelt-policy',
    'A doc tag that is nearly a policy',
    'Policies are `@idempotent` and `@timeout 500ms`, in lower case. A tag that differs from one of them by a letter or its case would be without effect, and a call would be tried or would wait in another way than was meant.',
    { wrong: '/** @timeOut 5s */', right: '/** @timeout 5s */' },
  ),
  WV1016: warning(
    'misplaced-policy',
    'A policy stands where it has no effect',
    "Callers know the interface of a component and not its class, so policies are read from the interface's methods only.",
    {
      wrong: `export class MemoryCart implements Cart {
  /** @idempotent */
  async items() { … }
}`,
      right: `export interface Cart extends Component {
  /** @idempotent */
  items(): Promise<Item[]>
}`,
    },
  ),
  WV1017: error(
    'not-top-level',
    'A component is declared at the top level of a module',
    "A component's name is its module and its interface. One in a namespace, in a function, in a declaration file or in a test has no such name.",
    {
      wrong: `export namespace Shop {
  export interface Cart extends Component { … }
}`,
      right: 'export interface Cart extends Component { … }',
    },
  ),
  // Data
  WV2001: error(
    'any',
    'any has no shape',
    'Codecs are made from types when the program is built. `any` says nothing about what will be there. Write the type, or use `Json` for data whose shape is not known.',
    { wrong: 'add(meta: any): Promise<void>', right: 'add(meta: Json): Promise<void>' },
  ),
  WV2002: error(
    'unresolved',
    'A type could not be resolved',
    'The type comes from something that the compiler itself reports as an error, such as an import that was not found. Everything weave could say about it would be a consequence.',
  ),
  WV2003: error(
    'unknown',
    'The type says too little to encode',
    '`unknown`, `object` and `{}` accept nearly everything, functions and sockets included. Name the members, or use `Json`.',
  ),
  WV2004: error(
    'function',
    'A function can not leave its process',
    'Its code and the variables it closes over live in the process that made it. Pass the data that it would work on, or make the receiver a component.',
    { wrong: 'place(order: Order, onDone: () => void): Promise<void>', right: 'place(order: Order): Promise<Receipt>' },
  ),
  WV2005: error(
    'class-instance',
    'Instances of classes do not cross a boundary',
    'The data of an instance would arrive, but not its methods and its private state, so the receiver would hold something else under the same name. Pass an interface with the data.',
    {
      wrong: 'charge(amount: Money): Promise<void> // class Money',
      right: 'charge(amount: { units: bigint; currency: string }): Promise<void>',
    },
  ),
  WV2006: error(
    'not-transferable',
    'The value is bound to its process',
    'Sockets, streams, timers, promises, weak references and symbols stand for something that exists in one process only. Pass what the receiver needs to know.',
    { wrong: 'greet(socket: Socket): Promise<void>', right: 'greet(address: string): Promise<void>' },
  ),
  WV2007: error(
    'ambiguous-union',
    'Nothing tells the members of a union apart',
    'The sender must know which member of the union a value is. Members are told apart by `typeof` or class, by a literal member such as `kind`, or by a required member that the others do not have.',
    {
      wrong: 'type Payment = { card?: string } | { account?: string }',
      right: `type Payment = { kind: 'card'; card?: string } | { kind: 'account'; account?: string }`,
    },
  ),
  WV2008: error(
    'open-type',
    'The type depends on a type parameter',
    'A type parameter, or a conditional or indexed type over one, is a different type at each use. A boundary needs one type.',
  ),
  WV2009: error(
    'endless-type',
    'The type expands without end',
    'A generic type that contains itself with a bigger argument each time, as in `interface Nest<T> { inner?: Nest<T[]> }`, has no finite shape.',
    { wrong: 'interface Nest<T> { inner?: Nest<T[]> }', right: 'interface Nest<T> { inner?: Nest<T>; values: T[] }' },
  ),
  WV2010: error(
    'component-as-data',
    'A component can not be passed as a value yet',
    'This version does not carry references to components. Take the component as a constructor parameter where it is used.',
  ),
  WV2014: error(
    'accessor',
    'An accessor is not data',
    'A getter runs code of its object whenever it is read; a copy would hold the value of one moment. Declare a plain member.',
  ),
  WV2015: error(
    'stream',
    'Streams are not carried yet',
    'This version carries no `AsyncIterable` across a boundary, neither as a parameter nor as a result. Return pages, or an array.',
  ),
  WV2016: error(
    'abort-signal',
    'AbortSignal is not carried yet',
    'This version does not carry an `AbortSignal` across a boundary. Use `@timeout`: deadlines do cross.',
  ),
  WV2017: error(
    'symbol-key',
    'A member with a symbol as its key can not cross',
    'A symbol is not the same symbol in another process. A brand that exists for the type checker only is written as an optional member of type `never`, which is left out.',
  ),
  WV2018: error(
    'error-not-exported',
    'An error class must be importable',
    'An error arrives as an instance of its own class, which generated code imports. The class must be exported from a module of the project.',
  ),
  // Wiring
  WV3001: error(
    'no-implementation',
    'No class implements a component that the application needs',
    "A component needs one exported class that names its interface in `implements`, or a call of `provide`. Classes in tests don't count.",
  ),
  WV3002: error(
    'many-implementations',
    'Several classes implement a component',
    'There is one implementation in an application. Where there are several classes, weave.config.ts says which one it is, under `implementations`.',
  ),
  WV3003: error(
    'cycle',
    'Components depend on each other in a circle',
    'A component is constructed after what its constructor takes, so in a circle none can be the first. Let one of them ask for the other by `get<X>()` when it needs it, or move what both need to a third.',
    {
      wrong: `class A implements First { constructor(second: Second) {} }
class B implements Second { constructor(first: First) {} }`,
      right: 'class B implements Second { later() { return get<First>().ask() } }',
    },
  ),
  WV3004: error(
    'not-injectable',
    'A constructor parameter that weave can not supply',
    'Parameters of an implementation are components, `Listener`, `Config<T>` or `Logger`, or have a default value. What is constructed in another way is given by `provide`.',
    {
      wrong: 'constructor(private readonly url: string) {}',
      right: 'constructor(private readonly config: Config<{ url: string }>) {}',
    },
  ),
  WV3005: error(
    'concrete-dependency',
    'A dependency names the class instead of the component',
    'A parameter of the class type must be an instance of that class in the same process. Name the interface, and weave decides where it runs.',
    {
      wrong: 'constructor(private readonly cart: MemoryCart) {}',
      right: 'constructor(private readonly cart: Cart) {}',
    },
  ),
  WV3008: error(
    'unknown-in-config',
    'weave.config.ts names something that does not exist',
    'The names in weave.config.ts are checked against the application, so that a misspelt one is not silently without effect.',
  ),
  WV3009: error(
    'root-not-class',
    'run takes a class',
    'The root of an application is the class given to `run`, written there by its name, so that it can be found without running the program. It must be declared at the top level of a module.',
  ),
  WV3010: error(
    'root-not-main',
    'The root must implement Main',
    'The runtime constructs the root and calls its `main(signal)`; the application ends when that returns.',
  ),
  WV3011: error(
    'several-roots',
    'One file starts one application',
    'The code that starts the application is added to the file that calls `run`, once. Let each entry file call it once.',
  ),
  WV3012: error(
    'call-without-type',
    'The call does not say which component',
    'Types are gone when the program runs, so the component must be written at the call, `get<Cart>()`, where weave puts its name beside it. A type parameter is not enough: it stands for many.',
    { wrong: 'get()', right: 'get<Cart>()' },
  ),
  WV3013: error(
    'not-a-component',
    'The type argument is not a component',
    'A component is an exported interface that extends `Component` of weavets.',
  ),
  WV3014: error(
    'config-value',
    'weave.config.ts has a value that does not fit',
    'A component gets its section of weave.config.ts as its `Config<T>`, so the section must be a `T`; what the deployer reads (listeners, placement, replicas) has a form of its own.',
  ),
  WV3015: error(
    'class-of-several',
    'One class implements several components',
    'Each component is an object of its own, which can be placed in a process of its own. One class for two of them would look like one object with shared state, and would be two.',
    {
      wrong: 'export class Store implements Cart, Stock { … }',
      right: `export class CartStore implements Cart { constructor(stock: Stock) {} … }
export class StockStore implements Stock { … }`,
    },
  ),
  // Set-up
  WV9001: error(
    'not-strict',
    'strictNullChecks must be on',
    "Without it the type checker itself can't tell 'string | null' from 'string', so no codec could either. Turn on `strict` in tsconfig.json.",
  ),
  WV9005: error(
    'loaded-elsewhere',
    'Another plugin took a file before weave',
    'The file needs generated code. A bundler gives a file to the first plugin that answers for it, and hands on changed text: weave must come first.',
  ),
  WV9007: error(
    'internal',
    'weave could not analyse this',
    'An error inside weave, not in your program. Please report it with the code that it points to.',
  ),
  WV9010: error(
    'no-run',
    'The entry does not start an application',
    "The entry file must call `run(Root)` from weavets. Set `entry` in weave.config.ts if it isn't src/main.ts.",
  ),
  WV9011: error(
    'weavets-not-found',
    'weavets is not part of the program',
    'No file of the program imports the types of weavets, or the import was not found. Install it, and let tsconfig.json include the sources of the application.',
  ),
  WV9012: error(
    'config-unreadable',
    'weave.config.ts can not be loaded',
    'Node loads it synchronously and strips its types, so it may not await at top level, and has no enums, namespaces or parameter properties.',
  ),
  WV9013: error(
    'tsconfig',
    'tsconfig.json has errors',
    'What it includes is what weave analyses, so with a wrong one a component may be overlooked.',
  ),
  WV9014: error(
    'no-doc-comments',
    'Doc comments were not parsed',
    'weave finds its own types by doc tags. ts-patch reads them because the package.json of weavets asks for it; a compiler host of your own must set `jsDocParsingMode` to `ParseAll`.',
  ),
  WV9015: error(
    'syntax',
    'A source file has errors of syntax',
    'What the parser could not read may hide a component or change one. Correct these errors first; `tsc --noEmit` shows them all.',
  ),
} as const satisfies Record<string, CatalogueEntry>

export type Code = keyof typeof CATALOGUE

export function isCode(code: string): code is Code {
  return Object.hasOwn(CATALOGUE, code)
}

/** Where the documentation explains a code, from the package's root. */
export function docsAnchor(code: Code): string {
  return `docs/diagnostics.md#${code.toLowerCase()}`
}
