/** A command that goes on running: its output by lines, to be waited for, and its end. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cleanEnvironment, type Project, weave } from '../hosts/project.ts'

export class Running implements AsyncDisposable {
  readonly child: ChildProcess
  readonly exit: Promise<number | null>
  stdout = ''
  stderr = ''
  readonly #waiting = new Set<() => void>()
  #ended = false

  constructor(project: Project, ...args: string[]) {
    this.child = spawn(process.execPath, [weave, ...args], {
      cwd: project.folder,
      env: cleanEnvironment(),
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.child.stdout!.setEncoding('utf8').on('data', (text: string) => {
      this.stdout += text
      this.#look()
    })
    this.child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text
      this.#look()
    })
    this.exit = once(this.child, 'close').then(([code]) => {
      this.#ended = true
      this.#look()
      return code as number | null
    })
  }

  /** Resolves to the match once what was printed so far has it; rejects when the command ends without. */
  async until(pattern: RegExp, times = 1): Promise<RegExpExecArray> {
    const all = new RegExp(pattern, 'g')
    for (;;) {
      const found = [...`${this.stdout}\n${this.stderr}`.matchAll(all)]
      if (found.length >= times) return found[times - 1]!
      if (this.#ended) throw new Error(`it ended without ${pattern}:\n${this.stdout}\n${this.stderr}`)
      await new Promise<void>((resolve) => this.#waiting.add(resolve))
    }
  }

  stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    if (!this.#ended) this.child.kill(signal)
    return this.exit
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
  }

  #look(): void {
    for (const wake of this.#waiting) wake()
    this.#waiting.clear()
  }
}
