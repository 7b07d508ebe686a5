/** The serving end of the loopback: requests as bytes in, answers as bytes out, at the next tick. */

import type { Answers } from '../../calls/answers.ts'
import type { Dispatcher } from '../../calls/dispatcher.ts'
import type { Clock } from '../../clock.ts'
import { Reader } from '../../codec/reader.ts'
import { Writer } from '../../codec/writer.ts'
import type { CallContext } from '../../context.ts'
import { WeaveError } from '../../errors.ts'
import { LIMITS } from '../../limits.ts'
import type { CallWire } from '../../streams/end.ts'
import type { ServingEnd } from '../../streams/serving.ts'
import { FrameTooLong, tooLongText } from '../message.ts'
import { FRAME, type FrameKind } from '../socket/frames.ts'
import { loopback } from './client.ts'

/** `bytes` is undefined for a call that was cancelled, or whose request could not be read: `unreadable` says why. */
export type Deliver = (kind: FrameKind, id: number, bytes: Buffer | undefined, unreadable?: unknown) => void

export class LocalServer implements Answers {
  /** Components of one process share a group. */
  readonly admission = undefined
  readonly trace = undefined
  readonly #dispatcher: Dispatcher
  readonly #clock: Clock
  readonly #deliver: Deliver
  readonly #running: (CallContext | undefined)[] = []
  /** Those that carry a signal or streams, until they are answered. */
  readonly #carried = new Map<number, ServingEnd>()
  #writer = new Writer(256)
  #kind: FrameKind = FRAME.result

  constructor(dispatcher: Dispatcher, clock: Clock, deliver: Deliver) {
    this.#dispatcher = dispatcher
    this.#clock = clock
    this.#deliver = deliver
  }

  request(id: number, bytes: Buffer): void {
    this.#running[id] = undefined
    try {
      this.#running[id] = this.#dispatcher.outside(() =>
        this.#dispatcher.serve(new Reader(bytes), id, this, this.#clock.now()),
      )
    } catch (error) {
      this.#done(id)
      this.#deliver(FRAME.error, id, undefined, error)
    }
  }

  /** Who keeps this process busy waits for itself. */
  tooLate(): number {
    return 0
  }

  cancel(id: number): void {
    const context = this.#running[id]
    if (context) context.deadline = Number.NEGATIVE_INFINITY
    const end = this.#carried.get(id)
    end?.cancel(
      new WeaveError(`The caller of ${end.call} waits no longer: its deadline has passed.`, { code: 'WV_DEADLINE' }),
    )
  }

  carry(id: number, end: ServingEnd): CallWire {
    this.#carried.set(id, end)
    return loopback((kind, bytes) => this.#deliver(kind, id, bytes))
  }

  /** What the caller says of a call that carries something; it may cross the answer. */
  frame(kind: FrameKind, id: number, bytes: Buffer): void {
    const end = this.#carried.get(id)
    try {
      end?.frame(kind, new Reader(bytes))
    } catch (error) {
      // There is no connection to close: this call ends.
      end?.cancel(error as WeaveError)
      this.#carried.delete(id)
      this.#deliver(FRAME.error, id, undefined, error)
    }
  }

  beginResult(id: number): Writer | undefined {
    return this.#begin(FRAME.result, id)
  }

  beginError(id: number): Writer | undefined {
    return this.#begin(FRAME.error, id)
  }

  beginRefusal(id: number): Writer | undefined {
    return this.#begin(FRAME.unexecuted, id)
  }

  beginElsewhere(id: number): Writer | undefined {
    return this.#begin(FRAME.elsewhere, id)
  }

  beginOwn(id: number): Writer | undefined {
    return this.#begin(FRAME.own, id)
  }

  #begin(kind: FrameKind, id: number): Writer | undefined {
    if (this.#running[id]?.deadline === Number.NEGATIVE_INFINITY) {
      this.#done(id)
      this.#deliver(kind, id, undefined)
      return undefined
    }
    this.#kind = kind
    this.#writer = new Writer(256)
    return this.#writer
  }

  end(id: number): void {
    const { buffer, position } = this.#writer
    if (position > LIMITS.messageBytesMax) throw new FrameTooLong(position)
    const kind = this.#kind
    this.#done(id)
    process.nextTick(() => this.#deliver(kind, id, buffer.subarray(0, position)))
  }

  #done(id: number): void {
    if (this.#carried.size === 0) return
    this.#carried.get(id)?.answered()
    this.#carried.delete(id)
  }

  abandon(): void {
    this.#writer.truncate(0)
  }

  tooLong(thrown: unknown): string | undefined {
    return thrown instanceof FrameTooLong ? tooLongText(thrown.bytes) : undefined
  }

  /** The application has stopped. */
  close(): void {
    for (const end of this.#carried.values()) {
      end.cancel(new WeaveError(`The caller of ${end.call} has stopped.`, { code: 'WV_STOPPING' }))
    }
    this.#carried.clear()
  }
}
