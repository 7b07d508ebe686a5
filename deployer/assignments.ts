/**
 * What a process is started with and told when it says hello. In: the plan of the deployment, its folder, its routes. Out: the command of a
 * process; its assignment; for TLS the certificates of the groups, which are files in the folder.
 */
import { type Assignment, ENV_CONTROL, ENV_PROCESS, ENV_RUN, type IdentityFiles } from '../runtime/control.ts'
import { formatAddress } from '../runtime/transport/address.ts'
import { admittedTo } from './admission.ts'
import type { DeploymentPlan } from './deployment.ts'
import type { SocketDirectory } from './directory.ts'
import type { Member } from './members.ts'
import type { Group } from './placement.ts'
import type { Routes } from './routes.ts'
import type { SpawnOptions } from './spawn.ts'

export class Assignments {
  readonly #plan: DeploymentPlan
  readonly #directory: SocketDirectory
  readonly #routes: Routes
  /** By group, where processes prove who they are. */
  readonly #identities = new Map<Group, IdentityFiles>()

  constructor(plan: DeploymentPlan, directory: SocketDirectory, routes: Routes) {
    this.#plan = plan
    this.#directory = directory
    this.#routes = routes
  }

  /** To be awaited before the first process is started. */
  async prepare(): Promise<void> {
    const { application, groups, transport } = this.#plan
    if (transport !== 'tls') return
    // The library is loaded where it is needed.
    const { Authority, writeIdentity } = await import('./certificates.ts')
    const authority = new Authority(application)
    for (const [index, group] of groups.entries()) {
      const identity = authority.identity(group.name)
      this.#identities.set(group, writeIdentity(this.#directory.path, `g${index}`, identity))
    }
  }

  command(process: string): SpawnOptions {
    const { command } = this.#plan
    const environment: NodeJS.ProcessEnv = {
      ...command.environment,
      [ENV_CONTROL]: this.#directory.control,
      [ENV_PROCESS]: process,
    }
    delete environment[ENV_RUN]
    return { ...command, environment }
  }

  assignment(member: Member): Assignment {
    const { group, index, supervisor } = member
    const { application, transport: kind, calls, config, groups, manifest, command } = this.#plan
    return {
      application,
      group: group.name,
      // For TCP any free port of this machine; the process says which.
      address:
        kind === 'unix'
          ? this.#directory.data(index, supervisor.lives)
          : formatAddress({ kind, host: '127.0.0.1', port: 0 }),
      identity: this.#identities.get(group),
      calls,
      admitted: admittedTo(group, groups, manifest),
      exitNote: this.#directory.exitNote(index, supervisor.lives),
      components: group.components,
      routes: this.#routes.seenBy(member),
      config: Object.fromEntries(Object.entries(config).filter(([name]) => group.components.includes(name))),
      orphan: 'drain',
      output: command.inherit && 'shared',
    }
  }
}
