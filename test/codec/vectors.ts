/**
 * The test vectors of docs/wire.md, made by the code that they describe: `node test/codec/vectors.ts --write` puts them into the page, and a test
 * holds the page to them. A second implementation is right when it reads and writes each of these lines.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { Writer } from '../../runtime/codec/writer.ts'
import type { Literal, Shape } from '../../runtime/shape.ts'
import { FRAME } from '../../runtime/transport/socket/frames.ts'
import { PROTOCOL, writeGreeting } from '../../runtime/transport/socket/handshake.ts'
import { codecOf } from '../codegen/evaluate.ts'
import { frameOf } from '../fuzz/frames.ts'

export interface Vector {
  /** As a reader of TypeScript would write type and value. */
  readonly text: string
  readonly hex: string
}

const NUMBER: Shape = { kind: 'number' }
const STRING: Shape = { kind: 'string' }
const BOOLEAN: Shape = { kind: 'boolean' }
const text = (value: string): Literal => ({ type: 'string', value })
const kindUnion = (...shapes: Shape[]): Shape => ({
  kind: 'union',
  members: shapes.map((shape) => ({ test: { by: 'kind' }, shape })),
})
const object = (members: Record<string, Shape>, optional: readonly string[] = []): Shape => ({
  kind: 'object',
  members: Object.entries(members).map(([name, shape]) => ({
    name,
    shape,
    ...(optional.includes(name) && { optional: true as const }),
  })),
})

type Case = readonly [type: string, value: string, shape: Shape, actual: unknown]

const NUMBERS: readonly Case[] = [
  0,
  1,
  191,
  192,
  8383,
  8384,
  -1,
  -16,
  -17,
  32_767,
  8_388_607,
  2_147_483_647,
  2 ** 40,
  0.5,
  0.1,
  -0,
  Number.NaN,
].map((value) => ['number', Object.is(value, -0) ? '-0' : String(value), NUMBER, value])

const VALUES: readonly Case[] = [
  ['boolean', 'true', BOOLEAN, true],
  ['bigint', '5n', { kind: 'bigint' }, 5n],
  ['bigint', '-2n ** 64n', { kind: 'bigint' }, -(2n ** 64n)],
  ['string', "'abc'", STRING, 'abc'],
  ['string', "'é'", STRING, 'é'],
  ['string', "'€ 5'", STRING, '€ 5'],
  ['string', "'привет'", STRING, 'привет'],
  ['string', "'😀'", STRING, '😀'],
  ['string[]', "['a', 'bc', 'é']", { kind: 'array', of: STRING }, ['a', 'bc', 'é']],
  ['number[]', '[1, 2, 300]', { kind: 'array', of: NUMBER }, [1, 2, 300]],
  ['number[]', '[-1, 1]', { kind: 'array', of: NUMBER }, [-1, 1]],
  ['number[]', '[0.5, 1.5, 2.5]', { kind: 'array', of: NUMBER }, [0.5, 1.5, 2.5]],
  ['boolean[]', '[true, false]', { kind: 'array', of: BOOLEAN }, [true, false]],
  ['null[]', '[null, null]', { kind: 'array', of: { kind: 'null' } }, [null, null]],
  [
    '(number | undefined)[]',
    '[1, , undefined]',
    { kind: 'array', of: kindUnion(NUMBER, { kind: 'undefined' }) },
    Object.assign(new Array(3), { 0: 1, 2: undefined }),
  ],
  [
    '[number, string?]',
    "[7, 'a']",
    { kind: 'tuple', elements: [{ shape: NUMBER }, { shape: STRING, optional: true }] },
    [7, 'a'],
  ],
  ["'a' | 'b'", "'b'", { kind: 'literals', values: [text('a'), text('b')] }, 'b'],
  ['number | string', "'a'", kindUnion(NUMBER, STRING), 'a'],
  ['{ id: number; on: boolean }', '{ id: 9, on: true }', object({ id: NUMBER, on: BOOLEAN }), { id: 9, on: true }],
  [
    '{ id: number; note?: number; on?: boolean }',
    '{ id: 9, on: false }',
    object({ id: NUMBER, note: NUMBER, on: BOOLEAN }, ['note', 'on']),
    { id: 9, on: false },
  ],
  [
    '{ id: number; note?: number; on?: boolean }',
    '{ id: 9, note: undefined }',
    object({ id: NUMBER, note: NUMBER, on: BOOLEAN }, ['note', 'on']),
    { id: 9, note: undefined },
  ],
  ['Record<string, number>', '{ a: 1, b: 2 }', { kind: 'object', members: [], index: { of: NUMBER } }, { a: 1, b: 2 }],
  ['Map<string, number>', "new Map([['a', 1]])", { kind: 'map', key: STRING, value: NUMBER }, new Map([['a', 1]])],
  ['Set<number>', 'new Set([3])', { kind: 'set', of: NUMBER }, new Set([3])],
  ['Date', 'new Date(0)', { kind: 'date' }, new Date(0)],
  ['URL', "new URL('http://a/')", { kind: 'url' }, new URL('http://a/')],
  ['RegExp', '/a+/g', { kind: 'regexp' }, /a+/g],
  ['Uint8Array', 'Uint8Array.of(1, 2)', { kind: 'bytes', type: 'Uint8Array' }, Uint8Array.of(1, 2)],
  ['Json', "{ a: [1, null, 'x'] }", { kind: 'json' }, { a: [1, null, 'x'] }],
]

