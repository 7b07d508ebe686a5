/**
 * One deployment: the processes of one version on this machine, from their first start until nothing of them runs any more. It owns the
 * desired state, the socket folder, the control server, the listeners' public addresses and the supervisors; `reconcile` says what
 * is to be done, after every change of what is wanted or of what is, and it is done here. Longer than most files, since every transition
 * of the state machine is here.
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
import type { Clock, Random, Timer } from '../runtime/clock.ts'
import type { CallSettings, RoutingSettings } from '../runtime/config/configuration.ts'
import { WeaveError } from '../runtime/errors.ts'
import type { Manifest } from '../runtime/manifest.ts'
import type { TransportKind } from '../runtime/transport/address.ts'
import type { AutomaticPace } from './automatic/automatic.ts'
import { Base } from './base.ts'
import type { SocketDirectory } from './directory.ts'
import type { DeployEvent } from './events.ts'
import { cannotStart, crashLoops, endedMeanwhile, endedWell, exitEvent, exitsApplication } from './exits.ts'
import { MeasuredGraph } from './graph/measured.ts'
import { Keys } from './keys/keys.ts'
import type { TakeChunk } from './last-lines.ts'
import { Launcher } from './launcher.ts'
import { DEPLOYER_LIMITS } from './limits.ts'
import { Listeners } from './listeners.ts'
import type { LogFiles } from './log-files.ts'
import { type Member, Members, type ProcessSnapshot } from './members.ts'
import { Arrivals } from './moves/arrivals.ts'
import { Mover, type MoveStatus } from './moves/mover.ts'
import { Steps } from './moves/steps.ts'
import type { Found } from './moves/unfinished.ts'
import { type Group, processName } from './placement.ts'
import type { Pins } from './planner/model.ts'
import { Planning } from './planning/planning.ts'
import { type Action, reconcile } from './reconcile.ts'
import { RemoteRelays, relayHere } from './relays.ts'
import { Requests } from './requests.ts'
import { Routes } from './routes.ts'
import type { Ranges } from './scaling/ranges.ts'
import { Scaler } from './scaling/scaler.ts'
import type { Spawn, SpawnOptions } from './spawn.ts'
import { StartWatch } from './start-watch.ts'
import type { Recorder } from './state/recorder.ts'
import type { GroupStatus, Status } from './status.ts'
import type { Crash, Health, ProcessState } from './supervisor.ts'
import { type Legacy, type Takeover, takeOver } from './takeover.ts'
import { Wanted } from './wanted.ts'

export interface DeploymentPlan {
  manifest: Manifest
  application: string
  /** The deployment's own from now on: it changes them. */
  groups: Group[]
  /** Full names of components of which there is one instance. */
  singletons: ReadonlySet<string>
  /** Of weave.config.ts, with full names. */
  pins: Pins
  /** Where replicas follow load, and between what. */
  ranges: Ranges
  /** By full component name. */
  config: Record<string, object>
  listeners: Record<string, { host: string; port: number }>
  /** Between processes. */
  transport: TransportKind
  calls: CallSettings
  routing: RoutingSettings
  /** Placement decides by itself, from what is measured. */
  automatic: boolean
  pace?: AutomaticPace | undefined
  /** Trials of automatic placement that the state knows already. */
  trials?: number | undefined
  health: Health
  /** Its processes go on without this deployer, and another one may take over. */
  detached: boolean
  /** What an earlier deployer has left running: this one takes over. */
  legacy?: Legacy | undefined
  /** What each process is started with, its two variables apart. */
  command: SpawnOptions
}

export interface Surroundings {
  clock: Clock
  random: Random
  /** Cores of the machine that nobody has used since it was asked last. */
  spareCores: () => number
  spawn: Spawn
  onEvent: (event: DeployEvent) => void
  onOutput: (process: string, ...chunk: Parameters<TakeChunk>) => void | Promise<void>
  /** Told of what would have to be found again. */
  recorder?: Recorder | undefined
  /** Where processes print, instead of `onOutput`. */
  logs?: LogFiles | undefined
  /** Called when the folder of sockets is there, before anything is started. */
  opened?: (directory: SocketDirectory) => Promise<void>
}

type StopReason = Extract<DeployEvent, { type: 'stopping' }>['reason']

