/** A clock that a test moves by hand. */
import type { Clock, Timer } from '../../runtime/clock.ts'

interface Pending {
  at: number
  callback: () => void
}

export class FakeClock implements Clock {
  #now = 1_000
  #busy = 0
  readonly #pending = new Set<Pending>()

  now(): number {
    return this.#now
  }

  busy(): number {
    return this.#busy
  }

  setTimeout(callback: () => void, ms: number): Timer {
    const pending = { at: this.#now + Math.max(0, ms), callback }
    this.#pending.add(pending)
    const timer: Timer = { cancel: () => void this.#pending.delete(pending), unref: () => timer }
    return timer
  }

  /** Runs what falls due, in order. */
  advance(ms: number): void {
    const until = this.#now + ms
    for (;;) {
      const next = [...this.#pending].filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)[0]
      if (next === undefined) break
      this.#pending.delete(next)
      this.#now = Math.max(this.#now, next.at)
      next.callback()
    }
    this.#now = until
  }

  /** Time passes while code runs: the process is busy, and nothing falls due. */
  pass(ms: number): void {
    this.#now += ms
    this.#busy += ms
  }

  get timers(): number {
    return this.#pending.size
  }
}
