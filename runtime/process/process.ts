/**
 * One process of a deployment: says hello to the deployer, hosts what it is assigned, serves the others, and ends when it is
 * told to. The conversation is in control.ts.
 *
 *   greeting  connected; waits for its assignment
 *   starting  its components come up; its data socket accepts calls already
 *   running   ready; routes may change, `main` may run
 *   draining  told to stop: `main` is asked to return, calls end, components stop, then the process exits; where `main` has
 *             returned, `run` resolves first, as in an application of one process
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { App } from '../app.ts'
import type { AppDescriptor } from '../boundary.ts'
import { systemClock } from '../clock.ts'
import { enterApp, leaveApp, providedFor } from '../current.ts'
import { WeaveError } from '../errors.ts'
import { LIMITS } from '../limits.ts'
import type { Binder, Binding } from '../listener.ts'
import { openInspector } from '../measure/inspector.ts'
import { NodeVitals, Sampler } from '../measure/sampler.ts'
import type { Identity } from '../transport/socket/identity.ts'
import type { Assignment, IdentityFiles, Resume, ToDeployer, ToProcess } from './control.ts'
import { ControlLink } from './control-link.ts'
import { errorText, exitNow, exitSoon, printError } from './exit.ts'
import { printInOrder } from './output.ts'
import { receiveConnections } from './passing.ts'

export interface ProcessOptions {
  descriptor: AppDescriptor
  /** Path of the deployer's socket. */
  control: string
  /** Name of this process. */
  name: string
}

type State =
  | { kind: 'greeting' }
  | { kind: 'starting'; app: App; orphan: Assignment['orphan'] }
  | { kind: 'running'; app: App; orphan: Assignment['orphan']; exitNote: string }
  | { kind: 'draining'; app: App | undefined }

/** Resolves where `main` has returned, when the components of this process have stopped; every other process exits. */
export function runProcess(options: ProcessOptions): Promise<void> {
  return new HostedProcess(options).ended
}

class HostedProcess implements Binder {
  readonly #options: ProcessOptions
  readonly #link: ControlLink
  /** Requests for an address that haven't been answered. */
  readonly #bindings = new Map<number, Bind>()
  /** Listener → the newest path that it was given. */
  readonly #paths = new Map<string, string>()
  /** Listener → path, of those that listen. */
  readonly #listens = new Map<string, string>()
  #resume: Pick<Resume, 'life' | 'address' | 'ready'> | undefined
  #lastBinding = 0
  /** Connections to a deployer so far: what one has asked is no business of the next, whose numbers begin anew. */
  #connections = 0
  #state: State = { kind: 'greeting' }
  #exitCode = 0
  #main: Promise<void> | undefined
  #mainReturned = false
  #sampler: Sampler | undefined
  #mainEnded = false
  readonly #ended = Promise.withResolvers<void>()

