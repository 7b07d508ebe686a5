/** Two applications in one project, with one weave.config.ts: `--entry` says which is meant, and what the config says of the other is no mistake. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { expectOk, Project } from '../hosts/project.ts'

let project: Project
beforeAll(() => {
  project = new Project('hello')
  project.write(
    'src/admin.ts',
    `import { type Component, type Config, type Listener, type Main, run } from 'weavets'
export interface Ledger extends Component { add(line: string): Promise<number> }
export class PaperLedger implements Ledger {
  #lines: string[] = []
  async add(line: string) { return this.#lines.push(line) }
}
export class Admin implements Main {
  ledger: Ledger
  config: Config<{ title: string }>
  constructor(ledger: Ledger, config: Config<{ title: string }>, console: Listener) {
    this.ledger = ledger
    this.config = config
    void console
  }
  async main() { process.stdout.write(\`\${this.config.title} \${await this.ledger.add('a')}\\n\`) }
}
await run(Admin)
`,
  )
  project.edit('weave.config.ts', 'GuestBook:', "Admin: { title: 'books' },\n    GuestBook:")
  project.edit(
    'weave.config.ts',
    'config: {',
    "listeners: { console: { port: 0 } },\n  replicas: { Ledger: 1 },\n  placement: { groups: [['Hello', 'Greeter'], ['Admin', 'Ledger']] },\n  pins: { together: [['Hello', 'Greeter']], apart: [['Greeter', 'GuestBook', 'Ledger']], alone: ['GuestBook'] },\n  config: {",
  )
})
afterAll(() => project.remove())

const printed = async (...args: string[]): Promise<string> => {
  const outcome = await project.weave(...args)
  expectOk(outcome)
  return outcome.stdout
}

describe.each([
  ['run', [] as string[]],
  ['deploy', ['--raw']],
])('weave %s', (command, flags) => {
  test('starts the one that is named, and without a name src/main.ts', async () => {
    expect(await printed(command, ...flags, '--entry', 'src/admin.ts')).toBe('books 1\n')
    expect(await printed(command, ...flags)).toContain(' came\n')
  })
})

test('each check is of one, and a name that neither has is a mistake', async () => {
  expect(await printed('check', '--json')).toBe('[]\n')
  expect(await printed('check', '--json', '--entry', 'src/admin.ts')).toBe('[]\n')
  project.edit('weave.config.ts', "'Ledger']", "'Leger']")
  const { stdout } = await project.weave('check', '--json')
  project.edit('weave.config.ts', "'Leger']", "'Ledger']")
  expect(JSON.parse(stdout)).toMatchObject([{ code: 'WV3008', file: 'weave.config.ts' }])
})

test('a manifest names what the other has, and a build runs without the command', async () => {
  await printed('build', '--entry', 'src/admin.ts', '--outdir', 'dist/admin')
  const manifest = JSON.parse(project.read('dist/admin/weave.manifest.json')) as { root: string; others: unknown }
  expect(manifest.root).toBe('src/admin.Admin')
  expect(manifest.others).toEqual({
    components: ['src/greeter.Greeter', 'src/guests.GuestBook', 'src/hello.Hello'],
    listeners: [],
  })
  const { stdout, code } = await project.node(['dist/admin/main.mjs'])
  expect({ stdout, code }).toEqual({ stdout: 'books 1\n', code: 0 })
  expect(await printed('deploy', '--raw', '--build', 'dist/admin')).toBe('books 1\n')
})

test('--entry and --build exclude each other', async () => {
  expect((await project.weave('deploy', '--build', 'dist/admin', '--entry', 'src/admin.ts')).code).toBe(2)
})
