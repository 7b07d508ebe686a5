/**
 * The listeners' public addresses, and who has them: in the foreground the deployer itself, under a detached deployment the ingress, a process
 * of its own that outlives a deployer (ingress-process.ts). In: replicas behind each listener. Out: connections piped to them, here or there.
 */
import { WeaveError } from '../runtime/errors.ts'
import { type Backend, Ingress, type IngressOptions } from './ingress.ts'
import { type Group, INGRESS_GROUP } from './placement.ts'
import type { Supervisor } from './supervisor.ts'

export interface Relay {
  readonly listener: string
  /** What the world connects to; the empty string until `open` has resolved. */
  readonly url: string
  /** Resolves to the URL; rejects when the address can't be had. */
  open(): Promise<string>
  setBackends(backends: readonly Backend[]): void
  /** New connections are refused. */
  stopAccepting(): void
  close(): void
}

export type MakeRelay = (options: IngressOptions) => Relay

export const relayHere = (passage: IngressOptions['passage']): MakeRelay => {
  return (options) => new Ingress({ ...options, passage })
}

/** Environment of the ingress: the version of the deployment, which its deployer asks every process for. */
export const ENV_INGRESS_VERSION = 'WEAVE_INGRESS_VERSION'

/** The deployer's side of the ingress. */
export class RemoteRelays {
  readonly group: Group = { name: INGRESS_GROUP, components: [], replicas: 1 }
  readonly #relays = new Map<string, RemoteRelay>()
  #supervisor: Supervisor | undefined

  readonly make: MakeRelay = (options) => {
    const relay = new RemoteRelay(options, (backends) => {
      this.#supervisor?.send({ type: 'backends', listener: options.listener, backends: [...backends] })
    })
    this.#relays.set(options.listener, relay)
    return relay
  }

  /** The ingress has said hello: what it is to relay. One that comes back knows it. */
  greet(supervisor: Supervisor, returns: boolean): void {
    this.#supervisor = supervisor
    if (!returns) {
      const listeners = [...this.#relays.values()].map((relay) => relay.address)
      supervisor.send({ type: 'relay', life: supervisor.lives, listeners })
    }
    for (const relay of this.#relays.values()) relay.tell()
  }

  /** It has the address. */
  relaying(listener: string, url: string): void {
    const relay = this.#relays.get(listener)
    if (relay) relay.has(url)
    else
      this.#supervisor?.fail(`said that it relays ${JSON.stringify(listener.slice(0, 100))}, which it was not asked to`)
  }

  /** It can't have an address that it was told. */
  failed(message: string): void {
    for (const relay of this.#relays.values()) relay.failed(message)
  }

  /** Addresses that the ingress had when it was last heard of. */
  restore(urls: Readonly<Record<string, string>>): void {
    for (const [listener, url] of Object.entries(urls)) this.#relays.get(listener)?.has(url)
  }

  urls(): Record<string, string> {
    return Object.fromEntries([...this.#relays.values()].flatMap(({ listener, url }) => (url ? [[listener, url]] : [])))
  }
}

class RemoteRelay implements Relay {
  readonly listener: string
  readonly #options: IngressOptions
  readonly #send: (backends: readonly Backend[]) => void
  readonly #opened = Promise.withResolvers<string>()
  #backends: readonly Backend[] = []
  #url = ''

  constructor(options: IngressOptions, send: (backends: readonly Backend[]) => void) {
    this.listener = options.listener
    this.#options = options
    this.#send = send
    this.#opened.promise.catch(() => {})
  }

  get url(): string {
    return this.#url
  }

  /** What to bind: once it is known, the same port again. */
  get address(): { listener: string; host: string; port: number } {
    const { listener, host, port } = this.#options
    return { listener, host, port: this.#url === '' ? port : Number(new URL(this.#url).port) }
  }

  open(): Promise<string> {
    return this.#opened.promise
  }

  has(url: string): void {
    if (!URL.canParse(url)) return
    this.#url = url
    this.#opened.resolve(url)
  }

  failed(message: string): void {
    this.#opened.reject(new WeaveError(message, { code: 'WV_DEPLOY' }))
  }

  setBackends(backends: readonly Backend[]): void {
    if (JSON.stringify(backends) === JSON.stringify(this.#backends)) return
    this.#backends = backends
    this.tell()
  }

  tell(): void {
    this.#send(this.#backends)
  }

  /** The ingress is drained first of all processes, which does this. */
  stopAccepting(): void {}

  close(): void {
    this.#opened.reject(new WeaveError('The deployment was stopped.', { code: 'WV_STOPPING' }))
  }
}
