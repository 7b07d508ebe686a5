/**
 * The measured call graph of one deployment. In: samples of its processes, as they come. Out: what they come to over a window of time. Kept by
 * second for a quarter of an hour and by minute for a day, as bytes, whose number is bounded too: the oldest go first.
 *
 * Samples hold differences, so a process that begins again, and counts from nothing, is no special case; edges go by the names of components,
 * wherever these are, so what moves keeps its history, and replicas are added up.
 */
import { type Clock, type Timer, untilTurn } from '../../runtime/clock.ts'
import { DEPLOYER_LIMITS } from '../limits.ts'
import { readFrame, writeFrame } from './frame.ts'
import { Names } from './names.ts'
import type { EdgeRow, MethodRow, ReadSample } from './read.ts'
import { CHILD_SUMS, childOf, EDGE_SUMS, METHOD_SUMS, plus, Totals } from './totals.ts'

interface Frame {
  /** When it was complete. */
  atMs: number
  bytes: Uint8Array
}

export interface StoreOptions {
  /** Of seconds, and again of minutes. */
  bytesMax?: number
  /** Another one is complete. */
  onSecond?: () => void
}

export class GraphStore {
  readonly edges = new Names()
  readonly methods = new Names()
  readonly components = new Names()
  readonly processes = new Names()
  readonly #clock: Clock
  readonly #onSecond: () => void
  readonly #seconds: Frames
  readonly #minutes: Frames
  #second = new Totals()
  #minute = new Totals()
  #sinceMs: number
  #timer: Timer

  constructor(clock: Clock, { bytesMax = DEPLOYER_LIMITS.graphBytesMax, onSecond = () => {} }: StoreOptions = {}) {
    this.#clock = clock
    this.#onSecond = onSecond
    this.#seconds = new Frames(DEPLOYER_LIMITS.graphSeconds, bytesMax)
    this.#minutes = new Frames(DEPLOYER_LIMITS.graphMinutes, bytesMax)
    this.#sinceMs = clock.now()
    this.#timer = this.#tick()
  }

  #tick(): Timer {
    return this.#clock
      .setTimeout(
        () => {
          this.#timer = this.#tick()
          this.#close()
          this.#onSecond()
        },
        untilTurn(this.#clock, SECOND_MS),
      )
      .unref()
  }

  /** A second has passed: it joins the others, and the minute. */
  #close(): void {
    const now = this.#clock.now()
    const second = this.#second
    second.close(now - this.#sinceMs)
    this.#sinceMs = now
    this.#second = new Totals()
    this.#seconds.push(now, second)
    this.#minute.add(second)
    if (this.#minute.ms < MINUTE_MS) return
    this.#minutes.push(now, this.#minute)
    this.#minute = new Totals()
  }

  take(process: string, sample: ReadSample): void {
    const number = this.processes.number(process)
    if (number === undefined) return
    for (const row of sample.edges) this.#takeEdge(row)
    for (const row of sample.methods) this.#takeMethod(row)
    for (const { component, cpuUs, heapBytes } of sample.components) {
      const known = this.components.number(component)
      if (known === undefined) continue
      const totals = this.#second.component(known, number)
      totals.cpuUs += Math.round(cpuUs)
      totals.heapBytes = heapBytes
    }
    if (sample.process !== undefined) this.#takeProcess(number, sample.ms, sample.process)
  }

  #takeEdge(row: EdgeRow): void {
    const number = this.edges.number(row.caller, row.callee, row.method)
    if (number === undefined) return
    const { sums, latency } = this.#second.edge(number)
    plus(sums, row, EDGE_SUMS)
    for (let at = 0; at < row.latency.length; at += 2) latency[row.latency[at]!]! += row.latency[at + 1]!
  }

  #takeMethod(row: MethodRow): void {
    const number = this.methods.number(row.component, row.method)
    if (number === undefined) return
    const totals = this.#second.method(number)
    plus(totals.sums, row, METHOD_SUMS)
    for (const child of row.children) {
      const callee = this.methods.number(child.component, child.method)
      if (callee !== undefined) plus(childOf(totals, callee), child, CHILD_SUMS)
    }
  }

  #takeProcess(number: number, ms: number, sample: NonNullable<ReadSample['process']>): void {
    const totals = this.#second.process(number)
    totals.ms += Math.round(ms)
    totals.cpuUs += Math.round(sample.cpuUs)
    totals.activeMs += Math.round(sample.active * ms)
    totals.gcUs += Math.round(sample.gcUs)
    totals.delayUsP50Ms += Math.round(sample.delayUsP50 * ms)
    totals.delayUsP99Ms += Math.round(sample.delayUsP99 * ms)
    totals.delayUsMax = Math.max(totals.delayUsMax, Math.round(sample.delayUsMax))
    totals.rssBytes = sample.rssBytes
    totals.heapBytes = sample.heapBytes
    totals.startUs = sample.startUs
  }

  /** What came in the last `seconds`; by whole minutes where that is more than seconds are kept for. The second that runs isn't in it. */
  window(seconds: number): Totals {
    const totals = new Totals()
    const frames = seconds <= DEPLOYER_LIMITS.graphSeconds ? this.#seconds : this.#minutes
    const from = this.#clock.now() - seconds * SECOND_MS
    for (const frame of frames.since(from)) totals.add(readFrame(frame))
    if (frames === this.#minutes) totals.add(this.#minute)
    return totals
  }

  /** Of all that is kept. */
  get bytes(): number {
    return this.#seconds.bytes + this.#minutes.bytes
  }

  stop(): void {
    this.#timer.cancel()
  }
}

const SECOND_MS = 1_000
const MINUTE_MS = 60_000

/** The youngest frames, so many and of so many bytes. */
class Frames {
  readonly #framesMax: number
  readonly #bytesMax: number
  #frames: Frame[] = []
  bytes = 0

  constructor(framesMax: number, bytesMax: number) {
    this.#framesMax = framesMax
    this.#bytesMax = bytesMax
  }

  push(atMs: number, totals: Totals): void {
    const bytes = writeFrame(totals)
    this.#frames.push({ atMs, bytes })
    this.bytes += bytes.length
    while (this.#frames.length > this.#framesMax || this.bytes > this.#bytesMax) {
      this.bytes -= this.#frames.shift()!.bytes.length
    }
  }

  since(atMs: number): Uint8Array[] {
    return this.#frames.filter((frame) => frame.atMs > atMs).map(({ bytes }) => bytes)
  }
}
