// EXPECT Keys.named(key user: string): undefined
// EXPECT Keys.second(n: number, key on: boolean): undefined
// EXPECT Keys.some(key side: "left"|"right", n: number): undefined
// EXPECT warning WV1014 at 13:7 'Key<T>' inside data routes nothing.
// EXPECT error WV1011 at 21:26 'Keys.two' has 2 parameters of type 'Key<T>'.
// EXPECT error WV1012 at 22:16 'a' cannot be a routing key: it is optional.
// EXPECT error WV1012 at 23:14 'a' cannot be a routing key: it is a rest parameter.
// EXPECT error WV1012 at 24:15 'a' cannot be a routing key: it is 'null' at times.
// EXPECT warning WV1014 at 26:13 'Key<T>' inside data routes nothing.
import type { Component, Key } from 'weavets'

interface Order {
  id: Key<string>
}
type UserId = Key<string>

export interface Keys extends Component {
  named(user: UserId): Promise<void>
  some(side: Key<'left' | 'right'>, n: number): Promise<void>
  second(n: number, on: Key<boolean>): Promise<void>
  two(a: Key<string>, b: Key<number>): Promise<void>
  optional(a?: Key<string>): Promise<void>
  rest(...a: Key<string>[]): Promise<void>
  nullable(a: Key<string> | null): Promise<void>
  data(a: Order): Promise<void>
  result(): Promise<Key<string>>
}
