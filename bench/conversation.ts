/** A bench's talk with the program that it measures: it listens on a socket of its own, sends a JSON line, and is answered by one. */
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface, type Interface } from 'node:readline'

export class Conversation {
  /** Where the program connects. */
  readonly path: string
  readonly connected: Promise<void>
  readonly #server: Server
  readonly #folder: string
  #socket: Socket | undefined
  #lines: Interface | undefined

  static async open(): Promise<Conversation> {
    const folder = mkdtempSync(join(tmpdir(), 'weave-bench-'))
    const server = createServer().listen(join(folder, 'bench.sock'))
    await once(server, 'listening')
    return new Conversation(folder, server)
  }

  private constructor(folder: string, server: Server) {
    this.#folder = folder
    this.#server = server
    this.path = join(folder, 'bench.sock')
    this.connected = once(server, 'connection').then(([socket]) => {
      this.#socket = socket as Socket
      this.#lines = createInterface({ input: this.#socket })
    })
  }

  async ask<T>(question: object): Promise<T> {
    const answer = once(this.#lines!, 'line')
    this.#socket!.write(`${JSON.stringify(question)}\n`)
    const [line] = await answer
    return JSON.parse(line as string) as T
  }

  close(): void {
    this.#socket?.end()
    this.#server.close()
    rmSync(this.#folder, { recursive: true, force: true })
  }
}
