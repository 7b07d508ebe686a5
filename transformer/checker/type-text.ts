/**
 * The wording of types and members in messages, the same from every checker: in goes what a checker prints (in full, never cut by itself),
 * out comes the text with the members of each union in our own order, at most 80 characters long. TypeScript 6 orders unions by
 * when it met their members, 7 by their content; a message must not depend on either.
 */

const TEXT_LENGTH_MAX = 80
const OPEN = '([{<'
const CLOSE = ')]}>'

export function typeText(printed: string): string {
  const text = ordered(printed.replace(/\s+/g, ' '))
  return text.length > TEXT_LENGTH_MAX ? `${text.slice(0, TEXT_LENGTH_MAX)}…` : text
}

/** What no member of a union goes across. */
const SEPARATOR = /^(?:[,;:?]| ?=> | extends | is )/

/**
 * Sorts each run of `a | b | c`. A run ends where a bracket closes, or at `,` `;` `:` `=>` `&` and `?`; what brackets enclose is
 * sorted first. Quoted text is passed over.
 */
function ordered(text: string): string {
  let out = ''
  let from = 0
  const parts: string[] = []
  const flush = (to: number): void => {
    const last = text.slice(from, to)
    out += parts.length === 0 ? last : union([...parts, last])
    parts.length = 0
  }
  for (let at = 0; at < text.length; at++) {
    const char = text[at]!
    if (char === '"' || char === "'" || char === '`') at = quoteEnd(text, at)
    else if (OPEN.includes(char)) {
      const end = bracketEnd(text, at)
      const inner = ordered(text.slice(at + 1, end))
      text = text.slice(0, at + 1) + inner + text.slice(end)
      at = at + inner.length + 1
    } else if (text.startsWith(' | ', at)) {
      parts.push(text.slice(from, at))
      from = at + 3
      at += 2
    } else {
      const separator = SEPARATOR.exec(text.slice(at, at + ' extends '.length))?.[0]
      if (separator === undefined) continue
      flush(at)
      out += separator
      from = at + separator.length
      at = from - 1
    }
  }
  flush(text.length)
  return out
}

/** Primitives first and `undefined` last, as TypeScript itself prints them; between them by code units. */
const FIRST = ['string', 'number', 'bigint', 'boolean', 'symbol', 'object', 'void']
const LAST = ['null', 'undefined']

const rank = (part: string): number =>
  FIRST.includes(part) ? FIRST.indexOf(part) : FIRST.length + 1 + LAST.indexOf(part)

function union(parts: readonly string[]): string {
  const lead = /^\s*/.exec(parts[0]!)![0]
  const end = /\s*$/.exec(parts.at(-1)!)![0]
  const sorted = [...new Set(parts.map((part) => part.trim()))].sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1))
  return `${lead}${sorted.join(' | ')}${end}`
}

function quoteEnd(text: string, from: number): number {
  for (let at = from + 1; at < text.length; at++) {
    if (text[at] === '\\') at++
    else if (text[at] === text[from]) return at
  }
  return text.length
}

/** The place of the bracket that closes the one at `from`; the end of the text when none does. */
function bracketEnd(text: string, from: number): number {
  let depth = 0
  for (let at = from; at < text.length; at++) {
    const char = text[at]!
    if (char === '"' || char === "'" || char === '`') at = quoteEnd(text, at)
    // `=>` closes nothing.
    else if (char === '>' && text[at - 1] === '=') continue
    else if (OPEN.includes(char)) depth++
    else if (CLOSE.includes(char) && --depth === 0) return at
  }
  return text.length
}

/** As it is at run time, without the numbers of a checker: `[brand]` for `__@brand@65`, `#secret` for `__#3@#secret`. */
export function memberName(escaped: string, name: string): string {
  if (escaped.startsWith('__@')) return `[${escaped.slice(3).replace(/@\d+$/, '')}]`
  return escaped.startsWith('__#') ? escaped.replace(/^__#\d+@/, '') : name
}
