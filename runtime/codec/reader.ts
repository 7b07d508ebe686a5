/**
 * Turns bytes back into values. The bytes may come from anybody: every read is checked against `end`, a count never exceeds
 * the bytes that are there, and what doesn't fit throws a `WeaveError` with code `WV_PROTOCOL`, never another error.
 * Nothing that a `Reader` gives refers to its buffer, which the caller may reuse as soon as the message is read.
 */
import { WeaveError } from '../errors.ts'
import type { References } from '../references.ts'
import { FLOAT64, INT16, INT32, INTEGERS, LATIN1, PRESENT, UNDEFINED, UTF8, UTF16 } from './wire.ts'

/** Node's own readers, which `Buffer.toString` chooses from by the name of the encoding; stable since Node 5, but untyped. */
interface StringBuffer extends Buffer {
  latin1Slice(start: number, end: number): string
  utf8Slice(start: number, end: number): string
  ucs2Slice(start: number, end: number): string
}

/** A number over its eight bytes. A `DataView` for each message would cost more than reading the message's numbers. */
const FLOAT = new Float64Array(1)
const FLOAT_BYTES = new Uint8Array(FLOAT.buffer)
/** 7 where the machine has the highest byte first. */
const FLIP = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1 ? 0 : 7

export class Reader {
  buffer: Buffer
  /** Set by who reads a message in which components may be referred to. */
  references: References | undefined = undefined
  position: number
  /** Where the message ends; between `open` and `close`, where its text begins. */
  end: number
  #text = ''
  #textPosition = 0
  #textEnd = -1
  #outerEnd = 0

  constructor(buffer: Buffer, start = 0, end = buffer.length) {
    this.buffer = buffer
    this.position = start
    this.end = end
  }

  /** Begins anew with other bytes: one reader serves a connection for all its frames. */
  reset(buffer: Buffer, start: number, end: number): void {
    this.buffer = buffer
    this.references = undefined
    this.position = start
    this.end = end
  }

  get left(): number {
    return this.end - this.position
  }

