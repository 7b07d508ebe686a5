/**
 * Unions: members in, one canonical shape out. First `collapse` (literals together, what a primitive covers gone, doubles
 * gone), which needs the members alone; then, when all definitions are known, `discriminate` finds for each member how a
 * value shows that it is of it. Refuses a union in which nothing at run time tells two members apart, and names the two.
 */
import { canBeUndefined } from '../../runtime/codec/union.ts'
import type { Definitions, Literal, Shape, Test, UnionMember } from '../../runtime/shape.ts'
import { canonicalText, compareLiterals, KIND_RANK } from './canonical.ts'

/** Members of a union without doubles, in canonical order as far as that is known without definitions. */
export function collapse(members: readonly Shape[]): Shape[] {
  const literals = new Map<string, Literal>()
  const others = new Map<string, Shape>()
  for (const [kind, alike] of Map.groupBy(members, (member) => member.kind)) {
    for (const member of alike) {
      if (member.kind === 'literal') literals.set(canonicalText(member.literal), member.literal)
      else if (member.kind === 'literals') for (const each of member.values) literals.set(canonicalText(each), each)
      else others.set(alike.length === 1 ? kind : canonicalText(member), member)
    }
  }
  const kinds = new Set([...others.values()].map((each) => each.kind))
  if (
    literals.has(canonicalText({ type: 'boolean', value: true })) &&
    literals.has(canonicalText({ type: 'boolean', value: false }))
  ) {
    others.set('boolean', { kind: 'boolean' })
    kinds.add('boolean')
  }
  const values = [...literals.values()].filter((each) => !kinds.has(each.type)).sort(compareLiterals)
  if (values.length === 1) others.set('literal', { kind: 'literal', literal: values[0]! })
  else if (values.length > 1) others.set('literals', { kind: 'literals', values })
  return inOrder([...others.values()])
}

function inOrder(shapes: readonly Shape[]): Shape[] {
  if (shapes.length < 2) return [...shapes]
  const texts = new Map<Shape, string>()
  // Most are told apart by their kinds, and a text is as long as all that is inside.
  const textOf = (shape: Shape): string => {
    const text = texts.get(shape) ?? canonicalText(shape)
    texts.set(shape, text)
    return text
  }
  return shapes.toSorted(
    (a, b) => KIND_RANK[a.kind] - KIND_RANK[b.kind] || (a === b ? 0 : textOf(a) < textOf(b) ? -1 : 1),
  )
}

/** `opaque`: one of the two has a codec that doesn't know its own values. */
export type Discriminated = { members: UnionMember[] } | { ambiguous: readonly [Shape, Shape]; opaque?: true }

/** Kinds that show in the value itself: `typeof`, `instanceof`, `Array.isArray`. Two of one kind are ambiguous. */
const kindGroup = (shape: Shape): string =>
  shape.kind === 'bytes'
    ? shape.type
    : shape.kind === 'tuple'
      ? 'array'
      : shape.kind === 'literals'
        ? 'literal'
        : shape.kind === 'component'
          ? `component ${shape.component}`
          : shape.kind === 'custom'
            ? `custom ${shape.codec}`
            : shape.kind

type ObjectShape = Shape & { kind: 'object' }
interface Candidate {
  shape: Shape
  object: ObjectShape
}

/**
 * `members` as `collapse` made them; `definitions` complete. What nothing short tells apart is told by a whole look at the
 * value (runtime/codec/fit.ts); only where that can't decide either is a union ambiguous.
 */
export function discriminate(members: readonly Shape[], definitions: Definitions): Discriminated {
  const groups = new Map<string, Shape[]>()
  const candidates: Candidate[] = []
  let json: Shape | undefined
  for (const shape of inOrder(members)) {
    const bare = resolveShape(shape, definitions)
    if (bare.kind === 'object') candidates.push({ shape, object: bare })
    else if (bare.kind === 'json') json = shape
    else groups.set(kindGroup(bare), [...(groups.get(kindGroup(bare)) ?? []), shape])
  }
  const opaque = [...groups.values()].flat().filter((shape) => isOpaque(resolveShape(shape, definitions)))
  const rival = opaque[1] ?? candidates[0]?.shape ?? json
  if (opaque[0] && rival) return { ambiguous: [opaque[0], rival], opaque: true }
  const plain: UnionMember[] = []
  const whole: Shape[] = []
  for (const [group, shapes] of groups) {
    const [first, second] = shapes
    if (second && !LOOKED_INTO.has(group)) return { ambiguous: [first!, second] }
    // What Json accepts too is told from it by how well it fits.
    if (second || (json && group === 'array')) whole.push(...shapes)
    else plain.push({ test: { by: 'kind' }, shape: first! })
  }
  // References to arrays and the like come after plain objects by the kind of the reference; the value's kind is what counts.
  plain.sort((a, b) => rankOf(a.shape, definitions) - rankOf(b.shape, definitions))
  const objects: UnionMember[] = []
  if (json) {
    whole.push(...candidates.map(({ shape }) => shape))
    if (whole.length === 0) objects.push({ test: { by: 'else' }, shape: json })
    else whole.push(json)
  } else if (candidates.length < 2) objects.push(...candidates.map(asOnlyObject))
  else {
    const told = tellApart(candidates, definitions)
    objects.push(...told.members)
    whole.push(...told.rest)
  }
  const looked = whole.map((shape): UnionMember => ({ test: { by: 'match' }, shape }))
  return { members: [...plain, ...objects, ...looked] }
}

