/**
 * `weave.config.ts` against the application: names that nothing has, what contradicts itself, values that a component's `Config<T>` can't take.
 * In: a config whose form has been looked at (settings.ts), and what is known of the application. Out: all that is wrong. Nothing is filled in or
 * changed here.
 */
import { checkValue, type Problem, problemText } from '../../runtime/codec/mismatch.ts'
import { isRange, type PlacementConfig, type WeaveConfig } from '../../runtime/config/configuration.ts'
import { withoutOthers } from '../../runtime/config/others.ts'
import type { Outline } from '../../runtime/manifest.ts'
import { describeUnknown, didYouMean, findComponentName, resolveComponentName, shortName } from '../../runtime/names.ts'
import { completeLists } from '../pins.ts'
import type { Pins } from '../planner/model.ts'
import { companions, contradictions, NO_PINS, pinsBroken, resolvedPins } from '../planner/pins.ts'
import { mostOf } from '../scaling/ranges.ts'
import { type ConfigProblem, unknown, wrong } from './problem.ts'

/** What of the config is about this application. */
export function ownConfig<C extends WeaveConfig>(config: C, { components, others }: Outline): C {
  return withoutOthers(
    config,
    components.map(({ name }) => name),
    others,
  )
}

/** Names and values against the application. To be called only when `checkConfig` has found nothing. */
export function checkConfigAgainst(config: WeaveConfig, outline: Outline): ConfigProblem[] {
  const problems: ConfigProblem[] = []
  const names = outline.components.map(({ name }) => name)
  for (const table of ['config', 'implementations', 'replicas'] as const) {
    const settings = config[table]
    const given = typeof settings === 'object' && !isRange(settings) ? Object.keys(settings) : []
    checkNames(problems, names, table, inTable(table, given))
  }
  const singletons = (config.singletons ?? []).map((name, index) => ({ name, path: `singletons[${index}]` }))
  checkNames(problems, names, 'singletons', singletons)
  const pins = checkPins(problems, config, names)
  if (config.placement !== undefined) problems.push(...checkPlacementAgainst(config.placement, outline, pins))
  if (problems.length === 0) checkSingletons(problems, config, names, pins)
  checkListeners(problems, config, outline)
  if (problems.length === 0) checkSections(problems, config, outline)
  return problems
}

/** Every component is known and placed once, and where `pins` let it. */
export function checkPlacementAgainst(
  placement: PlacementConfig,
  outline: Outline,
  pins: Pins = NO_PINS,
): ConfigProblem[] {
  if (typeof placement === 'string') return []
  const problems: ConfigProblem[] = []
  const names = outline.components.map(({ name }) => name)
  const given = placement.groups.flatMap((group, at) =>
    group.map((name, place) => ({ name, path: `placement.groups[${at}][${place}]` })),
  )
  checkNames(problems, names, 'placement', given, {
    what: 'is placed twice',
    fix: 'a component lives in one group.',
  })
  if (problems.length > 0) return problems
  const groups = completeLists(placement.groups, names, pins).map((components, at) => {
    const isWritten = at < placement.groups.length
    return { name: isWritten ? `groups[${at}]` : 'a group of its own', components, replicas: 1 }
  })
  for (const sentence of pinsBroken(pins, groups)) {
    const what = sentence.slice(0, -1)
    problems.push({ ...wrong('placement.groups', what, 'change one of the two.'), section: 'placement' })
  }
  return problems
}

/** The pins, with full names; none where something is wrong with them. */
function checkPins(problems: ConfigProblem[], { pins = {} }: WeaveConfig, names: readonly string[]): Pins {
  const before = problems.length
  for (const kind of ['together', 'apart'] as const) {
    for (const [at, list] of (pins[kind] ?? []).entries()) {
      const given = list.map((name, place) => ({ name, path: `pins.${kind}[${at}][${place}]` }))
      checkNames(problems, names, 'pins', given)
    }
  }
  const alone = (pins.alone ?? []).map((name, place) => ({ name, path: `pins.alone[${place}]` }))
  checkNames(problems, names, 'pins', alone)
  if (problems.length > before) return NO_PINS
  const resolved = resolvedPins(pins, names, 'weave.config.ts: pins')
  for (const { path, text } of contradictions(resolved))
    problems.push({ ...wrong(`pins.${path}`, text, 'keep one of the two.'), section: 'pins' })
  return problems.length > before ? NO_PINS : resolved
}

