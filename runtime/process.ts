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
import { connect, type Socket } from 'node:net'
import { App } from './app.ts'
import type { AppDescriptor } from './boundary.ts'
import { systemClock } from './clock.ts'
import type { Assignment, IdentityFiles, ToDeployer, ToProcess } from './control.ts'
import { enterApp, leaveApp, providedFor } from './current.ts'
import { WeaveError } from './errors.ts'
import { errorText, exitNow, exitSoon, printError } from './exit.ts'
import { LIMITS } from './limits.ts'
import type { Binder, Binding } from './listener.ts'
import { openInspector } from './measure/inspector.ts'
import { NodeVitals, Sampler } from './measure/sampler.ts'
import { printInOrder } from './output.ts'
import type { Identity } from './transport/socket/identity.ts'

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
  readonly #socket: Socket
  readonly #bindings = new Map<number, PromiseWithResolvers<Binding>>()
  #lastBinding = 0
  #state: State = { kind: 'greeting' }
  #exitCode = 0
  #main: Promise<void> | undefined
  #mainReturned = false
  #sampler: Sampler | undefined
  readonly #ended = Promise.withResolvers<void>()

  constructor(options: ProcessOptions) {
    this.#options = options
    // Ctrl-C reaches every process of the terminal; the deployer is the one that acts on it, and drains us in order.
    process.on('SIGINT', () => {})
    process.on('SIGTERM', () => void this.#drain())
    this.#socket = connect({ path: options.control })
    this.#socket.on('connect', () => this.#greet())
    this.#socket.on(
      'data',
      lines((line) => this.#receive(line)),
    )
    this.#socket.on('error', () => {})
    this.#socket.on('close', () => void this.#orphaned())
  }

  get ended(): Promise<void> {
    return this.#ended.promise
  }

  #say(message: ToDeployer): void {
    if (this.#socket.writable) this.#socket.write(`${JSON.stringify(message)}\n`)
  }

  #greet(): void {
    const { descriptor, name } = this.#options
    this.#say({ type: 'hello', process: name, pid: process.pid, version: descriptor.version, application: undefined })
  }

  #receive(line: string): void {
    const message = JSON.parse(line) as ToProcess
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
      default:
        // A deployer of the same build has no other messages; one that is newer may, and is obeyed where it is understood.
        return
    }
  }

  #done(id: number, failed?: string): void {
    this.#say({ type: 'done', id, failed })
  }

  /** What may fail without hurting the process. */
  async #attempt({ id, component }: { id: number; component: string }, work: (app: App) => Promise<unknown>) {
    const state = this.#state
    if (state.kind !== 'running') {
      this.#done(id, `${component}: the process is ${state.kind}.`)
      return
    }
    try {
      await work(state.app)
      this.#done(id)
    } catch (error) {
      printError(error)
      this.#done(id, error instanceof Error ? error.message : String(error))
    }
  }

  async #begin(assignment: Assignment): Promise<void> {
    const { descriptor, name } = this.#options
    const { application, group, components, config, calls, admitted, identity, routes, orphan, output, exitNote } =
      assignment
    try {
      if (output === 'shared') printInOrder(() => this.#say({ type: 'unread' }))
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
        starting: (component) => this.#say({ type: 'starting', component }),
      })
      this.#state = { kind: 'starting', app, orphan }
      enterApp(app)
      for (const [component, replicas] of Object.entries(routes)) app.route(component, replicas)
      app.measures?.shares.begin(await openInspector(LIMITS.profileSampleUs), process.memoryUsage().heapUsed)
      const address = await app.serve(assignment.address)
      this.#say({ type: 'serving', address })
      await app.start()
      if (this.#state.kind !== 'starting') return
      this.#state = { kind: 'running', app, orphan, exitNote }
      this.#say({ type: 'ready' })
      this.#measure(app)
    } catch (error) {
      // One that is told to drain while it starts fails to start, and need not say so.
      if (this.#state.kind === 'draining') return
      this.#exitCode = 1
      printError(error)
      this.#say({ type: 'failed', message: errorText(error) })
      await exitNow(1)
    }
  }

  async #probe(app: App, peer: Extract<ToProcess, { type: 'probe' }>): Promise<void> {
    const result = await app.probe(peer).catch(() => null)
    this.#say({ type: 'probed', result })
  }

  #measure(app: App): void {
    const { measures } = app
    if (measures === undefined) return
    this.#sampler = new Sampler({
      clock: systemClock,
      take: () => measures.take(),
      vitals: new NodeVitals(),
      shares: measures.shares,
      canSend: () => this.#socket.writable && this.#socket.writableLength < LIMITS.sampleUnsentBytesMax,
      send: (sample) => this.#say({ type: 'sample', sample }),
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
    this.#say({ type: 'finished', exitCode })
    // Nobody is there to drain us.
    if (this.#socket.destroyed) await this.#drain()
  }

  async #drain(): Promise<void> {
    const state = this.#state
    if (state.kind === 'draining') return
    const app = state.kind === 'greeting' ? undefined : state.app
    this.#state = { kind: 'draining', app }
    if (app) {
      app.abort()
      await this.#mainEnd(app)
      await app.stop()
    }
    this.#sampler?.stop()
    await new Promise<void>((resolve) => (this.#socket.writable ? this.#socket.end(resolve) : resolve()))
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
    for (const { reject } of this.#bindings.values()) reject(noDeployer())
    this.#bindings.clear()
    if (state.kind === 'draining') return
    if (state.kind === 'greeting') {
      printError(noDeployer())
      await exitNow(1)
    } else if (state.orphan === 'drain') {
      state.app.log.warn('the deployer is gone: draining')
      await this.#drain()
    } else state.app.log.warn('the deployer is gone: serving on without it')
  }

  bind(listener: string): Promise<Binding> {
    if (!this.#socket.writable) return Promise.reject(noDeployer())
    const id = ++this.#lastBinding
    const binding = Promise.withResolvers<Binding>()
    this.#bindings.set(id, binding)
    this.#say({ type: 'listen', listener, id })
    return binding.promise
  }

  #bound(message: Extract<ToProcess, { type: 'bind' }>): void {
    const binding = this.#bindings.get(message.id)
    this.#bindings.delete(message.id)
    const { path, url, error, stopping } = message
    if (error === undefined) binding?.resolve({ at: { path }, url: () => url })
    else binding?.reject(new WeaveError(error, { code: stopping ? 'WV_STOPPING' : 'WV_CONFIG' }))
  }

  listening(listener: string): void {
    this.#say({ type: 'listening', listener })
  }
}

function noDeployer(): WeaveError {
  return new WeaveError('The deployer is gone.', { code: 'WV_DEPLOY' })
}

function readIdentity({ ca, certificate, key }: IdentityFiles): Identity {
  const text = (path: string) => readFileSync(path, 'utf8')
  return { ca: text(ca), certificate: text(certificate), key: text(key) }
}

/** Chunks in, lines out. The deployer is trusted: a line is as long as it is. */
function lines(each: (line: string) => void): (chunk: Buffer) => void {
  const decoder = new TextDecoder()
  let rest = ''
  return (chunk) => {
    rest += decoder.decode(chunk, { stream: true })
    const complete = rest.split('\n')
    rest = complete.pop()!
    for (const line of complete) if (line !== '') each(line)
  }
}
