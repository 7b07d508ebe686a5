/**
 * The deployer's side of runtime/process/control.ts: a Unix socket on which processes connect, say `hello`, and then exchange JSON lines.
 * In: bytes from processes. Out: checked messages, to whoever accepted the hello. A connection that says anything else (too long a
 * line, no JSON, an unknown message, another version) is closed, with one sentence on why; it never throws.
 */
import { createServer, type Server, type Socket } from 'node:net'
import { StringDecoder } from 'node:string_decoder'
import type { Clock, Timer } from '../runtime/clock.ts'
import type { Resume, ToDeployer, ToProcess } from '../runtime/process/control.ts'
import { DEPLOYER_LIMITS } from './limits.ts'
import type { ControlChannel } from './supervisor.ts'

export type Hello = Extract<ToDeployer, { type: 'hello' }>

/** Who takes the messages of one process. */
export interface ControlPeer {
  receive(message: Exclude<ToDeployer, Hello>): void
  /** The process broke the protocol; the connection is closed already. `reason` completes "the process …". */
  broke(reason: string): void
  disconnected(): void
}

export interface ControlOptions {
  path: string
  clock: Clock
  /** Accepts the process, or says why not: a clause. */
  accept(hello: Hello, channel: ControlChannel): ControlPeer | string
  /** A connection was closed before it was anybody's. */
  onRefused(reason: string): void
}

export class ControlServer {
  readonly #server: Server
  readonly #connections = new Set<ControlConnection>()
  readonly #options: ControlOptions

  constructor(options: ControlOptions) {
    this.#options = options
    this.#server = createServer((socket) => this.#connected(socket))
  }

