/** Makes the supervisor of each process: how it is started, and where what it prints goes. In: the surroundings of the deployment. Out: `Supervisor`s. */
import { existsSync } from 'node:fs'
import type { Clock, Random } from '../runtime/clock.ts'
import type { Assignments } from './assignments.ts'
import { ProcessOutput, type TakeChunk } from './last-lines.ts'
import { DEPLOYER_LIMITS } from './limits.ts'
import type { LogFiles } from './log-files.ts'
import type { Member } from './members.ts'
import type { Passage } from './passing.ts'
import type { Group } from './placement.ts'
import { type Spawn, type SpawnedProcess, withoutBuild } from './spawn.ts'
import { type Health, type ProcessState, Supervisor } from './supervisor.ts'

export interface LauncherOptions {
  clock: Clock
  random: Random
  health: Health
  spawn: Spawn
  onOutput: (process: string, ...chunk: Parameters<TakeChunk>) => void | Promise<void>
  /** Where processes print, instead of `onOutput`. */
  logs: LogFiles | undefined
  /** That of the ingress, which is a program of our own. */
  ingress: Group | undefined
  /** True where processes of the group take connections that this deployer has accepted. */
  accepts: (group: Group) => boolean
  /** Asked when a process is started, and not before. */
  assignments: () => Assignments
  onState: (member: Member, before: ProcessState) => void
}

export class Launcher {
  readonly #options: LauncherOptions
  /** By process, that of its last life. */
  readonly #passages = new Map<string, Passage>()
  /** Supervisors so far. */
  #supervisors = 0

  constructor(options: LauncherOptions) {
    this.#options = options
  }

  supervisor(name: string, member: () => Member): Supervisor {
    const { clock, random, health, logs, onOutput, onState } = this.#options
    const { askedAtOnce, askedApartMs, beatMs } = DEPLOYER_LIMITS
    const take: TakeChunk = (stream, chunk) => onOutput(name, stream, chunk)
    return new Supervisor({
      name,
      clock,
      random,
      health,
      turnMs: (Math.floor(this.#supervisors++ / askedAtOnce) * askedApartMs) % beatMs,
      spawn: () => this.#spawn(member()),
      output: (spawned) => logs?.output(name) ?? new ProcessOutput(spawned, take),
      onState: (_, before) => onState(member(), before),
    })
  }

  /** Undefined when the process can't be passed connections. */
  passage(process: string): Passage | undefined {
    return this.#passages.get(process)
  }

  #spawn({ group, supervisor: { name } }: Member): SpawnedProcess {
    const { logs, ingress, accepts, assignments } = this.#options
    const own = group === ingress ? assignments().ingressCommand(name) : assignments().command(name)
    const command = { ...own, passage: accepts(group) }
    const spawn = existsSync(own.entry) ? this.#options.spawn : withoutBuild
    const spawned = logs ? logs.spawn(name, (inherit) => spawn({ ...command, inherit })) : spawn(command)
    const { passage } = spawned
    if (passage) this.#passages.set(name, passage)
    // A life after this one may have its own by then.
    void spawned.exited.then(() => this.#passages.get(name) === passage && this.#passages.delete(name))
    return spawned
  }
}
