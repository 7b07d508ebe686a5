/** Odd values have a defined result, the same for the codec and the copier: the table in runtime/codec/mismatch.ts. */
import { runInNewContext } from 'node:vm'
import { describe, expect, test } from 'vitest'
import { argumentError, explain, Mismatch } from '../../runtime/codec/mismatch.ts'
import { WeaveError } from '../../runtime/errors.ts'
import { LIMITS } from '../../runtime/limits.ts'
import type { Definitions, Shape } from '../../runtime/shape.ts'
import { type Codec, codecOf } from '../codegen/evaluate.ts'

const STRING: Shape = { kind: 'string' }
const NUMBER: Shape = { kind: 'number' }
const UNDEFINED: Shape = { kind: 'undefined' }
const OPTIONAL: Shape = {
  kind: 'union',
  members: [
    { test: { by: 'kind' }, shape: UNDEFINED },
    { test: { by: 'kind' }, shape: NUMBER },
  ],
}

function objectOf(members: Record<string, Shape>): Shape {
  return { kind: 'object', members: Object.entries(members).map(([name, shape]) => ({ name, shape })) }
}

const ways: [string, (codec: Codec, value: unknown) => Promise<unknown>][] = [
  ['codec', async (codec, value) => codec.decode(codec.encode(value))],
  ['copier', (codec, value) => codec.copy(value)],
]

