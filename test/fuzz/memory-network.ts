/** Sockets in memory, with nothing random in them: what one end writes the other reads in the same order of ticks, on every machine. */
import type { Socket } from 'node:net'
import { Duplex } from 'node:stream'
import type { Network } from '../../runtime/transport/socket/network.ts'

/** One end. It has of a socket what connections use; a member that they begin to use is missed at once. */
class End extends Duplex {
  peer: End | undefined
  /** Everything that this end has written, for a test to play again. */
  readonly written: Buffer[] = []

  constructor() {
    super({ highWaterMark: 64 * 1024, allowHalfOpen: false })
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    // The writer may use its buffer again at once, as it may after a write to the kernel.
    const copy = Buffer.from(chunk)
    this.written.push(copy)
    this.peer?.push(copy)
    done()
  }

  override _final(done: () => void): void {
    this.peer?.push(null)
    done()
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    const { peer } = this
    this.peer = undefined
    if (peer && !peer.destroyed) queueMicrotask(() => peer.destroy())
    done(error)
  }

  setNoDelay(): this {
    return this
  }

  setKeepAlive(): this {
    return this
  }
}

export interface Ends {
  readonly near: Socket & { readonly written: readonly Buffer[] }
  readonly far: Socket & { readonly written: readonly Buffer[] }
}

export function socketPair(): Ends {
  const near = new End()
  const far = new End()
  near.peer = far
  far.peer = near
  return { near, far } as unknown as Ends
}

/** Addresses are any text. What connects to one where nobody listens is given to `stranger`, if there is one, and else stays silent. */
export class MemoryNetwork implements Network {
  readonly connections: (Ends & { readonly address: string })[] = []
  stranger: ((ends: Ends) => void) | undefined
  readonly #listening = new Map<string, (socket: Socket) => void>()
  #ports = 0

  readonly connect = (address: string): Socket => {
    const ends = socketPair()
    this.connections.push({ ...ends, address })
    const accept = this.#listening.get(address)
    queueMicrotask(() => {
      ends.near.emit('connect')
      if (accept) accept(ends.far)
      else this.stranger?.(ends)
    })
    return ends.near
  }

  readonly listen = async (_address: string, accept: (socket: Socket) => void) => {
    const address = `memory-${this.#ports++}`
    this.#listening.set(address, accept)
    return { address, close: () => void this.#listening.delete(address) }
  }

  /** As somebody who has found the address does. */
  intrude(address: string): Socket {
    const { near, far } = socketPair()
    this.#listening.get(address)!(far)
    return near
  }
}
