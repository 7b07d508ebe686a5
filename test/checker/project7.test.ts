/** A project under TypeScript 7.1 while its files are edited, and while its compiler dies. */
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { affectedBy } from '../../transformer/analyse/again/links.ts'
import { analyse } from '../../transformer/analyse/index.ts'
import { isProject7, type Project7 } from '../../transformer/checker/program7.ts'
import { CompilerStopped } from '../../transformer/checker/project.ts'
import { openWith, repository, TYPESCRIPT_7 } from './both.ts'

let root: string
let project: Project7

const options = {
  module: 'nodenext',
  target: 'esnext',
  strict: true,
  types: [],
  allowImportingTsExtensions: true,
  noEmit: true,
}

function write(files: Record<string, string>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
}

function open(more: Partial<Parameters<typeof openWith>[1]> = {}): Project7 {
  project?.close()
  const opened = openWith(TYPESCRIPT_7, { root, ...more })
  if (!isProject7(opened)) throw new Error('TypeScript 7 was asked for')
  return opened
}

beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'weavets-project7-')))
  write({
    'package.json': '{ "type": "module" }',
    'tsconfig.json': JSON.stringify({ compilerOptions: options, include: ['src'] }),
    'src/types.ts': 'export interface Item { name: string }\n',
    'src/use.ts': "import type { Item } from './types.ts'\nexport interface Used extends Item { more: number }\n",
  })
  project = open()
})
afterEach(() => {
  project.close()
  rmSync(root, { recursive: true, force: true })
})

/** `name: string, more: number` of the interface `Used`. */
function members(): string {
  const view = project.refresh()
  const file = view.files().find(({ path }) => path === join(root, 'src/use.ts'))!
  const used = view.declarations(file).find(({ name }) => name === 'Used')!
  const found = view.members(view.declaredType(used.symbol)).map(({ name, type }) => `${name}: ${view.text(type)}`)
  return found.sort().join(', ')
}
const own = (): string[] =>
  project
    .refresh()
    .files()
    .filter(({ origin }) => origin === 'project')
    .map(({ path }) => path.slice(root.length + 1))

describe('what changed on disk', () => {
  test('nothing: the same view', () => {
    const view = project.refresh()
    expect(project.refresh()).toBe(view)
  })

  test('a file, also of the same length', () => {
    expect(members()).toBe('more: number, name: string')
    write({ 'src/types.ts': 'export interface Item { name: bigint }\n' })
    expect(members()).toBe('more: number, name: bigint')
    write({ 'src/types.ts': 'export interface Item { named: Date }\n' })
    expect(members()).toBe('more: number, named: Date')
  })

  test('a file comes and goes, also in a folder that was not there', () => {
    expect(own()).toEqual(['src/types.ts', 'src/use.ts'])
    write({ 'src/new.ts': 'export const a = 1\n', 'src/deep/er/new.ts': 'export const b = 1\n' })
    expect(own()).toEqual(['src/deep/er/new.ts', 'src/new.ts', 'src/types.ts', 'src/use.ts'])
    rmSync(join(root, 'src/new.ts'))
    expect(own()).toEqual(['src/deep/er/new.ts', 'src/types.ts', 'src/use.ts'])
  })

  test('an import that was not found appears, and vanishes', () => {
    // Not found by the tsconfig, only by the import.
    write({ 'tsconfig.json': JSON.stringify({ compilerOptions: options, files: ['src/use.ts'] }) })
    const broken = "import type { Item } from './late.ts'\nexport interface Used extends Item { more: number }\n"
    write({ 'src/use.ts': broken })
    expect(members()).toBe('more: number')
    write({ 'src/late.ts': 'export interface Item { late: true }\n' })
    expect(members()).toBe('late: true, more: number')
    rmSync(join(root, 'src/late.ts'))
    expect(members()).toBe('more: number')
  })

  test('a package is installed, and replaced', () => {
    write({ 'src/use.ts': "import type { Item } from 'pack'\nexport interface Used extends Item { more: number }\n" })
    expect(members()).toBe('more: number')
    const manifest = '{ "name": "pack", "types": "index.d.ts" }'
    const pack = (text: string) =>
      write({ 'node_modules/pack/package.json': manifest, 'node_modules/pack/index.d.ts': text })
    pack('export interface Item { pack: 1 }\n')
    expect(members()).toBe('more: number, pack: 1')
    renameSync(join(root, 'node_modules/pack'), join(root, 'old'))
    pack('export interface Item { pack: 22 }\n')
    expect(members()).toBe('more: number, pack: 22')
  })

  test('the tsconfig, and what it extends', () => {
    expect(project.refresh().strictNullChecks).toBe(true)
    write({ 'base.json': '{ "compilerOptions": { "strictNullChecks": false } }' })
    write({
      'tsconfig.json': JSON.stringify({ extends: './base.json', compilerOptions: options, include: ['src', 'more'] }),
    })
    write({ 'more/file.ts': 'export const c = 1\n' })
    expect(own()).toContain('more/file.ts')
    expect(project.refresh().strictNullChecks).toBe(false)
    expect(project.configFiles).toEqual([join(root, 'tsconfig.json'), join(root, 'base.json')])
    write({ 'base.json': '{ "compilerOptions": { "strictNullChecks": true } }' })
    expect(project.refresh().strictNullChecks).toBe(true)
  })

  test('the tsconfig is wrong, gone, and back', () => {
    write({ 'tsconfig.json': '{ "compilerOptions": { "target": "es1" }, "include": ["src"] }' })
    project.refresh()
    expect(project.configErrors).toEqual([
      expect.stringMatching(/^tsconfig\.json: Argument for '--target' option must be/),
    ])
    rmSync(join(root, 'tsconfig.json'))
    expect(own()).toEqual(['src/types.ts', 'src/use.ts'])
    expect(project.configErrors).toEqual([`${join(root, 'tsconfig.json')}: the file was not found.`])
    write({ 'tsconfig.json': JSON.stringify({ compilerOptions: options, include: ['src'] }) })
    project.refresh()
    expect(project.configErrors).toEqual([])
  })
})

