/** WV3006 and WV3017: the class where the component was meant. */
import { describe, expect, test } from 'vitest'
import { applyEdits } from '../../transformer/diagnostics/fixes/apply.ts'
import { analyseFiles, expectNothing, expectReports, PRELUDE } from './project.ts'

const NOTES = `
export class Notes implements Log {
  constructor(readonly more?: unknown) {}
  async note(_text: string) {}
  static make() { return new Notes() }
}
`

describe('new', () => {
  test.for([
    ['in a function', 'export const make = () => new [|Notes|]()'],
    ['in a field', 'export class Shop { log = new [|Notes|]() }'],
    ['as an argument', 'declare function take(log: Log): void\ntake(new [|Notes|]())'],
    ['typed as the interface', 'export const log: Log = new [|Notes|]()'],
  ])('is reported %s', ([, text]) => {
    const [found] = expectReports('WV3006', `${NOTES}${text}\n`)
    expect(found!.message).toBe("'new Notes()' stays in this process, whatever the deployment says.")
  })

  test.for([
    ['a class that implements nothing', 'export class Plain {}\nexport const make = () => new Plain()'],
    ['a class of the same name', 'export const make = () => { class Notes {} return new Notes() }'],
    [
      'a wrapper',
      'export class Loud implements Log { #inner = new Notes(); async note(text: string) { await this.#inner.note(text) } }'.replace(
        'export ',
        '',
      ),
    ],
    ['a comment', '// new Notes()'],
    ['super', 'class Better extends Notes { constructor() { super() } }\nexport type { Better }'],
  ])('is not reported: %s', ([, text]) => {
    expectNothing(`${NOTES}${text}\n`)
  })

  test('nor where the component is provided', () => {
    expectNothing(`${NOTES}const make = () => new Notes()\nprovide<Log>(() => new Notes(make()))\n`)
  })

  test('nor in tests, mocks and benches; by a new name it is the same class', () => {
    const use = (from: string): string => `import { Notes as Paper } from '${from}'\nexport const log = new Paper()\n`
    const found = analyseFiles({
      'src/shop.ts': PRELUDE + NOTES,
      'test/a.ts': use('../src/shop.ts'),
      'src/a.test.ts': use('./shop.ts'),
      'src/__mocks__/a.ts': use('../shop.ts'),
      'src/z.ts': use('./shop.ts'),
    })
    expect(found.map(({ code, file, line, column }) => `${code} ${file}:${line}:${column}`)).toEqual([
      'WV3006 src/z.ts:2:24',
    ])
  })
})

describe('the type of the class', () => {
  const report = (text: string): string[] => {
    const found = analyseFiles({
      'src/shop.ts': PRELUDE,
      'src/notes.ts': `import type { Log } from './shop.ts'${NOTES}`,
      'src/use.ts': text,
    })
    return found
      .filter(({ severity }) => severity === 'warning')
      .map(({ code, file, line, column }) => `${code} ${file}:${line}:${column}`)
  }
  const imported = "import { Notes } from './notes.ts'\n"

  test('of a parameter, a field, a variable is reported', () => {
    expect(report(`${imported}export const use = (log: Notes) => log\n`)).toEqual(['WV3017 src/use.ts:2:26'])
    expect(report(`${imported}export class Shop { log: Notes | undefined; other!: Notes }\n`)).toEqual([
      'WV3017 src/use.ts:2:53',
    ])
    expect(report(`${imported}declare const log: Notes\nexport { log }\n`)).toEqual(['WV3017 src/use.ts:2:20'])
  })

  test('where it belongs it is not', () => {
    expect(
      report(
        `${imported}import type { Log } from './shop.ts'\nexport class Loud extends Notes implements Log { with(other: Notes) { return other } }\nexport const x: { a: typeof Notes } | undefined = undefined\n`,
      ).filter((each) => each.startsWith('WV3017')),
    ).toEqual([])
    expect(report('interface Notes { a: string }\nexport const use = (log: Notes) => log\n')).toEqual([])
    expect(report(`${imported}export const log: Notes = new Notes()\n`)).toEqual(['WV3006 src/use.ts:2:31'])
  })

  test('the fix names and imports the interface', () => {
    const text = "import type { Notes } from './notes.ts'\nexport const use = (log: Notes) => log\n"
    const [found] = analyseFiles({
      'src/shop.ts': PRELUDE,
      'src/notes.ts': `import type { Log } from './shop.ts'${NOTES}`,
      'src/use.ts': text,
    })
    const [fix] = found!.fixes!
    expect(fix).toMatchObject({ id: 'use-component', safe: false })
    expect(applyEdits(text, fix!.edits)).toBe(
      "import type { Notes } from './notes.ts'\nimport type { Log } from './shop.ts'\nexport const use = (log: Log) => log\n",
    )
  })
})
