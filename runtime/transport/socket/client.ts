/**
 * The calling end of a socket: a `Client` is the way to one process for as long as routes lead there, over as many connections
 * as that takes. It connects by itself, tries again with growing pauses, and says so to `changed`.
 *
 *   connecting  a socket is being opened, or the greeting is awaited; left by the welcome, a refusal, an error, the time limit
 *   open        calls are sent and answered; the only state in which `open` is true
 *   draining    the peer stops, or no route leads here any more: no new calls, those in flight end
 *   paused      no socket; a timer will connect
 *   closed      over; calls in flight have been handed back
 */

import { DeadlineSweep } from '../../calls/deadlines.ts'
import type { Timer } from '../../clock.ts'
import type { Reader } from '../../codec/reader.ts'
import { protocolError } from '../../codec/reader.ts'
import { WeaveError } from '../../errors.ts'
import { LIMITS } from '../../limits.ts'
import { isAttached, readAnswer } from '../answer.ts'
import { arePrimitive, type Call, CallTable } from '../call.ts'
import { FrameTooLong, writeRequest } from '../message.ts'
import type { PeerChannel, PeerChannelOptions } from '../peer.ts'
import { Standing } from '../standing.ts'
import { Connection, type ConnectionOwner } from './connection.ts'
import { FRAME } from './frames.ts'
import {
  ANONYMOUS,
  disagreement,
  isRefusal,
  readGreeting,
  refusedBy,
  unproven,
  writeGreeting,
  writeRefusal,
} from './handshake.ts'
import { Heartbeat } from './heartbeat.ts'
import { mistaken, type Proof, whenProven } from './identity.ts'
import type { Network } from './network.ts'

export interface ClientOptions extends PeerChannelOptions {
  connect: Network['connect']
}

type State =
  | { kind: 'connecting'; connection: Connection; timer: Timer }
  | { kind: 'open'; connection: Connection }
  | { kind: 'draining'; connection: Connection; final: boolean }
  | { kind: 'paused'; timer: Timer }
  | { kind: 'closed' }

export class Client implements PeerChannel, ConnectionOwner {
  readonly process: string
  readonly #options: ClientOptions
  readonly #standing: Standing
  readonly #calls = new CallTable(LIMITS.callsInFlightMax)
  readonly #sweep: DeadlineSweep
  /** Streams that its calls carry. */
  #streams = 0
  #state: State = { kind: 'closed' }
  /** Of the connection that is open or draining. */
  #heartbeat: Heartbeat | undefined

