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
import { Caller } from './calls/caller.ts'
import { Dispatcher } from './calls/dispatcher.ts'
import { Peers } from './calls/peers.ts'
import { Pending } from './calls/pending.ts'
import { type Clock, type Random, systemClock } from './clock.ts'
import { ErrorRegistry } from './codec/error.ts'
import type { CallSettings } from './config/configuration.ts'
import { WeaveError } from './errors.ts'
import { HandOver } from './instances/hand-over.ts'
import { Lifecycle } from './instances/lifecycle.ts'
import { Linker } from './instances/linker.ts'
import { LIMITS } from './limits.ts'
import { type Binder, Listeners } from './listener.ts'
import { ComponentLogger, type LogSink, RUNTIME_COMPONENT, stderrSink } from './logger.ts'
import type { EdgeSample } from './measure/edge-counts.ts'
import { Measures } from './measure/measures.ts'
import { ECHO_BOUNDARY, ECHO_IMPLEMENTATION, type ProbeResult, probe } from './measure/probe.ts'
import { Sampler } from './measure/sampler.ts'
import { resolveComponentName } from './names.ts'
import type { Replica } from './process/control.ts'
import type { Accepted } from './process/passing.ts'
import type { Stub } from './stub.ts'
import { Admissions, type Admitted } from './transport/admission.ts'
import type { AnswerReader } from './transport/answer.ts'
import { LocalClient } from './transport/local/client.ts'
import { type OpenServerOptions, openPeer, openServer } from './transport/open.ts'
import type { CallServer, PeerChannel } from './transport/peer.ts'
import { Client } from './transport/socket/client.ts'
import { Connection } from './transport/socket/connection.ts'
import type { Greeting } from './transport/socket/handshake.ts'
import { Heartbeat } from './transport/socket/heartbeat.ts'
import type { Identity } from './transport/socket/identity.ts'
import { type Network, systemNetwork } from './transport/socket/network.ts'
import { Server } from './transport/socket/server.ts'
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
  /** More than edges' counts is measured, for a deployer. */
  measured?: boolean
}

type State = 'new' | 'starting' | 'running' | 'stopping' | 'stopped'

