/**
 * How many frames of a chunk are looked at before what they have led to is written. In: how long the last ones took. More writes let both processes work
 * at the same time, but each has to wake the other one if that sleeps, which costs as much as ten small calls (64 tiny calls in flight, on sleeping
 * processes: 0.92 µs a call, with the shorter batches 1.18). And where each call takes a millisecond, the first answer must not wait for the last.
 */
import { awake } from './awake.ts'

const FRAMES_MAX = 1_024
const FRAMES_MAX_AWAKE = 32
/** An answer waits no longer than this for those after it, but for the call that happens to take longer. */
const BATCH_MS_MAX = 2

export class Batches {
  #frames = FRAMES_MAX

  get frames(): number {
    return Math.min(this.#frames, awake.polling ? FRAMES_MAX_AWAKE : FRAMES_MAX)
  }

  /** A batch of so many frames took so long; the next one will take about as long as it may. */
  took(ms: number, frames: number): void {
    if (ms > BATCH_MS_MAX) this.#frames = Math.max(1, Math.floor((frames * BATCH_MS_MAX) / ms))
    else if (this.#frames < FRAMES_MAX) this.#frames = Math.min(FRAMES_MAX, this.#frames * 2)
  }
}
