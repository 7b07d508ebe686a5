/**
 * Turns bytes back into values. The bytes may come from anybody: every read is checked against `end`, a count never exceeds
 * the bytes that are there, and what doesn't fit throws a `WeaveError` with code `WV_PROTOCOL`, never another error.
 * Nothing that a `Reader` gives refers to its buffer, which the caller may reuse as soon as the message is read.
 */
import type { References } from '../calls/references.ts'
import { protocolError, truncated } from './protocol.ts'
import { SHORT_UNITS_MAX, shortLatin1 } from './short.ts'
import { joinUppers, NOWHERE } from './split.ts'
import {
  ENCODINGS,
  FLOAT32,
  FLOAT64,
  INT16,
  INT24,
  INT32,
  INT48,
  INTEGERS,
  LATIN1,
  NEGATIVES,
  SPLIT,
  UTF16,
} from './wire.ts'

/** Node's own readers, which `Buffer.toString` chooses from by the name of the encoding; stable since Node 5, but untyped. */
interface StringBuffer extends Buffer {
  latin1Slice(start: number, end: number): string
  ucs2Slice(start: number, end: number): string
}

/** A number over its eight bytes. A `DataView` for each message would cost more than reading the message's numbers. */
const FLOAT = new Float64Array(1)
const FLOAT_BYTES = new Uint8Array(FLOAT.buffer)
const FLOAT_32 = new Float32Array(FLOAT.buffer)
/** Where the machine has the highest byte first: what turns the position of a byte in one of 8 bytes, or of 4. */
const [FLIP, FLIP_32] = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1 ? [0, 0] : [7, 3]
/** Never written to. */
const NONE: number[] = []
/** Numbers: what is kept of a message with many stretches beyond Latin-1. */
const WIDE_KEPT = 1_024

export class Reader {
  buffer: Buffer
  /** Set by who reads a message in which components may be referred to. */
  references: References | undefined = undefined
  position: number
  /** Where the message ends; between `open` and `close`, where its text begins. */
  end: number
  #text = ''
  #textPosition = 0
  /** Where in the text the next unit beyond Latin-1 is: strings before it are cut from `#text`, of one byte a unit, and others from `#wideText`. */
  #wideAt = NOWHERE
  #wideText = ''
  /** Begin and end of each stretch of such units. */
  #wide = NONE
  #wideNext = 0
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

  /** All that is left, unread: a view of the buffer. */
  rest(): Buffer {
    const at = this.position
    this.position = this.end
    return this.buffer.subarray(at, this.end)
  }

