/**
 * `Listener` as an application gets it. Where it binds is decided by a `Binder`: a host and port when there is one process, a Unix
 * socket behind the deployer's relay when there are many. On the way down every server stops accepting, lets open requests
 * end, and is closed.
 */
import type { ServerResponse } from 'node:http'
import type { Server, Socket } from 'node:net'
import type { Clock } from './clock.ts'
import type { ListenerConfig } from './config/configuration.ts'
import { WeaveError } from './errors.ts'
import { LIMITS } from './limits.ts'
import type { Entries } from './measure/entries.ts'
import type { Accepted } from './process/passing.ts'
import type { Listener } from './types.ts'

/** What `net.Server.listen` takes, and the address that the world sees once it listens. */
export interface Binding {
  at: { host: string; port: number } | { path: string }
  url: (server: Server) => string
}

export interface Binder {
  bind(listener: string): Promise<Binding>
  listening(listener: string): void
}

export class Listeners {
  readonly #binder: Binder
  readonly #clock: Clock
  /** Where requests are counted. */
  readonly #entries: Entries | undefined
  readonly #open = new Set<OpenServer>()
  #closing = false

  constructor(binder: Binder, clock: Clock, entries?: Entries) {
    this.#binder = binder
    this.#clock = clock
    this.#entries = entries
  }

