/**
 * The serving end of sockets: a `Server` listens and keeps a `Session` for each connection, which greets its client and
 * hands requests to the dispatcher.
 *
 * Server: idle → listening → draining (accepts nobody; sessions say so and end when they are done) → closed.
 * Session:
 *   greeting  nobody is known; left by a good greeting, a refusal, the time limit
 *   serving   requests are run and answered
 *   leaving   the client has said goodbye: no requests, answers still go out; ends with the last one
 *   closed    answers of what still runs go nowhere
 */
import type { Socket } from 'node:net'
import type { Answers } from '../../calls/answers.ts'
import type { Timer } from '../../clock.ts'
import { protocolError, type Reader } from '../../codec/reader.ts'
import type { Writer } from '../../codec/writer.ts'
import type { CallContext } from '../../context.ts'
import { WeaveError } from '../../errors.ts'
import { LIMITS } from '../../limits.ts'
import type { CallWire } from '../../streams/end.ts'
import type { ServingEnd } from '../../streams/serving.ts'
import type { Admission } from '../admission.ts'
import { overloaded } from '../call.ts'
import { FrameTooLong, tooLongText } from '../message.ts'
import type { CallServer, CallServerOptions } from '../peer.ts'
import { Backlog } from './backlog.ts'
import { Connection, type ConnectionOwner } from './connection.ts'
import { FRAME } from './frames.ts'
import {
  ANONYMOUS,
  disagreement,
  type Greeting,
  readGreeting,
  unproven,
  writeGreeting,
  writeRefusal,
} from './handshake.ts'
import { Heartbeat } from './heartbeat.ts'
import { mistaken, type Proof, proofOf } from './identity.ts'
import type { Listening, Network } from './network.ts'

export interface ServerOptions extends CallServerOptions {
  listen: Network['listen']
}

type ServerState =
  | { kind: 'idle' }
  | { kind: 'listening'; listening: Listening }
  | { kind: 'draining'; drained: () => void; timer: Timer }
  | { kind: 'closed' }

export class Server implements CallServer {
  readonly #options: ServerOptions
  readonly #sessions = new Set<Session>()
  /** A connection was refused since one has closed: one line in the log for a flood. */
  #isFull = false
  #state: ServerState = { kind: 'idle' }

  constructor(options: ServerOptions) {
    this.#options = options
  }

