// EXPECT error WV2009 at 22:11 'nest(a).inner.inner…' contains 'Nest', which expands without end.
// EXPECT error WV2009 at 23:11 'fork(a).right' contains 'Fork', which expands without end.
// EXPECT error WV1004 at 24:3 'Open.generic' has type parameters, and what they stand for only the caller knows.
// EXPECT Open.self(): reference Open
import type { Component } from 'weavets'

interface Nest<T> {
  value: T
  inner?: Nest<T[]>
}
interface Fork<T> {
  left?: Fork<[T, 1]>
  right?: Fork<[T, 2]>
}
interface Base<T> {
  item: T
  pick: T extends string ? 1 : 2
  key: keyof T
}

export interface Open extends Component {
  nest(a: Nest<string>): Promise<void>
  fork(a: Fork<string>): Promise<void>
  generic<T>(a: Base<T>): Promise<void>
  self(): Promise<this>
}
