/**
 * Plans for who asks every few seconds whether something should move, which mostly nothing should. In: requests. Out: plans, of the planner's thread only where
 * its answer could be another than the last one's: to start that thread takes 0.2 s of CPU, and a plan of a thousand components takes a second.
 */
import type { Clock } from '../../runtime/clock.ts'
import { DEPLOYER_LIMITS } from '../limits.ts'
import type { Placement, Plan, PlanRequest } from '../planner/model.ts'
import { roomToGain } from '../planner/room.ts'
import { hasChanged } from './change.ts'

export type BriefPlan = Pick<Plan, 'moves' | 'summary'>

export interface FrugalOptions {
  clock: Clock
  /** The planner's thread. */
  ask: (request: PlanRequest) => Promise<Plan>
}

interface Asked {
  request: PlanRequest
  plan: BriefPlan
  atMs: number
}

export class Frugal {
  readonly #options: FrugalOptions
  #last: Asked | undefined

  constructor(options: FrugalOptions) {
    this.#options = options
  }

  async plan(request: PlanRequest): Promise<BriefPlan> {
    if (roomToGain(request) <= 0) return { moves: [], summary: NO_ROOM }
    const { clock, ask } = this.#options
    const last = this.#last
    const isFresh = last !== undefined && clock.now() - last.atMs < DEPLOYER_LIMITS.planAgainMs
    if (isFresh && samePlacement(last.request.today, request.today) && !hasChanged(last.request.graph, request.graph))
      return last.plan
    const atMs = clock.now()
    const { moves, summary } = await ask(request)
    this.#last = { request, plan: { moves, summary }, atMs }
    return this.#last.plan
  }
}

const NO_ROOM =
  'Nothing moves: all is in one process, and what calls wait for each other there is worth less than another process.'

function samePlacement(one: Placement, other: Placement): boolean {
  const text = (placement: Placement) =>
    placement
      .map(({ name, replicas, components }) => `${name} × ${replicas}: ${components.toSorted().join(' ')}`)
      .sort()
      .join('; ')
  return text(one) === text(other)
}
