/**
 * Quick fixes where they are made: a source, the fix that is offered for it, and the text after it, to the byte; after it the
 * diagnostic is gone. Odd formatting on purpose: comments, several lines, CRLF, default exports, imports of all kinds.
 */
import { afterAll, describe, expect, test } from 'vitest'
import type { Diagnostic, Fix } from '../../transformer/diagnostics/diagnostic.ts'
import { applyEdits } from '../../transformer/diagnostics/fixes/apply.ts'
import { openProject } from '../analyse/project.ts'

const project = openProject({ moduleDetection: 'force', module: 'esnext', moduleResolution: 'bundler' })
afterAll(() => project[Symbol.dispose]())

type Files = Readonly<Record<string, string>>

function found(files: Files, code: string): Diagnostic {
  project.write(files)
  const diagnostic = project.analyse().diagnostics.find((each) => each.code === code)
  if (!diagnostic) throw new Error(`no ${code}: ${project.report().join('\n')}`)
  return diagnostic
}

function fixed(files: Files, { edits }: Fix): Record<string, string> {
  const after: Record<string, string> = { ...files }
  for (const file of new Set(edits.map((edit) => edit.file))) {
    after[file] = applyEdits(
      files[file] ?? '',
      edits.filter((edit) => edit.file === file),
    )
  }
  return after
}

/** The files after the first fix (or another) of the diagnostic with this code, which must be gone then. */
function mend(given: string | Files, code: string, at = 0): { text: string; files: Record<string, string>; fix: Fix } {
  const files = typeof given === 'string' ? { 'src/a.ts': given } : given
  const fix = found(files, code).fixes?.[at]
  if (!fix) throw new Error(`no fix ${at} for ${code}`)
  const after = fixed(files, fix)
  project.write(after)
  expect(project.report().filter((each) => each.startsWith(code))).toEqual([])
  expect(project.report().filter((each) => each.startsWith('WV9015'))).toEqual([])
  return { text: after['src/a.ts'] ?? '', files: after, fix }
}

const HEAD = "import type { Component } from 'weavets'\n"
const cart = (member: string): string => `${HEAD}export interface Cart extends Component {\n  ${member}\n}\n`

describe('return a promise', () => {
  test('in the interface and in the class, whatever stands around', () => {
    const { text, fix } = mend(
      `${HEAD}export interface Cart extends Component {
  total(
    user: string, // whose
  ): /* cents */ number
}
export class MemoryCart implements Cart {
  public /* now */ total(user: string): number {
    return user.length
  }
}
`,
      'WV1001',
    )
    expect(text).toBe(`${HEAD}export interface Cart extends Component {
  total(
    user: string, // whose
  ): /* cents */ Promise<number>
}
export class MemoryCart implements Cart {
  public /* now */ async total(user: string): Promise<number> {
    return user.length
  }
}
`)
    expect(fix).toMatchObject({ id: 'return-promise', title: "Return 'Promise<number>'", safe: false })
  })

  test.for([
    ['total() { return 1 }', 'async total() { return 1 }'],
    ["'total'() { return 1 }", "async 'total'() { return 1 }"],
    ['total = () => 1', 'total = async () => 1'],
    ['total = function () { return 1 }', 'total = async function () { return 1 }'],
    ['readonly total: () => number = () => 1', 'readonly total: () => Promise<number> = async () => 1'],
    ['total(): { a: 1 }["a"] { return 1 }', 'async total(): Promise<{ a: 1 }["a"]> { return 1 }'],
    [
      '/** Sum. */\n  override total(): number { return 1 }',
      '/** Sum. */\n  override async total(): Promise<number> { return 1 }',
    ],
  ])('of %s', ([before, after]) => {
    const base = before!.includes('override') ? 'abstract class Base { total(): unknown { return 0 } }\n' : ''
    const on = base === '' ? '' : ' extends Base'
    const text = (member: string, result: string) =>
      `${cart(`total(): ${result}`)}${base}export class MemoryCart${on} implements Cart {\n  ${member}\n}\n`
    expect(mend(text(before!, 'number'), 'WV1001').text).toBe(text(after!, 'Promise<number>'))
  })

  test('a promise-like, or a promise among others, is what it promises', () => {
    expect(mend(cart('a(): PromiseLike<number>'), 'WV1001').text).toBe(cart('a(): Promise<number>'))
    expect(mend(cart('a(): string | Promise<string>'), 'WV1001').text).toBe(cart('a(): Promise<string>'))
  })

  test('a class that implements it in another file, with Windows line ends', () => {
    const files = {
      'src/cart.ts': cart('total(): number').replaceAll('\n', '\r\n'),
      'src/memory.ts':
        "import type { Cart } from './cart.js'\r\nexport default class implements Cart {\r\n  total() {\r\n    return 1\r\n  }\r\n}\r\n",
    }
    const { files: after } = mend(files, 'WV1001')
    expect(after['src/cart.ts']).toBe(cart('total(): Promise<number>').replaceAll('\n', '\r\n'))
    expect(after['src/memory.ts']).toContain('\r\n  async total() {\r\n')
  })

  test('a generator is left for its author', () => {
    const text = `${cart('all(): Iterable<string>')}export class C implements Cart { *all() { yield '' } }\n`
    expect(mend(text, 'WV1001').text).toContain('{ *all()')
  })
})

