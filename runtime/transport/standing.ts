/**
 * How a channel stands with those who choose one, and when it connects again: the same over sockets and over gRPC. In go the kinds of state that its
 * owner enters (client.ts of each transport has the states), greetings and refusals; out come what `Channel` promises, and pauses.
 *
 *   connecting → open → draining → closed
 *        ↑  ↘      ↓
 *        └── paused
 */
import type { WeaveError } from '../errors.ts'
import { LIMITS } from '../limits.ts'
import { overloaded } from './call.ts'
import type { PeerChannelOptions } from './peer.ts'

export type StandingKind = 'connecting' | 'open' | 'draining' | 'paused' | 'closed'

export class Standing {
  open = false
  coming = false
  /** Why the peer won't have us, when it said so. */
  refusal: WeaveError | undefined
  readonly #options: PeerChannelOptions
  /** Attempts to connect since the last one that succeeded. */
  #failures = 0

  constructor(options: PeerChannelOptions) {
    this.#options = options
  }

  /** Whoever chooses channels hears of what makes a difference. */
  entered(kind: StandingKind): void {
    const open = kind === 'open'
    const coming = kind === 'connecting' && this.#failures === 0
    if (open === this.open && coming === this.coming && !(kind === 'paused' && this.refusal)) return
    this.open = open
    this.coming = coming
    this.#options.changed()
  }

  /** The peer's greeting was good; `entered('open')` follows. */
  greeted(): void {
    this.refusal = undefined
    this.#failures = 0
  }

  /** One line in the log for a reason, however often it is given. */
  refused(reason: WeaveError): void {
    const { process, log } = this.#options
    if (this.refusal?.message !== reason.message)
      log.error('a connection was refused', { to: process, reason: reason.message })
    this.refusal = reason
  }

  /** A port that the process had may be another's by now. Calls wait: new routes are on their way. */
  isExpected(found: string): boolean {
    const { process, address, log } = this.#options
    if (found === process) return true
    log.warn('another process answers at an address', { address, expected: process, found })
    return false
  }

  /** Until the next attempt, which this one's failure leads to. */
  pauseMs(): number {
    const failures = this.#failures++
    // The first attempt after a connection that worked is made at once: the peer may have closed an old one only.
    if (failures === 0) return 0
    if (this.refusal) return LIMITS.reconnectMsMax
    return (
      Math.min(LIMITS.reconnectMs * 2 ** (failures - 1), LIMITS.reconnectMsMax) * (0.5 + this.#options.random() / 2)
    )
  }

  /** Of a call that would be one too many. */
  full(what: string): WeaveError {
    const { process } = this.#options
    return overloaded(
      `Process "${process}" is behind: ${what}, which is the limit; call less at once, or add replicas.`,
    )
  }
}