  listen(): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    this.#server.once('error', reject)
    this.#server.listen(this.#options.path, () => {
      this.#server.off('error', reject)
      this.#server.on('error', (error) =>
        this.#options.onRefused(`a connection could not be accepted: ${error.message}`),
      )
      resolve()
    })
    return promise
  }

  close(): void {
    this.#server.close()
    for (const connection of this.#connections) connection.close()
  }

  #connected(socket: Socket): void {
    let strangers = 0
    for (const connection of this.#connections) if (connection.stranger) strangers++
    if (strangers >= DEPLOYER_LIMITS.strangersMax) {
      socket.destroy()
      this.#options.onRefused(`${strangers} connections have not said who they are, which is the limit`)
      return
    }
    const connection = new ControlConnection(socket, this.#options)
    this.#connections.add(connection)
    socket.once('close', () => this.#connections.delete(connection))
  }
}

/** Before its `hello` a connection is a stranger's; afterwards its peer's. */
class ControlConnection implements ControlChannel {
  #peer: ControlPeer | undefined
  /** Ends with the hello. */
  readonly #patience: Timer
  readonly #lines: LineReader
  readonly #socket: Socket
  readonly #options: ControlOptions

  constructor(socket: Socket, options: ControlOptions) {
    this.#socket = socket
    this.#options = options
    this.#lines = new LineReader(DEPLOYER_LIMITS.controlLineMax)
    this.#patience = options.clock.setTimeout(
      () => this.#refuse(`said nothing for ${DEPLOYER_LIMITS.helloMs / 1000} s`),
      DEPLOYER_LIMITS.helloMs,
    )
    socket.on('data', (chunk) => this.#read(chunk))
    // `close` follows and says all there is to say: the process is gone, or will be.
    socket.on('error', () => {})
    socket.once('close', () => {
      this.#patience.cancel()
      this.#peer?.disconnected()
    })
  }

  get stranger(): boolean {
    return this.#peer === undefined
  }

  send(message: ToProcess): void {
    if (!this.#socket.writable) return
    this.#socket.write(`${JSON.stringify(message)}\n`)
    if (this.#socket.writableLength > DEPLOYER_LIMITS.controlOutputBytesMax) {
      this.#refuse(`left ${this.#socket.writableLength} bytes of its control connection unread`)
    }
  }

  close(): void {
    this.#socket.destroy()
  }

  #read(chunk: Buffer): void {
    const lines = this.#lines.push(chunk)
    if (lines === undefined) {
      this.#refuse(`sent a control line of more than ${DEPLOYER_LIMITS.controlLineMax} characters`)
      return
    }
    for (const line of lines) {
      if (!this.#socket.writable) return
      const message = parseMessage(line)
      if (typeof message === 'string') {
        this.#refuse(`sent a control message that ${message}`)
        return
      }
      this.#message(message)
    }
  }

  #message(message: ToDeployer): void {
    if (message.type !== 'hello') {
      if (this.#peer) {
        this.#peer.receive(message)
        return
      }
      this.#refuse(`said "${message.type}" before "hello"`)
      return
    }
    if (this.#peer) {
      this.#refuse('said "hello" twice')
      return
    }
    const peer = this.#options.accept(message, this)
    if (typeof peer === 'string') this.#refuse(`was refused: ${peer}`)
    else {
      this.#patience.cancel()
      this.#peer = peer
    }
  }

  #refuse(reason: string): void {
    // What it was told last is still to be read.
    this.#socket.destroySoon()
    if (this.#peer) this.#peer.broke(reason)
    else this.#options.onRefused(`a connection to the control socket ${reason}`)
  }
}

/** Cuts a stream of bytes into lines; holds no more than one line. */
class LineReader {
  readonly #max: number
  readonly #decoder = new StringDecoder('utf8')
  #rest: string[] = []
  #restLength = 0

  constructor(max: number) {
    this.#max = max
  }

  /** The lines that `chunk` completes; undefined when one is too long. */
  push(chunk: Buffer): string[] | undefined {
    const parts = this.#decoder.write(chunk).split('\n')
    const lines: string[] = []
    for (const [index, part] of parts.entries()) {
      this.#restLength += part.length
      if (this.#restLength > this.#max) return undefined
      this.#rest.push(part)
      if (index === parts.length - 1) break
      lines.push(this.#rest.join(''))
      this.#rest = []
      this.#restLength = 0
    }
    return lines
  }
}

type FieldType = 'string' | 'integer' | 'boolean' | 'string?' | 'object' | 'object?' | 'resume?'
type Fields<T extends ToDeployer['type']> = {
  [F in Exclude<keyof Extract<ToDeployer, { type: T }>, 'type'>]: FieldType
}

const MESSAGES: { [T in ToDeployer['type']]: Fields<T> } = {
  hello: { process: 'string', pid: 'integer', version: 'string', application: 'string?', resume: 'resume?' },
  pong: { id: 'integer', idle: 'boolean' },
  relaying: { listener: 'string', url: 'string' },
  serving: { address: 'string' },
  starting: { component: 'string' },
  ready: {},
  listen: { listener: 'string', id: 'integer' },
  listening: { listener: 'string' },
  finished: { exitCode: 'integer' },
  unread: {},
  done: { id: 'integer', failed: 'string?' },
  failed: { message: 'string' },
  sample: { sample: 'object' },
  probed: { result: 'object?' },
}

/** The message, or what is wrong with it: a clause that completes "a message that …". */
export function parseMessage(line: string): ToDeployer | string {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch {
    return 'is not JSON'
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'is not an object'
  const message = value as Record<string, unknown>
  const { type } = message
  if (typeof type !== 'string' || !Object.hasOwn(MESSAGES, type)) return 'has an unknown type'
  const fields: Record<string, FieldType> = MESSAGES[type as ToDeployer['type']]
  for (const [name, field] of Object.entries(fields)) {
    if (!fits(message[name], field)) return `has no ${field.replace('?', '')} "${name}" in "${type}"`
  }
  return message as ToDeployer
}

function fits(value: unknown, field: FieldType): boolean {
  switch (field) {
    case 'string':
      return typeof value === 'string'
    case 'string?':
      return value === undefined || value === null || typeof value === 'string'
    case 'integer':
      return Number.isSafeInteger(value)
    case 'boolean':
      return typeof value === 'boolean'
    case 'object':
      return typeof value === 'object' && value !== null
    case 'object?':
      return typeof value === 'object'
    case 'resume?':
      return value === undefined || isResume(value)
  }
}

function isResume(value: unknown): value is Resume {
  if (typeof value !== 'object' || value === null) return false
  const { life, address, components, ready, main, exitCode, listens } = value as Partial<Record<keyof Resume, unknown>>
  const isText = (each: unknown) => typeof each === 'string'
  return (
    Number.isSafeInteger(life) &&
    isText(address) &&
    Array.isArray(components) &&
    components.every(isText) &&
    typeof ready === 'boolean' &&
    (main === 'idle' || main === 'running' || main === 'finished') &&
    Number.isSafeInteger(exitCode) &&
    typeof listens === 'object' &&
    listens !== null &&
    Object.values(listens).every(isText)
  )
}
