/**
 * What the code generator and the codecs of codec/table must answer alike about shapes: what is directly inside one, whether a
 * value of it may take no bytes, whether it can be changed. Works on shapes alone; what a reference leads to is asked of the caller.
 */
import { type Member, NUMERIC_KEY, type Shape, type TupleElement } from '../shape.ts'
import { canBeUndefined, type Resolve } from './union.ts'

/** The shapes directly inside a shape; a `ref` has none. */
export function inner(shape: Shape): readonly Shape[] {
  switch (shape.kind) {
    case 'array':
    case 'set':
    case 'shared':
    case 'custom':
    case 'stream':
      return [shape.of]
    case 'tuple':
      return shape.elements.map((element) => element.shape)
    case 'object':
      return [...shape.members.map((member) => member.shape), ...(shape.index ? [shape.index.of] : [])]
    case 'map':
      return [shape.key, shape.value]
    case 'union':
      return shape.members.map((member) => member.shape)
    default:
      return []
  }
}

const PRIMITIVES: ReadonlySet<Shape['kind']> = new Set([
  'boolean',
  'number',
  'bigint',
  'string',
  'null',
  'undefined',
  'literal',
  'literals',
])

export const isPrimitive = ({ kind }: Shape): boolean => PRIMITIVES.has(kind)

/** `string | null`, say: there is nothing to copy, and yet a copy around it has to see that it is one of these. */
export function isUnionOfPrimitives(shape: Shape): shape is Extract<Shape, { kind: 'union' }> {
  return shape.kind === 'union' && shape.members.every((member) => isPrimitive(member.shape))
}

/** Some value of it takes no bytes. Lists of such values write a byte for each, so that no count goes unpaid. */
export function canBeEmpty(
  shape: Shape,
  definition: (name: string) => Shape,
  seen: ReadonlySet<string> = new Set(),
): boolean {
  const inside = (part: Shape) => canBeEmpty(part, definition, seen)
  switch (shape.kind) {
    case 'null':
    case 'undefined':
    case 'literal':
      return true
    case 'object':
      return !shape.index && shape.members.every((member) => !member.optional && inside(member.shape))
    case 'tuple':
      return shape.elements.every((element) => !element.optional && !element.rest && inside(element.shape))
    case 'shared':
    case 'custom':
      return inside(shape.of)
    // What a reference takes is for runtime/calls/references.ts to say.
    case 'component':
      return true
    case 'ref':
      return !seen.has(shape.name) && canBeEmpty(definition(shape.name), definition, new Set(seen).add(shape.name))
    default:
      return false
  }
}

/** It, or something inside it that isn't behind a reference, can be changed. */
export function isMutable(shape: Shape): boolean {
  switch (shape.kind) {
    case 'date':
    case 'url':
    case 'regexp':
    case 'bytes':
    case 'error':
    // Made anew by its codec, here as on the other side.
    case 'custom':
    // An implementation that passes itself is passed as its stub.
    case 'component':
    case 'stream':
      return true
    case 'json':
      return shape.mutable === true
    case 'array':
    case 'tuple':
    case 'map':
    case 'set':
      return !shape.readonly || inner(shape).some(isMutable)
    case 'object':
      // Of an object without declared members nothing may arrive, so what else it has is left behind by a copy.
      if ((shape.members.length === 0 && !shape.index) || shape.omitted || shape.index?.keys) return true
      return (
        shape.members.some((member) => !member.readonly || isMutable(member.shape)) ||
        (shape.index !== undefined && (!shape.index.readonly || isMutable(shape.index.of)))
      )
    case 'union':
      return shape.members.some((member) => isMutable(member.shape))
    default:
      return false
  }
}

/**
 * What an object must be beside an object, where none of its members has to be there: `record`, no instance of a built-in class. Such
 * an instance is accepted all the same where it is `indexed` or has one of the `names`, as the type may say without a cast.
 */
export type ObjectTest = { readonly record: boolean; readonly indexed: boolean; readonly names: readonly string[] }

const ANY_OBJECT: ObjectTest = { record: false, indexed: false, names: [] }

export function objectTest({ members, index }: Extract<Shape, { kind: 'object' }>, resolve: Resolve): ObjectTest {
  if (members.some(({ optional, shape }) => !optional && !canBeUndefined(shape, resolve))) return ANY_OBJECT
  const indexed = index?.keys?.includes(NUMERIC_KEY) === true
  return { record: true, indexed, names: index ? [] : members.map(({ name }) => name) }
}

/** Some element may be `undefined`, and so may be a hole. Elsewhere a hole is an element that is missing. */
export function mayHaveHoles(elements: readonly TupleElement[], resolve: Resolve): boolean {
  return elements.some(({ shape, optional }) => optional || canBeUndefined(shape, resolve))
}

/** Elements before the rest element, it, those after it, and how many must be there. */
export function tupleParts(elements: readonly TupleElement[]): {
  before: readonly TupleElement[]
  rest: TupleElement | undefined
  after: readonly TupleElement[]
  required: number
} {
  const at = elements.findIndex((element) => element.rest)
  return {
    before: at < 0 ? elements : elements.slice(0, at),
    rest: elements[at],
    after: at < 0 ? [] : elements.slice(at + 1),
    required: elements.filter((element) => !element.optional && !element.rest).length,
  }
}

/**
 * What the bits before an object's members say, lowest first: a required boolean by its value; an optional member by whether it is
 * there, an optional boolean by its value too. Where there are optional members, the first bit of all says that some of those that
 * aren't there are `undefined`, and a bit for each, in bytes of their own, says which.
 */
export interface Flag {
  readonly says: 'undefined' | 'present' | 'value'
  readonly member: Member | undefined
}

export function flagsOf({ members }: Extract<Shape, { kind: 'object' }>): readonly Flag[] {
  const flags: Flag[] = members.some((member) => member.optional) ? [{ says: 'undefined', member: undefined }] : []
  for (const member of members) {
    if (member.optional) flags.push({ says: 'present', member })
    if (isFlag(member)) flags.push({ says: 'value', member })
  }
  return flags
}

/** Its flags say it all; no bytes follow. */
export function isFlag({ shape }: Member): boolean {
  return shape.kind === 'boolean'
}