  constructor(options: ClientOptions) {
    this.process = options.process
    this.#options = options
    this.#standing = new Standing(options)
    this.#sweep = new DeadlineSweep(options.clock, (now) =>
      this.#calls.expire(now, (call, id) => this.#expired(call, id)),
    )
    this.#connect()
  }

  get open(): boolean {
    return this.#standing.open
  }

  get coming(): boolean {
    return this.#standing.coming
  }

  get refusal(): WeaveError | undefined {
    return this.#standing.refusal
  }

  get callsInFlight(): number {
    return this.#calls.size
  }

  /** The only place where the state changes. */
  #enter(next: State): void {
    const last = this.#state
    if (last.kind === 'connecting' || last.kind === 'paused') last.timer.cancel()
    this.#state = next
    this.#standing.entered(next.kind)
  }

  #connect(): void {
    const { address, connect, clock } = this.#options
    const socket = connect(address, (bytes) => connection.received(bytes))
    const connection = new Connection(socket, this, clock)
    const timer = clock.setTimeout(() => connection.fail(timedOut(this.process)), LIMITS.handshakeMs).unref()
    this.#enter({ kind: 'connecting', connection, timer })
    whenProven(socket, (proof) => this.#greet(connection, proof))
  }

  /** The first word is ours, once the socket has proved who hears it. */
  #greet(connection: Connection, proof: Proof): void {
    if (!connection.open) return
    const { greeting, group } = this.#options
    const wrong = mistaken(proof, { application: greeting.application, group })
    if (wrong === undefined) {
      writeGreeting(connection.begin(FRAME.hello, 0), greeting)
      connection.end()
      return
    }
    const refusal = unproven(`Process "${this.process}"`, wrong)
    writeRefusal(connection.begin(FRAME.refused, 0), ANONYMOUS, refusal.message)
    connection.end()
    connection.finish(refusal)
  }

  send(call: Call): void {
    const state = this.#state
    if (state.kind !== 'open' || state.connection.writing) {
      // Between the choice of this channel and now it closed, or an argument's getter makes a call: the owner chooses again.
      queueMicrotask(() => call.owner.lost(call, this.process, 'no'))
      return
    }
    const { connection } = state
    const { carried } = call
    // Its caller has given it up while it waited.
    if (carried?.over) return
    const bytes = connection.outputBytes + connection.longBytes
    if (bytes > LIMITS.outputBytesMax) {
      call.reject(this.#standing.full(`${bytes} bytes wait to be sent`))
      return
    }
    if (carried && this.#streams + carried.streams > LIMITS.streamsMax) {
      call.reject(this.#standing.full(`${this.#streams} streams are under way, of ${LIMITS.streamsMax}`))
      return
    }
    const id = this.#calls.add(call)
    if (id < 0) {
      call.reject(this.#standing.full(`${LIMITS.callsInFlightMax} calls are in flight`))
      return
    }
    try {
      const writer = connection.begin(FRAME.request, id)
      writeRequest(writer, call, connection.frameStart)
      if (call.method.idempotent && call.args !== undefined && !arePrimitive(call.args)) {
        call.payload = Buffer.from(writer.buffer.subarray(connection.frameStart + call.argumentsAt, writer.position))
        call.args = undefined
      }
      connection.end()
    } catch (thrown) {
      if (!(thrown instanceof FrameTooLong)) connection.abandon()
      this.#calls.answered(id)
      call.owner.unencodable(call, thrown)
      return
    }
    call.sent = true
    this.#sweep.note(call.deadline)
    if (carried) {
      this.#streams += carried.streams
      carried.sent({ send: (kind, write) => connection.post(kind, id, write) })
    }
  }

  #expired(call: Call, id: number): void {
    const state = this.#state
    if (call.carried) {
      call.carried.unsent()
      this.#streams -= call.carried.streams
    }
    if (state.kind === 'open' || state.kind === 'draining') state.connection.signal(FRAME.cancel, id)
    call.owner.expired(call, this.process)
  }

  read(cut: () => boolean): boolean {
    return cut()
  }

  expects(id: number): boolean {
    return this.#calls.has(id)
  }

  frame(kind: number, id: number, reader: Reader): void {
    const state = this.#state
    if (state.kind === 'connecting') {
      this.#greeted(kind, reader, state.connection)
      return
    }
    switch (kind) {
      case FRAME.result:
      case FRAME.error:
      case FRAME.own:
      case FRAME.unexecuted:
      case FRAME.elsewhere:
      case FRAME.cancelled:
        this.#answer(kind, id, reader)
        return
      case FRAME.opened:
      case FRAME.item:
      case FRAME.credit:
      case FRAME.stop:
        this.#carriedFrame(kind, id, reader)
        return
      case FRAME.ping:
        if (state.kind === 'open' || state.kind === 'draining') state.connection.signal(FRAME.pong)
        return
      case FRAME.pong:
        return
      case FRAME.draining:
        if (state.kind === 'open') this.#drain(state.connection, false)
        return
      default:
        throw protocolError(`a server sent a frame of kind ${kind}`)
    }
  }

  #carriedFrame(kind: number, id: number, reader: Reader): void {
    const call = this.#calls.peek(id)
    // One that was given up may still be told something until its answer comes.
    if (call === undefined && this.#calls.has(id)) return
    if (call?.carried === undefined)
      throw protocolError(`a frame of kind ${kind} came for call ${id}, which carries nothing`)
    call.carried.frame(kind, reader)
  }

  #answer(kind: number, id: number, reader: Reader): void {
    const call = this.#calls.answered(id)
    if (call === false) throw protocolError(`call ${id} was answered, which isn't in flight`)
    if (call !== undefined) {
      if (call.carried) {
        this.#streams -= call.carried.streams
        // One that has not run was never attached there: nothing is owed to it.
        if (isAttached(kind)) call.carried.answered()
        else call.carried.unsent()
      }
      if (!readAnswer(kind, call, reader, this.#options.answers, this.process)) {
        call.owner.lost(call, this.process, 'maybe')
        throw protocolError(`call ${id} was answered as cancelled, which it was not`)
      }
    }
    if (this.#state.kind === 'draining' && this.#state.final && this.#calls.size === 0) this.#state.connection.finish()
  }

  #greeted(kind: number, reader: Reader, connection: Connection): void {
    if (kind !== FRAME.hello && kind !== FRAME.refused)
      throw protocolError(`a server began with a frame of kind ${kind}`)
    const { greeting } = this.#options
    const peer = readGreeting(reader)
    const refusal =
      kind === FRAME.refused ? refusedBy(this.process, greeting, peer, reader) : disagreement(greeting, peer)
    if (refusal) {
      connection.fail(refusal)
      return
    }
    if (!this.#standing.isExpected(peer.process)) {
      connection.fail(undefined)
      return
    }
    this.#standing.greeted()
    connection.trusted()
    const { clock, silenceMs, log } = this.#options
    this.#heartbeat = new Heartbeat(connection, { clock, silenceMs, log, peer: this.process })
    this.#enter({ kind: 'open', connection })
  }

  #drain(connection: Connection, final: boolean): void {
    connection.signalLast(FRAME.goodbye)
    this.#enter({ kind: 'draining', connection, final })
    if (final && this.#calls.size === 0) connection.finish()
  }

  closed(reason: WeaveError | undefined): void {
    const { process, log } = this.#options
    const state = this.#state
    if (state.kind === 'closed' || state.kind === 'paused') return
    this.#heartbeat?.stop()
    this.#sweep.close()
    if (reason?.code === 'WV_PROTOCOL') log.error('a connection was closed', { to: process, reason: reason.message })
    if (isRefusal(reason)) this.#standing.refused(reason)
    const unwritten = new Set<Call>()
    state.connection.eachUnwritten((kind, id, frame) => {
      const call = kind === FRAME.request ? this.#calls.peek(id) : undefined
      // A peer that speaks of a stream of a call that it can't have lies; such a call has no deadline any more, and isn't sent again.
      if (call === undefined || call.carried?.repeatable === false) return
      keepPayload(call, frame)
      unwritten.add(call)
    })
    const calls = this.#calls.clear()
    this.#streams = 0
    for (const call of calls) call.carried?.unsent()
    if (state.kind === 'draining' && state.final) this.#enter({ kind: 'closed' })
    else this.#pause()
    for (const call of calls) call.owner.lost(call, process, unwritten.has(call) ? 'no' : 'maybe', reason)
  }

  #pause(): void {
    const timer = this.#options.clock.setTimeout(() => this.#connect(), this.#standing.pauseMs())
    this.#enter({ kind: 'paused', timer })
  }

  /** No route leads here any more: calls in flight end, then the connection does. */
  retire(): void {
    const state = this.#state
    if (state.kind === 'open' || state.kind === 'draining') this.#drain(state.connection, true)
    else this.close()
  }

  /** Now. Calls in flight are handed back as lost. */
  close(): void {
    const state = this.#state
    if (state.kind === 'closed') return
    if (state.kind === 'paused') {
      this.#enter({ kind: 'closed' })
      return
    }
    this.#enter({ kind: 'draining', connection: state.connection, final: true })
    state.connection.fail(undefined)
  }
}

function keepPayload(call: Call, frame: Buffer): void {
  if (call.args === undefined) return
  call.payload = Buffer.from(frame.subarray(call.argumentsAt))
  call.args = undefined
}

function timedOut(process: string): WeaveError {
  return new WeaveError(`Process "${process}" did not greet in ${LIMITS.handshakeMs} ms.`, { code: 'WV_UNAVAILABLE' })
}
