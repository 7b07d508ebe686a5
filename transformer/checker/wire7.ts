/**
 * Sends a request of TypeScript 7's API before anybody waits for its answer, so that the compiler, which has a process and a core
 * of its own, works on it while this process does something else. In goes a method and what the API will say with it; when the API
 * then asks the very same, the answer is here or on its way. Nothing depends on it but time: another question is sent as ever.
 *
 * It reaches into the API's channel, which is the API's own affair: where that looks different, nothing is sent ahead.
 *
 * States of a request: *sent* (the compiler works on it; at most one is, since with a second both processes could come to write
 * into full pipes) → *arrived* (its bytes are here; at most one, an older one is dropped) → taken by whoever asks.
 */
import { Buffer } from 'node:buffer'
import type { Sync } from './view7-api.ts'

type Payload = string | Uint8Array

/** What is used of `SyncRpcChannel`. */
interface Channel {
  /** Writes a request and waits for its answer. */
  requestBytesSync(method: string, payload: Payload): Uint8Array
  writeTuple(type: number, name: Uint8Array, payload: Payload): void
}

interface Request {
  readonly method: string
  readonly payload: Payload
}

interface Arrived extends Request {
  readonly take: () => Uint8Array
}

/** `MessageType` of a request. */
const REQUEST = 1

export class Wire7 {
  readonly #ask: Channel['requestBytesSync'] | undefined
  readonly #write: Channel['writeTuple'] | undefined
  #sent: Request | undefined
  #arrived: Arrived | undefined
  #reading = false

  constructor(api: Sync.API) {
    const channel = channelOf(api)
    if (channel === undefined) return
    this.#ask = channel.requestBytesSync.bind(channel)
    this.#write = channel.writeTuple.bind(channel)
    channel.requestBytesSync = (method, payload) => this.#answer({ method, payload })
    channel.writeTuple = (type, name, payload) => {
      // To wait for what was sent, the API's own loop runs without its first step.
      if (!(this.#reading && type === REQUEST)) this.#write!(type, name, payload)
    }
  }

  /** The answer of what was sent before is read first. */
  send(method: string, parameters: unknown): void {
    if (this.#write === undefined) return
    this.#receive()
    const payload = JSON.stringify(parameters)
    try {
      this.#write(REQUEST, Buffer.from(method), payload)
      this.#sent = { method, payload }
    } catch {
      // The compiler has ended; the next who asks will be told.
    }
  }

  #receive(): void {
    const sent = this.#sent
    if (sent === undefined) return
    this.#sent = undefined
    this.#arrived = { ...sent, take: this.#read(sent) }
  }

  #read({ method, payload }: Request): () => Uint8Array {
    this.#reading = true
    try {
      const answer = this.#ask!(method, payload)
      return () => answer
    } catch (error) {
      // That the compiler refused, or ended: said to whoever asks.
      return () => {
        throw error
      }
    } finally {
      this.#reading = false
    }
  }

  #answer(request: Request): Uint8Array {
    if (this.#arrived === undefined || !isSame(this.#arrived, request)) this.#receive()
    const arrived = this.#arrived
    if (arrived === undefined || !isSame(arrived, request)) return this.#ask!(request.method, request.payload)
    this.#arrived = undefined
    return arrived.take()
  }
}

const isSame = (one: Request, other: Request): boolean => one.method === other.method && one.payload === other.payload

function channelOf(api: Sync.API): Channel | undefined {
  const { client } = api as unknown as { client?: { channel?: Partial<Channel> } }
  const channel = client?.channel
  const has = typeof channel?.requestBytesSync === 'function' && typeof channel.writeTuple === 'function'
  return has ? (channel as Channel) : undefined
}
