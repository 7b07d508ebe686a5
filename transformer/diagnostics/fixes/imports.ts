/**
 * A name brought into a file: what the file calls it already, or the edit that imports it. In go the text of a file and where
 * the name is declared; out come the local name and at most one edit. Existing imports of the same module are extended, quotes,
 * semicolons and file extensions are the file's own. Refuses (undefined) where the name means something else in the file.
 */
import { posix } from 'node:path'
import type { Edit } from '../diagnostic.ts'
import { SourceTokens, type Token } from './tokens.ts'

export interface ImportRequest {
  /** The file that needs the name; paths from the project's root. */
  readonly file: string
  readonly text: string
  readonly name: string
  /** A package (`weavets`), or a file of the project (`src/cart.ts`). */
  readonly from: { readonly package: string } | { readonly file: string }
  /** Texts of other files, to learn how this project writes its relative imports when this file has none. */
  readonly others?: Iterable<string>
}

export interface Imported {
  /** What the name is called in the file. */
  readonly local: string
  readonly edits: readonly Edit[]
}

interface ImportDeclaration {
  readonly start: number
  readonly end: number
  readonly typeOnly: boolean
  readonly specifier: string
  readonly quote: string
  readonly semicolon: boolean
  readonly names: readonly {
    readonly imported: string
    readonly local: string
    readonly start: number
    readonly end: number
  }[]
  /** Of `{ … }`: behind `{`, and its `}`; undefined when there are no braces. */
  readonly braces: { readonly open: number; readonly close: number } | undefined
  /** It has a default or a namespace import, beside which `import type` allows no names. */
  readonly other: boolean
}

/** As a type: `import type`, which costs nothing at run time. */
export function importType(request: ImportRequest): Imported | undefined {
  const { file, name, from } = request
  if ('file' in from && from.file === file) return { local: name, edits: [] }
  const source = new SourceTokens(request.text)
  const imports = readImports(source)
  const same = imports.filter((each) => isOf(each.specifier, file, from))
  for (const each of same) {
    const found = each.names.find(({ imported }) => imported === name)
    if (found) return { local: found.local, edits: [] }
  }
  // By an alias of the tsconfig, or through a module that exports it again: the name says enough.
  const elsewhere = imports.some(
    (each) => !each.specifier.startsWith('.') && each.names.some(({ local }) => local === name),
  )
  if (elsewhere && 'file' in from) return { local: name, edits: [] }
  if (source.words().some((word) => word.text === name)) return undefined
  const open = same.find((each) => each.braces && (each.typeOnly || !each.other))
  if (open)
    return { local: name, edits: [{ file, ...intoBraces(source, open, open.typeOnly ? name : `type ${name}`) }] }
  return { local: name, edits: [{ file, ...statement(source, imports, request) }] }
}

/** Takes a name out of its import, or the whole import when it names nothing else; undefined when it isn't imported so. */
export function removeImport(file: string, text: string, local: string): Edit | undefined {
  const source = new SourceTokens(text)
  for (const each of readImports(source)) {
    const at = each.names.findIndex((name) => name.local === local)
    const name = each.names[at]
    if (!name) continue
    if (each.names.length === 1) return each.other ? undefined : { file, ...wholeLine(text, each), text: '' }
    const next = each.names[at + 1]
    if (next) return { file, start: name.start, end: next.start, text: '' }
    return { file, start: each.names[at - 1]!.end, end: name.end, text: '' }
  }
  return undefined
}

function wholeLine(text: string, { start, end }: ImportDeclaration): { start: number; end: number } {
  const after = /^[ \t]*\r?\n?/.exec(text.slice(end))![0].length
  return { start, end: end + after }
}

/** How a type is called in a file that imports it, whatever module it came through; for reading other people's types. */
export function importOf(
  text: string,
  local: string,
): { readonly imported: string; readonly specifier: string } | undefined {
  for (const each of readImports(new SourceTokens(text))) {
    const found = each.names.find((name) => name.local === local)
    if (found) return { imported: found.imported, specifier: each.specifier }
  }
  return undefined
}

/** What the file calls a name of a package; undefined when it doesn't import it. */
export function localName(text: string, imported: string, specifier: string): string | undefined {
  for (const each of readImports(new SourceTokens(text))) {
    if (each.specifier !== specifier) continue
    const found = each.names.find((name) => name.imported === imported)
    if (found) return found.local
  }
  return undefined
}

function isOf(specifier: string, file: string, from: ImportRequest['from']): boolean {
  if ('package' in from) return specifier === from.package
  if (!specifier.startsWith('.')) return false
  const path = posix.join(posix.dirname(file), specifier)
  const bare = withoutExtension(from.file)
  return path === from.file || withoutExtension(path) === bare || path === bare || posix.join(path, 'index') === bare
}

const withoutExtension = (path: string): string => path.replace(/\.[cm]?[jt]sx?$/, '')

