/**
 * What a process does that is asked for more than it can: calls come at random moments at a rate that doesn't heed the answers (an open loop), at 0.5 to 3
 * times what one process can serve. Each keeps the callee busy for a millisecond, and its caller waits for so long and no longer. Goodput (answers in
 * time), what was shed (`WV_OVERLOADED`: surely not run), what failed otherwise, what the callee ran for nobody, the latency of what was served, and requests
 * sent for each call. Guards runtime/transport/socket/backlog.ts, runtime/calls/retry.ts.
 *
 *     node bench/overload.bench.ts [seconds for each load=3]
 */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { WeaveError, withDeadline } from '../runtime/index.ts'
import { Client } from '../runtime/transport/socket/client.ts'
import { BenchCatalog, type Catalog } from './catalog.ts'
import { connect, serve } from './rpc/ours.ts'

const SECONDS = Number(process.argv[2] ?? 3)
const WORK_MICROSECONDS = 1_000
const LOADS = [0.5, 0.8, 1, 1.5, 2, 3]
const DEADLINES_MS = [100, 1_000]

interface Outcome {
  calls: number
  good: number
  shed: number
  late: number
  other: number
  sent: number
  ran: number
  /** Of good ones, in milliseconds. */
  times: number[]
  seconds: number
}

/** Requests that left this process, repetitions included. */
let sent = 0
const { send } = Client.prototype
Client.prototype.send = function (call) {
  sent++
  send.call(this, call)
}

async function ranSoFar(server: ChildProcess): Promise<number> {
  server.send('ran')
  const [ran] = (await once(server, 'message')) as [number]
  return ran
}

/** Calls a second that one process serves when it always has the next one. */
async function capacity(catalog: Catalog): Promise<number> {
  let calls = 0
  const start = performance.now()
  const lane = async () => {
    for (; performance.now() < start + SECONDS * 1_000; calls++) await catalog.work(WORK_MICROSECONDS)
  }
  await Promise.all(Array.from({ length: 4 }, lane))
  return (calls * 1_000) / (performance.now() - start)
}

async function measure(server: ChildProcess, catalog: Catalog, rate: number, deadlineMs: number): Promise<Outcome> {
  const outcome: Outcome = { calls: 0, good: 0, shed: 0, late: 0, other: 0, sent: 0, ran: 0, times: [], seconds: 0 }
  const [sentBefore, ranBefore] = [sent, await ranSoFar(server)]
  const pending: Promise<void>[] = []
  const start = performance.now()
  const end = start + SECONDS * 1_000
  for (let next = start; next < end; ) {
    const now = performance.now()
    for (; next <= now && next < end; next += (-Math.log(1 - Math.random()) / rate) * 1_000)
      pending.push(one(catalog, deadlineMs, outcome))
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
  outcome.seconds = (performance.now() - start) / 1_000
  await Promise.all(pending)
  outcome.sent = sent - sentBefore
  outcome.ran = (await ranSoFar(server)) - ranBefore
  return outcome
}

async function one(catalog: Catalog, deadlineMs: number, outcome: Outcome): Promise<void> {
  outcome.calls++
  const start = performance.now()
  try {
    await withDeadline(deadlineMs, () => catalog.work(WORK_MICROSECONDS))
    outcome.good++
    outcome.times.push(performance.now() - start)
  } catch (error) {
    const code = error instanceof WeaveError ? error.code : undefined
    if (code === 'WV_OVERLOADED' && (error as WeaveError).executed === 'no') outcome.shed++
    else if (code === 'WV_DEADLINE') outcome.late++
    else outcome.other++
  }
}

function quantile(values: number[], at: number): number {
  return [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * at))] ?? Number.NaN
}

function row(load: number, most: number, outcome: Outcome): string {
  const { calls, good, shed, late, other, ran, times, seconds } = outcome
  const percent = (count: number, of: number) => `${((count / of) * 100).toFixed(1)} %`
  const cells = [
    `${load} ×`,
    (calls / seconds).toFixed(0),
    (good / seconds).toFixed(0),
    percent(good / seconds, most),
    percent(shed, calls),
    percent(late, calls),
    String(other),
    percent(ran - good, Math.max(1, ran)),
    quantile(times, 0.5).toFixed(1),
    quantile(times, 0.99).toFixed(1),
    (outcome.sent / calls).toFixed(2),
  ]
  return `| ${cells.join(' | ')} |`
}

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'weavets-bench-'))
  const path = join(folder, 'socket')
  const server = fork(import.meta.filename, ['serve', path])
  try {
    await once(server, 'message')
    const catalog = await connect({ path, port: 0 })
    const most = await capacity(catalog)
    for (const deadlineMs of DEADLINES_MS) {
      console.log(`\nA callee that serves ${most.toFixed(0)} calls/s, and callers that wait for ${deadlineMs} ms:\n`)
      console.log(
        '| load | calls/s | in time/s | of capacity | shed | late | other | ran in vain | p50 ms | p99 ms | requests a call |',
      )
      console.log('| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |')
      for (const load of LOADS) console.log(row(load, most, await measure(server, catalog, load * most, deadlineMs)))
    }
  } finally {
    server.kill()
    rmSync(folder, { recursive: true })
  }
  process.exit()
}

/** Counts what its server runs. */
class Counting extends BenchCatalog {
  ran = 0

  override work(microseconds: number): Promise<void> {
    this.ran++
    return super.work(microseconds)
  }
}

if (process.argv[2] === 'serve') {
  const catalog = new Counting()
  await serve({ path: process.argv[3]!, port: 0 }, catalog)
  process.on('message', () => process.send!(catalog.ran))
  process.send!('ready')
} else await main()
