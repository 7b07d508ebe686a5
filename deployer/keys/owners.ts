/**
 * Who owns the routing keys of each group now. In: groups, and which of their processes are ready. Out: owners by bucket, kept in the group
 * itself, so that a deployer that takes over goes on with them. A replica gets keys when it is first ready, keeps them while it is
 * restarted, and loses them when it isn't wanted any more.
 */
import type { Group } from '../placement.ts'
import { equalOwners, fromRuns, type Owners, slotsIn, toRuns, withOne, without } from './slices.ts'

export interface KeyOwnersOptions {
  /** Components with routing keys. */
  routed: ReadonlySet<string>
  /** What has come lately in each bucket of the group's keys. */
  calls: (group: Group) => Float64Array
  /** They are other ones than before. */
  changed: (group: Group) => void
}

export class KeyOwners {
  readonly routed: ReadonlySet<string>
  readonly #options: KeyOwnersOptions
  readonly #owners = new WeakMap<Group, Owners>()

  constructor(options: KeyOwnersOptions) {
    this.routed = options.routed
    this.#options = options
  }

  /** Undefined: calls of the group have no keys, or there is nothing to choose. */
  of(group: Group): Owners | undefined {
    return group.replicas > 1 && group.components.some((name) => this.routed.has(name))
      ? this.#owners.get(group)
      : undefined
  }

  /** `ready`: slots of its processes that are. */
  update(group: Group, ready: readonly number[]): void {
    if (!group.components.some((name) => this.routed.has(name))) return
    const known = this.#owners.get(group) ?? (group.slices && fromRuns(group.slices))
    // At the start all that will be there: each key waits for its own.
    let owners = known ?? equalOwners(group.replicas)
    const calls = this.#options.calls(group)
    const owning = slotsIn(owners)
    const joining = ready.filter((slot) => slot < group.replicas && !owning.includes(slot))
    for (const slot of joining) owners = withOne(owners, slot, calls)
    for (const slot of owning) if (slot >= group.replicas) owners = without(owners, slot, calls)
    this.set(group, owners)
  }

  set(group: Group, owners: Owners): void {
    if (this.#owners.get(group) === owners) return
    this.#owners.set(group, owners)
    const runs = toRuns(owners)
    if (String(group.slices) === String(runs)) return
    group.slices = runs
    this.#options.changed(group)
  }
}
