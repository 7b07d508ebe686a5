/** On small graphs the search finds what trying everything finds, and its sums are those of the prediction. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { stepsFor } from '../../deployer/planner/candidates.ts'
import { compile } from '../../deployer/planner/compile.ts'
import { PLAN_RULES } from '../../deployer/planner/defaults.ts'
import { exact } from '../../deployer/planner/exact.ts'
import { Grouping } from '../../deployer/planner/grouping.ts'
import type { CallGraph, Placement, PlanRules } from '../../deployer/planner/model.ts'
import { multilevel } from '../../deployer/planner/multilevel.ts'
import { predict } from '../../deployer/planner/predict.ts'
import { Random } from '../../deployer/planner/random.ts'
import { rebuild } from '../../deployer/planner/rebuild.ts'
import { search } from '../../deployer/planner/search.ts'
import { generate, KINDS, nameOf } from './graphs.ts'
import { partitions, placementOf } from './partitions.ts'

/** Graphs that are busy enough for rules to bind: of a dozen components some fill a process each. */
const problems = (sizeMax: number) =>
  fc
    .record({
      kind: fc.constantFrom(...KINDS),
      size: fc.integer({ min: 2, max: sizeMax }),
      seed: fc.integer({ min: 0, max: 1_000_000 }),
      load: fc.constantFrom(1, 8, 25),
      pinned: fc.constantFrom('nothing', 'together', 'apart', 'alone', 'replicas'),
      processesMax: fc.constantFrom(2, 4, 500),
    })
    .map(({ kind, size, seed, load, pinned, processesMax }) => {
      const graph = generate(kind, size, seed)
      for (const component of graph.components) component.cpuMsPerSecond *= load
      if (pinned === 'replicas') graph.components[0]!.replicasMin = 2
      const pair = [nameOf(0), nameOf(size - 1)]
      const rules: PlanRules = {
        ...PLAN_RULES,
        limits: { ...PLAN_RULES.limits, processesMax, replicasMax: 6 },
        pins: {
          together: pinned === 'together' ? [pair] : [],
          apart: pinned === 'apart' ? [pair] : [],
          alone: pinned === 'alone' ? [nameOf(0)] : [],
        },
      }
      return { graph, rules }
    })

function placementFor(graph: CallGraph, nodeOf: Int32Array, groupOf: Int32Array): Placement {
  return placementOf(graph.components.map(({ name }, v) => [name, groupOf[nodeOf[v]!]!]))
}

describe('the search', () => {
  test('its total is the predicted cost, for any grouping', () => {
    fc.assert(
      fc.property(problems(14), fc.nat(), ({ graph, rules }, seed) => {
        const random = new Random(seed)
        const { problem, nodeOf, constant } = compile(graph, rules, [])
        const groupOf = Int32Array.from({ length: problem.size }, () => random.below(problem.size))
        const grouping = new Grouping(problem, groupOf)
        // Also after moves, which keep the sums up to date.
        for (let i = 0; i < 20; i++) {
          const [v, g] = [random.below(problem.size), random.below(problem.size)]
          if (g === grouping.groupOf[v]) continue
          grouping.look(v)
          const expected = grouping.total - grouping.leaving(v) + grouping.joining(v, g)
          grouping.move(v, g)
          expect(close(grouping.total, expected)).toBe(true)
        }
        const { cost } = predict(
          graph,
          { ...rules, limits: { ...rules.limits, processesMax: 1e6 } },
          placementFor(graph, nodeOf, grouping.groupOf),
        )
        expect(close(constant + grouping.total, cost.total)).toBe(true)
      }),
      { numRuns: 150 },
    )
  })

  test('up to ten components: no placement is cheaper', () => {
    fc.assert(
      fc.property(problems(7), ({ graph, rules }) => {
        const { problem, nodeOf } = compile(graph, rules, [])
        const found = predict(graph, rules, placementFor(graph, nodeOf, search(problem, { seed: 1, steps: 10 })))
        let best = Number.POSITIVE_INFINITY
        for (const groupOf of partitions(graph.components.length)) {
          const placement = placementOf(graph.components.map(({ name }, v) => [name, groupOf[v]!]))
          best = Math.min(best, predict(graph, rules, placement).cost.total)
        }
        expect(found.cost.total).toBeLessThanOrEqual(best + 1e-6 * Math.abs(best))
      }),
      { numRuns: 40 },
    )
  })

  // Fourteen: up to thirteen a plan doesn't use them. Ten seconds of CPU, which may be minutes of a machine that is busy.
  test('the heuristics alone miss the optimum of fourteen components seldom, and by 1 % at most', () => {
    let missed = 0
    for (let seed = 0; seed < 100; seed++) {
      const graph = generate(KINDS[seed % KINDS.length]!, 14, seed)
      for (const component of graph.components) component.cpuMsPerSecond *= 1 + (seed % 20)
      const { problem, constant } = compile(graph, PLAN_RULES, [])
      const best = constant + new Grouping(problem, exact(problem)).total
      const random = new Random(seed)
      const found = multilevel(problem, random)
      rebuild(found, random, stepsFor(14))
      const cost = constant + found.total
      expect(cost).toBeGreaterThanOrEqual(best - 1e-6)
      expect(cost / best).toBeLessThan(1.01)
      if (cost > best + 1e-6) missed++
    }
    expect(missed).toBeLessThanOrEqual(3)
  }, 300_000)
})

function close(a: number, b: number): boolean {
  return Math.abs(a - b) <= 1e-6 + 1e-9 * Math.max(Math.abs(a), Math.abs(b))
}
