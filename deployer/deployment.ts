/**
 * One deployment in the foreground: the processes of one version on this machine, from their first start until nothing of them
 * runs any more. It owns the socket folder, the control server, the listeners' public addresses and the supervisors; it decides
 * when `main` is called, when the application has ended, and in what order processes are drained. Longer than most files, since
 * every transition of the state machine is here.
 *
 * | state    | what is true                                                     | what leaves it                                          |
 * | -------- | ---------------------------------------------------------------- | ------------------------------------------------------- |
 * | opening  | public addresses and the control socket are being bound          | bound → starting; can't be bound → stopped              |
 * | starting | processes run; `main` has not been called                        | all ready → running; one crash-loops → stopping         |
 * | running  | `main` runs in the root's replicas; who crashes is restarted      | main returned in all, or threw in one; stop → stopping  |
 * | stopping | no new connections; groups drain, callers before callees         | all stopped → stopped                                   |
 * | stopped  | nothing runs, nothing is bound, the folder is gone               | nothing                                                 |
 *
 * The exit code is 0 when `main` has returned or stop was asked for and every process ended well; the code of `main` when it
 * failed; 1 when the application couldn't start or a process had to be killed; 130 when `kill` ended it.
 */
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Clock, Random, Timer } from '../runtime/clock.ts'
import type { CallSettings } from '../runtime/configuration.ts'
import { ENV_CONTROL, ENV_PROCESS, ENV_RUN, type IdentityFiles, type ToDeployer } from '../runtime/control.ts'
import { WeaveError } from '../runtime/errors.ts'
import type { Manifest } from '../runtime/manifest.ts'
import { shortName } from '../runtime/names.ts'
import { formatAddress, type TransportKind } from '../runtime/transport/address.ts'
import { admittedTo } from './admission.ts'
import { type ControlPeer, ControlServer, type Hello } from './control.ts'
import { SocketDirectory } from './directory.ts'
import type { DeployEvent } from './events.ts'
import type { TakeChunk } from './last-lines.ts'
import { DEPLOYER_LIMITS } from './limits.ts'
import { Listeners } from './listeners.ts'
import { drainOrder, type Group } from './placement.ts'
import { Routes } from './routes.ts'
import type { Spawn, SpawnOptions } from './spawn.ts'
import { type ControlChannel, type Crash, type ProcessState, Supervisor } from './supervisor.ts'

export interface DeploymentPlan {
  manifest: Manifest
  application: string
  groups: Group[]
  /** By full component name. */
  config: Record<string, object>
  listeners: Record<string, { host: string; port: number }>
  /** Between processes. */
  transport: TransportKind
  calls: CallSettings
  /** What each process is started with, its two variables apart. */
  command: SpawnOptions
}

export interface Surroundings {
  clock: Clock
  random: Random
  spawn: Spawn
  onEvent: (event: DeployEvent) => void
  onOutput: (process: string, ...chunk: Parameters<TakeChunk>) => void | Promise<void>
}

type StopReason = Extract<DeployEvent, { type: 'stopping' }>['reason']

type State =
  | { kind: 'opening' }
  | { kind: 'starting' }
  | { kind: 'running' }
  /** `waves`: groups that are still to be drained, the first ones being drained now. */
  | { kind: 'stopping'; reason: StopReason; waves: string[][] }
  | { kind: 'stopped' }

/** One place for a process; the supervisor sees to it that there is one in it. What is of one life only is reset by `newLife`. */
interface Member {
  readonly index: number
  readonly group: Group
  readonly slot: number
  readonly supervisor: Supervisor
  mainCalled: boolean
  /** Kept over restarts: a `main` that has returned isn't called again. */
  mainFinished: boolean
  /** It was ready when it was asked to stop, so it owes a clean exit. */
  drainedReady: boolean
}

