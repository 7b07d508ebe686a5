/**
 * Shape → a function that checks a value and writes it: what transformer/codegen/encode.ts generates, for types so large that their
 * generated code would weigh more than it is worth. It writes the very same bytes and refuses the very same values; a property test
 * compares. A type becomes functions when a value of it is first met.
 */

import { encodeReference } from '../../calls/references.ts'
import { LIMITS } from '../../limits.ts'
import type { Literal, Shape, TupleElement } from '../../shape.ts'
import { writeRegExp } from '../builtins.ts'
import { toWire } from '../custom.ts'
import { writeError } from '../error.ts'
import { holesOf, writeHoles } from '../holes.ts'
import { writeJson } from '../json.ts'
import { bytesOf, hasMember, hrefOf, isSignal, isStream, map, set, timeOf } from '../kinds.ts'
import { writeNumbers } from '../numbers.ts'
import { literalValue } from '../of-kind.ts'
import { mismatch, tooDeep } from '../signal.ts'
import { canBeEmpty, flagsOf, mayHaveHoles, tupleParts } from '../traits.ts'
import { canBeUndefined } from '../union.ts'
import type { Writer } from '../writer.ts'
import { choiceOf, type FlaggedMember, flaggedMembers, isObjectOf, isOwnKey, literalsOf } from './parts.ts'
import type { Types } from './types.ts'

/** `depth` is that of what the value holds, as in generated code. */
export type Encode = (writer: Writer, value: unknown, depth: number) => void

export class Encoders {
  readonly #types: Types
  readonly #named = new Map<string, Encode>()

  constructor(types: Types) {
    this.#types = types
  }

  of(shape: Shape): Encode {
    const { errors, codecs } = this.#types.text
    switch (shape.kind) {
      case 'boolean':
        return (writer, value) => writer.boolean(value)
      case 'number':
        return (writer, value) => writer.number(value)
      case 'bigint':
        return (writer, value) => writer.bigint(value)
      case 'string':
        return (writer, value) => writer.text(value)
      case 'null':
        return only(null)
      case 'undefined':
        return only(undefined)
      case 'literal':
        return only(literalValue(shape.literal))
      case 'literals':
        return literals(shape.values)
      case 'array':
        return shape.of.kind === 'number' ? writeNumbers : this.#array(shape.of)
      case 'tuple':
        return this.#tuple(shape.elements)
      case 'object':
        return this.#object(shape)
      case 'map':
        return this.#map(shape)
      case 'set':
        return this.#set(shape.of)
      case 'date':
        return (writer, value) => writer.number(timeOf(value))
      case 'url':
        return (writer, value) => writer.text(hrefOf(value))
      case 'regexp':
        return writeRegExp
      case 'bytes':
        return (writer, value) => writer.bytes(bytesOf(value, shape.type))
      case 'error':
        return (writer, value) => writeError(writer, value, errors)
      case 'json':
        return writeJson
      case 'component':
        return (writer, value) => encodeReference(writer, value, shape.component)
      case 'custom': {
        const wire = this.of(shape.of)
        return (writer, value, depth) => wire(writer, toWire(codecs!, shape.codec, value), depth)
      }
      case 'signal':
        return (_, value) => (isSignal(value) ? undefined : mismatch())
      case 'stream':
        return (_, value) => (isStream(value) ? undefined : mismatch())
      case 'shared':
        return this.of(shape.of)
      case 'union':
        return this.#union(shape)
      case 'ref':
        return this.#ref(shape.name)
      case 'unsupported':
        return mismatch
    }
  }