/** Of what there may be one of, nobody asks for more: not by its own name, nor by that of a component that it has to be together with. */
function checkSingletons(
  problems: ConfigProblem[],
  { replicas, singletons = [] }: WeaveConfig,
  names: readonly string[],
  pins: Pins,
): void {
  if (typeof replicas !== 'object' || isRange(replicas)) return
  const shared = companions(pins.together)
  const single = singletons.map((name) => resolveComponentName(name, names))
  for (const [name, count] of Object.entries(mostOf(replicas))) {
    const full = resolveComponentName(name, names)
    const reason = single.find((each) => each === full || shared.get(each)?.has(full))
    if (count < 2 || reason === undefined) continue
    const why =
      reason === full ? '"singletons" names it' : `it is pinned together with ${shortName(reason)}, a singleton`
    const path = `replicas.${name}`
    problems.push(wrong(path, `"${path}" is ${count}, but ${why}`, 'leave one of them out.'))
  }
}

/** Component sections by full name, as an assignment carries them. The config has been checked. */
export function sectionsByComponent(config: WeaveConfig, outline: Outline): Record<string, object> {
  const names = outline.components.map(({ name }) => name)
  const sections = Object.entries(config.config ?? {}).map(
    ([name, section]) => [resolveComponentName(name, names), section] as const,
  )
  return Object.fromEntries(sections)
}

const inTable = (table: string, names: readonly string[]): { name: string; path: string }[] =>
  names.map((name) => ({ name, path: `${table}.${name}` }))

function checkNames(
  problems: ConfigProblem[],
  names: readonly string[],
  section: string,
  given: readonly { readonly name: string; readonly path: string }[],
  twice = { what: 'is named twice', fix: 'keep one.' },
): void {
  const seen = new Set<string>()
  for (const { name, path } of given) {
    const found = findComponentName(name, names)
    if (typeof found !== 'string') problems.push(unknown(path, found, section))
    else if (seen.has(found)) problems.push({ ...wrong(path, `"${name}" ${twice.what}`, twice.fix), section })
    else seen.add(found)
  }
}

function checkListeners(problems: ConfigProblem[], config: WeaveConfig, outline: Outline): void {
  const owners = new Map<string, string>()
  for (const component of outline.components) {
    for (const listener of component.listeners) {
      const other = owners.get(listener)
      if (other === undefined) owners.set(listener, component.name)
      else {
        const what = `the listener "${listener}" belongs to ${shortName(other)} and to ${shortName(component.name)}`
        const fix = 'a listener is named after its constructor parameter, so rename one of the two.'
        problems.push(wrong(`listeners.${listener}`, what, fix))
      }
    }
  }
  const known = [...owners.keys()]
  const ports = new Map<string, string>()
  for (const [name, { host = '127.0.0.1', port = 0 }] of Object.entries(config.listeners ?? {})) {
    const path = `listeners.${name}`
    if (!owners.has(name)) problems.push(unknown(path, describeUnknown('listener', name, known), 'listeners'))
    const other = ports.get(`${host}:${port}`)
    if (port !== 0 && other !== undefined) {
      const what = `listeners "${other}" and "${name}" have the same address, ${host}:${port}`
      problems.push(wrong(path, what, 'give one another port.'))
    }
    ports.set(`${host}:${port}`, name)
  }
}

/** What each `Config<T>` will get, against its `T`. */
function checkSections(problems: ConfigProblem[], config: WeaveConfig, outline: Outline): void {
  const sections = sectionsByComponent(config, outline)
  for (const component of outline.components) {
    const section = sections[component.name]
    const path = `config.${shortName(component.name)}`
    if (component.config === undefined) {
      if (section === undefined) continue
      const what = `"${path}" is read by nobody: the constructor of ${shortName(component.name)} has no Config<…> parameter`
      problems.push(unknown(path, { what, fix: 'give it one, or remove the section.' }))
      continue
    }
    const options = { path, unknownKeys: 'error' } as const
    for (const problem of checkValue(component.config, outline.definitions, section ?? {}, options))
      problems.push(inSection(problem))
  }
}

function inSection(problem: Problem): ConfigProblem {
  const { kind, path, declared } = problem
  const key = path.slice(path.lastIndexOf('.') + 1)
  const near = kind === 'unknown' ? didYouMean(key, problem.known ?? []) : undefined
  if (near !== undefined) return unknown(path, { what: `"${path}" is not a setting`, fix: `did you mean "${near}"?` })
  const what = problemText(problem).slice(0, -1)
  return kind === 'missing' ? { path, kind, what, declared } : wrong(path, what)
}
