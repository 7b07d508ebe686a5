/** What is carried beside a call (streams, abort signals), references, and the user's own codecs: as generated code has it. */
import { describe, expect, test } from 'vitest'
import { explain, Mismatch } from '../../runtime/codec/mismatch.ts'
import { Reader } from '../../runtime/codec/reader.ts'
import { Writer } from '../../runtime/codec/writer.ts'
import { WeaveError } from '../../runtime/errors.ts'
import { NUMERIC_KEY, type Shape } from '../../runtime/shape.ts'
import { generateApp } from '../../transformer/codegen/app.ts'
import type { CodecSource, Method } from '../../transformer/model.ts'
import {
  boundariesOf,
  component,
  descriptorOf,
  evaluate,
  method,
  modelOf,
  parameter,
  preparedCodecOf,
} from './evaluate.ts'

const STRING: Shape = { kind: 'string' }
const POINT: Shape = { kind: 'object', members: [{ name: 'x', shape: { kind: 'number' } }] }
const SIGNAL: Shape = { kind: 'signal' }
const streamOf = (of: Shape): Shape => ({ kind: 'stream', of })

function boundaryOf(...methods: Method[]) {
  const { model, app } = modelOf([component('src/feed.Feed', methods)])
  return boundariesOf(descriptorOf(model, app))[0]!
}

function encoded(write: (writer: Writer) => void): Buffer {
  const writer = new Writer(16)
  write(writer)
  return writer.take()
}

async function* items<T>(...list: T[]): AsyncGenerator<T> {
  yield* list
}

async function all(stream: AsyncIterable<unknown>): Promise<unknown[]> {
  const list: unknown[] = []
  for await (const item of stream) list.push(item)
  return list
}

describe('the table of methods', () => {
  const both = method(
    'both',
    [parameter('lines', streamOf(STRING)), parameter('signal', SIGNAL, { optional: true })],
    streamOf(POINT),
  )

  test('says which parameters are carried, and how the result is', () => {
    const [found] = boundaryOf(both).methods
    expect(found).toMatchObject({ signal: 1, streams: [{ parameter: 0 }], resultStream: { direct: false } })
    const direct = boundaryOf(method('direct', [], streamOf(POINT), { directStream: true })).methods[0]!
    expect(direct.resultStream?.direct).toBe(true)
    expect(direct.signal).toBeUndefined()
    expect(direct.streams).toBeUndefined()
  })

  test('a signal and a stream take one byte, and arrive as true or undefined', () => {
    const { encodeArguments, decodeArguments } = boundaryOf(both).methods[0]!
    const { signal } = new AbortController()
    const bytes = encoded((writer) => encodeArguments(writer, [items('a'), signal]))
    expect([...bytes]).toEqual([1, 1])
    expect(decodeArguments(new Reader(bytes))).toEqual([true, true])
    const without = encoded((writer) => encodeArguments(writer, [items('a')]))
    expect([...without]).toEqual([1, 0])
    expect(decodeArguments(new Reader(without))).toEqual([true, undefined])
    expect(() => decodeArguments(new Reader(Buffer.from([0, 0])))).toThrow(WeaveError)
    for (const args of [[['a']], [undefined], [items('a'), {}], [items('a'), null]]) {
      expect(() => encodeArguments(new Writer(16), args)).toThrow(Mismatch)
    }
  })

  test('items are messages of their own', () => {
    const { streams, resultStream } = boundaryOf(both).methods[0]!
    const line = streams![0]!
    const bytes = encoded((writer) => line.encodeItem(writer, 'grüße'))
    expect(line.decodeItem(new Reader(bytes))).toBe('grüße')
    expect(line.copyItem('a')).toBe('a')
    const point = { x: 1, hidden: 2 }
    expect(resultStream!.decodeItem(new Reader(encoded((writer) => resultStream!.encodeItem(writer, point))))).toEqual({
      x: 1,
    })
    expect(resultStream!.copyItem(point)).toEqual({ x: 1 })
    expect(() => resultStream!.encodeItem(new Writer(16), { x: '1' })).toThrow(Mismatch)
  })

  test('a result that is no stream is refused', () => {
    const { encodeResult, decodeResult } = boundaryOf(both).methods[0]!
    expect(encoded((writer) => encodeResult(writer, items()))).toHaveLength(0)
    expect(() => encodeResult(new Writer(16), [])).toThrow(Mismatch)
    expect(decodeResult(new Reader(Buffer.alloc(0)))).toBeUndefined()
  })
})

