/**
 * The standard health service, `grpc.health.v1.Health`: what load balancers and Kubernetes probes ask. In: `set` when all components have
 * started, and when the process begins to stop. Out: SERVING or NOT_SERVING, for the process (the empty name) and for each component that
 * is hosted here; NOT_FOUND for others. Its two messages are so small that they are read and written here.
 */
import type { Server, ServerUnaryCall, ServerWritableStream, sendUnaryData } from '@grpc/grpc-js'
import { LIMITS } from '../../limits.ts'
import { asIs, STATUS } from './messages.ts'

const UNKNOWN_SERVICE = 3

type Watcher = ServerWritableStream<Buffer, Buffer>

export class Health {
  readonly #services: Set<string>
  readonly #watchers = new Set<Watcher>()
  #serving = false

  /** `services`: names of the components here, as paths have them. */
  constructor(services: Iterable<string>) {
    this.#services = new Set(['', ...services])
  }

  add(service: string): void {
    this.#services.add(service)
  }

  register(server: Server): void {
    const check = (call: ServerUnaryCall<Buffer, Buffer>, done: sendUnaryData<Buffer>) => {
      const service = readService(call.request)
      if (service !== undefined && this.#services.has(service)) done(null, this.#status())
      else done({ code: STATUS.notFound, details: 'there is no such service here' })
    }
    server.register('/grpc.health.v1.Health/Check', check, asIs, asIs, 'unary')
    server.register('/grpc.health.v1.Health/Watch', (call: Watcher) => this.#watch(call), asIs, asIs, 'serverStream')
  }

  #watch(call: Watcher): void {
    if (this.#watchers.size >= LIMITS.healthWatchersMax) {
      call.emit('error', { code: STATUS.resourceExhausted, details: 'too many watch the health of this process' })
      return
    }
    const service = readService(call.request)
    if (service === undefined || !this.#services.has(service)) {
      call.write(response(UNKNOWN_SERVICE))
      return
    }
    this.#watchers.add(call)
    call.on('cancelled', () => this.#watchers.delete(call))
    call.write(this.#status())
  }

  #status(): Buffer {
    return response(this.#serving ? 1 : 2)
  }

  set(serving: boolean): void {
    if (serving === this.#serving) return
    this.#serving = serving
    for (const call of this.#watchers) call.write(this.#status())
  }

  /** A watch would hold its connection open. */
  close(): void {
    this.set(false)
    for (const call of this.#watchers) call.end()
    this.#watchers.clear()
  }
}

/** `HealthCheckResponse { ServingStatus status = 1 }`. */
function response(status: number): Buffer {
  return Buffer.from([0x08, status])
}

/** `HealthCheckRequest { string service = 1 }`; undefined for what isn't one. */
function readService(bytes: Buffer): string | undefined {
  if (bytes.length === 0) return ''
  if (bytes[0] !== 0x0a) return undefined
  // The length is a varint: of one byte, or of two for names of 128 bytes and more.
  const [low = 0, high = 0] = bytes.subarray(1)
  const isLong = low > 127
  const start = isLong ? 3 : 2
  const length = isLong ? (low & 127) | (high << 7) : low
  return bytes.length === start + length ? bytes.toString('utf8', start) : undefined
}
