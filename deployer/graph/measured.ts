/**
 * The measured call graph of a deployment, as the rest of the deployer sees it. In: what processes tell. Out: for people a report, for the planner
 * a `CallGraph`, over a window of time. It has processes measure what calls cost (calibration.ts).
 */
import type { Clock } from '../../runtime/clock.ts'
import type { ToProcess } from '../../runtime/control.ts'
import { LIMITS } from '../../runtime/limits.ts'
import type { Manifest } from '../../runtime/manifest.ts'
import type { ProbeResult } from '../../runtime/measure/probe.ts'
import type { KeyedCalls } from '../../runtime/measure/sample.ts'
import type { CallGraph } from '../planner/model.ts'
import { Calibration } from './calibration.ts'
import { callGraph } from './call-graph.ts'
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

/** Samples come once a second, and two may be late. */
const FRESH_MS = 3 * LIMITS.sampleMs

export class MeasuredGraph {
  readonly #options: MeasuredGraphOptions
  readonly #store: GraphStore
  readonly #calibration: Calibration
  /** By process, how busy its event loop was when it told last, and when that was. */
  readonly #told = new Map<string, { busy: number; atMs: number }>()

  constructor(options: MeasuredGraphOptions) {
    const { clock, ready, send } = options
    this.#options = options
    this.#calibration = new Calibration({
      clock,
      ready: () => ready().map((process) => ({ ...process, utilisation: this.#told.get(process.name)?.busy })),
      send,
    })
    this.#store = new GraphStore(clock, { onSecond: () => this.#calibration.tick() })
  }

  /** False: that was no sample. */
  take(process: string, given: unknown): boolean {
    const sample = readSample(given)
    if (sample === undefined) return false
    const atMs = this.#options.clock.now()
    if (sample.process !== undefined) this.#told.set(process, { busy: sample.process.active, atMs })
    this.#options.keyed(sample.keyed)
    this.#store.take(process, sample)
    return true
  }

  /** Share of the time in which the event loop of the process is busy. One that has told nothing for a while does nothing. */
  busy(process: string): number {
    const told = this.#told.get(process)
    const isFresh = told !== undefined && this.#options.clock.now() - told.atMs <= FRESH_MS
    return isFresh ? told.busy : 0
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
