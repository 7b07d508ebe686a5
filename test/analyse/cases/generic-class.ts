// EXPECT error WV2008 at 10:48 'constructor(config).first' depends on the type parameter 'T'.
// EXPECT error WV2008 at 10:56 'constructor(config).key' is 'T[K]', which does not resolve to one type.
// EXPECT error WV2008 at 10:68 'constructor(config).kind' is 'T extends string ? 1 : 2', which does not resolve to one type.
import type { Component, Config } from 'weavets'

export interface Store extends Component {
  size(): Promise<number>
}
export class MemoryStore<T, K extends keyof T> implements Store {
  constructor(readonly config: Config<{ first: T; key: T[K]; kind: T extends string ? 1 : 2 }>) {}
  async size() {
    return 0
  }
}
