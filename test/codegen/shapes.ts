/**
 * Random shapes, as the analysis could have made them: their unions are told apart by its own rules, and a union that it would refuse loses
 * members until it would not.
 */
import fc from 'fast-check'
import {
  type BytesKind,
  type Definitions,
  type Literal,
  NUMERIC_KEY,
  type Shape,
  type UnionMember,
} from '../../runtime/shape.ts'
import { collapse, discriminate } from '../../transformer/analyse/types/union.ts'
import { CONTAINERS, STUB } from './own.ts'
import { anyOf, anyString, heightOf, memberName } from './values.ts'

export interface Sample {
  shape: Shape
  definitions: Definitions
  value: unknown
}

const DEFINED = ['src/a.Tree', 'src/b.Tree', 'src/c.List<string>', 'src/d.Alias']
const BYTES: BytesKind[] = ['Uint8Array', 'Float64Array', 'Int16Array', 'BigInt64Array', 'ArrayBuffer', 'Buffer']

const literal: fc.Arbitrary<Literal> = fc.oneof(
  anyString.map((value) => ({ type: 'string' as const, value: value.slice(0, 40) })),
  fc.oneof(fc.integer(), fc.constantFrom(0, 1)).map((value) => ({ type: 'number' as const, value })),
  fc.boolean().map((value) => ({ type: 'boolean' as const, value })),
  fc.bigInt().map((value) => ({ type: 'bigint' as const, value: String(value) })),
)

const literals = fc
  .uniqueArray(literal, { minLength: 2, maxLength: 5, selector: (each) => `${each.type}${each.value}` })
  .map((values): Shape => ({ kind: 'literals', values }))

const leaf: fc.Arbitrary<Shape> = fc.oneof(
  fc.constantFrom<Shape>(
    { kind: 'boolean' },
    { kind: 'number' },
    { kind: 'bigint' },
    { kind: 'string' },
    { kind: 'string' },
    { kind: 'null' },
    { kind: 'undefined' },
    { kind: 'date' },
    { kind: 'url' },
    { kind: 'regexp' },
    { kind: 'json' },
    { kind: 'json', mutable: true },
  ),
  fc.constantFrom(...BYTES).map((type): Shape => ({ kind: 'bytes', type })),
  literal.map((literal): Shape => ({ kind: 'literal', literal })),
  literals,
)

/** Kinds that need something of an application: a class that is exported, a component, a codec. */
const own: fc.Arbitrary<Shape> = fc.constantFrom<Shape>(
  { kind: 'error' },
  { kind: 'component', component: STUB.$component },
)
/** What its codec makes of it is the same wherever it is met: `settled` puts it in. */
const boxed: fc.Arbitrary<Shape> = fc
  .constantFrom(...Object.keys(CONTAINERS))
  .map((codec): Shape => ({ kind: 'custom', codec, of: { kind: 'undefined' }, tells: true }))

const shapesOf = (leaf: fc.Arbitrary<Shape>) =>
  fc.letrec<{ shape: Shape; object: Shape }>((tie) => ({
    shape: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      leaf,
      fc.constantFrom(...DEFINED).map((name): Shape => ({ kind: 'ref', name })),
      array(tie('shape')),
      fc.tuple(tie('shape'), readonly).map(([of, how]): Shape => ({ kind: 'set', of, ...how })),
      map(tie('shape')),
      tuple(tie('shape')),
      tie('shape').map((of): Shape => ({ kind: 'shared', of })),
      tie('object'),
      discriminated(tie('shape')),
      byProperty(tie('shape')),
      byKind(leaf, tie('shape'), tie('object')),
      either(tie('shape')),
    ),
    object: object(tie('shape')),
  })).shape

/** Spread into a shape or a member. */
const readonly = fc.constantFrom<{ readonly?: true }>({}, {}, { readonly: true })

const array = (inner: fc.Arbitrary<Shape>): fc.Arbitrary<Shape> =>
  fc.tuple(inner, readonly).map(([of, how]) => ({ kind: 'array', of, ...how }))

const map = (inner: fc.Arbitrary<Shape>): fc.Arbitrary<Shape> =>
  fc.tuple(inner, inner, readonly).map(([key, value, how]) => ({ kind: 'map', key, value, ...how }))

function object(inner: fc.Arbitrary<Shape>): fc.Arbitrary<Shape & { kind: 'object' }> {
  const few = fc.uniqueArray(fc.record({ name: memberName, shape: inner, optional: fc.boolean() }), {
    maxLength: 4,
    selector: (each) => each.name,
  })
  // Of which the flags take bytes of their own.
  const flag = fc.oneof(fc.constant<Shape>({ kind: 'boolean' }), fc.constant<Shape>({ kind: 'string' }), inner)
  const many = fc
    .array(fc.record({ shape: flag, optional: fc.boolean() }), { minLength: 8, maxLength: 40, size: 'max' })
    .map((list) => list.map((each, at) => ({ ...each, name: `m${at}` })))
  const keys = fc.option(fc.constantFrom<string[]>(['^k-[^]*$'], ['^k-[^]*$', NUMERIC_KEY]), { freq: 2 })
  return fc
    .tuple(
      fc.oneof({ arbitrary: few, weight: 12 }, { arbitrary: many, weight: 1 }),
      fc.option(inner, { freq: 4 }),
      keys,
      readonly,
      fc.oneof({ arbitrary: fc.constant({}), weight: 9 }, fc.constant({ omitted: true as const })),
    )
    .map(([list, of, keys, how, left]) => ({
      kind: 'object' as const,
      members: list
        .sort((a, b) => (a.name < b.name ? -1 : 1))
        .map(({ name, shape, optional }) => ({
          name,
          shape,
          ...(optional ? { optional: true as const } : {}),
          ...how,
        })),
      ...(of ? { index: { of, ...(keys ? { keys } : {}), ...how } } : {}),
      ...left,
    }))
}

