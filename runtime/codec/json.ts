/**
 * The codec of `Json`: a value that describes itself, by a tag before each part. Plain objects and arrays only: what
 * `JSON.stringify` would change without saying so (`undefined`, dates, class instances) is a mismatch. Numbers cross as they
 * are, NaN and the infinities too.
 */
import { LIMITS } from '../limits.ts'
import { isPlain, setKey } from './kinds.ts'
import type { Reader } from './reader.ts'
import { mismatch, tooDeep } from './signal.ts'
import type { Writer } from './writer.ts'

const NULL = 0
const FALSE = 1
const TRUE = 2
const NUMBER = 3
const STRING = 4
const ARRAY = 5
const OBJECT = 6
/** Without a prototype. */
const BARE = 7

export function writeJson(writer: Writer, value: unknown, depth: number): void {
  switch (typeof value) {
    case 'string':
      writer.uint8(STRING)
      writer.text(value)
      return
    case 'number':
      writer.uint8(NUMBER)
      writer.number(value)
      return
    case 'boolean':
      writer.uint8(value ? TRUE : FALSE)
      return
    case 'object':
      if (value === null) writer.uint8(NULL)
      else if (depth > LIMITS.depthMax) tooDeep()
      else if (Array.isArray(value)) writeArray(writer, value, depth)
      else writeObject(writer, value, depth)
      return
    default:
      mismatch()
      return
  }
}

function writeArray(writer: Writer, list: readonly unknown[], depth: number): void {
  const count = list.length
  writer.uint8(ARRAY)
  writer.varint(count)
  for (let index = 0; index < count; index++) writeJson(writer, list[index], depth + 1)
}

function writeObject(writer: Writer, object: object, depth: number): void {
  if (!isPlain(object)) mismatch()
  const keys = Object.keys(object)
  writer.uint8(Object.getPrototypeOf(object) === null ? BARE : OBJECT)
  writer.varint(keys.length)
  for (const key of keys) {
    writer.text(key)
    writeJson(writer, (object as Record<string, unknown>)[key], depth + 1)
  }
}

/** For a co-located receiver of data that is Json by what weave.config.ts says, and so may be changed. */
export function copyJson(value: unknown, depth: number): unknown {
  if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
    return value
  if (typeof value !== 'object') return mismatch()
  if (depth > LIMITS.depthMax) tooDeep()
  if (Array.isArray(value)) {
    const list: unknown[] = []
    for (let index = 0; index < value.length; index++) list.push(copyJson(value[index], depth + 1))
    return list
  }
  if (!isPlain(value)) mismatch()
  const copy = Object.getPrototypeOf(value) === null ? Object.create(null) : {}
  for (const key of Object.keys(value)) setKey(copy, key, copyJson((value as Record<string, unknown>)[key], depth + 1))
  return copy
}

export function readJson(reader: Reader, depth: number): unknown {
  const tag = reader.uint8()
  switch (tag) {
    case NULL:
      return null
    case FALSE:
      return false
    case TRUE:
      return true
    case NUMBER:
      return reader.number()
    case STRING:
      return reader.text()
    case ARRAY: {
      if (depth > LIMITS.depthMax) reader.tooDeep()
      const list: unknown[] = []
      for (let left = reader.count(); left > 0; left--) list.push(readJson(reader, depth + 1))
      return list
    }
    case OBJECT:
    case BARE: {
      if (depth > LIMITS.depthMax) reader.tooDeep()
      const object = tag === BARE ? Object.create(null) : {}
      for (let left = reader.count(); left > 0; left--) setKey(object, reader.text(), readJson(reader, depth + 1))
      return object
    }
    default:
      return reader.unexpected('a tag of Json')
  }
}
