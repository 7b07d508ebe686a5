/** Diagnostics as `weave check --json` prints them. Offsets become lines and columns, which every tool understands. */
import { docsPage, isCode } from './catalogue.ts'
import { lineAndColumn } from './create.ts'
import type { Diagnostic, Fix, Related } from './diagnostic.ts'

export interface JsonDiagnostic {
  code: string
  severity: 'error' | 'warning'
  /** From the project's root, forward slashes; null for a set-up error that belongs to no file. */
  file: string | null
  line: number
  column: number
  endLine: number
  endColumn: number
  message: string
  why: string
  fix: string
  path: string
  /** From the package's root: `docs/diagnostics/WV2005.md`. */
  docs: string
  related: Related[]
  /** Edits have offsets in UTF-16 units, as the files were when they were checked. */
  fixes: Fix[]
}

/** `readFile` gives the text of an absolute path, for the end's line; without it the end is on the start's line. */
export function toJson(
  diagnostics: readonly Diagnostic[],
  { root, readFile }: { root: string; readFile(path: string): string | undefined },
): JsonDiagnostic[] {
  return diagnostics.map((each) => {
    const text = each.file === undefined ? undefined : readFile(`${root}/${each.file}`)
    const end = text
      ? lineAndColumn(text, each.end)
      : { line: each.line, column: each.column + Math.max(0, each.end - each.start) }
    return {
      code: each.code,
      severity: each.severity,
      file: each.file ?? null,
      line: each.line,
      column: each.column,
      endLine: end.line,
      endColumn: end.column,
      message: each.message,
      why: each.why,
      fix: each.fix,
      path: each.path,
      docs: isCode(each.code) ? docsPage(each.code) : '',
      related: each.related,
      fixes: each.fixes ?? [],
    }
  })
}
