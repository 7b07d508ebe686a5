/** Time, as the runtime sees it; passed in, so that a test can hold it. Nothing in runtime/ asks for the time elsewhere, but log lines. */

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
