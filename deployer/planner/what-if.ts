/**
 * What would another placement cost? In: a request and a wish, `Cart with Checkout` or `Cart apart`; several components with commas. Out: the placement
 * that this makes of today's, and its prediction beside today's. Nothing moves, and no rule stops it: rules that it breaks are said.
 */
import { WeaveError } from '../../runtime/errors.ts'
import { resolveComponentName, shortName } from '../../runtime/names.ts'
import { dashed } from '../placement.ts'
import { cores, figure, listed, milliseconds } from './figures.ts'
import type { Placement, PlanRequest, Prediction } from './model.ts'
import { outlookOf, withReplicas } from './propose.ts'
import { difference } from './verdict.ts'

export interface WhatIf {
  /** As it was understood: `Cart with Checkout`. */
  wish: string
  placement: Placement
  today: Prediction
  prediction: Prediction
  /** One sentence. */
  verdict: string
}

/** `where` begins sentences about a wish that isn't one. */
export function whatIf(request: PlanRequest, wish: string, where: string): WhatIf {
  const understood = understand(request, wish, where)
  const placement = moved(request.today, understood)
  const outlook = outlookOf(request)
  const [today, prediction] = [outlook(request.today), outlook(placement)]
  return {
    wish: understood.wish,
    placement: withReplicas(placement, prediction),
    today,
    prediction,
    verdict: verdictOf(request, understood, today, prediction),
  }
}

interface Wish {
  wish: string
  components: string[]
  /** Where they go; undefined for a process of their own. */
  to: string | undefined
}

function understand({ graph, today }: PlanRequest, wish: string, where: string): Wish {
  const names = graph.components.map(({ name }) => name)
  const found = /^(?<what>.+?)\s+(?:with\s+(?<whom>\S+)|(?<apart>apart|alone))$/i.exec(wish.trim())
  if (found === null) {
    const text = `${where}: "${wish}" is no wish that I know; write 'Cart with Checkout', 'Cart apart', or 'Cart, Ads with Checkout'.`
    throw new WeaveError(text, { code: 'WV_CONFIG' })
  }
  const { what, whom } = found.groups as { what: string; whom?: string }
  const components = [
    ...new Set(
      what
        .split(/\s*,\s*|\s+and\s+/)
        .filter(Boolean)
        .map((name) => resolveComponentName(name, names, where)),
    ),
  ]
  const to = whom === undefined ? undefined : resolveComponentName(whom, names, where)
  const text = `${listed(components.map(shortName))} ${to === undefined ? 'apart' : `with ${shortName(to)}`}`
  const target = to === undefined ? undefined : today.find((group) => group.components.includes(to))!
  if (to !== undefined && components.includes(to))
    throw new WeaveError(`${where}: ${shortName(to)} can't be asked to go with itself.`, { code: 'WV_CONFIG' })
  return { wish: text, components, to: target?.name }
}

function moved(today: Placement, { components, to }: Wish): Placement {
  const rest = today.map((group) => ({
    ...group,
    components: group.components.filter((name) => !components.includes(name)),
  }))
  const target = rest.find(({ name }) => name === to)
  if (target !== undefined) target.components.push(...components)
  else {
    const own = today.find(
      (group) =>
        group.components.length === components.length && components.every((name) => group.components.includes(name)),
    )
    rest.push({
      name:
        own?.name ??
        newName(
          components[0]!,
          rest.filter((group) => group.components.length > 0).map(({ name }) => name),
        ),
      components,
      replicas: 1,
    })
  }
  return rest.filter((group) => group.components.length > 0)
}

function newName(component: string, taken: readonly string[]): string {
  const wanted = dashed(shortName(component))
  let name = wanted
  for (let number = 2; taken.includes(name); number++) name = `${wanted}-${number}`
  return name
}

function verdictOf({ graph, today }: PlanRequest, wish: Wish, before: Prediction, after: Prediction): string {
  const same = wish.components.every((name) => {
    const group = today.find(({ components }) => components.includes(name))!
    return wish.to === undefined
      ? group.components.every((each) => wish.components.includes(each))
      : group.name === wish.to
  })
  if (same) return `${wish.wish}: that is how it is today.`
  const fixed = graph.components.find(({ name, fixed }) => fixed && wish.components.includes(name))
  const warning = fixed === undefined ? '' : ` ${shortName(fixed.name)} can't be moved while it runs.`
  const change = costWithoutPenalty(after) - costWithoutPenalty(before)
  const worth = change > 0 ? `costs the worth of ${cores(change)} more` : `saves the worth of ${cores(-change)}`
  const entry = callsAndTime(before, after)
  return `${wish.wish} ${worth}${difference(before, after)}${entry}.${warning}`
}

/** Broken rules are said by name. */
function costWithoutPenalty({ cost }: Prediction): number {
  return cost.total - cost.penalty
}

function callsAndTime(before: Prediction, after: Prediction): string {
  const changes = before.entries.map(({ name, latencyMs }, place) => ({
    name,
    change: after.entries[place]!.latencyMs - latencyMs,
  }))
  const most = changes.sort((one, other) => Math.abs(other.change) - Math.abs(one.change))[0]
  const remote = after.remoteCallsPerSecond - before.remoteCallsPerSecond
  const calls =
    remote === 0 ? '' : `; ${figure(Math.abs(remote))} calls/s ${remote > 0 ? 'more' : 'fewer'} leave their process`
  if (most === undefined || Math.abs(most.change) < 0.001) return calls
  return `${calls}; a request of ${most.name} takes ${milliseconds(Math.abs(most.change))} ${most.change > 0 ? 'more' : 'less'}`
}
