/**
 * The processes that this one calls: one channel for each, shared by all components that live there, kept while a route leads
 * to it. Routes come from the deployer, at any time.
 */
import type { Replica } from '../process/control.ts'
import type { Channel } from '../transport/call.ts'
import type { PeerChannel, PeerChannelOptions } from '../transport/peer.ts'
import type { Route, RoutedReplica } from './routing.ts'

export type PeerOptions = Omit<PeerChannelOptions, 'process' | 'group' | 'address' | 'changed'> & {
  /** Makes the way to a process, by the kind of its address. */
  open: (options: PeerChannelOptions) => PeerChannel
  /** The way to this process itself, which is a replica among others of a component with routing keys. */
  own: Channel
}

interface Peer {
  client: PeerChannel
  /** The routes that lead to it. */
  routes: Set<Route>
}

export class Peers {
  readonly #options: PeerOptions
  /** By process and address: a process that came back elsewhere is another peer. */
  readonly #peers = new Map<string, Peer>()

  constructor(options: PeerOptions) {
    this.#options = options
  }

  /** Makes `route` lead to exactly `replicas`. Clients that no route needs any more finish their calls and go. */
  route(route: Route, replicas: readonly Replica[]): void {
    const { own } = this.#options
    const wanted = new Set(replicas.map(keyOf))
    for (const [key, peer] of this.#peers) {
      if (wanted.has(key) || !peer.routes.delete(route) || peer.routes.size > 0) continue
      this.#peers.delete(key)
      peer.client.retire()
    }
    const routed: RoutedReplica[] = replicas.map((replica) => {
      const { slot, slots, owns } = replica
      if (replica.process === own.process) return { slot, slots, owns, channel: own }
      const peer = this.#peer(replica)
      peer.routes.add(route)
      return { slot, slots, owns, channel: peer.client }
    })
    route.update(routed)
  }

  #peer(replica: Replica): Peer {
    const key = keyOf(replica)
    const known = this.#peers.get(key)
    if (known) return known
    const routes = new Set<Route>()
    const changed = () => {
      for (const route of routes) route.changed()
    }
    const client = this.open(replica, changed)
    const peer = { client, routes }
    this.#peers.set(key, peer)
    return peer
  }

  /** A way that no route needs; whoever asks for it closes it. */
  open({ process, group, address }: Pick<Replica, 'process' | 'group' | 'address'>, changed: () => void): PeerChannel {
    const { open, own: _, ...options } = this.#options
    return open({ ...options, process, group, address, changed })
  }

  close(): void {
    const peers = [...this.#peers.values()]
    this.#peers.clear()
    for (const { client } of peers) client.close()
  }
}

function keyOf(replica: Replica): string {
  return `${replica.process} ${replica.address}`
}
