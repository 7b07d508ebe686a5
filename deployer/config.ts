/**
 * Is `weave.config.ts` right? In: what the file exports, and for the second question the application's manifest. Out: every
 * problem there is, each a sentence; an empty list means that deployer and runtime may rely on the types. Nothing is
 * filled in or changed here.
 */
import { checkValue, type Problem, problemText } from '../runtime/codec/mismatch.ts'
import { isRange, type PlacementConfig, type WeaveConfig } from '../runtime/configuration.ts'
import { WeaveError } from '../runtime/errors.ts'
import { LIMITS } from '../runtime/limits.ts'
import type { Outline } from '../runtime/manifest.ts'
import { didYouMean, resolveComponentName, shortName, unknownName } from '../runtime/names.ts'
import { withoutOthers } from '../runtime/others.ts'
import { TRANSPORT_KINDS } from '../runtime/transport/address.ts'
import { DEPLOYER_LIMITS } from './limits.ts'
import { completeLists, resolvedPins } from './pins.ts'
import type { Pins } from './planner/model.ts'
import { companions, contradictions, NO_PINS, pinsBroken } from './planner/pins.ts'
import { mostOf } from './scaling/ranges.ts'

export interface ConfigProblem {
  /** `listeners.web.port` */
  path: string
  /** A whole sentence that begins with the file. */
  message: string
}

const WHERE = 'weave.config.ts'

/** Throws one `WV_CONFIG` that says all of them, if there are any. */
export function throwProblems(problems: readonly ConfigProblem[]): void {
  if (problems.length === 0) return
  throw new WeaveError(problems.map(({ message }) => message).join('\n'), { code: 'WV_CONFIG' })
}

/** The shape alone: keys and types. No manifest is needed, so it also runs before a build. */
export function checkConfig(config: unknown, where: string = WHERE): ConfigProblem[] {
  const check = new ShapeCheck(where)
  const settings = check.record(config, '', SETTINGS)
  if (!settings) return check.problems
  for (const [key, value] of Object.entries(settings))
    if (value !== undefined) SETTING_CHECKS[key as keyof WeaveConfig]?.(check, value, key)
  return check.problems
}

/** The shape of a placement that comes from elsewhere, as from `--placement FILE`. */
export function checkPlacement(placement: unknown, where: string): ConfigProblem[] {
  const check = new ShapeCheck(where)
  checkPlacementShape(check, placement, 'placement')
  return check.problems
}

/** What of the config is about this application. */
export function ownConfig<C extends WeaveConfig>(config: C, { components, others }: Outline): C {
  return withoutOthers(
    config,
    components.map(({ name }) => name),
    others,
  )
}

/** Names and values against the application. To be called only when `checkConfig` has found nothing. */
export function checkConfigAgainst(config: WeaveConfig, outline: Outline, where: string = WHERE): ConfigProblem[] {
  const problems: ConfigProblem[] = []
  const names = outline.components.map(({ name }) => name)
  for (const table of ['config', 'implementations', 'replicas'] as const) {
    const settings = config[table]
    const given = typeof settings === 'object' && !isRange(settings) ? Object.keys(settings) : []
    checkNames(problems, names, `${where}: ${table}`, inTable(table, given))
  }
  const singletons = (config.singletons ?? []).map((name, index) => ({ name, path: `singletons[${index}]` }))
  checkNames(problems, names, `${where}: singletons`, singletons)
  const pins = checkPins(problems, config, names, where)
  if (config.placement !== undefined) problems.push(...checkPlacementAgainst(config.placement, outline, where, pins))
  if (problems.length === 0) checkSingletons(problems, config, { names, pins, where })
  checkListeners(problems, config, outline, where)
  if (problems.length === 0) checkSections(problems, config, outline, where)
  return problems
}

/** Every component is known and placed once, and where `pins` let it. */
export function checkPlacementAgainst(
  placement: PlacementConfig,
  outline: Outline,
  where: string,
  pins: Pins = NO_PINS,
): ConfigProblem[] {
  if (typeof placement === 'string') return []
  const problems: ConfigProblem[] = []
  const names = outline.components.map(({ name }) => name)
  const given = placement.groups.flatMap((group, at) =>
    group.map((name, place) => ({ name, path: `placement.groups[${at}][${place}]` })),
  )
  checkNames(problems, names, `${where}: placement`, given, 'is placed twice; a component lives in one group')
  if (problems.length > 0) return problems
  const groups = completeLists(placement.groups, names, pins).map((components, at) => {
    const isWritten = at < placement.groups.length
    return { name: isWritten ? `groups[${at}]` : 'a group of its own', components, replicas: 1 }
  })
  for (const sentence of pinsBroken(pins, groups)) {
    const message = `${where}: placement: ${sentence.slice(0, -1)}; change one of the two.`
    problems.push({ path: 'placement.groups', message })
  }
  return problems
}

