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
}
`,
  'src/till-real.ts': `import { Money, TooLittle, type Till } from './till.ts'

export class RealTill implements Till {
  async pay(cents: bigint) {
    throw new TooLittle(new Money(10n - cents), [new Money(cents)])
  }
  async last(error: Error) { return error }
}
`,
  'src/main.ts': `import { run, type Main } from 'weavets'
import { Money, TooLittle, type Till } from './till.ts'

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
  }
}

await run(Root)
`,
}

const PRINTED = `thrown true 7 cents 3 cents
passed true 7 cents 3 cents
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
