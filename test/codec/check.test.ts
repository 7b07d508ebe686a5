/** What is said of a wrong value: whole sentences, with path, declared type and what was found. */
import { describe, expect, test } from 'vitest'
import { checkValue, explain, problemText } from '../../runtime/codec/mismatch.ts'
import { notation, shortName } from '../../runtime/codec/notation.ts'
import type { Definitions, Shape } from '../../runtime/shape.ts'

const STRING: Shape = { kind: 'string' }
const NUMBER: Shape = { kind: 'number' }
const COLOUR: Shape = {
  kind: 'literals',
  values: [
    { type: 'string', value: 'red' },
    { type: 'string', value: 'green' },
  ],
}
const LINE: Shape = {
  kind: 'object',
  members: [
    { name: 'note', shape: STRING, optional: true },
    { name: 'odd name', shape: NUMBER, optional: true },
    { name: 'quantity', shape: NUMBER },
  ],
}
const definitions: Definitions = {
  'src/cart.Line': LINE,
  'src/tree.Tree': {
    kind: 'object',
    members: [{ name: 'children', shape: { kind: 'array', of: { kind: 'ref', name: 'src/tree.Tree' } } }],
  },
  'src/event.Event': {
    kind: 'union',
    members: ['paid', 'sent'].map((value) => ({
      test: { by: 'literal', property: 'type', values: [{ type: 'string', value }] },
      shape: {
        kind: 'object',
        members: [
          { name: 'at', shape: { kind: 'date' } },
          { name: 'type', shape: { kind: 'literal', literal: { type: 'string', value } } },
        ],
      },
    })),
  },
}
const ref = (name: string): Shape => ({ kind: 'ref', name })

function said(shape: Shape, value: unknown): string | undefined {
  const problem = explain(shape, definitions, value, 'order')
  return problem && problemText(problem)
}

describe('explain', () => {
  const lines: Shape = { kind: 'array', of: ref('src/cart.Line') }

  test.each<[string, Shape, unknown, string]>([
    [
      'a wrong primitive, without its content',
      lines,
      [{ quantity: '4242 4242' }],
      'order[0].quantity must be number; it is a string.',
    ],
    ['a missing member', lines, [{ quantity: 1 }, {}], 'order[1].quantity is missing; it must be number.'],
    [
      'a member with an odd name',
      lines,
      [{ quantity: 1, 'odd name': null }],
      'order[0]["odd name"] must be number; it is null.',
    ],
    ['a wrong container', lines, new Set(), 'order must be Line[]; it is an instance of Set.'],
    ['a literal, with its content', COLOUR, 'blue', 'order must be "red" | "green"; it is "blue".'],
    ['a literal of another kind', COLOUR, 3, 'order must be "red" | "green"; it is a number.'],
    ['a discriminator', ref('src/event.Event'), { type: 'lost' }, 'order.type must be "paid" | "sent"; it is "lost".'],
    ['inside of a union', ref('src/event.Event'), { type: 'paid', at: 5 }, 'order.at must be Date; it is a number.'],
    [
      'no member of a union',
      ref('src/event.Event'),
      'paid',
      'order must be { at: Date; type: "paid" } | { at: Date; type: "sent" }; it is a string.',
    ],
    [
      'a map',
      { kind: 'map', key: STRING, value: NUMBER },
      new Map([['eur', 'x']]),
      'order.get("eur") must be number; it is a string.',
    ],
    [
      'a key of a map',
      { kind: 'map', key: STRING, value: NUMBER },
      new Map([[1, 2]]),
      'order.keys()[0] must be string; it is a number.',
    ],
    ['a set', { kind: 'set', of: STRING }, new Set(['a', 1]), 'order.values()[1] must be string; it is a number.'],
    [
      'a tuple',
      { kind: 'tuple', elements: [{ shape: STRING }, { shape: NUMBER, rest: true }] },
      ['a', 1, 'b'],
      'order[2] must be number; it is a string.',
    ],
    [
      'a tuple of a wrong length',
      { kind: 'tuple', elements: [{ shape: STRING }] },
      [],
      'order must be [string]; it is an array of 0.',
    ],
    ['Json', { kind: 'json' }, { a: [new Date()] }, 'order.a[0] must be Json; it is an instance of Date.'],
  ])('%s', (_, shape, value, text) => {
    expect(said(shape, value)).toBe(text)
  })

  test('a cycle, by the paths of both', () => {
    const tree = { children: [{ children: [] as unknown[] }] }
    tree.children[0]?.children.push(tree)
    expect(said(ref('src/tree.Tree'), tree)).toBe(
      'order.children[0].children[0] is the object that holds it (order); what crosses a boundary must be a tree, so pass an id instead.',
    )
  })

  test('too deep, with the path cut', () => {
    let tree: { children: unknown[] } = { children: [] }
    for (let depth = 0; depth < 5000; depth++) tree = { children: [tree] }
    const text = said(ref('src/tree.Tree'), tree) as string
    expect(text).toMatch(
      /^order\.children\[0\].* … .*\.children\[0\] is nested deeper than 1000 levels; pass a flat list instead\.$/,
    )
    expect(text.length).toBeLessThan(300)
  })

  test('the same object twice is no cycle', () => {
    const leaf = { children: [] }
    expect(said(ref('src/tree.Tree'), { children: [leaf, leaf] })).toBeUndefined()
  })
})

