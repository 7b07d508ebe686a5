/**
 * The class that a component lacks: every method throws 'not implemented'. In go the interface's methods with the texts of their
 * types; out come the edits of a new file beside the interface's, or of a class behind the last line of its own file. A type that
 * another file can't name (not exported) leaves only the second.
 */
import { posix } from 'node:path'
import type { Edit } from '../diagnostic.ts'
import { importOf, importType, relativeSpecifier } from './imports.ts'
import { indentUnit, newlineOf, SourceTokens } from './tokens.ts'

/** A type as it is written, and where: names in it mean what they mean there. */
export interface WrittenType {
  readonly text: string
  readonly file: string
}

export interface MethodToWrite {
  readonly name: string
  readonly parameters: readonly {
    readonly name: string
    readonly type: WrittenType
    readonly optional: boolean
    readonly rest: boolean
  }[]
  readonly result: WrittenType
}

export interface ImplementationRequest {
  readonly interfaceName: string
  /** The interface's file, from the root, and under which name that exports it. */
  readonly file: string
  readonly exported: boolean
  readonly methods: readonly MethodToWrite[]
  /** Text of a file of the project, or undefined when there is none. */
  readonly read: (file: string) => string | undefined
  readonly others: Iterable<string>
}

/** Words of types that need no import. */
const GLOBALS = new Set([
  ...[
    'string',
    'number',
    'boolean',
    'bigint',
    'symbol',
    'undefined',
    'null',
    'void',
    'never',
    'any',
    'unknown',
    'object',
    'true',
    'false',
  ],
  ...['readonly', 'keyof', 'typeof', 'unique', 'extends', 'infer', 'is', 'asserts', 'in', 'new', 'this'],
])

/** `CartImpl`, or the first such name that is free. */
export function className(interfaceName: string, taken: (name: string) => boolean): string {
  for (let number = 1; ; number++) {
    const name = `${interfaceName}Impl${number === 1 ? '' : number}`
    if (!taken(name)) return name
  }
}

/** `src/cart.ts` → `src/cart-impl.ts`. */
export function implementationFile(file: string): string {
  return file.replace(/(\.[cm]?)tsx$/, '$1ts').replace(/\.([cm]?)ts$/, '-impl.$1ts')
}

export function inNewFile(request: ImplementationRequest): Edit[] | undefined {
  const file = implementationFile(request.file)
  if (!request.exported || request.read(file) !== undefined) return undefined
  const model = request.read(request.file) ?? ''
  const newline = newlineOf(model)
  const from = relativeSpecifier({ file, from: { file: request.file }, others: [model, ...request.others] }, [])
  const imports = new Map<string, Set<string>>([[from, new Set([request.interfaceName])]])
  for (const { text, file: written } of typesOf(request)) {
    for (const name of namesIn(text)) {
      const origin = originOf(name, written, request)
      if (origin === 'global') continue
      if (origin === undefined) return undefined
      const specifier =
        'package' in origin
          ? origin.package
          : relativeSpecifier({ file, from: origin, others: [model, ...request.others] }, [])
      const shown = origin.imported === name ? name : `${origin.imported} as ${name}`
      imports.set(specifier, (imports.get(specifier) ?? new Set()).add(shown))
    }
  }
  const quote = /from\s*"/.test(model) ? '"' : "'"
  const end = /from\s*['"][^'"\n]*['"];/.test(model) ? ';' : ''
  const lines = [...imports]
    .sort(([a], [b]) => Number(a.startsWith('.')) - Number(b.startsWith('.')) || (a < b ? -1 : 1))
    .map(
      ([specifier, names]) => `import type { ${[...names].sort().join(', ')} } from ${quote}${specifier}${quote}${end}`,
    )
  const name = className(request.interfaceName, () => false)
  const text = [...lines, '', ...classLines(name, request, { unit: indentUnit(model), quote, end }), ''].join(newline)
  return [{ file, start: 0, end: 0, text }]
}

export function inSameFile(request: ImplementationRequest): Edit[] | undefined {
  const { file } = request
  const text = request.read(file)
  if (text === undefined) return undefined
  const words = new Set(new SourceTokens(text).words().map((each) => each.text))
  const edits: Edit[] = []
  for (const { text: type, file: written } of typesOf(request)) {
    if (written === file) continue
    for (const name of namesIn(type)) {
      const origin = originOf(name, written, request)
      if (origin === 'global') continue
      if (origin === undefined || origin.imported !== name) return undefined
      const imported = importType({ file, text, name, from: origin, others: request.others })
      if (imported?.local !== name) return undefined
      edits.push(...imported.edits)
    }
  }
  // Two edits at one place would be put in an order that nobody has chosen.
  if (edits.length > 1) return undefined
  const newline = newlineOf(text)
  const style = {
    unit: indentUnit(text),
    quote: /"/.test(text) && !/'/.test(text) ? '"' : "'",
    end: /;[ \t]*\r?\n/.test(text) ? ';' : '',
  }
  const lines = classLines(
    className(request.interfaceName, (name) => words.has(name)),
    request,
    style,
  )
  const trimmed = text.trimEnd().length
  const body = `${newline}${newline}${lines.join(newline)}${newline}`
  return [...edits, { file, start: trimmed, end: text.length, text: body }]
}

