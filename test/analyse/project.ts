/**
 * Analyses files that a test writes down, as a project of its own in a temporary folder. One warm program serves a test file.
 * Every analysis is made with TypeScript 6 and 7.1, and both must be equal.
 */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type AnalyseOptions, analyse } from '../../transformer/analyse/index.ts'
import { loadTypeScript } from '../../transformer/checker/load.ts'
import { openProgram6, type Program6 } from '../../transformer/checker/program6.ts'
import type { CheckedProject } from '../../transformer/checker/project.ts'
import { createView6 } from '../../transformer/checker/view6.ts'
import type { Analysis } from '../../transformer/model.ts'
import { analyseWith, expectSame, openWith, TYPESCRIPT_7 } from '../checker/both.ts'

const repository = fileURLToPath(new URL('../..', import.meta.url))
export const ts = loadTypeScript(repository)

export interface TestProject extends Disposable {
  readonly root: string
  readonly program: Program6
  /** Replaces the project's files. */
  write(files: Readonly<Record<string, string>>): void
  analyse(options?: Partial<AnalyseOptions>): Analysis
  /** `WV3002 src/a.ts:3:14 message` */
  report(options?: Partial<AnalyseOptions>): string[]
}

export function openProject(compilerOptions: object = {}): TestProject {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'weavets-analyse-')))
  const options = {
    target: 'esnext',
    module: 'nodenext',
    lib: ['esnext'],
    types: ['node'],
    typeRoots: [join(repository, 'node_modules/@types')],
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    allowImportingTsExtensions: true,
    paths: {
      weavets: [join(repository, 'runtime/index.ts')],
      'weavets/testing': [join(repository, 'testing/index.ts')],
    },
    ...compilerOptions,
  }
  const tsconfig = join(root, 'tsconfig.json')
  writeFileSync(tsconfig, JSON.stringify({ compilerOptions: options, include: ['src', 'test'] }))
  const program = openProgram6({ root, tsconfig, ts })
  let seven: CheckedProject | undefined
  const run = (options: Partial<AnalyseOptions> = {}) => {
    const analysis = analyse(createView6(ts, program.refresh(), root), { root, ...options })
    seven ??= openWith(TYPESCRIPT_7, { root, tsconfig })
    expectSame(analyseWith(seven, { root, ...options }), analysis)
    return analysis
  }
  return {
    root,
    program,
    write(files) {
      for (const folder of ['src', 'test', 'node_modules']) rmSync(join(root, folder), { recursive: true, force: true })
      for (const [path, text] of Object.entries(files)) {
        mkdirSync(dirname(join(root, path)), { recursive: true })
        writeFileSync(join(root, path), text)
      }
    },
    analyse: run,
    report: (more) =>
      run(more).diagnostics.map(({ code, file, line, column, message }) =>
        file === undefined ? `${code} ${message}` : `${code} ${file}:${line}:${column} ${message}`,
      ),
    [Symbol.dispose]() {
      seven?.close()
      rmSync(root, { recursive: true, force: true })
    },
  }
}
