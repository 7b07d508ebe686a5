/**
 * One call that is served over gRPC. In: its request, and the further messages of one that carries a signal or streams. Out, through a
 * `Sender`: the answer as messages and the status that proxies see. It ends with the answer, or when grpc-js says that nobody waits.
 */
import type { Metadata, ServerDuplexStream, sendUnaryData } from '@grpc/grpc-js'
import type { Answers } from '../../calls/answers.ts'
import type { Dispatcher } from '../../calls/dispatcher.ts'
import type { Clock } from '../../clock.ts'
import { type ErrorRegistry, encodeError } from '../../codec/error.ts'
import { protocolError } from '../../codec/reader.ts'
import type { Writer } from '../../codec/writer.ts'
import type { CallContext } from '../../context.ts'
import { WeaveError } from '../../errors.ts'
import { LIMITS } from '../../limits.ts'
import type { CallWire } from '../../streams/end.ts'
import type { ServingEnd } from '../../streams/serving.ts'
import type { Admission } from '../admission.ts'
import { FrameTooLong, tooLongText } from '../message.ts'
import { FRAME, type FrameKind } from '../socket/frames.ts'
import type { RemoteCaller } from './callers.ts'
import { bodyOf, detailsOf, ERROR, lendWriter, message, returnWriter, STATUS, statusOf } from './messages.ts'

export interface ServedCallOptions {
  dispatcher: Dispatcher
  clock: Clock
  caller: RemoteCaller
  sender: Sender
  /** Of the proxy's, if there is one. */
  trace: string | undefined
}

/** How messages and status go back; unary calls and streams differ. */
export interface Sender {
  /** Before the answer; streams only. */
  post(bytes: Buffer): void
  /** `failure`: what status and text proxies see, for an answer that is an error. */
  answer(bytes: Buffer, failure: Failure | undefined): void
  /** Without an answer. */
  abort(failure: Failure): void
}

export interface Failure {
  code: number
  details: string
}

