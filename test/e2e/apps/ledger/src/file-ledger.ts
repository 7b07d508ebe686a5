import { appendFileSync, closeSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Config } from 'weavets'
import { accident } from './accident.ts'
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
    return accident(this.#folder, 'start')
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
    await accident(this.#folder, 'stop')
    this.#note('-')
    closeSync(this.#file)
  }
}
