import { appendFileSync, closeSync, existsSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Config } from 'weavets'
import type { Entry, Ledger } from './ledger.ts'

export class FileLedger implements Ledger {
  readonly #folder: string
  readonly #file: number
  #entries = 0

  constructor(config: Config<{ folder: string }>) {
    this.#folder = config.folder
    this.#file = openSync(join(config.folder, 'ran'), 'a')
    this.#note('+')
  }

  start(): Promise<void> {
    return this.#killDeployer('start')
  }

  /** For a test in which a deployer dies while this one starts, or stops. */
  async #killDeployer(stage: 'start' | 'stop'): Promise<void> {
    const file = join(this.#folder, `kill-at-${stage}`)
    if (!existsSync(file)) return
    const pid = Number(readFileSync(file, 'utf8'))
    rmSync(file)
    process.kill(pid, 'SIGKILL')
    await sleep(50)
  }

  #note(what: '+' | '-'): void {
    appendFileSync(join(this.#folder, 'lives'), `${what}${process.pid}\n`)
  }

  async enter(entry: Entry): Promise<number> {
    writeSync(this.#file, `${entry.id}\n`)
    const number = ++this.#entries
    // Some take a moment, so that there is always one in flight.
    if (number % 4 === 0) await sleep(number % 16)
    return number
  }

  async owner(_key: string): Promise<number> {
    return process.pid
  }

  async *numbers(count: number): AsyncGenerator<number> {
    for (let number = 0; number < count; number++) {
      if (number % 10 === 9) await sleep(5)
      yield number
    }
  }

  async stop(): Promise<void> {
    await this.#killDeployer('stop')
    this.#note('-')
    closeSync(this.#file)
  }
}
