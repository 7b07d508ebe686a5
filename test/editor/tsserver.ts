/** tsserver as an editor drives it over stdio: requests with their answers, and buffers that are never saved. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { Frames } from './frames.ts'
import type { Workspace } from './workspace.ts'

export interface ServerDiagnostic {
  code: number
  category: string
  source?: string
  text: string
  start: { line: number; offset: number }
  end: { line: number; offset: number }
  relatedInformation?: { message: string; span?: { file: string } }[]
}

interface Change {
  start: { line: number; offset: number }
  end: { line: number; offset: number }
  newText: string
}

export interface CodeFix {
  fixName: string
  description: string
  fixId?: string
  changes: { fileName: string; textChanges: Change[] }[]
}

export class TsServer implements AsyncDisposable {
  readonly #frames: Frames
  readonly #kill: () => Promise<void>
  readonly #workspace: Workspace
  readonly #texts = new Map<string, string>()
  #sequence = 0

  private constructor(workspace: Workspace, path: string) {
    this.#workspace = workspace
    const child = spawn(process.execPath, [path, '--disableAutomaticTypingAcquisition'], { cwd: workspace.folder })
    this.#frames = new Frames(child)
    this.#kill = async () => {
      const closed = once(child, 'close')
      this.send('exit', {})
      await closed
    }
  }

  static async start(workspace: Workspace): Promise<TsServer> {
    return new TsServer(workspace, await workspace.installForServer())
  }

  send(command: string, args: object): number {
    this.#sequence++
    this.#frames.write(`${JSON.stringify({ seq: this.#sequence, type: 'request', command, arguments: args })}\n`)
    return this.#sequence
  }

  async ask<T>(command: string, args: object): Promise<T> {
    const sequence = this.send(command, args)
    type Answer = { type: string; request_seq: number; success: boolean; body: T; message?: string }
    const answer = await this.#frames.find((message) => {
      const { type, request_seq } = message as Answer
      return type === 'response' && request_seq === sequence ? (message as Answer) : undefined
    }, command)
    if (!answer.success && answer.message !== 'No content available.') throw new Error(answer.message)
    return answer.body
  }

  open(name: string): void {
    const text = this.#workspace.read(name)
    this.#texts.set(name, text)
    this.send('updateOpen', {
      openFiles: [{ file: this.file(name), fileContent: text, projectRootPath: this.#workspace.folder }],
    })
  }

  close(name: string): void {
    this.#texts.delete(name)
    this.send('updateOpen', { closedFiles: [this.file(name)] })
  }

  text(name: string): string {
    return this.#texts.get(name) ?? ''
  }

  /** As typed: the buffer changes, the file doesn't. */
  edit(name: string, from: string, to: string): void {
    const text = this.text(name)
    const at = text.indexOf(from)
    if (at === -1) throw new Error(`${name} has no "${from}"`)
    this.apply(name, [{ start: place(text, at), end: place(text, at + from.length), newText: to }])
  }

  /** tsserver applies the changes of a list one after the other, so they go from the end. */
  apply(name: string, changes: readonly Change[]): void {
    const sorted = [...changes].sort((a, b) => b.start.line - a.start.line || b.start.offset - a.start.offset)
    let text = this.text(name)
    for (const { start, end, newText } of sorted)
      text = text.slice(0, offset(text, start)) + newText + text.slice(offset(text, end))
    this.#texts.set(name, text)
    this.send('updateOpen', { changedFiles: [{ fileName: this.file(name), textChanges: sorted }] })
  }

  diagnostics(name: string): Promise<ServerDiagnostic[]> {
    return this.ask('semanticDiagnosticsSync', { file: this.file(name) })
  }

  /** `WV1001 at 9:12-9:18` of ours; TypeScript's own by their number. */
  async shown(name: string): Promise<string[]> {
    const found = await this.diagnostics(name)
    return found.map(({ text, code, source, start, end }) => {
      const what = source === 'weave' ? text.split(' ')[0] : `TS${code}`
      return `${what} at ${start.line}:${start.offset}-${end.line}:${end.offset}`
    })
  }

  fixes(name: string, { start, end, code }: ServerDiagnostic): Promise<CodeFix[]> {
    const { line: startLine, offset: startOffset } = start
    const { line: endLine, offset: endOffset } = end
    return this.ask('getCodeFixes', {
      file: this.file(name),
      startLine,
      startOffset,
      endLine,
      endOffset,
      errorCodes: [code],
    })
  }

  /** Where `marker` begins in the buffer, `into` further. */
  at(name: string, marker: string, into = 0): { file: string; line: number; offset: number } {
    const text = this.text(name)
    const found = text.indexOf(marker)
    if (found === -1) throw new Error(`${name} has no "${marker}"`)
    return { file: this.file(name), ...place(text, found + into) }
  }

  file(name: string): string {
    return this.#workspace.path(name)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#kill()
  }
}

function place(text: string, at: number): { line: number; offset: number } {
  const before = text.slice(0, at).split('\n')
  return { line: before.length, offset: before.at(-1)!.length + 1 }
}

function offset(text: string, { line, offset }: { line: number; offset: number }): number {
  const lines = text.split('\n')
  return lines.slice(0, line - 1).reduce((sum, each) => sum + each.length + 1, 0) + offset - 1
}
