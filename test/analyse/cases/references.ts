// EXPECT Desk.generic(a: unsupported(is 'Shelf<string>', which extends 'Component' and is none of this application)): undefined
// EXPECT Desk.open(clerk: reference Clerk): reference Desk
// EXPECT Desk.lists(a: reference Clerk[], b: Map<string, reference Clerk>, c: { clerk?: reference Clerk; desk: (null | reference Desk) }): undefined
// EXPECT Desk.either(a: (string | reference Clerk | reference Desk | Note)): undefined
// EXPECT Desk.stream(a: stream of reference Clerk): stream of reference Desk
// EXPECT error WV1005 at 36:14 'generic(a)' is 'Shelf<string>', which extends 'Component' and is none of this application.
// EXPECT error WV2010 at 37:10 'any(a)' is 'Component' itself, which says nothing of what it can do.
// EXPECT error WV2010 at 38:12 'class(a)' is the class 'FastClerk', which implements the component 'Clerk'.
// EXPECT error WV2010 at 45:32 'constructor(config).clerk' is a reference to a component, and a config is plain data.
// EXPECT Desk by RealDesk()
import { type Component, type Config, type Main, run } from 'weavets'
export interface Note { text: string }
export interface Clerk extends Component {
  serve(name: string): Promise<string>
}
export interface Shelf<T> extends Component {
  find(id: string): Promise<T>
}
export class FastClerk implements Clerk {
  async serve(name: string) { return name }
}
export class RealDesk implements Desk {
  async open() { return this }
  async lists() {}
  async either() {}
  async *stream() { yield this }
  async generic() {}
  async any() {}
  async class() {}
}
export interface Desk extends Component {
  open(clerk: Clerk): Promise<Desk>
  lists(a: Clerk[], b: Map<string, Clerk>, c: { clerk?: Clerk; desk: Desk | null }): Promise<void>
  either(a: Clerk | Desk | Note | string): Promise<void>
  stream(a: AsyncIterable<Clerk>): AsyncIterable<Desk>
  generic(a: Shelf<string>): Promise<void>
  any(a: Component): Promise<void>
  class(a: FastClerk): Promise<void>
}
export class Office implements Main {
  constructor(readonly desk: Desk) {}
  async main() {}
}
export class App implements Main {
  constructor(readonly config: Config<{ clerk: Clerk }>) {}
  async main() {}
}
await run(App)
