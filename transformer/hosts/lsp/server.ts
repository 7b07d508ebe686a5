/**
 * `weave lsp`: a language server that an editor runs. With TypeScript 7 it stands in front of `tsc --lsp`: every message is relayed,
 * and to diagnostics, code actions, hovers and completions ours are added. Without (`companion`), it answers these alone,
 * beside whatever TypeScript server the editor has. Refuses nothing: what it can't analyse it logs, and relays on.
 */
import type { Readable, Writable } from 'node:stream'
import {
  type CancellationToken,
  type CodeAction,
  type CodeActionParams,
  type CompletionItem,
  type CompletionList,
  createMessageConnection,
  type Diagnostic,
  type DidChangeTextDocumentParams,
  type DidOpenTextDocumentParams,
  type DocumentDiagnosticReport,
  ErrorCodes,
  type Hover,
  type InitializeParams,
  type InitializeResult,
  LSPErrorCodes,
  type MessageConnection,
  ResponseError,
  StreamMessageReader,
  StreamMessageWriter,
  type TextDocumentPositionParams,
} from 'vscode-languageserver/node'
import { type Editor, editorOf, forUpstream, mergeCapabilities } from './capabilities.ts'
import { pathOf } from './convert.ts'
import { Documents } from './documents.ts'
import { isOwnItem, mergeCompletion, mergeDiagnostics, mergeHover } from './merge.ts'
import { Shown } from './shown.ts'
import { findNative, startUpstream, type Upstream } from './upstream.ts'
import type { ThreadEvents, WorkspaceThread } from './worker.ts'

export interface ServerInput {
  readonly input: Readable
  readonly output: Writable
  readonly version: string
  /** False: no TypeScript server behind, whatever the project has. */
  readonly upstream: boolean
  /** Folder of the TypeScript package to take instead of the project's. */
  readonly typescript: string | undefined
  /** Makes the thread that analyses. */
  readonly startThread: (events: ThreadEvents) => WorkspaceThread
  /** Calls `run` later, unless what it gives is called before. */
  readonly after: (ms: number, run: () => void) => () => void
  readonly exit: (code: number) => void
  readonly logError: (text: string) => void
}

/** An editor sends a change a keystroke; diagnostics that nobody asked for can wait until it pauses. */
const PAUSE_MS = 150
/** Out of memory again and again, a project is too large for the analysis; TypeScript's answers must not suffer for it. */
const THREAD_STARTS_MAX = 5
const MESSAGE_TYPE = { error: 1, warning: 2, info: 3, log: 4 } as const

export function serve(input: ServerInput): void {
  new Server(input).listen()
}

type Params = object | undefined
type Answering = (params: never, token: CancellationToken) => Promise<unknown>

class Server {
  readonly #input: ServerInput
  readonly #client: MessageConnection
  readonly #documents = new Documents()
  #editor: Editor = { pulls: false, refreshes: false, creates: false, watches: false }
  #upstream: Upstream | undefined
  #thread: WorkspaceThread | undefined
  #shown: Shown | undefined
  #stopping = false
  #starts = 0
  #cancelPause: () => void = () => undefined
  /** Goes up with each change that an analysis could see. */
  #edits = 0
  #analysis: { edits: number; result: Promise<ReadonlyMap<string, Diagnostic[]>> } | undefined
  /** Files whose diagnostics are being answered. */
  readonly #pulling = new Map<string, number>()

