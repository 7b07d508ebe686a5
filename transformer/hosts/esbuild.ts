/**
 * The esbuild plugin. Takes the build's hooks; gives planned files with their generated code, boundary errors as esbuild's
 * own, and `weave.manifest.json` beside the output. Every other file stays esbuild's (or another plugin's) business.
 */
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, relative, resolve } from 'node:path'
import type { BuildResult, Message, Metafile, OnLoadResult, OutputFile, PartialMessage, Plugin } from 'esbuild'
import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import type { Plan, Planner } from '../plan.ts'

const SOURCE = /\.[cm]?tsx?$/
/** Of the modules that hold most of what is generated: esbuild parses modules side by side. */
const NAMESPACE = 'weave-generated'
const APART = '.weave-generated'
const APART_AT_END = /\.weave-generated$/

export interface WeaveOptions {
  /** A folder of the project. Default: esbuild's `absWorkingDir`, else the current folder. */
  root?: string
  /** Default: `tsconfig.json` in the project's root. */
  tsconfig?: string
}

/** What the CLI adds: it has a planner already, and wants to see what is built. */
export interface InternalOptions extends WeaveOptions {
  planner?: Planner
  /** Called with each plan, before files are loaded. */
  onPlan?: (plan: Plan) => void
}

export function weave(options: WeaveOptions = {}): Plugin {
  return plugin(options)
}

export default weave

/** @internal */
export function plugin(options: InternalOptions): Plugin {
  return {
    name: 'weave',
    async setup(build) {
      // esbuild's own process starts meanwhile.
      const { MANIFEST_FILE, openPlan, setupProblem } = await import('../plan.ts')
      const folder = build.initialOptions.absWorkingDir ?? process.cwd()
      const loaded = new Set<string>()
      /** By the file whose generated code it is. */
      const apart = new Map<string, () => Uint8Array>()
      let planner = options.planner
      let plan: Plan | undefined
      // The manifest names the entry's output, which only the metafile knows.
      build.initialOptions.metafile = true

      build.onStart(() => {
        loaded.clear()
        apart.clear()
        plan = undefined
        try {
          const from = resolve(folder, options.root ?? '.')
          planner ??= openPlan({ from, tsconfig: options.tsconfig && resolve(from, options.tsconfig) })
          plan = planner.refresh()
        } catch (error) {
          const problem = setupProblem(error)
          if (problem === undefined) throw error
          return { errors: [convert(problem)] }
        }
        options.onPlan?.(plan)
        const { diagnostics } = plan.analysis
        const place = placesOf(plan, folder)
        const messages = (severity: Diagnostic['severity']) =>
          diagnostics.filter((each) => each.severity === severity).map((each) => convert(each, place))
        return { errors: messages('error'), warnings: messages('warning') }
      })

      build.onLoad({ filter: SOURCE, namespace: 'file' }, ({ path }): OnLoadResult | undefined => {
        const file = plan?.files.get(path)
        if (file === undefined) return undefined
        loaded.add(path)
        // Without bundling an import stays an import, and nobody could follow this one.
        const inTwo = build.initialOptions.bundle ? file.applyApart('source', `./${basename(path)}${APART}`) : undefined
        if (inTwo !== undefined) apart.set(path, inTwo.apart)
        else if (file.isApp) readManifestSoon()
        return {
          contents: inTwo?.inFile ?? file.apply('source'),
          loader: path.endsWith('x') ? 'tsx' : 'ts',
          // Types are invisible to a bundler: without these, a change of an interface would rebuild nothing.
          watchFiles: [...file.dependencies],
          watchDirs: [...plan!.folders],
        }
      })

      build.onResolve({ filter: APART_AT_END }, ({ path, resolveDir }) => {
        const file = join(resolveDir, path.slice(0, -APART.length))
        // Not like a source, which another plugin would take it for.
        const name = relative(folder, file).replaceAll('\\', '/').replace(SOURCE, '')
        return { path: name, namespace: NAMESPACE, pluginData: file }
      })

      build.onLoad({ filter: /./, namespace: NAMESPACE }, ({ pluginData: path }: { pluginData: string }) => {
        readManifestSoon()
        return { contents: apart.get(path)!(), loader: 'js', resolveDir: dirname(path) }
      })

      build.onEnd((result) => {
        if (plan === undefined || result.metafile === undefined) return undefined
        const errors = taken(result.metafile, plan, { folder, loaded })
        if (errors.length === 0 && result.errors.length === 0) putManifest(result, plan, folder)
        return { errors }
      })

      /** While esbuild parses what was generated, which takes longer than all else. */
      function readManifestSoon(): void {
        setImmediate(() => plan?.readManifest())
      }

      // Whoever handed a planner in may go on with it.
      if (options.planner === undefined) build.onDispose(() => planner?.close())

      function putManifest(result: BuildResult, plan: Plan, folder: string): void {
        const output = plan.entry === undefined ? undefined : outputOf(result.metafile!, plan.entry, folder)
        if (output === undefined) return
        const { outdir, write } = build.initialOptions
        const beside = outdir === undefined ? dirname(output) : resolve(folder, outdir)
        const bytes = plan.manifestBytes(relative(beside, output).replaceAll('\\', '/'))
        if (bytes === undefined) return
        const path = join(beside, MANIFEST_FILE)
        if (write === false) result.outputFiles?.push(outputFile(path, bytes))
        else writeChanged(path, bytes)
      }
    },
  }
}

