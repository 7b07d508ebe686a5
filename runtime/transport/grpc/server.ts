/**
 * The serving end of gRPC: a method of gRPC for each method that is hosted here, the standard health service, and the greeting. A
 * connection may be a proxy's that carries the calls of many, so each call says who it comes from, and is checked by itself.
 *
 * idle → listening → draining (NOT_SERVING; no new calls; ends when all have ended, or the time is up) → closed
 */
import type { Socket } from 'node:net'
import type { Server as Http2Server, Metadata, ServerDuplexStream, ServerUnaryCall, sendUnaryData } from '@grpc/grpc-js'
import type { Boundary } from '../../boundary.ts'
import type { ErrorRegistry } from '../../codec/error.ts'
import { isTraceparent } from '../../context.ts'
import { WeaveError } from '../../errors.ts'
import { LIMITS } from '../../limits.ts'
import { carries } from '../../streams/end.ts'
import { formatAddress, parseAddress } from '../address.ts'
import type { CallServer, CallServerOptions } from '../peer.ts'
import { FRAME } from '../socket/frames.ts'
import { disagreement, readGreeting, writeGreeting, writeRefusal } from '../socket/handshake.ts'
import type { Listening, Network } from '../socket/network.ts'
import { Callers, type RemoteCaller } from './callers.ts'
import { Health } from './health.ts'
import { loadGrpc } from './library.ts'
import {
  asIs,
  bodyOf,
  detailsOf,
  FROM,
  GREET,
  message,
  PING,
  pathOf,
  serviceName,
  statusOf,
  TRACE,
} from './messages.ts'
import { refuse, type Sender, ServedCall, StreamSender, unarySender } from './served-call.ts'

export interface GrpcServerOptions extends CallServerOptions {
  listen: Network['listen']
  /** What is hosted here, by index in the descriptor. */
  hosted: ReadonlyMap<number, Boundary>
  errors: ErrorRegistry
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
  | { kind: 'listening'; server: Http2Server; newMetadata: () => Metadata; listening: Listening }
  | { kind: 'draining' }
  | { kind: 'closed' }

export class GrpcServer implements CallServer {
  readonly #options: GrpcServerOptions
  readonly #health: Health
  readonly #callers: Callers
  readonly #sockets = new Set<Socket>()
  #state: State = { kind: 'idle' }

  constructor(options: GrpcServerOptions) {
    this.#options = options
    this.#callers = new Callers(options)
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
    })
    const newMetadata = () => new grpc.Metadata()
    this.#register(server, newMetadata)
    // Our own sockets, handed to grpc-js: with the options of the others, and closed when the time to drain is up.
    const injector = server.createConnectionInjector(grpc.ServerCredentials.createInsecure())
    const { listen, log } = this.#options
    const accept = (socket: Socket) => {
      this.#sockets.add(socket)
      socket.once('close', () => this.#sockets.delete(socket))
      injector.injectConnection(socket)
    }
    const failed = (reason: string) => log.error('a connection was refused', { reason })
    const listening = await listen(formatAddress({ ...address, kind: 'tcp' }), accept, failed)
    this.#state = { kind: 'listening', server, newMetadata, listening }
    return formatAddress({ ...address, port: portOf(listening.address) })
  }

  #register(server: Http2Server, newMetadata: () => Metadata): void {
    this.#health.register(server)
    const greet = (call: Unary, done: sendUnaryData<Buffer>) => done(null, this.#greet(call.request))
    server.register(GREET, greet, asIs, asIs, 'unary')
    const ping = (call: Unary, done: sendUnaryData<Buffer>) => {
      this.#caller(call.metadata)
      done(null, call.request)
    }
    server.register(PING, ping, asIs, asIs, 'unary')
    for (const [component, boundary] of this.#options.hosted)
      this.#registerMethods(server, newMetadata, component, boundary)
  }

  /** Changes nothing where they are registered already: a component may come back. */
  #registerMethods(server: Http2Server, newMetadata: () => Metadata, component: number, boundary: Boundary): void {
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
      else if (served && !this.#message(served, bytes, sender)) served = undefined
      isBegun = true
    })
    call.on('end', () => sender.halfClosed())
    call.on('cancelled', () => served?.closed())
  }

  /** False when it was none: the call has ended then. */
  #message(served: ServedCall, bytes: Buffer, sender: StreamSender): boolean {
    try {
      served.message(bytes)
      return true
    } catch (error) {
      this.#options.log.error('a call was closed', { reason: (error as Error).message })
      served.closed()
      sender.abort({ code: statusOf(error), details: detailsOf(error) })
      return false
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

  #caller(metadata: Metadata): RemoteCaller {
    const [header] = metadata.get(FROM)
    return this.#callers.of(typeof header === 'string' ? header : '')
  }

  /** Hosted from now on, though it wasn't when this began to listen. */
  host(component: number, boundary: Boundary): void {
    const state = this.#state
    this.#health.add(serviceName(boundary.component))
    if (state.kind === 'listening') this.#registerMethods(state.server, state.newMetadata, component, boundary)
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
    const { server, listening } = state
    listening.close()
    this.#state = { kind: 'draining' }
    this.#health.close()
    return new Promise((resolve) => {
      const timer = this.#options.clock.setTimeout(() => {
        for (const socket of this.#sockets) socket.destroy()
      }, LIMITS.drainMs)
      server.tryShutdown(() => {
        timer.cancel()
        this.#state = { kind: 'closed' }
        resolve()
      })
    })
  }
}

function portOf(address: string): number {
  const parsed = parseAddress(address)
  return parsed.kind === 'unix' ? 0 : parsed.port
}

/** What a proxy has made of the caller's. */
function traceOf(metadata: Metadata): string | undefined {
  const [header] = metadata.get(TRACE)
  return typeof header === 'string' && isTraceparent(header) ? header : undefined
}
