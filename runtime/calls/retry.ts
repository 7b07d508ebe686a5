/**
 * When a call may be made again. In go what has been called and repeated so far; out comes whether one more repetition is within the budget, and
 * after which pause.
 *
 * A budget, because repetitions multiply: when everything is slow, callers that try four times make four times the load. It is a share of the
 * calls that were made, and a trickle for edges that make few (the form of Finagle's `RetryBudget` and of gRPC's retry throttling, gRFC A6).
 */
import type { Random } from '../clock.ts'
import { LIMITS } from '../limits.ts'

export class RetryBudget {
  #tokens: number = LIMITS.retryBurst
  #calls = 0
  #lookedAt: number

  constructor(now: number) {
    this.#lookedAt = now
  }

  /** Takes what one repetition costs; false when there is nothing left. `calls`: how many were made in all. */
  take(now: number, calls: number): boolean {
    const earned = (calls - this.#calls) * LIMITS.retryShare + ((now - this.#lookedAt) / 1000) * LIMITS.retriesPerSecond
    this.#tokens = Math.min(LIMITS.retryBurst, this.#tokens + earned)
    this.#calls = calls
    this.#lookedAt = now
    if (this.#tokens < 1) return false
    this.#tokens--
    return true
  }
}

/** Before attempt number `attempt` + 1: doubled each time, capped, full jitter. */
export function pauseMs(attempt: number, random: Random): number {
  return Math.min(LIMITS.retryBackoffMs * 2 ** (attempt - 1), LIMITS.retryBackoffMsMax) * random()
}
