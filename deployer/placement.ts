/**
 * From a placement to groups. In: the manifest, a checked placement and replica counts. Out: groups of components, each with a
 * name, its replicas and the order in which groups are stopped. The same input gives the same names on any machine. It refuses,
 * with `WV_CONFIG`, what can't run: too many processes.
 */
import type { PlacementConfig } from '../runtime/config/configuration.ts'
import { WeaveError } from '../runtime/errors.ts'
import type { Manifest } from '../runtime/manifest.ts'
import { resolveComponentName, shortName, unknownName } from '../runtime/names.ts'
import { DEPLOYER_LIMITS } from './limits.ts'
import { blocksOf, completeLists, fewestLists } from './pins.ts'
import type { Pins } from './planner/model.ts'
import { NO_PINS } from './planner/pins.ts'

/** The group of the ingress of a detached deployment: it hosts no component, and is started, restarted and drained as any other. */
export const INGRESS_GROUP = 'ingress'

/** Members and routes hold on to the object itself: what changes while the deployment runs, changes in it. */
export interface Group {
  /** `main` for the root's; else after its first component, `cart`. Its processes are `cart-1`, `cart-2` … */
  readonly name: string
  /** Full names, in the manifest's order. */
  components: string[]
  replicas: number
  /** Who owns which of its routing keys: pairs of a slot and a number of buckets (keys/slices.ts). Undefined until there was something to route. */
  slices?: readonly number[] | undefined
}

export function processName(group: Group, slot: number): string {
  return `${group.name}-${slot + 1}`
}

export function planGroups(
  manifest: Manifest,
  placement: PlacementConfig,
  replicas: number | Readonly<Record<string, number>>,
  singletons: ReadonlySet<string> = new Set(),
  pins: Pins = NO_PINS,
): Group[] {
  const names = manifest.components.map(({ name }) => name)
  const lists = componentLists(names, placement, { root: manifest.root, pins })
  const groupNames = nameGroups(lists, manifest.root)
  const counts = replicaCounts(lists, replicas, onlyOnce(manifest, lists, singletons), manifest)
  const order = new Map(names.map((name, index) => [name, index]))
  const groups = lists.map((list, index) => ({
    name: groupNames[index]!,
    components: [...list].sort((a, b) => order.get(a)! - order.get(b)!),
    replicas: Math.max(...list.map((component) => counts.get(component) ?? 1)),
  }))
  const processes = processesOf(groups)
  if (processes > DEPLOYER_LIMITS.processesMax) {
    const text = `The placement makes ${processes} processes; at most ${DEPLOYER_LIMITS.processesMax} run on one machine. Put more components together, or ask for fewer replicas.`
    throw new WeaveError(text, { code: 'WV_CONFIG' })
  }
  return groups
}

function processesOf(groups: readonly Group[]): number {
  return groups.reduce((sum, group) => sum + group.replicas, 0)
}

/** The group that a user means: by its own name, or that of a component in it. `where` begins the sentence of the `WV_CONFIG` when there is none. */
export function findGroup(
  name: string,
  groups: readonly Group[],
  { where, kind = 'group or component' }: { where: string; kind?: string },
): Group {
  const exact = groups.find((group) => group.name === name)
  if (exact) return exact
  const components = groups.flatMap((group) => group.components)
  const full = components.filter((component) => component === name || shortName(component) === name)
  if (full.length === 1) return groups.find((group) => group.components.includes(full[0]!))!
  const known = [...groups.map((group) => group.name), ...components.map(shortName)]
  throw unknownName({ where, kind, name, known })
}

