/**
 * Diagnostics as a terminal shows them: place and message, the code around it, why, and what to do. Colour is the caller's:
 * `paint` functions are handed in (the CLI's picocolors), and without them the text is plain.
 */
import { lineAndColumn } from './create.ts'
import type { Diagnostic, Related } from './diagnostic.ts'

export interface Paint {
  /** Code and underline of an error. */
  error(text: string): string
  warning(text: string): string
  place(text: string): string
  /** Line numbers and the labels `why` and `fix`. */
  dim(text: string): string
}

export interface FormatOptions {
  /** What diagnostics' files are relative to. */
  root: string
  /** Gives the text of an absolute path; undefined if there is none, and then the frame is left out. */
  readFile(path: string): string | undefined
  /** Undefined means no colour. */
  paint?: Paint
}

const plain = (text: string): string => text
const NO_PAINT: Paint = { error: plain, warning: plain, place: plain, dim: plain }
/** Lines shown above the culprit. What is below is rarely needed to understand it. */
const LINES_BEFORE = 2
const LINE_LENGTH_MAX = 160
/** Of a line that is longer, what is shown before the culprit. */
const LINE_BEFORE = 40

/** One block a diagnostic, separated by empty lines; the empty string for none. */
export function formatDiagnostics(diagnostics: readonly Diagnostic[], options: FormatOptions): string {
  return diagnostics.map((each) => formatDiagnostic(each, options)).join('\n')
}

function formatDiagnostic(diagnostic: Diagnostic, options: FormatOptions): string {
  const paint = options.paint ?? NO_PAINT
  const mark = diagnostic.severity === 'error' ? paint.error : paint.warning
  const place = diagnostic.file ? paint.place(`${diagnostic.file}:${diagnostic.line}:${diagnostic.column} `) : ''
  const severity = diagnostic.severity === 'warning' ? 'warning ' : ''
  const lines = [`${place}${mark(diagnostic.code)} ${severity}${diagnostic.message}`]
  const text = diagnostic.file && options.readFile(`${options.root}/${diagnostic.file}`)
  if (text) lines.push(...frame(text, diagnostic, paint, mark))
  const [first, ...others] = diagnostic.related
  // What TypeScript itself reports has neither.
  if (diagnostic.why)
    lines.push(`  ${paint.dim('why')}  ${diagnostic.why}${first ? paint.dim(`   (${shortPlace(first)})`) : ''}`)
  for (const other of others) lines.push(`       ${paint.dim(`${shortPlace(other)}  ${other.message}`)}`)
  if (diagnostic.fix) lines.push(`  ${paint.dim('fix')}  ${diagnostic.fix}`)
  return `${lines.join('\n')}\n`
}

/** The culprit's lines with numbers; the first is underlined. */
function frame(text: string, { start, end, line }: Diagnostic, paint: Paint, mark: (text: string) => string): string[] {
  const lines = text.split(/\r?\n/)
  const { column } = lineAndColumn(text, start)
  const first = Math.max(1, line - LINES_BEFORE)
  const width = String(line).length
  const shown: string[] = []
  for (let number = first; number <= line; number++) {
    const source = cut(lines[number - 1] ?? '', number === line ? column - 1 : 0).text
    // A blank line at the top tells nothing.
    if (shown.length === 0 && number < line && source.trim() === '') continue
    shown.push(`  ${paint.dim(`${String(number).padStart(width)} |`)} ${source}`.trimEnd())
  }
  const source = cut(lines[line - 1] ?? '', column - 1)
  const length = Math.max(1, Math.min(end - start, source.end - source.at))
  // Tabs stay tabs, so that the underline stands where the source does.
  const indent = source.text.slice(0, source.at).replace(/[^\t]/g, ' ')
  shown.push(`  ${' '.repeat(width)} ${paint.dim('|')} ${indent}${mark('~'.repeat(length))}`)
  return shown
}

interface Cut {
  readonly text: string
  /** Where in `text` the offset is, and where the source in it ends. */
  readonly at: number
  readonly end: number
}

/** So much of a line as fits, with what stands at `offset` in it; `…` for what is left out. */
function cut(line: string, offset: number): Cut {
  if (line.length <= LINE_LENGTH_MAX) return { text: line, at: offset, end: line.length }
  const from = offset < LINE_LENGTH_MAX / 2 ? 0 : Math.min(offset - LINE_BEFORE, line.length - LINE_LENGTH_MAX)
  const shown = line.slice(from, from + LINE_LENGTH_MAX)
  const lead = from > 0 ? '…' : ''
  const tail = from + LINE_LENGTH_MAX < line.length ? '…' : ''
  return { text: lead + shown + tail, at: lead.length + offset - from, end: lead.length + shown.length }
}

/** A library's file by its name alone: where it is installed helps nobody. */
function shortPlace({ file, line }: Related): string {
  const library = file.includes('node_modules/')
  return `${library ? file.slice(file.lastIndexOf('/') + 1) : file}:${line}`
}