/** The pins, with full names; none where something is wrong with them. */
function checkPins(
  problems: ConfigProblem[],
  { pins = {} }: WeaveConfig,
  names: readonly string[],
  where: string,
): Pins {
  const before = problems.length
  for (const kind of ['together', 'apart'] as const) {
    for (const [at, list] of (pins[kind] ?? []).entries()) {
      const given = list.map((name, place) => ({ name, path: `pins.${kind}[${at}][${place}]` }))
      checkNames(problems, names, `${where}: pins`, given)
    }
  }
  const alone = (pins.alone ?? []).map((name, place) => ({ name, path: `pins.alone[${place}]` }))
  checkNames(problems, names, `${where}: pins`, alone)
  if (problems.length > before) return NO_PINS
  const resolved = resolvedPins(pins, names)
  for (const { path, text } of contradictions(resolved))
    problems.push({ path: `pins.${path}`, message: `${where}: pins: ${text}; keep one of the two.` })
  return problems.length > before ? NO_PINS : resolved
}

/** Of what there may be one of, nobody asks for more: not by its own name, nor by that of a component that it has to be together with. */
function checkSingletons(
  problems: ConfigProblem[],
  { replicas, singletons = [] }: WeaveConfig,
  { names, pins, where }: { names: readonly string[]; pins: Pins; where: string },
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
    problems.push({ path, message: `${where}: "${path}" is ${count}, but ${why}; leave one of them out.` })
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
  where: string,
  given: readonly { readonly name: string; readonly path: string }[],
  twice = 'is named twice; keep one',
): void {
  const seen = new Set<string>()
  for (const { name, path } of given) {
    try {
      const full = resolveComponentName(name, names, where)
      if (seen.has(full)) problems.push({ path, message: `${where}: "${name}" ${twice}.` })
      seen.add(full)
    } catch (error) {
      problems.push({ path, message: (error as WeaveError).message })
    }
  }
}

function checkListeners(problems: ConfigProblem[], config: WeaveConfig, outline: Outline, where: string): void {
  const owners = new Map<string, string>()
  for (const component of outline.components) {
    for (const listener of component.listeners) {
      const other = owners.get(listener)
      if (other === undefined) owners.set(listener, component.name)
      else {
        const message = `The listener "${listener}" belongs to ${shortName(other)} and to ${shortName(component.name)}; a listener is named after its constructor parameter, so rename one of the two.`
        problems.push({ path: `listeners.${listener}`, message })
      }
    }
  }
  const known = [...owners.keys()]
  const ports = new Map<string, string>()
  for (const [name, { host = '127.0.0.1', port = 0 }] of Object.entries(config.listeners ?? {})) {
    const path = `listeners.${name}`
    if (!owners.has(name)) {
      problems.push({
        path,
        message: unknownName({ where: `${where}: listeners`, kind: 'listener', name, known }).message,
      })
    }
    const other = ports.get(`${host}:${port}`)
    if (port !== 0 && other !== undefined) {
      problems.push({
        path,
        message: `${where}: listeners "${other}" and "${name}" have the same address, ${host}:${port}; give one another port.`,
      })
    }
    ports.set(`${host}:${port}`, name)
  }
}

/** What each `Config<T>` will get, against its `T`. */
function checkSections(problems: ConfigProblem[], config: WeaveConfig, outline: Outline, where: string): void {
  const sections = sectionsByComponent(config, outline)
  for (const component of outline.components) {
    const section = sections[component.name]
    const path = `config.${shortName(component.name)}`
    if (component.config === undefined) {
      if (section === undefined) continue
      const message = `${where}: "${path}" is read by nobody: the constructor of ${shortName(component.name)} has no Config<…> parameter; give it one, or remove the section.`
      problems.push({ path, message })
      continue
    }
    const options = { path, unknownKeys: 'error' } as const
    for (const problem of checkValue(component.config, outline.definitions, section ?? {}, options)) {
      problems.push({ path: problem.path, message: `${where}: ${sectionText(problem)}` })
    }
  }
}

function sectionText(problem: Problem): string {
  const key = problem.path.slice(problem.path.lastIndexOf('.') + 1)
  const near = problem.kind === 'unknown' ? didYouMean(key, problem.known ?? []) : undefined
  return near === undefined ? problemText(problem) : `"${problem.path}" is not a setting; did you mean "${near}"?`
}

const SETTINGS: readonly (keyof WeaveConfig)[] = [
  'name',
  'entry',
  'config',
  'listeners',
  'placement',
  'replicas',
  'pins',
  'singletons',
  'transport',
  'routing',
  'calls',
  'health',
  'implementations',
  'types',
  'diagnostics',
]