/** Throws `WV_CONFIG` when `group` may not have so many replicas. */
export function checkReplicas(
  group: Group,
  replicas: number,
  { groups, manifest, singletons }: { groups: readonly Group[]; manifest: Manifest; singletons: ReadonlySet<string> },
): void {
  if (!Number.isInteger(replicas) || replicas < 1 || replicas > DEPLOYER_LIMITS.replicasMax) {
    const text = `The replicas of "${group.name}" must be a whole number from 1 to ${DEPLOYER_LIMITS.replicasMax}; it is ${replicas}.`
    throw new WeaveError(text, { code: 'WV_CONFIG' })
  }
  const lists = groups.map(({ components }) => components)
  const single = onlyOnce(manifest, lists, singletons).get(group.components[0] ?? '')
  if (replicas > 1 && single !== undefined) {
    const text =
      single === manifest.root
        ? `"${group.name}" runs main, which each replica would run once more. Only a root whose process opens a Listener has replicas.`
        : `"${group.name}" holds ${shortName(single)}, which is a singleton: weave.config.ts says so.${group.components.length > 1 ? ' Move it to a group of its own first.' : ''}`
    throw new WeaveError(text, { code: 'WV_CONFIG' })
  }
  const processes = processesOf(groups) - group.replicas + replicas
  if (processes > DEPLOYER_LIMITS.processesMax) {
    const text = `With ${replicas} replicas of "${group.name}" there would be ${processes} processes; at most ${DEPLOYER_LIMITS.processesMax} run on one machine.`
    throw new WeaveError(text, { code: 'WV_CONFIG' })
  }
}

/** Components by group, as full names; the first of each names the group. */
function componentLists(
  names: readonly string[],
  placement: PlacementConfig,
  { root, pins }: { root: string; pins: Pins },
): string[][] {
  if (placement === 'together' || placement === 'auto') return fewestLists(names, root, pins)
  if (placement === 'apart') return blocksOf(names, pins)
  return completeLists(placement.groups, names, pins)
}

/**
 * Components whose group has one replica → the component that is the reason: a singleton; or the root, when its group opens no listener,
 * since its `main` is then a job, which replicas would do several times.
 */
export function onlyOnce(
  { root, components }: Manifest,
  lists: readonly (readonly string[])[],
  singletons: ReadonlySet<string>,
): ReadonlyMap<string, string> {
  const listening = new Set(components.flatMap(({ name, listeners }) => (listeners.length > 0 ? [name] : [])))
  const reasons = lists.flatMap((list) => {
    const isJob = list.includes(root) && !list.some((name) => listening.has(name))
    const reason = isJob ? root : list.find((name) => singletons.has(name))
    return reason === undefined ? [] : list.map((name) => [name, reason] as const)
  })
  return new Map(reasons)
}

function replicaCounts(
  lists: readonly (readonly string[])[],
  replicas: number | Readonly<Record<string, number>>,
  single: ReadonlyMap<string, string>,
  { root }: Manifest,
): Map<string, number> {
  const names = lists.flat()
  if (typeof replicas === 'number') return new Map(names.map((name) => [name, single.has(name) ? 1 : replicas]))
  const counts = new Map(
    Object.entries(replicas).map(([name, count]) => [resolveComponentName(name, names), count] as const),
  )
  for (const [name, count] of counts) {
    const reason = single.get(name)
    if (count > 1 && reason !== undefined)
      throw reason === root ? notReplicated(name, count, root) : isSingleton(name, count, reason)
  }
  return counts
}

function isSingleton(name: string, count: number, reason: string): WeaveError {
  const [short, other] = [shortName(name), shortName(reason)]
  const why = name === reason ? `"singletons" names it` : `it shares a process with ${other}, which is a singleton`
  const text = `weave.config.ts: "replicas.${short}" is ${count}, but ${why}. Leave one of the two out${name === reason ? '' : `, or place ${other} in another group`}.`
  return new WeaveError(text, { code: 'WV_CONFIG' })
}

function notReplicated(name: string, count: number, root: string): WeaveError {
  const [short, rootName] = [shortName(name), shortName(root)]
  const why =
    name === root
      ? `${short} is the root, and each replica would run main once more`
      : `${short} shares a process with the root, ${rootName}, and each replica would run main once more`
  const advice = name === root ? 'leave it out' : `place ${short} in another group`
  const text = `weave.config.ts: "replicas.${short}" is ${count}, but ${why}. Only a root whose process opens a Listener has replicas; ${advice}, or give ${rootName} a Listener.`
  return new WeaveError(text, { code: 'WV_CONFIG' })
}

