/**
 * A component that never stays: while a test runs it goes from App to App, as a deployer moves it, with real sockets between them. What
 * is in flight ends where it began, and the next call finds it wherever it is by then; one of the Apps is the caller's own.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { App } from '../../runtime/app.ts'
import { replica } from './shop.ts'

export interface Place {
  process: string
  app: App
  address: string
}

export class Moving {
  readonly #component: string
  readonly #places: readonly Place[]
  #at = 0
  #stopped = false
  #moves: Promise<void> | undefined
  /** So often it has moved. */
  moves = 0

  /** It lives in the first of `places` at first; they take turns. */
  constructor(component: string, places: readonly Place[]) {
    this.#component = component
    this.#places = places
    for (const { app } of places.slice(1)) this.#lead(app, places[0]!)
  }

  begin(): void {
    this.#moves = this.#run()
  }

  /** It stays where it is from now on. */
  async end(): Promise<void> {
    this.#stopped = true
    await this.#moves
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      await this.#move()
      // Long enough for some calls.
      await sleep(1)
    }
  }

  async #move(): Promise<void> {
    const [from, to] = [this.#places[this.#at]!, this.#places[(this.#at + 1) % this.#places.length]!]
    from.app.expectLeave(this.#component)
    await to.app.host(this.#component, undefined)
    for (const { app } of this.#places) this.#lead(app, to)
    // Not waited for: calls that a test never ends would hold the next move up.
    void from.app.retire(this.#component)
    this.#at = (this.#at + 1) % this.#places.length
    this.moves++
  }

  #lead(app: App, { process, address }: Place): void {
    app.route(this.#component, [replica(address, { process })])
  }
}
