/**
 * Where analysis and code generation meet. Takes a project (or a program that a host made); gives, for each file whose
 * text changes, what changes; and the version, the manifest and the diagnostics. Hosts ask this and hold no rules.
 *
 * A planner stays open between builds: `refresh` analyses again what changed since.
 */

import { existsSync, readFileSync } from 'node:fs'
import { basename, dirname, join, relative, resolve } from 'node:path'
import type * as TS from 'typescript'
import { loadConfigFile } from '../runtime/config-file.ts'
import type { WeaveConfig } from '../runtime/configuration.ts'
import { WeaveError } from '../runtime/errors.ts'
import type { Manifest } from '../runtime/manifest.ts'
import { isTestFile } from './analyse/find.ts'
import { analyse } from './analyse/index.ts'
import { findProjectRoot, loadTypeScript } from './checker/load.ts'
import { openProgram6 } from './checker/program6.ts'
import type { CheckerView } from './checker/view.ts'
import { createView6 } from './checker/view6.ts'
import { generateApp } from './codegen/app.ts'
import { createManifest, serialiseManifest } from './codegen/manifest.ts'
import { rewriteText } from './codegen/rewrite.ts'
import { contentVersion } from './codegen/version.ts'
import { createDiagnostic } from './diagnostics/create.ts'
import type { Diagnostic } from './diagnostics/diagnostic.ts'
import type { Analysis, App, Rewrite } from './model.ts'

export const MANIFEST_FILE = 'weave.manifest.json'

export interface PlanOptions {
  /** A folder of the project; its root is looked for from here upwards. */
  from: string
  /** Default: `tsconfig.json` in the root. */
  tsconfig?: string | undefined
  /** Default: what `weave.config.ts` says. */
  config?: WeaveConfig | undefined
  /** By a host that has made a program already: it is analysed as it is. */
  ts?: typeof TS
  program?: TS.Program
}

export interface Planner {
  readonly root: string
  /** Where the file that calls `run` is expected (absolute path); there may be none. */
  readonly entry: string
  /** Adds a file that the tsconfig leaves out (tests, often); the next `refresh` has it. */
  add(path: string): void
  refresh(): Plan
}

export interface Plan {
  readonly root: string
  readonly analysis: Analysis
  readonly version: string
  /** By absolute path. */
  readonly files: ReadonlyMap<string, FilePlan>
  /** Absolute path of the file whose `run` starts the application. */
  readonly entry: string | undefined
  /** The application that the entry starts. */
  readonly app: App | undefined
  /** Name of the application. */
  readonly name: string
  /** Folders that hold the project's sources: a new file in one may change the plan. */
  readonly folders: readonly string[]
  includes(path: string): boolean
  /** Text of a file (absolute path), as it was analysed if it was. */
  readFile(path: string): string | undefined
  /** `entryOutput` is where the built entry file is, from the manifest's folder. Undefined when nothing is started. */
  manifest(entryOutput: string): Manifest | undefined
  /** The manifest's text. */
  manifestText(entryOutput: string): string | undefined
}

/** How generated imports name a module: by its source file (bundlers, Node), or by what tsc makes of it. */
export type SpecifierStyle = 'source' | 'output'

export interface FilePlan {
  /** What was analysed, and so what the offsets in `rewrites` are of. */
  readonly text: string
  readonly rewrites: readonly Rewrite[]
  /** It starts an application, so code is appended. */
  readonly isApp: boolean
  /** Absolute paths of the files that the generated code depends on. */
  readonly dependencies: readonly string[]
  append(style: SpecifierStyle): string
  /** The whole new text. */
  apply(style: SpecifierStyle): string
}

const LOCK_FILES = ['package-lock.json', 'npm-shrinkwrap.json', 'pnpm-lock.yaml', 'yarn.lock', 'bun.lock']

export function openPlan(options: PlanOptions): Planner {
  const root = findProjectRoot(options.from)
  const config = options.config ?? loadConfigFile(root) ?? {}
  const { entry, implementations } = config
  const entryFile = resolve(root, entry ?? 'src/main.ts')
  const source = openSource(root, entryFile, options)
  return {
    root,
    entry: entryFile,
    add: (path) => source.add(path),
    refresh() {
      const view = source.view()
      const found = analyse(view, { root, ...(entry && { entry }), ...(implementations && { implementations }) })
      const analysis = { ...found, diagnostics: [...source.errors().map(tsconfigError), ...found.diagnostics] }
      return makePlan({ root, view, analysis, config })
    },
  }
}

interface Source {
  view(): CheckerView
  /** What is wrong with the tsconfig; known when there is a view. */
  errors(): readonly string[]
  add(path: string): void
}

