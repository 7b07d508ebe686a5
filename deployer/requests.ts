/**
 * What the deployer asks of a process and waits for: control messages with a number, which the process answers by `done`. In: messages,
 * answers, and lives that end. Out: for each message what has become of it; every one has an end, since each has its time.
 */
import type { Clock, Timer } from '../runtime/clock.ts'
import type { ToProcess } from '../runtime/process/control.ts'
import type { Supervisor } from './supervisor.ts'

type Numbered = Extract<ToProcess, { id?: number }>
/** A message without its number. */
export type Request = { [T in Numbered['type']]: Omit<Extract<Numbered, { type: T }>, 'id'> }[
  | 'host'
  | 'hand-over'
  | 'take-over'
  | 'keep'
  | 'give-up'
  | 'retire'
  | 'admit'
  | 'routes']

export type Answer =
  | { kind: 'done' }
  /** The process could not, and is as it was before. `why`: a sentence. */
  | { kind: 'failed'; why: string }
  /** Its life has ended: the next one is told all anew when it begins. */
  | { kind: 'gone' }
  /** It hasn't answered in time, and may still do what was asked. */
  | { kind: 'late' }

interface Waiting {
  supervisor: Supervisor
  timer: Timer
  resolve: (answer: Answer) => void
}

export class Requests {
  readonly #clock: Clock
  readonly #waiting = new Map<number, Waiting>()
  #last = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  ask(supervisor: Supervisor, request: Request, ms: number): Promise<Answer> {
    if (!supervisor.runs) return Promise.resolve({ kind: 'gone' })
    const id = ++this.#last
    const { promise, resolve } = Promise.withResolvers<Answer>()
    const timer = this.#clock.setTimeout(() => this.#end(id, { kind: 'late' }), ms)
    this.#waiting.set(id, { supervisor, timer, resolve })
    supervisor.send({ ...request, id })
    return promise
  }

  /** What the process has answered; an answer that nobody waits for any more is of no interest. */
  answered(supervisor: Supervisor, { id, failed }: { id: number; failed: string | undefined }): void {
    if (this.#waiting.get(id)?.supervisor !== supervisor) return
    this.#end(id, failed === undefined ? { kind: 'done' } : { kind: 'failed', why: failed })
  }

  /** A life of the process has ended. */
  ended(supervisor: Supervisor): void {
    for (const [id, waiting] of this.#waiting) if (waiting.supervisor === supervisor) this.#end(id, { kind: 'gone' })
  }

  #end(id: number, answer: Answer): void {
    const waiting = this.#waiting.get(id)
    if (waiting === undefined) return
    this.#waiting.delete(id)
    waiting.timer.cancel()
    waiting.resolve(answer)
  }
}
