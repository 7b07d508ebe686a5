/** Which types get functions and which a line in the table of types: by what the type itself weighs, whatever else there is. */
import { expect, test } from 'vitest'
import type { Definitions, Shape } from '../../runtime/shape.ts'
import { generateApp } from '../../transformer/codegen/app.ts'
import { WEIGHT_MAX } from '../../transformer/codegen/weight.ts'
import { codecOf, component, method, modelOf, parameter } from './evaluate.ts'

const ref = (name: string): Shape => ({ kind: 'ref', name })
/** An object of so many members: each weighs one, and the object one. */
const object = (members: number, more: Record<string, Shape> = {}): Shape => ({
  kind: 'object',
  members: [
    ...Array.from({ length: members }, (_, at) => ({ name: `m${at}`, shape: { kind: 'string' } as const })),
    ...Object.entries(more).map(([name, shape]) => ({ name, shape })),
  ],
})

/** Methods that take each of the types. */
function textOf(definitions: Definitions, roots: readonly string[]): string {
  const methods = roots.map((name, at) => method(`m${at}`, [parameter('value', ref(name))], ref(name)))
  const { model, app } = modelOf([component('src/x.X', methods)], { definitions })
  return generateApp(model, app, { version: '0', specifier: (file) => file })
}

const functionsIn = (text: string): string[] =>
  [...text.matchAll(/^function __weave_(?:encode|decode|copy)_(\w+)/gm)].map(([, name]) => name!)

test('small types keep their functions however many there are', () => {
  const names = Array.from({ length: 1000 }, (_, at) => `src/t${at}.T${at}`)
  const text = textOf(Object.fromEntries(names.map((name) => [name, object(30)])), names)
  expect(functionsIn(text)).toHaveLength(3000)
  expect(text).not.toContain('__weave.tableEncode')
})

test('a domain of fifty types that all know each other keeps its functions', () => {
  const names = Array.from({ length: 50 }, (_, at) => `src/d.D${at}`)
  const definitions = Object.fromEntries(
    names.map((name, at) => [name, object(30, { next: { kind: 'array', of: ref(names[(at + 1) % 50]!) } })]),
  )
  expect(functionsIn(textOf(definitions, names))).toHaveLength(150)
})

test("a type that isn't there changes nothing of one that is", () => {
  const small = { 'src/a.Small': object(20) }
  const large = { 'src/b.Large': object(WEIGHT_MAX) }
  const alone = textOf(small, ['src/a.Small'])
  const beside = textOf({ ...small, ...large }, ['src/a.Small', 'src/b.Large'])
  const code = (text: string) =>
    [...text.matchAll(/^function __weave_\w+_Small(?:.|\n)*?^}$/gm)].map(([found]) => found)
  expect(code(alone)).toHaveLength(3)
  expect(code(beside)).toEqual(code(alone))
  expect(functionsIn(beside)).toEqual(functionsIn(alone))
  expect(beside.length - alone.length).toBeLessThan(WEIGHT_MAX * 10)
})

test('one part more than the limit is coded by the table, to the same bytes', () => {
  const value = (members: number) => Object.fromEntries(Array.from({ length: members }, (_, at) => [`m${at}`, `${at}`]))
  for (const [members, table] of [
    [WEIGHT_MAX - 2, false],
    [WEIGHT_MAX - 1, true],
  ] as const) {
    const definitions = { 'src/a.A': object(members) }
    expect(textOf(definitions, ['src/a.A']).includes('__weave.tableEncode')).toBe(table)
    const codec = codecOf(ref('src/a.A'), definitions)
    const other = codecOf(ref('src/a.A'), definitions, { table: true })
    const bytes = codec.encode(value(members))
    expect(other.encode(value(members)).equals(bytes)).toBe(true)
    expect(other.decode(bytes)).toEqual(value(members))
  }
})

test('what a large type is made of has functions where it is passed by itself', () => {
  const definitions = { 'src/a.Part': object(10), 'src/b.Large': object(WEIGHT_MAX, { part: ref('src/a.Part') }) }
  expect(functionsIn(textOf(definitions, ['src/b.Large']))).toEqual([])
  expect(functionsIn(textOf(definitions, ['src/b.Large', 'src/a.Part']))).toEqual(['Part', 'Part', 'Part'])
})
