/**
 * Placement that decides by itself. In: the measured call graph, the planner, moves of the deployment. Out: trials. A trial makes the moves of a
 * plan, one after the other, and then looks whether a request has become cheaper, as the planner had said; if it costs more than before, or calls
 * fail that did not, the moves are made again the other way round, and not tried again for a while. What was predicted and what was then measured is
 * kept of each.
 *
 * | state     | what is true                                                            | what leaves it                                        |
 * | --------- | ----------------------------------------------------------------------- | ----------------------------------------------------- |
 * | watching  | nothing moves; the load is measured, or the planner is at work           | a plan with moves → moving                            |
 * | moving    | the moves of a plan are being made                                       | all made, or one could not be → settling              |
 * | settling  | as placed; caches fill and code is compiled, which is not measured       | time → measuring                                      |
 * | measuring | as placed; the load is measured                                          | time → watching: kept, or → undoing: it was worse twice, or calls fail |
 * | undoing   | the moves are taken back                                                 | all are, or one could not be → watching               |
 * | off       | it is not asked to decide                                                | on → watching                                         |
 *
 * One window that was worse may be the machine's doing, so another one must be before moves are taken back; calls that fail are not, and what fails is
 * cheap, so they decide alone and at once. After a trial that was undone the next ones make one move each, until one is kept: then it shows which one was wrong.
 */
import type { Clock, Timer } from '../../runtime/clock.ts'
import { WeaveError } from '../../runtime/errors.ts'
import { DEPLOYER_LIMITS } from '../limits.ts'
import type { MoveStatus } from '../moves/mover.ts'
import { NEW_GROUP } from '../moves/wish.ts'
import type { Group } from '../placement.ts'
import type { CallGraph, Move, Placement, Plan, PlanRequest, PlanRules, Prediction } from '../planner/model.ts'
import { type Calls, failsNow } from './failures.ts'
import { compare, measured, type Outcome, predicted } from './outcome.ts'
import { type Trial, UNMEASURED } from './trial.ts'

export interface AutomaticStatus {
  state: State['kind']
  /** What it found when it last looked: a sentence; null before it did. */
  why: string | null
  /** The last one. */
  trial: Trial | null
}

export interface AutomaticOptions {
  clock: Clock
  /** Milliseconds since 1970. */
  now: () => number
  rules: () => PlanRules
  pace?: AutomaticPace | undefined
  groups: readonly Group[]
  /** Of the last so many seconds, with the CPU of all processes in milliseconds a second, and how often calls fail. */
  graph: (seconds: number) => { graph: CallGraph; cpuMsPerSecond: number; calls: Calls }
  plan: (request: PlanRequest) => Promise<Pick<Plan, 'moves' | 'summary'>>
  predict: (request: { graph: CallGraph; rules: PlanRules; placements: Placement[] }) => Promise<Prediction[]>
  move: (components: readonly string[], to: string) => Promise<MoveStatus>
  /** A trial has begun, or has come to something. */
  record: (trial: Trial) => void
}

/** How long it waits for what. Default: DEPLOYER_LIMITS, which has the reasons. */
export interface AutomaticPace {
  planEveryMs: number
  settleMs: number
  /** Whole seconds. */
  trialWindowSeconds: number
  retryTrialMs: number
}

type State = { kind: 'watching' | 'moving' | 'settling' | 'measuring' | 'undoing' | 'off' }

