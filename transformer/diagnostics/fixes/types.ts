/**
 * Types rewritten where they stand: wrapped in `Promise`, `any` to `Json`, `AsyncGenerator` to `AsyncIterable`, a marker such
 * as `Key<…>` taken off, `readonly` put before an array. In go the text of a type; out comes its new text, or undefined when
 * it isn't written in the form that was expected.
 */
import { SourceTokens, type Token } from './tokens.ts'

/** `number` → `Promise<number>`; of a promise-like it is the argument that is promised. */
export function promised(type: string, awaited: string | undefined): string {
  return `Promise<${awaited ?? type}>`
}

/** `Key<string>` → `string`, wherever it is inside the type; `name` is what the file calls it. */
export function withoutMarker(type: string, name: string): string | undefined {
  const source = new SourceTokens(type)
  const { tokens } = source
  const at = tokens.findIndex((each, index) => each.text === name && tokens[index + 1]?.text === '<')
  const close = at === -1 ? -1 : closingAngle(tokens, at + 1)
  if (close === -1) return undefined
  const inner = type.slice(tokens[at + 1]!.end, tokens[close]!.start).trim()
  const alone = at === 0 && close === tokens.length - 1
  const compound = new SourceTokens(inner).tokens.length > 1
  return type.slice(0, tokens[at]!.start) + (compound && !alone ? `(${inner})` : inner) + type.slice(tokens[close]!.end)
}

function closingAngle(tokens: readonly Token[], open: number): number {
  let depth = 0
  for (let at = open; at < tokens.length; at++) {
    if (tokens[at]!.text === '<') depth++
    if (tokens[at]!.text === '>' && --depth === 0) return at
  }
  return -1
}

/** `AsyncGenerator<T, R, N>` → `AsyncIterable<T>`. */
export function asyncIterable(type: string): string | undefined {
  const { tokens } = new SourceTokens(type)
  const at = tokens.findIndex((each) => each.text === 'AsyncGenerator')
  if (at === -1) return undefined
  if (tokens[at + 1]?.text !== '<') return replaceToken(type, tokens[at]!, 'AsyncIterable')
  const close = closingAngle(tokens, at + 1)
  if (close === -1) return undefined
  const end = firstComma(tokens, at + 2, close) ?? tokens[close]!.start
  const item = type.slice(tokens[at + 1]!.end, end).trim()
  return `${type.slice(0, tokens[at]!.start)}AsyncIterable<${item}>${type.slice(tokens[close]!.end)}`
}

function firstComma(tokens: readonly Token[], from: number, to: number): number | undefined {
  let depth = 0
  for (const { text, start } of tokens.slice(from, to)) {
    if ('<([{'.includes(text)) depth++
    if ('>)]}'.includes(text)) depth--
    if (text === ',' && depth === 0) return start
  }
  return undefined
}

/** One word of a type by another name: `MemoryCart | undefined` → `Cart | undefined`. Undefined unless it is there once. */
export function replaceWord(type: string, word: string, by: string): string | undefined {
  const found = new SourceTokens(type).tokens.filter((each) => each.kind === 'word' && each.text === word)
  return found.length === 1 ? replaceToken(type, found[0]!, by) : undefined
}

const replaceToken = (text: string, { start, end }: Token, by: string): string =>
  text.slice(0, start) + by + text.slice(end)

/** `Line[]` → `readonly Line[]`, `Array<T>`, `Map` and `Set` → their readonly forms, anything else → `Readonly<…>`. */
export function readonlyType(type: string): string | undefined {
  const { tokens } = new SourceTokens(type)
  const [first] = tokens
  if (!first || first.text === 'readonly' || /^Readonly/.test(first.text)) return undefined
  const whole = tokens[1]?.text === '<' && closingAngle(tokens, 1) === tokens.length - 1
  if (whole && ['Array', 'Map', 'Set'].includes(first.text)) return replaceToken(type, first, `Readonly${first.text}`)
  if (tokens.at(-1)?.text === ']' && !isCompound(tokens)) return `readonly ${type}`
  return whole || tokens.length === 1 || first.text === '{' ? `Readonly<${type}>` : undefined
}

/** An operator stands outside of all brackets, so that what is put before would go with its first part alone. */
function isCompound(tokens: readonly Token[]): boolean {
  let depth = 0
  return tokens.some(({ text }) => {
    if (text === '(' || text === '[' || text === '{' || text === '<') depth++
    if (text === ')' || text === ']' || text === '}' || text === '>') depth--
    return depth === 0 && ['|', '&', '=>', '?'].includes(text)
  })
}
