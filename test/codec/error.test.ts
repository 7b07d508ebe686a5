/** Errors cross with class, message, fields, cause and stack; whatever is thrown, something readable arrives. */
import { AssertionError } from 'node:assert'
import { Socket } from 'node:net'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { ErrorDescriptor } from '../../runtime/boundary.ts'
import { decodeError, ErrorRegistry, encodeError } from '../../runtime/codec/error.ts'
import { Reader } from '../../runtime/codec/reader.ts'
import { Writer } from '../../runtime/codec/writer.ts'
import { WeaveError } from '../../runtime/errors.ts'
import { LIMITS } from '../../runtime/limits.ts'

const { SuppressedError } = globalThis as {
  SuppressedError?: new (error: unknown, suppressed: unknown, message?: string) => Error
}

class OutOfStock extends Error {
  readonly productId: string
  readonly left: number
  constructor(productId: string, left: number) {
    super(`${productId}: ${left} left`)
    this.name = 'OutOfStock'
    this.productId = productId
    this.left = left
  }
  get isEmpty(): boolean {
    return this.left === 0
  }
}

class Sold extends OutOfStock {}

const DESCRIPTORS: ErrorDescriptor[] = [
  { name: 'src/errors.OutOfStock', load: async () => OutOfStock },
  { name: 'src/broken.Missing', load: () => Promise.reject(new Error('no such module')) },
]

test('a class that a minifier has renamed is told by itself', async () => {
  const a = class a extends Error {}
  const b = class b extends a {}
  const others = { name: 'src/errors.Other', load: async () => class a extends Error {} }
  const descriptors = [others, { name: 'src/errors.OutOfStock', load: async () => a }]
  const registry = new ErrorRegistry(descriptors, undefined, true)
  for (const thrown of [new a('x'), new b('y')]) {
    await registry.prepare(thrown)
    const read = decodeError(new Reader(bytesOf(thrown, registry)), registry)
    expect(Object.getPrototypeOf(await read)).toBe(a.prototype)
  }
  // By names alone the wrong one, or none, would be taken.
  const byName = new ErrorRegistry([descriptors[1]!])
  await byName.prepare(new a('x'))
  expect(byName.nameOf(a)).toBeUndefined()
})

function bytesOf(thrown: unknown, registry: ErrorRegistry): Buffer {
  const writer = new Writer(16)
  encodeError(writer, thrown, registry)
  return writer.take()
}

/** From one process to another: each has its registry. */
async function sent(thrown: unknown, descriptors = DESCRIPTORS): Promise<unknown> {
  const sender = new ErrorRegistry(descriptors)
  await sender.prepare(thrown)
  const reader = new Reader(bytesOf(thrown, sender))
  const received = await decodeError(reader, new ErrorRegistry(descriptors))
  expect(reader.left).toBe(0)
  return received
}