/** Files that are in the bundle and in the plan but never came to us: the first plugin whose `onLoad` answers wins. */
function taken(
  metafile: Metafile,
  plan: Plan,
  build: { folder: string; loaded: ReadonlySet<string> },
): PartialMessage[] {
  const inputs = Object.keys(metafile.inputs).map((input) => resolve(build.folder, input))
  return inputs
    .filter((input) => plan.files.has(input) && !build.loaded.has(input))
    .map((input) => ({
      id: 'WV9005',
      text: `WV9005 Another plugin loaded '${relative(plan.root, input)}' before weave could add its code.`,
      notes: [{ text: 'fix  put weave() first in "plugins"' }],
    }))
}

/** The output whose entry point is `entry`, else the one whose entry point imports it. */
function outputOf(metafile: Metafile, entry: string, folder: string): string | undefined {
  const outputs = Object.entries(metafile.outputs).filter(([, output]) => output.entryPoint !== undefined)
  const own = outputs.find(([, output]) => resolve(folder, output.entryPoint!) === entry)
  const holding = outputs.find(([, output]) =>
    Object.keys(output.inputs).some((input) => resolve(folder, input) === entry),
  )
  const found = own ?? holding
  return found === undefined ? undefined : resolve(folder, found[0])
}

/** Many file systems wait for the disk when a file is written over. */
function writeChanged(path: string, bytes: Uint8Array): void {
  if (existsSync(path) && readFileSync(path).equals(bytes)) return
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, bytes)
}

function outputFile(path: string, contents: Uint8Array): OutputFile {
  return {
    path,
    text: new TextDecoder().decode(contents),
    contents,
    hash: createHash('sha256').update(contents).digest('base64').slice(0, 16),
  }
}

interface At {
  file: string | undefined
  line: number
  column: number
  start?: number
  end?: number
}

type Places = (at: At) => Message['location']

function convert(each: Diagnostic, place: Places = () => null): PartialMessage {
  const notes: PartialMessage['notes'] = [{ text: `why  ${each.why}` }, { text: `fix  ${each.fix}` }]
  for (const related of each.related) notes.push({ text: related.message, location: place(related) })
  return { id: each.code, text: `${each.code} ${each.message}`, location: place(each), notes, detail: each }
}

/** esbuild names files from its own folder, and counts columns from 0 and in bytes. */
function placesOf(plan: Plan, folder: string): Places {
  return ({ file, line, column, start = 0, end = 0 }) => {
    if (file === undefined) return null
    const path = join(plan.root, file)
    const lineText = plan.readFile(path)?.split(/\r?\n/)[line - 1] ?? ''
    const spanned = lineText.slice(column - 1, column - 1 + end - start)
    return {
      file: relative(folder, path),
      namespace: 'file',
      line,
      column: Buffer.byteLength(lineText.slice(0, column - 1)),
      length: Buffer.byteLength(spanned),
      lineText,
      suggestion: '',
    }
  }
}