function readImports({ tokens, text }: SourceTokens): ImportDeclaration[] {
  const found: ImportDeclaration[] = []
  let depth = 0
  for (let at = 0; at < tokens.length; at++) {
    const token = tokens[at]!
    if (token.kind === 'punctuation' && '([{'.includes(token.text)) depth++
    if (token.kind === 'punctuation' && ')]}'.includes(token.text)) depth--
    const next = tokens[at + 1]
    if (depth > 0 || token.text !== 'import' || !next || next.text === '(' || next.text === '.') continue
    const stop = tokens.findIndex((each, index) => index > at && each.kind === 'string')
    const last = tokens[stop]
    if (!last) break
    const inside = tokens.slice(at + 1, stop)
    // `import x = require('y')`
    if (inside.some((each) => each.text === '=')) continue
    found.push(declaration(token, inside, last, endOf(tokens, stop, text)))
    at = stop
  }
  return found
}

/** Behind `with { … }` and the semicolon, if they are there. */
function endOf(tokens: readonly Token[], specifier: number, text: string): number {
  let at = specifier
  if (tokens[at + 1]?.text === 'with' || tokens[at + 1]?.text === 'assert') {
    while (at + 1 < tokens.length && tokens[at]!.text !== '}') at++
  }
  const next = tokens[at + 1]
  const sameLine = next && !text.slice(tokens[at]!.end, next.start).includes('\n')
  return next?.text === ';' && sameLine ? next.end : tokens[at]!.end
}

function declaration(first: Token, inside: readonly Token[], last: Token, end: number): ImportDeclaration {
  const open = inside.findIndex((each) => each.text === '{')
  const close = inside.findIndex((each) => each.text === '}')
  const typeOnly = inside[0]?.text === 'type' && inside[1] !== undefined && !['from', ','].includes(inside[1].text)
  const names: ImportDeclaration['names'][number][] = []
  for (let at = open + 1; open !== -1 && at < close; at++) {
    const parts: Token[] = []
    for (; at < close && inside[at]!.text !== ','; at++) parts.push(inside[at]!)
    const named = parts[0]?.text === 'type' && parts.length > 1 && parts[1]!.text !== 'as' ? parts.slice(1) : parts
    const [imported, , local = imported] = named
    if (!imported || !local) continue
    names.push({ imported: imported.text, local: local.text, start: parts[0]!.start, end: parts.at(-1)!.end })
  }
  const outside = inside
    .slice(typeOnly ? 1 : 0, open === -1 ? inside.length : open)
    .filter((each) => each.text !== 'from')
  return {
    start: first.start,
    end,
    typeOnly,
    specifier: last.text.slice(1, -1),
    quote: last.text[0]!,
    semicolon: end > last.end,
    names,
    braces: open === -1 || close === -1 ? undefined : { open: inside[open]!.end, close: inside[close]!.start },
    other: outside.length > 0,
  }
}

function intoBraces({ text }: SourceTokens, { names, braces }: ImportDeclaration, name: string): Omit<Edit, 'file'> {
  const last = names.at(-1)
  if (!last) return { start: braces!.open, end: braces!.close, text: ` ${name} ` }
  // On lines of their own, the new one gets a line too.
  const lineStart = text.lastIndexOf('\n', last.start - 1) + 1
  const lead = text.slice(lineStart, last.start)
  const own = lead.trim() === '' && lineStart > braces!.open - 1
  const newline = text[lineStart - 2] === '\r' ? '\r\n' : '\n'
  return { start: last.end, end: last.end, text: own ? `,${newline}${lead}${name}` : `, ${name}` }
}

function statement(
  source: SourceTokens,
  imports: readonly ImportDeclaration[],
  request: ImportRequest,
): Omit<Edit, 'file'> {
  const { text, tokens, newline } = source
  const last = imports.at(-1)
  const quote = last?.quote ?? quoteOf(tokens)
  const semicolon = last ? last.semicolon : /;[ \t]*\r?\n/.test(text)
  const specifier = 'package' in request.from ? request.from.package : relativeSpecifier(request, imports)
  const line = `import type { ${request.name} } from ${quote}${specifier}${quote}${semicolon ? ';' : ''}`
  if (last) return { start: last.end, end: last.end, text: newline + line }
  const start = text.startsWith('#!') ? text.indexOf('\n') + 1 : text.startsWith('\ufeff') ? 1 : 0
  return { start, end: start, text: `${line}${newline}${newline}` }
}

const quoteOf = (tokens: readonly Token[]): string => tokens.find((each) => each.kind === 'string')?.text[0] ?? "'"

/** With the extension that the file, or else the project, writes; `.js` works everywhere. */
export function relativeSpecifier(
  { file, from, others }: Pick<ImportRequest, 'file' | 'from' | 'others'>,
  imports: readonly { readonly specifier: string }[],
): string {
  const target = 'file' in from ? from.file : ''
  const path = posix.relative(posix.dirname(file), target)
  const written = path.startsWith('.') ? path : `./${path}`
  const like = imports.map((each) => each.specifier).find(isRelative) ?? firstRelative(others ?? [])
  if (like !== undefined && /\.[cm]?tsx?$/.test(like)) return written
  if (like !== undefined && !/\.[cm]?jsx?$/.test(like)) return withoutExtension(written)
  return written.replace(/\.([cm]?)tsx?$/, '.$1js')
}

const isRelative = (specifier: string): boolean =>
  specifier.startsWith('.') && !/\.(json|css|svg|node)$/.test(specifier)

function firstRelative(texts: Iterable<string>): string | undefined {
  for (const text of texts) {
    const found = /\bfrom\s*(['"])(\.[^'"\n]*)\1/.exec(text)?.[2]
    if (found !== undefined && isRelative(found)) return found
  }
  return undefined
}
