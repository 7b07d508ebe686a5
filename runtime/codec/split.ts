/**
 * The upper halves of a string's UTF-16 units: which of them aren't 0, and what they are. `writeUppers` finds them in a string and
 * writes them, `joinUppers` puts them over the lower halves, which lie beside them as Latin-1. What doesn't fit the string is refused.
 *
 * The bytes are steps. A step is a varint: how many units are passed over × 4 + what follows there, and then by that
 *
 *   AGAIN    one unit with the upper half of the last AGAIN, ONE or ALIKE (at first that of “ ” ’ – €), or a pair like the last one
 *   ONE      a byte: the upper half of one unit; one of D8 to DB begins a pair, and a second byte is that of its other unit
 *   ALIKE    a count and the byte that is the upper half of as many units: a word in Cyrillic
 *   EACH     a count, and as many upper halves: a line in Chinese
 *
 * Hot path (bench/codec.bench.ts, the messages with text beyond Latin-1): both ways touch the units by calls into C++ or, in the
 * search, two at a time.
 */
import { protocolError } from './protocol.ts'

interface StringBuffer extends Buffer {
  ucs2Write(text: string, at: number, bytes: number): number
  ucs2Slice(start: number, end: number): string
}

const AGAIN = 0
const ONE = 1
const ALIKE = 2
const EACH = 3
const FIRST_UPPER = 0x20
/** From so many on, a count costs less than a step for each. */
const ALIKE_MIN = 3

/** In units: what is kept for the next string. A longer one brings memory of its own. */
const KEPT_UNITS = 32 * 1024
const BIG_ENDIAN = new Uint8Array(new Uint16Array([1]).buffer)[0] === 0

/** Units of one string, and the same memory as bytes and two by two. */
class Units {
  readonly bytes: StringBuffer
  readonly units: Uint16Array
  readonly pairs: Uint32Array

  constructor(units: number) {
    const memory = new ArrayBuffer(units * 2 + (units % 2) * 2)
    this.bytes = Buffer.from(memory) as StringBuffer
    this.units = new Uint16Array(memory)
    this.pairs = new Uint32Array(memory)
  }
}

const kept = new Units(KEPT_UNITS)
const unitsFor = (length: number): Units => (length <= KEPT_UNITS ? kept : new Units(length))

/** Gives the position behind what it wrote from `at` on; -1, where that would be more than `end` allows. */
export function writeUppers(text: string, out: Uint8Array, at: number, end: number): number {
  const { length } = text
  const { bytes, units, pairs } = unitsFor(length)
  bytes.ucs2Write(text, 0, length * 2)
  if (BIG_ENDIAN) bytes.subarray(0, length * 2).swap16()
  const steps = new Steps(units, length, out, at, end)
  const even = length >> 1
  for (let pair = 0; pair < even; pair++) {
    if ((pairs[pair]! & 0xff00ff00) === 0) continue
    const behind = steps.from(pair * 2)
    if (behind < 0) return -1
    // The pair that holds the first unit not yet looked at.
    pair = (behind >> 1) - 1
  }
  return steps.from(even * 2) < 0 ? -1 : steps.at
}

class Steps {
  at: number
  readonly #units: Uint16Array
  readonly #length: number
  readonly #out: Uint8Array
  readonly #end: number
  /** The first unit that no step says yet. */
  #said = 0
  #last = FIRST_UPPER

  constructor(units: Uint16Array, length: number, out: Uint8Array, at: number, end: number) {
    this.#units = units
    this.#length = length
    this.#out = out
    this.at = at
    this.#end = end
  }

