/** Reading, writing and copying built-in objects that are more than one primitive: `URL`, `RegExp`, bytes. Called by generated code. */
import type { BytesKind } from '../shape.ts'
import { bytesFrom, bytesOf, isRegExp } from './kinds.ts'
import { protocolError, type Reader } from './reader.ts'
import { mismatch } from './signal.ts'
import type { Writer } from './writer.ts'

export function readUrl(reader: Reader): URL {
  return urlFrom(reader.text())
}

export function urlFrom(href: string): URL {
  const url = URL.parse(href)
  if (!url) throw protocolError('a URL is not one')
  return url
}

export function writeRegExp(writer: Writer, value: unknown): void {
  if (!isRegExp(value)) mismatch()
  writer.text(value.source)
  writer.text(value.flags)
  writer.number(value.lastIndex)
}

export function readRegExp(reader: Reader): RegExp {
  return regExpFrom(reader.text(), reader.text(), reader.number())
}

export function regExpFrom(source: string, flags: string, lastIndex: number): RegExp {
  try {
    const expression = new RegExp(source, flags)
    expression.lastIndex = lastIndex
    return expression
  } catch {
    throw protocolError('a regular expression is not one')
  }
}

export function copyRegExp(value: unknown): RegExp {
  if (!isRegExp(value)) mismatch()
  const copy = new RegExp(value.source, value.flags)
  copy.lastIndex = value.lastIndex
  return copy
}

export function readBytes(reader: Reader, type: BytesKind): ArrayBuffer | NodeJS.TypedArray {
  const bytes = bytesFrom(reader.arrayBuffer(), type)
  if (!bytes) throw protocolError(`the bytes of a ${type} are no whole number of elements`)
  return bytes
}

export function copyBytes(value: unknown, type: BytesKind): ArrayBuffer | NodeJS.TypedArray {
  // Not `slice`, which for a Buffer gives a view of the same bytes. A copy of whole elements is a whole number of them.
  const copy = new Uint8Array(bytesOf(value, type))
  return bytesFrom(copy.buffer, type) as ArrayBuffer | NodeJS.TypedArray
}