describe('a co-located call', () => {
  interface Feed {
    both(lines: unknown, signal?: unknown): Promise<AsyncIterable<unknown>>
    direct(lines?: unknown): AsyncIterable<unknown>
  }
  const boundary = boundaryOf(
    method(
      'both',
      [parameter('lines', streamOf(POINT)), parameter('signal', SIGNAL, { optional: true })],
      streamOf(POINT),
    ),
    method('direct', [parameter('lines', streamOf(POINT), { optional: true })], streamOf(POINT), {
      directStream: true,
    }),
  )
  const local = (implementation: object): Feed => new boundary.Local(implementation) as unknown as Feed

  test("passes each item by value, and a signal that aborts with the caller's", async () => {
    const given = { x: 1 }
    const kept = { x: 2 }
    const controller = new AbortController()
    const reason = new Error('enough')
    const received: { reason?: unknown; item?: unknown } = {}
    const feed = local({
      async both(lines: AsyncIterable<unknown>, signal: AbortSignal) {
        for await (const item of lines) received.item = item
        controller.abort(reason)
        received.reason = signal.reason
        return items(kept)
      },
    })
    const result = await all(await feed.both(items(given), controller.signal))
    expect(received.reason).toBe(reason)
    expect(received.item).toEqual(given)
    expect(received.item).not.toBe(given)
    expect(result).toEqual([kept])
    expect(result[0]).not.toBe(kept)
  })

  test('a direct stream begins at once; what was thrown comes out of it', async () => {
    const feed = local({
      direct(lines: AsyncIterable<unknown> | undefined) {
        if (lines === undefined) throw new RangeError('nothing to read')
        return lines
      },
    })
    expect(await all(feed.direct(items({ x: 1 })))).toEqual([{ x: 1 }])
    const failing = feed.direct()
    await expect(all(failing)).rejects.toThrow(new RangeError('nothing to read'))
  })

  test('wrong items, streams and results are named', async () => {
    const feed = local({
      async both(lines: AsyncIterable<unknown>) {
        const [first] = await all(lines)
        return first === undefined ? [] : items({ x: 'one' })
      },
      direct: (lines: unknown) => lines,
    })
    await expect(feed.both(items({ x: '1' }))).rejects.toThrow('Feed.both: lines[].x must be number; it is a string.')
    await expect(feed.both([{ x: 1 }])).rejects.toThrow(
      'Feed.both: lines must be AsyncIterable<{ x: number }>; it is an array of 1.',
    )
    await expect(feed.both(items())).rejects.toThrow(
      'Feed.both: the result must be AsyncIterable<{ x: number }>; it is an array of 0.',
    )
    await expect(all(await feed.both(items({ x: 1 })))).rejects.toThrow(
      'Feed.both: the result[].x must be number; it is a string.',
    )
    await expect(all(feed.direct(items({})))).rejects.toThrow('Feed.direct: lines[].x is missing; it must be number.')
  })
})

