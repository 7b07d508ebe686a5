/**
 * What a process is started with and told when it says hello. In: the plan of the deployment, its folder, its routes. Out: the command of a
 * process; its assignment; for TLS the certificates of the groups, which are files in the folder.
 */
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Assignment, ENV_CONTROL, ENV_PROCESS, ENV_RUN, type IdentityFiles } from '../runtime/process/control.ts'
import { formatAddress } from '../runtime/transport/address.ts'
import type { DeploymentPlan } from './deployment.ts'
import type { SocketDirectory } from './directory.ts'
import type { Member } from './members.ts'
import type { Arrivals } from './moves/arrivals.ts'
import type { Group } from './placement.ts'
import { ENV_INGRESS_VERSION } from './relays.ts'
import type { Routes } from './routes.ts'
import type { SpawnOptions } from './spawn.ts'

interface Neighbours {
  directory: SocketDirectory
  routes: Routes
  arrivals: Arrivals
}

export class Assignments {
  readonly #plan: DeploymentPlan
  readonly #directory: SocketDirectory
  readonly #routes: Routes
  readonly #arrivals: Arrivals
  /** By group, where processes prove who they are. */
  readonly #identities = new Map<Group, IdentityFiles>()
  #issue: ((group: Group) => void) | undefined

  constructor(plan: DeploymentPlan, { directory, routes, arrivals }: Neighbours) {
    this.#plan = plan
    this.#directory = directory
    this.#routes = routes
    this.#arrivals = arrivals
  }

  /** To be awaited before the first process is started. */
  async prepare(): Promise<void> {
    const { application, groups, transport, detached } = this.#plan
    if (transport !== 'tls') return
    // The library is loaded where it is needed.
    const { Authority, identityFiles, writeIdentity } = await import('./certificates.ts')
    const { path } = this.#directory
    const kept = Authority.kept(application, path)
    const authority = kept ?? Authority.make(application)
    if (detached && !kept) authority.keep(path)
    this.#issue = (group) => {
      // Named by the group, so that a deployer that comes back finds those of before.
      const name = createHash('sha256').update(group.name).digest('hex').slice(0, 16)
      const files = identityFiles(path, name)
      const there = Object.values(files).every((file) => existsSync(file))
      this.#identities.set(group, there ? files : writeIdentity(path, name, authority.identity(group.name)))
    }
    for (const group of groups) this.#issue(group)
  }

  /** A group is new: to be said before its first process is started. */
  identify(group: Group): void {
    this.#issue?.(group)
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

  /** Of the ingress; a program of our own. */
  ingressCommand(process: string): SpawnOptions {
    const { manifest } = this.#plan
    const own = import.meta.url
    const entry = fileURLToPath(new URL(`./ingress-process${extname(own)}`, own))
    const command = this.command(process)
    return {
      ...command,
      entry,
      args: [entry],
      environment: { ...command.environment, [ENV_INGRESS_VERSION]: manifest.version },
    }
  }

  assignment(member: Member): Assignment {
    const { group, index, supervisor } = member
    const { application, transport: kind, calls, config, command, detached } = this.#plan
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
      admitted: this.#arrivals.admittedTo(group),
      exitNote: this.#directory.exitNote(index, supervisor.lives),
      components: group.components,
      routes: this.#routes.seenBy(member),
      config: Object.fromEntries(Object.entries(config).filter(([name]) => group.components.includes(name))),
      orphan: detached ? 'serve' : 'drain',
      life: supervisor.lives,
      output: command.inherit && 'shared',
    }
  }
}
