/**
 * Reads what a process prints: hands each chunk on as it came, waits when whoever takes it is slow, and keeps the last lines
 * of stderr, which explain a crash. Bounded whatever the process writes.
 */
import type { Readable } from 'node:stream'
import { StringDecoder } from 'node:string_decoder'
import type { Clock } from '../runtime/clock.ts'
import { DEPLOYER_LIMITS } from './limits.ts'

/** A promise slows the process down: its next chunk is read when the promise has resolved. */
export type TakeChunk = (stream: 'stdout' | 'stderr', chunk: Buffer) => void | Promise<void>

export class ProcessOutput {
  readonly #take: TakeChunk
  readonly #lines: string[] = []
  #tail = ''
  /** Grows with each chunk, and stands odd-one-out while a chunk is being taken; silence is when neither happens. */
  #chunks = 0
  #taking = 0
  readonly #ended: Promise<unknown>

  constructor(streams: { stdout: Readable; stderr: Readable }, take: TakeChunk) {
    this.#take = take
    this.#ended = Promise.all([this.#read('stdout', streams.stdout), this.#read('stderr', streams.stderr)])
  }

  /** The end of stderr so far, at most `lastLinesMax` lines. */
  lastLines(): string[] {
    return this.#tail.trim() === ''
      ? [...this.#lines]
      : [...this.#lines, this.#tail].slice(-DEPLOYER_LIMITS.lastLinesMax)
  }

  /** Resolves when all has been read; when a grandchild keeps a pipe open, after a silence. To be called after the exit. */
  async drained(clock: Clock): Promise<void> {
    for (;;) {
      const before = this.#chunks
      const silence = Promise.withResolvers<'silence'>()
      const timer = clock.setTimeout(() => silence.resolve('silence'), DEPLOYER_LIMITS.outputSilenceMs)
      const outcome = await Promise.race([this.#ended, silence.promise])
      timer.cancel()
      if (outcome !== 'silence' || (this.#chunks === before && this.#taking === 0)) return
    }
  }

  async #read(name: 'stdout' | 'stderr', stream: Readable): Promise<void> {
    const decoder = new StringDecoder('utf8')
    try {
      for await (const chunk of stream as AsyncIterable<Buffer>) {
        this.#chunks++
        if (name === 'stderr') this.#remember(decoder.write(chunk))
        this.#taking++
        try {
          await this.#take(name, chunk)
        } finally {
          this.#taking--
        }
      }
    } catch {
      // A broken pipe at the end of a process says nothing that its exit doesn't; and who takes the output can't fail the process.
    }
  }

  #remember(text: string): void {
    const lines = (this.#tail + text).split('\n')
    this.#tail = cut(lines.pop() ?? '')
    for (const line of lines) if (line.trim() !== '') this.#lines.push(cut(line))
    if (this.#lines.length > DEPLOYER_LIMITS.lastLinesMax) {
      this.#lines.splice(0, this.#lines.length - DEPLOYER_LIMITS.lastLinesMax)
    }
  }
}

/** So many of the last lines; where the one that names the error is before these, it stands in the place of the first. */
export function telling(lines: readonly string[], count: number): string[] {
  const last = lines.slice(-count)
  const error = lines.findLast((line) => /^(?:Uncaught )?(?:\w*Error|Error \[\w+\]|\w*Error \[\w+\]): /.test(line))
  return error === undefined || last.includes(error) ? last : [error, ...last.slice(1)]
}

function cut(line: string): string {
  return line.length > DEPLOYER_LIMITS.lastLineMax ? `${line.slice(0, DEPLOYER_LIMITS.lastLineMax)}…` : line
}
