/** `Writer` and `Reader`: what is written is read, and bytes that lie are found out before anything is made for them. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readNumbers, writeNumbers } from '../../runtime/codec/numbers.ts'
import { Reader } from '../../runtime/codec/reader.ts'
import { Mismatch } from '../../runtime/codec/signal.ts'
import { Writer } from '../../runtime/codec/writer.ts'
import { WeaveError } from '../../runtime/errors.ts'

function written(write: (writer: Writer) => void): Buffer {
  const writer = new Writer(1)
  write(writer)
  return writer.take()
}

function protocolError(read: () => unknown): string {
  try {
    read()
  } catch (error) {
    expect(error).toBeInstanceOf(WeaveError)
    expect((error as WeaveError).code).toBe('WV_PROTOCOL')
    return (error as WeaveError).message
  }
  throw new Error('nothing was thrown')
}

/** A varint that says more than there is. */
const HUGE = written((writer) => writer.varint(2 ** 40))

test.each([2, 256, 257, 300])('an index into a table of %i', (length) => {
  for (const index of [0, 1, length - 1]) {
    expect(new Reader(written((writer) => writer.index(index, length))).index(length)).toBe(index)
  }
  // It would be cut to another one.
  expect(() => written((writer) => writer.index(length, length))).toThrow(RangeError)
})

describe('numbers', () => {
  test.each([
    [0, 1],
    [191, 1],
    [192, 2],
    [8383, 2],
    [8384, 3],
    [-1, 1],
    [-16, 1],
    [-17, 3],
    [32_767, 3],
    [-32_768, 3],
    [32_768, 4],
    [-32_769, 4],
    [2 ** 23 - 1, 4],
    [-(2 ** 23), 4],
    [2 ** 23, 5],
    [-(2 ** 31), 5],
    [2 ** 31, 7],
    [-(2 ** 31) - 1, 7],
    [2 ** 47 - 1, 7],
    [-(2 ** 47), 7],
    [1_764_000_000_000, 7],
    [2 ** 47 + 1, 9],
    [-0, 5],
    [0.5, 5],
    [0.1, 9],
    [Number.NaN, 9],
    [Number.NEGATIVE_INFINITY, 5],
    [Number.MIN_VALUE, 9],
    [Number.MAX_SAFE_INTEGER, 9],
  ])('%s takes %s bytes and comes back', (value, bytes) => {
    const buffer = written((writer) => writer.number(value))
    expect(buffer.length).toBe(bytes)
    expect(new Reader(buffer).number()).toBe(value)
  })

  test('any number comes back', () => {
    const number = fc.oneof(
      fc.double(),
      fc.float(),
      fc.integer(),
      fc.maxSafeInteger(),
      fc.integer({ min: -70_000, max: 70_000 }),
    )
    fc.assert(
      fc.property(number, (value) => {
        expect(new Reader(written((writer) => writer.number(value))).number()).toBe(value)
      }),
    )
    fc.assert(
      fc.property(
        fc.oneof(fc.array(number), fc.array(fc.integer()), fc.array(fc.float()), fc.array(fc.double())),
        (list) => {
          expect(readNumbers(new Reader(written((writer) => writeNumbers(writer, list))))).toEqual(list)
        },
      ),
    )
  })

  test.each<[string, number[], number]>([
    ['none', [], 1],
    ['counts', [1, 200, 70_000], 2 + 1 + 2 + 3],
    ['differences', [1, -1, 300], 2 + 1 + 1 + 2],
    ['coordinates', [0.1, 0.2, 0.3], 2 + 3 * 8],
    ['halves', [0.5, 1.5, -0], 2 + 3 * 4],
    ['all sorts', [1, 2, 0.1], 2 + 1 + 1 + 9],
  ])('a list of numbers takes what it needs: %s', (_, list, bytes) => {
    const buffer = written((writer) => writeNumbers(writer, list))
    expect(buffer.length).toBe(bytes)
    expect(readNumbers(new Reader(buffer))).toEqual(list)
  })

  test('a list that is no list of numbers is refused, at both ends', () => {
    for (const value of [{ length: 1 }, [1, '2'], [0.5, undefined], new Array(2)]) {
      expect(() => written((writer) => writeNumbers(writer, value))).toThrow(Mismatch)
    }
    expect(protocolError(() => readNumbers(new Reader(Buffer.from([1, 9, 0]))))).toContain('written in way 9')
    expect(protocolError(() => readNumbers(new Reader(Buffer.from([2, 4, 0, 0]))))).toContain(
      'needs 16 bytes where 2 are left',
    )
  })

  test('every varint up to 2^53 - 1', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), (value) => {
        expect(new Reader(written((writer) => writer.varint(value))).varint()).toBe(value)
      }),
    )
  })

  test('a varint beyond 53 bits is refused', () => {
    expect(protocolError(() => new Reader(Buffer.alloc(12, 0xff)).varint())).toContain('longer than 53 bits')
  })

  test('bigints of any size, the small ones small', () => {
    expect(written((writer) => writer.bigint(7n)).length).toBe(2)
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 2000n), max: 2n ** 2000n }), (value) => {
        expect(new Reader(written((writer) => writer.bigint(value))).bigint()).toBe(value)
      }),
    )
  })
})

