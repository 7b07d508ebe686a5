/** `weave init` in an empty folder, whose app then runs; and in a project that is there, which it touches as little as it can. */
import { readdirSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Project } from '../hosts/project.ts'
import { Running } from './process.ts'

let project: Project
beforeEach(() => {
  project = new Project()
})
afterEach(() => project.remove())

describe('weave init, in an empty folder', () => {
  test('shows what it would do, and does nothing without a yes', async () => {
    const shown = await project.weave('init', '--dry-run')
    expect(shown.stdout).toMatch(/^create {2}package\.json \(\d+ lines\)\ncreate {2}tsconfig\.json/)
    expect(shown.stdout).toMatch(/Nothing was changed \(--dry-run\)\.\n$/)
    const asked = await project.weave('init')
    expect(asked.code).toBe(1)
    expect(asked.stderr).toContain('Run "weave init --yes"')
    expect(readdirSync(project.folder)).toEqual([])
  })

  test('writes an app that checks, type checks, passes its test and runs', async () => {
    const done = await project.weave('init', '--yes')
    expect(done).toMatchObject({ code: 0, stderr: '' })
    expect(done.stdout).toMatch(/\nDone\. Next: {2}npm install && npx weave dev\n$/)
    project.link()
    expect((await project.weave('check')).stdout).toMatch(/^1 component, 2 methods, 1 edge, /)
    expect(await project.node(['node_modules/typescript/bin/tsc', '--noEmit'])).toEqual({
      code: 0,
      stdout: '',
      stderr: '',
    })
    const tested = await project.node(['node_modules/vitest/vitest.mjs', 'run'])
    expect(tested.stdout).toMatch(/Tests .*1 passed/)

    // Any free port, since 8080 may be taken on the machine that tests.
    project.edit('weave.config.ts', 'port: 8080', 'port: 0')
    await using app = new Running(project, 'run')
    const [, url] = await app.until(/Corner shop is open at (\S+)/)
    expect(await (await fetch(`${url}/?add=mug`)).text()).toBe('Corner shop\n1 × mug\n')
    expect(await app.stop('SIGTERM')).toBe(0)
  })

  test('leaves files that are there', async () => {
    project.write('tsconfig.json', '{}\n')
    const done = await project.weave('init', '--yes')
    expect(done.stdout).toContain('note    tsconfig.json is there already and stays as it is')
    expect(project.read('tsconfig.json')).toBe('{}\n')
  })
})

describe('weave init, in a project', () => {
  beforeEach(() => {
    project.write('package.json', '{\n\t"name": "old",\n\t"devDependencies": {\n\t\t"ts-patch": "^4"\n\t}\n}\n')
    project.write(
      'tsconfig.json',
      '{\n  // Keep this.\n  "compilerOptions": {\n    "strict": true, // and this\n  },\n}\n',
    )
    project.write('src/server.ts', 'console.log(1)\n')
    project.write('.gitignore', 'node_modules')
    project.write('vite.config.ts', 'export default {}\n')
  })

  test('inserts lines, keeps comments, and says what is left to do', async () => {
    const done = await project.weave('init', '--yes')
    expect(done).toMatchObject({ code: 0, stderr: '' })
    expect(done.stdout).toContain(
      '        +     "plugins": [{ "transform": "weavets/transform", "transformProgram": true }],',
    )
    expect(done.stdout).toContain("in vite.config.ts, add weave() from 'weavets/vite'")
    expect(project.read('package.json')).toMatch(
      /^\{\n\t"name": "old",\n\t"devDependencies": \{\n\t\t"ts-patch": "\^4"\n\t\},\n\t"dependencies": \{ "weavets": "\^[\d.]+" \}\n\}\n$/,
    )
    expect(project.read('tsconfig.json')).toContain('// Keep this.')
    expect(project.read('tsconfig.json')).toContain('// and this')
    expect(project.read('.gitignore')).toBe('node_modules\n.weave/\n')
    expect(project.read('weave.config.ts')).toContain('entry: "src/server.ts"')
    expect(project.read('src/server.ts')).toBe('console.log(1)\n')
  })

  test('has nothing to do the second time', async () => {
    await project.weave('init', '--yes')
    expect((await project.weave('init', '--yes')).stdout).toContain('Nothing to do: weave is set up here.')
  })
})
