/**
 * What generated code asks of values: is it of a built-in class, what does it hold, and as a plain check that gives the value
 * back. A value of another realm (`node:vm`) counts: `instanceof` is tried first because it is inlined, Node's own tests
 * decide. Whatever doesn't fit throws a `Mismatch`.
 */
import { types } from 'node:util'
import type { BytesKind } from '../shape.ts'
import { mismatch } from './signal.ts'

export function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

const MAP_SIZE = getterOf(Map.prototype, 'size')
const SET_SIZE = getterOf(Set.prototype, 'size')
const URL_HREF = getterOf(URL.prototype, 'href')

function getterOf(prototype: object, name: PropertyKey): (this: unknown) => unknown {
  return Object.getOwnPropertyDescriptor(prototype, name)?.get as (this: unknown) => unknown
}

/** A proxy of an instance, or what merely has the prototype, is none: a getter of the class won't have it. */
function answers(getter: (this: unknown) => unknown, value: unknown): boolean {
  try {
    getter.call(value)
    return true
  } catch (error) {
    // Anything else is not about the value: the stack may be at its end.
    if (error instanceof TypeError) return false
    throw error
  }
}

export function isMap(value: unknown): value is Map<unknown, unknown> {
  return value instanceof Map ? answers(MAP_SIZE, value) : types.isMap(value)
}

export function isSet(value: unknown): value is Set<unknown> {
  return value instanceof Set ? answers(SET_SIZE, value) : types.isSet(value)
}

export function isDate(value: unknown): value is Date {
  return types.isDate(value)
}

/** `lastIndex` can be set to anything. */
export function isRegExp(value: unknown): value is RegExp {
  return types.isRegExp(value) && typeof value.lastIndex === 'number'
}

export function isUrl(value: unknown): value is URL {
  return value instanceof URL && answers(URL_HREF, value)
}

export function isError(value: unknown): value is Error {
  return value instanceof Error || types.isNativeError(value)
}

/** An `AbortSignal`, of another realm or another implementation too. */
export function isSignal(value: unknown): value is AbortSignal {
  return (
    value instanceof AbortSignal ||
    (isObject(value) && Object.prototype.toString.call(value) === '[object AbortSignal]')
  )
}

/** What `for await` accepts as asynchronous. */
export function isStream(value: unknown): value is AsyncIterable<unknown> {
  return isObject(value) && typeof (value as Partial<AsyncIterable<unknown>>)[Symbol.asyncIterator] === 'function'
}

/** By what `Object.prototype.toString` calls them: an instance of any realm, and of a subclass. */
const BUILT_IN = new Set(
  (
    'Array ArrayBuffer AsyncGenerator BigInt Boolean DataView Date Error FinalizationRegistry Generator Map Number Promise RegExp ' +
    'Set SharedArrayBuffer String Symbol WeakMap WeakRef WeakSet AbortController AbortSignal Blob BroadcastChannel CryptoKey ' +
    'DOMException Event EventTarget File FormData Headers MessageChannel MessagePort ReadableStream Request Response TextDecoder ' +
    'TextEncoder TransformStream URL URLSearchParams WebSocket WritableStream'
  ).split(' '),
)

/** An instance of a class of the language or of the platform, or of a subclass: what it holds is not in its members. */
export function isBuiltIn(value: object): boolean {
  if (Array.isArray(value) || ArrayBuffer.isView(value)) return true
  const name = Object.prototype.toString.call(value).slice('[object '.length, -1)
  return BUILT_IN.has(name) || name.endsWith('Iterator') || name.startsWith('Intl.') || name.startsWith('Temporal.')
}

/**
 * An object that is data by itself: made by `{}`, without a prototype, or of a class of the user's. For types whose members may all be
 * absent: an instance of a built-in class would pass for an empty one.
 */
export function isRecord(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false
  const prototype = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null || isPlain(value) || !isBuiltIn(value)
}

/** What an index signature of numbers accepts without a cast. */
export function isIndexed(value: unknown): boolean {
  return Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView))
}

/** An instance of a built-in class that has one of these members all the same: an `Error` is a `{ message?: string }`. */
export function hasOneOf(value: unknown, names: readonly string[]): boolean {
  return isObject(value) && names.some((name) => hasMember(value, name))
}

type TypedArray = Exclude<BytesKind, 'ArrayBuffer' | 'Buffer'>
type TypedArrayClass = new (buffer: ArrayBufferLike, at?: number, length?: number) => NodeJS.TypedArray

/** `Float16Array` isn't there before Node.js 24; no value is of it then. */
const CLASSES: Record<TypedArray, TypedArrayClass | undefined> = {
  Uint8Array,
  Uint8ClampedArray,
  Int8Array,
  Uint16Array,
  Int16Array,
  Uint32Array,
  Int32Array,
  Float16Array: (globalThis as { Float16Array?: TypedArrayClass }).Float16Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
}

