/**
 * The loader for Node: runs a project's TypeScript as it is, with weave's code in it. Takes what Node asks of a loader (where is
 * this module, what is its text); gives the plan's text for the files that the plan touches, and helps with what
 * tsc allows and Node doesn't: `.js` specifiers that mean `.ts`, path aliases, syntax that can't be stripped. Everything else is Node's
 * own business, or that of another loader (tsx), in whichever order they are registered.
 *
 * Nothing of weave beyond this file and its two neighbours is loaded before a TypeScript source is.
 */
import { existsSync, readFileSync, realpathSync, statSync, writeSync } from 'node:fs'
import type { LoadFnOutput, LoadHookSync, ResolveHookSync } from 'node:module'
import * as nodeModule from 'node:module'
import { basename, dirname, join, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { isMainThread } from 'node:worker_threads'
import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import type { FilePlan, Plan, Planner } from '../plan.ts'
import { concernsUs, outsiders } from './outside.ts'
import { type NodeFormat, needsEsbuild, transform } from './strip.ts'
import { aliased, asksForMetadata, loaderSettings } from './tsconfig.ts'

/** The project of the process that started this one: a worker's file may lie in another package. */
const ENV_PROJECT = 'WEAVE_PROJECT'

const REGISTERED = Symbol.for('weavets.register.1')

/** Twice (by a flag and by NODE_OPTIONS) is once. */
export function registerLoader(): void {
  const holder = globalThis as { [REGISTERED]?: true }
  if (holder[REGISTERED]) return
  holder[REGISTERED] = true
  nodeModule.registerHooks({ resolve: resolveModule, load: loadModule })
  patchCompile()
}

const SOURCE = /\.[cm]?tsx?$/

/** The file of a `file:` URL, when it is a TypeScript source that isn't a package's. */
function sourceOf(url: string | undefined): string | undefined {
  if (url === undefined || !url.startsWith('file:')) return undefined
  const path = fileURLToPath(url.replace(/[?#].*$/, ''))
  return SOURCE.test(path) && !path.includes('/node_modules/') ? path : undefined
}

// Where is it?

const resolveModule: ResolveHookSync = (specifier, context, next) => {
  const importer = sourceOf(context.parentURL)
  if (importer === undefined || planning) return next(specifier, context)
  const given = /^[^?#]*/.exec(specifier)![0]
  const query = specifier.slice(given.length)
  for (const path of meant(given, importer)) {
    const found = existing(path)
    if (found === undefined) continue
    // From here on Node takes it as it takes any other module: real path, format, cache. `require` knows no URLs.
    return next(context.conditions?.includes('require') ? found : pathToFileURL(found).href + query, context)
  }
  return next(specifier, context)
}

/** Where TypeScript looks before it looks where Node does. */
function meant(specifier: string, importer: string): string[] {
  if (/^\.{1,2}(\/|$)/.test(specifier)) return [resolve(dirname(importer), specifier)]
  if (/^(?:node|file|data):|^[#/]/.test(specifier)) return []
  return aliased(specifier, loaderSettings(dirname(importer)))
}

/** A source in place of the output that is named, as tsc takes it, also where an old output lies beside it. */
function existing(path: string): string | undefined {
  const written = /\.([cm]?)jsx?$/.exec(path)
  const stem = written ? path.slice(0, -written[0].length) : path
  const sources = written ? [`.${written[1]}ts`, ...(written[1] === '' ? ['.tsx'] : [])].map((end) => stem + end) : []
  const candidates = [...sources, path, ...['.ts', '.tsx', '/index.ts', '/index.tsx'].map((end) => path + end)]
  return candidates.find((each) => existsSync(each) && statSync(each).isFile())
}

// What is its text?

const loadModule: LoadHookSync = (url, context, next) => {
  const path = planning ? undefined : sourceOf(url)
  if (path === undefined) return next(url, context)
  if (url.endsWith(APART)) return ready(url, 'module', Buffer.from(apart.get(path)!()).toString())
  const text = readSource(path)
  const file = plannedFile(path, text)
  const planned = file && textOf(path, file, nodeFormat(context.format ?? formatOf(path, text)))
  if (planned === undefined && !/x$/.test(path)) {
    const loaded = next(url, context)
    const format = nodeFormat(loaded.format)
    // Another loader has made JavaScript of it, or Node can.
    if (!isTypeScript(loaded.format) || !needsEsbuild(path, text, format)) return loaded
    return { ...loaded, format, source: transform(path, text, format) }
  }
  const changed = planned ?? text
  const format = nodeFormat(context.format ?? formatOf(path, text))
  if (needsEsbuild(path, changed, format)) return ready(url, format, transform(path, changed, format))
  // Still TypeScript: Node strips it, and so would a loader that asked us.
  return ready(url, `${format}-typescript`, changed)
}

/** Ends the URL of the module that holds most of what is generated for a file: Node would strip megabytes that have no types. */
const APART = '?weave-generated'
/** By the file for which it is generated. */
const apart = new Map<string, () => Uint8Array>()

function textOf(path: string, file: FilePlan, format: NodeFormat): string {
  const specifier = `./${basename(path)}${APART}`
  const inTwo = format === 'module' ? file.applyApart('source', { specifier, several: false }) : undefined
  if (inTwo === undefined) return file.apply('source')
  apart.set(path, () => inTwo.modules[0]!.bytes())
  return Buffer.from(inTwo.inFile).toString()
}

type Compile = (this: unknown, content: string, filename: string, ...rest: unknown[]) => unknown

/**
 * Loaders that take CommonJS files over by `require.extensions` (tsx, ts-node) read them past every load hook, and meet here again with
 * what they have made of the file.
 */
function patchCompile(): void {
  const prototype = nodeModule.Module.prototype as unknown as { _compile: Compile }
  const compile = prototype._compile
  prototype._compile = function (content, filename, ...rest) {
    const path = planning || !SOURCE.test(filename) || filename.includes('/node_modules/') ? undefined : filename
    const planned = path && plannedFile(path, readSource(path))
    const text = planned ? transform(filename, planned.apply('source'), 'commonjs') : content
    return compile.call(this, text, filename, ...rest)
  }
}

function readSource(path: string): string {
  return readFileSync(path, 'utf8').replace(/^\uFEFF/, '')
}

/** `responseURL` is what Node's own loader says too; a loader around us (tsx) takes what has none for an ES module. */
function ready(url: string, format: string, source: string): LoadFnOutput {
  return { format, source, shortCircuit: true, responseURL: url } as LoadFnOutput
}

function isTypeScript(format: string | null | undefined): boolean {
  return format?.endsWith('typescript') ?? false
}

function nodeFormat(format: string | null | undefined): NodeFormat {
  return format?.startsWith('commonjs') ? 'commonjs' : 'module'
}

/** As Node decides where its own loader hasn't been asked: by extension, by package.json, by what the file says. */
function formatOf(path: string, text: string): NodeFormat {
  if (/\.mtsx?$/.test(path)) return 'module'
  if (/\.ctsx?$/.test(path)) return 'commonjs'
  const type = packageType(dirname(path))
  return type ?? (/^[ \t]*(?:import\b(?!\s*\()|export\b)/m.test(text) ? 'module' : 'commonjs')
}

function packageType(folder: string): NodeFormat | undefined {
  const file = join(folder, 'package.json')
  if (!existsSync(file)) return dirname(folder) === folder ? undefined : packageType(dirname(folder))
  const { type } = JSON.parse(readFileSync(file, 'utf8')) as { type?: unknown }
  return type === 'module' || type === 'commonjs' ? type : undefined
}

// What the plan makes of it

let planner: Planner | undefined
let plan: Plan | undefined
/** The planner loads modules itself (a config, a compiler), which are nobody's to change. */
let planning = false

function plannedFile(path: string, text: string): FilePlan | undefined {
  let now = plan ?? refreshed(path)
  if (!now.includes(path) && concernsUs(text)) now = refreshed(path, outsiders(path, now))
  let file = now.files.get(path)
  // The file has been written since the plan was made.
  if (file !== undefined && file.text !== text) file = refreshed(path).files.get(path)
  if (file === undefined) return undefined
  if (file.isApp) refuseErrors(path, file)
  return file
}

function refreshed(path: string, more: readonly string[] = []): Plan {
  planning = true
  try {
    const { openPlan } = own<typeof import('../plan.ts')>('../plan')
    const from = process.env[ENV_PROJECT] ?? dirname(realpathSync(path))
    planner ??= openPlan({ from })
    process.env[ENV_PROJECT] ??= planner.root
    for (const each of more) planner.add(each)
    plan = planner.refresh()
    return plan
  } finally {
    planning = false
  }
}

/** A module of ours, loaded when it is needed, from sources as from `dist`. */
function own<T>(name: string): T {
  const extension = import.meta.url.endsWith('.ts') ? '.ts' : '.js'
  return nodeModule.createRequire(import.meta.url)(name + extension) as T
}

let told = false

/** Throws what is wrong with the application that is about to start; warnings are printed, once a process. */
function refuseErrors(path: string, file: FilePlan): void {
  planning = true
  try {
    const { errorsFor, warningsOf } = own<typeof import('./report.ts')>('./report')
    if (!told && isMainThread) process.stderr.write(warningsOf(plan!, metadataLost(plan!)))
    told = true
    const errors = errorsFor(plan!, path)
    if (errors !== undefined) fail(errors)
  } finally {
    planning = false
  }
  reportDependencies(file)
}

/** The catalogue comes with it, so it is loaded where a tsconfig asks for metadata. */
function metadataLost(plan: Plan): Diagnostic[] {
  return asksForMetadata(plan.folders) ? own<typeof import('./metadata.ts')>('./metadata').lostMetadata(plan) : []
}

/** Node would show a stack of loaders around them, and they are the user's own. */
function fail(errors: string): never {
  if (!isMainThread) throw Object.assign(new Error(errors), { stack: errors })
  writeSync(process.stderr.fd, `${errors}\n`)
  process.exit(1)
}

/** `node --watch` restarts when a file that was loaded changes; types are not loaded. */
function reportDependencies(file: FilePlan): void {
  if (process.env.WATCH_REPORT_DEPENDENCIES === undefined || process.send === undefined) return
  process.send({ 'watch:import': file.dependencies.map((path) => pathToFileURL(path).href) })
}
