/**
 * What tells the objects of a union apart where no one member is a literal in all of them: in go objects, out comes, for one after the
 * other, the test by which it differs from all that remain. Members are counted by name and by literal, once: to compare each with each
 * other, again for each that is taken, would cost the cube of their number, and published unions have hundreds.
 *
 * Declared members are trusted: a value with a member more than its type says could be taken for another one.
 */
import { canBeUndefined } from '../../../runtime/codec/union.ts'
import type { Literal, Shape, Test, UnionMember } from '../../../runtime/shape.ts'
import { canonicalText } from './canonical.ts'

export type ObjectShape = Shape & { kind: 'object' }
type ObjectMember = ObjectShape['members'][number]

export interface Candidate {
  readonly shape: Shape
  readonly object: ObjectShape
}

/** `rest`: those that nothing short tells apart. */
export interface Told {
  readonly members: UnionMember[]
  readonly rest: Shape[]
}

/** `resolve` sees through names. */
export function tellOneByOne(candidates: readonly Candidate[], resolve: (shape: Shape) => Shape): Told {
  const remaining = new Remaining(candidates, resolve)
  const members: UnionMember[] = []
  while (remaining.shapes.length > 1) {
    const taken = remaining.takeFirst()
    if (taken === undefined) return { members, rest: remaining.shapes }
    members.push(taken)
  }
  return { members: [...members, { test: { by: 'else' }, shape: remaining.shapes[0]! }], rest: [] }
}

/** The literals that a required member is one of. */
export function literalsOf(member: ObjectMember | undefined): readonly Literal[] | undefined {
  if (member === undefined || member.optional) return undefined
  if (member.shape.kind === 'literal') return [member.shape.literal]
  return member.shape.kind === 'literals' ? member.shape.values : undefined
}

/** How many of the objects that remain … */
interface Named {
  /** have a member of the name, */
  all: number
  /** have one that isn't always `undefined`, */
  present: number
  /** may have anything under it, */
  open: number
  /** say what else there may be, and have a member of the name all the same, */
  indexed: number
  /** have this literal under it. */
  readonly literals: Map<string, number>
}

class Remaining {
  readonly #resolve: (shape: Shape) => Shape
  readonly #candidates: Candidate[]
  readonly #byName = new Map<string, Named>()
  /** How many have an index, and so may have any name. */
  #indexed = 0
  readonly #texts = new Map<Literal, string>()
  readonly #definite = new Map<ObjectMember, boolean>()

  constructor(candidates: readonly Candidate[], resolve: (shape: Shape) => Shape) {
    this.#resolve = resolve
    this.#candidates = [...candidates]
    for (const { object } of candidates) this.#count(object, 1)
  }

  get shapes(): Shape[] {
    return this.#candidates.map(({ shape }) => shape)
  }

  /** The first that a literal tells, else the first that a value's presence does, else the first that a name does. */
  takeFirst(): UnionMember | undefined {
    return (
      this.#take((object) => this.#byLiteral(object)) ??
      this.#take((object) => this.#byDefiniteProperty(object)) ??
      this.#take((object) => this.#byProperty(object))
    )
  }

  #take(tell: (object: ObjectShape) => Test | undefined): UnionMember | undefined {
    for (const [at, { shape, object }] of this.#candidates.entries()) {
      const test = tell(object)
      if (test === undefined) continue
      this.#candidates.splice(at, 1)
      this.#count(object, -1)
      return { test, shape }
    }
    return undefined
  }

  #count({ members, index }: ObjectShape, by: 1 | -1): void {
    if (index) this.#indexed += by
    for (const member of members) {
      const named = this.#named(member.name)
      const values = literalsOf(member)
      named.all += by
      if (member.shape.kind !== 'undefined') named.present += by
      if (member.shape.kind !== 'undefined' && values === undefined) named.open += by
      if (index) named.indexed += by
      for (const each of values ?? []) {
        const text = this.#text(each)
        named.literals.set(text, (named.literals.get(text) ?? 0) + by)
      }
    }
  }

  #named(name: string): Named {
    const named = this.#byName.get(name) ?? { all: 0, present: 0, open: 0, indexed: 0, literals: new Map() }
    this.#byName.set(name, named)
    return named
  }

  /** All others lack the name, or have other literals under it. */
  #byLiteral({ members }: ObjectShape): Test | undefined {
    for (const member of members) {
      const values = literalsOf(member)
      if (values === undefined) continue
      const { open, indexed, literals } = this.#named(member.name)
      if (open > 0 || this.#indexed > indexed) continue
      if (values.every((each) => literals.get(this.#text(each)) === 1))
        return { by: 'literal', property: member.name, values: [...values] }
    }
    return undefined
  }

  /** A property that is never `undefined` in this member, and in the others absent or always `undefined`. */
  #byDefiniteProperty({ members }: ObjectShape): Test | undefined {
    const own = members.find((member) => {
      const { present, indexed } = this.#named(member.name)
      return present === 1 && this.#indexed === indexed && this.#isDefinite(member)
    })
    return own && { by: 'property', property: own.name }
  }

  #byProperty({ members, index }: ObjectShape): Test | undefined {
    const others = this.#indexed - (index ? 1 : 0)
    const own = members.find(({ name, optional }) => !optional && others === 0 && this.#named(name).all === 1)
    return own && { by: 'property', property: own.name }
  }

  #isDefinite(member: ObjectMember): boolean {
    let definite = this.#definite.get(member)
    if (definite === undefined) {
      definite = !member.optional && !canBeUndefined(member.shape, this.#resolve)
      this.#definite.set(member, definite)
    }
    return definite
  }

  #text(literal: Literal): string {
    const text = this.#texts.get(literal) ?? canonicalText(literal)
    this.#texts.set(literal, text)
    return text
  }
}
