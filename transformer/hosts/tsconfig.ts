/**
 * What a loader must know of a tsconfig.json to run what it describes: path aliases, and the few options that change what a
 * source means when its types are taken away. In goes a folder; out come those settings, `extends` followed. No TypeScript is
 * loaded for it. A tsconfig that can't be read says nothing here: the compiler that reads it for the analysis reports it.
 */
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, isAbsolute, join, resolve } from 'node:path'
import { withoutComments } from '../plan/jsonc.ts'

export interface LoaderSettings {
  /** Longest prefix first; targets are absolute, with the pattern's `*`. */
  readonly aliases: readonly Alias[]
  /** For esbuild's `tsconfigRaw`. */
  readonly compilerOptions: Readonly<Record<string, unknown>>
  readonly emitDecoratorMetadata: boolean
}

export interface Alias {
  readonly prefix: string
  /** Undefined for a pattern without `*`, which matches itself alone. */
  readonly suffix: string | undefined
  readonly targets: readonly string[]
}

const NOTHING: LoaderSettings = { aliases: [], compilerOptions: {}, emitDecoratorMetadata: false }

/** Those that decide what is left of a source. */
const MEANINGFUL = [
  'experimentalDecorators',
  'useDefineForClassFields',
  'jsx',
  'jsxFactory',
  'jsxFragmentFactory',
  'jsxImportSource',
  'verbatimModuleSyntax',
  'target',
]

const byFolder = new Map<string, LoaderSettings>()

/** Of the nearest tsconfig.json at or above `folder`. */
export function loaderSettings(folder: string): LoaderSettings {
  const known = byFolder.get(folder)
  if (known !== undefined) return known
  const file = join(folder, 'tsconfig.json')
  const above = dirname(folder)
  const found = existsSync(file) ? readSettings(file) : above === folder ? NOTHING : loaderSettings(above)
  byFolder.set(folder, found)
  return found
}

/** Of any of these folders; esbuild doesn't do it (metadata.ts). */
export function asksForMetadata(folders: readonly string[]): boolean {
  return folders.some((folder) => loaderSettings(folder).emitDecoratorMetadata)
}

/** Files that an alias may mean, as absolute paths; they may lack an extension, and may not exist. */
export function aliased(specifier: string, { aliases }: LoaderSettings): string[] {
  for (const { prefix, suffix, targets } of aliases) {
    if (suffix === undefined) {
      if (specifier === prefix) return [...targets]
      continue
    }
    const fits = specifier.length >= prefix.length + suffix.length
    if (!fits || !specifier.startsWith(prefix) || !specifier.endsWith(suffix)) continue
    const matched = specifier.slice(prefix.length, specifier.length - suffix.length)
    return targets.map((target) => target.replace('*', () => matched))
  }
  return []
}

/** A chain longer than this refers to itself. */
const EXTENDS_MAX = 20

interface Config {
  extends?: string | string[]
  compilerOptions?: Record<string, unknown>
}

/** Options with the folder of the file that set them: what is relative is relative to that. */
type Options = Map<string, { readonly value: unknown; readonly folder: string }>

function readSettings(file: string): LoaderSettings {
  const options = readOptions(file, 0)
  const compilerOptions: Record<string, unknown> = {}
  for (const name of MEANINGFUL) if (options.has(name)) compilerOptions[name] = options.get(name)!.value
  const emitDecoratorMetadata = options.get('emitDecoratorMetadata')?.value === true
  return { aliases: aliasesOf(options), compilerOptions, emitDecoratorMetadata }
}

function readOptions(file: string, depth: number): Options {
  const options: Options = new Map()
  const config = parse(file)
  if (config === undefined || depth > EXTENDS_MAX) return options
  for (const base of [config.extends ?? []].flat()) {
    const path = basePath(base, file)
    if (path !== undefined) for (const [name, option] of readOptions(path, depth + 1)) options.set(name, option)
  }
  const folder = dirname(file)
  for (const [name, value] of Object.entries(config.compilerOptions ?? {})) options.set(name, { value, folder })
  return options
}

function basePath(base: string, from: string): string | undefined {
  if (base.startsWith('.') || isAbsolute(base)) {
    const path = resolve(dirname(from), base)
    return [path, `${path}.json`, join(path, 'tsconfig.json')].find((each) => /\.json$/.test(each) && existsSync(each))
  }
  const require = createRequire(from)
  for (const specifier of [base, `${base}.json`, `${base}/tsconfig.json`]) {
    try {
      return require.resolve(specifier)
    } catch {
      // The next form; a base that is nowhere is the compiler's to report.
    }
  }
  return undefined
}

function parse(file: string): Config | undefined {
  try {
    return JSON.parse(withoutComments(readFileSync(file, 'utf8'))) as Config
  } catch {
    return undefined
  }
}

function aliasesOf(options: Options): Alias[] {
  const paths = options.get('paths')
  if (paths === undefined || typeof paths.value !== 'object' || paths.value === null) return []
  const base = options.get('baseUrl')
  const folder = typeof base?.value === 'string' ? resolve(base.folder, base.value) : paths.folder
  const aliases = Object.entries(paths.value as Record<string, readonly string[]>).map(([pattern, targets]): Alias => {
    const star = pattern.indexOf('*')
    return {
      prefix: star === -1 ? pattern : pattern.slice(0, star),
      suffix: star === -1 ? undefined : pattern.slice(star + 1),
      targets: targets.map((target) => resolve(folder, target)),
    }
  })
  // What is written in full goes before every pattern.
  const rank = ({ prefix, suffix }: Alias) => (suffix === undefined ? Number.POSITIVE_INFINITY : prefix.length)
  return aliases.sort((a, b) => rank(b) - rank(a))
}
