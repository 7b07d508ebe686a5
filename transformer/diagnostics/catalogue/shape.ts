/** WV1xxx: what a component's interface may look like: methods, names, policies, routing keys. */
import { type CatalogueEntry, error, warning } from './entry.ts'

/** An interface with one method or member. */
const cart = (member: string): string => `export interface Cart extends Component {
  ${member}
}`

export const SHAPE = {
  WV1001: error(
    'async-return',
    'A component method must return a Promise',
    'The component that is called may run in another process, and an answer from there takes time. A method that returns its result at once could only work while both live in one process, so the program would break when it is split. A stream of values is declared as `AsyncIterable<T>`.',
    { wrong: cart('total(user: string): [|number|]'), right: cart('total(user: string): Promise<number>') },
  ),
  WV1002: error(
    'not-a-method',
    'A component has methods only',
    'Reading a property can not wait for an answer from another process. What a component lets others see, it gives by a method. Call, construct and index signatures have no name by which a stub could offer them.',
    { wrong: cart('readonly [|limit|]: number'), right: cart('limit(): Promise<number>') },
  ),
  WV1003: error(
    'overloads',
    'A component method has one signature',
    'Which overload a call means is known to the type checker only; the process that receives it has just the method and its arguments. Use a union for the parameter, or two names.',
    {
      wrong: cart('[|find|](id: string): Promise<string>\n  find(id: number): Promise<string>'),
      right: cart('find(id: string | number): Promise<string>'),
    },
  ),
  WV1004: error(
    'generic-method',
    'A component method has no type parameters',
    'The codec of a method is made when the program is built. What a type parameter stands for differs from call to call, so there is nothing to make a codec from. Write the types that are meant, or `Json` where any data will do.',
    { wrong: cart('[|load|]<T>(id: string): Promise<T>'), right: cart('load(id: string): Promise<Json>') },
  ),
  WV1005: error(
    'generic-component',
    'A component has no type arguments',
    'A component is one thing with one name in the whole application. Give each instantiation an interface of its own: `interface UserStore extends Store<User>`.',
    {
      wrong: `export interface Store<T> extends Component {
  load(id: string): Promise<T>
}
export interface User { name: string }

export class Users implements [|Store<User>|] {
  async load(id: string) { return { name: id } }
}`,
      right: `export interface Store<T> extends Component {
  load(id: string): Promise<T>
}
export interface User { name: string }
export interface UserStore extends Store<User> {}

export class Users implements UserStore {
  async load(id: string) { return { name: id } }
}`,
    },
  ),
  WV1006: error(
    'bad-name',
    'A component method can not have this name',
    "Callers hold a stub in the component's place. A method named `then` would make `await` call it; `constructor` is the class; `start` and `stop` are called by the runtime; names that begin with `$` or `__weave` are the stub's own; a symbol is not the same symbol in another process.",
    { wrong: cart('[|then|](next: string): Promise<void>'), right: cart('continueWith(next: string): Promise<void>') },
  ),
  WV1007: error(
    'not-reachable',
    'The implementing class can not be constructed from outside its module',
    'Generated code imports the module of an implementation and constructs the class. It must be declared at the top level of the module and exported, must not be abstract, and its constructor must be public. What is constructed in another way is given by `provide`.',
    {
      wrong: `${cart('size(): Promise<number>')}

class [|MemoryCart|] implements Cart {
  async size() { return 0 }
}`,
      right: `${cart('size(): Promise<number>')}

export class MemoryCart implements Cart {
  async size() { return 0 }
}`,
    },
  ),
  WV1008: error(
    'duplicate-name',
    'Two components have the same name',
    "A component's name is the path of its file without the extension, and the interface's name. Two files that differ in the extension only make the same name.",
    {
      wrong: {
        'src/cart.mts': cart('size(): Promise<number>'),
        'src/cart.ts': cart('size(): Promise<number>').replace(' Cart ', ' [|Cart|] '),
      },
      right: {
        'src/cart.mts': cart('size(): Promise<number>'),
        'src/wishes.ts': cart('size(): Promise<number>'),
      },
    },
  ),
  WV1009: error(
    'optional-method',
    'A component method can not be optional',
    'A stub can not know whether the implementation in the other process has the method. Let every implementation have it, and those that can do nothing say so in their answer.',
    { wrong: cart('[|purge|]?(): Promise<void>'), right: cart('purge(): Promise<void>') },
  ),
  WV1010: error(
    'bad-timeout',
    'A @timeout that can not be read',
    'It is a number and a unit, `@timeout 500ms`, `@timeout 2s` or `@timeout 1m`, longer than nothing and shorter than 24 days. An unreadable one is an error, since a call without its deadline is the very thing that it was written against.',
    {
      wrong: cart('/** [|@timeout 5|] */\n  items(): Promise<string[]>'),
      right: cart('/** @timeout 5s */\n  items(): Promise<string[]>'),
    },
  ),
  WV1011: error(
    'two-keys',
    'A method has one routing key',
    'The value of the `Key<T>` parameter decides which replica serves the call; two values could ask for two replicas. A compound key is one string, made by the caller.',
    {
      wrong: cart('add(user: Key<string>, shop: [|Key<string>|]): Promise<void>'),
      right: cart('add(user: Key<string>, shop: string): Promise<void>'),
    },
  ),
  WV1012: error(
    'bad-key',
    'Key<T> is used where it can not route',
    'A routing key is a parameter of its own that every call has (not optional, not a rest parameter), and a string, number, bigint or boolean: its value is hashed to choose the replica.',
    {
      wrong: cart('items(user?: [|Key<string>|]): Promise<string[]>'),
      right: cart('items(user: Key<string>): Promise<string[]>'),
    },
  ),
  WV1013: error(
    'interface-not-exported',
    'A component interface must be exported',
    'Other modules name a component by its interface, and so does the manifest. Only in the file that calls `run` or `startApp` may it stay private.',
    {
      wrong: 'interface [|Cart|] extends Component {\n  size(): Promise<number>\n}',
      right: cart('size(): Promise<number>'),
    },
  ),
  WV1014: warning(
    'key-without-effect',
    'Key<T> inside data routes nothing',
    'Only a parameter that is itself a `Key<T>` chooses the replica. Inside an object or in a result it is just its value.',
    {
      wrong: cart('add(item: { user: [|Key<string>|]; product: string }): Promise<void>'),
      right: cart('add(user: Key<string>, item: { product: string }): Promise<void>'),
    },
  ),
  WV1015: error(
    'misspelt-policy',
    'A doc tag that is nearly a policy',
    'Policies are `@idempotent` and `@timeout 500ms`, in lower case. A tag that differs from one of them by a letter or its case would be without effect, and a call would be tried or would wait in another way than was meant.',
    {
      wrong: cart('/** [|@timeOut 5s|] */\n  items(): Promise<string[]>'),
      right: cart('/** @timeout 5s */\n  items(): Promise<string[]>'),
    },
  ),
  WV1016: warning(
    'misplaced-policy',
    'A policy stands where it has no effect',
    "Callers know the interface of a component and not its class, so policies are read from the doc comments of the interface's methods only: not from the class, not from the interface as a whole, and not from a comment that belongs to no method or is no doc comment (`/** … */`).",
    {
      wrong: `${cart('items(): Promise<string[]>')}

export class MemoryCart implements Cart {
  /** [|@idempotent|] */
  async items() { return [] }
}`,
      right: `${cart('/** @idempotent */\n  items(): Promise<string[]>')}

export class MemoryCart implements Cart {
  async items() { return [] }
}`,
    },
  ),
  WV1017: error(
    'not-top-level',
    'A component is declared at the top level of a module',
    "A component's name is its module and its interface. One in a namespace, in a function, in a declaration file or in a test has no such name.",
    {
      wrong: `export namespace Shop {
  export interface Cart extends Component {
    size(): Promise<number>
  }
}

export class MemoryCart implements [|Shop.Cart|] {
  async size() { return 0 }
}`,
      right: `${cart('size(): Promise<number>')}

export class MemoryCart implements Cart {
  async size() { return 0 }
}`,
    },
  ),
} as const satisfies Record<string, CatalogueEntry>
