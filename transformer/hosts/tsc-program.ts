/**
 * What weave does to a program of TypeScript 6 before the compiler goes on with it, for `tspc` and `weave tsc` alike: boundary errors
 * are among its diagnostics, files that the plan touches are printed with their generated code, and `weave.manifest.json` is
 * written beside the outputs. In goes a program, and the same one comes back. Nothing here awaits: ts-patch loads by `require`.
 */
import { createHash } from 'node:crypto'
import { dirname, join, relative, resolve } from 'node:path'
import type * as TS from 'typescript'
import { findProjectRoot } from '../checker/load.ts'
import { createDiagnostic } from '../diagnostics/create.ts'
import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import { MANIFEST_FILE, openPlan, type Plan, setupProblem } from '../plan.ts'
import { editTree } from './tree.ts'
import { convertDiagnostics } from './ts-diagnostics.ts'

/** A program may be handed in again (ts-patch in watch mode does): it must not be changed twice. */
const done = new WeakSet<TS.Program>()
/** The version that TypeScript gave a source file, which a later program may share with an earlier one. */
const ownVersions = new WeakMap<TS.SourceFile, string>()

export function weaveProgram(ts: typeof TS, program: TS.Program, host: TS.CompilerHost | undefined): TS.Program {
  if (done.has(program)) return program
  done.add(program)
  const options = program.getCompilerOptions() as TS.CompilerOptions & { configFilePath?: string }
  const tsconfig = options.configFilePath
  const start = tsconfig === undefined ? program.getCurrentDirectory() : dirname(tsconfig)
  const root = findProjectRoot(start)
  const plan = planOf(ts, program, root)
  const found = 'code' in plan ? [plan] : plan.analysis.diagnostics
  addDiagnostics(program, convertDiagnostics(ts, program, root, found))
  if ('code' in plan) return program
  markVersions(ts, program, plan)
  replaceEmit(ts, program, host ?? ts.createCompilerHost(options), plan)
  return program
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
    const hash = createHash('sha256').update(own).update('\0').update(file.append('output'))
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
  const of = (source?: TS.SourceFile) => (source === undefined ? all : all.filter((each) => each.file === source))
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

function replaceEmit(ts: typeof TS, program: TS.Program, host: TS.CompilerHost, plan: Plan): void {
  const emit = program.emit
  const edit: TS.TransformerFactory<TS.SourceFile> = (context) => (source) => {
    const file = plan.files.get(resolve(source.fileName))
    return file === undefined
      ? source
      : editTree(source, { ts, context, rewrites: file.rewrites, appended: file.append('output') })
  }
  program.emit = (target, write, token, declarationsOnly, custom, ...rest: []) => {
    const writeFile: TS.WriteFileCallback =
      write ?? ((name, text, mark, onError, sources, data) => host.writeFile(name, text, mark, onError, sources, data))
    const watched: TS.WriteFileCallback = (name, text, mark, onError, sources, data) => {
      writeFile(name, text, mark, onError, sources, data)
      if (/\.[cm]?js$/.test(name) && sources?.length === 1) writeManifest(program, plan, sources[0]!, name, writeFile)
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
