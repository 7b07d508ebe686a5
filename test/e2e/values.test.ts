/** One program whose values are odd, and one whose errors hold them: what it prints must not depend on its placement. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Project } from '../hosts/project.ts'

const FILES = {
  'src/till.ts': `import type { Codec, Component } from 'weavets'

export class Money {
  constructor(readonly cents: bigint) {}
  label() { return this.cents + ' cents' }
  static readonly codec: Codec<Money, bigint> = { encode: (money) => money.cents, decode: (cents) => new Money(cents) }
}
export class TooLittle extends Error {
  override readonly name = 'TooLittle'
  constructor(readonly missing: Money, readonly paid: readonly Money[]) { super('too little') }
}
export interface Till extends Component {
  /** Throws {@link TooLittle}. */
  pay(cents: bigint): Promise<void>
  /** The error as data. */
  last(error: Error): Promise<Error>
  stock(stock: Record<string, number | undefined>): Promise<Record<string, number | undefined>>
  shelves(shelves: (string | undefined)[]): Promise<(string | undefined)[]>
  rows(rows: string[]): Promise<string[]>
  patch(patch: { cents?: bigint }): Promise<{ cents?: bigint }>
  search(text: string): AsyncIterable<Hit>
  found(): Promise<AsyncIterable<Hit>>
  growing(): AsyncIterable<number[]>
  row(): Promise<Row>
}
export interface Hit { name: string; readonly tags: readonly string[] }
export interface Row { id: number; total: number }
`,
  'src/till-real.ts': `import { Money, TooLittle, type Till } from './till.ts'

export class RealTill implements Till {
  async pay(cents: bigint) {
    throw new TooLittle(new Money(10n - cents), [new Money(cents)])
  }
  async last(error: Error) { return error }
  async stock(stock: Record<string, number | undefined>) { return stock }
  async shelves(shelves: (string | undefined)[]) { return shelves }
  async rows(rows: string[]) { return rows }
  async patch(patch: { cents?: bigint }) { return patch }
  async *search(text: string) { for (const tag of ['a', 'é']) yield { name: text, tags: [tag] } }
  async found() { return this.search('found') }
  async *growing() {
    const list: number[] = []
    for (let n = 0; n < 3; n++) {
      list.push(n)
      yield list
    }
  }
  async row() {
    const [row] = JSON.parse('[{"id":1,"total":"12.00"}]')
    return { id: row.id, total: row.total }
  }
}
`,
  'src/main.ts': `import { run, type Main } from 'weavets'
import { Money, TooLittle, type Till } from './till.ts'

class Hidden extends RangeError {
  override readonly name = 'Hidden'
  readonly limit = 3
}
const kind = (error: Error & { limit?: number }) => [error.constructor.name, error.name, error.message, error.limit].join(' ')
const edge = (call: Promise<unknown>) =>
  call.then(() => 'arrived', ({ edge }) => [edge?.caller, edge?.callee, edge?.method].join(' '))

const say = (error: unknown) =>
  error instanceof TooLittle
    ? [error.missing instanceof Money, error.missing.label(), error.paid.map((each) => each.label())].join(' ')
    : String(error)

class Root implements Main {
  readonly #till: Till
  constructor(till: Till) { this.#till = till }
  async main(): Promise<void> {
    const error = await this.#till.pay(3n).catch((thrown: Error) => thrown)
    console.log('thrown', say(error))
    console.log('passed', say(await this.#till.last(error as Error)))
    const stock = await this.#till.stock(Object.assign(Object.create(null), JSON.parse('{"__proto__":-0}'), { a: undefined }))
    console.log('stock', 'toString' in stock, Object.getPrototypeOf(stock), Object.keys(stock), 'a' in stock)
    console.log('plain', 'toString' in (await this.#till.stock({})))
    const shelves = await this.#till.shelves(['a', , undefined, 'd'])
    console.log('shelves', shelves.length, 1 in shelves, 2 in shelves, Object.keys(shelves).join())
    shelves.forEach((each, at) => console.log('shelf', at, each))
    const bad = async (call: Promise<unknown>) => console.log(await call.then(() => 'arrived', (thrown: Error) => thrown.message))
    await bad(this.#till.rows(['a', , 'c'] as string[]))
    for (const value of [new Map([['a', 1]]), Promise.resolve(1), new Date(0)]) {
      await bad(this.#till.stock(value as unknown as Record<string, number>))
      await bad(this.#till.patch(value as unknown as { cents?: bigint }))
    }
    await bad(this.#till.patch(new Money(1n)))
    // Streams of texts that end, while another call is under way on the same connection.
    const other = this.#till.rows(['still', 'there'])
    for await (const { name, tags } of this.#till.search('ö')) console.log('hit', name, tags.join())
    for await (const { name, tags } of await this.#till.found()) console.log('hit', name, tags.join())
    console.log((await other).join(' '))
    const growing = this.#till.growing()[Symbol.asyncIterator]()
    const lists = await Promise.all([growing.next(), growing.next(), growing.next(), growing.next()])
    console.log(lists.map(({ value }) => String(value)).join(' | '))
    await bad(this.#till.row())
    console.log(await edge(this.#till.row()))
    console.log(await edge(this.#till.rows([1] as unknown as string[])))
    console.log(kind(await this.#till.last(new Hidden('too many'))))
  }
}

await run(Root)
`,
}

const PRINTED = `thrown true 7 cents 3 cents
passed true 7 cents 3 cents
stock false null [ '__proto__', 'a' ] true
plain true
shelves 4 false true 0,2,3
shelf 0 a
shelf 2 undefined
shelf 3 d
Till.rows: rows[1] is missing; it must be string.
Till.stock: stock must be { [key: string]: undefined | number }; it is an instance of Map.
Till.patch: patch must be { cents?: bigint }; it is an instance of Map.
Till.stock: stock must be { [key: string]: undefined | number }; it is an instance of Promise.
Till.patch: patch must be { cents?: bigint }; it is an instance of Promise.
Till.stock: stock must be { [key: string]: undefined | number }; it is an instance of Date.
Till.patch: patch must be { cents?: bigint }; it is an instance of Date.
arrived
hit ö a
hit ö é
hit found a
hit found é
still there
0 | 0,1 | 0,1,2 | undefined
Till.row: the result.total must be number; it is a string.
src/main.Root src/till.Till row
src/main.Root src/till.Till rows
RangeError Hidden too many 3
`

let project: Project
beforeAll(() => {
  project = new Project('hello')
  project.remove('src')
  project.remove('test')
  project.remove('weave.config.ts')
  for (const [name, text] of Object.entries(FILES)) project.write(name, text)
})
afterAll(() => project.remove())

const WAYS = [
  ['run'],
  ['run', '--isolated'],
  ['deploy', '--raw', '--placement', 'together'],
  ['deploy', '--raw', '--placement', 'apart'],
]
for (const way of WAYS) {
  test(`${way.join(' ')}: the same lines`, async () => {
    const { stdout, stderr, code } = await project.weave(...way)
    expect(stdout, stderr).toBe(PRINTED)
    expect(code).toBe(0)
  })
}
