/**
 * One application in one process: its descriptor, what of it lives here, and the way to the rest. Whoever makes it decides where it
 * gets its settings from (run.ts, process.ts, testing/).
 *
 *   new       nothing is loaded
 *   starting  hosted components come up, in order; calls to them wait
 *   running   all have started; `main` may run
 *   stopping  listeners close, served calls end, components stop in reverse
 *   stopped   over
 */
import { type AppDescriptor, BOUNDARY_FORMAT, type Boundary } from './boundary.ts'
import { type Clock, type Random, systemClock } from './clock.ts'
import { ErrorRegistry } from './codec/error.ts'
import type { CallSettings } from './configuration.ts'
import type { Replica } from './control.ts'
import { Dispatcher } from './dispatcher.ts'
import type { EdgeSample } from './edge-counts.ts'
import { WeaveError } from './errors.ts'
import { Lifecycle } from './lifecycle.ts'
import { LIMITS } from './limits.ts'
import { Linker } from './linker.ts'
import { type Binder, Listeners } from './listener.ts'
import { ComponentLogger, type LogSink, RUNTIME_COMPONENT, stderrSink } from './logger.ts'
import { resolveComponentName } from './names.ts'
import { Peers } from './peers.ts'
import type { Stub } from './stub.ts'
import { Admissions, type Admitted } from './transport/admission.ts'
import type { AnswerReader } from './transport/answer.ts'
import { LocalClient } from './transport/local/client.ts'
import { type OpenServerOptions, openPeer, openServer } from './transport/open.ts'
import type { CallServer } from './transport/peer.ts'
import type { Greeting } from './transport/socket/handshake.ts'
import type { Identity } from './transport/socket/identity.ts'
import { type Network, systemNetwork } from './transport/socket/network.ts'
import type { Logger, Main } from './types.ts'

export interface AppOptions {
  descriptor: AppDescriptor
  application: string
  /** Name of the process among many; undefined when it is the only one. */
  process?: string | undefined
  /** Full names of the components that live here, the root included; all of them by default. */
  hosted?: ReadonlySet<string> | undefined
  /** Calls between components of this process go through the codec. */
  isolated: boolean
  /** Full name → config section. */
  config: Readonly<Record<string, object>>
  binder: Binder
  /** What `provide` or a test's `fake` gave instead of a class. */
  provided: (component: string) => (() => unknown) | undefined
  /** Told when a component begins to be constructed. */
  starting?: (component: string) => void
  logSink?: LogSink
  clock?: Clock
  random?: Random
  /** Name of the process's group. Default: the process's. */
  group?: string | undefined
  /** Bounds of calls between processes. Default: those of limits.ts. */
  calls?: CallSettings | undefined
  /** Who may call what here. Default: everybody everything. */
  admitted?: Admitted | undefined
  /** What it proves itself by, for TLS. */
  identity?: Identity | undefined
  /** Sockets, for tests. */
  network?: Network
}

type State = 'new' | 'starting' | 'running' | 'stopping' | 'stopped'

export class App {
  readonly log: Logger
  readonly #descriptor: AppDescriptor
  readonly #hosted: ReadonlySet<string>
  readonly #linker: Linker
  readonly #lifecycle: Lifecycle
  readonly #dispatcher: Dispatcher
  readonly #listeners: Listeners
  readonly #loopback: LocalClient
  readonly #serverOptions: Omit<OpenServerOptions, 'address'>
  #server: CallServer | undefined
  readonly #peers: Peers
  readonly #stop = new AbortController()
  #state: State = 'new'
  #stopped: Promise<void> | undefined
  #main: Promise<void> | undefined

