/**
 * How many frames of a chunk are looked at before what they have led to is written. In: how long the last ones took, with what they led to at once.
 * More writes let both processes work at the same time; but each has to wake the other one if that sleeps, which costs as much as ten small calls.
 * So a batch is worth about `BATCH_MS`, in which a sleeper is awake: 64 tiny calls in flight are one, 64 of half a kilobyte three or four (one at a time,
 * the two processes took turns, and did half as many: bench/rpc.bench.ts). And where each call takes a millisecond, the first answer doesn't wait for the last.
 */
import { awake } from './awake.ts'

const FRAMES_MAX = 1_024
/** Nobody has to be woken then. */
const FRAMES_MAX_AWAKE = 32
const BATCH_MS = 0.2

export class Batches {
  #frames = FRAMES_MAX

  get frames(): number {
    return Math.min(this.#frames, awake.polling ? FRAMES_MAX_AWAKE : FRAMES_MAX)
  }

  /** A batch of so many frames took so long; the next one will take about as long as it may. */
  took(ms: number, frames: number): void {
    if (frames === 0) return
    // A few frames are slow for another reason, such as a collection; so more are tried step by step.
    const enough = Math.max(1, Math.floor((frames * BATCH_MS) / ms))
    if (ms > BATCH_MS) this.#frames = enough
    else if (enough > this.#frames) this.#frames = Math.min(FRAMES_MAX, this.#frames * 2, enough)
  }
}