  /** The one that `component` gets; each call of `listen` is for one server, and there may be one at a time. */
  listener(name: string, component: string): Listener {
    return new AppListener(name, (server) => this.#listen(name, component, server))
  }

  async #listen(name: string, component: string, server: Server): Promise<string> {
    if (this.#closing) throw new WeaveError(`Listener "${name}": the application is stopping.`, { code: 'WV_STOPPING' })
    const binding = await this.#binder.bind(name)
    const open = new OpenServer(name, server)
    this.#entries?.watch(component, name, server)
    await bound(name, server, binding.at)
    this.#open.add(open)
    server.once('close', () => this.#open.delete(open))
    // The process may have begun to stop while the address was being found.
    if (this.#closing) void open.close(this.#clock)
    this.#binder.listening(name)
    return binding.url(server)
  }

  /** A connection that was accepted elsewhere. False when no server takes it: it is the caller's then, as it came. `ended` is called when it is over. */
  take(name: string, connection: Accepted, ended: () => void): boolean {
    const open = this.#closing ? undefined : [...this.#open].findLast((each) => each.name === name)
    return open?.take(connection, ended) ?? false
  }

  /**
   * Before servers are closed: each answer says that it is the last one on its connection, so that clients which keep theirs send nothing into one that is
   * being closed. Resolves when no connection is left, or the time for that is up; who is silent for so long has to risk it.
   */
  async lastRequests(): Promise<void> {
    await Promise.all([...this.#open].map((open) => open.lastRequests(this.#clock)))
  }

  /** Resolves when every open request has ended, or the time for that is up. */
  async close(): Promise<void> {
    this.#closing = true
    await Promise.all([...this.#open].map((open) => open.close(this.#clock)))
  }
}

class AppListener implements Listener {
  readonly name: string
  url = ''
  readonly #bind: (server: Server) => Promise<string>

  constructor(name: string, bind: (server: Server) => Promise<string>) {
    this.name = name
    this.#bind = bind
  }

  async listen(server: Server): Promise<string> {
    this.url = await this.#bind(server)
    return this.url
  }
}

function bound(name: string, server: Server, at: Binding['at']): Promise<void> {
  return new Promise((resolve, reject) => {
    const failed = (error: NodeJS.ErrnoException) => reject(bindError(name, at, error))
    server.once('error', failed)
    server.listen(at, () => {
      server.off('error', failed)
      resolve()
    })
  })
}

function bindError(name: string, at: Binding['at'], cause: NodeJS.ErrnoException): WeaveError {
  const place = 'path' in at ? at.path : `${at.host}:${at.port}`
  const advice = `set listeners.${name} in weave.config.ts`
  const text =
    cause.code === 'EADDRINUSE'
      ? `${place} is in use; stop what uses it, or ${advice} to another port.`
      : cause.code === 'EACCES'
        ? `this user may not listen on ${place}; ${advice} to a port above 1023.`
        : cause.code === 'EADDRNOTAVAIL' || cause.code === 'ENOTFOUND'
          ? `this machine has no address ${place}; ${advice} to one that it has, such as 127.0.0.1.`
          : `cannot listen on ${place}: ${cause.message}`
  return new WeaveError(`Listener "${name}": ${text}`, { code: 'WV_CONFIG', cause })
}

/** Pause between two looks for connections whose last request has ended. */
const IDLE_CHECK_MS = 50

/** What servers of `node:http` and `node:http2` have beyond `net.Server`. */
interface ClosableServer extends Server {
  closeIdleConnections?: () => void
  /** Node's own, null when the server doesn't listen. node:cluster gives connections to servers in the same way. */
  _handle?: { onconnection?: (error: number, connection: Accepted) => void } | null
}

interface Http2Session {
  close(): void
}

class OpenServer {
  readonly name: string
  readonly #server: ClosableServer
  readonly #sockets = new Set<Socket>()
  readonly #sessions = new Set<Http2Session>()
  /** Of the connection that the server is being given. */
  #ended: (() => void) | undefined

  constructor(name: string, server: Server) {
    this.name = name
    this.#server = server
    server.on('connection', (socket: Socket) => {
      if (this.#ended) socket.once('close', this.#ended)
      this.#ended = undefined
      this.#sockets.add(socket)
      socket.once('close', () => this.#sockets.delete(socket))
    })
    server.on('session', (session: Http2Session & Server) => {
      this.#sessions.add(session)
      session.once('close', () => this.#sessions.delete(session))
    })
  }

  /** The server takes it as one of those that it accepts itself, with its options and limits. */
  take(connection: Accepted, ended: () => void): boolean {
    const handle = this.#server._handle
    if (!handle?.onconnection) return false
    this.#ended = ended
    handle.onconnection(0, connection)
    // It has dropped it: it has as many as it wants.
    this.#ended?.()
    this.#ended = undefined
    return true
  }

  async lastRequests(clock: Clock): Promise<void> {
    const server = this.#server
    // What isn't HTTP/1 has no such word, or says it in its own way.
    if (!server.closeIdleConnections || this.#sockets.size === 0) return
    // Heard before the application's, which answers.
    server.prependListener('request', (_request: unknown, response: ServerResponse) => isLast(response))
    const { promise, resolve } = Promise.withResolvers<void>()
    const limit = clock.setTimeout(resolve, LIMITS.lastRequestsMs)
    for (const socket of this.#sockets) socket.once('close', () => this.#sockets.size === 0 && resolve())
    await promise
    limit.cancel()
  }

  close(clock: Clock): Promise<void> {
    return new Promise((resolve) => {
      const limit = clock.setTimeout(() => {
        for (const socket of this.#sockets) socket.destroy()
      }, LIMITS.drainMs)
      // A kept-alive connection becomes idle when its request ends, and nothing tells of it.
      const closeIdle = () => {
        this.#server.closeIdleConnections?.()
        idle = clock.setTimeout(closeIdle, IDLE_CHECK_MS)
      }
      let idle = clock.setTimeout(closeIdle, IDLE_CHECK_MS)
      const done = () => {
        limit.cancel()
        idle.cancel()
        resolve()
      }
      this.#server.close(done)
      for (const session of this.#sessions) session.close()
    })
  }
}

function isLast(response: ServerResponse): void {
  if (!response.headersSent && response.req.httpVersionMajor < 2) response.setHeader('connection', 'close')
}

/** In one process: the configured host and port. */
export class PortBinder implements Binder {
  readonly #config: Readonly<Record<string, ListenerConfig>>

  constructor(config: Readonly<Record<string, ListenerConfig>>) {
    this.#config = config
  }

  bind(listener: string): Promise<Binding> {
    const { host = '127.0.0.1', port = 0 } = this.#config[listener] ?? {}
    return Promise.resolve({ at: { host, port }, url: urlOf })
  }

  listening(): void {}
}

function urlOf(server: Server): string {
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('the server has no address')
  const host = address.family === 'IPv6' ? `[${address.address}]` : address.address
  const scheme = 'setSecureContext' in server ? 'https' : 'http'
  return `${scheme}://${host}:${address.port}`
}
