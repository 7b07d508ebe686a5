/**
 * What weave does to a program of TypeScript 6 before the compiler goes on with it, for `tspc` and `weave tsc` alike: boundary errors
 * are among its diagnostics, files that the plan touches are written with their generated code, and `weave.manifest.json` is
 * written beside the outputs. In goes a program, and the same one comes back. Nothing here awaits: ts-patch loads by `require`.
 */
import { createHash } from 'node:crypto'
import { dirname, join, relative, resolve } from 'node:path'
import type * as TS from 'typescript'
import { findProjectRoot } from '../checker/load.ts'
import { createDiagnostic } from '../diagnostics/create.ts'
import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import { type FilePlan, MANIFEST_FILE, openPlan, type Plan, setupProblem } from '../plan.ts'
import { withGenerated } from './emitted.ts'
import { editTree } from './tree.ts'
import { convertDiagnostics } from './ts-diagnostics.ts'

/** A program may be handed in again (ts-patch in watch mode does): it must not be changed twice. */
const done = new WeakSet<TS.Program>()
/** The version that TypeScript gave a source file, which a later program may share with an earlier one. */
const ownVersions = new WeakMap<TS.SourceFile, string>()

export interface Weaving {
  /** `--build` hands in the projects that this one refers to as well, and their errors are reported there. */
  readonly referencesToo?: boolean
}

export function weaveProgram(
  ts: typeof TS,
  program: TS.Program,
  host: TS.CompilerHost | undefined,
  { referencesToo = false }: Weaving = {},
): TS.Program {
  if (done.has(program)) return program
  done.add(program)
  const options = program.getCompilerOptions() as TS.CompilerOptions & { configFilePath?: string }
  const tsconfig = options.configFilePath
  const start = tsconfig === undefined ? program.getCurrentDirectory() : dirname(tsconfig)
  const root = findProjectRoot(start)
  const plan = planOf(ts, program, root)
  const found = 'code' in plan ? [plan] : [...plan.analysis.diagnostics, ...outputProblems(program, plan)]
  const others = referencesToo ? referredSources(program) : new Set<string>()
  const reported = found.filter(({ file }) => file === undefined || !others.has(join(root, file)))
  addDiagnostics(program, convertDiagnostics(ts, program, root, reported))
  if ('code' in plan) return program
  markVersions(ts, program, plan)
  replaceEmit(ts, program, host ?? ts.createCompilerHost(options), plan)
  return program
}

function referredSources(program: TS.Program): ReadonlySet<string> {
  const sources = new Set<string>()
  const seen = new Set<TS.ResolvedProjectReference>()
  const visit = (references: readonly (TS.ResolvedProjectReference | undefined)[] = []) => {
    for (const each of references) {
      if (each === undefined || seen.has(each)) continue
      seen.add(each)
      for (const name of each.commandLine.fileNames) sources.add(resolve(name))
      visit(each.references)
    }
  }
  visit(program.getResolvedProjectReferences())
  return sources
}

/** A plan, or why there is none. */
function planOf(ts: typeof TS, program: TS.Program, from: string): Plan | Diagnostic {
  if (!hasDocComments(ts, program)) {
    return createDiagnostic('WV9014', undefined, {
      message: 'The compiler did not parse doc comments, by which weave finds its types.',
      why: 'weavets/transform was not loaded by ts-patch from the installed package',
      fix: 'load it as "weavets/transform", or set jsDocParsingMode of your compiler host to ParseAll',
    })
  }
  try {
    return openPlan({ from, ts, program }).refresh()
  } catch (error) {
    const problem = setupProblem(error)
    if (problem === undefined) throw error
    return problem
  }
}

/** tsc skips them unless somebody asks; ts-patch asks when a plugin's package.json says so. */
function hasDocComments(ts: typeof TS, program: TS.Program): boolean {
  const source = program.getSourceFiles()[0] as (TS.SourceFile & { jsDocParsingMode?: TS.JSDocParsingMode }) | undefined
  const mode = source?.jsDocParsingMode ?? ts.JSDocParsingMode.ParseAll
  return mode === ts.JSDocParsingMode.ParseAll
}

/**
 * An incremental build emits a file again when its version or the *exported signature* of what it imports changed, which a
 * codec doesn't follow: the text appended to a file depends on types far away. So the plan's fingerprint becomes part of
 * the file's version, before the builder looks at it.
 */
function markVersions(ts: typeof TS, program: TS.Program, plan: Plan): void {
  for (const [path, file] of plan.files) {
    const source = program.getSourceFile(path) as (TS.SourceFile & { version?: string }) | undefined
    if (source?.version === undefined) continue
    const own = ownVersions.get(source) ?? source.version
    ownVersions.set(source, own)
    const hash = createHash('sha256')
      .update(own)
      .update('\0')
      .update(generatedFor(program, source, file))
    for (const rewrite of file.rewrites) hash.update('\0').update(JSON.stringify(rewrite))
    source.version = ts.sys?.createHash?.(hash.digest('hex')) ?? hash.digest('hex')
  }
}

