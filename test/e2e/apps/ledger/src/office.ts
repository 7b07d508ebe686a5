import { openSync, writeSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { type Config, type Listener, type Main, WeaveError } from 'weavets'
import type { Counter } from './counter.ts'
import type { Desk, Ledger } from './ledger.ts'

/** Makes calls without a pause until it is stopped, and writes down each: before it is made, and what has become of it. */
export class Office implements Main {
  readonly #ledger: Ledger
  readonly #desk: Desk
  readonly #counter: Counter
  readonly #web: Listener
  readonly #workers: number
  readonly #file: number
  #calls = 0

  constructor(
    ledger: Ledger,
    desk: Desk,
    counter: Counter,
    web: Listener,
    config: Config<{ folder: string; workers: number }>,
  ) {
    this.#ledger = ledger
    this.#desk = desk
    this.#counter = counter
    this.#web = web
    this.#workers = config.workers
    this.#file = openSync(join(config.folder, 'made'), 'a')
  }

  async main(signal: AbortSignal): Promise<void> {
    await this.#web.listen(createServer((_, response) => response.end(String(this.#calls))))
    const workers = Array.from({ length: this.#workers }, (_, index) => this.#work(index, signal))
    const counters = [0, 1].map((index) => this.#count(index, signal))
    await Promise.all([...workers, ...counters, this.#read(signal)])
  }

  async #work(index: number, signal: AbortSignal): Promise<void> {
    const to = index % 2 === 0 ? this.#ledger : this.#desk
    while (!signal.aborted) {
      const entry = { id: `${process.pid}.${index}.${this.#calls++}`, by: 'office' }
      const { id } = entry
      this.#note(id, 'made')
      try {
        const entered = to.enter(entry)
        entry.id = 'changed after the call'
        await entered
        this.#note(id, 'done')
      } catch (error) {
        const said = error instanceof WeaveError ? `${error.executed} ${error.code}` : `other ${error}`
        this.#note(id, said)
      }
      await turn()
    }
  }

  /** Each answer must be one more than the last: no call is lost, and none runs twice, wherever the count is. */
  async #count(index: number, signal: AbortSignal): Promise<void> {
    const id = `${process.pid}.${index}.count`
    let last = 0
    while (!signal.aborted) {
      try {
        const count = await this.#counter.add(id)
        if (count !== last + 1) this.#note(id, `wrong: ${count} after ${last}`)
        last = count
      } catch (error) {
        this.#note(id, `failed: ${error}`)
      }
      await turn()
    }
    this.#note(id, `counted ${last}`)
  }

  /** One stream after the other: each must be whole. */
  async #read(signal: AbortSignal): Promise<void> {
    for (let stream = 0; !signal.aborted; stream++) {
      const id = `${process.pid}.stream.${stream}`
      let next = 0
      try {
        for await (const number of this.#ledger.numbers(100)) if (number === next) next++
        this.#note(id, next === 100 ? 'whole' : `broken at ${next}`)
      } catch (error) {
        this.#note(id, `cut ${error instanceof WeaveError ? error.code : error}`)
      }
    }
  }

  #note(id: string, what: string): void {
    writeSync(this.#file, `${id} ${what}\n`)
  }
}
