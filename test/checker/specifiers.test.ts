/** What a text may import: never less than it does. */
import { describe, expect, test } from 'vitest'
import { candidatesOf, mayAugment, specifiersIn } from '../../transformer/checker/specifiers.ts'

describe('names in a text', () => {
  test.each<[text: string, imported: string[], required?: string[]]>([
    ["import { a } from './a.ts'", ['./a.ts']],
    ["import './a.ts'", ['./a.ts']],
    ['import type A from"./a.ts"', ['./a.ts']],
    ['export * from \'./a.ts\'; export { b } from "b"', ['./a.ts', 'b']],
    ["type A = import('./a.ts').A; const b = await import(`b`)", ['./a.ts', 'b']],
    ["import defer * as a from './a.ts'; import.defer('b')", ['./a.ts', 'b']],
    ["import a = require('./a.ts')", [], ['./a.ts']],
    ["import {\n  a, // from 'here'\n} from /* b */ // c\n  './a.ts'", ['here', './a.ts']],
    ["/* don't */ import a from './a.ts' // it's", ['./a.ts']],
    ["/* from ' */ import a from './a.ts'", [' */ import a from ', './a.ts']],
    ["import ( /* from */ './a.ts' )", ['./a.ts']],
    ['const text = "from"; const other = from; from()', []],
  ])('%s', (text, imported, required = []) => {
    expect(specifiersIn(text)).toEqual({ imported, required, referenced: [], doubtful: false })
  })

  test('paths of references', () => {
    expect(specifiersIn('/// <reference path="a.d.ts" />\n/// <reference types="node" />').referenced).toEqual([
      'a.d.ts',
    ])
  })

  test('an escape is a doubt', () => {
    expect(specifiersIn("import a from '\\u002e/a.ts'").doubtful).toBe(true)
    expect(specifiersIn("const text = '\\n'; import a from './a.ts'").doubtful).toBe(false)
  })

  // Each of them took minutes when every word looked at all that follows it.
  test.each([
    ['comments', `import ${'/* */ // ( \n'.repeat(20_000)} x`],
    ['comments that nothing ends', 'from /* '.repeat(100_000)],
    ['comments in comments', `from ${'//from\n'.repeat(100_000)}`],
    ['one comment', 'module // '.repeat(100_000)],
    ['one comment, and more', `${'from // '.repeat(50_000)}\n${'//from\n'.repeat(50_000)}/*`],
    ['brackets', 'from('.repeat(100_000)],
    ['strings that nothing ends', `from " from ' from \`\n`.repeat(50_000)],
  ])('are read at once among many %s', (_, text) => {
    const startedMs = performance.now()
    expect(specifiersIn(text)).toMatchObject({ required: [], referenced: [] })
    expect(mayAugment(text)).toBe(false)
    expect(performance.now() - startedMs).toBeLessThan(5_000)
  })
})

test.each([
  ['declare global { var a: 1 }', true],
  ["declare module /* a */ 'x' {}", true],
  ['declare module // a\n "x" {}', true],
  ['export as /* */ namespace X', true],
  ['export as\nnamespace X', true],
  ['const global = 1; import a as b', false],
  ['asnamespace; as namespaces', false],
])('whether %j speaks of what nobody imports', (text, expected) => {
  expect(mayAugment(text)).toBe(expected)
})

test.each([
  ['/app/src/main.ts', './cart.ts', '/app/src/cart.ts'],
  ['/app/src/main.ts', './cart.js', '/app/src/cart.tsx'],
  ['/app/src/main.ts', '../lib/cart.mjs', '/app/lib/cart.mts'],
  ['/app/src/main.ts', './cart', '/app/src/cart.d.ts'],
  ['/app/src/main.ts', '.', '/app/src/index.ts'],
  ['/app/src/main.ts', './cart.css', '/app/src/cart.d.css.ts'],
  ['/app/src/main.ts', '/app/types/cart.js', '/app/types/cart.d.ts'],
])("in '%s', '%s' may be '%s'", (from, specifier, path) => {
  expect(candidatesOf(from, specifier)).toContain(path)
})
