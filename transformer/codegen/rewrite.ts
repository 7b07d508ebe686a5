/**
 * Applies rewrites to a file's text and appends what was generated: for hosts that handle text. No line of the user's moves:
 * a rewrite replaces within its lines, keeps the line breaks of what it replaces, and everything else goes to the end.
 */
import { SourceTokens } from '../diagnostics/fixes/tokens.ts'
import type { Rewrite } from '../model.ts'

/** One replacement of [start, end) by `text`. */
export interface Splice {
  start: number
  end: number
  text: string
}

export function rewriteText(text: string, rewrites: readonly Rewrite[], appended: string): string {
  return appended === '' ? rewritten(text, rewrites) : beforeAppended(text, rewrites) + appended
}

/** What generated code is appended to, on a line of its own. */
export function beforeAppended(text: string, rewrites: readonly Rewrite[]): string {
  const result = rewritten(text, rewrites)
  return result.endsWith('\n') ? result : `${result}\n`
}

function rewritten(text: string, rewrites: readonly Rewrite[]): string {
  let result = ''
  let position = 0
  for (const splice of splicesOf(text, rewrites)) {
    result += text.slice(position, splice.start) + splice.text
    position = splice.end
  }
  return result + text.slice(position)
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
      const written = text.slice(start, end)
      if (!/^import\b/.test(written)) throw misplaced(rewrite, `expected 'import' at ${start}`)
      return typeImport(written, start)
    }
  }
}

/** `import Shop, { type Options } from …` → `import type { default as Shop, Options } from …`; an import of types has no modifiers inside. */
function typeImport(written: string, start: number): Splice {
  const { tokens } = new SourceTokens(written)
  const [keyword, name, comma, open] = tokens
  const from = keyword!.end
  const close = tokens.findIndex(({ text }) => text === '}')
  const both = name!.kind === 'word' && comma!.text === ',' && open!.text === '{'
  const list = tokens.slice(0, close + 1)
  const modifiers = list.filter(({ text }, index) => {
    const [before, next] = [list[index - 1]?.text, list[index + 1]]
    return text === 'type' && (before === '{' || before === ',') && next?.kind === 'word' && next.text !== 'as'
  })
  const rest = both ? open!.end : from
  let text = both ? ` type {${written.slice(comma!.end, open!.start)}default as ${name!.text},` : ' type'
  let position = rest
  for (const modifier of modifiers) {
    text += written.slice(position, modifier.start)
    position = modifier.end
  }
  return { start: start + from, end: start + position, text }
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
