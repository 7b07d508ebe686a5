/**
 * The application of apps/ledger under deployers that may be killed, each a process of its own (ledger-deployer.ts), and the audit of its
 * books at the end (ledger.ts).
 */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DeployEvent } from '../../deployer/index.ts'
import type { ProcessSnapshot } from '../../deployer/members.ts'
import type { MoveState, MoveStatus } from '../../deployer/moves/mover.ts'
import { WeaveError } from '../../runtime/errors.ts'
import type { TransportKind } from '../../runtime/transport/address.ts'
import { type Books, buildLedger, LedgerFiles } from './ledger.ts'
import type { Ask, DeployerOptions, Tell } from './ledger-deployer.ts'

type Wish = Ask extends infer A ? (A extends Ask ? Omit<A, 'id'> : never) : never

/** What was asked of a deployer that has died before it answered. */
export class DeployerGone extends Error {}

export class DetachedLedger {
  readonly events: DeployEvent[] = []
  readonly files: LedgerFiles
  readonly #state = mkdtempSync(join(tmpdir(), 'weave-state-'))
  readonly #options: DeployerOptions
  #deployer: ChildProcess | undefined
  readonly #asked = new Map<number, PromiseWithResolvers<unknown>>()
  /** A deployer is there, and has said that all is ready. */
  ready = false
  #ready = Promise.withResolvers<void>()
  #last = 0

  private constructor(build: string, transport: TransportKind, workers: number) {
    this.files = new LedgerFiles()
    const { folder } = this.files
    const config = { Ledger: { folder }, Counter: { folder }, Office: { folder, workers } }
    this.#options = { build, state: this.#state, config, transport }
  }

  static async start({ transport = 'unix', workers = 8, diesAt }: StartOptions = {}): Promise<DetachedLedger> {
    const ledger = new DetachedLedger(await buildLedger(), transport, workers)
    await ledger.deployer(diesAt)
    return ledger
  }

  /** Starts a deployer, which takes over when there was one before. Resolves when it says that all is ready. */
  async deployer(diesAt?: MoveState['kind']): Promise<void> {
    const options: DeployerOptions = { ...this.#options, diesAt }
    const child = fork(join(import.meta.dirname, 'ledger-deployer.ts'), [JSON.stringify(options)], {
      // What it prints is for whoever reads a failing test.
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    })
    this.#deployer = child
    this.#ready = Promise.withResolvers()
    child.on('message', (message: Tell) => this.#told(message))
    child.once('exit', (code, signal) => {
      const last = this.events.slice(-5).map((event) => JSON.stringify(event))
      const gone = new DeployerGone(`The deployer is gone: ${signal ?? `exit code ${code}`}, after ${last.join(', ')}`)
      this.#ready.promise.catch(() => {})
      this.#ready.reject(gone)
      for (const { reject } of this.#asked.values()) reject(gone)
      this.#asked.clear()
      this.#deployer = undefined
      this.ready = false
    })
    await this.#ready.promise
    this.ready = true
  }

  get pid(): number {
    return this.#deployer!.pid!
  }

  #told(message: Tell): void {
    if ('event' in message) {
      this.events.push(message.event)
      if (message.event.type === 'ready') this.#ready.resolve()
      return
    }
    const asked = this.#asked.get(message.id)
    this.#asked.delete(message.id)
    if ('done' in message) asked?.resolve(message.done)
    else asked?.reject(new WeaveError(message.failed.message, { code: message.failed.code as 'WV_DEPLOY' }))
  }

  #ask(wish: Wish): Promise<unknown> {
    const id = ++this.#last
    const answer = Promise.withResolvers<unknown>()
    if (this.#deployer === undefined) return Promise.reject(new DeployerGone('There is no deployer.'))
    this.#asked.set(id, answer)
    this.#deployer.send({ id, ...wish } as Ask)
    return answer.promise
  }

  move(component: string, to: string): Promise<MoveStatus> {
    return this.#ask({ ask: 'move', components: [component], to }) as Promise<MoveStatus>
  }

  processes(): Promise<ProcessSnapshot[]> {
    return this.#ask({ ask: 'processes' }) as Promise<ProcessSnapshot[]>
  }

  /** SIGKILL; resolves when it is gone. */
  async kill(): Promise<void> {
    const child = this.#deployer
    if (child === undefined) return
    const exit = once(child, 'exit')
    child.kill('SIGKILL')
    await exit
  }

  /** The next instance (of the ledger that starts or stops, of the counter that hands over or takes over) kills the deployer that there is now. */
  killDeployerAt(stage: 'start' | 'stop' | 'handOver' | 'takeOver'): void {
    writeFileSync(join(this.files.folder, `kill-at-${stage}`), String(this.pid))
  }

  /** Instances of the ledger that run: those that have been made and have not been stopped, of processes that live. */
  instances(): number {
    const lines = this.files.read('lives')
    const begun = lines.filter((line) => line.startsWith('+')).map((line) => Number(line.slice(1)))
    const ended = lines.filter((line) => line.startsWith('-')).map((line) => Number(line.slice(1)))
    for (const pid of ended) begun.splice(begun.indexOf(pid), 1)
    return begun.filter((pid) => lives(pid)).length
  }

  /** What its processes have printed last. */
  errors(): string {
    const folder = join(this.#state, 'ledger', 'logs')
    if (!existsSync(folder)) return ''
    return readdirSync(folder)
      .map((name) => `${name}:\n${readFileSync(join(folder, name), 'utf8').slice(-4096)}`)
      .join('\n')
  }

  /** Stops all, and adds up. */
  async close(): Promise<{ books: Books; exitCode: number }> {
    const child = this.#deployer!
    const exit = once(child, 'exit')
    await this.#ask({ ask: 'stop' })
    const [exitCode] = (await exit) as [number]
    const books = this.files.audit()
    this.dispose()
    return { books, exitCode }
  }

  /** Nothing of it is left. Safe to call again. */
  dispose(): void {
    this.#deployer?.disconnect()
    this.files.remove()
    rmSync(this.#state, { recursive: true, force: true })
  }
}

export interface StartOptions {
  transport?: TransportKind
  workers?: number
  diesAt?: MoveState['kind'] | undefined
}

function lives(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'latin1'))
  } catch {
    return false
  }
}