describe('export', () => {
  test.for([
    ['class C implements Cart {}', 'export class C implements Cart {}'],
    ['/** Doc. */\n// note\nclass C implements Cart {}', '/** Doc. */\n// note\nexport class C implements Cart {}'],
    [
      "@named('a') @other.one()\nclass C implements Cart {}",
      "@named('a') @other.one()\nexport class C implements Cart {}",
    ],
  ])('%s', ([before, after]) => {
    const head = `${HEAD}export interface Cart extends Component {}\ndeclare function named(name: string): (of: unknown, context: unknown) => void\ndeclare const other: { one(): (of: unknown, context: unknown) => void }\n`
    const { text, fix } = mend(`${head}${before}\n`, 'WV1007')
    expect(text).toBe(`${head}${after}\n`)
    expect(fix.safe).toBe(true)
  })

  test('every part of a merged interface', () => {
    const { text } = mend(
      `${HEAD}interface Cart extends Component {\n  a(): Promise<void>\n}\ninterface Cart {\n  b(): Promise<void>\n}\n`,
      'WV1013',
    )
    expect(text.match(/export interface Cart/g)).toHaveLength(2)
  })

  test('an error class', () => {
    const { text } = mend(
      `${HEAD}class Out extends Error {}\nexport interface Cart extends Component {\n  a(): Promise<Out>\n}\n`,
      'WV2018',
    )
    expect(text).toContain('export class Out extends Error')
  })

  test('abstract and private are taken away', () => {
    const abstract = `${HEAD}export interface Cart extends Component {}\nexport abstract class C implements Cart {}\nexport class Shop {\n  constructor(readonly cart: Cart) {}\n  async main() {}\n}\n`
    project.write({ 'src/a.ts': abstract })
    const hidden = `${HEAD}export interface Cart extends Component {}\nexport class C implements Cart {\n  /** No. */ private constructor() {}\n}\n`
    expect(mend(hidden, 'WV1007').text).toBe(hidden.replace('private ', ''))
  })
})

describe('use the interface in place of the class', () => {
  const files = (shop: string): Files => ({
    'src/cart.ts': `${HEAD}export interface Cart extends Component {\n  size(): Promise<number>\n}\n`,
    'src/memory-cart.ts':
      "import type { Cart } from './cart.ts'\nexport class MemoryCart implements Cart {\n  async size() { return 1 }\n}\n",
    'src/shop.ts': shop,
  })
  const shop = (imports: string, type: string): string => `${imports}
export class Shop implements Main {
  constructor(
    private readonly cart: ${type}, // the cart
  ) {}
  async main() {}
}
await run(Shop)
`
  test.for([
    [
      "import { type Main, run } from 'weavets'\nimport type { MemoryCart } from './memory-cart.ts'",
      "import { type Main, run } from 'weavets'\nimport type { MemoryCart } from './memory-cart.ts'\nimport type { Cart } from './cart.ts'",
    ],
    [
      'import { type Main, run } from \'weavets\';\nimport { MemoryCart } from "./memory-cart.js";',
      'import { type Main, run } from \'weavets\';\nimport { MemoryCart } from "./memory-cart.js";\nimport type { Cart } from "./cart.js";',
    ],
    [
      "import { type Main, run } from 'weavets'\nimport type {} from './cart'\nimport { MemoryCart } from './memory-cart'",
      "import { type Main, run } from 'weavets'\nimport type { Cart } from './cart'\nimport { MemoryCart } from './memory-cart'",
    ],
    [
      "import { type Main, run } from 'weavets'\nimport type { MemoryCart } from './memory-cart.ts'\nimport type { Cart } from './cart.ts'",
      "import { type Main, run } from 'weavets'\nimport type { Cart } from './cart.ts'",
    ],
    [
      "import { type Main, run } from 'weavets'\nimport { MemoryCart } from './memory-cart.ts'\nimport * as carts from './cart.ts'\nexport { carts }",
      "import { type Main, run } from 'weavets'\nimport { MemoryCart } from './memory-cart.ts'\nimport * as carts from './cart.ts'\nimport type { Cart } from './cart.ts'\nexport { carts }",
    ],
  ])('%#', ([before, after]) => {
    const { files: mended, fix } = mend(files(shop(before!, 'MemoryCart')), 'WV3005')
    expect(mended['src/shop.ts']).toBe(shop(after!, 'Cart'))
    expect(fix.safe).toBe(true)
  })

  test('a union keeps its other part, and an alias is used', () => {
    const imports =
      "import { type Main, run } from 'weavets'\nimport type { Cart as Basket } from './cart.ts'\nimport { MemoryCart } from './memory-cart.ts'\nexport { MemoryCart }"
    const { files: mended } = mend(files(shop(imports, 'MemoryCart | undefined')), 'WV3005')
    expect(mended['src/shop.ts']).toContain('cart: Basket | undefined, // the cart')
  })

  test('not where the name means something else', () => {
    const imports =
      "import { type Main, run } from 'weavets'\nimport { MemoryCart } from './memory-cart.ts'\nconst Cart = 1\nexport { Cart }"
    expect(found(files(shop(imports, 'MemoryCart')), 'WV3005').fixes).toBeUndefined()
  })
})

