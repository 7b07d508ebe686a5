/** One shape at least of each kind, in the places where its bytes are told apart: the types whose codecs are fed with hostile bytes. */
import type { BytesKind, Definitions, Literal, Shape } from '../../runtime/shape.ts'

const text = (value: string): Literal => ({ type: 'string', value })
const NUMBER: Shape = { kind: 'number' }
const STRING: Shape = { kind: 'string' }
const NULL: Shape = { kind: 'null' }
const UNDEFINED: Shape = { kind: 'undefined' }
const NODE: Shape = { kind: 'ref', name: 'src/a.Node' }
const byKind = (...shapes: Shape[]): Shape => ({
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
const BYTES: readonly BytesKind[] = [
  'Uint8Array',
  'Uint8ClampedArray',
  'Int8Array',
  'Uint16Array',
  'Int16Array',
  'Uint32Array',
  'Int32Array',
  'Float32Array',
  'Float64Array',
  'BigInt64Array',
  'BigUint64Array',
  'ArrayBuffer',
  'Buffer',
]

export const DEFINITIONS: Definitions = {
  'src/a.Node': object({ left: byKind(NULL, NODE), next: NODE, value: STRING }, ['next']),
  'src/a.Nest': { kind: 'array', of: { kind: 'ref', name: 'src/a.Nest' } },
  'src/a.Dictionary': { kind: 'object', members: [], index: { of: { kind: 'ref', name: 'src/a.Dictionary' } } },
}

type Fuzzed = Exclude<Shape['kind'], 'unsupported' | 'stream' | 'signal' | 'component' | 'custom'>

/** A new kind breaks the build until it is here. What needs something of an application is fuzzed with the others' shapes. */
const ZOO: Record<Fuzzed, readonly Shape[]> = {
  boolean: [{ kind: 'boolean' }],
  number: [NUMBER],
  bigint: [{ kind: 'bigint' }],
  string: [STRING],
  null: [NULL],
  undefined: [UNDEFINED],
  literal: [{ kind: 'literal', literal: text('only') }],
  literals: [{ kind: 'literals', values: [{ type: 'bigint', value: '7' }, text('a'), text('b')] }],
  array: [
    { kind: 'array', of: NUMBER },
    { kind: 'array', of: STRING },
    { kind: 'array', of: { kind: 'boolean' } },
    // Elements that take no bytes: a count is all there is to believe.
    { kind: 'array', of: NULL },
    { kind: 'array', of: { kind: 'literal', literal: text('x') } },
    { kind: 'array', of: object({}) },
    { kind: 'array', of: byKind(UNDEFINED, NUMBER) },
    { kind: 'array', of: { kind: 'array', of: { kind: 'array', of: STRING } } },
  ],
  tuple: [
    { kind: 'tuple', elements: [{ shape: NUMBER }, { shape: STRING, optional: true }] },
    { kind: 'tuple', elements: [{ shape: STRING }, { shape: NULL, rest: true }, { shape: NUMBER }] },
  ],
  object: [
    object({ a: NUMBER, b: STRING, c: { kind: 'boolean' } }),
    object({ a: NUMBER, b: STRING, c: byKind(NULL, UNDEFINED, STRING) }, ['a', 'b', 'c']),
    { kind: 'object', members: [], index: { of: NUMBER } },
    { kind: 'object', members: [{ name: 'id', shape: STRING }], index: { of: NULL, keys: ['^k-[^]*$'] } },
  ],
  map: [
    { kind: 'map', key: STRING, value: NUMBER },
    { kind: 'map', key: NULL, value: NULL },
  ],
  set: [
    { kind: 'set', of: STRING },
    { kind: 'set', of: { kind: 'literals', values: [text('a'), text('b')] } },
  ],
  date: [{ kind: 'date' }],
  url: [{ kind: 'url' }],
  regexp: [{ kind: 'regexp' }],
  bytes: BYTES.map((type) => ({ kind: 'bytes', type })),
  error: [{ kind: 'error' }],
  json: [{ kind: 'json' }, { kind: 'json', mutable: true }],
  shared: [{ kind: 'shared', of: { kind: 'array', of: STRING } }],
  union: [
    byKind(NULL, STRING, NUMBER, { kind: 'array', of: NUMBER }, { kind: 'date' }),
    {
      kind: 'union',
      members: ['circle', 'square'].map((kind) => ({
        test: { by: 'literal', property: 'kind', values: [text(kind)] },
        shape: object({ kind: { kind: 'literal', literal: text(kind) }, size: NUMBER }),
      })),
    },
    {
      kind: 'union',
      members: [
        { test: { by: 'property', property: 'p' }, shape: object({ p: STRING }) },
        { test: { by: 'else' }, shape: object({ q: NUMBER }) },
      ],
    },
    {
      kind: 'union',
      members: [
        { test: { by: 'match' }, shape: { kind: 'tuple', elements: [{ shape: NUMBER }, { shape: NUMBER }] } },
        { test: { by: 'match' }, shape: { kind: 'tuple', elements: [{ shape: NUMBER }] } },
      ],
    },
  ],
  ref: [NODE, { kind: 'ref', name: 'src/a.Nest' }, { kind: 'ref', name: 'src/a.Dictionary' }],
}

export const SHAPES: readonly Shape[] = Object.values(ZOO).flat()
