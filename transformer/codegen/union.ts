/**
 * How generated code tells the members of a union apart: one condition a member, and the order in which to ask. Primitives
 * and built-in classes are asked for first, then discriminators and properties in their own order (each may rely on those
 * before it), then plain objects; so the condition for an object needn't exclude dates and maps. runtime/codec/check.ts does the same by interpretation; a property test compares.
 */
import { conflictsOf, type Resolve, showsByPresence } from '../../runtime/codec/union.ts'
import type { Literal, Shape, UnionMember } from '../../runtime/shape.ts'
import type { Facts } from './facts.ts'
import { hasMember, literalText, readMember } from './names.ts'

export interface Choice {
  /** Position in the union: what goes over the wire. */
  index: number
  shape: Shape
  /** An expression over the value's name. */
  condition: string
  /** Another one, for a value that fits a further member too, whose data would be lost; undefined where that can't be. */
  ambiguous: string | undefined
}

export function choices(members: readonly UnionMember[], value: string, facts: Facts): Choice[] {
  return members
    .map((member, index) => ({ index, member, rank: rank(member, facts) }))
    .sort((a, b) => a.rank - b.rank || a.index - b.index)
    .map(({ index, member }) => ({
      index,
      shape: member.shape,
      condition: condition(member, value, facts),
      ambiguous: ambiguous(member, members, value, facts),
    }))
}

const resolver = (facts: Facts): Resolve => {
  return (shape) => facts.resolve(shape)
}

function ambiguous(
  chosen: UnionMember,
  members: readonly UnionMember[],
  value: string,
  facts: Facts,
): string | undefined {
  const tests = conflictsOf(chosen, members, resolver(facts)).map(({ property, literal }) => {
    const has = `${readMember(value, property)} !== undefined`
    return literal ? `(${has} && ${anyOf(literal.values, readMember(value, literal.property))})` : has
  })
  return tests.length === 0 ? undefined : [...new Set(tests)].join(' || ')
}

function rank({ test, shape }: UnionMember, facts: Facts): number {
  if (test.by === 'kind' || facts.resolve(shape).kind === 'json') return kindRank(shape, facts)
  return test.by === 'else' ? 2 : 1
}

function kindRank(shape: Shape, facts: Facts): number {
  const resolved = facts.resolve(shape)
  // It is a Uint8Array as well.
  if (resolved.kind === 'bytes' && resolved.type === 'Buffer') return -1
  if (resolved.kind === 'json') return 3
  if (resolved.kind === 'object') return 2
  if (resolved.kind === 'union') return Math.max(...resolved.members.map((member) => kindRank(member.shape, facts)))
  return 0
}

function condition(member: UnionMember, value: string, facts: Facts): string {
  const { test, shape } = member
  switch (test.by) {
    case 'kind':
      return kindCondition(shape, value, facts)
    case 'literal':
      return `__weave.isObject(${value}) && ${anyOf(test.values, readMember(value, test.property))}`
    case 'property':
      return `__weave.isObject(${value}) && ${
        showsByPresence(member, test.property, resolver(facts))
          ? hasMember(value, test.property)
          : `${readMember(value, test.property)} !== undefined`
      }`
    case 'else':
      return kindCondition(shape, value, facts)
  }
}

function kindCondition(shape: Shape, value: string, facts: Facts): string {
  const resolved = facts.resolve(shape)
  switch (resolved.kind) {
    case 'boolean':
    case 'number':
    case 'bigint':
    case 'string':
      return `typeof ${value} === "${resolved.kind}"`
    case 'null':
    case 'undefined':
      return `${value} === ${resolved.kind}`
    case 'literal':
      return `${value} === ${literalText(resolved.literal)}`
    case 'literals':
      return anyOf(resolved.values, value)
    case 'array':
    case 'tuple':
      return `Array.isArray(${value})`
    case 'map':
      return `__weave.isMap(${value})`
    case 'set':
      return `__weave.isSet(${value})`
    case 'date':
      return `__weave.isDate(${value})`
    case 'url':
      return `__weave.isUrl(${value})`
    case 'regexp':
      return `__weave.isRegExp(${value})`
    case 'error':
      return `__weave.isError(${value})`
    case 'bytes':
      return `__weave.isBytes(${value}, "${resolved.type}")`
    case 'object':
      return `__weave.isObject(${value})`
    case 'json':
      return `${value} !== undefined`
    case 'union':
      return `(${resolved.members.map((member) => condition(member, value, facts)).join(' || ')})`
    case 'unsupported':
      return 'false'
  }
}

function anyOf(values: readonly Literal[], value: string): string {
  const tests = values.map((literal) => `${value} === ${literalText(literal)}`)
  return tests.length === 1 ? (tests[0] as string) : `(${tests.join(' || ')})`
}
