/** Random shapes, random values of them, and single faults in such values with the path that must be reported. */
import fc from 'fast-check'
import {
  type BytesKind,
  type Definitions,
  type Literal,
  NUMERIC_KEY,
  type Shape,
  type UnionMember,
} from '../../runtime/shape.ts'
import type { CodecSource, ErrorClass } from '../../transformer/model.ts'

export interface Sample {
  shape: Shape
  definitions: Definitions
  value: unknown
}

const memberName = fc.constantFrom(
  ...['a', 'b', 'id', 'odd name', '__proto__', 'constructor', 'toString', 'class', 'ünï', '\u2028', '0', ''],
)
const DEFINED = ['src/a.Tree', 'src/b.Tree', 'src/c.List<string>']
const BYTES: BytesKind[] = ['Uint8Array', 'Float64Array', 'Int16Array', 'BigInt64Array', 'ArrayBuffer', 'Buffer']

/** What `Box.codec` (see BOX) carries: an instance whose content is of any shape. */
export class Box {
  readonly content: unknown

  constructor(content: unknown) {
    this.content = content
  }

  static readonly codec = {
    encode: (box: Box) => box.content,
    decode: (content: unknown) => new Box(content),
  }
}
export const BOX: CodecSource = { name: 'src/box.Box', file: 'src/box.ts', exportName: 'Box', member: 'codec' }

export class Broken extends Error {}
export const BROKEN: ErrorClass = {
  name: 'src/box.Broken',
  file: 'src/box.ts',
  className: 'Broken',
  exportName: 'Broken',
}

/** The receiver's stub of any component. */
export const STUB = { $component: 'src/cart.Cart' }

const anyString = fc.oneof(
  fc.string({ maxLength: 8 }),
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.string({ unit: 'grapheme', maxLength: 8 }),
  fc.array(fc.integer({ min: 0xd7f0, max: 0xe010 }), { maxLength: 6 }).map((units) => String.fromCharCode(...units)),
  fc.integer({ min: 1000, max: 1100 }).map((length) => 'é'.repeat(length)),
  { arbitrary: fc.constantFrom('x', 'é', '\u{1f600}').map((unit) => unit.repeat(40_000)), weight: 1 },
)
const anyNumber = fc.oneof(fc.double(), fc.integer(), fc.nat(300), fc.constantFrom(-0, Number.NaN, 2 ** 53, -(2 ** 31)))
const json = fc
  .tuple(
    fc.oneof(fc.jsonValue({ maxDepth: 3 }), fc.dictionary(memberName, fc.jsonValue({ maxDepth: 1 }))),
    fc.boolean(),
  )
  .map(([value, bare]) => (bare ? withoutPrototypes(value) : value))

const literal: fc.Arbitrary<Literal> = fc.oneof(
  anyString.map((value) => ({ type: 'string' as const, value })),
  fc.integer().map((value) => ({ type: 'number' as const, value })),
  fc.boolean().map((value) => ({ type: 'boolean' as const, value })),
  fc.bigInt().map((value) => ({ type: 'bigint' as const, value: String(value) })),
)

export const literalValue = (each: Literal): unknown => (each.type === 'bigint' ? BigInt(each.value) : each.value)

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
const boxed = (of: Shape): Shape => ({ kind: 'custom', codec: BOX.name, of, tells: true })

const shapesOf = (leaf: fc.Arbitrary<Shape>, more: (of: fc.Arbitrary<Shape>) => fc.Arbitrary<Shape>[]) =>
  fc.letrec<{ shape: Shape; object: Shape }>((tie) => ({
    shape: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      leaf,
      ...more(tie('shape')),
      fc.constantFrom(...DEFINED).map((name): Shape => ({ kind: 'ref', name })),
      tie('shape').map((of): Shape => ({ kind: 'array', of })),
      tie('shape').map((of): Shape => ({ kind: 'set', of })),
      fc.tuple(tie('shape'), tie('shape')).map(([key, value]): Shape => ({ kind: 'map', key, value })),
      tuple(tie('shape')),
      tie('shape').map((of): Shape => ({ kind: 'shared', of })),
      tie('object'),
      discriminated(tie('shape')),
      byProperty(tie('shape')),
      byKind(leaf, tie('shape'), tie('object')),
    ),
    object: object(tie('shape')),
  })).shape