  readonly #answers: Record<string, Answering> = {
    initialize: (params) => this.#initialize(params),
    shutdown: (params: Params, token) => this.#shutdown(params, token),
    'textDocument/diagnostic': (params, token) => this.#pull(params, token),
    'textDocument/hover': (params, token) => this.#hover(params, token),
    'textDocument/completion': (params, token) => this.#completion(params, token),
    'textDocument/codeAction': (params, token) => this.#codeAction(params, token),
    'completionItem/resolve': async (item: CompletionItem, token) =>
      isOwnItem(item) ? item : this.#relay('completionItem/resolve', item, token),
  }

  constructor(input: ServerInput) {
    this.#input = input
    this.#client = createMessageConnection(new StreamMessageReader(input.input), new StreamMessageWriter(input.output))
  }

  listen(): void {
    const client = this.#client
    client.onRequest((method, params, token) => {
      const answer = this.#answers[method]
      return answer === undefined ? this.#relay(method, params, token) : answer(params as never, token)
    })
    client.onNotification((method, params) => this.#notified(method, params as Params))
    client.onUnhandledProgress((params) => void this.#upstream?.connection.sendNotification('$/progress', params))
    client.onError(([error]) => this.#input.logError(error.message))
    client.onClose(() => this.#exit(this.#stopping ? 0 : 1))
    client.listen()
  }

  async #initialize(params: InitializeParams): Promise<InitializeResult> {
    this.#editor = editorOf(params.capabilities)
    const folders = foldersOf(params)
    const { upstream, typescript, version } = this.#input
    const native = upstream
      ? folders.map((each) => findNative(each, typescript)).find((each) => each !== undefined)
      : undefined
    let theirs: InitializeResult | undefined
    if (native !== undefined) {
      this.#upstream = startUpstream(native, folders[0] ?? process.cwd(), (text) => this.#log('log', text))
      this.#listenUpstream(this.#upstream)
      theirs = await this.#upstream.connection.sendRequest<InitializeResult>('initialize', forUpstream(params))
    }
    this.#startThread()
    this.#shown = new Shown({
      isPulled: (uri) => this.#editor.pulls && this.#documents.has(uri) && isSource(uri),
      publish: (uri, diagnostics) => {
        const documentVersion = this.#documents.get(uri)?.version
        const versioned = documentVersion === undefined ? {} : { version: documentVersion }
        void this.#client.sendNotification('textDocument/publishDiagnostics', { uri, ...versioned, diagnostics })
      },
    })
    const role =
      native === undefined ? 'beside the TypeScript server of the editor' : `in front of TypeScript ${native.version}`
    this.#log('info', `weave ${version}, ${role}`)
    return {
      ...theirs,
      capabilities: mergeCapabilities(theirs?.capabilities, this.#editor),
      serverInfo: { name: 'weave', version },
    }
  }

  /** A thread that ends by itself is replaced, a few times: whatever ended it may not happen again. */
  #startThread(): void {
    this.#starts++
    this.#thread = this.#input.startThread({
      log: (text) => this.#log('info', text),
      ended: () => {
        if (this.#stopping) return
        this.#thread = undefined
        if (this.#starts >= THREAD_STARTS_MAX)
          return this.#log(
            'error',
            'the analysis ended too often: no more boundary errors until the editor restarts the server',
          )
        this.#startThread()
        for (const { uri } of this.#documents.all()) this.#setBuffer(uri)
      },
    })
  }

  #listenUpstream({ connection, process: child }: Upstream): void {
    connection.onRequest((method, params, token) => {
      // Whoever doesn't pull was never told of it.
      if (method === 'workspace/diagnostic/refresh' && !this.#editor.pulls) {
        this.#touch()
        return null
      }
      return send(this.#client, method, params, token)
    })
    connection.onNotification((method, params) => {
      if (method === 'textDocument/publishDiagnostics') {
        const { uri, diagnostics } = params as { uri: string; diagnostics: Diagnostic[] }
        this.#shown?.setPushed(uri, diagnostics)
      } else notify(this.#client, method, params as Params)
    })
    connection.onUnhandledProgress((params) => void this.#client.sendNotification('$/progress', params))
    child.once('exit', (code) => {
      if (this.#stopping) return
      // The editor starts a server anew that ended by itself, and only so are both of them in step again.
      this.#log('error', `tsc --lsp ended with ${code}`)
      this.#exit(1)
    })
    connection.listen()
  }

  async #shutdown(params: Params, token: CancellationToken): Promise<null> {
    this.#stopping = true
    this.#cancelPause()
    if (this.#upstream !== undefined) await this.#relay('shutdown', params, token)
    return null
  }

  #exit(code: number): void {
    this.#stopping = true
    this.#cancelPause()
    this.#upstream?.process.kill()
    const closed = this.#thread?.close() ?? Promise.resolve()
    void closed.finally(() => this.#input.exit(code))
  }

  #relay(method: string, params: unknown, token: CancellationToken): Promise<unknown> {
    if (this.#upstream !== undefined) return send(this.#upstream.connection, method, params, token)
    throw new ResponseError(ErrorCodes.MethodNotFound, `weave does not answer ${method}; the TypeScript server does`)
  }

  /** What TypeScript says; nothing without it. */
  async #theirs<T>(method: string, params: unknown, token: CancellationToken): Promise<T | undefined> {
    if (this.#upstream === undefined) return undefined
    return (await send(this.#upstream.connection, method, params, token)) as T
  }

  /** Ours is a gift: when it fails, the editor gets TypeScript's answer alone. */
  async #ours<T>(what: string, asked: Promise<T> | undefined, otherwise: T): Promise<T> {
    try {
      return (await asked) ?? otherwise
    } catch (error) {
      this.#log('error', `${what}: ${error instanceof Error ? error.message : String(error)}`)
      return otherwise
    }
  }

  async #pull(params: { textDocument: { uri: string }; previousResultId?: string }, token: CancellationToken) {
    const { uri } = params.textDocument
    const path = pathOf(uri)
    this.#pulling.set(uri, (this.#pulling.get(uri) ?? 0) + 1)
    try {
      // A result of before says nothing about ours, so theirs is asked for as a whole.
      const { previousResultId: _, ...whole } = params
      const [theirs, ours] = await Promise.all([
        this.#theirs<DocumentDiagnosticReport>('textDocument/diagnostic', whole, token),
        this.#analyse(),
      ])
      if (token.isCancellationRequested) throw new ResponseError(LSPErrorCodes.RequestCancelled, 'cancelled')
      const found = theirs?.kind === 'full' ? theirs.items : []
      const related = theirs?.relatedDocuments === undefined ? {} : { relatedDocuments: theirs.relatedDocuments }
      return { kind: 'full', ...related, items: mergeDiagnostics(found, (path && ours.get(path)) || []) }
    } finally {
      const left = this.#pulling.get(uri)! - 1
      if (left > 0) this.#pulling.set(uri, left)
      else this.#pulling.delete(uri)
    }
  }

  async #hover(params: TextDocumentPositionParams, token: CancellationToken): Promise<Hover | null> {
    const path = pathOf(params.textDocument.uri)
    const asked = path === undefined ? undefined : this.#thread?.ask('hover', path, params.position)
    const [theirs, ours] = await Promise.all([
      this.#theirs<Hover | null>('textDocument/hover', params, token),
      this.#ours('hover', asked, undefined),
    ])
    return mergeHover(theirs, ours)
  }

  async #completion(params: TextDocumentPositionParams, token: CancellationToken) {
    const path = pathOf(params.textDocument.uri)
    const asked = path === undefined ? undefined : this.#thread?.ask('completion', path, params.position)
    const [theirs, ours] = await Promise.all([
      this.#theirs<CompletionList | CompletionItem[] | null>('textDocument/completion', params, token),
      this.#ours('completion', asked, []),
    ])
    return mergeCompletion(theirs, ours)
  }

  async #codeAction(params: CodeActionParams, token: CancellationToken): Promise<CodeAction[]> {
    const { textDocument, range, context } = params
    const path = pathOf(textDocument.uri)
    const { creates } = this.#editor
    const asked = path && this.#thread?.ask('actions', { path, range, only: context.only, creates })
    const diagnostics = context.diagnostics.filter((each) => each.source !== 'weave')
    const [theirs, ours] = await Promise.all([
      this.#theirs<CodeAction[] | null>(
        'textDocument/codeAction',
        { ...params, context: { ...context, diagnostics } },
        token,
      ),
      this.#ours('code actions', asked || undefined, []),
    ])
    return [...ours, ...(theirs ?? [])]
  }

  #notified(method: string, params: Params): void {
    try {
      this.#follow(method, params)
    } catch (error) {
      this.#log('error', `${method}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`)
    }
    if (method === 'exit') this.#exit(this.#stopping ? 0 : 1)
    else if (this.#upstream !== undefined) notify(this.#upstream.connection, method, params)
  }

  #follow(method: string, params: Params): void {
    switch (method) {
      case 'initialized':
        this.#watch()
        break
      case 'textDocument/didOpen':
        this.#setBuffer(this.#documents.open((params as DidOpenTextDocumentParams).textDocument))
        break
      case 'textDocument/didChange':
        this.#setBuffer(this.#documents.change(params as DidChangeTextDocumentParams))
        break
      case 'textDocument/didClose':
        this.#setBuffer(this.#documents.close((params as { textDocument: { uri: string } }).textDocument.uri))
        break
      case 'textDocument/didSave':
      case 'workspace/didChangeWatchedFiles':
      case 'workspace/didChangeWorkspaceFolders':
        this.#thread?.tell('filesChanged')
        this.#touch()
    }
  }

  #setBuffer(uri: string): void {
    const path = pathOf(uri)
    if (path === undefined) return
    this.#thread?.tell('setBuffer', path, this.#documents.get(uri)?.getText())
    this.#shown?.opened(uri)
    this.#touch()
  }

  #watch(): void {
    if (!this.#editor.watches) return
    const watchers = [
      { globPattern: '**/*.{ts,tsx,mts,cts}' },
      { globPattern: '**/tsconfig*.json' },
      { globPattern: '**/weave.config.*' },
    ]
    const registrations = [
      { id: 'weave-files', method: 'workspace/didChangeWatchedFiles', registerOptions: { watchers } },
    ]
    this.#client
      .sendRequest('client/registerCapability', { registrations })
      .catch((error) => this.#log('warning', String(error)))
  }

  /** Something changed: what is shown follows when the editor pauses. */
  #touch(): void {
    this.#edits++
    this.#cancelPause()
    this.#cancelPause = this.#input.after(PAUSE_MS, () => void this.#show())
  }

  /** Ours of all files, of the buffers as they are now. */
  #analyse(): Promise<ReadonlyMap<string, Diagnostic[]>> {
    const edits = this.#edits
    if (this.#analysis?.edits === edits) return this.#analysis.result
    const asked = this.#thread
      ?.ask('diagnostics')
      .then((found) => new Map(found.map(({ path, items }) => [path, items])))
    const result = this.#ours('diagnostics', asked, this.#shown?.ours ?? new Map()).then((found) => {
      if (edits === this.#edits) this.#settle(found)
      return found
    })
    this.#analysis = { edits, result }
    return result
  }

  #settle(found: ReadonlyMap<string, Diagnostic[]>): void {
    const changed = this.#shown?.setOurs(found) ?? []
    const { pulls, refreshes } = this.#editor
    const elsewhere = changed.filter((uri) => this.#documents.has(uri) && !this.#pulling.has(uri))
    if (pulls && refreshes && elsewhere.length > 0)
      this.#client.sendRequest('workspace/diagnostic/refresh').catch((error) => this.#log('warning', String(error)))
  }

  async #show(): Promise<void> {
    if (this.#stopping) return
    await this.#analyse()
    if (this.#editor.pulls || this.#upstream === undefined) return
    // The editor doesn't ask, so we ask for it.
    for (const { uri, version } of this.#documents.all()) {
      try {
        const { connection } = this.#upstream
        const report = await connection.sendRequest<DocumentDiagnosticReport>('textDocument/diagnostic', {
          textDocument: { uri },
        })
        if (this.#documents.get(uri)?.version === version && report.kind === 'full')
          this.#shown?.setPulled(uri, report.items)
      } catch (error) {
        this.#log('log', `diagnostics of ${uri}: ${String(error)}`)
      }
    }
  }

  #log(level: keyof typeof MESSAGE_TYPE, message: string): void {
    this.#input.logError(message)
    if (this.#stopping) return
    void this.#client.sendNotification('window/logMessage', { type: MESSAGE_TYPE[level], message })
  }
}

const isSource = (uri: string): boolean => /\.[cm]?tsx?$/.test(uri)

function foldersOf({ workspaceFolders, rootUri }: InitializeParams): string[] {
  const uris = workspaceFolders?.map((each) => each.uri) ?? (rootUri ? [rootUri] : [])
  const paths = uris.flatMap((uri) => pathOf(uri) ?? [])
  return paths.length > 0 ? paths : [process.cwd()]
}

/** A message without parameters has none; `undefined` would become a list with a null in it. */
function send(to: MessageConnection, method: string, params: unknown, token: CancellationToken): Promise<unknown> {
  return params === undefined ? to.sendRequest(method, token) : to.sendRequest(method, params, token)
}

function notify(to: MessageConnection, method: string, params: Params): void {
  void (params === undefined ? to.sendNotification(method) : to.sendNotification(method, params))
}
