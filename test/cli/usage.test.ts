/** `weave` as it is typed: help, versions, mistakes, exit codes, and what a start-up loads. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Project, repository, weave } from '../hosts/project.ts'

let project: Project
beforeAll(() => {
  project = new Project()
})
afterAll(() => project.remove())

describe('weave', () => {
  test('--version is the package’s', async () => {
    const { version } = JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8')) as { version: string }
    expect(await project.weave('--version')).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' })
  })

  test('--help, help and nothing at all name every command and the exit codes', async () => {
    const { stdout, code } = await project.weave('--help')
    expect(code).toBe(0)
    for (const name of ['init', 'check', 'build', 'run', 'dev', 'deploy', 'graph'])
      expect(stdout).toContain(`\n  ${name}`)
    expect(stdout).toContain('2  the command line was wrong')
    expect(await project.weave('help')).toEqual({ code: 0, stdout, stderr: '' })
    expect(await project.weave()).toEqual({ code: 0, stdout, stderr: '' })
  })

  test('a command’s help shows its flags', async () => {
    expect((await project.weave('help', 'check')).stdout).toContain('--json')
    expect((await project.weave('run', '--help')).stdout).toContain('--isolated')
  })

  test('an unknown command is exit code 2, with the nearest one', async () => {
    expect(await project.weave('chek')).toEqual({
      code: 2,
      stdout: '',
      stderr: "error: unknown command 'chek'\n(Did you mean check?)\n  next  weave --help\n",
    })
  })

  test('an unknown flag is exit code 2, with the nearest one', async () => {
    expect(await project.weave('check', '--jsn')).toEqual({
      code: 2,
      stdout: '',
      stderr: "error: unknown option '--jsn'\n(Did you mean --json?)\n  next  weave check --help\n",
    })
  })

  test('a flag that is cut short is named whole', async () => {
    expect(await project.weave('deploy', '--place', 'apart')).toEqual({
      code: 2,
      stdout: '',
      stderr: "error: unknown option '--place'\n(Did you mean --placement?)\n  next  weave deploy --help\n",
    })
  })

  test("an unknown flag that may be the application's: where to put it", async () => {
    expect((await project.weave('run', '--isolated', 'foo', '--bar', '1')).stderr).toBe(
      'error: unknown option \'--bar\'\n  next  put the arguments of the application after "--": weave run --isolated -- foo --bar 1\n',
    )
    expect((await project.weave('deploy', '--placement', 'apart', '--bar')).stderr).toContain(
      'weave deploy --placement apart -- --bar\n',
    )
    expect((await project.weave('run', '--isolate')).stderr).toContain('  next  weave run --help\n')
    expect((await project.weave('graph', '--bar')).stderr).toContain('  next  weave graph --help\n')
  })

  test('graph without an application says what to do', async () => {
    const { code, stderr } = await project.weave('graph')
    expect(code).toBe(1)
    expect(stderr).toMatch(/there is no src\/main\.ts, and so nothing to draw/)
    expect(stderr).toContain('next  Set "entry" in weave.config.ts')
  })

  test('build without an entry says what to do', async () => {
    const { code, stderr } = await project.weave('build')
    expect(code).toBe(1)
    expect(stderr).toBe(
      'error there is no src/main.ts, and so nothing to build.\n  next  Set "entry" in weave.config.ts to the file that calls run, or write an app with "weave init".\n',
    )
  })

  test('--help loads neither TypeScript nor esbuild', async () => {
    const hook = `import { registerHooks } from 'node:module'
registerHooks({ load(url, context, next) { if (/typescript|esbuild|ts-morph/.test(url)) console.error('loaded', url); return next(url, context) } })`
    project.write('hook.mjs', hook)
    const { stderr } = await project.node(['--import', './hook.mjs', weave, '--help'])
    expect(stderr).toBe('')
    expect((await project.node(['--import', './hook.mjs', weave, 'graph'])).stderr).not.toContain('loaded')
  })
})

describe('bin/weave.js', () => {
  test('is written for engines that are too old, and says what is needed', () => {
    const text = readFileSync(weave, 'utf8')
    expect(text).not.toMatch(/=>|\b(const|let|class|await)\b|`|\?\./)
    expect(text).toContain('weave needs Node.js 22.18 or newer')
  })
})
