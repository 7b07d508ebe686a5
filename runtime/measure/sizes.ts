/**
 * What a co-located call would weigh if it were remote: now and then one that is looked at anyway is encoded into a buffer that nobody
 * reads. How often is decided by what it costs: all of a process together stay below a five-hundredth of its time.
 */
import { WriterFull } from '../codec/byte-writer.ts'
import { Writer } from '../codec/writer.ts'
import { LIMITS } from '../limits.ts'
import type { CountedMethod } from './edge-counts.ts'

const BUFFER_BYTES = 1024

/** One for a process. */
export class Sizes {
  /** In milliseconds, with fractions. */
  readonly #now: () => number
  /** When the next one may be encoded. */
  #nextMs = 0

  constructor(now: () => number) {
    this.#now = now
  }

  isDue(now: number): boolean {
    return now >= this.#nextMs
  }

  /** Bytes, or the most that are counted; undefined for what can't be encoded, which is others' to say. */
  request(method: CountedMethod, args: readonly unknown[]): number | undefined {
    return this.#measure((writer) => method.encodeArguments(writer, args))
  }

  reply(method: CountedMethod, value: unknown): number | undefined {
    return this.#measure((writer) => method.encodeResult(writer, value))
  }

  #measure(encode: (writer: Writer) => void): number | undefined {
    const begun = this.#now()
    const writer = new Writer(BUFFER_BYTES, LIMITS.sizedBytesMax)
    try {
      encode(writer)
      return writer.position
    } catch (thrown) {
      return thrown instanceof WriterFull ? LIMITS.sizedBytesMax : undefined
    } finally {
      const now = this.#now()
      this.#nextMs = Math.max(this.#nextMs, now) + (now - begun) * LIMITS.sizedEvery
    }
  }
}
