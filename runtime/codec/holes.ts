/**
 * Holes of arrays: elements that were never there, which `in`, `forEach` and `Object.keys` tell from `undefined`. Where the element
 * type allows `undefined`, a hole is written as one, and its position follows the elements; a bit beside the array's count (or a byte
 * behind a tuple's elements) says whether any does. Where it doesn't, a hole is an element that is missing, and a mismatch.
 */
import { protocolError, type Reader } from './reader.ts'
import type { Writer } from './writer.ts'

/** Positions of the holes, in order; undefined where there is none, which one look of V8's own tells of most arrays. */
export function holesOf(list: readonly unknown[]): number[] | undefined {
  if (!list.includes(undefined)) return undefined
  const holes: number[] = []
  for (let index = 0; index < list.length; index++) if (!(index in list)) holes.push(index)
  return holes.length === 0 ? undefined : holes
}

/** Their count, then the distance of each from the one before. */
export function writeHoles(writer: Writer, holes: readonly number[] | undefined): void {
  writer.varint(holes?.length ?? 0)
  let before = -1
  for (const hole of holes ?? []) {
    writer.varint(hole - before - 1)
    before = hole
  }
}

/** Makes them in a list whose elements have been read, where each of them was `undefined`. */
export function readHoles<T extends unknown[]>(reader: Reader, list: T): T {
  let at = -1
  for (let left = reader.count(); left > 0; left--) {
    at += reader.varint() + 1
    if (at >= list.length || list[at] !== undefined) throw protocolError('a hole of an array is where there is none')
    delete list[at]
  }
  return list
}

/** The same for a co-located copy. */
export function copyHoles<T extends unknown[]>(from: readonly unknown[], list: T): T {
  for (const hole of holesOf(from) ?? []) delete list[hole]
  return list
}
