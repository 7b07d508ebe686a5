/**
 * Is a request one that can be planned for? In: any value, as from a recorded graph or an API. Out: a `PlanRequest` with every rule filled in. It refuses,
 * with `WV_CONFIG`, what has missing or impossible figures, names that nothing has, a placement that isn't one, pins that contradict.
 */
import { WeaveError } from '../../runtime/errors.ts'
import { shortName, unknownName } from '../../runtime/names.ts'
import { dashed } from '../placement.ts'
import { PLAN_RULES } from './defaults.ts'
import type { CallGraph, Pins, Placement, PlanRequest, PlanRules } from './model.ts'
import { contradictions, resolvedPins } from './pins.ts'

/** More than that no deployment has, and a plan would take minutes. */
const COMPONENTS_MAX = 20_000

/** `where` begins each sentence. `today` may be left out: then each component is in a group of its own. */
export function checkedRequest(value: unknown, where: string): PlanRequest {
  const check = new Check(where)
  const given = check.record(value, '')
  // A graph alone will do.
  const all = 'graph' in given ? given : { graph: given }
  const graph = checkedGraph(check, all.graph)
  const names = graph.components.map(({ name }) => name)
  const rules = checkedRules(check, all.rules ?? {}, names)
  const today = all.today === undefined ? apart(graph) : checkedPlacement(check, all.today, names)
  return { graph, rules, today }
}

function apart({ components }: CallGraph): Placement {
  const taken = new Set<string>()
  return components.map(({ name }) => {
    const short = dashed(shortName(name))
    const group = taken.has(short) ? dashed(name) : short
    taken.add(group)
    return { name: group, components: [name], replicas: 1 }
  })
}

const GRAPH_LISTS = ['components', 'edges', 'methods', 'entries'] as const
const COSTS = [
  'localCallUs',
  'localKibUs',
  'hopUs',
  'processCpuMsPerSecond',
  'processMemoryBytes',
  'moveCpuMs',
] as const

function checkedGraph(check: Check, value: unknown): CallGraph {
  const graph = check.record(value, 'graph') as unknown as CallGraph
  for (const list of GRAPH_LISTS) check.list(graph[list], `graph.${list}`)
  check.amount(graph.windowSeconds, 'graph.windowSeconds')
  const names = graph.components.map((component, place) => {
    check.text(component?.name, `graph.components[${place}].name`)
    return component.name
  })
  if (names.length === 0) check.fail('the graph has no components; record it from a deployment that runs')
  if (names.length > COMPONENTS_MAX)
    check.fail(`the graph has ${names.length} components; at most ${COMPONENTS_MAX} are planned for`)
  const known = new Set(names)
  if (known.size < names.length) {
    const twice = names.find((name, place) => names.indexOf(name) !== place)!
    check.fail(`the component "${twice}" is there twice; its name must be unique`)
  }
  for (const { name, cpuMsPerSecond, memoryBytes } of graph.components) {
    check.amount(cpuMsPerSecond, `${name}: cpuMsPerSecond`)
    check.amount(memoryBytes, `${name}: memoryBytes`)
  }
  const named = (name: unknown) => {
    if (typeof name !== 'string' || !known.has(name))
      throw unknownName({ where: check.where, kind: 'component', name: String(name), known: names })
  }
  for (const [place, edge] of graph.edges.entries()) {
    named(edge?.caller)
    named(edge.callee)
    for (const field of ['callsPerSecond', 'requestBytes', 'replyBytes'] as const)
      check.amount(edge[field], `graph.edges[${place}].${field}`)
  }
  for (const [place, method] of graph.methods.entries()) {
    named(method?.component)
    check.amount(method.ownMs, `graph.methods[${place}].ownMs`)
    check.list(method.calls, `graph.methods[${place}].calls`)
    for (const call of method.calls) {
      named(call?.component)
      check.amount(call.perCall, `graph.methods[${place}].calls: perCall`)
      check.amount(call.criticalShare, `graph.methods[${place}].calls: criticalShare`)
    }
  }
  for (const [place, entry] of graph.entries.entries()) {
    named(entry?.component)
    check.amount(entry.requestsPerSecond, `graph.entries[${place}].requestsPerSecond`)
  }
  const costs = check.record(graph.costs, 'graph.costs')
  for (const cost of COSTS) check.amount(costs[cost], `graph.costs.${cost}`)
  for (const pair of ['remoteCallUs', 'remoteKibUs']) {
    const ends = check.record(costs[pair], `graph.costs.${pair}`)
    for (const end of ['caller', 'callee']) check.amount(ends[end], `graph.costs.${pair}.${end}`)
  }
  return graph
}

function checkedRules(check: Check, value: unknown, names: readonly string[]): PlanRules {
  const given = check.record(value, 'rules') as Partial<PlanRules>
  const rules: PlanRules = {
    limits: { ...PLAN_RULES.limits, ...given.limits },
    weights: { ...PLAN_RULES.weights, ...given.weights },
    pins: checkedPins(check, given.pins, names),
  }
  for (const [name, limit] of Object.entries(rules.limits)) check.amount(limit, `rules.limits.${name}`)
  for (const [name, weight] of Object.entries(rules.weights)) check.amount(weight, `rules.weights.${name}`)
  return rules
}

/** Nothing is to be both together and apart. */
function checkedPins(check: Check, given: Partial<Pins> | undefined, names: readonly string[]): Pins {
  const pins = resolvedPins({ ...PLAN_RULES.pins, ...given }, names, check.where)
  for (const { text } of contradictions(pins)) check.fail(`${text}; keep one of the two`)
  return pins
}

function checkedPlacement(check: Check, value: unknown, names: readonly string[]): Placement {
  check.list(value, 'today')
  const placement = value as Placement
  const known = new Set(names)
  const placed = new Set<string>()
  for (const [place, group] of placement.entries()) {
    check.text(group?.name, `today[${place}].name`)
    check.list(group.components, `today[${place}].components`)
    for (const name of group.components) {
      if (!known.has(name))
        throw unknownName({ where: check.where, kind: 'component', name: String(name), known: names })
      if (placed.has(name)) check.fail(`the component "${name}" is in two groups of today's placement`)
      placed.add(name)
    }
  }
  const missing = names.find((name) => !placed.has(name))
  if (missing !== undefined) check.fail(`the component "${missing}" is in no group of today's placement`)
  return placement.filter(({ components }) => components.length > 0)
}

/** Throws sentences of the form `where: "x" must be …; it is ….` */
class Check {
  readonly where: string

  constructor(where: string) {
    this.where = where
  }

  fail(text: string): never {
    throw new WeaveError(`${this.where}: ${text}.`, { code: 'WV_CONFIG' })
  }

  #must(path: string, what: string, found: unknown): never {
    const shown = JSON.stringify(found) ?? 'missing'
    return this.fail(
      `${path === '' ? 'it' : `"${path}"`} must be ${what}; it is ${shown.length > 60 ? `${shown.slice(0, 60)}…` : shown}`,
    )
  }

  record(value: unknown, path: string): Record<string, unknown> {
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
    return this.#must(path, 'an object', value)
  }

  list(value: unknown, path: string): void {
    if (!Array.isArray(value)) this.#must(path, 'a list', value)
  }

  text(value: unknown, path: string): void {
    if (typeof value !== 'string' || value === '') this.#must(path, 'a string that is not empty', value)
  }

  amount(value: unknown, path: string): void {
    if (typeof value !== 'number' || !Number.isFinite(value) || value < 0)
      this.#must(path, 'a number, 0 or more', value)
  }
}
