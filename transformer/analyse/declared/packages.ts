/**
 * Which package a file belongs to, and how code of another package imports what it exports. In goes a path; out come names that
 * don't depend on where a package is installed: `@shop/cart/src/cart` for a workspace's source, `@shop/cart/dist/cart` for the same
 * file out of a tarball. Reads package.json files, and the text of entry points for what they export again.
 */
import { existsSync, readFileSync } from 'node:fs'
import { posix } from 'node:path'

export interface Package {
  readonly name: string
  readonly folder: string
  /** It can declare components: weavets is among its dependencies. */
  readonly usesWeave: boolean
  /** Subpath (`.`, `./memory`) → files, from the package's folder, without extensions. */
  readonly entries: readonly { readonly subpath: string; readonly files: readonly string[] }[]
}

/** How another package names an export. */
export interface PublicName {
  readonly specifier: string
  readonly exportName: string
}

/** Re-exports of re-exports, so that two files which export each other end. */
const REEXPORTS_MAX = 20

export class Packages {
  readonly #byFolder = new Map<string, Package | undefined>()
  readonly #root: string

  constructor(root: string) {
    this.#root = root
  }

  /** The nearest package.json with a name. */
  of(path: string): Package | undefined {
    return this.#at(posix.dirname(path))
  }

  #at(folder: string): Package | undefined {
    if (this.#byFolder.has(folder)) return this.#byFolder.get(folder)
    const above = posix.dirname(folder)
    const found =
      readPackage(folder) ?? (above === folder || above.endsWith('/node_modules') ? undefined : this.#at(above))
    this.#byFolder.set(folder, found)
    return found
  }

  /** Not the application's own. */
  isForeign(path: string): boolean {
    const own = this.of(posix.join(this.#root, 'package.json'))
    return this.of(path)?.folder !== own?.folder
  }

  /** Undefined when no entry point of its package exports it; then only a relative path leads there. */
  publicName(path: string, exportName: string): PublicName | undefined {
    const found = this.of(path)
    if (found === undefined) return undefined
    const target = plain(posix.relative(found.folder, path))
    for (const { subpath, files } of found.entries) {
      const specifier = posix.join(found.name, subpath)
      for (const file of files) {
        const matched = matchEntry(file, target)
        if (matched !== undefined) return { specifier: specifier.replace('*', matched), exportName }
        if (file.includes('*')) continue
        const name = exportedAs(found.folder, file, { target, exportName }, 0)
        if (name !== undefined) return { specifier, exportName: name }
      }
    }
    return undefined
  }
}

function readPackage(folder: string): Package | undefined {
  const file = posix.join(folder, 'package.json')
  if (!existsSync(file)) return undefined
  try {
    const content = JSON.parse(readFileSync(file, 'utf8')) as Content
    if (typeof content.name !== 'string') return undefined
    const declared = [content.dependencies, content.peerDependencies, content.devDependencies]
    return {
      name: content.name,
      folder,
      usesWeave: declared.some((each) => each !== undefined && 'weavets' in each),
      entries: entriesOf(content),
    }
  } catch {
    return undefined
  }
}

interface Content {
  name?: unknown
  main?: unknown
  types?: unknown
  exports?: unknown
  dependencies?: object
  peerDependencies?: object
  devDependencies?: object
}

function entriesOf({ exports, main, types }: Content): Package['entries'] {
  if (exports === undefined || exports === null) {
    const files = [types, main ?? './index.js'].filter((each) => typeof each === 'string')
    // Without `exports` every file is public.
    return [
      { subpath: '.', files: files.map(plain) },
      { subpath: './*', files: ['*'] },
    ]
  }
  const subpaths = typeof exports === 'object' && Object.keys(exports).every((key) => key.startsWith('.'))
  const table = subpaths ? (exports as Record<string, unknown>) : { '.': exports }
  return Object.entries(table).map(([subpath, target]) => ({ subpath, files: [...new Set(leaves(target).map(plain))] }))
}

/** All files that a target may be, whatever the conditions. */
function leaves(target: unknown): string[] {
  if (typeof target === 'string') return [target]
  if (typeof target !== 'object' || target === null) return []
  return Object.values(target).flatMap(leaves)
}

/** Without `./` and extension. */
function plain(file: string): string {
  return posix.normalize(file).replace(/(\.d)?\.[cm]?[jt]sx?$/, '')
}

/** `src` and what a compiler makes of it are the same module. */
function withoutTop(file: string): string {
  return file.replace(/^(?:src|dist|lib|build|out)\/(?:(?:esm|cjs|src)\/)?/, '')
}

/** The text for `*`, empty without one; undefined when the entry is another file. */
function matchEntry(entry: string, target: string): string | undefined {
  const [before, after] = entry.split('*') as [string, string | undefined]
  if (after === undefined) return withoutTop(entry) === withoutTop(target) ? '' : undefined
  for (const [each, start] of [
    [target, before],
    [withoutTop(target), withoutTop(before)],
  ] as const) {
    const fits = each.length > start.length + after.length && each.startsWith(start) && each.endsWith(after)
    if (fits) return each.slice(start.length, each.length - after.length)
  }
  return undefined
}

interface Wanted {
  /** From the package's folder, without extension. */
  readonly target: string
  readonly exportName: string
}

const REEXPORT = /export\s*(?:\*|\{([^}]*)\})\s*from\s*['"](\.[^'"]*)['"]/g

/** Under which name `file` exports it again, directly or through others. */
function exportedAs(folder: string, file: string, wanted: Wanted, depth: number): string | undefined {
  const text = depth > REEXPORTS_MAX ? undefined : textOf(posix.join(folder, file))
  if (text === undefined) return undefined
  for (const [, names, specifier] of text.matchAll(REEXPORT)) {
    const from = plain(posix.join(posix.dirname(file), specifier!))
    const inner = [from, `${from}/index`].some((each) => withoutTop(each) === withoutTop(wanted.target))
      ? wanted.exportName
      : exportedAs(folder, from, wanted, depth + 1)
    if (inner === undefined) continue
    // `export *` leaves the default export out.
    if (names === undefined) {
      if (inner !== 'default') return inner
      continue
    }
    for (const each of names.split(',')) {
      const [name, alias = name] = each
        .trim()
        .replace(/^type\s+/, '')
        .split(/\s+as\s+/)
      if (name === inner) return alias
    }
  }
  return undefined
}

/** A source or a declaration file; an output says the same. */
function textOf(stem: string): string | undefined {
  for (const end of [
    '.ts',
    '.tsx',
    '.mts',
    '.cts',
    '.d.ts',
    '.d.mts',
    '.d.cts',
    '.js',
    '.mjs',
    '/index.ts',
    '/index.d.ts',
  ]) {
    if (existsSync(stem + end)) return readFileSync(stem + end, 'utf8')
  }
  return undefined
}
