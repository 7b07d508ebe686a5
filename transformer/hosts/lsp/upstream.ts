/**
 * TypeScript's own language server (`tsc --lsp --stdio`, TypeScript 7): which one, and the connection to it. Everything that an editor
 * asks is relayed to it as it is; server.ts says what is added.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import {
  createMessageConnection,
  type MessageConnection,
  StreamMessageReader,
  StreamMessageWriter,
} from 'vscode-languageserver/node'

/** Older ones have no language server. */
const OLDEST_MAJOR = 7

export interface Native {
  readonly version: string
  /** Of the package. */
  readonly folder: string
  readonly tsc: string
}

/** The TypeScript 7 that a folder's files would import, or the package at `typescript`; undefined when it is an older one, or none. */
export function findNative(folder: string, typescript?: string): Native | undefined {
  try {
    const manifest = typescript
      ? join(typescript, 'package.json')
      : createRequire(join(folder, 'package.json')).resolve('typescript/package.json')
    const { version = '', bin } = JSON.parse(readFileSync(manifest, 'utf8')) as {
      version?: string
      bin?: Record<string, string>
    }
    const tsc = bin?.tsc && join(dirname(manifest), bin.tsc)
    if (Number.parseInt(version, 10) < OLDEST_MAJOR || !tsc || !existsSync(tsc)) return undefined
    return { version, folder: dirname(manifest), tsc }
  } catch {
    return undefined
  }
}

export interface Upstream {
  readonly connection: MessageConnection
  readonly process: ChildProcess
}

export function startUpstream({ tsc }: Native, folder: string, log: (text: string) => void): Upstream {
  const child = spawn(process.execPath, [tsc, '--lsp', '--stdio'], { cwd: folder, stdio: ['pipe', 'pipe', 'pipe'] })
  child.stderr.setEncoding('utf8').on('data', (text: string) => log(`tsc --lsp: ${text.trimEnd()}`))
  const connection = createMessageConnection(
    new StreamMessageReader(child.stdout),
    new StreamMessageWriter(child.stdin),
  )
  connection.onError(([error]) => log(`tsc --lsp: ${error.message}`))
  return { connection, process: child }
}
