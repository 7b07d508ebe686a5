/**
 * Frames on a socket: `length u32 (of what follows) | kind u8 | id u32 | body`, little endian.
 * `Frames` cuts a stream of chunks into frames. It buffers only bytes that have come: a length is a promise that it doesn't
 * pay for, and one beyond the limit is refused when it is read.
 */
import { protocolError, Reader } from '../../codec/reader.ts'

export const FRAME = {
  /** Body: a greeting (handshake.ts). The first frame in each direction; sent by a server it means welcome. */
  hello: 1,
  /** Body: the server's greeting; the connection ends. */
  refused: 2,
  /** Body: a request (message.ts). */
  request: 3,
  /** Body: the result as its method encodes it. */
  result: 4,
  /** Body: an error (codec/error.ts). */
  error: 5,
  /** The caller no longer waits for call `id`; its answer is due all the same, but may be empty. */
  cancel: 6,
  /** Answers `id` with nothing: it was cancelled. */
  cancelled: 7,
  ping: 8,
  pong: 9,
  /** From the server: I am stopping; send your goodbye, then I finish what I have. */
  draining: 10,
  /** From the client: no more requests will come from me. */
  goodbye: 11,
  /** From the client: the signal that went with call `id` has aborted. Body: its reason (codec/error.ts). */
  abort: 12,
  /** From the server: call `id` has given the stream that it results in. The call's answer is the stream's end. */
  opened: 13,
  /** One item of a stream. Body: the stream's number within its call varint (streams/end.ts), the item as its codec encodes it. */
  item: 14,
  /** From the client: nothing more comes of a stream. Body: its number. Due for each stream of a call, also after the answer. */
  end: 15,
  /** From the client: a stream has failed. Body: its number, the error. */
  fail: 16,
  /** The other end may send so much more. Body: the stream's number, items varint, bytes of items' frames varint. */
  credit: 17,
  /**
   * From the reader of a stream: send no more. From its producer: heard, and nothing of mine is under way; if the stream now ends with an
   * error, that is of the cleaning up. Body: the stream's number.
   */
  stop: 18,
  /** Answers `id` with an error that the client itself had sent. Body: 0 for its signal's reason, else the number of its stream. */
  own: 19,
} as const

export type FrameKind = (typeof FRAME)[keyof typeof FRAME]

/** Length, kind and id. */
export const HEADER_BYTES = 9
const LENGTH_BYTES = 4

export type FrameHandler = (kind: number, id: number, reader: Reader) => void

export class Frames {
  /** Of a frame, its header included; raised when the peer has introduced itself. */
  bytesMax: number
  readonly #handler: FrameHandler
  /** The beginning of a frame whose end hasn't come. */
  #held: Buffer[] = []
  #heldBytes = 0
  /** Bytes of the frame that `#held` begins, once its length is known. */
  #wanted = LENGTH_BYTES

  constructor(bytesMax: number, handler: FrameHandler) {
    this.bytesMax = bytesMax
    this.#handler = handler
  }

  /** Calls the handler for each frame that is complete; throws `WV_PROTOCOL`, and what the handler throws. */
  push(chunk: Buffer): void {
    if (this.#heldBytes === 0) {
      this.#cut(chunk)
      return
    }
    this.#held.push(chunk)
    this.#heldBytes += chunk.length
    if (this.#heldBytes < this.#wanted) return
    const joined = Buffer.concat(this.#held, this.#heldBytes)
    this.#held = []
    this.#heldBytes = 0
    this.#cut(joined)
  }

  #cut(buffer: Buffer): void {
    let start = 0
    this.#wanted = LENGTH_BYTES
    while (buffer.length - start >= LENGTH_BYTES) {
      const bytes = LENGTH_BYTES + buffer.readUInt32LE(start)
      if (bytes > this.bytesMax)
        throw protocolError(`a frame says that it has ${bytes} bytes; at most ${this.bytesMax} are allowed`)
      if (bytes < HEADER_BYTES)
        throw protocolError(`a frame says that it has ${bytes} bytes; its header alone takes ${HEADER_BYTES}`)
      this.#wanted = bytes
      const end = start + bytes
      if (end > buffer.length) break
      this.#handler(buffer[start + 4]!, buffer.readUInt32LE(start + 5), new Reader(buffer, start + HEADER_BYTES, end))
      start = end
      this.#wanted = LENGTH_BYTES
    }
    if (start === buffer.length) return
    this.#held.push(buffer.subarray(start))
    this.#heldBytes = buffer.length - start
  }
}
