/** The buffers that the editor has open, by the names that it gives them. A change of one that isn't open is passed over. */
import type { DidChangeTextDocumentParams, TextDocumentItem } from 'vscode-languageserver'
import { TextDocument } from 'vscode-languageserver-textdocument'

export class Documents {
  readonly #open = new Map<string, TextDocument>()

  /** Each gives the document's name back. */
  open({ uri, languageId, version, text }: TextDocumentItem): string {
    this.#open.set(uri, TextDocument.create(uri, languageId, version, text))
    return uri
  }

  change({ textDocument: { uri, version }, contentChanges }: DidChangeTextDocumentParams): string {
    const document = this.#open.get(uri)
    if (document !== undefined) this.#open.set(uri, TextDocument.update(document, contentChanges, version))
    return uri
  }

  close(uri: string): string {
    this.#open.delete(uri)
    return uri
  }

  get(uri: string): TextDocument | undefined {
    return this.#open.get(uri)
  }

  has(uri: string): boolean {
    return this.#open.has(uri)
  }

  all(): { uri: string; version: number }[] {
    return [...this.#open.values()].map(({ uri, version }) => ({ uri, version }))
  }
}
