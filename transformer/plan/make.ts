/**
 * An analysis and the texts that were analysed → a plan: what changes in which file, the version, the manifest. Reads nothing of
 * a checker, so a plan of the disk cache is made in the same way as one of a compiler.
 */
import { existsSync, readFileSync } from 'node:fs'
import { basename, join, relative, resolve } from 'node:path'
import type { WeaveConfig } from '../../runtime/config/configuration.ts'
import type { Manifest } from '../../runtime/manifest.ts'
import { type Asked, inUtf8, type Text, type Texts } from '../cache/texts.ts'
import type { CheckerView } from '../checker/view.ts'
import { type ApartOptions, splitApart } from '../codegen/apart.ts'
import { beforeAppended, rewriteText } from '../codegen/rewrite.ts'
import { fromRoot } from '../from-root.ts'
import type { Analysis, App } from '../model.ts'
import type { FilePlan, Plan, SpecifierStyle } from '../plan.ts'
import { compiler } from './late.ts'
import { ManifestText } from './manifest-text.ts'
import { importsOf } from './modules.ts'
import type { OwnSources } from './own.ts'

export interface PlanInput {
  readonly root: string
  readonly config: WeaveConfig
  /** Absolute; default: `tsconfig.json` in the root. */
  readonly tsconfig?: string | undefined
  readonly analysis: Analysis
  /** Undefined where the analysis has all diagnostics already. */
  readonly diagnosticsOf?: Plan['diagnosticsOf'] | undefined
  readonly own: OwnSources
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
  diagnosticsOf,
  own,
  texts: kept,
  compiler: chosen,
  view,
}: PlanInput): Plan {
  const { model } = analysis
  const app = entryApp(model.apps, config)
  const name = config.name ?? packageName(root) ?? basename(root)

  const files = new Map<string, FilePlan>()
  const touched = new Set([...model.apps.map((each) => each.file), ...model.rewrites.map((each) => each.file)])
  for (const file of touched) {
    const text = own.text(file)
    if (text === undefined) continue
    const starts = model.apps.find((each) => each.file === file)
    const rewrites = model.rewrites.filter((each) => each.file === file)
    const generate = (style: SpecifierStyle, apart?: ApartOptions): readonly Text[] => {
      if (starts === undefined) return []
      const imports = importsOf({ root, from: file, style, tsconfig })
      const options = { version: own.version(), require: style === 'require' }
      const make = (asked: Asked) => {
        const text = compiler().generateApp(model, starts, { ...options, ...asked })
        return apart === undefined ? [{ name: '', text }] : splitApart(text, apart)
      }
      return kept?.of({ version: own.version(), file, style, apart }, imports, make) ?? inUtf8(make(imports))
    }
    const append = once((style) => generate(style).map(textOf).join(''))
    files.set(join(root, file), {
      text,
      rewrites,
      isApp: starts !== undefined,
      dependencies: starts === undefined ? [] : analysis.dependencies,
      append,
      apply: (style) => rewriteText(text, rewrites, append(style)),
      applyApart(style, options) {
        const [first, ...modules] = generate(style, options)
        return first && { inFile: Buffer.from(beforeAppended(text, rewrites) + textOf(first)), modules }
      },
    })
  }

  const manifest = new ManifestText({ model, app, name, version: () => own.version(), kept })
  const included = later(() => new Set(own.files))
  // A bundler is told with each file that it asks for.
  const folders = later(() => [...new Set(own.files.map(folderOf))].map((folder) => join(root, folder)))
  return {
    root,
    analysis,
    diagnosticsOf: diagnosticsOf ?? ((file) => analysis.diagnostics.filter((each) => each.file === file)),
    get version() {
      return own.version()
    },
    files,
    entry: app && join(root, app.file),
    app,
    name,
    compiler: chosen,
    get folders() {
      return folders()
    },
    sources: () => compiler().sourcesOf(root, own),
    includes: (path) => included().has(relativeTo(root, path)),
    readFile: (path) => own.text(relativeTo(root, path)) ?? (existsSync(path) ? readFileSync(path, 'utf8') : undefined),
    declarationsAt(path, offset) {
      const file = view()
        .files()
        .find((each) => each.path === path)
      return file === undefined ? [] : view().declarationsAt(file, offset)
    },
    manifest: (entry) => app && (JSON.parse(manifest.text(entry)!) as Manifest),
    outline: () => app && compiler().createOutline(model, app),
    manifestText: (entry) => manifest.text(entry),
    manifestBytes: (entry) => manifest.bytes(entry),
    writeManifest: (path, entry) => manifest.write(path, entry),
  }
}

/** As `dirname`, of a path from the root. */
const folderOf = (file: string): string => file.slice(0, Math.max(0, file.lastIndexOf('/'))) || '.'

const textOf = (text: Text): string => Buffer.from(text.bytes()).toString()

/** Hosts ask again and again: for a fingerprint, for the text, for the other output. */
function once<Value>(make: (style: SpecifierStyle) => Value): (style: SpecifierStyle) => Value {
  const made = {
    source: later(() => make('source')),
    output: later(() => make('output')),
    require: later(() => make('require')),
  }
  return (style) => made[style]()
}

function later<Value>(make: () => Value): () => Value {
  let made: { readonly value: Value } | undefined
  return () => {
    made ??= { value: make() }
    return made.value
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