describe('strings', () => {
  test.each([0, 1, 24, 25, 31, 32, 33, 1024, 1025, 4095, 4096, 16_383, 16_384, 100_000])(
    '%s units of each kind, alone and in a message',
    (length) => {
      for (const unit of ['a', 'é', '€', '😀', '\ud800', '\udc00', 'aaaé', 'aaa€']) {
        const value = unit.repeat(length)
        expect(new Reader(written((writer) => writer.string(value))).string()).toBe(value)
        const message = written((writer) => {
          writer.open()
          writer.text(value)
          writer.text('')
          writer.text(value)
          writer.close()
        })
        const reader = new Reader(message)
        reader.open()
        expect([reader.text(), reader.text(), reader.text()]).toEqual([value, '', value])
        reader.close()
        expect(reader.left).toBe(0)
      }
    },
  )

  test('each unit of a short string has its place', () => {
    for (let length = 0; length <= 40; length++) {
      for (const first of [0x20, 0xd7, 0x141]) {
        const value = String.fromCharCode(...Array.from({ length }, (_, at) => first + at))
        expect(new Reader(written((writer) => writer.string(value))).string()).toBe(value)
        const message = written((writer) => {
          writer.open()
          writer.text(value)
          writer.close()
        })
        const reader = new Reader(message)
        reader.open()
        expect(reader.text()).toBe(value)
      }
    }
  })

  test('strings that are written at once are as they are one by one', () => {
    for (const long of ['', 'é', '€', 'b'.repeat(124), 'b'.repeat(125), 'c'.repeat(1025)]) {
      for (const [first, second, third] of [
        ['a', 'a', long] as const,
        ['a', long, 'a'] as const,
        [long, 'a', 'a'] as const,
      ]) {
        const atOnce = written((writer) => {
          writer.open()
          writer.text2(first, second)
          writer.text3(first, second, third)
          writer.close()
        })
        const oneByOne = written((writer) => {
          writer.open()
          for (const each of [first, second, first, second, third]) writer.text(each)
          writer.close()
        })
        expect(atOnce.equals(oneByOne)).toBe(true)
      }
    }
    expect(() => written((writer) => writer.text2('a', 1))).toThrow(Mismatch)
    expect(() => written((writer) => writer.text3('a', 'b', undefined))).toThrow(Mismatch)
  })

  test('a message has the same bytes whatever was written before it', () => {
    const message = (writer: Writer, text: string) => {
      writer.open()
      writer.text(text)
      writer.close()
      return writer.take()
    }
    const writer = new Writer(16)
    for (const before of ['', 'a', 'é'.repeat(40), '€', '東京'.repeat(40)]) {
      for (const text of ['', 'a', 'é', 'a'.repeat(200), '€', '東京'.repeat(40)]) {
        message(writer, before)
        expect(message(writer, text).toString('hex')).toBe(message(new Writer(16), text).toString('hex'))
      }
    }
  })

  test('any text is cut where it was joined, whatever its characters', () => {
    const unit = fc.oneof(
      fc.constantFrom('a', 'é', '’', '😀', 'П', 'р', '東', '京', '\ud800', '\udc00', '\ud83d', '\uffff', '\ue000'),
      fc.string({ unit: 'grapheme', maxLength: 1 }),
    )
    const text = fc.array(unit, { maxLength: 60 }).map((units) => units.join(''))
    fc.assert(
      fc.property(fc.array(text, { maxLength: 8 }), (texts) => {
        const reader = new Reader(
          written((writer) => {
            writer.open()
            for (const each of texts) writer.text(each)
            writer.close()
          }),
        )
        reader.open()
        expect(texts.map(() => reader.text())).toEqual(texts)
        reader.close()
        for (const each of texts) expect(new Reader(written((writer) => writer.string(each))).string()).toBe(each)
      }),
    )
  })

  test.each([
    'You won’t need it – “nice”, though',
    'Straße, Größe: 3 × 4 €',
    'Zażółć gęślą jaźń',
    'Ο ήλιος λάμπει σήμερα',
    'Съешь же ещё этих мягких французских булок',
    '日本語のテキストと漢字',
    'Phở bò, bún chả',
    'Fine 😀 and 😀 and 😎 again 😀',
  ])('%s takes no more bytes than in UTF-8', (value) => {
    // One byte for the length is what any format has.
    expect(written((writer) => writer.string(value)).length).toBeLessThanOrEqual(Buffer.byteLength(value) + 2)
    const long = value.repeat(50)
    expect(written((writer) => writer.string(long)).length).toBeLessThanOrEqual(Buffer.byteLength(long) + 2)
  })

  test('upper halves that do not fit their string are refused', () => {
    // Two units, split, three bytes of upper halves: pass one over, then as many as the last byte says.
    for (const steps of [
      [1 * 4 + 2, 2, 0x20],
      [2 * 4, 0, 0],
      [3, 0, 200],
      [0x80, 0x80, 0x80],
    ]) {
      const bytes = Buffer.from([2 * 4 + 2, 3, 0x61, 0x62, ...steps])
      expect(protocolError(() => new Reader(bytes).string())).toContain('the upper halves of a string do not fit it')
    }
  })

  test('text after an abandoned message begins anew', () => {
    const writer = new Writer(16)
    writer.uint8(1)
    writer.open()
    writer.text('lost')
    writer.truncate(1)
    writer.open()
    writer.text('kept')
    writer.close()
    const reader = new Reader(writer.take(), 1)
    reader.open()
    expect(reader.text()).toBe('kept')
    reader.close()
  })

  test('a message that holds more than is read is refused', () => {
    const message = written((writer) => {
      writer.open()
      writer.text('a')
      writer.text('b')
      writer.close()
    })
    const reader = new Reader(message)
    reader.open()
    reader.text()
    expect(protocolError(() => reader.close())).toContain('left over')
  })

  test('a string longer than the text of its message is refused', () => {
    const message = written((writer) => {
      writer.open()
      writer.text('abc')
      writer.close()
    })
    message[0] = 100
    const reader = new Reader(message)
    reader.open()
    expect(protocolError(() => reader.text())).toContain('a string needs 97 bytes where 3 are left')
  })
})

