/** Our plain values in the words of the language server protocol. Texts are handed in: offsets mean nothing without them. */
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type {
  CodeAction,
  CompletionItem,
  Diagnostic as LspDiagnostic,
  TextDocumentEdit,
  TextEdit,
} from 'vscode-languageserver'
import { CATALOGUE, docsPage, isCode } from '../../diagnostics/catalogue.ts'
import type { Diagnostic, Edit } from '../../diagnostics/diagnostic.ts'
import type { Action } from '../../editor/actions.ts'
import type { Completion } from '../../editor/completion.ts'
import type { Lines } from '../../editor/lines.ts'

/** `DiagnosticSeverity` and its like are values of a library that only the server's main thread loads. */
const SEVERITY = { error: 1, warning: 2 } as const
const KIND = { tag: 14, name: 12 } as const

export interface Texts {
  readonly root: string
  /** Of an absolute path, as it was analysed. */
  lines(path: string): Lines
}

export const uriOf = (path: string): string => pathToFileURL(path).href

export function pathOf(uri: string): string | undefined {
  try {
    return uri.startsWith('file:') ? fileURLToPath(uri).replaceAll('\\', '/') : undefined
  } catch {
    return undefined
  }
}

export function convertDiagnostic(each: Diagnostic, path: string, { root, lines }: Texts): LspDiagnostic {
  const { code, severity, start, end, message, why, fix } = each
  const name = isCode(code) ? ` weave(${CATALOGUE[code].name})` : ''
  const text = [`${message}${name}`, ...(why === '' ? [] : [`why: ${why}`]), ...(fix === '' ? [] : [`fix: ${fix}`])]
  const href = explanation(code)
  return {
    range: lines(path).range(start, Math.max(end, start)),
    severity: SEVERITY[severity],
    code,
    ...(href !== undefined && { codeDescription: { href } }),
    source: 'weave',
    message: text.join('\n'),
    relatedInformation: each.related.map((related) => {
      const at = { line: related.line - 1, character: related.column - 1 }
      return {
        location: { uri: uriOf(join(root, related.file)), range: { start: at, end: at } },
        message: related.message,
      }
    }),
    data: { weave: { path: each.path, fixes: (each.fixes ?? []).map(({ id, title }) => ({ id, title })) } },
  }
}

let packageRoot: string | undefined

/** The page of the installed package: what it says is true of the installed version, and needs no network. */
function explanation(code: string): string | undefined {
  if (!isCode(code)) return undefined
  packageRoot ??= findPackage(dirname(fileURLToPath(import.meta.url)))
  const [file = '', anchor] = docsPage(code).split('#')
  const path = join(packageRoot, file)
  return existsSync(path) ? uriOf(path) + (anchor ? `#${anchor}` : '') : undefined
}

function findPackage(folder: string): string {
  return existsSync(join(folder, 'package.json')) || dirname(folder) === folder ? folder : findPackage(dirname(folder))
}

export function convertCompletion({ items, start, end, kind }: Completion, lines: Lines): CompletionItem[] {
  return items.map(({ label, insert, detail, documentation }) => ({
    label,
    kind: KIND[kind],
    detail,
    ...(documentation !== '' && { documentation: { kind: 'markdown' as const, value: documentation } }),
    // What is replaced may begin with a quote, and editors compare with that.
    filterText: insert,
    sortText: '0',
    textEdit: { range: lines.range(start, end), newText: insert },
    data: { weave: true },
  }))
}

/** `creates`: the editor can be told to make a file. Undefined for an action that needs one where it can't. */
export function convertAction(
  action: Action,
  shown: LspDiagnostic,
  texts: Texts,
  creates: boolean,
): CodeAction | undefined {
  const edit = convertEdits(action.edits, texts, creates)
  if (edit === undefined) return undefined
  const { title, preferred } = action
  return { title, kind: 'quickfix', diagnostics: [shown], ...(preferred && { isPreferred: true }), edit }
}

export function convertEdits(
  edits: readonly Edit[],
  { root, lines }: Texts,
  creates: boolean,
): CodeAction['edit'] | undefined {
  const byUri = new Map<string, TextEdit[]>()
  const made: string[] = []
  for (const { file, start, end, text } of edits) {
    const path = join(root, file)
    const uri = uriOf(path)
    if (!existsSync(path) && !made.includes(uri)) made.push(uri)
    byUri.set(uri, [...(byUri.get(uri) ?? []), { range: lines(path).range(start, end), newText: text }])
  }
  if (made.length === 0) return { changes: Object.fromEntries(byUri) }
  if (!creates) return undefined
  const changed = [...byUri].map(
    ([uri, own]): TextDocumentEdit => ({ textDocument: { uri, version: null }, edits: own }),
  )
  return { documentChanges: [...made.map((uri) => ({ kind: 'create' as const, uri })), ...changed] }
}
