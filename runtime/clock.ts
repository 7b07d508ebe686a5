/** Time, as the runtime sees it; passed in, so that a test can hold it. Nothing in runtime/ asks for the time elsewhere, but log lines. */
import { performance } from 'node:perf_hooks'

export interface Clock {
  /** Milliseconds of a monotonic clock. */
  now(): number
  /** Milliseconds that the process has worked, and not waited for something to happen; it begins anywhere. */
  busy(): number
  /** Like the global one; delays beyond its range are cut to it. */
  setTimeout(callback: () => void, ms: number): Timer
}

export interface Timer {
  cancel(): void
  /** From here on the timer alone doesn't keep the process alive. */
  unref(): Timer
}

/**
 * Milliseconds from now to the next multiple of `everyMs`, `offsetMs` later. What a process does now and then is done at these times, so that it is done
 * together: to wake up takes an idle process 0.2 ms, which is more than what it does then.
 */
export function untilTurn(clock: Clock, everyMs: number, offsetMs = 0): number {
  const left = everyMs - ((clock.now() - offsetMs) % everyMs)
  return Math.ceil(left < EARLY_MS ? left + everyMs : left)
}

/** Timers are of whole milliseconds, and so may be early: what was meant for this turn is not done twice. */
const EARLY_MS = 2

const TIMEOUT_MS_MAX = 2 ** 31 - 1

class NodeTimer implements Timer {
  readonly #handle: NodeJS.Timeout

  constructor(callback: () => void, ms: number) {
    this.#handle = setTimeout(callback, Math.min(Math.max(ms, 0), TIMEOUT_MS_MAX))
  }

  cancel(): void {
    clearTimeout(this.#handle)
  }

  unref(): Timer {
    this.#handle.unref()
    return this
  }
}

export const systemClock: Clock = {
  now: () => performance.now(),
  // As `performance.eventLoopUtilization().active`, for a third of what that costs.
  busy: () => performance.now() - performance.nodeTiming.idleTime,
  setTimeout: (callback, ms) => new NodeTimer(callback, ms),
}

/** Uniform in [0, 1). */
export type Random = () => number