describe.each(ways)('%s', (way, pass) => {
  const passed = (shape: Shape, value: unknown, definitions: Definitions = {}) =>
    pass(codecOf(shape, definitions), value)
  const refused = async (shape: Shape, value: unknown, definitions: Definitions = {}) => {
    const thrown = await passed(shape, value, definitions).then(
      (result) => ({ result }),
      (error) => error,
    )
    if (way === 'codec') expect(thrown).toBeInstanceOf(Mismatch)
    else expect(thrown).toMatchObject({ code: 'WV_VALUE', executed: 'no' })
  }

  test('a class instance arrives as a plain object of its declared members, getters read once', async () => {
    let reads = 0
    class Item {
      #secret = 1
      id = 'a'
      extra = 'not declared'
      get quantity() {
        reads++
        return this.#secret
      }
    }
    const result = await passed(objectOf({ id: STRING, quantity: NUMBER }), new Item())
    expect(result).toStrictEqual({ id: 'a', quantity: 1 })
    expect(Object.getPrototypeOf(result)).toBe(Object.prototype)
    expect(reads).toBe(1)
  })

  test('an object without a prototype', async () => {
    const value = Object.assign(Object.create(null), { id: 'a' })
    expect(await passed(objectOf({ id: STRING }), value)).toStrictEqual({ id: 'a' })
  })

  test('what every object inherits is not a member', async () => {
    const shape: Shape = { kind: 'object', members: [{ name: 'constructor', shape: STRING, optional: true }] }
    expect(Object.keys((await passed(shape, {})) as object)).toEqual([])
    expect(await passed(shape, { constructor: 'x' })).toStrictEqual({ constructor: 'x' })
    await refused(objectOf({ toString: STRING }), {})
  })

  test('the key __proto__ is data', async () => {
    const value = JSON.parse('{"__proto__": 1, "other": 2}')
    for (const shape of [
      { kind: 'object', members: [], index: { of: NUMBER } },
      {
        kind: 'object',
        members: [
          { name: '__proto__', shape: NUMBER },
          { name: 'other', shape: NUMBER },
        ],
      },
      { kind: 'object', members: [{ name: '__proto__', shape: NUMBER, optional: true }], index: { of: NUMBER } },
    ] satisfies Shape[]) {
      const result = (await passed(shape, value)) as object
      expect(Object.getPrototypeOf(result)).toBe(Object.prototype)
      expect(Object.getOwnPropertyDescriptor(result, '__proto__')?.value).toBe(1)
    }
    expect(({} as Record<string, unknown>).other).toBeUndefined()
  })

  test('an index signature takes own string keys only', async () => {
    const value = Object.assign(Object.create({ inherited: 1 }), { own: 2, [Symbol('s')]: 3 })
    expect(await passed({ kind: 'object', members: [], index: { of: NUMBER } }, value)).toStrictEqual({ own: 2 })
  })

  test('absent and undefined are told apart', async () => {
    const shape: Shape = { kind: 'object', members: [{ name: 'a', shape: NUMBER, optional: true }] }
    expect(await passed(shape, {})).toStrictEqual({})
    expect(await passed(shape, { a: undefined })).toStrictEqual({ a: undefined })
    expect(await passed(objectOf({ a: OPTIONAL }), {})).toStrictEqual({ a: undefined })
    await refused(objectOf({ a: NUMBER }), {})
  })

  test('sparse arrays and arrays with properties', async () => {
    // biome-ignore lint/suspicious/noSparseArray: that is what is tested
    const sparse = Object.assign([1, , 3], { extra: true })
    const result = (await passed({ kind: 'array', of: OPTIONAL }, sparse)) as unknown[]
    // biome-ignore lint/suspicious/noSparseArray: what is tested
    expect(result).toStrictEqual([1, , 3])
    expect(1 in result).toBe(false)
    expect(Object.keys(result)).toEqual(['0', '2'])
    await refused({ kind: 'array', of: NUMBER }, sparse)
    await refused({ kind: 'array', of: NUMBER }, { length: 0 })
  })

  test('the sign of a zero is kept where 0 is one of several literals', async () => {
    const values = [-1, 0, 1].map((value) => ({ type: 'number' as const, value }))
    for (const value of [-1, -0, 0, 1]) expect(await passed({ kind: 'literals', values }, value)).toBe(value)
    const zero: Shape = { kind: 'literals', values: values.slice(1) }
    expect(await passed(zero, -0)).toBe(-0)
    await refused({ kind: 'object', members: [{ name: 'sign', shape: zero }] }, { sign: -1 })
  })

  test('a subclass of a built-in arrives as the built-in', async () => {
    class Dictionary extends Map<unknown, unknown> {}
    const map = (await passed({ kind: 'map', key: STRING, value: NUMBER }, new Dictionary([['a', 1]]))) as object
    expect(Object.getPrototypeOf(map)).toBe(Map.prototype)
    const bytes = (await passed({ kind: 'bytes', type: 'Uint8Array' }, Buffer.from('abc'))) as Uint8Array
    expect(Object.getPrototypeOf(bytes)).toBe(Uint8Array.prototype)
    expect(bytes).toEqual(new Uint8Array([97, 98, 99]))
    const declared: Shape = { kind: 'bytes', type: 'Buffer' }
    const given = Buffer.from('hi')
    const buffer = (await passed(declared, given)) as Buffer
    expect(Buffer.isBuffer(buffer)).toBe(true)
    expect(buffer.toString('utf8')).toBe('hi')
    expect(buffer.buffer).not.toBe(given.buffer)
    await refused(declared, new Uint8Array([104, 105]))
    const either: Shape = {
      kind: 'union',
      members: [
        { test: { by: 'kind' }, shape: declared },
        { test: { by: 'kind' }, shape: { kind: 'bytes', type: 'Uint8Array' } },
      ],
    }
    expect(Buffer.isBuffer(await passed(either, given))).toBe(true)
    expect(Buffer.isBuffer(await passed(either, new Uint8Array(2)))).toBe(false)
    expect([...bytes]).toEqual([97, 98, 99])
    expect(bytes.buffer.byteLength).toBe(3)
  })

  test('values of another realm', async () => {
    const [map, date, list, bytes, object] = runInNewContext(
      '[new Map([["a", 1]]), new Date(5), [1, 2], new Uint8Array([7]), { id: "x" }]',
    )
    expect(await passed({ kind: 'map', key: STRING, value: NUMBER }, map)).toStrictEqual(new Map([['a', 1]]))
    expect(await passed({ kind: 'date' }, date)).toStrictEqual(new Date(5))
    expect(await passed({ kind: 'array', of: NUMBER }, list)).toStrictEqual([1, 2])
    expect(await passed({ kind: 'bytes', type: 'Uint8Array' }, bytes)).toStrictEqual(new Uint8Array([7]))
    expect(await passed(objectOf({ id: STRING }), object)).toStrictEqual({ id: 'x' })
  })

  test('what an object of another realm inherits is not a member either', async () => {
    const shape: Shape = { kind: 'object', members: [{ name: 'toString', shape: STRING, optional: true }] }
    expect(Object.keys((await passed(shape, runInNewContext('({})'))) as object)).toEqual([])
    expect(await passed(shape, runInNewContext('({ toString: "x" })'))).toStrictEqual({ toString: 'x' })
  })

  test('a map or a set crosses with what it has, not with what its class shows', async () => {
    class Shown extends Map<string, number> {
      override [Symbol.iterator]() {
        return new Map([['b', 2]]).entries()
      }
      override get size() {
        return 7
      }
    }
    const result = await passed({ kind: 'map', key: STRING, value: NUMBER }, new Shown([['a', 1]]))
    expect(result).toStrictEqual(new Map([['a', 1]]))
    class Counted extends Set<number> {
      override get size() {
        return 7
      }
    }
    expect(await passed({ kind: 'set', of: NUMBER }, new Counted([1]))).toStrictEqual(new Set([1]))
  })

  test('a proxy of a built-in object, or what merely has its prototype, is refused', async () => {
    const shapes: [Shape, object][] = [
      [{ kind: 'map', key: STRING, value: NUMBER }, new Map()],
      [{ kind: 'set', of: NUMBER }, new Set()],
      [{ kind: 'url' }, new URL('http://a.b')],
      [{ kind: 'date' }, new Date()],
      [{ kind: 'regexp' }, /a/],
      [{ kind: 'bytes', type: 'Uint8Array' }, new Uint8Array(1)],
    ]
    for (const [shape, value] of shapes) {
      await refused(shape, new Proxy(value, {}))
      await refused(shape, Object.create(Object.getPrototypeOf(value)))
    }
  })

  test('a proxy is told from what it stands for, also when nobody can look at it any more', () => {
    const said = (shape: Shape, value: unknown) => explain(shape, {}, value, 'value')?.found
    expect(said({ kind: 'set', of: NUMBER }, new Proxy(new Set(), {}))).toBe('a proxy of an instance of Set')
    const { proxy, revoke } = Proxy.revocable({}, {})
    revoke()
    expect(said(NUMBER, proxy)).toBe('an object that cannot be read')
  })

  test('a regular expression whose lastIndex is no number is refused', async () => {
    await refused({ kind: 'regexp' }, Object.assign(/a/g, { lastIndex: '1' }))
  })

  test('invalid dates and stateful regular expressions', async () => {
    expect(Number((await passed({ kind: 'date' }, new Date(Number.NaN))) as Date)).toBeNaN()
    const expression = /a/g
    expression.lastIndex = 3
    expect(((await passed({ kind: 'regexp' }, expression)) as RegExp).lastIndex).toBe(3)
  })

  test('boxed primitives, functions and wrong containers are refused', async () => {
    await refused({ kind: 'array', of: NUMBER }, [new Number(1)])
    await refused(objectOf({ id: STRING }), 'text')
    await refused(objectOf({ id: STRING }), null)
    await refused({ kind: 'set', of: NUMBER }, [1])
    await refused({ kind: 'map', key: STRING, value: NUMBER }, new Set())
    await refused({ kind: 'bytes', type: 'Uint8Array' }, new Uint16Array(1))
    await refused({ kind: 'date' }, 5)
    await refused({ kind: 'url' }, 'http://a.b')
    await refused({ kind: 'tuple', elements: [{ shape: NUMBER }] }, [1, 2])
  })

  test('the same object twice arrives as two', async () => {
    const item = { id: 'a' }
    const result = (await passed({ kind: 'array', of: objectOf({ id: STRING }) }, [item, item])) as object[]
    expect(result).toStrictEqual([{ id: 'a' }, { id: 'a' }])
    expect(result[0]).not.toBe(result[1])
  })

  test('a string of ten million units', async () => {
    const text = 'x€'.repeat(5e6)
    expect(((await passed({ kind: 'array', of: STRING }, [text])) as string[])[0] === text).toBe(true)
  })

  const definitions: Definitions = {
    'src/list.List': {
      kind: 'object',
      members: [
        { name: 'next', shape: { kind: 'ref', name: 'src/list.List' }, optional: true },
        { name: 'value', shape: NUMBER },
      ],
    },
  }
  const LIST: Shape = { kind: 'ref', name: 'src/list.List' }
  const nested = (depth: number) => {
    let list: Record<string, unknown> = { value: 0 }
    for (let count = 1; count < depth; count++) list = { next: list, value: count }
    return list
  }

  test('nesting up to the limit passes, a cycle and more nesting do not', async () => {
    const deep = nested(LIMITS.depthMax)
    const codec = codecOf(LIST, definitions)
    await expect(pass(codec, deep)).resolves.toBeDefined()
    await refused(LIST, nested(LIMITS.depthMax + 2), definitions)
    const cycle: Record<string, unknown> = { value: 1 }
    cycle.next = { value: 2, next: cycle }
    await refused(LIST, cycle, definitions)
  })

  test('errors as values keep fields, cause and the nearest class that is known, co-located as elsewhere', async () => {
    class Gone extends TypeError {
      where = new Map([['a', 1]])
    }
    const cause = new RangeError('deep')
    const result = (await passed({ kind: 'array', of: { kind: 'error' } }, [new Gone('gone', { cause })])) as Error[]
    expect(result[0]).toBeInstanceOf(TypeError)
    expect(result[0]).toMatchObject({ message: 'gone', where: new Map([['a', 1]]), cause: { message: 'deep' } })
    expect(result[0]?.cause).toBeInstanceOf(RangeError)
    expect(result[0]).not.toBeInstanceOf(Gone)
  })
})