/** The same for `Array.isArray`: V8 calls a class by this name, whatever realm or subclass it is of. */
const NAME_OF = getterOf(Object.getPrototypeOf(Uint8Array.prototype), Symbol.toStringTag)

export function isBytes(value: unknown, type: BytesKind): boolean {
  if (type === 'ArrayBuffer') return types.isArrayBuffer(value)
  return type === 'Buffer' ? Buffer.isBuffer(value) : NAME_OF.call(value) === type
}

/** The kind of bytes that a value is, if any. */
export function bytesKind(value: unknown): BytesKind | undefined {
  if (types.isArrayBuffer(value)) return 'ArrayBuffer'
  return Buffer.isBuffer(value) ? 'Buffer' : (NAME_OF.call(value) as BytesKind | undefined)
}

export function isBytesKind(name: string): name is BytesKind {
  return name === 'ArrayBuffer' || name === 'Buffer' || Object.hasOwn(CLASSES, name)
}

/** The bytes of a typed array as they lie in memory (little-endian on every machine that Node supports but s390x). */
export function bytesOf(value: unknown, type: BytesKind): Uint8Array {
  if (!isBytes(value, type)) mismatch()
  if (type === 'Uint8Array' || type === 'Buffer') return value as Uint8Array
  if (type === 'ArrayBuffer') return new Uint8Array(value as ArrayBuffer)
  const array = value as NodeJS.TypedArray
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength)
}

/** A typed array over `buffer`, or undefined when its length isn't a multiple of an element's. */
export function bytesFrom(buffer: ArrayBuffer, type: BytesKind): ArrayBuffer | NodeJS.TypedArray | undefined {
  if (type === 'ArrayBuffer') return buffer
  if (type === 'Buffer') return Buffer.from(buffer)
  const array = CLASSES[type]
  if (!array) return undefined
  const size = (array as unknown as { BYTES_PER_ELEMENT: number }).BYTES_PER_ELEMENT
  return buffer.byteLength % size === 0 ? new array(buffer) : undefined
}

/** Own times of `Date`: a subclass or an own property `getTime` isn't asked. */
export function timeOf(value: unknown): number {
  return isDate(value) ? Date.prototype.getTime.call(value) : mismatch()
}

export function hrefOf(value: unknown): string {
  return isUrl(value) ? (URL_HREF.call(value) as string) : mismatch()
}

/** Reads a member whose name every object inherits from `Object.prototype`, which doesn't count. */
export function member(object: object, name: string): unknown {
  return hasMember(object, name) ? Reflect.get(object, name) : undefined
}

export function hasMember(object: object, name: string): boolean {
  for (let holder: object | null = object; holder !== null; holder = Object.getPrototypeOf(holder)) {
    if (holder === Object.prototype) return false
    if (Object.hasOwn(holder, name)) return holder === object || !isObjectPrototype(holder)
  }
  return false
}

/** That of another realm: what objects inherit from it is no member of theirs either. */
const isObjectPrototype = (holder: object): boolean =>
  Object.getPrototypeOf(holder) === null && Object.hasOwn(holder, 'hasOwnProperty')

/** Sets an own property; the key `__proto__` is data like others. */
export function setKey(object: object, key: string, value: unknown): void {
  if (key === '__proto__') {
    Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true })
  } else (object as Record<string, unknown>)[key] = value
}

/** Members that are there and `undefined`, by their bits; those that have been read stay. */
export function setUndefined(object: object, bits: number, names: readonly string[]): void {
  for (const [bit, name] of names.entries()) {
    if (bits & (1 << bit) && !Object.hasOwn(object, name)) setKey(object, name, undefined)
  }
}

/** Takes the prototype away from an object that has just been made: the one it stands for has none. */
export function bare<T extends object>(object: T): T {
  return Object.setPrototypeOf(object, null)
}

/** An object made by `{}` or without a prototype, of any realm. */
export function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value)
  return prototype === null || prototype === Object.prototype || Object.getPrototypeOf(prototype) === null
}

export function object(value: unknown): object {
  return isObject(value) ? value : mismatch()
}

export function array(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : mismatch()
}

/** With the entries that it has: a subclass isn't asked which it shows. */
export function map(value: unknown): Map<unknown, unknown> {
  if (!isMap(value)) mismatch()
  return Object.getPrototypeOf(value) === Map.prototype ? value : new Map(Map.prototype.entries.call(value))
}

export function set(value: unknown): Set<unknown> {
  if (!isSet(value)) mismatch()
  return Object.getPrototypeOf(value) === Set.prototype ? value : new Set(Set.prototype.values.call(value))
}

export function boolean(value: unknown): boolean {
  return typeof value === 'boolean' ? value : mismatch()
}

export function number(value: unknown): number {
  return typeof value === 'number' ? value : mismatch()
}

export function bigint(value: unknown): bigint {
  return typeof value === 'bigint' ? value : mismatch()
}

export function string(value: unknown): string {
  return typeof value === 'string' ? value : mismatch()
}

export function same(value: unknown, expected: unknown): unknown {
  return value === expected ? value : mismatch()
}
