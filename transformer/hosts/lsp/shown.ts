/**
 * Which diagnostics the editor was sent. Three sources make up those of a file: what TypeScript pushed, what was pulled from it
 * for an editor that doesn't pull, and ours. A file is sent again only when its sum has changed. Files that the editor asks
 * about itself are not sent, or it would show everything twice; once such a file is closed, ours are.
 */
import type { Diagnostic } from 'vscode-languageserver'
import { pathOf, uriOf } from './convert.ts'
import { mergeDiagnostics } from './merge.ts'

interface ShownInput {
  /** The editor asks for this file's diagnostics itself. */
  isPulled(uri: string): boolean
  publish(uri: string, diagnostics: Diagnostic[]): void
}

export class Shown {
  readonly #input: ShownInput
  readonly #pushed = new Map<string, Diagnostic[]>()
  readonly #pulled = new Map<string, Diagnostic[]>()
  readonly #sent = new Map<string, string>()
  /** The editor's own name of a file, which it may write in another way than we would. */
  readonly #names = new Map<string, string>()
  #ours: ReadonlyMap<string, Diagnostic[]> = new Map()

  constructor(input: ShownInput) {
    this.#input = input
  }

  get ours(): ReadonlyMap<string, Diagnostic[]> {
    return this.#ours
  }

  /** Opened, changed or closed: who sends its diagnostics may be another one now. */
  opened(uri: string): void {
    const path = pathOf(uri)
    if (path !== undefined) this.#names.set(path, uri)
    if (this.#input.isPulled(uri) && this.#sent.has(uri)) this.#send(uri, [])
  }

  setPushed(uri: string, diagnostics: Diagnostic[]): void {
    this.#pushed.set(uri, diagnostics)
    this.#update(uri)
  }

  setPulled(uri: string, diagnostics: Diagnostic[]): void {
    this.#pulled.set(uri, diagnostics)
    this.#update(uri)
  }

  /** By absolute path, of all files. Gives the names of those whose are others now. */
  setOurs(ours: ReadonlyMap<string, Diagnostic[]>): string[] {
    const before = this.#ours
    this.#ours = ours
    const paths = new Set([...before.keys(), ...ours.keys()])
    const changed = [...paths].filter((path) => JSON.stringify(before.get(path)) !== JSON.stringify(ours.get(path)))
    for (const path of paths) this.#update(this.#nameOf(path))
    return changed.map((path) => this.#nameOf(path))
  }

  #nameOf(path: string): string {
    return this.#names.get(path) ?? uriOf(path)
  }

  #update(uri: string): void {
    if (this.#input.isPulled(uri)) return
    const path = pathOf(uri)
    const ours = path === undefined ? [] : (this.#ours.get(path) ?? [])
    this.#send(uri, mergeDiagnostics([...(this.#pushed.get(uri) ?? []), ...(this.#pulled.get(uri) ?? [])], ours))
  }

  #send(uri: string, diagnostics: Diagnostic[]): void {
    const text = JSON.stringify(diagnostics)
    if (text === (this.#sent.get(uri) ?? '[]')) return
    this.#sent.set(uri, text)
    this.#input.publish(uri, diagnostics)
  }
}
