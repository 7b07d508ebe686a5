/**
 * Where every component is, as told to the processes. In: changes of processes' states. Out: a `routes` message to each
 * connected process that calls it elsewhere, and only when something is different from what was said last. A process that hosts
 * a component is told of its other replicas where routing keys decide among them.
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

  readonly #routed: ReadonlySet<string>

  /** `routed`: components with routing keys. */
  constructor(processes: readonly RoutedProcess[], routed: ReadonlySet<string>) {
    this.#processes = processes
    this.#routed = routed
    for (const { group } of processes) this.#said.set(group, [])
  }

  /** For an assignment. Later changes follow as messages. */
  seenBy(process: RoutedProcess): Record<string, Replica[]> {
    const routes: Record<string, Replica[]> = {}
    for (const [group, replicas] of this.#said) {
      for (const component of this.#componentsFor(process.group, group)) routes[component] = replicas
    }
    return routes
  }

  /** A process of `group` has changed its state. */
  changed(group: Group): void {
    const replicas = this.#replicas(group)
    if (same(replicas, this.#said.get(group)!)) return
    this.#said.set(group, replicas)
    for (const { group: own, supervisor } of this.#processes) {
      if (!CONNECTED.has(supervisor.state.kind)) continue
      for (const component of this.#componentsFor(own, group)) supervisor.send({ type: 'routes', component, replicas })
    }
  }

  /** Those of `callee` that processes of `caller` have to find. */
  #componentsFor(caller: Group, callee: Group): string[] {
    if (caller !== callee) return callee.components
    return callee.replicas > 1 ? callee.components.filter((component) => this.#routed.has(component)) : []
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
      const replica = {
        slot,
        slots: group.replicas,
        process: supervisor.name,
        group: group.name,
        address: state.address,
      }
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
