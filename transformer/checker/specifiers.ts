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

/** Whatever may stand between the keyword and the string; of a comment's end there is one reading only, so that no text takes long. */
const BETWEEN = String.raw`(?:\.\w+)?(?:[\s(]|\/\*(?:[^*]|\*(?!\/))*\*\/|\/\/[^\n]*\n)*`
/** The string is looked at and not passed, since what seems to be one may hold the next keyword. */
const IMPORT = new RegExp(String.raw`\b(from|import|require)\b(?=${BETWEEN}(['"\`])((?:(?!\2)[^\n])*)\2)`, 'g')
const REFERENCE = /<reference\s+path\s*=\s*(['"])([^'"\n]+)\1/g

export function specifiersIn(text: string): Specifiers {
  const imported = new Set<string>()
  const required = new Set<string>()
  let doubtful = false
  for (const [, keyword, , name] of text.matchAll(IMPORT)) {
    if (name!.includes('\\')) doubtful = true
    else if (keyword === 'require') required.add(name!)
    else imported.add(name!)
  }
  const referenced = [...text.matchAll(REFERENCE)].map(([, , path]) => path!)
  return { imported: [...imported], required: [...required], referenced, doubtful }
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
