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
