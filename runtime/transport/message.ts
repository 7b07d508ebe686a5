/**
 * What a request says before its arguments; the same bytes over every transport. Component and method are indices: both ends
 * are one build. The deadline travels as the milliseconds that are left, so clocks need not agree.
 *
 *   component varint | method varint | milliseconds left varint | flags u8 | [traceparent] | [count, (name, value)…] | [reason] | arguments
 */
import type { Reader } from '../codec/reader.ts'
import { protocolError } from '../codec/reader.ts'
import type { Writer } from '../codec/writer.ts'
import { isTraceparent, type Metadata, NO_METADATA } from '../context.ts'
import { LIMITS } from '../limits.ts'
import type { Call } from './call.ts'

const HAS_TRACE = 1
const HAS_METADATA = 2
/** The caller's signal has aborted already: its reason follows, as an error does (codec/error.ts). */
const ABORTED = 4
/** The deadline holds until the first stream of the call is in use. */
const UNTIL_OPENED = 8
const FLAGS = HAS_TRACE | HAS_METADATA | ABORTED | UNTIL_OPENED

/** What `now + ms - now` may be more than `ms`. */
const CLOCK_ERROR_MS = 1e-3

/** `from`: where the frame begins, for `call.argumentsAt`. Throws what the encoder throws. */
export function writeRequest(writer: Writer, call: Call, from: number): void {
  const { traceparent, metadata } = call.context
  const start = writer.position
  writer.varint(call.component)
  writer.varint(call.methodIndex)
  writer.varint(Math.max(0, Math.ceil(call.deadline - call.handed - CLOCK_ERROR_MS)))
  const { carried } = call
  const aborted = carried?.aborted === true
  writer.uint8(
    (traceparent === undefined ? 0 : HAS_TRACE) |
      (metadata === NO_METADATA ? 0 : HAS_METADATA) |
      (aborted ? ABORTED : 0) |
      (carried?.untilOpened ? UNTIL_OPENED : 0),
  )
  if (traceparent !== undefined) writer.string(traceparent)
  if (metadata !== NO_METADATA) writeMetadata(writer, metadata)
  if (aborted) carried.writeReason(writer)
  call.argumentsAt = writer.position - from
  if (call.args !== undefined) call.method.encodeArguments(writer, call.args)
  else {
    const payload = call.payload!
    // Reserving may replace the writer's buffer, so it comes first.
    const at = writer.reserve(payload.length)
    payload.copy(writer.buffer, at)
  }
  call.owner.counts.sent(call.methodIndex, writer.position - start)
}

function writeMetadata(writer: Writer, metadata: Metadata): void {
  const names = Object.keys(metadata)
  writer.varint(names.length)
  for (const name of names) {
    writer.string(name)
    writer.string(metadata[name]!)
  }
}

export interface RequestContext {
  traceparent: string | undefined
  metadata: Metadata
  /** A reason follows. */
  aborted: boolean
  untilOpened: boolean
}

const PLAIN: RequestContext = { traceparent: undefined, metadata: NO_METADATA, aborted: false, untilOpened: false }

/** Reads flags and what they announce, but for the reason; throws `WV_PROTOCOL`. */
export function readRequestContext(reader: Reader): RequestContext {
  const flags = reader.uint8()
  if (flags === 0) return PLAIN
  if (flags > FLAGS) throw protocolError(`the flags of a request are ${flags}`)
  let traceparent: string | undefined
  if (flags & HAS_TRACE) {
    traceparent = reader.string()
    if (!isTraceparent(traceparent)) throw protocolError('a traceparent is malformed')
  }
  const metadata = flags & HAS_METADATA ? readMetadata(reader) : NO_METADATA
  return { traceparent, metadata, aborted: (flags & ABORTED) !== 0, untilOpened: (flags & UNTIL_OPENED) !== 0 }
}

function readMetadata(reader: Reader): Metadata {
  const count = reader.count()
  if (count > LIMITS.metadataEntriesMax) throw protocolError(`a request has ${count} entries of metadata`)
  const start = reader.position
  const metadata = Object.create(null) as Record<string, string>
  for (let index = 0; index < count; index++) metadata[reader.string()] = reader.string()
  // Headers of strings count here; entries that their sender allowed fit with room to spare.
  if (reader.position - start > LIMITS.metadataBytesMax * 2)
    throw protocolError('the metadata of a request is too long')
  return Object.freeze(metadata)
}

/** Not an error for users: whoever knows which message it was says so. */
export class FrameTooLong {
  readonly bytes: number

  constructor(bytes: number) {
    this.bytes = bytes
  }
}

/** Ends the sentence "the arguments …", "the result …". */
export function tooLongText(bytes: number): string {
  return `take ${bytes} bytes; a message may have ${LIMITS.messageBytesMax}. Pass it in parts.`
}
