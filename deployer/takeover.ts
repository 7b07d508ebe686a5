/**
 * Puts a deployment together again under an application that runs without its deployer. In: the records of the deployer that is gone. Out:
 * members for all that should run, those whose process still runs being adopted. Nothing is started or stopped here.
 */
import type { Clock } from '../runtime/clock.ts'
import type { SocketDirectory } from './directory.ts'
import type { Listeners } from './listeners.ts'
import type { Member, Members } from './members.ts'
import type { Group } from './placement.ts'
import type { RemoteRelays } from './relays.ts'
import { adoptProcess } from './spawn.ts'
import { runsStill } from './state/pid.ts'
import type { DeploymentRecord, ProcessRecord } from './state/store.ts'

/** What an earlier deployer has left. */
export interface Legacy {
  deployment: DeploymentRecord
  processes: ProcessRecord[]
}

export interface TakeoverOptions {
  legacy: Legacy
  groups: readonly Group[]
  members: Members
  listeners: Listeners
  relays: RemoteRelays | undefined
  directory: SocketDirectory
  clock: Clock
}

export interface Takeover {
  adopted: Member[]
  /** Roots that have ended the application meanwhile, by `process.exit`, with their codes. */
  ended: { member: Member; exitCode: number }[]
}

/** True when a process of it still runs. */
export function stillRuns({ processes }: Legacy): boolean {
  return processes.some(({ pid, start }) => pid !== null && start !== null && runsStill({ pid, start }))
}

export function takeOver(options: TakeoverOptions): Takeover {
  const { legacy, groups, members, listeners, relays, directory, clock } = options
  const takeover: Takeover = { adopted: [], ended: [] }
  /** Not wanted any more: they were being drained, and are. */
  const former = new Map<string, Group>()
  for (const record of legacy.processes) {
    const group = groups.find(({ name }) => name === record.group) ?? formerGroup(record.group, former)
    const member = members.add(group, record.slot, record.index)
    const { supervisor } = member
    supervisor.had(record.lives)
    member.mainFinished = record.mainFinished
    if (group === relays?.group) relays.restore(record.listens)
    const { pid, start } = record
    if (pid !== null && start !== null && runsStill({ pid, start })) {
      const serves = record.state === 'ready' || record.state === 'silent'
      supervisor.adopt(adoptProcess({ pid, start }, clock), serves ? (record.address ?? undefined) : undefined)
      if (group !== relays?.group) listeners.restore(member, record.listens)
      takeover.adopted.push(member)
      continue
    }
    for (const path of Object.values(record.listens)) if (group !== relays?.group) directory.forget(path)
    directory.forget(directory.data(record.index, record.lives))
    const exitCode = directory.exitCode(directory.exitNote(record.index, record.lives))
    if (exitCode !== undefined) takeover.ended.push({ member, exitCode })
  }
  return takeover
}

function formerGroup(name: string, former: Map<string, Group>): Group {
  const group = former.get(name) ?? { name, components: [], replicas: 0 }
  former.set(name, group)
  return group
}