describe('Json', () => {
  const codec = codecOf({ kind: 'json' })

  test('plain values pass', () => {
    const value = { a: [1, 'x', null, true, { '': Number.NaN }], ...JSON.parse('{"__proto__": {}}') }
    expect(codec.decode(codec.encode(value))).toStrictEqual(value)
  })

  test.each([undefined, () => 0, 1n, new Date(), [undefined], { a: undefined }, new Map(), Symbol('s')])(
    '%s is refused',
    (value) => {
      expect(() => codec.encode(value)).toThrow(Mismatch)
    },
  )

  test('a cycle is refused', () => {
    const list: unknown[] = []
    list.push(list)
    expect(() => codec.encode(list)).toThrow(Mismatch)
  })

  test('deeply nested bytes are refused before the stack ends', () => {
    // Lists of one list, then no text.
    const bytes = Buffer.concat([Buffer.alloc(200_000, Buffer.from([5, 1])), Buffer.alloc(1)])
    expect(() => codec.decode(bytes)).toThrow('a value is nested too deeply')
  })
})

test('a list of values that take no bytes is not believed', () => {
  const codec = codecOf({ kind: 'array', of: { kind: 'null' } })
  expect(codec.decode(codec.encode([null, null]))).toEqual([null, null])
  expect(() => codec.decode(Buffer.from([0xff, 0xff, 0xff, 0xff, 0x0f]))).toThrow(WeaveError)
})

