/**
 * `node bench/planner/best-known.ts [kind] [size] [steps] [seed]`: a long run of the planner's search, forty times what a plan takes, and more than one of them
 * by other seeds. What is cheaper than all before is kept in best-known.json, with how it was got.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { search } from '../../deployer/planner/search.ts'
import { KINDS, type Kind } from '../../test/planner/graphs.ts'
import { compiledFor, costOf, SIZES } from './problems.ts'

const FILE = join(import.meta.dirname, 'best-known.json')
const [kind, size, steps = '40000', seed = '1'] = process.argv.slice(2)

export type BestKnown = Record<string, { cost: number; how: string }>

for (const each of kind === undefined ? KINDS : [kind as Kind]) {
  for (const components of size === undefined ? SIZES : [Number(size)]) {
    const compiled = compiledFor(each, components)
    const began = performance.now()
    const cost = costOf(compiled, search(compiled.problem, { seed: Number(seed), steps: Number(steps) }))
    const seconds = (performance.now() - began) / 1000
    const known = JSON.parse(readFileSync(FILE, 'utf8')) as BestKnown
    const name = `${each} ${components}`
    const before = known[name]?.cost
    console.log(`${name}: ${cost.toFixed(1)} in ${seconds.toFixed(0)} s; best known ${before?.toFixed(1) ?? 'none'}`)
    if (before !== undefined && before <= cost) continue
    known[name] = { cost: Number(cost.toFixed(1)), how: `search, seed ${seed}, ${steps} steps` }
    const sorted = Object.fromEntries(Object.entries(known).sort(([a], [b]) => (a < b ? -1 : 1)))
    writeFileSync(FILE, `${JSON.stringify(sorted, null, 2)}\n`)
  }
}
