/**
 * Shape → a function that reads a value: the mirror of encode.ts beside it, and for the same bytes the same value or error as what
 * transformer/codegen/decode.ts generates. The bytes may be anybody's.
 */

import { decodeReference } from '../../calls/references.ts'
import { LIMITS } from '../../limits.ts'
import type { Shape, TupleElement } from '../../shape.ts'
import { readBytes, readRegExp, readUrl } from '../builtins.ts'
import { fromWire } from '../custom.ts'
import { readError } from '../error.ts'
import { readHoles } from '../holes.ts'
import { readJson } from '../json.ts'
import { bare, setKey } from '../kinds.ts'
import { readNumbers } from '../numbers.ts'
import { literalValue } from '../of-kind.ts'
import type { Reader } from '../reader.ts'
import { canBeEmpty, flagsOf, mayHaveHoles, tupleParts } from '../traits.ts'
import { canBeUndefined } from '../union.ts'
import { flaggedMembers, isOwnKey, literalsOf } from './parts.ts'
import type { Types } from './types.ts'

export type Decode = (reader: Reader, depth: number) => unknown

export class Decoders {
  readonly #types: Types
  readonly #named = new Map<string, Decode>()

  constructor(types: Types) {
    this.#types = types
  }

  of(shape: Shape): Decode {
    const { errors, codecs } = this.#types.text
    switch (shape.kind) {
      case 'boolean':
        return (reader) => reader.boolean()
      case 'number':
        return (reader) => reader.number()
      case 'bigint':
        return (reader) => reader.bigint()
      case 'string':
        return (reader) => reader.text()
      case 'null':
        return () => null
      case 'undefined':
        return () => undefined
      case 'literal': {
        const value = literalValue(shape.literal)
        return () => value
      }
      case 'literals': {
        const table = literalsOf(shape.values)
        return (reader) => table[reader.index(table.length)]
      }
      case 'array':
        return shape.of.kind === 'number' ? readNumbers : this.#array(shape.of)
      case 'tuple':
        return this.#tuple(shape.elements)
      case 'object':
        return this.#object(shape)
      case 'map':
        return this.#map(shape)
      case 'set':
        return this.#set(shape.of)
      case 'date':
        return (reader) => new Date(reader.number())
      case 'url':
        return readUrl
      case 'regexp':
        return readRegExp
      case 'bytes':
        return shape.type === 'Uint8Array' ? (reader) => reader.bytes() : (reader) => readBytes(reader, shape.type)
      case 'error':
        return (reader) => readError(reader, errors)
      case 'json':
        return readJson
      case 'component':
        return (reader) => decodeReference(reader, shape.component)
      case 'custom': {
        const wire = this.of(shape.of)
        return (reader, depth) => fromWire(codecs!, shape.codec, wire(reader, depth))
      }
      case 'signal':
      case 'stream':
        return () => true
      case 'shared':
        return this.of(shape.of)
      case 'union':
        return this.#union(shape)
      case 'ref':
        return this.#ref(shape.name)
      case 'unsupported':
        return (reader) => reader.unexpected('a value')
    }
  }

