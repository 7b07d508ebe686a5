/** `weave check` beyond its report: fixes, limits, forms for CI, TypeScript's own errors, and a comparison with a deployed version. */
import { chmodSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Project } from '../hosts/project.ts'

let project: Project
beforeEach(() => {
  project = new Project('hello')
})
afterEach(() => project.remove())

const codes = (stdout: string): string[] => (JSON.parse(stdout) as { code: string }[]).map((each) => each.code)

describe('weave check --fix', () => {
  test('applies what is safe, round after round, and says what; the rest takes --unsafe', async () => {
    // A misspelt tag whose time has no readable unit: two fixes, one behind the other.
    project.edit('src/guests.ts', 'export interface GuestBook', 'interface GuestBook')
    project.edit(
      'src/guests.ts',
      'extends Component {',
      'extends Component {\n  /** @Timeout 2 seconds */\n  size(): number',
    )
    project.edit('src/paper-book.ts', 'implements GuestBook {', 'implements GuestBook {\n  size() { return 1 }')
    chmodSync(join(project.folder, 'src/guests.ts'), 0o640)

    const safe = await project.weave('check', '--fix', '--json')
    expect(safe.code).toBe(1)
    expect(codes(safe.stdout)).toEqual(['WV1001'])
    expect(safe.stderr).toMatch(
      /^fixed src\/guests\.ts:\d+:\d+ WV1013 Export 'GuestBook'\nfixed src\/guests\.ts:\d+:\d+ WV1015 Write '@timeout'\nfixed src\/guests\.ts:\d+:\d+ WV1010 Write '@timeout 2s'\n3 fixes in 1 file\n/,
    )
    expect(project.read('src/guests.ts')).toContain(
      'export interface GuestBook extends Component {\n  /** @timeout 2s */\n  size(): number',
    )
    expect(statSync(join(project.folder, 'src/guests.ts')).mode & 0o777).toBe(0o640)

    const text = await project.weave('check')
    expect(text.stdout).toContain('1 of them by "weave check --fix --unsafe", which may change what the program does.')
    const unsafe = await project.weave('check', '--fix', '--unsafe')
    expect(unsafe.code).toBe(0)
    expect(unsafe.stderr).toContain("WV1001 Return 'Promise<number>'")
    expect(project.read('src/paper-book.ts')).toContain('{\n  async size() { return 1 }')
    expect((await project.weave('check', '--fix')).stderr).toBe('Nothing could be mended.\n')
  })

  test('mends a dropped call where it stands, once, and leaves to a person what only a person can say', async () => {
    project.edit(
      'src/hello.ts',
      'async main(): Promise<void> {',
      `async main(): Promise<void> {
    const loud = process.argv.length > 99
    loud && this.#book.gifts()
    loud ? this.#book.gifts() : undefined
    ;(this.#book.gifts()).then(() => {})
    Promise.all([this.#book.gifts(), this.#book.gifts()])
    const later = () => { this.#book.gifts() }
    if (loud) later()`,
    )
    const { code, stderr } = await project.weave('check', '--fix', '--unsafe')
    expect({ code, fixed: stderr.match(/^fixed .* WV3007 Add 'await'$/gm)?.length }).toEqual({ code: 0, fixed: 4 })
    const mended = project.read('src/hello.ts')
    expect(mended).toContain(`
    loud && await this.#book.gifts()
    loud ? await this.#book.gifts() : undefined
    ;await (this.#book.gifts()).then(() => {})
    await Promise.all([this.#book.gifts(), this.#book.gifts()])
    const later = () => { this.#book.gifts() }
`)
    const again = await project.weave('check', '--fix', '--unsafe')
    expect(again.stderr).toBe('Nothing could be mended.\n')
    expect(again.stdout).toContain("The promise of 'GuestBook.gifts' is dropped.")
    expect(again.stdout).not.toContain('weave check --fix')
    expect(project.read('src/hello.ts')).toBe(mended)
  })

  test('corrects weave.config.ts once', async () => {
    project.edit('weave.config.ts', 'GuestBook:', 'GuestBok:')
    const { stderr } = await project.weave('check', '--fix', '--unsafe')
    expect(stderr.match(/^fixed /gm)).toHaveLength(1)
  })

  test('creates a file, and corrects weave.config.ts', async () => {
    project.write(
      'src/mail.ts',
      "import type { Component } from 'weavets'\nexport interface Mail extends Component {\n  send(to: string): Promise<void>\n}\n",
    )
    project.edit('src/hello.ts', 'constructor(', "constructor(readonly mail: import('./mail.ts').Mail, ")
    project.edit('weave.config.ts', 'GuestBook:', 'GuestBok:')
    const { code, stdout, stderr } = await project.weave('check', '--fix', '--unsafe')
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(/^3 components, /) })
    expect(stderr).toContain("WV3001 Create a class that implements 'Mail' in 'src/mail-impl.ts'\n")
    expect(project.read('src/mail-impl.ts')).toContain('export class MailImpl implements Mail {')
    expect(project.read('weave.config.ts')).toContain('GuestBook:')
  })
})

