/**
 * The upper halves of a string's UTF-16 units: which of them aren't 0, and what they are. `writeSplit` finds them in a string and
 * writes them behind its lower halves, `joinUppers` puts them over those. What doesn't fit the string is refused.
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
import { SHORT_UNITS_MAX, shortUnits } from './short.ts'

interface StringBuffer extends Buffer {
  latin1Write(text: string, at: number, bytes: number): number
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
/** Stretches that are so near to each other are one: hardly a string fits in between. */
const NEAR = 24
/** A head and a count, and what is fixed beside them. */
const STEP_BYTES_MAX = 16

/** In units: up to here a loop costs less than a call into C++, over a string and over bytes. */
const SHORT = 24
const JOINED_BY_LOOP = 96
/** In units: what is kept for the next string. A longer one brings memory of its own. */
const KEPT_UNITS = 32 * 1024
/** Behind every unit: no string of V8 is as long. An integer as V8 likes them. */
export const NOWHERE = 0x7fffffff
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

/** Writes `text` from `start` on and gives the position behind it; -1, where that would be beyond `end`, whatever has been written by then. */
export function writeSplit(text: string, out: Buffer, start: number, end: number): number {
  const { length } = text
  const { bytes, units, pairs } = unitsFor(length)
  if (length <= SHORT) {
    for (let at = 0; at < length; at++) {
      const unit = text.charCodeAt(at)
      units[at] = unit
      out[start + at] = unit
    }
  } else {
    bytes.ucs2Write(text, 0, length * 2)
    if (BIG_ENDIAN) bytes.subarray(0, length * 2).swap16()
    ;(out as StringBuffer).latin1Write(text, start, length)
  }
  return writeUppers(units, pairs, length, out, start + length, end)
}

function writeUppers(
  units: Uint16Array,
  pairs: Uint32Array,
  length: number,
  out: Uint8Array,
  start: number,
  end: number,
): number {
  let at = start
  const even = length & ~1
  let said = 0
  let last = FIRST_UPPER
  let unit = 0
  while (unit < length) {
    if ((unit & 1) === 0) while (unit < even && (pairs[unit >> 1]! & 0xff00ff00) === 0) unit += 2
    if (unit >= length) break
    const upper = units[unit]! >> 8
    if (upper === 0) {
      unit++
      continue
    }
    // No step is longer than its head and what is counted here.
    if (at + STEP_BYTES_MAX > end) return -1
    const next = unit + 1 < length ? units[unit + 1]! >> 8 : 0
    const passed = (unit - said) * 4
    let kind = ONE
    let count = 1
    if (next !== 0 || (upper & 0xf8) === 0xd8) {
      const way = wayOf(units, unit, length)
      kind = way & 3
      count = way >> 2
    }
    const code = kind === ONE && count === 2 ? upper * 0x100 + next : upper
    if (kind === ONE && code === last) kind = AGAIN
    if (passed < 0x80) out[at++] = passed + kind
    else at = putVarint(out, at, passed + kind)
    if (kind >= ALIKE) at = putVarint(out, at, count)
    if (kind === EACH) {
      if (at + count > end) return -1
      for (let index = 0; index < count; index++) out[at++] = units[unit + index]! >> 8
    } else if (kind !== AGAIN) {
      out[at++] = upper
      if (code > 0xff) out[at++] = next
      last = code
    }
    unit += count
    said = unit
  }
  return at
}

function putVarint(out: Uint8Array, start: number, value: number): number {
  let at = start
  let rest = value
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) out[at++] = (rest % 0x80) | 0x80
  out[at++] = rest
  return at
}

