import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { Listener, Main } from 'weavets'
import { kept } from './kept.ts'
import type { Prices } from './prices.ts'

const DISHES = 6

/** A page has all dishes: of each a text that is kept here, and a price, which is asked for. */
export class Kitchen implements Main {
  readonly #prices: Prices
  readonly #web: Listener

  constructor(prices: Prices, web: Listener) {
    this.#prices = prices
    this.#web = web
  }

  async main(signal: AbortSignal): Promise<void> {
    await this.#web.listen(createServer((_, response) => void this.#page(response)))
    if (!signal.aborted) await once(signal, 'abort')
  }

  async #page(response: ServerResponse): Promise<void> {
    try {
      let sum = 0
      for (let dish = 0; dish < DISHES; dish++) sum += kept(`text of ${dish}`) + (await this.#prices.of(dish))
      response.end(String(sum))
    } catch (error) {
      response.writeHead(503).end(String(error))
    }
  }
}
