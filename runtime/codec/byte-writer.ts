/**
 * The half of a `Writer` (writer.ts) that knows bytes and numbers: one growing buffer that is reused for message after message. Nouns
 * whose parameter is `unknown` check it and throw a `Mismatch`.
 *
 * Hot path (bench/codec.bench.ts): `number` and `varint` hold their short cases and call for the others, because V8 inlines small methods
 * only, and not many of them.
 */
import { mismatch } from './signal.ts'
import {
  FLOAT32,
  FLOAT64,
  INT16,
  INT24,
  INT32,
  INT48,
  INTEGERS,
  NEGATIVE_MIN,
  NEGATIVES,
  TWO_BYTES_END,
} from './wire.ts'

/** Of 53 bits. */
export const VARINT_BYTES_MAX = 8
const NUMBER_BYTES_MAX = 9
const INT48_LIMIT = 2 ** 47

/** Not an error for users: whoever gave the bound knows what it means. */
export class WriterFull {}

export class ByteWriter {
  /** Replaced when it grows: don't keep it across writes. Bytes beyond `position` are stale. */
  buffer: Buffer
  position = 0
  #view: DataView
  readonly #bytesMax: number

  /** Where a value would take more than `bytesMax`, `WriterFull` is thrown. */
  constructor(bytes = 8 * 1024, bytesMax = Number.POSITIVE_INFINITY) {
    this.buffer = Buffer.allocUnsafeSlow(bytes)
    this.#view = viewOf(this.buffer)
    this.#bytesMax = bytesMax
  }

  /** Makes room for `bytes` more. */
  ensure(bytes: number): void {
    if (this.position + bytes > this.buffer.length) this.#grow(bytes)
  }

  #grow(bytes: number): void {
    if (this.position + bytes > this.#bytesMax) throw new WriterFull()
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
    if (value < 0x4000) {
      this.buffer[at] = (value & 0x7f) | 0x80
      this.buffer[at + 1] = value >> 7
      this.position = at + 2
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
