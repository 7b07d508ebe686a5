/**
 * The fixture's customers from within the bench, at a rate that may be changed while they come, counted by window: a run of the load command for each
 * window would leave gaps, and moves have to be made under load. In: where the shop is. Out: what pages came to since the last window.
 */
import { Agent } from 'node:http'
import type { Pace } from '../../fixtures/boutique/load/pace.ts'
import { seeded } from '../../fixtures/boutique/load/random.ts'
import { Shopper } from '../../fixtures/boutique/load/shopper.ts'
import { type LoadReport, Tally } from '../../fixtures/boutique/load/tally.ts'
import { user } from '../../fixtures/boutique/load/users.ts'
import { chooseVisit } from '../../fixtures/boutique/load/visits.ts'

/** At once, at most. */
const USERS = 200

export class Load {
  #tally = new Tally()
  #sinceMs = performance.now()
  #meanMs: number
  readonly #stop = new AbortController()
  readonly #agent = new Agent({ keepAlive: true, maxSockets: USERS })
  readonly #users: Promise<unknown>

  constructor(url: string, visitsPerSecond: number) {
    this.#meanMs = 1000 / visitsPerSecond
    const begunMs = performance.now()
    const nowMs = () => performance.now() - begunMs
    let nextMs = 0
    const pace: Pace = () => {
      const thisMs = nextMs
      nextMs += this.#meanMs
      return thisMs
    }
    const tally = {
      visit: () => this.#tally.visit(),
      page: (...page: Parameters<Tally['page']>) => this.#tally.page(...page),
    } as Tally
    this.#users = Promise.all(
      Array.from({ length: USERS }, (_, index) => {
        const random = seeded(index + 2)
        const shopper = new Shopper({ target: new URL(url), agent: this.#agent, timeoutMs: 10_000 })
        const { signal } = this.#stop
        return user({ first: chooseVisit(random), shopper, pace, random, tally, nowMs, durationMs: 1e9, signal })
      }),
    )
  }

  set rate(visitsPerSecond: number) {
    this.#meanMs = 1000 / visitsPerSecond
  }

  /** Of the time since it was last asked. */
  window(): LoadReport {
    const report = this.#tally.report(performance.now() - this.#sinceMs, 0)
    this.#tally = new Tally()
    this.#sinceMs = performance.now()
    return report
  }

  async stop(): Promise<void> {
    this.#stop.abort()
    await this.#users
    this.#agent.destroy()
  }
}
