/**
 * Moves components from one group to another while the application runs. In: a wish (wish.ts), what processes answer, states of processes.
 * Out: control messages, changed groups and routes. One move at a time; each ends as `done` or `undone`, and after either everything is
 * somewhere and serves.
 *
 * | state     | what is true                                                                | what leaves it                                       |
 * | --------- | --------------------------------------------------------------------------- | ---------------------------------------------------- |
 * | preparing | processes of the target group are being started, where it is new             | all ready → starting; crash loop, too late → undoing |
 * | starting  | the target's processes start the components; calls go where they went        | all hosted → switching; one failed or died → undoing |
 * | handing   | of those that keep state it goes from the old instance to the new; calls wait | both have done so → switching; one failed → undoing |
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
import type { Pins } from '../planner/model.ts'
import type { Request } from '../requests.ts'
import type { Ranges } from '../scaling/ranges.ts'
import type { Arrivals } from './arrivals.ts'
import { handedOver, handOver, keep } from './states.ts'
import { Failure, mustBeDone, type Steps } from './steps.ts'
import { endUnfinished, type Found, type Moving } from './unfinished.ts'
import { checkedWish, namesOf, type Wish } from './wish.ts'

export type MoveState =
  | { kind: 'preparing' | 'starting' | 'handing' | 'switching' | 'draining' | 'done' }
  | { kind: 'undoing' | 'undone'; why: string }

/** A move as it is shown. */
export interface MoveStatus {
  components: string[]
  from: string
  to: string
  isNew: boolean
  state: MoveState
  /** Of what its class kept in memory nothing went along, and nobody had said that it may be lost: full name and field. */
  beganEmpty: { component: string; keeps: string }[]
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
  /** Of weave.config.ts, with full names. */
  pins: Pins
  /** How many replicas weave.config.ts asks for. */
  ranges: Pick<Ranges, 'least'>
  members: Members
  arrivals: Arrivals
  steps: Steps
  clock: Clock
  /** What should be, which the groups say, is to be made true. */
  changed: () => void
  /** Written down before the next step is taken: the groups, and what is moving, for a deployer that comes after this one. */
  record: (moving: Moving | undefined) => void
  /** The present life of the process is to end, and the next one hosts what it should. */
  renew: (member: Member) => void
  /** A file that isn't there, for the moment in which a state moves. */
  statePath: () => string
  /** A group is new: said before its first process is started. */
  identify: (group: Group) => void
  emit: (event: DeployEvent) => void
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

  constructor(options: MoverOptions) {
    this.#options = options
  }

