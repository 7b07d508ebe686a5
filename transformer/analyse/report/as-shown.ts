/** Last of all, so that every host shows the same: what the project's settings and its comments make of what was reported. */
import type { CheckerView, SourceFile } from '../../checker/view.ts'
import type { Diagnostic } from '../../diagnostics/diagnostic.ts'
import { applySeverities, type DiagnosticSettings, isOff, settingProblems } from '../../diagnostics/severity.ts'
import { applySuppressions } from '../../diagnostics/suppress.ts'
import { fromRoot } from '../../from-root.ts'
import type { Reporter } from './report.ts'

export interface ShownInput {
  readonly view: CheckerView
  readonly root: string
  readonly reporter: Reporter
  readonly settings: DiagnosticSettings
}

export class Shown {
  readonly #input: ShownInput
  /** From the root → the file. */
  readonly #own: ReadonlyMap<string, SourceFile>

  constructor(input: ShownInput) {
    const { view, root, reporter, settings } = input
    this.#input = input
    for (const { code, ...problem } of settingProblems(settings)) reporter.add(code, undefined, problem)
    const own = view.files().filter(({ origin, declaration }) => origin === 'project' && !declaration)
    this.#own = new Map(own.map((source) => [fromRoot(root, source.path), source]))
  }

  all(): Diagnostic[] {
    return this.#shown(this.#input.reporter.diagnostics, [...this.#own.keys()])
  }

  /** Of one file, or those of no file. */
  of(file: string | undefined): Diagnostic[] {
    const found = this.#input.reporter.diagnosticsOf(file)
    return this.#shown(found, file !== undefined && this.#own.has(file) ? [file] : [])
  }

  #shown(diagnostics: readonly Diagnostic[], files: readonly string[]): Diagnostic[] {
    const { view, settings } = this.#input
    const left = applySuppressions({
      diagnostics,
      files: files.map((file) => ({ file, text: this.#own.get(file)!.text })),
      isLiteral: (file, offset) => view.syntax(this.#own.get(file)!).at(offset).kind === 'literal',
      isOff: (code) => isOff(settings, code),
    })
    return applySeverities(left, settings)
  }
}