  /** Gives the address that it has, where any port would do. */
  async listen(address: string): Promise<string> {
    const { listen, log } = this.#options
    const failed = (reason: string) => log.error('a connection was refused', { reason })
    const listening = await listen(address, (socket) => this.#accept(socket), failed)
    this.#state = { kind: 'listening', listening }
    return listening.address
  }

  #accept(socket: Socket): void {
    if (this.#state.kind !== 'listening') {
      socket.destroy()
      return
    }
    if (this.#sessions.size >= LIMITS.connectionsMax) {
      socket.destroy()
      if (!this.#isFull) this.#options.log.warn('connections are refused', { connections: this.#sessions.size })
      this.#isFull = true
      return
    }
    const session = new Session(socket, this.#options, () => {
      this.#sessions.delete(session)
      this.#isFull = false
      if (this.#state.kind === 'draining' && this.#sessions.size === 0) this.#close()
    })
    this.#sessions.add(session)
  }

  /** Accepts nobody, lets requests that have come or are under way end, and resolves when all clients have left or the time is up. */
  drain(): Promise<void> {
    const state = this.#state
    if (state.kind !== 'listening') {
      this.#state = { kind: 'closed' }
      return Promise.resolve()
    }
    state.listening.close()
    return new Promise((resolve) => {
      const timer = this.#options.clock.setTimeout(() => this.#close(), LIMITS.drainMs)
      this.#state = { kind: 'draining', drained: resolve, timer }
      for (const session of [...this.#sessions]) session.drain()
      if (this.#sessions.size === 0) this.#close()
    })
  }

  #close(): void {
    const state = this.#state
    this.#state = { kind: 'closed' }
    for (const session of [...this.#sessions]) session.close()
    if (state.kind !== 'draining') return
    state.timer.cancel()
    state.drained()
  }
}

/** Stands for a request's context while `serve` makes it. */
const STARTING = Symbol('starting')

type AnswerKind = (typeof FRAME)['result' | 'error' | 'own' | 'unexecuted' | 'elsewhere']

type SessionState = { kind: 'greeting'; timer: Timer } | { kind: 'serving' } | { kind: 'leaving' } | { kind: 'closed' }

class Session implements ConnectionOwner, Answers {
  readonly #options: ServerOptions
  readonly #connection: Connection
  readonly #gone: () => void
  /** Contexts of the requests that run, by id. */
  readonly #running: (CallContext | typeof STARTING | undefined)[] = []
  #runningCount = 0
  /** Those that carry a signal or streams, until they are answered and the client has said the last word on its streams. */
  readonly #carried = new Map<number, ServingEnd>()
  #streams = 0
  readonly #proof: Proof
  admission: Admission | undefined
  readonly trace = undefined
  readonly #backlog: Backlog
  #state: SessionState
  /** Once the client has greeted. */
  #heartbeat: Heartbeat | undefined

  constructor(socket: Socket, options: ServerOptions, gone: () => void) {
    this.#options = options
    this.#gone = gone
    this.#backlog = new Backlog(options.clock, options.queueMs)
    this.#connection = new Connection(socket, this, options.clock, this.#backlog)
    const timer = options.clock.setTimeout(() => this.#connection.fail(undefined), LIMITS.handshakeMs).unref()
    this.#state = { kind: 'greeting', timer }
    this.#proof = proofOf(socket)
    if (this.#proof.kind === 'bad')
      this.#refuse(socket.remoteAddress, unproven('The caller', this.#proof.reason), ANONYMOUS)
  }

  /** One line in the log of each end. */
  #refuse(from: string | undefined, reason: WeaveError, greeting: Greeting): void {
    writeRefusal(this.#connection.begin(FRAME.refused, 0), greeting, reason.message)
    this.#connection.end()
    this.#options.log.error('a connection was refused', { from, reason: reason.message })
    this.#enter({ kind: 'leaving' })
    this.#connection.finish()
  }

  #enter(next: SessionState): void {
    if (this.#state.kind === 'greeting') this.#state.timer.cancel()
    this.#state = next
  }

  read(cut: () => boolean): boolean {
    return this.#options.dispatcher.outside(cut)
  }

  expects(id: number): boolean {
    return id < LIMITS.callsInFlightMax
  }

  frame(kind: number, id: number, reader: Reader): void {
    const state = this.#state.kind
    if (state === 'greeting') {
      this.#greet(kind, reader)
      return
    }
    switch (kind) {
      case FRAME.request:
        if (state === 'leaving') throw protocolError('a request came after the goodbye')
        this.#request(id, reader)
        return
      case FRAME.cancel:
        this.#cancel(id)
        return
      case FRAME.abort:
      case FRAME.item:
      case FRAME.end:
      case FRAME.fail:
      case FRAME.credit:
      case FRAME.stop:
        this.#carriedFrame(kind, id, reader)
        return
      case FRAME.ping:
        this.#connection.signal(FRAME.pong)
        return
      case FRAME.pong:
        return
      case FRAME.goodbye:
        this.#enter({ kind: 'leaving' })
        this.#leaveWhenDone()
        return
      default:
        throw protocolError(`a client sent a frame of kind ${kind}`)
    }
  }

  #greet(kind: number, reader: Reader): void {
    if (kind !== FRAME.hello && kind !== FRAME.refused)
      throw protocolError(`a client began with a frame of kind ${kind}`)
    const { greeting, log, admissions, clock, silenceMs } = this.#options
    const peer = readGreeting(reader)
    if (kind === FRAME.refused) {
      log.error('a connection was refused by its client', { reason: reader.string() })
      this.#enter({ kind: 'leaving' })
      this.#connection.finish()
      return
    }
    const wrong = mistaken(this.#proof, peer)
    const refusal = disagreement(greeting, peer) ?? (wrong && unproven(`Process "${peer.process}"`, wrong))
    if (refusal) {
      this.#refuse(peer.process, refusal, greeting)
      return
    }
    writeGreeting(this.#connection.begin(FRAME.hello, 0), greeting)
    this.#connection.end()
    this.admission = admissions.of(peer.group)
    this.#connection.trusted()
    this.#heartbeat = new Heartbeat(this.#connection, { clock, silenceMs, log, peer: peer.process })
    this.#enter({ kind: 'serving' })
  }

  #request(id: number, reader: Reader): void {
    if (id >= LIMITS.callsInFlightMax)
      throw protocolError(`a request has id ${id}; ids are below ${LIMITS.callsInFlightMax}`)
    if (this.#running[id] !== undefined || (this.#carried.size > 0 && this.#carried.has(id)))
      throw protocolError(`request ${id} came twice`)
    // Marked before it runs: a request that fails at once is answered inside `serve`.
    this.#running[id] = STARTING
    this.#runningCount++
    const waiting = this.#connection.longBytes
    if (waiting > LIMITS.outputBytesMax) {
      const text = `${waiting} bytes of answers wait for their caller to read them, which is the limit; ask for less at once.`
      this.#options.dispatcher.refuse(id, this, overloaded(text))
      return
    }
    const context = this.#options.dispatcher.serve(reader, id, this, this.#connection.receivedAt)
    if (this.#running[id] === STARTING) this.#running[id] = context
    if (this.#connection.outputBytes > LIMITS.answersBytesMax) this.#connection.waitForPeer()
  }

  tooLate(remainingMs: number): number {
    return this.#backlog.tooLate(remainingMs)
  }

  #cancel(id: number): void {
    const context = this.#running[id]
    // The answer may have crossed the cancel.
    if (typeof context === 'object') context.deadline = Number.NEGATIVE_INFINITY
    const end = this.#carried.get(id)
    if (end === undefined) return
    // Nothing more comes of it: the cancel was the last word of the client.
    this.#forget(id, end)
    const text = `The caller of ${end.call} waits no longer: its deadline has passed.`
    end.cancel(new WeaveError(text, { code: 'WV_DEADLINE' }))
  }

  carry(id: number, end: ServingEnd): CallWire {
    this.#streams += end.streams
    if (this.#streams > LIMITS.streamsMax)
      throw protocolError(`a client has ${this.#streams} streams; at most ${LIMITS.streamsMax} are allowed`)
    this.#carried.set(id, end)
    return { send: (kind, write) => this.#connection.post(kind, id, write) }
  }

  #carriedFrame(kind: number, id: number, reader: Reader): void {
    const end = this.#carried.get(id)
    if (end !== undefined) {
      end.frame(kind, reader)
      if (this.#running[id] === undefined && !end.owed) this.#forget(id, end)
      return
    }
    // What the client wants of a call may cross the answer; what it sends for one is awaited there.
    const mayBeLate = kind === FRAME.abort || kind === FRAME.credit || kind === FRAME.stop
    if (!mayBeLate || id >= this.#running.length || this.#running[id] !== undefined)
      throw protocolError(`a frame of kind ${kind} came for call ${id}, which carries nothing`)
  }

  #forget(id: number, end: ServingEnd): void {
    this.#carried.delete(id)
    this.#streams -= end.streams
  }

  beginResult(id: number): Writer | undefined {
    return this.#begin(FRAME.result, id)
  }

  beginError(id: number): Writer | undefined {
    return this.#begin(FRAME.error, id)
  }

  beginRefusal(id: number): Writer | undefined {
    return this.#begin(FRAME.unexecuted, id)
  }

  beginElsewhere(id: number): Writer | undefined {
    return this.#begin(FRAME.elsewhere, id)
  }

  beginOwn(id: number): Writer | undefined {
    return this.#begin(FRAME.own, id)
  }

  #begin(kind: AnswerKind, id: number): Writer | undefined {
    const context = this.#running[id]
    if (context === undefined || !this.#connection.open) return undefined
    if (context === STARTING || context.deadline !== Number.NEGATIVE_INFINITY) return this.#connection.begin(kind, id)
    this.#connection.signal(FRAME.cancelled, id)
    this.#done(id)
    return undefined
  }

  end(id: number): void {
    this.#connection.end()
    this.#done(id)
  }

  #done(id: number): void {
    this.#running[id] = undefined
    this.#runningCount--
    const end = this.#carried.size > 0 ? this.#carried.get(id) : undefined
    if (end && !end.answered()) this.#forget(id, end)
    if (this.#state.kind === 'leaving') this.#leaveWhenDone()
  }

  abandon(): void {
    this.#connection.abandon()
  }

  tooLong(thrown: unknown): string | undefined {
    return thrown instanceof FrameTooLong ? tooLongText(thrown.bytes) : undefined
  }

  #leaveWhenDone(): void {
    if (this.#runningCount === 0) this.#connection.finish()
  }

  drain(): void {
    if (this.#state.kind === 'serving') this.#connection.signal(FRAME.draining)
    else if (this.#state.kind === 'greeting') this.close()
  }

  close(): void {
    this.#connection.fail(undefined)
  }

  closed(reason: WeaveError | undefined): void {
    this.#enter({ kind: 'closed' })
    this.#heartbeat?.stop()
    if (reason?.code === 'WV_PROTOCOL') this.#options.log.error('a connection was closed', { reason: reason.message })
    // Nobody waits for these any more: what they call from here on fails at once.
    for (const context of this.#running) if (typeof context === 'object') context.deadline = Number.NEGATIVE_INFINITY
    this.#running.length = 0
    for (const end of this.#carried.values()) {
      const text = `The caller of ${end.call} is gone: the connection has closed.`
      end.cancel(new WeaveError(text, { code: 'WV_UNAVAILABLE' }))
    }
    this.#carried.clear()
    this.#gone()
  }
}
