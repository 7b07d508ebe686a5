/**
 * The calling end of a call that carries a signal or streams. In: the arguments as the user gave them, frames of the callee, the outcome
 * that the transport finds for the call. Out: frames over the call's wire, and the user's promise or stream.
 *
 * The call is in flight until its answer has come, and the answer of a call whose result is a stream is the stream's end: so deadlines,
 * cancellation, drain and loss treat it as any other call. With the answer everything that it carried is over: what still produces
 * for the callee is closed, and the callee is told that nothing more will come, since only then is the call's id free.
 */

import type { References } from '../calls/references.ts'
import { type ErrorRegistry, encodeError } from '../codec/error.ts'
import { protocolError, type Reader } from '../codec/reader.ts'
import type { Writer } from '../codec/writer.ts'
import { WeaveError } from '../errors.ts'
import { OwnFailure, RemoteFailure } from '../transport/failure.ts'
import { FRAME } from '../transport/socket/frames.ts'
import { Consumer } from './consumer.ts'
import { type CallWire, type CarryingMethod, finished, sendCredit, sendItem, sendNumber, streamName } from './end.ts'
import { Producer } from './producer.ts'
import { onAbort } from './signal.ts'
import { Stream } from './stream.ts'

export interface CallingOptions extends CarryingMethod {
  readonly args: readonly unknown[]
  /** The deadline is one that nobody asked for: it holds until the first stream is in use. */
  readonly untilOpened: boolean
  readonly errors: ErrorRegistry
  /** For what comes back. */
  readonly references: References
  /** Runs code of the user's in the context of the call. */
  run<T>(work: () => T): T
  /** The first stream is in use. */
  opened(): void
}

/** The user's promise. */
export interface Settle {
  resolve(value: unknown): void
  reject(error: unknown): void
}

interface Given {
  readonly producer: Producer
  /** The callee was told how the stream ended. */
  told: boolean
  /** The callee has asked for items, or has stopped it. */
  touched: boolean
  failure: { readonly error: unknown } | undefined
}

export class CallingEnd {
  /** Streams of the call, for the limit of its connection. */
  readonly streams: number
  /** The stream that the call results in. */
  readonly result: Consumer | undefined
  /** The callee has given its stream. */
  opened = false
  /** The user has the outcome: nothing is sent any more. */
  over = false
  readonly #options: CallingOptions
  readonly #given: (Given | undefined)[]
  readonly #signal: AbortSignal | undefined
  readonly #unlisten: () => void
  /** The user's promise; let go once it is settled, since it holds the stream that it gave, which nobody else may do. */
  #promise: Settle | undefined
  #wire: CallWire | undefined

  /** `promise`: undefined for a method that itself gives a stream. */
  constructor(options: CallingOptions, promise: Settle | undefined) {
    const { method, args } = options
    this.#options = options
    this.#promise = promise
    this.#given = (method.streams ?? []).map(({ parameter }, index) => this.#give(args[parameter], index + 1))
    if (method.resultStream) this.result = this.#receive(method.resultStream)
    this.streams = this.#given.filter((given) => given !== undefined).length + (this.result ? 1 : 0)
    // What isn't a signal is refused when the arguments are encoded.
    const signal = method.signal === undefined ? undefined : args[method.signal]
    this.#signal = typeof signal === 'object' && signal !== null ? (signal as AbortSignal) : undefined
    this.#unlisten = this.#signal?.addEventListener ? onAbort(this.#signal, () => this.#aborted()) : () => {}
  }