const isOpaque = (shape: Shape): boolean => shape.kind === 'custom' && !shape.tells

/** Kinds of which a whole look tells two apart. */
const LOOKED_INTO = new Set(['array', 'map', 'set', 'union'])

const asOnlyObject = ({ shape }: Candidate): UnionMember => ({ test: { by: 'kind' }, shape })

const rankOf = (shape: Shape, definitions: Definitions): number => KIND_RANK[resolveShape(shape, definitions).kind]

/** Sees through names and `Shared`. */
function resolveShape(shape: Shape, definitions: Definitions): Shape {
  let current = shape
  // A definition never is just another one's name, so this ends.
  while (current.kind === 'ref' || current.kind === 'shared') {
    const next: Shape | undefined = current.kind === 'ref' ? definitions[current.name] : current.of
    if (!next) return current
    current = next
  }
  return current
}

/** `rest`: those that nothing short tells apart. */
interface Told {
  members: UnionMember[]
  rest: Shape[]
}

function tellApart(candidates: readonly Candidate[], definitions: Definitions): Told {
  const members = byCommonLiteral(candidates)
  return members ? { members, rest: [] } : oneByOne(candidates, definitions)
}

/** The usual case: one member, such as `kind`, that is a literal in all of them and different in each. */
function byCommonLiteral(candidates: readonly Candidate[]): UnionMember[] | undefined {
  for (const { name } of candidates[0]!.object.members) {
    const values = candidates.map(({ object }) => literalsOf(object, name))
    const all = values.flatMap((each) => each ?? [])
    const distinct = new Set(all.map(canonicalText)).size === all.length
    if (distinct && values.every((each) => each !== undefined)) {
      return candidates.map(({ shape }, at) => ({
        test: { by: 'literal', property: name, values: values[at]! },
        shape,
      }))
    }
  }
  return undefined
}

/**
 * Takes out, again and again, the first member that something tells from all that remain; the last one is what is left.
 * Declared members are trusted: a value with a member more than its type says could be taken for another one.
 */
function oneByOne(candidates: readonly Candidate[], definitions: Definitions): Told {
  const byValue = byDefiniteProperty(definitions)
  const rest = [...candidates]
  const members: UnionMember[] = []
  while (rest.length > 1) {
    const taken = firstTold(rest, byLiteral) ?? firstTold(rest, byValue) ?? firstTold(rest, byProperty)
    if (!taken) return { members, rest: rest.map(({ shape }) => shape) }
    rest.splice(taken.at, 1)
    members.push(taken.member)
  }
  members.push({ test: { by: 'else' }, shape: rest[0]!.shape })
  return { members, rest: [] }
}

type Tell = (candidate: Candidate, others: readonly Candidate[]) => Test | undefined

function firstTold(rest: readonly Candidate[], tell: Tell): { at: number; member: UnionMember } | undefined {
  for (const [at, candidate] of rest.entries()) {
    const test = tell(candidate, rest.toSpliced(at, 1))
    if (test) return { at, member: { test, shape: candidate.shape } }
  }
  return undefined
}

const byLiteral: Tell = ({ object }, others) => {
  for (const { name } of object.members) {
    const values = literalsOf(object, name)
    if (values && others.every((other) => neverHas(other.object, name, values))) {
      return { by: 'literal', property: name, values }
    }
  }
  return undefined
}

/** A property that is never `undefined` in this member, and in the others absent or always `undefined`. */
const byDefiniteProperty =
  (definitions: Definitions): Tell =>
  ({ object }, others) => {
    const own = object.members.find(
      ({ name, optional, shape }) =>
        !optional &&
        !canBeUndefined(shape, (each) => resolveShape(each, definitions)) &&
        others.every(({ object: { members, index } }) => {
          const theirs = members.find((each) => each.name === name)
          return theirs ? theirs.shape.kind === 'undefined' : !index
        }),
    )
    return own && { by: 'property', property: own.name }
  }

const byProperty: Tell = ({ object }, others) => {
  const own = object.members.find(
    ({ name, optional }) => !optional && others.every((other) => !memberOf(other.object, name) && !other.object.index),
  )
  return own && { by: 'property', property: own.name }
}

/** An object of this shape can't have one of `values` under `name`. */
function neverHas(object: ObjectShape, name: string, values: readonly Literal[]): boolean {
  const member = memberOf(object, name)
  if (!member) return object.index === undefined
  if (member.shape.kind === 'undefined') return true
  const theirs = literalsOf(object, name)
  if (!theirs) return false
  const texts = new Set(theirs.map(canonicalText))
  return values.every((each) => !texts.has(canonicalText(each)))
}

const memberOf = (object: ObjectShape, name: string) => object.members.find((each) => each.name === name)

/** The literals that a required member is one of. */
function literalsOf(object: ObjectShape, name: string): Literal[] | undefined {
  const member = memberOf(object, name)
  if (!member || member.optional) return undefined
  if (member.shape.kind === 'literal') return [member.shape.literal]
  return member.shape.kind === 'literals' ? member.shape.values : undefined
}