function object(inner: fc.Arbitrary<Shape>): fc.Arbitrary<Shape & { kind: 'object' }> {
  const members = fc.uniqueArray(fc.record({ name: memberName, shape: inner, optional: fc.boolean() }), {
    maxLength: 4,
    selector: (each) => each.name,
  })
  const keys = fc.option(fc.constantFrom<string[]>(['^k-[^]*$'], ['^k-[^]*$', NUMERIC_KEY]), { freq: 2 })
  return fc.tuple(members, fc.option(inner, { freq: 4 }), keys).map(([list, of, keys]) => ({
    kind: 'object' as const,
    members: list
      .sort((a, b) => (a.name < b.name ? -1 : 1))
      .map(({ name, shape, optional }) => ({ name, shape, ...(optional ? { optional: true as const } : {}) })),
    ...(of ? { index: { of, ...(keys ? { keys } : {}) } } : {}),
  }))
}

function tuple(inner: fc.Arbitrary<Shape>): fc.Arbitrary<Shape> {
  const list = fc.array(inner, { maxLength: 2 })
  return fc.tuple(list, fc.constantFrom('optional', 'rest', 'none'), list).map(([before, middle, after]) => ({
    kind: 'tuple',
    elements: [
      ...before.map((shape) => ({ shape })),
      ...(middle === 'optional' ? after.map((shape) => ({ shape, optional: true as const })) : []),
      ...(middle === 'rest' ? after.slice(0, 1).map((shape) => ({ shape, rest: true as const })) : []),
      ...(middle === 'optional' ? [] : after.slice(1).map((shape) => ({ shape }))),
    ],
  }))
}

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

/** Each refers to any of them, in places where a value may end. */
const definitionsOf = (shape: fc.Arbitrary<Shape>): fc.Arbitrary<Definitions> =>
  fc
    .array(fc.tuple(object(shape), fc.constantFrom(...DEFINED), fc.constantFrom('optional', 'null', 'list')), {
      minLength: DEFINED.length,
      maxLength: DEFINED.length,
    })
    .map((list) => Object.fromEntries(list.map(([own, name, how], at) => [DEFINED[at], recursive(own, name, how)])))

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

const samplesOf = (shape: fc.Arbitrary<Shape>): fc.Arbitrary<Sample> =>
  fc
    .tuple(shape, definitionsOf(shape))
    .filter(([, definitions]) =>
      Object.values(definitions).every((each) => Number.isFinite(heightOf(each, definitions, new Set()))),
    )
    .chain(([shape, definitions]) => anyOf(shape, definitions, 3).map((value) => ({ shape, definitions, value })))

export const sample = samplesOf(shapesOf(leaf, () => []))
/** With errors, references and codecs: for `preparedCodecOf` with BOX, BROKEN and STUB. */
export const ownSample = samplesOf(shapesOf(fc.oneof(leaf, own), (of) => [of.map(boxed)]))

/** Levels of the flattest value of a shape; infinite where a value would have to hold another one of its own type. */
function heightOf(shape: Shape, definitions: Definitions, above: ReadonlySet<string>): number {
  const highest = (shapes: readonly Shape[]) =>
    1 + Math.max(0, ...shapes.map((each) => heightOf(each, definitions, above)))
  switch (shape.kind) {
    case 'ref':
      if (above.has(shape.name)) return Number.POSITIVE_INFINITY
      return heightOf(definitions[shape.name] as Shape, definitions, new Set(above).add(shape.name))
    case 'shared':
    case 'custom':
      return highest([shape.of])
    case 'object':
      return highest(shape.members.filter((each) => !each.optional).map((each) => each.shape))
    case 'tuple':
      return highest(shape.elements.filter((each) => !each.optional && !each.rest).map((each) => each.shape))
    case 'union':
      return Math.min(...shape.members.map((each) => heightOf(each.shape, definitions, above)))
    default:
      return 0
  }
}

