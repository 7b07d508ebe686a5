/**
 * A source text as tokens, so that fixes can be text edits and still know comments, strings and brackets. In goes TypeScript;
 * out come words, strings, templates and punctuation with their places, comments apart. It is no parser: angle brackets are
 * single tokens, and text of JSX elements is read as code (a quote in it ends with its line).
 */

export interface Token {
  readonly kind: 'word' | 'string' | 'template' | 'regexp' | 'punctuation'
  readonly text: string
  readonly start: number
  readonly end: number
}

export interface Comment {
  readonly start: number
  readonly end: number
}

const WORD = /[\p{ID_Start}\p{ID_Continue}$_#\u200c\u200d]+/uy
const SPACE = /[\s\ufeff]+/y
const OPERATOR = /=>|\.\.\.|\?\./y
/** After these a `/` begins a regular expression, though they are words. */
const BEFORE_EXPRESSION = new Set(['return', 'typeof', 'case', 'in', 'of', 'delete', 'void', 'throw', 'new', 'await'])
const OPEN: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' }
const CLOSE = new Set([')', ']', '}'])

export class SourceTokens {
  readonly text: string
  readonly tokens: readonly Token[]
  readonly comments: readonly Comment[]

  constructor(text: string) {
    this.text = text
    const tokens: Token[] = []
    const comments: Comment[] = []
    for (let at = text.startsWith('#!') ? lineEnd(text, 0) : 0; at < text.length; ) {
      const end = match(SPACE, text, at)
      if (end > at) {
        at = end
        continue
      }
      if (text.startsWith('//', at) || text.startsWith('/*', at)) {
        const stop = commentEnd(text, at)
        comments.push({ start: at, end: stop })
        at = stop
        continue
      }
      const token = tokenAt(text, at, tokens.at(-1))
      tokens.push(token)
      at = token.end
    }
    this.tokens = tokens
    this.comments = comments
  }

  /** Index of the first token that starts at `offset` or behind it; the number of tokens when there is none. */
  indexAt(offset: number): number {
    let [low, high] = [0, this.tokens.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.tokens[middle]!.start < offset) low = middle + 1
      else high = middle
    }
    return low
  }

  /** Index of the bracket that closes the one at `index`; undefined when none does. */
  closing(index: number): number | undefined {
    const closers: string[] = []
    for (let at = index; at < this.tokens.length; at++) {
      const { text, kind } = this.tokens[at]!
      if (kind !== 'punctuation') continue
      if (OPEN[text] !== undefined) closers.push(OPEN[text])
      else if (CLOSE.has(text) && closers.pop() !== text) return undefined
      if (closers.length === 0) return at
    }
    return undefined
  }

  /** Tokens between two offsets. */
  within(start: number, end: number): readonly Token[] {
    return this.tokens.slice(this.indexAt(start), this.indexAt(end))
  }

  words(): readonly Token[] {
    return this.tokens.filter((each) => each.kind === 'word')
  }

  get newline(): string {
    return newlineOf(this.text)
  }
}

/** Most of a file's lines end so. */
export function newlineOf(text: string): string {
  const windows = text.split('\r\n').length - 1
  return windows > 0 && windows * 2 > text.split('\n').length - 1 ? '\r\n' : '\n'
}

/** The white space that the line of `offset` begins with. */
export function indentAt(text: string, offset: number): string {
  const from = text.lastIndexOf('\n', offset - 1) + 1
  return /^[ \t]*/.exec(text.slice(from, offset))![0]
}

/** What one level of a file is indented by. */
export function indentUnit(text: string): string {
  const found = /\n([ \t]+)\S/.exec(text)?.[1]
  if (found === undefined) return '  '
  return found.startsWith('\t') ? '\t' : found.length % 4 === 0 && !/\n {2}\S/.test(text) ? '    ' : '  '
}

function match(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at
  return pattern.test(text) ? pattern.lastIndex : at
}

function tokenAt(text: string, at: number, before: Token | undefined): Token {
  const make = (kind: Token['kind'], end: number): Token => ({ kind, text: text.slice(at, end), start: at, end })
  const first = text[at]!
  if (first === '"' || first === "'") return make('string', stringEnd(text, at))
  if (first === '`') return make('template', templateEnd(text, at))
  if (first === '/' && beginsExpression(before)) {
    const end = regexpEnd(text, at)
    if (end !== undefined) return make('regexp', end)
  }
  const word = match(WORD, text, at)
  if (word > at) return make('word', word)
  const operator = match(OPERATOR, text, at)
  return make('punctuation', operator > at ? operator : at + (text.codePointAt(at)! > 0xffff ? 2 : 1))
}

function beginsExpression(before: Token | undefined): boolean {
  if (before === undefined) return true
  if (before.kind === 'word') return BEFORE_EXPRESSION.has(before.text)
  return before.kind === 'punctuation' && !CLOSE.has(before.text)
}

function lineEnd(text: string, at: number): number {
  const end = text.indexOf('\n', at)
  return end === -1 ? text.length : end
}

function commentEnd(text: string, at: number): number {
  if (text[at + 1] === '/') return lineEnd(text, at)
  const end = text.indexOf('*/', at + 2)
  return end === -1 ? text.length : end + 2
}

function stringEnd(text: string, at: number): number {
  for (let next = at + 1; next < text.length; next++) {
    if (text[next] === '\\') next++
    else if (text[next] === text[at]) return next + 1
    else if (text[next] === '\n') return next
  }
  return text.length
}

function templateEnd(text: string, at: number): number {
  for (let next = at + 1; next < text.length; next++) {
    if (text[next] === '\\') next++
    else if (text[next] === '`') return next + 1
    else if (text.startsWith('${', next)) next = substitutionEnd(text, next + 2)
  }
  return text.length
}

/** The offset of the `}` that ends what begins at `at`. */
function substitutionEnd(text: string, at: number): number {
  let depth = 0
  let before: Token | undefined
  for (let next = at; next < text.length; ) {
    if (text.startsWith('//', next) || text.startsWith('/*', next)) next = commentEnd(text, next)
    else if (/\s/.test(text[next]!)) next++
    else {
      before = tokenAt(text, next, before)
      if (before.text === '{') depth++
      if (before.text === '}' && depth-- === 0) return next
      next = before.end
    }
  }
  return text.length
}

function regexpEnd(text: string, at: number): number | undefined {
  let inClass = false
  for (let next = at + 1; next < text.length; next++) {
    const character = text[next]
    if (character === '\n') return undefined
    if (character === '\\') next++
    else if (character === '[') inClass = true
    else if (character === ']') inClass = false
    else if (character === '/' && !inClass) return match(WORD, text, next + 1)
  }
  return undefined
}
