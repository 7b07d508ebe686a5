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
  /** From either end: are you there? Answered by a pong. */
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
  /** Answers `id` with an error that says why the call has not run. Body: the error. */
  unexecuted: 20,
  /** Answers `id`: the call has not run, since its component has left the process. Body: the arguments of the request, as they came. */
  elsewhere: 21,
  // From here on the connection's own; its owner never sees them.
  /**
   * A message that is longer than `LIMITS.wholeBytesMax` goes in parts, all but the last of exactly `LIMITS.partBytes`; frames of other calls may
   * come between. Put together they are the kind of the message (u8), then its body. What follows for the same call comes after it.
   */
  part: 22,
  /** The last part of the message. */
  lastPart: 23,
  /**
   * So many bytes of parts have been read since the last of these. Body: varint. A sender is never more than `LIMITS.partsAheadBytesMax`
   * ahead; a receiver says this after each last part, and whenever it has read `LIMITS.partsUntoldBytesMax`.
   */
  taken: 24,
} as const

export type FrameKind = (typeof FRAME)[keyof typeof FRAME]

/** Length, kind and id. */
export const HEADER_BYTES = 9
const LENGTH_BYTES = 4

export type FrameHandler = (kind: number, id: number, reader: Reader) => void

const NOTHING = Buffer.alloc(0)

export class Frames {
  /** Of a frame, its header included; raised when the peer has introduced itself. */
  bytesMax: number
  readonly #handler: FrameHandler
  /** One for all frames: a handler is done with it when it returns. */
  readonly #reader = new Reader(NOTHING)
  /** The last chunk, and what of it is cut already. */
  #chunk: Buffer = NOTHING
  #position = 0
  /** The beginning of a frame that the chunks before began, copied; grows with the bytes that come. */
  #held: Buffer = NOTHING
  #heldBytes = 0
  /** Handed over by the last `cut`. */
  #frames = 0

  constructor(bytesMax: number, handler: FrameHandler) {
    this.bytesMax = bytesMax
    this.#handler = handler
  }

  /** How many the last `cut` has handed over. */
  get handed(): number {
    return this.#frames
  }

  /** Takes the next bytes; only when `cut` has said that there is nothing more in the last ones. `chunk` belongs to this until then. */
  push(chunk: Buffer): void {
    this.#chunk = chunk
    this.#position = 0
  }

  /**
   * Calls the handler for frames that are complete, at most so many; false when none is left. Throws `WV_PROTOCOL`, and what the handler
   * throws.
   */
  cut(framesMax: number): boolean {
    let frames = 0
    this.#frames = 0
    if (this.#heldBytes > 0) {
      if (!this.#completeHeld()) {
        this.#chunk = NOTHING
        return false
      }
      frames = 1
    }
    const chunk = this.#chunk
    const { length } = chunk
    while (length - this.#position >= LENGTH_BYTES) {
      const start = this.#position
      const end = start + this.#bytesOf(chunk, start)
      if (end > length) break
      if (frames >= framesMax) {
        this.#frames = frames
        return true
      }
      frames++
      this.#position = end
      this.#reader.reset(chunk, start + HEADER_BYTES, end)
      this.#handler(chunk[start + 4]!, uint32(chunk, start + 5), this.#reader)
    }
    this.#frames = frames
    this.#chunk = NOTHING
    if (this.#position < length) this.#hold(chunk, length)
    return false
  }

  /** Of the frame that begins there, its header included. */
  #bytesOf(buffer: Buffer, start: number): number {
    const bytes = LENGTH_BYTES + uint32(buffer, start)
    if (bytes > this.bytesMax)
      throw protocolError(`a frame says that it has ${bytes} bytes; at most ${this.bytesMax} are allowed`)
    if (bytes < HEADER_BYTES)
      throw protocolError(`a frame says that it has ${bytes} bytes; its header alone takes ${HEADER_BYTES}`)
    return bytes
  }

  /** Adds what is missing to the frame that is held, and hands it over if that was all of it. */
  #completeHeld(): boolean {
    if (this.#heldBytes < LENGTH_BYTES && !this.#take(LENGTH_BYTES)) return false
    const bytes = this.#bytesOf(this.#held, 0)
    if (!this.#take(bytes)) return false
    const frame = this.#held
    this.#heldBytes = 0
    this.#held = NOTHING
    this.#reader.reset(frame, HEADER_BYTES, bytes)
    this.#handler(frame[4]!, uint32(frame, 5), this.#reader)
    return true
  }

  /** Holds `bytes` bytes, if so many have come; else all that have. */
  #take(bytes: number): boolean {
    const end = Math.min(this.#position + bytes - this.#heldBytes, this.#chunk.length)
    this.#hold(this.#chunk, end)
    return this.#heldBytes === bytes
  }

  #hold(chunk: Buffer, end: number): void {
    const count = end - this.#position
    const bytes = this.#heldBytes + count
    if (bytes > this.#held.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(bytes, this.#held.length * 2))
      this.#held.copy(larger, 0, 0, this.#heldBytes)
      this.#held = larger
    }
    chunk.copy(this.#held, this.#heldBytes, this.#position, end)
    this.#heldBytes = bytes
    this.#position = end
  }
}

/** As `readUInt32LE`, which checks what is known here. */
function uint32(buffer: Buffer, at: number): number {
  return (buffer[at]! | (buffer[at + 1]! << 8) | (buffer[at + 2]! << 16) | (buffer[at + 3]! << 24)) >>> 0
}
