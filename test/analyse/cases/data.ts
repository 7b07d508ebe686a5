// EXPECT error WV2001 at 87:10 'any(a)' is 'any': its shape is not known at build time.
// EXPECT error WV2001 at 87:26 'any(b).meta' is 'any': its shape is not known at build time.
// EXPECT error WV2001 at 87:34 'any()' is 'any': its shape is not known at build time.
// EXPECT error WV2001 at 88:12 'whole()' is 'any': its shape is not known at build time.
// EXPECT error WV2002 at 89:17 'unresolved(a)' has a type that could not be resolved.
// EXPECT error WV2002 at 89:29 'unresolved(b)' has a type that could not be resolved.
// EXPECT error WV2002 at 89:48 'unresolved()' has a type that could not be resolved.
// EXPECT error WV2003 at 90:14 'unknown(a)' is 'unknown', which says too little to encode.
// EXPECT error WV2003 at 90:26 'unknown(b)' is 'object', which says too little to encode.
// EXPECT error WV2003 at 90:37 'unknown(c)' is '{}', which says too little to encode.
// EXPECT error WV2003 at 90:44 'unknown(d)' is 'Object', which says too little to encode.
// EXPECT error WV2003 at 90:66 'unknown().x' is 'unknown', which says too little to encode.
// EXPECT error WV2004 at 91:9 'fn(a)' is a function, which cannot leave its process.
// EXPECT error WV2004 at 91:24 'fn(b)' is a class, which cannot leave its process.
// EXPECT error WV2004 at 91:41 'fn(c)' is a 'Function', which cannot leave its process.
// EXPECT error WV2004 at 91:52 'fn()' is a class, which cannot leave its process.
// EXPECT error WV2004 at 92:14 'put(order).map.values()[].fn' is a function, which cannot leave its process.
// EXPECT error WV2004 at 92:27 'put(more).onDone' is a function, which cannot leave its process.
// EXPECT error WV2004 at 92:27 'put(more).onFail' is a function, which cannot leave its process.
// EXPECT error WV2005 at 92:14 'put(order).lines[].price' is an instance of the class 'Money', which would arrive without its methods and private state.
// EXPECT error WV2006 at 92:14 'put(order).index[key]' is a 'WeakMap', which cannot leave its process.
// EXPECT error WV2014 at 92:27 'put(more).total' is an accessor, not data.
// EXPECT error WV2017 at 92:14 'put(order)[toStringTag]' has a symbol as its key, which cannot leave its process.
// EXPECT error WV2006 at 93:14 'symbols(a)' is a 'symbol', which cannot leave its process.
// EXPECT error WV2017 at 93:25 'symbols(b)[key]' is indexed by symbols, which cannot leave their process.
// EXPECT error WV2006 at 94:14 'handles(a)' is a 'Socket', which cannot leave its process.
// EXPECT error WV2006 at 94:25 'handles(b)' is a 'Server', which cannot leave its process.
// EXPECT error WV2015 at 94:36 'handles(c)' is a 'Readable', which does not cross as what it is.
// EXPECT error WV2006 at 94:49 'handles(d)' is an 'EventEmitter', which cannot leave its process.
// EXPECT error WV2006 at 94:66 'handles(e)' is an 'IncomingMessage', which cannot leave its process.
// EXPECT error WV2006 at 94:86 'handles(f)' is a 'Stats', which cannot leave its process.
// EXPECT error WV2006 at 94:96 'handles(g)' is a 'Timeout', which cannot leave its process.
// EXPECT error WV2006 at 95:11 'lazy(a)' is an 'Iterable', which cannot leave its process.
// EXPECT error WV2006 at 95:32 'lazy(b)' is a 'Promise', which cannot leave its process.
// EXPECT error WV2006 at 95:52 'lazy(c)' is a 'Generator', which cannot leave its process.
// EXPECT error WV2005 at 96:15 'wrappers(a)' is the wrapper object 'String'.
// EXPECT error WV2006 at 96:26 'wrappers(b)' is a 'SharedArrayBuffer', which cannot leave its process.
// EXPECT error WV2006 at 96:48 'wrappers(c)' is a 'WeakSet', which cannot leave its process.
// EXPECT error WV2006 at 96:68 'wrappers(d)' is a 'DataView', which cannot leave its process.
// EXPECT Data.streams(a: stream of string, signal: signal): stream of string
// EXPECT error WV2015 at 98:16 'generator()' is an 'AsyncGenerator', which does not cross as what it is.
// EXPECT Data.inside(): stream of string
// EXPECT Data.component(a: reference Other): { other: reference Other }
// EXPECT error WV2018 at 101:13 'errors(a)' is the error class 'LocalError', which the receiver cannot import.
// EXPECT error WV2005 at 102:15 'subtypes(a)' is an instance of the class 'Tags', which would arrive without its methods and private state.
// EXPECT error WV2005 at 102:24 'subtypes(b)' is 'List', a kind of 'Array' that would arrive as a plain one.
// EXPECT error WV2005 at 102:33 'subtypes(c)' is 'string[] & { name: string; }': the further members would be lost.
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
export interface More {
  onDone: () => void; onFail?: (error: Error) => void
  get total(): number
}
export interface Order {
  lines: Line[]; map: Map<string, { fn(): void }>
  tuple: [string, Promise<string>]
  'the socket': Set<Socket>
  index: { [key: string]: WeakMap<object, string> }
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
  put(order: Order, more: More): Promise<Money>
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
