/** `GET /v1/graph?seconds=60`: what was measured of calls, components and processes in the last so many seconds (deployer/graph/report.ts). */
import { WeaveError } from '../../runtime/errors.ts'
import type { GraphReport } from '../graph/report.ts'
import { DEPLOYER_LIMITS } from '../limits.ts'
import type { Resource } from './server.ts'

const SECONDS_DEFAULT = 60
const SECONDS_MAX = DEPLOYER_LIMITS.graphMinutes * 60

export const graphResource = (graph: (seconds: number) => GraphReport): Resource => ({
  method: 'GET',
  path: '/v1/graph',
  answer: ({ query }) => graph(secondsOf(query.get('seconds'))),
})

export function secondsOf(given: string | null): number {
  if (given === null) return SECONDS_DEFAULT
  const seconds = Number(given)
  if (Number.isInteger(seconds) && seconds >= 1 && seconds <= SECONDS_MAX) return seconds
  const text = `"seconds" must be a whole number from 1 to ${SECONDS_MAX}; it is ${JSON.stringify(given.slice(0, 100))}.`
  throw new WeaveError(text, { code: 'WV_CONFIG' })
}
