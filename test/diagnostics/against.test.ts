/**
 * A deployed version against today's: which changes break callers that were built with it, at which path, in which direction, and
 * which don't. Each case is a type that was and a type that is, as a parameter and as a result.
 */
import { afterAll, describe, expect, test } from 'vitest'
import type { Manifest } from '../../runtime/manifest.ts'
import { createManifest } from '../../transformer/codegen/manifest.ts'
import { type Comparison, compareWithManifest } from '../../transformer/compare/index.ts'
import { openProject } from '../analyse/project.ts'

const project = openProject()
afterAll(() => project[Symbol.dispose]())

type Files = Readonly<Record<string, string>>

function manifestOf(files: Files): Manifest {
  project.write(files)
  const { model, diagnostics } = project.analyse()
  expect(diagnostics.filter((each) => each.severity === 'error')).toEqual([])
  const declaration = { file: 'src/main.ts', start: 0, end: 0 }
  const own = { className: 'Shop', file: 'src/main.ts', exportName: 'Shop', declaration, dependencies: [], reaches: [] }
  const components = model.components.map((each) => each.name)
  const app = {
    kind: 'run' as const,
    file: 'src/main.ts',
    root: { name: 'src/main.Shop', implementation: own },
    components,
  }
  const manifest = createManifest(model, app, { version: 'v1', name: 'shop', entry: 'main.mjs' })
  // As it is read from a file.
  return JSON.parse(JSON.stringify(manifest)) as Manifest
}

function against(before: Files, after: Files): Comparison {
  const old = manifestOf(before)
  project.write(after)
  return compareWithManifest({ old, model: project.analyse().model, app: undefined, read: (file) => after[file] })
}

const text = (body: string): Files => ({
  'src/a.ts': `import type { Component, Json, Key, Shared } from 'weavets'\n${body}\n`,
})
const cart = (members: string, types = ''): Files =>
  text(`${types}\nexport interface A extends Component { ${members} }`)
const found = (before: Files, after: Files): string[] =>
  against(before, after).diagnostics.map(
    ({ code, path, file, line, column }) => `${code} ${path} ${file}:${line}:${column}`,
  )
const says = (before: Files, after: Files): string[] =>
  against(before, after).diagnostics.map((each) => `${each.code} ${each.message}`)

describe('one type', () => {
  /** What was, what is, the code for a parameter, the code for a result. */
  test.for([
    ['string', 'string', '', ''],
    ['number', 'string', 'WV4001', 'WV4001'],
    ['string', 'string | null', '', 'WV4006'],
    ['string | null', 'string', 'WV4006', ''],
    ["'a' | 'b'", "'a' | 'b' | 'c'", '', 'WV4006'],
    ["'a' | 'b' | 'c'", "'a' | 'b'", 'WV4006', ''],
    ["'a'", 'string', '', 'WV4001'],
    ["'a' | 'b'", 'string', '', 'WV4001'],
    ['boolean', 'true', 'WV4006', ''],
    ['boolean | string', 'string', 'WV4006', ''],
    ['{ a: string }', '{ a: string; b?: number }', '', ''],
    ['{ a: string }', '{ a: string; b: number }', 'WV4003', ''],
    ['{ a: string; b: number }', '{ a: string }', '', 'WV4005'],
    ['{ a: string; b?: number }', '{ a: string }', '', ''],
    ['{ a: string; b?: number }', '{ a: string; b: number }', 'WV4003', ''],
    ['{ a: string; b: number }', '{ a: string; b?: number }', '', 'WV4005'],
    ['{ a: string }', '{ a: string; b: number | undefined }', '', ''],
    ['{ a: { b: string }[] }', '{ a: { b: number }[] }', 'WV4001', 'WV4001'],
    ['string[]', 'Set<string>', 'WV4001', 'WV4001'],
    ['[string, string]', 'string[]', '', 'WV4001'],
    ['[string]', '[string, number]', 'WV4001', 'WV4001'],
    ['[string]', '[string, number?]', '', 'WV4001'],
    ['Map<string, number>', 'Map<string, string>', 'WV4001', 'WV4001'],
    ['Record<string, number>', 'Record<string, string>', 'WV4001', 'WV4001'],
    ['{ a: number }', 'Record<string, number>', '', 'WV4005'],
    ['Uint8Array', 'Float64Array', 'WV4001', 'WV4001'],
    ['{ a: string }', 'Json', '', 'WV4001'],
    ['Date', 'Json', 'WV4001', 'WV4001'],
    ['{ a: string }', 'Shared<{ a: string }>', '', ''],
    [
      "{ kind: 'a'; x: string } | { kind: 'b' }",
      "{ kind: 'a'; x: string } | { kind: 'b' } | { kind: 'c' }",
      '',
      'WV4006',
    ],
    ["{ kind: 'a'; x: string } | { kind: 'b' }", "{ kind: 'a'; x: number } | { kind: 'b' }", 'WV4001', 'WV4001'],
    ['AsyncIterable<string>', 'AsyncIterable<number>', 'WV4001', 'WV4001'],
  ])('%s → %s', ([was, is, parameter, result]) => {
    const codes = (before: Files, after: Files) =>
      against(before, after)
        .diagnostics.map((each) => each.code)
        .join(' ')
    const took = (type: string) => cart(`put(it: ${type}): Promise<void>`)
    const gave = (type: string) => cart(type.startsWith('Async') ? `get(): ${type}` : `get(): Promise<${type}>`)
    expect(codes(took(was!), took(is!))).toBe(parameter)
    expect(codes(gave(was!), gave(is!))).toBe(result)
  })
})