const SETTING_CHECKS: {
  [S in keyof Required<WeaveConfig>]: (check: ShapeCheck, value: unknown, path: string) => void
} = {
  name: (check, value, path) => check.text(value, path),
  entry: (check, value, path) => check.text(value, path),
  config(check, value, path) {
    for (const [name, section] of check.entries(value, path, 'component names and their values'))
      check.object(section, `${path}.${name}`)
  },
  listeners(check, value, path) {
    for (const [name, listener] of check.entries(value, path, 'listener names and their addresses')) {
      const settings = check.record(listener, `${path}.${name}`, ['host', 'port'])
      if (settings?.host !== undefined) check.text(settings.host, `${path}.${name}.host`)
      if (settings?.port !== undefined) check.integer(settings.port, `${path}.${name}.port`, 0, 65_535)
    }
  },
  placement: checkPlacementShape,
  replicas(check, value, path) {
    if (typeof value !== 'object' || value === null || isRange(value)) return checkCount(check, value, path)
    for (const [name, count] of check.entries(value, path, 'component names and numbers'))
      checkCount(check, count, `${path}.${name}`)
  },
  pins(check, value, path) {
    const pins = check.record(value, path, ['together', 'apart', 'alone'])
    for (const kind of ['together', 'apart'] as const) {
      const [lists, at] = [pins?.[kind], `${path}.${kind}`]
      if (lists === undefined) continue
      if (!Array.isArray(lists)) check.must(at, 'a list of lists of component names', lists)
      else for (const [index, list] of lists.entries()) check.names(list, `${at}[${index}]`, 2)
    }
    if (pins?.alone !== undefined) check.names(pins.alone, `${path}.alone`)
  },
  singletons: (check, value, path) => check.names(value, path),
  transport(check, value, path) {
    const problem = transportProblem(value)
    if (problem !== undefined) check.problems.push({ path, message: `${check.where}: ${problem}` })
  },
  routing(check, value, path) {
    const settings = check.record(value, path, ['rebalance', 'rebalanceEveryMs', 'churnMax'])
    const { rebalance, rebalanceEveryMs, churnMax } = settings ?? {}
    if (rebalance !== undefined && typeof rebalance !== 'boolean')
      check.must(`${path}.rebalance`, 'true or false', rebalance)
    if (rebalanceEveryMs !== undefined)
      check.integer(rebalanceEveryMs, `${path}.rebalanceEveryMs`, LIMITS.keyedMs, DEPLOYER_LIMITS.rebalanceEveryMsMax)
    const { churnMaxLeast: least, churnMaxMost: most } = DEPLOYER_LIMITS
    if (churnMax !== undefined && !(typeof churnMax === 'number' && churnMax >= least && churnMax <= most))
      check.must(`${path}.churnMax`, `a number from ${least} to ${most}`, churnMax)
  },
  calls(check, value, path) {
    const settings = check.record(value, path, ['silenceMs', 'queueMs'])
    const most = LIMITS.deadlineMsDefault * 20
    if (settings?.silenceMs !== undefined)
      check.integer(settings.silenceMs, `${path}.silenceMs`, LIMITS.silenceMsMin, most)
    if (settings?.queueMs !== undefined) check.integer(settings.queueMs, `${path}.queueMs`, LIMITS.queueMsMin, most)
  },
  health(check, value, path) {
    const settings = check.record(value, path, ['silentMs', 'killMs'])
    const { healthMsMin: least, healthMsMax: most, silentMs, killMs } = DEPLOYER_LIMITS
    for (const key of ['silentMs', 'killMs'] as const)
      if (settings?.[key] !== undefined) check.integer(settings[key], `${path}.${key}`, least, most)
    const { silentMs: silent = silentMs, killMs: kill = killMs } = settings ?? {}
    if (typeof silent === 'number' && typeof kill === 'number' && kill < silent)
      check.must(`${path}.killMs`, `no less than "${path}.silentMs", ${silent}`, kill)
  },
  types(check, value, path) {
    for (const [name, answer] of check.entries(value, path, 'types and how they cross')) {
      if (answer === 'json' || answer === 'omit') continue
      const at = `${path}.${name}`
      if (typeof answer !== 'object' || answer === null) {
        check.must(at, '"json", "omit" or { codec: "src/codecs.money" }', answer)
        continue
      }
      const settings = check.record(answer, at, ['codec'])
      if (settings) check.text(settings.codec, `${at}.codec`)
    }
  },
  implementations(check, value, path) {
    for (const [name, implementation] of check.entries(value, path, 'component names and class names')) {
      check.text(implementation, `${path}.${name}`)
    }
  },
  diagnostics(check, value, path) {
    for (const [code, setting] of check.entries(value, path, 'codes and what becomes of their warnings')) {
      if (setting === 'off' || setting === 'warning' || setting === 'error') continue
      check.must(`${path}.${code}`, '"off", "warning" or "error"', setting)
    }
  },
}