describe('weave check', () => {
  test('--max-warnings', async () => {
    project.edit('src/paper-book.ts', 'export class', '/** @idempotent */\nexport class')
    expect((await project.weave('check')).code).toBe(0)
    expect((await project.weave('check', '--max-warnings', '1')).code).toBe(0)
    const { code, stdout } = await project.weave('check', '--max-warnings', '0')
    expect(code).toBe(1)
    expect(stdout).toContain('1 warning, and at most 0 are allowed.')
    expect((await project.weave('check', '--max-warnings', 'few')).code).toBe(2)
  })

  test('--types has the errors of TypeScript in the same list', async () => {
    project.edit('src/paper-book.ts', 'export class', "export const wrong: number = 'text'\nexport class")
    expect((await project.weave('check')).code).toBe(0)
    const { code, stdout } = await project.weave('check', '--types', '--json')
    expect(code).toBe(1)
    expect(JSON.parse(stdout)).toMatchObject([
      { code: 'TS2322', file: 'src/paper-book.ts', severity: 'error', docs: '' },
    ])
  })

  test('--format github and sarif', async () => {
    project.edit('src/guests.ts', '  at: Date', '  at: Date\n  done?: () => void')
    const github = await project.weave('check', '--format', 'github')
    expect(github.stdout).toMatch(
      /^::error file=src\/guests\.ts,line=\d+,col=\d+,endLine=\d+,endColumn=\d+,title=WV2004::'\w+\(.*is a function, which cannot leave its process\.%0Awhy: .*%0Afix: /,
    )
    const sarif = JSON.parse((await project.weave('check', '--format', 'sarif')).stdout)
    expect(sarif).toMatchObject({
      version: '2.1.0',
      runs: [
        {
          tool: { driver: { name: 'weave', rules: [{ id: 'WV2004', name: 'function' }] } },
          results: [
            {
              ruleId: 'WV2004',
              ruleIndex: 0,
              level: 'error',
              locations: [{ physicalLocation: { artifactLocation: { uri: 'src/guests.ts' } } }],
            },
          ],
        },
      ],
    })
    expect((await project.weave('check', '--format', 'xml')).code).toBe(2)
  })

  test('--json has the fixes, and where each code is explained', async () => {
    project.edit('src/guests.ts', 'export interface GuestBook', 'interface GuestBook')
    const found = JSON.parse((await project.weave('check', '--json')).stdout) as {
      code: string
      docs: string
      fixes: unknown
    }[]
    const hidden = found.find((each) => each.code === 'WV1013')
    expect(hidden?.docs).toBe('docs/diagnostics/WV1013.md')
    expect(hidden?.fixes).toMatchObject([
      { id: 'export', safe: true, edits: [{ file: 'src/guests.ts', text: 'export ' }] },
    ])
  })

  test('of several entries one must be named', async () => {
    const main = project.read('src/main.ts')
    project.remove('src/main.ts')
    project.write('src/one.ts', main)
    project.write('src/two.ts', main)
    const { code, stdout } = await project.weave('check', '--json')
    expect({ code, codes: codes(stdout) }).toEqual({ code: 0, codes: ['WV9016'] })
    expect((await project.weave('check', '--json', '--entry', 'src/one.ts')).stdout).toBe('[]\n')
    expect((await project.inside('src').weave('check', '--json', '--entry', 'one.ts')).stdout).toBe('[]\n')
  })
})

describe('weave check --against', () => {
  test('names what breaks, with the place in today’s sources', async () => {
    await project.weave('build')
    project.write('old/weave.manifest.json', project.read('.weave/build/weave.manifest.json'))
    const same = await project.weave('check', '--against', 'old')
    expect({ code: same.code, stderr: same.stderr }).toEqual({ code: 0, stderr: '' })
    project.edit('src/guests.ts', '  at: Date', '  at: string')
    const { code, stdout } = await project.weave('check', '--against', 'old/weave.manifest.json')
    expect(code).toBe(1)
    expect(stdout).toMatch(/^src\/guests\.ts:10:3 WV4001 'GuestBook\..*\.at' was 'Date', and is 'string' now\.$/m)
    const json = JSON.parse((await project.weave('check', '--against', 'old', '--json')).stdout)
    expect(json).toMatchObject({ diagnostics: [{ code: 'WV4001', line: 10 }], compatible: [] })
  })

  test('a manifest that is none is an error of its own', async () => {
    const none = await project.weave('check', '--against', 'nowhere')
    expect(none.code).toBe(1)
    expect(none.stderr).toMatch(
      /^error there is no nowhere to compare with\.\n {2}next {2}Give the weave\.manifest\.json/,
    )
    project.write('bad.json', '{ "format": 99 }')
    expect((await project.weave('check', '--against', 'bad.json')).stderr).toMatch(
      /^error bad\.json has format 99 where this weavets reads 1\.\n/,
    )
  })
})
