/**
 * Placements that keep to pins: the lists of components that a placement comes to, as it is written, or with as few processes as may be.
 */
import { resolveComponentName } from '../runtime/names.ts'
import type { Pins } from './planner/model.ts'
import { companions } from './planner/pins.ts'

/** `names` in lists of those that must share a process. */
export function blocksOf(names: readonly string[], { together }: Pins): string[][] {
  const shared = companions(together)
  const blocks = new Map<unknown, string[]>()
  for (const name of names) {
    const key = shared.get(name) ?? name
    const block = blocks.get(key)
    if (block === undefined) blocks.set(key, [name])
    else block.push(name)
  }
  return [...blocks.values()]
}

/** Groups as they are written, and lists for those that are in none: each with whom it has to be together, or of its own. */
export function completeLists(
  groups: readonly (readonly string[])[],
  names: readonly string[],
  pins: Pins,
): string[][] {
  const lists = groups.map((group) => group.map((name) => resolveComponentName(name, names)))
  const placed = new Set(lists.flat())
  for (const block of blocksOf(names, pins)) {
    const rest = block.filter((name) => !placed.has(name))
    const home = lists.find((list) => block.some((name) => list.includes(name)))
    if (home === undefined) lists.push(rest)
    else home.push(...rest)
  }
  return lists
}

/** As few lists as come of putting each block where pins let it: all in one where they say nothing. The root's is the first. */
export function fewestLists(names: readonly string[], root: string, pins: Pins): string[][] {
  const hasRoot = (block: readonly string[]) => block.includes(root)
  const blocks = blocksOf(names, pins)
  const lists: string[][] = []
  for (const block of [...blocks.filter(hasRoot), ...blocks.filter((each) => !hasRoot(each))]) {
    const list = lists.find((each) => mayShare(each, block, pins))
    if (list === undefined) lists.push([...block])
    else list.push(...block)
  }
  return lists
}

function mayShare(list: readonly string[], block: readonly string[], { apart, alone }: Pins): boolean {
  const both = [...list, ...block]
  if (alone.some((name) => both.includes(name))) return false
  return !apart.some((those) => those.some((name) => list.includes(name)) && those.some((name) => block.includes(name)))
}