  /** The move that is under way, or else the last one. */
  get status(): MoveStatus | undefined {
    if (this.#last === undefined) return undefined
    const { wish, state, sinceMs, endedMs } = this.#last
    const { components, from, to, isNew } = wish
    const durationMs = Math.round((endedMs ?? this.#options.clock.now()) - sinceMs)
    const beganEmpty = this.#options.manifest.components.flatMap(({ name, keeps }) =>
      keeps !== undefined && components.includes(name) ? [{ component: name, keeps }] : [],
    )
    return { components, from: from.name, to: to.name, isNew, state, beganEmpty, durationMs }
  }

  get isMoving(): boolean {
    return this.#running !== undefined
  }

  /** Resolves when no move is under way. */
  async idle(): Promise<void> {
    while (this.#running) await this.#running.catch(() => {})
  }

  /** Resolves when the move is done; rejects with `WV_DEPLOY` when it was undone, and with `WV_CONFIG` when it can't be. */
  async move(names: readonly string[], to: string): Promise<MoveStatus> {
    const { application, manifest, groups, singletons, pins, members, ranges } = this.#options
    if (this.#running) throw this.#busy()
    const taken = new Set([...members].map(({ group }) => group.name))
    const wish = checkedWish(names, to, {
      application,
      manifest,
      groups,
      singletons,
      pins,
      least: (components) => ranges.least(components),
      taken,
    })
    await this.#alone(this.#run(wish))
    return this.status!
  }

  /**
   * After a takeover, when all processes have come back: ends the move that the deployer before had begun. `moving`: what it had written down;
   * `found`: what processes host. Never rejects.
   */
  async resume(moving: Moving | undefined, found: readonly Found[]): Promise<void> {
    const { record, emit } = this.#options
    const move = moving && this.#begun(moving)
    this.#last = move
    await this.#alone(endUnfinished(found, this.#options)).catch(() => {})
    record(undefined)
    if (move === undefined) return
    const { wish, state } = move
    const [components, from, to] = [wish.components, wish.from.name, wish.to.name]
    // What was handed over is there all the same.
    const isThere = components.every((name) => wish.to.components.includes(name))
    if (state.kind === 'undoing' && !isThere) {
      this.#enter(move, { ...state, kind: 'undone' })
      emit({ type: 'move-undone', components, from, to, reason: state.why })
    } else {
      this.#enter(move, { kind: 'done' })
      emit({ type: 'moved', components, from, to, durationMs: this.status!.durationMs })
    }
  }

  /** Where a move stands that was written down. */
  #begun(moving: Moving): Running {
    const { groups, steps, clock } = this.#options
    const { components } = moving
    const named = (name: string): Group =>
      groups.find((group) => group.name === name) ?? { name, components: [], replicas: 0 }
    const [from, to] = [named(moving.from), named(moving.to)]
    const isSwitched = components.every((name) => to.components.includes(name))
    if (!isSwitched) steps.leaving(components, from, false)
    const why = 'The deployer that moved it was gone before callers had been told.'
    return {
      wish: { components, from, to, isNew: false },
      sinceMs: clock.now(),
      state: isSwitched ? { kind: 'draining' } : { kind: 'undoing', why },
      endedMs: undefined,
    }
  }

  async #alone(work: Promise<void>): Promise<void> {
    this.#running = work
    try {
      await work
    } finally {
      this.#running = undefined
    }
  }

  #busy(): WeaveError {
    const { status } = this
    if (status === undefined) {
      const text = 'What a deployer that is gone had begun to move is being put in order; try again in a moment.'
      return new WeaveError(text, { code: 'WV_DEPLOY' })
    }
    const { components, to } = status
    const text = `${namesOf(components)} ${components.length === 1 ? 'is' : 'are'} on the way to "${to}"; one move is made at a time. Try again in a moment.`
    return new WeaveError(text, { code: 'WV_DEPLOY' })
  }

  async #run(wish: Wish): Promise<void> {
    const { clock, emit, record } = this.#options
    const { components, from, to } = wish
    const move: Running = { wish, sinceMs: clock.now(), state: { kind: 'preparing' }, endedMs: undefined }
    this.#last = move
    emit({ type: 'moving', components, from: from.name, to: to.name })
    try {
      this.#enter(move, { kind: 'preparing' })
      await this.#prepare(wish)
      this.#enter(move, { kind: 'starting' })
      await this.#start(wish)
      const stateful = handedOver(components, this.#options.manifest)
      if (stateful.length > 0) {
        this.#enter(move, { kind: 'handing' })
        await handOver(wish, stateful, this.#options)
      }
    } catch (failure) {
      if (!(failure instanceof Failure)) throw failure
      const { why } = failure
      this.#enter(move, { kind: 'undoing', why })
      await this.#undo(wish)
      record(undefined)
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
    record(undefined)
    this.#enter(move, { kind: 'done' })
    emit({ type: 'moved', components, from: from.name, to: to.name, durationMs: this.status!.durationMs })
  }

  #enter(move: Running, state: MoveState): void {
    const { components, from, to } = move.wish
    move.state = state
    if (state.kind === 'done' || state.kind === 'undone') move.endedMs = this.#options.clock.now()
    this.#options.emit({ type: 'move-step', components, from: from.name, to: to.name, step: state.kind })
  }

  // ---- the steps

  async #prepare(wish: Wish): Promise<void> {
    const { to, isNew } = wish
    const { groups, steps, identify, changed, record } = this.#options
    if (isNew) {
      identify(to)
      groups.push(to)
    }
    record(movingOf(wish))
    if (isNew) changed()
    await steps.until(
      () => {
        const processes = this.#options.members.in(to)
        const looping = processes.find(({ supervisor }) => supervisor.state.kind === 'crash-looping')
        const state = looping?.supervisor.state
        if (state?.kind === 'crash-looping')
          throw new Failure(
            `process "${looping!.supervisor.name}" crashes again and again; the last time it ${state.crash.reason}.`,
          )
        return processes.length === to.replicas && processes.every(isReady)
      },
      DEPLOYER_LIMITS.readyMs,
      () => `the processes of "${to.name}" were not ready in ${DEPLOYER_LIMITS.readyMs / 1000} s.`,
    )
  }

  async #start({ components, from, to }: Wish): Promise<void> {
    const { members, arrivals, config, steps } = this.#options
    const targets = members.in(to).map((member) => ({ member, life: member.supervisor.lives }))
    arrivals.expect(to, components)
    await steps.admitAll()
    steps.leaving(components, from, true)
    for (const component of components) {
      const request: Request = { type: 'host', component, config: config[component] }
      const ms = DEPLOYER_LIMITS.hostMs
      const answers = await Promise.all(
        targets.map(async ({ member }) => ({ member, answer: await steps.ask(member, request, ms) })),
      )
      for (const { member, answer } of answers) mustBeDone(member, answer, 'host', component)
    }
    steps.mustGoOn()
    const processes = members.in(to)
    const isSame = targets.every(({ member, life }) => isReady(member) && member.supervisor.lives === life)
    if (!isSame || processes.length !== targets.length)
      throw new Failure(`a process of "${to.name}" ended before the others were done.`)
  }