function tuple(inner: fc.Arbitrary<Shape>): fc.Arbitrary<Shape> {
  const list = fc.array(inner, { maxLength: 2 })
  const middles = fc.constantFrom('optional', 'rest', 'optional and rest', 'none')
  return fc.tuple(list, middles, list, readonly).map(([before, middle, after, how]) => {
    const [first, ...others] = after
    const rest = first && middle.endsWith('rest') ? [{ shape: first, rest: true as const }] : []
    const open = middle.startsWith('optional')
    const left = rest.length > 0 ? others : after
    return {
      kind: 'tuple',
      elements: [
        ...before.map((shape) => ({ shape })),
        ...(open ? left.map((shape) => ({ shape, optional: true as const })) : []),
        ...rest,
        // None that has to be there follows one that doesn't.
        ...(open ? [] : left.map((shape) => ({ shape }))),
      ],
      ...how,
    }
  })
}

/** Any shapes side by side: told apart by whatever tells them. */
const either = (inner: fc.Arbitrary<Shape>): fc.Arbitrary<Shape> =>
  fc.array(inner, { minLength: 2, maxLength: 4 }).map((shapes) => ({ kind: 'union', members: shapes.map(byItself) }))

const byItself = (shape: Shape): UnionMember => ({ test: { by: 'kind' }, shape })

/** `{ kind: 'k0' … } | { kind: 'k1' … }` */
function discriminated(inner: fc.Arbitrary<Shape>): fc.Arbitrary<Shape> {
  return fc.array(inner, { minLength: 2, maxLength: 4 }).map((contents) => ({
    kind: 'union',
    members: contents.map((shape, index): UnionMember => {
      const kind: Literal = { type: 'string', value: `k${index}` }
      const members = [
        { name: 'content', shape },
        { name: 'kind', shape: { kind: 'literal' as const, literal: kind } },
      ]
      return { test: { by: 'literal', property: 'kind', values: [kind] }, shape: { kind: 'object', members } }
    }),
  }))
}

/** `{ p0: … } | { p1: … } | { p2: … }`, the last one by elimination. */
function byProperty(inner: fc.Arbitrary<Shape>): fc.Arbitrary<Shape> {
  return fc.array(inner, { minLength: 2, maxLength: 4 }).map((contents) => ({
    kind: 'union',
    members: contents.map((shape, index): UnionMember => {
      const property = `p${index}`
      const last = index === contents.length - 1
      const test: UnionMember['test'] = last ? { by: 'else' } : { by: 'property', property }
      return { test, shape: { kind: 'object', members: [{ name: property, shape }] } }
    }),
  }))
}

function byKind(
  leaf: fc.Arbitrary<Shape>,
  inner: fc.Arbitrary<Shape>,
  object: fc.Arbitrary<Shape>,
): fc.Arbitrary<Shape> {
  const kinds = fc.uniqueArray(
    fc.oneof(
      leaf.filter((each) => !['json', 'literal', 'literals'].includes(each.kind)),
      inner.filter((each) => each.kind === 'array' || each.kind === 'map'),
      object,
    ),
    { minLength: 2, maxLength: 5, selector: (each) => (each.kind === 'bytes' ? each.type : each.kind) },
  )
  return kinds.map((members) => ({
    kind: 'union',
    members: members.map((shape): UnionMember => ({ test: { by: 'kind' }, shape })),
  }))
}

/** Each refers to any of them, in places where a value may end; the last one is of any kind. */
const definitionsOf = (shape: fc.Arbitrary<Shape>): fc.Arbitrary<Definitions> => {
  const records = DEFINED.slice(0, -1)
  const hows = fc.constantFrom('optional', 'null', 'list')
  const own = fc.tuple(object(shape), fc.constantFrom(...DEFINED), hows).map((each) => recursive(...each))
  return fc
    .tuple(
      fc.tuple(...records.map(() => own)),
      fc.oneof(object(shape), array(shape), map(shape), tuple(shape), either(shape)),
    )
    .map(([list, last]) => Object.fromEntries([...list, last].map((each, at) => [DEFINED[at], each])))
}