describe('class', () => {
  test("the application's own, without running its constructor", async () => {
    const error = new OutOfStock('a', 0)
    const received = (await sent(error)) as OutOfStock
    expect(received).toBeInstanceOf(OutOfStock)
    expect(received).not.toBe(error)
    expect(received).toMatchObject({ name: 'OutOfStock', message: 'a: 0 left', productId: 'a', left: 0, isEmpty: true })
    expect(received.stack).toBe(error.stack)
    expect(Object.keys(received)).toEqual(Object.keys(error))
  })

  test("a failed assertion's, with what was compared", async () => {
    const error = new AssertionError({ actual: 1, expected: 2, operator: 'strictEqual', message: 'not two' })
    const received = (await sent(error)) as AssertionError
    expect(received).toBeInstanceOf(AssertionError)
    expect(received).toMatchObject({
      name: 'AssertionError',
      message: error.message,
      code: 'ERR_ASSERTION',
      actual: 1,
      expected: 2,
      operator: 'strictEqual',
    })
  })

  test.skipIf(!SuppressedError)('that of an error which suppresses another, with both', async () => {
    const error = new SuppressedError!(new OutOfStock('a', 0), new TypeError('first'), 'twice')
    const received = (await sent(error)) as Error & { error: Error; suppressed: Error }
    expect(received).toBeInstanceOf(SuppressedError)
    expect(received.message).toBe('twice')
    expect(received.error).toBeInstanceOf(OutOfStock)
    expect(received.suppressed).toBeInstanceOf(TypeError)
    expect(Object.keys(received)).toEqual([])
  })

  test('an error without a stack still has something to print', async () => {
    const error = new RangeError('no trace')
    delete (error as { stack?: string }).stack
    expect(((await sent(error)) as Error).stack).toBe('RangeError: no trace')
    const empty = Object.assign(new TypeError(), { stack: '' })
    expect(((await sent(empty)) as Error).stack).toBe('TypeError')
  })

  test('one that nobody knows arrives as the nearest known one', async () => {
    const received = (await sent(new Sold('a', 0))) as Error
    expect(Object.getPrototypeOf(received)).toBe(OutOfStock.prototype)
    class Refused extends RangeError {
      override name = 'Refused'
      code = 7
    }
    const other = (await sent(new Refused('no'))) as Error
    expect(Object.getPrototypeOf(other)).toBe(RangeError.prototype)
    expect(other).toMatchObject({ name: 'Refused', message: 'no', code: 7 })
  })

  test('another class of the same name is not taken for it', async () => {
    const lookalike = { OutOfStock: class OutOfStock extends Error {} }.OutOfStock
    const received = await sent(new lookalike('library'))
    expect(received).not.toBeInstanceOf(OutOfStock)
    expect(received).toMatchObject({ message: 'library' })
  })

  test.each([Error, TypeError, RangeError, SyntaxError, ReferenceError, EvalError, URIError])(
    '%s',
    async (errorClass) => {
      const received = (await sent(new errorClass('text'))) as Error
      expect(Object.getPrototypeOf(received)).toBe(errorClass.prototype)
      expect(String(received)).toBe(`${errorClass.name}: text`)
      expect(Object.keys(received)).toEqual([])
    },
  )

  test('WeaveError and DOMException', async () => {
    const edge = { caller: 'a', callee: 'b', method: 'c' }
    const received = await sent(new WeaveError('gone', { code: 'WV_UNAVAILABLE', edge, executed: 'maybe' }))
    expect(received).toBeInstanceOf(WeaveError)
    expect(received).toMatchObject({ code: 'WV_UNAVAILABLE', edge, executed: 'maybe', message: 'gone' })
    const abort = (await sent(new DOMException('stop', 'AbortError'))) as DOMException
    expect(abort).toBeInstanceOf(DOMException)
    expect([abort.name, abort.message, abort.code]).toEqual(['AbortError', 'stop', 20])
  })

  test('a module that does not load leaves an Error with name and fields', async () => {
    class Missing extends Error {
      override name = 'Missing'
      why = 'x'
    }
    const registry = new ErrorRegistry(DESCRIPTORS)
    // Unprepared, as a sender that has only the name to go by.
    const received = await decodeError(new Reader(bytesOf(new Missing('m'), registry)), new ErrorRegistry(DESCRIPTORS))
    expect(Object.getPrototypeOf(received)).toBe(Error.prototype)
    expect(received).toMatchObject({ name: 'Missing', message: 'm', why: 'x' })
  })

  test('prepare has nothing to do for what is known', async () => {
    const registry = new ErrorRegistry(DESCRIPTORS)
    expect(registry.prepare(new TypeError('x'))).toBeUndefined()
    const first = registry.prepare(new Sold('a', 1))
    expect(first).toBeInstanceOf(Promise)
    await first
    expect(registry.prepare(new Sold('a', 1))).toBeUndefined()
  })

  test('a loaded class is decoded at once', async () => {
    const registry = new ErrorRegistry(DESCRIPTORS)
    await registry.loadAll()
    expect(decodeError(new Reader(bytesOf(new OutOfStock('a', 1), registry)), registry)).toBeInstanceOf(OutOfStock)
  })
})

