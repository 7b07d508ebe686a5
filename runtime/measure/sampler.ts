/**
 * What a process has to tell its deployer, each time that it is asked whether it answers: once a second, or every two where it does nothing. In: the
 * application's counts, and what Node knows of the process. Out: samples (sample.ts); none where hardly anything has happened, and none while
 * the deployer doesn't read: what is counted is told later. It has no timer of its own, since to wake an idle process takes more than all that is done here.
 */
import { monitorEventLoopDelay, PerformanceObserver } from 'node:perf_hooks'
import { type Clock, systemClock } from '../clock.ts'
import { LIMITS } from '../limits.ts'
import type { EdgeDelta } from './edge-counts.ts'
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
}

export class Sampler {
  readonly #options: SamplerOptions
  /** When it told last. */
  #lastMs: number
  #begun = 0
  #hasTold = false

  constructor(options: SamplerOptions) {
    this.#options = options
    this.#lastMs = options.clock.now()
  }

  look(): Sample[] {
    const { clock, take, begun, vitals, shares, canSend } = this.#options
    if (!canSend()) return []
    const now = clock.now()
    const ms = now - this.#lastMs
    const counted = take()
    const isBusy = vitals.look() > IDLE_SHARE
    const isIdle = !isBusy && counted.edges.length === 0 && counted.methods.length === 0 && !counted.keyed?.length
    // Its memory is worth a line now and then, and so is that it is there.
    if (isIdle && this.#hasTold && ms < LIMITS.sampleIdleMs) return []
    this.#hasTold = true
    this.#lastMs = now
    const process = vitals.take()
    const components = shares.take(process)
    process.active = Math.min(1, process.active + shares.blocked)
    const all = begun()
    const taken = { ms, process, components, begun: all - this.#begun, ...counted }
    this.#begun = all
    return encodeSamples(taken, LIMITS.sampleRowsMax)
  }

  /** Nothing more will be counted: what is left. */
  stop(): Sample[] {
    const left = this.look()
    this.#options.vitals.close()
    this.#options.shares.close()
    return left
  }
}

/** What Node knows of a process, as differences. */
export interface Vitals {
  /** Share of a core that it has used since the last look. It then begins or ends to watch the event loop. */
  look(): number
  take(): ProcessSample
  close(): void
}

/**
 * How late the event loop is is seen by a timer of its own, a fiftieth of a second, which costs 2 ms a second: as much as all else that an idle process
 * does. So it runs where the loop was in use for this share of the time since the last look; a loop that is free for longer is late by nothing worth telling.
 */
const DELAY_RESOLUTION_MS = 20
const WATCHED_SHARE = 0.1
/** Below this share of a core a process does nothing worth telling. */
const IDLE_SHARE = 0.01

export class NodeVitals implements Vitals {
  readonly #delay: ReturnType<typeof monitorEventLoopDelay>
  readonly #collections: PerformanceObserver
  readonly #startUs = cpuUs()
  #toldUs = this.#startUs
  #looked = { atMs: systemClock.now(), cpuUs: this.#startUs }
  /** Of the loop's thread, where a look has just asked. */
  #busyMs: number | undefined
  readonly #active = new Activity()
  /** Between looks at which the process had run. */
  readonly #activeLately = new Activity()
  #gcMs = 0

  constructor() {
    this.#delay = monitorEventLoopDelay({ resolution: DELAY_RESOLUTION_MS })
    this.#collections = new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) this.#gcMs += duration
    })
    this.#collections.observe({ entryTypes: ['gc'] })
  }

  look(): number {
    const [before, now] = [this.#looked, { atMs: systemClock.now(), cpuUs: cpuUs() }]
    this.#looked = now
    const share = (now.cpuUs - before.cpuUs) / 1e3 / (now.atMs - before.atMs) || 0
    // What has hardly run isn't asked what it has waited for: that takes a file of the kernel's.
    this.#busyMs = share > IDLE_SHARE ? loopBusyMs() : undefined
    if (this.#busyMs !== undefined && this.#activeLately.take(this.#busyMs) >= WATCHED_SHARE) this.#delay.enable()
    else this.#delay.disable()
    return share
  }

  take(): ProcessSample {
    const used = cpuUs()
    const { rss, heapUsed } = process.memoryUsage()
    const sample = {
      cpuUs: used - this.#toldUs,
      active: this.#active.take(this.#busyMs ?? loopBusyMs()),
      ...this.#takeDelay(),
      rssBytes: rss,
      heapBytes: heapUsed,
      gcUs: Math.round(this.#gcMs * 1e3),
      startUs: this.#startUs,
    }
    this.#toldUs = used
    this.#busyMs = undefined
    this.#gcMs = 0
    return sample
  }

  /** A histogram is slow to read: 60 µs in a process that seldom does, of the 400 that all of it took. */
  #takeDelay(): Pick<ProcessSample, 'delayUsP50' | 'delayUsP99' | 'delayUsMax'> {
    if (this.#delay.count === 0) return { delayUsP50: 0, delayUsP99: 0, delayUsMax: 0 }
    const [delayUsP50, delayUsP99, delayUsMax] = [
      delayUs(this.#delay.percentile(50)),
      delayUs(this.#delay.percentile(99)),
      delayUs(this.#delay.max),
    ]
    this.#delay.reset()
    return { delayUsP50, delayUsP99, delayUsMax }
  }

  close(): void {
    this.#delay.disable()
    this.#collections.disconnect()
  }
}

function delayUs(ns: number): number {
  return Math.max(0, Math.round((Number.isFinite(ns) ? ns : 0) / 1e3 - DELAY_RESOLUTION_MS * 1e3))
}

/** Of the process, all threads. */
function cpuUs(): number {
  const { user, system } = process.cpuUsage()
  return user + system
}

/** Share of the time since it was asked last in which the loop was busy. */
class Activity {
  #atMs = systemClock.now()
  #busyMs = loopBusyMs()

  take(busyMs: number): number {
    const atMs = systemClock.now()
    const share = (busyMs - this.#busyMs) / (atMs - this.#atMs)
    this.#atMs = atMs
    this.#busyMs = busyMs
    return Math.min(1, Math.max(0, share || 0))
  }
}