describe('where', () => {
  const types = (line: string) =>
    `export interface Line { product: string; ${line} }\nexport type Order = { lines: Line[]; to: { street: string } }`

  test('the member that was changed, by its path, once for all the methods that reach it', () => {
    const methods = 'put(order: Order): Promise<void>; also(orders: Order[]): Promise<void>; last(): Promise<Line>'
    const { diagnostics } = against(cart(methods, types('quantity: number')), cart(methods, types('quantity: bigint')))
    const [first, ...others] = diagnostics
    expect(first).toMatchObject({
      code: 'WV4001',
      file: 'src/a.ts',
      line: 2,
      column: 42,
      path: 'also(orders)[].lines[].quantity',
    })
    expect(first?.message).toBe("'A.also(orders)[].lines[].quantity' was 'number', and is 'bigint' now.")
    expect(first?.why).toBe('callers that were built with version v1 still send the old form')
    expect(first?.related.map((each) => each.message)).toEqual([
      "also reached by 'A.last().quantity'",
      "also reached by 'A.put(order).lines[].quantity'",
    ])
    expect(others).toEqual([])
  })

  test('a member inside an alias, a parameter, a literal of the signature, or the method', () => {
    const methods = 'put(order: Order): Promise<void>'
    const changed = types('quantity: number').replace('street: string', 'street: string[]')
    expect(found(cart(methods, types('quantity: number')), cart(methods, changed))).toEqual([
      'WV4001 put(order).to.street src/a.ts:3:44',
    ])
    expect(found(cart('put(a: string): Promise<void>'), cart('put(a: string, b: number): Promise<void>'))).toEqual([
      'WV4003 put(b) src/a.ts:3:55',
    ])
    expect(found(cart('put(a: { b: string }): Promise<void>'), cart('put(a: { b: number }): Promise<void>'))).toEqual([
      'WV4001 put(a).b src/a.ts:3:49',
    ])
    expect(found(cart('get(): Promise<string>'), cart('get(): Promise<number>'))).toEqual([
      'WV4001 get() src/a.ts:3:40',
    ])
  })

  test('a recursive type ends, a large union is quick', () => {
    const tree = (value: string) => `export interface Tree { value: ${value}; children: Tree[]; parent?: Tree }`
    expect(
      found(cart('get(): Promise<Tree>', tree('string')), cart('get(): Promise<Tree>', tree('number'))),
    ).toHaveLength(1)
    const events = (last: string) =>
      `export type Event = ${Array.from({ length: 200 }, (_, at) => `{ type: 'e${at}'; next?: Event; value: ${at === 199 ? last : 'string'} }`).join(' | ')}`
    const { diagnostics } = against(
      cart('get(): Promise<Event>', events('string')),
      cart('get(): Promise<Event>', events('number')),
    )
    expect(diagnostics.map((each) => `${each.code} ${each.path}`)).toEqual(['WV4001 get().value'])
  })
})

