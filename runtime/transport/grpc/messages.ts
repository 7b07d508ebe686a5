/**
 * What goes over gRPC, for both ends. A call is a gRPC call of its own, `/<component>/<method>`, so that a mesh sees who calls what. Its
 * messages are the frames of the socket transport without length and id: `kind u8 | body` (socket/frames.ts). A plain call is
 * unary; one that carries a signal or streams is a bidirectional stream, whose last message from the server is the answer.
 *
 * Headers say again, for proxies, what the request says: the deadline (`grpc-timeout`), the trace (`traceparent`). What a proxy has made
 * of `traceparent` counts; all else is read from the request.
 */
import type { ServiceError } from '@grpc/grpc-js'
import { Reader } from '../../codec/reader.ts'
import { Writer } from '../../codec/writer.ts'
import { type ErrorCode, WeaveError } from '../../errors.ts'
import { LIMITS } from '../../limits.ts'
import { FrameTooLong } from '../message.ts'
import type { FrameKind } from '../socket/frames.ts'
import type { Greeting } from '../socket/handshake.ts'

/** Exchanges greetings. This method and the next belong to no component. */
export const GREET = '/weavets.Calls/Greet'
/** Says that the caller is there, and asks whether the process is. */
export const PING = '/weavets.Calls/Ping'
/** Who calls, in every call: a connection may be a proxy's, so it says nothing. */
export const FROM = 'weave-from'
/** W3C's, which proxies know. */
export const TRACE = 'traceparent'
/** gRPC's own: digits and `m` for milliseconds. */
export const TIMEOUT = 'grpc-timeout'
/** Of an answer that is an error: what a socket's frame would hold. */
export const ERROR = 'weave-error-bin'

/** `src/cart.Cart` → `src.cart.Cart`, what proxies and health checks call it. */
export function serviceName(component: string): string {
  return component.split('/').map(encodeURIComponent).join('.')
}

export function pathOf(component: string, method: string): string {
  return `/${serviceName(component)}/${encodeURIComponent(method)}`
}

export function callerHeader({ application, version, process, group }: Greeting): string {
  return [application, version, process, group].map(encodeURIComponent).join('/')
}

/** Undefined for what isn't one. */
export function readCallerHeader(text: string): Greeting | undefined {
  const parts = text.split('/')
  if (parts.length !== 4) return undefined
  try {
    const [application, version, process, group] = parts.map(decodeURIComponent) as [string, string, string, string]
    return { application, version, process, group }
  } catch {
    return undefined
  }
}

/** Messages are bytes already. */
export function asIs(bytes: Buffer): Buffer {
  return bytes
}

/** Undefined while a message is written with it: a getter of the user's may send another one meanwhile. */
let idle: Writer | undefined = new Writer()
/** One that a large message has blown up is given back to the collector. */
const WRITER_BYTES_MAX = 1024 * 1024

/** Whoever takes it returns it. */
export function lendWriter(): Writer {
  const writer = idle ?? new Writer()
  idle = undefined
  return writer
}

export function returnWriter(writer: Writer): void {
  writer.truncate(0)
  if (writer.buffer.length <= WRITER_BYTES_MAX) idle = writer
}

/** One message. Throws what `write` throws, and `FrameTooLong`. */
export function message(kind: FrameKind, write?: (writer: Writer) => void): Buffer {
  const writer = lendWriter()
  try {
    writer.uint8(kind)
    write?.(writer)
    if (writer.position > LIMITS.messageBytesMax) throw new FrameTooLong(writer.position)
    return Buffer.from(writer.buffer.subarray(0, writer.position))
  } finally {
    returnWriter(writer)
  }
}

/** At a message's body. */
export function bodyOf(bytes: Buffer): Reader {
  return new Reader(bytes, 1)
}

/** An error that came as an answer of ours, and not from a proxy or the library. */
export function errorMessage(error: ServiceError): Buffer | undefined {
  const [bytes] = error.metadata.get(ERROR)
  return Buffer.isBuffer(bytes) && bytes.length > 0 ? bytes : undefined
}

/** Codes of gRPC by their numbers, as far as they are used here. */
export const STATUS = {
  ok: 0,
  cancelled: 1,
  unknown: 2,
  invalidArgument: 3,
  deadlineExceeded: 4,
  notFound: 5,
  permissionDenied: 7,
  resourceExhausted: 8,
  failedPrecondition: 9,
  unimplemented: 12,
  internal: 13,
  unavailable: 14,
  unauthenticated: 16,
} as const

const STATUS_OF: { [C in ErrorCode]?: number } = {
  WV_IDENTITY: STATUS.unauthenticated,
  WV_FORBIDDEN: STATUS.permissionDenied,
  WV_VERSION: STATUS.failedPrecondition,
  WV_OVERLOADED: STATUS.resourceExhausted,
  WV_UNAVAILABLE: STATUS.unavailable,
  WV_STOPPING: STATUS.unavailable,
  WV_DEADLINE: STATUS.deadlineExceeded,
  WV_NO_METHOD: STATUS.unimplemented,
  WV_VALUE: STATUS.invalidArgument,
  WV_PROTOCOL: STATUS.internal,
}

/**
 * What a proxy learns of a failure. Only what this process says of the call itself has a code that a proxy may act upon, as by trying again;
 * an error of the user's code, also one of a call that it made (it has an edge), means that the call has run: UNKNOWN.
 */
export function statusOf(error: unknown): number {
  if (!(error instanceof WeaveError) || error.edge !== undefined) return STATUS.unknown
  return STATUS_OF[error.code] ?? STATUS.unknown
}

/** For the logs of proxies: one line, bounded, and no half of a character, which the library can't encode. */
export function detailsOf(error: unknown): string {
  const text = error instanceof Error ? error.message : 'a value was thrown that is no error'
  return text.split('\n', 1)[0]!.slice(0, LIMITS.grpcDetailsMax).toWellFormed()
}
