/**
 * Processes that a test plays by hand. `Stage.spawn` stands for the operating system: it gives a process with real streams, which
 * really connects to the deployer's control socket when told to, and does nothing else by itself.
 */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { createInterface } from 'node:readline'
import { PassThrough } from 'node:stream'
import type { Exit, Spawn, SpawnedProcess, SpawnOptions } from '../../deployer/spawn.ts'
import { ENV_CONTROL, ENV_PROCESS, type ToDeployer, type ToProcess } from '../../runtime/process/control.ts'

const ASKED = ['host', 'hand-over', 'take-over', 'keep', 'give-up', 'retire', 'admit', 'routes'] as const

/** What a process answers by `done`. */
export type Asked = Extract<ToProcess, { type: (typeof ASKED)[number] }>

export class ScriptedProcess implements SpawnedProcess {
  readonly pid: number
  readonly stdout = new PassThrough()
  readonly stderr = new PassThrough()
  readonly exited: Promise<Exit>
  readonly environment: NodeJS.ProcessEnv
  /** Everything that the deployer has sent. */
  readonly received: ToProcess[] = []
  killed = false
  /** It answers pings, which aren't among what it has received. */
  answersPings = true
  /** What SIGKILL does; a test may delay it. */
  onKill: () => void = () => this.exit(null, 'SIGKILL')
  /** Whether it fails what it is asked, and why; `silence`: it says nothing. */
  answers: (message: Asked) => 'done' | 'silence' | { failed: string } = () => 'done'
  #exit!: (exit: Exit) => void
  #socket: Socket | undefined
  readonly #waiting = new Set<() => void>()

  constructor(pid: number, options: SpawnOptions) {
    this.pid = pid
    this.environment = options.environment
    this.exited = new Promise((resolve) => {
      this.#exit = resolve
    })
  }

  get name(): string {
    return this.environment[ENV_PROCESS]!
  }

  kill(): void {
    if (this.killed) return
    this.killed = true
    this.onKill()
  }

  exit(code: number | null, signal: NodeJS.Signals | null = null): void {
    this.#socket?.destroy()
    this.stdout.end()
    this.stderr.end()
    this.#exit({ code, signal })
  }

  async connect(): Promise<Socket> {
    const socket = connect(this.environment[ENV_CONTROL]!)
    await once(socket, 'connect')
    this.#socket = socket
    socket.on('error', () => {})
    createInterface({ input: socket }).on('line', (line) => {
      const message = JSON.parse(line) as ToProcess
      if (message.type === 'ping') {
        if (this.answersPings) this.say({ type: 'pong', id: message.id, idle: false })
        return
      }
      this.received.push(message)
      this.#answer(message)
      for (const look of [...this.#waiting]) look()
    })
    return socket
  }

  #answer(message: ToProcess): void {
    if (!isAsked(message)) return
    const { id } = message
    if (id === undefined) return
    const answer = this.answers(message)
    if (answer === 'silence') return
    this.say({ type: 'done', id, failed: answer === 'done' ? undefined : answer.failed })
  }

  say(message: ToDeployer): void {
    this.#socket!.write(`${JSON.stringify(message)}\n`)
  }

  /** Connects and says hello; resolves to the assignment. */
  async hello(version = 'v1'): Promise<Extract<ToProcess, { type: 'assign' }>> {
    await this.connect()
    this.say({ type: 'hello', process: this.name, pid: this.pid, version, application: undefined })
    return this.message('assign')
  }

  /** Up to ready, and exits with `exitCode` when it is drained. */
  async play({ exitCode = 0 } = {}): Promise<void> {
    const { address } = await this.hello()
    this.say({ type: 'serving', address })
    this.say({ type: 'ready' })
    void this.message('drain').then(() => this.exit(exitCode))
  }

  /** The first message of that type which fits, received or to come. */
  message<T extends ToProcess['type']>(
    type: T,
    fits: (message: Extract<ToProcess, { type: T }>) => boolean = () => true,
  ): Promise<Extract<ToProcess, { type: T }>> {
    return new Promise((resolve) => {
      const look = () => {
        const found = this.received.find((each) => each.type === type && fits(each as Extract<ToProcess, { type: T }>))
        if (!found) return
        this.#waiting.delete(look)
        resolve(found as Extract<ToProcess, { type: T }>)
      }
      this.#waiting.add(look)
      look()
    })
  }
}

function isAsked(message: ToProcess): message is Asked {
  return (ASKED as readonly string[]).includes(message.type)
}

export class Stage {
  readonly started: ScriptedProcess[] = []
  readonly #waiting = new Set<() => void>()

  readonly spawn: Spawn = (options) => {
    const process = new ScriptedProcess(1000 + this.started.length, options)
    this.started.push(process)
    queueMicrotask(() => {
      for (const look of [...this.#waiting]) look()
    })
    return process
  }

  /** The `life`-th process of that name, started or to be started. */
  process(name: string, life = 1): Promise<ScriptedProcess> {
    return new Promise((resolve) => {
      const look = () => {
        const found = this.started.filter((each) => each.name === name)[life - 1]
        if (!found) return
        this.#waiting.delete(look)
        resolve(found)
      }
      this.#waiting.add(look)
      look()
    })
  }

  /** All of these play their part. */
  async play(...names: string[]): Promise<ScriptedProcess[]> {
    const processes = await Promise.all(names.map((name) => this.process(name)))
    await Promise.all(processes.map((process) => process.play()))
    return processes
  }
}