  /** Made when it is first called, since a type may hold itself. */
  #ref(name: string): Encode {
    let encode: Encode = (writer, value, depth) => {
      encode = this.#named.get(name) ?? this.#make(name)
      encode(writer, value, depth)
    }
    return (writer, value, depth) => encode(writer, value, depth)
  }

  #make(name: string): Encode {
    const { shape, recursive } = this.#types.named(name)
    const inside = this.of(shape)
    const encode: Encode = (writer, value, depth) => {
      if (recursive && depth > LIMITS.depthMax) tooDeep()
      inside(writer, value, depth + 1)
    }
    this.#named.set(name, encode)
    return encode
  }

  #canBeEmpty(shape: Shape): boolean {
    return canBeEmpty(shape, (name) => this.#types.named(name).shape)
  }

  /** One that may take no bytes is given one. */
  #item(shape: Shape): Encode {
    const encode = this.of(shape)
    if (!this.#canBeEmpty(shape)) return encode
    return (writer, value, depth) => {
      encode(writer, value, depth)
      writer.uint8(0)
    }
  }

  #array(of: Shape): Encode {
    const item = this.#item(of)
    const mayBeHoles = canBeUndefined(of, this.#types.resolve)
    return (writer, value, depth) => {
      if (!Array.isArray(value)) mismatch()
      const list: readonly unknown[] = value
      const count = list.length
      const holes = mayBeHoles ? holesOf(list) : undefined
      if (mayBeHoles) writer.markedCount(count, holes !== undefined)
      else writer.varint(count)
      for (let index = 0; index < count; index++) item(writer, list[index], depth)
      if (holes !== undefined) writeHoles(writer, holes)
    }
  }

  #tuple(elements: readonly TupleElement[]): Encode {
    const { before, rest, after, required } = tupleParts(elements)
    const items = before.map(({ shape }) => this.of(shape))
    const restItem = rest && this.#item(rest.shape)
    const last = after.map(({ shape }) => this.of(shape))
    const mayBeHoles = mayHaveHoles(elements, this.#types.resolve)
    const isFixed = required === elements.length
    const lengthMax = rest ? Number.POSITIVE_INFINITY : elements.length
    return (writer, value, depth) => {
      if (!Array.isArray(value) || value.length < required || value.length > lengthMax) mismatch()
      const list: readonly unknown[] = value
      const count = list.length
      const holes = mayBeHoles ? holesOf(list) : undefined
      if (!isFixed && mayBeHoles) writer.markedCount(count - required, holes !== undefined)
      else if (!isFixed) writer.varint(count - required)
      for (const [index, item] of items.entries()) {
        if (!before[index]!.optional) item(writer, list[index], depth)
        else if (index < count) given(writer, list[index], depth, item)
      }
      if (restItem) for (let at = items.length; at < count - last.length; at++) restItem(writer, list[at], depth)
      for (const [index, item] of last.entries()) item(writer, list[count - last.length + index], depth)
      if (mayBeHoles && (isFixed || holes !== undefined)) writeHoles(writer, holes)
    }
  }

  #object(shape: Extract<Shape, { kind: 'object' }>): Encode {
    const isObject = isObjectOf(shape, this.#types.resolve)
    const each = flaggedMembers(shape).map((member) => ({ ...member, of: this.of(member.shape) }))
    const required = each.filter(({ optional, isFlag }) => !optional && !isFlag)
    const flagged = each.filter(({ optional, isFlag }) => optional || isFlag)
    const flags = flagsOf(shape).length
    const opens = shape.members.filter((member) => member.optional).length
    const index = shape.index && this.#index(shape)
    return (writer, value, depth) => {
      if (!isObject(value)) mismatch()
      const held = flagged.length === 0 ? flagged : writeFlags(writer, value, { flagged, flags, opens })
      for (let at = 0; at < required.length; at++) {
        const member = required[at]!
        member.of(writer, member.read(value), depth)
      }
      for (let at = 0; at < flagged.length; at++) {
        const member = flagged[at]!
        if (!member.isFlag && held[at] !== undefined) member.of(writer, held[at], depth)
      }
      index?.(writer, value, depth)
    }
  }

  #index(shape: Extract<Shape, { kind: 'object' }>): (writer: Writer, object: object, depth: number) => void {
    const item = this.of(shape.index!.of)
    const isOwn = isOwnKey(shape)
    return (writer, object, depth) => {
      const keys = Object.keys(object).filter(isOwn)
      writer.markedCount(keys.length, Object.getPrototypeOf(object) === null)
      for (const key of keys) {
        writer.text(key)
        item(writer, (object as Record<string, unknown>)[key], depth)
      }
    }
  }

  #map({ key: keyShape, value: valueShape }: Extract<Shape, { kind: 'map' }>): Encode {
    const key = this.of(keyShape)
    const item = this.of(valueShape)
    const isEmpty = this.#canBeEmpty(keyShape) && this.#canBeEmpty(valueShape)
    return (writer, value, depth) => {
      const entries = map(value)
      let left = entries.size
      writer.varint(left)
      for (const [first, second] of entries) {
        left--
        key(writer, first, depth)
        item(writer, second, depth)
        if (isEmpty) writer.uint8(0)
      }
      if (left !== 0) mismatch()
    }
  }

  #set(of: Shape): Encode {
    const item = this.#item(of)
    return (writer, value, depth) => {
      const items = set(value)
      let left = items.size
      writer.varint(left)
      for (const each of items) {
        left--
        item(writer, each, depth)
      }
      if (left !== 0) mismatch()
    }
  }

  #union({ members }: Extract<Shape, { kind: 'union' }>): Encode {
    const choice = choiceOf(members, this.#types)
    const encodes: (Encode | undefined)[] = []
    return (writer, value, depth) => {
      const index = choice.index(value)
      if (index < 0 || choice.alsoFits(index, value)) mismatch()
      writer.index(index, members.length)
      encodes[index] ??= saysAll(members[index]!.shape) ? nothing : this.of(members[index]!.shape)
      encodes[index](writer, value, depth)
    }
  }
}

