/** What weave.config.ts answers for types that nobody here can change: json, omit, codecs; and what a report about such a type advises. */
import { afterAll, describe, expect, test } from 'vitest'
import type { TypeAnswer } from '../../runtime/config/configuration.ts'
import { describeModel } from './notation.ts'
import { openProject } from './project.ts'

const project = openProject()
afterAll(() => project[Symbol.dispose]())

const luxon = `export class DateTime { private readonly ts: number; toISO(): string; static fromISO(text: string): DateTime }
export interface Span { from: DateTime; note: any; onChange?: () => void; deep: { inside: unknown; list: Array<{ fn(): void }> } }
export type Settings = { anything: unknown }
export interface Loose { [key: string]: unknown; id?: string }
`
const stripe = `export namespace Stripe { interface Event { id: string; data: any; readonly [Symbol.toStringTag]: string } }\n`
const packages = {
  'node_modules/@types/luxon/package.json': '{ "name": "@types/luxon", "types": "index.d.ts" }',
  'node_modules/@types/luxon/index.d.ts': `export * from './src/datetime'\n`,
  'node_modules/@types/luxon/src/datetime.d.ts': luxon,
  'node_modules/stripe/package.json': '{ "name": "stripe", "types": "index.d.ts" }',
  'node_modules/stripe/index.d.ts': stripe,
}
const codecs = `import type { DateTime } from 'luxon'
import type { Codec } from 'weavets'
export const dateTime: Codec<DateTime, string> = { encode: (value) => value.toISO(), decode: () => null! }
export const loose = { encode(value: DateTime) { return value.toISO() as string | null }, decode(wire: string): DateTime { return null! }, is: (value: unknown) => true }
export const sole = { encode: () => null, decode: () => null! as DateTime, is: (value: unknown) => true }
export const wrong: Codec<Date, string> = null!
export const none = 1
`

function analysed(parameter: string, types: Record<string, TypeAnswer> = {}, more: Record<string, string> = {}) {
  project.write({
    ...packages,
    'src/codecs.ts': codecs,
    'src/x.ts': `import type { DateTime, Loose, Span, Settings } from 'luxon'\nimport type { Stripe } from 'stripe'\nimport type { Component } from 'weavets'
import type * as own from './own.ts'
export interface X extends Component { put(a: ${parameter}): Promise<void> }\n`,
    'src/own.ts': more['src/own.ts'] ?? 'export {}\n',
    ...more,
  })
  const { model, diagnostics } = project.analyse({ types })
  const [line] = describeModel(model, 'src/x').filter((each) => each.startsWith('X.put'))
  return {
    line: line?.replace('X.put(a: ', '').replace('): undefined', ''),
    type: (name: string) => model.definitions[name],
    model,
    texts: diagnostics.map(({ code, message }) => `${code} ${message}`),
    fixes: diagnostics.map(({ fix }) => fix),
  }
}