/** Of a window: of fewer nobody can tell what one costs, and what nobody uses may stay where it is. */
const REQUESTS_MIN = 10

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
  #why: string | null = null
  readonly #pace: AutomaticPace

  /** `trials`: how many there have been before. */
  constructor(options: AutomaticOptions, trials = 0) {
    this.#options = options
    this.#trials = trials
    this.#pace = options.pace ?? DEPLOYER_LIMITS
  }

  get state(): State['kind'] {
    return this.#state.kind
  }

  get status(): AutomaticStatus {
    return { state: this.state, why: this.#why, trial: this.#last ?? null }
  }

  start(): void {
    if (this.#state.kind !== 'off') return
    // What has just started is as cold as what has just moved.
    this.#quietSinceMs = this.#options.clock.now() + this.#pace.settleMs
    this.#watch()
  }

  /** Somebody else has changed the placement: what was found before is no longer so, and a whole window without moves begins. */
  disturbed(): void {
    this.#why = null
    this.#quietSinceMs = this.#options.clock.now() + this.#pace.settleMs
  }

  /** A trial that is under way is left as it is. */
  stop(): void {
    this.#timer?.cancel()
    this.#state = { kind: 'off' }
    if (this.#last?.state !== 'moving' && this.#last?.state !== 'measuring') return
    this.#last.state = 'unmeasured'
    this.#last.why = UNMEASURED
    this.#options.record(this.#last)
  }

  #watch(): void {
    this.#state = { kind: 'watching' }
    this.#after(this.#pace.planEveryMs, () => void this.#look())
  }

  #after(ms: number, then: () => void): void {
    this.#timer?.cancel()
    this.#timer = this.#options.clock.setTimeout(then, ms)
  }

  async #look(): Promise<void> {
    const { clock, graph, groups } = this.#options
    const rules = this.#options.rules()
    const { trialWindowSeconds } = this.#pace
    if (clock.now() - this.#quietSinceMs < trialWindowSeconds * 1000) return this.#watch()
    const seen = graph(trialWindowSeconds)
    const before = measured(seen.graph, seen.cpuMsPerSecond)
    if (before.requestsPerSecond * trialWindowSeconds < REQUESTS_MIN)
      return this.#stay(
        `Fewer than ${REQUESTS_MIN} requests came in ${trialWindowSeconds} s: nothing moves for so few.`,
      )
    const today = groups.map((group) => ({ ...group, components: [...group.components] }))
    const found = await this.#plan({ graph: seen.graph, rules, today })
    if (this.state === 'off') return
    if (found.moves.length === 0) return this.#stay(found.why)
    if (shapeOf(groups) !== shapeOf(today)) return this.#stay('The placement was changed while a plan was made.')
    const [was, will] = found.predictions
    await this.#try(found.moves, { before, expected: predicted(before, was!, will!), calls: seen.calls })
  }

  #stay(why: string): void {
    this.#why = why
    this.#watch()
  }

  /** What is to be moved, and what is predicted of today's placement and of the one with these moves made; a planner that fails moves nothing. */
  async #plan(request: PlanRequest): Promise<{ moves: Move[]; why: string; predictions: Prediction[] }> {
    const { graph, rules, today } = request
    try {
      const { moves, summary } = await this.#options.plan(request)
      const allowed = this.#allowed(moves)
      const held = `${summary} But ${moves.length === 1 ? 'it was' : 'all were'} undone lately, and not tried again yet.`
      if (allowed.length === 0) return { moves: [], why: moves.length === 0 ? summary : held, predictions: [] }
      const placements = [today, placementAfter(today, allowed)]
      const predictions = await this.#options.predict({ graph, rules, placements })
      const gains = predictions[1]!.cost.total < predictions[0]!.cost.total
      // Moves of a plan may gain by each other only.
      return gains ? { moves: allowed, why: summary, predictions } : { moves: [], why: held, predictions }
    } catch (error) {
      if (!(error instanceof WeaveError)) throw error
      return { moves: [], why: error.message, predictions: [] }
    }
  }

  /** All of a plan or, once one has turned out wrong, its best. */
  #allowed(moves: readonly Move[]): Move[] {
    const now = this.#options.clock.now()
    for (const [key, until] of this.#refused) if (until <= now) this.#refused.delete(key)
    const allowed = moves.filter((move) => !this.#refused.has(keyOf(move)))
    return this.#careful ? allowed.toSorted((a, b) => b.gain - a.gain).slice(0, 1) : allowed
  }

  async #try(
    moves: Move[],
    { before, expected, calls }: { before: Outcome; expected: Outcome; calls: Calls },
  ): Promise<void> {
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
    this.#why = null
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
    const shape = shapeOf(this.#options.groups)
    this.#after(this.#pace.settleMs, () => {
      this.#state = { kind: 'measuring' }
      this.#measure({ trial, moves, made, calls, shape, worse: 0 })
    })
  }

  #measure(open: OpenTrial): void {
    this.#after(this.#pace.trialWindowSeconds * 1000, () => void this.#judge(open))
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

  async #judge(open: OpenTrial): Promise<void> {
    const { trial, shape } = open
    const { graph, rules, groups } = this.#options
    const seen = graph(this.#pace.trialWindowSeconds)
    trial.measured = measured(seen.graph, seen.cpuMsPerSecond)
    if (shapeOf(groups) !== shape)
      return this.#end(trial, 'kept', 'The placement was changed meanwhile: nobody can tell what it was.')
    const failing = failsNow(open.calls, seen.calls)
    if (failing !== undefined) return await this.#undo(open, failing)
    const verdict = compare(trial.before, trial.measured, rules().weights)
    if (verdict === 'worse' && ++open.worse < WORSE_WINDOWS) return this.#measure(open)
    if (verdict === 'worse') return await this.#undo(open, 'A request costs more than before.')
    if (verdict === 'better') this.#careful = false
    this.#end(trial, 'kept', KEPT[verdict])
  }

  async #undo({ trial, moves, made }: OpenTrial, why: string): Promise<void> {
    this.#state = { kind: 'undoing' }
    this.#careful = true
    this.#refuse(moves)
    const left = await this.#takeBack(made)
    if (this.state === 'off') return
    this.#end(trial, 'undone', `${why}${left === '' ? '' : ` Not all could be taken back: ${left}`}`)
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
    const until = this.#options.clock.now() + this.#pace.retryTrialMs
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

/** One that is being measured. */
interface OpenTrial {
  trial: Trial
  moves: Move[]
  made: MoveStatus[]
  /** Before it. */
  calls: Calls
  /** Of the placement that it has made. */
  shape: string
  /** Windows that were worse than before it. */
  worse: number
}

const WORSE_WINDOWS = 2

const KEPT = {
  better: 'A request costs less than before.',
  'as good': 'A request costs no more than before.',
  'not comparable': 'The load has changed too much to tell.',
}

/** Equal for equal placements. */
function shapeOf(groups: readonly Group[]): string {
  return groups
    .map(({ name, replicas, components }) => `${name} × ${replicas}: ${components.toSorted().join(' ')}`)
    .sort()
    .join('; ')
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
