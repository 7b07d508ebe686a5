/**
 * What an intersection says. In go its parts; out comes what is left when those that exist for the type checker alone are gone: brands,
 * markers, and parts that only say which members are never given.
 */
import type { CheckerView, Member, TypeHandle } from '../../checker/view.ts'
import type { Markers } from '../declared/markers.ts'

export type Meaning =
  /** Its parts contradict each other, as `{ kind: 'a' } & { kind: 'b' }`: no value is of it. */
  | { readonly kind: 'never' }
  /** A part says nothing, and so does the whole. */
  | { readonly kind: 'open'; readonly part: TypeHandle }
  /** A primitive with members is a brand: the members exist for the type checker only. */
  | { readonly kind: 'primitive'; readonly part: TypeHandle; readonly isKey: boolean }
  | {
      readonly kind: 'object'
      readonly parts: readonly TypeHandle[]
      /** Names of members that brands have brought in. */
      readonly hidden: ReadonlySet<string>
      readonly isShared: boolean
    }

/** Members that exist for the type checker only, in one part of an intersection: `{ a: string } & { __brand: 'Order' }`. */
const BRAND = /^(?:_brand|__(?:brand|tag|opaque|nominal|flavou?r)(?:__)?)$/

const OPEN_KINDS = ['parameter', 'deferred', 'any', 'unknown']
const OBJECT_KINDS = ['object', 'array', 'tuple', 'nonPrimitive']

interface MeaningInput {
  readonly view: CheckerView
  readonly markers: Markers
  /** An object that is nothing but its members. */
  readonly isPlain: (type: TypeHandle) => boolean
  /** The user has a name for the whole. */
  readonly isNamed: () => boolean
}

export function meaningOf(type: TypeHandle, parts: readonly TypeHandle[], input: MeaningInput): Meaning {
  const { view, markers, isPlain } = input
  if (isNever(view, type)) return { kind: 'never' }
  const kinds = new Map(parts.map((part) => [part, view.describe(part).kind]))
  const open = parts.find((part) => OPEN_KINDS.includes(kinds.get(part)!))
  if (open) return { kind: 'open', part: open }
  const marked = markers.markedParts(parts)
  const primitive = parts.find((part) => !OBJECT_KINDS.includes(kinds.get(part)!))
  if (primitive) return { kind: 'primitive', part: primitive, isKey: marked.has('key') }
  const brands = parts.filter((part) => kinds.get(part) === 'object' && isBrand(view, part))
  const said = parts.filter((part) => !brands.includes(part) && kinds.get(part) !== 'nonPrimitive')
  const telling = said.filter((part) => !saysNothing(part, said, input))
  // A name of its own says more of an object than the name of the part that tells.
  const isNamed = input.isNamed() && telling.every(isPlain)
  return {
    kind: 'object',
    parts: telling.length > 0 && !isNamed ? telling : said,
    hidden: new Set(brands.flatMap((part) => view.members(part).map((member) => member.name))),
    isShared: marked.has('shared'),
  }
}

/** No value is of it. */
export function isNever(view: CheckerView, type: TypeHandle): boolean {
  const { kind } = view.describe(type)
  return kind === 'never' || (kind === 'intersection' && view.text(type) === 'never')
}

function isBrand(view: CheckerView, part: TypeHandle): boolean {
  const members = view.members(part)
  return members.length > 0 && members.every((member) => member.key === 'symbol' || BRAND.test(member.name))
}

/**
 * It only says which members are never given, and the other parts have none of these: `Without<T, U>` of `Without<T, U> & U`, as
 * Prisma's `XOR` has it. Then `U` is what crosses, whether it is an object, an array or a date.
 */
function saysNothing(
  part: TypeHandle,
  parts: readonly TypeHandle[],
  { view, markers, isPlain }: MeaningInput,
): boolean {
  if (!isPlain(part)) return false
  const [members, indexes] = [view.members(part), view.indexes(part)]
  const neverGiven = indexes.every(({ type }) => ['never', 'undefined'].includes(view.describe(type).kind))
  if (!neverGiven || !members.every((member) => isAbsent(member, view, markers))) return false
  const absent = new Set(members.map(({ name }) => name))
  return parts.every(
    (each) =>
      each === part ||
      ((indexes.length === 0 || view.indexes(each).length === 0) &&
        view.members(each).every(({ name }) => !absent.has(name))),
  )
}

/** It is there for the type checker only, or never given: `readonly [brand]?: never`, `other?: never`. */
export function isAbsent(member: Member, view: CheckerView, markers: Markers): boolean {
  if (member.key === 'symbol' && markers.isMarkerMember(member)) return true
  if (!member.optional) return false
  const description = view.describe(member.type)
  return (
    description.kind === 'never' ||
    description.kind === 'undefined' ||
    (description.kind === 'union' && description.parts.length === 0)
  )
}
