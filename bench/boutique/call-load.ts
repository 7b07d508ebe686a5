/**
 * What drives the component calls of a variant, from within its front process: connects to the bench's socket, and for each line
 * `{ rate, seconds }` that comes sends customers at that rate and answers with the fixture's report. Ends when the socket does.
 */
import { connect } from 'node:net'
import { createInterface } from 'node:readline'
import { openLoop } from '../../fixtures/boutique/load/pace.ts'
import { seeded } from '../../fixtures/boutique/load/random.ts'
import { type LoadReport, Tally } from '../../fixtures/boutique/load/tally.ts'
import { user } from '../../fixtures/boutique/load/users.ts'
import { chooseVisit } from '../../fixtures/boutique/load/visits.ts'
import { type Services, Storefront } from '../../fixtures/boutique/src/shop/storefront.ts'
import { CallShopper } from './call-shopper.ts'

export interface Order {
  /** Visits a second, evenly spaced. */
  rate: number
  seconds: number
}

/** At once, at most: as the fixture's open loop. */
const USERS = 200
const CURRENCIES = ['USD', 'EUR', 'CAD', 'JPY', 'GBP', 'TRY']

type Log = ConstructorParameters<typeof Storefront>[2]

export async function serveCalls(socketPath: string, services: Services, log: Log): Promise<void> {
  const storefront = new Storefront(services, CURRENCIES, log)
  const socket = connect(socketPath)
  for await (const line of createInterface({ input: socket })) {
    const report = await callLoad(JSON.parse(line) as Order, services, storefront)
    socket.write(`${JSON.stringify(report)}\n`)
  }
}

async function callLoad(order: Order, services: Services, storefront: Storefront): Promise<LoadReport> {
  const durationMs = order.seconds * 1000
  const beganAt = Date.now()
  const begunMs = performance.now()
  const nowMs = () => performance.now() - begunMs
  const tally = new Tally()
  const pace = openLoop(order.rate, 'fixed', seeded(1))
  const { signal } = new AbortController()
  await Promise.all(
    Array.from({ length: USERS }, (_, index) => {
      const random = seeded(index + 2)
      const shopper = new CallShopper(services, storefront)
      return user({ first: chooseVisit(random), shopper, pace, random, tally, nowMs, durationMs, signal })
    }),
  )
  return tally.report(Math.max(nowMs(), durationMs), beganAt)
}
