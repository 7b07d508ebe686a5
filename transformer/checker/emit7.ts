/**
 * What `weave tsc` asks of TypeScript 7.1: the outputs of a project whose files carry generated text. JavaScript and its
 * maps of transformed files come from a snapshot overlaid with their texts, everything else from the one without, and may be asked for ahead;
 * generated exports are no part of anybody's API. Nothing is written here; the caller writes, and owns `tsconfig`'s `noEmit` and `noEmitOnError`.
 */
import type { TypeError as TypeScriptError } from './project.ts'
import type { CheckerView } from './view.ts'
import { diagnosticText } from './view7.ts'
import { Request } from './view7-answers.ts'
import type { Program, Sync, Ts7 } from './view7-api.ts'

export interface EmitOptions7 {
  /** Absolute path → the whole transformed text; the next `refresh` knows nothing of them. */
  readonly overlays: ReadonlyMap<string, string>
  /** Absolute paths of sources to emit; default: all of the project's own sources that aren't declaration files. */
  readonly files?: readonly string[]
}

export interface EmittedFile {
  /** Absolute; where the tsconfig's `outDir`, `declarationDir` and `rootDir` put it. */
  readonly path: string
  readonly text: string
  /** Absolute path of the source that it was made of. */
  readonly source: string | undefined
}

export interface EmitResult7 {
  /** `.js`, `.d.ts` and their maps, as the tsconfig asks (`declaration`, `emitDeclarationOnly`, `sourceMap` …). Sorted. */
  readonly files: readonly EmittedFile[]
  /** TypeScript's own errors in the sources as the user wrote them, those of declarations included; positions are the user's. */
  readonly typeErrors: readonly TypeScriptError[]
}

export interface Emit7Input {
  readonly ts7: Ts7
  /** Of `plain`. */
  readonly view: CheckerView
  /** The program as the user wrote it. */
  readonly plain: Program
  /** The same with the transformed texts. */
  readonly laid: Program
  readonly files: readonly string[] | undefined
  /** Of `plain`, and of all files. */
  readonly known: PlainOutput7 | undefined
}

/** What a program says without the transformed texts, asked in one batch. */
export class PlainOutput7 {
  /** Sources that have transformed texts, and whose JavaScript is to be had of the program that has those. */
  readonly transformed: ReadonlySet<string>
  readonly program: Program
  readonly requests: readonly Request[]
  scripts: Sync.EmitOutput | undefined
  readonly errors: Sync.Diagnostic[] = []

  constructor({ program, transformed, files }: { program: Program; transformed: Iterable<string>; files: string[] }) {
    this.program = program
    this.transformed = new Set(transformed)
    const others = files.filter((path) => !this.transformed.has(path))
    const keep = (found: readonly Sync.Diagnostic[]) => void this.errors.push(...found)
    this.requests = [
      Request.of(program.getProgramDiagnostics.gen(), keep),
      Request.of(program.getGlobalDiagnostics.gen(), keep),
      Request.of(program.getSyntacticDiagnostics.gen(), keep),
      Request.of(program.getSemanticDiagnostics.gen(), keep),
      ...(program.getCompilerOptions().emitDeclarationOnly || others.length === 0
        ? []
        : [
            Request.of(program.getJavaScriptEmit.gen(others), (output) => {
              this.scripts = output
            }),
          ]),
    ]
  }
}

/** A program's own sources of which there is output. */
export function sourcesOf(view: CheckerView): string[] {
  return view
    .files()
    .filter(({ origin, declaration, path }) => origin === 'project' && !declaration && !path.endsWith('.json'))
    .map(({ path }) => path)
}

export function emit7({ ts7, view, plain, laid, files, known }: Emit7Input): EmitResult7 {
  const options = plain.getCompilerOptions()
  const asked = files ?? sourcesOf(view)
  const left = known === undefined ? asked : asked.filter((path) => known.transformed.has(path))
  const scripts = options.emitDeclarationOnly || left.length === 0 ? undefined : laid.getJavaScriptEmit(left)
  const declarations = options.declaration || options.emitDeclarationOnly ? plain.getDeclarationEmit(asked) : undefined
  const emitted = [known?.scripts, scripts, declarations].flatMap((output) => [...(output?.outputFiles ?? [])])
  return {
    files: emitted
      .map(([path, { text, sourceFileName }]): EmittedFile => ({ path, text, source: sourceFileName }))
      .sort((a, b) => (a.path < b.path ? -1 : 1)),
    typeErrors: [
      ...(known === undefined ? typeErrors7(ts7, plain, files) : errorsAmong(ts7, known.errors)),
      ...errorsAmong(ts7, declarations?.diagnostics ?? []),
    ],
  }
}

export function typeErrors7(ts7: Ts7, program: Program, files: readonly string[] | undefined): TypeScriptError[] {
  const found =
    files === undefined
      ? [
          ...program.getProgramDiagnostics(),
          ...program.getGlobalDiagnostics(),
          ...program.getSyntacticDiagnostics(),
          ...program.getSemanticDiagnostics(),
        ]
      : [...program.getSyntacticDiagnostics(files), ...program.getSemanticDiagnostics(files)]
  return errorsAmong(ts7, found)
}

const errorsAmong = (ts7: Ts7, found: readonly Sync.Diagnostic[]): TypeScriptError[] =>
  found.filter((each) => isError(ts7, each)).map(typeError)

const isError = (ts7: Ts7, { category }: Sync.Diagnostic): boolean => category === ts7.sync.DiagnosticCategory.Error

function typeError(diagnostic: Sync.Diagnostic): TypeScriptError {
  const { code, fileName, pos, end } = diagnostic
  return {
    code: `TS${code}`,
    message: diagnosticText(diagnostic, '\n'),
    place: fileName === undefined ? undefined : { file: fileName, start: pos, end },
  }
}
