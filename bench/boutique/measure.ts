/** One sample of a running variant: customers at a constant rate, and what the kernel counted of its processes meanwhile. */
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { LoadReport } from '../../fixtures/boutique/load/tally.ts'
import { usage } from './kernel.ts'
import type { Running } from './variants.ts'

const LOAD = join(import.meta.dirname, '..', '..', 'fixtures', 'boutique', 'load', 'main.ts')

export interface Sample {
  /** Of the pages that were asked for, a second. */
  rate: number
  /** From when a visit was meant to begin, so that a variant that falls behind can't hide it. */
  p50Ms: number
  p90Ms: number
  p99Ms: number
  /** Of all processes of the variant, for one page. */
  cpuMs: number
  /** Between processes, for one page. Of the calls part only: over HTTP it can't be told from what browsers send. */
  bytes: number
  memoryMiB: number
  failed: number
}

export async function sample(running: Running, visitsPerSecond: number, seconds: number): Promise<Sample> {
  const pids = running.pids()
  const before = usage(pids)
  const { total, pagesPerSecond } = await load(running, visitsPerSecond, seconds)
  // What has been used by a process that is gone can't be read: a shop that moves something meanwhile is measured again.
  if (String(running.pids()) !== String(pids)) return sample(running, visitsPerSecond, seconds)
  const after = usage(pids)
  return {
    rate: pagesPerSecond,
    p50Ms: total.p50Ms,
    p90Ms: total.p90Ms,
    p99Ms: total.p99Ms,
    cpuMs: (after.cpuMs - before.cpuMs) / total.count,
    bytes: (after.bytesRead - before.bytesRead) / total.count,
    memoryMiB: after.memoryBytes / 2 ** 20,
    failed: total.errors,
  }
}

/** Customers at a constant rate of visits. */
export async function load(running: Running, rate: number, seconds: number): Promise<LoadReport> {
  if (running.url === undefined) return running.calls({ rate, seconds })
  const flags = ['--target', running.url, '--rate', `${rate}`, '--arrivals', 'fixed', '--duration', `${seconds}`]
  const { stdout } = await promisify(execFile)(process.execPath, [LOAD, ...flags, '--max-errors', '1', '--json'], {
    maxBuffer: 64 * 2 ** 20,
  })
  return JSON.parse(stdout) as LoadReport
}

/** The highest rate that was held; zeroes when not even the first was. */
export interface Held {
  pagesPerSecond: number
  visits: number
}

/**
 * The highest rate at which p99 stays below `p99MaxMs` and nothing fails, to a tenth. From a rate of visits it goes up by `step` until one isn't held, or down
 * until one is; what is between is then halved until it is a tenth.
 */
export async function rateHeld(
  running: Running,
  from: { visits: number; step: number },
  p99MaxMs: number,
  seconds: number,
): Promise<Held> {
  /** Undefined when it isn't held twice, since one bad second of the machine fails one. */
  const holds = async (visits: number): Promise<Held | undefined> => {
    for (let attempt = 0; attempt < 2; attempt++) {
      const { p99Ms, failed, rate } = await sample(running, visits, seconds)
      if (p99Ms < p99MaxMs && failed === 0) return { pagesPerSecond: rate, visits }
    }
    return undefined
  }
  let { visits, step } = from
  let held = await holds(visits)
  if (held === undefined) {
    for (; held === undefined && visits > VISITS_MIN; visits /= step) held = await holds(visits / step)
    if (held === undefined) return { pagesPerSecond: 0, visits: 0 }
  } else
    for (let more = await holds(visits * step); more !== undefined; more = await holds(held.visits * step)) held = more
  for (; step > FINE; step = Math.sqrt(step)) held = (await holds(held.visits * Math.sqrt(step))) ?? held
  return held
}

const VISITS_MIN = 5
const FINE = 1.1

/** Milliseconds that a fixed piece of work takes: how fast the machine is just now. */
export function machineMs(): number {
  const begun = performance.now()
  const block = Buffer.alloc(2 ** 20)
  for (let index = 0; index < 50; index++) createHash('sha256').update(block).digest()
  return performance.now() - begun
}
