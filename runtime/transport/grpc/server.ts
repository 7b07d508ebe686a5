/**
 * The serving end of gRPC: a method of gRPC for each method that is hosted here, the standard health service, and the greeting. A
 * connection may be a proxy's that carries the calls of many, so each call says who it comes from, and is checked by itself.
 *
 * idle → listening → draining (NOT_SERVING; no new calls; ends when all have ended, or the time is up) → closed
 */
import type { Server as Http2Server, Metadata, ServerDuplexStream, ServerUnaryCall, sendUnaryData } from '@grpc/grpc-js'
import type { Boundary } from '../../boundary.ts'
import type { ErrorRegistry } from '../../codec/error.ts'
import { isTraceparent } from '../../context.ts'
import { WeaveError } from '../../errors.ts'
import { LIMITS } from '../../limits.ts'
import { carries } from '../../streams/end.ts'
import { formatAddress, hostAndPort, parseAddress } from '../address.ts'
import type { CallServer, CallServerOptions } from '../peer.ts'
import { FRAME } from '../socket/frames.ts'
import { disagreement, PROTOCOL, readGreeting, writeGreeting, writeRefusal } from '../socket/handshake.ts'
import { Health } from './health.ts'
import { loadGrpc } from './library.ts'
import {
  asIs,
  bodyOf,
  detailsOf,
  FROM,
  GREET,
  keepalive,
  message,
  pathOf,
  readCallerHeader,
  serviceName,
  statusOf,
  TRACE,
} from './messages.ts'
import { refuse, type Sender, ServedCall, type ServedCaller, StreamSender, unarySender } from './served-call.ts'

export interface GrpcServerOptions extends CallServerOptions {
  /** What is hosted here, by index in the descriptor. */
  hosted: ReadonlyMap<number, Boundary>
  errors: ErrorRegistry
}

interface KnownCaller extends ServedCaller {
  /** Why it is refused, if it is. */
  readonly refusal: WeaveError | undefined
}

/** A method of a component that is hosted here. */
interface HostedMethod {
  component: number
  methodIndex: number
}

type Unary = ServerUnaryCall<Buffer, Buffer>
type Bidi = ServerDuplexStream<Buffer, Buffer>

type State =
  | { kind: 'idle' }
  /** `bound`: as grpc-js knows the address. */
  | { kind: 'listening'; server: Http2Server; bound: string }
  | { kind: 'draining' }
  | { kind: 'closed' }

export class GrpcServer implements CallServer {
  readonly #options: GrpcServerOptions
  readonly #health: Health
  /** By their headers. */
  readonly #callers = new Map<string, KnownCaller>()
  #state: State = { kind: 'idle' }

  constructor(options: GrpcServerOptions) {
    this.#options = options
    this.#health = new Health([...options.hosted.values()].map(({ component }) => serviceName(component)))
  }

  async listen(text: string): Promise<string> {
    const grpc = await loadGrpc()
    const address = parseAddress(text)
    if (address.kind === 'unix') throw new WeaveError(`${text} is not an address of gRPC.`, { code: 'WV_CONFIG' })
    const server = new grpc.Server({
      'grpc.max_receive_message_length': LIMITS.messageBytesMax,
      'grpc.max_send_message_length': LIMITS.messageBytesMax,
      'grpc.max_concurrent_streams': LIMITS.callsInFlightMax,
      'grpc.enable_channelz': 0,
      ...keepalive(this.#options.silenceMs),
    })
    this.#register(server, () => new grpc.Metadata())
    const port = await new Promise<number>((resolve, reject) => {
      server.bindAsync(hostAndPort(address), grpc.ServerCredentials.createInsecure(), (error, bound) =>
        error ? reject(error) : resolve(bound),
      )
    })
    this.#state = { kind: 'listening', server, bound: hostAndPort({ ...address, port }) }
    return formatAddress({ ...address, port })
  }

  #register(server: Http2Server, newMetadata: () => Metadata): void {
    this.#health.register(server)
    const greet = (call: Unary, done: sendUnaryData<Buffer>) => done(null, this.#greet(call.request))
    server.register(GREET, greet, asIs, asIs, 'unary')
    for (const [component, boundary] of this.#options.hosted) {
      for (const [methodIndex, method] of boundary.methods.entries()) {
        const path = pathOf(boundary.component, method.name)
        const hosted = { component, methodIndex }
        if (carries(method)) server.register(path, (call: Bidi) => this.#stream(hosted, call), asIs, asIs, 'bidi')
        else {
          const unary = (call: Unary, done: sendUnaryData<Buffer>) => this.#unary(hosted, call, done, newMetadata)
          server.register(path, unary, asIs, asIs, 'unary')
        }
      }
    }
  }

  #unary(hosted: HostedMethod, call: Unary, done: sendUnaryData<Buffer>, newMetadata: () => Metadata): void {
    const sender = unarySender(done, newMetadata)
    const served = this.#serve(hosted, call.request, call.metadata, sender)
    if (served) call.on('cancelled', () => served.closed())
  }

  #stream(hosted: HostedMethod, call: Bidi): void {
    const sender = new StreamSender(call)
    let served: ServedCall | undefined
    let isBegun = false
    call.on('data', (bytes: Buffer) => {
      if (!isBegun) served = this.#serve(hosted, bytes, call.metadata, sender)
      else if (served) this.#message(served, bytes, call)
      isBegun = true
    })
    call.on('end', () => sender.halfClosed())
    call.on('cancelled', () => served?.closed())
  }