function valueVector([type, value, shape, actual]: Case): Vector {
  return { text: `${type}: ${value}`, hex: codecOf(shape).encode(actual).toString('hex') }
}

function frameVectors(): Vector[] {
  const greeting = new Writer()
  writeGreeting(greeting, { application: 'shop', version: 'a1b2', process: 'cart-1', group: 'cart' })
  const request = Buffer.concat([
    // Component 0, method 2, 500 ms left, no flags; then the arguments, here one number.
    Buffer.of(0, 2),
    Buffer.of(0xf4, 0x03),
    Buffer.of(0),
    codecOf(NUMBER).encode(7),
  ])
  const frames: [string, Buffer][] = [
    [`hello, protocol ${PROTOCOL}`, frameOf(FRAME.hello, 0, greeting.take())],
    ['request 5 of method 2 of component 0, 500 ms left, argument 7', frameOf(FRAME.request, 5, request)],
    ["result of 5: 'abc'", frameOf(FRAME.result, 5, codecOf(STRING).encode('abc'))],
    ['cancel 5', frameOf(FRAME.cancel, 5, Buffer.alloc(0))],
    ['credit for stream 1 of call 5: 8 items, 4096 bytes', frameOf(FRAME.credit, 5, Buffer.of(1, 8, 0x80, 0x20))],
    ['ping', frameOf(FRAME.ping, 0, Buffer.alloc(0))],
  ]
  return frames.map(([text, bytes]) => ({ text, hex: bytes.toString('hex') }))
}

export const VECTORS: readonly Vector[] = [...NUMBERS.map(valueVector), ...VALUES.map(valueVector), ...frameVectors()]

const BEGIN = '<!-- vectors -->'
const END = '<!-- end of vectors -->'
export const PAGE = new URL('../../docs/wire.md', import.meta.url)

export function pageWith(page: string): string {
  const width = Math.max(...VECTORS.map(({ text }) => text.length))
  const lines = VECTORS.map(({ text, hex }) => `${text.padEnd(width)}  ${hex}`)
  const from = page.indexOf(BEGIN) + BEGIN.length
  return `${page.slice(0, from)}\n\`\`\`\n${lines.join('\n')}\n\`\`\`\n${page.slice(page.indexOf(END))}`
}

if (process.argv.includes('--write')) writeFileSync(PAGE, pageWith(readFileSync(PAGE, 'utf8')))
