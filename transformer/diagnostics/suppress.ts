/**
 * `// weave-ignore WV2011: reason`: a warning that somebody has looked at. In go the project's files and the diagnostics; out come
 * those that are left, with reports about the comments themselves: without a reason, of no effect, of a code that isn't there.
 * A comment on a line of its own speaks of the next line of code, any other of its own line. Refuses to suppress an error.
 */
import { CATALOGUE, type Code, isCode } from './catalogue.ts'
import { createDiagnostic, lineAndColumn, type Report, sortDiagnostics } from './create.ts'
import type { Diagnostic, Fix } from './diagnostic.ts'
import { adviceFor, nearCode } from './severity.ts'

export interface SuppressInput {
  readonly diagnostics: readonly Diagnostic[]
  /** By path from the root. */
  readonly files: readonly { readonly file: string; readonly text: string }[]
  /** The offset lies in a string or template, where `//` begins no comment. */
  isLiteral(file: string, offset: number): boolean
  /** Its warnings are off, so that a suppression may well be without effect. */
  isOff(code: string): boolean
}

interface Suppression {
  readonly file: string
  readonly text: string
  /** Of the comment. */
  readonly start: number
  readonly end: number
  /** 1-based, that it speaks of: those between it and the next line of code, with doc comments, included. */
  readonly firstLine: number
  readonly lastLine: number
  readonly codes: readonly { readonly name: string; readonly start: number; used: boolean }[]
  readonly reason: string
}

const WORD = 'weave-ignore'

export function applySuppressions(input: SuppressInput): Diagnostic[] {
  const suppressions = input.files.filter(({ text }) => text.includes(WORD)).flatMap((file) => read(file, input))
  if (suppressions.length === 0) return [...input.diagnostics]
  const left = input.diagnostics.filter(({ file, line, code }) => {
    const base = isCode(code) ? CATALOGUE[code].severity : 'error'
    const found = suppressions
      .filter((each) => each.file === file && each.firstLine <= line && line <= each.lastLine)
      .flatMap((each) => each.codes.filter(({ name }) => name === code))
    if (base === 'error' || found.length === 0) return true
    for (const each of found) each.used = true
    return false
  })
  return sortDiagnostics([...left, ...suppressions.flatMap((each) => problems(each, input))])
}

const COMMENT = new RegExp(`//[ \\t]*@?${WORD}\\b([^\\n]*)|/\\*+[ \\t]*@?${WORD}\\b((?:[^*]|\\*(?!/))*)\\*/`, 'g')
const BODY = /^([ \t]*)([\w-]+(?:[ \t]*,[ \t]*[\w-]+)*)?[ \t]*(?::|--|—)?([\s\S]*)$/

function read({ file, text }: SuppressInput['files'][number], { isLiteral }: SuppressInput): Suppression[] {
  return [...text.matchAll(COMMENT)].flatMap((match): Suppression[] => {
    const start = match.index
    if (isLiteral(file, start) || isInComment(text, start)) return []
    const body = match[1] ?? match[2] ?? ''
    const from = start + match[0].indexOf(body, match[0].indexOf(WORD) + WORD.length)
    const [, lead = '', list = '', reason = ''] = BODY.exec(body)!
    const codes = [...list.matchAll(/[\w-]+/g)].map((each) => {
      return { name: each[0], start: from + lead.length + each.index, used: false }
    })
    const end = start + match[0].trimEnd().length
    return [{ file, text, start, end, ...linesOf(text, start, end), codes, reason: reason.trim() }]
  })
}

/** It is quoted in another comment, as here: `// weave-ignore`. */
function isInComment(text: string, start: number): boolean {
  const before = text.slice(text.lastIndexOf('\n', start - 1) + 1, start)
  return /^\s*\/\//.test(before) || text.lastIndexOf('/*', start - 1) > text.lastIndexOf('*/', start)
}

