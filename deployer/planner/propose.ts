/**
 * The plan: from what was measured, the rules and today's placement to a placement that costs less, and why. In: a request that was checked
 * (check.ts). Out: a plan, which leaves everything where it is unless moves pay for themselves beyond doubt.
 *
 *   compile → candidates, without weak moves → the cheapest, named and predicted → a reason for each move
 */
import { candidatesOf } from './candidates.ts'
import { type Compiled, compile } from './compile.ts'
import { corrected } from './corrected.ts'
import type { Move, Placement, Plan, PlanRequest, Prediction } from './model.ts'
import { type NamedGroups, namedGroups } from './named-groups.ts'
import { predict } from './predict.ts'
import { reasonsFor } from './reasons.ts'
import type { NodeMove } from './steady.ts'
import { summaryOf, whyNot } from './verdict.ts'

export function propose(request: PlanRequest): Plan {
  const { graph, today } = request
  const compiled = compile(graph, request.rules, today)
  const { best, second, couldGain } = candidatesOf(request, compiled)
  const outlook = outlookOf(request)
  const chosen = namedGroups(compiled, best.groupOf, today)
  const [before, after] = [outlook(today), outlook(chosen.placement)]
  const moves = namedMoves(compiled, best.moves, chosen, today)
  for (const [place, reason] of reasonsFor(moves, { graph, before, after, rules: request.rules }).entries()) {
    moves[place]!.reason = reason
  }
  const plan: Plan = {
    today: before,
    proposed: after,
    placement: withReplicas(chosen.placement, after),
    moves,
    summary: summaryOf(before, after, moves, couldGain),
    runnerUp: undefined,
  }
  if (second === undefined) return plan
  const placement = namedGroups(compiled, second.groupOf, today).placement
  const prediction = outlook(placement)
  const why = whyNot(after, prediction, {
    isToday: second.moves.length === 0,
    moves: second.moves.length,
    free: moves.length === 0,
  })
  return { ...plan, runnerUp: { placement: withReplicas(placement, prediction), prediction, why } }
}

/** Predictions of placements, with latencies corrected by what the model is off for today's. */
export function outlookOf({ graph, rules, today }: PlanRequest): (placement: Placement) => Prediction {
  const now = predict(graph, rules, today)
  return (placement) => {
    const prediction = predict(graph, rules, placement)
    const entries = prediction.entries.map((entry, place) => ({
      ...entry,
      latencyMs: corrected(entry.latencyMs, now.entries[place]!.latencyMs, graph.entries[place]!.meanMs),
    }))
    return { ...prediction, entries }
  }
}

export function withReplicas(placement: Placement, { groups }: Prediction): Placement {
  return placement.map((group, place) => ({ ...group, replicas: groups[place]!.replicas }))
}

/** The most gainful first. */
function namedMoves(compiled: Compiled, moves: readonly NodeMove[], { names }: NamedGroups, today: Placement): Move[] {
  const componentsOf = (nodes: readonly number[]) => {
    const chosen = new Set(nodes)
    return compiled.components.filter((_, v) => chosen.has(compiled.nodeOf[v]!)).map(({ name }) => name)
  }
  return moves
    .map(({ nodes, from, to, gain }) => ({
      components: componentsOf(nodes),
      from: today[from]!.name,
      to: names.get(to)!,
      isNew: to >= today.length,
      reason: '',
      gain,
    }))
    .sort((one, other) => other.gain - one.gain)
}