describe('a codec for a package class', () => {
  const types = (codec: string, name = 'luxon.DateTime') => ({ [name]: { codec } })

  test('by package, by module, by its own name', () => {
    for (const name of ['luxon.DateTime', '@types/luxon/src/datetime.DateTime', 'DateTime']) {
      const { line, type, model, texts } = analysed('DateTime[]', types('src/codecs.dateTime', name))
      expect(texts).toEqual([])
      expect(line).toBe('@types/luxon/src/datetime.DateTime[]')
      expect(type('@types/luxon/src/datetime.DateTime')).toEqual({
        kind: 'custom',
        codec: 'src/codecs.dateTime',
        of: { kind: 'string' },
      })
      expect(model.codecs).toEqual([
        { name: 'src/codecs.dateTime', file: 'src/codecs.ts', exportName: 'dateTime', member: undefined },
      ])
    }
  })

  test('any object with the two methods; one that tells its values may stand in a union of objects', () => {
    const found = analysed('DateTime | { id: string }', types('src/codecs.loose'))
    expect(found.texts).toEqual([])
    expect(found.type('@types/luxon/src/datetime.DateTime')).toMatchObject({ of: { kind: 'string' }, tells: true })
    const sole = analysed('DateTime | { id: string }', types('src/codecs.sole'))
    expect(sole.type('@types/luxon/src/datetime.DateTime')).toMatchObject({ of: { kind: 'null' }, tells: true })
    expect(analysed('DateTime | null | string', types('src/codecs.dateTime')).texts).toEqual([])
    const mixed = analysed('DateTime | { id: string }', types('src/codecs.dateTime'))
    expect(mixed.texts).toEqual([
      "WV2007 'put(a)' is a union in which nothing at run time tells 'DateTime' from '{ id }'.",
    ])
    expect(mixed.fixes).toEqual([
      "give the codec of 'DateTime' a method 'is(value)', which tells its values from others; 'satisfies Codec<…>' behind it, in place of ': Codec<…>', lets its type have that",
    ])
  })

  test.each([
    ['src/codec.dateTime', "there is no module 'src/codec'", "did you mean 'src/codecs.dateTime'?"],
    [
      'dateTime',
      "there is no module 'dateTime'",
      "write the module's path from the root and the name: 'src/codecs.money'",
    ],
    ['src/codecs.datetime', "'src/codecs' exports nothing of that name", "did you mean 'src/codecs.dateTime'?"],
    ['src/codecs.none', "which has no 'encode' and 'decode'", "declare it as 'Codec<DateTime, …>'"],
    ['src/codecs.wrong', "which is for 'Date'", "declare it as 'Codec<DateTime, …>'"],
  ])('%s is refused', (codec, why, fix) => {
    const { texts, fixes } = analysed('DateTime', types(codec))
    expect(texts).toHaveLength(1)
    expect(texts[0]).toContain(
      `WV2019 'put(a)' has a codec that cannot be used: weave.config.ts gives it the codec '${codec}', `,
    )
    expect(texts[0]).toContain(why)
    expect(fixes).toEqual([fix])
  })
})

describe('json and omit', () => {
  test('members, also within members, and whole types', () => {
    const { line, type, texts } = analysed('Span & { more: Stripe.Event; all: Settings }', {
      'luxon.DateTime': 'json',
      'Span.note': 'json',
      'luxon.Span.onChange': 'omit',
      'Span.deep.inside': 'json',
      'Span.deep.list': 'omit',
      'stripe.Stripe.Event.data': 'json',
      'Stripe.Event.[toStringTag]': 'omit',
      Settings: 'json',
    })
    expect(texts).toEqual([])
    expect(line).toBe(
      '{ all: json; deep: { inside: json; omitted }; from: json; more: stripe/index.Stripe.Event; note: json; omitted }',
    )
    expect(type('stripe/index.Stripe.Event')).toMatchObject({
      members: [{ name: 'data', shape: { kind: 'json', mutable: true } }, { name: 'id' }],
      omitted: true,
    })
  })

  test("what a foreign type's index holds, by the package or by the type", () => {
    const { texts, fixes } = analysed('Loose')
    expect(texts).toEqual(["WV2003 'put(a)[key]' is 'unknown', which says too little to encode."])
    expect(fixes).toEqual([
      "say in weave.config.ts that what 'luxon' leaves open is Json: types: { 'luxon': 'json' }; or that the type alone is: 'luxon.Loose': 'json'",
    ])
    const { type, texts: left } = analysed('Loose', { luxon: 'json' })
    expect(left).toEqual([])
    expect(type('@types/luxon/src/datetime.Loose')).toMatchObject({
      members: [{ name: 'id' }],
      index: { of: { kind: 'json', mutable: true } },
    })
    expect(analysed('Loose', { 'luxon.Loose': 'json' }).line).toBe('json')
  })

  test('a type that is omitted leaves its members out, and can be nothing else', () => {
    const own = {
      'src/own.ts':
        'export interface Handle { close(): void }\nexport interface Order { id: string; handle: Handle }\n',
    }
    expect(analysed('own.Order', { Handle: 'omit' }, own).type('src/own.Order')).toMatchObject({
      members: [{ name: 'id' }],
      omitted: true,
    })
    expect(analysed('own.Handle[]', { 'src/own.Handle': 'omit' }, own).texts).toEqual([
      "WV2003 'put(a)[]' is 'Handle', which weave.config.ts leaves out, and only a member can be left out.",
    ])
  })

  test('an inherited member is named by the interface that declares it, or by the one that inherits it', () => {
    const own = {
      'src/own.ts':
        'export interface Base { run(): void; id: string }\nexport interface Order extends Base { n: number }\n',
    }
    for (const name of ['Base.run', 'Order.run', 'src/own.Base.run']) {
      expect(analysed('own.Order', { [name]: 'omit' }, own).texts).toEqual([])
    }
    // Through a mapped type too.
    expect(analysed('Partial<own.Order>', { 'Base.run': 'omit' }, own).texts).toEqual([])
  })
})

