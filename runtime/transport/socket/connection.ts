/**
 * A socket as messages, for both ends: bytes in become calls of `owner.frame`, frames written in one tick go out in one write. A long
 * message goes in parts (parts.ts); its owner needn't know.
 * Hot path: `begin`, `end` and the flush (bench/rpc.bench.ts).
 *
 *   open     frames come and go; left by `end`, an error, the peer's end
 *   closing  what is buffered or under way goes out, nothing new comes in; left when the socket has closed
 *   closed   nothing more happens; the owner has been told
 */
import type { Socket } from 'node:net'
import type { Clock, Timer } from '../../clock.ts'
import { protocolError, type Reader } from '../../codec/reader.ts'
import { Writer } from '../../codec/writer.ts'
import { WeaveError } from '../../errors.ts'
import { LIMITS } from '../../limits.ts'
import { FrameTooLong } from '../message.ts'
import { awake } from './awake.ts'
import type { Backlog } from './backlog.ts'
import { Batches } from './batches.ts'
import { FRAME, type FrameKind, Frames, HEADER_BYTES } from './frames.ts'
import { Incoming, Outgoing } from './parts.ts'

export interface ConnectionOwner {
  /** Calls `cut`, which calls `frame`, in the async context that is right for what frames lead to. */
  read(cut: () => boolean): boolean
  /** May throw `WV_PROTOCOL`: the connection then closes for that reason. `reader` is good until the return. */
  frame(kind: number, id: number, reader: Reader): void
  /** Whether a message may come for call `id`: its parts are kept only then. */
  expects(id: number): boolean
  /** Once. `reason` is undefined when the peer has just ended the connection. */
  closed(reason: WeaveError | undefined): void
}

/** Beyond this the tick's frames so far are written at once. A pipe of the kernel takes hardly more in one go. */
const FLUSH_BYTES = 64 * 1024
/** A writer that one large message has blown up is given back to the collector. */
const WRITER_BYTES_MAX = 1024 * 1024

type State = { kind: 'open' } | { kind: 'closing'; reason: WeaveError | undefined } | { kind: 'closed' }

export class Connection {
  /** Something was heard since this was last set to false. */
  heard = false
  /** When what is being read has come. */
  receivedAt = 0
  readonly #socket: Socket
  readonly #owner: ConnectionOwner
  readonly #clock: Clock
  readonly #backlog: Backlog | undefined
  readonly #frames: Frames
  readonly #flushThisTick = () => this.#flushScheduled()
  readonly #batches = new Batches()
  readonly #cutBatch = () => this.#frames.cut(this.#batches.frames)
  readonly #cutAll = () => this.#frames.cut(Number.POSITIVE_INFINITY)
  readonly #nextBatch = () => this.#readOn()
  #writer = new Writer()
  #frameStart = 0
  #frameId = 0
  #writing = false
  #scheduled = false
  /** After the last write; they have only become fewer since. Each call asks how many, and the socket answers slowly. */
  #queuedBytes = 0
  /** A chunk is cut in part; `#nextBatch`, which comes after each batch, will go on. */
  #reading = false
  /** When what is being worked on was begun. */
  #batchAt = 0
  #trusted = false
  /** Made for the first long message in either direction. */
  #outgoing: Outgoing | undefined
  #incoming: Incoming | undefined
  /** Frames that have to come after all that is under way. */
  #parting: FrameKind[] = []
  #linger: Timer | undefined
  #state: State = { kind: 'open' }

