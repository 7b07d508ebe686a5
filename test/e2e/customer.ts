/** Asks for a page again and again, one after the other, until it leaves; knows which statuses there were. */
export class Customer {
  readonly statuses = new Set<number>()
  #stays = true
  readonly #served: Promise<void>

  constructor(url: string) {
    this.#served = this.#visit(url)
    // It is told of in `leave`.
    this.#served.catch(() => {})
  }

  async #visit(url: string): Promise<void> {
    while (this.#stays) {
      const page = await fetch(url)
      await page.arrayBuffer()
      this.statuses.add(page.status)
    }
  }

  /** Resolves when the last page has come; rejects when one never did. */
  leave(): Promise<void> {
    this.#stays = false
    return this.#served
  }
}
