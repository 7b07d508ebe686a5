/**
 * Shape → a function that copies a value for a co-located callee or caller, as transformer/codegen/copy.ts generates it: the same
 * copies, and a `Mismatch` for the same values. What can't be changed is passed as it is and not looked at.
 */

import { copyReference } from '../../calls/references.ts'
import { LIMITS } from '../../limits.ts'
import type { Shape, TupleElement } from '../../shape.ts'
import { copyBytes, copyRegExp } from '../builtins.ts'
import { fromWire, toWire } from '../custom.ts'
import { copyError } from '../error.ts'
import { copyHoles } from '../holes.ts'
import { copyJson } from '../json.ts'
import { bare, bigint, boolean, hasMember, hrefOf, map, number, same, set, setKey, string, timeOf } from '../kinds.ts'
import { literalValue } from '../of-kind.ts'
import { mismatch, tooDeep } from '../signal.ts'
import { isPrimitive, isUnionOfPrimitives, mayHaveHoles, tupleParts } from '../traits.ts'
import { canBeUndefined } from '../union.ts'
import { choiceOf, isObjectOf, isOwnKey, reads } from './parts.ts'
import type { Types } from './types.ts'

export type Copy = (value: unknown, depth: number) => unknown

const asItIs: Copy = (value) => value

export class Copiers {
  readonly #types: Types
  readonly #named = new Map<string, Copy>()

  constructor(types: Types) {
    this.#types = types
  }

  of(shape: Shape): Copy {
    const { errors, codecs } = this.#types.text
    switch (shape.kind) {
      case 'boolean':
        return boolean
      case 'number':
        return number
      case 'bigint':
        return bigint
      case 'string':
        return string
      case 'null':
        return (value) => same(value, null)
      case 'undefined':
        return (value) => same(value, undefined)
      case 'literal': {
        const expected = literalValue(shape.literal)
        return (value) => same(value, expected)
      }
      case 'literals': {
        const values = new Set<unknown>(shape.values.map(literalValue))
        return (value) => (values.has(value) ? value : mismatch())
      }
      case 'date':
        return (value) => new Date(timeOf(value))
      case 'url':
        return (value) => new URL(hrefOf(value))
      case 'regexp':
        return copyRegExp
      case 'bytes':
        return (value) => copyBytes(value, shape.type)
      case 'error':
        return (value) => copyError(value, errors)
      case 'component':
        return (value) => copyReference(value, shape.component)
      case 'custom': {
        const wire = this.of(shape.of)
        return (value, depth) => fromWire(codecs!, shape.codec, wire(toWire(codecs!, shape.codec, value), depth))
      }
      case 'json':
        return shape.mutable ? copyJson : asItIs
      default:
        return this.#types.needsCopy(shape) ? this.#composite(shape) : this.#asItIs(shape)
    }
  }

  #asItIs(shape: Shape): Copy {
    const resolved = this.#types.resolve(shape)
    if (!isUnionOfPrimitives(resolved)) return asItIs
    const choice = choiceOf(resolved.members, this.#types)
    return (value) => (choice.index(value) < 0 ? mismatch() : value)
  }

