/**
 * What the event loop's thread was busy for. Not what Node says (`eventLoopUtilization`): each signal that ends a wait early makes it forget that
 * there was one, and V8 samples stacks by signals (inspector.ts), so that an idle process would be said to be busy for a fifth to all of its time. Linux knows:
 * the thread has run, or wanted to and had no core. Elsewhere V8 samples without signals, and Node is right.
 */
import { readFileSync } from 'node:fs'
import { systemClock } from '../clock.ts'

/** Of the thread that leads the process, which is the loop's: nanoseconds on a core, nanoseconds that it waited for one, times it got one. */
const SCHEDULED = '/proc/self/schedstat'

/** Milliseconds since the process began. */
export interface Scheduled {
  ranMs: number
  /** For a core. */
  waitedMs: number
}

/** Undefined on another system, or with a kernel that was built without, which has no such file or has zeros in it. */
export function scheduled(): Scheduled | undefined {
  try {
    const [ranNs, waitedNs] = readFileSync(SCHEDULED, 'latin1').split(' ').map(Number) as [number, number]
    return ranNs > 0 ? { ranMs: ranNs / 1e6, waitedMs: waitedNs / 1e6 } : undefined
  } catch {
    return undefined
  }
}

/** Milliseconds; it begins anywhere. Where it is blocked in synchronous waits only stacks tell (shares.ts). */
export function loopBusyMs(): number {
  const known = scheduled()
  return known === undefined ? systemClock.busy() : known.ranMs + known.waitedMs
}