export class ServedCall implements Answers {
  readonly admission: Admission | undefined
  readonly trace: string | undefined
  readonly #options: ServedCallOptions
  #context: CallContext | undefined
  #end: ServingEnd | undefined
  #writer: Writer | undefined
  #failure: Failure | undefined
  #isOver = false
  readonly #gone = () => {
    this.closed()
    this.#options.sender.abort({ code: STATUS.unavailable, details: 'the caller was silent for too long' })
  }

  constructor(options: ServedCallOptions) {
    this.#options = options
    this.admission = options.caller.admission
    this.trace = options.trace
  }

  /** Runs the request that came by the path of this component and method. Throws `WV_PROTOCOL`; nothing has run then. */
  begin(bytes: Buffer, component: number, methodIndex: number): void {
    const reader = bodyOf(bytes)
    if (bytes[0] !== FRAME.request) throw protocolError(`a call began with a message of kind ${bytes[0]}`)
    // What proxies have allowed by the path must be what runs.
    if (reader.varint() !== component || reader.varint() !== methodIndex)
      throw protocolError('a request came by the path of another method')
    const { dispatcher, clock } = this.#options
    this.#context = dispatcher.outside(() => dispatcher.serve(bodyOf(bytes), 0, this, clock.now()))
  }

  /** Throws `WV_PROTOCOL`. */
  message(bytes: Buffer): void {
    this.#options.caller.heard = true
    if (this.#end === undefined)
      throw protocolError(`a message of kind ${bytes[0]} came for a call that carries nothing`)
    this.#end.frame(bytes[0]!, bodyOf(bytes))
  }

  carry(_id: number, end: ServingEnd): CallWire {
    const { caller, sender } = this.#options
    const streams = caller.streams + end.streams
    if (streams > LIMITS.streamsMax)
      throw protocolError(`a client has ${streams} streams; at most ${LIMITS.streamsMax} are allowed`)
    this.#end = end
    caller.carries(end.streams, this.#gone)
    return {
      send: (kind, write) => {
        if (this.#isOver) return 0
        const bytes = message(kind, write)
        sender.post(bytes)
        return bytes.length - 1
      },
    }
  }

  beginResult(): Writer | undefined {
    this.#failure = undefined
    return this.#begin(FRAME.result)
  }

  beginError(_id: number, error: unknown): Writer | undefined {
    this.#failure = { code: statusOf(error), details: detailsOf(error) }
    return this.#begin(FRAME.error)
  }

  beginRefusal(_id: number, error: WeaveError): Writer | undefined {
    this.#failure = { code: statusOf(error), details: detailsOf(error) }
    return this.#begin(FRAME.unexecuted)
  }

  /** grpc-js doesn't tell when a request came, or what waits behind it. */
  tooLate(): number {
    return 0
  }

  beginElsewhere(): Writer | undefined {
    this.#failure = { code: STATUS.unavailable, details: 'the component has moved to another process' }
    return this.#begin(FRAME.elsewhere)
  }

  beginOwn(): Writer | undefined {
    this.#failure = { code: statusOf(undefined), details: 'the call failed with what its caller had sent' }
    return this.#begin(FRAME.own)
  }

  #begin(kind: FrameKind): Writer | undefined {
    if (this.#isOver) return undefined
    this.#writer = lendWriter()
    this.#writer.uint8(kind)
    return this.#writer
  }

  end(): void {
    const writer = this.#writer!
    const { position } = writer
    if (position > LIMITS.messageBytesMax) {
      this.abandon()
      throw new FrameTooLong(position)
    }
    const bytes = Buffer.from(writer.buffer.subarray(0, position))
    this.abandon()
    this.#isOver = true
    this.#options.sender.answer(bytes, this.#failure)
    this.#end?.answered()
  }

  abandon(): void {
    if (this.#writer) returnWriter(this.#writer)
    this.#writer = undefined
  }

  tooLong(thrown: unknown): string | undefined {
    return thrown instanceof FrameTooLong ? tooLongText(thrown.bytes) : undefined
  }

  /** grpc-js has done with the call: it is answered, or its caller waits no longer, or is gone. */
  closed(): void {
    const end = this.#end
    this.#end = undefined
    if (end) this.#options.caller.released(this.#gone)
    const context = this.#context
    if (!this.#isOver && context) {
      const isLate = context.deadline - this.#options.clock.now() < LIMITS.grpcLateMs
      context.deadline = Number.NEGATIVE_INFINITY
      this.#isOver = true
      end?.cancel(
        isLate
          ? new WeaveError(`The caller of ${end.call} waits no longer: its deadline has passed.`, {
              code: 'WV_DEADLINE',
            })
          : new WeaveError(`The caller of ${end.call} is gone: the call was closed.`, { code: 'WV_UNAVAILABLE' }),
      )
    }
    // Answered, but what the caller still streams will not come.
    else end?.cancel(new WeaveError(`The call of ${end.call} has ended.`, { code: 'WV_UNAVAILABLE' }))
  }
}

/** An error in trailers, so that its status is seen on the way; one that is too long for headers is a message, and its status OK. */
export function unarySender(done: sendUnaryData<Buffer>, newMetadata: () => Metadata): Sender {
  return {
    post() {},
    abort: done,
    answer(bytes, failure) {
      if (failure === undefined || bytes.length > LIMITS.grpcErrorBytesMax) {
        done(null, bytes)
        return
      }
      const metadata = newMetadata()
      metadata.set(ERROR, bytes)
      done({ ...failure, metadata })
    },
  }
}

/**
 * The answer is the last message. grpc-js gives a client the status of a failed call before messages that it has not yet taken, so the
 * status waits until the client, having the answer, has closed its half.
 */
export class StreamSender implements Sender {
  readonly #call: ServerDuplexStream<Buffer, Buffer>
  #isHalfClosed = false
  #isAnswered = false
  #failure: Failure | undefined

  constructor(call: ServerDuplexStream<Buffer, Buffer>) {
    this.#call = call
  }

  post(bytes: Buffer): void {
    this.#call.write(bytes)
  }

  answer(bytes: Buffer, failure: Failure | undefined): void {
    this.#call.write(bytes)
    this.#isAnswered = true
    this.#failure = failure
    if (this.#isHalfClosed) this.#finish()
  }

  abort(failure: Failure): void {
    this.#call.emit('error', failure)
  }

  halfClosed(): void {
    this.#isHalfClosed = true
    if (this.#isAnswered) this.#finish()
  }

  #finish(): void {
    if (this.#failure) this.abort(this.#failure)
    else this.#call.end()
  }
}

/** Of a call that has not run. */
export function refuse(sender: Sender, error: unknown, errors: ErrorRegistry): void {
  const failure = { code: statusOf(error), details: detailsOf(error) }
  sender.answer(
    message(FRAME.unexecuted, (writer) => encodeError(writer, error, errors)),
    failure,
  )
}