describe('content', () => {
  test('fields of every kind', async () => {
    const fields = {
      date: new Date(5),
      map: new Map<unknown, unknown>([['a', new Set([1n])]]),
      bytes: new Float64Array([1, 2]),
      url: new URL('http://a.b/'),
      expression: /x/g,
      list: [undefined, null, true, -0, 'ü\ud800'],
      nested: { error: new TypeError('inner') },
    }
    const received = await sent(Object.assign(new Error('x'), fields))
    expect({ ...(received as object) }).toStrictEqual(fields)
  })

  test('the key __proto__ and setters of the class do nothing', async () => {
    const error = Object.assign(new Error('x'), { ok: 1 })
    Object.defineProperty(error, '__proto__', { value: { polluted: true }, enumerable: true })
    const received = (await sent(error)) as Error & { polluted?: boolean }
    expect(Object.getPrototypeOf(received)).toBe(Error.prototype)
    expect(received.polluted).toBeUndefined()
    expect(Object.hasOwn(received, '__proto__')).toBe(true)
  })

  test('causes, aggregates, and an absent message', async () => {
    const error = new AggregateError([new OutOfStock('a', 0), 'text'], 'both', {
      cause: new RangeError('why', { cause: 7 }),
    })
    const received = (await sent(error)) as AggregateError
    expect(received).toBeInstanceOf(AggregateError)
    expect(received.errors[0]).toBeInstanceOf(OutOfStock)
    expect(received.errors[1]).toBe('text')
    expect(received.cause).toBeInstanceOf(RangeError)
    expect((received.cause as Error).cause).toBe(7)
    expect(Object.keys(received)).toEqual([])
    expect(Object.hasOwn((await sent(new Error())) as Error, 'message')).toBe(false)
  })

  test('circles are cut, and so are chains of causes', async () => {
    const error: Error & { self?: unknown } = new Error('x')
    error.cause = error
    error.self = { error }
    const received = (await sent(error)) as typeof error
    expect(received.cause).toBeUndefined()
    expect(received.self).toEqual({ error: '[circular]' })
    let chain = new Error('0')
    for (let count = 1; count < 40; count++) chain = new Error(String(count), { cause: chain })
    let length = 0
    for (let next: unknown = await sent(chain); next instanceof Error; next = next.cause) length++
    expect(length).toBe(LIMITS.causesMax + 1)
  })

  test('what is too much is left out', async () => {
    let deep: unknown = 'bottom'
    for (let count = 0; count < 100; count++) deep = { deep }
    const error = Object.assign(new Error('x'), {
      call: () => 0,
      text: 'y'.repeat(1e6),
      list: Array.from({ length: 5000 }, (_, index) => index),
      deep,
      bytes: new Uint8Array(1e6),
    })
    error.stack = `${'at line\n'.repeat(1e5)}`
    const bytes = bytesOf(error, new ErrorRegistry([]))
    expect(bytes.length).toBeLessThan(LIMITS.errorBytesMax + LIMITS.errorItemsMax * 8)
    const received = (await sent(error)) as typeof error
    expect('call' in received).toBe(false)
    expect(received.text.length).toBeLessThanOrEqual(LIMITS.errorBytesMax)
    expect(received.bytes).toBe('[left out]')
    expect(received.stack?.length).toBeLessThanOrEqual(LIMITS.stackBytesMax)
    expect(received.stack?.endsWith('at line')).toBe(true)
  })

  test('getters and proxies that throw', async () => {
    const error = Object.defineProperty(new Error('x'), 'bad', {
      enumerable: true,
      get() {
        throw new Error('no')
      },
    })
    expect(await sent(error)).toMatchObject({ message: 'x' })
    const { proxy, revoke } = Proxy.revocable({}, {})
    revoke()
    expect(await sent(proxy)).toMatchObject({ message: expect.stringContaining('could not be read') })
  })
})

describe('thrown values that are no errors', () => {
  test.each([undefined, null, 0, 'text', 1n, true, { code: 1 }, [1, new Date(3)], new Map([[1, 2]])])(
    '%s',
    async (value) => {
      expect(await sent(value)).toStrictEqual(value)
    },
  )

  test('functions and symbols are told', async () => {
    expect(await sent(Symbol('s'))).toMatchObject({
      message: "A symbol was thrown, which can't cross a boundary: Symbol(s)",
    })
  })

  test('any value at all is encoded, and what was encoded is decoded', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.anything({
          withDate: true,
          withMap: true,
          withSet: true,
          withBigInt: true,
          withTypedArray: true,
          withNullPrototype: true,
        }),
        async (value) => {
          await sent(value)
          await sent(Object.assign(new Error('x'), { value }))
        },
      ),
    )
  })
})

