/**
 * A process's end of its control connection: JSON lines, to a deployer that may go and come back. In: messages to say. Out: messages as they
 * come, and when the connection has opened and closed. What is said while there is none is dropped: whoever connects again
 * tells what it is.
 *
 *   connecting  the first attempt, or one of those after `reconnect`
 *   open        both may speak
 *   closed      over, unless `reconnect` is called
 */
import { connect, type Socket } from 'node:net'
import { LIMITS } from '../limits.ts'
import type { ToDeployer, ToProcess } from './control.ts'

export interface ControlLinkOptions {
  path: string
  opened(): void
  received(message: ToProcess): void
  /** `tried`: it had never been open. */
  closed(): void
}

export class ControlLink {
  readonly #options: ControlLinkOptions
  #socket: Socket
  #reconnecting = false
  #pauseMs: number = LIMITS.reconnectMs

  constructor(options: ControlLinkOptions) {
    this.#options = options
    this.#socket = this.#connect()
  }

  get open(): boolean {
    return this.#socket.writable && !this.#socket.connecting
  }

  get unsentBytes(): number {
    return this.#socket.writableLength
  }

  /** In one write, so that the deployer wakes up once. */
  say(...messages: ToDeployer[]): void {
    if (this.open) this.#socket.write(messages.map((message) => `${JSON.stringify(message)}\n`).join(''))
  }

  /** From now on until it is open: attempts without end, since a deployer may be started again at any time. A second apart at most. */
  reconnect(): void {
    this.#reconnecting = true
    setTimeout(() => {
      if (this.#reconnecting) this.#socket = this.#connect()
    }, this.#pauseMs)
    this.#pauseMs = Math.min(this.#pauseMs * 2, LIMITS.reconnectMsMax)
  }

  /** Resolves when all that was said has been handed to the kernel. */
  end(): Promise<void> {
    this.#reconnecting = false
    return new Promise((resolve) => (this.open ? this.#socket.end(resolve) : resolve()))
  }

  #connect(): Socket {
    const socket = connect({ path: this.#options.path })
    socket.on('connect', () => {
      this.#reconnecting = false
      this.#pauseMs = LIMITS.reconnectMs
      this.#options.opened()
    })
    socket.on(
      'data',
      lines((line) => this.#options.received(JSON.parse(line) as ToProcess)),
    )
    socket.on('error', () => {})
    socket.on('close', () => {
      if (this.#reconnecting) this.reconnect()
      else this.#options.closed()
    })
    return socket
  }
}

/** Chunks in, lines out. The deployer is trusted: a line is as long as it is. */
function lines(each: (line: string) => void): (chunk: Buffer) => void {
  const decoder = new TextDecoder()
  let rest = ''
  return (chunk) => {
    rest += decoder.decode(chunk, { stream: true })
    const complete = rest.split('\n')
    rest = complete.pop()!
    for (const line of complete) if (line !== '') each(line)
  }
}
