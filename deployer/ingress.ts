/**
 * A listener's one public address. In: TCP connections from the world. Out: each goes to one replica that listens, the one with the fewest
 * connections of ours. It is passed to that process as it is, which then talks to the client itself; where there is no way to pass it, it is piped, byte for
 * byte, to the replica's Unix socket. A replica that can't be reached is passed over before any byte is read from the client; while there is none, a
 * connection waits, bounded in time and number. What the bytes mean is none of our business, so HTTP/1, HTTP/2, WebSockets and TLS go through alike.
 */
import { connect, createServer, type Server, type Socket } from 'node:net'
import { pipeline } from 'node:stream'
import type { Clock, Timer } from '../runtime/clock.ts'
import { WeaveError } from '../runtime/errors.ts'
import { DEPLOYER_LIMITS } from './limits.ts'
import type { Passage } from './passing.ts'

export interface IngressOptions {
  listener: string
  host: string
  port: number
  clock: Clock
  /** How connections are passed to a process. Default: they are piped to all. */
  passage?: ((process: string) => Pick<Passage, 'pass'> | undefined) | undefined
}

export interface Backend {
  process: string
  path: string
}

interface Replica extends Backend {
  connections: number
}

/** A connection that has no replica yet; nothing has been read from it. */
interface Waiting {
  client: Socket
  untilMs: number
  /** Replicas that could not be reached in this round. */
  tried: Set<Replica>
  timer: Timer | undefined
}

export class Ingress {
  readonly listener: string
  readonly #options: IngressOptions
  readonly #server: Server
  readonly #clients = new Set<Socket>()
  readonly #waiting = new Set<Waiting>()
  #replicas: Replica[] = []
  /** Where the search for the least busy replica begins, so that equally busy ones take turns. */
  #turn = 0
  #url = ''
  #accepting = true

  constructor(options: IngressOptions) {
    this.listener = options.listener
    this.#options = options
    const server = { allowHalfOpen: true, pauseOnConnect: true, noDelay: true, keepAlive: true }
    this.#server = createServer(server, (client) => this.#accepted(client))
    this.#server.maxConnections = DEPLOYER_LIMITS.connectionsMax
  }

  /** What the world connects to; the empty string until `open` has resolved. */
  get url(): string {
    return this.#url
  }

  get connections(): number {
    return this.#clients.size
  }

  async open(): Promise<string> {
    const { host, port } = this.#options
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    this.#server.once('error', reject)
    this.#server.listen({ host, port, backlog: DEPLOYER_LIMITS.backlog }, resolve)
    try {
      await promise
    } catch (error) {
      throw new WeaveError(openError(this.#options, error as NodeJS.ErrnoException), {
        code: 'WV_DEPLOY',
        cause: error,
      })
    }
    this.#server.off('error', reject)
    // An accept that fails (out of descriptors, say) costs that connection, not the listener.
    this.#server.on('error', () => {})
    const address = this.#server.address()
    this.#url = publicUrl(host, typeof address === 'object' && address ? address.port : port)
    return this.#url
  }

