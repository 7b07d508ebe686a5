/**
 * The calling end of the loopback: calls between components of one process that go through the codec as if there were two
 * (`isolated`). The same requests, limits, deadlines and errors as over a socket; no greeting, no loss. What would be a frame is a
 * message that arrives at the next tick.
 */

import { DeadlineSweep } from '../../calls/deadlines.ts'
import type { Dispatcher } from '../../calls/dispatcher.ts'
import type { Clock } from '../../clock.ts'
import { protocolError, Reader } from '../../codec/reader.ts'
import { Writer } from '../../codec/writer.ts'
import { WeaveError } from '../../errors.ts'
import { LIMITS } from '../../limits.ts'
import type { CallWire } from '../../streams/end.ts'
import { type AnswerReader, readElsewhere, readError, readOwn, readRefusal, readResult } from '../answer.ts'
import { type Call, CallTable, type Channel, overloaded } from '../call.ts'
import { FrameTooLong, writeRequest } from '../message.ts'
import { FRAME, type FrameKind } from '../socket/frames.ts'
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
  #streams = 0

  constructor(options: LocalClientOptions) {
    this.#options = options
    this.process = options.process
    this.#sweep = new DeadlineSweep(options.clock, (now) =>
      this.#calls.expire(now, (call, id) => this.#expired(call, id)),
    )
    this.#server = new LocalServer(options.dispatcher, options.clock, (kind, id, bytes, unreadable) =>
      this.#frame(kind, id, bytes, unreadable),
    )
  }

  get callsInFlight(): number {
    return this.#calls.size
  }

  send(call: Call): void {
    const { carried } = call
    // Its caller has given it up while it waited.
    if (carried?.over) return
    if (carried && this.#streams + carried.streams > LIMITS.streamsMax) {
      call.reject(overloaded(`${this.#streams} streams are under way, of ${LIMITS.streamsMax}; carry less at once.`))
      return
    }
    const id = this.#calls.add(call)
    if (id < 0) {
      call.reject(overloaded(`${LIMITS.callsInFlightMax} calls are in flight, which is the limit; call less at once.`))
      return
    }
    let bytes: Buffer
    try {
      const writer = new Writer(256)
      writeRequest(writer, call, 0)
      if (writer.position > LIMITS.messageBytesMax) throw new FrameTooLong(writer.position)
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
    if (carried) {
      this.#streams += carried.streams
      carried.sent(loopback((kind, bytes) => this.#server.frame(kind, id, bytes)))
    }
  }

  #expired(call: Call, id: number): void {
    if (call.carried) {
      call.carried.unsent()
      this.#streams -= call.carried.streams
    }
    this.#server.cancel(id)
    call.owner.expired(call, undefined)
  }

  #frame(kind: FrameKind, id: number, bytes: Buffer | undefined, unreadable: unknown): void {
    const isAnswer = kind !== FRAME.opened && kind !== FRAME.item && kind !== FRAME.credit && kind !== FRAME.stop
    const call = isAnswer ? this.#calls.answered(id) : this.#calls.peek(id)
    if (call === undefined || call === false) return
    try {
      if (!isAnswer) call.carried!.frame(kind, new Reader(bytes!))
      else this.#answer(call, kind, bytes, unreadable)
    } catch (error) {
      // There is no connection to close; only this call has seen bytes that it can't read.
      call.reject(error)
      if (!isAnswer) this.#server.cancel(id)
    }
  }

  #answer(call: Call, kind: FrameKind, bytes: Buffer | undefined, unreadable: unknown): void {
    if (call.carried) {
      this.#streams -= call.carried.streams
      if (kind === FRAME.unexecuted || kind === FRAME.elsewhere) call.carried.unsent()
      else call.carried.answered()
    }
    if (bytes === undefined) call.reject(unreadable ?? protocolError('a call was cancelled that was not given up'))
    else if (kind === FRAME.error) readError(call, new Reader(bytes), this.#options.answers, this.process)
    else if (kind === FRAME.unexecuted)
      readRefusal(call, new Reader(bytes), this.#options.answers, this.process, this.process)
    else if (kind === FRAME.elsewhere) readElsewhere(call, new Reader(bytes), this.process)
    else if (kind === FRAME.own) readOwn(call, new Reader(bytes))
    else readResult(call, new Reader(bytes))
  }

  close(): void {
    this.open = false
    this.#sweep.close()
    for (const call of this.#calls.clear()) {
      call.carried?.unsent()
      call.reject(new WeaveError('The application has stopped.', { code: 'WV_STOPPING', executed: 'maybe' }))
    }
    this.#server.close()
  }
}

/** One way of a loopback: what is sent arrives as bytes, at the next tick. */
export function loopback(arrive: (kind: FrameKind, bytes: Buffer) => void): CallWire {
  return {
    send(kind, write) {
      const writer = new Writer(64)
      write?.(writer)
      const { position } = writer
      if (position > LIMITS.messageBytesMax) throw new FrameTooLong(position)
      process.nextTick(() => arrive(kind, writer.buffer.subarray(0, position)))
      return position
    },
  }
}
