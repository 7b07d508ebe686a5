/** What the three codecs of a table need alike: how a member is read and set, which keys an index signature has, what tells a union. */
import type { Literal, Member, Shape, UnionMember } from '../../shape.ts'
import { fitterOf } from '../check.ts'
import { Choice } from '../choice.ts'
import { hasOneOf, isIndexed, isObject, isRecord, member } from '../kinds.ts'
import { literalValue } from '../of-kind.ts'
import { type Flag, flagsOf, isFlag, objectTest } from '../traits.ts'
import type { Resolve } from '../union.ts'
import type { Types } from './types.ts'

type ObjectShape = Extract<Shape, { kind: 'object' }>

/** Names of `Object.prototype` must not find what every object inherits. */
export function reads(name: string): (object: object) => unknown {
  if (name in Object.prototype) return (object) => member(object, name)
  return (object) => (object as Record<string, unknown>)[name]
}

/** A member, and which of the bits before an object's members are its own (flagsOf of traits.ts). */
export interface FlaggedMember extends Member {
  readonly read: (object: object) => unknown
  /** A boolean, of which the bits say all. */
  readonly isFlag: boolean
  readonly present: number
  readonly value: number
  /** Among those of optional members that are `undefined`. */
  readonly open: number
}

export function flaggedMembers(shape: ObjectShape): FlaggedMember[] {
  const flags = flagsOf(shape)
  const optional = shape.members.filter((each) => each.optional)
  const bit = (of: Member, says: Flag['says']) => flags.findIndex((flag) => flag.member === of && flag.says === says)
  return shape.members.map((each) => ({
    ...each,
    read: reads(each.name),
    isFlag: isFlag(each),
    present: bit(each, 'present'),
    value: bit(each, 'value'),
    open: optional.indexOf(each),
  }))
}

export function isObjectOf(shape: ObjectShape, resolve: Resolve): (value: unknown) => value is object {
  const { record, indexed, names } = objectTest(shape, resolve)
  if (!record) return isObject
  const isNamed = (value: unknown): boolean => (indexed && isIndexed(value)) || hasOneOf(value, names)
  return (value): value is object => isRecord(value) || isNamed(value)
}

/** Whether a key is one that no member names and that fits the index signature. */
export function isOwnKey({ members, index }: ObjectShape): (key: string) => boolean {
  const names = new Set(members.map(({ name }) => name))
  const patterns = index?.keys?.map((pattern) => new RegExp(pattern))
  return (key) => !names.has(key) && (patterns === undefined || patterns.some((pattern) => pattern.test(key)))
}

/** What the wire's index of one of `values` points into: their values, and where 0 is one of them, the zero of the other sign. */
export function literalsOf(values: readonly Literal[]): (string | number | boolean | bigint)[] {
  const table = values.map(literalValue)
  const zero = table.find((value) => value === 0)
  return zero === undefined ? table : [...table, Object.is(zero, 0) ? -0 : 0]
}

export function choiceOf(members: readonly UnionMember[], types: Types): Choice {
  return new Choice(members, {
    resolve: types.resolve,
    codecs: types.text.codecs,
    fitter: () => fitterOf(types.definitions, types.text.codecs),
  })
}
