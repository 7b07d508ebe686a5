/**
 * Which group may call which component. In: the manifest's edges and the groups. Out, for the components of one group: every group
 * with those of them that it may call, as an assignment carries it (runtime/transport/admission.ts enforces it).
 *
 * An edge comes of a constructor parameter, or of a reference that a method is given or gives. What `get` asks for anywhere is open to all
 * groups: the code that asks may be imported by anybody, so that it is not known in which process it runs.
 */
import type { Manifest } from '../runtime/manifest.ts'
import type { Group } from './placement.ts'

export function admittedTo(
  group: Group,
  groups: readonly Group[],
  { edges, components }: Manifest,
): Record<string, string[]> {
  const callees = new Map<string, Set<string>>()
  for (const { caller, callee } of edges) callees.set(caller, (callees.get(caller) ?? new Set()).add(callee))
  const asked = new Set(components.flatMap(({ reaches }) => reaches ?? []))
  const admitted = groups.map((other) => {
    const may = new Set(other.components.flatMap((component) => [...(callees.get(component) ?? [])]))
    // Replicas of one group share their components' routing keys.
    const here = group.components.filter((name) => other === group || may.has(name) || asked.has(name))
    return [other.name, here] as const
  })
  return Object.fromEntries(admitted.filter(([, here]) => here.length > 0))
}
