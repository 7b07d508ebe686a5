/**
 * `CheckedProject` over a TypeScript 6 program in this process: program6.ts keeps it warm, view6.ts answers questions about it,
 * and its own errors come out as plain values. In goes the TypeScript that was chosen, with the reason.
 */
import { openProgram6 } from './program6.ts'
import type { CheckedProject, OpenProjectOptions, TypeError as TypeScriptError } from './project.ts'
import type { CheckerView } from './view.ts'
import { createView6 } from './view6.ts'
import type { Ast, Ts } from './view6-types.ts'

export interface Project6Options extends OpenProjectOptions {
  readonly ts: Ts
  readonly compiler: CheckedProject['compiler']
}

export function openProject6({ root, tsconfig, files, ts, compiler }: Project6Options): CheckedProject {
  const opened = openProgram6({ root, tsconfig, ts, files })
  let program: Ast.Program | undefined
  let view: CheckerView | undefined
  return {
    compiler,
    add: (path) => opened.add(path),
    overlay: (path, text) => opened.overlay(path, text),
    start: () => undefined,
    refresh() {
      const now = opened.refresh()
      // Nothing has changed, so every answer that was given stands.
      if (view === undefined || now !== program) view = createView6(ts, now, root)
      program = now
      return view
    },
    get configErrors() {
      return opened.errors
    },
    get configFiles() {
      return opened.configFiles
    },
    typeErrors(paths) {
      program ??= opened.refresh()
      return typeErrors6(ts, program, paths)
    },
    close() {
      program = undefined
      view = undefined
    },
  }
}

function typeErrors6(ts: Ts, program: Ast.Program, paths: readonly string[] | undefined): TypeScriptError[] {
  const errors =
    paths === undefined
      ? [...program.getGlobalDiagnostics(), ...program.getSyntacticDiagnostics(), ...program.getSemanticDiagnostics()]
      : paths.flatMap((path) => {
          const file = program.getSourceFile(path)
          if (file === undefined) return []
          return [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)]
        })
  return errors
    .filter(({ category }) => category === ts.DiagnosticCategory.Error)
    .map(({ code, messageText, file, start, length }) => ({
      code: `TS${code}`,
      message: ts.flattenDiagnosticMessageText(messageText, '\n'),
      place:
        file === undefined || start === undefined
          ? undefined
          : { file: file.fileName, start, end: start + (length ?? 0) },
    }))
}
