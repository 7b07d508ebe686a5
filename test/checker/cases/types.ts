/** Types as applications and packages write them; two compilers must see the same in each. ünïcode, 😀: offsets are UTF-16. */
import type { Component, Json, Key, Shared } from 'weavets'

declare const brand: unique symbol
export type OrderId = string & { readonly [brand]: 'OrderId' }
export type Cents = number & { __brand: 'Cents' }
export type Branded<T, B extends string> = T & { readonly __tag: B }
export type Email = Branded<string, 'Email'>

export enum Plain { A, B, C = 10 }
export enum Text { Zulu = 'z', Alpha = 'a' }
export enum Mixed { One = 1, Two = 'two' }
export enum Single { Only = 'only' }
export enum Computed { A = 'abc'.length, B = 2 }
export const enum Const { X = 'x', Y = 'y' }
export declare const enum Ambient { P = 1 }
export enum Negative { Minus = -1, Big = 2 ** 31 }

export type Template = `order-${number}` | `cart-${'a' | 'b'}-${string}`
export type Upper = Uppercase<'abc' | 'def'>
export type Loud<T extends string> = `${Uppercase<T>}!`

export interface Line { sku: string; quantity: number; readonly price?: bigint | undefined; note?: string | null }
export interface Order { readonly id: OrderId; lines: readonly Line[]; total: Cents; status: 'paid' | 'open' | 'lost' }
export type Patch = Partial<Omit<Order, 'id'>>
export type Picked = Pick<Order, 'id' | 'status'>
export type Needed = Required<Line>
export type Frozen = Readonly<Line>
export type Mutable<T> = { -readonly [K in keyof T]-?: T[K] }
export type Renamed = { [K in keyof Line as `get${Capitalize<K>}`]: Line[K] }
export type Nullable<T> = { [K in keyof T]: T[K] | null }
export type Deep<T> = T extends (infer U)[] ? Deep<U>[] : T extends object ? { readonly [K in keyof T]: Deep<T[K]> } : T
export type Unwrapped = Awaited<Promise<Promise<Line>>>
export type Extracted = Extract<'a' | 'b' | { c: 1 }, string>
export type Dictionary = Record<'x' | 'y', number> & Record<string, number>
export type Values = Order[keyof Order]
export type Keys = keyof Line

export type Tuple = [x: number, y?: string, ...rest: boolean[]]
export type Middle = readonly [first: string, ...middle: number[], last: Date]
export type Spread = [...Tuple, end: null]
export type Nested = [[1, 2], readonly ['a' | 'b']]

export interface Tree<T> { value: T; children: Tree<T>[]; parent?: Tree<T> | null }
export interface Linked<A, B = A[]> { a: A; b: B; swapped?: Linked<B, A> }
export type JsonLike = string | number | boolean | null | JsonLike[] | { [key: string]: JsonLike }
export interface Endless<T> { next?: Endless<T[]> }

export interface Merged { first: string }
export interface Merged { second?: number }
export interface Both extends Line, Merged { third: true }

export type Shape =
  | { kind: 'circle'; radius: number }
  | { kind: 'square'; side: number }
  | ({ kind: 'named' } & Merged)
export type Maybe = boolean | string | undefined
export type Flags = { on: true } | { on: false; why: string }
export type Big = 1n | -2n | 3n

export interface Indexed { [key: string]: number | string; length: number }
export interface ByNumber { [index: number]: string }
export interface BySymbol { [key: symbol]: string; ok: boolean }
export interface ByTemplate { [key: `x-${string}`]: string }

export class Point { constructor(readonly x: number, public y: number) {} }
export class Secret { #hidden = 1; private also = 2; protected more = 3; shown = 4; reveal() { return this.#hidden + this.also + this.more } }
export class Getter { get area() { return 1 } set area(_: number) {} static made = 1 }
export class Failure extends Error { constructor(message: string, readonly code: number, readonly at?: Date) { super(message) } }
export abstract class Abstract { abstract run(): void }
export namespace Outer { export namespace Inner { export interface Deep { in: string } } export type Alias = Inner.Deep | null }

export type Callback = (order: Order) => void
export type Constructor = new (name: string) => Line
export interface Callable { (x: number): string; extra: boolean }

export interface FromLibrary { options: Intl.DateTimeFormatOptions; part: Intl.DateTimeFormatPart; list: Intl.ResolvedNumberFormatOptions }

export interface Everything {
  library: FromLibrary
  orderId: OrderId; cents: Cents; email: Email; plain: Plain; text: Text; mixed: Mixed; single: Single; computed: Computed
  constant: Const; ambient: Ambient; negative: Negative; member: Text.Alpha; two: Plain.A | Plain.B
  template: Template; upper: Upper; loud: Loud<'hey' | 'ho'>; patch: Patch; picked: Picked; needed: Needed; frozen: Frozen
  mutable: Mutable<Order>; renamed: Renamed; nullable: Nullable<Line>; deep: Deep<Order>; unwrapped: Unwrapped
  extracted: Extracted; dictionary: Dictionary; values: Values; keys: Keys; tuple: Tuple; middle: Middle; spread: Spread; nested: Nested
  tree: Tree<string>; linked: Linked<number>; json: JsonLike; ours: Json; merged: Merged; both: Both; shape: Shape; maybe?: Maybe
  flags: Flags; big: Big; indexed: Indexed; byNumber: ByNumber; point: Point; failure: Failure; deepest: Outer.Inner.Deep; alias: Outer.Alias
  map: Map<string, Set<Line>>; date: Date; url: URL; regexp: RegExp; bytes: Uint8Array; buffer: ArrayBuffer; node: Buffer
  floats: Float64Array; error: Error; range: RangeError; nothing: null; absent: undefined; never: never; shared: Shared<Order>
  'quoted name': string; 42: string; readonly arrays: readonly (readonly string[])[]; union: (string | number)[] | Map<string, number>
  optional?: string | undefined; exact?: number; list: Array<Line | null>; tags: ReadonlySet<string>; ids: ReadonlyMap<OrderId, 'b' | 'a'>
}

export interface Store extends Component {
  /** @idempotent @timeout 2s */
  everything(all: Everything): Promise<Everything>
  byKey(id: Key<string>, other?: Plain, ...more: Text[]): Promise<Order | undefined>
  generic(tree: Tree<Line>, linked: Linked<string, Date>): Promise<Tree<Linked<number>>>
  /**
   * With *prose* and `@timeout 9s` in code.
   * @idempotent
   * @timeout 1m
   */
  spelled({ a, b }: { a: string; b: number }, [c]: [number]): Promise<void>
  stream(from: Date): AsyncIterable<Order>
  uploads(lines: AsyncIterable<Line>, signal: AbortSignal): Promise<number>
}

export class MemoryStore implements Store {
  constructor(readonly name = 'x', private readonly other?: Other) {}
  async everything(all: Everything) { return all }
  /** @timeout 3s */
  async byKey(id: string) { return id === this.name ? undefined : (undefined as unknown as Order) }
  async generic() { return undefined as unknown as Tree<Linked<number>> }
  async spelled() {}
  async *stream(): AsyncGenerator<Order> {}
  async uploads() { return 0 }
}
export interface Other extends Component { ping(): Promise<void> }
class Hidden implements Other { async ping() {} }
export default class extends Hidden implements Other {}
export const hidden = Hidden
