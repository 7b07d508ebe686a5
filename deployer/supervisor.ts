/**
 * One process of a deployment, through all its restarts: starts it, follows what it says on its control connection, and
 * starts it again when it dies. It keeps its name and its slot; pid, socket addresses and connection are of one life
 * ("incarnation"). It decides nothing about other processes: its owner sees every change of state and acts.
 *
 * | state         | what is true                                                          | what leaves it                              |
 * | ------------- | --------------------------------------------------------------------- | ------------------------------------------- |
 * | idle          | nothing has been started                                              | start → starting; drain → stopped           |
 * | starting      | runs; hasn't said who it is                                           | hello → assigned                            |
 * | assigned      | knows what it hosts; loads it                                         | serving → serving                           |
 * | serving       | its data socket accepts calls; its components are starting            | ready → ready                               |
 * | ready         | all its components have started                                       | drain → draining                            |
 * | draining      | was asked to stop; ends its calls                                     | exit → exited; too late → killed, exited    |
 * | exited        | is gone; its last output is being read                                | output read → stopped, backoff, crash-looping |
 * | backoff       | is gone; is started again at a known time                             | time → starting; drain → stopped            |
 * | crash-looping | as backoff, after several crashes in a row; `reason` says why         | time → starting; drain → stopped            |
 * | stopped       | is gone and stays so until it is started                              | start → starting                            |
 *
 * Every state in which it runs ends in `exited` when the process exits. A process that is late, says `failed`, or breaks the
 * protocol is killed, and `reason` remembers why.
 */
import type { Clock, Random, Timer } from '../runtime/clock.ts'
import type { ToDeployer, ToProcess } from '../runtime/control.ts'
import { shortName } from '../runtime/names.ts'
import { ProcessOutput, type TakeChunk } from './last-lines.ts'
import { DEPLOYER_LIMITS } from './limits.ts'
import type { Exit, SpawnedProcess } from './spawn.ts'

export type ProcessState =
  | { kind: 'idle' }
  | { kind: 'starting' }
  | { kind: 'assigned' }
  | { kind: 'serving'; address: string }
  | { kind: 'ready'; address: string; sinceMs: number }
  | { kind: 'draining' }
  | { kind: 'exited'; exit: Exit; expected: boolean }
  | { kind: 'backoff'; restartInMs: number; crash: Crash }
  | { kind: 'crash-looping'; restartInMs: number; crash: Crash }
  | { kind: 'stopped'; crash: Crash | undefined }

/** Why a process isn't there. `reason` completes "the process …". */
export interface Crash {
  pid: number | undefined
  exit: Exit
  reason: string
  lastLines: string[]
  /** Crashes in a row, this one included. */
  crashes: number
}

/** One life of the process; undefined while there is none. */
interface Incarnation {
  spawned: SpawnedProcess
  output: ProcessOutput
  channel: ControlChannel | undefined
  /** Resolves when the control connection has ended, and so has been read to its end. */
  disconnected: PromiseWithResolvers<void>
  startedMs: number
  /** Set when the deployer had it killed or it said why it can't go on. */
  reason: string | undefined
  wasStable: boolean
  /** The component that was begun last. */
  starting: string | undefined
}

/** The process's control connection, while it lasts. */
export interface ControlChannel {
  /** Never throws; a message to a connection that has ended is dropped. */
  send(message: ToProcess): void
  close(): void
}

export interface SupervisorOptions {
  name: string
  spawn: () => SpawnedProcess
  take: TakeChunk
  clock: Clock
  random: Random
  /** Called after every change, with the state before it. */
  onState: (supervisor: Supervisor, before: ProcessState) => void
}

const RUNS: ReadonlySet<ProcessState['kind']> = new Set(['starting', 'assigned', 'serving', 'ready', 'draining'])
const CONNECTED: ReadonlySet<ProcessState['kind']> = new Set(['assigned', 'serving', 'ready', 'draining'])

export class Supervisor {
  readonly name: string
  #state: ProcessState = { kind: 'idle' }
  #life: Incarnation | undefined
  #lives = 0
  #crashes = 0
  /** The one timer that the current state has: start, readiness, drain or restart. */
  #timer: Timer | undefined
  #enteredMs: number
  readonly #options: SupervisorOptions

