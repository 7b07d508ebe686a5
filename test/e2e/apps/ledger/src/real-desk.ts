import type { Desk, Entry, Ledger } from './ledger.ts'

export class RealDesk implements Desk {
  readonly #ledger: Ledger

  constructor(ledger: Ledger) {
    this.#ledger = ledger
  }

  enter(entry: Entry): Promise<number> {
    return this.#ledger.enter(entry)
  }
}
