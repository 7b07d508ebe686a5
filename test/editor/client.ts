/** A language server as an editor drives it over stdio: requests, what the server asks back, and buffers that are never saved. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { pathToFileURL } from 'node:url'
import type { CodeAction, Diagnostic, Position, TextEdit } from 'vscode-languageserver'
import { TextDocument } from 'vscode-languageserver-textdocument'
import { Frames } from './frames.ts'
import type { Workspace } from './workspace.ts'

export interface ClientOptions {
  /** Asks for diagnostics; otherwise it waits to be sent them. */
  pulls: boolean
  /** Arguments of `weave lsp`. */
  args?: readonly string[]
}

interface Message {
  id?: number | string
  method?: string
  params?: unknown
  result?: unknown
  error?: { code: number; message: string }
}

const WEAVE = new URL('../../bin/weave.js', import.meta.url).pathname

export class EditorClient implements AsyncDisposable {
  readonly child: ChildProcess
  readonly #frames: Frames
  readonly #workspace: Workspace
  readonly #documents = new Map<string, TextDocument>()
  readonly #answered = new Set<number>()
  readonly #options: ClientOptions
  #next = 1

  private constructor(workspace: Workspace, options: ClientOptions) {
    this.#workspace = workspace
    this.#options = options
    this.child = spawn(process.execPath, [WEAVE, 'lsp', '--stdio', ...(options.args ?? [])], { cwd: workspace.folder })
    this.#frames = new Frames(this.child)
  }

