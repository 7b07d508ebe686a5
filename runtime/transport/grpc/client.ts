/**
 * The calling end of gRPC: the way to one process, or to the proxy that stands before it. grpc-js keeps the HTTP/2 connection; a
 * greeting says whether the process behind it is the one that the routes mean.
 *
 *   connecting  grpc-js is loaded, connects, and the greeting is awaited; left by the answer to it, or the time limit
 *   open        calls are sent; left when the connection is lost or the process says that it stops (grpc-js tells of both)
 *   draining    no route leads here any more: calls in flight end, then the connection does
 *   paused      a timer will greet again
 *   closed      over; calls in flight have been handed back
 */
import type { Client, Channel as GrpcChannel, Metadata, ServiceError } from '@grpc/grpc-js'
import { DeadlineSweep } from '../../calls/deadlines.ts'
import type { Timer } from '../../clock.ts'
import type { Reader } from '../../codec/reader.ts'
import { protocolError } from '../../codec/reader.ts'
import { WeaveError } from '../../errors.ts'
import { LIMITS } from '../../limits.ts'
import { carries } from '../../streams/end.ts'
import { hostAndPort, parseAddress } from '../address.ts'
import { isAttached, readAnswer } from '../answer.ts'
import { type Call, CallTable, DEFAULT_DEADLINE } from '../call.ts'
import { writeRequest } from '../message.ts'
import type { PeerChannel, PeerChannelOptions } from '../peer.ts'
import { FRAME } from '../socket/frames.ts'
import { disagreement, readGreeting, refusedBy, writeGreeting } from '../socket/handshake.ts'
import { type Beating, Heartbeat } from '../socket/heartbeat.ts'
import { Standing } from '../standing.ts'
import { type Grpc, loadGrpc } from './library.ts'
import {
  asIs,
  bodyOf,
  callerHeader,
  errorMessage,
  FROM,
  GREET,
  message,
  PING,
  pathOf,
  STATUS,
  TIMEOUT,
  TRACE,
} from './messages.ts'

type State =
  | { kind: 'connecting'; timer: Timer }
  | { kind: 'open' }
  | { kind: 'draining' }
  | { kind: 'paused'; timer: Timer }
  | { kind: 'closed' }

/** Longer than grpc-js has timers. */
const NO_KEEPALIVE_MS = 2 ** 31 - 1

/** `grpc-timeout` has eight digits. */
const TIMEOUT_MS_MAX = 99_999_999

/** grpc-js and the one connection. */
interface Opened {
  grpc: Grpc
  client: Client
  /** In every call: who makes it. grpc-js copies it. */
  from: Metadata
}

export class GrpcClient implements PeerChannel, Beating {
  readonly process: string
  readonly #options: PeerChannelOptions
  readonly #standing: Standing
  readonly #calls = new CallTable(LIMITS.callsInFlightMax)
  /** What ends a call on the way, by its id. */
  readonly #cancels: ((() => void) | undefined)[] = []
  readonly #sweep: DeadlineSweep
  /** By component and method, as a request has them. */
  readonly #paths: string[][] = []
  #opened: Opened | undefined
  /** While it is open or draining. */
  #heartbeat: Heartbeat | undefined
  /** For the heartbeat: something came. */
  heard = false
  #streams = 0
  #state: State = { kind: 'closed' }

  constructor(options: PeerChannelOptions) {
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
    if (next.kind !== 'open' && next.kind !== 'draining') this.#heartbeat?.stop()
    this.#standing.entered(next.kind)
  }

