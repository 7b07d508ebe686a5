/** Makes the supervisor of each process: how it is started, and where what it prints goes. In: the surroundings of the deployment. Out: `Supervisor`s. */
import type { Clock, Random } from '../runtime/clock.ts'
import type { Assignments } from './assignments.ts'
import { ProcessOutput, type TakeChunk } from './last-lines.ts'
import type { LogFiles } from './log-files.ts'
import type { Member } from './members.ts'
import type { Group } from './placement.ts'
import type { Spawn, SpawnedProcess } from './spawn.ts'
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
  /** Asked when a process is started, and not before. */
  assignments: () => Assignments
  onState: (member: Member, before: ProcessState) => void
}

export class Launcher {
  readonly #options: LauncherOptions

  constructor(options: LauncherOptions) {
    this.#options = options
  }

  supervisor(name: string, member: () => Member): Supervisor {
    const { clock, random, health, logs, onOutput, onState } = this.#options
    const take: TakeChunk = (stream, chunk) => onOutput(name, stream, chunk)
    return new Supervisor({
      name,
      clock,
      random,
      health,
      spawn: () => this.#spawn(member()),
      output: (spawned) => logs?.output(name) ?? new ProcessOutput(spawned, take),
      onState: (_, before) => onState(member(), before),
    })
  }

  #spawn({ group, supervisor: { name } }: Member): SpawnedProcess {
    const { logs, spawn, ingress, assignments } = this.#options
    const command = group === ingress ? assignments().ingressCommand(name) : assignments().command(name)
    return logs ? logs.spawn(name, (inherit) => spawn({ ...command, inherit })) : spawn(command)
  }
}
