/**
 * A codec for values whose type nobody declared: the fields of a thrown error, or a thrown value that is no error. Each part is
 * preceded by a tag. It never fails at the sender: what can't cross (functions, symbols, what is bound to its process), what is
 * circular and what exceeds the limits is left out or replaced by a word in brackets, because a failing error report is worse than
 * a short one. An instance crosses by the codec of its class (error-values.ts), or as the plain data that it holds.
 */
import { EventEmitter } from 'node:events'
import { LIMITS } from '../limits.ts'
import { Stub } from '../stub.ts'
import { regExpFrom, urlFrom } from './builtins.ts'
import type { ErrorValues } from './error-values.ts'
import {
  bytesFrom,
  bytesKind,
  bytesOf,
  isBuiltIn,
  isBytesKind,
  isDate,
  isError,
  isMap,
  isObject,
  isPlain,
  isRegExp,
  isSet,
  isUrl,
  timeOf,
} from './kinds.ts'
import { protocolError, type Reader } from './reader.ts'
import type { Writer } from './writer.ts'

const TAGS = {
  undefined: 0,
  null: 1,
  false: 2,
  true: 3,
  number: 4,
  string: 5,
  bigint: 6,
  array: 7,
  object: 8,
  date: 9,
  map: 10,
  set: 11,
  bytes: 12,
  url: 13,
  regexp: 14,
  error: 15,
  circular: 16,
  leftOut: 17,
  instance: 18,
  /** An object without a prototype. */
  bare: 19,
  /** An element of an array that isn't there. */
  hole: 20,
} as const

export class AnyWriter {
  readonly #writer: Writer
  readonly #writeError: (error: Error) => void
  readonly #values: ErrorValues
  /** Values that hold the one being written, errors among them. */
  readonly #holders: object[] = []
  readonly #bytesEnd: number

  /** `writeError` writes an error found on the way; it calls `inside` for what the error holds. */
  constructor(writer: Writer, values: ErrorValues, writeError: (error: Error) => void) {
    this.#writer = writer
    this.#values = values
    this.#writeError = writeError
    this.#bytesEnd = writer.position + LIMITS.errorBytesMax
  }

  /** Bytes that may still be written. */
  get bytesLeft(): number {
    return this.#bytesEnd - this.#writer.position
  }

  /** Whether the value can be written inside of what is being written now. */
  fits(value: object): boolean {
    return this.bytesLeft > 0 && this.#holders.length < LIMITS.errorDepthMax && !this.#holders.includes(value)
  }

  inside(holder: object, write: () => void): void {
    this.#holders.push(holder)
    write()
    this.#holders.pop()
  }

  write(value: unknown): void {
    const writer = this.#writer
    switch (typeof value) {
      case 'undefined':
        writer.uint8(TAGS.undefined)
        return
      case 'boolean':
        writer.uint8(value ? TAGS.true : TAGS.false)
        return
      case 'number':
        writer.uint8(TAGS.number)
        writer.number(value)
        return
      case 'bigint':
        writer.uint8(TAGS.bigint)
        writer.bigint(value)
        return
      case 'string':
        writer.uint8(TAGS.string)
        writer.string(this.cut(value))
        return
      case 'object':
        if (value === null) writer.uint8(TAGS.null)
        else if (this.#holders.includes(value)) writer.uint8(TAGS.circular)
        else if (!this.fits(value)) writer.uint8(TAGS.leftOut)
        else this.inside(value, () => this.#object(value))
        return
      default:
        writer.uint8(TAGS.leftOut)
    }
  }

  /** As much of a string as may still be written, and never so much that nothing else may. */
  cut(text: string): string {
    const lengthMax = Math.max(0, Math.min(this.bytesLeft, LIMITS.errorBytesMax / 4))
    return text.length <= lengthMax ? text : `${text.slice(0, lengthMax)}…`
  }

  #object(value: object): void {
    const writer = this.#writer
    const bytes = bytesKind(value)
    const crossing = isPlain(value) || isError(value) ? undefined : this.#values.encode(value)
    if (crossing !== undefined) {
      writer.uint8(TAGS.instance)
      writer.string(crossing.name)
      this.write(crossing.wire)
    } else if (bytes !== undefined) {
      const content = bytesOf(value, bytes)
      if (content.byteLength > this.bytesLeft) {
        writer.uint8(TAGS.leftOut)
        return
      }
      writer.uint8(TAGS.bytes)
      writer.string(bytes)
      writer.bytes(content)
    } else if (isError(value)) {
      writer.uint8(TAGS.error)
      this.#writeError(value)
    } else if (isDate(value)) {
      writer.uint8(TAGS.date)
      writer.float64(timeOf(value))
    } else if (isUrl(value)) {
      writer.uint8(TAGS.url)
      writer.string(value.href)
    } else if (isRegExp(value)) {
      writer.uint8(TAGS.regexp)
      writer.string(value.source)
      writer.string(value.flags)
      writer.number(value.lastIndex)
    } else if (Array.isArray(value)) this.#list(TAGS.array, value)
    else if (isSet(value)) this.#list(TAGS.set, [...value])
    else if (isMap(value)) this.#list(TAGS.map, [...value].flat())
    else if (isBound(value)) writer.uint8(TAGS.leftOut)
    else {
      writer.uint8(Object.getPrototypeOf(value) === null ? TAGS.bare : TAGS.object)
      this.fields(value, () => true)
    }
  }

  #list(tag: number, items: readonly unknown[]): void {
    const count = Math.min(items.length, LIMITS.errorItemsMax)
    this.#writer.uint8(tag)
    this.#writer.varint(count)
    for (let index = 0; index < count; index++) {
      if (index in items) this.write(items[index])
      else this.#writer.uint8(TAGS.hole)
    }
  }

