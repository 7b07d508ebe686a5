/**
 * A union → which of its members a value is of, by interpretation: the same tests in the same order as generated code
 * (transformer/codegen/union.ts), for the walk of check.ts and for the codecs of table/*. Made once for a union; members that a literal tells
 * apart are found by one look into a map, since there may be hundreds.
 */
import type { UnionMember } from '../shape.ts'
import type { Codecs } from './custom.ts'
import type { Fitter } from './fit.ts'
import { hasMember, isObject, member } from './kinds.ts'
import { isOfKind, isOneOf, literalValue } from './of-kind.ts'
import { type Conflict, conflictsOf, inOrder, type Resolve, showsByPresence, wholeOf } from './union.ts'

export interface ChoiceContext {
  readonly resolve: Resolve
  readonly codecs: Codecs | undefined
  readonly fitter: () => Fitter
}

/** Position of a member, or negative. */
type Step = (value: unknown) => number

export class Choice {
  readonly members: readonly UnionMember[]
  readonly #context: ChoiceContext
  readonly #steps: readonly Step[]
  readonly #conflicts: (readonly Conflict[] | undefined)[] = []

  constructor(members: readonly UnionMember[], context: ChoiceContext) {
    this.members = members
    this.#context = context
    this.#steps = stepsOf(members, context)
  }

  /** Position of the member that the value is of; negative when it is of none. */
  index(value: unknown): number {
    for (const step of this.#steps) {
      const index = step(value)
      if (index >= 0) return index
    }
    return -1
  }

  /** Another member that the value, taken for the one at `index`, fits as well, and whose data would be lost. */
  alsoFits(index: number, value: unknown): UnionMember | undefined {
    if (!isObject(value)) return undefined
    this.#conflicts[index] ??= conflictsOf(this.members[index]!, this.members, this.#context.resolve)
    const conflicts = this.#conflicts[index]
    return conflicts.length === 0 ? undefined : conflicts.find((each) => shows(each, value))?.other
  }
}

function shows({ property, literal }: Conflict, value: object): boolean {
  return member(value, property) !== undefined && (!literal || isOneOf(member(value, literal.property), literal.values))
}

function stepsOf(members: readonly UnionMember[], context: ChoiceContext): Step[] {
  const steps: Step[] = []
  let before: UnionMember['test'] | undefined
  let byLiteral = new Map<unknown, number>()
  for (const { member: each, index } of inOrder(members, context.resolve)) {
    const { test } = each
    if (test.by === 'match') {
      // Side by side, one look answers for all of them.
      if (before?.by !== 'match') steps.push(wholeLook(members, context))
    } else if (test.by === 'literal') {
      if (before?.by !== 'literal' || before.property !== test.property) {
        byLiteral = new Map()
        steps.push(literalLook(test.property, byLiteral))
      }
      for (const value of test.values.map(literalValue)) if (!byLiteral.has(value)) byLiteral.set(value, index)
    } else {
      const passes = testOf(each, context)
      steps.push((value) => (passes(value) ? index : -1))
    }
    before = test
  }
  return steps
}

function literalLook(property: string, byLiteral: ReadonlyMap<unknown, number>): Step {
  return (value) => (isObject(value) ? (byLiteral.get(member(value, property)) ?? -1) : -1)
}

function wholeLook(members: readonly UnionMember[], { fitter }: ChoiceContext): Step {
  const positions = members.flatMap(({ test }, index) => (test.by === 'match' ? [index] : []))
  return (value) => {
    const made = fitter()
    made.epoch++
    const found = made.bestOf(wholeOf(members)).index(value)
    return found < 0 ? found : positions[found]!
  }
}

function testOf(candidate: UnionMember, context: ChoiceContext): (value: unknown) => boolean {
  const { test, shape } = candidate
  const { resolve, codecs } = context
  if (test.by === 'property') {
    const name = test.property
    return showsByPresence(candidate, name, resolve)
      ? (value) => isObject(value) && hasMember(value, name)
      : (value) => isObject(value) && member(value, name) !== undefined
  }
  const resolved = resolve(shape)
  if (resolved.kind === 'union') {
    let choice: Choice | undefined
    return (value) => {
      choice ??= new Choice(resolved.members, context)
      return choice.index(value) >= 0
    }
  }
  if (resolved.kind === 'tuple') return Array.isArray
  if (resolved.kind === 'custom' && !resolved.tells) return isObject
  return (value) => isOfKind(resolved, value, codecs)
}