interface InternalProgram {
  getProgramDiagnostics?: (source?: TS.SourceFile, token?: TS.CancellationToken) => readonly TS.Diagnostic[]
}

/**
 * Both methods that a compiler asks without storing the answer: `getProgramDiagnostics` (internal; asked by the incremental
 * builders) and `getSemanticDiagnostics` (plain `tsc`). ts-patch's own `addDiagnostic` would be stored in the .tsbuildinfo and outlive
 * its cause; global diagnostics would hide every type error.
 */
function addDiagnostics(program: TS.Program, all: readonly TS.Diagnostic[]): void {
  if (all.length === 0) return
  const first = program.getSourceFile(program.getRootFileNames()[0] ?? '')
  // Builders ask file by file, and an error may be in a file that isn't the program's: it comes with the first one.
  const askedWith = ({ file }: TS.Diagnostic) => (file && program.getSourceFile(file.fileName) === file ? file : first)
  const of = (source?: TS.SourceFile) => (source ? all.filter((each) => askedWith(each) === source) : all)
  const internal = program as TS.Program & InternalProgram
  const { getSemanticDiagnostics, getProgramDiagnostics } = internal
  program.getSemanticDiagnostics = (source, token) => [
    ...getSemanticDiagnostics.call(program, source, token),
    ...(of(source) as TS.DiagnosticWithLocation[]),
  ]
  if (getProgramDiagnostics === undefined) return
  internal.getProgramDiagnostics = (source, token) => [
    ...getProgramDiagnostics.call(program, source, token),
    ...of(source),
  ]
}

/** Both are internal to TypeScript, which alone knows what becomes of a file. */
interface Emitting {
  getEmitModuleFormatOfFile(source: TS.SourceFile): TS.ModuleKind
  /** In CommonJS: `import(…)` doesn't stay what it is. */
  shouldTransformImportCall(source: TS.SourceFile): boolean
}

function emitting(program: TS.Program): Emitting {
  return program as unknown as Emitting
}

const ES2015 = 5
const COMMON_JS = 1

function generatedFor(program: TS.Program, source: TS.SourceFile, file: FilePlan): string {
  return file.append(emitting(program).shouldTransformImportCall(source) ? 'require' : 'output')
}

/** Generated code has forms for the modules that Node runs. */
function outputProblems(program: TS.Program, plan: Plan): Diagnostic[] {
  const { entry } = plan
  const source = entry === undefined ? undefined : program.getSourceFile(entry)
  const format = source && emitting(program).getEmitModuleFormatOfFile(source)
  if (format === undefined || format === COMMON_JS || format >= ES2015) return []
  return [
    createDiagnostic('WV9013', undefined, {
      message: 'The "module" of tsconfig.json makes neither ES modules nor CommonJS.',
      why: 'Node runs no others, and generated code loads the modules of components',
      fix: 'set it to "nodenext"',
    }),
  ]
}

function replaceEmit(ts: typeof TS, program: TS.Program, host: TS.CompilerHost, plan: Plan): void {
  const emit = program.emit
  const edit: TS.TransformerFactory<TS.SourceFile> = (context) => (source) => {
    const rewrites = plan.files.get(resolve(source.fileName))?.rewrites ?? []
    return rewrites.length === 0 ? source : editTree(source, { ts, context, rewrites })
  }
  const newLine = program.getCompilerOptions().newLine === ts.NewLineKind.CarriageReturnLineFeed ? '\r\n' : '\n'
  const complete = (output: string, source: TS.SourceFile): string => {
    const file = plan.files.get(resolve(source.fileName))
    if (file === undefined || !file.isApp) return output
    const commonJs = emitting(program).getEmitModuleFormatOfFile(source) === COMMON_JS
    return withGenerated(output, { text: generatedFor(program, source, file), commonJs, newLine })
  }
  program.emit = (target, write, token, declarationsOnly, custom, ...rest: []) => {
    const writeFile: TS.WriteFileCallback =
      write ?? ((name, text, mark, onError, sources, data) => host.writeFile(name, text, mark, onError, sources, data))
    const watched: TS.WriteFileCallback = (name, text, mark, onError, sources, data) => {
      const source = /\.[cm]?jsx?$/.test(name) && sources?.length === 1 ? sources[0] : undefined
      writeFile(name, source === undefined ? text : complete(text, source), mark, onError, sources, data)
      if (source !== undefined) writeManifest(program, plan, source, name, writeFile)
    }
    const transformers = { ...custom, before: [edit, ...(custom?.before ?? [])] }
    return emit.call(program, target, watched, token, declarationsOnly, transformers, ...rest)
  }
}

/** With the entry's output, since that is emitted again whenever anything of the version changes. */
function writeManifest(
  program: TS.Program,
  plan: Plan,
  source: TS.SourceFile,
  output: string,
  writeFile: TS.WriteFileCallback,
): void {
  if (plan.entry === undefined || resolve(source.fileName) !== plan.entry) return
  const folder = program.getCompilerOptions().outDir ?? dirname(output)
  const text = plan.manifestText(relative(folder, output).replaceAll('\\', '/'))
  if (text !== undefined) writeFile(join(folder, MANIFEST_FILE), text, false)
}
