/**
 * Placement that decides by itself. In: the measured call graph, the planner, moves of the deployment. Out: trials. A trial makes the moves of a
 * plan, one after the other, and then looks whether a request has become cheaper, as the planner had said; if it costs more than before, the
 * moves are made again the other way round, and not tried again for a while. What was predicted and what was then measured is kept of each.
 *
 * | state     | what is true                                                            | what leaves it                                        |
 * | --------- | ----------------------------------------------------------------------- | ----------------------------------------------------- |
 * | watching  | nothing moves; the load is measured                                      | a plan with moves → moving                            |
 * | moving    | the moves of a plan are being made                                       | all made, or one could not be → settling              |
 * | settling  | as placed; caches fill and code is compiled, which is not measured       | time → measuring                                      |
 * | measuring | as placed; the load is measured                                          | time → watching: kept, or → undoing: it was worse     |
 * | undoing   | the moves are taken back                                                 | all are, or one could not be → watching               |
 * | off       | it is not asked to decide                                                | on → watching                                         |
 *
 * After a trial that was undone the next ones make one move each, until one is kept: then it shows which one was wrong.
 */
import type { Clock, Timer } from '../../runtime/clock.ts'
import { WeaveError } from '../../runtime/errors.ts'
import { DEPLOYER_LIMITS } from '../limits.ts'
import type { MoveStatus } from '../moves/mover.ts'
import { NEW_GROUP } from '../moves/wish.ts'
import type { Group } from '../placement.ts'
import type { CallGraph, Move, Placement, Plan, PlanRequest, PlanRules, Prediction } from '../planner/model.ts'
import { compare, measured, type Outcome, predicted } from './outcome.ts'

export interface Trial {
  /** Counts from 1. */
  id: number
  /** Milliseconds since 1970. */
  atMs: number
  moves: TrialMove[]
  before: Outcome
  predicted: Outcome
  /** Null until it was measured. */
  measured: Outcome | null
  state: 'moving' | 'measuring' | 'kept' | 'undone'
  /** What has decided, or went wrong: a sentence. */
  why: string
}

export interface AutomaticStatus {
  state: State['kind']
  /** The last one. */
  trial: Trial | null
}

export interface TrialMove {
  components: string[]
  from: string
  to: string
  reason: string
  /** Undefined while it hasn't been made; else why it could not be, or null. */
  failed?: string | null
}

export interface AutomaticOptions {
  clock: Clock
  /** Milliseconds since 1970. */
  now: () => number
  rules: PlanRules
  groups: readonly Group[]
  /** Of the last so many seconds, and the CPU of all processes in milliseconds a second. */
  graph: (seconds: number) => { graph: CallGraph; cpuMsPerSecond: number }
  plan: (request: PlanRequest) => Plan
  predict: (graph: CallGraph, rules: PlanRules, placement: Placement) => Prediction
  move: (components: readonly string[], to: string) => Promise<MoveStatus>
  /** A trial has begun, or has come to something. */
  record: (trial: Trial) => void
}

type State = { kind: 'watching' | 'moving' | 'settling' | 'measuring' | 'undoing' | 'off' }

const { planEveryMs, settleMs, trialWindowSeconds, retryTrialMs } = DEPLOYER_LIMITS

export class Automatic {
  readonly #options: AutomaticOptions
  #state: State = { kind: 'off' }
  #timer: Timer | undefined
  #trials: number
  /** Since when nothing has moved. */
  #quietSinceMs = 0
  /** Moves that were undone → when they may be tried again. */
  readonly #refused = new Map<string, number>()
  #careful = false
  #last: Trial | undefined

  /** `trials`: how many there have been before. */
  constructor(options: AutomaticOptions, trials = 0) {
    this.#options = options
    this.#trials = trials
  }

  get state(): State['kind'] {
    return this.#state.kind
  }

  get status(): AutomaticStatus {
    return { state: this.state, trial: this.#last ?? null }
  }

  start(): void {
    if (this.#state.kind !== 'off') return
    this.#quietSinceMs = this.#options.clock.now()
    this.#watch()
  }

  /** A trial that is under way is left as it is. */
  stop(): void {
    this.#timer?.cancel()
    this.#state = { kind: 'off' }
  }

  #watch(): void {
    this.#state = { kind: 'watching' }
    this.#after(planEveryMs, () => void this.#look())
  }

  #after(ms: number, then: () => void): void {
    this.#timer?.cancel()
    this.#timer = this.#options.clock.setTimeout(then, ms)
  }

  async #look(): Promise<void> {
    const { clock, graph, groups, rules, plan } = this.#options
    if (clock.now() - this.#quietSinceMs < trialWindowSeconds * 1000) return this.#watch()
    const seen = graph(trialWindowSeconds)
    const today = groups.map((group) => ({ ...group, components: [...group.components] }))
    const proposal = plan({ graph: seen.graph, rules, today })
    const moves = this.#allowed(proposal.moves)
    if (moves.length === 0) return this.#watch()
    const changed = placementAfter(today, moves)
    const { predict } = this.#options
    const before = measured(seen.graph, seen.cpuMsPerSecond)
    const expected = predicted(before, predict(seen.graph, rules, today), predict(seen.graph, rules, changed))
    await this.#try(moves, before, expected)
  }

