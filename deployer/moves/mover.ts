/**
 * Moves components from one group to another while the application runs. In: a wish (wish.ts), what processes answer, states of processes.
 * Out: control messages, changed groups and routes. One move at a time; each ends as `done` or `undone`, and after either everything is
 * somewhere and serves.
 *
 * | state     | what is true                                                                | what leaves it                                       |
 * | --------- | --------------------------------------------------------------------------- | ---------------------------------------------------- |
 * | preparing | processes of the target group are being started, where it is new             | all ready → starting; crash loop, too late → undoing |
 * | starting  | the target's processes start the components; calls go where they went        | all hosted → switching; one failed or died → undoing |
 * | switching | the target is the components' group; callers are told, and say that they know | all know, or are gone → draining                     |
 * | draining  | no new calls come to the old instances; they end what they have and stop     | all stopped, or are gone → done                      |
 * | done      | the old group has none of them any more; one that is empty is gone           | nothing                                              |
 * | undoing   | what the target had started is stopped again                                 | all stopped, or are gone → undone                    |
 * | undone    | everything is as it was; `why` says what went wrong                          | nothing                                              |
 *
 * From `switching` on there is no way back, and none is needed: a process that dies is started again with the components that its group has
 * by then. One that doesn't answer is taken for hung and is started again.
 */
import type { Clock } from '../../runtime/clock.ts'
import { WeaveError } from '../../runtime/errors.ts'
import type { Manifest } from '../../runtime/manifest.ts'
import type { DeployEvent } from '../events.ts'
import { DEPLOYER_LIMITS } from '../limits.ts'
import type { Member, Members } from '../members.ts'
import type { Group } from '../placement.ts'
import type { Answer, Request, Requests } from '../requests.ts'
import type { Routes } from '../routes.ts'
import type { Arrivals } from './arrivals.ts'
import { checkedWish, namesOf, type Wish } from './wish.ts'

export type MoveState =
  | { kind: 'preparing' | 'starting' | 'switching' | 'draining' | 'done' }
  | { kind: 'undoing' | 'undone'; why: string }

/** A move as it is shown. */
export interface MoveStatus {
  components: string[]
  from: string
  to: string
  isNew: boolean
  state: MoveState
  /** Since it began; of one that has ended, until it ended. */
  durationMs: number
}

export interface MoverOptions {
  application: string
  manifest: Manifest
  /** Full name → its section of weave.config.ts. */
  config: Readonly<Record<string, object>>
  groups: Group[]
  singletons: ReadonlySet<string>
  members: Members
  routes: Routes
  requests: Requests
  arrivals: Arrivals
  clock: Clock
  /** The groups have changed: what is wanted is to be made true. */
  changed: () => void
  /** A group is new: said before its first process is started. */
  identify: (group: Group) => void
  emit: (event: DeployEvent) => void
}

/** Why a move is undone. */
class Failure {
  readonly why: string

  constructor(why: string) {
    this.why = why
  }
}

interface Running {
  readonly wish: Wish
  readonly sinceMs: number
  state: MoveState
  endedMs: number | undefined
}

export class Mover {
  readonly #options: MoverOptions
  #last: Running | undefined
  #running: Promise<void> | undefined
  /** Called after each change of a process's state. */
  readonly #watchers = new Set<() => void>()
  #isStopped = false

  constructor(options: MoverOptions) {
    this.#options = options
  }

