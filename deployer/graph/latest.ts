/**
 * What processes have told last: how things are now, not over a window. In: samples, as they come. Out: how busy an event loop is, and for a group the
 * calls that are made to it, wherever they wait, beside those that have come to run. What a process has not told for a while is nothing.
 */
import type { Clock } from '../../runtime/clock.ts'
import { LIMITS } from '../../runtime/limits.ts'
import { OUTSIDE } from '../../runtime/measure/entries.ts'
import type { EdgeRow, ReadSample } from './read.ts'

/** Samples come once a second, and two may be late. */
const FRESH_MS = 3 * LIMITS.sampleMs

/** One that runs tells every `sampleIdleMs` at least, so this one has ended. The next process of its group has another name. */
const GONE_MS = 3 * LIMITS.sampleIdleMs

/** Calls and requests a second. */
export interface Asked {
  made: number
  /** Those that are refused, or wait, are not among them. */
  begun: number
}

interface Told {
  atMs: number
  ms: number
  busy: number
  begun: number
  edges: EdgeRow[]
}

/** Time that the calls of a sample were made in. A process that has nothing to do tells nothing, so what it tells after a while is of the last second. */
function msOf({ ms, busy }: Told): number {
  return ms > FRESH_MS && busy < BLOCKED ? LIMITS.sampleMs : ms
}

/** One that was so busy has told nothing because it could not. */
const BLOCKED = 0.5

export class Latest {
  readonly #clock: Clock
  readonly #told = new Map<string, Told>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  take(process: string, { ms, process: own, begun, edges }: ReadSample): void {
    // The rest of one that was too long for a line.
    if (own === undefined) {
      this.#told.get(process)?.edges.push(...edges)
      return
    }
    const atMs = this.#clock.now()
    if (!this.#told.has(process)) this.#forgetEnded(atMs)
    this.#told.set(process, { atMs, ms, busy: own.active, begun, edges })
  }

  #forgetEnded(now: number): void {
    for (const [process, { atMs }] of this.#told) if (now - atMs > GONE_MS) this.#told.delete(process)
  }

  /** Share of the time in which the event loop of the process is busy; undefined when it has told nothing lately. */
  busy(process: string): number | undefined {
    return this.#fresh(process)?.busy
  }

  /** The same, however long ago that was. */
  busyThen(process: string): number | undefined {
    return this.#told.get(process)?.busy
  }

  /** Of a group with these components, in these processes. */
  asked(components: readonly string[], processes: readonly string[]): Asked {
    const asked: Asked = { made: 0, begun: 0 }
    for (const process of this.#told.keys()) {
      const told = this.#fresh(process)
      if (told === undefined) continue
      const isOwn = processes.includes(process)
      const perSecond = 1000 / msOf(told)
      if (isOwn) asked.begun += told.begun * perSecond
      for (const { caller, callee, calls, remote } of told.edges) {
        if (!components.includes(callee)) continue
        // Inside a process a call neither waits nor is counted where it runs.
        asked.made += (isOwn && caller !== OUTSIDE ? remote : calls) * perSecond
        if (caller === OUTSIDE) asked.begun += calls * perSecond
      }
    }
    return asked
  }

  #fresh(process: string): Told | undefined {
    const told = this.#told.get(process)
    return told !== undefined && told.ms > 0 && this.#clock.now() - told.atMs <= FRESH_MS ? told : undefined
  }
}
