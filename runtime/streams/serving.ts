/**
 * The serving end of a call that carries a signal or streams. In: decoded arguments, frames of the caller. Out: the real signal and
 * streams in the arguments' places, frames over the call's wire.
 *
 * When the call ends, whatever it carried does: the callee's signal no longer aborts, and streams that the callee hasn't read to their
 * end give an error to who still reads. A caller that gave up, or is gone, aborts the signal and closes the result; so does one that leaves the
 * result in the middle of a step. The callee has a signal for that also where the caller has passed none.
 */

import type { References } from '../calls/references.ts'
import type { Clock } from '../clock.ts'
import { decodeError, type ErrorRegistry } from '../codec/error.ts'
import { protocolError, type Reader } from '../codec/reader.ts'
import type { CallContext } from '../context.ts'
import { WeaveError } from '../errors.ts'
import { LIMITS } from '../limits.ts'
import { shortName } from '../names.ts'
import { RemoteFailure } from '../transport/failure.ts'
import { FRAME } from '../transport/socket/frames.ts'
import { Consumer, type Outcome } from './consumer.ts'
import {
  type CallWire,
  type CarryingMethod,
  finished,
  left,
  sendCredit,
  sendItem,
  sendNumber,
  streamName,
} from './end.ts'
import { Producer } from './producer.ts'
import { Stream } from './stream.ts'

export interface ServingOptions extends CarryingMethod {
  readonly errors: ErrorRegistry
  readonly references: References
  readonly context: CallContext
  readonly clock: Clock
  /** The deadline holds until the first stream is in use. */
  readonly untilOpened: boolean
  /** Runs code of the user's in the context of the call. */
  run<T>(work: () => T): T
}

interface Taken {
  readonly consumer: Consumer
  /** The caller has said how the stream ended; nothing more may come of it. */
  told: boolean
  failure: { readonly error: unknown } | undefined
}

export class ServingEnd {
  /** Streams of the call, for the limit of its connection. */
  readonly streams: number
  readonly #options: ServingOptions
  readonly #controller: AbortController | undefined
  readonly #taken: (Taken | undefined)[]
  /** The caller has a signal too. */
  readonly #isAbortable: boolean
  #abortedByCaller = false
  #result: Producer | undefined
  /** What the caller wants of a result that isn't there yet. */
  #items = 0
  #bytes = 0
  #stopped = false
  #answered = false
  #cancelled = false
  #wire: CallWire | undefined