/** Short names where they differ, paths in front of them where they don't. */
function nameGroups(lists: readonly string[][], root: string | undefined): string[] {
  const leaders = lists.map((list) => list[0]!)
  const isMain = (list: readonly string[]) => root !== undefined && list.includes(root)
  // A component that is called so too gets its path.
  const taken = new Map<string, number>([[INGRESS_GROUP, 1]])
  for (const [index, list] of lists.entries()) {
    const name = isMain(list) ? 'main' : dashed(shortName(leaders[index]!))
    taken.set(name, (taken.get(name) ?? 0) + 1)
  }
  const used = new Set<string>()
  return lists.map((list, index) => {
    const short = dashed(shortName(leaders[index]!))
    const wanted = isMain(list) ? 'main' : taken.get(short) === 1 ? short : dashed(leaders[index]!)
    let name = wanted
    for (let number = 2; used.has(name); number++) name = `${wanted}-${number}`
    used.add(name)
    return name
  })
}

/** For components that get a group of their own while the application runs: none that is `taken`. */
export function newGroupName(components: string[], root: string, taken: ReadonlySet<string>): string {
  const [wanted] = nameGroups([components], root)
  for (let number = 1, name = wanted!; ; name = `${wanted}-${++number}`) if (!taken.has(name)) return name
}

/** `CartCache` → `cart-cache`, `src/cart.Cart` → `src-cart-cart`. */
export function dashed(name: string): string {
  return name
    .replace(/(\p{Ll}|\p{N})(\p{Lu})/gu, '$1-$2')
    .replace(/(\p{Lu})(\p{Lu}\p{Ll})/gu, '$1-$2')
    .replace(/[^\p{L}\p{N}$_]+/gu, '-')
    .toLowerCase()
}

/**
 * Groups in the order in which they are drained: the root's first, a group before those that its components depend on, so
 * that who stops can still call. Of groups that depend on each other those go first to which work comes from outside, since a process ends what has come
 * before it refuses calls; without such they go together.
 */
export function drainOrder(groups: readonly Group[], manifest: Manifest): string[][] {
  const groupOf = new Map(
    groups.flatMap((group) => group.components.map((component) => [component, group.name] as const)),
  )
  const callers = new Map<string, Set<string>>(groups.map(({ name }) => [name, new Set()]))
  for (const component of manifest.components) {
    const caller = groupOf.get(component.name)!
    for (const dependency of component.dependencies) {
      const callee = groupOf.get(dependency)
      if (callee !== undefined && callee !== caller) callers.get(callee)!.add(caller)
    }
  }
  const waves: string[][] = []
  const left = new Set(groups.map(({ name }) => name))
  while (left.size > 0) {
    const free = [...left].filter((name) => [...callers.get(name)!].every((caller) => !left.has(caller)))
    const wave = free.length > 0 ? free : entriesOf(firstCircle(left, callers), groups, manifest)
    for (const name of wave) left.delete(name)
    waves.push(wave)
  }
  return waves
}

/** Those of a circle that run `main` or listen; all, where none does. */
function entriesOf(circle: string[], groups: readonly Group[], { root, components }: Manifest): string[] {
  const entries = new Set(components.filter(({ name, listeners }) => name === root || listeners.length > 0).map(nameOf))
  const found = groups.filter(
    (group) => circle.includes(group.name) && group.components.some((name) => entries.has(name)),
  )
  return found.length > 0 ? found.map(nameOf) : circle
}

const nameOf = ({ name }: { readonly name: string }) => name

/** Groups that call each other and that no other group calls: whoever of them is first, the others' calls fail, so they go together. */
function firstCircle(left: ReadonlySet<string>, callers: ReadonlyMap<string, ReadonlySet<string>>): string[] {
  const circles = [...left].map((name) => {
    const reached = new Set([name])
    for (const each of reached) for (const caller of callers.get(each)!) if (left.has(caller)) reached.add(caller)
    return reached
  })
  // Who is called by the fewest, directly or not, is called by its own circle only.
  const first = circles.reduce((least, each) => (each.size < least.size ? each : least))
  return [...left].filter((name) => first.has(name))
}
