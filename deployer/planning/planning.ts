/**
 * What is planned for a deployment: plans and what-ifs of its measured load for whoever asks, and automatic placement. In: the measured graph,
 * the groups as they are, moves. Out: plans; trials, as events. The planner's thread is here.
 */
import type { Clock } from '../../runtime/clock.ts'
import { WeaveError } from '../../runtime/errors.ts'
import type { Manifest } from '../../runtime/manifest.ts'
import { Automatic, type AutomaticPace, type AutomaticStatus } from '../automatic/automatic.ts'
import type { Trial } from '../automatic/trial.ts'
import type { DeployEvent } from '../events.ts'
import type { MeasuredGraph } from '../graph/measured.ts'
import type { MoveStatus } from '../moves/mover.ts'
import { whyFixed } from '../moves/wish.ts'
import { type Group, onlyOnce } from '../placement.ts'
import { PLAN_RULES } from '../planner/defaults.ts'
import type { CallGraph, Pins, Plan, PlanRequest, PlanRules } from '../planner/model.ts'
import type { WhatIf } from '../planner/what-if.ts'
import type { Ranges } from '../scaling/ranges.ts'
import { Frugal } from './frugal.ts'
import type { PredictRequest } from './job.ts'
import { PlannerThread } from './planner-thread.ts'
import { keepsState, stays } from './stays.ts'

/** A plan, and what stays though it could be moved by hand: sentences. */
export interface PlanAnswer extends Plan {
  stays: string[]
}

export interface PlanningOptions {
  clock: Clock
  application: string
  manifest: Manifest
  /** As they are now, always. */
  groups: readonly Group[]
  singletons: ReadonlySet<string>
  /** With full names. */
  pins: Pins
  /** Of groups whose replicas follow load. */
  ranges: Pick<Ranges, 'of'>
  graph: Pick<MeasuredGraph, 'callGraph' | 'report'>
  move: (components: readonly string[], to: string) => Promise<MoveStatus>
  emit: (event: DeployEvent) => void
  /** Placement decides by itself. */
  automatic: boolean
  pace?: AutomaticPace | undefined
  /** How many trials there have been before. */
  trials?: number | undefined
}

export class Planning {
  readonly #options: PlanningOptions
  readonly #rules: PlanRules
  readonly #thread: PlannerThread
  readonly #automatic: Automatic | undefined

  constructor(options: PlanningOptions) {
    this.#options = options
    this.#rules = { ...PLAN_RULES, pins: options.pins }
    this.#thread = new PlannerThread(options)
    this.#automatic = options.automatic ? this.#automaticOf(options) : undefined
  }

  #automaticOf({ clock, groups, graph, move, emit, pace, trials }: PlanningOptions): Automatic {
    const frugal = new Frugal({ clock, ask: (request) => this.#thread.ask('propose', request) })
    const options = {
      clock,
      now: Date.now,
      rules: this.#rules,
      pace,
      groups,
      move,
      graph: (seconds: number) => {
        const calls = graph.report(seconds)
        const cpuMsPerSecond = calls.processes.reduce((sum, process) => sum + process.cpuMsPerSecond, 0)
        return { graph: this.#graph(seconds), cpuMsPerSecond, calls }
      },
      plan: (request: PlanRequest) => frugal.plan(request),
      predict: (request: PredictRequest) => this.#thread.ask('predict', request),
      record: (trial: Trial) => emit({ type: 'trial', ...structuredClone(trial) }),
    }
    return new Automatic(options, trials)
  }

  get automatic(): (AutomaticStatus & { stays: string[] }) | null {
    return this.#automatic === undefined ? null : { ...this.#automatic.status, stays: this.#stays() }
  }

  /** The application runs. */
  start(): void {
    this.#automatic?.start()
  }

  stop(): void {
    this.#automatic?.stop()
    this.#thread.stop()
  }

  /** What a plan is made from, of the last `seconds`; it survives JSON. Throws `WV_DEPLOY` where no calls were measured. */
  request(seconds: number): PlanRequest {
    const graph = this.#graph(seconds)
    if (graph.edges.length + graph.entries.length === 0) {
      const text = `No calls were measured in the last ${seconds} s: a plan needs to see what "${this.#options.application}" does. Send it requests, then ask again; "weave graph --live" shows what is measured.`
      throw new WeaveError(text, { code: 'WV_DEPLOY' })
    }
    const today = this.#options.groups.map((group) => ({ ...group, components: [...group.components] }))
    return { graph, rules: this.#rules, today }
  }

  async plan(seconds: number, signal?: AbortSignal): Promise<PlanAnswer> {
    const plan = await this.#thread.ask('propose', this.request(seconds), signal)
    return { ...plan, stays: this.#stays() }
  }

  #stays(): string[] {
    return stays(this.#options.manifest)
  }

  /** Throws `WV_CONFIG` for a wish that isn't one. */
  async whatIf(seconds: number, wishes: string[], signal?: AbortSignal): Promise<WhatIf[]> {
    const request = this.request(seconds)
    return await this.#thread.ask('what-if', { request, wishes, where: 'what if' }, signal)
  }

  #graph(seconds: number): CallGraph {
    return withRules(this.#options.graph.callGraph(seconds), this.#options)
  }
}

/**
 * What can't move stays, and so does what keeps something that nobody has spoken of: a person may move it, no plan does. Where replicas follow load there may be as many as weave.config.ts allows; elsewhere those that run, since a move changes where
 * components are, not how many there are of a group. What there may be one of has one, with all that share its process.
 */
export function withRules(
  graph: CallGraph,
  { manifest, groups, singletons, ranges }: Pick<PlanningOptions, 'manifest' | 'groups' | 'singletons' | 'ranges'>,
): CallGraph {
  const lists = groups.map((group) => group.components)
  const isJob = onlyOnce(manifest, lists, new Set()).has(manifest.root)
  const allowed = new Map(
    groups.flatMap((group) => {
      const { min, max } = ranges.of(group) ?? { min: group.replicas, max: group.replicas }
      return group.components.map((name) => [name, { min, max }] as const)
    }),
  )
  // Groups of different numbers may be put together, so no more than all have is asked for.
  const replicasMin = Math.min(...[...allowed.values()].map(({ min }) => min))
  const keeping = new Set(manifest.components.filter(keepsState).map(({ name }) => name))
  const components = graph.components.map((component) => {
    const { name } = component
    const isFixed = keeping.has(name) || whyFixed(name, manifest) !== undefined
    const once = (name === manifest.root && isJob) || singletons.has(name)
    return {
      ...component,
      ...(isFixed && { fixed: true }),
      replicasMin,
      replicasMax: once ? 1 : (allowed.get(name)?.max ?? 1),
    }
  })
  return { ...graph, components }
}
