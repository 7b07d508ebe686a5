/**
 * Makes diagnostics: a code, a place in a text and the three sentences become the plain value that hosts convert.
 * Also their order (file, position, code), and the one line that a broken component throws at run time.
 */
import { CATALOGUE, type Code } from './catalogue.ts'
import type { Diagnostic, Fix, Related } from './diagnostic.ts'

export interface Report {
  readonly message: string
  readonly why: string
  readonly fix: string
  readonly path?: string
  readonly related?: readonly Related[]
  /** Those that couldn't be made are left out. */
  readonly fixes?: readonly (Fix | undefined)[]
}

/** `file` as diagnostics name it (from the root); `text` is its content. */
export interface SpanInText {
  readonly file: string
  readonly text: string
  readonly start: number
  readonly end: number
}

export function createDiagnostic(code: Code, span: SpanInText | undefined, report: Report): Diagnostic {
  const fixes = (report.fixes ?? []).filter((each) => each !== undefined)
  const { line, column } = span ? lineAndColumn(span.text, span.start) : { line: 1, column: 1 }
  return {
    code,
    severity: CATALOGUE[code].severity,
    file: span?.file,
    start: span?.start ?? 0,
    end: span?.end ?? 0,
    line,
    column,
    message: report.message,
    why: report.why,
    fix: report.fix,
    path: report.path ?? '',
    related: [...(report.related ?? [])],
    ...(fixes.length > 0 && { fixes }),
  }
}

/** 1-based, columns in UTF-16 units. */
export function lineAndColumn(text: string, offset: number): { line: number; column: number } {
  let line = 1
  let lineStart = 0
  for (let at = text.indexOf('\n'); at !== -1 && at < offset; at = text.indexOf('\n', at + 1)) {
    line++
    lineStart = at + 1
  }
  return { line, column: offset - lineStart + 1 }
}

/** By file (those without one first), position and code: the same on any machine. */
export function sortDiagnostics(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  const file = (each: Diagnostic) => each.file ?? ''
  return [...diagnostics].sort(
    (a, b) =>
      compare(file(a), file(b)) || a.start - b.start || compare(a.code, b.code) || compare(a.message, b.message),
  )
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** `WV2006 'add(socket)' is a 'Socket', which cannot leave its process. (src/cart.ts:41:18)` */
export function oneLine(diagnostic: Diagnostic): string {
  const place = diagnostic.file ? ` (${diagnostic.file}:${diagnostic.line}:${diagnostic.column})` : ''
  return `${diagnostic.code} ${diagnostic.message}${place}`
}
