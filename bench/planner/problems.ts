/** The graphs that the planner is measured on, each component in a process of its own at first, and the rules: those of a deployment, on as many machines as it takes. */
import { compile } from '../../deployer/planner/compile.ts'
import { PLAN_RULES } from '../../deployer/planner/defaults.ts'
import { Grouping } from '../../deployer/planner/grouping.ts'
import type { PlanRequest } from '../../deployer/planner/model.ts'
import { predict } from '../../deployer/planner/predict.ts'
import { search } from '../../deployer/planner/search.ts'
import { generate, type Kind } from '../../test/planner/graphs.ts'

export const SIZES = [1_000, 10_000] as const

export function requestFor(kind: Kind, size: number): PlanRequest {
  const graph = generate(kind, size, 1)
  const limits = { ...PLAN_RULES.limits, processesMax: 100_000 }
  const today = graph.components.map(({ name }, v) => ({ name: `c${v}`, components: [name], replicas: 1 }))
  return { graph, rules: { ...PLAN_RULES, limits }, today }
}

/** Of today's placement, beside the components' own work. */
export function costToday({ graph, rules, today }: PlanRequest): number {
  return predict(graph, rules, today).cost.total
}

/** What the search alone finds, without regard to today's placement and what moves cost. */
export function searchedCost({ graph, rules }: PlanRequest, seed: number, steps: number): number {
  const { problem, constant } = compile(graph, rules, [])
  return constant + new Grouping(problem, search(problem, { seed, steps })).total
}