  /** Own enumerable members for which `included` holds; those that can't be read or can't cross are left out. */
  fields(object: object, included: (key: string) => boolean): void {
    let count = 0
    for (const key of Object.keys(object)) {
      if (!included(key) || key.length > this.bytesLeft || count === LIMITS.errorItemsMax) continue
      const value = readQuietly(object, key)
      if (typeof value === 'function' || typeof value === 'symbol') continue
      if (isObject(value) && isBound(value) && !this.#values.encode(value)) continue
      count++
      this.#writer.boolean(true)
      this.#writer.string(key)
      this.write(value)
    }
    this.#writer.boolean(false)
  }
}

/** A promise, a weak map, an iterator, a socket, a component: nothing of it means anything elsewhere. */
function isBound(value: object): boolean {
  if (value instanceof EventEmitter || value instanceof Stub) return true
  if (isPlain(value) || !isBuiltIn(value)) return false
  const isCarried =
    Array.isArray(value) ||
    bytesKind(value) !== undefined ||
    [isError, isDate, isUrl, isRegExp, isSet, isMap].some((is) => is(value))
  return !isCarried
}

/** A member whose getter may throw. */
export function readQuietly(object: object, key: string): unknown {
  try {
    return (object as Record<string, unknown>)[key]
  } catch {
    return undefined
  }
}

export class AnyReader {
  /** It met an instance before the codecs were there, and gave what the codec made of it: read again when they are. */
  incomplete = false
  readonly #reader: Reader
  readonly #values: ErrorValues
  readonly #readError: () => Error
  #depth = 0

  constructor(reader: Reader, values: ErrorValues, readError: () => Error) {
    this.#reader = reader
    this.#values = values
    this.#readError = readError
  }

  /** Around everything that may nest: a hostile peer doesn't keep to the writer's limits. */
  inside<T>(read: () => T): T {
    // One more than the writer's limit, for the thrown value itself.
    if (++this.#depth > LIMITS.errorDepthMax * 2 + 1) this.#reader.tooDeep()
    const value = read()
    this.#depth--
    return value
  }

  read(): unknown {
    const reader = this.#reader
    const tag = reader.uint8()
    switch (tag) {
      case TAGS.undefined:
        return undefined
      case TAGS.null:
        return null
      case TAGS.false:
        return false
      case TAGS.true:
        return true
      case TAGS.number:
        return reader.number()
      case TAGS.string:
        return reader.string()
      case TAGS.bigint:
        return reader.bigint()
      case TAGS.date:
        return new Date(reader.float64())
      case TAGS.url:
        return urlFrom(reader.string())
      case TAGS.regexp:
        return regExpFrom(reader.string(), reader.string(), reader.number())
      case TAGS.bytes:
        return this.#bytes()
      case TAGS.circular:
        return '[circular]'
      case TAGS.leftOut:
        return '[left out]'
      case TAGS.error:
        return this.inside(this.#readError)
      case TAGS.instance:
        return this.inside(() => this.#instance())
      default:
        return this.inside(() => this.#container(tag))
    }
  }

  #instance(): unknown {
    const crossing = { name: this.#reader.string(), wire: this.read() }
    if (!this.#values.ready) this.incomplete = true
    return this.#values.decode(crossing)
  }

  #bytes(): unknown {
    const kind = this.#reader.string()
    const buffer = this.#reader.arrayBuffer()
    const bytes = isBytesKind(kind) ? bytesFrom(buffer, kind) : undefined
    if (!bytes) throw protocolError('bytes among the fields of an error are of no known kind')
    return bytes
  }

  #container(tag: number): unknown {
    if (tag === TAGS.object || tag === TAGS.bare) {
      const object = tag === TAGS.bare ? Object.create(null) : {}
      this.fields(object)
      return object
    }
    const items: unknown[] = []
    for (let left = this.#reader.count(); left > 0; left--) {
      const at = this.#reader.position
      if (this.#reader.uint8() === TAGS.hole) items.length++
      else {
        this.#reader.position = at
        items.push(this.read())
      }
    }
    switch (tag) {
      case TAGS.array:
        return items
      case TAGS.set:
        return new Set(items)
      case TAGS.map:
        return new Map(
          Array.from({ length: items.length >> 1 }, (_, index) => [items[index * 2], items[index * 2 + 1]]),
        )
      default:
        throw protocolError(`a tag among the fields of an error is ${tag}`)
    }
  }

  /** Own properties, defined rather than assigned: neither `__proto__` nor a setter of an error class may answer. */
  fields(object: object): void {
    while (this.#reader.boolean()) {
      const key = this.#reader.string()
      const value = this.read()
      Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true })
    }
  }
}
