/**
 * Turns values into bytes. A `Writer` owns one growing buffer that is reused for message after message: whoever flushes it
 * copies or sends what lies below `position` and sets it back. It knows primitives; generated code knows types and calls it.
 *
 * Nouns whose parameter is `unknown` check it and throw a `Mismatch`, so that generated code stays one call a member.
 *
 * Hot path (bench/codec.bench.ts): `text` holds its one-byte case and calls for the others, because V8 inlines small methods only, and
 * not many of them.
 *
 * Strings of a message are *bundled*: between `open` and `close`, `text` notes a length and appends to one string, which
 * `close` writes in one go behind everything else; the reader cuts it up again. That is 8–18 ns a string where a call into C++ for
 * each costs 45–85 ns. Where the bundle begins is said at its end, which the reader knows: a message is the last in its frame.
 * `string` is for the rare string outside of a bundle, and writes in place.
 */
import { ByteWriter, VARINT_BYTES_MAX } from './byte-writer.ts'
import { mismatch } from './signal.ts'
import { writeSplit } from './split.ts'
import { ENCODINGS, LATIN1, SPLIT, STRING_BUNDLED_MAX, UTF16 } from './wire.ts'

/** Node's own writers, which `Buffer.write` chooses from by the name of the encoding; stable since Node 5, but untyped. */
interface StringBuffer extends Buffer {
  latin1Write(text: string, at: number, bytes: number): number
  ucs2Write(text: string, at: number, bytes: number): number
}

/** A string up to this length is cheaper to write by a loop than by a call into C++. */
const LOOP_LENGTH_MAX = 16
/** What the longest step of a split string may take beyond the room that is asked for. */
const STEP_BYTES_MAX = 16
/** Of a string that V8 has as one byte a unit it is known not to match, however long the string is. */
const BEYOND_LATIN1 = /[^\0-\xff]/

export class Writer extends ByteWriter {
  #text = ''
  /** The last text of a message had characters beyond Latin-1. */
  #beyond = false

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
    // Messages are like those before them: after text beyond Latin-1 it isn't asked whether this is.
    if (!this.#beyond && this.#latin1(text)) {
      this.#backwards(length * 4 + LATIN1)
      return
    }
    const uppers = this.#beyondLatin1(text)
    this.#beyond = uppers !== 0
    if (uppers === 0) this.#backwards(length * 4 + LATIN1)
    else if (uppers < 0) this.#backwards(length * 4 + UTF16)
    else {
      this.#backwards(uppers)
      this.#backwards(length * 4 + SPLIT)
    }
  }

  /** A varint with its highest group first, so that it can be read from its end. */
  #backwards(value: number): void {
    this.ensure(VARINT_BYTES_MAX)
    if (value < 0x4000) {
      if (value >= 0x80) this.buffer[this.position++] = value >> 7
      this.buffer[this.position++] = value < 0x80 ? value : (value & 0x7f) | 0x80
      return
    }
    let bytes = 1
    for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes++
    let rest = value
    for (let at = this.position + bytes - 1; at >= this.position; at--) {
      this.buffer[at] = at === this.position ? rest : (rest % 0x80) | 0x80
      rest = Math.floor(rest / 0x80)
    }
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

  /** Strings that follow each other: for all of them one look at the buffer, and one change of the text. */
  text2(first: unknown, second: unknown): void {
    if (typeof first !== 'string' || typeof second !== 'string') mismatch()
    const at = this.position
    const { buffer } = this
    // No length is more than all of them or-ed.
    if ((first.length | second.length) < 0x80 - ENCODINGS && at + 2 <= buffer.length) {
      buffer[at] = first.length + ENCODINGS
      buffer[at + 1] = second.length + ENCODINGS
      this.position = at + 2
      // Not `+=`: the shorter string is to be the right one, as V8 copies such a chain best.
      this.#text = this.#text + first + second
    } else {
      this.text(first)
      this.text(second)
    }
  }

  text3(first: unknown, second: unknown, third: unknown): void {
    if (typeof first !== 'string' || typeof second !== 'string' || typeof third !== 'string') mismatch()
    const at = this.position
    const { buffer } = this
    if ((first.length | second.length | third.length) < 0x80 - ENCODINGS && at + 3 <= buffer.length) {
      buffer[at] = first.length + ENCODINGS
      buffer[at + 1] = second.length + ENCODINGS
      buffer[at + 2] = third.length + ENCODINGS
      this.position = at + 3
      this.#text = this.#text + first + second + third
    } else {
      this.text2(first, second)
      this.text(third)
    }
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
    const { position } = this
    const end = writeSplit(value, buffer, position, position + length * 2 + STEP_BYTES_MAX)
    const uppers = end - position - length
    if (end < 0 || (uppers > 0 && uppers >= length)) {
      buffer.ucs2Write(value, position, length * 2)
      this.position = position + length * 2
      return -1
    }
    this.position = end
    return uppers
  }
}