export class LocalDeployment {
  readonly #plan: DeploymentPlan
  readonly #around: Surroundings
  readonly #members: Member[]
  readonly #routes: Routes
  readonly #listeners: Listeners
  readonly #ready = Promise.withResolvers<void>()
  readonly #finished = Promise.withResolvers<number>()
  readonly #sinceMs: number
  #state: State = { kind: 'opening' }
  #directory: SocketDirectory | undefined
  #control: ControlServer | undefined
  /** By group, where processes prove who they are. */
  readonly #identities = new Map<Group, IdentityFiles>()
  #startTimer: Timer | undefined
  #stopTimer: Timer | undefined
  /** Listener sockets that processes were told to bind so far. */
  #binds = 0
  #exitCode = 0
  /** Why `ready` will never come. */
  #failure: WeaveError | undefined

  constructor(plan: DeploymentPlan, around: Surroundings) {
    this.#plan = plan
    this.#around = around
    this.#sinceMs = around.clock.now()
    this.#members = plan.groups
      .flatMap((group) => Array.from({ length: group.replicas }, (_, slot) => ({ group, slot })))
      .map(({ group, slot }, index) => this.#member(group, slot, index))
    const { manifest, listeners: addresses } = plan
    const routed = manifest.components.filter((component) => component.routed).map(({ name }) => name)
    this.#routes = new Routes(this.#members, new Set(routed))
    this.#listeners = new Listeners({ manifest, addresses, clock: around.clock })
    // Whoever doesn't await `ready` learns the same from `finished`.
    this.#ready.promise.catch(() => {})
  }

  get ready(): Promise<void> {
    return this.#ready.promise
  }

  get finished(): Promise<number> {
    return this.#finished.promise
  }

  get members(): readonly Readonly<Member>[] {
    return this.#members
  }

  async open(): Promise<void> {
    const { clock } = this.#around
    const { manifest, application } = this.#plan
    if (this.#state.kind !== 'opening') return
    const processes = this.#members.map(({ supervisor, group }) => ({
      process: supervisor.name,
      group: group.name,
      components: group.components,
    }))
    this.#emit({ type: 'deploying', application, version: manifest.version, processes })
    try {
      this.#directory = new SocketDirectory(tmpdir())
      this.#control = new ControlServer({
        path: this.#directory.control,
        clock,
        accept: (hello, channel) => this.#accept(hello, channel),
        onRefused: (reason) => this.#emit({ type: 'refused', process: null, reason }),
      })
      await this.#control.listen()
      if (this.#plan.transport === 'tls') await this.#issueIdentities(this.#directory.path)
      await this.#listeners.open((name, url) => this.#emit({ type: 'listener', name, url }))
    } catch (error) {
      if (this.#state.kind !== 'opening') return
      this.#failure =
        error instanceof WeaveError
          ? error
          : new WeaveError(`The deployment could not begin: ${String(error)}`, { code: 'WV_DEPLOY', cause: error })
      return this.#stop('start-failed', 1)
    }
    if (this.#state.kind !== 'opening') return
    this.#state = { kind: 'starting' }
    for (const { supervisor } of this.#members) supervisor.start()
    this.#watchStart(DEPLOYER_LIMITS.startWarningMs)
  }

  async #issueIdentities(folder: string): Promise<void> {
    // The library is loaded where it is needed.
    const { Authority, writeIdentity } = await import('./certificates.ts')
    const { application, groups } = this.#plan
    const authority = new Authority(application)
    for (const [index, group] of groups.entries()) {
      const identity = authority.identity(group.name)
      this.#identities.set(group, writeIdentity(folder, `g${index}`, identity))
    }
  }

  /** Where a process of this life binds its data socket. */
  #dataAddress(member: Member): string {
    const { transport: kind } = this.#plan
    if (kind === 'unix') return this.#directory!.data(member.index, member.supervisor.lives)
    // Any free port of this machine; the process says which.
    return formatAddress({ kind, host: '127.0.0.1', port: 0 })
  }

  /** Says who isn't ready, at times that double. */
  #watchStart(ms: number): void {
    this.#startTimer = this.#around.clock.setTimeout(() => {
      if (this.#state.kind !== 'starting') return
      const late = this.#members.filter(({ supervisor }) => supervisor.state.kind !== 'ready')
      const processes = late.map(({ supervisor: { name, starting } }) => ({
        process: name,
        component: starting ?? null,
      }))
      const durationMs = Math.round(this.#around.clock.now() - this.#sinceMs)
      this.#emit({ type: 'waiting', durationMs, processes })
      this.#watchStart(durationMs)
    }, ms)
  }

  stop(): Promise<void> {
    this.#stop('asked', 0)
    return this.#finished.promise.then(() => {})
  }

  kill(): void {
    this.#stop('asked', 130)
    this.#exitCode ||= 130
    for (const { supervisor } of this.#members) supervisor.kill('was killed')
  }

  // ---- processes

  #member(group: Group, slot: number, index: number): Member {
    const name = `${group.name}-${slot + 1}`
    const { clock, random, onOutput } = this.#around
    const supervisor = new Supervisor({
      name,
      clock,
      random,
      spawn: () => this.#spawn(name),
      take: (stream, chunk) => onOutput(name, stream, chunk),
      onState: (_, before) => this.#changed(member, before),
    })
    const member: Member = {
      index,
      group,
      slot,
      supervisor,
      mainCalled: false,
      mainFinished: false,
      drainedReady: false,
    }
    return member
  }

  #spawn(name: string) {
    const { command } = this.#plan
    const environment: NodeJS.ProcessEnv = {
      ...command.environment,
      [ENV_CONTROL]: this.#directory!.control,
      [ENV_PROCESS]: name,
    }
    delete environment[ENV_RUN]
    return this.#around.spawn({ ...command, environment })
  }

  /** After every change of a process's state: tell the world and the others, and go on with what was waiting for it. */
  #changed(member: Member, before: ProcessState): void {
    const { supervisor, group } = member
    const { state } = supervisor
    switch (state.kind) {
      case 'starting':
        if (supervisor.pid !== undefined) {
          const restarts = supervisor.lives - 1
          this.#emit({
            type: 'process-started',
            process: supervisor.name,
            pid: supervisor.pid,
            components: group.components,
            restarts,
          })
        }
        break
      case 'draining':
        member.drainedReady = before.kind === 'ready'
        break
      case 'exited':
        if (before.kind !== 'exited') this.#lifeEnded(member)
        break
      default:
        break
    }
    this.#routes.changed(group)
    this.#listeners.changed(group)
    if (state.kind === 'ready') this.#memberReady(member)
    if (state.kind === 'backoff' || state.kind === 'crash-looping') this.#crashed(member, state)
    if (state.kind === 'stopped') {
      // One that was stopped while it waited for its restart has been reported when it crashed.
      if (before.kind === 'exited' && state.crash) this.#ended(member, state.crash)
      this.#nextWave()
    }
  }

  #memberReady(member: Member): void {
    const { supervisor } = member
    this.#emit({
      type: 'process-ready',
      process: supervisor.name,
      pid: supervisor.pid!,
      durationMs: Math.round(supervisor.ageMs),
    })
    if (this.#state.kind === 'running') {
      this.#callMain(member)
      return
    }
    if (this.#state.kind !== 'starting' || this.#members.some(({ supervisor: { state } }) => state.kind !== 'ready'))
      return
    this.#state = { kind: 'running' }
    this.#startTimer?.cancel()
    for (const each of this.#members) this.#callMain(each)
    this.#emit({ type: 'ready', durationMs: Math.round(this.#around.clock.now() - this.#sinceMs) })
    this.#ready.resolve()
  }

  #lifeEnded(member: Member): void {
    const { supervisor } = member
    const directory = this.#directory!
    for (const path of this.#listeners.forget(member)) directory.forget(path)
    const asked = directory.exitCode(directory.exitNote(member.index, supervisor.lives))
    directory.forget(directory.data(member.index, supervisor.lives))
    const called = member.mainCalled
    member.mainCalled = false
    // `process.exit` in the root is a way to end an application, in one process as in many; any other exit is a crash.
    const { state } = supervisor
    if (!called || member.mainFinished || state.kind !== 'exited' || state.expected) return
    const { code } = state.exit
    if (code === null || (code !== 0 && code !== asked)) return
    supervisor.drain()
    this.#mainFinished(member, code)
  }

  #crashed(member: Member, state: { kind: 'backoff' | 'crash-looping'; restartInMs: number; crash: Crash }): void {
    const { supervisor } = member
    const { crash } = state
    const givesUp = this.#state.kind === 'starting' && state.kind === 'crash-looping'
    this.#emitExit(member, crash, false, givesUp ? null : state.restartInMs)
    if (state.kind !== 'crash-looping') return
    if (crash.crashes === DEPLOYER_LIMITS.crashesMax) {
      const { crashes, reason, lastLines } = crash
      this.#emit({ type: 'crash-looping', process: supervisor.name, crashes, reason, lastLines })
    }
    if (!givesUp) return
    const components = member.group.components.map(shortName).join(', ')
    // What it printed has been handed on as it came; the reason is the first line of it.
    const text = `Process "${supervisor.name}" (${components}) crashed ${crash.crashes} times in a row before the application was ready; the last time it ${crash.reason}`
    this.#failure = new WeaveError(/[.!?]$/.test(text) ? text : `${text}.`, { code: 'WV_DEPLOY' })
    this.#stop('start-failed', 1)
  }

  #ended(member: Member, crash: Crash): void {
    this.#emitExit(member, crash, true, null)
    // Where `main` has returned, code after `run` may have set it.
    if (member.drainedReady && crash.exit.code !== 0) this.#exitCode ||= (member.mainFinished && crash.exit.code) || 1
  }

  #emitExit(member: Member, crash: Crash, expected: boolean, restartInMs: number | null): void {
    const { exit, reason, lastLines, pid } = crash
    const { name } = member.supervisor
    const { code, signal } = exit
    this.#emit({
      type: 'process-exited',
      process: name,
      pid: pid ?? null,
      code,
      signal,
      expected,
      reason,
      lastLines,
      restartInMs,
    })
  }

  // ---- what processes say

  #accept(hello: Hello, channel: ControlChannel): ControlPeer | string {
    const member = this.#members.find(({ supervisor }) => supervisor.name === hello.process)
    if (!member) return `there is no process ${JSON.stringify(hello.process.slice(0, 100))} in this deployment`
    const { supervisor } = member
    const { version } = this.#plan.manifest
    if (hello.version !== version) {
      supervisor.fail(
        `runs version ${hello.version.slice(0, 100)} where the manifest says ${version}; build the application again`,
      )
      return `process "${supervisor.name}" runs another version`
    }
    const refusal = supervisor.hello(channel)
    if (refusal !== undefined) return refusal
    channel.send({
      type: 'assign',
      application: this.#plan.application,
      group: member.group.name,
      address: this.#dataAddress(member),
      identity: this.#identities.get(member.group),
      calls: this.#plan.calls,
      admitted: admittedTo(member.group, this.#plan.groups, this.#plan.manifest),
      exitNote: this.#directory!.exitNote(member.index, supervisor.lives),
      components: member.group.components,
      routes: this.#routes.seenBy(member),
      config: Object.fromEntries(
        Object.entries(this.#plan.config).filter(([name]) => member.group.components.includes(name)),
      ),
      orphan: 'drain',
      output: this.#plan.command.inherit && 'shared',
    })
    return {
      receive: (message) => this.#receive(member, message),
      broke: (reason) => {
        this.#emit({ type: 'refused', process: supervisor.name, reason })
        supervisor.fail(reason)
      },
      disconnected: () => supervisor.disconnected(channel),
    }
  }

  #receive(member: Member, message: Exclude<ToDeployer, Hello>): void {
    // What is read after its exit changes nothing, but may say why.
    if (!member.supervisor.runs && message.type !== 'failed') return
    switch (message.type) {
      case 'serving':
      case 'starting':
      case 'ready':
      case 'failed':
        member.supervisor.receive(message)
        return
      case 'listen':
        this.#listeners.bind(member, message, () => this.#directory!.listener(++this.#binds))
        return
      case 'listening':
        this.#listeners.listening(member, message.listener)
        return
      case 'unread':
        void this.stop()
        return
      case 'finished':
        if (member.mainCalled) this.#mainFinished(member, message.exitCode)
        else member.supervisor.fail('said that main had finished, which it was not asked to run')
        return
    }
  }

  #callMain(member: Member): void {
    if (!member.group.components.includes(this.#plan.manifest.root) || member.mainFinished) return
    member.mainCalled = true
    member.supervisor.send({ type: 'main' })
  }

  #mainFinished(member: Member, code: number): void {
    if (member.mainFinished) return
    member.mainFinished = true
    // What a process can exit with; anything odd counts as a failure.
    const exitCode = code >= 0 && code <= 255 ? code : 1
    this.#emit({ type: 'main-finished', process: member.supervisor.name, exitCode })
    if (exitCode !== 0) this.#stop('main-failed', exitCode)
    else if (this.#members.every(({ group, mainFinished }) => group !== member.group || mainFinished))
      this.#stop('main-finished', 0)
  }

  // ---- the end

  #stop(reason: StopReason, exitCode: number): void {
    if (this.#state.kind === 'stopping' || this.#state.kind === 'stopped') {
      this.#exitCode ||= exitCode
      return
    }
    this.#exitCode = exitCode
    const { groups, manifest } = this.#plan
    // Nobody calls anybody for `main`'s sake before it runs, so then there is no order to keep.
    const waves = this.#state.kind === 'running' ? drainOrder(groups, manifest) : [groups.map(({ name }) => name)]
    this.#state = { kind: 'stopping', reason, waves }
    this.#emit({ type: 'stopping', reason })
    this.#listeners.stopAccepting()
    this.#startTimer?.cancel()
    this.#stopTimer = this.#around.clock.setTimeout(() => {
      for (const { supervisor } of this.#members) {
        supervisor.kill(`was killed: the application had not stopped in ${DEPLOYER_LIMITS.stopMs / 1000} s`)
      }
    }, DEPLOYER_LIMITS.stopMs)
    this.#nextWave()
  }

  /** Drains the first wave; when it has stopped, the next. */
  #nextWave(): void {
    while (this.#state.kind === 'stopping') {
      const { waves } = this.#state
      const wave = waves[0]
      if (!wave) {
        this.#end()
        return
      }
      const draining = this.#members.filter(({ group }) => wave.includes(group.name))
      for (const { supervisor } of draining) supervisor.drain()
      if (draining.some(({ supervisor }) => supervisor.state.kind !== 'stopped')) return
      // A `drain` that stopped something at once has come here before us and gone on.
      if (waves[0] === wave) waves.shift()
    }
  }

  #end(): void {
    this.#state = { kind: 'stopped' }
    this.#stopTimer?.cancel()
    this.#control?.close()
    this.#listeners.close()
    this.#directory?.remove()
    this.#ready.reject(
      this.#failure ?? new WeaveError('The deployment was stopped before it was ready.', { code: 'WV_STOPPING' }),
    )
    this.#emit({ type: 'stopped', exitCode: this.#exitCode })
    this.#finished.resolve(this.#exitCode)
  }

  #emit(event: DeployEvent): void {
    this.#around.onEvent(event)
  }
}

/** Where the manifest's entry is on disk. */
export function entryFile(directory: string, manifest: Manifest): string {
  return join(directory, manifest.entry)
}
