/**
 * What stands in the way of starting an application, as text, for hosts that have one error and no places (vite, rollup, Node's
 * loader). In goes a plan and the file that starts the application; out come its errors, with their own places and code frames.
 */
import { join } from 'node:path'
import { isTestFile } from '../analyse/declared/find.ts'
import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import { formatDiagnostics } from '../diagnostics/format.ts'
import type { Plan } from '../plan.ts'

/** `path` is the file that starts the application. Undefined when there are none. */
export function errorsFor(plan: Plan, path: string): string | undefined {
  const errors = concerning(plan, path)
  return errors.length === 0 ? undefined : formatDiagnostics(errors, plan).trimEnd()
}

/** What is wrong in a test concerns that test alone. */
export function concerning(plan: Plan, path: string): Diagnostic[] {
  return plan.analysis.diagnostics.filter((each) => {
    if (each.severity !== 'error') return false
    const at = each.file === undefined ? undefined : join(plan.root, each.file)
    return at === undefined || at === path || !isTestFile(plan.root, at)
  })
}

/** `more`: what only a host of that kind has to say. */
export function warningsOf(plan: Plan, more: readonly Diagnostic[] = []): string {
  const warnings = [...plan.analysis.diagnostics, ...more].filter((each) => each.severity === 'warning')
  return warnings.length === 0 ? '' : formatDiagnostics(warnings, plan)
}

export function formatOne({ code, message, why, fix }: Diagnostic): string {
  return `${code} ${message}\n  why  ${why}\n  fix  ${fix}`
}
