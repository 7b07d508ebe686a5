/**
 * Finds a peer that is silently gone: a process that was stopped, a machine without power, a cut cable. In goes a connection whose peer has been
 * greeted; a busy one proves itself, a silent one is asked, and one that stays silent fails. Either end does it, whatever it waits for.
 *
 * Looks are counted, not time: a process that was itself stopped for a while blames nobody, since it hears at its next look.
 */
import { type Clock, type Timer, untilTurn } from '../../clock.ts'
import { WeaveError } from '../../errors.ts'
import type { Logger } from '../../types.ts'
import { FRAME } from './frames.ts'

/** Looks without a sound before the one that gives up. Several, so that one long pause of the peer's collector is none. */
const PINGS_MAX = 3
/** What was heard right after one look is known at the next. */
const LOOKS = PINGS_MAX + 2

/** What is asked; a `Connection` is one. */
export interface Beating {
  /** Something was heard since this was last set to false. */
  heard: boolean
  signal(kind: typeof FRAME.ping): void
  fail(reason: WeaveError): void
}

export interface HeartbeatOptions {
  clock: Clock
  silenceMs: number
  log: Logger
  /** Name of the process at the other end. */
  peer: string
}

export class Heartbeat {
  readonly #connection: Beating
  readonly #clock: Clock
  readonly #silenceMs: number
  readonly #log: Logger
  readonly #peer: string
  #pingsUnanswered = 0
  #timer: Timer

  constructor(connection: Beating, { clock, silenceMs, log, peer }: HeartbeatOptions) {
    this.#connection = connection
    this.#clock = clock
    this.#silenceMs = silenceMs
    this.#log = log
    this.#peer = peer
    // It has greeted. The first look may come soon, since all of a process come at once.
    connection.heard = true
    this.#timer = this.#next()
  }

  stop(): void {
    this.#timer.cancel()
  }

  #next(): Timer {
    return this.#clock.setTimeout(() => this.#look(), untilTurn(this.#clock, this.#silenceMs / LOOKS)).unref()
  }

  #look(): void {
    const connection = this.#connection
    if (connection.heard) this.#pingsUnanswered = 0
    else if (this.#pingsUnanswered >= PINGS_MAX) {
      const text = `Process "${this.#peer}" said nothing for ${this.#silenceMs} ms, and left ${PINGS_MAX} pings unanswered.`
      this.#log.warn('a process is silent', { peer: this.#peer, silenceMs: this.#silenceMs })
      connection.fail(new WeaveError(text, { code: 'WV_UNAVAILABLE' }))
      return
    } else {
      this.#pingsUnanswered++
      connection.signal(FRAME.ping)
    }
    connection.heard = false
    this.#timer = this.#next()
  }
}