/** Of a comment with nothing but whitespace (in JSX, a brace) around it, up to the line of the code that follows. */
function linesOf(text: string, start: number, end: number): Pick<Suppression, 'firstLine' | 'lastLine'> {
  const { line } = lineAndColumn(text, start)
  const before = text.slice(text.lastIndexOf('\n', start - 1) + 1, start)
  const lines = text.slice(end).split('\n')
  if (!/^\s*\{?\s*$/.test(before) || !/^\s*\}?\s*$/.test(lines[0]!)) return { firstLine: line, lastLine: line }
  const firstLine = line + text.slice(start, end).split('\n').length
  const next = lines.findIndex((each, at) => at > 0 && !NO_CODE.test(each))
  return { firstLine, lastLine: firstLine + Math.max(0, next - 1) }
}

/** An empty line, or (a line of) a comment. */
const NO_CODE = /^\s*(?:$|\/\/|\/\*.*\*\/\s*$|\/\*(?!.*\*\/)|\*(?:[\s/]|$)|\{\s*\/\*.*\*\/\s*\}\s*$)/

function problems(suppression: Suppression, { isOff }: SuppressInput): Diagnostic[] {
  const { file, text, start, end, codes, reason } = suppression
  const report = (code: Code, span: { start: number; end: number }, what: Report): Diagnostic[] =>
    isOff(code) ? [] : [createDiagnostic(code, { file, text, ...span }, what)]
  if (codes.length === 0) {
    return report(
      'WV9022',
      { start, end },
      {
        message: 'The comment does not say which warning it suppresses.',
        why: 'what it does not name it would hide too, some day',
        fix: `write the code: '// ${WORD} WV3016: reason'`,
      },
    )
  }
  const found = codes.flatMap(({ name, start: at, used }) => {
    const span = { start: at, end: at + name.length }
    if (!isCode(name)) {
      return report('WV9022', span, {
        message: `There is no diagnostic '${name}', so this suppresses nothing.`,
        why: 'a misspelt code is silently without effect',
        fix: adviceFor(name),
        fixes: [correction(suppression, name, span)],
      })
    }
    if (CATALOGUE[name].severity === 'error') {
      return report('WV9022', span, {
        message: `'${name}' is an error, and an error cannot be suppressed.`,
        why: 'without what it asks for no code can be generated, or the program would not be the same in two processes',
        fix: 'remove the comment, and correct what is reported',
        fixes: [removal(suppression)],
      })
    }
    if (used || isOff(name)) return []
    return report('WV9021', span, {
      message: `Nothing here is reported as '${name}', so this suppresses nothing.`,
      why: 'what it was written for is gone, or is on another line; it would hide the next one',
      fix: 'remove it, or put it on the line before the code that is meant',
      fixes: [removal(suppression)],
    })
  })
  const useful = codes.some((each) => each.used)
  if (!useful || reason !== '') return found
  return [
    ...found,
    ...report(
      'WV9020',
      { start, end },
      {
        message: `'${codes[0]!.name}' is suppressed without a reason.`,
        why: 'whoever reads it next cannot tell whether it still holds',
        fix: `say why it is meant: '// ${WORD} ${codes[0]!.name}: reason'`,
      },
    ),
  ]
}

function correction({ file }: Suppression, name: string, span: { start: number; end: number }): Fix | undefined {
  const near = nearCode(name)
  return near && { id: 'correct-code', title: `Write '${near}'`, safe: true, edits: [{ file, ...span, text: near }] }
}

/** Takes the comment away, and its line when nothing else is on it. A comment that names several codes is left to its author. */
function removal({ file, text, start, end, codes }: Suppression): Fix | undefined {
  if (codes.length > 1) return undefined
  const lineStart = text.lastIndexOf('\n', start - 1) + 1
  const after = text.indexOf('\n', end)
  const lineEnd = after === -1 ? text.length : after
  const alone = text.slice(lineStart, start).trim() === '' && text.slice(end, lineEnd).trim() === ''
  const gap = /[ \t]*$/.exec(text.slice(lineStart, start))![0].length
  const span = alone ? { start: lineStart, end: Math.min(text.length, lineEnd + 1) } : { start: start - gap, end }
  return { id: 'remove-suppression', title: 'Remove the comment', safe: true, edits: [{ file, ...span, text: '' }] }
}
