/**
 * Where every component is, as told to the processes. In: changes of processes' states, and of what a group holds. Out: a `routes`
 * message to each connected process that calls it elsewhere, and only when something is different from what was said last. A
 * process that hosts a component is told of its other replicas where routing keys decide among them.
 */
import type { Replica } from '../runtime/process/control.ts'
import type { KeyOwners } from './keys/owners.ts'
import { ownedBy } from './keys/slices.ts'
import { type Group, processName } from './placement.ts'
import type { Request } from './requests.ts'
import type { Supervisor } from './supervisor.ts'

export interface RoutedProcess {
  readonly group: Group
  readonly slot: number
  readonly supervisor: Supervisor
}

type RoutesRequest = Extract<Request, { type: 'routes' }>

export class Routes {
  readonly #processes: Iterable<RoutedProcess>
  /** By component. */
  readonly #said = new Map<string, { home: Group; replicas: readonly Replica[] }>()
  /** Of components with routing keys, groups that have been told of their own replicas: they have to be told of every change. */
  readonly #sharded = new Map<string, Group>()
  readonly #routed: ReadonlySet<string>
  readonly #keys: KeyOwners
  #isEnding = false

  constructor(processes: Iterable<RoutedProcess>, groups: Iterable<Group>, keys: KeyOwners) {
    this.#processes = processes
    this.#routed = keys.routed
    this.#keys = keys
    for (const home of groups) for (const name of home.components) this.#said.set(name, { home, replicas: [] })
  }

  /** For an assignment. Later changes follow as messages. */
  seenBy(process: RoutedProcess): Record<string, Replica[]> {
    const routes: Record<string, Replica[]> = {}
    for (const [component, { home, replicas }] of this.#said) {
      if (this.#concerns(process.group, component, home)) routes[component] = [...replicas]
    }
    return routes
  }

  /** Nothing is started again: a process that drains is still called until it refuses calls, since others do work that it has begun. */
  end(): void {
    this.#isEnding = true
  }

  /**
   * A process of `group` has changed its state; or the group has other replicas, or other components: from now on it is the home
   * of each of them.
   */
  changed(group: Group): void {
    const all = this.#replicas(group)
    if (this.#isEnding && all.length === 0 && this.#drains(group)) return
    const withKeys = this.#withKeys(group, all)
    for (const component of group.components) {
      const replicas = this.#routed.has(component) ? withKeys : all
      const before = this.#said.get(component)
      if (before && before.home === group && same(replicas, before.replicas)) continue
      this.#said.set(component, { home: group, replicas })
      for (const { group: own, supervisor } of this.#processes) {
        if (!supervisor.connected || !this.#concerns(own, component, group)) continue
        supervisor.send({ type: 'routes', component, replicas })
      }
    }
  }

  /**
   * The group has become the home of these components, which others had taken for another's. Gives what has to be said, and to whom: also to
   * its own processes, whose calls of them still go to where they were.
   */
  moved(group: Group, components: readonly string[]): { supervisor: Supervisor; request: RoutesRequest }[] {
    const all = this.#replicas(group)
    const withKeys = this.#withKeys(group, all)
    const of = (component: string) => (this.#routed.has(component) ? withKeys : all)
    for (const component of components) this.#said.set(component, { home: group, replicas: of(component) })
    return [...this.#processes]
      .filter(({ supervisor }) => supervisor.connected)
      .flatMap(({ supervisor }) =>
        components.map((component) => ({
          supervisor,
          request: { type: 'routes', component, replicas: [...of(component)] },
        })),
      )
  }

  /** Whether processes of `caller` have to be told where `component` is. */
  #concerns(caller: Group, component: string, home: Group): boolean {
    if (caller !== home) return true
    if (!this.#routed.has(component)) return false
    if (home.replicas > 1) this.#sharded.set(component, home)
    return this.#sharded.get(component) === home
  }

  /**
   * The replicas that are ready. While there are none, those that only serve: calls wait there for the component they
   * want. Without this two groups whose components need each other as they start would wait for each other.
   */
  #replicas(group: Group): Replica[] {
    const ready: Replica[] = []
    const serving: Replica[] = []
    for (const { group: own, slot, supervisor } of this.#processes) {
      const { state } = supervisor
      if (own !== group) continue
      // One that is being adopted serves on, and its callers know it.
      if (state.kind !== 'ready' && state.kind !== 'serving' && state.kind !== 'adopting') continue
      if (state.address === undefined) continue
      const replica = {
        slot,
        slots: group.replicas,
        process: processName(group, slot),
        group: group.name,
        address: state.address,
      }
      ;(state.kind === 'serving' ? serving : ready).push(replica)
    }
    return ready.length > 0 ? ready : serving
  }

  #drains(group: Group): boolean {
    return [...this.#processes].some((each) => each.group === group && each.supervisor.state.kind === 'draining')
  }

  /** The same, each with the routing keys that it owns, where there are several. */
  #withKeys(group: Group, replicas: Replica[]): Replica[] {
    const ready: number[] = []
    for (const { group: own, slot, supervisor } of this.#processes)
      if (own === group && supervisor.state.kind === 'ready') ready.push(slot)
    this.#keys.update(group, ready)
    const owners = this.#keys.of(group)
    return owners ? replicas.map((replica) => ({ ...replica, owns: ownedBy(owners, replica.slot) })) : replicas
  }
}

function same(a: readonly Replica[], b: readonly Replica[]): boolean {
  return (
    a.length === b.length &&
    a.every(
      ({ slot, slots, address, owns }, index) =>
        slot === b[index]!.slot &&
        slots === b[index]!.slots &&
        address === b[index]!.address &&
        String(owns) === String(b[index]!.owns),
    )
  )
}