test('checkValue tells everything at once, undeclared keys too', () => {
  const problems = checkValue(
    LINE,
    definitions,
    { quantity: 'x', quantiti: 1, note: 2 },
    { unknownKeys: 'error', path: 'config.Cart' },
  )
  expect(problems.map(problemText)).toEqual([
    "config.Cart.quantiti is not known; there is 'note', 'odd name', 'quantity'.",
    'config.Cart.note must be string; it is a number.',
    'config.Cart.quantity must be number; it is a string.',
  ])
  expect(problems[0]?.known).toEqual(['note', 'odd name', 'quantity'])
  expect(checkValue(LINE, definitions, { quantity: 1, other: 1 }, { unknownKeys: 'ignore' })).toEqual([])
  expect(checkValue(LINE, definitions, {}, { unknownKeys: 'error' })[0]?.path).toBe('quantity')
})

describe('notation', () => {
  test.each<[Shape, string]>([
    [{ kind: 'array', of: LINE }, '{ note?: string; "odd name"?: number; quantity: number }[]'],
    [{ kind: 'array', of: COLOUR, readonly: true }, 'readonly ("red" | "green")[]'],
    [
      { kind: 'map', key: STRING, value: { kind: 'set', of: { kind: 'bigint' } }, readonly: true },
      'ReadonlyMap<string, Set<bigint>>',
    ],
    [
      {
        kind: 'tuple',
        elements: [{ shape: STRING }, { shape: NUMBER, optional: true }, { shape: COLOUR, rest: true }],
      },
      '[string, number?, ...("red" | "green")[]]',
    ],
    [
      { kind: 'object', members: [], index: { of: { kind: 'literal', literal: { type: 'bigint', value: '3' } } } },
      '{ [key: string]: 3n }',
    ],
    [{ kind: 'shared', of: { kind: 'bytes', type: 'Float32Array' } }, 'Shared<Float32Array>'],
    [ref('src/a.b.List<src/cart.Item>'), 'List<Item>'],
    [ref('src/a.Node~2'), 'Node'],
    [ref('anonymous~20'), '{ … }'],
  ])('%j', (shape, text) => {
    expect(notation(shape)).toBe(text)
  })

  test('a long type is cut', () => {
    const members = Array.from({ length: 100 }, (_, index) => ({ name: `member${index}`, shape: STRING }))
    expect(notation({ kind: 'object', members })).toMatch(/^\{ member0: string; .*…$/)
    expect(notation({ kind: 'object', members }).length).toBe(160)
  })

  test('names without their files', () => {
    expect(shortName('src/cart.Item')).toBe('Item')
    expect(shortName('src/list.Node<src/a.B, src/c.D<string>>')).toBe('Node<B, D<string>>')
  })
})
