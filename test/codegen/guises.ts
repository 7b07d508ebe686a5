/**
 * The same data in another guise: frozen, behind a proxy or a getter, of a subclass, of another realm, in shared or resizable memory. What a
 * value is made of doesn't change what crosses. In go a value and a source of chance, out comes a value that must cross as the first one does.
 */
import { runInNewContext } from 'node:vm'
import { isContainer, STUB } from './own.ts'
import { define } from './values.ts'

/** A number from 0 to `below`, exclusive. */
export type Chance = (below: number) => number

class List extends Array<unknown> {}
class Dictionary extends Map<unknown, unknown> {}
class Group extends Set<unknown> {}
class Moment extends Date {
  override getTime(): number {
    return 0
  }
}
class Address extends URL {}
class Pattern extends RegExp {}
class Bytes extends Uint8Array {}

const realm = runInNewContext(`({
  array: (items) => Array.from(items),
  map: (entries) => new Map(entries),
  set: (items) => new Set(items),
  date: (time) => new Date(time),
  regexp: (source, flags) => new RegExp(source, flags),
  object: () => ({}),
  bytes: (name, bytes) => new globalThis[name](Uint8Array.from(bytes).buffer),
  arrayBuffer: (bytes) => Uint8Array.from(bytes).buffer,
})`)

export function disguised(value: unknown, chance: Chance): unknown {
  if (typeof value !== 'object' || value === null || value === STUB || value instanceof Error) return value
  const inside = (each: unknown) => disguised(each, chance)
  if (isContainer(value)) return new (value.constructor as new (content: unknown) => object)(inside(value.content))
  if (Array.isArray(value)) return arrayLike(value, inside, chance)
  if (value instanceof Map)
    return mapLike(
      [...value].map(([key, item]) => [inside(key), inside(item)] as const),
      chance,
    )
  if (value instanceof Set) return setLike([...value].map(inside), chance)
  if (value instanceof Date)
    return [value, realm.date(value.getTime()), new Moment(value.getTime()), Object.freeze(value)][chance(4)]
  if (value instanceof URL) return [value, new Address(value.href)][chance(2)]
  if (value instanceof RegExp) return regExpLike(value, chance)
  if (value instanceof ArrayBuffer || ArrayBuffer.isView(value)) return bytesLike(value, chance)
  return objectLike(value, inside, chance)
}

function arrayLike(list: readonly unknown[], inside: (each: unknown) => unknown, chance: Chance): unknown {
  const made: unknown[] = [[], new List(), realm.array([])][chance(3)]
  made.length = list.length
  for (const [index, each] of list.entries()) if (index in list) made[index] = inside(each)
  return sealed(made, chance)
}

function mapLike(entries: (readonly [unknown, unknown])[], chance: Chance): unknown {
  const made = [new Map(entries), new Dictionary(entries), realm.map(entries)][chance(3)]
  return chance(3) === 0 ? Object.freeze(made) : made
}

function setLike(items: unknown[], chance: Chance): unknown {
  const made = [new Set(items), new Group(items), realm.set(items)][chance(3)]
  return chance(3) === 0 ? Object.freeze(made) : made
}

function regExpLike(expression: RegExp, chance: Chance): unknown {
  const { source, flags, lastIndex } = expression
  const made = [expression, new Pattern(source, flags), realm.regexp(source, flags)][chance(3)]
  made.lastIndex = lastIndex
  return made
}

function bytesLike(value: ArrayBuffer | ArrayBufferView, chance: Chance): unknown {
  const bytes = ArrayBuffer.isView(value)
    ? new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
    : new Uint8Array(value)
  if (Buffer.isBuffer(value)) return [value, Buffer.concat([Buffer.alloc(3), bytes]).subarray(3)][chance(2)]
  if (!ArrayBuffer.isView(value)) {
    const resizable = new ArrayBuffer(bytes.length, { maxByteLength: bytes.length + 8 })
    new Uint8Array(resizable).set(bytes)
    return [value, resizable, realm.arrayBuffer(bytes)][chance(3)]
  }
  const { name } = value.constructor
  const view = value.constructor as new (buffer: ArrayBufferLike, at?: number, length?: number) => ArrayBufferView
  const length = (value as unknown as { length: number }).length
  const within = (buffer: ArrayBufferLike): ArrayBufferView => {
    new Uint8Array(buffer).set(bytes, 8)
    return new view(buffer, 8, length)
  }
  return [
    value,
    within(new ArrayBuffer(bytes.length + 16)),
    within(new SharedArrayBuffer(bytes.length + 8)),
    within(new ArrayBuffer(bytes.length + 8, { maxByteLength: bytes.length + 64 })),
    realm.bytes(name, bytes),
    name === 'Uint8Array' ? new Bytes(bytes) : value,
  ][chance(6)]
}

/** Plain all the same: `Json` takes nothing else. */
function objectLike(object: object, inside: (each: unknown) => unknown, chance: Chance): unknown {
  const bare = Object.getPrototypeOf(object) === null
  const made = bare ? Object.create(null) : [{}, realm.object()][chance(2)]
  for (const key of Object.keys(object)) {
    const held = inside(Object.getOwnPropertyDescriptor(object, key)?.value)
    if (chance(4) > 0) define(made, key, held)
    else Object.defineProperty(made, key, { get: () => held, enumerable: true, configurable: true })
  }
  if (chance(4) === 0) Object.assign(made, { [Symbol('not data')]: 1, [Symbol.toStringTag]: 'Map' })
  return sealed(made, chance)
}

function sealed(made: object, chance: Chance): object {
  return [made, made, Object.freeze(made), Object.preventExtensions(made), new Proxy(made, {})][chance(5)]!
}
