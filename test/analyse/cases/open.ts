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
