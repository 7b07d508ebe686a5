/**
 * Which TypeScript analyses a project, and where the project begins. Everything is loaded when it is asked for, by
 * `require`: nothing that an application or `weave status` imports may load a compiler.
 *
 * The project's own `typescript` is taken if it has the classic API (5.6 up to 6.x): then the editor, `tsc` and weave
 * agree to the letter. TypeScript 7 has no such API, and a project may have none at all; ts-morph brings its own 6.
 */
import { existsSync, readdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, resolve } from 'node:path'
import type { Ts } from './view6-types.ts'

const OLDEST = [5, 6] as const

export function loadTypeScript(root: string): Ts {
  return projectTypeScript(root) ?? createRequire(import.meta.url)('ts-morph').ts
}

function projectTypeScript(root: string): Ts | undefined {
  try {
    const found: Partial<Ts> = createRequire(join(resolve(root), 'package.json'))('typescript')
    const [major = 0, minor = 0] = (found.version ?? '').split('.').map(Number)
    const classic = major < 7 && (major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1]))
    // TypeScript 7's entry point has a version and no API.
    return classic && found.createProgram ? (found as Ts) : undefined
  } catch {
    return undefined
  }
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

const CONFIG_FILE = /^weave\.config\.(ts|mts|js|mjs)$/

/**
 * The folder that names of components are relative to: that of `weave.config.ts`, looked for from `start` (the folder of the
 * tsconfig) up to the nearest package.json; else `start`.
 */
export function findProjectRoot(start: string): string {
  const first = resolve(start)
  for (let folder = first; ; folder = dirname(folder)) {
    const names = existsSync(folder) ? readdirSync(folder) : []
    if (names.some((name) => CONFIG_FILE.test(name))) return folder
    if (names.includes('package.json') || dirname(folder) === folder) return first
  }
}
