/**
 * How long a request has waited at this end before anybody looked at it. In go the chunks of one connection as they are read; out comes whether a
 * request of the last one is still worth beginning.
 *
 * A request waits in two places. In the kernel, while the process is busy: what is read now came after the socket was last seen empty, so it can't have
 * waited longer than the process has worked since. And in its chunk, behind those before it: the clock says, but not for each, since reading it
 * costs a twentieth of a small call. Both are upper bounds, and exact where it matters: when there is more to do than time.
 *
 * The idea is that of CoDel (Nichols and Jacobson, 2012), to judge a queue by the time that is spent in it and not by its length.
 */
import type { Clock } from '../../clock.ts'

/** What one read takes at the most: a longer queue leaves the chunk full. As the server's sockets are opened (network.ts). */
export const CHUNK_BYTES = 64 * 1024
/** Shorter than any queue that matters; the process is asked how busy it was no more often. */
const SAMPLE_MS = 10
/** A request of a chunk in this many reads the clock: with 5 ms of work each, the answer is 80 ms old at the worst. A power of two. */
const REQUESTS_A_LOOK = 16

export class Backlog {
  readonly #clock: Clock
  readonly #queueMs: number
  /** When the socket was last seen empty, and how long the process had worked by then, or a little before. */
  #emptyAt: number
  #busyAtEmpty: number
  #sampledAt: number
  /** Of the last chunk. */
  #receivedAt = 0
  #queuedMs = 0
  #requests = 0
  #now = 0

  /** `queueMs`: the bound that the config sets; undefined: none but what callers have left. */
  constructor(clock: Clock, queueMs: number | undefined) {
    this.#clock = clock
    this.#queueMs = queueMs ?? Number.POSITIVE_INFINITY
    this.#sampledAt = clock.now()
    this.#emptyAt = this.#sampledAt
    this.#busyAtEmpty = clock.busy()
  }

  received(bytes: number, now: number): void {
    this.#receivedAt = now
    this.#requests = 0
    const isEmpty = bytes < CHUNK_BYTES
    if (now - this.#sampledAt < SAMPLE_MS) this.#queuedMs = 0
    else {
      const busy = this.#clock.busy()
      this.#queuedMs = Math.min(now - this.#emptyAt, busy - this.#busyAtEmpty)
      if (isEmpty) {
        this.#busyAtEmpty = busy
        this.#sampledAt = now
      }
    }
    if (isEmpty) this.#emptyAt = now
  }

  /**
   * Milliseconds that a request of the last chunk has waited whose caller waits `remainingMs` more, when that is too long: longer than the bound that
   * the config sets, or than half of what its caller has left, so that it would hardly be answered in time. Else 0.
   */
  tooLate(remainingMs: number): number {
    if ((++this.#requests & (REQUESTS_A_LOOK - 1)) === 0) this.#now = this.#clock.now()
    const waited = this.#queuedMs + Math.max(0, this.#now - this.#receivedAt)
    return waited > remainingMs / 2 || waited > this.#queueMs ? waited : 0
  }
}
