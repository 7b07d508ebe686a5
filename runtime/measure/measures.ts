/** What is measured of an application beside the counts of its edges, where a deployer asks for it: one for a process. */
import type { Clock } from '../clock.ts'
import type { Observer } from '../edge-counts.ts'
import type { Linker } from '../linker.ts'
import { Entries } from './entries.ts'
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

  constructor({ linker, clock, root, runtime }: MeasuresOptions) {
    const now = () => performance.now()
    this.#linker = linker
    this.recorder = new Recorder({ edges: (component) => linker.edgesOf(component), now })
    this.sizes = new Sizes(now)
    this.entries = new Entries({ recorder: this.recorder, now })
    this.shares = new Shares({ clock, root, runtime })
  }

  take(): Counted {
    return {
      edges: [...this.entries.take(), ...this.#linker.take()],
      methods: this.recorder.take(),
    }
  }
}
