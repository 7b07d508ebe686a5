/**
 * What the machine allows: a plain `net` echo of frames as long as ours, which looks at nothing in them. All frames that have come are
 * answered in one write.
 */
import { createServer, connect as netConnect, type Socket } from 'node:net'
import { Writer } from '../../runtime/codec/writer.ts'
import { CATALOG, catalogDescriptor, ORDER, PRODUCTS, RECEIPT, USERS } from '../catalog.ts'
import type { Address, Message } from './end.ts'

const HEADER_BYTES = 9
/** Component, method, milliseconds left, flags. */
const REQUEST_BYTES = 5
const FRAMES_MAX = 1024

export type Sizes = Record<Message, { request: number; reply: number }>

export async function frameSizes(): Promise<Sizes> {
  const methods = (await catalogDescriptor()).components.find(({ name }) => name === CATALOG)!.boundary!().methods
  const sizeOf = (name: Message, args: unknown[], result: unknown) => {
    const method = methods.find((method) => method.name === name)!
    const [request, reply] = [new Writer(), new Writer()]
    method.encodeArguments(request, args)
    method.encodeResult(reply, result)
    return { request: HEADER_BYTES + REQUEST_BYTES + request.position, reply: HEADER_BYTES + reply.position }
  }
  return {
    tiny: sizeOf('tiny', ['OLJCESPC7Z'], 10),
    order: sizeOf('order', [ORDER], RECEIPT),
    list: sizeOf('list', [], PRODUCTS),
    users: sizeOf('users', [], USERS),
  }
}

const target = ({ path, port }: Address) => (path === undefined ? { port, host: '127.0.0.1', noDelay: true } : { path })

/** The first byte of a frame says which message it is. */
const MESSAGES: readonly Message[] = ['tiny', 'order', 'list', 'users']

export async function serve(address: Address): Promise<void> {
  const sizes = await frameSizes()
  const replies = MESSAGES.map((message) => Buffer.alloc(sizes[message].reply * FRAMES_MAX))
  const server = createServer({ highWaterMark: 64 * 1024, noDelay: true }, (socket) => {
    let message = 0
    let bytes = 0
    socket.on('data', (chunk) => {
      if (bytes === 0) message = chunk[0]!
      const { request, reply } = sizes[MESSAGES[message]!]
      bytes += chunk.length
      const frames = Math.floor(bytes / request)
      bytes -= frames * request
      if (frames > 0) socket.write(replies[message]!.subarray(0, frames * reply))
    })
  })
  await new Promise<void>((resolve) => server.listen(target(address), resolve))
}

export class Floor {
  readonly #socket: Socket
  readonly #sizes: Sizes
  readonly #requests: readonly Buffer[]

  constructor(socket: Socket, sizes: Sizes) {
    this.#socket = socket
    this.#sizes = sizes
    this.#requests = MESSAGES.map((message, index) => Buffer.alloc(sizes[message].request * FRAMES_MAX, index))
  }

  /** Keeps so many frames under way until `done` says so at a reply; gives how many came back. */
  echo(message: Message, inFlight: number, done: () => boolean): Promise<number> {
    const { request, reply } = this.#sizes[message]
    const frames = this.#requests[MESSAGES.indexOf(message)]!
    const send = (count: number) => this.#socket.write(frames.subarray(0, count * request))
    return new Promise((resolve) => {
      let bytes = 0
      let calls = 0
      let waiting = inFlight
      const receive = (chunk: Buffer) => {
        bytes += chunk.length
        const count = Math.floor(bytes / reply)
        bytes -= count * reply
        calls += count
        waiting -= count
        if (count > 0 && !done()) {
          waiting += count
          send(count)
        } else if (waiting === 0) {
          this.#socket.off('data', receive)
          resolve(calls)
        }
      }
      this.#socket.on('data', receive)
      send(inFlight)
    })
  }
}

export async function connect(address: Address): Promise<Floor> {
  const sizes = await frameSizes()
  return new Promise((resolve) => {
    const socket = netConnect(target(address), () => resolve(new Floor(socket, sizes)))
  })
}