/** Any value of a shape, `fuel` levels deep at the most. */
export function anyOf(shape: Shape, definitions: Definitions, fuel: number): fc.Arbitrary<unknown> {
  const inside = (each: Shape) => anyOf(each, definitions, fuel - 1)
  const list = (each: Shape): fc.Arbitrary<unknown[]> =>
    fuel <= 0 ? fc.constant([]) : fc.array(inside(each), { maxLength: 3 })
  const holes = (values: fc.Arbitrary<unknown[]>) =>
    fc.tuple(values, fc.nat(7)).map(([list, mask]) => withHoles(list, mask))
  switch (shape.kind) {
    case 'boolean':
      return fc.boolean()
    case 'number':
      return anyNumber
    case 'bigint':
      return fc.oneof(
        fc.bigInt(),
        fc.bigInt({ min: -(2n ** 300n), max: 2n ** 300n }),
        fc.constantFrom(0n, -1n, 2n ** 31n),
      )
    case 'string':
      return anyString
    case 'null':
      return fc.constant(null)
    case 'undefined':
      return fc.constant(undefined)
    case 'literal':
      return fc.constant(literalValue(shape.literal))
    case 'literals':
      return fc.constantFrom(...shape.values.map(literalValue))
    case 'date':
      return fc.date({ noInvalidDate: false })
    case 'url':
      return fc.webUrl().map((href) => new URL(href))
    case 'regexp':
      return fc.constantFrom(/a+/g, /[/\]]/u, /(?<name>x)/giy).map((each) => new RegExp(each))
    case 'bytes':
      return fc.uint8Array({ maxLength: 4 }).map((bytes) => bytesOf(shape.type, bytes))
    case 'json':
      return json
    case 'error':
      return anyError
    case 'component':
      return fc.constant(STUB)
    case 'shared':
      return inside(shape.of)
    case 'custom':
      return inside(shape.of).map((content) => new Box(content))
    case 'array':
      return holes(list(shape.of))
    case 'set':
      return list(shape.of).map((items) => new Set(items))
    case 'map':
      return fuel <= 0
        ? fc.constant(new Map())
        : fc
            .array(fc.tuple(inside(shape.key), inside(shape.value)), { maxLength: 3 })
            .map((entries) => new Map(entries))
    case 'tuple': {
      const parts = shape.elements.map((each) =>
        each.rest
          ? list(each.shape)
          : each.optional && fuel <= 0
            ? fc.constant([])
            : inside(each.shape).map((value) => [value]),
      )
      const optional = shape.elements.filter((each) => each.optional).length
      const values = fc.tuple(fc.tuple(...parts), fc.nat(optional)).map(([values, absent]) => {
        // Not `flat`, which leaves out holes.
        const flat = values.flatMap((each) => Array.from(each as unknown[]))
        return optional === 0 ? flat : flat.slice(0, Math.max(shape.elements.length - optional, flat.length - absent))
      })
      return holes(values)
    }
    case 'object':
      return objectValue(shape, definitions, fuel)
    case 'union': {
      const heights = shape.members.map((each) => heightOf(each.shape, definitions, new Set()))
      const least = Math.min(...heights)
      const from = shape.members.filter((_, at) => fuel > 0 || heights[at] === least)
      return fc.oneof(...from.map((each) => inside(each.shape)))
    }
    case 'ref':
      return inside(definitions[shape.name] as Shape)
    default:
      throw new Error(`no values of ${shape.kind}`)
  }
}

const anyError: fc.Arbitrary<Error> = fc
  .tuple(
    fc.constantFrom(Error, RangeError, Broken),
    fc.string(),
    fc.option(fc.string()),
    fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 1 })),
  )
  .map(([errorClass, message, cause, fields]) => {
    const error = new errorClass(message, ...(cause === null ? [] : [{ cause: new Error(cause) }]))
    const own = new Set(['name', 'message', 'stack', 'cause', 'errors'])
    for (const [name, value] of Object.entries(fields)) if (!own.has(name)) define(error, name, value)
    return error
  })