describe('unsaved buffers', () => {
  const types = () => join(root, 'src/types.ts')

  test('stand in place of the file, are edited, and taken away', () => {
    project.overlay(types(), 'export interface Item { name: "unsaved" }\n')
    expect(members()).toBe('more: number, name: "unsaved"')
    expect(
      project
        .refresh()
        .files()
        .find(({ path }) => path === types())?.text,
    ).toContain('unsaved')
    project.overlay(types(), 'export interface Item { name: "again" }\n')
    expect(members()).toBe('more: number, name: "again"')
    project.overlay(types(), undefined)
    expect(members()).toBe('more: number, name: string')
  })

  test('survive a change on disk, which shows when they are gone', () => {
    project.overlay(types(), 'export interface Item { name: "unsaved" }\n')
    expect(members()).toBe('more: number, name: "unsaved"')
    write({ 'src/types.ts': 'export interface Item { name: Date }\n' })
    expect(members()).toBe('more: number, name: "unsaved"')
    project.overlay(types(), undefined)
    expect(members()).toBe('more: number, name: Date')
  })

  test('of a file that is not saved yet', () => {
    write({
      'src/use.ts': "import type { Item } from './late.ts'\nexport interface Used extends Item { more: number }\n",
    })
    expect(members()).toBe('more: number')
    project.overlay(join(root, 'src/late.ts'), 'export interface Item { unsaved: 1 }\n')
    expect(members()).toBe('more: number, unsaved: 1')
  })

  test('the same text again changes nothing', () => {
    project.overlay(types(), 'export interface Item { name: "unsaved" }\n')
    const view = project.refresh()
    project.overlay(types(), 'export interface Item { name: "unsaved" }\n')
    expect(project.refresh()).toBe(view)
  })
})

test('files beyond what the tsconfig includes', () => {
  write({ 'test/a.test.ts': 'export const a = 1\n', 'bin/main.ts': 'export const b = 1\n' })
  project = open({ files: [join(root, 'bin/main.ts')] })
  expect(own()).toEqual(['bin/main.ts', 'src/types.ts', 'src/use.ts'])
  project.add(join(root, 'test/a.test.ts'))
  expect(own()).toEqual(['bin/main.ts', 'src/types.ts', 'src/use.ts', 'test/a.test.ts'])
})

test('a project without a tsconfig', () => {
  rmSync(join(root, 'tsconfig.json'))
  project = open({ tsconfig: undefined })
  expect(members()).toBe('more: number, name: string')
  expect(project.configErrors).toEqual([])
})

