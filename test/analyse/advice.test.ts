/** What reports say beyond the message: the advice, how many there are of one crossing, and files that don't parse. */
import { afterAll, describe, expect, test } from 'vitest'
import { openProject } from './project.ts'

const project = openProject()
afterAll(() => project[Symbol.dispose]())

function diagnosticsOf(text: string) {
  project.write({ 'src/a.ts': `import { type Component, type Main, run } from 'weavets'\n${text}` })
  return project.analyse().diagnostics
}
const fixesOf = (text: string): string[] => diagnosticsOf(text).map(({ fix }) => fix)
const method = (signature: string): string => `export interface A extends Component { ${signature} }\n`

describe('advice', () => {
  test.for([
    ['m(): PromiseLike<number>', "'Promise<number>'"],
    ['m(): Promise<void> | undefined', "'Promise<undefined | void>'"],
    ['m(): number | string', "'Promise<string | number>'"],
  ])('%s', ([signature, advised]) => {
    expect(fixesOf(method(signature!))).toEqual([
      `declare it as ${advised}, make the method of the class 'async', and 'await' it where it is called`,
    ])
  })

  test('what only a whole look tells apart is no mistake', () => {
    expect(fixesOf(method('m(a: string[] | number[]): Promise<void>'))).toEqual([])
    expect(fixesOf(method('m(a: { a?: string } | { a?: number }): Promise<void>'))).toEqual([])
  })

  test.for([
    'type Cart = Component & { size(): Promise<number> }',
    'abstract class Cart implements Component { abstract size(): Promise<number> }',
  ])('a dependency that was meant to be a component: %s', (declaration) => {
    const fixes = fixesOf(
      `${declaration}\nexport class Shop implements Main { constructor(readonly cart: Cart) {} async main() {} }\nawait run(Shop)\n`,
    )
    expect(fixes).toEqual([
      "make it an interface that extends Component: 'export interface Cart extends Component { … }'",
    ])
  })
})

test('what is said of an alias, a symbol, a tag of another case, and a config beside another mistake', () => {
  const says = (text: string) => diagnosticsOf(text).map(({ code, message }) => `${code} ${message}`)
  const shop = (parameters: string) =>
    `export class Shop implements Main { constructor(${parameters}) {} async main() {} }\nawait run(Shop)\n`
  expect(
    says(
      `export interface Repo<T> extends Component { all(): Promise<T[]> }\ntype Users = Repo<string>\n${shop('readonly users: Users')}`,
    ),
  ).toEqual(["WV1005 'Users' is a 'Repo<…>', which takes type arguments, and a component has none."])
  expect(says(method('[Symbol.dispose](): void'))).toEqual([
    "WV1006 A component cannot have a method named '[Symbol.dispose]'.",
  ])
  expect(says('/** @Idempotent */\nexport interface A extends Component { a(): Promise<void> }\n')).toEqual([
    "WV1016 '@Idempotent' on the interface 'A' has no effect.",
  ])
  const config = "readonly url: string, readonly config: import('weavets').Config<{ done: () => void }>"
  expect(says(shop(config)).map((each) => each.slice(0, 6))).toEqual(['WV3004', 'WV2004'])
  expect(fixesOf(method('m(done: (error: Error | null) => void): Promise<void>'))).toEqual([
    'return what it would be called with (a Promise, or an AsyncIterable where it is called often), or make what it belongs to a component',
  ])
})

test('an entity with methods is told from an object with callbacks', () => {
  const order = 'interface Order { id: string; total(): number; pay(): void }\n'
  const advised =
    "pass the data without its methods, Omit<Order, 'total' | 'pay'>, or a class in place of 'Order' that brings a codec"
  expect(fixesOf(order + method('m(): Promise<Order[]>'))).toEqual([advised, advised])
  expect(fixesOf(order + method("m(): Promise<Omit<Order, 'total' | 'pay'>[]>"))).toEqual([])
  expect(fixesOf(`interface Hooks { done: () => void }\n${method('m(a: Hooks): Promise<void>')}`)).toEqual([
    'return what it would be called with (a Promise, or an AsyncIterable where it is called often), or make what it belongs to a component',
  ])
})

describe('one crossing', () => {
  const members = Array.from({ length: 40 }, (_, at) => `f${at}(): void`).join('; ')

  test('has five reports, of which the last counts the others', () => {
    const found = diagnosticsOf(
      `interface Big { ${members} }\n${method('m(a: Big): Promise<void>; n(): Promise<Big>')}`,
    )
    expect(found.map(({ code }) => code)).toEqual(Array(5).fill('WV2004'))
    expect(found.filter(({ message }) => message.includes('more'))).toHaveLength(1)
    expect(found.map(({ message }) => message).join('\n')).toContain(
      "is a function, which cannot leave its process; and 35 more in 'm(a)'.",
    )
  })

  test('counts for itself', () => {
    const found = diagnosticsOf(
      `interface Big { ${members} }\ninterface Other { g(): void }\n${method('m(a: Big, b: Other): Promise<void>')}`,
    )
    expect(found).toHaveLength(6)
  })
})

describe('errors of syntax', () => {
  test('of the first few of them, with their place', () => {
    expect(
      diagnosticsOf(method('m(a: ): Promise<void>')).map(({ code, line, column }) => [code, line, column]),
    ).toEqual(expect.arrayContaining([['WV9015', 2, 45]]))
    const many = diagnosticsOf('const a = ;\n'.repeat(9)).filter(({ code }) => code === 'WV9015')
    expect(many).toHaveLength(5)
    expect(many.at(-1)?.message).toBe('Expression expected; and 4 more errors of syntax.')
  })

  test('of a package are not ours', () => {
    project.write({ 'src/a.ts': "import 'weavets'\n", 'node_modules/x/index.ts': 'const = ;' })
    expect(project.report()).toEqual([])
  })
})

test('names in the config: the likeliest first', () => {
  const classes = ['MemoryCart', 'RedisCart', 'MemoryCard'].map(
    (name) => `export class ${name} implements Cart { async size() { return 1 } }\n`,
  )
  const text = `export interface Cart extends Component { size(): Promise<number> }\nexport interface Alpha extends Component {}\n${classes.join('')}`
  project.write({ 'src/a.ts': `import type { Component } from 'weavets'\n${text}` })
  const fixes = (implementations: Record<string, string>) =>
    project.analyse({ implementations }).diagnostics.flatMap(({ code, fix }) => (code === 'WV3008' ? [fix] : []))
  expect(fixes({ Crat: 'MemoryCart' })).toEqual(["did you mean 'Cart'? There is also 'Alpha'"])
  expect(fixes({ Cart: 'RedsCart' })).toEqual(["did you mean 'RedisCart'? There is also 'MemoryCard', 'MemoryCart'"])
  expect(fixes({ Cart: 'Elsewhere' })).toEqual(["write one of 'MemoryCard', 'MemoryCart', 'RedisCart'"])
})

test.for([
  ['provide<A>(() => null!); provide<B>(() => null!)', []],
  ['provide<A>(() => null!)', []],
  ['', ['WV3015']],
] as const)('a class of two components is two objects, unless they are provided: %s', ([provided, codes]) => {
  const text = `import { provide } from 'weavets'
export interface A extends Component { a(): Promise<void> }
export interface B extends Component { b(): Promise<void> }
export class Both implements A, B { async a() {}; async b() {} }
${provided}
`
  const found = diagnosticsOf(text)
  expect(found.map(({ code }) => code)).toEqual(codes)
  const broken = project.analyse().model.components.map((each) => each.broken !== undefined)
  expect(broken).toEqual(Array(2).fill(codes.length > 0))
})
