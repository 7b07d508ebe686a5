/** How far types may lead: what is finite crosses, however long and deep; what isn't, or what comes in thousands of forms, is one report, and soon. */
import { afterAll, expect, test } from 'vitest'
import { openProject } from './project.ts'

const project = openProject()
afterAll(() => project[Symbol.dispose]())

const range = (length: number): number[] => [...Array(length).keys()]

function analysed(parameter: string, files: Readonly<Record<string, string>>) {
  project.write({
    'src/types.ts': 'export {}',
    ...files,
    'src/x.ts': `import type { Component } from 'weavets'\nimport type * as types from './types.ts'\nimport type * as many from 'many'
export interface X extends Component { put(a: ${parameter}): Promise<void> }\n`,
  })
  return project.analyse()
}

test('a generic type inside itself forty times, with other arguments each time, is no endless one', () => {
  const links = range(40).map(
    (at) => `export interface Link${at} { readonly at: ${at}; readonly on?: Held<Link${at + 1}> }`,
  )
  const text = `export type Held<T> = { readonly held: T; readonly since: number }\nexport interface Link40 { readonly at: 40 }\n${links.join('\n')}\n`
  const { model, diagnostics } = analysed('types.Held<types.Link0>', { 'src/types.ts': text })
  expect(diagnostics).toEqual([])
  expect(Object.keys(model.definitions).filter((name) => name.startsWith('src/types.Held<'))).toHaveLength(41)
})

test('a chain of more types than a stack has room for', () => {
  const links = range(2_000).map(
    (at) => `export interface Link${at} { readonly next: Link${at + 1}; readonly at: ${at} }`,
  )
  const text = `export interface Link2000 { readonly end: true }\n${links.join('\n')}\n`
  const { model, diagnostics } = analysed('types.Link0', { 'src/types.ts': text })
  expect(diagnostics).toEqual([])
  expect(Object.keys(model.definitions)).toHaveLength(2_001)
})

test.each([
  ['Up', `interface Up<S extends string> { next?: Up<\`x\${S}\`>; v: S }`, "types.Up<'a'>"],
  ['Count', "interface Count<N extends unknown[]> { next?: Count<[...N, 0]>; n: N['length'] }", 'types.Count<[]>'],
  ['Wide', "interface Wide<T> { next?: Wide<T[] | 'x'>; v: T }", 'types.Wide<1>'],
])('%s, whose arguments grow in another way than in depth, is endless', (name, declared, parameter) => {
  const { diagnostics } = analysed(parameter, { 'src/types.ts': `export ${declared}\n` })
  expect(diagnostics.map(({ message }) => message)).toEqual([
    expect.stringMatching(new RegExp(`contains '${name}', which expands without end\\.$`)),
  ])
})

/** As schema-dts has it: each property is a form of one generic type, over unions of hundreds of classes. */
function manyForms(): string {
  const classes = range(250)
  const members = (of: number) => range(4).map((at) => `p${of}_${at}?: Value<Any | Own${of}, 'p${of}_${at}'>`)
  return `type Value<T, Name extends string> = T | Role<T, Name> | readonly (T | Role<T, Name>)[]
interface Role<T, Name extends string> { '@type': 'Role'; name: Name; value: T }
export type Any = ${classes.map((at) => `Class${at}`).join(' | ')}
${classes.map((at) => `export interface Own${at} { '@type': 'Own${at}' }\nexport interface Class${at} { '@type': 'Class${at}'; ${members(at).join('; ')} }`).join('\n')}\n`
}

test('a thousand forms of one type over a union of hundreds are one report, which names the answer that works', () => {
  const files = {
    'node_modules/many/package.json': '{ "name": "many", "types": "index.d.ts" }',
    'node_modules/many/index.d.ts': manyForms(),
  }
  const { diagnostics } = analysed('many.Any', files)
  expect(diagnostics.map(({ code, message }) => `${code} ${message}`)).toEqual([
    "WV2009 'put(a)' contains 'Value', which expands too far.",
  ])
  const fix = "say in weave.config.ts that it is Json wherever it occurs: types: { 'many.Value': 'json' }"
  expect(diagnostics[0]).toMatchObject({ fix })
  const answered = project.analyse({ types: { 'many.Value': 'json' } })
  expect(answered.diagnostics).toEqual([])
  expect(answered.model.definitions['many/index.Class7']).toMatchObject({
    members: [
      { name: '@type' },
      ...range(4).map((at) => ({ name: `p7_${at}`, shape: { kind: 'json' }, optional: true })),
    ],
  })
})
