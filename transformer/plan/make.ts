/**
 * An analysis and the texts that were analysed → a plan: what changes in which file, the version, the manifest. Reads nothing of
 * a checker, so a plan of the disk cache is made in the same way as one of a compiler.
 */
import { existsSync, readFileSync } from 'node:fs'
import { basename, dirname, join, relative, resolve } from 'node:path'
import type { WeaveConfig } from '../../runtime/configuration.ts'
import type { Asked, Texts } from '../cache/texts.ts'
import type { CheckerView } from '../checker/view.ts'
import { createManifest, createOutline, serialiseManifest } from '../codegen/manifest.ts'
import { rewriteText } from '../codegen/rewrite.ts'
import { fromRoot } from '../from-root.ts'
import type { Analysis, App } from '../model.ts'
import type { FilePlan, Plan, SpecifierStyle } from '../plan.ts'
import { compiler } from './late.ts'
import { importsOf } from './modules.ts'
import { sourcesOf, versionOf } from './version.ts'

export interface PlanInput {
  readonly root: string
  readonly config: WeaveConfig
  /** Absolute; default: `tsconfig.json` in the root. */
  readonly tsconfig?: string | undefined
  readonly analysis: Analysis
  /** The project's own sources (no declaration files): absolute path → text as it was analysed. */
  readonly own: ReadonlyMap<string, string>
  /** Undefined when the analysis isn't in the cache, and so no text of it. */
  readonly texts?: Texts | undefined
  readonly compiler: Plan['compiler']
  /** For the editor's questions; a plan from the cache opens the project for them. */
  readonly view: () => CheckerView
}

export function makePlan({
  root,
  config,
  tsconfig,
  analysis,
  own,
  texts: kept,
  compiler: chosen,
  view,
}: PlanInput): Plan {
  const { model } = analysis
  const texts = new Map([...own].map(([path, text]) => [relativeTo(root, path), text]))
  let hashed: string | undefined
  const version = (): string => (hashed ??= versionOf(root, texts, config.types))
  const app = entryApp(model.apps, config)
  const name = config.name ?? packageName(root) ?? basename(root)

  const files = new Map<string, FilePlan>()
  const touched = new Set([...model.apps.map((each) => each.file), ...model.rewrites.map((each) => each.file)])
  for (const file of touched) {
    const text = texts.get(file)
    if (text === undefined) continue
    const starts = model.apps.find((each) => each.file === file)
    const rewrites = model.rewrites.filter((each) => each.file === file)
    const append = once((style: SpecifierStyle) => {
      if (starts === undefined) return ''
      const imports = importsOf({ root, from: file, style, tsconfig })
      const make = (asked: Asked) => compiler().generateApp(model, starts, { version: version(), ...asked })
      return kept === undefined ? make(imports) : kept.of({ version: version(), file, style }, imports, make)
    })
    files.set(join(root, file), {
      text,
      rewrites,
      isApp: starts !== undefined,
      dependencies: starts === undefined ? [] : analysis.dependencies,
      append,
      apply: (style) => rewriteText(text, rewrites, append(style)),
    })
  }

  const manifest = (entry: string) => app && createManifest(model, app, { version: version(), name, entry })
  return {
    root,
    analysis,
    get version() {
      return version()
    },
    files,
    entry: app && join(root, app.file),
    app,
    name,
    compiler: chosen,
    folders: [...new Set([...own.keys()].map((path) => dirname(path)))],
    sources: () => sourcesOf(root, texts),
    includes: (path) => texts.has(relativeTo(root, path)),
    readFile: (path) =>
      texts.get(relativeTo(root, path)) ?? (existsSync(path) ? readFileSync(path, 'utf8') : undefined),
    declarationsAt(path, offset) {
      const file = view()
        .files()
        .find((each) => each.path === path)
      return file === undefined ? [] : view().declarationsAt(file, offset)
    },
    manifest,
    outline: () => app && createOutline(model, app),
    manifestText(entry) {
      if (app === undefined) return undefined
      const make = () => serialiseManifest(manifest(entry)!)
      return kept === undefined
        ? make()
        : kept.of({ manifest: entry, file: app.file, version: version(), name }, NOTHING_ASKED, make)
    },
  }
}

/** A manifest has no imports. */
const NOTHING_ASKED: Asked = { specifier: (file) => file, publicName: () => undefined }

/** Hosts ask again and again: for a fingerprint, for the text, for the other output. */
function once(make: (style: SpecifierStyle) => string): (style: SpecifierStyle) => string {
  const made = new Map<SpecifierStyle, string>()
  return (style) => {
    const known = made.get(style) ?? make(style)
    made.set(style, known)
    return known
  }
}

function entryApp(apps: readonly App[], config: WeaveConfig): App | undefined {
  const running = apps.filter((app) => app.kind === 'run')
  const entry = config.entry === undefined ? 'src/main.ts' : relativeTo('/', resolve('/', config.entry))
  const found = running.find((app) => app.file === entry)
  if (found !== undefined || config.entry !== undefined) return found
  return running.length === 1 ? running[0] : undefined
}

function relativeTo(root: string, path: string): string {
  return path.startsWith(`${root}/`) ? fromRoot(root, path) : relative(root, path).replaceAll('\\', '/')
}

function packageName(root: string): string | undefined {
  const path = join(root, 'package.json')
  if (!existsSync(path)) return undefined
  try {
    const { name } = JSON.parse(readFileSync(path, 'utf8')) as { name?: unknown }
    return typeof name === 'string' ? name : undefined
  } catch {
    return undefined
  }
}