function recursive(own: Shape & { kind: 'object' }, name: string, how: string): Shape {
  const ref: Shape = { kind: 'ref', name }
  const nullable: Shape = {
    kind: 'union',
    members: [
      { test: { by: 'kind' }, shape: { kind: 'null' } },
      { test: { by: 'kind' }, shape: ref },
    ],
  }
  const next: Shape = how === 'null' ? nullable : how === 'list' ? { kind: 'array', of: ref } : ref
  const member = { name: 'next', shape: next, ...(how === 'optional' ? { optional: true as const } : {}) }
  return { ...own, members: [...own.members.filter((each) => each.name !== 'next'), member] }
}

const areFinite = (definitions: Definitions): boolean =>
  Object.values(definitions).every((each) => Number.isFinite(heightOf(each, definitions, new Set())))

/** With its unions told apart, as the last step of the analysis does it; one that it would refuse without the members that it names. */
function settled(shape: Shape, { definitions, contents }: Drafts): Shape {
  const inside = (each: Shape) => settled(each, { definitions, contents })
  switch (shape.kind) {
    case 'custom':
      return { ...shape, of: contents[shape.codec] as Shape }
    case 'array':
    case 'set':
    case 'shared':
      return { ...shape, of: inside(shape.of) }
    case 'map':
      return { ...shape, key: inside(shape.key), value: inside(shape.value) }
    case 'tuple':
      return { ...shape, elements: shape.elements.map((each) => ({ ...each, shape: inside(each.shape) })) }
    case 'object':
      return {
        ...shape,
        members: shape.members.map((each) => ({ ...each, shape: inside(each.shape) })),
        ...(shape.index && { index: { ...shape.index, of: inside(shape.index.of) } }),
      }
    case 'union':
      return unionOf(flat(shape).map(inside), definitions)
    default:
      return shape
  }
}

const flat = (shape: Shape): Shape[] =>
  shape.kind === 'union' ? shape.members.flatMap((each) => flat(each.shape)) : [shape]

function unionOf(shapes: readonly Shape[], definitions: Definitions): Shape {
  const members = collapse(shapes)
  if (members.length === 1) return members[0]!
  const result = discriminate(members, definitions)
  if ('members' in result) return { kind: 'union', members: result.members }
  return unionOf(
    members.filter((each) => each !== result.ambiguous[1]),
    definitions,
  )
}

/** Names of the types that a value of `shape` may be of, without being inside of it. */
function alternatives(shape: Shape, definitions: Definitions, found: Set<string> = new Set()): Set<string> {
  if (shape.kind === 'shared') alternatives(shape.of, definitions, found)
  else if (shape.kind === 'union') for (const each of shape.members) alternatives(each.shape, definitions, found)
  else if (shape.kind === 'ref' && !found.has(shape.name))
    alternatives(definitions[shape.name] as Shape, definitions, found.add(shape.name))
  return found
}

interface Drafts {
  readonly definitions: Definitions
  /** What codecs make of the values that are theirs. */
  readonly contents: Readonly<Record<string, Shape>>
}

function settledShapes(
  shapes: readonly Shape[],
  drafts: Drafts,
): { shapes: Shape[]; definitions: Definitions } | undefined {
  // A type that is only another one's name is that one, and a union that is a member of itself is none.
  const isName = Object.entries(drafts.definitions).some(([name, each]) =>
    alternatives(each, drafts.definitions).has(name),
  )
  if (isName || !areFinite(drafts.definitions)) return undefined
  const contents = mapped(drafts.contents, (each) => settled(each, drafts))
  const whole = { ...drafts, contents }
  const definitions = mapped(drafts.definitions, (each) => settled(each, whole))
  return areFinite(definitions) ? { shapes: shapes.map((each) => settled(each, whole)), definitions } : undefined
}

const mapped = <T>(record: Readonly<Record<string, T>>, map: (value: T) => T): Record<string, T> =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [name, map(value)]))

/** Nothing that holds another named type: it might hold itself. */
const contentsOf = fc
  .tuple(...Object.keys(CONTAINERS).map(() => fc.oneof(leaf, object(leaf), array(leaf), tuple(leaf), either(leaf))))
  .map((list) => Object.fromEntries(Object.keys(CONTAINERS).map((codec, at) => [codec, list[at]!])))

/** Of the same application, and a value of each. */
const samplesOf = (shape: fc.Arbitrary<Shape>, count: number): fc.Arbitrary<Sample[]> =>
  fc
    .tuple(fc.tuple(...Array.from({ length: count }, () => shape)), definitionsOf(shape), contentsOf)
    .map(([shapes, definitions, contents]) => settledShapes(shapes, { definitions, contents }))
    .filter((each) => each !== undefined)
    .chain(({ shapes, definitions }) =>
      fc.tuple(...shapes.map((shape) => anyOf(shape, definitions, 3).map((value) => ({ shape, definitions, value })))),
    )

const anyShape = shapesOf(leaf)
/** With errors, references and codecs: for `preparedCodecOf` with OWN. */
const anyOwnShape = shapesOf(fc.oneof(leaf, own, boxed))

export const sample = samplesOf(anyShape, 1).map(([only]) => only!)
export const ownSample = samplesOf(anyOwnShape, 1).map(([only]) => only!)
export const ownPair = samplesOf(anyOwnShape, 2).map(([first, second]) => [first!, second!] as const)
