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