  /** All of a plan or, once one has turned out wrong, its best. */
  #allowed(moves: readonly Move[]): Move[] {
    const now = this.#options.clock.now()
    for (const [key, until] of this.#refused) if (until <= now) this.#refused.delete(key)
    const allowed = moves.filter((move) => !this.#refused.has(keyOf(move)))
    return this.#careful ? allowed.toSorted((a, b) => b.gain - a.gain).slice(0, 1) : allowed
  }

  async #try(moves: Move[], before: Outcome, expected: Outcome): Promise<void> {
    const { now, record, clock } = this.#options
    const trial: Trial = {
      id: ++this.#trials,
      atMs: now(),
      moves: moves.map(({ components, from, to, reason }) => ({ components, from, to, reason })),
      before,
      predicted: expected,
      measured: null,
      state: 'moving',
      why: '',
    }
    this.#last = trial
    this.#state = { kind: 'moving' }
    record(trial)
    const made = await this.#make(moves, trial)
    if (this.state === 'off') return
    this.#quietSinceMs = clock.now()
    if (made.length === 0) {
      this.#refuse(moves)
      this.#end(trial, 'undone', `None of its moves could be made: ${trial.moves[0]!.failed}`)
      return
    }
    trial.state = 'measuring'
    record(trial)
    this.#state = { kind: 'settling' }
    this.#after(settleMs, () => {
      this.#state = { kind: 'measuring' }
      this.#after(trialWindowSeconds * 1000, () => void this.#judge(trial, moves, made))
    })
  }

  /** One after the other. What can't be moved stays; the others are made all the same. Gives what was made. */
  async #make(moves: readonly Move[], trial: Trial): Promise<MoveStatus[]> {
    /** The planner's name of a new group → the one that it got. */
    const names = new Map<string, string>()
    const made: MoveStatus[] = []
    for (const [index, { components, to, isNew }] of moves.entries()) {
      if (this.state === 'off') break
      const target = names.get(to) ?? (isNew ? NEW_GROUP : to)
      try {
        const move = await this.#options.move(components, target)
        if (isNew) names.set(to, move.to)
        trial.moves[index]!.to = move.to
        trial.moves[index]!.failed = null
        made.push(move)
      } catch (error) {
        if (!(error instanceof WeaveError)) throw error
        trial.moves[index]!.failed = error.message
      }
    }
    return made
  }

  async #judge(trial: Trial, moves: Move[], made: MoveStatus[]): Promise<void> {
    const { graph, rules } = this.#options
    const seen = graph(trialWindowSeconds)
    trial.measured = measured(seen.graph, seen.cpuMsPerSecond)
    const verdict = compare(trial.before, trial.measured, rules.weights)
    if (verdict !== 'worse') {
      if (verdict === 'better') this.#careful = false
      const why =
        verdict === 'not comparable'
          ? 'The load has changed too much to tell.'
          : `A request costs ${verdict === 'better' ? 'less' : 'no more'} than before.`
      this.#end(trial, 'kept', why)
      return
    }
    this.#state = { kind: 'undoing' }
    this.#careful = true
    this.#refuse(moves)
    const left = await this.#takeBack(made)
    if (this.state === 'off') return
    this.#end(
      trial,
      'undone',
      `A request costs more than before.${left === '' ? '' : ` Not all could be taken back: ${left}`}`,
    )
  }

  /** Last first. Gives what could not be, and why. */
  async #takeBack(made: readonly MoveStatus[]): Promise<string> {
    const { groups, move } = this.#options
    /** A group that its last component had left is made anew, under the name that it gets. */
    const names = new Map<string, string>()
    const left: string[] = []
    for (const { components, from } of made.toReversed()) {
      const name = names.get(from) ?? from
      try {
        const { to } = await move(components, groups.some((group) => group.name === name) ? name : NEW_GROUP)
        names.set(from, to)
      } catch (error) {
        if (!(error instanceof WeaveError)) throw error
        left.push(error.message)
      }
    }
    return left.join(' ')
  }

  #refuse(moves: readonly Move[]): void {
    const until = this.#options.clock.now() + retryTrialMs
    for (const move of moves) this.#refused.set(keyOf(move), until)
  }

  #end(trial: Trial, state: 'kept' | 'undone', why: string): void {
    trial.state = state
    trial.why = why
    this.#options.record(trial)
    this.#quietSinceMs = this.#options.clock.now()
    this.#watch()
  }
}

function keyOf({ components, to, isNew }: Move): string {
  return `${[...components].sort().join(' ')} → ${isNew ? NEW_GROUP : to}`
}

function placementAfter(today: readonly Group[], moves: readonly Move[]): Group[] {
  const moved = new Map(moves.flatMap(({ components, to }) => components.map((component) => [component, to] as const)))
  const names = new Set([...today.map(({ name }) => name), ...moves.map(({ to }) => to)])
  const home = (group: Group, component: string) => moved.get(component) ?? group.name
  return [...names]
    .map((name) => ({
      name,
      replicas: today.find((group) => group.name === name)?.replicas ?? 1,
      components: today.flatMap((group) => group.components.filter((component) => home(group, component) === name)),
    }))
    .filter(({ components }) => components.length > 0)
}
