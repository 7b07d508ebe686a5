/**
 * One process of a deployment, through all its restarts: starts it, follows what it says on its control connection, and
 * starts it again when it dies. It keeps its name and its slot; pid, socket addresses and connection are of one life
 * ("incarnation"). It decides nothing about other processes: its owner sees every change of state and acts.
 *
 * | state         | what is true                                                          | what leaves it                              |
 * | ------------- | --------------------------------------------------------------------- | ------------------------------------------- |
 * | idle          | nothing has been started                                              | start → starting; drain → stopped           |
 * | starting      | runs; hasn't said who it is                                           | hello → assigned                            |
 * | adopting      | runs, started by a deployer that is gone; hasn't connected again yet  | hello → assigned, serving, ready            |
 * | assigned      | knows what it hosts; loads it                                         | serving → serving                           |
 * | serving       | its data socket accepts calls; its components are starting            | ready → ready                               |
 * | ready         | all its components have started; it answers                            | silence → silent; drain → draining          |
 * | silent        | it has not answered for a while                                       | answer → ready; longer → killed; drain → draining |
 * | draining      | was asked to stop; ends its calls                                     | exit → exited; too late → killed, exited    |
 * | exited        | is gone; its last output is being read                                | output read → stopped, backoff, crash-looping |
 * | backoff       | is gone; is started again at a known time                             | time → starting; drain → stopped            |
 * | crash-looping | as backoff, after several crashes in a row; `reason` says why         | time → starting; drain → stopped            |
 * | stopped       | is gone and stays so until it is started                              | start → starting                            |
 *
 * Every state in which it runs ends in `exited` when the process exits. A process that is late, says `failed`, or breaks the
 * protocol is killed, and `reason` remembers why.
 */
import { type Clock, type Random, type Timer, untilTurn } from '../runtime/clock.ts'
import { shortName } from '../runtime/names.ts'
import type { Resume, ToDeployer, ToProcess } from '../runtime/process/control.ts'
import { DEPLOYER_LIMITS } from './limits.ts'
import type { Exit, SpawnedProcess } from './spawn.ts'

export type ProcessState =
  | { kind: 'idle' }
  | { kind: 'starting' }
  /** `address`: where it served when it was last recorded; undefined when it wasn't ready. */
  | { kind: 'adopting'; address: string | undefined }
  | { kind: 'assigned' }
  | { kind: 'serving'; address: string }
  | { kind: 'ready'; address: string; sinceMs: number }
  /** As ready, but nobody should call it. */
  | { kind: 'silent'; address: string; sinceMs: number }
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
  /** Its deployer has had it killed. */
  killed: boolean
  lastLines: string[]
  /** Crashes in a row, this one included. */
  crashes: number
}

/** One life of the process; undefined while there is none. */
interface Incarnation {
  spawned: SpawnedProcess
  output: Output
  channel: ControlChannel | undefined
  /** A deployer that is gone has started it. */
  readonly adopted: boolean
  /** Resolves when the control connection has ended, and so has been read to its end. */
  disconnected: PromiseWithResolvers<void>
  startedMs: number
  /** Set when the deployer had it killed or it said why it can't go on. */
  reason: string | undefined
  killed: boolean
  wasStable: boolean
  /** The component that was begun last. */
  starting: string | undefined
}

/** How long a process that was ready may not answer. Its code runs on one thread, so what it computes in one go is silence too. */
export interface Health {
  /** Then others stop calling it. */
  silentMs: number
  /** Then it is killed and started again. */
  killMs: number
}

/** What a process prints, as far as it explains its end. */
export interface Output {
  lastLines(): string[]
  /** Resolves when the last of it can be read. To be called after the exit. */
  drained(clock: Clock): Promise<void>
}

interface Heartbeat {
  id: number
  answered: boolean
  /** Questions before this one that weren't answered, in a row. */
  unanswered: number
  sentMs: number
  delayMs: number | undefined
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
  /** Reads what the process prints, from its start on. */
  output: (spawned: SpawnedProcess) => Output
  clock: Clock
  random: Random
  health: Health
  /** When in a second it is asked whether it answers. */
  turnMs: number
  /** Called after every change, with the state before it. */
  onState: (supervisor: Supervisor, before: ProcessState) => void
}