/** A number of replicas, or the least and the most. */
function checkCount(check: ShapeCheck, value: unknown, path: string): void {
  const { replicasMax: most } = DEPLOYER_LIMITS
  if (typeof value !== 'object' || value === null) {
    check.integer(value, path, 1, most)
    return
  }
  const range = check.record(value, path, ['min', 'max'])
  if (range === undefined) return
  const { min, max } = range
  check.integer(min, `${path}.min`, 1, most)
  check.integer(max, `${path}.max`, 1, most)
  if (Number.isInteger(min) && Number.isInteger(max) && (max as number) < (min as number))
    check.must(`${path}.max`, `no less than "${path}.min", ${min}`, max)
}

/** What is wrong with the name of a transport, if anything: a sentence. */
export function transportProblem(value: unknown): string | undefined {
  if ((TRANSPORT_KINDS as readonly unknown[]).includes(value)) return undefined
  const near = typeof value === 'string' ? didYouMean(value, TRANSPORT_KINDS) : undefined
  const kinds = TRANSPORT_KINDS.map((kind) => `"${kind}"`)
  const known = `${kinds.slice(0, -1).join(', ')} or ${kinds.at(-1)}`
  const hint = near === undefined ? '' : ` Did you mean "${near}"?`
  return `"transport" must be ${known}; it is ${describe(value)}.${hint}`
}

function checkPlacementShape(check: ShapeCheck, value: unknown, path: string): void {
  if (value === 'together' || value === 'apart' || value === 'auto') return
  const mustBe = '"together", "apart", "auto" or { groups: [["Cart", "Checkout"], …] }'
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    check.must(path, mustBe, value)
    return
  }
  const groups = check.record(value, path, ['groups'])?.groups
  if (!Array.isArray(groups)) {
    check.must(`${path}.groups`, 'a list of lists of component names', groups)
    return
  }
  for (const [index, group] of groups.entries()) {
    const at = `${path}.groups[${index}]`
    if (!Array.isArray(group) || group.length === 0) check.must(at, 'a list of component names', group)
    else for (const [position, name] of group.entries()) check.text(name, `${at}[${position}]`)
  }
}

/** Collects sentences of the form `"x" must be …; it is ….` */
class ShapeCheck {
  readonly problems: ConfigProblem[] = []
  readonly where: string

  constructor(where: string) {
    this.where = where
  }

  must(path: string, what: string, found: unknown): void {
    this.problems.push({ path, message: `${this.where}: "${path}" must be ${what}; it is ${describe(found)}.` })
  }

  text(value: unknown, path: string): void {
    if (typeof value !== 'string' || value === '') this.must(path, 'a string that is not empty', value)
  }

  integer(value: unknown, path: string, least: number, most: number): void {
    if (!Number.isInteger(value) || (value as number) < least || (value as number) > most) {
      this.must(path, `a whole number from ${least} to ${most}`, value)
    }
  }

  /** A list of `least` component names or more. */
  names(value: unknown, path: string, least = 0): void {
    if (!Array.isArray(value) || value.length < least)
      this.must(path, least > 1 ? `a list of ${least} component names or more` : 'a list of component names', value)
    else for (const [index, name] of value.entries()) this.text(name, `${path}[${index}]`)
  }

  object(value: unknown, path: string): value is Record<string, unknown> {
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return true
    this.must(path, 'an object', value)
    return false
  }

  /** An object with known keys only; undefined when it isn't an object. */
  record<K extends string>(value: unknown, path: string, keys: readonly K[]): Partial<Record<K, unknown>> | undefined {
    if (path === '' && (typeof value !== 'object' || value === null || Array.isArray(value))) {
      this.problems.push({ path, message: `${this.where}: the config must be an object; it is ${describe(value)}.` })
      return undefined
    }
    if (!this.object(value, path)) return undefined
    for (const key of Object.keys(value)) {
      if ((keys as readonly string[]).includes(key)) continue
      const at = path === '' ? key : `${path}.${key}`
      const near = didYouMean(key, keys)
      const hint =
        near === undefined ? `there are ${keys.map((known) => `"${known}"`).join(', ')}.` : `did you mean "${near}"?`
      this.problems.push({ path: at, message: `${this.where}: "${at}" is not a setting; ${hint}` })
    }
    return value as Partial<Record<K, unknown>>
  }

  /** The entries of an object with any keys; none when it isn't one. */
  entries(value: unknown, path: string, what: string): [string, unknown][] {
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return Object.entries(value)
    this.must(path, `an object of ${what}`, value)
    return []
  }
}

function describe(value: unknown): string {
  if (typeof value === 'string') return `the string ${JSON.stringify(value)}`
  if (value === null || value === undefined || typeof value === 'number' || typeof value === 'boolean')
    return String(value)
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list'
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}
