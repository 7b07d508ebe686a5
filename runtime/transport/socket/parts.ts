/**
 * Long messages in parts, so that others needn't wait behind them. `Outgoing` cuts what one end sends: a part of each message in turn,
 * and never more ahead of the peer than it is ready for, however much the kernel would take. `Incoming` puts together what the
 * other end sends, out of bytes that have come; a message that isn't there yet has cost nothing.
 * Messages of one call keep their order: one that follows a long one waits for it, whatever its own length.
 */
import { protocolError, Reader } from '../../codec/reader.ts'
import { LIMITS } from '../../limits.ts'
import { HEADER_BYTES } from './frames.ts'

/** A whole frame that goes out in parts: the kind and the body of the message are what parts are cut from. */
interface Long {
  readonly id: number
  /** Its length field says nothing. */
  readonly frame: Buffer
  /** Of what parts are cut from: the kind, then the body. */
  readonly bytes: number
  sent: number
}

/** Where the kind stands in a frame; the id follows, and has its place in each part's own header. */
const KIND_AT = 4

export class Outgoing {
  /** In turn, by call; the first is next. */
  readonly #active = new Map<number, Long>()
  #activeBytes = 0
  /** Those that came after one of the same call, by call; and those that would be too many at once. */
  readonly #behind = new Map<number, Long[]>()
  readonly #later: Long[] = []
  /** Bytes that the peer hasn't said it has read. */
  #ahead = 0
  /** Of all that isn't sent yet. */
  bytes = 0

  get empty(): boolean {
    return this.#active.size === 0
  }

  /** Messages of the call are under way: another one has to follow them. */
  has(id: number): boolean {
    return this.#active.has(id) || this.#behind.has(id)
  }

  /** `frame`: as it would be sent in one piece. It belongs to this from here on. */
  add(id: number, frame: Buffer): void {
    const long = { id, frame, bytes: frame.length - HEADER_BYTES + 1, sent: 0 }
    this.bytes += long.bytes
    const behind = this.#behind.get(id)
    if (behind) behind.push(long)
    else if (this.#active.has(id)) this.#behind.set(id, [long])
    else this.#admit(long)
  }

  #admit(long: Long): void {
    if (!this.#fits(long)) {
      this.#later.push(long)
      // It holds its call's place.
      if (!this.#behind.has(long.id)) this.#behind.set(long.id, [])
      return
    }
    this.#activeBytes += long.bytes
    this.#active.set(long.id, long)
  }

  /** Gives `write` the next parts, as far as the peer is ready for them. `body` is good until the return. */
  pump(write: (id: number, body: Buffer[], isLast: boolean) => void): void {
    for (const long of this.#active.values()) {
      const bytes = Math.min(LIMITS.partBytes, long.bytes - long.sent)
      if (this.#ahead + bytes > LIMITS.partsAheadBytesMax) return
      const body = bodyOf(long, bytes)
      long.sent += bytes
      this.#ahead += bytes
      this.bytes -= bytes
      // To the end of the line; the loop meets it there.
      this.#active.delete(long.id)
      const isLast = long.sent === long.bytes
      if (isLast) this.#done(long)
      else this.#active.set(long.id, long)
      write(long.id, body, isLast)
    }
  }

  #done(long: Long): void {
    this.#activeBytes -= long.bytes
    const behind = this.#behind.get(long.id)
    const next = behind?.shift()
    if (behind?.length === 0) this.#behind.delete(long.id)
    if (next) this.#admit(next)
    for (let [first] = this.#later; first && this.#fits(first); [first] = this.#later) {
      this.#later.shift()
      if (this.#behind.get(first.id)?.length === 0) this.#behind.delete(first.id)
      this.#admit(first)
    }
  }

  #fits(long: Long): boolean {
    return this.#activeBytes === 0 || this.#activeBytes + long.bytes <= LIMITS.assembledBytesMax
  }

  /** The peer has read so much; throws `WV_PROTOCOL` when that is more than there was. */
  taken(bytes: number): void {
    if (bytes > this.#ahead) throw protocolError(`${bytes} bytes of parts were taken, of ${this.#ahead}`)
    this.#ahead -= bytes
  }

  /** Messages whose last part was never written. */
  *unsent(): Generator<Buffer> {
    for (const { frame } of this.#active.values()) yield frame
    for (const { frame } of this.#later) yield frame
    for (const behind of this.#behind.values()) for (const { frame } of behind) yield frame
  }
}

/** The kind is followed by the header's id, which isn't part of the message. */
function bodyOf({ frame, sent }: Long, bytes: number): Buffer[] {
  const from = HEADER_BYTES + sent - 1
  const to = from + bytes
  if (sent > 0) return [frame.subarray(from, to)]
  return [frame.subarray(KIND_AT, KIND_AT + 1), frame.subarray(HEADER_BYTES, to)]
}

export class Incoming {
  readonly #messages = new Map<number, Buffer[]>()
  #bytes = 0
  /** Read, and not yet told to the peer. */
  untold = 0

  /**
   * The next part of the call's message. Gives the message, its kind and its body, when that was the last. Throws `WV_PROTOCOL`.
   * Parts but the last are of one size, so that what is kept of many is not more than what came.
   */
  part(id: number, reader: Reader, isLast: boolean): Reader | undefined {
    const bytes = reader.left
    if (bytes > LIMITS.partBytes || bytes === 0 || (!isLast && bytes !== LIMITS.partBytes))
      throw protocolError(`a part has ${bytes} bytes; all but the last have ${LIMITS.partBytes}`)
    let parts = this.#messages.get(id)
    if (parts === undefined) {
      parts = []
      this.#messages.set(id, parts)
    }
    const total = parts.length * LIMITS.partBytes + bytes
    if (total > LIMITS.messageBytesMax) throw protocolError(`a message in parts has more than ${total} bytes`)
    this.#bytes += bytes
    if (this.#bytes > LIMITS.assembledBytesMax)
      throw protocolError(
        `messages in parts have ${this.#bytes} bytes; at most ${LIMITS.assembledBytesMax} may be under way`,
      )
    const part = Buffer.allocUnsafeSlow(bytes)
    reader.buffer.copy(part, 0, reader.position, reader.end)
    parts.push(part)
    this.untold += bytes
    if (!isLast) return undefined
    this.#messages.delete(id)
    this.#bytes -= total
    return new Reader(parts.length === 1 ? part : Buffer.concat(parts, total))
  }
}
