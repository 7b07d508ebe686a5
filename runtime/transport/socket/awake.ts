/**
 * Keeps the event loop awake for a moment after something has come over a socket, because what comes next is then met by a running process:
 * on one machine the kernel's waking of a sleeping one is most of what a call costs that others wait for. In: that something came, and
 * when. It polls by `setImmediate`, so other work goes on, and it costs the core that the process has; so it does that only where it is a win:
 *
 *   off   never
 *   on    after everything that comes, for `AWAKE_MS` at most
 *   auto  as `on`, while things come one after the other, and for as long as the evidence is for it (evidence.ts)
 *
 * An idle process costs nothing, and so does one that hears something now and then: its pauses are longer than it would stay awake for.
 * `WEAVE_POLLING` says which; `auto` is the default.
 */
import { systemClock } from '../../clock.ts'
import { scheduled } from '../../measure/loop.ts'
import { Evidence, type EvidenceOptions } from './evidence.ts'

export type Polling = 'off' | 'on' | 'auto'

/** A round trip on one machine takes 15 to 70 µs, the work of a small callee included. */
const AWAKE_MS = 0.2
/** Should the clock stand still. A turn takes a microsecond or two. */
const TURNS_MAX = 1_000
/** Pauses up to this are worth a try: many calls at once have as many to work on in between. What a try costs is bounded by `Evidence`. */
const TRY_MS = 1
/** One pause, however long, counts as this much, so that a process that becomes busy is awake after some dozens of messages. */
const PAUSE_MS_MAX = 8 * TRY_MS
/** Of the last pause in the average. */
const WEIGHT = 1 / 8

export interface AwakeOptions extends EvidenceOptions {
  polling: Polling
  /** Milliseconds of a monotonic clock. */
  now: () => number
  /** `setImmediate`. */
  nextTurn: (work: () => void) => void
}

export class Awake {
  /** The loop is kept awake now. */
  polling = false
  readonly #options: AwakeOptions
  readonly #evidence: Evidence
  readonly #turn = () => this.#poll()
  #last = Number.NEGATIVE_INFINITY
  /** Between things that came, on average. */
  #pauseMs = PAUSE_MS_MAX
  #until = 0
  /** Since something came. */
  #turns = 0

  constructor(options: AwakeOptions) {
    this.#options = options
    this.#evidence = new Evidence(options)
  }

  /** Something came at `now`. */
  heard(now: number): void {
    const { polling } = this.#options
    if (polling === 'off') return
    if (polling === 'auto') {
      const pause = Math.min(now - this.#last, PAUSE_MS_MAX)
      this.#last = now
      this.#pauseMs += (pause - this.#pauseMs) * WEIGHT
      if (this.#pauseMs >= TRY_MS) return
      if (!this.#evidence.isForIt(now, this.#turns)) {
        this.#until = now
        return
      }
    }
    this.#until = now + AWAKE_MS
    this.#turns = 0
    if (this.polling) return
    this.polling = true
    this.#options.nextTurn(this.#turn)
  }

  #poll(): void {
    if (++this.#turns < TURNS_MAX && this.#options.now() < this.#until) this.#options.nextTurn(this.#turn)
    else this.polling = false
  }
}

export function pollingOf(text: string | undefined): Polling {
  if (text === undefined || text === '') return 'auto'
  if (text === 'off' || text === 'on' || text === 'auto') return text
  throw new TypeError(`WEAVE_POLLING must be "auto", "on" or "off"; it is "${text}".`)
}

/** The process has one loop, whatever runs in it. */
export const awake = new Awake({
  polling: pollingOf(process.env.WEAVE_POLLING),
  now: () => systemClock.now(),
  nextTurn: setImmediate,
  // Not that of the loop's thread alone: Linux adds to that only at its ticks, 4 ms apart. A collector's threads hide some of what is lost.
  cpuMs: processCpuMs,
  // Elsewhere than on Linux: what the loop was awake for and had no CPU.
  waitedMs: () => scheduled()?.waitedMs ?? systemClock.busy() - processCpuMs(),
})

function processCpuMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1_000
}