describe('references', () => {
  const CART: Shape = { kind: 'component', component: 'src/cart.Cart' }
  const stub = { $component: 'src/cart.Cart' }

  test('a stub in any place arrives as the stub of the receiver', async () => {
    const own = { $component: 'src/cart.Cart', own: true }
    const shape: Shape = { kind: 'object', members: [{ name: 'carts', shape: { kind: 'array', of: CART } }] }
    const codec = await preparedCodecOf(shape, {}, { stub: own })
    expect(codec.decode(codec.encode({ carts: [stub, stub] }))).toEqual({ carts: [own, own] })
    expect(codec.boundary.refers).toEqual(['src/cart.Cart'])
  })

  test('is told from data and from other components by its component', async () => {
    const shape: Shape = {
      kind: 'union',
      members: [
        { test: { by: 'kind' }, shape: CART },
        { test: { by: 'kind' }, shape: { kind: 'component', component: 'src/desk.Desk' } },
        { test: { by: 'kind' }, shape: POINT },
      ],
    }
    const codec = await preparedCodecOf(shape, {}, { stub })
    expect(codec.decode(codec.encode(stub))).toBe(stub)
    expect(codec.decode(codec.encode({ x: 1 }))).toEqual({ x: 1 })
    expect(codec.encode({ $component: 'src/desk.Desk' })[0]).toBe(1)
  })

  test('what is no stub of it is named', async () => {
    const local = new (await preparedCodecOf(CART, {}, {})).boundary.Local({ echo: async () => 1 }) as unknown as {
      echo(value: unknown): Promise<unknown>
    }
    await expect(local.echo({ add() {} })).rejects.toThrow('X.echo: value must be Cart; it is an object.')
    await expect(local.echo({ $component: 'src/desk.Desk' })).rejects.toThrow(
      'X.echo: value must be Cart; it is an object.',
    )
  })
})