  constructor(socket: Socket, owner: ConnectionOwner, clock: Clock, backlog?: Backlog) {
    this.#socket = socket
    this.#backlog = backlog
    this.#clock = clock
    this.#owner = owner
    this.#frames = new Frames(LIMITS.handshakeBytesMax, (kind, id, reader) => {
      if (kind >= FRAME.part) this.#part(kind, id, reader)
      else if (this.#state.kind === 'open') this.#owner.frame(kind, id, reader)
    })
    socket.setNoDelay(true)
    socket.on('data', (chunk: Buffer) => this.received(chunk))
    socket.on('error', (error) => this.fail(connectionLost(error)))
    socket.on('close', () => this.fail(undefined))
  }

  get open(): boolean {
    return this.#state.kind === 'open'
  }

  /** The peer has introduced itself: frames may have their full length from now on. */
  trusted(): void {
    this.#frames.bytesMax = HEADER_BYTES + LIMITS.wholeBytesMax
    this.#trusted = true
  }

  /** Bytes that the kernel hasn't taken yet. */
  get outputBytes(): number {
    const { position } = this.#writer
    return this.#queuedBytes === 0 ? position : this.#socket.writableLength + position
  }

  /** Bytes of long messages that wait for their turn. */
  get longBytes(): number {
    return this.#outgoing?.bytes ?? 0
  }

  /** A frame has begun and not ended: its encoder runs, and with it perhaps a getter of the user's, which must not begin another. */
  get writing(): boolean {
    return this.#writing
  }

  /** Begins a frame: its body goes to the writer that this gives, then comes `end` or `abandon`. */
  begin(kind: FrameKind, id: number): Writer {
    const writer = this.#writer
    const start = writer.reserve(HEADER_BYTES)
    this.#frameStart = start
    this.#frameId = id
    this.#writing = true
    writer.buffer[start + 4] = kind
    writer.setUint32(start + 5, id)
    return writer
  }

  get frameStart(): number {
    return this.#frameStart
  }

  /** Throws when the frame is longer than may be; it is abandoned then. */
  end(): void {
    const writer = this.#writer
    const bytes = writer.position - this.#frameStart
    if (bytes > LIMITS.messageBytesMax) {
      this.abandon()
      throw new FrameTooLong(bytes)
    }
    this.#writing = false
    if (bytes > HEADER_BYTES + LIMITS.wholeBytesMax || this.#outgoing?.has(this.#frameId)) this.#sendInParts()
    else this.#endFrame()
  }

  #endFrame(): void {
    const writer = this.#writer
    writer.setUint32(this.#frameStart, writer.position - this.#frameStart - 4)
    this.#writing = false
    if (writer.position >= FLUSH_BYTES) this.#flush()
    else if (!this.#scheduled) {
      this.#scheduled = true
      process.nextTick(this.#flushThisTick)
    }
  }

  /** The frame that has just been written is long, or follows a long one of the same call. */
  #sendInParts(): void {
    const writer = this.#writer
    const start = this.#frameStart
    let frame = writer.buffer.subarray(start, writer.position)
    writer.truncate(start)
    if (frame.length <= HEADER_BYTES + LIMITS.wholeBytesMax) frame = Buffer.from(frame)
    else {
      // Not copied: the buffer is the message's from here on, once what stands before it is on its way.
      this.#flush()
      this.#writer = new Writer()
    }
    this.#outgoing ??= new Outgoing()
    this.#outgoing.add(this.#frameId, frame)
    this.#pump()
  }

  #pump(): void {
    if (this.#state.kind === 'closed') return
    this.#outgoing?.pump((id, body, isLast) => {
      const writer = this.begin(isLast ? FRAME.lastPart : FRAME.part, id)
      for (const bytes of body) {
        const at = writer.reserve(bytes.length)
        writer.buffer.set(bytes, at)
      }
      this.#endFrame()
    })
    if (this.#outgoing?.empty === false) return
    for (const kind of this.#parting.splice(0)) this.signal(kind)
    if (this.#state.kind === 'closing') {
      this.#flush()
      this.#end()
    }
  }

  #part(kind: number, id: number, reader: Reader): void {
    if (!this.#trusted) throw protocolError(`a frame of kind ${kind} came before the greeting`)
    if (kind === FRAME.taken) {
      const bytes = reader.varint()
      if (reader.left !== 0 || this.#outgoing === undefined) throw protocolError('parts were taken that were not sent')
      this.#outgoing.taken(bytes)
      this.#pump()
      return
    }
    if (kind > FRAME.taken) throw protocolError(`there are no frames of kind ${kind}`)
    if (this.#state.kind !== 'open') return
    if (!this.#owner.expects(id)) throw protocolError(`a part came for call ${id}, which there isn't`)
    this.#incoming ??= new Incoming()
    const incoming = this.#incoming
    const message = incoming.part(id, reader, kind === FRAME.lastPart)
    if (message !== undefined || incoming.untold >= LIMITS.partsUntoldBytesMax) {
      const bytes = incoming.untold
      incoming.untold = 0
      this.post(FRAME.taken, 0, (writer) => writer.varint(bytes))
    }
    if (message === undefined) return
    const whole = message.uint8()
    if (whole >= FRAME.part) throw protocolError(`a message in parts is of kind ${whole}`)
    this.#owner.frame(whole, id, message)
  }

  abandon(): void {
    this.#writer.truncate(this.#frameStart)
    this.#writing = false
  }

  /** A frame without a body. */
  signal(kind: FrameKind, id = 0): void {
    if (this.#state.kind !== 'open') return
    this.begin(kind, id)
    this.end()
  }

  /** A frame without a body, after all messages that have been begun. */
  signalLast(kind: FrameKind): void {
    if (this.#outgoing === undefined || this.#outgoing.empty) this.signal(kind)
    else this.#parting.push(kind)
  }

  /**
   * A frame that may be asked for at any moment, also by a getter of the user's while another one is encoded: then it follows that one.
   * Gives the bytes of its body. Throws what `write` throws, and when it is too long.
   */
  post(kind: FrameKind, id: number, write?: (writer: Writer) => void): number {
    if (this.#state.kind !== 'open') return 0
    if (this.#writing) {
      queueMicrotask(() => this.post(kind, id, write))
      return 0
    }
    const writer = this.begin(kind, id)
    const start = writer.position
    try {
      write?.(writer)
    } catch (thrown) {
      this.abandon()
      throw thrown
    }
    const bytes = writer.position - start
    this.end()
    return bytes
  }

  #flushScheduled(): void {
    this.#scheduled = false
    this.#flush()
  }

  #flush(): void {
    const writer = this.#writer
    const bytes = writer.position
    if (bytes === 0 || this.#state.kind === 'closed') return
    const socket = this.#socket
    socket.write(writer.buffer.subarray(0, bytes))
    // Nearly always the kernel has taken all of it by now, and the buffer is ours again; if not, the socket owns it.
    this.#queuedBytes = socket.writableLength
    if (this.#queuedBytes > 0 || writer.buffer.length > WRITER_BYTES_MAX) this.#writer = new Writer()
    else writer.truncate(0)
  }

  /** Frames that were never handed to the socket, or not to their end; only sensible once it is closed. */
  eachUnwritten(each: (kind: number, id: number, frame: Buffer) => void): void {
    for (const frame of this.#outgoing?.unsent() ?? []) each(frame[4]!, frame.readUInt32LE(5), frame)
    const { buffer, position } = this.#writer
    for (let start = 0; start < position; ) {
      const end = start + 4 + buffer.readUInt32LE(start)
      each(buffer[start + 4]!, buffer.readUInt32LE(start + 5), buffer.subarray(start, end))
      start = end
    }
  }

  /** `chunk` is this connection's until what it leads to is done, microtasks included (network.ts). */
  received(chunk: Buffer): void {
    if (this.#state.kind === 'closed') return
    this.heard = true
    // Chunks that a paused socket has kept come one right after the other.
    if (this.#reading) this.#read(this.#cutAll)
    this.receivedAt = this.#clock.now()
    this.#backlog?.received(chunk.length, this.receivedAt)
    awake.heard(this.receivedAt)
    this.#frames.push(chunk)
    this.#readBatch(this.receivedAt)
  }

  #readBatch(now: number): void {
    this.#batchAt = now
    this.#read(this.#cutBatch)
    queueMicrotask(this.#nextBatch)
  }

  #read(cut: () => boolean): void {
    try {
      this.#reading = this.#owner.read(cut)
    } catch (error) {
      this.#reading = false
      this.fail(error instanceof WeaveError ? error : unreadable(error))
    }
  }

  /** What the batch before has led to without waiting has been written by now. */
  #readOn(): void {
    const now = this.#clock.now()
    this.#batches.took(now - this.#batchAt, this.#frames.handed)
    if (!this.#reading) return
    this.#reading = false
    if (this.#state.kind === 'closed') return
    if (!this.#writing) this.#flush()
    this.#readBatch(now)
  }

  /** Stops reading until the peer has taken its answers; for a server whose client doesn't read. */
  waitForPeer(): void {
    if (this.#socket.isPaused() || this.#state.kind !== 'open') return
    this.#socket.pause()
    this.#socket.once('drain', () => this.#socket.resume())
  }

  /** Lets what is buffered go out, then closes; `reason` is then the owner's. */
  finish(reason?: WeaveError): void {
    if (this.#state.kind !== 'open') return
    this.#flush()
    this.#state = { kind: 'closing', reason }
    if (this.#outgoing === undefined || this.#outgoing.empty) this.#end()
  }

  /** A peer that doesn't end its half is not waited for: sockets of such would pile up. */
  #end(): void {
    this.#socket.end()
    this.#linger = this.#clock.setTimeout(() => this.fail(undefined), LIMITS.lingerMs).unref()
  }

  /** Closes now. Safe to call again. */
  fail(reason: WeaveError | undefined): void {
    const state = this.#state
    if (state.kind === 'closed') return
    this.#state = { kind: 'closed' }
    this.#linger?.cancel()
    this.#socket.destroy()
    this.#owner.closed(state.kind === 'closing' ? (state.reason ?? reason) : reason)
  }
}

function connectionLost(error: unknown): WeaveError {
  const text = error instanceof Error ? error.message : String(error)
  return new WeaveError(`The connection broke: ${text}.`, { code: 'WV_UNAVAILABLE', cause: error })
}

/** Not a protocol error of a reader: a decoder has failed in a way that it shouldn't. The connection ends, the process doesn't. */
function unreadable(cause: unknown): WeaveError {
  const text = cause instanceof Error ? cause.message : String(cause)
  return new WeaveError(`The peer sent a message that could not be read: ${text}.`, { code: 'WV_PROTOCOL', cause })
}
