/**
 * What is said at `initialize`: what the editor can do, as far as it matters here; what TypeScript's server is told that the editor
 * can do; and what this server can do, TypeScript's and ours together.
 */
import type { ClientCapabilities, CompletionOptions, InitializeParams, ServerCapabilities } from 'vscode-languageserver'
import { FIX_ALL_KIND } from './workspace.ts'

export interface Editor {
  /** It asks for diagnostics (`textDocument/diagnostic`), and must not be sent those of open files. */
  readonly pulls: boolean
  /** It asks again when it is told to. */
  readonly refreshes: boolean
  /** An edit may make a file. */
  readonly creates: boolean
  /** It can be asked to watch files. */
  readonly watches: boolean
}

export function editorOf({ textDocument, workspace }: ClientCapabilities): Editor {
  const { workspaceEdit } = workspace ?? {}
  return {
    pulls: textDocument?.diagnostic !== undefined,
    refreshes: workspace?.diagnostics?.refreshSupport === true,
    creates: workspaceEdit?.documentChanges === true && workspaceEdit.resourceOperations?.includes('create') === true,
    watches: workspace?.didChangeWatchedFiles?.dynamicRegistration === true,
  }
}

/** TypeScript 7 pushes no diagnostics of sources, so it is pulled from in any case; and our positions are UTF-16, as every editor's can be. */
export function forUpstream(params: InitializeParams): InitializeParams {
  const { capabilities } = params
  const general = { ...capabilities.general, positionEncodings: ['utf-16' as const] }
  const diagnostic = capabilities.textDocument?.diagnostic ?? { relatedDocumentSupport: false }
  return {
    ...params,
    capabilities: { ...capabilities, general, textDocument: { ...capabilities.textDocument, diagnostic } },
  }
}

const TRIGGERS = ['@', ' ', "'", '"']

export function mergeCapabilities(theirs: ServerCapabilities | undefined, editor: Editor): ServerCapabilities {
  const { diagnosticProvider: pulled, ...rest } = theirs ?? {
    positionEncoding: 'utf-16',
    textDocumentSync: { openClose: true, change: 2 },
  }
  const completion: CompletionOptions = rest.completionProvider ?? { resolveProvider: true }
  const actions = typeof rest.codeActionProvider === 'object' ? rest.codeActionProvider : {}
  const kinds = actions.codeActionKinds ?? ['quickfix']
  const own = { identifier: 'weave', interFileDependencies: true, workspaceDiagnostics: false }
  return {
    ...rest,
    hoverProvider: rest.hoverProvider || true,
    completionProvider: {
      ...completion,
      triggerCharacters: [...new Set([...(completion.triggerCharacters ?? []), ...TRIGGERS])],
    },
    codeActionProvider: { ...actions, codeActionKinds: [...kinds, FIX_ALL_KIND] },
    ...(editor.pulls && { diagnosticProvider: pulled ?? own }),
    workspace: {
      ...rest.workspace,
      workspaceFolders: rest.workspace?.workspaceFolders ?? { supported: true, changeNotifications: true },
    },
  }
}