  /** Checks that `bytes` more are there and gives the position of the first. */
  #take(bytes: number, what: string): number {
    const at = this.position
    if (bytes > this.end - at) throw truncated(what, bytes, this.end - at)
    this.position = at + bytes
    return at
  }

  /** Begins a message with text. */
  open(): void {
    const offset = this.uint32()
    this.#outerEnd = this.end
    this.#text = ''
    this.#textPosition = 0
    this.#textEnd = -1
    if (offset === 0) return
    if (offset > this.left) throw truncated('the text of a message', offset, this.left)
    const start = this.position
    const textStart = start + offset
    this.position = textStart
    this.#text = this.string()
    this.#textEnd = this.position
    this.position = start
    this.end = textStart
  }

  /** Ends it; what it holds must have been read exactly. */
  close(): void {
    if (this.#textEnd >= 0) {
      if (this.position !== this.end) throw protocolError(`${this.left} bytes of a message are left over`)
      this.position = this.#textEnd
      this.end = this.#outerEnd
    }
    if (this.#textPosition !== this.#text.length) throw protocolError('text of a message is left over')
    this.#text = ''
  }

  uint8(): number {
    const at = this.position
    if (at >= this.end) throw truncated('a byte', 1, 0)
    this.position = at + 1
    return this.buffer[at] as number
  }

  boolean(): boolean {
    const byte = this.uint8()
    if (byte > 1) throw protocolError(`a boolean is ${byte}`)
    return byte === 1
  }

  /** A position in a table of `length` entries. */
  index(length: number): number {
    const index = length > 256 ? this.varint() : this.uint8()
    if (index >= length) throw protocolError(`an index is ${index} where there are ${length}`)
    return index
  }

  /** State of an optional member. */
  presence(): number {
    const state = this.uint8()
    if (state > UNDEFINED) throw protocolError(`the state of an optional member is ${state}`)
    return state
  }

  /** Whether an optional parameter was given. */
  given(): boolean {
    return this.boolean()
  }

  varint(): number {
    const first = this.uint8()
    if (first < 0x80) return first
    let value = first & 0x7f
    let scale = 0x80
    for (let count = 1; count < 8; count++) {
      const byte = this.uint8()
      value += (byte & 0x7f) * scale
      if (byte < 0x80) {
        if (value > Number.MAX_SAFE_INTEGER) break
        return value
      }
      scale *= 0x80
    }
    throw protocolError('an integer is longer than 53 bits')
  }

  /** A count of things of at least one byte each: more than there are bytes is refused before anything is made for them. */
  count(): number {
    const count = this.varint()
    if (count > this.left) throw truncated('a list', count, this.left)
    return count
  }

  /** The same with one bit beside it, the lowest. */
  markedCount(): number {
    const marked = this.varint()
    if (marked >= 2 ** 32 || marked >>> 1 > this.left) throw truncated('a list', Math.floor(marked / 2), this.left)
    return marked
  }

  float64(): number {
    const at = this.#take(8, 'a number')
    for (let index = 0; index < 8; index++) FLOAT_BYTES[index ^ FLIP] = this.buffer[at + index] as number
    return FLOAT[0] as number
  }

  #int32(): number {
    const { buffer } = this
    const at = this.#take(4, 'an integer')
    return (buffer[at]! | (buffer[at + 1]! << 8) | (buffer[at + 2]! << 16) | (buffer[at + 3]! << 24)) as number
  }

  uint32(): number {
    return this.#int32() >>> 0
  }

  number(): number {
    const at = this.position
    if (at >= this.end) throw truncated('a number', 1, 0)
    this.position = at + 1
    const first = this.buffer[at]!
    if (first < INTEGERS) return first
    if (first === FLOAT64) return this.float64()
    if (first === INT32) return this.#int32()
    if (first === INT16) {
      const low = this.#take(2, 'a number')
      return ((this.buffer[low]! | (this.buffer[low + 1]! << 8)) << 16) >> 16
    }
    throw protocolError(`a number begins with ${first}`)
  }

  bigint(): bigint {
    const header = this.varint()
    if (header === 0) {
      const value = this.number()
      if (!Number.isSafeInteger(value)) throw protocolError(`a bigint is ${value}`)
      return BigInt(value)
    }
    const bytes = Math.floor(header / 2)
    if (bytes === 0) throw protocolError('a bigint has no digits')
    const at = this.#take(bytes, 'a bigint')
    const magnitude = BigInt(`0x${this.buffer.toString('hex', at, at + bytes)}`)
    return header % 2 === 1 ? -magnitude : magnitude
  }

  text(): string {
    const at = this.position
    let length: number
    if (at < this.end && this.buffer[at]! < 0x80) {
      length = this.buffer[at]! - 1
      this.position = at + 1
    } else length = this.varint() - 1
    if (length < 0) return this.string()
    const start = this.#textPosition
    const end = start + length
    if (end > this.#text.length) throw truncated('a string', length, this.#text.length - start)
    this.#textPosition = end
    return this.#text.substring(start, end)
  }

  string(): string {
    const header = this.varint()
    const bytes = Math.floor(header / 4)
    const encoding = header % 4
    const at = this.#take(bytes, 'a string')
    if (encoding === LATIN1) return (this.buffer as StringBuffer).latin1Slice(at, at + bytes)
    if (encoding === UTF8) return (this.buffer as StringBuffer).utf8Slice(at, at + bytes)
    if (encoding === UTF16 && bytes % 2 === 0) return (this.buffer as StringBuffer).ucs2Slice(at, at + bytes)
    throw protocolError(`a string of ${bytes} bytes has encoding ${encoding}`)
  }

  /** A copy in an `ArrayBuffer` of its own. */
  arrayBuffer(): ArrayBuffer {
    const bytes = this.varint()
    const at = this.#take(bytes, 'bytes')
    const copy = new ArrayBuffer(bytes)
    new Uint8Array(copy).set(this.buffer.subarray(at, at + bytes))
    return copy
  }

  bytes(): Uint8Array {
    return new Uint8Array(this.arrayBuffer())
  }

  /** For `default:` in generated code. */
  unexpected(what: string): never {
    throw protocolError(`${what} is not one that is known`)
  }

  /** Generated decoders of recursive types call it when they are called too deep. */
  tooDeep(): never {
    throw protocolError('a value is nested too deeply')
  }
}

export { PRESENT }

export function protocolError(what: string): WeaveError {
  return new WeaveError(`The peer sent bytes that are not the protocol: ${what}.`, { code: 'WV_PROTOCOL' })
}

function truncated(what: string, needed: number, left: number): WeaveError {
  return protocolError(`${what} needs ${needed} bytes where ${left} are left`)
}
