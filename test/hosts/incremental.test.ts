/**
 * tspc with `incremental`, where this kind of tool goes wrong: codecs that are stale because only a type changed, errors
 * that outlive their cause, errors that hide others.
 */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Project } from './project.ts'

let project: Project
beforeEach(() => {
  project = new Project('hello')
  project.edit('tsconfig.json', '"strict": true,', '"strict": true, "incremental": true,')
})
afterEach(() => project.remove())

const version = () => project.json<{ version: string }>('dist/weave.manifest.json').version

describe('tspc, incremental', () => {
  for (const [how, verbatim, flag] of [
    ['-p', true, '-p'],
    ['-p without verbatimModuleSyntax', false, '-p'],
    ['-b', true, '-b'],
  ] as const) {
    test(`a type that changes elsewhere changes the codec, ${how}`, async () => {
      if (!verbatim) project.edit('tsconfig.json', '"verbatimModuleSyntax": true,', '')
      expect(await project.tspc(flag, '.')).toMatchObject({ code: 0, stdout: '' })
      expect(project.read('dist/src/main.js')).not.toContain('weather')
      const before = version()
      project.edit('src/guests.ts', '  at: Date', '  at: Date\n  weather?: string')
      expect(await project.tspc(flag, '.')).toMatchObject({ code: 0, stdout: '' })
      expect(project.read('dist/src/main.js')).toContain('weather')
      expect(version()).not.toBe(before)
    })
  }

  test('an error is reported beside type errors, again on the next run, and is gone when its cause is', async () => {
    project.edit('src/guests.ts', '  at: Date', '  at: Date\n  done?: () => void')
    project.edit('src/greeter.ts', 'Promise<string>', 'Promise<strin>')
    for (const run of ['first', 'second']) {
      const failed = await project.tspc('-p', '.')
      expect(failed.stdout, run).toMatch(/error TS852004: WV2004 .*function/)
      expect(failed.stdout, run).toMatch(/src\/greeter\.ts.*error TS2552/)
      expect(failed.code, run).toBe(2)
    }
    project.edit('src/greeter.ts', 'Promise<strin>', 'Promise<string>')
    project.edit('src/guests.ts', '\n  done?: () => void', '')
    expect(await project.tspc('-p', '.')).toEqual({ code: 0, stdout: '', stderr: '' })
    expect((await project.node(['dist/src/main.js'])).code).toBe(0)
  })

  test('noEmitOnError writes nothing, and noEmit still reports', async () => {
    project.edit('src/guests.ts', '  at: Date', '  at: Date\n  done?: () => void')
    const checked = await project.tspc('-p', '.', '--noEmit')
    expect(checked.stdout).toContain('WV2004')
    expect(checked.code).not.toBe(0)
    const built = await project.tspc('-p', '.', '--noEmitOnError')
    expect(built.stdout).toContain('WV2004')
    expect(() => project.read('dist/src/main.js')).toThrow('ENOENT')
  })
})