test("TypeScript's own errors", () => {
  write({ 'src/wrong.ts': "/* é */ export const n: number = 'text'\n", 'src/bad.ts': 'export const = 1\n' })
  project.refresh()
  const place = { file: join(root, 'src/wrong.ts'), start: 21, end: 22 }
  const error = { code: 'TS2322', message: "Type 'string' is not assignable to type 'number'.", place }
  expect(project.typeErrors([place.file])).toEqual([error])
  expect(project.typeErrors()).toEqual(expect.arrayContaining([error]))
  expect(project.typeErrors().map(({ code }) => code)).toContain('TS1134')
  expect(project.typeErrors([join(root, 'src/use.ts')])).toEqual([])
})

test('JavaScript has what was added to the text, declarations have not', () => {
  const emitting = {
    ...options,
    noEmit: false,
    allowImportingTsExtensions: false,
    rewriteRelativeImportExtensions: true,
  }
  const compilerOptions = { ...emitting, declaration: true, sourceMap: true, rootDir: 'src', outDir: 'dist' }
  write({ 'tsconfig.json': JSON.stringify({ compilerOptions, include: ['src'] }) })
  const path = join(root, 'src/types.ts')
  const overlays = new Map([[path, 'export interface Item { name: string }\nexport const added: number = 1\n']])
  const { files, typeErrors } = project.emit({ overlays, files: [path] })
  expect(typeErrors).toEqual([])
  expect(files.map((file) => [file.path.slice(root.length + 1), file.source])).toEqual([
    ['dist/types.d.ts', path],
    ['dist/types.js', path],
    ['dist/types.js.map', path],
  ])
  expect(files[0]!.text).not.toContain('added')
  expect(files[1]!.text).toContain('export const added = 1;')
  expect(project.emit({ overlays: new Map() }).files).toHaveLength(6)
  expect(members()).toBe('more: number, name: string')
})

test('what is emitted is the same whether it was begun before its texts were made or not', () => {
  const compilerOptions = {
    ...options,
    noEmit: false,
    declaration: true,
    outDir: 'dist',
    rewriteRelativeImportExtensions: true,
  }
  write({
    'tsconfig.json': JSON.stringify({ compilerOptions, include: ['src'] }),
    'src/wrong.ts': "import { added } from './types.ts'\nexport const wrong: number = 'a'\nexport { added }\n",
  })
  const path = join(root, 'src/types.ts')
  const overlays = new Map([[path, 'export interface Item { name: string }\nexport const added: number = 1\n']])
  const plain = project.emit({ overlays })
  expect(plain.files.map((file) => file.path.slice(root.length + 1))).toContain('dist/src/wrong.js')
  expect(plain.typeErrors.map(({ code }) => code)).toEqual(['TS2305', 'TS2322'])
  for (const begun of [[path], [], [path, join(root, 'src/use.ts')]]) {
    project.beginEmit(begun)
    expect(project.emit({ overlays })).toEqual(plain)
  }
  project.beginEmit([path])
  write({ 'src/wrong.ts': 'export const wrong = 1\n' })
  project.refresh()
  expect(project.emit({ overlays }).typeErrors).toEqual([])
})

describe('what an edit reaches', () => {
  const reached = (edit: () => void): string[] | undefined => {
    const before = project.refresh().links!()!
    edit()
    const after = project.refresh().links!()!
    if (before.options !== after.options) return undefined
    const affected = affectedBy(before.files, after.files)
    return affected && [...affected].map((path) => path.slice(root.length + 1)).sort()
  }
  const types = (text: string) => () => write({ 'src/types.ts': `export interface Item { name: ${text} }\n` })

  test('is the file and what imports it, from the first edit on', () => {
    write({ 'src/other.ts': 'export const other = 1\n' })
    expect(reached(types('bigint'))).toEqual(['src/types.ts', 'src/use.ts'])
    expect(reached(() => write({ 'src/other.ts': 'export const other = 22\n' }))).toEqual(['src/other.ts'])
    const buffer = (text: string | undefined) => () => project.overlay(join(root, 'src/types.ts'), text)
    expect(reached(buffer('export interface Item { name: 1 }\n'))).toEqual(['src/types.ts', 'src/use.ts'])
    expect(reached(buffer(undefined))).toEqual(['src/types.ts', 'src/use.ts'])
  })

  test('is everything when a package, a file more, or a file that became a script is in it', () => {
    expect(reached(() => write({ 'package.json': '{ "type": "module", "imports": {} }' }))).toBeUndefined()
    expect(reached(() => write({ 'src/more.ts': 'export const more = 1\n' }))).toBeUndefined()
    expect(reached(() => write({ 'src/use.ts': "declare module './types.ts' { interface Item { b: 1 } }\n" }))).toBe(
      undefined,
    )
  })
})

