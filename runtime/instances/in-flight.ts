/**
 * How many calls one instance of a component is busy with, so that it is stopped when they have ended and not before. Calls from other
 * processes are counted always (dispatcher.ts), so are co-located ones that carry a signal or streams (local-call.ts). Other co-located
 * calls cost nanoseconds and are counted only where somebody will ask: of a component that is about to leave the process, and always of one that hands its
 * state over (linker.ts).
 */
export class InFlight {
  #count = 0
  #waiting: (() => void)[] = []

  get count(): number {
    return this.#count
  }

  begin(): void {
    this.#count++
  }

  end(): void {
    if (--this.#count > 0 || this.#waiting.length === 0) return
    for (const resolve of this.#waiting.splice(0)) resolve()
  }

  /** Resolves when no call is in flight. */
  idle(): Promise<void> {
    if (this.#count === 0) return Promise.resolve()
    return new Promise((resolve) => {
      this.#waiting.push(resolve)
    })
  }
}
