/**
 * The form of `weave.config.ts`: keys and types, without the application, so that it can be looked at before a build. In: what the file
 * exports. Out: all that is wrong; an empty list means that everybody may rely on the types.
 */
import { isRange, type WeaveConfig } from '../../runtime/config/configuration.ts'
import { LIMITS } from '../../runtime/limits.ts'
import { didYouMean } from '../../runtime/names.ts'
import { TRANSPORT_KINDS } from '../../runtime/transport/address.ts'
import { DEPLOYER_LIMITS } from '../limits.ts'
import type { ConfigProblem } from './problem.ts'
import { ShapeCheck } from './shape-check.ts'

export function checkConfig(config: unknown): ConfigProblem[] {
  const check = new ShapeCheck()
  const settings = check.record(config, '', SETTINGS)
  if (!settings) return check.problems
  for (const [key, value] of Object.entries(settings))
    if (value !== undefined) SETTING_CHECKS[key as keyof WeaveConfig]?.(check, value, key)
  return check.problems
}

/** A placement that comes from elsewhere, as from `--placement FILE`. */
export function checkPlacement(placement: unknown): ConfigProblem[] {
  const check = new ShapeCheck()
  checkPlacementShape(check, placement, 'placement')
  return check.problems
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
    if ((TRANSPORT_KINDS as readonly unknown[]).includes(value)) return
    const near = typeof value === 'string' ? didYouMean(value, TRANSPORT_KINDS) : undefined
    const kinds = TRANSPORT_KINDS.map((kind) => `"${kind}"`)
    const fix = near === undefined ? undefined : `did you mean "${near}"?`
    check.must(path, `${kinds.slice(0, -1).join(', ')} or ${kinds.at(-1)}`, value, fix)
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