  constructor(options: AppOptions) {
    const { descriptor, application, process, config, isolated, provided, binder } = options
    checkFormat(descriptor)
    const clock = options.clock ?? systemClock
    const random = options.random ?? Math.random
    const network = options.network ?? systemNetwork(options.identity)
    const logger = (component: string) => new ComponentLogger(options.logSink ?? stderrSink, component, process)
    const log = logger(RUNTIME_COMPONENT)
    const errors = new ErrorRegistry(descriptor.errors, descriptor.codecs, descriptor.renamed)
    const componentNames = descriptor.components.map(({ name }) => name)
    const answers: AnswerReader = { errors, componentNames }
    const name = process ?? 'single'
    const greeting: Greeting = { application, version: descriptor.version, process: name, group: options.group ?? name }
    const silenceMs = options.calls?.silenceMs ?? LIMITS.silenceMs
    const admissions = new Admissions(componentNames, options.admitted)
    this.log = log
    this.#descriptor = descriptor
    this.#hosted = options.hosted ?? new Set(componentNames)
    this.#linker = new Linker({ descriptor, isolated, errors, clock, random })
    this.#dispatcher = new Dispatcher({
      descriptor,
      errors,
      clock,
      references: (name) => this.#linker.references(name),
    })
    this.#listeners = new Listeners(binder, clock)
    const listener = (name: string) => this.#listeners.listener(name)
    const running = (component: string, instance: object) => this.#running(component, instance)
    this.#lifecycle = new Lifecycle(
      {
        descriptor,
        linker: this.#linker,
        config,
        provided,
        listener,
        logger,
        running,
        starting: options.starting,
        clock,
        log,
      },
      this.#hosted,
    )
    this.#loopback = new LocalClient({
      process: process ?? 'isolated',
      dispatcher: this.#dispatcher,
      answers,
      clock,
    })
    const queueMs = options.calls?.queueMs
    const hosted = () => this.#hostedBoundaries()
    const dispatcher = this.#dispatcher
    this.#serverOptions = { greeting, dispatcher, admissions, silenceMs, queueMs, network, errors, hosted, clock, log }
    this.#peers = new Peers({
      greeting,
      answers,
      open: (peer) => openPeer(peer, network),
      silenceMs,
      clock,
      random,
      log,
      own: this.#loopback,
    })
    this.#host()
  }

  /** Aborts when the application is asked to stop; `main` gets it. */
  get signal(): AbortSignal {
    return this.#stop.signal
  }

  /** Makes hosted components reachable: until they have started, their callers wait. */
  #host(): void {
    for (const name of this.#hosted) {
      if (name === this.#descriptor.root) continue
      const { index, boundary, route } = this.#linker.callee(name)
      this.#dispatcher.host(index, boundary, () => this.#lifecycle.started(name))
      route.update([{ slot: 0, slots: 1, channel: this.#loopback }])
    }
  }

  #running(name: string, instance: object): void {
    if (name === this.#descriptor.root) return
    const { index, boundary } = this.#linker.callee(name)
    this.#dispatcher.run(index, boundary, instance)
    this.#linker.place(name, instance)
  }

  /** Accepts calls of other processes; gives the address that it has, where any port would do. */
  serve(address: string): Promise<string> {
    this.#server = openServer({ ...this.#serverOptions, address })
    return this.#server.listen(address)
  }

  #hostedBoundaries(): Map<number, Boundary> {
    const names = [...this.#hosted].filter((name) => name !== this.#descriptor.root)
    return new Map(names.map((name) => this.#linker.callee(name)).map(({ index, boundary }) => [index, boundary]))
  }

  /**
   * Where a component lives from now on. One that is hosted here has a route when other replicas own other slices of its
   * routing keys.
   */
  route(component: string, replicas: readonly Replica[]): void {
    // Nobody calls the root, so it has no route.
    if (component === this.#descriptor.root || this.#state === 'stopped') return
    if (this.#hosted.has(component)) this.#linker.shard(component)
    this.#peers.route(this.#linker.callee(component).route, replicas)
  }

  /** Starts the components of `names` (all hosted ones by default) that live here. */
  async start(names: ReadonlySet<string> = this.#hosted): Promise<void> {
    this.#state = 'starting'
    const hosted = [...names].filter((name) => this.#hosted.has(name))
    await this.#lifecycle.startAll(new Set(hosted))
    if (this.#state !== 'starting') return
    this.#state = 'running'
    this.#server?.ready?.()
  }

  /** The component as `caller` sees it; callable at once, wherever it is. */
  /** The call graph of this process as it has been measured: what its components have called, wherever that is. */
  edges(): EdgeSample[] {
    return this.#linker.edges()
  }

  get(component: string, caller: string): Stub {
    // While it stops, a `stop` may still call others, which use `get` to serve it.
    if (this.#state === 'stopped') {
      throw new WeaveError(`get: the application has stopped.`, { code: 'WV_NOT_RUNNING' })
    }
    return this.#linker.stub(caller, this.#fullName(component))
  }

  /** `get('Cart')` is written by hand where nothing transforms the program. */
  #fullName(component: string): string {
    if (component.includes('.')) return component
    return resolveComponentName(
      component,
      this.#descriptor.components.map(({ name }) => name),
      'get',
    )
  }

  /** It is too late to provide the component. */
  begun(component: string): boolean {
    return this.#lifecycle.begun(this.#fullName(component))
  }

  /** Runs the root's `main`; it must live here and have started. */
  main(): Promise<void> {
    this.#main ??= this.#runMain()
    return this.#main
  }

  async #runMain(): Promise<void> {
    const { root } = this.#descriptor
    if (root === undefined) throw new WeaveError('The application has no root.', { code: 'WV_START' })
    const instance = (await this.#lifecycle.started(root)) as Main
    try {
      await instance.main(this.signal)
    } catch (error) {
      // Whoever waits with the signal throws its reason when it aborts: that is how such a `main` ends well.
      if (!(this.signal.aborted && isAbort(error, this.signal))) throw error
    }
  }

  /** Asks `main` to return. */
  abort(): void {
    this.#stop.abort()
  }

  /** Ends everything: resolves when components have stopped and all that was opened is closed. Safe to call again. */
  stop(): Promise<void> {
    this.#stopped ??= this.#end()
    return this.#stopped
  }

  async #end(): Promise<void> {
    this.#state = 'stopping'
    this.abort()
    this.#linker.stopping()
    await Promise.all([this.#listeners.close(), this.#server?.drain()])
    await this.#lifecycle.stopAll((component) => {
      if (component.boundary) this.#dispatcher.stop(this.#linker.callee(component.name).index)
    })
    this.#loopback.close()
    this.#linker.close()
    this.#peers.close()
    this.#state = 'stopped'
  }
}

function isAbort(error: unknown, signal: AbortSignal): boolean {
  return error === signal.reason || (error instanceof Error && error.name === 'AbortError')
}

function checkFormat(descriptor: AppDescriptor): void {
  if (descriptor.format === BOUNDARY_FORMAT) return
  throw new WeaveError(
    `The build is of format ${descriptor.format}, this weavets runs format ${BOUNDARY_FORMAT}; build the application again.`,
    { code: 'WV_VERSION' },
  )
}
