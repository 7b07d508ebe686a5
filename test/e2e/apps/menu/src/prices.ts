/** Prices of dishes, each looked up in what this process keeps (kept.ts). */
import type { Component } from 'weavets'
import { kept } from './kept.ts'

export interface Prices extends Component {
  /** @idempotent */
  of(dish: number): Promise<number>
}

export class KeptPrices implements Prices {
  async of(dish: number): Promise<number> {
    return kept(`price of ${dish}`)
  }
}