function openSource(root: string, entry: string, { ts, program, tsconfig }: PlanOptions): Source {
  if (ts !== undefined && program !== undefined) {
    // The host's own compiler reports syntax errors.
    const view = { ...createView6(ts, program, root), syntaxErrors: () => [] }
    return { view: () => view, errors: () => [], add: () => undefined }
  }
  const loaded = ts ?? loadTypeScript(root)
  // The program must have the entry, whatever the tsconfig includes.
  const files = existsSync(entry) ? [entry] : []
  const usual = join(root, 'tsconfig.json')
  const config = tsconfig ?? (existsSync(usual) ? usual : undefined)
  const opened = openProgram6({ root, tsconfig: config, ts: loaded, files })
  return {
    view: () => createView6(loaded, opened.refresh(), root),
    errors: () => opened.errors,
    add: (path) => files.push(path),
  }
}

function tsconfigError(text: string): Diagnostic {
  return createDiagnostic('WV9013', undefined, {
    message: text,
    why: 'what tsconfig.json includes is what weave analyses',
    fix: 'correct it; `tsc --noEmit` shows the same error',
  })
}

/** What keeps a plan from being made at all (a weave.config.ts that can't be loaded), for hosts to report as their own error. */
export function setupProblem(error: unknown): Diagnostic | undefined {
  if (!(error instanceof WeaveError)) return undefined
  return createDiagnostic('WV9012', undefined, {
    message: error.message,
    why: 'weave.config.ts chooses implementations and the entry',
    fix: 'correct weave.config.ts, then run "weave check"',
  })
}

interface Made {
  root: string
  view: CheckerView
  analysis: Analysis
  config: WeaveConfig
}

function makePlan({ root, view, analysis, config }: Made): Plan {
  const { model } = analysis
  const own = view.files().filter((file) => file.origin === 'project' && !file.declaration)
  const texts = new Map(own.map((file) => [relativeTo(root, file.path), file.text]))
  const version = versionOf(root, texts)
  const app = entryApp(model.apps, config)
  const name = config.name ?? packageName(root) ?? basename(root)

  const files = new Map<string, FilePlan>()
  const touched = new Set([...model.apps.map((each) => each.file), ...model.rewrites.map((each) => each.file)])
  for (const file of touched) {
    const text = texts.get(file)
    if (text === undefined) continue
    const starts = model.apps.find((each) => each.file === file)
    const rewrites = model.rewrites.filter((each) => each.file === file)
    const append = (style: SpecifierStyle) =>
      starts === undefined ? '' : generateApp(model, starts, { version, specifier: specifiersFrom(file, style) })
    files.set(join(root, file), {
      text,
      rewrites,
      isApp: starts !== undefined,
      dependencies: starts === undefined ? [] : analysis.dependencies,
      append,
      apply: (style) => rewriteText(text, rewrites, append(style)),
    })
  }

  const manifest = (entry: string) => app && createManifest(model, app, { version, name, entry })
  return {
    root,
    analysis,
    version,
    files,
    entry: app && join(root, app.file),
    app,
    name,
    folders: [...new Set(own.map((file) => dirname(file.path)))],
    includes: (path) => texts.has(relativeTo(root, path)),
    readFile: (path) =>
      texts.get(relativeTo(root, path)) ?? (existsSync(path) ? readFileSync(path, 'utf8') : undefined),
    manifest,
    manifestText: (entry) => app && serialiseManifest(manifest(entry)!),
  }
}

/** The same sources give the same version in any folder and through any host: what they are, never where or how they are built. */
function versionOf(root: string, texts: ReadonlyMap<string, string>): string {
  const files = new Map([...texts].filter(([file]) => !isTestFile(root, join(root, file)) && !isToolConfig(file)))
  for (const name of LOCK_FILES) {
    const path = join(root, name)
    if (existsSync(path)) files.set(name, readFileSync(path, 'utf8'))
  }
  return contentVersion(files)
}

/** `weave.config.ts`, `vite.config.ts` and their like say how a program is built or deployed, not what it is. */
function isToolConfig(file: string): boolean {
  return /^[^/]+\.config\.[cm]?[jt]s$/.test(file)
}

function entryApp(apps: readonly App[], config: WeaveConfig): App | undefined {
  const running = apps.filter((app) => app.kind === 'run')
  const entry = config.entry === undefined ? 'src/main.ts' : relativeTo('/', resolve('/', config.entry))
  const found = running.find((app) => app.file === entry)
  if (found !== undefined || config.entry !== undefined) return found
  return running.length === 1 ? running[0] : undefined
}

/** What the generated `import(…)` in `from` says for a module; both from the project's root. */
function specifiersFrom(from: string, style: SpecifierStyle): (file: string) => string {
  return (file) => {
    const path = relative(dirname(from), file).replaceAll('\\', '/')
    const specifier = path.startsWith('../') ? path : `./${path}`
    return style === 'source' ? specifier : specifier.replace(/\.([cm]?)tsx?$/, '.$1js')
  }
}

function relativeTo(root: string, path: string): string {
  return relative(root, path).replaceAll('\\', '/')
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
