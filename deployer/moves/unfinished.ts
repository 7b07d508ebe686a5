/**
 * Ends a move that a deployer which is gone had begun. In: what processes host that have come back, and the groups as that deployer had written
 * them down last. Out: each component runs in the processes of its group and in no other.
 *
 * What was written down decides. A move writes its switch down before it tells anybody (mover.ts): without that record callers know of the old
 * place only, and what the new one had started is stopped there, which takes the move back; with it the move is finished. Either way a process hosts
 * what it shouldn't, and that is retired as in any move: when all who may call it know where it is.
 */
import type { Manifest } from '../../runtime/manifest.ts'
import { DEPLOYER_LIMITS } from '../limits.ts'
import type { Member, Members } from '../members.ts'
import type { Group } from '../placement.ts'
import type { Arrivals } from './arrivals.ts'
import { handedOver } from './states.ts'
import type { Steps } from './steps.ts'

/** A move as it is written down. Groups by name. */
export interface Moving {
  components: string[]
  from: string
  to: string
}

/** A process that has come back. */
export interface Found {
  member: Member
  life: number
  /** Full names of what it hosted when it did. */
  hosts: readonly string[]
}

export interface UnfinishedOptions {
  manifest: Manifest
  members: Members
  groups: Group[]
  arrivals: Arrivals
  steps: Steps
  config: Readonly<Record<string, object>>
  changed: () => void
  record: (moving: Moving | undefined) => void
  /** The present life of the process is to end, and the next one hosts what it should. */
  renew: (member: Member) => void
}

interface Surplus {
  member: Member
  components: string[]
}

export async function endUnfinished(found: readonly Found[], options: UnfinishedOptions): Promise<void> {
  const { groups, arrivals, steps, renew } = options
  // One whose group is not wanted any more is being drained as a whole.
  const wanted = found.filter(({ member }) => groups.includes(member.group))
  await Promise.all(wanted.map(({ member }) => steps.started(member)))
  // What has died since begins anew, as it should be.
  const staying = wanted.filter(({ member, life }) => member.supervisor.lives === life)
  const handed = takeHome(staying, options)
  // Any other that is nowhere is none of a move's.
  for (const { member, hosts } of staying)
    if (!member.group.components.every((name) => hosts.includes(name))) renew(member)
  const surplus = staying
    .map(({ member, hosts }) => ({
      member,
      components: hosts.filter((name) => !member.group.components.includes(name)),
    }))
    .filter(({ components }) => components.length > 0)
  const empty = groups.filter(({ components }) => components.length === 0)
  if (handed.length === 0 && surplus.length === 0 && empty.length === 0) return
  // What ends there calls others until it has ended.
  for (const [group, these] of Map.groupBy(surplus, ({ member }) => member.group))
    arrivals.expect(group, [...new Set(these.flatMap(({ components }) => components))])
  await steps.admitAll()
  const moved = new Set([...handed, ...surplus.flatMap(({ components }) => components)])
  for (const group of groups) {
    const components = group.components.filter((name) => moved.has(name))
    if (components.length > 0) await steps.tellHome(group, components)
  }
  await Promise.all(surplus.map((each) => retire(each, options)))
  for (const { member } of surplus) arrivals.arrived(member.group)
  await steps.admitAll()
  if (empty.length > 0) await remove(empty, options)
}

/**
 * A state is handed over before the switch is written down. Where the old process has given its instance up, the one that took the state
 * is the component by now, and its group the home.
 */
function takeHome(found: readonly Found[], { groups, record, manifest }: UnfinishedOptions): string[] {
  const names = manifest.components.map(({ name }) => name)
  const handed = found.flatMap(({ member, hosts }) =>
    handedOver(hosts, manifest)
      .filter((name) => !member.group.components.includes(name))
      .map((name) => ({ name, to: member.group, from: groups.find(({ components }) => components.includes(name)) })),
  )
  const left = handed.filter(({ name, from }) =>
    found.some(({ member, hosts }) => member.group === from && !hosts.includes(name)),
  )
  for (const { name, from, to } of left) {
    from!.components = from!.components.filter((each) => each !== name)
    const all = new Set([...to.components, name])
    to.components = names.filter((each) => all.has(each))
  }
  if (left.length > 0) record(undefined)
  return left.map(({ name }) => name)
}

/** It may have been starting when its deployer was killed; one that didn't start is not there. */
async function retire({ member, components }: Surplus, { steps, config }: UnfinishedOptions): Promise<void> {
  for (const component of components)
    await steps.ask(member, { type: 'host', component, config: config[component] }, DEPLOYER_LIMITS.hostMs)
  await steps.retire(member, components)
}

async function remove(empty: readonly Group[], { groups, members, steps, changed, record }: UnfinishedOptions) {
  for (const group of empty) groups.splice(groups.indexOf(group), 1)
  record(undefined)
  changed()
  const gone = () => empty.every((group) => members.in(group).length === 0)
  await steps.until(gone, DEPLOYER_LIMITS.stopMs, () => '').catch(() => {})
}
