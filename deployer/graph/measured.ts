/**
 * The measured call graph of a deployment, as the rest of the deployer sees it. In: what processes tell. Out: for people a report, for the planner
 * a `CallGraph`, over a window of time. It has processes measure what calls cost (calibration.ts).
 */
import type { Clock } from '../../runtime/clock.ts'
import type { Manifest } from '../../runtime/manifest.ts'
import type { ProbeResult } from '../../runtime/measure/probe.ts'
import type { KeyedCalls } from '../../runtime/measure/sample.ts'
import type { ToProcess } from '../../runtime/process/control.ts'
import type { CallGraph } from '../planner/model.ts'
import { Calibration } from './calibration.ts'
import { callGraph } from './call-graph.ts'
import { type Asked, Latest } from './latest.ts'
import { readProbe, readSample } from './read.ts'
import { type GraphReport, graphReport } from './report.ts'
import { GraphStore } from './store.ts'

export interface MeasuredGraphOptions {
  clock: Clock
  application: string
  manifest: Manifest
  /** Processes that are ready. */
  ready: () => { name: string; group: string; address: string }[]
  /** What was called by routing key. */
  keyed: (calls: readonly KeyedCalls[]) => void
  send: (process: string, message: Extract<ToProcess, { type: 'probe' }>) => void
}

export class MeasuredGraph {
  readonly #options: MeasuredGraphOptions
  readonly #store: GraphStore
  readonly #calibration: Calibration
  readonly #latest: Latest

  constructor(options: MeasuredGraphOptions) {
    const { clock, ready, send } = options
    this.#options = options
    this.#latest = new Latest(clock)
    this.#calibration = new Calibration({
      clock,
      ready: () => ready().map((process) => ({ ...process, utilisation: this.#latest.busyThen(process.name) })),
      send,
    })
    this.#store = new GraphStore(clock, { onSecond: () => this.#calibration.tick() })
  }

  /** False: that was no sample. */
  take(process: string, given: unknown): boolean {
    const sample = readSample(given)
    if (sample === undefined) return false
    this.#latest.take(process, sample)
    this.#options.keyed(sample.keyed)
    this.#store.take(process, sample)
    return true
  }

  /** Share of the time in which the event loop of the process is busy. One that has told nothing for a while does nothing. */
  busy(process: string): number {
    return this.#latest.busy(process) ?? 0
  }

  /** Calls that are made now to a group with these components in these processes, and those that have come to run. */
  asked(components: readonly string[], processes: readonly string[]): Asked {
    return this.#latest.asked(components, processes)
  }

  /** What the process has found of the costs of calls; null: it could not. False: that makes no sense. */
  probed(process: string, given: object | null): boolean {
    const result: ProbeResult | undefined = given === null ? undefined : readProbe(given)
    this.#calibration.probed(process, result)
    return given === null || result !== undefined
  }

  report(seconds: number): GraphReport {
    const { latest } = this.#calibration
    return { ...graphReport(this.#store, this.#store.window(seconds)), costs: latest ?? null }
  }

  callGraph(seconds: number): CallGraph {
    const { application, manifest } = this.#options
    const totals = this.#store.window(seconds)
    return callGraph({ application, manifest, store: this.#store, totals, calibrated: this.#calibration.latest })
  }

  stop(): void {
    this.#store.stop()
  }
}
