/**
 * Why each move is made, in one sentence with the figures that decide. In: moves, what was measured, and the predictions of today's placement and the
 * proposed one. Out: a sentence a move. What presses is looked for first: bounds that are exceeded, then waiting, then calls, then a
 * process that isn't worth what it costs.
 */
import { shortName } from '../../runtime/names.ts'
import { edgeCost } from './costs.ts'
import { SLACK } from './defaults.ts'
import { cores, figure, listed, mebibytes, milliseconds, percent } from './figures.ts'
import type { CallGraph, GroupPrediction, Move, PlanRules, Prediction } from './model.ts'

interface Context {
  graph: CallGraph
  rules: PlanRules
  before: Prediction
  after: Prediction
}

/** Calls between what moves and the others of a group: how many, and what they cost more between processes. */
interface Traffic {
  callsPerSecond: number
  cpuMsPerSecond: number
}

export function reasonsFor(moves: readonly Move[], context: Context): string[] {
  const before = new Map(context.before.groups.map((group) => [group.name, group]))
  const after = new Map(context.after.groups.map((group) => [group.name, group]))
  const traffic = trafficOf(moves, context)
  return moves.map((move, place) => {
    const from = before.get(move.from)!
    const to = after.get(move.to)!
    const rest = to.components.filter((name) => !move.components.includes(name))
    const where = rest.length === 0 ? 'a process of its own' : `with ${listed(rest.map(shortName))}`
    const why =
      pressure(from, after.get(move.from), context.rules) ??
      waiting(move, from, after.get(move.from), context) ??
      calls(traffic[place]!) ??
      fewer(traffic[place]!, from, after.get(move.from))
    return `${listed(move.components.map(shortName))} → ${where}: ${why}`
  })
}

/** The group breaks a bound today. */
function pressure(from: GroupPrediction, left: GroupPrediction | undefined, { limits }: PlanRules): string | undefined {
  if (from.utilisation > limits.utilisationMax * SLACK) {
    const then = left === undefined ? 'it is dissolved' : `${percent(left.utilisation)} without`
    return `${from.name} is ${percent(from.utilisation)} busy, over the bound of ${percent(limits.utilisationMax)}; ${then}`
  }
  if (from.memoryBytes > limits.memoryBytesMax * SLACK)
    return `${from.name} takes ${mebibytes(from.memoryBytes)} a process, where ${mebibytes(limits.memoryBytesMax)} are allowed`
  return undefined
}

/** Others wait for the event loop while what moves holds it, and that costs more than anything else here. */
function waiting(
  move: Move,
  from: GroupPrediction,
  left: GroupPrediction | undefined,
  { graph, before, after }: Context,
): string | undefined {
  if (left === undefined || before.cost.latency - after.cost.latency < move.gain / 2) return undefined
  const saved = from.waitMs - left.waitMs
  if (saved <= 0 || saved < from.waitMs / 4) return undefined
  const moved = graph.components.filter(({ name }) => move.components.includes(name))
  const block = Math.max(...moved.map(({ blockMs = 0 }) => blockMs))
  const holds = block > 0 ? `, as it holds the event loop for ${milliseconds(block)} at a time` : ''
  return `what comes to ${from.name} waits ${milliseconds(from.waitMs)} for its turn, ${milliseconds(left.waitMs)} without${holds}`
}

function calls({ to, from }: { to: Traffic; from: Traffic }): string | undefined {
  if (to.cpuMsPerSecond <= from.cpuMsPerSecond) return undefined
  const against =
    from.callsPerSecond === 0 ? '' : `, against ${figure(from.callsPerSecond)} calls/s with what it leaves`
  return `${figure(to.callsPerSecond)} calls/s between them cost ${cores(to.cpuMsPerSecond)} apart${against}`
}

function fewer(
  { to, from }: { to: Traffic; from: Traffic },
  group: GroupPrediction,
  left: GroupPrediction | undefined,
): string {
  if (left === undefined) {
    const few = to.callsPerSecond + from.callsPerSecond
    return `${few === 0 ? 'no calls' : `${figure(few)} calls/s`} don't pay for a process of ${mebibytes(group.memoryBytes)}`
  }
  return `it evens out processes: ${group.name} goes from ${percent(group.utilisation)} to ${percent(left.utilisation)} busy`
}

/** For each move, its calls with the group that it joins and with those that it leaves behind. */
function trafficOf(moves: readonly Move[], { graph, before, after }: Context): { to: Traffic; from: Traffic }[] {
  const moveOf = new Map(moves.flatMap(({ components }, place) => components.map((name) => [name, place] as const)))
  const places = (prediction: Prediction) =>
    new Map(prediction.groups.flatMap(({ name, components }) => components.map((each) => [each, name] as const)))
  const [old, fresh] = [places(before), places(after)]
  const none = (): Traffic => ({ callsPerSecond: 0, cpuMsPerSecond: 0 })
  const traffic = moves.map(() => ({ to: none(), from: none() }))
  for (const edge of graph.edges) {
    const { remoteCaller, remoteCallee, local } = edgeCost(edge, graph.costs)
    const together = fresh.get(edge.caller) === fresh.get(edge.callee)
    if (together === (old.get(edge.caller) === old.get(edge.callee))) continue
    for (const place of new Set([moveOf.get(edge.caller), moveOf.get(edge.callee)])) {
      if (place === undefined) continue
      const sum = together ? traffic[place]!.to : traffic[place]!.from
      sum.callsPerSecond += edge.callsPerSecond
      sum.cpuMsPerSecond += remoteCaller + remoteCallee - local
    }
  }
  return traffic
}