test('any bytes give a value or a protocol error', async () => {
  const registry = new ErrorRegistry([])
  const good = bytesOf(
    Object.assign(new Error('x', { cause: new Map([[1, [2]]]) }), { a: { b: [new Date()] } }),
    registry,
  )
  await fc.assert(
    fc.asyncProperty(
      fc.uint8Array({ maxLength: 40 }),
      fc.nat(good.length - 1),
      fc.nat(255),
      async (noise, at, byte) => {
        const mutated = Buffer.from(good)
        mutated[at] = byte
        for (const bytes of [Buffer.from(noise), mutated, good.subarray(0, at)]) {
          try {
            await decodeError(new Reader(bytes), registry)
          } catch (error) {
            expect(error).toMatchObject({ code: 'WV_PROTOCOL' })
          }
        }
      },
    ),
    { numRuns: 1000 },
  )
  const lists = Buffer.alloc(200_000, Buffer.from([7, 1]))
  expect(() => decodeError(new Reader(lists), registry)).toThrow('a value is nested too deeply')
})

describe('instances among the fields', () => {
  class Money {
    readonly cents: bigint
    constructor(cents: bigint) {
      this.cents = cents
    }
    label(): string {
      return `${this.cents} cents`
    }
    static readonly codec = {
      encode: (money: Money) => ({ cents: money.cents }),
      decode: ({ cents }: { cents: bigint }) => new Money(cents),
    }
  }
  class Plain {
    readonly shelf = 7
    label(): string {
      return `shelf ${this.shelf}`
    }
  }
  class Day {
    readonly text: string
    constructor(text: string) {
      this.text = text
    }
  }
  const dayCodec = {
    is: (value: unknown) => value instanceof Day,
    encode: (day: Day) => day.text,
    decode: (text: string) => new Day(text),
  }
  const codecs = (loads: string[]) => () => [
    {
      name: 'src/money.Money',
      load: async () => {
        loads.push('Money')
        return { codec: Money.codec, of: Money }
      },
    },
    { name: 'src/codecs.day', load: async () => ({ codec: dayCodec }) },
    { name: 'src/codecs.gone', load: () => Promise.reject(new Error('no such module')) },
  ]

  async function carried(fields: object, received: string[] = []): Promise<Record<string, unknown>> {
    const error = Object.assign(new Error('x'), fields)
    const sender = new ErrorRegistry([], codecs([]))
    await sender.prepare(error)
    const reader = new Reader(bytesOf(error, sender))
    const arrived = await decodeError(reader, new ErrorRegistry([], codecs(received)))
    expect(reader.left).toBe(0)
    return arrived as Record<string, unknown>
  }

  test('keep their class where it brings a codec, however deep, and in causes', async () => {
    const money = () => new Money(5n)
    const cause = Object.assign(new Error('why'), { paid: money() })
    const arrived = await carried({
      price: money(),
      lines: [{ price: money() }],
      byName: new Map([['a', money()]]),
      day: new Day('2026-01-01'),
      cause,
    })
    const { price, lines, byName, day } = arrived as unknown as {
      price: Money
      lines: [{ price: Money }]
      byName: Map<string, Money>
      day: Day
    }
    for (const each of [price, lines[0].price, byName.get('a')!, (arrived.cause as { paid: Money }).paid]) {
      expect(each).toBeInstanceOf(Money)
      expect(each.label()).toBe('5 cents')
    }
    expect(day).toEqual(new Day('2026-01-01'))
    expect(day).toBeInstanceOf(Day)
  })

  test('load the codecs of a receiver that needs them, and of no other', async () => {
    const loads: string[] = []
    await carried({ at: new Date(0), lines: [1] }, loads)
    expect(loads).toEqual([])
    await carried({ price: new Money(1n) }, loads)
    expect(loads).toEqual(['Money'])
  })

  test('arrive as plain data without a codec, and where the codec fails', async () => {
    const { plain } = await carried({ plain: new Plain() })
    expect(plain).toEqual({ shelf: 7 })
    expect(plain).not.toBeInstanceOf(Plain)
    const broken = Object.assign(new Money(1n), {})
    Object.defineProperty(broken, 'cents', { get: () => JSON.parse('{') })
    expect(await carried({ price: broken })).not.toHaveProperty('price.label')
  })

  test('do not arrive when they are bound to their process', async () => {
    const arrived = await carried({
      retry: () => 1,
      soon: Promise.resolve(1),
      seen: new WeakMap(),
      socket: new Socket(),
      left: [1].values(),
      list: [new Socket(), 1],
      kept: 1,
    })
    expect(Object.keys(arrived)).toEqual(['list', 'kept'])
    expect(arrived.list).toEqual(['[left out]', 1])
  })
})
