// EXPECT error WV1002 at 15:18 'Callable' has a call signature; only methods can be called across a boundary.
// EXPECT error WV1002 at 18:18 'Constructable' has a construct signature; only methods can be called across a boundary.
// EXPECT error WV1002 at 21:18 'Indexed' has an index signature; only methods can be called across a boundary.
// EXPECT error WV1017 at 31:36 'Inner.Nested' is declared inside a namespace, and a component is declared at the top level of a module.
// EXPECT error WV3015 at 37:14 'Both' implements 2 components, 'Left' and 'Right'.
// EXPECT error WV3004 at 53:20 Parameter 'a: Alias' of 'App' is not a component and has no default.
// EXPECT error WV3004 at 54:20 Parameter 'b: Based' of 'App' is not a component and has no default.
// EXPECT error WV1017 at 55:20 'Inner.Nested' is declared inside a namespace, and a component is declared at the top level of a module.
// EXPECT error WV1017 at 58:7 'Inner.Nested' is declared inside a namespace, and a component is declared at the top level of a module.
// EXPECT error WV1001 at 41:13 Method 'like' of component 'Awaited' must return a Promise, but it returns 'PromiseLike<number>'.
// EXPECT Awaited.lists(a: (number[] by fit | string[] by fit)): undefined
// EXPECT Awaited.objects(a: ({ a?: number } by fit | { a?: string } by fit)): undefined
import { type Component, get, type Main, run } from 'weavets'

export interface Callable extends Component {
  (): Promise<void>
}
export interface Constructable extends Component {
  new (): object
}
export interface Indexed extends Component {
  [name: string]: () => Promise<void>
}

export namespace Inner {
  export interface Nested extends Component {
    ping(): Promise<void>
  }
}

export class RealNested implements Inner.Nested {
  async ping() {}
}

export interface Left extends Component { left(): Promise<void> }
export interface Right extends Component { right(): Promise<void> }
export class Both implements Left, Right { async left() {}; async right() {} }

// biome-ignore format: lines are counted
export interface Awaited extends Component {
  like():   PromiseLike<number>
  lists(a:  string[] | number[]): Promise<void>
  objects(a:  { a?: string } | { a?: number }): Promise<void>
}

type Alias = Component & { ping(): Promise<void> }
abstract class Based implements Component {
  abstract ping(): Promise<void>
}

export class App implements Main {
  constructor(
    readonly a:    Alias,
    readonly b:    Based,
    readonly c:    Inner.Nested,
  ) {}
  async main() {
  get<Inner.Nested>()
  }
}
await run(App)
