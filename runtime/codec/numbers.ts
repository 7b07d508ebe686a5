/**
 * Lists of numbers: count, and where that isn't 0 how they are written (NUMBERS of wire.ts), then the numbers; whichever way is shortest.
 * A list of integers is varints, one of measurements or coordinates float64s or float32s in a row, one of all sorts number by number.
 */
import { protocolError, truncated } from './protocol.ts'
import type { Reader } from './reader.ts'
import { mismatch } from './signal.ts'
import { INTEGERS, NEGATIVE_MIN, NUMBERS, TWO_BYTES_END } from './wire.ts'
import type { Writer } from './writer.ts'

/** Twice it is still a safe integer. */
const ZIGZAG_LIMIT = 2 ** 52
/** From so many numbers on, a view of their bytes pays. */
const VIEW_MIN = 8

export function writeNumbers(writer: Writer, value: unknown): void {
  if (!Array.isArray(value)) mismatch()
  const list: readonly unknown[] = value
  const count = list.length
  writer.varint(count)
  if (count === 0) return
  const form = formOf(list)
  writer.uint8(form)
  for (let index = 0; index < count; index++) {
    const number = list[index] as number
    if (form === NUMBERS.varint) writer.varint(number)
    else if (form === NUMBERS.zigzag) writer.varint(number < 0 ? -number * 2 - 1 : number * 2)
    else if (form === NUMBERS.float64) writer.float64(number)
    else if (form === NUMBERS.float32) writer.float32(number)
    else writer.number(number)
  }
}

/** Checks all of them. */
function formOf(list: readonly unknown[]): number {
  let integers = true
  let least = 0
  let largest = 0
  for (let index = 0; index < list.length; index++) {
    const number = list[index]
    if (typeof number !== 'number') mismatch()
    if (integers && Number.isSafeInteger(number) && (number !== 0 || 1 / number > 0)) {
      if (number < least) least = number
      else if (number > largest) largest = number
    } else integers = false
  }
  if (integers && least === 0) return NUMBERS.varint
  if (integers && least > -ZIGZAG_LIMIT && largest < ZIGZAG_LIMIT) return NUMBERS.zigzag
  return shortest(list as readonly number[])
}

function shortest(list: readonly number[]): number {
  let each = 0
  let single = true
  for (const number of list) {
    const bytes = bytesOf(number)
    each += bytes
    if (single && Math.fround(number) !== number && !Number.isNaN(number)) single = false
  }
  if (single && list.length * 4 < each) return NUMBERS.float32
  return list.length * 8 < each ? NUMBERS.float64 : NUMBERS.each
}

/** What `Writer.number` takes. */
function bytesOf(number: number): number {
  if (!Number.isInteger(number) || Math.abs(number) > 2 ** 47 || Object.is(number, -0))
    return Math.fround(number) === number ? 5 : 9
  if (number >= NEGATIVE_MIN && number < INTEGERS) return 1
  if (number >= 0 && number < TWO_BYTES_END) return 2
  const magnitude = number < 0 ? -1 - number : number
  return magnitude < 2 ** 15 ? 3 : magnitude < 2 ** 23 ? 4 : magnitude < 2 ** 31 ? 5 : 7
}

export function readNumbers(reader: Reader): number[] {
  const count = reader.count()
  const list: number[] = []
  if (count === 0) return list
  const form = reader.uint8()
  if (form === NUMBERS.float64 || form === NUMBERS.float32) {
    const size = form === NUMBERS.float64 ? 8 : 4
    if (count * size > reader.left) throw truncated('a list of numbers', count * size, reader.left)
    if (count < VIEW_MIN && size === 8) for (let left = count; left > 0; left--) list.push(reader.float64())
    else readRow(reader, size, count, list)
  } else if (form === NUMBERS.varint) for (let left = count; left > 0; left--) list.push(reader.varint())
  else if (form === NUMBERS.zigzag) {
    for (let left = count; left > 0; left--) {
      const number = reader.varint()
      list.push(number % 2 === 0 ? number / 2 : -(number + 1) / 2)
    }
  } else if (form === NUMBERS.each) for (let left = count; left > 0; left--) list.push(reader.number())
  else throw protocolError(`a list of numbers is written in way ${form}`)
  return list
}

function readRow(reader: Reader, size: number, count: number, list: number[]): void {
  const { buffer, position } = reader
  const view = new DataView(buffer.buffer, buffer.byteOffset + position, count * size)
  if (size === 8) for (let at = 0; at < count * 8; at += 8) list.push(view.getFloat64(at, true))
  else for (let at = 0; at < count * 4; at += 4) list.push(view.getFloat32(at, true))
  reader.position = position + count * size
}
