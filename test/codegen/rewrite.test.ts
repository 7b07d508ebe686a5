/** Text in, text out: what is spliced and what is left alone. */
import { describe, expect, test } from 'vitest'
import { rewriteText } from '../../transformer/codegen/rewrite.ts'
import type { Rewrite } from '../../transformer/model.ts'

const file = 'src/main.ts'

/** A rewrite of where `found` stands in `text`. */
function argument(text: string, found: string, given: number, position: number): Rewrite {
  const start = text.indexOf(found)
  return {
    kind: 'argument',
    file,
    start,
    end: start + found.length,
    arguments: given,
    position,
    text: '"src/cart.Cart"',
  }
}

describe('an argument', () => {
  test.each<[string, string, number, number, string]>([
    ['get<Cart>()', 'get<Cart>()', 0, 0, 'get<Cart>("src/cart.Cart")'],
    ['startApp()', 'startApp()', 0, 1, 'startApp(undefined, "src/cart.Cart")'],
    ['provide<Cart>(f)', 'provide<Cart>(f)', 1, 1, 'provide<Cart>(f, "src/cart.Cart")'],
    ['provide<Cart>(f,)', 'provide<Cart>(f,)', 1, 1, 'provide<Cart>(f, "src/cart.Cart")'],
    ['fake(\n  x, // last\n)', 'fake(\n  x, // last\n)', 1, 1, 'fake(\n  x, // last\n "src/cart.Cart")'],
    ['fake(x, /* , */)', 'fake(x, /* , */)', 1, 1, 'fake(x, /* , */ "src/cart.Cart")'],
    ['f(get<A>()).b', 'get<A>()', 0, 0, 'f(get<A>("src/cart.Cart")).b'],
  ])('%j', (text, found, given, position, expected) => {
    expect(rewriteText(text, [argument(text, found, given, position)], '')).toBe(expected)
  })
})

test('a replaced root, its import, and the text at the end', () => {
  const text = "import { Shop } from './shop.ts'\nawait run(Shop)"
  const at = text.lastIndexOf('Shop')
  const rewrites: Rewrite[] = [
    { kind: 'replace', file, start: at, end: at + 4, text: '__weave_app' },
    { kind: 'type-import', file, start: 0, end: 32 },
  ]
  expect(rewriteText(text, rewrites, '\nfunction __weave_app() {}\n')).toBe(
    "import type { Shop } from './shop.ts'\nawait run(__weave_app)\n\nfunction __weave_app() {}\n",
  )
})

test.each([
  ["import Shop from './shop.ts'", "import type Shop from './shop.ts'"],
  ["import * as shop from './shop.ts'", "import type * as shop from './shop.ts'"],
  ["import { Shop, type Options, Other } from './shop.ts'", "import type { Shop,  Options, Other } from './shop.ts'"],
  ["import { type Options as O, Shop } from './shop.ts'", "import type {  Options as O, Shop } from './shop.ts'"],
  ["import { type as Shop, type } from './shop.ts'", "import type { type as Shop, type } from './shop.ts'"],
  ["import Shop, { type Options } from './shop.ts'", "import type { default as Shop,  Options } from './shop.ts'"],
  [
    "import Shop, // the root\n  {\n  type Options,\n} from './shop.ts'",
    "import type { // the root\n  default as Shop,\n   Options,\n} from './shop.ts'",
  ],
])('an import of types: %s', (text, expected) => {
  expect(rewriteText(text, [{ kind: 'type-import', file, start: 0, end: text.length }], '')).toBe(expected)
})

test('no line moves', () => {
  const text = 'run(\n  Shop\n    .prototype,\n)\nnext()\n'
  const start = text.indexOf('Shop')
  const end = text.indexOf(',')
  const result = rewriteText(text, [{ kind: 'replace', file, start, end, text: '__weave_app' }], '')
  expect(result).toBe('run(\n  __weave_app\n,\n)\nnext()\n')
  expect(result.split('\n').indexOf('next()')).toBe(text.split('\n').indexOf('next()'))
})

test('what can not be right is refused', () => {
  const overlap: Rewrite[] = [
    { kind: 'replace', file, start: 0, end: 4, text: 'a' },
    { kind: 'replace', file, start: 3, end: 6, text: 'b' },
  ]
  expect(() => rewriteText('0123456', overlap, '')).toThrow('Two rewrites overlap, at 0–4 and 3–6')
  expect(() => rewriteText('get() ', [{ ...argument('get() ', 'get() ', 0, 0) }], '')).toThrow("expected ')' at 5")
  expect(() => rewriteText('export {}', [{ kind: 'type-import', file, start: 0, end: 9 }], '')).toThrow(
    "expected 'import' at 0",
  )
  expect(() => rewriteText('a', [{ kind: 'replace', file, start: 0, end: 1, text: 'a\nb' }], '')).toThrow(
    'would add 1 lines',
  )
})

test('nothing to do changes nothing', () => {
  expect(rewriteText('a\r\nb', [], '')).toBe('a\r\nb')
})
