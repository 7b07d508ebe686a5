/**
 * The calling end of the loopback: calls between components of one process that go through the codec as if there were two
 * (`isolated`). The same requests, limits, deadlines and errors as over a socket; no frames, no greeting, no loss.
 */
import type { Clock } from '../../clock.ts'
import { Reader } from '../../codec/reader.ts'
import { Writer } from '../../codec/writer.ts'
import { DeadlineSweep } from '../../deadlines.ts'
import type { Dispatcher } from '../../dispatcher.ts'
import { WeaveError } from '../../errors.ts'
import { LIMITS } from '../../limits.ts'
import { type AnswerReader, readError, readResult } from '../answer.ts'
import { type Call, CallTable, type Channel, overloaded } from '../call.ts'
import { FrameTooLong, writeRequest } from '../message.ts'
import { LocalServer } from './server.ts'

export interface LocalClientOptions {
  /** Name of this process, for the stacks of errors. */
  process: string
  dispatcher: Dispatcher
  answers: AnswerReader
  clock: Clock
}

export class LocalClient implements Channel {
  readonly process: string
  readonly refusal = undefined
  open = true
  readonly coming = false
  readonly #options: LocalClientOptions
  readonly #calls = new CallTable(LIMITS.callsInFlightMax)
  readonly #sweep: DeadlineSweep
  readonly #server: LocalServer

  constructor(options: LocalClientOptions) {
    this.#options = options
    this.process = options.process
    this.#sweep = new DeadlineSweep(options.clock, (now) =>
      this.#calls.expire(now, (call, id) => this.#expired(call, id)),
    )
    this.#server = new LocalServer(options.dispatcher, (id, isError, bytes, unreadable) =>
      this.#answer(id, isError, bytes, unreadable),
    )
  }

  get callsInFlight(): number {
    return this.#calls.size
  }

  send(call: Call): void {
    const id = this.#calls.add(call)
    if (id < 0) {
      call.reject(overloaded(`${LIMITS.callsInFlightMax} calls are in flight, which is the limit; call less at once.`))
      return
    }
    let bytes: Buffer
    try {
      const writer = new Writer(256)
      writeRequest(writer, call, this.#options.clock.now(), 0)
      if (writer.position > LIMITS.frameBytesMax) throw new FrameTooLong(writer.position)
      bytes = writer.buffer.subarray(0, writer.position)
    } catch (thrown) {
      this.#calls.answered(id)
      call.owner.unencodable(call, thrown)
      return
    }
    call.sent = true
    this.#sweep.note(call.deadline)
    // Not at once: code after the call runs before the callee, as it does when the callee is elsewhere.
    process.nextTick(() => this.#server.request(id, bytes))
  }

  #expired(call: Call, id: number): void {
    this.#server.cancel(id)
    call.owner.expired(call, undefined)
  }

  #answer(id: number, isError: boolean, bytes: Buffer | undefined, unreadable: unknown): void {
    const call = this.#calls.answered(id)
    if (call === undefined || call === false) return
    if (bytes === undefined) {
      call.reject(unreadable)
      return
    }
    try {
      if (isError) readError(call, new Reader(bytes), this.#options.answers, this.process)
      else readResult(call, new Reader(bytes))
    } catch {
      // The call has been rejected with it, and there is no connection to close.
    }
  }

  close(): void {
    this.open = false
    this.#sweep.close()
    for (const call of this.#calls.clear()) {
      call.reject(new WeaveError('The application has stopped.', { code: 'WV_STOPPING', executed: 'maybe' }))
    }
  }
}