  static async start(workspace: Workspace, options: ClientOptions): Promise<EditorClient> {
    const client = new EditorClient(workspace, options)
    await client.ask('initialize', client.#initialize())
    client.tell('initialized', {})
    return client
  }

  #initialize(): object {
    const rootUri = pathToFileURL(this.#workspace.folder).href
    const workspaceEdit = { documentChanges: true, resourceOperations: ['create'] }
    return {
      processId: process.pid,
      rootUri,
      workspaceFolders: [{ uri: rootUri, name: 'project' }],
      capabilities: {
        textDocument: {
          publishDiagnostics: { relatedInformation: true, codeDescriptionSupport: true, dataSupport: true },
          hover: { contentFormat: ['markdown'] },
          ...(this.#options.pulls && { diagnostic: { dynamicRegistration: false } }),
        },
        workspace: {
          configuration: true,
          workspaceEdit,
          ...(this.#options.pulls && { diagnostics: { refreshSupport: true } }),
        },
      },
    }
  }

  /** Everything that came so far. */
  get messages(): readonly Message[] {
    this.#answerQuestions()
    return this.#frames.messages as Message[]
  }

  tell(method: string, params: object | undefined): void {
    this.#frames.send({ jsonrpc: '2.0', method, ...(params && { params }) })
  }

  start(method: string, params: object | undefined): { id: number; answer: Promise<Message> } {
    const id = this.#next++
    this.#frames.send({ jsonrpc: '2.0', id, method, ...(params && { params }) })
    const answer = this.until(
      (message) => (message.id === id && message.method === undefined ? message : undefined),
      method,
    )
    return { id, answer }
  }

  async ask<T>(method: string, params: object | undefined): Promise<T> {
    const { result, error } = await this.start(method, params).answer
    if (error !== undefined) throw new Error(`${method}: ${error.code} ${error.message}`)
    return result as T
  }

  /** The first message, of all that came or will come, that `pick` gives something for. */
  async until<T>(pick: (message: Message) => T | undefined, what: string, from = 0): Promise<T> {
    for (let at = from; ; at++) {
      while (at >= this.messages.length) {
        if (this.#frames.ended) throw new Error(`the server ended without ${what}\n${this.#frames.stderr}`)
        await this.#frames.changed()
      }
      const found = pick(this.messages[at]!)
      if (found !== undefined) return found
    }
  }

  /** As an editor does at once: settings are empty, the rest is agreed to. */
  #answerQuestions(): void {
    for (const [at, message] of (this.#frames.messages as Message[]).entries()) {
      if (message.id === undefined || message.method === undefined || this.#answered.has(at)) continue
      this.#answered.add(at)
      const { items = [] } = (message.params ?? {}) as { items?: unknown[] }
      const result = message.method === 'workspace/configuration' ? items.map(() => null) : null
      this.#frames.send({ jsonrpc: '2.0', id: message.id, result })
    }
  }

  uri(name: string): string {
    return pathToFileURL(this.#workspace.path(name)).href
  }

  open(name: string): void {
    const document = TextDocument.create(this.uri(name), 'typescript', 1, this.#workspace.read(name))
    this.#documents.set(name, document)
    const { uri, languageId, version } = document
    this.tell('textDocument/didOpen', { textDocument: { uri, languageId, version, text: document.getText() } })
  }

  close(name: string): void {
    this.#documents.delete(name)
    this.tell('textDocument/didClose', { textDocument: { uri: this.uri(name) } })
  }

  text(name: string): string {
    return this.#document(name).getText()
  }

  /** As typed: the buffer changes, the file doesn't. */
  edit(name: string, from: string, to: string): void {
    const document = this.#document(name)
    const at = document.getText().indexOf(from)
    if (at === -1) throw new Error(`${name} has no "${from}"`)
    this.apply(name, [
      { range: { start: document.positionAt(at), end: document.positionAt(at + from.length) }, newText: to },
    ])
  }

  apply(name: string, edits: readonly TextEdit[]): void {
    const document = this.#document(name)
    // Edits are of the text before all of them, changes of a list one after the other: from the end both are the same.
    const sorted = [...edits].sort((a, b) => document.offsetAt(b.range.start) - document.offsetAt(a.range.start))
    const contentChanges = sorted.map(({ range, newText }) => ({ range, text: newText }))
    const changed = TextDocument.update(document, contentChanges, document.version + 1)
    this.#documents.set(name, changed)
    this.tell('textDocument/didChange', {
      textDocument: { uri: this.uri(name), version: changed.version },
      contentChanges,
    })
  }

  /** Where `marker` begins in the buffer, `into` further. */
  at(name: string, marker: string, into = 0): { textDocument: { uri: string }; position: Position } {
    const document = this.#document(name)
    const found = document.getText().indexOf(marker)
    if (found === -1) throw new Error(`${name} has no "${marker}"`)
    return { textDocument: { uri: this.uri(name) }, position: document.positionAt(found + into) }
  }

  /** What the editor shows in a file: asked for, or what was sent for the buffer as it is now. */
  async diagnostics(name: string): Promise<Diagnostic[]> {
    if (!this.#options.pulls) throw new Error('wait for what is sent: use untilShown')
    const params = { textDocument: { uri: this.uri(name) } }
    return (await this.ask<{ items: Diagnostic[] }>('textDocument/diagnostic', params)).items
  }

  async shown(name: string): Promise<string[]> {
    return (await this.diagnostics(name)).map(brief)
  }

  /** Waits until the server sends, after the message number `from`, diagnostics of a file that are as wanted. */
  untilSent(name: string, wanted: (brief: string[]) => boolean, from = 0): Promise<Diagnostic[]> {
    return this.until(
      ({ method, params }) => {
        const { uri, diagnostics } = (params ?? {}) as { uri?: string; diagnostics?: Diagnostic[] }
        const isIt = method === 'textDocument/publishDiagnostics' && uri === this.uri(name)
        return isIt && wanted(diagnostics!.map(brief)) ? diagnostics : undefined
      },
      `the diagnostics of ${name}`,
      from,
    )
  }

  actions(name: string, { range }: Diagnostic, diagnostics: Diagnostic[] = [], only?: string[]): Promise<CodeAction[]> {
    const context = { diagnostics, ...(only && { only }) }
    return this.ask('textDocument/codeAction', { textDocument: { uri: this.uri(name) }, range, context })
  }

  /** The edits of an action to the buffers, as an editor makes them. */
  perform({ edit }: CodeAction): void {
    for (const [uri, edits] of Object.entries(edit?.changes ?? {})) {
      const [name] = [...this.#documents].find(([, document]) => document.uri === uri) ?? []
      if (name === undefined) throw new Error(`${uri} is not open`)
      this.apply(name, edits)
    }
  }

  #document(name: string): TextDocument {
    const document = this.#documents.get(name)
    if (document === undefined) throw new Error(`${name} is not open`)
    return document
  }

  async stop(): Promise<number> {
    const closed = once(this.child, 'close')
    await this.ask('shutdown', undefined)
    this.tell('exit', undefined)
    const [code] = (await closed) as [number]
    return code
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#frames.ended) return
    const closed = once(this.child, 'close')
    this.child.kill()
    await closed
  }
}

/** `WV1001 at 9:12-9:18`, counted from 1 as people do; TypeScript's own by their number. */
export function brief({ code, range: { start, end } }: Diagnostic): string {
  const what = typeof code === 'number' ? `TS${code}` : code
  return `${what} at ${start.line + 1}:${start.character + 1}-${end.line + 1}:${end.character + 1}`
}
