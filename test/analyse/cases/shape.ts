// EXPECT Cart.arrow(a: string): undefined
// EXPECT UserRepo.load(id: string): string
// EXPECT UserRepo by Real()
// EXPECT error WV1001 at 30:12 Method 'count' of component 'Cart' must return a Promise, but it returns 'number'.
// EXPECT error WV1002 at 31:12 'Cart.limit' is a property; only methods can be called across a boundary.
// EXPECT error WV1003 at 32:3 'Cart.find' has 2 signatures; a component's method has one.
// EXPECT error WV1004 at 34:3 'Cart.get' has type parameters, and what they stand for only the caller knows.
// EXPECT error WV1006 at 35:3 A component cannot have a method named 'then'.
// EXPECT error WV1006 at 36:3 A component cannot have a method named 'constructor'.
// EXPECT error WV1006 at 37:3 A component cannot have a method named 'start'.
// EXPECT error WV1006 at 38:3 A component cannot have a method named '$target'.
// EXPECT error WV1006 at 39:3 A component cannot have a method named '__weave_x'.
// EXPECT error WV1009 at 40:3 'Cart.purge?' is optional, and a component's method cannot be.
// EXPECT error WV1009 at 41:12 'Cart.later?' is optional, and a component's method cannot be.
// EXPECT error WV1006 at 42:3 A component cannot have a method named '[Symbol.iterator]'.
// EXPECT error WV1002 at 43:7 'Cart.size' is a property; only methods can be called across a boundary.
// EXPECT error WV1010 at 44:7 '@timeout' has no time.
// EXPECT error WV1010 at 46:7 '@timeout 5' has no unit.
// EXPECT error WV1010 at 48:7 '@timeout soon' is not a time.
// EXPECT error WV1010 at 52:6 '@timeout 10 parsecs and a half' has the unknown unit 'parsecs'.
// EXPECT error WV1010 at 56:7 '@timeout 0ms' is no time at all.
// EXPECT error WV1010 at 58:7 '@timeout 999999m' is longer than a timer can wait.
// EXPECT error WV1010 at 60:19 '@timeout 2s' is the second one of its method.
// EXPECT error WV1001 at 62:12 Method 'maybe' of component 'Cart' must return a Promise, but it returns 'Promise<void> | undefined'.
// EXPECT error WV1005 at 76:31 'Repo<number>' takes type arguments, and a component has none.
// EXPECT error WV1005 at 93:30 'Repo<string>' takes type arguments, and a component has none.
import { type Component, run, type Main } from 'weavets'

export interface Cart extends Component {
  count(): number
  readonly limit: number
  find(id: string): Promise<string>
  find(id: number): Promise<string>
  get<T>(key: T): Promise<T>
  then(): Promise<void>
  constructor(): Promise<void>
  start(): Promise<void>
  $target(): Promise<void>
  __weave_x(): Promise<void>
  purge?(): Promise<void>
  readonly later?: () => Promise<void>
  [Symbol.iterator](): Promise<void>
  get size(): number
  /** @timeout */
  t1(): Promise<void>
  /** @timeout 5 */
  t2(): Promise<void>
  /** @timeout soon */
  t3(): Promise<void>
  /**
   * Adds.
   * @timeout 10 parsecs and a half
   * @idempotent
   */
  t4(): Promise<void>
  /** @timeout 0ms */
  t5(): Promise<void>
  /** @timeout 999999m */
  t6(): Promise<void>
  /** @timeout 1s @timeout 2s */
  t7(): Promise<void>
  maybe(): Promise<void> | undefined
  readonly arrow: (a: string) => Promise<void>
}

interface Hidden extends Component {
  ping(): Promise<void>
}

export interface Repo<T> extends Component {
  load(id: string): Promise<T>
}

export interface UserRepo extends Repo<string> {}

export class Users implements Repo<number> {
  async load() {
    return 1
  }
}

abstract class Base implements UserRepo {
  abstract load(): Promise<string>
}

export class Real extends Base {
  async load() {
    return ''
  }
}

export class App implements Main {
  constructor(readonly repo: Repo<string>) {}
  async main() {}
}
await run(App)
