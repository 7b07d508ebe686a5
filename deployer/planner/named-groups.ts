/**
 * Numbers of groups as a placement. In: the group of each node, numbered as today's are and upwards. Out: groups with today's names, new ones
 * named after their first component, in the order of the graph's components.
 */
import { shortName } from '../../runtime/names.ts'
import { dashed } from '../placement.ts'
import type { Compiled } from './compile.ts'
import type { Placement } from './model.ts'

export interface NamedGroups {
  placement: Placement
  /** By number. */
  names: ReadonlyMap<number, string>
}

export function namedGroups({ components, nodeOf }: Compiled, groupOf: Int32Array, today: Placement): NamedGroups {
  const members = new Map<number, string[]>()
  for (const [v, { name }] of components.entries()) {
    const group = groupOf[nodeOf[v]!]!
    const list = members.get(group)
    if (list === undefined) members.set(group, [name])
    else list.push(name)
  }
  const names = new Map<number, string>()
  const taken = new Set(today.map(({ name }) => name))
  const placement = [...members].map(([number, list]) => {
    const known = today[number]
    const name = known?.name ?? freeName(dashed(shortName(list[0]!)), taken)
    names.set(number, name)
    return { name, components: list, replicas: known?.replicas ?? 1 }
  })
  return { placement, names }
}

function freeName(wanted: string, taken: Set<string>): string {
  let name = wanted
  for (let number = 2; taken.has(name); number++) name = `${wanted}-${number}`
  taken.add(name)
  return name
}
