/** All ways to put things in groups, written down as plainly as can be: what the planner is held against. */
import type { Placement } from '../../deployer/planner/model.ts'

/** The group of each of `size` things, by restricted growth: 1, 2, 5, 15, 52 … of them. */
export function* partitions(size: number, begun: readonly number[] = []): Generator<readonly number[]> {
  if (begun.length === size) {
    yield begun
    return
  }
  const groups = Math.max(-1, ...begun) + 1
  for (let group = 0; group <= groups; group++) yield* partitions(size, [...begun, group])
}

export function placementOf(groupOf: readonly (readonly [string, number])[]): Placement {
  const groups = new Map<number, string[]>()
  for (const [name, group] of groupOf) groups.set(group, [...(groups.get(group) ?? []), name])
  return [...groups].map(([group, components]) => ({ name: `g${group}`, components, replicas: 1 }))
}