describe('codecs of the user', () => {
  class Money {
    readonly #units: number

    constructor(units: number) {
      this.#units = units
    }

    static readonly codec = {
      encode(money: Money): unknown {
        if (Number.isNaN(money.#units)) throw new RangeError('it is no amount')
        return Money.#broken ? 'a lot' : money.#units
      },
      decode(units: number): Money {
        if (units < 0) throw new RangeError('negative')
        return new Money(units)
      },
    }
    static #broken = false

    static breaking(run: () => unknown): unknown {
      Money.#broken = true
      try {
        return run()
      } finally {
        Money.#broken = false
      }
    }

    get units(): number {
      return this.#units
    }
  }
  const source: CodecSource = { name: 'src/money.Money', file: 'src/money.ts', exportName: 'Money', member: 'codec' }
  const MONEY: Shape = { kind: 'custom', codec: source.name, of: { kind: 'number' }, tells: true }
  const options = { codecs: [source], importer: async () => ({ Money }) }
  const listOf = (of: Shape): Shape => ({ kind: 'array', of })

  test('arrive as instances, with their private state', async () => {
    const codec = await preparedCodecOf(listOf(MONEY), {}, options)
    const [money] = codec.decode(codec.encode([new Money(3)])) as Money[]
    expect(money).toBeInstanceOf(Money)
    expect(money?.units).toBe(3)
    const [copy] = (await codec.copy([money])) as Money[]
    expect(copy?.units).toBe(3)
    expect(copy).not.toBe(money)
  })

  test('in a union they are told by their class', async () => {
    const members = [MONEY, POINT].map((shape) => ({ test: { by: 'kind' as const }, shape }))
    const codec = await preparedCodecOf({ kind: 'union', members }, {}, options)
    expect((codec.decode(codec.encode(new Money(1))) as Money).units).toBe(1)
    expect(codec.decode(codec.encode({ x: 1 }))).toEqual({ x: 1 })
  })

  test.each([
    [() => new Money(Number.NaN), 'value[0] could not be encoded by the codec of Money: it is no amount'],
    [() => ({ units: 1 }), 'value[0] must be Money; it is an object.'],
    [() => 3, 'value[0] must be Money; it is a number.'],
  ])('what they refuse is named (%#)', async (make, text) => {
    const codec = await preparedCodecOf(listOf(MONEY), {}, options)
    expect(() => codec.encode([make()])).toThrow(Mismatch)
    await expect(codec.copy([make()])).rejects.toThrow(`X.echo: ${text}`)
  })

  test('what they make must be of the declared form', async () => {
    const codec = await preparedCodecOf(MONEY, {}, options)
    await expect(Money.breaking(() => codec.copy(new Money(1)))).rejects.toThrow(
      'X.echo: value (as its codec encodes it) must be number; it is a string.',
    )
  })

  test('a codec that cannot decode fails the call with its reason', async () => {
    const codec = await preparedCodecOf(MONEY, {}, options)
    const bytes = codec.encode(new Money(-1))
    const failed = expect.objectContaining({ code: 'WV_VALUE', cause: new RangeError('negative') })
    expect(() => codec.decode(bytes)).toThrow(failed)
    expect(() => codec.decode(bytes)).toThrow(
      "The codec 'src/money.Money' could not decode what its 'encode' made: negative",
    )
  })

  test('are imported by a process that needs them, when it does, and once', async () => {
    const { model, app } = modelOf(
      [
        component('src/a.A', [method('pay', [parameter('money', MONEY)], { kind: 'undefined' })]),
        component('src/b.B', [method('ping', [], { kind: 'undefined' })]),
      ],
      { codecs: [source, { ...source, name: 'src/other.Unused' }] },
    )
    const imported: string[] = []
    const text = generateApp(model, app, { version: '0', specifier: (file) => `./${file}` })
    const [a, b] = boundariesOf(
      evaluate(text, async (specifier) => {
        imported.push(specifier)
        return { Money }
      }),
    )
    expect(b?.prepare).toBeUndefined()
    expect(imported).toEqual([])
    await a?.prepare?.()
    await a?.prepare?.()
    expect(imported).toEqual(['./src/money.ts'])
    expect(text).not.toContain('Unused')
  })

  test('a module that fails, or exports something else, is named', async () => {
    const failing = preparedCodecOf(
      MONEY,
      {},
      { codecs: [source], importer: () => Promise.reject(new Error('no such file')) },
    )
    await expect(failing).rejects.toThrow("The codec 'src/money.Money' could not be imported: no such file")
    const empty = preparedCodecOf(MONEY, {}, { codecs: [source], importer: async () => ({ Money: class {} }) })
    await expect(empty).rejects.toThrow(
      "The codec 'src/money.Money' has no 'encode' and 'decode' when its module has been imported.",
    )
  })

  test('one that knows no class says by `is` what is its own', async () => {
    const dates: CodecSource = { name: 'src/codecs.day', file: 'src/codecs.ts', exportName: 'day', member: undefined }
    const day = {
      is: (value: unknown) => typeof value === 'string' && /^\d+-/.test(value),
      encode: (text: string) => text,
      decode: (text: string) => text,
    }
    const union: Shape = {
      kind: 'union',
      members: [
        { test: { by: 'kind' }, shape: { kind: 'custom', codec: dates.name, of: STRING, tells: true } },
        { test: { by: 'kind' }, shape: STRING },
      ],
    }
    const codec = await preparedCodecOf(union, {}, { codecs: [dates], importer: async () => ({ day }) })
    expect(codec.encode('2026-11-23')[0]).toBe(0)
    expect(codec.encode('today')[0]).toBe(1)
  })
})

describe('keys of an index signature', () => {
  const shape: Shape = {
    kind: 'object',
    members: [{ name: 'id', shape: STRING }],
    index: { of: { kind: 'number' }, keys: ['^k/[^]*$', NUMERIC_KEY] },
  }

  test('that fit no pattern are members that nobody declared', async () => {
    const codec = await preparedCodecOf(shape, {}, {})
    const value = { id: 'x', 'k/a\n': 1, 7: 2, '-1.5': 3, '07': 'no number', other: () => 0 }
    const expected = { id: 'x', 'k/a\n': 1, 7: 2, '-1.5': 3 }
    expect(codec.decode(codec.encode(value))).toEqual(expected)
    expect(await codec.copy(value)).toEqual(expected)
    expect(explain(shape, {}, value, 'value')).toBeUndefined()
    expect(explain(shape, {}, { ...value, 'k/b': 'x' }, 'value')?.path).toBe('value["k/b"]')
  })

  test('are not taken from anybody else either', async () => {
    const any = await preparedCodecOf({ ...shape, index: { of: { kind: 'number' } } }, {}, {})
    const codec = await preparedCodecOf(shape, {}, {})
    expect(() => codec.decode(any.encode({ id: 'x', wrong: 1 }))).toThrow(WeaveError)
  })
})
