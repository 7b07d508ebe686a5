/**
 * One timer for the deadlines of many calls: takes note of each deadline, and calls `expire` when the nearest one noted has
 * come. A timer a call would cost a third of a small call (findings/perf.md); here a call costs one comparison, because the
 * timer is moved only when a deadline is nearer than all before it.
 */
import type { Clock, Timer } from '../clock.ts'

/** Shortest pause between two looks through a table, so that thousands of near deadlines don't cost as many looks. */
const SWEEP_MS_MIN = 2

export class DeadlineSweep {
  readonly #clock: Clock
  readonly #expire: (now: number) => number
  #timer: Timer | undefined
  #next = Number.POSITIVE_INFINITY

  /** `expire` fails what is due at `now` and gives the nearest deadline that is left, `Infinity` when there is none. */
  constructor(clock: Clock, expire: (now: number) => number) {
    this.#clock = clock
    this.#expire = expire
  }

  note(deadline: number): void {
    if (deadline < this.#next) this.#arm(deadline, this.#clock.now())
  }

  #arm(deadline: number, now: number): void {
    this.#timer?.cancel()
    this.#next = deadline
    this.#timer = this.#clock.setTimeout(() => this.#sweep(), Math.ceil(deadline - now))
  }

  #sweep(): void {
    this.#timer = undefined
    this.#next = Number.POSITIVE_INFINITY
    const now = this.#clock.now()
    const next = this.#expire(now)
    // `expire` may have run code that noted a deadline of its own.
    if (next < this.#next) this.#arm(Math.max(next, now + SWEEP_MS_MIN), now)
  }

  close(): void {
    this.#timer?.cancel()
    this.#timer = undefined
    this.#next = Number.POSITIVE_INFINITY
  }
}
