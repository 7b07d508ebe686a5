/** Unions whose members nothing but the whole value tells apart: the best fit is taken, and no data is lost silently. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { explain, Mismatch, problemText } from '../../runtime/codec/mismatch.ts'
import { LIMITS } from '../../runtime/limits.ts'
import type { Definitions, Member, Shape, UnionMember } from '../../runtime/shape.ts'
import { discriminate } from '../../transformer/analyse/types/union.ts'
import { codecOf, preparedCodecOf } from './evaluate.ts'
import { Box, Crate, OWN, ownCodecs } from './own.ts'
import { isSame } from './same.ts'
import { ownPair } from './shapes.ts'

const NUMBER: Shape = { kind: 'number' }
const STRING: Shape = { kind: 'string' }
const required = (name: string, shape: Shape): Member => ({ name, shape })
const optional = (name: string, shape: Shape): Member => ({ name, shape, optional: true })
const object = (...members: Member[]): Shape => ({ kind: 'object', members })
const tuple = (...shapes: Shape[]): Shape => ({ kind: 'tuple', elements: shapes.map((shape) => ({ shape })) })
const array = (of: Shape): Shape => ({ kind: 'array', of })
const literal = (value: string): Shape => ({ kind: 'literal', literal: { type: 'string', value } })

function unionOf(shapes: Shape[], definitions: Definitions = {}): Shape {
  const result = discriminate(shapes, definitions)
  if ('ambiguous' in result) throw new Error('the analysis refuses this union')
  return { kind: 'union', members: result.members }
}

function passes(shape: Shape, value: unknown, definitions: Definitions = {}): unknown {
  const codec = codecOf(shape, definitions)
  return codec.decode(codec.encode(value))
}

test('tuples by their lengths, arrays and maps by what they hold', () => {
  const box = unionOf([tuple(NUMBER, NUMBER), tuple(NUMBER, NUMBER, NUMBER)])
  for (const value of [
    [1, 2],
    [1, 2, 3],
  ])
    expect(passes(box, value)).toEqual(value)
  const lists = unionOf([array(STRING), array(NUMBER)])
  for (const value of [[], ['a'], [1]]) expect(passes(lists, value)).toEqual(value)
  const maps = unionOf([
    { kind: 'map', key: STRING, value: NUMBER },
    { kind: 'map', key: STRING, value: STRING },
  ])
  for (const value of [new Map([['a', 1]]), new Map([['a', 'b']]), new Map()])
    expect(passes(maps, value)).toEqual(value)
})

test('a member that differs three levels down', () => {
  const event = (merged: Shape, more: Member[] = []) =>
    object(
      required('action', literal('closed')),
      required('pull', object(required('head', object(required('merged', merged), ...more)))),
    )
  const shape = unionOf([event(STRING), event(NUMBER), event(NUMBER, [optional('by', STRING)])])
  const value = { action: 'closed', pull: { head: { merged: 1, by: 'x' } } }
  expect(passes(shape, value)).toEqual(value)
  expect(passes(shape, { action: 'closed', pull: { head: { merged: 'no' } } })).toEqual({
    action: 'closed',
    pull: { head: { merged: 'no' } },
  })
})

test('undeclared keys are left behind as everywhere, unless another member would have kept them', () => {
  const shape = unionOf([object(optional('card', STRING)), object(optional('account', STRING))])
  expect(passes(shape, { account: 'a', trace: 1 })).toEqual({ account: 'a' })
  expect(passes(shape, {})).toEqual({})
  const both = { card: 'c', account: 'a' }
  expect(() => passes(shape, both)).toThrow(Mismatch)
  expect(problemText(explain(shape, {}, both, 'payment')!)).toBe(
    "payment fits two members of the union, { account?: string } and { card?: string }; give them a literal member such as 'kind'.",
  )
})

test('a Buffer stays one where a member says so, though it is a Uint8Array too', () => {
  const bytes = (type: 'Buffer' | 'Uint8Array'): Shape => ({ kind: 'bytes', type })
  const box = unionOf([
    object(required('box', unionOf([bytes('Uint8Array'), NUMBER]))),
    object(required('box', unionOf([bytes('Buffer'), bytes('Uint8Array'), STRING]))),
  ])
  expect(Buffer.isBuffer((passes(box, { box: Buffer.from([1]) }) as { box: unknown }).box)).toBe(true)
  for (const value of [{ box: new Uint8Array([1]) }, { box: 1 }, { box: 'x' }])
    expect(passes(box, value)).toEqual(value)
  const plain = unionOf([
    object(required('box', bytes('Uint8Array'))),
    object(required('box', unionOf([bytes('Uint8Array'), STRING]))),
  ])
  expect(passes(plain, { box: Buffer.from([1]) })).toEqual({ box: new Uint8Array([1]) })
})

test('a codec of the user is asked whether a value is its own', async () => {
  const box = (of: Shape): Shape => object(required('box', of))
  const custom: Shape = { kind: 'custom', codec: 'src/box.Box', of: NUMBER, tells: true }
  const shape = unionOf([box(custom), box(STRING), box({ ...custom, codec: 'src/box.Crate' })])
  for (const table of [false, true]) {
    const codec = await preparedCodecOf(shape, {}, { ...OWN, table })
    for (const value of [{ box: 'x' }, { box: new Box(1) }, { box: new Crate(2) }]) {
      expect(isSame(codec.decode(codec.encode(value)), value)).toBe(true)
      expect(explain(shape, {}, value, 'value', ownCodecs)).toBeUndefined()
    }
  }
})

test('a list is no object that has a member of that name', () => {
  const lists = [array({ kind: 'boolean' }), array(STRING)]
  for (const name of ['0', 'length', 'size']) {
    const shape = unionOf([object(required(name, STRING)), object(required('other', STRING)), ...lists])
    for (const value of [[false], ['a'], { [name]: 'x' }, { other: 'x' }]) expect(passes(shape, value)).toEqual(value)
  }
})

test('a shared union beside what its members are like', () => {
  const shared: Shape = {
    kind: 'shared',
    of: unionOf([
      object(required('ok', { kind: 'literal', literal: { type: 'boolean', value: true } })),
      array(STRING),
    ]),
  }
  const shape = unionOf([shared, object(required('error', STRING)), array(NUMBER)])
  for (const value of [{ ok: true }, { error: 'x' }, [1], ['a']]) expect(passes(shape, value)).toEqual(value)
})

test('what a member would not keep is lost with it: that there is no prototype, the sign of a zero', () => {
  const box = (of: Shape): Shape => object(required('box', of))
  const objects = unionOf([box(object()), box({ kind: 'object', members: [], index: { of: NUMBER } })])
  expect(isSame(passes(objects, { box: Object.create(null) }), { box: Object.create(null) })).toBe(true)
  const zeros = unionOf([box({ kind: 'literal', literal: { type: 'number', value: 0 } }), box(NUMBER)])
  for (const zero of [0, -0]) expect(passes(zeros, { box: zero })).toStrictEqual({ box: zero })
})

test('a value of no member is explained by the member that it is of for the longest way', () => {
  const line = (price: Shape) => object(required('lines', array(object(required('price', price)))))
  const shape = unionOf([line(NUMBER), line(STRING), array(NUMBER)])
  const value = { lines: [{ price: 1 }, { price: true }] }
  expect(() => passes(shape, value)).toThrow(Mismatch)
  expect(explain(shape, {}, value, 'order')).toMatchObject({ path: 'order.lines[1].price' })
})

test('Json beside an object: the object where it fits whole', () => {
  const shape = unionOf([{ kind: 'json' }, object(required('at', { kind: 'date' }))])
  const dated = { at: new Date(5) }
  expect(passes(shape, dated)).toEqual(dated)
  for (const value of [{ at: 'x', more: [1] }, [1, { a: null }], 'text', null])
    expect(passes(shape, value)).toEqual(value)
})

// Whole looks take more of the stack a level than codecs do, and most of it before V8 has optimised them.
test.each([
  ['an object', (of: Shape): Shape => of, (value: unknown) => value],
  ['a list', array, (value: unknown) => [value]],
  ['a map', (value: Shape): Shape => ({ kind: 'map', key: NUMBER, value }), (value: unknown) => new Map([[1, value]])],
])('a value in which %s is nested as deep as may be', (_, shapeOf, holding) => {
  const ref: Shape = { kind: 'ref', name: 'Node' }
  const definitions = {
    Node: unionOf([object(optional('next', shapeOf(ref)), optional('at', NUMBER)), object(required('next', STRING))]),
  }
  let value: object = { next: 'x' }
  for (let depth = 0; depth < LIMITS.depthMax; depth++) value = { next: holding(value) }
  expect(passes(ref, value, definitions)).toHaveProperty('next')
  expect(() => passes(ref, { next: holding(value) }, definitions)).toThrow(Mismatch)
})

test('unions within unions cost no more than their nodes', () => {
  const definitions: Definitions = {}
  const ref: Shape = { kind: 'ref', name: 'Node' }
  const node = (value: Shape): UnionMember => ({
    test: { by: 'match' },
    shape: object(required('value', value), optional('next', ref), optional('other', ref)),
  })
  definitions.Node = { kind: 'union', members: [node(STRING), node(NUMBER), node({ kind: 'boolean' })] }
  let value: object = { value: true }
  for (let depth = 0; depth < 60; depth++) value = { value: depth % 2 ? depth : 'x', next: value, other: { value: 1 } }
  // 3 ^ 60 looks would not end.
  expect(passes(ref, value, definitions)).toEqual(value)
})

describe('any two types in a union that only a whole look tells apart', () => {
  const runs = { numRuns: Number(process.env.WEAVE_RUNS ?? 150) }
  test(
    'what goes in comes out, or is refused by name',
    async () => {
      await fc.assert(
        fc.asyncProperty(ownPair, async (pair) => {
          const [{ definitions }] = pair
          const boxed = pair.map(({ shape }) => object(required('box', shape)))
          const result = discriminate(boxed, definitions)
          if ('ambiguous' in result) return
          const shape: Shape = { kind: 'union', members: result.members }
          const codec = await preparedCodecOf(shape, definitions, OWN)
          for (const { value } of pair) {
            const given = { box: value }
            let encoded: Buffer
            try {
              encoded = codec.encode(given)
            } catch (error) {
              expect(error).toBeInstanceOf(Mismatch)
              expect(explain(shape, definitions, given, 'value', ownCodecs)?.kind).toBe('ambiguous')
              continue
            }
            expect(isSame(codec.decode(encoded), given)).toBe(true)
          }
        }),
        runs,
      )
    },
    60_000 + runs.numRuns * 200,
  )
})
