/**
 * Which rules a placement breaks. In: graph, rules, placement, and what its groups are predicted to need. Out: sentences, and how many of
 * them are about pins.
 */
import { shortName } from '../../runtime/names.ts'
import { mebibytes, percent } from './figures.ts'
import type { CallGraph, ComponentLoad, GroupPrediction, Placement, PlanRules } from './model.ts'
import { pinsBroken } from './pins.ts'

export interface BrokenRules {
  sentences: string[]
  pins: number
}

export function brokenRules(
  graph: CallGraph,
  rules: PlanRules,
  placement: Placement,
  groups: readonly GroupPrediction[],
): BrokenRules {
  const pins = [...pinsBroken(rules.pins, placement)]
  const components = new Map(graph.components.map((component) => [component.name, component]))
  const limits = groups.flatMap((group) => [
    ...limitsBroken(
      group.components.map((name) => components.get(name)!),
      rules,
      group,
    ),
  ])
  const processes = groups.reduce((total, { replicas }) => total + replicas, 0)
  if (processes > rules.limits.processesMax)
    limits.push(`It takes ${processes} processes; there may be ${rules.limits.processesMax}.`)
  return { sentences: [...pins, ...limits], pins: pins.length }
}

function* limitsBroken(
  members: readonly ComponentLoad[],
  { limits }: PlanRules,
  group: GroupPrediction,
): Generator<string> {
  const { name, replicas, utilisation, memoryBytes } = group
  const max = Math.min(limits.replicasMax, ...members.map(({ replicasMax }) => replicasMax ?? limits.replicasMax))
  const min = Math.max(...members.map(({ replicasMin }) => replicasMin ?? 1))
  const narrowest = members.find(({ replicasMax }) => replicasMax === max)
  if (utilisation > limits.utilisationMax * (1 + 1e-9)) {
    const why =
      narrowest === undefined
        ? `at most ${max} replicas may run`
        : `${shortName(narrowest.name)} allows ${max === 1 ? 'no second replica' : `${max} replicas`}`
    yield `${name} is ${percent(utilisation)} busy, over the bound of ${percent(limits.utilisationMax)}, and ${why}.`
  }
  if (memoryBytes > limits.memoryBytesMax * (1 + 1e-9))
    yield `${name} takes ${mebibytes(memoryBytes)} a process; it may take ${mebibytes(limits.memoryBytesMax)}.`
  if (min > max) {
    const most = members.find(({ replicasMin }) => replicasMin === min)!
    yield `${shortName(most.name)} asks for ${min} replicas in ${name}, where ${narrowest === undefined ? 'the limit' : shortName(narrowest.name)} allows ${max}; yet ${replicas} would run.`
  }
}