describe('policies', () => {
  test.for([
    ['/** @timeOut 5s */', '/** @timeout 5s */', true],
    ['/** @idempotnt */', '/** @idempotent */', false],
    ['/**\n   * Says.\n   * @Idempotent\n   */', '/**\n   * Says.\n   * @idempotent\n   */', true],
  ] as const)('%s', ([before, after, safe]) => {
    const { text, fix } = mend(cart(`${before}\n  a(): Promise<void>`), 'WV1015')
    expect(text).toBe(cart(`${after}\n  a(): Promise<void>`))
    expect(fix.safe).toBe(safe)
  })

  test('a time without a unit is a choice, a unit that is spelt out is not', () => {
    const two = found({ 'src/a.ts': cart('/** @timeout 5 */\n  a(): Promise<void>') }, 'WV1010')
    expect(two.fixes?.map(({ title, safe }) => [title, safe])).toEqual([
      ["Write '@timeout 5ms'", false],
      ["Write '@timeout 5s'", false],
    ])
    expect(mend(cart('/** @timeout 5 */\n  a(): Promise<void>'), 'WV1010', 1).text).toContain('/** @timeout 5s */')
    expect(mend(cart('/** @timeout 5 seconds when slow */\n  a(): Promise<void>'), 'WV1010').text).toContain(
      '/** @timeout 5s when slow */',
    )
    expect(found({ 'src/a.ts': cart('/** @timeout soon */\n  a(): Promise<void>') }, 'WV1010').fixes).toBeUndefined()
  })

  test.for([
    ['items(): Promise<void>', '/** @idempotent */\n  items(): Promise<void>'],
    ['/** All. */\n  items(): Promise<void>', '/** All. @idempotent */\n  items(): Promise<void>'],
    [
      '/**\n   * All.\n   */\n  items(): Promise<void>',
      '/**\n   * All.\n   * @idempotent\n   */\n  items(): Promise<void>',
    ],
  ])('from the class to the interface', ([before, after]) => {
    const memory = (doc: string) => `export class C implements Cart {\n${doc}  async items() {}\n}\n`
    const { text } = mend(`${cart(before!)}${memory('  /** @idempotent */\n')}`, 'WV1016')
    expect(text).toBe(`${cart(after!)}${memory('')}`)
  })
})