describe('a package as a whole', () => {
  const unist = {
    'node_modules/@types/unist/package.json': '{ "name": "@types/unist", "types": "index.d.ts" }',
    'node_modules/@types/unist/index.d.ts':
      'export interface Data {}\nexport interface Node { type: string; data?: Data; any: any[]; one: unknown; obj: object; fn(): void }\n',
  }
  const put = (type: string, types: Record<string, TypeAnswer>) => analysed(`import('unist').${type}`, types, unist)

  test('what its types leave open is Json', () => {
    for (const name of ['unist', '@types/unist']) {
      const { texts, type } = put('Node', { [name]: 'json', 'Node.fn': 'omit' })
      expect(texts).toEqual([])
      expect(type('@types/unist/index.Node')).toMatchObject({
        members: [
          { name: 'any', shape: { kind: 'array', of: { kind: 'json', mutable: true } } },
          { name: 'data', shape: { kind: 'ref' } },
          { name: 'obj', shape: { kind: 'json' } },
          { name: 'one', shape: { kind: 'json' } },
          { name: 'type' },
        ],
      })
    }
    expect(put('Data', { unist: 'json' }).type('@types/unist/index.Data')).toEqual({ kind: 'json', mutable: true })
  })

  test('or what cannot cross is left out', () => {
    const { texts, type } = put('Node', { unist: 'omit' })
    expect(texts).toEqual([])
    expect(type('@types/unist/index.Node')).toMatchObject({
      members: [{ name: 'type', shape: { kind: 'string' } }],
    })
  })

  test('a misspelt one is told', () => {
    expect(put('Node', { unitst: 'json' }).fixes[0]).toBe("did you mean 'unist'?")
  })
})

describe('names that answer nothing', () => {
  test('did you mean', () => {
    expect(analysed('DateTime', { 'luxon.DateTme': 'json' })).toMatchObject({
      texts: [
        "WV3008 weave.config.ts: types: no type or member 'luxon.DateTme' crosses a boundary.",
        "WV2005 'put(a)' is an instance of the class 'DateTime', which would arrive without its methods and private state.",
      ],
      fixes: ["did you mean 'luxon.DateTime'?", expect.anything()],
    })
    expect(analysed('string', { Nothing: 'json' }).texts).toEqual([
      "WV3008 weave.config.ts: types: no type or member 'Nothing' crosses a boundary.",
    ])
  })

  test('two types of one name', () => {
    const files = { 'src/own.ts': 'export interface Span { a: any }\n' }
    const { texts, fixes } = analysed('[Span, own.Span]', { Span: 'json' }, files)
    expect(texts).toEqual(["WV3008 weave.config.ts: types: 'Span' is the name of 2 types."])
    expect(fixes).toEqual(["write one of '@types/luxon/src/datetime.Span', 'src/own.Span'"])
  })
})

