/** Automatic placement of one deployment: the measured graph, the planner and the deployment's moves, put together. */
import type { Clock } from '../../runtime/clock.ts'
import type { Manifest } from '../../runtime/manifest.ts'
import type { DeployEvent } from '../events.ts'
import type { MeasuredGraph } from '../graph/measured.ts'
import type { MoveStatus } from '../moves/mover.ts'
import { whyFixed } from '../moves/wish.ts'
import { type Group, onlyOnce } from '../placement.ts'
import { PLAN_RULES } from '../planner/defaults.ts'
import type { CallGraph } from '../planner/model.ts'
import { predict } from '../planner/predict.ts'
import { propose } from '../planner/propose.ts'
import { Automatic } from './automatic.ts'

export interface AutomaticOfOptions {
  clock: Clock
  manifest: Manifest
  groups: readonly Group[]
  singletons: ReadonlySet<string>
  graph: MeasuredGraph
  move: (components: readonly string[], to: string) => Promise<MoveStatus>
  emit: (event: DeployEvent) => void
}

export function automaticOf(options: AutomaticOfOptions): Automatic {
  const { clock, groups, graph, move, emit } = options
  return new Automatic({
    clock,
    now: Date.now,
    rules: PLAN_RULES,
    groups,
    move,
    predict,
    plan: propose,
    graph: (seconds) => ({
      graph: withRules(graph.callGraph(seconds), options),
      cpuMsPerSecond: graph.report(seconds).processes.reduce((sum, { cpuMsPerSecond }) => sum + cpuMsPerSecond, 0),
    }),
    record: (trial) => emit({ type: 'trial', ...structuredClone(trial) }),
  })
}

/** What can't move stays, and what there may be one of has one replica, with all that share its process. */
function withRules(graph: CallGraph, { manifest, groups, singletons }: AutomaticOfOptions): CallGraph {
  const lists = groups.map(({ components }) => components)
  const isJob = onlyOnce(manifest, lists, new Set()).has(manifest.root)
  const components = graph.components.map((component) => ({
    ...component,
    ...(whyFixed(component.name, manifest) !== undefined && { fixed: true }),
    ...(((component.name === manifest.root && isJob) || singletons.has(component.name)) && { replicasMax: 1 }),
  }))
  return { ...graph, components }
}
