/** What comes from a process is a sample, or nothing of it counts. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readSample } from '../../../deployer/graph/read.ts'
import { encodeSamples } from '../../../runtime/measure/sample.ts'
import { CART, edge, IDLE, SHOP, samples } from './samples.ts'

const children = [{ component: CART, method: 'add', calls: 2, totalMs: 4, criticalMs: 3 }]
const methods = [{ component: SHOP, method: 'page', calls: 1, totalMs: 5, ownMs: 2, children }]

test('a sample is read as it was sent', () => {
  const [sample] = samples({ begun: 12, edges: [edge({ calls: 7 })], methods })
  expect(sample).toMatchObject({
    ms: 1_000,
    process: IDLE,
    begun: 12,
    edges: [{ caller: SHOP, callee: CART, calls: 7 }],
  })
  const child = { component: CART, method: 'add', calls: 2, totalUs: 4_000, criticalUs: 3_000 }
  const method = { component: SHOP, method: 'page', calls: 1, totalUs: 5_000, ownUs: 2_000, children: [child] }
  expect(sample?.methods).toEqual([method])
})

test('rows beyond a line go in the next, and the time counts once', () => {
  const edges = Array.from({ length: 25 }, (_, index) => edge({ method: `m${index}` }))
  const all = samples({ edges }, 10)
  expect(all.map((sample) => [sample.ms, sample.process !== undefined, sample.edges.length])).toEqual([
    [1_000, true, 10],
    [0, false, 10],
    [0, false, 5],
  ])
})

test('what is no sample is refused, and never throws', () => {
  fc.assert(
    fc.property(fc.anything(), (value) => {
      expect(readSample(value)).toBeUndefined()
    }),
  )
  const taken = { ms: 1_000, process: IDLE, edges: [edge({ calls: 7 })], methods, components: [] }
  const good = encodeSamples(taken, 10)[0]!
  expect(readSample(good)).toBeDefined()
  const row = good.edges[0]!
  for (const bad of [
    { ...good, ms: -1 },
    { ...good, ms: '1000' },
    { ...good, begun: -1 },
    { ...good, names: undefined },
    { ...good, names: [1, 2, 3] },
    { ...good, edges: [[99, ...row.slice(1)]] },
    { ...good, edges: [row.slice(0, 11)] },
    { ...good, edges: [[...row, 5]] },
    { ...good, edges: [[...row, 1_000, 1]] },
    { ...good, edges: [row.with(3, -7)] },
    { ...good, edges: [row.with(3, Number.NaN)] },
    { ...good, methods: [[0, 1, 2]] },
    { ...good, methods: [[...good.methods[0]!, 0]] },
    { ...good, components: [[0, 1]] },
    { ...good, process: { cpuUs: 1 } },
    { ...good, process: null },
  ])
    expect(readSample(bad), JSON.stringify(bad)).toBeUndefined()
})
