/** Starts apps/main.ts as a process and reads what it prints, line by line. */
import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'

export interface Ended {
  code: number | null
  signal: NodeJS.Signals | null
  stdout: string
  stderr: string
}

export class Child {
  readonly process: ChildProcess
  readonly ended: Promise<Ended>
  stdout = ''
  stderr = ''
  readonly #waiting = new Set<() => void>()

  constructor(mode: string, env: Record<string, string> = {}) {
    const file = join(import.meta.dirname, 'apps', 'main.ts')
    this.process = spawn(process.execPath, [file, mode], { env: { ...process.env, ...env }, cwd: import.meta.dirname })
    this.process.stdout!.on('data', (chunk) => this.#add('stdout', chunk))
    this.process.stderr!.on('data', (chunk) => this.#add('stderr', chunk))
    this.ended = new Promise((resolve) => {
      this.process.on('close', (code, signal) => {
        for (const look of this.#waiting) look()
        resolve({ code, signal, stdout: this.stdout, stderr: this.stderr })
      })
    })
  }

  #add(stream: 'stdout' | 'stderr', chunk: Buffer): void {
    this[stream] += chunk.toString()
    for (const look of this.#waiting) look()
  }

  /** Resolves when `text` has been printed; rejects when the process ends without. */
  printed(text: string, stream: 'stdout' | 'stderr' = 'stdout'): Promise<void> {
    return new Promise((resolve, reject) => {
      const look = () => {
        if (this[stream].includes(text)) {
          this.#waiting.delete(look)
          resolve()
        } else if (this.process.exitCode !== null)
          reject(new Error(`ended without "${text}":\n${this.stdout}${this.stderr}`))
      }
      this.#waiting.add(look)
      look()
    })
  }
}