  #ref(name: string): Decode {
    let decode: Decode = (reader, depth) => {
      decode = this.#named.get(name) ?? this.#make(name)
      return decode(reader, depth)
    }
    return (reader, depth) => decode(reader, depth)
  }

  #make(name: string): Decode {
    const { shape, recursive } = this.#types.named(name)
    const inside = this.of(shape)
    const decode: Decode = (reader, depth) => {
      if (recursive && depth > LIMITS.depthMax) reader.tooDeep()
      return inside(reader, depth + 1)
    }
    this.#named.set(name, decode)
    return decode
  }

  #canBeEmpty(shape: Shape): boolean {
    return canBeEmpty(shape, (name) => this.#types.named(name).shape)
  }

  #item(shape: Shape): Decode {
    const decode = this.of(shape)
    if (!this.#canBeEmpty(shape)) return decode
    return (reader, depth) => {
      const value = decode(reader, depth)
      reader.uint8()
      return value
    }
  }

  #array(of: Shape): Decode {
    const item = this.#item(of)
    const mayBeHoles = canBeUndefined(of, this.#types.resolve)
    return (reader, depth) => {
      const list: unknown[] = []
      const marked = mayBeHoles ? reader.markedCount() : 0
      for (let left = mayBeHoles ? marked >>> 1 : reader.count(); left > 0; left--) list.push(item(reader, depth))
      return marked & 1 ? readHoles(reader, list) : list
    }
  }

  #tuple(elements: readonly TupleElement[]): Decode {
    const { before, rest, after, required } = tupleParts(elements)
    const items = before.map(({ shape }) => this.of(shape))
    const restItem = rest && this.#item(rest.shape)
    const last = after.map(({ shape }) => this.of(shape))
    const mayBeHoles = mayHaveHoles(elements, this.#types.resolve)
    const isFixed = required === elements.length
    return (reader, depth) => {
      const list: unknown[] = []
      const marked = !isFixed && mayBeHoles ? reader.markedCount() : 0
      let extra = isFixed ? 0 : mayBeHoles ? marked >>> 1 : reader.count()
      if (!rest && extra > elements.length - required) reader.unexpected('the length of a tuple')
      for (const [index, item] of items.entries()) {
        if (!before[index]!.optional) list.push(item(reader, depth))
        else if (extra > 0) {
          extra--
          list.push(reader.boolean() ? item(reader, depth) : undefined)
        }
      }
      if (restItem) for (; extra > 0; extra--) list.push(restItem(reader, depth))
      for (const item of last) list.push(item(reader, depth))
      return mayBeHoles && (isFixed || marked & 1) ? readHoles(reader, list) : list
    }
  }

  #object(shape: Extract<Shape, { kind: 'object' }>): Decode {
    const each = flaggedMembers(shape).map((member) => ({ ...member, of: this.of(member.shape) }))
    const required = each.filter(({ optional }) => !optional)
    const optional = each.filter((member) => member.optional)
    const flags = flagsOf(shape).length
    const index = shape.index && this.#index(shape)
    return (reader, depth) => {
      const object = {}
      const said = readFlags(reader, flags)
      const open = optional.length > 0 && hasBit(said, 0) ? readFlags(reader, optional.length) : NO_FLAGS
      for (let at = 0; at < required.length; at++) {
        const member = required[at]!
        setKey(object, member.name, member.isFlag ? hasBit(said, member.value) : member.of(reader, depth))
      }
      for (let at = 0; at < optional.length; at++) {
        const member = optional[at]!
        if (hasBit(said, member.present)) {
          setKey(object, member.name, member.isFlag ? hasBit(said, member.value) : member.of(reader, depth))
        } else if (hasBit(open, member.open)) setKey(object, member.name, undefined)
      }
      index?.(reader, object, depth)
      return object
    }
  }

  #index(shape: Extract<Shape, { kind: 'object' }>): (reader: Reader, object: object, depth: number) => void {
    const item = this.of(shape.index!.of)
    const isOwn = isOwnKey(shape)
    return (reader, object, depth) => {
      const marked = reader.markedCount()
      if (marked & 1) bare(object)
      for (let left = marked >>> 1; left > 0; left--) {
        const key = reader.text()
        if (!isOwn(key)) reader.unexpected('a key')
        setKey(object, key, item(reader, depth))
      }
    }
  }

  #map({ key: keyShape, value: valueShape }: Extract<Shape, { kind: 'map' }>): Decode {
    const key = this.of(keyShape)
    const item = this.of(valueShape)
    const isEmpty = this.#canBeEmpty(keyShape) && this.#canBeEmpty(valueShape)
    return (reader, depth) => {
      const map = new Map<unknown, unknown>()
      for (let left = reader.count(); left > 0; left--) {
        map.set(key(reader, depth), item(reader, depth))
        if (isEmpty) reader.uint8()
      }
      return map
    }
  }

  #set(of: Shape): Decode {
    const item = this.#item(of)
    return (reader, depth) => {
      const set = new Set<unknown>()
      for (let left = reader.count(); left > 0; left--) set.add(item(reader, depth))
      return set
    }
  }

  #union({ members }: Extract<Shape, { kind: 'union' }>): Decode {
    const decodes: (Decode | undefined)[] = []
    return (reader, depth) => {
      const index = reader.index(members.length)
      decodes[index] ??= this.of(members[index]!.shape)
      return decodes[index](reader, depth)
    }
  }
}

const NO_FLAGS: readonly number[] = []

function readFlags(reader: Reader, count: number): readonly number[] {
  if (count === 0) return NO_FLAGS
  const bytes: number[] = []
  for (let left = count; left > 0; left -= 8) bytes.push(reader.flags(2 ** Math.min(8, left) - 1))
  return bytes
}

const hasBit = (bytes: readonly number[], bit: number): boolean => ((bytes[bit >> 3] ?? 0) & (1 << (bit & 7))) !== 0