  /** Replaces the replicas. Connections to one that has left go on; they end when it does. */
  setBackends(backends: readonly Backend[]): void {
    const before = new Map(this.#replicas.map((replica) => [replica.path, replica]))
    this.#replicas = backends.map((backend) => before.get(backend.path) ?? { ...backend, connections: 0 })
    if (this.#replicas.length > 0) for (const waiting of [...this.#waiting]) this.#retry(waiting)
  }

  /** New connections are refused; those that wait for a replica are closed. */
  stopAccepting(): void {
    this.#accepting = false
    this.#server.close()
    for (const waiting of [...this.#waiting]) this.#giveUp(waiting)
  }

  close(): void {
    this.stopAccepting()
    for (const client of this.#clients) client.destroy()
  }

  #accepted(client: Socket): void {
    this.#clients.add(client)
    client.once('close', () => this.#clients.delete(client))
    // Whatever breaks ends both sides, by the pipelines or by the time limit; there is nothing else to do about it.
    client.on('error', () => {})
    this.#route({ client, untilMs: this.#waitUntilMs(), tried: new Set(), timer: undefined })
  }

  #waitUntilMs(): number {
    return this.#options.clock.now() + DEPLOYER_LIMITS.connectionWaitMs
  }

  #route(waiting: Waiting): void {
    const replica = this.#leastBusy(waiting.tried)
    if (!replica) {
      this.#park(waiting)
      return
    }
    replica.connections++
    const passage = this.#options.passage?.(replica.process)
    if (passage === undefined) {
      this.#pipe(waiting, replica)
      return
    }
    passage.pass(this.listener, waiting.client, {
      settled: (taken) => {
        // It is open there: here it is only let go of.
        if (taken) waiting.client.destroy()
        else {
          // The process hung, perhaps, and was killed: the wait for another begins now.
          waiting.untilMs = this.#waitUntilMs()
          this.#pipe(waiting, replica)
        }
      },
      ended: () => replica.connections--,
    })
  }

  #pipe(waiting: Waiting, replica: Replica): void {
    const upstream = connect({ path: replica.path, allowHalfOpen: true })
    const failed = () => {
      waiting.tried.add(replica)
      this.#route(waiting)
    }
    upstream.once('error', failed)
    upstream.once('close', () => replica.connections--)
    upstream.once('connect', () => {
      upstream.off('error', failed)
      this.#join(waiting.client, upstream)
    })
  }

  #leastBusy(tried: ReadonlySet<Replica>): Replica | undefined {
    const count = this.#replicas.length
    this.#turn = (this.#turn + 1) % Math.max(count, 1)
    let best: Replica | undefined
    for (let step = 0; step < count; step++) {
      const replica = this.#replicas[(this.#turn + step) % count]!
      if (!tried.has(replica) && (!best || replica.connections < best.connections)) best = replica
    }
    return best
  }

  /** Until another replica comes, a refused one is worth another try, or the time is over. */
  #park(waiting: Waiting): void {
    const { clock } = this.#options
    const leftMs = waiting.untilMs - clock.now()
    if (leftMs <= 0 || !this.#accepting || this.#waiting.size >= DEPLOYER_LIMITS.connectionsWaitingMax) {
      this.#giveUp(waiting)
      return
    }
    this.#waiting.add(waiting)
    const pauseMs = waiting.tried.size > 0 ? Math.min(leftMs, DEPLOYER_LIMITS.connectionRetryMs) : leftMs
    waiting.timer = clock.setTimeout(() => this.#retry(waiting), pauseMs)
  }

  #retry(waiting: Waiting): void {
    this.#unpark(waiting)
    waiting.tried.clear()
    this.#route(waiting)
  }

  #giveUp(waiting: Waiting): void {
    this.#unpark(waiting)
    waiting.client.resetAndDestroy()
  }

  #unpark(waiting: Waiting): void {
    waiting.timer?.cancel()
    this.#waiting.delete(waiting)
  }

  /** Each half ends on its own; an error in either ends both sides. */
  #join(client: Socket, upstream: Socket): void {
    pipeline(client, upstream, (error) => {
      if (error) upstream.destroy()
    })
    pipeline(upstream, client, (error) => {
      if (error) {
        client.resetAndDestroy()
        return
      }
      if (client.destroyed || client.readableEnded) return
      const linger = this.#options.clock.setTimeout(() => client.destroy(), DEPLOYER_LIMITS.lingerMs)
      client.once('close', () => linger.cancel())
    })
  }
}

/** A wildcard address isn't one that a browser can open. */
function publicUrl(host: string, port: number): string {
  const reachable = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host
  return `http://${reachable.includes(':') ? `[${reachable}]` : reachable}:${port}`
}

function openError({ listener, host, port }: IngressOptions, error: NodeJS.ErrnoException): string {
  const address = `${host}:${port}`
  const setting = `listeners.${listener}`
  switch (error.code) {
    case 'EADDRINUSE':
      return `Listener "${listener}": ${address} is in use by another program; stop it, or set "${setting}.port" in weave.config.ts to another port (0 takes any free one).`
    case 'EACCES':
      return `Listener "${listener}": this user may not listen on ${address}; set "${setting}.port" in weave.config.ts to a port from 1024 up.`
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return `Listener "${listener}": "${host}" is not an address of this machine; set "${setting}.host" in weave.config.ts to one that is, such as 127.0.0.1 or 0.0.0.0.`
    default:
      return `Listener "${listener}": could not listen on ${address}: ${error.message}.`
  }
}