  #upper(unit: number): number {
    return unit < this.#length ? this.#units[unit]! >> 8 : 0
  }

  /** Says the units of the pair that begins at `unit`, and all beyond Latin-1 that follow without a gap. Where to look on; -1: no room. */
  from(unit: number): number {
    let next = unit
    while (next < this.#said) next++
    if (this.#upper(next) === 0) next++
    while (this.#upper(next) !== 0) {
      // No step is longer than its head and what is counted here.
      if (this.at + 16 > this.#end) return -1
      next = this.#step(next)
      if (next < 0) return -1
    }
    return next + 1
  }

  #step(unit: number): number {
    const upper = this.#upper(unit)
    let alike = 1
    while (this.#upper(unit + alike) === upper) alike++
    if (alike >= ALIKE_MIN) return this.#alike(unit, upper, alike)
    if (isHigh(upper) && isLow(this.#upper(unit + 1))) return this.#pair(unit, upper, this.#upper(unit + 1))
    const several = this.#differing(unit)
    if (several >= ALIKE_MIN) return this.#each(unit, several)
    return isHigh(upper) ? this.#alike(unit, upper, 1) : this.#one(unit, upper)
  }

  /** How many units beyond Latin-1 follow each other before some that are better said in another way. */
  #differing(unit: number): number {
    let count = 0
    for (let alike = 0, last = -1; ; count++) {
      const upper = this.#upper(unit + count)
      if (upper === 0) return count
      alike = upper === last ? alike + 1 : 1
      if (alike > ALIKE_MIN) return count - ALIKE_MIN
      if (isHigh(upper) && isLow(this.#upper(unit + count + 1))) return count
      last = upper
    }
  }

  #head(unit: number, kind: number): void {
    let rest = (unit - this.#said) * 4 + kind
    while (rest >= 0x80) {
      this.#out[this.at++] = (rest % 0x80) | 0x80
      rest = Math.floor(rest / 0x80)
    }
    this.#out[this.at++] = rest
  }

  #count(count: number): void {
    let rest = count
    for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) this.#out[this.at++] = (rest % 0x80) | 0x80
    this.#out[this.at++] = rest
  }

  #one(unit: number, upper: number): number {
    if (upper === this.#last) this.#head(unit, AGAIN)
    else {
      this.#head(unit, ONE)
      this.#out[this.at++] = upper
      this.#last = upper
    }
    this.#said = unit + 1
    return this.#said
  }

  #pair(unit: number, high: number, low: number): number {
    const both = high * 0x100 + low
    if (both === this.#last) this.#head(unit, AGAIN)
    else {
      this.#head(unit, ONE)
      this.#out[this.at++] = high
      this.#out[this.at++] = low
      this.#last = both
    }
    this.#said = unit + 2
    return this.#said
  }

  #alike(unit: number, upper: number, count: number): number {
    this.#head(unit, ALIKE)
    this.#count(count)
    this.#out[this.at++] = upper
    this.#last = upper
    this.#said = unit + count
    return this.#said
  }

  #each(unit: number, count: number): number {
    this.#head(unit, EACH)
    this.#count(count)
    if (this.at + count > this.#end) return -1
    for (let index = 0; index < count; index++) this.#out[this.at++] = this.#upper(unit + index)
    this.#said = unit + count
    return this.#said
  }
}

const isHigh = (upper: number): boolean => upper >= 0xd8 && upper < 0xdc
const isLow = (upper: number): boolean => upper >= 0xdc && upper < 0xe0

/** Where the parts of a split string lie: `length` lower halves, then the steps up to `end`. */
export interface Split {
  readonly buffer: Uint8Array
  readonly start: number
  readonly length: number
  readonly end: number
}

/** The string. `wide` is given the begin and the end of each stretch of units beyond Latin-1, in order. */
export function joinUppers({ buffer, start, length, end }: Split, wide: number[]): string {
  const { bytes, units } = unitsFor(length)
  units.set(buffer.subarray(start, start + length))
  let at = start + length
  let unit = 0
  let last = FIRST_UPPER
  const varint = () => {
    let value = 0
    for (let scale = 1; scale <= 0x80 ** 4; scale *= 0x80) {
      const byte = at < end ? buffer[at++]! : NaN
      value += (byte & 0x7f) * scale
      if (byte < 0x80) return value
    }
    throw misfit()
  }
  while (at < end) {
    const head = varint()
    const kind = head % 4
    unit += (head - kind) / 4
    let count = 1
    if (kind === ONE) {
      last = at < end ? buffer[at++]! : 0
      if (isHigh(last)) last = last * 0x100 + (at < end ? buffer[at++]! : 0)
    } else if (kind !== AGAIN) {
      count = varint()
      if (kind === ALIKE) last = at < end ? buffer[at++]! : 0
      else if (count > end - at) throw misfit()
    }
    if (last > 0xff && kind <= ONE) count = 2
    if (count > length - unit) throw misfit()
    wide.push(unit, unit + count)
    if (kind === EACH) for (; count > 0; count--) units[unit++]! |= buffer[at++]! << 8
    else if (last > 0xff) {
      units[unit++]! |= last & 0xff00
      units[unit++]! |= (last & 0xff) << 8
    } else for (; count > 0; count--) units[unit++]! |= last << 8
  }
  if (BIG_ENDIAN) bytes.subarray(0, length * 2).swap16()
  return bytes.ucs2Slice(0, length * 2)
}

const misfit = () => protocolError('the upper halves of a string do not fit it')