  /** In one go the target becomes the group of the components, for all that asks from now on; then all who have been told otherwise are told. */
  async #switch(wish: Wish): Promise<void> {
    const { components, from, to } = wish
    const { manifest, arrivals, steps, changed, record } = this.#options
    from.components = from.components.filter((name) => !components.includes(name))
    const all = new Set([...to.components, ...components])
    to.components = manifest.components.map(({ name }) => name).filter((name) => all.has(name))
    arrivals.arrived(to)
    record(movingOf(wish))
    changed()
    await steps.tellHome(to, components)
  }

  async #drain(wish: Wish): Promise<void> {
    const { components, from } = wish
    const { members, groups, steps, changed, record } = this.#options
    await Promise.all(members.in(from).map((member) => steps.retire(member, components)))
    await steps.admitAll()
    if (from.components.length > 0) return
    groups.splice(groups.indexOf(from), 1)
    record(movingOf(wish))
    changed()
    const gone = () => members.in(from).length === 0
    await steps.until(gone, DEPLOYER_LIMITS.stopMs, () => '').catch(() => {})
  }

  async #undo(wish: Wish): Promise<void> {
    const { components, from, to, isNew } = wish
    const { manifest, members, arrivals, groups, steps, changed, record } = this.#options
    await keep(wish, handedOver(components, manifest), this.#options)
    steps.leaving(components, from, false)
    arrivals.arrived(to)
    if (isNew) {
      if (groups.includes(to)) groups.splice(groups.indexOf(to), 1)
      record(movingOf(wish))
      changed()
    } else
      await Promise.all(
        members
          .in(to)
          .filter(isReady)
          .map((member) => steps.retire(member, components)),
      )
    await steps.admitAll()
  }
}

function movingOf({ components, from, to }: Wish): Moving {
  return { components, from: from.name, to: to.name }
}

function isReady({ supervisor }: Member): boolean {
  return supervisor.state.kind === 'ready'
}
