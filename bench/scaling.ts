/**
 * Replicas that follow a step of load, on a real deployment (test/e2e/apps/tally): requests at a constant rate come over HTTP, each makes one call by
 * key that holds its replica's event loop for 5 ms, without using CPU, so that two cores do for ten replicas. A replica so does 200 a second. Latency is
 * counted from when a request should have been sent. Prints one line a second of the step, and a table: what is asked for, time until
 * requests are quick again, how many replicas there were at most, and time until they are gone.
 *
 *   node bench/scaling.ts [rateBefore=100] [rateOfTheStep=600] [secondsOfTheStep=45] [max=8]
 */
import { Agent, request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { startTally } from '../test/e2e/tally.ts'

const [before = 100, step = 600, seconds = 45, max = 8] = process.argv.slice(2).map(Number)
const HOLD_MS = 5
const BEFORE_SECONDS = 12
const QUICK_MS = 100
/** Replicas that are left in the end: with one less they would be busier than half. */
const rest = Math.floor((before * HOLD_MS) / 1000 / 0.5) + 1
const KEYS = 5_000
const TICK_MS = 5

const tally = await startTally({ workers: 0, config: { replicas: { Tally: { min: 1, max } } } })
const { deployment, events } = tally
const web = events.find((event) => event.type === 'listener')!.url
const agent = new Agent({ keepAlive: true, maxSockets: 512 })

interface Second {
  latencies: number[]
  failed: number
}

const startMs = performance.now()
const secondsOf = new Map<number, Second>()
let sent = 0
let rate = before

function send(dueMs: number): void {
  const second = Math.floor((dueMs - startMs) / 1000)
  const known = secondsOf.get(second) ?? { latencies: [], failed: 0 }
  secondsOf.set(second, known)
  const key = (sent++ * 7_919) % KEYS
  const failed = () => known.failed++
  request(`${web}/count?key=user-${key}&hold=${HOLD_MS}`, { agent }, (response) => {
    response.resume().on('end', () => {
      if (response.statusCode === 200) known.latencies.push(performance.now() - dueMs)
      else failed()
    })
  })
    .on('error', failed)
    .end()
}

/** At a constant rate, however late the answers are. */
let dueMs = performance.now()
const ticking = setInterval(() => {
  for (const now = performance.now(); dueMs <= now; dueMs += 1000 / rate) send(dueMs)
}, TICK_MS)

const atMs = (): number => performance.now() - startMs
const scaled: { second: number; from: number; to: number; why: string }[] = []
let seen = 0
const watching = setInterval(() => {
  for (const event of events.slice(seen))
    if (event.type === 'scaling')
      scaled.push({ second: atMs() / 1000, from: event.from, to: event.to, why: event.why ?? 'asked' })
  seen = events.length
}, 50)

await sleep(BEFORE_SECONDS * 1000)
const stepS = atMs() / 1000
rate = step
await sleep(seconds * 1000)
const downS = atMs() / 1000
rate = before
while (deployment.processes().filter(({ group }) => group === 'tally').length > rest && atMs() / 1000 < downS + 180)
  await sleep(500)
const endS = atMs() / 1000
clearInterval(ticking)
clearInterval(watching)
await sleep(1_000)
agent.destroy()
const rebalanced = events.filter(({ type }) => type === 'rebalanced').length
await tally.close()

const percentile = (values: number[], q: number) =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length * q)] ?? Number.NaN
const rows = [...secondsOf].map(([second, { latencies, failed }]) => ({
  second,
  p99: percentile(latencies, 0.99),
  failed,
  count: latencies.length,
}))
for (const { second, count, p99, failed } of rows)
  if (second >= stepS - 2 && second <= stepS + 30)
    console.log(
      `${String(second - Math.floor(stepS)).padStart(4)} s  ${String(count).padStart(4)} answered  p99 ${p99.toFixed(0).padStart(6)} ms  ${failed} failed`,
    )
for (const { second, from, to, why } of scaled)
  console.log(`${(second - stepS).toFixed(1)} s: from ${from} to ${to}: ${why}`)

const slow = rows.filter(
  ({ second, p99, failed }) => second >= Math.floor(stepS) && second < downS - 1 && (failed > 0 || p99 > QUICK_MS),
)
const most = Math.max(1, ...scaled.map(({ to }) => to))
const needed = Math.ceil((step * HOLD_MS) / 1000 / 0.8)
const last = slow.at(-1)?.second
const table: [string, string][] = [
  ['requests a second, before and from the step on', `${before}, ${step}`],
  ['replicas that the step needs to stay below 80 %', String(needed)],
  ['first decision after the step', `${(scaled.find(({ second }) => second > stepS)!.second - stepS).toFixed(1)} s`],
  [`p99 below ${QUICK_MS} ms again after`, last === undefined ? 'never above' : `${(last + 1 - stepS).toFixed(1)} s`],
  ['replicas at most (overshoot)', `${most} (${most - needed})`],
  ['requests failed', `${rows.reduce((sum, { failed }) => sum + failed, 0)} of ${sent}`],
  ['keys rebalanced', `${rebalanced} times`],
  [`${rest} again after the step ends`, `${(endS - downS).toFixed(0)} s`],
]
console.log('\n| | |\n| --- | ---: |')
for (const [what, value] of table) console.log(`| ${what} | ${value} |`)
