/**
 * The files of a TypeScript 7 program: their names, who wrote them, their texts and syntax trees. In goes a program of one
 * snapshot; names come from it in one request, texts from disk (or from unsaved buffers), and a syntax tree only when somebody
 * asks for a place in it: fetching one costs more than reading the file. Places are UTF-16 offsets, as everywhere.
 */
import { readFileSync } from 'node:fs'
import type { Origin, Place, SourceFile } from './view.ts'
import { Request } from './view7-answers.ts'
import type { Ast, Node, Program, Sync, Ts7 } from './view7-api.ts'

/** Gives the text that the compiler was given: an unsaved buffer, or the file without its byte order mark. */
export type ReadText = (path: string) => string

export interface Files7 {
  readonly list: readonly SourceFile[]
  get(path: string): SourceFile | undefined
  /** By the key that a node handle carries: a path, in lower case where the file system doesn't tell the cases apart. */
  pathOf(key: string): string
  originOf(path: string): Origin
  tree(path: string): Ast.SourceFile
  /** What to send so that `tree` of these files asks nothing later. */
  trees(paths: Iterable<string>): Request[]
  resolve(handle: Sync.NodeHandle): Node
}

const DECLARATION = /\.d(\.[^./]+)?\.[cm]?ts$/
const NODE = /^(@types\/node|undici-types)\//

export interface Files7Input {
  readonly ts7: Ts7
  readonly program: Program
  readonly treesFrom: (path: string) => Program
  readonly readText: ReadText
}

export function createFiles7({ ts7, program, treesFrom, readText }: Files7Input): Files7 {
  const project = program.getProject()
  const texts = new Map<string, string>()
  const trees = new Map<string, Ast.SourceFile>()
  const byKey = new Map<string, string>()
  const byPath = new Map<string, SourceFile>()
  const textOf = (path: string): string => {
    const known = texts.get(path)
    if (known !== undefined) return known
    const text = readText(path)
    texts.set(path, text)
    return text
  }
  const originOf = originIn(ts7.libraries)
  const list = program
    .getSourceFileNames()
    .map((path): SourceFile => {
      byKey.set(path, path)
      byKey.set(path.toLowerCase(), path)
      const origin = originOf(path)
      const file: SourceFile = {
        path,
        origin,
        declaration: DECLARATION.test(path),
        get text() {
          return textOf(path)
        },
      }
      byPath.set(path, file)
      return file
    })
    .sort((a, b) => (a.path < b.path ? -1 : 1))

  const tree = (path: string): Ast.SourceFile => {
    const known = trees.get(path)
    if (known) return known
    const file = treesFrom(path).getSourceFile(path) ?? program.getSourceFile(path)
    if (!file) throw new Error(`TypeScript has no file '${path}'`)
    trees.set(path, file)
    return file
  }
  return {
    list,
    get: (path) => byPath.get(path),
    pathOf: (key) => byKey.get(key) ?? key,
    originOf: (path) => byPath.get(path)?.origin ?? originOf(path),
    tree,
    trees(paths) {
      const missing = [...new Set(paths)].filter((path) => !trees.has(path))
      return missing.map((path) => Request.of(fetchTree(path), (file) => void (file && trees.set(path, file))))
    },
    resolve(handle) {
      // The tree is this program's own, so that equal handles give equal nodes.
      const node = handle.resolve(project)
      if (!node) throw new Error(`TypeScript has no node ${handle.index} in '${handle.path}'`)
      return node
    },
  }

  function* fetchTree(path: string) {
    return (yield* treesFrom(path).getSourceFile.gen(path)) ?? (yield* program.getSourceFile.gen(path))
  }
}

function originIn(libraries: string): (path: string) => Origin {
  return (path) => {
    if (path.startsWith(`${libraries}/lib.`) || path.includes('/node_modules/@typescript/lib-')) return 'lib'
    const at = path.lastIndexOf('/node_modules/')
    if (at === -1) return 'project'
    const inPackage = path.slice(at + '/node_modules/'.length)
    if (/^@typescript\/typescript-[^/]+\/lib\/lib\.[^/]*d\.ts$/.test(inPackage)) return 'lib'
    return NODE.test(inPackage) ? 'node' : 'package'
  }
}

export function placeOf(node: Node, file: Ast.SourceFile = node.getSourceFile()): Place {
  return { file: file.fileName, start: node.getStart(file), end: node.end }
}

/** As the compiler reads it: UTF-8 or UTF-16, without the byte order mark. */
export function readSource(path: string): string {
  const bytes = readFileSync(path)
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return bytes.toString('utf16le', 2)
  if (bytes[0] === 0xfe && bytes[1] === 0xff && bytes.length % 2 === 0) {
    return Buffer.from(bytes.subarray(2)).swap16().toString('utf16le')
  }
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf
    ? bytes.toString('utf8', 3)
    : bytes.toString('utf8')
}
