/**
 * weave.config.ts as it is written, read without running it: an editor may not execute what is half typed. In goes the text,
 * out comes the tree of the object that it exports, with the places of names and values; what is computed (a call, a
 * variable, a spread) is `opaque`. Unfinished text gives as much of a tree as there is.
 */
import { type Token, tokensOf } from './tokens.ts'

export interface ConfigEntry {
  readonly key: string
  /** With its quotes, if it has some. */
  readonly keyStart: number
  readonly keyEnd: number
  /** Undefined while only the name is typed. */
  readonly value: ConfigNode | undefined
}

interface Span {
  readonly start: number
  readonly end: number
}

export type ConfigNode = Span &
  (
    | {
        readonly kind: 'object'
        readonly entries: readonly ConfigEntry[]
        /** It has a spread or a computed key, so there may be more. */ readonly open: boolean
      }
    | { readonly kind: 'array'; readonly items: readonly ConfigNode[] }
    | { readonly kind: 'string'; readonly value: string }
    | { readonly kind: 'literal'; readonly value: number | boolean | null }
    | { readonly kind: 'opaque' }
  )

/** The object that the file exports, also by a name; undefined when none is written down in it. */
export function readConfigText(text: string): ConfigNode | undefined {
  const tokens = tokensOf(text).filter((token) => token.kind !== 'comment')
  const word = (at: number): string => (tokens[at] ? text.slice(tokens[at].start, tokens[at].end) : '')
  for (let at = 0; at < tokens.length; at++) {
    if (word(at) !== 'export' || word(at + 1) !== 'default') continue
    const direct = objectAt(word, at + 2)
    if (direct !== undefined) return new Reader(text, tokens, direct).value()
    const named = objectAt(word, afterEquals(word, tokens.length, word(at + 2)))
    // More may be put into it behind its declaration.
    return named === undefined ? undefined : { ...new Reader(text, tokens, named).object(), open: true }
  }
  return undefined
}

/** `{ … }` or `defineConfig({ … })` at a token: that of the brace. */
function objectAt(word: (at: number) => string, at: number): number | undefined {
  const begin = word(at) === 'defineConfig' && word(at + 1) === '(' ? at + 2 : at
  return word(begin) === '{' ? begin : undefined
}

/** Behind the `=` of `const name: WeaveConfig = …`. */
function afterEquals(word: (at: number) => string, count: number, name: string): number {
  for (let at = 0; at < count; at++) {
    if (!/^(?:const|let|var)$/.test(word(at)) || word(at + 1) !== name) continue
    for (let end = at + 2; end < Math.min(count, at + 16); end++) if (word(end) === '=') return end + 1
  }
  return count
}

class Reader {
  readonly #text: string
  readonly #tokens: readonly Token[]
  #at: number

  constructor(text: string, tokens: readonly Token[], at: number) {
    this.#text = text
    this.#tokens = tokens
    this.#at = at
  }