  #message(served: ServedCall, bytes: Buffer, call: Bidi): void {
    try {
      served.message(bytes)
    } catch (error) {
      this.#options.log.error('a call was closed', { reason: (error as Error).message })
      served.closed()
      call.emit('error', { code: statusOf(error), details: detailsOf(error) })
    }
  }

  #greet(bytes: Buffer): Buffer {
    const { greeting, log } = this.#options
    try {
      const peer = readGreeting(bodyOf(bytes))
      const refusal = disagreement(greeting, peer)
      if (refusal === undefined) return message(FRAME.hello, (writer) => writeGreeting(writer, greeting))
      log.error('a connection was refused', { from: peer.process, reason: refusal.message })
      return message(FRAME.refused, (writer) => writeRefusal(writer, greeting, refusal.message))
    } catch (error) {
      log.error('a connection was closed', { reason: (error as Error).message })
      return Buffer.alloc(0)
    }
  }

  /** The first message of a call. Gives what its other messages go to; undefined when it has been refused. */
  #serve(
    { component, methodIndex }: HostedMethod,
    bytes: Buffer,
    metadata: Metadata,
    sender: Sender,
  ): ServedCall | undefined {
    const { dispatcher, clock, log, errors } = this.#options
    const caller = this.#caller(metadata)
    if (caller.refusal) {
      refuse(sender, caller.refusal, errors)
      return undefined
    }
    const call = new ServedCall({ dispatcher, clock, caller, sender, trace: traceOf(metadata) })
    try {
      call.begin(bytes, component, methodIndex)
      return call
    } catch (error) {
      log.error('a call was closed', { reason: (error as Error).message })
      refuse(sender, error, errors)
      return undefined
    }
  }

  #caller(metadata: Metadata): KnownCaller {
    const [header] = metadata.get(FROM)
    const text = typeof header === 'string' ? header : ''
    const known = this.#callers.get(text)
    if (known) return known
    const caller = this.#judge(text)
    if (this.#callers.size >= LIMITS.grpcCallersMax) this.#callers.clear()
    this.#callers.set(text, caller)
    if (caller.refusal) this.#options.log.error('calls are refused', { from: text, reason: caller.refusal.message })
    return caller
  }

  #judge(text: string): KnownCaller {
    const { greeting, admissions } = this.#options
    const caller = readCallerHeader(text)
    if (caller === undefined) {
      const reason = `A call has no header ${FROM} that says who makes it; only processes of this deployment call here.`
      const refusal = new WeaveError(reason, { code: 'WV_IDENTITY', executed: 'no' })
      return { refusal, admission: undefined, streams: 0 }
    }
    const refusal = disagreement(greeting, { ...caller, protocol: PROTOCOL })
    return { refusal, admission: admissions.of(caller.group), streams: 0 }
  }

  ready(): void {
    if (this.#state.kind === 'listening') this.#health.set(true)
  }

  drain(): Promise<void> {
    const state = this.#state
    if (state.kind !== 'listening') {
      this.#state = { kind: 'closed' }
      return Promise.resolve()
    }
    const { server, bound } = state
    this.#state = { kind: 'draining' }
    this.#health.close()
    return new Promise((resolve) => {
      // Closes at once what is still open; without the bookkeeping that is switched off, `forceShutdown` would not.
      const timer = this.#options.clock.setTimeout(() => server.drain(bound, 0), LIMITS.drainMs)
      server.tryShutdown(() => {
        timer.cancel()
        this.#state = { kind: 'closed' }
        resolve()
      })
    })
  }
}

/** What a proxy has made of the caller's. */
function traceOf(metadata: Metadata): string | undefined {
  const [header] = metadata.get(TRACE)
  return typeof header === 'string' && isTraceparent(header) ? header : undefined
}
