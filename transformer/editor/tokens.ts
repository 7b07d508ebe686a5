/**
 * The tokens of a TypeScript text, read without a parser and without failing: what an editor asks about is half typed most
 * of the time. Strings and comments that aren't closed end with their line, or with the text. What stands in a template's `${…}` is part
 * of the template. A `/` is taken for a regular expression where a value may begin.
 */
export interface Token {
  readonly kind: 'word' | 'number' | 'string' | 'template' | 'regexp' | 'comment' | 'mark'
  readonly start: number
  readonly end: number
  /** False for a string, template or comment that the text's end (or the line's) cuts off. */
  readonly closed: boolean
}

const WORD = /[\p{ID_Start}$_#@][\p{ID_Continue}$\u200c\u200d]*/uy
const NUMBER = /(?:0[xob][\da-f_]+|\d[\d_]*(?:\.[\d_]*)?(?:e[+-]?\d+)?|\.\d[\d_]*(?:e[+-]?\d+)?)n?/iy
const REGEXP = /\/(?![*/])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\/[a-z]*/y
/** After these words a value begins, so a slash does too. */
const BEFORE_VALUE = /^(?:return|typeof|case|in|of|delete|void|throw|new|await|yield|default)$/

export function tokensOf(text: string, from = 0, to: number = text.length): Token[] {
  const tokens: Token[] = []
  for (let at = from; at < to; ) {
    const token = tokenAt(text, at, tokens)
    if (token === undefined) at++
    else {
      tokens.push(token)
      at = token.end
    }
  }
  return tokens
}

function tokenAt(text: string, at: number, before: readonly Token[]): Token | undefined {
  const char = text[at]!
  if (/\s/.test(char)) return undefined
  const make = (kind: Token['kind'], end: number, closed = true): Token => ({ kind, start: at, end, closed })
  if (char === '"' || char === "'") {
    const end = stringEnd(text, at)
    return make('string', end, end > at + 1 && text[end - 1] === char)
  }
  if (char === '`') {
    const end = templateEnd(text, at)
    return make('template', end, end > at + 1 && text[end - 1] === '`')
  }
  if (char === '/' && text[at + 1] === '/') {
    const end = text.indexOf('\n', at)
    return make('comment', end === -1 ? text.length : end)
  }
  if (char === '/' && text[at + 1] === '*') {
    const end = text.indexOf('*/', at + 2)
    return end === -1 ? make('comment', text.length, false) : make('comment', end + 2)
  }
  const word = match(WORD, text, at)
  if (word > at) return make('word', word)
  const number = match(NUMBER, text, at)
  if (number > at) return make('number', number)
  if (char === '/' && valueMayBegin(text, before)) {
    const end = match(REGEXP, text, at)
    if (end > at) return make('regexp', end)
  }
  return make('mark', at + 1)
}

function match(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at
  return pattern.test(text) ? pattern.lastIndex : at
}

function valueMayBegin(text: string, before: readonly Token[]): boolean {
  const last = before.findLast((token) => token.kind !== 'comment')
  if (last === undefined) return true
  const written = text.slice(last.start, last.end)
  if (last.kind === 'mark') return written !== ')' && written !== ']' && written !== '}'
  return last.kind === 'word' && BEFORE_VALUE.test(written)
}

function stringEnd(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === '\\') at++
    else if (text[at] === text[start]) return at + 1
    else if (text[at] === '\n') return at
  }
  return text.length
}

function templateEnd(text: string, start: number): number {
  let depth = 0
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === '\\') at++
    else if (depth === 0 && text[at] === '`') return at + 1
    else if (depth === 0 && text[at] === '$' && text[at + 1] === '{') {
      depth = 1
      at++
    } else if (depth > 0 && text[at] === '{') depth++
    else if (depth > 0 && text[at] === '}') depth--
  }
  return text.length
}

/** From the first `{` behind `from` to behind its `}`, or to the text's end; undefined when a `;` comes first. */
export function blockAfter(text: string, from: number): { start: number; end: number } | undefined {
  const tokens = tokensOf(text, from).filter((token) => token.kind === 'mark')
  let start: number | undefined
  let depth = 0
  for (const token of tokens) {
    const mark = text[token.start]
    if (mark === '{') {
      start ??= token.start
      depth++
    } else if (mark === '}' && start !== undefined && --depth === 0) return { start, end: token.end }
    else if (mark === ';' && start === undefined) return undefined
  }
  return start === undefined ? undefined : { start, end: text.length }
}
