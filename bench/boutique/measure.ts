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

/**
 * The highest rate of pages at which p99 stays below `p99MaxMs` and nothing fails, to a tenth: the rate of visits is doubled until it isn't held, and what is
 * between is then halved three times. 0 when `from` isn't held.
 */
export async function rateHeld(running: Running, from: number, p99MaxMs: number, seconds: number): Promise<number> {
  /** Pages a second; undefined when it isn't held twice, since one bad second of the machine fails one. */
  const holds = async (visits: number): Promise<number | undefined> => {
    for (let attempt = 0; attempt < 2; attempt++) {
      const { p99Ms, failed, rate } = await sample(running, visits, seconds)
      if (p99Ms < p99MaxMs && failed === 0) return rate
    }
    return undefined
  }
  let [held, step] = [0, 2]
  let visits = from
  for (let pages = await holds(visits); pages !== undefined; pages = await holds(visits)) {
    held = pages
    visits *= step
  }
  for (let halved = 0; held > 0 && halved < 3; halved++) {
    step = Math.sqrt(step)
    const pages = await holds(visits / step)
    if (pages === undefined) visits /= step
    else held = pages
  }
  return held
}

/** Milliseconds that a fixed piece of work takes: how fast the machine is just now. */
export function machineMs(): number {
  const begun = performance.now()
  const block = Buffer.alloc(2 ** 20)
  for (let index = 0; index < 50; index++) createHash('sha256').update(block).digest()
  return performance.now() - begun
}
