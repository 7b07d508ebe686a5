/**
 * The workspace in a thread of its own: an analysis takes as long as it takes, and meanwhile every message between the editor and
 * TypeScript passes through the main thread. Questions are answered in the order in which they were asked, so a question
 * that follows an edit sees it. An error of ours answers one question, and never ends the server.
 */
import { type MessagePort, parentPort, Worker, workerData } from 'node:worker_threads'
import { EditorWorkspace, type WorkspaceInput } from './workspace.ts'

type Asked = 'diagnostics' | 'hover' | 'completion' | 'actions'
type Told = 'setBuffer' | 'filesChanged'

interface Question {
  readonly id: number | undefined
  readonly method: Asked | Told
  readonly args: unknown[]
}

type Answer =
  | { readonly kind: 'result'; readonly id: number; readonly value: unknown }
  | { readonly kind: 'error'; readonly id: number | undefined; readonly text: string }
  | { readonly kind: 'log'; readonly text: string }

export interface WorkerData {
  readonly typescript: string | undefined
}

const ENDED = 'the thread of the analysis has ended'

export interface ThreadEvents {
  log(text: string): void
  ended(): void
}

/** What the main thread holds: a workspace whose answers are promises. */
export class WorkspaceThread {
  readonly #worker: Worker
  readonly #waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>()
  #next = 0
  #ended = false

  /** `ended`: it ended by itself (out of memory, most likely); what was asked is rejected, and so is all that will be. */
  constructor(entry: URL, data: WorkerData, { log, ended }: ThreadEvents) {
    this.#worker = new Worker(entry, { workerData: data, stdout: true })
    this.#worker.on('message', (answer: Answer) => {
      if (answer.kind === 'log') return log(answer.text)
      const waiting = answer.id === undefined ? undefined : this.#waiting.get(answer.id)
      if (answer.id !== undefined) this.#waiting.delete(answer.id)
      if (answer.kind === 'result') waiting?.resolve(answer.value)
      else if (waiting === undefined) log(answer.text)
      else waiting.reject(new Error(answer.text))
    })
    this.#worker.on('error', (error) => log(`the thread of the analysis failed: ${error.stack ?? error.message}`))
    this.#worker.once('exit', () => {
      this.#ended = true
      for (const { reject } of this.#waiting.values()) reject(new Error(ENDED))
      this.#waiting.clear()
      ended()
    })
  }

  tell<M extends Told>(method: M, ...args: Parameters<EditorWorkspace[M]>): void {
    this.#worker.postMessage({ id: undefined, method, args } satisfies Question)
  }

  ask<M extends Asked>(method: M, ...args: Parameters<EditorWorkspace[M]>): Promise<ReturnType<EditorWorkspace[M]>> {
    if (this.#ended) return Promise.reject(new Error(ENDED))
    const id = this.#next++
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve: (value) => resolve(value as ReturnType<EditorWorkspace[M]>), reject })
      this.#worker.postMessage({ id, method, args } satisfies Question)
    })
  }

  async close(): Promise<void> {
    await this.#worker.terminate()
  }
}

/** What the worker's own file calls. */
export function serveWorkspace(input: Pick<WorkspaceInput, 'configProblems'>): void {
  const port: MessagePort | null = parentPort
  if (port === null) throw new Error('this file is the entry of a worker thread')
  const { typescript } = workerData as WorkerData
  const send = (answer: Answer): void => port.postMessage(answer)
  const workspace = new EditorWorkspace({ ...input, typescript, log: (text) => send({ kind: 'log', text }) })
  port.on('message', ({ id, method, args }: Question) => {
    try {
      // The cast: the other end's types have seen to it that the arguments are the method's.
      const value = (workspace[method] as (...args: unknown[]) => unknown).apply(workspace, args)
      if (id !== undefined) send({ kind: 'result', id, value })
    } catch (error) {
      send({ kind: 'error', id, text: error instanceof Error ? (error.stack ?? error.message) : String(error) })
    }
  })
}