test('a view that was replaced is let go', async () => {
  const first = new WeakRef(project.refresh())
  for (const value of [1, 2, 3]) {
    project.overlay(join(root, 'src/types.ts'), `export interface Item { name: ${value} }\n`)
    members()
    project.refresh().links!()
  }
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  // A WeakRef holds its target until the turn of the event loop ends.
  await new Promise((resolve) => setImmediate(resolve))
  collect()
  expect(first.deref()).toBeUndefined()
})

describe('its process', () => {
  /** Children of a process that run the compiler. */
  function servers(pid: number): number[] {
    try {
      const text = execFileSync('pgrep', ['-P', String(pid), '-f', '--', '--api'], { encoding: 'utf8' })
      return text.trim().split('\n').map(Number)
    } catch {
      return []
    }
  }
  const gone = async (pid: number): Promise<void> => {
    for (let alive = true; alive; ) {
      await new Promise((resolve) => setTimeout(resolve, 5))
      try {
        process.kill(pid, 0)
      } catch {
        alive = false
      }
    }
  }

  test('ends with close', async () => {
    const before = servers(process.pid)
    project.refresh()
    const [pid] = servers(process.pid).filter((each) => !before.includes(each))
    project.close()
    await gone(pid!)
  })

  test('its death is one error that names it, and the next refresh starts another', async () => {
    const before = servers(process.pid)
    const view = project.refresh()
    const [pid] = servers(process.pid).filter((each) => !before.includes(each))
    process.kill(pid!, 'SIGKILL')
    await gone(pid!)
    expect(() => analyse(view, { root })).toThrow(CompilerStopped)
    expect(() => analyse(view, { root })).toThrow(/^TypeScript 7\.1\.\S+ stopped while it was asked about the project/)
    expect(members()).toBe('more: number, name: string')
  })

  test('has begun to read the program when it was only started; its death then is met by refresh', async () => {
    const before = servers(process.pid)
    project.start()
    const [pid] = servers(process.pid).filter((each) => !before.includes(each))
    process.kill(pid!, 'SIGKILL')
    await gone(pid!)
    expect(() => project.refresh()).toThrow(CompilerStopped)
    project.start()
    expect(members()).toBe('more: number, name: string')
    project.start()
    expect(members()).toBe('more: number, name: string')
  })

  test('ends with close when it was only started', async () => {
    const before = servers(process.pid)
    project.start()
    const [pid] = servers(process.pid).filter((each) => !before.includes(each))
    project.close()
    await gone(pid!)
  })

  test('reads what was added after its start', () => {
    project.start()
    write({ 'other/more.ts': 'export const more = 1\n' })
    project.add(join(root, 'other/more.ts'))
    expect(own()).toContain('other/more.ts')
    expect(members()).toBe('more: number, name: string')
  })

  test('ends with the process that opened it, however that ends', async () => {
    const script = `
      import { loadProject } from '${repository}/transformer/checker/load.ts'
      const project = loadProject({ root: ${JSON.stringify(root)}, tsconfig: undefined, files: [], typescript: '${TYPESCRIPT_7}' })
      project.refresh()
      console.log('open')
      setInterval(() => {}, 1000)
    `
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    await once(child.stdout, 'data')
    const [pid] = servers(child.pid!)
    child.kill('SIGKILL')
    await gone(pid!)
  })

  test('does not keep the process alive that opened it', () => {
    const script = `
      import { loadProject } from '${repository}/transformer/checker/load.ts'
      loadProject({ root: ${JSON.stringify(root)}, tsconfig: undefined, files: [], typescript: '${TYPESCRIPT_7}' }).refresh()
    `
    execFileSync(process.execPath, ['--input-type=module', '-e', script])
  })
})
