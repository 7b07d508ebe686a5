/**
 * Classes and interfaces of the language and of Node.js, by name: those that cross, and those that are bound to their
 * process, each with its own reason and advice. They count only when TypeScript's library or @types/node declares them.
 */
import type { BytesKind, Shape } from '../../../runtime/shape.ts'
import type { Code } from '../../diagnostics/catalogue.ts'

export type Crossing =
  | { readonly kind: 'whole'; readonly shape: Shape }
  | { readonly kind: 'map' | 'set'; readonly readonly: boolean }

const whole = (shape: Shape): Crossing => ({ kind: 'whole', shape })
const bytes = (type: BytesKind): Crossing => whole({ kind: 'bytes', type })

export const CROSSING: ReadonlyMap<string, Crossing> = new Map<string, Crossing>([
  ['Map', { kind: 'map', readonly: false }],
  ['ReadonlyMap', { kind: 'map', readonly: true }],
  ['Set', { kind: 'set', readonly: false }],
  ['ReadonlySet', { kind: 'set', readonly: true }],
  ['Date', whole({ kind: 'date' })],
  ['URL', whole({ kind: 'url' })],
  ['RegExp', whole({ kind: 'regexp' })],
  ['Buffer', bytes('Buffer')],
  ['NonSharedBuffer', bytes('Buffer')],
  ['Uint8Array', bytes('Uint8Array')],
  ['Uint8ClampedArray', bytes('Uint8ClampedArray')],
  ['Int8Array', bytes('Int8Array')],
  ['Uint16Array', bytes('Uint16Array')],
  ['Int16Array', bytes('Int16Array')],
  ['Uint32Array', bytes('Uint32Array')],
  ['Int32Array', bytes('Int32Array')],
  ['Float16Array', bytes('Float16Array')],
  ['Float32Array', bytes('Float32Array')],
  ['Float64Array', bytes('Float64Array')],
  ['BigInt64Array', bytes('BigInt64Array')],
  ['BigUint64Array', bytes('BigUint64Array')],
  ['ArrayBuffer', bytes('ArrayBuffer')],
])

export interface Bound {
  readonly code: Code
  readonly why: string
  readonly fix: string
}

/** These cross item by item, where they are a whole parameter or result. */
export const STREAMS: ReadonlySet<string> = new Set(['AsyncIterable', 'AsyncIterableIterator', 'AsyncIteratorObject'])

const NESTED_STREAM: Bound = {
  code: 'WV2015',
  why: 'a stream is carried beside a call, item by item, and not inside of data',
  fix: 'make it a parameter of its own, or the whole result: AsyncIterable<T>, or a Promise of one',
}
const GENERATOR: Bound = {
  code: 'WV2015',
  why: 'what is sent into it, and what it returns in the end, would not arrive',
  fix: "declare 'AsyncIterable<T>'; an async generator is one",
}
const BYTE_STREAM: Bound = {
  code: 'WV2015',
  why: 'it has a buffer and methods of its own, which stay in its process',
  fix: "declare the 'AsyncIterable' of its chunks, 'AsyncIterable<Uint8Array>' or 'AsyncIterable<string>'; a readable stream is one",
}
const HANDLE: Bound = {
  code: 'WV2006',
  why: 'it holds an open handle, so it has no codec',
  fix: 'pass the data that the receiver needs of it',
}
const LAZY: Bound = {
  code: 'WV2006',
  why: 'it computes its items in this process, one at a time',
  fix: 'pass an array: [...items]',
}
const WEAK: Bound = {
  code: 'WV2006',
  why: 'it lives by identity, and a copy has another one',
  fix: 'pass a Map or a Set of the values themselves',
}
const bound = (why: string, fix: string, code: Code = 'WV2006'): Bound => ({ code, why, fix })
const wrapper = (primitive: string): Bound =>
  bound('it is the object around a primitive', `use '${primitive}'`, 'WV2005')

export const BOUND: ReadonlyMap<string, Bound> = new Map<string, Bound>([
  ['AsyncIterable', NESTED_STREAM],
  ['AsyncIterableIterator', NESTED_STREAM],
  ['AsyncIteratorObject', NESTED_STREAM],
  ['AsyncIterator', GENERATOR],
  ['AsyncGenerator', GENERATOR],
  ['ReadableStream', BYTE_STREAM],
  ['Readable', BYTE_STREAM],
  [
    'AbortSignal',
    bound(
      'an abort is carried beside the call, for the call as a whole',
      "make it the method's last parameter: 'signal?: AbortSignal'",
      'WV2016',
    ),
  ],
  [
    'AbortController',
    bound(
      'only its signal crosses, so that the caller alone can abort',
      "pass 'controller.signal' as the last argument, and declare 'signal?: AbortSignal'",
      'WV2016',
    ),
  ],
  ['Promise', bound('it settles in the process that made it', 'await it before the call and pass its value')],
  ['PromiseLike', bound('it settles in the process that made it', 'await it before the call and pass its value')],
  ['Iterable', LAZY],
  ['Iterator', LAZY],
  ['IterableIterator', LAZY],
  ['IteratorObject', LAZY],
  ['Generator', LAZY],
  ['MapIterator', LAZY],
  ['SetIterator', LAZY],
  ['ArrayIterator', LAZY],
  ['WeakMap', WEAK],
  ['WeakSet', WEAK],
  ['WeakRef', WEAK],
  ['Socket', bound(HANDLE.why, "pass what the receiver needs of it, such as 'socket.remoteAddress'")],
  ['Timeout', bound('it is a timer of this process', 'pass the time itself')],
  [
    'Function',
    bound('its code and what it closes over live in this process', 'pass the data that it would work on', 'WV2004'),
  ],
  ['SharedArrayBuffer', bound('its memory belongs to this process', 'pass an ArrayBuffer')],
  ['ArrayBufferView', bound('it may be any typed array or a DataView', "name one, such as 'Uint8Array'", 'WV2003')],
  ['DataView', bound('it is a window onto bytes', "pass the bytes as 'Uint8Array'")],
  ['ArrayLike', bound('it may be an array, a string or any object with a length', 'pass an array', 'WV2003')],
  ['Blob', bound('its bytes are read asynchronously', "pass 'new Uint8Array(await blob.arrayBuffer())'")],
  ['File', bound('its bytes are read asynchronously', "pass its name and 'new Uint8Array(await file.arrayBuffer())'")],
  ['Request', bound(HANDLE.why, 'pass the URL, headers and body that the receiver needs')],
  ['Response', bound(HANDLE.why, 'pass the status and the body that the receiver needs')],
  ['Headers', bound('it is an object with behaviour', 'pass Object.fromEntries(headers)')],
  ['URLSearchParams', bound('it is an object with behaviour', "pass 'params.toString()', or the URL")],
  ['FormData', bound('it may hold files, which are read asynchronously', 'pass its fields')],
  ['Object', bound('it accepts nearly everything', "name its members, or use 'Json'", 'WV2003')],
  ['String', wrapper('string')],
  ['Number', wrapper('number')],
  ['Boolean', wrapper('boolean')],
  ['BigInt', wrapper('bigint')],
  ['Symbol', wrapper('string')],
])

/** What a class or an interface with methods of Node.js or the language is, when the table doesn't name it. */
export const BOUND_OTHER: Bound = HANDLE

export const ERRORS: ReadonlySet<string> = new Set([
  'Error',
  'TypeError',
  'RangeError',
  'SyntaxError',
  'ReferenceError',
  'EvalError',
  'URIError',
  'AggregateError',
])