type State =
  | { kind: 'opening' }
  | { kind: 'starting' }
  | { kind: 'running' }
  | { kind: 'stopping' }
  | { kind: 'stopped' }

export class LocalDeployment {
  readonly #plan: DeploymentPlan
  readonly #around: Surroundings
  readonly #wanted: Wanted
  readonly #members: Members
  readonly #routes: Routes
  /** Who owns which routing keys. */
  readonly #keys: Keys
  readonly #listeners: Listeners
  readonly #requests: Requests
  readonly #arrivals: Arrivals
  readonly #mover: Mover
  readonly #steps: Steps
  readonly #scaler: Scaler
  /** What is measured of its calls. */
  readonly graph: MeasuredGraph
  readonly planning: Planning
  /** Of a detached deployment that has listeners. */
  readonly #relays: RemoteRelays | undefined
  readonly #ready = Promise.withResolvers<void>()
  readonly #finished = Promise.withResolvers<number>()
  readonly #start: StartWatch
  #state: State = { kind: 'opening' }
  #base: Base | undefined
  /** Something has changed since the reconciler last looked. */
  #changes = false
  #reconciling = false
  /** Until all that it found have come back. */
  #takeover: Takeover | undefined
  /** Files in which states have moved so far. */
  #states = 0
  /** What has come back of it. */
  readonly #found = new Map<Member, Found>()
  #stopTimer: Timer | undefined
  #exitCode = 0
  /** Why `ready` will never come. */
  #failure: WeaveError | undefined

