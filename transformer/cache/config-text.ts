/**
 * Which parts of the disk tsconfigs and package.json files make a compiler look at, beyond the folders that sources name: what
 * `include` takes in, where `paths`, `baseUrl`, `rootDirs`, `typeRoots` and `imports` lead, and the packages that
 * sources name.
 * Read from the text, without a compiler. Where one setting may be overridden by another, both count.
 */
import { dirname, join, resolve } from 'node:path'
import { withoutComments } from '../plan/jsonc.ts'
import type { Disk, TreeKind } from './disk.ts'
import { ownPackage } from './identity.ts'

interface RawConfig {
  extends?: unknown
  include?: unknown
  files?: unknown
  references?: unknown
  compilerOptions?: Record<string, unknown>
}

export interface Looking {
  readonly root: string
  readonly tsconfig: string | undefined
  readonly configFiles: readonly string[]
  readonly files: readonly { readonly path: string; readonly text: string; readonly origin: string }[]
}

/** A pattern that reaches into hidden folders by a wildcard is nothing that `tree` would notice. */
export function isReadable(configFiles: readonly string[], disk: Disk): boolean {
  return configFiles.every((path) => {
    const raw = parse(disk.text(path))
    return raw !== undefined && !strings(raw.include).some((pattern) => /[*?].*\/\./.test(pattern))
  })
}

export function lookedAtBy(looking: Looking, disk: Disk): (readonly [folder: string, kind: TreeKind])[] {
  const { root, tsconfig, configFiles, files } = looking
  const found: (readonly [string, TreeKind])[] = [[root, 'sources']]
  const configs = configFiles.map((path) => ({ path, folder: dirname(path), raw: parse(disk.text(path)) ?? {} }))
  const main = tsconfig === undefined ? root : dirname(tsconfig)
  const isSolution = configs.some(({ raw }) => raw.references !== undefined)
  const takesJavaScript = configs.some(({ raw }) => raw.compilerOptions?.allowJs ?? raw.compilerOptions?.checkJs)
  const included: TreeKind = takesJavaScript === true ? 'importable' : 'sources'
  const bases = configs.flatMap(({ folder, raw }) => {
    const { baseUrl } = raw.compilerOptions ?? {}
    return typeof baseUrl === 'string' ? [resolve(folder, inConfigDir(baseUrl, main))] : []
  })
  for (const { path, folder, raw } of configs) {
    const includes = strings(raw.include)
    if (path === tsconfig || includes.length > 0 || (isSolution && !path.includes('/node_modules/'))) {
      found.push([folder, included])
    }
    for (const pattern of includes) found.push([fixedPart(resolve(folder, inConfigDir(pattern, main))), included])
    // One that is missing may come to be.
    for (const file of strings(raw.files)) found.push([dirname(resolve(folder, inConfigDir(file, main))), included])
    const { paths, rootDirs, typeRoots } = raw.compilerOptions ?? {}
    for (const target of [
      ...strings(rootDirs),
      ...strings(typeRoots),
      ...Object.values(paths ?? {}).flatMap(strings),
    ]) {
      for (const base of new Set([folder, ...bases])) {
        found.push([fixedPart(resolve(base, inConfigDir(target, main))), 'importable'])
      }
    }
  }
  for (const base of bases) found.push([base, 'importable'])
  return [...found, ...importsOf(files, disk)]
}

/** `imports` of a package.json, and `exports` by which a package names itself. */
function importsOf(files: Looking['files'], disk: Disk): (readonly [string, TreeKind])[] {
  const folders = above(files.filter(({ origin }) => origin === 'project').map(({ path }) => path))
  return folders.flatMap((folder) => {
    if (folder === ownPackage()) return []
    const raw = parse(disk.text(join(folder, 'package.json'))) as { imports?: unknown; exports?: unknown } | undefined
    const targets = [...nestedStrings(raw?.imports), ...nestedStrings(raw?.exports)]
    return targets
      .filter((target) => target.startsWith('./'))
      .map((target) => [fixedPart(resolve(folder, target)), 'importable'] as const)
  })
}

/** `'money'`, `'@scope/money/cents'`: the name of a package and the path inside it, or anything else in quotes, which does no harm. */
const PACKAGE_IN_QUOTES = /["'`]((?:@[\w.-]+\/)?[\w-][\w.-]*)((?:\/[\w.-]+)*)["'`]/g

/**
 * What the sources name of packages: outputs of a workspace's package come and go without an install, and so may what a package
 * of which nothing was found lacks.
 */
export function namedPackages(files: Looking['files'], disk: Disk): Named {
  const own = files.filter(({ origin }) => origin === 'project')
  const named = new Map<string, Set<string>>()
  for (const { text } of own) {
    for (const [, name, path] of text.matchAll(PACKAGE_IN_QUOTES)) {
      named.set(name!, (named.get(name!) ?? new Set()).add(path!))
    }
  }
  const trees = new Set<string>()
  const folders = new Set<string>()
  for (const packages of above(own.map(({ path }) => path)).map((folder) => join(folder, 'node_modules'))) {
    if (disk.stat(packages) === undefined) continue
    for (const [name, paths] of named) {
      const folder = join(packages, name)
      if (disk.stat(folder)?.isDirectory() !== true) continue
      const real = disk.linkTarget(folder) ?? folder
      // Its types are files of the program, and its code has an identity of its own.
      if (real === ownPackage()) continue
      const isUsed = files.some(({ path }) => path.startsWith(`${real}/`))
      if (!isUsed || !real.includes('/node_modules/')) trees.add(real)
      for (const path of paths) {
        folders.add(path === '' ? folder : join(folder, path, '..'))
        if (disk.stat(join(folder, path))?.isDirectory() === true) folders.add(join(folder, path))
      }
    }
  }
  return { trees: [...trees].map((folder) => [folder, 'importable'] as const), folders: [...folders] }
}

interface Named {
  readonly trees: readonly (readonly [folder: string, kind: TreeKind])[]
  readonly folders: readonly string[]
}

/** The folders of files, and all above them. */
export function above(paths: readonly string[]): string[] {
  const found = new Set<string>()
  for (const path of paths) {
    for (let folder = dirname(path); !found.has(folder); folder = dirname(folder)) found.add(folder)
  }
  return [...found]
}

/** The folder before the first wildcard; of a file, the folder that it is in. */
function fixedPart(pattern: string): string {
  const at = pattern.search(/[*?]/)
  if (at !== -1) return pattern.slice(0, Math.max(1, pattern.lastIndexOf('/', at)))
  return /\.\w+$/.test(pattern) ? dirname(pattern) : pattern
}

const inConfigDir = (text: string, main: string): string => text.replace('$' + '{configDir}', main)

const strings = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((each) => typeof each === 'string') : []

function nestedStrings(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(nestedStrings) : []
}

/** JSON with comments and trailing commas, as TypeScript takes it; undefined for what isn't. */
export function parse(text: string | undefined): RawConfig | undefined {
  if (text === undefined) return undefined
  const bare = withoutComments(text)
  try {
    const value: unknown = JSON.parse(bare.trim() === '' ? '{}' : bare)
    return typeof value === 'object' && value !== null ? value : undefined
  } catch {
    return undefined
  }
}