describe('methods and components', () => {
  test('parameters: added, optional, removed, in another order, spread', () => {
    const put = (parameters: string) => cart(`put(${parameters}): Promise<void>`)
    expect(says(put('a: string'), put('a: string, b?: number'))).toEqual([])
    expect(says(put('a: string, b?: number'), put('a: string, b: number'))).toEqual([
      "WV4003 'A.put(b)' was optional, and is required now.",
    ])
    expect(says(put('a: string, b: number'), put('a: string'))).toEqual([
      "WV4001 'A.put(b)' was 'b: number', and is gone.",
    ])
    expect(says(put('a: string, b: string'), put('b: string, a: string'))).toEqual([
      "WV4001 'A.put(…)' was '(a: string, b: string)', and is '(b: string, a: string)' now.",
    ])
    expect(says(put('a: string, b: string'), put('...all: string[]'))).toEqual([])
    expect(says(put('...all: string[]'), put('...all: number[]'))).toEqual([
      "WV4001 'A.put(...all)[]' was 'string', and is 'number' now.",
    ])
    expect(says(put('a: string'), put('renamed: string'))).toEqual([])
  })

  test('gone, renamed, moved', () => {
    expect(says(cart('a(): Promise<void>; b(): Promise<void>'), cart('a(): Promise<void>'))).toEqual([
      "WV4002 'A.b' is gone.",
    ])
    expect(says(cart('put(a: string): Promise<void>'), cart('add(b: string): Promise<void>'))).toEqual([
      "WV4002 'A.put' is called 'add' now.",
    ])
    const moved = { 'src/b.ts': cart('a(): Promise<void>')['src/a.ts']! }
    expect(says(cart('a(): Promise<void>'), moved)).toEqual(["WV4004 The component 'src/a.A' is called 'src/b.A' now."])
    expect(says({ ...cart('a(): Promise<void>') }, text('export const a = 1'))).toEqual([
      "WV4004 The component 'src/a.A' is gone.",
    ])
  })

  test('policies', () => {
    const put = (doc: string, user = 'Key<string>', shop = 'string') =>
      cart(`\n/** ${doc} */\nput(user: ${user}, shop: ${shop}): Promise<void>`)
    expect(says(put('@idempotent @timeout 2s'), put('@timeout 1s'))).toEqual([
      "WV4007 'A.put' was idempotent, and is not any more.",
      "WV4009 'A.put' has 1000 ms now, and had 2000 ms.",
    ])
    expect(says(put('@timeout 1s'), put('@idempotent @timeout 2s'))).toEqual([])
    expect(says(put(''), put('', 'string', 'Key<string>'))).toEqual([
      "WV4008 'A.put' was routed by 'user', and is routed by 'shop' now.",
    ])
    expect(says(put(''), put('', 'string'))).toEqual([
      "WV4008 'A.put' was routed by 'user', and is not routed any more.",
    ])
  })

  test('what callers do not notice is listed apart', () => {
    const before = cart('put(a: { b: string }): Promise<void>')
    const after = cart('put(a: { b: string; c?: string }): Promise<void>; more(): Promise<void>')
    const other = {
      ...after,
      'src/b.ts': cart('a(): Promise<void>')['src/a.ts']!.replace('interface A', 'interface B'),
    }
    expect(against(before, other)).toEqual({
      diagnostics: [],
      compatible: [
        { component: 'src/a.A', method: 'put', message: "'A.put' has changed in a way that its callers don't notice." },
        { component: 'src/a.A', method: 'more', message: "'A.more' is new." },
        { component: 'src/b.B', method: null, message: "The component 'B' is new." },
      ],
    })
  })

  test('nothing has changed', () => {
    const same = cart(
      'put(a: Key<string>, b: Json, ...c: Date[]): Promise<Map<string, Set<URL>>>; all(): AsyncIterable<string>',
    )
    expect(against(same, same)).toEqual({ diagnostics: [], compatible: [] })
  })
})