  constructor(plan: DeploymentPlan, around: Surroundings) {
    this.#plan = plan
    this.#around = around
    this.graph = new MeasuredGraph({
      clock: around.clock,
      application: plan.application,
      manifest: plan.manifest,
      ready: () => this.#members.ready(),
      keyed: (calls) => this.#keys.load.take(calls),
      send: (process, message) => this.#members.find(process)?.supervisor.send(message),
    })
    const { manifest, listeners: addresses, groups, detached, legacy } = plan
    const listens = manifest.components.some(({ listeners }) => listeners.length > 0)
    this.#relays = detached && listens ? new RemoteRelays() : undefined
    this.#wanted = new Wanted({ ...plan, ingress: this.#relays?.group })
    const launcher = new Launcher({
      ...around,
      logs: around.logs,
      health: plan.health,
      ingress: this.#relays?.group,
      accepts: (group) => this.#relays === undefined && this.#listeners.any(group),
      assignments: () => this.#base!.assignments,
      onState: (member, before) => this.#changed(member, before),
    })
    this.#members = new Members((name, member) => launcher.supervisor(name, member), this.#relays?.group)
    this.#start = new StartWatch(this.#members, around.clock, (event) => this.#emit(event))
    if (legacy === undefined)
      for (const group of this.#wanted.groups)
        for (let slot = 0; slot < group.replicas; slot++) this.#members.add(group, slot)
    this.#keys = new Keys({
      clock: around.clock,
      manifest,
      groups,
      routing: plan.routing,
      takesOver: legacy !== undefined,
      busy: (process) => this.#busy(process),
      changed: () => this.#around.recorder?.wanted(this.#wanted.own),
      tell: (group) => this.#routes.changed(group),
      emit: (event) => this.#emit(event),
    })
    this.#routes = new Routes(this.#members.application, groups, this.#keys.owners)
    const relay = this.#relays?.make ?? relayHere((process) => launcher.passage(process))
    this.#listeners = new Listeners({ manifest, addresses, clock: around.clock, relay })
    this.#requests = new Requests(around.clock)
    this.#arrivals = new Arrivals(this.#wanted.own, manifest)
    const [members, routes, requests, arrivals] = [this.#members, this.#routes, this.#requests, this.#arrivals]
    this.#steps = new Steps({ members, routes, requests, arrivals, clock: around.clock })
    this.#mover = new Mover({
      ...plan,
      groups: this.#wanted.own,
      members,
      arrivals,
      steps: this.#steps,
      clock: around.clock,
      statePath: () => this.#base!.directory.state(`${process.pid}-${++this.#states}`),
      identify: (group) => this.#base!.assignments.identify(group),
      changed: () => this.#reconcile(),
      record: (moving) => this.#around.recorder?.wanted(this.#wanted.own, moving),
      renew: ({ supervisor: { name, lives } }) => {
        this.#wanted.outdated.set(name, lives)
        this.#reconcile()
      },
      emit: (event) => this.#emit(event),
    })
    this.planning = new Planning({
      ...plan,
      clock: around.clock,
      groups: this.#wanted.own,
      graph: this.graph,
      move: (components, to) => this.#move(components, to),
      decisions: legacy?.deployment.decisions,
      decided: (decisions) => this.#around.recorder?.decided(decisions),
      emit: (event) => this.#emit(event),
    })
    this.#scaler = new Scaler({
      clock: around.clock,
      groups: this.#wanted.own,
      range: (group) => plan.ranges.of(group),
      seen: (group) => {
        const { serving, settled } = this.#members.seen(group)
        const busy = serving.map((process) => this.#busy(process))
        return { busy, settled, ...this.graph.asked(group.components, serving) }
      },
      spareCores: around.spareCores,
      isHeld: () => this.#mover.isMoving,
      scale: (group, to, why) => this.#scale(group.name, to, why),
    })
    // Whoever doesn't await `ready` learns the same from `finished`.
    this.#ready.promise.catch(() => {})
  }

  get ready(): Promise<void> {
    return this.#ready.promise
  }

  get finished(): Promise<number> {
    return this.#finished.promise
  }

  processes(): ProcessSnapshot[] {
    const groups = new Map(this.#wanted.own.map((group) => [group.name, group]))
    return this.#members
      .snapshots()
      .map((each) => ({ ...each, keys: this.#keys.shown(groups.get(each.group), each.slot) }))
  }

  groups(): GroupStatus[] {
    const isReady = ({ supervisor }: Member) => supervisor.state.kind === 'ready'
    return this.#wanted.own.map((group) => ({
      group: group.name,
      components: [...group.components],
      replicas: group.replicas,
      ready: this.#members.in(group).filter(isReady).length,
      scaling: this.#scaler.status(group),
      keys: this.#keys.status(group),
    }))
  }

  status(): Pick<Status, 'state' | 'groups' | 'processes' | 'listeners' | 'move' | 'automatic'> {
    const move = this.#mover.status ?? null
    const { automatic } = this.planning
    return {
      state: this.#state.kind,
      groups: this.groups(),
      processes: this.processes(),
      listeners: this.#listeners.urls(),
      move,
      automatic,
    }
  }

  async open(): Promise<void> {
    const { manifest, application } = this.#plan
    if (this.#state.kind !== 'opening') return
    const processes = this.#wanted.own.flatMap((group) =>
      Array.from({ length: group.replicas }, (_, slot) => ({
        process: processName(group, slot),
        group: group.name,
        components: group.components,
      })),
    )
    const takesOver = this.#plan.legacy !== undefined
    this.#emit({ type: 'deploying', application, version: manifest.version, processes, takesOver })
    try {
      await this.#bind()
    } catch (error) {
      if (this.#state.kind !== 'opening') return
      this.#failure =
        error instanceof WeaveError
          ? error
          : new WeaveError(`The deployment could not begin: ${String(error)}`, { code: 'WV_DEPLOY', cause: error })
      return this.#stop('start-failed', 1)
    }
    if (this.#state.kind !== 'opening') return
    if (this.#takeover) return this.#tookOver(this.#takeover)
    this.#state = { kind: 'starting' }
    this.#reconcile()
    this.#start.begin()
  }

  /** `main` has been called in its time; from here on all goes on as if this deployer had always been there. */
  #tookOver({ adopted, ended }: Takeover): void {
    this.#state = { kind: 'running' }
    this.#emit({ type: 'taking-over', processes: adopted.map(({ supervisor }) => supervisor.name) })
    for (const { member, exitCode } of ended) this.#mainFinished(member, exitCode)
    this.#reconcile()
    this.#allAdopted()
  }

  /** After a takeover: it is complete when every process that runs has come back, or has been given up. */
  #allAdopted(): void {
    if (this.#takeover === undefined || this.#state.kind !== 'running') return
    if (!this.#members.every(({ supervisor }) => supervisor.state.kind !== 'adopting')) return
    this.#takeover = undefined
    const { moving } = this.#plan.legacy!.deployment
    void this.#mover.resume(moving, [...this.#found.values()]).then(() => {
      if (this.#state.kind === 'running') this.#isReady()
    })
  }

  #isReady(): void {
    this.#emit({ type: 'ready', durationMs: this.#start.durationMs })
    this.#ready.resolve()
    this.planning.start()
    this.#keys.start()
    if (this.#plan.ranges.any) this.#scaler.start()
  }

  async #bind(): Promise<void> {
    const { recorder, opened, clock } = this.#around
    const base = new Base(this.#plan, {
      members: this.#members,
      listeners: this.#listeners,
      requests: this.#requests,
      graph: this.graph,
      relays: this.#relays,
      routes: this.#routes,
      arrivals: this.#arrivals,
      clock,
      finished: (member, exitCode) => this.#mainFinished(member, exitCode),
      listens: (member) => this.#record(member),
      found: (member, hosts) => this.#found.set(member, { member, hosts, life: member.supervisor.lives }),
      unread: () => void this.stop(),
      refused: (process, reason) => this.#emit({ type: 'refused', process, reason }),
    })
    this.#base = base
    const { legacy } = this.#plan
    // Before they can say hello.
    this.#takeover = legacy && this.#takeOver(legacy, base.directory)
    await base.listen()
    recorder?.opened(base.directory.path, this.#wanted.own, legacy?.deployment.moving)
    await opened?.(base.directory)
    await base.assignments.prepare()
    // Who needs an address asks for it when it starts, so the ingress comes first.
    if (this.#relays) for (const { supervisor } of this.#members.in(this.#relays.group)) supervisor.start()
    await this.#listeners.open((name, url) => this.#emit({ type: 'listener', name, url }))
  }

  #takeOver(legacy: Legacy, directory: SocketDirectory): Takeover {
    const [members, listeners, relays] = [this.#members, this.#listeners, this.#relays]
    const { clock } = this.#around
    const takeover = takeOver({ legacy, groups: this.#wanted.groups, members, listeners, relays, directory, clock })
    if (relays && members.in(relays.group).length === 0) members.add(relays.group, 0)
    return takeover
  }

  // ---- what is wanted

  /** `name`: of the group, or of a component in it. Resolves when all is as it should be. Throws `WV_CONFIG` when it can't be. */
  async scale(name: string, replicas: number): Promise<void> {
    await this.#mover.idle()
    this.#mustRun()
    const group = this.#scale(name, replicas)
    this.planning.decided('scaled', group.components)
    await this.#wanted.reached(this.#members)
  }

  #scale(name: string, replicas: number, why?: string): Group {
    const { group, before } = this.#wanted.scale(name, replicas)
    if (before === replicas) return group
    this.#emit({ type: 'scaling', group: group.name, from: before, to: replicas, ...(why !== undefined && { why }) })
    this.#around.recorder?.wanted(this.#wanted.own)
    this.#routes.changed(group)
    this.#reconcile()
    return group
  }

  /** Share of the time in which the event loop of the process is busy. One that doesn't answer does nothing else. */
  #busy(process: string): number {
    const silenceMs = this.#members.find(process)?.supervisor.silenceMs ?? 0
    return silenceMs > 0 ? 1 : this.graph.busy(process)
  }

  /**
   * Ends the present lives of a process, of a group's processes (by its name, or that of a component in it), or of all, and starts them
   * again: in each group one after the other, while the others serve. Resolves when all is as it should be.
   */
  async restart(name?: string): Promise<void> {
    await this.#mover.idle()
    this.#mustRun()
    const renewed = this.#wanted.renew(name, this.#members)
    this.#emit({ type: 'restarting', processes: renewed.map(({ supervisor }) => supervisor.name) })
    this.#reconcile()
    await this.#wanted.reached(this.#members)
  }

  /**
   * Moves components, which share a group, to another: `to` is `new`, a group, a component in it, or one of its processes. Calls go on. Throws
   * `WV_CONFIG` when they can't go there, `WV_DEPLOY` when the move was undone.
   */
  async move(components: readonly string[], to: string): Promise<MoveStatus> {
    const move = await this.#move(components, to)
    this.planning.decided('moved', move.components)
    return move
  }

  async #move(components: readonly string[], to: string): Promise<MoveStatus> {
    this.#mustRun()
    return await this.#mover.move(components, to)
  }

  #mustRun(): void {
    if (this.#state.kind === 'running') return
    const text = `The application is ${this.#state.kind}; it can be changed when it is running.`
    throw new WeaveError(text, { code: 'WV_DEPLOY' })
  }

  /** An action changes states, and a changed state comes back here: the outermost call goes on until nothing changes any more. */
  #reconcile(): void {
    this.#changes = true
    if (this.#reconciling) return
    this.#reconciling = true
    while (this.#changes && this.#state.kind !== 'opening' && this.#state.kind !== 'stopped') {
      this.#changes = false
      for (const action of reconcile(this.#wanted, this.#members.observed())) this.#act(action)
    }
    this.#reconciling = false
    if (this.#state.kind === 'stopping' && this.#members.every(({ supervisor }) => supervisor.state.kind === 'stopped'))
      this.#end()
    if (this.#state.kind === 'running') this.#wanted.look(this.#members)
  }

  #act(action: Action): void {
    if (action.kind === 'add') {
      this.#members.add(this.#wanted.groups.find(({ name }) => name === action.group)!, action.slot)
      this.#changes = true
      return
    }
    // An action before this one may have changed the state that this one was for: then it does nothing.
    const member = this.#members.find(action.process)
    switch (action.kind) {
      case 'start':
        member?.supervisor.start()
        return
      case 'drain':
        member?.supervisor.drain()
        return
      case 'remove':
        if (member) this.#members.remove(member)
        this.#around.recorder?.removed(action.process)
        this.#wanted.outdated.delete(action.process)
        this.#changes = true
        return
    }
  }

  // ---- processes

  /** After every change of a process's state: tell the world and the others, and go on with what was waiting for it. */
  #changed(member: Member, before: ProcessState): void {
    const { supervisor, group } = member
    const { state, name, pid } = supervisor
    if (state.kind === 'starting' && pid !== undefined) {
      const { components } = group
      this.#emit({ type: 'process-started', process: name, pid, components, restarts: supervisor.lives - 1 })
    }
    if (state.kind === 'draining') member.drainedReady = before.kind === 'ready' || before.kind === 'silent'
    if (state.kind === 'silent')
      this.#emit({ type: 'process-silent', process: name, silenceMs: Math.round(supervisor.silenceMs) })
    if (state.kind === 'exited' && before.kind !== 'exited') this.#lifeEnded(member)
    if (!supervisor.runs) this.#requests.ended(supervisor)
    this.#routes.changed(group)
    this.#listeners.changed(group)
    if (state.kind === 'ready') this.#memberReady(member, before)
    if (state.kind === 'backoff' || state.kind === 'crash-looping') this.#crashed(member, state)
    // One that was stopped while it waited for its restart has been reported when it crashed.
    if (state.kind === 'stopped' && before.kind === 'exited' && state.crash) this.#ended(member, state.crash)
    this.#record(member)
    this.#reconcile()
    this.#steps.look()
    if (before.kind === 'adopting') this.#allAdopted()
  }

  #memberReady(member: Member, before: ProcessState): void {
    const { name: process, pid = 0, ageMs } = member.supervisor
    if (before.kind === 'silent') this.#emit({ type: 'process-answers', process })
    else if (before.kind === 'adopting') this.#emit({ type: 'process-adopted', process, pid })
    else this.#emit({ type: 'process-ready', process, pid, durationMs: Math.round(ageMs) })
    if (this.#state.kind === 'running') {
      this.#callMain(member)
      return
    }
    if (this.#state.kind !== 'starting' || !this.#members.every(({ supervisor: { state } }) => state.kind === 'ready'))
      return
    this.#state = { kind: 'running' }
    this.#start.end()
    for (const each of this.#members) this.#callMain(each)
    this.#isReady()
  }

  #lifeEnded(member: Member): void {
    const { supervisor, index } = member
    const { directory } = this.#base!
    for (const path of this.#listeners.forget(member)) directory.forget(path)
    const noted = directory.exitCode(directory.exitNote(index, supervisor.lives))
    directory.forget(directory.data(index, supervisor.lives))
    const mainRan = member.mainCalled && !member.mainFinished
    member.mainCalled = false
    const code = mainRan ? exitsApplication(supervisor.state, noted) : undefined
    if (code === undefined) return
    supervisor.drain()
    this.#mainFinished(member, code)
  }

  #crashed(member: Member, state: { kind: 'backoff' | 'crash-looping'; restartInMs: number; crash: Crash }): void {
    const { supervisor } = member
    const { crash } = state
    const neverRan = this.#state.kind === 'opening' || this.#state.kind === 'starting'
    const givesUp = neverRan && state.kind === 'crash-looping'
    this.#emit(exitEvent(supervisor.name, crash, { expected: false, restartInMs: givesUp ? null : state.restartInMs }))
    if (state.kind !== 'crash-looping') return
    if (crash.crashes === DEPLOYER_LIMITS.crashesMax) {
      const { crashes, reason, lastLines } = crash
      this.#emit({ type: 'crash-looping', process: supervisor.name, crashes, reason, lastLines })
    }
    if (!givesUp) {
      this.#wanted.gaveUp(crashLoops(supervisor.name, crash))
      return
    }
    this.#failure = cannotStart(supervisor.name, member.group.components, crash)
    this.#stop('start-failed', 1)
  }

  #ended(member: Member, crash: Crash): void {
    this.#emit(exitEvent(member.supervisor.name, crash, { expected: true, restartInMs: null }))
    // Where `main` has returned, code after `run` may have set it. What is restarted or not needed any more ends nothing.
    const owed = this.#state.kind === 'stopping' && member.drainedReady
    if (owed && !endedWell(crash)) this.#exitCode ||= (member.mainFinished && crash.exit.code) || 1
  }

  #callMain(member: Member): void {
    if (!member.group.components.includes(this.#plan.manifest.root)) return
    // An adopted one runs it already.
    if (member.mainFinished || member.mainCalled) return
    member.mainCalled = true
    member.supervisor.send({ type: 'main' })
  }

  #mainFinished(member: Member, code: number): void {
    // One that was asked to stop was asked for this too: its `main` is called again where it is started again.
    if (member.mainFinished || (this.#state.kind === 'running' && member.supervisor.state.kind === 'draining')) return
    member.mainFinished = true
    // What a process can exit with; anything odd counts as a failure.
    const exitCode = code >= 0 && code <= 255 ? code : 1
    this.#emit({ type: 'main-finished', process: member.supervisor.name, exitCode })
    if (this.#takeover) this.#failure ??= endedMeanwhile(member.supervisor.name, exitCode)
    if (exitCode !== 0) this.#stop('main-failed', exitCode)
    else if (this.#members.in(member.group).every(({ mainFinished }) => mainFinished)) this.#stop('main-finished', 0)
  }

  // ---- the end

  stop(): Promise<void> {
    this.#stop('asked', 0)
    return this.#finished.promise.then(() => {})
  }

  kill(): void {
    this.#stop('asked', 130)
    this.#exitCode ||= 130
    for (const { supervisor } of this.#members) supervisor.kill('was killed')
  }

  #stop(reason: StopReason, exitCode: number): void {
    if (this.#state.kind === 'stopping' || this.#state.kind === 'stopped') {
      this.#exitCode ||= exitCode
      return
    }
    this.#exitCode = exitCode
    // Nobody calls anybody for `main`'s sake before it runs, so then there is no order to keep.
    this.#wanted.nothing({ inOrder: this.#state.kind === 'running' })
    this.#state = { kind: 'stopping' }
    this.#emit({ type: 'stopping', reason })
    this.#routes.end()
    this.#steps.stop()
    this.planning.stop()
    this.#keys.stop()
    this.#scaler.stop()
    this.#listeners.stopAccepting()
    this.#start.end()
    this.#stopTimer = this.#around.clock.setTimeout(() => {
      for (const { supervisor } of this.#members) {
        supervisor.kill(`was killed: the application had not stopped in ${DEPLOYER_LIMITS.stopMs / 1000} s`)
      }
    }, DEPLOYER_LIMITS.stopMs)
    this.#reconcile()
  }

  #end(): void {
    this.#state = { kind: 'stopped' }
    this.#stopTimer?.cancel()
    this.graph.stop()
    this.#listeners.close()
    this.#base?.close()
    this.#ready.reject(
      this.#failure ?? new WeaveError('The deployment was stopped before it was ready.', { code: 'WV_STOPPING' }),
    )
    this.#emit({ type: 'stopped', exitCode: this.#exitCode })
    this.#finished.resolve(this.#exitCode)
  }

  #record(member: Member): void {
    this.#around.recorder?.process(member, this.#listeners.listensOf(member))
  }

  #emit(event: DeployEvent): void {
    this.#around.recorder?.event(event)
    this.#around.onEvent(event)
  }
}
