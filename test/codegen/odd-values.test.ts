/**
 * Every odd value in every place that a value can have: through the codec and through the co-located copier it arrives as what it was,
 * in every way that a program can see. Property tests meet most of these by chance; here each is met every time.
 */
import { describe, expect, test } from 'vitest'
import { explain, Mismatch, problemText } from '../../runtime/codec/mismatch.ts'
import { type Definitions, NUMERIC_KEY, type Shape } from '../../runtime/shape.ts'
import { preparedCodecOf } from './evaluate.ts'
import { Box, OWN, ownCodecs } from './own.ts'
import { isSame } from './same.ts'
import { define } from './values.ts'

const STRING: Shape = { kind: 'string' }
const NUMBER: Shape = { kind: 'number' }
const UNDEFINED: Shape = { kind: 'undefined' }
const orNull = (shape: Shape): Shape => ({
  kind: 'union',
  members: [
    { test: { by: 'kind' }, shape: { kind: 'null' } },
    { test: { by: 'kind' }, shape },
  ],
})
const orUndefined = (shape: Shape): Shape => ({
  kind: 'union',
  members: [
    { test: { by: 'kind' }, shape },
    { test: { by: 'kind' }, shape: UNDEFINED },
  ],
})
const record = (of: Shape): Shape => ({ kind: 'object', members: [], index: { of } })
const dictionary = (entries: Record<string, unknown>, key?: string): object => {
  const made = Object.create(null)
  for (const [name, value] of Object.entries(entries)) define(made, name, value)
  if (key !== undefined) define(made, key, 1)
  return made
}
function sparse(...list: unknown[]): unknown[] {
  const made = [...list]
  for (const [index, value] of list.entries()) if (value === 'hole') delete made[index]
  return made
}

const ODD: readonly (readonly [name: string, shape: Shape, value: unknown])[] = [
  ['-0', NUMBER, -0],
  ['NaN', NUMBER, Number.NaN],
  ['-Infinity', NUMBER, Number.NEGATIVE_INFINITY],
  ['the least number', NUMBER, Number.MIN_VALUE],
  ['2 ** 53', NUMBER, 2 ** 53],
  ['a lone high surrogate', STRING, 'a\ud800'],
  ['a lone low surrogate', STRING, '\udc00b'],
  ['a huge ASCII string', STRING, 'x'.repeat(1 << 20)],
  ['a huge string of lone surrogates', STRING, '\ud800'.repeat(100_000)],
  ['a huge string of emoji', STRING, '\u{1f600}'.repeat(100_000)],
  ['NUL', STRING, '\0'],
  ['the empty string', STRING, ''],
  ['__proto__', STRING, '__proto__'],
  ['-0 as a literal', { kind: 'literals', values: [0, 1].map((value) => ({ type: 'number', value })) }, -0],
  ['a bigint beyond 64 bits', { kind: 'bigint' }, -(2n ** 200n)],
  ['an invalid date', { kind: 'date' }, new Date(Number.NaN)],
  ['a regular expression in use', { kind: 'regexp' }, Object.assign(/x/g, { lastIndex: 3 })],
  ['no bytes', { kind: 'bytes', type: 'Uint8Array' }, new Uint8Array()],
  ['undefined', orUndefined(NUMBER), undefined],
  ['a key __proto__', record(NUMBER), JSON.parse('{"__proto__":1}')],
  ['a key that is a lone surrogate', record(NUMBER), { '\ud800': 1 }],
  ['a huge key', record(NUMBER), { ['k'.repeat(100_000)]: 1 }],
  ['a key constructor', record(NUMBER), { constructor: 1 }],
  ['an object without a prototype', record(NUMBER), dictionary({ a: 1, toString: 2 })],
  ['an empty object without a prototype', record(NUMBER), dictionary({})],
  ['__proto__ without a prototype', record(NUMBER), dictionary({}, '__proto__')],
  ['undefined under a key', record(orUndefined(NUMBER)), { a: undefined }],
  [
    'members and keys without a prototype',
    { kind: 'object', members: [{ name: 'a', shape: NUMBER }], index: { of: NUMBER } },
    dictionary({ a: 1, b: 2 }),
  ],
  [
    'a member __proto__',
    { kind: 'object', members: [{ name: '__proto__', shape: NUMBER }] },
    JSON.parse('{"__proto__":1}'),
  ],
  ['an absent member', { kind: 'object', members: [{ name: 'a', shape: NUMBER, optional: true }] }, {}],
  [
    'a member that is undefined',
    { kind: 'object', members: [{ name: 'a', shape: NUMBER, optional: true }] },
    { a: undefined },
  ],
  ['holes', { kind: 'array', of: orUndefined(NUMBER) }, sparse(1, 'hole', undefined, 'hole')],
  ['nothing but holes', { kind: 'array', of: UNDEFINED }, new Array(3)],
  ['undefined and no holes', { kind: 'array', of: UNDEFINED }, [undefined, undefined]],
  ['holes far apart', { kind: 'array', of: orUndefined(NUMBER) }, Object.assign(new Array(1000), { 500: 1 })],
  [
    'holes in a tuple',
    { kind: 'tuple', elements: [{ shape: orUndefined(NUMBER) }, { shape: STRING }] },
    sparse('hole', 'a'),
  ],
  [
    'holes in optional elements',
    {
      kind: 'tuple',
      elements: [
        { shape: NUMBER, optional: true },
        { shape: STRING, optional: true },
      ],
    },
    sparse('hole', 'a'),
  ],
  [
    'holes in the rest of a tuple',
    { kind: 'tuple', elements: [{ shape: NUMBER }, { shape: orUndefined(NUMBER), rest: true }, { shape: STRING }] },
    sparse(1, 'hole', 2, 'a'),
  ],
  ['Json without a prototype', { kind: 'json', mutable: true }, dictionary({ a: dictionary({ b: 1 }) }, '__proto__')],
  ['Json with -0 and NaN', { kind: 'json' }, [-0, Number.NaN, { '\ud800': '\udc00' }]],
]

