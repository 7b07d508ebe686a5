/** How objects of a union are told apart where no member is a literal in all of them: by tests that hold, and in time for unions of hundreds. */
import { expect, test } from 'vitest'
import { randomFrom } from '../../bench/compile/generate.ts'
import type { Shape, UnionMember } from '../../runtime/shape.ts'
import { type Candidate, type ObjectShape, tellOneByOne } from '../../transformer/analyse/types/tell-apart.ts'

type Member = ObjectShape['members'][number]

const STRING: Shape = { kind: 'string' }
const UNDEFINED: Shape = { kind: 'undefined' }
const either = (...shapes: readonly Shape[]): Shape => ({
  kind: 'union',
  members: shapes.map((shape): UnionMember => ({ test: { by: 'kind' }, shape })),
})
const literal = (value: string): Shape => ({ kind: 'literal', literal: { type: 'string', value } })
const member = (name: string, shape: Shape, optional?: true): Member => ({
  name,
  shape,
  ...(optional && { optional }),
})
const candidate = (members: readonly Member[], more: Partial<ObjectShape> = {}): Candidate => {
  const object: ObjectShape = { kind: 'object', members: [...members], ...more }
  return { shape: object, object }
}
const tell = (candidates: readonly Candidate[]) => tellOneByOne(candidates, (shape) => shape)

/** A value of `object` may pass the test of `told`: by presence where `undefined` is a value of what shows it. */
function mayPass({ test: asked, shape }: UnionMember, object: ObjectShape): boolean {
  if (asked.by !== 'literal' && asked.by !== 'property') return true
  const named = ({ members }: ObjectShape) => members.find(({ name }) => name === asked.property)
  const own = named(object)
  if (own === undefined) return object.index !== undefined
  if (asked.by === 'property')
    return own.shape.kind !== 'undefined' || named(shape as ObjectShape)?.shape.kind !== 'string'
  if (own.shape.kind === 'undefined') return false
  if (own.shape.kind !== 'literal' || own.optional) return true
  const { value } = own.shape.literal
  return asked.values.some((each) => each.value === value)
}

test.each([1, 2, 3, 4])(
  'a test is passed by its own member, and by none of those that are asked after it: seed %i',
  (seed) => {
    const random = randomFrom(seed)
    const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T
    const shapes = [STRING, UNDEFINED, either(STRING, UNDEFINED), ...['a', 'b', 'c', 'd'].map(literal)]
    for (let round = 0; round < 500; round++) {
      const candidates = Array.from({ length: 2 + Math.floor(random() * 6) }, () => {
        const names = ['p', 'q', 'r', 's'].filter(() => random() < 0.5)
        const members = names.map((name) => member(name, pick(shapes), random() < 0.2 || undefined))
        return candidate(members, random() < 0.1 ? { index: { of: STRING } } : {})
      })
      const { members, rest } = tell(candidates)
      const told = members.map(({ shape }) => shape as ObjectShape)
      expect([...told, ...rest]).toHaveLength(candidates.length)
      for (const [at, each] of members.entries()) {
        const later = [...told.slice(at + 1), ...(rest as ObjectShape[])]
        const passing = later.filter((object) => mayPass(each, object))
        expect(passing, JSON.stringify([each, passing])).toEqual([])
        if (each.test.by !== 'else') expect(mayPass(each, told[at]!)).toBe(true)
      }
    }
  },
)

test('hundreds that no one literal tells are looked at a few times each', () => {
  const count = 300
  let looks = 0
  const counted = Array.from({ length: count }, (_, at): Candidate => {
    const members = [
      member('type', literal(`t${at >> 1}`)),
      member('action', literal(`a${at & 1}`)),
      member(`own${at}`, STRING),
    ]
    const object: ObjectShape = {
      kind: 'object',
      get members() {
        looks++
        return members
      },
    }
    return { shape: STRING, object }
  })
  expect(tell(counted).rest).toEqual([])
  expect(looks).toBeLessThan(3 * count * count)
})
