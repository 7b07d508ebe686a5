/**
 * Turns values into bytes. A `Writer` owns one growing buffer that is reused for message after message: whoever flushes it
 * copies or sends what lies below `position` and sets it back. It knows primitives; generated code knows types and calls it.
 *
 * Nouns whose parameter is `unknown` check it and throw a `Mismatch`, so that generated code stays one call a member.
 *
 * Hot path (bench/codec.bench.ts): `text`, `number` and `varint` spell out their one-byte case, because V8 runs out of its budget
 * for inlining long before a message ends.
 *
 * Strings of a message are *bundled*: between `open` and `close`, `text` notes a length and appends to one string, which
 * `close` writes in one go; the reader cuts it up again. That is 8–18 ns a string where a call into C++ for each costs
 * 45–85 ns (bench/codec.bench.ts). `string` is for the rare string outside of a message, and writes in place.
 */
import { mismatch } from './signal.ts'
import { FLOAT64, INT16, INT32, INTEGERS, LATIN1, STRING_BUNDLED_MAX, UTF8, UTF16 } from './wire.ts'

/** Node's own writers and reader, which `Buffer.write` chooses from by the name of the encoding; stable since Node 5, but untyped. */
interface StringBuffer extends Buffer {
  latin1Slice(start: number, end: number): string
  latin1Write(text: string, at: number, bytes: number): number
  utf8Write(text: string, at: number, bytes: number): number
  ucs2Write(text: string, at: number, bytes: number): number
}

/** A string up to this length is cheaper to write by a loop than by a call into C++. */
const LOOP_LENGTH_MAX = 24
const LARGE_LENGTH_MIN = 16 * 1024
/** Of 53 bits. */
const VARINT_BYTES_MAX = 8

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
  open(): number {
    this.#text = ''
    return this.reserve(4)
  }

  /** Ends it: `at` is what `open` gave. The four bytes there say where the text begins; 0: there is none. */
  close(at: number): void {
    const text = this.#text
    if (text === '') {
      this.setUint32(at, 0)
      return
    }
    this.#text = ''
    this.setUint32(at, this.position - at - 4)
    this.string(text)
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

  /** A count with one bit beside it. */
  markedCount(count: number, mark: boolean): void {
    this.varint(count * 2 + (mark ? 1 : 0))
  }

  float64(value: number): void {
    this.ensure(8)
    this.#view.setFloat64(this.position, value, true)
    this.position += 8
  }

  uint32(value: number): void {
    this.setUint32(this.reserve(4), value)
  }

  /** Small non-negative integers take one byte, other integers of 32 bits three or five, everything else nine. */
  number(value: unknown): void {
    if (typeof value !== 'number') mismatch()
    const at = this.position
    if (at + 9 > this.buffer.length) this.#grow(9)
    // `-0 | 0` is 0, so -0 has to be told from 0 by its sign.
    if ((value | 0) === value && (value !== 0 || 1 / value > 0)) {
      if (value >= 0 && value < INTEGERS) {
        this.buffer[at] = value
        this.position = at + 1
      } else if (value >= -0x8000 && value < 0x8000) {
        this.buffer[at] = INT16
        this.#view.setInt16(at + 1, value, true)
        this.position = at + 3
      } else {
        this.buffer[at] = INT32
        this.#view.setInt32(at + 1, value, true)
        this.position = at + 5
      }
      return
    }
    this.buffer[at] = FLOAT64
    this.#view.setFloat64(at + 1, value, true)
    this.position = at + 9
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
    const length = value.length
    const at = this.position
    if (length < 0x7f) {
      if (at + 1 > this.buffer.length) this.#grow(1)
      this.buffer[at] = length + 1
      this.position = at + 1
      this.#text += value
    } else if (length <= STRING_BUNDLED_MAX) {
      this.varint(length + 1)
      this.#text += value
    } else {
      this.uint8(0)
      this.string(value)
    }
  }

  /** A string by itself: count of bytes × 4 + encoding, then the bytes. */
  string(value: string): void {
    const length = value.length
    if (length > LOOP_LENGTH_MAX) {
      this.#longString(value)
      return
    }
    this.ensure(length + 1)
    const buffer = this.buffer
    const start = this.position
    for (let index = 0, at = start + 1; index < length; index++, at++) {
      const unit = value.charCodeAt(index)
      if (unit >= 0x80) {
        this.#longString(value)
        return
      }
      buffer[at] = unit
    }
    buffer[start] = length * 4 + LATIN1
    this.position = start + 1 + length
  }

  /**
   * Latin-1 a byte a unit. Anything else as it lies in memory, two bytes a unit: that is four times as fast as UTF-8 both ways,
   * and says lone surrogates. JavaScript can't tell which of the two a string is; to write it as Latin-1 and read it back
   * costs an ASCII string no more than `Buffer.byteLength`, and any other a third.
   */
  #longString(value: string): void {
    const { length } = value
    if (length >= LARGE_LENGTH_MIN) {
      this.#largeString(value)
      return
    }
    // The text is written before its header, which must not find a reason to grow then.
    this.ensure(length + VARINT_BYTES_MAX)
    const buffer = this.buffer as StringBuffer
    const at = this.position + (length < 32 ? 1 : length < 4096 ? 2 : 3)
    buffer.latin1Write(value, at, length)
    if (buffer.latin1Slice(at, at + length) === value) {
      this.varint(length * 4 + LATIN1)
      this.position += length
    } else this.#utf16(value)
  }

  /** Where bytes begin to cost more than their making, and a copy would be garbage worth mentioning: UTF-8 if it is shorter. */
  #largeString(value: string): void {
    const { length } = value
    const bytes = Buffer.byteLength(value, 'utf8')
    if (bytes >= length * 2 || !value.isWellFormed()) {
      this.#utf16(value)
      return
    }
    this.varint(bytes * 4 + (bytes === length ? LATIN1 : UTF8))
    this.ensure(bytes)
    const buffer = this.buffer as StringBuffer
    if (bytes === length) buffer.latin1Write(value, this.position, bytes)
    else buffer.utf8Write(value, this.position, bytes)
    this.position += bytes
  }

  #utf16(value: string): void {
    const bytes = value.length * 2
    this.varint(bytes * 4 + UTF16)
    this.ensure(bytes)
    ;(this.buffer as StringBuffer).ucs2Write(value, this.position, bytes)
    this.position += bytes
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
