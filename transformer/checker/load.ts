/**
 * Which TypeScript analyses a project, and where the project begins. Everything is loaded when it is asked for, by
 * `require`: nothing that an application or `weave status` imports may load a compiler.
 *
 * The order: the TypeScript that a host hands in; the project's own with the classic API (5.6 up to 6.x) or with the API of 7.1,
 * since then the editor, `tsc` and weave agree to the letter; the 6 that ts-morph brings. 7.0 has no API that would last, and
 * 7.1 may lack its native part: then `compiler.why` says so, and ts-morph's is taken.
 */
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, resolve } from 'node:path'
import { openProject7 } from './program7.ts'
import type { CheckedProject, OpenProjectOptions } from './project.ts'
import { openProject6 } from './project6.ts'
import type { Ast, Ts } from './view6-types.ts'
import { loadTypeScript7, type Ts7, Unusable } from './view7-api.ts'

export { findProjectRoot } from './root.ts'

const OLDEST = [5, 6] as const

type Compiler = CheckedProject['compiler']

/** A compiler that has been loaded; the other of the two is absent. */
export interface ChosenTypeScript {
  readonly compiler: Compiler
  readonly ts?: Ts
  readonly ts7?: Ts7
}

/** Starts nothing: `weave doctor` asks it too. */
export function chooseTypeScript({
  root,
  ts,
  typescript,
}: Pick<OpenProjectOptions, 'root' | 'ts' | 'typescript'>): ChosenTypeScript {
  if (ts !== undefined)
    return { ts, compiler: { version: ts.version, path: folderOf(ts), why: 'the host works with it' } }
  if (typescript !== undefined) return loadFrom(typescript, 'it was asked for')
  const own = findOwn(root)
  if (own === undefined) return ofMorph('the project has no TypeScript of its own')
  const version = versionIn(own)
  if (isAtLeast(version, [7, 0]) && !isAtLeast(version, [7, 1])) {
    return ofMorph(`the project's TypeScript ${version} has no stable API (7.1 has one)`)
  }
  if (!isAtLeast(version, OLDEST)) return ofMorph(`the project's TypeScript ${version} is older than 5.6`)
  try {
    return loadFrom(own, "it is the project's own")
  } catch (error) {
    return ofMorph(
      `the project's TypeScript ${version} is out of use: ${error instanceof Error ? error.message : error}`,
    )
  }
}

/** The project behind the checker that was chosen for it. */
export function loadProject(options: OpenProjectOptions): CheckedProject {
  const { compiler, ts, ts7 } = chooseTypeScript(options)
  return ts7 ? openProject7({ ...options, compiler, ts7 }) : openProject6({ ...options, compiler, ts: ts! })
}

/** For hosts that need the classic API, whatever the project has. */
export function loadTypeScript(root: string): Ts {
  return chooseTypeScript({ root }).ts ?? morph()
}

const requireHere = createRequire(import.meta.url)
const morph = (): Ts => requireHere('ts-morph').ts

function ofMorph(reason: string): ChosenTypeScript {
  const ts = morph()
  return {
    ts,
    compiler: {
      version: ts.version,
      path: dirname(requireHere.resolve('ts-morph')),
      why: `${reason}, so ts-morph's is taken`,
    },
  }
}

function loadFrom(folder: string, why: string): ChosenTypeScript {
  const version = versionIn(folder)
  const compiler = { version, path: folder, why }
  if (isAtLeast(version, [7, 0])) return { compiler, ts7: loadTypeScript7(folder) }
  const ts: Partial<Ts> = requireHere(folder)
  if (ts.createProgram === undefined) throw new Unusable('it has no compiler API')
  return { compiler, ts: ts as Ts }
}

/** Folder of the package that the project's own modules would get. */
function findOwn(root: string): string | undefined {
  try {
    return dirname(createRequire(join(resolve(root), 'package.json')).resolve('typescript/package.json'))
  } catch {
    return undefined
  }
}

function versionIn(folder: string): string {
  return (JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string }).version
}

function isAtLeast(version: string, [major, minor]: readonly [number, number]): boolean {
  const [ownMajor = 0, ownMinor = 0] = version.split('.').map(Number)
  return ownMajor > major || (ownMajor === major && ownMinor >= minor)
}

/** Where a namespace that a host has loaded comes from; its library lies beside it. */
function folderOf(ts: Ts): string {
  return dirname(dirname(ts.getDefaultLibFilePath({})))
}

/** `lib.*.d.ts` of a TypeScript that has none on disk (ts-morph keeps them in memory): absolute path → text. */
export function bundledLibrary(ts: Ts): ReadonlyMap<string, string> | undefined {
  const library = ts.getDefaultLibFilePath({})
  if (existsSync(library)) return undefined
  const folder = library.slice(0, library.lastIndexOf('/') + 1)
  const fromMorph = createRequire(createRequire(import.meta.url).resolve('ts-morph'))
  const { getLibFiles }: { getLibFiles(): { fileName: string; text: string }[] } = fromMorph('@ts-morph/common')
  return new Map(getLibFiles().map((file) => [folder + file.fileName, file.text]))
}

/** What TypeScript reads by, its library included where that is in memory: for those who let it do its own reading. */
export function systemOf(ts: Ts): Ast.System {
  const library = bundledLibrary(ts)
  if (library === undefined) return ts.sys
  return {
    ...ts.sys,
    fileExists: (path) => library.has(path) || ts.sys.fileExists(path),
    readFile: (path, encoding) => library.get(path) ?? ts.sys.readFile(path, encoding),
  }
}