  #composite(shape: Shape): Copy {
    switch (shape.kind) {
      case 'array':
        return this.#array(shape.of)
      case 'tuple':
        return this.#tuple(shape.elements)
      case 'object':
        return this.#object(shape)
      case 'map':
        return this.#map(shape)
      case 'set':
        return this.#set(shape.of)
      case 'union':
        return this.#union(shape)
      case 'ref':
        return this.#ref(shape.name)
      case 'unsupported':
        return mismatch
      // The same one on both sides; a stream's items are copied by whoever wraps it.
      default:
        return asItIs
    }
  }

  #ref(name: string): Copy {
    let copy: Copy = (value, depth) => {
      copy = this.#named.get(name) ?? this.#make(name)
      return copy(value, depth)
    }
    return (value, depth) => copy(value, depth)
  }

  #make(name: string): Copy {
    const { shape, recursive } = this.#types.named(name)
    const inside = this.of(shape)
    const copy: Copy = (value, depth) => {
      if (recursive && depth > LIMITS.depthMax) tooDeep()
      return inside(value, depth + 1)
    }
    this.#named.set(name, copy)
    return copy
  }

  #array(of: Shape): Copy {
    const item = this.of(of)
    const mayBeHoles = canBeUndefined(of, this.#types.resolve)
    return (value, depth) => {
      if (!Array.isArray(value)) mismatch()
      const from: readonly unknown[] = value
      const list: unknown[] = []
      for (let index = 0; index < from.length; index++) list.push(item(from[index], depth))
      return mayBeHoles ? copyHoles(from, list) : list
    }
  }

  #tuple(elements: readonly TupleElement[]): Copy {
    const { before, rest, after, required } = tupleParts(elements)
    const items = before.map(({ shape }) => this.of(shape))
    const restItem = rest && this.of(rest.shape)
    const last = after.map(({ shape }) => this.of(shape))
    const mayBeHoles = mayHaveHoles(elements, this.#types.resolve)
    const lengthMax = rest ? Number.POSITIVE_INFINITY : elements.length
    return (value, depth) => {
      if (!Array.isArray(value) || value.length < required || value.length > lengthMax) mismatch()
      const from: readonly unknown[] = value
      const count = from.length
      const list: unknown[] = []
      for (const [index, item] of items.entries()) {
        const isOptional = before[index]!.optional
        if (isOptional && index >= count) break
        list.push(isOptional && from[index] === undefined ? undefined : item(from[index], depth))
      }
      if (restItem) for (let at = items.length; at < count - last.length; at++) list.push(restItem(from[at], depth))
      for (const [index, item] of last.entries()) list.push(item(from[count - last.length + index], depth))
      return mayBeHoles ? copyHoles(from, list) : list
    }
  }

  #object(shape: Extract<Shape, { kind: 'object' }>): Copy {
    const isObject = isObjectOf(shape, this.#types.resolve)
    const each = shape.members.map(({ name, shape: of, optional }) => ({
      name,
      optional,
      read: reads(name),
      of: this.of(of),
    }))
    const required = each.filter(({ optional }) => !optional)
    const optional = each.filter((member) => member.optional)
    const index = shape.index && this.#index(shape)
    return (value, depth) => {
      if (!isObject(value)) mismatch()
      const object = {}
      for (let at = 0; at < required.length; at++) {
        const member = required[at]!
        setKey(object, member.name, member.of(member.read(value), depth))
      }
      for (let at = 0; at < optional.length; at++) {
        const member = optional[at]!
        const held = member.read(value)
        if (held !== undefined) setKey(object, member.name, member.of(held, depth))
        else if (hasMember(value, member.name)) setKey(object, member.name, undefined)
      }
      index?.(value, object, depth)
      return object
    }
  }

  #index(shape: Extract<Shape, { kind: 'object' }>): (from: object, object: object, depth: number) => void {
    const item = this.of(shape.index!.of)
    const isOwn = isOwnKey(shape)
    return (from, object, depth) => {
      if (Object.getPrototypeOf(from) === null) bare(object)
      for (const key of Object.keys(from)) {
        if (isOwn(key)) setKey(object, key, item((from as Record<string, unknown>)[key], depth))
      }
    }
  }

  #map({ key: keyShape, value: valueShape }: Extract<Shape, { kind: 'map' }>): Copy {
    const key = this.of(keyShape)
    const item = this.of(valueShape)
    return (value, depth) => {
      const copy = new Map<unknown, unknown>()
      for (const [first, second] of map(value)) copy.set(key(first, depth), item(second, depth))
      return copy
    }
  }

  #set(of: Shape): Copy {
    const item = this.of(of)
    return (value, depth) => {
      const copy = new Set<unknown>()
      for (const each of set(value)) copy.add(item(each, depth))
      return copy
    }
  }

  #union({ members }: Extract<Shape, { kind: 'union' }>): Copy {
    const choice = choiceOf(members, this.#types)
    const copies: (Copy | undefined)[] = []
    return (value, depth) => {
      const index = choice.index(value)
      if (index < 0 || choice.alsoFits(index, value)) mismatch()
      // Nothing is left to check of a primitive once it is known to be one.
      copies[index] ??= isPrimitive(members[index]!.shape) ? asItIs : this.of(members[index]!.shape)
      return copies[index](value, depth)
    }
  }
}
