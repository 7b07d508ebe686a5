/** What can't cross, with the texts of its types: each checker words them in its own way, and the reports must not. */
import { EventEmitter } from 'node:events'
import type { Readable } from 'node:stream'
import type { Component, Key } from 'weavets'
import type { Missing } from './does-not-exist.ts'
import { BySymbol, ByTemplate, Callable, Callback, Constructor, Endless, Getter, Secret, type Abstract } from './types.ts'

export interface Generic<T> { of: T; more: Generic<T>[] }
export type Conditional<T> = T extends string ? { text: T } : { other: T }
export type Ambiguous = { a?: string; b?: 'z' | 'y' } | { b?: 'x' | 'w' | undefined; c?: number }
export type Curried = (a: 'z' | 'b' | 'a', ...rest: (string | number)[]) => (() => void) | null | undefined

export interface Calls<T> { (value: T): Promise<T>; note?: string }
export interface Makes<T> { new (value: T): { made: T } }
export interface Keeps<T> { [key: string]: T | undefined; kept(value: T): void }
export class Both<T> { m(value: T): T { return value } static m(): void {} }
export namespace Both { export const more = 1 }

export interface Bad extends Component {
  callable(a: Calls<string>, b: Makes<'b' | 'a'>, c: Calls<number>, d: Keeps<'b' | 'a'>): Promise<Both<string>['m']>
  any(value: any): Promise<any>
  unknown(value: unknown, object: object, empty: {}): Promise<unknown>
  functions(value: Callback, other: { done: Curried; late?: () => 'b' | 'a' }): Promise<Constructor>
  symbols(a: symbol, b: BySymbol, c: ByTemplate, d: typeof Symbol.iterator): Promise<void>
  missing(value: Missing, list: Missing[]): Promise<void>
  classes(a: Secret, b: Getter, c: Abstract, d: Callable, e: typeof Secret): Promise<void>
  handles(a: Readable, b: EventEmitter, c: WeakMap<object, string>, d: Promise<'b' | 'a'>): Promise<void>
  open<T>(value: T, list: T[], other: Conditional<T>): Promise<Generic<T>>
  endless(value: Endless<string>): Promise<void>
  ambiguous(value: Ambiguous): Promise<void>
  keys(data: { key: Key<string> }, list: Key<'b' | 'a'>[]): Promise<Map<{ a: 1 }, string>>
  overloaded(a: string): Promise<void>
  overloaded(a: number): Promise<void>
  property: { a: 'z' | 'a' } | null
  optional?(): Promise<void>
  sync(): 'b' | 'a' | undefined
  then(): Promise<void>
  [Symbol.dispose](): Promise<void>
  thisType(): Promise<this>
  guard(value: unknown): value is 'c' | 'b'
  nested(value: { deep: { list: [first: string, (a: 'z' | 'a') => void] }[] }): Promise<void>
  intersection(value: { a: string } & { a: number; b: () => void }): Promise<void>
  generator(): AsyncGenerator<number>
}
export interface Repo<T extends object = { id: string }> extends Component { find(): Promise<T> }
export interface Users extends Repo<{ name: 'b' | 'a' }> {}
export class UsersImpl implements Users {
  private constructor(readonly repo: Repo<{ x: 1 }>, url: string, { a }: { a?: 'z' | 'b' } = {}, ...rest: number[]) {
    void [url, a, rest]
  }
  async find() { return { name: 'a' as const } }
}
export abstract class BadImpl implements Bad, EventListenerObject { declare property: null }
