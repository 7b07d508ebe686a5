/**
 * How well an application does, as one number: what a request costs. In: what was measured in a window, or what the planner predicts. Out:
 * CPU and latency of a request, and whether one window was worse than another or only different.
 */

import { corrected } from '../planner/corrected.ts'
import type { CallGraph, Prediction, Weights } from '../planner/model.ts'

export interface Outcome {
  requestsPerSecond: number
  /** Of all processes together. */
  cpuMsPerRequest: number
  /** Mean over all entry points; null where nobody measures it. */
  latencyMs: number | null
}

/** A request costs so much more than before that noise doesn't explain it: windows of ten seconds differ by some per cent by themselves. */
const WORSE_SHARE = 0.1
/** More than that is not the same load any more: waiting and idle time are other than they were. */
const COMPARABLE_SHARE = 0.3

/** `cpuMsPerSecond`: of all processes. */
export function measured({ entries }: CallGraph, cpuMsPerSecond: number): Outcome {
  const requestsPerSecond = entries.reduce((sum, entry) => sum + entry.requestsPerSecond, 0)
  const timed = entries.flatMap(({ meanMs, requestsPerSecond: rate }) =>
    meanMs === undefined ? [] : [{ ms: meanMs, rate }],
  )
  return { requestsPerSecond, cpuMsPerRequest: perRequest(cpuMsPerSecond, requestsPerSecond), latencyMs: meanOf(timed) }
}

/** What was measured, changed by as much as the planner says that a change of placement changes it: its own errors are in both, and most of them cancel out. */
export function predicted(before: Outcome, today: Prediction, changed: Prediction): Outcome {
  const latency = (prediction: Prediction) =>
    meanOf(
      prediction.entries.map(({ latencyMs, requestsPerSecond }) => ({ ms: latencyMs, rate: requestsPerSecond })),
    ) ?? 0
  const cpuMs = perRequest(changed.cpuMsPerSecond - today.cpuMsPerSecond, before.requestsPerSecond)
  return {
    requestsPerSecond: before.requestsPerSecond,
    cpuMsPerRequest: Math.max(0, before.cpuMsPerRequest + cpuMs),
    latencyMs: before.latencyMs === null ? null : corrected(latency(changed), latency(today), before.latencyMs),
  }
}

/** In milliseconds of CPU a request; latency counts by its weight, as the planner counts it. */
export function costOf({ cpuMsPerRequest, latencyMs }: Outcome, { latency }: Pick<Weights, 'latency'>): number {
  return cpuMsPerRequest + latency * (latencyMs ?? 0)
}

export type Verdict = 'better' | 'as good' | 'worse' | 'not comparable'

export function compare(before: Outcome, after: Outcome, weights: Pick<Weights, 'latency'>): Verdict {
  if (before.requestsPerSecond === 0 || after.requestsPerSecond === 0) return 'not comparable'
  const rate = after.requestsPerSecond / before.requestsPerSecond
  const isSteady = rate <= 1 + COMPARABLE_SHARE && rate >= 1 / (1 + COMPARABLE_SHARE)
  if (!isSteady && !isOfCallers(before, after, rate)) return 'not comparable'
  const ratio = costOf(after, weights) / costOf(before, weights)
  return ratio > 1 + WORSE_SHARE ? 'worse' : ratio < 1 ? 'better' : 'as good'
}

/**
 * Whether the rate is another because callers wait for their answers, and get them sooner or later than before: then that is the placement's doing. Requests
 * that are under way at once, rate × latency (Little), stay as many in a loop without pauses, and with pauses become fewer as the rate rises. Load from outside
 * moves both the same way.
 */
function isOfCallers(before: Outcome, after: Outcome, rate: number): boolean {
  if (!before.latencyMs || !after.latencyMs) return false
  const underWay = rate * (after.latencyMs / before.latencyMs)
  return rate > 1 ? underWay < 1 + COMPARABLE_SHARE : underWay > 1 / (1 + COMPARABLE_SHARE)
}

function perRequest(cpuMsPerSecond: number, requestsPerSecond: number): number {
  return requestsPerSecond === 0 ? 0 : cpuMsPerSecond / requestsPerSecond
}

function meanOf(values: { ms: number; rate: number }[]): number | null {
  const rates = values.reduce((sum, { rate }) => sum + rate, 0)
  return rates === 0 ? null : values.reduce((sum, { ms, rate }) => sum + ms * rate, 0) / rates
}
