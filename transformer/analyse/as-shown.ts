/** Last of all, so that every host shows the same: what the project's settings and its comments make of what was reported. */
import type { CheckerView } from '../checker/view.ts'
import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import { applySeverities, type DiagnosticSettings, isOff, settingProblems } from '../diagnostics/severity.ts'
import { applySuppressions } from '../diagnostics/suppress.ts'
import { fromRoot } from '../from-root.ts'
import type { Reporter } from './report.ts'

export interface ShownInput {
  readonly view: CheckerView
  readonly root: string
  readonly reporter: Reporter
  readonly settings: DiagnosticSettings
}

export function asShown({ view, root, reporter, settings }: ShownInput): Diagnostic[] {
  for (const { code, ...problem } of settingProblems(settings)) reporter.add(code, undefined, problem)
  const own = view.files().filter(({ origin, declaration }) => origin === 'project' && !declaration)
  const byFile = new Map(own.map((source) => [fromRoot(root, source.path), source]))
  const diagnostics = applySuppressions({
    diagnostics: reporter.diagnostics,
    files: [...byFile].map(([file, { text }]) => ({ file, text })),
    isLiteral: (file, offset) => view.syntax(byFile.get(file)!).at(offset).kind === 'literal',
    isOff: (code) => isOff(settings, code),
  })
  return applySeverities(diagnostics, settings)
}
