/**
 * What the benches claim, as ratios of two things that took turns in the same rounds: a machine that is slow today is slow for both. Each bench says its
 * own by `claim`; bench/run.ts collects them, and holds them to those of bench/baseline.json when it is asked to.
 */
import { appendFileSync } from 'node:fs'

/** Where `claim` writes to: a JSON line each. Set by bench/run.ts; a bench that is run by itself has its tables only. */
export const ENV_RATIOS = 'WEAVE_BENCH_RATIOS'

export interface Ratio {
  name: string
  /** How many times better ours is; more is better. The median of the rounds. */
  times: number
  /** 10th and 90th percentile of the rounds. */
  low: number
  high: number
}

/** `ours` and `theirs` are costs (times, CPU), one of each a round. */
export function claim(name: string, ours: readonly number[], theirs: readonly number[]): void {
  const file = process.env[ENV_RATIOS]
  if (file === undefined) return
  const rounds = ours.map((cost, round) => theirs[round]! / cost).sort((a, b) => a - b)
  const quantile = (q: number) => rounds[Math.floor((rounds.length - 1) * q)]!
  const ratio: Ratio = { name, times: quantile(0.5), low: quantile(0.1), high: quantile(0.9) }
  appendFileSync(file, `${JSON.stringify(ratio)}\n`)
}

/** Those of one name, from several processes, as one: the median of theirs, from the least to the greatest of what theirs say. */
export function joined(ratios: readonly Ratio[]): Ratio[] {
  return [...Map.groupBy(ratios, ({ name }) => name)].map(([name, each]) => {
    const times = each.map((ratio) => ratio.times).sort((a, b) => a - b)
    const low = Math.min(...each.map((ratio) => ratio.low))
    const high = Math.max(...each.map((ratio) => ratio.high))
    return { name, times: times[Math.floor((times.length - 1) / 2)]!, low, high }
  })
}

/** Differences that small are never held against a change, whatever the rounds say: code lands elsewhere in memory. */
const TOLERANCE = 0.1

/**
 * Whether `now` is worse than `before` by more than both of them vary by themselves: its median is, and even its good rounds don't reach what was usual. The
 * second is for latencies at a high quantile, of which one run has few.
 */
export function isWorse(now: Ratio, before: Ratio): boolean {
  const noise = Math.max(TOLERANCE, downward(now), downward(before))
  return now.times < before.times * (1 - noise) && now.high < before.times
}

function downward({ times, low }: Ratio): number {
  return (times - low) / times
}
