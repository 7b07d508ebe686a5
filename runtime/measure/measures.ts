/** What is measured of an application beside the counts of its edges, where a deployer asks for it: one for a process. */
import type { Clock } from '../clock.ts'
import type { Linker } from '../instances/linker.ts'
import { LIMITS } from '../limits.ts'
import type { Observer } from './edge-counts.ts'
import { Entries } from './entries.ts'
import { scheduled } from './loop.ts'
import { Recorder } from './recorder.ts'
import type { Counted } from './sampler.ts'
import { Shares } from './shares.ts'
import { Sizes } from './sizes.ts'

export interface MeasuresOptions {
  linker: Linker
  clock: Clock
  /** Full name of the application's root. */
  root: string | undefined
  /** Classes of the runtime that calls between processes pass through. */
  runtime: readonly unknown[]
}

export class Measures implements Observer {
  readonly recorder: Recorder
  readonly sizes: Sizes
  readonly entries: Entries
  readonly shares: Shares
  readonly #linker: Linker
  readonly #clock: Clock
  #keyedMs: number

  constructor({ linker, clock, root, runtime }: MeasuresOptions) {
    const now = () => performance.now()
    this.#linker = linker
    this.#clock = clock
    this.#keyedMs = clock.now()
    this.recorder = new Recorder({ edges: (component) => linker.edgesOf(component), now })
    this.sizes = new Sizes(now)
    this.entries = new Entries({ recorder: this.recorder, now })
    this.shares = new Shares({ clock, root, runtime, scheduled })
  }

  take(): Counted {
    const now = this.#clock.now()
    const isDue = now - this.#keyedMs >= LIMITS.keyedMs
    if (isDue) this.#keyedMs = now
    return {
      ...(isDue && { keyed: this.#linker.takeKeyed() }),
      edges: [...this.entries.take(), ...this.#linker.take()],
      methods: this.recorder.take(),
    }
  }
}