  #give(iterable: unknown, number: number): Given | undefined {
    if (typeof iterable !== 'object' || iterable === null) return undefined
    const producer = new Producer(iterable as AsyncIterable<unknown>, {
      name: () => streamName(this.#options, number),
      run: this.#options.run,
      send: (item) => sendItem(this.#wire, this.#options, number, item),
      cleaning: () => sendNumber(this.#wire, FRAME.stop, number),
      ended: (outcome) => {
        given.failure = outcome
        if (outcome === undefined) this.#tell(given, number)
        else this.#fail(given, number, outcome.error)
      },
    })
    const given: Given = { producer, told: false, touched: false, failure: undefined }
    return given
  }

  #tell(given: Given, number: number): void {
    if (given.told || this.#wire === undefined) return
    given.told = true
    sendNumber(this.#wire, FRAME.end, number)
  }

  #fail(given: Given, number: number, error: unknown): void {
    const wire = this.#wire
    if (wire === undefined) return
    const { errors } = this.#options
    const send = () => {
      // While the error's class was imported the call may have ended, or moved.
      if (given.told || this.#wire !== wire) return
      given.told = true
      wire.send(FRAME.fail, (writer) => {
        writer.varint(number)
        encodeError(writer, error, errors)
      })
    }
    const ready = errors.prepare(error)
    if (ready === undefined) send()
    else void ready.then(send)
  }

  #receive(codec: NonNullable<CarryingMethod['method']['resultStream']>): Consumer {
    const { references } = this.#options
    return new Consumer({
      name: () => streamName(this.#options, 0),
      decodeItem: (reader) => {
        reader.references = references
        return codec.decodeItem(reader)
      },
      credit: (items, bytes) => sendCredit(this.#wire, 0, items, bytes),
      stop: () => sendNumber(this.#wire, FRAME.stop, 0),
    })
  }

  /** Whether the call may be made again: nothing of it was used up. */
  get repeatable(): boolean {
    return !this.opened && this.#given.every((given) => !given?.touched)
  }

  get untilOpened(): boolean {
    return this.#options.untilOpened
  }

  /** The signal has aborted: the request says so, and why. */
  get aborted(): boolean {
    return this.#signal?.aborted === true
  }

  writeReason(writer: Writer): void {
    const { errors } = this.#options
    // Arguments are encoded at once, so there is no time to import the reason's class; it is known by its name.
    encodeError(writer, this.#signal?.reason, errors)
  }

  #aborted(): void {
    const wire = this.#wire
    if (this.over) return
    const { errors } = this.#options
    const reason: unknown = this.#signal?.reason
    if (wire === undefined) {
      // Nobody has the call who could decide what becomes of it; how long it would wait for somebody, none can say.
      this.reject(new OwnFailure(reason))
      return
    }
    const send = () => {
      if (this.#wire === wire) wire.send(FRAME.abort, (writer) => encodeError(writer, reason, errors))
    }
    const ready = errors.prepare(reason)
    if (ready === undefined) send()
    else void ready.then(send)
  }

  /** The request was sent over `wire`. */
  sent(wire: CallWire): void {
    this.#wire = wire
    this.result?.resume()
  }

  /** The wire is gone, or the callee is told in another way that the call is over. */
  unsent(): void {
    this.#wire = undefined
  }

  /** Throws `WV_PROTOCOL`. */
  frame(kind: number, reader: Reader): void {
    const bytes = reader.left
    if (kind === FRAME.opened) {
      finished(reader, 'the opening of a stream')
      this.#open()
      return
    }
    const number = reader.varint()
    if (kind === FRAME.item) {
      if (number !== 0 || this.result === undefined || !this.opened)
        throw protocolError(`an item came of stream ${number}`)
      this.result.item(reader, bytes)
      return
    }
    if (kind === FRAME.stop && number === 0 && this.result !== undefined) {
      finished(reader, 'the stop of a stream')
      this.result.cleaning()
      return
    }
    const given = this.#given[number - 1]
    if (given === undefined) throw protocolError(`stream ${number} was asked for, which there isn't`)
    given.touched = true
    if (kind === FRAME.stop) {
      finished(reader, 'the stop of a stream')
      given.producer.stop()
      return
    }
    const items = reader.varint()
    const credit = reader.varint()
    finished(reader, 'a credit')
    this.#options.opened()
    given.producer.credit(items, credit)
  }

  #open(): void {
    const { method, component } = this.#options
    const promise = this.#promise
    if (this.result === undefined || this.opened) throw protocolError(`${component}.${method.name} opened a stream`)
    this.opened = true
    this.#options.opened()
    this.#promise = undefined
    promise?.resolve(new Stream(this.result))
  }

  /** The callee has answered; `resolve` or `reject` follows. */
  answered(): void {
    for (const [index, given] of this.#given.entries()) {
      if (given) this.#tell(given, index + 1)
    }
    this.unsent()
    this.#release()
  }

  /** What the caller itself has sent, and the callee has thrown: the very same object comes out. */
  own(number: number): OwnFailure {
    if (number === 0 && this.aborted) return new OwnFailure(this.#signal?.reason)
    const failure = this.#given[number - 1]?.failure
    if (failure === undefined)
      throw protocolError(`a call failed with error ${number} of its caller, which there isn't`)
    return new OwnFailure(failure.error)
  }

  /** Throws `WV_PROTOCOL` for an answer that comes before the stream. */
  resolve(value: unknown): void {
    this.#release()
    if (this.result === undefined) this.#promise?.resolve(value)
    else if (this.opened) this.result.end(undefined)
    else {
      const error = protocolError('a call was answered without the stream that it results in')
      this.reject(error)
      throw error
    }
  }

  reject(error: unknown): void {
    this.unsent()
    this.#release()
    if (this.#promise !== undefined || this.result === undefined) {
      this.#promise?.reject(error)
      return
    }
    if (error instanceof RemoteFailure) this.result.end({ error })
    else if (error instanceof OwnFailure || (error instanceof WeaveError && error.code === 'WV_DEADLINE'))
      this.result.fail(error)
    else this.result.lost(error)
  }

  /** Nothing of the call stays: neither with the signal nor with what the user gave. */
  #release(): void {
    if (this.over) return
    this.over = true
    this.#unlisten()
    for (const given of this.#given) given?.producer.close()
  }
}