test('a report about a type of a package says the line of weave.config.ts', () => {
  const { texts, fixes } = analysed('Span', {})
  expect(texts.map((text, at) => `${text} → ${fixes[at]}`)).toEqual([
    "WV2001 'put(a).note' is 'any': its shape is not known at build time. → say in weave.config.ts that what 'luxon' leaves open is Json: types: { 'luxon': 'json' }; or answer for the member alone: 'luxon.Span.note': 'json', or 'omit' to leave it out",
    "WV2003 'put(a).deep.inside' is 'unknown', which says too little to encode. → say in weave.config.ts that what 'luxon' leaves open is Json: types: { 'luxon': 'json' }; or answer for the member alone: 'luxon.Span.deep.inside': 'json', or 'omit' to leave it out",
    "WV2004 'put(a).deep.list[].fn' is a function, which cannot leave its process. → leave it out in weave.config.ts: types: { 'luxon.Span.deep.list.fn': 'omit' }",
    "WV2004 'put(a).onChange' is a function, which cannot leave its process. → leave it out in weave.config.ts: types: { 'luxon.Span.onChange': 'omit' }",
    "WV2005 'put(a).from' is an instance of the class 'DateTime', which would arrive without its methods and private state. → write a 'Codec<DateTime, …>', and name it in weave.config.ts: types: { 'luxon.DateTime': { codec: 'src/codecs.dateTime' } }; or leave it out: 'luxon.Span.from': 'omit'",
  ])
})

test('what a report advises is taken: the line works as it is written', () => {
  const types: Record<string, TypeAnswer> = {
    'luxon.Span.note': 'json',
    'luxon.Span.deep.inside': 'json',
    'luxon.Span.deep.list.fn': 'omit',
    'luxon.Span.onChange': 'omit',
    'luxon.DateTime': { codec: 'src/codecs.dateTime' },
  }
  expect(analysed('Span', types).texts).toEqual([])
})

describe('a class that its package exports under an alias only', () => {
  const more = {
    'node_modules/money/package.json': '{ "name": "money", "types": "index.d.ts" }',
    'node_modules/money/index.d.ts': `declare class DecimalImpl { private readonly units: bigint; toString(): string }
declare const BRAND: unique symbol
export type Decimal = DecimalImpl & { readonly [BRAND]: never }
export interface Price { id: string; amount: Decimal | null; tax?: Decimal; both: Decimal | undefined | null; all: Decimal[] }
`,
    'src/own.ts': `import type { Decimal, Price } from 'money'
import type { Codec } from 'weavets'
export const decimal: Codec<Decimal, string> = null!
export type Short = Omit<Price, 'all'>
export type { Decimal, Price }
`,
  }

  test('is refused by the name that can be imported, and the advice works to the letter', () => {
    const { texts, fixes } = analysed('own.Price', {}, more)
    expect(texts).toEqual([
      "WV2005 'put(a).amount' is an instance of the class 'DecimalImpl', which would arrive without its methods and private state.",
    ])
    expect(fixes).toEqual([
      "write a 'Codec<Decimal, …>', and name it in weave.config.ts: types: { 'money.Decimal': { codec: 'src/codecs.decimal' } }; or leave it out: 'money.Price.amount': 'omit'",
    ])
    const answered = analysed('own.Price', { 'money.Decimal': { codec: 'src/own.decimal' } }, more)
    expect(answered.texts).toEqual([])
  })

  test('takes a codec of the alias by the name of the class too', () => {
    expect(analysed('own.Price', { 'money.DecimalImpl': { codec: 'src/own.decimal' } }, more).texts).toEqual([])
    expect(analysed('own.Price', { 'money.Decimal': { codec: 'src/codecs.dateTime' } }, more).texts).toEqual([
      "WV2019 'put(a).amount' has a codec that cannot be used: weave.config.ts gives it the codec 'src/codecs.dateTime', which is for 'DateTime'.",
    ])
  })

  test('is left out of members that are it or nothing', () => {
    const { texts, model } = analysed('own.Short', { 'money.Decimal': 'omit' }, more)
    expect(texts).toEqual([])
    expect(JSON.stringify(model.definitions['src/own.Short'] ?? model.components[0]!.methods[0]!.parameters)).toContain(
      '"members":[{"name":"id","shape":{"kind":"string"}}],"omitted":true',
    )
  })
})
