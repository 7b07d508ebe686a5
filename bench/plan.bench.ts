/**
 * How long a plan takes and how good it is, on generated call graphs of 1,000 and 10,000 components: time of compiling and searching, cost beside
 * the best that is known (bench/planner/best-known.json, from runs forty times as long). Guards deployer/planner/grouping.ts.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { stepsFor } from '../deployer/planner/candidates.ts'
import { search } from '../deployer/planner/search.ts'
import { KINDS } from '../test/planner/graphs.ts'
import type { BestKnown } from './planner/best-known.ts'
import { compiledFor, costOf, SIZES } from './planner/problems.ts'

const SEEDS = [11, 12, 13]
const known = JSON.parse(readFileSync(join(import.meta.dirname, 'planner', 'best-known.json'), 'utf8')) as BestKnown

console.log(
  '| graph | components | seconds | cost | best known | above it, worst of 3 seeds |\n| --- | ---: | ---: | ---: | ---: | ---: |',
)
for (const size of SIZES) {
  for (const kind of KINDS) {
    const runs = SEEDS.map((seed) => {
      const began = performance.now()
      const compiled = compiledFor(kind, size)
      const groupOf = search(compiled.problem, { seed, steps: stepsFor(size) })
      return { seconds: (performance.now() - began) / 1000, cost: costOf(compiled, groupOf) }
    })
    const best = known[`${kind} ${size}`]!.cost
    const seconds = runs.map((run) => run.seconds).sort((a, b) => a - b)[1]!
    const cost = runs.map((run) => run.cost).sort((a, b) => a - b)
    const above = ((cost.at(-1)! / best - 1) * 100).toFixed(1)
    console.log(
      `| ${kind} | ${size} | ${seconds.toFixed(1)} | ${cost[1]!.toFixed(0)} | ${best.toFixed(0)} | ${above} % |`,
    )
  }
}
