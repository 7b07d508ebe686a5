/** Bytes of one process in, whole lines with a prefix out. A line longer than the limit is cut into several. */
import { StringDecoder } from 'node:string_decoder'

/** Characters held back while no newline comes; a program that never ends its lines is shown in pieces of this size. */
const HELD_MAX = 64 * 1024

export class LinePrefixer {
  readonly #prefix: string
  readonly #rewrite: (line: string) => string
  readonly #decoder = new StringDecoder('utf8')
  #held = ''

  constructor(prefix: string, rewrite: (line: string) => string = (line) => line) {
    this.#prefix = prefix
    this.#rewrite = rewrite
  }

  /** The lines that `chunk` completes; the empty string when there is none. */
  push(chunk: Buffer): string {
    const lines = (this.#held + this.#decoder.write(chunk)).split('\n')
    this.#held = lines.pop()!
    if (this.#held.length > HELD_MAX) {
      lines.push(this.#held)
      this.#held = ''
    }
    return lines.map((line) => this.#line(line)).join('')
  }

  /** What is left when the process has ended. */
  flush(): string {
    const rest = this.#held + this.#decoder.end()
    this.#held = ''
    return rest === '' ? '' : this.#line(rest)
  }

  #line(line: string): string {
    const text = this.#rewrite(line.endsWith('\r') ? line.slice(0, -1) : line)
    return `${this.#prefix}${text.replaceAll('\n', `\n${this.#prefix}`)}\n`
  }
}
