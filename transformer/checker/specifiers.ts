/**
 * What a source's text may import, read without a parser: in go a text and its path, out come at least the modules that the file
 * refers to. A name too many (in a comment, in a string) costs a look; where the text can't be read with certainty it says so.
 */
import { posix } from 'node:path'

export interface Specifiers {
  /** As they are written: './cart.ts', 'weavets'; of `require(…)` apart, since a package may give it another file. */
  readonly imported: readonly string[]
  readonly required: readonly string[]
  /** Paths of `/// <reference path="…" />`. */
  readonly referenced: readonly string[]
  /** Written in a way that isn't read here. */
  readonly doubtful: boolean
}

const KEYWORD = /\b(?:from|import|require)\b/g
const REFERENCE = /<reference\s+path\s*=\s*(['"])([^'"\n]+)\1/g
/** `import.defer('x')` */
const MEMBER = /\.\w+/y
/** The string is looked at and not passed, since what seems to be one may hold the next keyword. */
const STRINGS: Readonly<Record<string, RegExp>> = { "'": /[^'\n]*'/y, '"': /[^"\n]*"/y, '`': /[^`\n]*`/y }

export function specifiersIn(text: string): Specifiers {
  const imported = new Set<string>()
  const required = new Set<string>()
  let doubtful = false
  const gaps = new Gaps(text, /[\s(]+/y)
  for (const { 0: keyword, index } of text.matchAll(KEYWORD)) {
    const behind = index + keyword.length
    const start = gaps.behind(endOf(MEMBER, text, behind) ?? behind)
    const string = STRINGS[text[start] ?? '']
    const end = string && endOf(string, text, start + 1)
    if (end === undefined) continue
    const name = text.slice(start + 1, end - 1)
    if (name.includes('\\')) doubtful = true
    else if (keyword === 'require') required.add(name)
    else imported.add(name)
  }
  const referenced = [...text.matchAll(REFERENCE)].map(([, , path]) => path!)
  return { imported: [...imported], required: [...required], referenced, doubtful }
}

const AUGMENTING = /\b(?:global|module|as)\b/g
const NAMESPACE = /namespace\b/y

/** `declare global`, `declare module 'x'`, `export as namespace X`, or what looks like them. */
export function mayAugment(text: string): boolean {
  const gaps = new Gaps(text, /\s+/y)
  for (const { 0: keyword, index } of text.matchAll(AUGMENTING)) {
    const start = gaps.behind(index + keyword.length)
    if (keyword === 'as' ? endOf(NAMESPACE, text, start) !== undefined : /[{'"`]/.test(text[start] ?? '')) return true
  }
  return false
}

/** Where `pattern`, which is sticky, ends when it begins at `from`. */
function endOf(pattern: RegExp, text: string, from: number): number | undefined {
  pattern.lastIndex = from
  return pattern.test(text) ? pattern.lastIndex : undefined
}

/**
 * Ends of what may stand between two words: whitespace and comments. Each is found once, whatever word asks, since a comment may hold
 * many words that each seem to begin something.
 */
class Gaps {
  readonly #text: string
  readonly #space: RegExp
  readonly #ends = new Map<number, number>()
  readonly #closers = { '//': new Next('\n'), '/*': new Next('*/') }

  /** `space`: sticky; what is passed beside comments. */
  constructor(text: string, space: RegExp) {
    this.#text = text
    this.#space = space
  }

  /** `from` itself where nothing stands there. */
  behind(from: number): number {
    const met: number[] = []
    let end = this.#ends.get(from)
    for (let at: number | undefined = from; end === undefined && at !== undefined; ) {
      met.push(at)
      at = this.#step(at)
      end = at === undefined ? met.at(-1) : this.#ends.get(at)
    }
    for (const each of met) this.#ends.set(each, end!)
    return end!
  }

  #step(at: number): number | undefined {
    const opener = this.#text.slice(at, at + 2)
    if (opener !== '//' && opener !== '/*') return endOf(this.#space, this.#text, at)
    return this.#closers[opener].after(this.#text, at + 2)
  }
}

/** The end of the next occurrence of a text; asked from left to right, it looks at each place once. */
class Next {
  readonly #sought: string
  #from = 0
  #found = -1

  constructor(sought: string) {
    this.#sought = sought
  }

  after(text: string, from: number): number | undefined {
    if (from < this.#from || (this.#found !== Number.POSITIVE_INFINITY && this.#found < from)) {
      const found = text.indexOf(this.#sought, from)
      this.#from = from
      this.#found = found === -1 ? Number.POSITIVE_INFINITY : found
    }
    return this.#found === Number.POSITIVE_INFINITY ? undefined : this.#found + this.#sought.length
  }
}

const SOURCES = ['.ts', '.tsx', '.d.ts', '.mts', '.d.mts', '.cts', '.d.cts', '.js', '.jsx', '.mjs', '.cjs', '.json']
/** Which sources stand behind the name of an output. */
const BEHIND: Readonly<Record<string, readonly string[]>> = {
  '.js': ['.ts', '.tsx', '.d.ts'],
  '.jsx': ['.tsx', '.ts', '.d.ts'],
  '.mjs': ['.mts', '.d.mts'],
  '.cjs': ['.cts', '.d.cts'],
}

export const isRelative = (specifier: string): boolean => /^(?:\.\.?(?:\/|$)|\/)/.test(specifier)

/** Paths of files that a relative specifier may mean; one of them, if any, is what it means, but for a folder's package.json. */
export function candidatesOf(from: string, specifier: string): string[] {
  const base = posix.resolve(posix.dirname(from), specifier)
  const extension = posix.extname(base)
  const bare = base.slice(0, base.length - extension.length)
  return [
    base,
    ...(BEHIND[extension] ?? []).map((each) => bare + each),
    `${bare}.d${extension}.ts`,
    ...SOURCES.map((each) => base + each),
    ...SOURCES.map((each) => `${base}/index${each}`),
  ]
}
