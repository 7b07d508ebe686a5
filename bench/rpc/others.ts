/**
 * Whether a sample was taken while others had the machine: what all processes used of its cores meanwhile, less what ours did, and what the
 * hypervisor kept. From /proc/stat, in ticks of 10 ms; elsewhere than on Linux nothing is known, and every sample counts.
 */
import { existsSync, readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'

const STAT = '/proc/stat'
/** Of all cores together. Two kernel threads and the bench itself take about a hundredth. */
const SHARE_MAX = 0.04

/** Milliseconds of all cores that were used, and stolen, so far. */
function usedMs(): number {
  const [user, nice, system, , , irq, softirq, steal] = readFileSync(STAT, 'utf8')
    .split('\n')[0]!
    .split(/\s+/)
    .slice(1)
    .map(Number)
  return (user! + nice! + system! + irq! + softirq! + steal!) * 10
}

export class Others {
  #used = 0
  #start = 0

  begin(): void {
    this.#start = performance.now()
    if (existsSync(STAT)) this.#used = usedMs()
  }

  /** Since `begin`; `oursMs`: CPU of the processes that were measured. */
  wereBusy(oursMs: number): boolean {
    if (!existsSync(STAT)) return false
    const all = (performance.now() - this.#start) * availableParallelism()
    return usedMs() - this.#used - oursMs > all * SHARE_MAX
  }
}