  #connect(): void {
    const timer = this.#options.clock.setTimeout(() => this.#pause(), LIMITS.handshakeMs).unref()
    const state: State = { kind: 'connecting', timer }
    this.#enter(state)
    const isCurrent = () => this.#state === state
    loadGrpc().then(
      (grpc) => {
        if (isCurrent()) this.#greet(grpc, isCurrent)
      },
      (error: WeaveError) => {
        if (isCurrent()) this.#refuse(error)
      },
    )
  }

  #greet(grpc: Grpc, isCurrent: () => boolean): void {
    this.#opened ??= this.#openClient(grpc)
    const { client, from } = this.#opened
    const { greeting } = this.#options
    const hello = message(FRAME.hello, (writer) => writeGreeting(writer, greeting))
    const deadline = Date.now() + LIMITS.handshakeMs
    client.makeUnaryRequest(GREET, asIs, asIs, hello, from, { deadline }, (error, answer) => {
      if (!isCurrent()) return
      if (error || !answer?.length) this.#pause()
      else this.#greeted(answer)
    })
  }

  #openClient(grpc: Grpc): Opened {
    const { greeting, address } = this.#options
    const parsed = parseAddress(address)
    if (parsed.kind === 'unix') throw new WeaveError(`${address} is not an address of gRPC.`, { code: 'WV_CONFIG' })
    const client = new grpc.Client(hostAndPort(parsed), grpc.credentials.createInsecure(), {
      // Routes decide which process a call goes to, and the caller whether it is repeated; a connection isn't shared with other clients.
      'grpc.use_local_subchannel_pool': 1,
      'grpc.enable_retries': 0,
      'grpc.enable_channelz': 0,
      'grpc.service_config_disable_resolution': 1,
      'grpc.enable_http_proxy': 0,
      'grpc.client_idle_timeout_ms': NO_KEEPALIVE_MS,
      'grpc.initial_reconnect_backoff_ms': LIMITS.reconnectMs,
      'grpc.max_reconnect_backoff_ms': LIMITS.reconnectMsMax,
      // grpc-js drops a connection whose server has said goodbye when its next ping is due, with the calls that the server would end.
      'grpc.keepalive_time_ms': NO_KEEPALIVE_MS,
      'grpc.max_receive_message_length': LIMITS.messageBytesMax,
      'grpc.max_send_message_length': LIMITS.messageBytesMax,
    })
    const from = new grpc.Metadata()
    from.set(FROM, callerHeader(greeting))
    return { grpc, client, from }
  }

  #greeted(answer: Buffer): void {
    const { greeting, log } = this.#options
    try {
      const reader = bodyOf(answer)
      const peer = readGreeting(reader)
      const refusal =
        answer[0] === FRAME.refused ? refusedBy(this.process, greeting, peer, reader) : disagreement(greeting, peer)
      if (refusal) {
        this.#refuse(refusal)
        return
      }
      if (!this.#standing.isExpected(peer.process)) {
        this.#pause()
        return
      }
    } catch (error) {
      log.error('a connection was closed', { to: this.process, reason: (error as Error).message })
      this.#pause()
      return
    }
    this.#standing.greeted()
    const { silenceMs, clock } = this.#options
    this.#heartbeat = new Heartbeat(this, { clock, silenceMs, log, peer: this.process })
    this.#enter({ kind: 'open' })
    this.#watch(this.#opened!)
  }

  signal(): void {
    const { client, from } = this.#opened!
    client.makeUnaryRequest(PING, asIs, asIs, Buffer.alloc(0), from, (error) => {
      if (error === null) this.heard = true
    })
  }

  /** It was silent for too long, or sent what can't be read. */
  fail(): void {
    // First, so that calls which are handed back don't come here again.
    if (this.#state.kind === 'open') this.#pause()
    else this.#enter({ kind: 'closed' })
    this.#dropConnection()
  }

  /** grpc-js connects again by itself, perhaps to another process: so the next one is greeted before it has a call. */
  #watch({ grpc, client }: Opened): void {
    const channel: GrpcChannel = client.getChannel() as GrpcChannel
    const { READY } = grpc.connectivityState
    const lost = () => {
      if (this.#state.kind === 'open' && this.#opened?.client === client) this.#pause()
    }
    if (channel.getConnectivityState(false) !== READY) lost()
    else channel.watchConnectivityState(READY, Number.POSITIVE_INFINITY, lost)
  }

  #refuse(reason: WeaveError): void {
    this.#standing.refused(reason)
    this.#pause()
  }

  #pause(): void {
    const timer = this.#options.clock.setTimeout(() => this.#connect(), this.#standing.pauseMs())
    this.#enter({ kind: 'paused', timer })
  }

  send(call: Call): void {
    if (this.#state.kind !== 'open') {
      // Between the choice of this channel and now it closed: the owner chooses again.
      queueMicrotask(() => call.owner.lost(call, this.process, 'no'))
      return
    }
    const { carried } = call
    // Its caller has given it up while it waited.
    if (carried?.over) return
    if (carried && this.#streams + carried.streams > LIMITS.streamsMax) {
      call.reject(this.#standing.full(`${this.#streams} streams are under way, of ${LIMITS.streamsMax}`))
      return
    }
    const id = this.#calls.add(call)
    if (id < 0) {
      call.reject(this.#standing.full(`${LIMITS.callsInFlightMax} calls are in flight`))
      return
    }
    let request: Buffer
    try {
      request = message(FRAME.request, (writer) => writeRequest(writer, call, 0))
    } catch (thrown) {
      this.#calls.answered(id)
      call.owner.unencodable(call, thrown)
      return
    }
    if (call.method.idempotent && call.args !== undefined) {
      call.payload = request.subarray(call.argumentsAt)
      call.args = undefined
    }
    call.sent = true
    this.#sweep.note(call.deadline)
    if (carries(call.method)) this.#sendCarrying(call, id, request)
    else this.#sendPlain(call, id, request)
  }

  #sendPlain(call: Call, id: number, request: Buffer): void {
    const { client } = this.#opened!
    const headers = this.#headersOf(call)
    const surface = client.makeUnaryRequest(this.#pathOf(call), asIs, asIs, request, headers, (error, answer) =>
      this.#settled(call, id, error, answer),
    )
    this.#cancels[id] = () => surface.cancel()
  }

  #settled(call: Call, id: number, error: ServiceError | null, answer: Buffer | undefined): void {
    if (error === null) this.heard = true
    if (!this.#release(call, id)) return
    const bytes = error ? errorMessage(error) : answer
    if (bytes?.length) this.#answer(call, bytes)
    else this.#failed(call, error)
    this.#closeWhenDone()
  }

  /** False when nobody waits for its outcome any more. */
  #release(call: Call, id: number): boolean {
    if (this.#state.kind === 'closed') return false
    const isAwaited = this.#calls.peek(id) === call
    this.#calls.answered(id)
    this.#cancels[id] = undefined
    if (!isAwaited) this.#closeWhenDone()
    return isAwaited
  }

  #sendCarrying(call: Call, id: number, request: Buffer): void {
    const { client } = this.#opened!
    const carried = call.carried!
    const stream = client.makeBidiStreamRequest<Buffer, Buffer>(this.#pathOf(call), asIs, asIs, this.#headersOf(call))
    let isOver = false
    /** The id is free, and nothing more of the stream counts. False when that was so already. */
    const over = () => {
      if (isOver) return false
      isOver = true
      this.#streams -= carried.streams
      return this.#release(call, id)
    }
    this.#streams += carried.streams
    this.#cancels[id] = () => {
      carried.unsent()
      stream.cancel()
    }
    stream.on('data', (bytes: Buffer) => {
      this.heard = true
      if (isOver || this.#calls.peek(id) !== call) return
      if (!isAnswer(bytes[0])) {
        this.#guarded(call, () => carried.frame(bytes[0]!, bodyOf(bytes)))
        return
      }
      over()
      // What it carried ends with the answer; the callee hears so before the call is closed. One that has not run was never attached there.
      if (isAttached(bytes[0]!)) carried.answered()
      else carried.unsent()
      stream.end()
      this.#answer(call, bytes)
      this.#closeWhenDone()
    })
    stream.on('error', (error: ServiceError) => {
      if (!over()) return
      carried.unsent()
      const bytes = errorMessage(error)
      if (bytes) this.#answer(call, bytes)
      else this.#failed(call, error)
      this.#closeWhenDone()
    })
    stream.on('end', () => {
      if (over()) this.#guarded(call, () => unanswered())
    })
    stream.write(request)
    carried.sent({
      send: (kind, write) => {
        if (isOver) return 0
        const bytes = message(kind, write)
        stream.write(bytes)
        return bytes.length - 1
      },
    })
  }

  #answer(call: Call, bytes: Buffer): void {
    this.#guarded(call, () => {
      if (!readAnswer(bytes[0]!, call, bodyOf(bytes), this.#options.answers, this.process))
        throw protocolError(`a call was answered by a message of kind ${bytes[0]}`)
    })
  }

  /** What can't be read closes the connection, as it does on every transport. */
  #guarded(call: Call, read: (reader?: Reader) => void): void {
    try {
      read()
    } catch (error) {
      call.reject(error)
      this.#options.log.error('a connection was closed', { to: this.process, reason: (error as Error).message })
      if (this.#state.kind === 'open' || this.#state.kind === 'draining') this.fail()
    }
  }

  /** grpc-js or a proxy says so, and no process. */
  #failed(call: Call, error: ServiceError | null): void {
    if (error === null) {
      this.#guarded(call, () => unanswered())
      return
    }
    call.carried?.unsent()
    if (error.code === STATUS.deadlineExceeded) call.owner.expired(call, this.process)
    else if (error.code === STATUS.unimplemented) {
      const text = `Process "${this.process}" does not host ${this.#options.answers.componentNames[call.component]}.`
      call.reject(new WeaveError(text, { code: 'WV_NO_METHOD', executed: 'no' }))
    } else call.owner.lost(call, this.process, neverLeft(error) ? 'no' : 'maybe')
  }

  #expired(call: Call, id: number): void {
    this.#cancels[id]?.()
    call.owner.expired(call, this.process)
  }

  #pathOf({ component, methodIndex, method }: Call): string {
    this.#paths[component] ??= []
    const paths = this.#paths[component]
    paths[methodIndex] ??= pathOf(this.#options.answers.componentNames[component]!, method.name)
    return paths[methodIndex]
  }

  /**
   * The deadline is kept by our own sweep, which costs no timer a call; the header tells proxies and the callee's grpc-js of it, unless
   * nobody asked for it: the default one doesn't concern them, and may end with the first item of a stream.
   */
  #headersOf(call: Call): Metadata {
    const { from } = this.#opened!
    const { traceparent } = call.context
    const isDefault = call.deadlineFrom === DEFAULT_DEADLINE
    if (isDefault && traceparent === undefined) return from
    const headers = from.clone()
    if (traceparent !== undefined) headers.set(TRACE, traceparent)
    const timeoutMs = Math.max(0, Math.ceil(call.deadline - this.#options.clock.now()))
    if (!isDefault && timeoutMs <= TIMEOUT_MS_MAX) headers.set(TIMEOUT, `${timeoutMs}m`)
    return headers
  }

  #closeWhenDone(): void {
    if (this.#state.kind === 'draining' && this.#calls.size === 0) this.close()
  }

  retire(): void {
    if (this.#state.kind !== 'open') {
      this.close()
      return
    }
    this.#enter({ kind: 'draining' })
    this.#closeWhenDone()
  }

  close(): void {
    if (this.#state.kind === 'closed') return
    this.#enter({ kind: 'closed' })
    this.#dropConnection()
  }

  #dropConnection(): void {
    this.#sweep.close()
    const calls = this.#calls.clear()
    const cancels = this.#cancels.splice(0)
    this.#streams = 0
    this.#opened?.client.close()
    this.#opened = undefined
    for (const cancel of cancels) cancel?.()
    for (const call of calls) {
      call.carried?.unsent()
      call.owner.lost(call, this.process, 'maybe')
    }
  }
}

function isAnswer(kind: number | undefined): boolean {
  return (
    kind === FRAME.result ||
    kind === FRAME.error ||
    kind === FRAME.own ||
    kind === FRAME.unexecuted ||
    kind === FRAME.elsewhere ||
    kind === FRAME.cancelled
  )
}

function unanswered(): never {
  throw protocolError('a call ended without an answer')
}

/** Texts of grpc-js 1: of a call for which there was no connection, and of one that came after the server's goodbye. */
function neverLeft({ code, details }: ServiceError): boolean {
  if (code !== STATUS.unavailable) return false
  return details.startsWith('No connection established') || details === 'Stream refused by server'
}