interface Place {
  readonly shape: Shape
  readonly value: unknown
}
const kind = (value: string): Shape => ({ kind: 'literal', literal: { type: 'string', value } })

const PLACES: Readonly<Record<string, (shape: Shape, value: unknown) => Place>> = {
  alone: (shape, value) => ({ shape, value }),
  member: (shape, value) => ({ shape: { kind: 'object', members: [{ name: 'a', shape }] }, value: { a: value } }),
  'optional member': (shape, value) => ({
    shape: { kind: 'object', members: [{ name: 'a', shape, optional: true }] },
    value: { a: value },
  }),
  'value of a key': (shape, value) => ({ shape: record(shape), value: { a: value, __proto__: null } }),
  element: (shape, value) => ({ shape: { kind: 'array', of: shape }, value: [value, value] }),
  'element of a tuple': (shape, value) => ({
    shape: { kind: 'tuple', elements: [{ shape }, { shape: NUMBER }] },
    value: [value, 1],
  }),
  'optional element': (shape, value) => ({
    shape: { kind: 'tuple', elements: [{ shape, optional: true }] },
    value: [value],
  }),
  'element of a rest': (shape, value) => ({
    shape: { kind: 'tuple', elements: [{ shape: STRING }, { shape, rest: true }] },
    value: ['', value, value],
  }),
  'key of a map': (shape, value) => ({
    shape: { kind: 'map', key: shape, value: NUMBER },
    value: new Map([[value, 1]]),
  }),
  'value of a map': (shape, value) => ({
    shape: { kind: 'map', key: NUMBER, value: shape },
    value: new Map([[1, value]]),
  }),
  'element of a set': (shape, value) => ({ shape: { kind: 'set', of: shape }, value: new Set([value]) }),
  'member of a union': (shape, value) => ({ shape: orNull(shape), value }),
  'member of a union by a literal': (shape, value) => ({
    shape: {
      kind: 'union',
      members: ['a', 'b'].map((each) => ({
        test: { by: 'literal', property: 'kind', values: [{ type: 'string', value: each }] },
        shape: {
          kind: 'object',
          members: [
            { name: 'kind', shape: kind(each) },
            { name: 'value', shape },
          ],
        },
      })),
    },
    value: { kind: 'b', value },
  }),
  'named type': (_, value) => ({ shape: { kind: 'ref', name: 'src/a.Named' }, value }),
  "content of a user's codec": (shape, value) => ({
    shape: { kind: 'custom', codec: 'src/box.Box', of: shape, tells: true },
    value: new Box(value),
  }),
}

const codecOf = (shape: Shape, definitions: Definitions = {}, table = false) =>
  preparedCodecOf(shape, definitions, { ...OWN, table })

/** -0 is a key and an element like 0: that is what maps and sets do. */
const unlikely = (place: string, value: unknown) =>
  Object.is(value, -0) && /^(key of a map|element of a set)$/.test(place)

describe.each(ODD)('%s', (_, odd, value) => {
  test.each(Object.keys(PLACES))('%s', async (place) => {
    const placed = PLACES[place]!(odd, value)
    const expected = unlikely(place, value) ? PLACES[place]!(odd, 0) : placed
    const definitions = { 'src/a.Named': odd }
    for (const table of [false, true]) {
      const codec = await codecOf(placed.shape, definitions, table)
      expect(isSame(codec.decode(codec.encode(placed.value)), expected.value)).toBe(true)
      expect(isSame(await codec.copy(placed.value), expected.value)).toBe(true)
    }
    expect(explain(placed.shape, definitions, placed.value, 'value', ownCodecs)).toBeUndefined()
  })
})

