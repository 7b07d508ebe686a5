/** Unions on their way from the analysis through codec and copier: many members, exclusive members, values that fit two. */
import { describe, expect, test } from 'vitest'
import { checkValue, explain, Mismatch, problemText } from '../../runtime/codec/mismatch.ts'
import type { Literal, Member, Shape, UnionMember } from '../../runtime/shape.ts'
import { discriminate } from '../../transformer/analyse/types/union.ts'
import { type Codec, codecOf } from './evaluate.ts'

const NUMBER: Shape = { kind: 'number' }
const STRING: Shape = { kind: 'string' }
const UNDEFINED: Shape = { kind: 'undefined' }

const required = (name: string, shape: Shape): Member => ({ name, shape })
const optional = (name: string, shape: Shape): Member => ({ name, shape, optional: true })
const object = (...members: Member[]): Shape => ({ kind: 'object', members })
const literal = (value: string): Shape => ({ kind: 'literal', literal: { type: 'string', value } })
const either = (...shapes: Shape[]): Shape => ({
  kind: 'union',
  members: shapes.map((shape): UnionMember => ({ test: { by: 'kind' }, shape })),
})

/** The union as the analysis settles it. */
function unionOf(...members: Shape[]): Shape {
  const result = discriminate(members, {})
  if ('ambiguous' in result) throw new Error('the analysis refuses this union')
  return { kind: 'union', members: result.members }
}

const ways: [string, (codec: Codec, value: unknown) => Promise<unknown>][] = [
  ['codec', async (codec, value) => codec.decode(codec.encode(value))],
  ['copier', (codec, value) => codec.copy(value)],
]

test.each([255, 256, 257, 300])('a union of %i members keeps every one apart', (count) => {
  const shape: Shape = {
    kind: 'union',
    members: Array.from({ length: count }, (_, index): UnionMember => {
      const kind: Literal = { type: 'string', value: `k${index}` }
      return {
        test: { by: 'literal', property: 'kind', values: [kind] },
        shape: object(required(`own${index}`, NUMBER), required('kind', { kind: 'literal', literal: kind })),
      }
    }),
  }
  const codec = codecOf(shape)
  for (let index = 0; index < count; index++) {
    const value = { kind: `k${index}`, [`own${index}`]: index }
    expect(codec.decode(codec.encode(value))).toEqual(value)
  }
})

test('bytes that name no member of a large union are a protocol error', () => {
  const members = Array.from({ length: 300 }, (_, index) => object(required('kind', literal(`k${index}`))))
  const codec = codecOf(unionOf(...members))
  // 300 as a varint.
  expect(() => codec.decode(Buffer.from([0xac, 0x02]))).toThrow(expect.objectContaining({ code: 'WV_PROTOCOL' }))
})

describe.each(ways)('%s', (way, pass) => {
  const refused = async (shape: Shape, value: unknown, text: string) => {
    const thrown = await pass(codecOf(shape), value).catch((error) => error)
    if (way === 'codec') expect(thrown).toBeInstanceOf(Mismatch)
    else expect(thrown).toMatchObject({ code: 'WV_VALUE', executed: 'no', message: `X.echo: ${text}` })
    expect(problemText(explain(shape, {}, value, 'value')!)).toBe(text)
    expect(checkValue(shape, {}, value, { unknownKeys: 'ignore', path: 'value' }).map(problemText)).toEqual([text])
  }
  const accepted = async (shape: Shape, value: unknown, result = value) => {
    expect(await pass(codecOf(shape), value)).toEqual(result)
    expect(explain(shape, {}, value, 'value')).toBeUndefined()
  }

  // `{ a: number; b?: undefined } | { a?: undefined; b: string }`: the analysis leaves out what is never given.
  test('a property that is there and undefined does not decide', async () => {
    const shape = unionOf(object(required('a', NUMBER)), object(required('b', STRING)))
    await accepted(shape, { b: 's', a: undefined }, { b: 's' })
    await accepted(shape, { a: 1, b: undefined }, { a: 1 })
    await accepted(shape, { a: 1 })
    await accepted(shape, { b: 's' })
  })

  test('members that declare the other property as undefined are told apart', async () => {
    const shape = unionOf(
      object(required('a', NUMBER), required('b', UNDEFINED)),
      object(required('a', UNDEFINED), required('b', STRING)),
    )
    await accepted(shape, { a: 1, b: undefined })
    await accepted(shape, { a: undefined, b: 's' })
  })

  test('where the property may be undefined, another one decides, or its presence', async () => {
    const maybe = either(UNDEFINED, NUMBER)
    const other = unionOf(object(required('a', maybe)), object(required('b', STRING)))
    await accepted(other, { a: undefined })
    await accepted(other, { a: undefined, b: 's' }, { b: 's' })
    const presence = unionOf(object(required('a', maybe)), object(required('b', either(UNDEFINED, STRING))))
    await accepted(presence, { a: undefined })
    await accepted(presence, { b: undefined })
  })

  test('a value that fits two members is refused, since the data of one would be lost', async () => {
    const shape = unionOf(object(required('a', NUMBER)), object(required('b', STRING)))
    await refused(
      shape,
      { a: 1, b: 's' },
      "value fits two members of the union, { a: number } and { b: string }; give them a literal member such as 'kind'.",
    )
    const three = unionOf(object(required('a', NUMBER)), object(required('b', STRING)), object(required('c', NUMBER)))
    await refused(
      three,
      { b: 's', c: 1 },
      "value fits two members of the union, { b: string } and { c: number }; give them a literal member such as 'kind'.",
    )
  })

  test('so is one that fits a member with a literal and another without', async () => {
    const shape = unionOf(object(required('kind', literal('x'))), object(required('id', STRING)))
    await accepted(shape, { kind: 'x' })
    await accepted(shape, { id: 's' })
    await refused(
      shape,
      { kind: 'x', id: 's' },
      `value fits two members of the union, { kind: "x" } and { id: string }; give them a literal member such as 'kind'.`,
    )
  })

  test('nothing is ambiguous where a literal decides, or where the member declares the property too', async () => {
    const literals = unionOf(
      object(required('a', NUMBER), required('kind', literal('a'))),
      object(required('b', NUMBER), required('kind', literal('b'))),
    )
    await accepted(literals, { kind: 'a', a: 1, b: 2 }, { kind: 'a', a: 1 })
    const declared = unionOf(object(required('a', NUMBER), optional('b', STRING)), object(required('b', STRING)))
    await accepted(declared, { a: 1, b: 's' })
    await accepted(declared, { b: 's' })
    const more = unionOf(object(required('a', NUMBER)), object(required('a', NUMBER), required('b', STRING)))
    await accepted(more, { a: 1, b: 's' })
    await accepted(more, { a: 1 })
  })

  test('a property of every object is looked up with care', async () => {
    const shape = unionOf(object(required('constructor', NUMBER)), object(required('toString', STRING)))
    await accepted(shape, { constructor: 1 })
    await accepted(shape, { toString: 's' })
  })
})
