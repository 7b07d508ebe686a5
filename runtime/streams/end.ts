/**
 * What both ends of a call that carries a signal or streams have in common: the way to the other end, the names of streams, and what to
 * say of an item that can't be sent.
 *
 * Streams are numbered within their call: 0 is the result, n the n-th of the method's stream parameters.
 */
import type { ItemCodec, Method } from '../boundary.ts'
import { itemError } from '../codec/mismatch.ts'
import type { Reader } from '../codec/reader.ts'
import { protocolError } from '../codec/reader.ts'
import type { Writer } from '../codec/writer.ts'
import { WeaveError } from '../errors.ts'
import { shortName } from '../names.ts'
import type { Definitions } from '../shape.ts'
import { FrameTooLong, tooLongText } from '../transport/message.ts'
import { FRAME, type FrameKind } from '../transport/socket/frames.ts'

/** The way to the other end of one call; over a socket, frames with the call's id. */
export interface CallWire {
  /**
   * Sends a frame, and gives the bytes of its body; nothing happens when the way is closed. A frame that is asked for while another is
   * being written follows that one. Throws what `write` throws, and `FrameTooLong`.
   */
  send(kind: FrameKind, write?: (writer: Writer) => void): number
}

/** With what the callee's signal aborts when the reader of the result has left while a step was under way. `call`: `Feed.watch`. */
export function left(call: string): WeaveError {
  return new WeaveError(`The reader of the result of ${call} wants no more of it.`, { code: 'WV_LEFT' })
}

/** Does the method carry more than arguments and a result? Such calls go another way. */
export function carries(method: Method): boolean {
  return method.signal !== undefined || method.streams !== undefined || method.resultStream !== undefined
}

export interface CarryingMethod {
  readonly method: Method
  /** Full name of the component. */
  readonly component: string
  readonly definitions: () => Definitions
}

/** `parameter 'items' of Feed.collect`, `the result of Feed.watch`. */
export function streamName({ method, component }: CarryingMethod, number: number): string {
  const call = `${shortName(component)}.${method.name}`
  if (number === 0) return `the result of ${call}`
  const position = method.streams?.[number - 1]?.parameter
  const name = position === undefined ? undefined : method.shapes().parameters[position]?.name
  return `parameter '${name ?? number}' of ${call}`
}

/** Sends one item and gives the bytes of its frame's body; throws the `WeaveError` that says why it can't be sent. */
export function sendItem(wire: CallWire | undefined, carrying: CarryingMethod, number: number, item: unknown): number {
  const { method, component, definitions } = carrying
  const stream = number === 0 ? method.resultStream : method.streams?.[number - 1]
  try {
    return wire?.send(FRAME.item, (writer) => writeItem(writer, number, stream!, item)) ?? 0
  } catch (thrown) {
    if (thrown instanceof FrameTooLong) {
      const text = `${shortName(component)}.${method.name}: the bytes of an item of ${streamName(carrying, number)}`
      throw new WeaveError(`${text} ${tooLongText(thrown.bytes)}`, { code: 'WV_VALUE' })
    }
    const parameter = number === 0 ? undefined : method.streams?.[number - 1]?.parameter
    throw itemError({ component, method, definitions: definitions(), thrown }, item, parameter)
  }
}

function writeItem(writer: Writer, number: number, codec: ItemCodec, item: unknown): void {
  writer.varint(number)
  codec.encodeItem(writer, item)
}

/** Writes how much more the producer of a stream may send. */
export function sendCredit(wire: CallWire | undefined, number: number, items: number, bytes: number): void {
  wire?.send(FRAME.credit, (writer) => {
    writer.varint(number)
    writer.varint(items)
    writer.varint(bytes)
  })
}

/** A frame that says nothing but which stream it is about. */
export function sendNumber(wire: CallWire | undefined, kind: FrameKind, number: number): void {
  wire?.send(kind, (writer) => writer.varint(number))
}

/** The frame has been read to its end. */
export function finished(reader: Reader, what: string): void {
  if (reader.left !== 0) throw protocolError(`${reader.left} bytes are left over after ${what}`)
}