describe('a hole where nothing may be missing', () => {
  test.each<[Shape, unknown[], string]>([
    [{ kind: 'array', of: NUMBER }, sparse(1, 'hole', 2), 'value[1] is missing; it must be number.'],
    [
      { kind: 'array', of: { kind: 'json', mutable: true } },
      sparse('a', 'hole'),
      'value[1] is missing; it must be Json.',
    ],
    [{ kind: 'json', mutable: true }, [sparse('hole', 1)], 'value[0][0] is missing; it must be Json.'],
    [
      { kind: 'tuple', elements: [{ shape: NUMBER }, { shape: STRING }] },
      sparse(1, 'hole'),
      'value[1] is missing; it must be string.',
    ],
    [{ kind: 'array', of: NUMBER }, [1, undefined], 'value[1] must be number; it is undefined.'],
  ])('%# is named by its index', async (shape, value, text) => {
    const codec = await codecOf(shape)
    expect(() => codec.encode(value)).toThrow(Mismatch)
    await expect(codec.copy(value)).rejects.toThrow(text)
    expect(problemText(explain(shape, {}, value, 'value')!)).toBe(text)
  })
})

test('bytes of an array without holes are what they were, but for its count', async () => {
  const codec = await codecOf({ kind: 'array', of: orUndefined(NUMBER) })
  expect([...codec.encode([7, undefined])]).toEqual([4, 0, 7, 1])
  expect([...codec.encode(sparse(7, 'hole'))]).toEqual([5, 0, 7, 1, 1, 1])
})

test('holes that a peer makes up are refused', async () => {
  const codec = await codecOf({ kind: 'array', of: orUndefined(NUMBER) })
  for (const bytes of [
    [5, 0, 7, 1, 1, 0],
    [5, 0, 7, 1, 1, 2],
    [5, 0, 7, 1, 9, 1],
    [0xff, 0xff, 0xff, 0xff, 0x7f],
  ]) {
    expect(() => codec.decode(Buffer.from(bytes))).toThrow('The peer sent bytes that are not the protocol')
  }
})

describe('an instance of a built-in class where an object is declared', () => {
  const patch: Shape = { kind: 'object', members: [{ name: 'a', shape: NUMBER, optional: true }] }
  const built = [
    Promise.resolve(1),
    new Map([['a', 1]]),
    new Set([1]),
    new Date(),
    new Error('a'),
    /a/,
    new URL('http://a/'),
    new Uint8Array(1),
    new ArrayBuffer(1),
    new WeakMap(),
    [1].values(),
    (function* () {})(),
    Object(1),
    Object('a'),
    new AbortController().signal,
    new (class Stock extends Map {})(),
    [1],
  ]
  test.each(built)('%# is refused by codec and copier', async (value) => {
    for (const [at, shape] of [record(NUMBER), patch, { kind: 'object', members: [] } satisfies Shape].entries()) {
      const codec = await codecOf({ kind: 'object', members: [{ name: 'patch', shape }] }, {}, at % 2 === 0)
      expect(() => codec.encode({ patch: value })).toThrow(Mismatch)
      await expect(codec.copy({ patch: value })).rejects.toThrow(/^X\.echo: value\.patch must be \{.*\}; it is an/)
    }
  })

  test('is an object like others where the type says what it has', async () => {
    const message = (optional: boolean): Shape => ({
      kind: 'object',
      members: [{ name: 'message', shape: STRING, ...(optional ? { optional } : {}) }],
    })
    for (const optional of [true, false]) {
      const codec = await codecOf(message(optional))
      expect(codec.decode(codec.encode(new TypeError('no')))).toEqual({ message: 'no' })
      expect(await codec.copy(new TypeError('no'))).toEqual({ message: 'no' })
    }
    const indexed: Shape = { kind: 'object', members: [], index: { of: NUMBER, keys: [NUMERIC_KEY] } }
    const codec = await codecOf(indexed)
    expect(codec.decode(codec.encode([1, 2]))).toEqual({ 0: 1, 1: 2 })
    expect(codec.decode(codec.encode(new Uint8Array([3])))).toEqual({ 0: 3 })
    expect(() => codec.encode(new Map())).toThrow(Mismatch)
  })

  test('an instance of a class of the user is data', async () => {
    class Patch {
      a = 1
    }
    for (const shape of [record(NUMBER), patch]) {
      const codec = await codecOf(shape)
      expect(codec.decode(codec.encode(new Patch()))).toEqual({ a: 1 })
    }
  })
})

/** A row of a database driver whose column the type says wrong: pg gives a bigint or numeric as a string. */
describe('a primitive that is none of those declared', () => {
  const COLUMNS: readonly (readonly [Shape, unknown])[] = [
    [orNull(NUMBER), '7'],
    [orUndefined(NUMBER), null],
    [orNull({ kind: 'literals', values: ['a', 'b'].map((value) => ({ type: 'string', value })) }), 'c'],
    [{ kind: 'ref', name: 'src/a.Named' }, '7'],
  ]
  const definitions = { 'src/a.Named': orNull(NUMBER) }
  const COPIED = Object.keys(PLACES).filter((place) => !/alone|member of a union$|named type/.test(place))

  test.each(COPIED)('%s is refused by codec and copier', async (place) => {
    for (const [column, found] of COLUMNS) {
      const { shape, value } = PLACES[place]!(column, found)
      for (const table of [false, true]) {
        const codec = await codecOf(shape, definitions, table)
        expect(() => codec.encode(value)).toThrow(Mismatch)
        await expect(codec.copy(value)).rejects.toThrow(/^X\.echo: value.* must be /)
      }
    }
  })
})
