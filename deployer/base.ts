/**
 * What a deployment stands on before anything of it runs: the folder with its sockets, the control server in it, and what processes are told
 * there. In: the plan, who takes what processes say. A deployer that takes over finds the folder of the one before. Closed when nothing runs.
 */
import { tmpdir } from 'node:os'
import type { Clock } from '../runtime/clock.ts'
import { Assignments } from './assignments.ts'
import { ControlServer } from './control.ts'
import { Conversation, type ConversationOptions } from './conversation.ts'
import type { DeploymentPlan } from './deployment.ts'
import { SocketDirectory } from './directory.ts'
import type { Arrivals } from './moves/arrivals.ts'
import type { Routes } from './routes.ts'

export interface BaseOptions extends Omit<ConversationOptions, 'version' | 'directory' | 'assignment'> {
  routes: Routes
  arrivals: Arrivals
  clock: Clock
}

export class Base {
  readonly directory: SocketDirectory
  readonly assignments: Assignments
  readonly #control: ControlServer

  constructor(plan: DeploymentPlan, options: BaseOptions) {
    const { manifest, legacy, detached: kept } = plan
    const { routes, arrivals, clock } = options
    const reopened = legacy && SocketDirectory.reopen(legacy.deployment.sockets)
    const directory = reopened ?? SocketDirectory.make(tmpdir(), { kept })
    const assignments = new Assignments(plan, { directory, routes, arrivals })
    const conversation = new Conversation({
      ...options,
      version: manifest.version,
      directory,
      assignment: (member) => assignments.assignment(member),
    })
    this.directory = directory
    this.assignments = assignments
    this.#control = new ControlServer({
      path: directory.control,
      clock,
      accept: (hello, channel) => conversation.accept(hello, channel),
      onRefused: (reason) => options.refused(null, reason),
    })
  }

  /** From here on processes may say hello. */
  listen(): Promise<void> {
    return this.#control.listen()
  }

  /** Nothing of it is left behind. */
  close(): void {
    this.#control.close()
    this.directory.remove()
  }
}
