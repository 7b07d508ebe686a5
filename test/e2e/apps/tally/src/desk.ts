import { once } from 'node:events'
import { openSync, writeSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { type Config, type Listener, type Main, WeaveError } from 'weavets'
import type { Tally } from './tally.ts'

export interface DeskConfig {
  folder: string
  workers: number
  keys: number
  /** Of each worker; 0: until it is stopped. */
  calls: number
  /** Keys of every second call. */
  hot?: string[]
  /** The replica's event loop is held by each call for so long. Default: 0. */
  holdMs?: number
}

/** Makes calls with keys one after the other, and writes down each with its answer. */
export class Desk implements Main {
  readonly #tally: Tally
  readonly #web: Listener
  readonly #config: DeskConfig
  readonly #file: number

  constructor(tally: Tally, web: Listener, config: Config<DeskConfig>) {
    this.#tally = tally
    this.#web = web
    this.#config = config
    this.#file = openSync(join(config.folder, 'answers'), 'a')
  }

  async main(signal: AbortSignal): Promise<void> {
    await this.#web.listen(createServer((request, response) => void this.#serve(request, response)))
    if (this.#config.workers === 0) await once(signal, 'abort')
    await Promise.all(Array.from({ length: this.#config.workers }, (_, worker) => this.#work(worker, signal)))
  }

  /** `/count?key=ada&hold=5`: one call. */
  async #serve({ url = '/' }: IncomingMessage, response: ServerResponse): Promise<void> {
    const { searchParams } = new URL(url, 'http://localhost')
    try {
      const count = await this.#tally.count(searchParams.get('key') ?? '', Number(searchParams.get('hold') ?? 0))
      response.end(JSON.stringify(count))
    } catch (error) {
      response.writeHead(503).end(String(error))
    }
  }

  async #work(worker: number, signal: AbortSignal): Promise<void> {
    const { workers, keys, calls, hot = [], holdMs = 0 } = this.#config
    // So that all keys are called in the first round, by one worker each.
    const first = Math.floor((worker * keys) / workers)
    let cold = 0
    for (let call = 0; !signal.aborted && (calls === 0 || call < calls); call++) {
      const isHot = hot.length > 0 && call % 2 === 1
      const key = isHot ? hot[(worker + call) % hot.length]! : `key-${(first + cold++) % keys}`
      const sentMs = performance.timeOrigin + performance.now()
      try {
        const { by, times } = await this.#tally.count(key, holdMs)
        this.#note(`${sentMs} ${key} ${by} ${times}`)
      } catch (error) {
        this.#note(`${sentMs} ${key} failed ${error instanceof WeaveError ? `${error.code} ${error.executed}` : error}`)
      }
      await turn()
    }
  }

  #note(line: string): void {
    writeSync(this.#file, `${line}\n`)
  }
}