  /** The move that is under way, or else the last one. */
  get status(): MoveStatus | undefined {
    if (this.#last === undefined) return undefined
    const { wish, state, sinceMs, endedMs } = this.#last
    const { components, from, to, isNew } = wish
    const durationMs = Math.round((endedMs ?? this.#options.clock.now()) - sinceMs)
    return { components, from: from.name, to: to.name, isNew, state, durationMs }
  }

  /** Resolves when no move is under way. */
  async idle(): Promise<void> {
    while (this.#running) await this.#running.catch(() => {})
  }

  /** Resolves when the move is done; rejects with `WV_DEPLOY` when it was undone, and with `WV_CONFIG` when it can't be. */
  async move(names: readonly string[], to: string): Promise<MoveStatus> {
    const { application, manifest, groups, singletons, members } = this.#options
    if (this.#running) {
      const { components, to: target } = this.status!
      const text = `${namesOf(components)} ${components.length === 1 ? 'is' : 'are'} on the way to "${target}"; one move is made at a time. Try again in a moment.`
      throw new WeaveError(text, { code: 'WV_DEPLOY' })
    }
    const taken = new Set([...members].map(({ group }) => group.name))
    const wish = checkedWish(names, to, { application, manifest, groups, singletons, taken })
    const running = this.#run(wish)
    this.#running = running
    try {
      await running
    } finally {
      this.#running = undefined
    }
    return this.status!
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

  async #run(wish: Wish): Promise<void> {
    const { clock, emit } = this.#options
    const { components, from, to } = wish
    const move: Running = { wish, sinceMs: clock.now(), state: { kind: 'preparing' }, endedMs: undefined }
    this.#last = move
    emit({ type: 'moving', components, from: from.name, to: to.name })
    try {
      await this.#prepare(wish)
      this.#enter(move, { kind: 'starting' })
      await this.#start(wish)
    } catch (failure) {
      if (!(failure instanceof Failure)) throw failure
      const { why } = failure
      this.#enter(move, { kind: 'undoing', why })
      await this.#undo(wish)
      this.#enter(move, { kind: 'undone', why })
      emit({ type: 'move-undone', components, from: from.name, to: to.name, reason: why })
      throw new WeaveError(`${namesOf(components)} could not move to "${to.name}": ${why} Everything is as it was.`, {
        code: 'WV_DEPLOY',
      })
    }
    this.#enter(move, { kind: 'switching' })
    await this.#switch(wish)
    this.#enter(move, { kind: 'draining' })
    await this.#drain(wish)
    this.#enter(move, { kind: 'done' })
    emit({ type: 'moved', components, from: from.name, to: to.name, durationMs: this.status!.durationMs })
  }

  #enter(move: Running, state: MoveState): void {
    move.state = state
    if (state.kind === 'done' || state.kind === 'undone') move.endedMs = this.#options.clock.now()
  }

  // ---- the steps

  async #prepare({ to, isNew }: Wish): Promise<void> {
    const { groups, identify, changed } = this.#options
    if (isNew) {
      identify(to)
      groups.push(to)
      changed()
    }
    await this.#until(
      () => {
        const processes = this.#options.members.in(to)
        const looping = processes.find(({ supervisor }) => supervisor.state.kind === 'crash-looping')
        if (looping) throw new Failure(`process "${looping.supervisor.name}" crashes again and again.`)
        return processes.length === to.replicas && processes.every(isReady)
      },
      DEPLOYER_LIMITS.readyMs,
      () => `the processes of "${to.name}" were not ready in ${DEPLOYER_LIMITS.readyMs / 1000} s.`,
    )
  }

  async #start({ components, from, to }: Wish): Promise<void> {
    const { members, arrivals, config, requests } = this.#options
    const targets = members.in(to).map((member) => ({ member, life: member.supervisor.lives }))
    arrivals.expect(to, components)
    await this.#admitAll()
    this.#leaving(components, from, true)
    for (const component of components) {
      const request: Request = { type: 'host', component, config: config[component] }
      const ms = DEPLOYER_LIMITS.hostMs
      const answers = await Promise.all(
        targets.map(async ({ member }) => ({ member, answer: await requests.ask(member.supervisor, request, ms) })),
      )
      for (const { member, answer } of answers) mustBeDone(member, component, answer)
    }
    this.#mustGoOn()
    const processes = members.in(to)
    const isSame = targets.every(({ member, life }) => isReady(member) && member.supervisor.lives === life)
    if (!isSame || processes.length !== targets.length)
      throw new Failure(`a process of "${to.name}" ended before the others were done.`)
  }

