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
import { type Decisions, heldGroups, keepsState, stays } from './stays.ts'

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
  ranges: Pick<Ranges, 'of' | 'least'>
  graph: Pick<MeasuredGraph, 'callGraph' | 'report'>
  move: (components: readonly string[], to: string) => Promise<MoveStatus>
  /** What people had decided before this deployer came. */
  decisions?: Decisions | undefined
  /** They have decided something more. */
  decided: (decisions: Decisions) => void
  emit: (event: DeployEvent) => void
  /** Placement decides by itself. */
  automatic: boolean
  pace?: AutomaticPace | undefined
  /** How many trials there have been before. */
  trials?: number | undefined
}

export class Planning {
  readonly #options: PlanningOptions
  #decisions: Decisions
  readonly #thread: PlannerThread
  readonly #automatic: Automatic | undefined

  constructor(options: PlanningOptions) {
    this.#options = options
    this.#decisions = options.decisions ?? {}
    this.#thread = new PlannerThread(options)
    this.#automatic = options.automatic ? this.#automaticOf(options) : undefined
  }

  #automaticOf({ clock, groups, graph, emit, pace, trials }: PlanningOptions): Automatic {
    const frugal = new Frugal({ clock, ask: (request) => this.#thread.ask('propose', request) })
    const options = {
      clock,
      now: Date.now,
      rules: () => this.#rules(),
      pace,
      groups,
      move: (components: readonly string[], to: string) => this.#moveItself(components, to),
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

  /** A person has moved or scaled these: that holds, whatever is measured, until the next deployment. */
  decided(what: Decisions[string], components: readonly string[]): void {
    this.#decisions = { ...this.#decisions, ...Object.fromEntries(components.map((name) => [name, what])) }
    this.#options.decided(this.#decisions)
    this.#automatic?.disturbed()
  }

  /** A trial may have been planned before a person decided otherwise. */
  async #moveItself(components: readonly string[], to: string): Promise<MoveStatus> {
    const { groups, move, manifest } = this.#options
    const isTouched = (group: Group) => group.name === to || group.components.some((name) => components.includes(name))
    const held = heldGroups(groups, this.#decisions).filter(isTouched)
    if (held.length > 0)
      throw new WeaveError(stays({ ...manifest, components: [] }, held, this.#decisions).join(' '), {
        code: 'WV_CONFIG',
      })
    return await move(components, to)
  }

  /** Nobody comes to a group that people hold. */
  #rules(): PlanRules {
    const { pins, groups, manifest } = this.#options
    const apart = heldGroups(groups, this.#decisions).flatMap(({ components: [one, ...own] }) =>
      manifest.components.flatMap(({ name }) => (name === one || own.includes(name) ? [] : [[one!, name]])),
    )
    return { ...PLAN_RULES, pins: { ...pins, apart: [...pins.apart, ...apart] } }
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
    return { graph, rules: this.#rules(), today }
  }

  async plan(seconds: number, signal?: AbortSignal): Promise<PlanAnswer> {
    const plan = await this.#thread.ask('propose', this.request(seconds), signal)
    return { ...plan, stays: this.#stays() }
  }

  #stays(): string[] {
    return stays(this.#options.manifest, this.#options.groups, this.#decisions)
  }

  /** Throws `WV_CONFIG` for a wish that isn't one. */
  async whatIf(seconds: number, wishes: string[], signal?: AbortSignal): Promise<WhatIf[]> {
    const request = this.request(seconds)
    return await this.#thread.ask('what-if', { request, wishes, where: 'what if' }, signal)
  }

  #graph(seconds: number): CallGraph {
    return withRules(this.#options.graph.callGraph(seconds), { ...this.#options, decisions: this.#decisions })
  }
}

/**
 * What can't move stays, and so does what keeps something that nobody has spoken of, and what a person has moved or scaled. Where replicas follow load there may be
 * as many as weave.config.ts allows; elsewhere those that run, since a move changes where components are, not how many there are of a group: no fewer than the
 * config asks for. What there may be one of has one, with all that share its process.
 */
export function withRules(
  graph: CallGraph,
  {
    manifest,
    groups,
    singletons,
    ranges,
    decisions,
  }: Pick<PlanningOptions, 'manifest' | 'groups' | 'singletons' | 'ranges'> & { decisions: Decisions },
): CallGraph {
  const lists = groups.map((group) => group.components)
  const isJob = onlyOnce(manifest, lists, new Set()).has(manifest.root)
  const held = new Set(heldGroups(groups, decisions))
  const rules = new Map(
    groups.flatMap((group) => {
      const { replicas } = group
      const range = ranges.of(group)
      return group.components.map((name) => {
        // A group that has fewer than the config asks for holds nothing up.
        const min = range?.min ?? (held.has(group) ? replicas : Math.min(replicas, ranges.least([name])))
        return [name, { min, max: range?.max ?? replicas, isHeld: held.has(group) }] as const
      })
    }),
  )
  const keeping = new Set(manifest.components.filter(keepsState).map(({ name }) => name))
  const components = graph.components.map((component) => {
    const { name } = component
    const { min, max, isHeld } = rules.get(name) ?? { min: 1, max: 1, isHeld: false }
    const isFixed = isHeld || keeping.has(name) || whyFixed(name, manifest) !== undefined
    const once = (name === manifest.root && isJob) || singletons.has(name)
    return { ...component, ...(isFixed && { fixed: true }), replicasMin: once ? 1 : min, replicasMax: once ? 1 : max }
  })
  return { ...graph, components }
}
