/** Random values of a shape. */
import fc from 'fast-check'
import type { BytesKind, Definitions, Literal, Shape } from '../../runtime/shape.ts'
import { Broken, CONTAINERS, STUB } from './own.ts'

export const memberName = fc.constantFrom(
  ...['a', 'b', 'id', 'odd name', '__proto__', 'constructor', 'toString', 'class', 'ünï', '\u2028', '0', ''],
)
export const literalValue = (each: Literal): unknown => (each.type === 'bigint' ? BigInt(each.value) : each.value)

export const anyString = fc.oneof(
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

/** Levels of the flattest value of a shape; infinite where a value would have to hold another one of its own type. */
export function heightOf(shape: Shape, definitions: Definitions, above: ReadonlySet<string>): number {
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
      return inside(shape.of).map((content) => new CONTAINERS[shape.codec]!(content))
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
