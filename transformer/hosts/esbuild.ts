/**
 * The esbuild plugin. Takes the build's hooks; gives planned files with their generated code, boundary errors as esbuild's
 * own, and `weave.manifest.json` beside the output. Every other file stays esbuild's (or another plugin's) business.
 */
import { createHash } from 'node:crypto'
import { basename, dirname, join, relative, resolve } from 'node:path'
import type {
  BuildResult,
  Message,
  Metafile,
  OnLoadResult,
  OutputFile,
  PartialMessage,
  Plugin,
  PluginBuild,
} from 'esbuild'
import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import type { Apart, FilePlan, Plan, Planner } from '../plan.ts'

const SOURCE = /\.[cm]?tsx?$/
/** Of the modules that hold most of what is generated: esbuild parses modules side by side. */
const NAMESPACE = 'weave-generated'
const APART = '.weave-generated'
/** `./main.ts.weave-generated`, `./main.ts.weave-generated/encode_Order`. */
const APART_AT_END = /^(.*)\.weave-generated(?:\/(\w+))?$/

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
  /** Asked when nothing that was built starts an application; a bundler of the user's may build something else. */
  whyNoManifest?: (plan: Plan) => Promise<readonly Diagnostic[]>
  /** What is to be said of a build that has no other plugin. */
  warningsOf?: (plan: Plan) => Promise<readonly Diagnostic[]>
}

export function weave(options: WeaveOptions = {}): Plugin {
  return plugin(options)
}

export default weave

/** @internal */
export function plugin(options: InternalOptions): Plugin {
  return {
    name: 'weave',
    setup(build) {
      const folder = build.initialOptions.absWorkingDir ?? process.cwd()
      const loaded = new Set<string>()
      let planner = options.planner
      let plan: Plan | undefined
      // The manifest names the entry's output, which only the metafile knows.
      build.initialOptions.metafile = true
      // Behind the order to build: esbuild's own process starts, and reads it, meanwhile.
      setImmediate(() => loadPlanning().catch(() => undefined))

      build.onStart(async () => {
        const { openPlan, setupProblem } = await loadPlanning()
        loaded.clear()
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
        const diagnostics = [...plan.analysis.diagnostics, ...((await options.warningsOf?.(plan)) ?? [])]
        const place = placesOf(plan, folder)
        const messages = (severity: Diagnostic['severity']) =>
          diagnostics.filter((each) => each.severity === severity).map((each) => convert(each, place))
        return { errors: messages('error'), warnings: messages('warning') }
      })

      const apart = moduleLoading(build, folder)
      build.onLoad({ filter: SOURCE, namespace: 'file' }, ({ path }): OnLoadResult | undefined => {
        const file = plan?.files.get(path)
        if (file === undefined) return undefined
        loaded.add(path)
        const watched = { watchFiles: [...file.dependencies], watchDirs: [...plan!.folders] }
        const inFile = apart(path, file, watched)
        return {
          contents: inFile ?? file.apply('source'),
          loader: path.endsWith('x') ? 'tsx' : 'ts',
          ...(inFile === undefined && watched),
        }
      })

      build.onEnd(async (result) => {
        if (plan === undefined || result.metafile === undefined) return undefined
        const errors = taken(result.metafile, plan, { folder, loaded })
        if (errors.length > 0 || result.errors.length > 0) return { errors }
        const output = plan.entry === undefined ? undefined : outputOf(result.metafile, plan.entry, folder)
        if (output !== undefined) await putManifest(result, plan, output)
        const why = output === undefined ? ((await options.whyNoManifest?.(plan)) ?? []) : []
        const place = placesOf(plan, folder)
        return { errors: why.map((each) => convert(each, place)) }
      })

      // Whoever handed a planner in may go on with it.
      if (options.planner === undefined) build.onDispose(() => planner?.close())

      async function putManifest(result: BuildResult, plan: Plan, output: string): Promise<void> {
        const { MANIFEST_FILE } = await loadPlanning()
        const { outdir, write } = build.initialOptions
        const beside = outdir === undefined ? dirname(output) : resolve(folder, outdir)
        const path = join(beside, MANIFEST_FILE)
        const entry = relative(beside, output).replaceAll('\\', '/')
        if (write === false) result.outputFiles?.push(outputFile(path, plan.manifestBytes(entry)!))
        else plan.writeManifest(path, entry)
      }
    },
  }
}