  /** Checks that `bytes` more are there and gives the position of the first. */
  #take(bytes: number, what: string): number {
    const at = this.position
    if (bytes > this.end - at) throw truncated(what, bytes, this.end - at)
    this.position = at + bytes
    return at
  }

  /** Begins a message with text, which lies at its end. */
  open(): void {
    this.#outerEnd = this.end
    this.#textPosition = 0
    this.#wideAt = NOWHERE
    const last = this.end > this.position ? this.buffer[this.end - 1]! : -1
    if (last >= 0 && last < 0x80 && last % 4 === LATIN1) {
      this.end--
      const bytes = last >> 2
      if (bytes > this.left) throw truncated('the text of a message', bytes, this.left)
      this.end -= bytes
      this.#text = this.#latin1(this.end, bytes)
    } else this.#longText()
  }

  #longText(): void {
    const header = this.#backwards()
    const encoding = header % 4
    const length = Math.floor(header / 4)
    const uppers = encoding === SPLIT ? this.#backwards() : 0
    const bytes = encoding === UTF16 ? length * 2 : length + uppers
    if (bytes > this.left) throw truncated('the text of a message', bytes, this.left)
    const at = this.end - bytes
    if (encoding !== SPLIT) this.#text = this.#characters(at, length, encoding)
    else {
      this.#text = (this.buffer as StringBuffer).latin1Slice(at, at + length)
      if (this.#wide.length > WIDE_KEPT || this.#wide === NONE) this.#wide = []
      this.#wideText = joinUppers(this.buffer, at, length, this.end, this.#wide)
      this.#wideNext = 0
      this.#wideAt = this.#wide[0]!
    }
    this.end = at
  }

  /** A varint that is read from its end. */
  #backwards(): number {
    if (this.end >= this.position + 2) {
      const last = this.buffer[this.end - 1]!
      const before = this.buffer[this.end - 2]!
      if (last >= 0x80 && before < 0x80) {
        this.end -= 2
        return (last & 0x7f) + before * 0x80
      }
    }
    let value = 0
    for (let scale = 1; scale <= 0x80 ** 6; scale *= 0x80) {
      if (this.end <= this.position) throw truncated('the text of a message', 1, 0)
      const byte = this.buffer[--this.end]!
      value += (byte & 0x7f) * scale
      if (byte < 0x80) return value
    }
    throw protocolError('the text of a message is longer than 2^49')
  }

  /** Ends it; what it holds must have been read exactly. */
  close(): void {
    if (this.position !== this.end) throw protocolError(`${this.left} bytes of a message are left over`)
    this.position = this.#outerEnd
    this.end = this.#outerEnd
    if (this.#textPosition !== this.#text.length) throw protocolError('text of a message is left over')
    this.#text = ''
    this.#wideText = ''
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

  /** The next byte of an object's flags, of which no other bits are in use than in `all`. */
  flags(all: number): number {
    const flags = this.uint8()
    if ((flags & ~all) !== 0) throw protocolError(`the flags of an object are ${flags}`)
    return flags
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
    return this.#float64(this.#take(8, 'a number'))
  }

  #float64(at: number): number {
    const { buffer } = this
    FLOAT_BYTES[FLIP!] = buffer[at]!
    FLOAT_BYTES[1 ^ FLIP!] = buffer[at + 1]!
    FLOAT_BYTES[2 ^ FLIP!] = buffer[at + 2]!
    FLOAT_BYTES[3 ^ FLIP!] = buffer[at + 3]!
    FLOAT_BYTES[4 ^ FLIP!] = buffer[at + 4]!
    FLOAT_BYTES[5 ^ FLIP!] = buffer[at + 5]!
    FLOAT_BYTES[6 ^ FLIP!] = buffer[at + 6]!
    FLOAT_BYTES[7 ^ FLIP!] = buffer[at + 7]!
    return FLOAT[0]!
  }

  #float32(at: number): number {
    for (let index = 0; index < 4; index++) FLOAT_BYTES[index ^ FLIP_32!] = this.buffer[at + index]!
    return FLOAT_32[0]!
  }

  #int32(at: number): number {
    const { buffer } = this
    return buffer[at]! | (buffer[at + 1]! << 8) | (buffer[at + 2]! << 16) | (buffer[at + 3]! << 24)
  }

  uint32(): number {
    return this.#int32(this.#take(4, 'an integer')) >>> 0
  }

  number(): number {
    const at = this.position
    if (at < this.end) {
      const first = this.buffer[at]!
      if (first < INTEGERS) {
        this.position = at + 1
        return first
      }
    }
    return this.#larger()
  }

  #larger(): number {
    const first = this.uint8()
    const { buffer } = this
    if (first < NEGATIVES) return INTEGERS + (first - INTEGERS) * 0x100 + this.uint8()
    if (first < INT16) return NEGATIVES - 1 - first
    switch (first) {
      case INT16: {
        const at = this.#take(2, 'a number')
        return ((buffer[at]! << 16) | (buffer[at + 1]! << 24)) >> 16
      }
      case INT24: {
        const at = this.#take(3, 'a number')
        return ((buffer[at]! << 8) | (buffer[at + 1]! << 16) | (buffer[at + 2]! << 24)) >> 8
      }
      case INT32:
        return this.#int32(this.#take(4, 'a number'))
      case INT48: {
        const at = this.#take(6, 'a number')
        return (((buffer[at + 4]! << 16) | (buffer[at + 5]! << 24)) >> 16) * 0x100000000 + (this.#int32(at) >>> 0)
      }
      case FLOAT32:
        return this.#float32(this.#take(4, 'a number'))
      case FLOAT64:
        return this.#float64(this.#take(8, 'a number'))
      default:
        throw protocolError(`a number begins with ${first}`)
    }
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
    if (at < this.end) {
      const length = this.buffer[at]! - ENCODINGS
      const start = this.#textPosition
      const end = start + length
      if (length >= 0 && length < 0x80 - ENCODINGS && end <= this.#text.length && end <= this.#wideAt) {
        this.position = at + 1
        this.#textPosition = end
        return this.#text.substring(start, end)
      }
    }
    return this.#otherText()
  }

  #otherText(): string {
    const header = this.varint()
    if (header < ENCODINGS) {
      const length = this.varint()
      return this.#characters(this.position, length, header, true)
    }
    const start = this.#textPosition
    const end = start + header - ENCODINGS
    if (end > this.#text.length) throw truncated('a string', end - start, this.#text.length - start)
    this.#textPosition = end
    if (end <= this.#wideAt) return this.#text.substring(start, end)
    const wide = this.#wide
    while (wide[this.#wideNext + 1]! <= end) this.#wideNext += 2
    this.#wideAt = wide[this.#wideNext]!
    // A hostile stretch may go beyond the string, into the next one.
    return this.#wideText.substring(start, end)
  }

  string(): string {
    const at = this.position + 1
    if (at <= this.end) {
      const header = this.buffer[at - 1]!
      const length = header >> 2
      if (length <= SHORT_UNITS_MAX && (header & 3) === LATIN1 && length <= this.end - at) {
        this.position = at + length
        return shortLatin1(this.buffer, at, length)
      }
    }
    return this.#otherString()
  }

  #otherString(): string {
    const header = this.varint()
    return this.#characters(this.position, Math.floor(header / 4), header % 4, true)
  }

  /** `length` units from `at` on. `inPlace`: where `position` is. */
  #characters(at: number, length: number, encoding: number, inPlace = false): string {
    const buffer = this.buffer as StringBuffer
    if (encoding === LATIN1) {
      if (inPlace) this.#take(length, 'a string')
      return this.#latin1(at, length)
    }
    if (encoding === UTF16) {
      if (inPlace) this.#take(length * 2, 'a string')
      return buffer.ucs2Slice(at, at + length * 2)
    }
    if (encoding !== SPLIT || !inPlace) throw protocolError(`a string of ${length} units has encoding ${encoding}`)
    const uppers = this.varint()
    const start = this.#take(length + uppers, 'a string')
    return joinUppers(buffer, start, length, start + length + uppers)
  }

  #latin1(at: number, length: number): string {
    return length <= SHORT_UNITS_MAX
      ? shortLatin1(this.buffer, at, length)
      : (this.buffer as StringBuffer).latin1Slice(at, at + length)
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

export { protocolError }
