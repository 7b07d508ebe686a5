/**
 * What moves are made of, for the one that a person asks for (mover.ts) and the one that a deployer has left unfinished (unfinished.ts):
 * asking processes, telling them who may call whom and where components are, waiting for processes' states.
 */
import type { Clock } from '../../runtime/clock.ts'
import { shortName } from '../../runtime/names.ts'
import { DEPLOYER_LIMITS } from '../limits.ts'
import type { Member, Members } from '../members.ts'
import type { Group } from '../placement.ts'
import type { Answer, Request, Requests } from '../requests.ts'
import type { Routes } from '../routes.ts'
import type { Arrivals } from './arrivals.ts'

export interface StepsOptions {
  members: Members
  routes: Routes
  requests: Requests
  arrivals: Arrivals
  clock: Clock
}

/** Why a move is undone. */
export class Failure {
  /** A sentence. */
  readonly why: string

  constructor(why: string) {
    this.why = why
  }
}

export class Steps {
  readonly #options: StepsOptions
  /** Called after each change of a process's state. */
  readonly #watchers = new Set<() => void>()
  #isStopped = false

  constructor(options: StepsOptions) {
    this.#options = options
  }

  /** A process has changed its state. */
  look(): void {
    for (const watcher of [...this.#watchers]) watcher()
  }

  /** The deployment ends: what is under way is left as it is. */
  stop(): void {
    this.#isStopped = true
    this.look()
  }

  /** Throws a `Failure` when the deployment ends. */
  mustGoOn(): void {
    if (this.#isStopped) throw new Failure('the application is being stopped.')
  }

  ask(member: Member, request: Request, ms: number): Promise<Answer> {
    return this.#options.requests.ask(member.supervisor, request, ms)
  }

  /** Those that leave, and are expected to, have their co-located calls counted. */
  leaving(components: readonly string[], from: Group, expected: boolean): void {
    for (const { supervisor } of this.#options.members.in(from))
      for (const component of components) supervisor.send({ type: 'leaving', component, expected })
  }

  /** Who may call whom has changed with who lives where. Processes that haven't said hello are told then. */
  async admitAll(): Promise<void> {
    const { members, arrivals } = this.#options
    const told = [...members.application].filter(({ supervisor }) => supervisor.connected)
    await Promise.all(
      told.map((member) =>
        this.ask(member, { type: 'admit', admitted: arrivals.admittedTo(member.group) }, DEPLOYER_LIMITS.answerMs),
      ),
    )
  }

  /** All who may have been told otherwise are told that `group` is the home of these components, and say that they know. */
  async tellHome(group: Group, components: readonly string[]): Promise<void> {
    const { routes, requests } = this.#options
    const answers = routes.moved(group, components).map(async ({ supervisor, request }) => {
      const answer = await requests.ask(supervisor, request, DEPLOYER_LIMITS.answerMs)
      if (answer.kind === 'late') supervisor.fail(`did not take new routes in ${DEPLOYER_LIMITS.answerMs / 1000} s`)
    })
    await Promise.all(answers)
  }

  /** Resolves when the process is ready, its life has ended, or it takes too long; one that is still starting can't be asked for anything. */
  async started({ supervisor }: Member): Promise<void> {
    const life = supervisor.lives
    const settled = () =>
      supervisor.state.kind === 'ready' || !supervisor.runs || supervisor.lives !== life || this.#isStopped
    await this.until(settled, DEPLOYER_LIMITS.readyMs, () => '').catch(() => {})
  }

  /** Callers know already that the components are elsewhere. */
  async retire(member: Member, components: readonly string[]): Promise<void> {
    // It may have been told to host them when it began.
    await this.started(member)
    await Promise.all(
      components.map((component) => this.ask(member, { type: 'retire', component }, DEPLOYER_LIMITS.retireMs)),
    )
  }

  /** Looks after each change of a process's state. Throws a `Failure` when it is `late`, or the deployment ends. */
  async until(holds: () => boolean, ms: number, late: () => string): Promise<void> {
    const { clock } = this.#options
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const watcher = () => {
      try {
        this.mustGoOn()
        if (holds()) resolve()
      } catch (failure) {
        reject(failure)
      }
    }
    const timer = clock.setTimeout(() => reject(new Failure(late())), ms)
    this.#watchers.add(watcher)
    watcher()
    try {
      await promise
    } finally {
      timer.cancel()
      this.#watchers.delete(watcher)
    }
  }
}

/** What it was asked: in words, and how long it may take. */
const ASKED = {
  host: { doing: 'starting in it', had: 'started', ms: DEPLOYER_LIMITS.hostMs },
  'hand-over': { doing: 'handing its state over', had: 'handed its state over', ms: DEPLOYER_LIMITS.handOverMs },
  'take-over': { doing: 'getting its state there', had: 'taken its state', ms: DEPLOYER_LIMITS.handOverMs },
} as const

/** Throws a `Failure` for any other answer. */
export function mustBeDone(
  { supervisor: { name } }: Member,
  answer: Answer,
  asked: keyof typeof ASKED,
  component: string,
) {
  const what = shortName(component)
  const { doing, had, ms } = ASKED[asked]
  if (answer.kind === 'failed') throw new Failure(`in "${name}" ${answer.why}${/[.!?]$/.test(answer.why) ? '' : '.'}`)
  if (answer.kind === 'gone') throw new Failure(`process "${name}" ended while ${what} was ${doing}.`)
  if (answer.kind === 'late') throw new Failure(`${what} had not ${had} in "${name}" after ${ms / 1000} s.`)
}
