/** A file with JSX, and calls under other names. */
import { get as obtain, type Main, provide, run as start } from 'weavets'
import * as weave from 'weavets'
import { MemoryStore, type Other, type Store } from './types.ts'
import Root from './other.mjs'

declare global {
  namespace JSX { interface IntrinsicElements { div: { title?: string } } }
}
export const element = <div title="a">{1 as number}</div>
export class Page implements Main {
  constructor(readonly store: Store, readonly other: Other) {}
  async main() { void (await this.store.everything(undefined as never)) }
}
provide<Store>(() => new MemoryStore())
void obtain<Store>()
void weave.get<Other>()
void start(Root)
