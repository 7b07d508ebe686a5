/** The serving end of the loopback: requests as bytes in, answers as bytes out, at the next tick. */
import { Reader } from '../../codec/reader.ts'
import { Writer } from '../../codec/writer.ts'
import type { CallContext } from '../../context.ts'
import type { Answers, Dispatcher } from '../../dispatcher.ts'
import { LIMITS } from '../../limits.ts'
import { FrameTooLong, tooLongText } from '../message.ts'

/** `bytes` is undefined for a call that was cancelled, or whose request could not be read: `unreadable` says why. */
export type Deliver = (id: number, isError: boolean, bytes: Buffer | undefined, unreadable?: unknown) => void

export class LocalServer implements Answers {
  readonly #dispatcher: Dispatcher
  readonly #deliver: Deliver
  readonly #running: (CallContext | undefined)[] = []
  #writer = new Writer(256)
  #isError = false

  constructor(dispatcher: Dispatcher, deliver: Deliver) {
    this.#dispatcher = dispatcher
    this.#deliver = deliver
  }

  request(id: number, bytes: Buffer): void {
    this.#running[id] = undefined
    try {
      this.#running[id] = this.#dispatcher.serve(new Reader(bytes), id, this)
    } catch (error) {
      this.#deliver(id, true, undefined, error)
    }
  }

  cancel(id: number): void {
    const context = this.#running[id]
    if (context) context.deadline = Number.NEGATIVE_INFINITY
  }

  beginResult(id: number): Writer | undefined {
    return this.#begin(id, false)
  }

  beginError(id: number): Writer | undefined {
    return this.#begin(id, true)
  }

  #begin(id: number, isError: boolean): Writer | undefined {
    if (this.#running[id]?.deadline === Number.NEGATIVE_INFINITY) {
      this.#deliver(id, isError, undefined)
      return undefined
    }
    this.#isError = isError
    this.#writer = new Writer(256)
    return this.#writer
  }

  end(id: number): void {
    const { buffer, position } = this.#writer
    if (position > LIMITS.frameBytesMax) throw new FrameTooLong(position)
    const isError = this.#isError
    process.nextTick(() => this.#deliver(id, isError, buffer.subarray(0, position)))
  }

  abandon(): void {
    this.#writer.truncate(0)
  }

  tooLong(thrown: unknown): string | undefined {
    return thrown instanceof FrameTooLong ? tooLongText(thrown.bytes) : undefined
  }
}
