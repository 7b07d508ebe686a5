/**
 * Generated text as modules, for hosts in which modules of their own are cheaper: esbuild parses and prints modules side by side, and
 * after an edit parses only those that differ. In goes generated text; out comes what must be in the application's file, since it
 * names classes of that file, and the rest, most of it, in one module or several. A leaf.
 */

/** The only import of generated text, near its top. */
export const INTERNAL_IMPORT = `import * as __weave from 'weavets/internal'`

/** Begins the line behind which nothing names anything of the application's file; on it is what is used before it. */
export const APART = '// Of what follows is used above: '

export interface GeneratedText {
  readonly name: string
  readonly text: string
}

export interface ApartOptions {
  /** How the application's file imports the first module; others have `/` and their name behind it. */
  readonly specifier: string
  /** Else all is one module. */
  readonly several: boolean
}

/** What is in the application's file, then the modules, of which the first has no name. Nothing when all belongs into that file. */
export function splitApart(generated: string, { specifier, several }: ApartOptions): readonly GeneratedText[] {
  const at = generated.indexOf(`\n${APART}`) + 1
  if (at === 0) return []
  const end = generated.indexOf('\n', at)
  const used = generated.slice(at + APART.length, end).split(', ')
  const pieces = piecesOf(generated.slice(end).trim())
  const modules = several ? cut(pieces) : []
  const inFile = { name: '', text: `${generated.slice(0, at)}import ${list(used)} from ${JSON.stringify(specifier)}\n` }
  return [inFile, ...(modules.length > 1 ? severalModules(modules, used, specifier) : [oneModule(pieces, used)])]
}

function oneModule(pieces: readonly Piece[], used: readonly string[]): GeneratedText {
  const { text } = moduleOf(pieces)
  return { name: '', text: `${INTERNAL_IMPORT}\n\n${text}\n\nexport ${list(used)}\n` }
}

/** All import from the first, which hands on what is in the others: a plugin resolves each import of each module. */
function severalModules(modules: readonly Module[], used: readonly string[], specifier: string): GeneratedText[] {
  const all = new Set(modules.flatMap(({ declared }) => [...declared]))
  const foreign = modules.map(({ text, declared }) => {
    const names = new Set([...text.matchAll(OWN_NAME)].map(([name]) => name))
    return [...names].filter((name) => all.has(name) && !declared.has(name))
  })
  const wanted = new Set([...used, ...foreign.flat()])
  const exported = modules.map(({ declared }) => [...declared].filter((name) => wanted.has(name)))
  const handed = modules.map(
    ({ name }, at) => `export ${list(exported[at]!)} from ${JSON.stringify(`${specifier}/${name}`)}`,
  )
  return [
    { name: '', text: `${handed.join('\n')}\n` },
    ...modules.map(({ name, text }, at) => {
      const imported = foreign[at]!.length > 0 ? `\nimport ${list(foreign[at]!)} from ${JSON.stringify(specifier)}` : ''
      return { name, text: `${INTERNAL_IMPORT}${imported}\n\n${text}\n\nexport ${list(exported[at]!)}\n` }
    }),
  ]
}

const list = (names: readonly string[]): string => `{ ${names.join(', ')} }`

const OWN_NAME = /\b__weave_\w+/g

/** By its first declaration. */
interface Piece {
  readonly name: string
  readonly text: string
}

const DECLARATION = /^(?:async )?function\*? (\w+)/

/** Generated text is function declarations, whatever is inside of them further in than they are. */
function piecesOf(text: string): Piece[] {
  return text.split(/\n\n(?=(?:async )?function)/).map((each) => ({ name: DECLARATION.exec(each)![1]!, text: each }))
}

interface Module {
  readonly name: string
  readonly text: string
  readonly declared: ReadonlySet<string>
}

function moduleOf(pieces: readonly Piece[]): Module {
  const text = pieces.map((each) => each.text).join('\n\n')
  const declarations = text.matchAll(new RegExp(DECLARATION, 'gm'))
  return {
    name: pieces[0]!.name.replace(/^__weave_/, ''),
    text,
    declared: new Set([...declarations].map(([, name]) => name!)),
  }
}

/** Smaller ones would cost more than they gain. */
const MODULE_BYTES_MIN = 2 ** 16
/** Of what comes on top of that, on average: a dozen modules for a hundred components. */
const MODULE_BYTES_MEAN = 2 ** 17
const MODULE_BYTES_MAX = 2 ** 20

/** Where a module ends is decided by what is at that place, so that an edit changes a module or two and not all behind it. */
function cut(pieces: readonly Piece[]): Module[] {
  const modules: Module[] = []
  let from = 0
  let bytes = 0
  for (const [at, { name, text }] of pieces.entries()) {
    const isEnd = fraction(name) * MODULE_BYTES_MEAN < text.length
    if (at > from && bytes > MODULE_BYTES_MIN && (isEnd || bytes > MODULE_BYTES_MAX)) {
      modules.push(moduleOf(pieces.slice(from, at)))
      from = at
      bytes = 0
    }
    bytes += text.length
  }
  return [...modules, moduleOf(pieces.slice(from))]
}

/** Of 1, by a name: evenly spread, and the same everywhere (FNV-1a, and a last mixing, since names differ at their ends). */
function fraction(name: string): number {
  let hash = 0x811c9dc5
  for (let at = 0; at < name.length; at++) hash = Math.imul(hash ^ name.charCodeAt(at), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  return ((hash ^ (hash >>> 13)) >>> 0) / 2 ** 32
}
