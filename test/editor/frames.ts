/** Messages with a `Content-Length`, as tsserver and language servers write them on stdout; and the wait for one of them. */
import type { ChildProcess } from 'node:child_process'

export class Frames {
  readonly #child: ChildProcess
  readonly #waiting = new Set<() => void>()
  readonly messages: object[] = []
  #buffer = Buffer.alloc(0)
  #ended = false
  stderr = ''

  constructor(child: ChildProcess) {
    this.#child = child
    child.stdout!.on('data', (chunk: Buffer) => this.#read(chunk))
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text
      this.#wake()
    })
    child.once('close', () => {
      this.#ended = true
      this.#wake()
    })
  }

  get ended(): boolean {
    return this.#ended
  }

  /** The first message from number `from` on that `pick` gives something for. */
  async find<T>(pick: (message: object) => T | undefined, what: string, from = 0): Promise<T> {
    for (let at = from; ; at++) {
      while (at >= this.messages.length) {
        if (this.#ended) throw new Error(`it ended without ${what}\n${this.stderr}`)
        await this.changed()
      }
      const found = pick(this.messages[at]!)
      if (found !== undefined) return found
    }
  }

  /** Resolves when something more was read, or it ended. */
  changed(): Promise<void> {
    return new Promise((resolve) => this.#waiting.add(resolve))
  }

  write(text: string): void {
    this.#child.stdin!.write(text)
  }

  send(message: object): void {
    const text = JSON.stringify(message)
    this.write(`Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`)
  }

  #read(chunk: Buffer): void {
    this.#buffer = Buffer.concat([this.#buffer, chunk])
    for (;;) {
      const head = this.#buffer.indexOf('\r\n\r\n')
      if (head === -1) break
      const length = Number(/Content-Length: (\d+)/i.exec(this.#buffer.subarray(0, head).toString())![1])
      if (this.#buffer.length < head + 4 + length) break
      this.messages.push(JSON.parse(this.#buffer.subarray(head + 4, head + 4 + length).toString()) as object)
      this.#buffer = this.#buffer.subarray(head + 4 + length)
    }
    this.#wake()
  }

  #wake(): void {
    for (const resolve of this.#waiting) resolve()
    this.#waiting.clear()
  }
}
