/**
 * Source files of a TypeScript 6 program by path, kept from one program to the next: in goes a path, out comes the parsed file
 * that is valid for what is on disk (by modification time and size) or in an unsaved buffer. Owns nothing but memory; a file
 * that is gone is forgotten.
 */
import { readFileSync, statSync } from 'node:fs'
import type { Ast, Ts } from './view6-types.ts'

interface CachedSource {
  readonly stamp: string
  readonly file: Ast.SourceFile
}

export class SourceCache {
  /** Files whose imports have been resolved since it was last cleared. */
  readonly asked = new Set<string>()
  /** `lib.*.d.ts` of a TypeScript that has none on disk. */
  readonly library: ReadonlyMap<string, string> | undefined
  /** Unsaved buffers. */
  readonly overlays = new Map<string, Overlay>()
  readonly #files = new Map<string, CachedSource>()
  readonly #ts: Ts
  #edits = 0

  constructor(ts: Ts, library: ReadonlyMap<string, string> | undefined) {
    this.#ts = ts
    this.library = library
  }

  overlay(path: string, text: string | undefined): void {
    if (text === undefined) this.overlays.delete(path)
    else if (this.overlays.get(path)?.text !== text) this.overlays.set(path, { text, edit: ++this.#edits })
  }

  get(path: string, version: Ast.ScriptTarget | Ast.CreateSourceFileOptions): Ast.SourceFile | undefined {
    const inMemory = this.overlays.get(path)
    const text = inMemory?.text ?? this.library?.get(path)
    const stat = text === undefined ? statSync(path, { throwIfNoEntry: false }) : undefined
    if (text === undefined && !stat?.isFile()) {
      this.#files.delete(path)
      return undefined
    }
    const parse = typeof version === 'object' ? `${version.languageVersion}:${version.impliedNodeFormat}` : `${version}`
    const stamp = stat ? `${stat.mtimeMs}:${stat.size}:${parse}` : `buffer ${inMemory?.edit}:${parse}`
    const known = this.#files.get(path)
    if (known?.stamp === stamp) return known.file
    const file = this.#ts.createSourceFile(path, text ?? readFileSync(path, 'utf8'), this.#parsing(path, version))
    this.#files.set(path, { stamp, file })
    return file
  }

  /** Nothing of weavets is written in the doc comments of TypeScript's library or of DefinitelyTyped, and they are long. */
  #parsing(
    path: string,
    version: Ast.ScriptTarget | Ast.CreateSourceFileOptions,
  ): Ast.ScriptTarget | Ast.CreateSourceFileOptions {
    if (typeof version !== 'object' || !WITHOUT_DOCS.test(path)) return version
    return { ...version, jsDocParsingMode: this.#ts.JSDocParsingMode.ParseNone }
  }
}

interface Overlay {
  readonly text: string
  /** Which change of a buffer made it: two texts of one path are told apart without comparing them. */
  readonly edit: number
}

const WITHOUT_DOCS = /\/node_modules\/(typescript\/lib|@types)\//
