/**
 * What somebody wants moved, checked. In: names as people write them (`Cart`, `checkout`, `cart-2`, `new`), and the groups there are. Out:
 * full names of components, the group that they leave, the group that they go to. Throws `WV_CONFIG` with what is wrong and why.
 */
import { WeaveError } from '../../runtime/errors.ts'
import type { Manifest } from '../../runtime/manifest.ts'
import { resolveComponentName, shortName } from '../../runtime/names.ts'
import { findGroup, type Group, newGroupName } from '../placement.ts'
import type { Pins } from '../planner/model.ts'
import { pinsBroken } from '../planner/pins.ts'

/** `to` when the components shall have a group of their own. */
export const NEW_GROUP = 'new'

export interface Wish {
  /** In the manifest's order: those that others need come first. */
  components: string[]
  from: Group
  /** Not among the groups yet when `isNew`. */
  to: Group
  isNew: boolean
}

export interface WishContext {
  application: string
  manifest: Manifest
  groups: readonly Group[]
  /** Full names of components of which there is one instance. */
  singletons: ReadonlySet<string>
  /** With full names. */
  pins: Pins
  /** How many replicas a new group of these has. */
  least: (components: readonly string[]) => number
  /** Names of groups and processes that may not be given again: some of their processes may still be leaving. */
  taken: ReadonlySet<string>
}

/** `to`: `new`, a group, a component in it, or one of its processes. */
export function checkedWish(names: readonly string[], to: string, context: WishContext): Wish {
  const wish = movableWish(names, to, context)
  mustKeepPins(wish, context)
  return wish
}

function movableWish(names: readonly string[], to: string, context: WishContext): Wish {
  const { manifest, groups, singletons, application: where } = context
  const all = manifest.components.map(({ name }) => name)
  const wanted = new Set(names.map((name) => resolveComponentName(name, all, where)))
  if (wanted.size === 0) throw refused('Name the components that are to move.')
  const components = all.filter((name) => wanted.has(name))
  for (const name of components) mustBeMovable(name, manifest)
  const homes = new Set(components.map((name) => groups.find((group) => group.components.includes(name))!))
  const [from] = homes as Set<Group> & [Group]
  if (homes.size > 1) {
    const list = [...homes].map(({ name }) => `"${name}"`).join(' and ')
    throw refused(`${namesOf(components)} are in different groups, ${list}; move them one after the other.`)
  }
  if (to === NEW_GROUP) return toNewGroup(components, from, context)
  const target = findGroup(groupOfProcess(to, groups) ?? to, groups, { where, kind: 'process, group or component' })
  if (target === from) throw refused(`${namesOf(components)} ${are(components)} in group "${from.name}" already.`)
  for (const group of [from, target]) {
    const keeps = components.find((name) => isStateful(name, manifest))
    if (keeps !== undefined && group.replicas > 1) throw severalStates(keeps, group)
  }
  const single = components.find((name) => singletons.has(name))
  if (single !== undefined && target.replicas > 1) {
    const text = `${shortName(single)} is a singleton, and "${target.name}" has ${target.replicas} replicas, each of which would have one.`
    throw refused(`${text} Scale that group to 1 first, or move it elsewhere.`)
  }
  return { components, from, to: target, isNew: false }
}

/** A pin that is broken as it is may be broken still. */
function mustKeepPins({ components, from, to, isNew }: Wish, { groups, pins }: WishContext): void {
  const moved = (isNew ? [...groups, to] : groups).map((group) => ({
    ...group,
    components:
      group === to
        ? [...to.components, ...components]
        : group === from
          ? from.components.filter((name) => !components.includes(name))
          : group.components,
  }))
  const [before, after] = [[...pinsBroken(pins, groups)], [...pinsBroken(pins, moved)]]
  if (after.length <= before.length) return
  const sentence = after.find((each) => !before.includes(each))!
  throw refused(`weave.config.ts does not allow it. With that move: ${sentence}`)
}

function isStateful(name: string, { components }: Manifest): boolean {
  return components.find((component) => component.name === name)?.stateful === true
}

function severalStates(name: string, group: Group): WeaveError {
  const text = `${shortName(name)} is @stateful, and "${group.name}" has ${group.replicas} replicas; a state moves from one process to one.`
  // Its own replicas can't be fewer without a loss either (wanted.ts).
  const advice = group.components.includes(name)
    ? 'Set "replicas" to 1 in weave.config.ts, and deploy again when what they keep may be lost.'
    : 'Scale that group to 1 first.'
  return refused(`${text} ${advice}`)
}

function toNewGroup(components: string[], from: Group, { manifest, groups, taken, least }: WishContext): Wish {
  if (components.length === from.components.length) {
    const text = `${namesOf(components)} ${components.length === 1 ? 'has' : 'have'} a group of ${components.length === 1 ? 'its' : 'their'} own already, "${from.name}".`
    throw refused(text)
  }
  const keeps = components.find((name) => isStateful(name, manifest))
  if (keeps !== undefined && from.replicas > 1) throw severalStates(keeps, from)
  const names = new Set([...taken, ...groups.map(({ name }) => name)])
  const to: Group = {
    name: newGroupName(components, manifest.root, names),
    components: [],
    replicas: least(components),
  }
  return { components, from, to, isNew: true }
}

function mustBeMovable(name: string, manifest: Manifest): void {
  const why = whyFixed(name, manifest)
  if (why !== undefined) throw refused(`${shortName(name)} ${why}`)
}

/** Completes "Cart …"; undefined for what may move. The root's `main` runs, connections of listeners would be cut, state in memory would be lost. */
export function whyFixed(name: string, { root, components }: Manifest): string | undefined {
  if (name === root) return 'is the root: its main runs, so it stays where it is. Move others to it.'
  const { listeners, stateful, handsOver } = components.find((component) => component.name === name)!
  if (stateful && !handsOver)
    return 'is @stateful: what it keeps in memory can not go along. Give its class handOver() and takeOver(state), or restart the application with another placement.'
  if (listeners.length === 0) return undefined
  const list = listeners.map((listener) => `"${listener}"`).join(', ')
  return `opens the listener ${list}: it stays where its connections are. Move others to it.`
}

/** `cart-2` → `cart`, unless that is a group. */
function groupOfProcess(name: string, groups: readonly Group[]): string | undefined {
  if (groups.some((group) => group.name === name)) return undefined
  const [, group] = /^(.*)-[1-9][0-9]*$/.exec(name) ?? []
  return groups.some((each) => each.name === group) ? group : undefined
}

export function namesOf(components: readonly string[]): string {
  return components.map(shortName).join(', ')
}

function are(components: readonly string[]): string {
  return components.length === 1 ? 'is' : 'are'
}

function refused(text: string): WeaveError {
  return new WeaveError(text, { code: 'WV_CONFIG' })
}
