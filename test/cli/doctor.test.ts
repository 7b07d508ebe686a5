/** `weave doctor` in a project that is sound, and in ones with a flaw each; it writes nothing. */
import { readdirSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Project, repository } from '../hosts/project.ts'

let project: Project
beforeEach(() => {
  project = new Project('hello')
})
afterEach(() => project.remove())

interface Line {
  check: string
  status: string
  code?: string
  message: string
  fix?: string
}

async function bad(): Promise<Line[]> {
  const { stdout } = await project.weave('doctor', '--json')
  return (JSON.parse(stdout) as Line[]).filter((each) => each.status !== 'ok')
}

/** The settings of the fixture, with the plugin for editors. */
const tsconfig = (options: object = {}): string =>
  JSON.stringify({
    compilerOptions: {
      module: 'nodenext',
      target: 'es2024',
      strict: true,
      types: ['node'],
      noEmit: true,
      allowImportingTsExtensions: true,
      skipLibCheck: true,
      plugins: [{ name: 'weavets/language-service' }],
      ...options,
    },
    include: ['src', 'test', 'weave.config.ts'],
  })

describe('weave doctor', () => {
  test('says what is used and why, and leaves everything as it was', async () => {
    project.write(
      'package.json',
      JSON.stringify({ name: 'hello', private: true, type: 'module', dependencies: { weavets: '*' } }),
    )
    project.write('tsconfig.json', tsconfig())
    const before = readdirSync(project.folder, { recursive: true }).filter(
      (each) => !String(each).startsWith('node_modules'),
    )
    const { code, stdout, stderr } = await project.weave('doctor')
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toMatch(/^ok {2}node +Node\.js \d+\.\d+\.\d+$/m)
    expect(stdout).toMatch(/^ok {2}weavets +weavets \d/m)
    expect(stdout).toMatch(/^ok {2}typescript +TypeScript \d+\.\d+\.\d+.*: it is the project's own$/m)
    expect(stdout).toMatch(/^ok {2}application +2 components, started by src\/main\.ts$/m)
    expect(stdout).toMatch(/\nEverything is as it should be\.\n$/)
    expect(
      readdirSync(project.folder, { recursive: true }).filter((each) => !String(each).startsWith('node_modules')),
    ).toEqual(before)
  })

  test('TypeScript: what the project has and weave does not use', async () => {
    project.remove('node_modules/typescript')
    project.write('node_modules/typescript/package.json', JSON.stringify({ name: 'typescript', version: '7.0.2' }))
    const found = await bad()
    const [line, patch] = found.filter((each) => ['typescript', 'ts-patch'].includes(each.check))
    // It runs no plugins, so none is asked for.
    expect(found.filter(({ check }) => check === 'editor')).toEqual([])
    expect(line).toMatchObject({ code: 'WV9004', status: 'warning' })
    expect(line?.message).toMatch(
      /^TypeScript \d.*: the project's TypeScript 7\.0\.2 has no stable API \(7\.1 has one\), so ts-morph's is taken\.$/,
    )
    expect(patch).toMatchObject({
      code: 'WV9004',
      status: 'problem',
      fix: 'remove ts-patch, and build with "weave tsc" in place of tspc',
    })
  })

  test('tsconfig: strictness, resolution, the plugin for the editor, errors', async () => {
    project.write(
      'tsconfig.json',
      tsconfig({
        strict: false,
        plugins: [],
        module: 'commonjs',
        moduleResolution: 'node10',
        ignoreDeprecations: '6.0',
      }),
    )
    expect(
      (await bad())
        .filter((each) => ['tsconfig', 'editor'].includes(each.check))
        .map(({ code, status, message }) => [code, status, message]),
    ).toEqual([
      ['WV9001', 'problem', '"strictNullChecks" is off.'],
      [undefined, 'problem', expect.stringContaining('"moduleResolution" is "node10"')],
      [undefined, 'warning', expect.stringContaining('does not name the plugin')],
    ])
    project.write('tsconfig.json', tsconfig({ target: 'es1999' }))
    expect((await bad()).map((each) => each.code)).toContain('WV9013')
  })

  test('builds: no plugin, another one first, an output of other sources', async () => {
    project.write('vite.config.ts', 'export default { plugins: [] }\n')
    project.write(
      'rollup.config.js',
      "import { weave as split } from 'weavets/rollup'\nimport other from 'other'\nexport default { plugins: [other(), split()] }\n",
    )
    await project.weave('build')
    const fresh = await bad()
    expect(fresh.filter((each) => each.check === 'build').map(({ code, fix }) => [code, fix])).toEqual([
      ['WV9005', 'put split() first in "plugins"'],
      ['WV9002', 'import { weave } from \'weavets/vite\', and put weave() first in "plugins"'],
    ])
    expect(fresh.filter((each) => each.check === 'outputs')).toEqual([])
    project.edit('src/guests.ts', 'at: Date', 'at: Date\n  more?: string')
    expect((await bad()).filter((each) => each.check === 'outputs')).toMatchObject([
      { code: 'WV9006', fix: 'build again' },
    ])
  })

  test('a plain file may have the name of a folder for outputs', async () => {
    for (const name of ['build', 'out', 'dist', 'lib']) project.write(name, '#!/bin/sh\n')
    const { stdout } = await project.weave('doctor')
    expect(stdout).toMatch(/^ok {2}application +2 components, started by src\/main\.ts$/m)
    expect(stdout).not.toContain('could not be looked at')
  })

  test("decorators whose types weave's own builds leave out", async () => {
    project.write('tsconfig.json', tsconfig({ experimentalDecorators: true, emitDecoratorMetadata: true }))
    project.write(
      'src/clock.ts',
      `export const Injectable = (): ClassDecorator => () => {}
/** @idempotent is no decorator. */
@Injectable()
export class Clock {}
`,
    )
    const says = expect.stringMatching(/^'src\/clock\.ts' has decorators, and their types/)
    const fix = expect.stringContaining('"weave deploy --build dist"')
    expect((await bad()).filter((each) => each.code === 'WV9018')).toMatchObject([{ message: says, fix }])
    const { stdout } = await project.weave('check', '--json')
    expect(JSON.parse(stdout)).toMatchObject([{ code: 'WV9018', file: 'src/clock.ts', line: 3, message: says, fix }])
  })

  test('and these builds say so themselves, once', async () => {
    project.write('tsconfig.json', tsconfig({ experimentalDecorators: true, emitDecoratorMetadata: true }))
    project.write(
      'src/clock.ts',
      'const Injectable = (): ClassDecorator => () => {}\n@Injectable()\nexport class Clock {}\n',
    )
    const run = await project.weave('run')
    expect(run).toMatchObject({ code: 0, stdout: expect.stringContaining('Good evening') })
    expect(run.stderr.match(/WV9018/g)).toHaveLength(1)
    const loaded = await project.node(['--import', 'weavets/register', 'src/main.ts'])
    expect(loaded.stderr.match(/WV9018/g)).toHaveLength(1)
    project.edit('weave.config.ts', 'config: {', "diagnostics: { WV9018: 'off' },\n  config: {")
    expect((await project.weave('run')).stderr).toBe('')
  })

  test('packages: a second copy, two lock files, a dependency of development only', async () => {
    project.write('node_modules/kit/node_modules/weavets/package.json', '{ "name": "weavets", "version": "0.0.1" }')
    project.write('yarn.lock', '')
    project.write('package-lock.json', '{}')
    project.write('package.json', JSON.stringify({ name: 'hello', type: 'module', devDependencies: { weavets: '*' } }))
    const found = (await bad()).filter((each) => ['weavets', 'packages'].includes(each.check))
    expect(found.map((each) => each.code ?? each.message)).toEqual([
      'WV9003',
      'weavets is in "devDependencies", and the running application needs it.',
      'There are lock files of npm and Yarn (package-lock.json, yarn.lock); each is part of the version that weave computes.',
    ])
    expect(found[0]?.message).toContain(`${repository} (`)
    expect(found[0]?.message).toContain('node_modules/kit/node_modules/weavets (0.0.1)')
  })

  test('a config that can not be loaded is a line like others', async () => {
    project.write('weave.config.ts', 'export default 5\n')
    const { code, stdout } = await project.weave('doctor', '--json')
    expect(code).toBe(1)
    expect((JSON.parse(stdout) as Line[]).at(-1)).toMatchObject({ check: 'config', code: 'WV9012' })
  })
})