interface Flags {
  readonly flagged: readonly FlaggedMember[]
  /** How many bits say what is there and which booleans are true, and how many then say what is `undefined`. */
  readonly flags: number
  readonly opens: number
}

/** The bits before an object's members (flagsOf of codec/traits.ts). Gives the values of the members that they say something of. */
function writeFlags(writer: Writer, object: object, { flagged, flags, opens }: Flags): unknown[] {
  const held: unknown[] = []
  const said = noBits(flags)
  const open = noBits(opens)
  let isOpen = false
  for (const { name, read, optional, isFlag, present, value: bit, open: openBit } of flagged) {
    const value = read(object)
    held.push(value)
    if (value === undefined && optional) {
      if (!hasMember(object, name)) continue
      isOpen = true
      setBit(open, openBit)
      continue
    }
    if (isFlag && typeof value !== 'boolean') mismatch()
    if (optional) setBit(said, present)
    if (isFlag && value === true) setBit(said, bit)
  }
  if (isOpen) setBit(said, 0)
  for (const byte of said) writer.uint8(byte)
  if (isOpen) for (const byte of open) writer.uint8(byte)
  return held
}

const noBits = (count: number): number[] => {
  const bytes: number[] = []
  for (let at = 0; at < count; at += 8) bytes.push(0)
  return bytes
}

function setBit(bytes: number[], bit: number): void {
  bytes[bit >> 3]! |= 1 << (bit & 7)
}

const nothing: Encode = () => {}

/** Nothing is left to check or write once the union's member is known. */
const saysAll = ({ kind }: Shape): boolean => kind === 'null' || kind === 'undefined' || kind === 'literal'

function only(expected: unknown): Encode {
  return (_, value) => (value === expected ? undefined : mismatch())
}

function literals(values: readonly Literal[]): Encode {
  const table = literalsOf(values)
  const indexes = new Map(table.map((value, index) => [value, index]))
  // A map doesn't tell one zero from the other.
  const negativeZero = table.findIndex((value) => Object.is(value, -0))
  const zero = table.findIndex((value) => Object.is(value, 0))
  return (writer, value) => {
    const index = value === 0 ? (Object.is(value, 0) ? zero : negativeZero) : (indexes.get(value as never) ?? -1)
    writer.index(index < 0 ? mismatch() : index, table.length)
  }
}

function given(writer: Writer, value: unknown, depth: number, item: Encode): void {
  writer.boolean(value !== undefined)
  if (value !== undefined) item(writer, value, depth)
}
