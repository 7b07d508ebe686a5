/**
 * Applies rewrites to a file's text and appends what was generated: for hosts that handle text. No line of the user's moves:
 * a rewrite replaces within its lines, keeps the line breaks of what it replaces, and everything else goes to the end.
 */
import type { Rewrite } from '../model.ts'

/** One replacement of [start, end) by `text`. */
export interface Splice {
  start: number
  end: number
  text: string
}

export function rewriteText(text: string, rewrites: readonly Rewrite[], appended: string): string {
  let result = ''
  let position = 0
  for (const splice of splicesOf(text, rewrites)) {
    result += text.slice(position, splice.start) + splice.text
    position = splice.end
  }
  result += text.slice(position)
  if (appended === '') return result
  return `${result}${result.endsWith('\n') ? '' : '\n'}${appended}`
}

/** In order of their positions; throws when two overlap. For hosts that keep a source map of their own (magic-string and the like). */
function splicesOf(text: string, rewrites: readonly Rewrite[]): Splice[] {
  const splices = rewrites.map((rewrite) => spliceOf(text, rewrite)).sort((a, b) => a.start - b.start || a.end - b.end)
  for (const [index, splice] of splices.entries()) {
    const next = splices[index + 1]
    if (next && next.start < splice.end) {
      throw new Error(
        `Two rewrites overlap, at ${splice.start}–${splice.end} and ${next.start}–${next.end}; this is a bug of weavets.`,
      )
    }
  }
  return splices
}

function spliceOf(text: string, rewrite: Rewrite): Splice {
  const { start, end } = rewrite
  switch (rewrite.kind) {
    case 'replace':
      return { start, end, text: withLinesOf(text.slice(start, end), rewrite.text) }
    case 'argument': {
      if (text[end - 1] !== ')') throw misplaced(rewrite, `expected ')' at ${end - 1}`)
      return { start: end - 1, end: end - 1, text: argumentText(text, rewrite) }
    }
    case 'type-import': {
      const keyword = /^import\b/.exec(text.slice(start, end))
      if (!keyword) throw misplaced(rewrite, `expected 'import' at ${start}`)
      const at = start + keyword[0].length
      return { start: at, end: at, text: ' type' }
    }
  }
}

function argumentText(text: string, rewrite: Extract<Rewrite, { kind: 'argument' }>): string {
  const missing = Array.from({ length: rewrite.position - rewrite.arguments }, () => 'undefined')
  const added = [...missing, rewrite.text].join(', ')
  if (rewrite.arguments === 0) return added
  return endsWithComma(text.slice(rewrite.start, rewrite.end - 1)) ? ` ${added}` : `, ${added}`
}

/** `f(a, /* why *\/ )`: a trailing comma, with comments after it. A comment at the end of a line would swallow the argument's comma too. */
function endsWithComma(call: string): boolean {
  const bare = call
    .replace(/\/\*[^*]*(?:\*(?!\/)[^*]*)*\*\/\s*$/g, '')
    .replace(/\/\/[^\n]*\n\s*$/g, '')
    .trimEnd()
  return bare.endsWith(',')
}

/** The replacement on as many lines as what it replaces. */
function withLinesOf(old: string, replacement: string): string {
  const lines = (text: string) => text.split('\n').length - 1
  const missing = lines(old) - lines(replacement)
  if (missing < 0) throw new Error(`A rewrite would add ${-missing} lines; this is a bug of weavets.`)
  return replacement + '\n'.repeat(missing)
}

function misplaced(rewrite: Rewrite, expected: string): Error {
  return new Error(
    `A rewrite of ${rewrite.file} does not fit its text: ${expected}. The text is not the one that was analysed.`,
  )
}