describe('hostile bytes', () => {
  test.each<[string, (reader: Reader) => unknown]>([
    ['uint8', (reader) => reader.uint8()],
    ['uint32', (reader) => reader.uint32()],
    ['float64', (reader) => reader.float64()],
    ['number', (reader) => reader.number()],
    ['bigint', (reader) => reader.bigint()],
    ['varint', (reader) => reader.varint()],
    ['string', (reader) => reader.string()],
    ['bytes', (reader) => reader.bytes()],
    ['open', (reader) => reader.open()],
    ['count', (reader) => reader.count() || reader.uint8()],
  ])('%s reads nothing beyond the end', (_, read) => {
    // What lies behind the end would make sense.
    const buffer = Buffer.concat([Buffer.from([0]), Buffer.alloc(20)])
    expect(protocolError(() => read(new Reader(buffer, 0, 0)))).toContain(
      'The peer sent bytes that are not the protocol: ',
    )
  })

  test.each<[string, (reader: Reader) => unknown]>([
    ['string', (reader) => reader.string()],
    ['bytes', (reader) => reader.bytes()],
    ['bigint', (reader) => reader.bigint()],
    ['count', (reader) => reader.count()],
  ])('%s of a terabyte is refused, not allocated', (_, read) => {
    const before = process.memoryUsage().arrayBuffers
    protocolError(() => read(new Reader(HUGE)))
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1e6)
  })

  test('values that nobody writes', () => {
    expect(protocolError(() => new Reader(Buffer.from([2])).boolean())).toContain('a boolean is 2')
    expect(protocolError(() => new Reader(Buffer.from([5])).flags(3))).toContain('the flags of an object are 5')
    expect(protocolError(() => new Reader(Buffer.from([5])).index(5))).toContain('an index is 5 where there are 5')
    expect(protocolError(() => new Reader(Buffer.from([0xff])).number())).toContain('begins with 255')
    expect(protocolError(() => new Reader(Buffer.from([4])).string())).toContain('needs 1 bytes where 0 are left')
    expect(protocolError(() => new Reader(Buffer.from([7, 0])).string())).toContain('has encoding 3')
    expect(protocolError(() => new Reader(Buffer.from([6, 0])).string())).toContain('needs 1 bytes where 0 are left')
  })
})

test('what is read does not change when its buffer does', () => {
  const buffer = written((writer) => writer.bytes(Buffer.from([1, 2, 3])))
  const bytes = new Reader(buffer).bytes()
  buffer.fill(0)
  expect([...bytes]).toEqual([1, 2, 3])
  expect(bytes.buffer.byteLength).toBe(3)
})

test('reserved bytes are patched, also when the buffer has grown since', () => {
  const buffer = written((writer) => {
    const at = writer.reserve(4)
    writer.string('x'.repeat(5000))
    writer.setUint32(at, 0xdeadbeef)
  })
  expect(new Reader(buffer).uint32()).toBe(0xdeadbeef)
})

test('values of another type are a mismatch', () => {
  const writer = new Writer()
  for (const write of [
    () => writer.number('1'),
    () => writer.number(new Number(1)),
    () => writer.bigint(1),
    () => writer.text(1),
    () => writer.boolean(0),
  ]) {
    expect(write).toThrow(Mismatch)
  }
})
