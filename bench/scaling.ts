/**
 * Replicas that follow a step of load, on a real deployment (test/e2e/apps/tally): requests at a constant rate come over HTTP, each makes one call by
 * key that holds its replica's event loop for 5 ms, without using CPU, so that two cores do for ten replicas. A replica so does 200 a second. Latency is
 * counted from when a request should have been sent. Prints the seconds of the first run's step, the decisions of each, and a table of the median run and
 * all of them: what is asked for, time until requests are quick again, how many replicas there were at most, and time until they are gone.
 *
 *   node bench/scaling.ts [rateBefore=100] [rateOfTheStep=600] [secondsOfTheStep=45] [max=8] [runs=3]
 */
import { Agent, request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { startTally } from '../test/e2e/tally.ts'

const [before = 100, step = 600, seconds = 45, max = 8, runs = 3] = process.argv.slice(2).map(Number)
const HOLD_MS = 5
const BEFORE_SECONDS = 12
const QUICK_MS = 100
/** Replicas that are left in the end: with one less they would be busier than half. */
const rest = Math.floor((before * HOLD_MS) / 1000 / 0.5) + 1
const KEYS = 5_000
const TICK_MS = 5

const needed = Math.ceil((step * HOLD_MS) / 1000 / 0.8)

interface Second {
  latencies: number[]
  failed: number
}

interface Run {
  /** Seconds, of the step's begin. */
  firstDecision: number
  quickAfter: number
  longestP99Ms: number
  most: number
  failed: number
  sent: number
  rebalanced: number
  /** Of its end. */
  restAfter: number
}

async function run(prints: boolean): Promise<Run> {
  // Held loops use no core, so there is one to spare whatever else runs on the machine.
  const config = { replicas: { Tally: { min: 1, max } } }
  const tally = await startTally({ workers: 0, config, spareCores: () => max })
  const { deployment, events } = tally
  const web = events.find((event) => event.type === 'listener')!.url
  const agent = new Agent({ keepAlive: true, maxSockets: 512 })
  const startMs = performance.now()
  const secondsOf = new Map<number, Second>()
  let sent = 0
  let rate = before

  const send = (dueMs: number): void => {
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
  const at = (): number => (performance.now() - startMs) / 1000
  const scaled: { second: number; from: number; to: number; why: string }[] = []
  let seen = 0
  const watching = setInterval(() => {
    for (const event of events.slice(seen))
      if (event.type === 'scaling')
        scaled.push({ second: at(), from: event.from, to: event.to, why: event.why ?? 'asked' })
    seen = events.length
  }, 50)

  await sleep(BEFORE_SECONDS * 1000)
  const stepAt = at()
  rate = step
  await sleep(seconds * 1000)
  const downAt = at()
  rate = before
  while (deployment.processes().filter(({ group }) => group === 'tally').length > rest && at() < downAt + 180)
    await sleep(500)
  const restAt = at()
  clearInterval(ticking)
  clearInterval(watching)
  await sleep(1_000)
  agent.destroy()
  const rebalanced = events.filter(({ type }) => type === 'rebalanced').length
  await tally.close()

  const rows = [...secondsOf].map(([second, { latencies, failed }]) => ({
    second,
    p99: quantile(latencies, 0.99),
    failed,
    count: latencies.length,
  }))
  const ofStep = rows.filter(({ second }) => second >= Math.floor(stepAt) && second < downAt - 1)
  if (prints)
    for (const { second, count, p99, failed } of ofStep)
      console.log(
        `${String(second - Math.floor(stepAt)).padStart(4)} s  ${String(count).padStart(4)} answered  p99 ${p99.toFixed(0).padStart(6)} ms  ${failed} failed`,
      )
  console.log(
    scaled.map(({ second, from, to, why }) => `${(second - stepAt).toFixed(1)} s: ${from} to ${to}, ${why}`).join('\n'),
  )
  const slow = ofStep.filter(({ p99, failed }) => failed > 0 || p99 > QUICK_MS)
  return {
    firstDecision: scaled.find(({ second }) => second > stepAt)!.second - stepAt,
    quickAfter: slow.length === 0 ? 0 : slow.at(-1)!.second + 1 - stepAt,
    longestP99Ms: Math.max(...ofStep.map(({ p99 }) => p99)),
    most: Math.max(1, ...scaled.map(({ to }) => to)),
    failed: rows.reduce((sum, { failed }) => sum + failed, 0),
    sent,
    rebalanced,
    restAfter: restAt - downAt,
  }
}

function quantile(values: readonly number[], q: number): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length * q)] ?? Number.NaN
}

const all: Run[] = []
for (let each = 0; each < runs; each++) all.push(await run(each === 0))

const ROWS: [what: string, of: (run: Run) => number, digits: number][] = [
  ['first decision after the step, s', (each) => each.firstDecision, 1],
  [`p99 below ${QUICK_MS} ms again after, s`, (each) => each.quickAfter, 1],
  ['longest p99 of a second, ms', (each) => each.longestP99Ms, 0],
  [`replicas at most, where ${needed} keep loops below 80 %`, (each) => each.most, 0],
  ['requests failed', (each) => each.failed, 0],
  ['requests sent', (each) => each.sent, 0],
  ['keys rebalanced, times', (each) => each.rebalanced, 0],
  [`${rest} again after the step ends, s`, (each) => each.restAfter, 0],
]
console.log(`\n| ${before} requests a second, ${step} for ${seconds} s | median | each run |\n| --- | ---: | --- |`)
for (const [what, of, digits] of ROWS) {
  const values = all.map((each) => of(each).toFixed(digits))
  console.log(`| ${what} | ${quantile(all.map(of), 0.5).toFixed(digits)} | ${values.join(', ')} |`)
}