test('readonly all the way down is not copied, Shared neither, one mutable part is enough to copy', async () => {
  const frozen: Shape = {
    kind: 'object',
    members: [
      { name: 'id', shape: STRING, readonly: true },
      { name: 'tags', shape: { kind: 'array', of: STRING, readonly: true }, readonly: true },
    ],
  }
  const item = { id: 'a', tags: ['x'] }
  expect(await codecOf(frozen).copy(item)).toBe(item)
  expect(await codecOf({ kind: 'shared', of: objectOf({ id: STRING }) }).copy(item)).toBe(item)
  const withDate: Shape = {
    kind: 'object',
    members: [...frozen.members, { name: 'when', shape: { kind: 'date' }, readonly: true }],
  }
  const dated = { ...item, when: new Date(1) }
  const copy = (await codecOf(withDate).copy(dated)) as typeof dated
  expect(copy).toStrictEqual(dated)
  expect(copy.when).not.toBe(dated.when)
  expect(copy.tags).toBe(dated.tags)
})

test('a getter that throws is passed on as it is', async () => {
  const codec = codecOf(objectOf({ id: STRING }))
  const value = {
    get id(): string {
      throw new RangeError('mine')
    },
  }
  expect(() => codec.encode(value)).toThrow(new RangeError('mine'))
  await expect(codec.copy(value)).rejects.toThrow(new RangeError('mine'))
})

test('a value that changes between two looks is told as such', () => {
  const codec = codecOf(objectOf({ id: STRING }))
  const method = codec.boundary.methods[0]!
  const error = argumentError({ component: 'src/x.X', method, definitions: {}, thrown: new Mismatch(false) }, [
    { id: 'a' },
  ]) as WeaveError
  expect(error.message).toBe(
    'X.echo: its arguments did not fit the declared type when read first, and did when read again; does a getter or a proxy give changing values?',
  )
})
