/**
 * What `weave init` wants to know of a folder: its package.json, its config, and whether there is a program in it at all. A folder in
 * which only `npm install` or `npm init` has run has none. Reads; changes nothing.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { CONFIG_FILES, loadConfigFile } from '../../runtime/config/config-file.ts'
import { Failure } from '../errors.ts'

export interface ProjectFolder {
  folder: string
  /** Text of package.json. */
  manifest: string | undefined
  config: ConfigFile | undefined
  hasSources: boolean
  /** Some interface of it extends `Component` already, as far as its text tells. */
  hasBoundary: boolean
  /** Text of a file of the project. */
  read: (path: string) => string | undefined
}

export interface ConfigFile {
  path: string
  text: string
  /** As it says, or as it would be without a word. */
  entry: string
}

export function readProject(folder: string): ProjectFolder {
  const read = (path: string) => {
    const file = join(folder, path)
    return existsSync(file) ? readFileSync(file, 'utf8') : undefined
  }
  const manifest = read('package.json')
  const workspaces = manifest !== undefined && 'workspaces' in parseManifest(manifest)
  const sources = sourcesIn(folder, FOLDERS_DEEP)
  const hasSources = workspaces || (manifest !== undefined && !sources.next().done)
  const hasBoundary = hasSources && [...sourcesIn(folder, FOLDERS_DEEP)].some(namesBoundary)
  return { folder, manifest, config: findConfig(folder, read), hasSources, hasBoundary, read }
}

export interface PackageManifest {
  type?: unknown
  main?: unknown
  workspaces?: unknown
  scripts?: Record<string, string>
  dependencies?: object
  devDependencies?: object
}

export function parseManifest(text: string): PackageManifest {
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch (cause) {
    throw new Failure('package.json is not valid JSON.', { next: 'Correct it, then run "weave init" again.', cause })
  }
  if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) return parsed
  throw new Failure('package.json is not an object.', { next: 'Correct it, then run "weave init" again.' })
}

const SOURCE = /\.[cm]?[jt]sx?$/
/** `vitest.config.ts`, `eslint.config.js`, `.prettierrc.js`: settings of tools make no program, nor do declarations. */
const NOT_SOURCE = /\.config\.[cm]?[jt]s$|^\.|\.d\.[cm]?ts$/
const BOUNDARY = /\binterface\s[^{]*\sextends\s[^{]*\bComponent\b/
const NOT_LOOKED_INTO = /^\.|^node_modules$|^dist$/
/** Sources that are deeper are below some that aren't. */
const FOLDERS_DEEP = 4

function* sourcesIn(folder: string, deep: number): Generator<string> {
  const entries = readdirSync(folder, { withFileTypes: true })
  for (const { name } of entries.filter((each) => each.isFile())) {
    if (SOURCE.test(name) && !NOT_SOURCE.test(name)) yield join(folder, name)
  }
  if (deep === 0) return
  for (const { name } of entries.filter((each) => each.isDirectory())) {
    if (!NOT_LOOKED_INTO.test(name)) yield* sourcesIn(join(folder, name), deep - 1)
  }
}

const namesBoundary = (file: string): boolean => BOUNDARY.test(readFileSync(file, 'utf8'))

function findConfig(folder: string, read: ProjectFolder['read']): ConfigFile | undefined {
  const path = CONFIG_FILES.find((name) => existsSync(join(folder, name)))
  if (path === undefined) return undefined
  const text = read(path)!
  return { path, text, entry: entryIn(folder) ?? /\bentry: "([^"\n]+)"/.exec(text)?.[1] ?? 'src/main.ts' }
}

/** Undefined also when the file can't be loaded: it may import what isn't installed yet. */
function entryIn(folder: string): string | undefined {
  try {
    return loadConfigFile(folder)?.entry
  } catch {
    return undefined
  }
}