export class App {
  readonly log: Logger
  /** Of components that keep state. */
  readonly #handOver: HandOver
  /** Given up: another process has their state. They are stopped in `retire`. */
  readonly #givenUp = new Map<string, object>()
  /** Set where it was asked for. */
  readonly measures: Measures | undefined
  readonly #descriptor: AppDescriptor
  /** Changes as components come and go. */
  readonly #hosted: Set<string>
  readonly #group: string
  readonly #linker: Linker
  readonly #lifecycle: Lifecycle
  readonly #dispatcher: Dispatcher
  readonly #listeners: Listeners
  readonly #loopback: LocalClient
  readonly #serverOptions: Omit<OpenServerOptions, 'address'>
  #server: CallServer | undefined
  readonly #peers: Peers
  /** Where components are that nothing here has needed so far. */
  readonly #unneeded = new Map<string, readonly Replica[]>()
  readonly #admissions: Admissions
  readonly #clock: Clock
  /** What has left is stopped in its own time, and before the application is. */
  readonly #leaving = new Set<Promise<void>>()
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
    this.#hosted = new Set(options.hosted ?? componentNames)
    this.#group = greeting.group
    this.#clock = clock
    this.#admissions = admissions
    const needed = (component: string) => this.#routeLate(component)
    this.#linker = new Linker({ descriptor, isolated, errors, clock, random, needed })
    this.#dispatcher = new Dispatcher({
      descriptor,
      errors,
      clock,
      references: (name) => this.#linker.references(name),
    })
    const { definitions } = descriptor
    this.#handOver = new HandOver({ linker: this.#linker, dispatcher: this.#dispatcher, clock, definitions })
    if (options.measured) {
      const runtime = [Caller, Client, Connection, Dispatcher, Heartbeat, Pending, Server, Sampler]
      const measures = new Measures({ linker: this.#linker, clock, root: descriptor.root, runtime })
      this.measures = measures
      this.#linker.observe(measures)
      this.#dispatcher.observe(measures.recorder)
      this.#dispatcher.hostEcho(ECHO_BOUNDARY, ECHO_IMPLEMENTATION)
    }
    this.#listeners = new Listeners(binder, clock, this.measures?.entries)
    const listener = (name: string, component: string) => this.#listeners.listener(name, component)
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

  /** Full names of the components that live here now. */
  get hosted(): string[] {
    return [...this.#hosted]
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
    this.measures?.shares.place(name, instance)
    if (name === this.#descriptor.root) return
    const { index, boundary } = this.#linker.callee(name)
    const inFlight = this.#dispatcher.run(index, boundary, instance)
    this.#linker.place(name, { implementation: instance, inFlight })
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
   * routing keys, and while it moves: calls from here go where it leads, whatever runs here. One that nothing here needs is only noted: boundaries of a
   * thousand components, and connections to fifty processes, took a third of the CPU of a start.
   */
  route(component: string, replicas: readonly Replica[]): void {
    // Nobody calls the root, so it has no route.
    if (component === this.#descriptor.root || this.#state === 'stopped') return
    if (this.#linker.isNeeded(component)) this.#route(component, replicas)
    else this.#unneeded.set(component, replicas)
  }

  #routeLate(component: string): void {
    const replicas = this.#unneeded.get(component)
    if (replicas === undefined || this.#state === 'stopped') return
    this.#unneeded.delete(component)
    this.#route(component, replicas)
  }

  #route(component: string, replicas: readonly Replica[]): void {
    const first = replicas[0]
    const isOurs = first === undefined ? this.#hosted.has(component) : first.group === this.#group
    const sharded = isOurs && first?.slots !== 1
    this.#linker.lead(component, { away: first !== undefined && !isOurs, sharded })
    this.#peers.route(this.#linker.callee(component).route, replicas)
  }

  /** Who may call what here, from now on. */
  admit(admitted: Admitted): void {
    this.#admissions.update(admitted)
  }

  /**
   * Starts a component that was not meant to live here, so that routes may lead here from now on. Rejects when it can't start; all is as
   * before then. One that is here already, since a deployer was killed in the middle of a move, is there.
   */
  async host(name: string, config: object | undefined): Promise<void> {
    if (this.#state !== 'running' || name === this.#descriptor.root)
      throw new WeaveError(`${name} can't come to a process that is ${this.#state}.`, { code: 'WV_START' })
    if (this.#hosted.has(name)) {
      await this.#lifecycle.started(name)
      return
    }
    const { index, boundary } = this.#linker.callee(name)
    this.#hosted.add(name)
    this.#dispatcher.host(index, boundary, () => this.#lifecycle.started(name))
    try {
      await this.#lifecycle.come(name, config)
    } catch (error) {
      this.#hosted.delete(name)
      this.#dispatcher.forget(index)
      throw error
    }
    this.#server?.host?.(index, boundary)
  }

  /** The component will leave, or will stay after all. Said some time before `retire`, so that most of its co-located calls are counted by then. */
  expectLeave(name: string, expected = true): void {
    this.#linker.count(name, expected)
  }

  /** What calls to that process cost, which may be this one. Takes some 100 ms; both ends must be measured ones. */
  async probe(peer: { process: string; group: string; address: string }): Promise<ProbeResult> {
    const opened = Promise.withResolvers<void>()
    let channel: PeerChannel | undefined
    // Also told before `open` has returned.
    const changed = () => {
      if (channel?.open) opened.resolve()
    }
    channel = this.#peers.open(peer, changed)
    changed()
    try {
      await this.#within(LIMITS.probeOpenMs, opened.promise)
      return await probe(channel, this.#descriptor.components.length, this.#clock)
    } finally {
      channel.close()
    }
  }

  /**
   * The component lives elsewhere: routes lead there already, and what comes here all the same is sent back. Resolves when the calls that
   * run have ended, or the time for that is up, and it is stopped; gives how many were left behind. It may be hosted again before.
   */
  retire(name: string): Promise<number> {
    const left = this.#retire(name)
    const ended = left.then(
      () => {},
      () => {},
    )
    this.#leaving.add(ended)
    void ended.then(() => this.#leaving.delete(ended))
    return left
  }

  /** Its state goes to the file `path`, and calls of it wait. Rejects when that can't be; it serves on then (hand-over.ts). */
  handOver(name: string, path: string): Promise<void> {
    return this.#handOver.give(name, path)
  }

  /** The instance here, which nobody calls yet, gets the state that is at `path`. */
  takeOver(name: string, path: string): Promise<void> {
    return this.#handOver.take(name, path)
  }

  /** It was to be handed over, and is not. */
  keep(name: string): void {
    this.#handOver.keep(name)
  }

  /** What has its state is the component from now on: the instance here never serves again. Rejects when it serves. */
  async giveUp(name: string): Promise<void> {
    const instance = this.#handOver.giveUp(name) ? this.#lifecycle.leave(name) : undefined
    if (instance === undefined) throw new WeaveError(`${name} is not being handed over here.`, { code: 'WV_NO_METHOD' })
    this.#hosted.delete(name)
    this.#linker.place(name, undefined)
    this.measures?.shares.place(name, undefined)
    this.#givenUp.set(name, instance)
  }

  /** Its deployer is gone: what it had begun to hand over stays, and what is given up ends. */
  orphaned(): void {
    this.#handOver.keepAll()
    for (const name of this.#givenUp.keys()) void this.retire(name)
  }

  async #retire(name: string): Promise<number> {
    const given = this.#givenUp.get(name)
    if (given !== undefined) {
      this.#givenUp.delete(name)
      await this.#lifecycle.stop(name, given)
      return 0
    }
    const { index, here } = this.#linker.callee(name)
    const instance = this.#lifecycle.leave(name)
    if (instance === undefined || here === undefined)
      throw new WeaveError(`${name} does not run here.`, { code: 'WV_NO_METHOD' })
    const uncountedMs = this.#linker.uncountedMs(name)
    this.#hosted.delete(name)
    this.#dispatcher.leave(index)
    this.#linker.place(name, undefined)
    this.measures?.shares.place(name, undefined)
    const { inFlight } = here
    await this.#ended(Promise.all([inFlight.idle(), this.#pause(uncountedMs)]), index)
    const left = inFlight.count
    if (left > 0) this.log.warn('calls had not ended when their component left', { component: name, calls: left })
    await this.#lifecycle.stop(name, instance)
    return left
  }

  /**
   * Calls, of a component or of all, get their time to end: what they are is said soon, and when the time is nearly up, their signals abort, so that
   * they can end as their callee wants before they are cut.
   */
  async #ended(ended: Promise<unknown>, component?: number): Promise<void> {
    const { drainMs, drainWarningMs, interruptedMs } = LIMITS
    const say = this.#clock.setTimeout(() => {
      const calls = Object.entries(this.#dispatcher.underWay(component)).map(([call, count]) => `${count} of ${call}`)
      if (calls.length > 0) this.log.warn(`waiting up to ${drainMs / 1000} s for calls to end: ${calls.join(', ')}`)
    }, drainWarningMs)
    const interrupt = this.#clock.setTimeout(() => this.#dispatcher.interrupt(component), drainMs - interruptedMs)
    await this.#within(drainMs, ended)
    say.cancel()
    interrupt.cancel()
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      if (ms <= 0) resolve()
      else this.#clock.setTimeout(resolve, ms)
    })
  }

  async #within(ms: number, work: Promise<unknown>): Promise<void> {
    const late = Promise.withResolvers<void>()
    const timer = this.#clock.setTimeout(() => late.resolve(), ms)
    await Promise.race([work, late.promise])
    timer.cancel()
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

  /** Calls from other processes that have come to run here so far. */
  get callsBegun(): number {
    return this.#dispatcher.begun
  }

  /** The call graph of this process as it has been measured: what its components have called, wherever that is. */
  edges(): EdgeSample[] {
    return this.#linker.edges()
  }

  /** The component as `caller` sees it; callable at once, wherever it is. */
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

  /** A connection for one of its listeners, accepted elsewhere; listener.ts has the rest. */
  take(listener: string, connection: Accepted, ended: () => void): boolean {
    return this.#listeners.take(listener, connection, ended)
  }

  /** Before anything stops: who keeps a connection to one of its servers learns that it ends. Bounded in time. */
  lastRequests(): Promise<void> {
    return this.#listeners.lastRequests()
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
    // The server has the same time, and ends by itself.
    await Promise.all([this.#listeners.close(), this.#server && this.#ended(this.#server.drain())])
    for (const name of this.#givenUp.keys()) void this.retire(name)
    await Promise.all(this.#leaving)
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
