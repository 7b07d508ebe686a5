/**
 * Unions: members in, one canonical shape out. First `collapse` (literals together, what a primitive covers gone, doubles
 * gone), which needs the members alone; then, when all definitions are known, `discriminate` finds for each member how a
 * value shows that it is of it. Refuses a union in which nothing at run time tells two members apart, and names the two.
 */
import { isBytesKind } from '../../../runtime/codec/kinds.ts'
import type { Definitions, Literal, Shape, UnionMember } from '../../../runtime/shape.ts'
import { canonicalText, compareLiterals, KIND_RANK } from './canonical.ts'
import { type Candidate, literalsOf, type Told, tellOneByOne } from './tell-apart.ts'

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
  const rival = opaque[1] ?? candidates[0]?.shape ?? json ?? groups.get('union')?.[0]
  if (opaque[0] && rival) return { ambiguous: [opaque[0], rival], opaque: true }
  // A union in `Shared` may have members like those beside it, which its own tests don't know of.
  const inner = groups.get('union')
  if (inner && (candidates.length > 0 || json || [...groups.keys()].some(mayBeLike)))
    return { members: inOrder(members).map(byWholeLook) }
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
    // What is an object too might have the member that is to tell: `length`, `0`, `size`.
    const misled = whole.length > 0 && told.members.some(({ test }) => 'property' in test && isOfLists(test.property))
    if (misled) whole.push(...candidates.map(({ shape }) => shape))
    else {
      objects.push(...told.members)
      whole.push(...told.rest)
    }
  }
  return { members: [...plain, ...objects, ...whole.map(byWholeLook)] }
}

const byWholeLook = (shape: Shape): UnionMember => ({ test: { by: 'match' }, shape })

const isOpaque = (shape: Shape): boolean => shape.kind === 'custom' && !shape.tells

/** Kinds of which a whole look tells two apart. */
const LOOKED_INTO = new Set(['array', 'map', 'set', 'union'])

/** A value of the kind may be one of a union's too, as which it would be another value. */
const mayBeLike = (group: string): boolean => (LOOKED_INTO.has(group) && group !== 'union') || isBytesKind(group)

const isOfLists = (name: string): boolean =>
  /^\d+$/.test(name) || [Array, Map, Set].some(({ prototype }) => name in prototype)

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

function tellApart(candidates: readonly Candidate[], definitions: Definitions): Told {
  const members = byCommonLiteral(candidates)
  return members ? { members, rest: [] } : tellOneByOne(candidates, (shape) => resolveShape(shape, definitions))
}

/** The usual case: one member, such as `kind`, that is a literal in all of them and different in each. */
function byCommonLiteral(candidates: readonly Candidate[]): UnionMember[] | undefined {
  for (const { name } of candidates[0]!.object.members) {
    const values = candidates.map(({ object }) => literalsOf(object.members.find((each) => each.name === name)))
    const all = values.flatMap((each) => each ?? [])
    const distinct = new Set(all.map(canonicalText)).size === all.length
    if (distinct && values.every((each) => each !== undefined)) {
      return candidates.map(({ shape }, at) => ({
        test: { by: 'literal', property: name, values: [...values[at]!] },
        shape,
      }))
    }
  }
  return undefined
}