const RUNS: ReadonlySet<ProcessState['kind']> = new Set([
  'starting',
  'adopting',
  'assigned',
  'serving',
  'ready',
  'silent',
  'draining',
])
const CONNECTED: ReadonlySet<ProcessState['kind']> = new Set(['assigned', 'serving', 'ready', 'silent', 'draining'])

export class Supervisor {
  readonly name: string
  #state: ProcessState = { kind: 'idle' }
  #life: Incarnation | undefined
  #lives = 0
  #crashes = 0
  #lastCrash: { crash: Crash; atMs: number } | undefined
  /** The one timer that the current state has: start, readiness, drain or restart. */
  #timer: Timer | undefined
  #enteredMs: number
  /** The newest question, in states ready and silent. */
  #heartbeat: Heartbeat | undefined
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

  /** How long the process took to answer last: what is ahead of a message in its event loop. Undefined before it has. */
  get delayMs(): number | undefined {
    return this.#heartbeat?.delayMs
  }

  /** For how long it hasn't answered. */
  get silenceMs(): number {
    return (this.#heartbeat?.unanswered ?? 0) * DEPLOYER_LIMITS.beatMs
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

  /** Lives that it has had under deployers that are gone: the next one is another. To be called before anything else. */
  had(lives: number): void {
    this.#lives = lives
  }

  /** Takes over a process that a deployer which is gone has started, in its last life. `address`: where it served, when it was ready. */
  adopt(spawned: SpawnedProcess, address: string | undefined): void {
    const life = this.#incarnation(spawned, { adopted: true })
    this.#life = life
    this.#enter({ kind: 'adopting', address })
    void spawned.exited.then((exit) => this.#exited(life, exit))
  }

  /**
   * The process has connected and said who it is; `resume`: what it already is. Returns why it is refused, if it is; else the owner sends
   * `assign`, or has sent `resumed`.
   */
  hello(channel: ControlChannel, resume?: Resume): string | undefined {
    const life = this.#life
    const returns = life?.adopted === true && life.channel === undefined && resume?.life === this.#lives
    if (life && this.#state.kind === 'starting' && resume === undefined) {
      life.channel = channel
      this.#enter({ kind: 'assigned' })
    } else if (life && this.#state.kind === 'adopting' && returns) {
      life.channel = channel
      const { address, ready } = resume
      if (ready) this.#enter({ kind: 'ready', address, sinceMs: this.#options.clock.now() })
      else this.#enter(address === '' ? { kind: 'assigned' } : { kind: 'serving', address })
    } else if (life && this.#state.kind === 'draining' && returns) {
      // It couldn't be told before.
      life.channel = channel
      channel.send({ type: 'drain' })
    } else return `process "${this.name}" is ${this.#state.kind} and expects no such connection`
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
    this.#life.spawned.look?.()
    if (!this.runs || this.#state.kind === 'draining') return
    this.#arm(DEPLOYER_LIMITS.failedExitMs, () => this.fail('closed its control connection and went on running'))
  }

  /** Kills the process, which is then restarted. `reason` completes "the process …". */
  fail(reason: string): void {
    if (!this.#life || !this.runs) return
    this.#life.reason = reason
    this.#life.killed = true
    this.#life.spawned.kill()
  }

  /** Why it was started again the last time that nobody had asked for it. */
  get lastCrash(): { crash: Crash; agoMs: number } | undefined {
    if (this.#lastCrash === undefined) return undefined
    const { crash, atMs } = this.#lastCrash
    return { crash, agoMs: this.#options.clock.now() - atMs }
  }

  /** Asks the process to stop; it isn't started again. */
  drain(): void {
    switch (this.#state.kind) {
      case 'adopting':
      case 'assigned':
      case 'serving':
      case 'ready':
      case 'silent':
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
    this.#life.killed = true
    if (this.#state.kind !== 'draining') this.#enter({ kind: 'draining' })
    this.#life.spawned.kill()
  }

  #spawn(): void {
    this.#lives++
    const life = this.#incarnation(this.#options.spawn())
    this.#life = life
    this.#enter({ kind: 'starting' })
    void life.spawned.exited.then((exit) => this.#exited(life, exit))
  }

  #incarnation(spawned: SpawnedProcess, { adopted = false } = {}): Incarnation {
    return {
      spawned,
      output: this.#options.output(spawned),
      channel: undefined,
      adopted,
      disconnected: Promise.withResolvers(),
      startedMs: this.#options.clock.now(),
      reason: undefined,
      killed: false,
      wasStable: false,
      starting: undefined,
    }
  }

  async #exited(life: Incarnation, exit: Exit): Promise<void> {
    const { clock } = this.#options
    if (this.#state.kind === 'ready' || this.#state.kind === 'silent')
      life.wasStable = clock.now() - this.#state.sinceMs >= DEPLOYER_LIMITS.stableMs
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
      killed: life.killed,
      lastLines: life.output.lastLines(),
      crashes: this.#crashes,
    }
    this.#life = undefined
    if (expected) return this.#enter({ kind: 'stopped', crash })
    this.#lastCrash = { crash, atMs: clock.now() }
    const kind = this.#crashes >= DEPLOYER_LIMITS.crashesMax ? 'crash-looping' : 'backoff'
    this.#enter({ kind, restartInMs: this.#backoffMs(), crash })
  }

  /** Doubles with each crash in a row; half of it is chance, so that processes which fell together don't come back together. */
  #backoffMs(): number {
    const ceiling = Math.min(DEPLOYER_LIMITS.backoffMs * 2 ** (this.#crashes - 1), DEPLOYER_LIMITS.backoffMsMax)
    return Math.round(ceiling / 2 + (this.#options.random() * ceiling) / 2)
  }

  /** The process answers the question of that number. `idle`: it does nothing. */
  answered(id: number, idle: boolean): void {
    const beat = this.#heartbeat
    if (beat?.id !== id) return
    beat.answered = true
    beat.unanswered = 0
    beat.delayMs = this.#options.clock.now() - beat.sentMs
    if (this.#state.kind === 'silent') this.#enter({ ...this.#state, kind: 'ready' })
    const { idleBeatMs } = DEPLOYER_LIMITS
    if (idle && this.#state.kind === 'ready' && this.#options.health.silentMs >= 2 * idleBeatMs)
      this.#askAfter(idleBeatMs)
  }

  /**
   * Asks, a second later or so. Silence is counted in questions and not in time: however long the deployer itself was stopped, or the machine
   * asleep, that is one question. So the timer for the next is set only in a later turn.
   */
  #beat(): void {
    const state = this.#state
    queueMicrotask(() => {
      if (this.#state === state) this.#askAfter(DEPLOYER_LIMITS.beatMs)
    })
  }

  #askAfter(ms: number): void {
    const { clock, turnMs } = this.#options
    this.#arm(untilTurn(clock, ms, turnMs), () => this.#ask())
  }

  #ask(): void {
    const { health, clock } = this.#options
    const before = this.#heartbeat
    const unanswered = before === undefined || before.answered ? 0 : before.unanswered + 1
    const id = (before?.id ?? 0) + 1
    this.#heartbeat = { id, answered: false, unanswered, sentMs: clock.now(), delayMs: before?.delayMs }
    this.send({ type: 'ping', id })
    if (this.silenceMs >= health.killMs) this.fail(`did not answer for ${this.silenceMs / 1000} s and was killed`)
    else if (this.silenceMs >= health.silentMs && this.#state.kind === 'ready')
      this.#enter({ ...this.#state, kind: 'silent' })
    else this.#beat()
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
      case 'adopting':
        this.#arm(DEPLOYER_LIMITS.adoptMs, () =>
          this.fail(`did not come back to its deployer in ${DEPLOYER_LIMITS.adoptMs / 1000} s`),
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
      case 'ready':
        if (before.kind !== 'silent') this.#heartbeat = undefined
        this.#beat()
        break
      case 'silent':
        this.#beat()
        break
      case 'idle':
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
  if (exit.signal === null && exit.code === null) return 'ended, nobody knows how: an earlier deployer had started it'
  return exit.signal === null ? `exited with code ${exit.code}` : `was ended by ${exit.signal}`
}
