// EXPECT Merged.date(a: date, b: Key<string>, c: Map<string>, d: @types/node/net.AddressInfo): @types/node/querystring.ParsedUrlQuery
// EXPECT type Key<string> = { value: string }
// EXPECT type Map<string> = { keys: string[] }
import type { Component } from 'weavets'
import type { ParsedUrlQuery } from 'node:querystring'
import type { AddressInfo } from 'node:net'

declare global {
  interface Date {
    toMoney(): string
  }
}
/** Not ours: has the names, but not the declarations. */
interface Key<T> {
  value: T
}
interface Map<K> {
  keys: K[]
}

export interface Merged extends Component {
  date(a: Date, b: Key<string>, c: Map<string>, d: AddressInfo): Promise<ParsedUrlQuery>
}
