/** What another placement could gain at most is never less than what the best of them gains: where nothing is left to gain, today's is the best. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { PLAN_RULES } from '../../deployer/planner/defaults.ts'
import { predict } from '../../deployer/planner/predict.ts'
import { roomToGain } from '../../deployer/planner/room.ts'
import { generate, KINDS } from './graphs.ts'
import { partitions, placementOf } from './partitions.ts'

const SIZE = 5

test('of all placements none gains more than there is room for', () => {
  const all = [...partitions(SIZE)]
  let without = 0
  fc.assert(
    fc.property(
      fc.constantFrom(...KINDS),
      fc.nat(1_000_000),
      fc.constantFrom(0.01, 0.1, 1, 8, 25),
      // The first is all together.
      fc.oneof(fc.constant(0), fc.nat(all.length - 1)),
      fc.boolean(),
      (kind, seed, load, at, isPinned) => {
        const graph = generate(kind, SIZE, seed)
        for (const component of graph.components) component.cpuMsPerSecond *= load
        for (const edge of graph.edges) edge.callsPerSecond *= load
        for (const entry of graph.entries) entry.requestsPerSecond *= load
        const apart = isPinned ? [graph.components.slice(0, 2).map(({ name }) => name)] : []
        const rules = { ...PLAN_RULES, pins: { ...PLAN_RULES.pins, apart } }
        const placed = (groupOf: readonly number[]) =>
          placementOf(graph.components.map(({ name }, v) => [name, groupOf[v]!]))
        const today = placed(all[at]!)
        const costs = all.map((groupOf) => predict(graph, rules, placed(groupOf)).cost.total)
        const best = Math.min(...costs.filter((_, place) => place !== at))
        const room = roomToGain({ graph, rules, today })
        if (room <= 0) without++
        expect(room).toBeGreaterThanOrEqual(costs[at]! - best - 1e-6 * Math.abs(costs[at]!))
      },
    ),
    { numRuns: 300, seed: 5 },
  )
  // The bound is of use: under little load all together has none.
  expect(without).toBeGreaterThan(30)
})
