/**
 * What generated codecs cost, beside `JSON` (to and from a Buffer) and `v8.serialize`. Rounds are interleaved, so that a busy
 * machine slows all of them alike: trust the ratios. Prints a Markdown table.
 *
 *     node bench/codec.bench.ts [rounds] [message]
 */
import { deserialize, serialize } from 'node:v8'
import type { Method } from '../runtime/boundary.ts'
import { Reader } from '../runtime/codec/reader.ts'
import { Writer } from '../runtime/codec/writer.ts'
import type { Definitions, Shape } from '../runtime/shape.ts'
import { boundariesOf, component, descriptorOf, method, modelOf } from '../test/codegen/evaluate.ts'

const ROUNDS = Number(process.argv[2] ?? 15)
/** Long enough that the clock's own cost doesn't show. */
const ROUND_MS = 40

const STRING: Shape = { kind: 'string' }
const NUMBER: Shape = { kind: 'number' }
const ref = (name: string): Shape => ({ kind: 'ref', name })
const list = (of: Shape): Shape => ({ kind: 'array', of })
const object = (members: Record<string, Shape>): Shape => ({
  kind: 'object',
  members: Object.keys(members)
    .sort()
    .map((name) => ({ name, shape: members[name]! })),
})

const definitions: Definitions = {
  Money: object({ currencyCode: STRING, units: NUMBER, nanos: NUMBER }),
  Address: object({ street: STRING, city: STRING, state: STRING, country: STRING, zip: NUMBER }),
  Item: object({ productId: STRING, quantity: NUMBER, price: ref('Money') }),
  Order: object({
    userId: STRING,
    email: STRING,
    currency: STRING,
    address: ref('Address'),
    items: list(ref('Item')),
    paid: { kind: 'boolean' },
  }),
  Product: object({
    id: STRING,
    name: STRING,
    description: STRING,
    picture: STRING,
    price: ref('Money'),
    categories: list(STRING),
  }),
  User: object({
    id: NUMBER,
    name: STRING,
    email: STRING,
    score: NUMBER,
    active: { kind: 'boolean' },
    tags: list(STRING),
    address: ref('Address'),
    friends: list(object({ id: NUMBER, name: STRING })),
  }),
}

const money = (units: number) => ({ currencyCode: 'USD', units, nanos: 990_000_000 })
const address = {
  street: '1600 Amphitheatre Parkway',
  city: 'Mountain View',
  state: 'CA',
  country: 'United States',
  zip: 94_043,
}
const order = {
  userId: '5f2b9d0e-6a1c-4b57-9f3e-0c8d7a6b5e4f',
  email: 'someone@example.com',
  currency: 'EUR',
  address,
  items: ['OLJCESPC7Z', '66VCHSJNUP', '1YMWWN1N4O'].map((productId, at) => ({
    productId,
    quantity: at + 1,
    price: money(19 + at),
  })),
  paid: false,
}
const product = (at: number) => ({
  id: `PRODUCT-${at}`,
  name: `Vintage Camera Lens ${at}`,
  description:
    'You won’t have a camera to use it and it probably doesn’t work anyway, but it looks good on a shelf. '.repeat(
      1 + (at % 3),
    ),
  picture: `/static/img/products/camera-lens-${at}.jpg`,
  price: money(12 + at),
  categories: ['photography', 'vintage'],
})
const user = (at: number) => ({
  id: at,
  name: `User Number ${at}`,
  email: `user${at}@example.com`,
  score: at * 1.37,
  active: at % 2 === 0,
  tags: ['alpha', 'beta', 'gamma'],
  address,
  friends: Array.from({ length: 4 }, (_, friend) => ({ id: at * 4 + friend, name: `Friend ${friend} of ${at}` })),
})

const messages: { name: string; shape: Shape; value: unknown }[] = [
  { name: 'tiny (a product id)', shape: STRING, value: 'OLJCESPC7Z' },
  { name: 'order', shape: ref('Order'), value: order },
  { name: '9 products', shape: list(ref('Product')), value: Array.from({ length: 9 }, (_, at) => product(at)) },
  { name: '100 nested users', shape: list(ref('User')), value: Array.from({ length: 100 }, (_, at) => user(at)) },
]

interface Way {
  name: string
  encode(value: unknown): unknown
  /** A copy of the bytes, outside of the measurement. */
  bytes(value: unknown): Buffer
  decode(bytes: Buffer): unknown
}

function generated(shape: Shape): Way {
  const { model, app } = modelOf([component('src/x.X', [method('get', [], shape)])], { definitions })
  const get = boundariesOf(descriptorOf(model, app))[0]?.methods[0] as Method
  const writer = new Writer()
  return {
    name: 'weavets',
    encode(value) {
      writer.truncate(0)
      get.encodeResult(writer, value)
      return writer.position
    },
    bytes(value) {
      get.encodeResult(writer, value)
      return writer.take()
    },
    decode: (bytes) => get.decodeResult(new Reader(bytes)),
  }
}

const JSON_WAY: Way = {
  name: 'JSON',
  encode: (value) => Buffer.from(JSON.stringify(value)),
  bytes: (value) => Buffer.from(JSON.stringify(value)),
  decode: (bytes) => JSON.parse(bytes.toString()),
}
const V8_WAY: Way = { name: 'v8.serialize', encode: serialize, bytes: serialize, decode: deserialize }

let sink: unknown

function nanoseconds(work: () => unknown, calls: number): number {
  const start = process.hrtime.bigint()
  for (let call = 0; call < calls; call++) sink = work()
  return Number(process.hrtime.bigint() - start) / calls
}

function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[sorted.length >> 1]!
}

function main(): void {
  console.log(`Node ${process.version}, ${ROUNDS} interleaved rounds, medians; ns (times weavets)\n`)
  console.log('| | | encode | decode | bytes |')
  console.log('| --- | --- | --- | --- | --- |')
  for (const { name, shape, value } of messages) {
    if (process.argv[3] !== undefined && !name.includes(process.argv[3])) continue
    const ways = [generated(shape), JSON_WAY, V8_WAY].map((way) => {
      const bytes = way.bytes(value)
      return { way, bytes, encode: [] as number[], decode: [] as number[] }
    })
    for (let round = -3; round < ROUNDS; round++) {
      for (const { way, bytes, encode, decode } of ways) {
        for (const [times, work] of [
          [encode, () => way.encode(value)],
          [decode, () => way.decode(bytes)],
        ] as const) {
          const calls = Math.max(1, Math.round((ROUND_MS * 1e6) / Math.max(50, nanoseconds(work, 20))))
          const took = nanoseconds(work, calls)
          // The first rounds only warm up.
          if (round >= 0) times.push(took)
        }
      }
    }
    const base = ways[0]!
    for (const { way, bytes, encode, decode } of ways) {
      const cell = (own: number[], first: number[]) => {
        const ratio = median(own) / median(first)
        return `${median(own).toFixed(0)}${way === base.way ? '' : ` (${ratio.toFixed(1)} ×)`}`
      }
      console.log(
        `| ${name} | ${way.name} | ${cell(encode, base.encode)} | ${cell(decode, base.decode)} | ${bytes.length} |`,
      )
    }
  }
  if (sink === 'never') console.log(sink)
}

main()
