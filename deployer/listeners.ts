/**
 * The application's listeners. In: what processes say (`listen`, `listening`) and changes of their states. Out: an address for each
 * process to bind, and for each `Relay` the replicas that are ready and listen. A process gets addresses only for
 * listeners of components that it hosts.
 */
import type { Clock } from '../runtime/clock.ts'
import type { Manifest } from '../runtime/manifest.ts'
import type { Group } from './placement.ts'
import type { MakeRelay, Relay } from './relays.ts'
import type { Supervisor } from './supervisor.ts'

export interface ListeningProcess {
  readonly group: Group
  readonly supervisor: Supervisor
}

export interface ListenersOptions {
  manifest: Manifest
  /** By listener; those that aren't there get any free port of 127.0.0.1. */
  addresses: Readonly<Record<string, { host: string; port: number }>>
  clock: Clock
  relay: MakeRelay
}

/** What one life of a process has bound: an entry that listens is a backend. */
interface Bound {
  path: string
  listens: boolean
}

export class Listeners {
  /** With the full name of the component that has it. */
  readonly #relays = new Map<string, { owner: string; relay: Relay }>()
  readonly #bound = new Map<ListeningProcess, Map<string, Bound>>()
  #accepting = true

  constructor({ manifest, addresses, clock, relay }: ListenersOptions) {
    for (const { name: owner, listeners } of manifest.components) {
      for (const listener of listeners) {
        const { host, port } = addresses[listener] ?? { host: '127.0.0.1', port: 0 }
        this.#relays.set(listener, { owner, relay: relay({ listener, host, port, clock }) })
      }
    }
  }

  /** True when processes of the group have listeners. */
  any(group: Group): boolean {
    return [...this.#relays.values()].some(({ owner }) => group.components.includes(owner))
  }

  /** Binds the public addresses, one after the other; throws for the first that can't be had. */
  async open(onOpen: (listener: string, url: string) => void): Promise<void> {
    for (const [listener, { relay }] of this.#relays) {
      const url = await relay.open()
      // It may have been closed while its name was being looked up.
      if (this.#accepting) onOpen(listener, url)
      else relay.close()
    }
  }

  /** `path`: a new one for a Unix socket. A listener whose server was closed may be bound again: the newest path is meant. */
  bind(process: ListeningProcess, request: { listener: string; id: number }, path: () => string): void {
    const { supervisor, group } = process
    const { listener, id } = request
    const refuse = (error: string, stopping = false) =>
      supervisor.send({ type: 'bind', id, path: '', url: '', error, stopping })
    const known = this.#relays.get(listener)
    if (!known || !group.components.includes(known.owner)) {
      refuse(`No component of process "${supervisor.name}" has a listener ${JSON.stringify(listener)}.`)
    } else if (!this.#accepting) {
      refuse(`Listener "${listener}": the application is stopping.`, true)
    } else {
      const bound = this.#bound.get(process) ?? new Map<string, Bound>()
      this.#bound.set(process, bound.set(listener, { path: path(), listens: false }))
      this.changed(group)
      supervisor.send({ type: 'bind', id, path: bound.get(listener)!.path, url: known.relay.url })
    }
  }

  listening(process: ListeningProcess, listener: string): void {
    const bound = this.#bound.get(process)?.get(listener)
    if (bound) {
      bound.listens = true
      this.changed(process.group)
    } else {
      process.supervisor.fail(`said that it listens on ${JSON.stringify(listener)}, which it had no address for`)
    }
  }

  /** What the world connects to, of those that are open. */
  urls(): { listener: string; url: string }[] {
    return [...this.#relays].flatMap(
      ([
        listener,
        {
          relay: { url },
        },
      ]) => (url === '' ? [] : [{ listener, url }]),
    )
  }

  /** Where the process listens: listener → path. */
  listensOf(process: ListeningProcess): Record<string, string> {
    const bound = [...(this.#bound.get(process) ?? [])].filter(([, { listens }]) => listens)
    return Object.fromEntries(bound.map(([listener, { path }]) => [listener, path]))
  }

  /** A process that has had another deployer listens there already. */
  restore(process: ListeningProcess, listens: Readonly<Record<string, string>>): void {
    const known = Object.entries(listens).filter(([listener]) => this.#relays.has(listener))
    this.#bound.set(process, new Map(known.map(([listener, path]) => [listener, { path, listens: true }])))
    this.changed(process.group)
  }

  /** The process is gone. Returns the paths it had. */
  forget(process: ListeningProcess): string[] {
    const paths = [...(this.#bound.get(process)?.values() ?? [])].map(({ path }) => path)
    this.#bound.delete(process)
    return paths
  }

  /** A process of `group` has changed its state, or what it listens on. */
  changed(group: Group): void {
    for (const [listener, { owner, relay }] of this.#relays) {
      if (!group.components.includes(owner)) continue
      const backends = []
      for (const [{ supervisor }, bound] of this.#bound) {
        const { path, listens } = bound.get(listener) ?? { path: '', listens: false }
        const serves = supervisor.state.kind === 'ready' || supervisor.state.kind === 'adopting'
        if (listens && serves) backends.push({ process: supervisor.name, path })
      }
      relay.setBackends(backends)
    }
  }

  stopAccepting(): void {
    this.#accepting = false
    for (const { relay } of this.#relays.values()) relay.stopAccepting()
  }

  close(): void {
    this.#accepting = false
    for (const { relay } of this.#relays.values()) relay.close()
  }
}