/** How units beyond Latin-1 that follow each other are best said from `unit` on: count × 4 + kind; two of kind ONE are a pair. */
function wayOf(units: Uint16Array, unit: number, length: number): number {
  const upper = units[unit]! >> 8
  let alike = 1
  while (unit + alike < length && units[unit + alike]! >> 8 === upper) alike++
  if (alike >= ALIKE_MIN) return alike * 4 + ALIKE
  if (isPair(units, unit, length)) return 2 * 4 + ONE
  const several = differing(units, unit, length)
  if (several >= ALIKE_MIN) return several * 4 + EACH
  // Half a pair by itself would be read as the beginning of one.
  return isHigh(upper) ? 1 * 4 + ALIKE : 1 * 4 + ONE
}

/** How many follow each other before some that are better said in another way. */
function differing(units: Uint16Array, unit: number, length: number): number {
  let alike = 0
  let last = -1
  for (let at = unit; at < length; at++) {
    const upper = units[at]! >> 8
    if (upper === 0 || isPair(units, at, length)) return at - unit
    alike = upper === last ? alike + 1 : 1
    if (alike > ALIKE_MIN) return at - unit - ALIKE_MIN
    last = upper
  }
  return length - unit
}

const isPair = (units: Uint16Array, unit: number, length: number): boolean =>
  unit + 1 < length && (units[unit]! & 0xfc00) === 0xd800 && (units[unit + 1]! & 0xfc00) === 0xdc00

const isHigh = (upper: number): boolean => upper >= 0xd8 && upper < 0xdc

/**
 * The string whose lower halves are the `length` bytes from `start` on, and whose steps lie behind them up to `end`. `wide`, where it is
 * given, gets the begin and the end of each stretch that holds units beyond Latin-1, in order, and then `NOWHERE` twice; it is written over.
 */
export function joinUppers(buffer: Uint8Array, start: number, length: number, end: number, wide?: number[]): string {
  const { bytes, units } = unitsFor(length)
  if (length <= JOINED_BY_LOOP) for (let at = 0; at < length; at++) units[at] = buffer[start + at]!
  else units.set(new Uint8Array(buffer.buffer, buffer.byteOffset + start, length))
  let at = start + length
  let unit = 0
  let last = FIRST_UPPER
  let wideEnd = 0
  let stretches = 0
  while (at < end) {
    let head = buffer[at++]!
    for (let scale = 0x80; head >= scale; scale *= 0x80) {
      if (at >= end || scale > 0x80 ** 4) throw misfit()
      head += (buffer[at++]! - 1) * scale
    }
    const kind = head & 3
    unit += (head - kind) / 4
    let count = 1
    if (kind === ONE) {
      last = at < end ? buffer[at++]! : 0
      if (isHigh(last)) last = last * 0x100 + (at < end ? buffer[at++]! : 0)
    } else if (kind !== AGAIN) {
      count = at < end ? buffer[at++]! : 0
      for (let scale = 0x80; count >= scale; scale *= 0x80) {
        if (at >= end || scale > 0x80 ** 4) throw misfit()
        count += (buffer[at++]! - 1) * scale
      }
      if (kind === ALIKE) last = at < end ? buffer[at++]! : 0
      else if (count > end - at) throw misfit()
    }
    if (last > 0xff && kind <= ONE) count = 2
    if (count > length - unit) throw misfit()
    if (wide !== undefined) {
      if (unit >= wideEnd + NEAR || wideEnd === 0) {
        wide[stretches] = unit
        stretches += 2
      }
      wideEnd = unit + count
      wide[stretches - 1] = wideEnd
    }
    if (kind === EACH) for (; count > 0; count--) units[unit++]! |= buffer[at++]! << 8
    else if (last > 0xff) {
      units[unit++]! |= last & 0xff00
      units[unit++]! |= (last & 0xff) << 8
    } else for (; count > 0; count--) units[unit++]! |= last << 8
  }
  if (wide !== undefined) {
    wide[stretches] = NOWHERE
    wide[stretches + 1] = NOWHERE
  }
  if (length <= SHORT_UNITS_MAX) return shortUnits(units, length)
  if (BIG_ENDIAN) bytes.subarray(0, length * 2).swap16()
  return bytes.ucs2Slice(0, length * 2)
}

const misfit = () => protocolError('the upper halves of a string do not fit it')
