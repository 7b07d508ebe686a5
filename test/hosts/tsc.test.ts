/** `weave tsc` in place of tsc and tspc, with both TypeScripts: what it writes, prints and returns, and that nothing it writes is stale. */
import { rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Running } from '../cli/process.ts'
import { expectOk, Project, repository } from './project.ts'

const VERSIONS = { 'TypeScript 6': 'typescript', 'TypeScript 7.1': 'typescript-7' }

const EVENING = /^Good evening, Ada of 1815\n1 came\n/

for (const [name, installed] of Object.entries(VERSIONS)) {
  const six = installed === 'typescript'

  describe(`weave tsc, ${name}`, () => {
    let project: Project
    beforeEach(() => {
      project = new Project('hello')
      install(project)
    })
    afterEach(() => project.remove())

    const install = (into: Project) => {
      const link = join(into.folder, 'node_modules', 'typescript')
      rmSync(link, { force: true })
      symlinkSync(join(repository, 'node_modules', installed), link)
    }
    const tsc = (...args: string[]) => project.weave('tsc', ...args)
    const option = (text: string) => project.edit('tsconfig.json', '"strict": true,', `"strict": true, ${text},`)
    const addWeather = () => project.edit('src/guests.ts', '  at: Date', '  at: Date\n  weather?: string')
    const runs = async () => expect((await project.node(['dist/src/main.js'])).stdout).toMatch(EVENING)

    test('writes a program that runs, and its manifest, without a word', async () => {
      expect(await tsc('-p', '.')).toEqual({ code: 0, stdout: '', stderr: '' })
      await runs()
      expect(project.json('dist/weave.manifest.json')).toMatchObject({ root: 'src/hello.Hello', entry: 'src/main.js' })
    })

    test('finds the tsconfig of a folder above', async () => {
      expectOk(await project.inside('src').weave('tsc'))
      await runs()
    })

    test('prints type errors and boundary errors as tsc does, writes all the same, and returns 2', async () => {
      project.edit('src/guests.ts', '  at: Date', '  at: Date\n  done?: () => void')
      project.edit('src/greeter.ts', 'Promise<string>', 'Promise<strin>')
      const { code, stdout } = await tsc()
      expect(stdout).toMatch(/^src\/guests\.ts\(\d+,\d+\): error WV2004: [^\n]*function[^\n]*\n {2}\S/m)
      expect(stdout).toMatch(/^src\/greeter\.ts\(6,32\): error TS2552: Cannot find name 'strin'/m)
      expect(code).toBe(2)
      expect(project.read('dist/src/main.js')).toContain('__weave_app')
    })

    test('draws the code when it is told to be pretty', async () => {
      project.edit('src/greeter.ts', 'Promise<string>', 'Promise<strin>')
      const { stdout } = await tsc('--pretty')
      expect(stdout).toContain('[96msrc/greeter.ts')
      expect(stdout).toMatch(/ {2}greet\(guest: Guest\): Promise<strin>/)
      expect(stdout).toMatch(/Found \d+ errors?/)
    })

    test('with noEmit writes nothing and returns 2 for an error, with noEmitOnError 1', async () => {
      project.edit('src/guests.ts', '  at: Date', '  at: Date\n  done?: () => void')
      for (const [flag, code] of [
        ['--noEmit', 2],
        ['--noEmitOnError', 1],
      ] as const) {
        const failed = await tsc('-p', '.', flag)
        expect(failed.stdout, flag).toContain('WV2004')
        expect(failed.code, flag).toBe(code)
        expect(() => project.read('dist/src/main.js'), flag).toThrow('ENOENT')
      }
    })

    test('takes options from the command line', async () => {
      expectOk(await tsc('-p', '.', '--outDir', 'elsewhere', '--sourceMap', '--declaration', '--declarationMap'))
      expect((await project.node(['elsewhere/src/main.js'])).stdout).toMatch(EVENING)
      expect(project.json<{ sources: string[] }>('elsewhere/src/hello.js.map').sources).toEqual(['../../src/hello.ts'])
      expect(project.read('elsewhere/src/hello.d.ts')).toContain('export declare class Hello')
      expect(project.read('elsewhere/src/main.d.ts')).not.toContain('__weave')
      expect(project.read('elsewhere/src/main.d.ts.map')).toContain('main.ts')
      expect(project.json('elsewhere/weave.manifest.json')).toMatchObject({ entry: 'src/main.js' })
    })

    test('an imported type that changes changes the codec, incremental or not', async () => {
      option('"incremental": true')
      expectOk(await tsc())
      expect(project.read('dist/src/main.js')).not.toContain('weather')
      addWeather()
      expectOk(await tsc())
      expect(project.read('dist/src/main.js')).toContain('weather')
    })

    test('and so it does under --build', async () => {
      option('"composite": true')
      expectOk(await tsc('-b'))
      addWeather()
      expectOk(await tsc('-b'))
      expect(project.read('dist/src/main.js')).toContain('weather')
      expect(project.read('dist/src/hello.d.ts')).toContain('Hello')
    })

    test('what plain tsc has built is built again under --build, as is what another weave.config.ts says', async () => {
      option('"composite": true')
      expectOk(
        await project.node([join('node_modules', 'typescript', six ? 'bin' : 'lib', six ? 'tsc' : 'tsc.js'), '-b']),
      )
      expectOk(await tsc('-b'))
      await runs()
      expect(await tsc('-b')).toEqual({ code: 0, stdout: '', stderr: '' })
      project.edit('weave.config.ts', "name: 'hello',", "name: 'hello', types: { Nobody: 'json' },")
      expect((await tsc('-b')).stdout).toContain('error WV')
    })

    test('and under --watch, where an error comes and goes', async () => {
      await using running = new Running(project, 'tsc', '-w', '--preserveWatchOutput')
      await running.until(/Found 0 errors\. Watching/)
      expect(project.read('dist/src/main.js')).not.toContain('weather')
      addWeather()
      await running.until(/Found 0 errors\. Watching/, 2)
      expect(project.read('dist/src/main.js')).toContain('weather')
      project.edit('src/guests.ts', 'weather?: string', 'weather?: () => void')
      await running.until(/error WV2004: /)
      await running.until(/Found 1 error\. Watching/)
      project.edit('src/guests.ts', 'weather?: () => void', 'weather?: number')
      await running.until(/Found 0 errors\. Watching/, 3)
      await runs()
    }, 60_000)

    test('an interface in a project, its caller in another one that refers to it', async () => {
      twoProjects(project)
      expectOk(await tsc('-b', 'app'))
      expect((await project.node(['app/dist/main.js'])).stdout).toBe('2 × 21 = 42\n')
      project.edit('parts/src/sums.ts', 'a: number', 'a: number; unit?: string')
      expectOk(await tsc('-b', 'app'))
      expect(project.read('app/dist/main.js')).toContain('unit')
      project.edit('parts/src/sums.ts', 'unit?: string', 'unit?: () => void')
      const failed = await tsc('-b', 'app')
      // Of the project that it is in, and of no other one that sees it.
      expect(failed.stdout.match(/^.*WV2004/gm)).toEqual(['parts/src/sums.ts(3,54): error WV2004'])
      expect(failed.code).not.toBe(0)
      expect((await tsc('-p', 'app')).stdout).toMatch(/^parts\/src\/sums\.ts\(3,54\): error WV2004/m)
    })

    test('CommonJS output', async () => {
      project.write('package.json', JSON.stringify({ name: 'hello', private: true }))
      // There is no top-level await in CommonJS.
      project.edit('src/main.ts', 'await run', 'void run')
      project.edit('tsconfig.json', '"verbatimModuleSyntax": true,', '')
      option('"declaration": true')
      expectOk(await tsc())
      expect(project.read('dist/src/main.js')).toContain('require("weavets/internal")')
      await runs()
    })

    test('CommonJS output that has no import() left, and a class that is a default export', async () => {
      project.write('package.json', JSON.stringify({ name: 'hello', private: true }))
      project.edit('src/main.ts', 'await run', 'void run')
      project.edit('src/warm-greeter.ts', 'export class', 'export default class')
      project.edit('tsconfig.json', '"verbatimModuleSyntax": true,', '"moduleResolution": "bundler",')
      project.edit('tsconfig.json', '"module": "nodenext"', '"module": "commonjs"')
      project.edit('tsconfig.json', '"include": ["src", "test", "weave.config.ts"]', '"include": ["src"]')
      expectOk(await tsc())
      expect(project.read('dist/src/main.js')).toMatch(/require\("\.\/warm-greeter\.js"\)/)
      expect(project.read('dist/src/main.js')).not.toMatch(/\bimport\b *[({*]/)
      await runs()
    })

    for (const kind of ['module', 'commonjs'] as const) {
      test(`the lines of a file with generated code are its own, ${kind}`, async () => {
        project.write(
          'package.json',
          JSON.stringify({ name: 'hello', private: true, ...(kind === 'module' && { type: kind }) }),
        )
        project.edit('src/main.ts', 'await run', "if (process.argv[2] === 'fail') throw new Error('early')\nvoid run")
        if (kind === 'commonjs') project.edit('tsconfig.json', '"verbatimModuleSyntax": true,', '')
        option('"newLine": "crlf"')
        expectOk(await tsc('--sourceMap'))
        const output = project.read('dist/src/main.js')
        expect(output).toMatch(/\n\/\/# sourceMappingURL=main\.js\.map\s*$/)
        expect(output).not.toMatch(/[^\r]\n/)
        const failed = await project.node(['--enable-source-maps', 'dist/src/main.js', 'fail'])
        expect(failed.stderr).toMatch(/src\/main\.ts:4:39/)
        await runs()
      })
    }

    test('leaves help and version to tsc', async () => {
      expect(await tsc('--version')).toEqual({ code: 0, stdout: expect.stringMatching(/^Version \d/), stderr: '' })
      expect((await tsc('--help')).stdout).toContain('--watch')
    })

    test('says what it does not do', async () => {
      const refused = await tsc('--generateTrace', 'trace')
      expect(refused.code).toBe(1)
      expect(refused.stdout).toMatch(/^weave tsc has no --generateTrace.*: .*tsc --noEmit --generateTrace/)
      const unknown = await tsc('--outdirr', 'x')
      expect(unknown).toMatchObject({ code: 1, stdout: expect.stringMatching(/error TS\d+: .*outdirr/) })
      const nowhere = await tsc('-p', 'nowhere')
      expect(nowhere).toMatchObject({ code: 1, stdout: expect.stringMatching(/error TS\d+: .*nowhere/) })
    })

    if (six) {
      test('says that Node does not run what the tsconfig asks for', async () => {
        project.edit('src/main.ts', 'await run', 'void run')
        const paths = '"paths": { "weavets": ["./node_modules/weavets/dist/runtime/index.d.ts"] }'
        project.edit('tsconfig.json', '"verbatimModuleSyntax": true,', `"moduleResolution": "node10", ${paths},`)
        project.edit('tsconfig.json', '"module": "nodenext"', '"module": "amd", "ignoreDeprecations": "6.0"')
        const { code, stdout } = await tsc()
        expect(stdout).toMatch(/WV9013: The "module" of tsconfig\.json makes neither ES modules nor CommonJS\./)
        expect(code).toBe(2)
      })

      test('writes what tspc writes', async () => {
        expectOk(await tsc('--outDir', 'ours', '--sourceMap'))
        expectOk(await project.tspc('--outDir', 'theirs', '--sourceMap'))
        for (const file of ['src/main.js', 'src/hello.js', 'src/main.js.map', 'weave.manifest.json']) {
          expect(project.read(`ours/${file}`), file).toBe(project.read(`theirs/${file}`))
        }
      })
    } else {
      test('refuses to clean what --build does not keep, and files without a project', async () => {
        expect(await tsc('-b', '--clean')).toMatchObject({
          code: 1,
          stdout: expect.stringContaining('run "tsc --build --clean"'),
        })
        expect(await tsc('src/main.ts')).toMatchObject({ code: 1, stdout: expect.stringContaining('name a tsconfig') })
      })
    }
  })
}

describe("weave tsc, where the project's TypeScript can't serve", () => {
  let project: Project
  beforeEach(() => {
    project = new Project('hello')
    project.remove('node_modules/typescript')
  })
  afterEach(() => project.remove())

  for (const version of [undefined, '5.4.5', '7.0.2']) {
    test(`${version ?? 'none'}: the one that weave brings checks and writes`, async () => {
      if (version !== undefined) {
        const text = JSON.stringify({ name: 'typescript', version, main: './lib/typescript.js' })
        project.write('node_modules/typescript/package.json', text)
      }
      expect(await project.weave('tsc')).toEqual({ code: 0, stdout: '', stderr: '' })
      expect((await project.node(['dist/src/main.js'])).stdout).toMatch(EVENING)
      project.edit('src/greeter.ts', 'Promise<string>', 'Promise<strin>')
      const failed = await project.weave('tsc', '--noEmit')
      expect(failed.stdout).toMatch(/^src\/greeter\.ts\(6,32\): error TS2552: Cannot find name 'strin'/m)
      expect(failed.code).toBe(2)
    })
  }

  test('under --build too, where what is up to date is left alone', async () => {
    project.edit('tsconfig.json', '"strict": true,', '"strict": true, "composite": true,')
    expect(await project.weave('tsc', '-b')).toEqual({ code: 0, stdout: '', stderr: '' })
    expect((await project.weave('tsc', '-b', '--verbose')).stdout).toContain('is up to date')
  })
})

function twoProjects(project: Project): void {
  for (const path of ['src', 'test', 'tsconfig.json', 'weave.config.ts', 'README.md']) project.remove(path)
  const options = {
    composite: true,
    target: 'es2024',
    module: 'nodenext',
    types: ['node'],
    strict: true,
    verbatimModuleSyntax: true,
    rewriteRelativeImportExtensions: true,
    skipLibCheck: true,
    rootDir: 'src',
    outDir: 'dist',
  }
  project.write('parts/tsconfig.json', JSON.stringify({ compilerOptions: options, include: ['src'] }))
  project.write(
    'parts/src/sums.ts',
    `import type { Component } from 'weavets'
export interface Sum { a: number }
export interface Sums extends Component { twice(sum: Sum): Promise<number> }
`,
  )
  project.write(
    'app/tsconfig.json',
    JSON.stringify({ compilerOptions: options, include: ['src'], references: [{ path: '../parts' }] }),
  )
  project.write('weave.config.ts', "export default { entry: 'app/src/main.ts' }\n")
  project.write(
    'app/src/main.ts',
    "import { run } from 'weavets'\nimport { Table } from './table.ts'\n\nawait run(Table)\n",
  )
  project.write(
    'app/src/table.ts',
    `import type { Main } from 'weavets'
import type { Sum, Sums } from '../../parts/dist/sums.js'

export class PlainSums implements Sums {
  async twice({ a }: Sum): Promise<number> {
    return 2 * a
  }
}

export class Table implements Main {
  readonly #sums: Sums
  constructor(sums: Sums) {
    this.#sums = sums
  }
  async main(): Promise<void> {
    console.log(\`2 × 21 = \${await this.#sums.twice({ a: 21 })}\`)
  }
}
`,
  )
}
