/**
 * Routing keys of one deployment. In: groups, what processes tell of calls by key. Out: who owns what (owners.ts), changed when load asks for it
 * (balancer.ts), and what is shown of that.
 */
import type { Clock, Timer } from '../../runtime/clock.ts'
import type { RoutingSettings } from '../../runtime/config/configuration.ts'
import { LIMITS } from '../../runtime/limits.ts'
import type { Manifest } from '../../runtime/manifest.ts'
import { shortName } from '../../runtime/names.ts'
import type { DeployEvent } from '../events.ts'
import { DEPLOYER_LIMITS } from '../limits.ts'
import { type Group, processName } from '../placement.ts'
import { type Balancing, rebalance } from './balancer.ts'
import { KeyLoad } from './load.ts'
import { KeyOwners } from './owners.ts'
import { changedShare, type Owners, slicesOf } from './slices.ts'

export interface KeysOptions {
  clock: Clock
  manifest: Manifest
  groups: readonly Group[]
  routing: RoutingSettings
  /** Another deployer has rebalanced them before, nobody knows when. */
  takesOver: boolean
  /** Share of the time in which the event loop of the process is busy. */
  busy: (process: string) => number
  /** Another replica owns some keys of the group: to be kept. */
  changed: () => void
  /** And to be told. */
  tell: (group: Group) => void
  emit: (event: DeployEvent) => void
}

/** What a replica owns of the routing keys of its group, as it is shown. */
export interface OwnedKeys {
  slices: number
  /** Of all keys, 0 to 1. */
  share: number
  callsPerSecond: number
}

/** Of a group whose calls are routed by key, as it is shown. */
export interface KeysStatus {
  /** Load of the replica that has most, as a multiple of the mean; null until it was looked at. */
  imbalance: number | null
  /** Why keys stay where they are though load is uneven, or why they have moved last; may be empty. */
  why: string
}

interface Change {
  owners: Owners
  found: Extract<Balancing, { kind: 'rebalanced' }>
}

interface Known {
  imbalance: number
  /** When they were rebalanced last, and why. */
  changedMs: number
  changed: string
  held: string
}

export class Keys {
  readonly owners: KeyOwners
  readonly load: KeyLoad
  readonly #options: KeysOptions
  readonly #stateful: ReadonlySet<string>
  readonly #known = new WeakMap<Group, Known>()
  /** As if they had been rebalanced then. */
  readonly #beganMs: number
  #timer: Timer | undefined

  constructor(options: KeysOptions) {
    const { manifest } = options
    const routed = manifest.components.filter((component) => component.routed).map(({ name }) => name)
    this.#options = options
    this.#beganMs = options.takesOver ? options.clock.now() : Number.NEGATIVE_INFINITY
    this.#stateful = new Set(manifest.components.filter(({ stateful }) => stateful).map(({ name }) => name))
    this.load = new KeyLoad(routed)
    this.owners = new KeyOwners({
      routed: new Set(routed),
      calls: (group) => this.load.of(group.components),
      changed: () => options.changed(),
    })
  }

  start(): void {
    this.#timer = this.#options.clock
      .setTimeout(() => {
        this.start()
        this.load.close()
        for (const group of this.#options.groups) this.#look(group)
      }, LIMITS.keyedMs)
      .unref()
  }

  stop(): void {
    this.#timer?.cancel()
  }

  #look(group: Group): void {
    const owners = this.owners.of(group)
    if (owners === undefined) return
    const { clock, busy, routing } = this.#options
    const { churnMax = DEPLOYER_LIMITS.churnMax } = routing
    const known = this.#known.get(group) ?? { imbalance: 1, changedMs: this.#beganMs, changed: '', held: '' }
    this.#known.set(group, known)
    const found = rebalance(owners, {
      calls: this.load.of(group.components),
      busy: (slot) => busy(processName(group, slot)),
      churnMax,
    })
    known.imbalance = found.imbalance
    known.held = found.kind === 'even' ? '' : this.#heldBy(group, clock.now() - known.changedMs)
    if (known.held !== '') return
    if (found.kind === 'held') known.held = found.why
    else if (found.kind === 'rebalanced') this.#change(group, known, { owners, found })
  }

  /** Why nothing moves whatever the load is, the last time being so long ago: a clause, or nothing. */
  #heldBy(group: Group, agoMs: number): string {
    const { rebalance: isOn = true, rebalanceEveryMs = DEPLOYER_LIMITS.rebalanceEveryMs } = this.#options.routing
    if (!isOn) return 'routing.rebalance is false in weave.config.ts'
    // What it keeps is worth more than balance.
    const stateful = group.components.find((name) => this.#stateful.has(name))
    if (stateful !== undefined) return `${shortName(stateful)} is @stateful`
    return agoMs < rebalanceEveryMs ? `not again for ${Math.ceil((rebalanceEveryMs - agoMs) / 1_000)} s` : ''
  }

  #change(group: Group, known: Known, { owners, found }: Change): void {
    const { clock, tell, emit } = this.#options
    this.owners.set(group, found.owners)
    tell(group)
    const [from, to] = [rounded(found.imbalance), rounded(found.after)]
    const keys = rounded(changedShare(owners, found.owners))
    const changed = `${percent(keys)} of keys moved, since the busiest replica had ${from} times the mean load; now ${to}`
    Object.assign(known, { imbalance: found.after, changedMs: clock.now(), changed })
    emit({ type: 'rebalanced', group: group.name, keys, from, to })
  }

  /** Undefined: nothing of the group is routed by key, or it has one replica. */
  status(group: Group): KeysStatus | undefined {
    if (this.owners.of(group) === undefined) return undefined
    const known = this.#known.get(group)
    if (known === undefined) return { imbalance: null, why: '' }
    const { imbalance, changed, held } = known
    return { imbalance: rounded(imbalance), why: held === '' ? changed : `not rebalanced: ${held}` }
  }

  /** Undefined: nothing is routed to it by key, or all is. */
  shown(group: Group | undefined, slot: number): OwnedKeys | undefined {
    const owners = group && this.owners.of(group)
    if (group === undefined || owners === undefined) return undefined
    const calls = this.load.of(group.components)
    return owned(owners, slot, calls)
  }
}

function owned(owners: Owners, slot: number, calls: Float64Array): OwnedKeys {
  let buckets = 0
  let came = 0
  for (const [bucket, owner] of owners.entries()) {
    if (owner !== slot) continue
    buckets++
    came += calls[bucket]!
  }
  return {
    slices: slicesOf(owners).filter((slice) => slice.slot === slot).length,
    share: rounded(buckets / owners.length),
    callsPerSecond: Math.round(KeyLoad.perSecond(came)),
  }
}

function percent(share: number): string {
  return `${Math.round(share * 1000) / 10} %`
}

function rounded(value: number): number {
  return Math.round(value * 1000) / 1000
}
