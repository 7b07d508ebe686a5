/**
 * Keywords and marks before and behind a name: `export` on a declaration, `async` on a method, `?` behind a member, `abstract`
 * and `private` taken away. In go a text and where the declaration or the name begins; out come edits without a file.
 */
import type { Edit } from '../diagnostic.ts'
import { indentAt, indentUnit, SourceTokens, type Token } from './tokens.ts'

export type TextEdit = Omit<Edit, 'file'>

const insertion = (at: number, text: string): TextEdit => ({ start: at, end: at, text })

/** `start`: where the declaration begins, its decorators included. */
export function addExport(text: string, start: number): TextEdit | undefined {
  const source = new SourceTokens(text)
  const at = behindDecorators(source, source.indexAt(start))
  const token = source.tokens[at]
  if (!token || token.text === 'export') return undefined
  return insertion(token.start, 'export ')
}

function behindDecorators(source: SourceTokens, from: number): number {
  const { tokens } = source
  let at = from
  while (tokens[at]?.text === '@') {
    at += 2
    while (tokens[at]?.text === '.') at += 2
    if (tokens[at]?.text === '(') at = (source.closing(at) ?? at) + 1
  }
  return at
}

/** Takes `word` away from the modifiers between `start` and `end` (a declaration's begin and its name). */
export function removeModifier(text: string, start: number, end: number, word: string): TextEdit | undefined {
  const source = new SourceTokens(text)
  const token = source.within(start, end).find((each) => each.text === word)
  if (!token) return undefined
  const next = source.tokens[source.indexAt(token.end)]
  return { start: token.start, end: next?.start ?? token.end, text: '' }
}

/** The `?` (or `!`) directly behind the name that ends at `end`. */
export function removeMark(text: string, end: number, mark: '?' | '!'): TextEdit | undefined {
  const source = new SourceTokens(text)
  const token = source.tokens[source.indexAt(end)]
  return token?.text === mark ? { start: token.start, end: token.end, text: '' } : undefined
}

const MEMBER_MODIFIERS = new Set([
  'public',
  'protected',
  'private',
  'override',
  'static',
  'readonly',
  'declare',
  'abstract',
])

/**
 * `async` for the method (or the function-valued property) of a class whose name is at [start, end). Undefined where it is async
 * already, or where the word can't help: generators, accessors, abstract methods and overloads.
 */
export function addAsync(text: string, { start, end }: { start: number; end: number }): TextEdit | undefined {
  const source = new SourceTokens(text)
  const { tokens } = source
  const at = source.indexAt(start)
  const before = modifiersBefore(tokens, at)
  if (before.some((each) => ['async', 'get', 'set', '*', 'abstract', 'declare'].includes(each.text))) return undefined
  const next = tokens[source.indexAt(end)]
  if (next?.text === '(' || next?.text === '<') {
    return hasBody(source, source.indexAt(end)) ? insertion(tokens[at]!.start, 'async ') : undefined
  }
  const value = initialiser(source, source.indexAt(end))
  if (!value || value.text === 'async') return undefined
  return value.text === 'function' || value.text === '(' || value.text === '<' || value.kind === 'word'
    ? insertion(value.start, 'async ')
    : undefined
}

function modifiersBefore(tokens: readonly Token[], name: number): Token[] {
  const found: Token[] = []
  for (let at = name - 1; at >= 0; at--) {
    const token = tokens[at]!
    if (!MEMBER_MODIFIERS.has(token.text) && !['async', 'get', 'set', '*'].includes(token.text)) break
    found.push(token)
  }
  return found
}

/** The parameters that begin at or behind `index` are followed by a body, so it is no overload. */
function hasBody(source: SourceTokens, index: number): boolean {
  const { tokens } = source
  const open = tokens.findIndex((each, at) => at >= index && each.text === '(')
  const close = open === -1 ? undefined : source.closing(open)
  if (close === undefined) return false
  if (tokens[close + 1]?.text === '{') return true
  if (tokens[close + 1]?.text !== ':') return false
  return behindType(source, close + 2)?.text === '{'
}

/** The token behind the type that begins at `index`; a `{` that begins a type literal is told from one that begins a body. */
function behindType(source: SourceTokens, index: number): Token | undefined {
  const { tokens } = source
  let angles = 0
  let complete = false
  for (let at = index; at < tokens.length; at++) {
    const token = tokens[at]!
    if (token.text === '<') angles++
    else if (token.text === '>') angles--
    else if (token.text === '{' && complete && angles === 0) return token
    else if (['(', '[', '{'].includes(token.text)) at = source.closing(at) ?? tokens.length
    else if ([';', '}', ')'].includes(token.text)) return token
    complete = !['|', '&', '=>', '.', ',', '?', ':', '<'].includes(token.text) && !TYPE_OPERATORS.has(token.text)
  }
  return undefined
}

const TYPE_OPERATORS = new Set(['keyof', 'typeof', 'readonly', 'unique', 'extends', 'infer', 'is', 'asserts'])

/** The first token of a property's initialiser: behind `=`, the property's type skipped. */
function initialiser(source: SourceTokens, index: number): Token | undefined {
  const { tokens } = source
  for (let at = index; at < tokens.length; at++) {
    const { text } = tokens[at]!
    if (text === '=') return tokens[at + 1]
    if (text === '(' || text === '[' || text === '{') at = source.closing(at) ?? tokens.length
    if (text === ';' || text === '}') return undefined
  }
  return undefined
}

/** Puts `member` (lines without indentation) at the end of a class body; `nameEnd` is behind the class's name. */
export function appendMember(text: string, nameEnd: number, member: readonly string[]): TextEdit | undefined {
  const source = new SourceTokens(text)
  const { tokens, newline } = source
  const open = tokens.findIndex((each) => each.start >= nameEnd && each.text === '{')
  const close = open === -1 ? undefined : source.closing(open)
  if (close === undefined) return undefined
  const before = tokens[close - 1]!
  const outer = indentAt(text, tokens[open]!.start)
  const inner = outer + indentUnit(text)
  const lines = member.map((line) => (line === '' ? '' : inner + line)).join(newline)
  const empty = close === open + 1
  const start = lastEnd(source, before.end, tokens[close]!.start)
  return {
    start,
    end: tokens[close]!.start,
    text: `${empty ? '' : newline}${newline}${lines}${newline}${outer}`,
  }
}

/** Behind the last comment of [from, to), or `from`. */
function lastEnd({ comments }: SourceTokens, from: number, to: number): number {
  return comments.filter((each) => each.start >= from && each.end <= to).at(-1)?.end ?? from
}

/** `implements Main` on a class whose name ends at `nameEnd`. */
export function addImplements(text: string, nameEnd: number, name: string): TextEdit | undefined {
  const source = new SourceTokens(text)
  const from = source.indexAt(nameEnd)
  for (let at = from; at < source.tokens.length; at++) {
    const { text: word, start, kind } = source.tokens[at]!
    if (kind === 'word' && word === 'implements') return insertion(source.tokens[at]!.end, ` ${name},`)
    if (word === '{') return insertion(start, `${/\s/.test(text[start - 1] ?? '') ? '' : ' '}implements ${name} `)
  }
  return undefined
}
