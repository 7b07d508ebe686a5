/**
 * How generated code tells the members of a union apart: one condition a member, and the order in which to ask.
 * runtime/codec/choice.ts does the same by interpretation; a property test compares.
 */
import { conflictsOf, inOrder, type Resolve, showsByPresence } from '../../runtime/codec/union.ts'
import type { Literal, Member, Shape, UnionMember } from '../../runtime/shape.ts'
import type { Body } from './emit.ts'
import type { Facts } from './facts.ts'
import type { Functions } from './functions.ts'
import { hasMember, literalText, quote, readMember } from './names.ts'

export interface Choice {
  /** Position in the union: what goes over the wire. */
  index: number
  shape: Shape
  /** An expression over the value's name. */
  condition: string
  /** Another one, for a value that fits a further member too, whose data would be lost; undefined where that can't be. */
  ambiguous: string | undefined
}

/** `fit` names a variable without a value yet: the answer to the whole look, which is taken once. */
export function choices(members: readonly UnionMember[], value: string, functions: Functions, fit: string): Choice[] {
  const { facts } = functions
  const whole = members.filter(({ test }) => test.by === 'match')
  return inOrder(members, resolver(facts)).map(({ index, member }) => ({
    index,
    shape: member.shape,
    condition:
      member.test.by === 'match'
        ? `(${fit} ??= ${wholeLook(members, value, functions)}) === ${whole.indexOf(member)}`
        : condition(member, value, functions),
    ambiguous: ambiguous(member, members, value, facts),
  }))
}

/** What is certain of a value before its code begins: that it is an object, and which literal one of its members is. */
export interface Known {
  readonly property?: string
}

/** The member by whose literal all members of a union are told apart, so that a `switch` will do. */
export function tagOf(members: readonly UnionMember[]): string | undefined {
  const [first, ...others] = members.map(({ test }) => (test.by === 'literal' ? test.property : undefined))
  return others.length > 0 && others.every((property) => property === first) ? first : undefined
}

/** The literals of a member that `tagOf` is told by, as the labels of its case. */
export function labels({ test }: UnionMember): string {
  return test.by === 'literal' ? test.values.map((value) => `case ${literalText(value)}:`).join(' ') : 'default:'
}

/** Whether the member `name` is one of which nothing is left to check. */
export const isKnown = ({ name, shape }: Member, known: Known | undefined): boolean =>
  shape.kind === 'literal' && name === known?.property

/** Declares what `choices` needs, where a member of the union is told by a whole look. */
export function fitVariable(members: readonly UnionMember[], body: Body): string {
  const fit = body.fresh('fit')
  if (members.some(({ test }) => test.by === 'match')) body.line(`let ${fit}`)
  return fit
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

function condition(member: UnionMember, value: string, functions: Functions): string {
  const { facts } = functions
  const { test, shape } = member
  switch (test.by) {
    case 'kind':
      return kindCondition(shape, value, functions)
    case 'literal':
      return `__weave.isObject(${value}) && ${anyOf(test.values, readMember(value, test.property))}`
    case 'property':
      return `__weave.isObject(${value}) && ${
        showsByPresence(member, test.property, resolver(facts))
          ? hasMember(value, test.property)
          : `${readMember(value, test.property)} !== undefined`
      }`
    case 'else':
      return kindCondition(shape, value, functions)
    case 'match':
      return `${wholeLook([member], value, functions)} >= 0`
  }
}

function wholeLook(members: readonly UnionMember[], value: string, functions: Functions): string {
  const whole = members.filter(({ test }) => test.by === 'match')
  const key = functions.fitKey(whole.map((each) => each.shape))
  return `__weave.chooseByFit(__weave_unions, ${quote(key)}, ${value})`
}

function kindCondition(shape: Shape, value: string, functions: Functions): string {
  const resolved = functions.facts.resolve(shape)
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
    case 'component':
      return `__weave.isReference(${value}, ${quote(resolved.component)})`
    case 'custom':
      return resolved.tells
        ? `__weave.isCustom(__weave_codecs, ${quote(resolved.codec)}, ${value})`
        : `__weave.isObject(${value})`
    case 'json':
      return `${value} !== undefined`
    case 'stream':
    case 'signal':
      return 'false'
    case 'union':
      return `(${resolved.members.map((member) => condition(member, value, functions)).join(' || ')})`
    case 'unsupported':
      return 'false'
  }
}

function anyOf(values: readonly Literal[], value: string): string {
  const tests = values.map((literal) => `${value} === ${literalText(literal)}`)
  return tests.length === 1 ? (tests[0] as string) : `(${tests.join(' || ')})`
}