  constructor(options: SupervisorOptions) {
    this.name = options.name
    this.#options = options
    this.#enteredMs = options.clock.now()
  }

  get state(): ProcessState {
    return this.#state
  }

  get pid(): number | undefined {
    return this.#life?.spawned.pid
  }

  /** Lives so far, this one included; socket paths hold it, so none is used twice. */
  get lives(): number {
    return this.#lives
  }

  /** Milliseconds since this life began. */
  get ageMs(): number {
    return this.#life ? this.#options.clock.now() - this.#life.startedMs : 0
  }

  /** Milliseconds since it entered its state. */
  get stateMs(): number {
    return this.#options.clock.now() - this.#enteredMs
  }

  /** The component that it is starting, when it has said so. */
  get starting(): string | undefined {
    return this.#life?.starting
  }

  /** It has said who it is, and hears what it is told. */
  get connected(): boolean {
    return CONNECTED.has(this.#state.kind)
  }

  get runs(): boolean {
    return RUNS.has(this.#state.kind)
  }

  start(): void {
    if (this.#state.kind !== 'idle' && this.#state.kind !== 'stopped') return
    this.#crashes = 0
    this.#spawn()
  }

  /** The process has connected and said who it is. Returns why it is refused, if it is; else the owner sends `assign`. */
  hello(channel: ControlChannel): string | undefined {
    if (this.#state.kind !== 'starting' || !this.#life)
      return `process "${this.name}" is ${this.#state.kind} and expects no connection`
    this.#life.channel = channel
    this.#enter({ kind: 'assigned' })
    return undefined
  }

  send(message: ToProcess): void {
    this.#life?.channel?.send(message)
  }

  /** A state message of the process. Others (listen, finished …) are the owner's. */
  receive(message: Extract<ToDeployer, { type: 'serving' | 'starting' | 'ready' | 'failed' }>): void {
    if (this.#state.kind === 'draining') return
    switch (message.type) {
      case 'starting':
        if (this.#life) this.#life.starting = message.component.slice(0, DEPLOYER_LIMITS.lastLineMax)
        return
      case 'serving':
        if (this.#state.kind !== 'assigned') {
          this.fail(`said "serving" while ${this.#state.kind}`)
          return
        }
        this.#enter({ kind: 'serving', address: message.address })
        return
      case 'ready':
        if (this.#state.kind !== 'serving') {
          this.fail(`said "ready" while ${this.#state.kind}`)
          return
        }
        this.#enter({ kind: 'ready', address: this.#state.address, sinceMs: this.#options.clock.now() })
        return
      case 'failed':
        // The first line says what, the others (a stack) are on its stderr too.
        if (this.#life)
          this.#life.reason = `failed: ${message.message.split('\n', 1)[0]!.slice(0, DEPLOYER_LIMITS.lastLineMax)}`
        if (this.runs) this.#arm(DEPLOYER_LIMITS.failedExitMs, () => this.#life?.spawned.kill())
        return
    }
  }

  /** The control connection has ended. An exit follows at once as a rule; a process that lives on without it can't be managed. */
  disconnected(channel: ControlChannel): void {
    if (this.#life?.channel !== channel) return
    this.#life.channel = undefined
    this.#life.disconnected.resolve()
    if (!this.runs || this.#state.kind === 'draining') return
    this.#arm(DEPLOYER_LIMITS.failedExitMs, () => this.fail('closed its control connection and went on running'))
  }

  /** Kills the process, which is then restarted. `reason` completes "the process …". */
  fail(reason: string): void {
    if (!this.#life || !this.runs) return
    this.#life.reason = reason
    this.#life.spawned.kill()
  }

  /** Asks the process to stop; it isn't started again. */
  drain(): void {
    switch (this.#state.kind) {
      case 'assigned':
      case 'serving':
      case 'ready':
        this.send({ type: 'drain' })
        this.#enter({ kind: 'draining' })
        return
      case 'starting':
        // It has nothing to lose and can't be told.
        this.kill('was stopped while it started')
        return
      case 'exited':
        // Its output is still being read; it then stops instead of restarting.
        this.#enter({ ...this.#state, expected: true })
        return
      case 'idle':
        this.#enter({ kind: 'stopped', crash: undefined })
        return
      case 'backoff':
      case 'crash-looping':
        this.#enter({ kind: 'stopped', crash: this.#state.crash })
        return
      case 'draining':
      case 'stopped':
        return
    }
  }

  /** SIGKILL, now and for good. `reason` completes "the process …". */
  kill(reason: string): void {
    if (!this.#life || !this.runs) {
      this.drain()
      return
    }
    this.#life.reason ??= reason
    if (this.#state.kind !== 'draining') this.#enter({ kind: 'draining' })
    this.#life.spawned.kill()
  }

  #spawn(): void {
    this.#lives++
    const spawned = this.#options.spawn()
    const life: Incarnation = {
      spawned,
      output: new ProcessOutput(spawned, this.#options.take),
      channel: undefined,
      disconnected: Promise.withResolvers(),
      startedMs: this.#options.clock.now(),
      reason: undefined,
      wasStable: false,
      starting: undefined,
    }
    this.#life = life
    this.#enter({ kind: 'starting' })
    void spawned.exited.then((exit) => this.#exited(life, exit))
  }

  async #exited(life: Incarnation, exit: Exit): Promise<void> {
    const { clock } = this.#options
    if (this.#state.kind === 'ready') life.wasStable = clock.now() - this.#state.sinceMs >= DEPLOYER_LIMITS.stableMs
    this.#enter({ kind: 'exited', exit, expected: this.#state.kind === 'draining' })
    // Its last words, on either way, may still be on the way.
    if (life.channel) await life.disconnected.promise
    await life.output.drained(clock)
    const expected = this.#state.kind === 'exited' && this.#state.expected
    if (!expected) this.#crashes = life.wasStable ? 1 : this.#crashes + 1
    const crash: Crash = {
      pid: life.spawned.pid,
      exit,
      reason: life.reason ?? describeExit(exit),
      lastLines: life.output.lastLines(),
      crashes: this.#crashes,
    }
    this.#life = undefined
    if (expected) return this.#enter({ kind: 'stopped', crash })
    const kind = this.#crashes >= DEPLOYER_LIMITS.crashesMax ? 'crash-looping' : 'backoff'
    this.#enter({ kind, restartInMs: this.#backoffMs(), crash })
  }

  /** Doubles with each crash in a row; half of it is chance, so that processes which fell together don't come back together. */
  #backoffMs(): number {
    const ceiling = Math.min(DEPLOYER_LIMITS.backoffMs * 2 ** (this.#crashes - 1), DEPLOYER_LIMITS.backoffMsMax)
    return Math.round(ceiling / 2 + (this.#options.random() * ceiling) / 2)
  }

  /** The only place where the state changes; arms the timer that the new state needs. */
  #enter(next: ProcessState): void {
    const before = this.#state
    this.#timer?.cancel()
    this.#timer = undefined
    this.#state = next
    this.#enteredMs = this.#options.clock.now()
    switch (next.kind) {
      case 'starting':
        this.#arm(DEPLOYER_LIMITS.startMs, () =>
          this.fail(`did not connect to its deployer in ${DEPLOYER_LIMITS.startMs / 1000} s`),
        )
        break
      case 'assigned':
      case 'serving':
        this.#arm(DEPLOYER_LIMITS.readyMs, () => {
          const where = this.starting === undefined ? '' : `: it was starting ${shortName(this.starting)}`
          this.fail(`was not ready in ${DEPLOYER_LIMITS.readyMs / 1000} s${where}`)
        })
        break
      case 'draining':
        this.#arm(DEPLOYER_LIMITS.drainMs, () =>
          this.kill(`was killed: it had not stopped ${DEPLOYER_LIMITS.drainMs / 1000} s after it was asked to`),
        )
        break
      case 'backoff':
      case 'crash-looping':
        this.#arm(next.restartInMs, () => this.#spawn())
        break
      case 'idle':
      case 'ready':
      case 'exited':
      case 'stopped':
        break
    }
    this.#options.onState(this, before)
  }

  #arm(ms: number, run: () => void): void {
    this.#timer?.cancel()
    this.#timer = this.#options.clock.setTimeout(run, ms)
  }
}

function describeExit(exit: Exit): string {
  if (exit.error) return `could not be started: ${exit.error.message}`
  return exit.signal === null ? `exited with code ${exit.code}` : `was ended by ${exit.signal}`
}
