/** docs/guide.md as a program: the blocks that begin with a file name are written out, checked, tested, run and deployed. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Project, repository } from '../hosts/project.ts'
import { Running } from './process.ts'

const guide = readFileSync(join(repository, 'docs', 'guide.md'), 'utf8')
const [, groups] = /`(\{ "groups": .*? \})`/.exec(guide)!

let project: Project
beforeAll(() => {
  project = new Project()
  for (const [, name, text] of guide.matchAll(/^```ts\n\/\/ (\S+)\n(.*?)^```$/gms)) project.write(name!, text!)
  project.write('package.json', JSON.stringify({ name: 'guide', type: 'module' }))
  const compilerOptions = { target: 'es2024', lib: ['es2024', 'esnext.disposable'], module: 'nodenext', strict: true }
  const more = { types: ['node'], noEmit: true, allowImportingTsExtensions: true, skipLibCheck: true }
  project.write('tsconfig.json', JSON.stringify({ compilerOptions: { ...compilerOptions, ...more } }))
  project.write(
    'vitest.config.ts',
    "import { weave } from 'weavets/vite'\nexport default { plugins: [weave()], test: { include: ['test/**'] } }\n",
  )
  project.write('placement.json', groups!)
  // Any free port, since 8080 may be taken on the machine that tests.
  project.edit('weave.config.ts', 'port: 8080', 'port: 0')
  project.link()
})
afterAll(() => project.remove())

test('weave and tsc find nothing', async () => {
  expect(await project.weave('check')).toMatchObject({ code: 0, stderr: '' })
  expect(await project.node(['node_modules/typescript/bin/tsc'])).toEqual({ code: 0, stdout: '', stderr: '' })
})

test('its test passes', { timeout: 30_000 }, async () => {
  const { code, stdout } = await project.node(['node_modules/vitest/vitest.mjs', 'run'])
  expect(stdout).toMatch(/Tests .*1 passed/)
  expect(code).toBe(0)
})

for (const command of [
  ['run'],
  ['run', '--isolated'],
  ['deploy', '--raw', '--placement', 'apart'],
  ['deploy', '--raw', '--placement', 'placement.json'],
])
  test(`weave ${command.join(' ')}`, { timeout: 30_000 }, async () => {
    await using app = new Running(project, ...command)
    const [, url] = await app.until(/open at (http\S+)/)
    const buy = async () => (await fetch(`${url}/mug`)).text()
    expect([await buy(), await buy(), await buy()]).toEqual([
      '4.50 EUR, 1 left',
      '4.50 EUR, 0 left',
      'sorry, only 0 left',
    ])
    expect(await app.stop('SIGINT')).toBe(0)
    expect(app.stderr).toContain('stock is closed')
  })
