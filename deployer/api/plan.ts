/**
 * `GET /v1/plan?seconds=60`: the placement that the measured calls ask for (planner/model.ts: `Plan`); with one or more `what-if=Cart%20apart` what those
 * placements would cost, a `WhatIf` each. Nothing moves. `GET /v1/plan/request?seconds=60`: what a plan is made from. `GET /v1/trials?limit=100`: what
 * automatic placement has tried, the newest first.
 */
import { WeaveError } from '../../runtime/errors.ts'
import type { Trial } from '../automatic/trial.ts'
import { DEPLOYER_LIMITS } from '../limits.ts'
import type { Planning } from '../planning/planning.ts'
import { secondsOf } from './graph.ts'
import type { Resource } from './server.ts'

export const WISH = 'what-if'
/** Each takes three predictions. */
const WISHES_MAX = 50

export const planResource = (planning: Pick<Planning, 'plan' | 'whatIf'>): Resource => ({
  method: 'GET',
  path: '/v1/plan',
  answer({ query, signal }) {
    const seconds = secondsOf(query.get('seconds'))
    const wishes = query.getAll(WISH)
    if (wishes.length > WISHES_MAX) {
      const text = `At most ${WISHES_MAX} wishes are answered at a time; there are ${wishes.length}.`
      throw new WeaveError(text, { code: 'WV_CONFIG' })
    }
    return wishes.length === 0 ? planning.plan(seconds, signal) : planning.whatIf(seconds, wishes, signal)
  },
})

export const planRequestResource = (planning: Pick<Planning, 'request'>): Resource => ({
  method: 'GET',
  path: '/v1/plan/request',
  answer: ({ query }) => planning.request(secondsOf(query.get('seconds'))),
})

export const trialsResource = (trials: (limit: number) => Trial[]): Resource => ({
  method: 'GET',
  path: '/v1/trials',
  answer: ({ query }) => trials(limitOf(query.get('limit'))),
})

export const TRIALS_DEFAULT = 100

function limitOf(given: string | null): number {
  if (given === null) return TRIALS_DEFAULT
  const limit = Number(given)
  if (Number.isInteger(limit) && limit >= 1 && limit <= DEPLOYER_LIMITS.trialsMax) return limit
  const text = `"limit" must be a whole number from 1 to ${DEPLOYER_LIMITS.trialsMax}; it is ${JSON.stringify(given.slice(0, 100))}.`
  throw new WeaveError(text, { code: 'WV_CONFIG' })
}