const typesOf = ({ methods }: ImplementationRequest): WrittenType[] =>
  methods.flatMap(({ parameters, result }) => [...parameters.map((each) => each.type), result])

/** Names at the head of a type reference: not members of a type literal, not what follows a dot. */
function namesIn(type: string): Set<string> {
  const { tokens } = new SourceTokens(type)
  const names = new Set<string>()
  for (const [at, { kind, text }] of tokens.entries()) {
    if (kind !== 'word' || GLOBALS.has(text) || /^\d/.test(text) || tokens[at - 1]?.text === '.') continue
    const next = tokens[at + 1]?.text
    const isMember = next === ':' || (next === '?' && tokens[at + 2]?.text === ':')
    if (!isMember && !(next === '(' && tokens[at - 1]?.text !== '=>')) names.add(text)
  }
  return names
}

type Named = { readonly imported: string } & ({ readonly package: string } | { readonly file: string })

/** What a name means in the file where it is written. Undefined when another file can't say it. */
function originOf(name: string, file: string, request: ImplementationRequest): Named | 'global' | undefined {
  const text = request.read(file) ?? ''
  const found = importOf(text, name)
  if (found) {
    if (!found.specifier.startsWith('.')) return { imported: found.imported, package: found.specifier }
    const path = posix.join(posix.dirname(file), found.specifier)
    const candidates = [
      path,
      path.replace(/\.([cm]?)js(x?)$/, '.$1ts$2'),
      `${path}.ts`,
      `${path}.tsx`,
      `${path}/index.ts`,
    ]
    const target = candidates.find((each) => request.read(each) !== undefined)
    return target === undefined ? undefined : { imported: found.imported, file: target }
  }
  const named = `${name.replaceAll('$', '\\$')}(?![\\w$])`
  const declaration = `(?:declare\\s+)?(?:abstract\\s+)?(?:const\\s+)?(?:interface|type|class|enum|namespace)\\s+${named}`
  if (new RegExp(`\\bexport\\s+${declaration}|\\bexport\\s+(?:type\\s+)?\\{[^}]*(?<![\\w$])${named}`).test(text))
    return { imported: name, file }
  // Declared and kept private, or brought in by a default or namespace import.
  const known = new RegExp(`\\b${declaration}|\\bas\\s+${named}|\\bimport\\s+(?:type\\s+)?${named}`)
  return known.test(text) ? undefined : 'global'
}

interface Style {
  readonly unit: string
  readonly quote: string
  readonly end: string
}

function classLines(name: string, { interfaceName, methods }: ImplementationRequest, style: Style): string[] {
  const lines = methods.flatMap((method, at) => [...(at > 0 ? [''] : []), ...methodLines(method, style)])
  if (lines.length === 0) return [`export class ${name} implements ${interfaceName} {}`]
  return [
    `export class ${name} implements ${interfaceName} {`,
    ...lines.map((line) => (line === '' ? '' : style.unit + line)),
    '}',
  ]
}

function methodLines({ name, parameters, result }: MethodToWrite, { unit, quote, end }: Style): string[] {
  const shown = parameters.map(
    (each) =>
      `${each.rest ? '...' : ''}${each.name}${each.optional && !each.rest ? '?' : ''}: ${oneLine(each.type.text)}`,
  )
  const async = /^Promise\b/.test(result.text) ? 'async ' : ''
  const key = /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(name) ? name : `${quote}${name}${quote}`
  return [
    `${async}${key}(${shown.join(', ')}): ${oneLine(result.text)} {`,
    `${unit}throw new Error(${quote}not implemented${quote})${end}`,
    '}',
  ]
}

/** A type that stands on several lines, on one; a line comment in it would swallow what follows. */
function oneLine(type: string): string {
  const source = new SourceTokens(type)
  if (!type.includes('\n')) return type
  const bare = [...source.comments]
    .reverse()
    .reduce((text, { start, end }) => text.slice(0, start) + text.slice(end), type)
  // Members of a literal may be separated by line ends alone.
  return bare.replace(/([^\s;,{|&(<=>:?])[ \t]*\r?\n\s*(?=[\p{ID_Start}$_'"[])/gu, '$1; ').replace(/\s*\r?\n\s*/g, ' ')
}
