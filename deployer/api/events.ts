/**
 * `GET /v1/events?after=ID&follow=1`: what has happened, a line each: `{ id, timeMs, event }`, the oldest first. With `follow` it goes on
 * until the client leaves or the deployment ends. Bounded by what the store keeps.
 */
import { WeaveError } from '../../runtime/errors.ts'
import { DEPLOYER_LIMITS } from '../limits.ts'
import type { EventRecord } from '../state/store.ts'
import type { Resource } from './server.ts'

export interface EventSource {
  events(after: number, limit: number): EventRecord[]
  /** Calls `wake` after each event until the returned function is called. */
  onEvent(wake: () => void): () => void
}

export const eventsResource = (source: EventSource): Resource => ({
  method: 'GET',
  path: '/v1/events',
  lines: ({ query, signal }) => lines(source, numberOf(query.get('after')), query.has('follow'), signal),
})

async function* lines(
  source: EventSource,
  after: number,
  follow: boolean,
  signal: AbortSignal,
): AsyncGenerator<EventRecord> {
  let wake = () => {}
  const off = source.onEvent(() => wake())
  const aborted = () => wake()
  signal.addEventListener('abort', aborted)
  try {
    for (let last = after; ; ) {
      const more = new Promise<void>((resolve) => {
        wake = resolve
      })
      const records = source.events(last, DEPLOYER_LIMITS.eventsMax)
      yield* records
      last = records.at(-1)?.id ?? last
      if (!follow || signal.aborted) return
      if (records.length === 0) await more
    }
  } finally {
    off()
    signal.removeEventListener('abort', aborted)
  }
}

function numberOf(text: string | null): number {
  const number = Number(text ?? 0)
  if (Number.isSafeInteger(number) && number >= 0) return number
  throw new WeaveError(`"after" must be a whole number; it is ${JSON.stringify(text)}.`, { code: 'WV_CONFIG' })
}
