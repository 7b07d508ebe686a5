/** What runs together, from the events of a deployment. */
import type { DeployEvent } from '../../deployer/events.ts'

/** As they are after the last move. */
export function groupsOf(events: readonly DeployEvent[]): string[][] {
  const groups = new Map<string, Set<string>>()
  for (const event of events) {
    if (event.type === 'deploying')
      for (const { group, components } of event.processes) groups.set(group, new Set(components))
    if (event.type !== 'moved') continue
    const to = groups.get(event.to) ?? new Set()
    groups.set(event.to, to)
    for (const component of event.components) {
      groups.get(event.from)?.delete(component)
      to.add(component)
    }
  }
  return [...groups.values()].filter(({ size }) => size > 0).map((components) => [...components])
}