  /** In one go the target becomes the group of the components, for all that asks from now on; then all who have been told otherwise are told. */
  async #switch({ components, from, to }: Wish): Promise<void> {
    const { manifest, arrivals, routes, requests, changed } = this.#options
    from.components = from.components.filter((name) => !components.includes(name))
    const all = new Set([...to.components, ...components])
    to.components = manifest.components.map(({ name }) => name).filter((name) => all.has(name))
    arrivals.arrived(to)
    changed()
    const told = routes.moved(to, components)
    const answers = told.map(async ({ supervisor, request }) => {
      const answer = await requests.ask(supervisor, request, DEPLOYER_LIMITS.answerMs)
      if (answer.kind === 'late') supervisor.fail(`did not take new routes in ${DEPLOYER_LIMITS.answerMs / 1000} s`)
    })
    await Promise.all(answers)
  }

  async #drain({ components, from }: Wish): Promise<void> {
    const { members, groups, changed } = this.#options
    await Promise.all(members.in(from).map((member) => this.#retireIn(member, components)))
    await this.#admitAll()
    if (from.components.length > 0) return
    groups.splice(groups.indexOf(from), 1)
    changed()
    const gone = () => members.in(from).length === 0
    await this.#until(gone, DEPLOYER_LIMITS.stopMs, () => '').catch(() => {})
  }

  /** A process that is still starting may have been told to host the components when it began. */
  async #retireIn(member: Member, components: readonly string[]): Promise<void> {
    const { supervisor } = member
    const life = supervisor.lives
    const settled = () => isReady(member) || !supervisor.runs || supervisor.lives !== life || this.#isStopped
    await this.#until(settled, DEPLOYER_LIMITS.readyMs, () => '').catch(() => {})
    await Promise.all(
      components.map((component) => this.#ask(member, { type: 'retire', component }, DEPLOYER_LIMITS.retireMs)),
    )
  }

  async #undo({ components, from, to, isNew }: Wish): Promise<void> {
    const { members, arrivals, groups, changed } = this.#options
    this.#leaving(components, from, false)
    arrivals.arrived(to)
    if (isNew) {
      if (groups.includes(to)) groups.splice(groups.indexOf(to), 1)
      changed()
    } else
      await Promise.all(
        members
          .in(to)
          .filter(isReady)
          .map((member) => this.#retireIn(member, components)),
      )
    await this.#admitAll()
  }

  // ---- what they are made of

  #ask(member: Member, request: Request, ms: number): Promise<Answer> {
    return this.#options.requests.ask(member.supervisor, request, ms)
  }

  #leaving(components: readonly string[], from: Group, expected: boolean): void {
    for (const { supervisor } of this.#options.members.in(from))
      for (const component of components) supervisor.send({ type: 'leaving', component, expected })
  }

  /** Who may call whom has changed with who lives where. Processes that haven't said hello are told then. */
  async #admitAll(): Promise<void> {
    const { members, arrivals } = this.#options
    const told = [...members.application].filter(({ supervisor }) => supervisor.connected)
    await Promise.all(
      told.map((member) =>
        this.#ask(member, { type: 'admit', admitted: arrivals.admittedTo(member.group) }, DEPLOYER_LIMITS.answerMs),
      ),
    )
  }

  #mustGoOn(): void {
    if (this.#isStopped) throw new Failure('the application is being stopped.')
  }

  /** Looks after each change of a process's state. */
  async #until(holds: () => boolean, ms: number, late: () => string): Promise<void> {
    const { clock } = this.#options
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const watcher = () => {
      try {
        this.#mustGoOn()
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

function isReady({ supervisor }: Member): boolean {
  return supervisor.state.kind === 'ready'
}

function mustBeDone({ supervisor: { name } }: Member, component: string, answer: Answer): void {
  const what = namesOf([component])
  if (answer.kind === 'failed') throw new Failure(`in "${name}" ${answer.why}${/[.!?]$/.test(answer.why) ? '' : '.'}`)
  if (answer.kind === 'gone') throw new Failure(`process "${name}" ended while ${what} was starting in it.`)
  if (answer.kind === 'late')
    throw new Failure(`${what} had not started in "${name}" after ${DEPLOYER_LIMITS.hostMs / 1000} s.`)
}
