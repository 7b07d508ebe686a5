/**
 * Routing keys of one deployment. In: groups, what processes tell of calls by key. Out: who owns what (owners.ts), changed when load asks for it
 * (balancer.ts), and what is shown of that.
 */
import type { Clock, Timer } from '../../runtime/clock.ts'
import { LIMITS } from '../../runtime/limits.ts'
import type { Manifest } from '../../runtime/manifest.ts'
import type { DeployEvent } from '../events.ts'
import { DEPLOYER_LIMITS } from '../limits.ts'
import { type Group, processName } from '../placement.ts'
import { rebalance } from './balancer.ts'
import { KeyLoad } from './load.ts'
import { KeyOwners } from './owners.ts'
import { changedShare, type Owners, slicesOf } from './slices.ts'

export interface KeysOptions {
  clock: Clock
  manifest: Manifest
  groups: readonly Group[]
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

export class Keys {
  readonly owners: KeyOwners
  readonly load: KeyLoad
  readonly #options: KeysOptions
  readonly #stateful: ReadonlySet<string>
  readonly #changedMs = new Map<string, number>()
  #timer: Timer | undefined

  constructor(options: KeysOptions) {
    const { manifest } = options
    const routed = manifest.components.filter((component) => component.routed).map(({ name }) => name)
    this.#options = options
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
    const { clock, busy, tell, emit } = this.#options
    const owners = this.owners.of(group)
    const now = clock.now()
    // What a component keeps that is @stateful is worth more than balance.
    if (owners === undefined || group.components.some((name) => this.#stateful.has(name))) return
    if (now - (this.#changedMs.get(group.name) ?? Number.NEGATIVE_INFINITY) < DEPLOYER_LIMITS.rebalanceEveryMs) return
    const found = rebalance(owners, this.load.of(group.components), (slot) => busy(processName(group, slot)))
    if (found === undefined) return
    this.#changedMs.set(group.name, now)
    this.owners.set(group, found.owners)
    tell(group)
    const [from, to] = [rounded(found.before), rounded(found.after)]
    emit({ type: 'rebalanced', group: group.name, keys: rounded(changedShare(owners, found.owners)), from, to })
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

function rounded(value: number): number {
  return Math.round(value * 1000) / 1000
}
