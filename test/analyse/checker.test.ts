/** Which TypeScript is loaded, where a project begins, and programs without a tsconfig or with an odd one. */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { bundledLibrary, findProjectRoot, loadTypeScript } from '../../transformer/checker/load.ts'
import { openProgram6 } from '../../transformer/checker/program6.ts'
import { ts } from './project.ts'

const folders: string[] = []
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

function folderWith(files: Record<string, string>): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'weavets-checker-')))
  folders.push(folder)
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  return folder
}

const fakeTypeScript = (version: string, more = '') => ({
  'node_modules/typescript/package.json': `{ "name": "typescript", "version": "${version}", "main": "index.js" }`,
  'node_modules/typescript/index.js': `module.exports = { version: '${version}', fake: true, ${more} }`,
})

describe('loadTypeScript', () => {
  const isFake = (root: string) => 'fake' in loadTypeScript(root)

  test("takes the project's own from 5.6 up to 6", () => {
    expect(isFake(folderWith(fakeTypeScript('5.6.2', 'createProgram() {}')))).toBe(true)
    expect(isFake(folderWith(fakeTypeScript('6.0.3', 'createProgram() {}')))).toBe(true)
  })

  test('takes its own for an older one, for 7, and for none', () => {
    expect(isFake(folderWith(fakeTypeScript('5.5.4', 'createProgram() {}')))).toBe(false)
    expect(isFake(folderWith(fakeTypeScript('7.0.2')))).toBe(false)
    expect(loadTypeScript(folderWith({})).version).toMatch(/^6\./)
  })

  test('finds the library of one that keeps it in memory', () => {
    const bundled = loadTypeScript(folderWith({}))
    const root = folderWith({ 'a.ts': 'export const a: Promise<Map<string, Date>> = null!\n' })
    const program = openProgram6({ root, tsconfig: undefined, ts: bundled }).refresh()
    expect(bundledLibrary(ts)).toBeUndefined()
    const checked = program.getSourceFile(join(root, 'a.ts'))
    expect(program.getSemanticDiagnostics(checked).map((each) => each.messageText)).toEqual([])
  })
})

describe('findProjectRoot', () => {
  const root = folderWith({
    'package.json': '{}',
    'weave.config.ts': '',
    'packages/app/package.json': '{}',
    'packages/app/config/tsconfig.json': '{}',
    'packages/shop/weave.config.mjs': '',
    'packages/shop/package.json': '{}',
    'packages/shop/src/deep/tsconfig.json': '{}',
  })

  test('is the nearest folder with a weave.config or a package.json', () => {
    expect(findProjectRoot(root)).toBe(root)
    expect(findProjectRoot(join(root, 'packages/shop/src/deep'))).toBe(join(root, 'packages/shop'))
    expect(findProjectRoot(join(root, 'packages/app/config'))).toBe(join(root, 'packages/app'))
  })
})

describe('openProgram6', () => {
  const own = (root: string, program: { getSourceFiles(): readonly { fileName: string }[] }) =>
    program
      .getSourceFiles()
      .map(({ fileName }) => relative(root, fileName))
      .filter((path) => !path.startsWith('..') && !path.startsWith('node_modules'))
      .sort()

  test('without a tsconfig takes all sources, strictly', () => {
    const root = folderWith({
      'a.ts': '',
      'src/b.tsx': '',
      'src/c.mts': '',
      'd.js': '',
      'dist/e.ts': '',
      '.x/f.ts': '',
      'node_modules/g/g.ts': '',
    })
    const program = openProgram6({ root, tsconfig: undefined, ts }).refresh()
    expect(own(root, program)).toEqual(['a.ts', 'src/b.tsx', 'src/c.mts'])
    expect(program.getCompilerOptions().strict).toBe(true)
  })

  test('follows a solution to its projects, and adds the files it is told of', () => {
    const root = folderWith({
      'tsconfig.json': '{ "files": [], "references": [{ "path": "./tsconfig.app.json" }] }',
      'tsconfig.base.json': '{ "compilerOptions": { "strict": true } }',
      'tsconfig.app.json': '{ "extends": "./tsconfig.base.json", "include": ["src"] }',
      'src/a.ts': '',
      'other.ts': '',
    })
    const opened = openProgram6({ root, tsconfig: join(root, 'tsconfig.json'), ts, files: [join(root, 'other.ts')] })
    expect(own(root, opened.refresh())).toEqual(['other.ts', 'src/a.ts'])
    expect(opened.configFiles.map((path) => relative(root, path))).toEqual([
      'tsconfig.json',
      'tsconfig.app.json',
      'tsconfig.base.json',
    ])
  })

  test('says what is wrong with a tsconfig and goes on', () => {
    const root = folderWith({ 'tsconfig.json': '{ "compilerOptions": { "modul": "nodenext" } }', 'a.ts': '' })
    const opened = openProgram6({ root, tsconfig: join(root, 'tsconfig.json'), ts })
    expect(own(root, opened.refresh())).toEqual(['a.ts'])
    expect(opened.errors).toEqual([expect.stringMatching(/^tsconfig.json: Unknown compiler option 'modul'/)])
  })
})
