/**
 * Turns values into bytes. A `Writer` owns one growing buffer that is reused for message after message: whoever flushes it
 * copies or sends what lies below `position` and sets it back. It knows primitives; generated code knows types and calls it.
 *
 * Nouns whose parameter is `unknown` check it and throw a `Mismatch`, so that generated code stays one call a member.
 *
 * Hot path (bench/codec.bench.ts): `text` and `number` hold their one-byte case and call for the others, because V8 inlines small
 * methods only, and not many of them.
 *
 * Strings of a message are *bundled*: between `open` and `close`, `text` notes a length and appends to one string, which
 * `close` writes in one go behind everything else; the reader cuts it up again. That is 8–18 ns a string where a call into C++ for
 * each costs 45–85 ns. Where the bundle begins is said at its end, which the reader knows: a message is the last in its frame.
 * `string` is for the rare string outside of a bundle, and writes in place.
 */
import { mismatch } from './signal.ts'
import { writeUppers } from './split.ts'
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
  NEGATIVE_MIN,
  NEGATIVES,
  SPLIT,
  STRING_BUNDLED_MAX,
  TWO_BYTES_END,
  UTF16,
} from './wire.ts'

/** Node's own writers, which `Buffer.write` chooses from by the name of the encoding; stable since Node 5, but untyped. */
interface StringBuffer extends Buffer {
  latin1Write(text: string, at: number, bytes: number): number
  ucs2Write(text: string, at: number, bytes: number): number
}

/** A string up to this length is cheaper to write by a loop than by a call into C++. */
const LOOP_LENGTH_MAX = 16
/** Of 53 bits. */
const VARINT_BYTES_MAX = 8
const NUMBER_BYTES_MAX = 9
/** What the longest step of a split string may take beyond the room that is asked for. */
const STEP_BYTES_MAX = 16
const INT48_LIMIT = 2 ** 47
/** Of a string that V8 has as one byte a unit it is known not to match, however long the string is. */
const BEYOND_LATIN1 = /[^\0-\xff]/

export class Writer {
  /** Replaced when it grows: don't keep it across writes. Bytes beyond `position` are stale. */
  buffer: Buffer
  position = 0
  #view: DataView
  #text = ''

  constructor(bytes = 8 * 1024) {
    this.buffer = Buffer.allocUnsafeSlow(bytes)
    this.#view = viewOf(this.buffer)
  }

  /** Makes room for `bytes` more. */
  ensure(bytes: number): void {
    if (this.position + bytes > this.buffer.length) this.#grow(bytes)
  }