describe('types', () => {
  test.for([
    ['a(x: any): Promise<void>', 'WV2001', 'a(x: Json): Promise<void>'],
    ['a(x: { y: unknown[] }): Promise<void>', 'WV2003', 'a(x: { y: Json[] }): Promise<void>'],
    ['a(x: object): Promise<void>', 'WV2003', 'a(x: Json): Promise<void>'],
  ])('%s', ([before, code, after]) => {
    const text = cart(after!).replace('{ Component }', '{ Component, Json }')
    expect(mend(cart(before!), code!).text).toBe(text)
  })

  test('a key that routes nothing, under any name', () => {
    const head = "import type { Component, Key as Route } from 'weavets'\n"
    const text = (type: string) =>
      `${head}export interface Cart extends Component {\n  a(x: { user: ${type} }): Promise<void>\n}\n`
    const { text: after, fix } = mend(text('Route<string | number>[]'), 'WV1014')
    expect(after).toBe(text('(string | number)[]'))
    expect(fix.safe).toBe(true)
  })

  test('of two keys either may go', () => {
    const head = "import type { Component, Key } from 'weavets'\n"
    const text = `${head}export interface Cart extends Component {\n  a(x: Key<string>, y: Key<string>): Promise<void>\n}\n`
    expect(mend(text, 'WV1011', 0).text).toContain('a(x: Key<string>, y: string)')
    expect(mend(text, 'WV1011', 1).text).toContain('a(x: string, y: Key<string>)')
  })

  test('an optional method, a property, overloads, an accessor', () => {
    expect(mend(cart('a?(): Promise<void>'), 'WV1009').text).toBe(cart('a(): Promise<void>'))
    const property = mend(cart('readonly limit: number'), 'WV1002')
    expect(property.text).toBe(cart('limit(): Promise<number>'))
    // Its class and its readers have to follow, so nobody does it to all of them at once.
    expect(property.fix.choice).toBe(true)
    expect(mend(cart('find(id: string): Promise<void>; find(id: number): Promise<void>'), 'WV1003').text).toBe(
      cart('find(id: string | number): Promise<void>'),
    )
    const order = (member: string) =>
      `${cart('put(order: Order): Promise<void>')}export interface Order {\n  ${member}\n}\n`
    expect(mend(order('get total(): number'), 'WV2014').text).toBe(order('readonly total: number'))
  })

  test('overloads that differ in more than one type are left', () => {
    const text = cart('find(id: string): Promise<string>\n  find(id: number): Promise<number>')
    expect(found({ 'src/a.ts': text }, 'WV1003').fixes).toBeUndefined()
  })

  test('an async generator is an async iterable', () => {
    const { text } = mend(cart('all(): AsyncGenerator<{ a: string }, void, unknown>'), 'WV2015')
    expect(text).toBe(cart('all(): AsyncIterable<{ a: string }>'))
  })
})

describe('a missing implementation', () => {
  const shop = (type: string): string => `import { type Main, run } from 'weavets'
import type { ${type} } from './cart.ts'
export class Shop implements Main {
  constructor(readonly cart: ${type}) {}
  async main() {}
}
await run(Shop)
`
  const written = `import type { Component, Key } from 'weavets'
import type { Item } from './item.ts'
export interface Sum { cents: number }
export interface Base {
  size(): Promise<number>
}
export interface Cart extends Component, Base {
  add(user: Key<string>, { id }: Item, ...more: Item[]): Promise<void>
  sum(
    user: string,
    how?: {
      net: boolean
      in: 'EUR'
    },
  ): Promise<Sum>
  changes(): AsyncIterable<Map<string, Item>>
}
`
  const files = {
    'src/cart.ts': written,
    'src/item.ts': 'export interface Item { id: string }\n',
    'src/shop.ts': shop('Cart'),
  }

  test('in a file of its own, with what it must import', () => {
    const { files: after, fix } = mend(files, 'WV3001')
    expect(fix.title).toBe("Create a class that implements 'Cart' in 'src/cart-impl.ts'")
    expect(after['src/cart-impl.ts']).toBe(`import type { Key } from 'weavets'
import type { Cart, Sum } from './cart.ts'
import type { Item } from './item.ts'

export class CartImpl implements Cart {
  async add(user: Key<string>, arg1: Item, ...more: Item[]): Promise<void> {
    throw new Error('not implemented')
  }

  async sum(user: string, how?: { net: boolean; in: 'EUR' }): Promise<Sum> {
    throw new Error('not implemented')
  }

  changes(): AsyncIterable<Map<string, Item>> {
    throw new Error('not implemented')
  }

  async size(): Promise<number> {
    throw new Error('not implemented')
  }
}
`)
  })

  test('behind the interface, where that needs no import and the name is free', () => {
    const taken = `${written}export const CartImpl = 1\n`
    const { files: after } = mend({ ...files, 'src/cart.ts': taken }, 'WV3001', 1)
    expect(after['src/cart.ts']).toMatch(
      /^[\s\S]*export const CartImpl = 1\n\nexport class CartImpl2 implements Cart \{\n {2}async add\(/,
    )
  })

  test('a type that is not exported leaves only the second', () => {
    const hidden = written.replace('export interface Sum', 'interface Sum')
    const { fixes } = found({ ...files, 'src/cart.ts': hidden }, 'WV3001')
    expect(fixes?.map(({ id }) => id)).toEqual(['implement-here'])
  })
})

test('a root without main', () => {
  const text = `import { run } from 'weavets'
export class Shop {
  constructor() {} // nothing
}
// @ts-ignore
await run(Shop)
`
  expect(mend(text, 'WV3010').text).toBe(`import { run, type Main } from 'weavets'
export class Shop implements Main {
  constructor() {} // nothing

  async main(signal: AbortSignal): Promise<void> {
  }
}
// @ts-ignore
await run(Shop)
`)
})