function bytesOf(type: BytesKind, bytes: Uint8Array): unknown {
  const { buffer } = new Uint8Array([...bytes, ...bytes, ...bytes, ...bytes, ...bytes, ...bytes, ...bytes, ...bytes])
  if (type === 'ArrayBuffer') return buffer
  if (type === 'Buffer') return Buffer.from(buffer)
  const array = (globalThis as unknown as Record<string, unknown>)[type] as new (
    buffer: ArrayBuffer,
  ) => NodeJS.TypedArray
  return new array(buffer)
}

function objectValue(shape: Shape & { kind: 'object' }, definitions: Definitions, fuel: number): fc.Arbitrary<unknown> {
  const inside = (each: Shape) => anyOf(each, definitions, fuel - 1)
  const absent = Symbol('absent')
  const members = shape.members.map((member) =>
    !member.optional
      ? inside(member.shape)
      : fuel <= 0
        ? fc.constant(absent)
        : fc.oneof(fc.constant(absent), fc.constant(undefined), inside(member.shape), inside(member.shape)),
  )
  const taken = new Set(shape.members.map((member) => member.name))
  const patterns = shape.index?.keys?.map((pattern) => new RegExp(pattern))
  const key = fc
    .oneof(
      memberName,
      fc.string({ maxLength: 5 }),
      fc.string({ maxLength: 5 }).map((text) => `k-${text}`),
      fc.nat(99).map(String),
    )
    .filter((each) => !taken.has(each) && (!patterns || patterns.some((pattern) => pattern.test(each))))
  const entries =
    shape.index && fuel > 0 ? fc.array(fc.tuple(key, inside(shape.index.of)), { maxLength: 3 }) : fc.constant([])
  return fc.tuple(fc.tuple(...members), entries, fc.boolean()).map(([values, others, bare]) => {
    // Of what has no keys of its own, the prototype doesn't cross.
    const made = bare && shape.index ? Object.create(null) : {}
    for (const [index, member] of shape.members.entries()) {
      if (values[index] !== absent) define(made, member.name, values[index])
    }
    for (const [name, value] of others) define(made, name, value)
    return made
  })
}

/** Elements that are `undefined` become holes, by the bits of `mask`: there they must arrive as holes. */
function withHoles(list: unknown[], mask: number): unknown[] {
  for (const [index, value] of list.entries()) if (value === undefined && (mask >> index) % 2 === 1) delete list[index]
  return list
}

function withoutPrototypes(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutPrototypes)
  if (typeof value !== 'object' || value === null) return value
  const made = Object.create(null)
  for (const key of Object.keys(value)) define(made, key, withoutPrototypes((value as Record<string, unknown>)[key]))
  return made
}

export function define(object: object, name: string, value: unknown): void {
  Object.defineProperty(object, name, { value, enumerable: true, configurable: true, writable: true })
}

/** A place in a value where something else can be put, and the path by which it must be reported. */
export interface Site {
  path: string
  put(value: unknown): unknown
}