  /** Puts signal and streams into `args`. */
  constructor(options: ServingOptions, args: unknown[]) {
    const { method } = options
    this.#options = options
    this.#isAbortable = method.signal !== undefined && args[method.signal] === true
    if (method.signal !== undefined) {
      this.#controller = new AbortController()
      args[method.signal] = this.#controller.signal
    }
    this.#taken = (method.streams ?? []).map(({ parameter }, index) => {
      if (args[parameter] !== true) return undefined
      const taken = this.#take(index + 1)
      args[parameter] = new Stream(taken.consumer)
      return taken
    })
    this.streams = this.#taken.filter((taken) => taken !== undefined).length + (method.resultStream ? 1 : 0)
  }

  #take(number: number): Taken {
    const { method, references } = this.#options
    const codec = method.streams![number - 1]!
    const consumer = new Consumer({
      name: () => streamName(this.#options, number),
      decodeItem: (reader) => {
        reader.references = references
        return codec.decodeItem(reader)
      },
      credit: (items, bytes) => {
        this.#opened()
        sendCredit(this.#wire, number, items, bytes)
      },
      stop: () => sendNumber(this.#wire, FRAME.stop, number),
    })
    return { consumer, told: false, failure: undefined }
  }

  /** `Feed.watch`. */
  get call(): string {
    const { component, method } = this.#options
    return `${shortName(component)}.${method.name}`
  }

  attach(wire: CallWire): void {
    this.#wire = wire
  }

  #opened(): void {
    const { context, untilOpened } = this.#options
    if (untilOpened && Number.isFinite(context.deadline)) context.deadline = Number.POSITIVE_INFINITY
  }

  /** The reason that came with the request: the caller's signal had aborted before it called. */
  abort(reason: unknown): void {
    if (this.#controller === undefined || !this.#isAbortable || this.#abortedByCaller)
      throw protocolError('a call was aborted that has no signal, or had been aborted')
    this.#abortedByCaller = true
    const controller = this.#controller
    if (!this.#cancelled) this.#options.run(() => controller.abort(reason))
  }

  /** Throws `WV_PROTOCOL`. */
  frame(kind: number, reader: Reader): void {
    const bytes = reader.left
    if (kind === FRAME.abort) {
      this.#abort(reader)
      return
    }
    const number = reader.varint()
    if (kind === FRAME.credit || (kind === FRAME.stop && number === 0)) this.#wanted(kind, number, reader)
    else this.#given(kind, number, reader, bytes)
  }

  #abort(reader: Reader): void {
    const reason = decodeError(reader, this.#options.errors)
    finished(reader, 'an abort')
    if (this.#answered) return
    if (!(reason instanceof Promise)) this.abort(reason)
    // The class of the reason is imported first.
    else void reason.then((value) => !this.#answered && !this.#abortedByCaller && this.abort(value))
  }

  /** What the caller wants of the result. */
  #wanted(kind: number, number: number, reader: Reader): void {
    if (number !== 0 || this.#options.method.resultStream === undefined)
      throw protocolError(`stream ${number} was asked for, which there isn't`)
    if (kind === FRAME.stop) {
      finished(reader, 'the stop of a stream')
      this.#stopped = true
      this.#result?.stop()
      return
    }
    const items = reader.varint()
    const bytes = reader.varint()
    finished(reader, 'a credit')
    if (this.#result) {
      this.#result.credit(items, bytes)
      return
    }
    this.#items += items
    this.#bytes += bytes
    if (this.#items > LIMITS.streamItemsMax || this.#bytes > LIMITS.streamBytesMax)
      throw protocolError(`${streamName(this.#options, 0)} was given more credit than a window holds`)
  }

  /** What comes of the caller's streams. */
  #given(kind: number, number: number, reader: Reader, bytes: number): void {
    const taken = this.#taken[number - 1]
    if (taken === undefined) throw protocolError(`something came of stream ${number}, which there isn't`)
    if (taken.told) throw protocolError(`something came of ${streamName(this.#options, number)} after its end`)
    if (kind === FRAME.item) {
      // The answer has crossed it.
      if (!this.#answered) taken.consumer.item(reader, bytes)
      return
    }
    if (kind === FRAME.stop) {
      finished(reader, 'the stop of a stream')
      if (!this.#answered) taken.consumer.cleaning()
      return
    }
    taken.told = true
    if (kind === FRAME.end) {
      finished(reader, 'the end of a stream')
      taken.consumer.end(undefined)
      return
    }
    const decoded = decodeError(reader, this.#options.errors)
    finished(reader, 'the failure of a stream')
    const fail = (error: unknown) => {
      taken.failure = { error }
      taken.consumer.end({ error: new RemoteFailure(error, streamName(this.#options, number)) })
    }
    if (decoded instanceof Promise) void decoded.then(fail)
    else fail(decoded)
  }

  /** The implementation has given the stream that the call results in; resolves when that has ended. */
  open(iterable: AsyncIterable<unknown>): Promise<Outcome> {
    const { run, clock } = this.#options
    const controller = this.#controller
    this.#opened()
    this.#wire?.send(FRAME.opened)
    return new Promise((resolve) => {
      const producer = new Producer(iterable, {
        name: () => streamName(this.#options, 0),
        run,
        send: (item) => sendItem(this.#wire, this.#options, 0, item),
        cleaning: () => sendNumber(this.#wire, FRAME.stop, 0),
        interrupt: controller && { clock, abort: () => run(() => controller.abort(left(this.call))) },
        ended: resolve,
      })
      this.#result = producer
      if (this.#cancelled) producer.close()
      else if (this.#stopped) producer.stop()
      else if (this.#items > 0) producer.credit(this.#items, this.#bytes)
    })
  }

  /** The number by which the caller knows the error that the call has ended with, if it came from there. */
  ownNumber(error: unknown): number | undefined {
    if (this.#abortedByCaller && error === this.#controller?.signal.reason) return 0
    if (typeof error !== 'object' || error === null) return undefined
    const index = this.#taken.findIndex((taken) => taken?.failure?.error === error)
    return index < 0 ? undefined : index + 1
  }

  /** The call was answered. True while the caller still has to say of a stream that nothing more comes. */
  answered(): boolean {
    this.#answered = true
    for (const [index, taken] of this.#taken.entries()) {
      if (taken === undefined || taken.consumer.ended) continue
      const name = streamName(this.#options, index + 1)
      const text = `The call of ${this.call} has ended, and ${name} with it; read it before the method returns.`
      taken.consumer.lost(new WeaveError(text, { code: 'WV_UNAVAILABLE' }))
    }
    return this.owed
  }

  get owed(): boolean {
    return this.#taken.some((taken) => taken && !taken.told)
  }

  /** The callee is asked to end the call, whose caller waits still. */
  interrupt(reason: WeaveError): void {
    const controller = this.#controller
    if (controller && !this.#answered) this.#options.run(() => controller.abort(reason))
  }

  /** Nobody waits for the call any more, for that reason. */
  cancel(reason: WeaveError): void {
    if (this.#cancelled) return
    this.#cancelled = true
    const { run } = this.#options
    for (const taken of this.#taken) {
      if (taken === undefined) continue
      taken.told = true
      taken.consumer.lost(reason)
    }
    if (this.#answered) return
    const controller = this.#controller
    if (controller) run(() => controller.abort(reason))
    this.#result?.close()
  }
}
