/**
 * What generated code and the walk of check.ts must answer alike about unions of objects: whether the property that shows a
 * member can be `undefined`, and what else a value must not have, because it would then fit a second member and lose that
 * member's data. Works on shapes alone; `resolve` follows references and `Shared`.
 */
import type { Literal, Shape, UnionMember } from '../shape.ts'

export type Resolve = (shape: Shape) => Shape

type ObjectShape = Extract<Shape, { kind: 'object' }>

/** A value of `shape` may be `undefined`. */
export function canBeUndefined(shape: Shape, resolve: Resolve): boolean {
  const resolved = resolve(shape)
  if (resolved.kind === 'union') return resolved.members.some((member) => canBeUndefined(member.shape, resolve))
  return resolved.kind === 'undefined'
}

/**
 * Whether having `property` at all shows the member (`in`); otherwise it has to be something else than `undefined`, since
 * `{ a: number; b?: undefined }` is how the other member of a union is often declared, or inferred.
 */
export function showsByPresence({ shape }: UnionMember, property: string, resolve: Resolve): boolean {
  const object = resolve(shape)
  const member = object.kind === 'object' ? object.members.find((each) => each.name === property) : undefined
  return member === undefined || canBeUndefined(member.shape, resolve)
}

/**
 * The order in which members are asked for: primitives and built-in classes first, then discriminators and properties in their own
 * order (each may rely on those before it), then plain objects; so the test for an object needn't exclude dates and maps.
 */
export function inOrder(
  members: readonly UnionMember[],
  resolve: Resolve,
): { readonly member: UnionMember; readonly index: number }[] {
  return members
    .map((member, index) => ({ member, index, rank: rank(member, resolve) }))
    .sort((a, b) => a.rank - b.rank || a.index - b.index)
}

function rank({ test, shape }: UnionMember, resolve: Resolve): number {
  if (test.by === 'kind' || resolve(shape).kind === 'json') return kindRank(shape, resolve)
  return test.by === 'else' ? 2 : 1
}

function kindRank(shape: Shape, resolve: Resolve): number {
  const resolved = resolve(shape)
  // It is a Uint8Array as well.
  if (resolved.kind === 'bytes' && resolved.type === 'Buffer') return -1
  if (resolved.kind === 'json') return 3
  if (resolved.kind === 'object' || (resolved.kind === 'custom' && !resolved.tells)) return 2
  if (resolved.kind === 'union') return Math.max(...resolved.members.map((each) => kindRank(each.shape, resolve)))
  return 0
}

const whole = new WeakMap<readonly UnionMember[], readonly Shape[]>()

/** Members that only a whole look tells apart: the same list every time, since what is compiled for it is kept by it. */
export function wholeOf(members: readonly UnionMember[]): readonly Shape[] {
  let known = whole.get(members)
  if (known === undefined) {
    known = members.flatMap(({ test, shape }) => (test.by === 'match' ? [shape] : []))
    whole.set(members, known)
  }
  return known
}

/** A value taken for one member fits another one too when `property` isn't `undefined`, and `literal`, if any, holds as well. */
export interface Conflict {
  other: UnionMember
  property: string
  literal: { property: string; values: readonly Literal[] } | undefined
}

/** How a value that was taken for `chosen` would show that it is of another member as well. */
export function conflictsOf(chosen: UnionMember, members: readonly UnionMember[], resolve: Resolve): Conflict[] {
  const object = resolve(chosen.shape)
  // With an index signature nothing that a value has is left behind.
  if (object.kind !== 'object' || object.index || chosen.test.by === 'kind' || chosen.test.by === 'match') return []
  const conflicts: Conflict[] = []
  for (const other of members) {
    const theirs = resolve(other.shape)
    if (other === chosen || theirs.kind !== 'object' || other.test.by === 'kind') continue
    if (excludes(chosen, other, theirs)) continue
    const property = ownProperty(other, theirs, object)
    if (property === undefined) continue
    conflicts.push({ other, property, literal: other.test.by === 'literal' ? other.test : undefined })
  }
  return conflicts
}

/** The literal by which `chosen` was found is none that the other one may have: the analysis has made sure. */
function excludes({ test }: UnionMember, other: UnionMember, theirs: ObjectShape): boolean {
  if (test.by !== 'literal') return false
  if (other.test.by === 'literal' && other.test.property === test.property) return true
  return theirs.members.some((member) => member.name === test.property)
}

/** A member that the other one must have and `chosen` knows nothing of; first of all the one that it is told by. */
function ownProperty({ test }: UnionMember, theirs: ObjectShape, chosen: ObjectShape): string | undefined {
  const known = new Set(chosen.members.map((member) => member.name))
  if (test.by === 'property' && !known.has(test.property)) return test.property
  return theirs.members.find(({ name, optional, shape }) => !optional && shape.kind !== 'undefined' && !known.has(name))
    ?.name
}