/** Every place inside of `value`; discriminators are left out, since changing one is another fault. */
export function sitesOf(shape: Shape, definitions: Definitions, value: unknown, path: string): Site[] {
  switch (shape.kind) {
    case 'ref':
      return sitesOf(definitions[shape.name] as Shape, definitions, value, path)
    case 'shared':
      return sitesOf(shape.of, definitions, value, path)
    case 'custom': {
      const at = `${path} (as its codec encodes it)`
      const own: Site = { path: at, put: (other) => define(value as Box, 'content', other) }
      const { content } = value as Box
      return content === undefined ? [own] : [own, ...sitesOf(shape.of, definitions, content, at)]
    }
    case 'array':
      return elementSites(value as unknown[], () => shape.of, definitions, path)
    case 'tuple': {
      const list = value as unknown[]
      const rest = shape.elements.findIndex((each) => each.rest)
      const after = rest < 0 ? 0 : shape.elements.length - rest - 1
      return elementSites(
        list,
        (at) => {
          const fromEnd = list.length - at
          return shape.elements[rest < 0 || at < rest ? at : fromEnd <= after ? shape.elements.length - fromEnd : rest]!
            .shape
        },
        definitions,
        path,
      )
    }
    case 'object':
      return Object.keys(value as object).flatMap((name) => {
        const member = shape.members.find((each) => each.name === name)
        const of = (member?.shape ?? shape.index?.of) as Shape
        const at = /^[A-Za-z_$][\w$]*$/.test(name) ? `${path}.${name}` : `${path}[${JSON.stringify(name)}]`
        const inside = Object.getOwnPropertyDescriptor(value, name)?.value
        const own: Site = { path: at, put: (other) => define(value as object, name, other) }
        return inside === undefined ? [own] : [own, ...sitesOf(of, definitions, inside, at)]
      })
    case 'map':
      return [...(value as Map<unknown, unknown>)].flatMap(([key, item]) => {
        if (typeof key !== 'string' || key.length > 40) return []
        const at = `${path}.get(${JSON.stringify(key)})`
        const own: Site = { path: at, put: (other) => (value as Map<unknown, unknown>).set(key, other) }
        return [own, ...sitesOf(shape.value, definitions, item, at)]
      })
    case 'union': {
      if (typeof value !== 'object' || value === null || Array.isArray(value) || value instanceof Box) return []
      const chosen = shape.members.find(({ test }) => {
        const inside = value as Record<string, unknown>
        if (test.by === 'literal') return test.values.some((each) => literalValue(each) === inside[test.property])
        return test.by === 'property' ? Object.hasOwn(inside, test.property) : test.by === 'else'
      })
      return chosen
        ? sitesOf(chosen.shape, definitions, value, path).filter((site) => site.path !== `${path}.kind`)
        : []
    }
    default:
      return []
  }
}

function elementSites(list: unknown[], of: (at: number) => Shape, definitions: Definitions, path: string): Site[] {
  return list.flatMap((item, at) => {
    const own: Site = { path: `${path}[${at}]`, put: (other) => list.splice(at, 1, other) }
    return item === undefined ? [own] : [own, ...sitesOf(of(at), definitions, item, `${path}[${at}]`)]
  })
}

/** Equal in every way that a program can see. */
export function isSame(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) return false
  if (a instanceof Date) return Object.is(a.getTime(), (b as Date).getTime())
  if (a instanceof URL) return a.href === (b as URL).href
  if (a instanceof RegExp) return String(a) === String(b) && a.lastIndex === (b as RegExp).lastIndex
  if (a instanceof Error) {
    const [one, other] = [a, b as Error].map((each) => [each.name, each.message, each.stack, each.cause])
    if (!isSame(one, other)) return false
  }
  if (a instanceof Map) return isSame([...a], [...(b as Map<unknown, unknown>)])
  if (a instanceof Set) return isSame([...a], [...(b as Set<unknown>)])
  if (Array.isArray(a) && a.length !== (b as unknown[]).length) return false
  if (a instanceof ArrayBuffer) return Buffer.from(a).equals(Buffer.from(b as ArrayBuffer))
  const names = Object.keys(a).sort()
  const others = Object.keys(b).sort()
  return (
    names.length === others.length &&
    names.every(
      (name, at) =>
        name === others[at] &&
        isSame(Object.getOwnPropertyDescriptor(a, name)?.value, Object.getOwnPropertyDescriptor(b, name)?.value),
    )
  )
}

/** Every object inside of `value`, itself included. */
export function objectsIn(value: unknown, found: Set<object> = new Set()): Set<object> {
  if (typeof value !== 'object' || value === null || found.has(value)) return found
  found.add(value)
  if (value instanceof Map) for (const entry of value) for (const each of entry) objectsIn(each, found)
  else if (value instanceof Set) for (const each of value) objectsIn(each, found)
  else if (!ArrayBuffer.isView(value))
    for (const name of Object.keys(value)) objectsIn(Object.getOwnPropertyDescriptor(value, name)?.value, found)
  return found
}
