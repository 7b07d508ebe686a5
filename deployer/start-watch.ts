/** Says which processes aren't ready while a deployment starts, at times that double: silence looks like a hang. */
import type { Clock, Timer } from '../runtime/clock.ts'
import type { DeployEvent } from './events.ts'
import { DEPLOYER_LIMITS } from './limits.ts'
import type { Members } from './members.ts'

export class StartWatch {
  readonly #members: Members
  readonly #clock: Clock
  readonly #emit: (event: DeployEvent) => void
  readonly #sinceMs: number
  #timer: Timer | undefined

  constructor(members: Members, clock: Clock, emit: (event: DeployEvent) => void) {
    this.#members = members
    this.#clock = clock
    this.#emit = emit
    this.#sinceMs = clock.now()
  }

  /** Since the deployment began. */
  get durationMs(): number {
    return Math.round(this.#clock.now() - this.#sinceMs)
  }

  begin(ms: number = DEPLOYER_LIMITS.startWarningMs): void {
    this.#timer = this.#clock.setTimeout(() => {
      const late = [...this.#members].filter(({ supervisor }) => supervisor.state.kind !== 'ready')
      const processes = late.map(({ supervisor: { name, starting } }) => ({
        process: name,
        component: starting ?? null,
      }))
      const { durationMs } = this
      this.#emit({ type: 'waiting', durationMs, processes })
      this.begin(durationMs)
    }, ms)
  }

  end(): void {
    this.#timer?.cancel()
  }
}