  /** One value, up to the comma or bracket that ends it. */
  value(): ConfigNode {
    const first = this.#tokens[this.#at]
    if (first === undefined) return { kind: 'opaque', start: this.#text.length, end: this.#text.length }
    const written = this.#written()
    const node =
      written === '{' ? this.object() : written === '[' ? this.#array() : this.#simple(first, written, this.#at++)
    // What follows a value without a comma makes it an expression, except what changes the type only.
    if (this.#ended()) return node
    const typed = this.#written() === 'as' || this.#written() === 'satisfies'
    const end = this.#skip()
    return typed ? node : { kind: 'opaque', start: first.start, end }
  }

  #written(): string {
    const token = this.#tokens[this.#at]
    return token === undefined ? '' : this.#text.slice(token.start, token.end)
  }

  #ended(): boolean {
    return /^[,\]})]?$/.test(this.#written())
  }

  #simple(token: Token, written: string, at: number): ConfigNode {
    const { start, end } = token
    if (token.kind === 'string') return { kind: 'string', start, end, value: unquoted(written, token.closed) }
    if (token.kind === 'template' && token.closed && !written.includes('${'))
      return { kind: 'string', start, end, value: unquoted(written, true) }
    if (token.kind === 'number') return { kind: 'literal', start, end, value: Number(written.replaceAll('_', '')) }
    if (written === 'true' || written === 'false') return { kind: 'literal', start, end, value: written === 'true' }
    if (written === 'null') return { kind: 'literal', start, end, value: null }
    // Nothing is written yet: the token belongs to what is around.
    if (/^[,\]})]$/.test(written)) this.#at = at
    return { kind: 'opaque', start, end: this.#at === at ? start : end }
  }

  /** At a brace. */
  object(): Extract<ConfigNode, { kind: 'object' }> {
    const { start } = this.#tokens[this.#at++]!
    const entries: ConfigEntry[] = []
    let open = false
    for (;;) {
      const token = this.#tokens[this.#at]
      if (token === undefined) return { kind: 'object', start, end: this.#text.length, entries, open }
      const written = this.#written()
      if (written === '}') {
        this.#at++
        return { kind: 'object', start, end: token.end, entries, open }
      }
      const isKey = token.kind === 'word' || token.kind === 'string' || token.kind === 'number'
      if (isKey) entries.push(this.#entry(token, written))
      else if (written === ',' || written === ')' || written === ']') this.#at++
      else {
        open = true
        this.#skip()
      }
    }
  }

  #entry(token: Token, written: string): ConfigEntry {
    this.#at++
    const key = token.kind === 'string' ? unquoted(written, token.closed) : written
    const named = { key, keyStart: token.start, keyEnd: token.end }
    if (this.#written() === ':') {
      this.#at++
      return { ...named, value: this.value() }
    }
    // A method, a shorthand: a value that isn't written here. Another name: this one is still being typed.
    if (this.#ended()) return { ...named, value: undefined }
    const next = this.#tokens[this.#at]!
    if (next.kind === 'word' || next.kind === 'string') return { ...named, value: undefined }
    return { ...named, value: { kind: 'opaque', start: token.end, end: this.#skip() } }
  }

  #array(): ConfigNode {
    const { start } = this.#tokens[this.#at++]!
    const items: ConfigNode[] = []
    for (;;) {
      const token = this.#tokens[this.#at]
      if (token === undefined) return { kind: 'array', start, end: this.#text.length, items }
      const written = this.#written()
      if (written === ']') {
        this.#at++
        return { kind: 'array', start, end: token.end, items }
      }
      if (written === ',') this.#at++
      // The array isn't closed, and what is around it is.
      else if (written === '}' || written === ')') return { kind: 'array', start, end: token.start, items }
      else items.push(this.value())
    }
  }

  /** Over an expression, brackets and all, to the comma or bracket that ends it; gives where it ended. */
  #skip(): number {
    let depth = 0
    let end = this.#tokens[this.#at]?.start ?? this.#text.length
    for (; this.#at < this.#tokens.length; this.#at++) {
      const written = this.#written()
      if (depth === 0 && this.#ended()) break
      if (/^[([{]$/.test(written)) depth++
      else if (/^[)\]}]$/.test(written)) depth--
      end = this.#tokens[this.#at]!.end
    }
    return end
  }
}

function unquoted(written: string, closed: boolean): string {
  const inner = written.slice(1, closed ? -1 : undefined)
  return inner.replace(/\\(.)/g, (_, char: string) => (char === 'n' ? '\n' : char === 't' ? '\t' : char))
}

/** What the tree says, as far as it says it: opaque values are left out, and then it isn't `whole`. */
export function staticValue(node: ConfigNode): { value: unknown; whole: boolean } {
  switch (node.kind) {
    case 'string':
    case 'literal':
      return { value: node.value, whole: true }
    case 'opaque':
      return { value: undefined, whole: false }
    case 'array': {
      const items = node.items.map(staticValue)
      return { value: items.map((each) => each.value), whole: items.every((each) => each.whole) }
    }
    case 'object': {
      const entries = node.entries.flatMap(({ key, value }) => (value ? [[key, staticValue(value)] as const] : []))
      const present = entries.filter(([, each]) => each.value !== undefined)
      return {
        value: Object.fromEntries(present.map(([key, each]) => [key, each.value])),
        whole: !node.open && entries.every(([, each]) => each.whole),
      }
    }
  }
}

/** Where in the tree an offset is. */
export interface ConfigSpot {
  /** Names from the outside in; a place in a list counts as `[]`: `placement`, `groups`, `[]`, `[]`. */
  readonly path: readonly string[]
  /** A name is expected, or a value. */
  readonly expects: 'key' | 'value'
  /** What stands there already, quotes included; an empty span where nothing does. */
  readonly start: number
  readonly end: number
  readonly quoted: boolean
  /** Names (or list items) beside it. */
  readonly siblings: readonly string[]
}

export function configSpotAt(node: ConfigNode, offset: number, path: readonly string[] = []): ConfigSpot | undefined {
  const nothing = { start: offset, end: offset, quoted: false }
  if (node.kind === 'object') {
    if (offset <= node.start || offset > node.end) return undefined
    const siblings = (self?: ConfigEntry) => node.entries.filter((each) => each !== self).map((each) => each.key)
    for (const entry of node.entries) {
      const { key, keyStart: start, keyEnd: end, value } = entry
      if (offset >= start && offset <= end)
        return { path, expects: 'key', start, end, quoted: end - start !== key.length, siblings: siblings(entry) }
      const inner = [...path, key]
      if (value && offset > end && offset <= value.end)
        return configSpotAt(value, offset, inner) ?? { path: inner, expects: 'value', ...nothing, siblings: [] }
    }
    return { path, expects: 'key', ...nothing, siblings: siblings() }
  }
  if (node.kind === 'array') {
    if (offset <= node.start || offset > node.end) return undefined
    const inner = [...path, '[]']
    const siblings = node.items.flatMap((each) =>
      each.kind === 'string' && !(offset >= each.start && offset <= each.end) ? [each.value] : [],
    )
    for (const item of node.items) {
      const spot = offset >= item.start && offset <= item.end ? configSpotAt(item, offset, inner) : undefined
      if (spot) return { ...spot, siblings: spot.siblings.length > 0 ? spot.siblings : siblings }
    }
    return { path: inner, expects: 'value', ...nothing, siblings }
  }
  if (offset < node.start || offset > node.end) return undefined
  const quoted = node.kind === 'string'
  return { path, expects: 'value', start: node.start, end: node.end, quoted, siblings: [] }
}

/** Where `listeners.web.port` (or `placement.groups[0][1]`) is written: its name, or the nearest one around it. */
export function configPlaceOf(root: ConfigNode, path: string): Span | undefined {
  let node: ConfigNode | undefined = root
  let found: Span | undefined
  // Names of components have dots of their own, so the longest key that fits is taken.
  let rest = path
  while (rest !== '' && node !== undefined) {
    const index = /^\[(\d+)\]\.?/.exec(rest)
    if (index !== null) {
      node = node.kind === 'array' ? node.items[Number(index[1])] : undefined
      if (node !== undefined) found = { start: node.start, end: node.end }
      rest = rest.slice(index[0].length)
      continue
    }
    const here: string = rest
    const entries: readonly ConfigEntry[] = node.kind === 'object' ? node.entries : []
    const entry: ConfigEntry | undefined = entries
      .filter(({ key }) => here === key || here.startsWith(`${key}.`) || here.startsWith(`${key}[`))
      .sort((a, b) => b.key.length - a.key.length)[0]
    if (entry === undefined) break
    found = { start: entry.keyStart, end: entry.keyEnd }
    rest = here.slice(entry.key.length).replace(/^\./, '')
    node = entry.value
  }
  return found
}