  constructor(options: ProcessOptions) {
    this.#options = options
    // Ctrl-C reaches every process of the terminal; the deployer is the one that acts on it, and drains us in order.
    process.on('SIGINT', () => {})
    process.on('SIGTERM', () => void this.#drain())
    this.#link = new ControlLink({
      path: options.control,
      opened: () => this.#greet(),
      received: (message) => this.#receive(message),
      closed: () => void this.#orphaned(),
    })
    receiveConnections((listener, connection, ended) => {
      const state = this.#state
      return state.kind === 'running' && state.app.take(listener, connection, ended)
    })
  }

  get ended(): Promise<void> {
    return this.#ended.promise
  }

  #greet(): void {
    this.#connections++
    const { name, descriptor } = this.#options
    const { version } = descriptor
    const state = this.#state
    const components = state.kind === 'greeting' ? [] : (state.app?.hosted ?? [])
    const listens = Object.fromEntries(this.#listens)
    const resume = this.#resume && { ...this.#resume, ...this.#mainSoFar(), components, listens }
    this.#link.say({ type: 'hello', process: name, pid: process.pid, version, application: undefined, resume })
  }

  #mainSoFar(): Pick<Resume, 'main' | 'exitCode'> {
    const main = this.#main === undefined ? 'idle' : this.#mainEnded ? 'finished' : 'running'
    return { main, exitCode: this.#exitCode }
  }

  #receive(message: ToProcess): void {
    const state = this.#state
    switch (message.type) {
      case 'assign':
        if (state.kind === 'greeting') void this.#begin(message)
        return
      case 'routes':
        // While it drains too: a replica that has gone is not waited for.
        if (state.kind === 'greeting') return
        state.app?.route(message.component, message.replicas)
        if (message.id !== undefined) this.#done(message.id)
        return
      case 'admit':
        if (state.kind === 'greeting') return
        state.app?.admit(message.admitted)
        this.#done(message.id)
        return
      case 'host':
        void this.#attempt(message, (app) => app.host(message.component, message.config))
        return
      case 'leaving':
        if (state.kind === 'running') state.app.expectLeave(message.component, message.expected)
        return
      case 'hand-over':
        void this.#attempt(message, (app) => app.handOver(message.component, message.path))
        return
      case 'take-over':
        void this.#attempt(message, (app) => app.takeOver(message.component, message.path))
        return
      case 'keep':
        void this.#attempt(message, async (app) => app.keep(message.component))
        return
      case 'give-up':
        void this.#attempt(message, (app) => app.giveUp(message.component))
        return
      case 'retire':
        void this.#attempt(message, (app) => app.retire(message.component))
        return
      case 'bind':
        this.#bound(message)
        return
      case 'main':
        if (state.kind === 'running') this.#main ??= this.#runMain(state.app, state.exitNote)
        return
      case 'probe':
        if (state.kind === 'running') void this.#probe(state.app, message)
        return
      case 'drain':
        void this.#drain()
        return
      case 'ping':
        this.#pinged(message.id)
        return
      case 'resumed':
        this.#resumed(message.routes)
        return
      default:
        // A deployer of the same build has no other messages; one that is newer may, and is obeyed where it is understood.
        return
    }
  }

  /** It is awake now: what there is to tell goes with the answer. */
  #pinged(id: number): void {
    const samples = this.#sampler?.look() ?? []
    const pong: ToDeployer = { type: 'pong', id, idle: samples.length === 0 }
    this.#link.say(...samples.map((sample): ToDeployer => ({ type: 'sample', sample })), pong)
  }

  #done(id: number, failed?: string): void {
    this.#link.say({ type: 'done', id, failed })
  }

  /** What may fail without hurting the process. */
  async #attempt({ id, component }: { id: number; component: string }, work: (app: App) => Promise<unknown>) {
    const state = this.#state
    if (state.kind !== 'running') {
      this.#done(id, `${component}: the process is ${state.kind}.`)
      return
    }
    const connection = this.#connections
    let failed: string | undefined
    try {
      await work(state.app)
    } catch (error) {
      printError(error)
      failed = error instanceof Error ? error.message : String(error)
    }
    if (connection === this.#connections) this.#done(id, failed)
  }

  /** A deployer has us again. What was asked of the one before may not have been answered. */
  #resumed(routes: Assignment['routes']): void {
    const state = this.#state
    if (state.kind !== 'starting' && state.kind !== 'running') return
    state.app.log.info('a deployer is there again')
    for (const [component, replicas] of Object.entries(routes)) state.app.route(component, replicas)
    for (const [id, { listener }] of this.#bindings) this.#link.say({ type: 'listen', listener, id })
  }

  async #begin(assignment: Assignment): Promise<void> {
    const { descriptor, name } = this.#options
    const { application, group, components, config, calls, admitted, identity, routes, orphan, output, exitNote } =
      assignment
    this.#resume = { life: assignment.life, address: '', ready: false }
    try {
      if (output === 'shared') printInOrder(() => this.#link.say({ type: 'unread' }))
      const hosted = new Set(components)
      const app = new App({
        descriptor,
        application,
        process: name,
        group,
        calls,
        admitted,
        identity: identity && readIdentity(identity),
        hosted,
        isolated: false,
        measured: true,
        config,
        binder: this,
        provided: providedFor,
        starting: (component) => this.#link.say({ type: 'starting', component }),
      })
      this.#state = { kind: 'starting', app, orphan }
      enterApp(app)
      for (const [component, replicas] of Object.entries(routes)) app.route(component, replicas)
      app.measures?.shares.begin(await openInspector(LIMITS.profileSampleUs), process.memoryUsage().heapUsed)
      const address = await app.serve(assignment.address)
      this.#resume.address = address
      this.#link.say({ type: 'serving', address })
      await app.start()
      if (this.#state.kind !== 'starting') return
      this.#state = { kind: 'running', app, orphan, exitNote }
      this.#resume.ready = true
      this.#link.say({ type: 'ready' })
      this.#measure(app)
    } catch (error) {
      // One that is told to drain while it starts fails to start, and need not say so.
      if (this.#state.kind === 'draining') return
      this.#exitCode = 1
      printError(error)
      this.#link.say({ type: 'failed', message: errorText(error) })
      await exitNow(1)
    }
  }

  async #probe(app: App, peer: Extract<ToProcess, { type: 'probe' }>): Promise<void> {
    const result = await app.probe(peer).catch(() => null)
    this.#link.say({ type: 'probed', result })
  }

  #measure(app: App): void {
    const { measures } = app
    if (measures === undefined) return
    measures.shares.started()
    this.#sampler = new Sampler({
      clock: systemClock,
      take: () => measures.take(),
      begun: () => app.callsBegun,
      vitals: new NodeVitals(),
      shares: measures.shares,
      canSend: () => this.#link.open && this.#link.unsentBytes < LIMITS.sampleUnsentBytesMax,
    })
  }

  /** What nobody caught is a crash, after which the process is started again; an exit that was asked for is an end. */
  #noteExit(note: string): void {
    let crashed = false
    process.on('uncaughtExceptionMonitor', () => {
      crashed = true
    })
    process.on('exit', (code) => {
      if (!crashed && this.#state.kind === 'running') writeFileSync(note, String(code))
    })
  }

  async #runMain(app: App, exitNote: string): Promise<void> {
    this.#noteExit(exitNote)
    let exitCode = 0
    try {
      await app.main()
      exitCode = Number(process.exitCode ?? 0)
      this.#mainReturned = true
    } catch (error) {
      printError(error)
      exitCode = 1
    }
    this.#exitCode = exitCode
    this.#mainEnded = true
    this.#link.say({ type: 'finished', exitCode })
  }

  async #drain(): Promise<void> {
    const state = this.#state
    if (state.kind === 'draining') return
    const app = state.kind === 'greeting' ? undefined : state.app
    this.#state = { kind: 'draining', app }
    if (app) {
      // Its `main` may close servers as soon as it is asked to return.
      await app.lastRequests()
      app.abort()
      await this.#mainEnd(app)
      await app.stop()
    }
    for (const sample of this.#sampler?.stop() ?? []) this.#link.say({ type: 'sample', sample })
    await this.#link.end()
    if (!app || !this.#mainReturned) return exitNow(this.#exitCode)
    leaveApp(app)
    exitSoon()
    this.#ended.resolve()
  }

  /** `main` has been asked to return: it gets its time for that. */
  async #mainEnd(app: App): Promise<void> {
    if (this.#main === undefined) return
    const late = Promise.withResolvers<'late'>()
    const timer = setTimeout(() => late.resolve('late'), LIMITS.drainMs)
    const ended = await Promise.race([this.#main, late.promise])
    clearTimeout(timer)
    if (ended === 'late') app.log.warn(`main did not return within ${LIMITS.drainMs} ms after the drain`)
  }

  /** The deployer is gone, or never was there. */
  async #orphaned(): Promise<void> {
    const state = this.#state
    const serves = (state.kind === 'starting' || state.kind === 'running') && state.orphan === 'serve'
    if (serves) {
      // What has been asked for is asked for again, and the end of `main` is told then.
      state.app.log.warn('the deployer is gone: serving on without it')
      state.app.orphaned()
      this.#link.reconnect()
      return
    }
    for (const { answer } of this.#bindings.values()) answer.reject(noDeployer())
    this.#bindings.clear()
    if (state.kind === 'draining') return
    if (state.kind === 'greeting') {
      printError(noDeployer())
      await exitNow(1)
    } else {
      state.app.log.warn('the deployer is gone: draining')
      await this.#drain()
    }
  }

  bind(listener: string): Promise<Binding> {
    const serves = this.#state.kind !== 'greeting' && this.#state.kind !== 'draining' && this.#state.orphan === 'serve'
    if (!this.#link.open && !serves) return Promise.reject(noDeployer())
    const id = ++this.#lastBinding
    const answer = Promise.withResolvers<Binding>()
    this.#bindings.set(id, { listener, answer })
    this.#link.say({ type: 'listen', listener, id })
    return answer.promise
  }

  #bound(message: Extract<ToProcess, { type: 'bind' }>): void {
    const bind = this.#bindings.get(message.id)
    if (bind === undefined) return
    this.#bindings.delete(message.id)
    const { path, url, error, stopping } = message
    if (error === undefined) {
      this.#paths.set(bind.listener, path)
      bind.answer.resolve({ at: { path }, url: () => url })
    } else bind.answer.reject(new WeaveError(error, { code: stopping ? 'WV_STOPPING' : 'WV_CONFIG' }))
  }

  listening(listener: string): void {
    this.#listens.set(listener, this.#paths.get(listener)!)
    this.#link.say({ type: 'listening', listener })
  }
}

interface Bind {
  listener: string
  answer: PromiseWithResolvers<Binding>
}

function noDeployer(): WeaveError {
  return new WeaveError('The deployer is gone.', { code: 'WV_DEPLOY' })
}

function readIdentity({ ca, certificate, key }: IdentityFiles): Identity {
  const text = (path: string) => readFileSync(path, 'utf8')
  return { ca: text(ca), certificate: text(certificate), key: text(key) }
}