/** Not before there is something to plan: this file is imported by build scripts, whatever they then do. */
const loadPlanning = () => import('../plan.ts')

/** What a change of types changes. Types are invisible to a bundler: without these, it would build nothing anew. */
type Watched = Pick<OnLoadResult, 'watchFiles' | 'watchDirs'>

/** Serves the modules that hold most of what is generated for a file. Gives what is left in the file, where that is not all. */
function moduleLoading(build: PluginBuild, folder: string) {
  const apart = new Map<string, { readonly modules: Apart['modules']; readonly watched: Watched }>()

  build.onResolve({ filter: APART_AT_END }, ({ path, resolveDir }) => {
    const [, source = '', module = ''] = APART_AT_END.exec(path)!
    const file = join(resolveDir, source)
    // Not like a source, which another plugin would take it for.
    const name = relative(folder, file).replaceAll('\\', '/').replace(SOURCE, '')
    return { path: module === '' ? name : `${name}/${module}`, namespace: NAMESPACE, pluginData: { file, module } }
  })

  build.onLoad({ filter: /./, namespace: NAMESPACE }, ({ pluginData }) => {
    const { file, module } = pluginData as { file: string; module: string }
    const { modules, watched } = apart.get(file)!
    const { bytes } = modules.find(({ name }) => name === module)!
    // esbuild reads them all before it parses what comes with them, so not with something behind which everything waits.
    const isLast = modules.at(-1)!.name === module
    const contents = build.initialOptions.sourcemap ? mapped(bytes()) : bytes()
    return { contents, loader: 'js', resolveDir: dirname(file), ...(isLast && watched) }
  })

  return (path: string, file: FilePlan, watched: Watched): Uint8Array | undefined => {
    // Without bundling an import stays an import, and nobody could follow these.
    if (!build.initialOptions.bundle) return undefined
    const specifier = `./${basename(path)}${APART}`
    const split = file.applyApart('source', { specifier, several: true })
    if (split !== undefined) apart.set(path, { modules: split.modules, watched })
    return split?.inFile
  }
}

/**
 * Nobody wrote generated code, so a map need only say that it is generated: line by line, with its text, that was most of the map of a large application, and
 * every process keeps the map in memory (16 of 57 MiB with a thousand components).
 */
function mapped(code: Uint8Array): Uint8Array {
  const map = { version: 3, sources: [NAMESPACE], sourcesContent: [''], mappings: segments(code) }
  const text = Buffer.from(JSON.stringify(map)).toString('base64')
  // In two pieces, since tools that read this file would take it for its own map.
  return Buffer.concat([code, Buffer.from(`\n//# source${'MappingURL'}=data:application/json;base64,${text}\n`)])
}

/**
 * One where each statement begins, all for the same place. Readers take for what has none the last one before, so lines within a statement need none; but
 * esbuild may leave any statement out, and the one before it is then of another file.
 */
function segments(code: Uint8Array): string {
  const lines: string[] = []
  for (let at = 0; at < code.length; at = lineEnd(code, at) + 1) lines.push(WITHIN.has(code[at]!) ? '' : 'AAAA')
  return lines.join(';')
}

function lineEnd(code: Uint8Array, from: number): number {
  const end = code.indexOf(0x0a, from)
  return end < 0 ? code.length : end
}

/** What lines begin with that no statement begins on: a space, a line's end, a closing brace. */
const WITHIN = new Set([0x20, 0x0a, 0x7d])

/** Files that are in the bundle and in the plan but never came to us: the first plugin whose `onLoad` answers wins. */
function taken(
  metafile: Metafile,
  plan: Plan,
  build: { folder: string; loaded: ReadonlySet<string> },
): PartialMessage[] {
  return [...plan.files.keys()]
    .filter((path) => !build.loaded.has(path) && isInput(metafile, path, build.folder))
    .map((input) => ({
      id: 'WV9005',
      text: `WV9005 Another plugin loaded '${relative(plan.root, input)}' before weave could add its code.`,
      notes: [{ text: 'fix  put weave() first in "plugins"' }],
    }))
}

function isInput({ inputs }: Metafile, path: string, folder: string): boolean {
  return Object.hasOwn(inputs, relative(folder, path).replaceAll('\\', '/'))
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
