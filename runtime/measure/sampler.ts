/**
 * Once a second, what a process has to tell its deployer (sample.ts). In: the application's counts, and what Node knows of the process. Out:
 * lines, by `send`; none in a second in which hardly anything happened, and none while the deployer doesn't read: what is counted is told later.
 */
import { monitorEventLoopDelay, PerformanceObserver } from 'node:perf_hooks'
import { type Clock, systemClock, type Timer } from '../clock.ts'
import type { EdgeDelta } from '../edge-counts.ts'
import { LIMITS } from '../limits.ts'
import { loopBusyMs } from './loop.ts'
import type { MethodRecord } from './recorder.ts'
import { encodeSamples, type KeyedCalls, type ProcessSample, type Sample } from './sample.ts'
import type { Shares } from './shares.ts'

export interface Counted {
  edges: readonly EdgeDelta[]
  methods: readonly MethodRecord[]
  keyed?: readonly KeyedCalls[]
}

export interface SamplerOptions {
  clock: Clock
  /** What has happened in the application since it was asked last. */
  take: () => Counted
  /** Calls from other processes that have come to run here so far. */
  begun: () => number
  vitals: Vitals
  shares: Pick<Shares, 'take' | 'close' | 'blocked'>
  /** False: the deployer is behind, or gone. */
  canSend: () => boolean
  send: (sample: Sample) => void
}

export class Sampler {
  readonly #options: SamplerOptions
  #timer: Timer
  #lastMs: number
  /** When it told last. */
  #begun = 0
  #hasTold = false

  constructor(options: SamplerOptions) {
    this.#options = options
    this.#lastMs = options.clock.now()
    this.#timer = this.#next()
  }

  #next(): Timer {
    return this.#options.clock
      .setTimeout(() => {
        this.#timer = this.#next()
        this.#sample()
      }, LIMITS.sampleMs)
      .unref()
  }

  #sample(): void {
    const { clock, take, begun, vitals, shares, canSend, send } = this.#options
    if (!canSend()) return
    const now = clock.now()
    const ms = now - this.#lastMs
    const counted = take()
    const busy = vitals.isBusy(ms)
    const isIdle = counted.edges.length === 0 && counted.methods.length === 0 && !counted.keyed?.length
    // Its memory is worth a line now and then, and so is that it is there.
    if (isIdle && this.#hasTold && ms < LIMITS.sampleIdleMs && !busy) return
    this.#hasTold = true
    this.#lastMs = now
    const process = vitals.take()
    const components = shares.take(process)
    process.active = Math.min(1, process.active + shares.blocked)
    const all = begun()
    const taken = { ms, process, components, begun: all - this.#begun, ...counted }
    this.#begun = all
    for (const sample of encodeSamples(taken, LIMITS.sampleRowsMax)) send(sample)
  }

  /** Nothing more will be counted: tells what is left. */
  stop(): void {
    this.#timer.cancel()
    this.#sample()
    this.#options.vitals.close()
    this.#options.shares.close()
  }
}

/** What Node knows of a process, as differences. */
export interface Vitals {
  /** It did something in the last `ms`. To be asked once a second: it then begins or ends to watch the event loop. */
  isBusy(ms: number): boolean
  take(): ProcessSample
  close(): void
}

/**
 * How late the event loop is is seen by a timer of its own, a fiftieth of a second, which costs 2 ms a second: as much as all else that an idle process
 * does. So it runs where the loop was in use for this share of the last second; a loop that is free for longer is late by nothing worth telling.
 */
const DELAY_RESOLUTION_MS = 20
const WATCHED_SHARE = 0.1
/** Below this share of a core a process does nothing worth telling. */
const IDLE_SHARE = 0.01

export class NodeVitals implements Vitals {
  readonly #delay: ReturnType<typeof monitorEventLoopDelay>
  readonly #collections: PerformanceObserver
  /** Begins with all that it took to start. */
  #cpu = process.cpuUsage()
  readonly #startUs = this.#cpu.user + this.#cpu.system
  #active = new Activity()
  #lastSecond = new Activity()
  #gcMs = 0

  constructor() {
    this.#delay = monitorEventLoopDelay({ resolution: DELAY_RESOLUTION_MS })
    this.#collections = new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) this.#gcMs += duration
    })
    this.#collections.observe({ entryTypes: ['gc'] })
  }

  isBusy(ms: number): boolean {
    if (this.#lastSecond.take() < WATCHED_SHARE) this.#delay.disable()
    else this.#delay.enable()
    const { user, system } = process.cpuUsage(this.#cpu)
    return user + system > ms * 1000 * IDLE_SHARE
  }

  take(): ProcessSample {
    const { user, system } = process.cpuUsage(this.#cpu)
    const { rss, heapUsed } = process.memoryUsage()
    const delayUs = (ns: number) =>
      Math.max(0, Math.round((Number.isFinite(ns) ? ns : 0) / 1e3 - DELAY_RESOLUTION_MS * 1e3))
    const sample = {
      cpuUs: user + system,
      active: this.#active.take(),
      delayUsP50: delayUs(this.#delay.percentile(50)),
      delayUsP99: delayUs(this.#delay.percentile(99)),
      delayUsMax: delayUs(this.#delay.max),
      rssBytes: rss,
      heapBytes: heapUsed,
      gcUs: Math.round(this.#gcMs * 1e3),
      startUs: this.#startUs,
    }
    this.#cpu = process.cpuUsage()
    this.#delay.reset()
    this.#gcMs = 0
    return sample
  }

  close(): void {
    this.#delay.disable()
    this.#collections.disconnect()
  }
}

/** Share of the time since it was asked last in which the loop was busy. */
class Activity {
  #atMs = systemClock.now()
  #busyMs = loopBusyMs()

  take(): number {
    const [atMs, busyMs] = [systemClock.now(), loopBusyMs()]
    const share = (busyMs - this.#busyMs) / (atMs - this.#atMs)
    this.#atMs = atMs
    this.#busyMs = busyMs
    return Math.min(1, Math.max(0, share || 0))
  }
}
