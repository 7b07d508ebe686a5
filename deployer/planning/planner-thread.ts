/**
 * The planner off the deployer's thread: a plan of a thousand components takes a second of CPU, in which the deployer would neither answer nor
 * see that a process has died. In: jobs, any number at a time, which wait for each other. Out: promises of answers. An aborted job, one that takes
 * too long, and one on which the thread dies reject with `WV_DEPLOY`, which says so; the thread ends then and the next job gets another.
 *
 *   none      no thread; left by a job
 *   working   it has one job; left by its answer → idle, or the next job; by abort, time or the thread's death → none, or the next job
 *   idle      it has none, and doesn't hold the process; left by a job → working, or after a while → none
 *   stopped   no job is taken any more
 */
import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { Clock, Timer } from '../../runtime/clock.ts'
import { type ErrorCode, WeaveError } from '../../runtime/errors.ts'
import { DEPLOYER_LIMITS } from '../limits.ts'
import type { Job, JobKind, Jobs, Reply } from './job.ts'

export interface PlannerThreadOptions {
  clock: Clock
  /** What the thread runs. Default: thread.ts. */
  entry?: URL | undefined
}

interface Waiting {
  job: Job
  settle: (answer: Jobs[JobKind]['answer']) => void
  reject: (error: Error) => void
}

type State =
  | { kind: 'none' }
  | { kind: 'working'; worker: Worker; on: Waiting; timer: Timer }
  | { kind: 'idle'; worker: Worker; timer: Timer }
  | { kind: 'stopped' }

const { planMs, plannerHeapMibMax, plansWaitingMax, plannerIdleMs } = DEPLOYER_LIMITS

export class PlannerThread {
  readonly #clock: Clock
  readonly #entry: URL
  readonly #queue: Waiting[] = []
  #state: State = { kind: 'none' }

  constructor({ clock, entry }: PlannerThreadOptions) {
    this.#clock = clock
    this.#entry = entry ?? new URL(`./thread${extname(import.meta.url)}`, import.meta.url)
  }

  get state(): State['kind'] {
    return this.#state.kind
  }

  /** Rejects also with what the job itself throws, as a `WeaveError` of the same code. */
  async ask<Kind extends JobKind>(
    kind: Kind,
    request: Jobs[Kind]['request'],
    signal?: AbortSignal,
  ): Promise<Jobs[Kind]['answer']> {
    if (this.#state.kind === 'stopped') throw failure(STOPPING)
    if (signal?.aborted) throw failure(ABORTED)
    if (this.#queue.length >= plansWaitingMax)
      throw failure(`${plansWaitingMax} plans are waited for already. Ask again when they are made.`)
    const { promise, resolve, reject } = Promise.withResolvers<Jobs[Kind]['answer']>()
    const waiting: Waiting = { job: { kind, request }, settle: resolve as Waiting['settle'], reject }
    const abort = () => this.#abort(waiting)
    signal?.addEventListener('abort', abort, { once: true })
    this.#queue.push(waiting)
    this.#next()
    try {
      return await promise
    } finally {
      signal?.removeEventListener('abort', abort)
    }
  }

  /** What is under way and what waits is rejected. */
  stop(): void {
    for (const { reject } of this.#queue.splice(0)) reject(failure(STOPPING))
    this.#end(failure(STOPPING))
    this.#state = { kind: 'stopped' }
  }

  #next(): void {
    if (this.#state.kind === 'working' || this.#state.kind === 'stopped') return
    const on = this.#queue.shift()
    if (on === undefined) return
    if (this.#state.kind === 'idle') this.#state.timer.cancel()
    const worker = this.#state.kind === 'idle' ? this.#state.worker : this.#start()
    const late = () => this.#end(failure(`There was no plan after ${planMs / 1000} s; the planner was ended.`))
    this.#state = { kind: 'working', worker, on, timer: this.#clock.setTimeout(late, planMs) }
    worker.ref()
    worker.postMessage(on.job)
  }

  #start(): Worker {
    const resourceLimits = { maxOldGenerationSizeMb: plannerHeapMibMax }
    const worker = new Worker(this.#entry, { name: 'weave planner', resourceLimits })
    const died = (why: string) => {
      const isOurs = 'worker' in this.#state && this.#state.worker === worker
      if (isOurs) this.#end(failure(`The planner died: ${why}`))
    }
    worker.on('message', (reply: Reply) => this.#answered(worker, reply))
    worker.on('error', (error: Error & { code?: string }) => {
      const why = `it needed more than ${plannerHeapMibMax} MiB.`
      died(error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? why : (error.stack ?? error.message))
    })
    worker.on('exit', (code) => died(`its thread ended with code ${code}.`))
    return worker
  }

  #answered(worker: Worker, reply: Reply): void {
    if (this.#state.kind !== 'working' || this.#state.worker !== worker) return
    const { on, timer } = this.#state
    timer.cancel()
    // An idle thread doesn't keep the process, and goes after a while: it holds some 10 MiB.
    worker.unref()
    this.#state = { kind: 'idle', worker, timer: this.#clock.setTimeout(() => this.#end(), plannerIdleMs).unref() }
    if ('answer' in reply) on.settle(reply.answer)
    else if (reply.code !== undefined) on.reject(new WeaveError(reply.message, { code: reply.code as ErrorCode }))
    else on.reject(failure(`The planner failed: ${reply.message}`))
    this.#next()
  }

  #abort(waiting: Waiting): void {
    const place = this.#queue.indexOf(waiting)
    if (place >= 0) {
      this.#queue.splice(place, 1)
      waiting.reject(failure(ABORTED))
    } else if (this.#state.kind === 'working' && this.#state.on === waiting) this.#end(failure(ABORTED))
  }

  /** The thread ends; what it works on is rejected with `why`. */
  #end(why?: WeaveError): void {
    const state = this.#state
    if (state.kind !== 'working' && state.kind !== 'idle') return
    state.timer.cancel()
    this.#state = { kind: 'none' }
    void state.worker.terminate()
    if (state.kind === 'working') state.on.reject(why!)
    this.#next()
  }
}

const ABORTED = 'The plan is not wanted any more.'
const STOPPING = 'The application is being stopped.'

function failure(text: string): WeaveError {
  return new WeaveError(text, { code: 'WV_DEPLOY' })
}