  #grow(bytes: number): void {
    const larger = Buffer.allocUnsafeSlow(Math.max(this.buffer.length * 2, this.position + bytes))
    this.buffer.copy(larger, 0, 0, this.position)
    this.buffer = larger
    this.#view = viewOf(larger)
  }

  /** Skips `bytes` bytes to be patched later, and gives their position. */
  reserve(bytes: number): number {
    this.ensure(bytes)
    const at = this.position
    this.position = at + bytes
    return at
  }

  setUint32(at: number, value: number): void {
    this.#view.setUint32(at, value, true)
  }

  /** Takes back everything from `position` on, as after a failed encode. */
  truncate(position: number): void {
    this.position = position
    this.#text = ''
  }

  /** A copy of what is written; the writer starts anew. */
  take(): Buffer {
    const taken = Buffer.allocUnsafeSlow(this.position)
    this.buffer.copy(taken, 0, 0, this.position)
    this.truncate(0)
    return taken
  }

  /** Begins a message that may contain `text`. Messages don't nest. */
  open(): void {
    this.#text = ''
  }

  /** Ends it: the text and, to be read from the end, how it is encoded and how long it is. */
  close(): void {
    const text = this.#text
    const { length } = text
    this.#text = ''
    this.ensure(length + VARINT_BYTES_MAX)
    if (this.#latin1(text)) {
      if (length < 32) this.buffer[this.position++] = length * 4 + LATIN1
      else this.#backwards(length * 4 + LATIN1)
      return
    }
    const uppers = this.#beyondLatin1(text)
    if (uppers < 0) this.#backwards(length * 4 + UTF16)
    else {
      this.#backwards(uppers)
      this.#backwards(length * 4 + SPLIT)
    }
  }

  /** A varint with its highest group first, so that it can be read from its end. */
  #backwards(value: number): void {
    this.ensure(VARINT_BYTES_MAX)
    let bytes = 1
    for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes++
    let rest = value
    for (let at = this.position + bytes - 1; at >= this.position; at--) {
      this.buffer[at] = at === this.position ? rest : (rest % 0x80) | 0x80
      rest = Math.floor(rest / 0x80)
    }
    this.position += bytes
  }

  uint8(value: number): void {
    const at = this.position
    if (at + 1 > this.buffer.length) this.#grow(1)
    this.buffer[at] = value
    this.position = at + 1
  }

  /** A position in a table of `length` entries. A byte would keep the lowest 8 bits of a larger one, which is another position. */
  index(index: number, length: number): void {
    if (index >= length)
      throw new RangeError(`Index ${index} was to be written where there are ${length}; this is a bug of weavets.`)
    if (length > 256) this.varint(index)
    else this.uint8(index)
  }

  boolean(value: unknown): void {
    if (value === true) this.uint8(1)
    else if (value === false) this.uint8(0)
    else mismatch()
  }

  /** An unsigned integer up to 2^53 - 1, in groups of 7 bits, the lowest first. */
  varint(value: number): void {
    let at = this.position
    if (at + VARINT_BYTES_MAX > this.buffer.length) this.#grow(VARINT_BYTES_MAX)
    if (value < 0x80) {
      this.buffer[at] = value
      this.position = at + 1
      return
    }
    let rest = value
    while (rest >= 0x80) {
      this.buffer[at++] = (rest % 0x80) | 0x80
      rest = Math.floor(rest / 0x80)
    }
    this.buffer[at++] = rest
    this.position = at
  }

  /** The count of a list, which it gives. */
  list(value: unknown): number {
    if (!Array.isArray(value)) mismatch()
    const count = value.length
    this.varint(count)
    return count
  }

  /** A count with one bit beside it. */
  markedCount(count: number, mark: boolean): void {
    this.varint(count * 2 + (mark ? 1 : 0))
  }

  float64(value: number): void {
    this.ensure(8)
    this.#view.setFloat64(this.position, value, true)
    this.position += 8
  }

  float32(value: number): void {
    this.ensure(4)
    this.#view.setFloat32(this.position, value, true)
    this.position += 4
  }

  uint32(value: number): void {
    this.setUint32(this.reserve(4), value)
  }

  /** An integer takes as few bytes as it has, plus one from 8,384 on; any other number five where a float32 says it, else nine. */
  number(value: unknown): void {
    if (typeof value !== 'number') mismatch()
    const at = this.position
    if (at + NUMBER_BYTES_MAX > this.buffer.length) this.#grow(NUMBER_BYTES_MAX)
    // `-0 | 0` is 0, so -0 has to be told from 0 by its sign.
    if ((value | 0) === value && value >= 0 && value < INTEGERS && (value !== 0 || 1 / value > 0)) {
      this.buffer[at] = value
      this.position = at + 1
    } else this.#larger(value, at)
  }

  #larger(value: number, at: number): void {
    const { buffer } = this
    if ((value | 0) !== value || value === 0) this.#wide(value, at)
    else if (value > 0 && value < TWO_BYTES_END) {
      const beyond = value - INTEGERS
      buffer[at] = INTEGERS + (beyond >> 8)
      buffer[at + 1] = beyond
      this.position = at + 2
    } else if (value < 0 && value >= NEGATIVE_MIN) {
      buffer[at] = NEGATIVES - 1 - value
      this.position = at + 1
    } else {
      buffer[at + 1] = value
      buffer[at + 2] = value >> 8
      if ((value << 16) >> 16 === value) {
        buffer[at] = INT16
        this.position = at + 3
        return
      }
      buffer[at + 3] = value >> 16
      if ((value << 8) >> 8 === value) {
        buffer[at] = INT24
        this.position = at + 4
        return
      }
      buffer[at + 4] = value >> 24
      buffer[at] = INT32
      this.position = at + 5
    }
  }

  /** No integer of 32 bits, or -0. */
  #wide(value: number, at: number): void {
    if (value < INT48_LIMIT && value >= -INT48_LIMIT && Math.floor(value) === value && value !== 0) {
      this.buffer[at] = INT48
      this.#view.setUint32(at + 1, value, true)
      this.#view.setInt16(at + 5, Math.floor(value / 0x100000000), true)
      this.position = at + 7
    } else if (Math.fround(value) === value) {
      this.buffer[at] = FLOAT32
      this.#view.setFloat32(at + 1, value, true)
      this.position = at + 5
    } else {
      this.buffer[at] = FLOAT64
      this.#view.setFloat64(at + 1, value, true)
      this.position = at + 9
    }
  }

  /** 0 and a number, or the count of bytes (shifted left by one, plus the sign) and the magnitude, highest byte first. */
  bigint(value: unknown): void {
    if (typeof value !== 'bigint') mismatch()
    if (value >= -0x7fffffffn && value <= 0x7fffffffn) {
      this.uint8(0)
      this.number(Number(value))
      return
    }
    const digits = (value < 0n ? -value : value).toString(16)
    const bytes = Math.ceil(digits.length / 2)
    this.varint(bytes * 2 + (value < 0n ? 1 : 0))
    this.ensure(bytes)
    this.buffer.write(digits.padStart(bytes * 2, '0'), this.position, 'hex')
    this.position += bytes
  }

  /** A string of a message: between `open` and `close` only. */
  text(value: unknown): void {
    if (typeof value !== 'string') mismatch()
    const { length } = value
    const at = this.position
    if (length < 0x80 - ENCODINGS && at < this.buffer.length) {
      this.buffer[at] = length + ENCODINGS
      this.position = at + 1
      this.#text += value
    } else this.#longText(value)
  }

  #longText(value: string): void {
    const { length } = value
    if (length <= STRING_BUNDLED_MAX) {
      this.varint(length + ENCODINGS)
      this.#text += value
      return
    }
    const at = this.reserve(1)
    this.varint(length)
    const start = this.position
    this.ensure(length)
    const encoding = this.#latin1(value) ? LATIN1 : this.#withCount(value, start)
    this.buffer[at] = encoding
  }

  /** Writes a string beyond Latin-1 from `start` on, where its upper halves are counted first. Gives its encoding. */
  #withCount(value: string, start: number): number {
    // The count of hardly any string takes more than one byte.
    this.position = start + 1
    const uppers = this.#beyondLatin1(value)
    const end = this.position
    if (uppers < 0) {
      this.buffer.copyWithin(start, start + 1, end)
      this.position = end - 1
      return UTF16
    }
    if (uppers < 0x80) {
      this.buffer[start] = uppers
      return SPLIT
    }
    let countBytes = 1
    for (let rest = uppers; rest >= 0x80; rest = Math.floor(rest / 0x80)) countBytes++
    this.ensure(countBytes)
    this.buffer.copyWithin(start + countBytes, start + 1, end)
    this.position = start
    this.varint(uppers)
    this.position = end - 1 + countBytes
    return SPLIT
  }

  /** A string by itself: length × 4 + encoding, then the bytes. */
  string(value: unknown): void {
    if (typeof value !== 'string') mismatch()
    const { length } = value
    const start = this.position
    this.ensure(length + VARINT_BYTES_MAX)
    if (length < 32) this.position++
    else this.varint(length * 4)
    const at = this.position
    let encoding = LATIN1
    if (!this.#latin1(value)) encoding = this.#withCount(value, at)
    if (length < 32) this.buffer[start] = length * 4 + encoding
    // The encoding is in the lowest bits, and so in the first byte.
    else this.buffer[start]! |= encoding
  }

  /** Room for it is there already. False, and nothing is written, where it has characters beyond Latin-1. */
  #latin1(value: string): boolean {
    const { length } = value
    const { buffer, position } = this
    if (length > LOOP_LENGTH_MAX) {
      if (BEYOND_LATIN1.test(value)) return false
      ;(buffer as StringBuffer).latin1Write(value, position, length)
    } else {
      for (let index = 0; index < length; index++) {
        const unit = value.charCodeAt(index)
        if (unit > 0xff) return false
        buffer[position + index] = unit
      }
    }
    this.position = position + length
    return true
  }

  /** Split, and then the bytes of its upper halves; or -1: as UTF-16, where that isn't longer. */
  #beyondLatin1(value: string): number {
    const { length } = value
    this.ensure(length * 2 + STEP_BYTES_MAX + 1)
    const buffer = this.buffer as StringBuffer
    const at = this.position + length
    const end = writeUppers(value, buffer, at, at + length + STEP_BYTES_MAX)
    if (end < 0 || end - at >= length) {
      buffer.ucs2Write(value, this.position, length * 2)
      this.position += length * 2
      return -1
    }
    if (length > LOOP_LENGTH_MAX) buffer.latin1Write(value, this.position, length)
    else for (let index = 0; index < length; index++) buffer[this.position + index] = value.charCodeAt(index)
    this.position = end
    return end - at
  }

  /** Count and bytes; nothing of `value` is kept. */
  bytes(value: Uint8Array): void {
    const count = value.byteLength
    this.varint(count)
    this.ensure(count)
    this.buffer.set(value, this.position)
    this.position += count
  }
}

function viewOf(buffer: Buffer): DataView {
  return new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength)
}
