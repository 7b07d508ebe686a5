import type { Component } from 'weavets'
import type { EventEmitter } from 'node:events'
import type { Stats } from 'node:fs'
import type { IncomingMessage, Server } from 'node:http'
import type { Socket } from 'node:net'
import type { Readable } from 'node:stream'
import type { Missing } from './not-there.ts'

class Money {
  constructor(
    readonly units: number,
    private readonly secret: string,
  ) {}
  add() {}
}
export interface Line {
  price: Money
}
export interface Order {
  lines: Line[]
  onDone: () => void
  onFail?: (error: Error) => void
  map: Map<string, { fn(): void }>
  tuple: [string, Promise<string>]
  'the socket': Set<Socket>
  index: { [key: string]: WeakMap<object, string> }
  get total(): number
  [Symbol.toStringTag]: string
}
class LocalError extends Error {}
export interface Other extends Component {
  put(order: Order): Promise<void>
}
class Tags extends Array<string> {}
interface List extends Array<string> {
  name: string
}

export interface Data extends Component {
  any(a: any, b: { meta: any }): Promise<any>
  whole(): any
  unresolved(a: Missing, b: Partial<Missing>): Promise<Missing>
  unknown(a: unknown, b: object, c: {}, d: Object): Promise<{ x: unknown }>
  fn(a: () => void, b: typeof Money, c: Function): Promise<new () => string>
  put(order: Order): Promise<Money>
  symbols(a: symbol, b: { [key: symbol]: string }): Promise<void>
  handles(a: Socket, b: Server, c: Readable, d: EventEmitter, e: IncomingMessage, f: Stats, g: NodeJS.Timeout): Promise<Socket>
  lazy(a: Iterable<string>, b: Promise<string>, c: Generator<string>): Promise<void>
  wrappers(a: String, b: SharedArrayBuffer, c: WeakSet<object>, d: DataView): Promise<void>
  streams(a: AsyncIterable<string>, signal: AbortSignal): AsyncIterable<string>
  generator(): AsyncGenerator<string>
  inside(): Promise<AsyncIterable<string>>
  component(a: Other): Promise<{ other: Other }>
  errors(a: LocalError): Promise<void>
  subtypes(a: Tags, b: List, c: string[] & { name: string }): Promise<void>
}
