/**
 * Replicas that follow load. In: groups, once a second how busy their processes are. Out: other numbers of replicas, where weave.config.ts
 * allows several (ranges.ts), as controller.ts decides; and what is shown of that. While components move, nothing changes.
 */
import { type Clock, type Timer, untilTurn } from '../../runtime/clock.ts'
import type { ReplicaRange } from '../../runtime/config/configuration.ts'
import { WeaveError } from '../../runtime/errors.ts'
import { LIMITS } from '../../runtime/limits.ts'
import type { Group } from '../placement.ts'
import { decide, NOTHING, type Remembered, type Seen } from './controller.ts'

export interface ScalerOptions {
  clock: Clock
  groups: readonly Group[]
  range: (group: Group) => ReplicaRange | undefined
  /** How busy the event loop of each of the group's ready processes is, what is asked of them, and whether all is as it should be. */
  seen: (group: Group) => Pick<Seen, 'busy' | 'made' | 'begun' | 'settled'>
  spareCores: () => number
  /** Not now: something else changes the deployment. */
  isHeld: () => boolean
  scale: (group: Group, to: number, why: string) => void
}

/** Of a group whose replicas follow load, as it is shown. */
export interface ScalingStatus extends ReplicaRange {
  /** Mean of its replicas' event loops, 0 to 1; null while nobody can say. */
  busy: number | null
  /** Why it doesn't change though it should, or why it has changed last; may be empty. */
  why: string
}

interface Known {
  remembered: Remembered
  changed: string
  held: string
}

export class Scaler {
  readonly #options: ScalerOptions
  readonly #known = new WeakMap<Group, Known>()
  #timer: Timer | undefined

  constructor(options: ScalerOptions) {
    this.#options = options
  }

  start(): void {
    const { clock } = this.#options
    this.#timer = clock
      .setTimeout(
        () => {
          this.start()
          this.#look()
        },
        untilTurn(clock, LIMITS.sampleMs),
      )
      .unref()
  }

  stop(): void {
    this.#timer?.cancel()
  }

  status(group: Group): ScalingStatus | undefined {
    const range = this.#options.range(group)
    if (range === undefined) return undefined
    const { remembered = NOTHING, changed = '', held = '' } = this.#known.get(group) ?? {}
    return { ...range, busy: remembered.looks.at(-1)?.busy ?? null, why: held === '' ? changed : held }
  }

  #look(): void {
    const { groups, range, seen, spareCores, isHeld, scale } = this.#options
    const spare = spareCores()
    if (isHeld()) return
    for (const group of [...groups]) {
      const allowed = range(group)
      if (allowed === undefined) continue
      const known = this.#known.get(group) ?? { remembered: NOTHING, changed: '', held: '' }
      const now = seen(group)
      const { remembered, to, why } = decide(known.remembered, {
        range: allowed,
        replicas: group.replicas,
        spareCores: spare,
        ...now,
      })
      const next = { remembered, changed: known.changed, held: to === undefined ? why : '' }
      this.#known.set(group, next)
      if (to === undefined) continue
      next.changed = `from ${group.replicas} to ${to}: ${why}`
      try {
        scale(group, to, why)
      } catch (error) {
        if (!(error instanceof WeaveError)) throw error
        Object.assign(next, { changed: known.changed, held: error.message })
      }
    }
  }
}
