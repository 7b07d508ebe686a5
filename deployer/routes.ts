/**
 * Where every component is, as told to the processes. In: changes of processes' states. Out: a `routes` message to each
 * connected process that doesn't host the component, and only when something is different from what was said last.
 */
import type { Replica } from '../runtime/control.ts'
import type { Group } from './placement.ts'
import type { ProcessState, Supervisor } from './supervisor.ts'

export interface RoutedProcess {
  readonly group: Group
  readonly slot: number
  readonly supervisor: Supervisor
}

const CONNECTED: ReadonlySet<ProcessState['kind']> = new Set(['assigned', 'serving', 'ready', 'draining'])

export class Routes {
  readonly #processes: readonly RoutedProcess[]
  /** By group. */
  readonly #said = new Map<Group, Replica[]>()

  constructor(processes: readonly RoutedProcess[]) {
    this.#processes = processes
    for (const { group } of processes) this.#said.set(group, [])
  }

  /** For an assignment: all components that the process doesn't host. Later changes follow as messages. */
  seenBy(process: RoutedProcess): Record<string, Replica[]> {
    const routes: Record<string, Replica[]> = {}
    for (const [group, replicas] of this.#said) {
      if (group === process.group) continue
      for (const component of group.components) routes[component] = replicas
    }
    return routes
  }

  /** A process of `group` has changed its state. */
  changed(group: Group): void {
    const replicas = this.#replicas(group)
    if (same(replicas, this.#said.get(group)!)) return
    this.#said.set(group, replicas)
    for (const { group: own, supervisor } of this.#processes) {
      if (own === group || !CONNECTED.has(supervisor.state.kind)) continue
      for (const component of group.components) supervisor.send({ type: 'routes', component, replicas })
    }
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
      if (own !== group || (state.kind !== 'ready' && state.kind !== 'serving')) continue
      const replica = { slot, slots: group.replicas, process: supervisor.name, address: state.address }
      ;(state.kind === 'ready' ? ready : serving).push(replica)
    }
    return ready.length > 0 ? ready : serving
  }
}

function same(a: readonly Replica[], b: readonly Replica[]): boolean {
  return (
    a.length === b.length &&
    a.every((replica, index) => replica.slot === b[index]!.slot && replica.address === b[index]!.address)
  )
}
