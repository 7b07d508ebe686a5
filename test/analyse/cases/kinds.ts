// EXPECT Kinds.primitives(a: boolean, b: number, c: bigint, d: string, e: null, f: undefined): undefined
// EXPECT Kinds.literals(a: "x", b: 1, c: true, d: 12n, e: 1|2|"a:"|"b"|"z"): "off"|"on"
// EXPECT Kinds.templates(a: string, b: string): string
// EXPECT Kinds.enums(a: "b"|"r", b: number, c: 1, d: number, e: number): (number | string)
// EXPECT Kinds.arrays(a: string[], b: readonly string[], c: string[][]): readonly readonly number[][]
// EXPECT Kinds.tuples(a: [string, number?, ...boolean], b: readonly [1, 2], c: []): [1]
// EXPECT Kinds.collections(a: Map<string, Set<number>>, b: readonly Map<Item, readonly Set<date>>): undefined
// EXPECT Kinds.builtins(a: date, b: url, c: regexp, d: json): (undefined | json else)
// EXPECT Kinds.branded(a: string, b: number, c: { a: string }, d: "a"|"b"): string
// EXPECT Kinds.shared(a: Shared<Item>, b: Shared<string[]>): (undefined | Shared<Item>)
// EXPECT Kinds.errors(a: error, b: error, c: error, d: error): (undefined | error)
// EXPECT Kinds.optional(a: string, b?: number, ...rest: Item[]): undefined
// EXPECT Kinds.pattern(arg0: { a: string }, ...rest: [string, number?]): undefined
// EXPECT type Bytes = { a: Uint8Array; b: Uint8ClampedArray; c: Int8Array; d: Uint16Array; e: Int16Array; f: Uint32Array; g: Int32Array; h: Float32Array; i: Float64Array; j: BigInt64Array; k: BigUint64Array; l: ArrayBuffer; m: Buffer }
import type { Component, Json, Shared } from 'weavets'
import type { URL as NodeUrl } from 'node:url'

enum Colour {
  Red = 'r',
  Blue = 'b',
}
enum Level {
  Low,
  High,
}
enum Flags {
  A = 1,
  B = 1 << 1,
  C = A | B,
}
export interface Item {
  id: string
}
export interface Bytes {
  a: Uint8Array
  b: Uint8ClampedArray
  c: Int8Array
  d: Uint16Array
  e: Int16Array
  f: Uint32Array
  g: Int32Array
  h: Float32Array
  i: Float64Array
  j: BigInt64Array
  k: BigUint64Array
  l: ArrayBuffer
  m: Buffer
}
declare const tag: unique symbol
type UserId = string & { readonly [tag]: 'UserId' }
type Cents = number & { __brand: 'Cents' }
type Meta = Json
export class Broken extends Error {
  readonly part = 'wheel'
}
export class VeryBroken extends Broken {}
interface Coded extends Error {
  code: string
}

export interface Kinds extends Component {
  primitives(a: boolean, b: number, c: bigint, d: string, e: null, f: undefined): Promise<void>
  literals(a: 'x', b: 1, c: true, d: 12n, e: 'z' | 2 | 'a:' | 1 | 'b'): Promise<'on' | 'off'>
  templates(a: `x-${string}`, b: Uppercase<string>): Promise<`${number}px`>
  enums(a: Colour, b: Level, c: Level.High, d: Flags, e: Level.High | Level.Low): Promise<Level | string>
  arrays(a: string[], b: readonly string[], c: Array<Array<string>>): Promise<ReadonlyArray<readonly number[]>>
  tuples(a: [string, number?, ...boolean[]], b: readonly [1, 2], c: []): Promise<[x: 1]>
  collections(a: Map<string, Set<number>>, b: ReadonlyMap<Item, ReadonlySet<Date>>): Promise<void>
  builtins(a: Date, b: NodeUrl, c: RegExp, d: Json): Promise<Meta | undefined>
  branded(a: UserId, b: Cents, c: { a: string } & { __brand: 'C' }, d: ('a' | 'b') & { [tag]: 1 }): Promise<UserId>
  shared(a: Shared<Item>, b: Shared<string[]>): Promise<Shared<Item> | undefined>
  errors(a: Error, b: TypeError, c: Broken | VeryBroken, d: Coded): Promise<Error | undefined>
  optional(a: string, b?: number, ...rest: Item[]): Promise<void>
  pattern({ a }: { a: string }, ...rest: [string, number?]): Promise<void>
  bytes(all: Bytes): Promise<void>
}
