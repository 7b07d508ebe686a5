/** The graphs that the planner is measured on, and the rules: those of a deployment, on as many machines as it takes. */
import { type Compiled, compile } from '../../deployer/planner/compile.ts'
import { PLAN_RULES } from '../../deployer/planner/defaults.ts'
import { Grouping } from '../../deployer/planner/grouping.ts'
import { generate, type Kind } from '../../test/planner/graphs.ts'

export const SIZES = [1_000, 10_000] as const

export function compiledFor(kind: Kind, size: number): Compiled {
  const limits = { ...PLAN_RULES.limits, processesMax: 100_000 }
  return compile(generate(kind, size, 1), { ...PLAN_RULES, limits }, [])
}

/** What a grouping costs beside the components' own work. */
export function costOf({ problem, constant }: Compiled, groupOf: Int32Array): number {
  return constant + new Grouping(problem, groupOf.slice()).total
}
