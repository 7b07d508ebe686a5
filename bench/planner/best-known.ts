/**
 * `node bench/planner/best-known.ts [kind] [size] [steps] [seed]`: a long run of the planner's search, several times what a plan takes. What is cheaper than all
 * before is kept in best-known.json, with how it was got.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { KINDS, type Kind } from '../../test/planner/graphs.ts'
import { requestFor, SIZES, searchedCost } from './problems.ts'

const FILE = join(import.meta.dirname, 'best-known.json')
const [kind = 'all', size = 'all', steps = '40000', seed = '1'] = process.argv.slice(2)

type BestKnown = Record<string, { cost: number; how: string }>

for (const each of kind === 'all' ? KINDS : [kind as Kind]) {
  for (const components of size === 'all' ? SIZES : [Number(size)]) {
    const began = performance.now()
    const cost = searchedCost(requestFor(each, components), Number(seed), Number(steps))
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
