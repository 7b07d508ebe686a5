/**
 * How long a plan takes and how good it is, on generated call graphs of 1,000 and 10,000 components that begin apart: the whole of `propose`, with what its moves
 * are held back for, beside the best cost that is known (bench/planner/best-known.json, from far longer searches). Guards deployer/planner/grouping.ts.
 *
 *   node bench/plan.bench.ts [size]
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { propose } from '../deployer/planner/propose.ts'
import { KINDS } from '../test/planner/graphs.ts'
import { costToday, requestFor, SIZES } from './planner/problems.ts'

const SEEDS: Record<number, readonly number[]> = { 1000: [11, 12, 13], 10000: [11] }
const known = JSON.parse(readFileSync(join(import.meta.dirname, 'planner', 'best-known.json'), 'utf8')) as Record<
  string,
  { cost: number }
>
const [only] = process.argv.slice(2)

console.log(
  '| graph | components | seconds, median and longest | today | plan | best known | above it, worst |\n| --- | ---: | ---: | ---: | ---: | ---: | ---: |',
)
for (const size of SIZES.filter((each) => only === undefined || each === Number(only))) {
  for (const kind of KINDS) {
    const request = requestFor(kind, size)
    const runs = SEEDS[size]!.map((seed) => {
      const began = performance.now()
      const { proposed } = propose({ ...request, seed })
      return { seconds: (performance.now() - began) / 1000, cost: proposed.cost.total }
    })
    const best = known[`${kind} ${size}`]!.cost
    const seconds = runs.map((run) => run.seconds).sort((a, b) => a - b)
    const cost = runs.map((run) => run.cost).sort((a, b) => a - b)
    const cells = [
      `${seconds[seconds.length >> 1]!.toFixed(1)}, ${seconds.at(-1)!.toFixed(1)}`,
      costToday(request).toFixed(0),
      cost[cost.length >> 1]!.toFixed(0),
      best.toFixed(0),
      `${((cost.at(-1)! / best - 1) * 100).toFixed(1)} %`,
    ]
    console.log(`| ${kind} | ${size} | ${cells.join(' | ')} |`)
  }
}
