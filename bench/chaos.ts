/**
 * The Online Boutique apart, under load, with one process killed by SIGKILL every ten seconds; each process has its turn.
 * Checks and reports: the application stays up; each failed request was under way when a process died (so that process
 * may have had it in hand); pages made of idempotent calls alone fail only when the process that serves HTTP itself dies.
 *
 *   node bench/chaos.ts [seconds=120] [secondsBetweenKills=10] [flags for weave deploy …]
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Failure, LoadReport } from '../fixtures/boutique/load/tally.ts'
import { deploy, repository } from '../test/e2e/deployment.ts'

const [seconds = '120', between = '10', ...flags] = process.argv.slice(2)
const boutique = join(repository, 'fixtures', 'boutique')
/** Pages whose every call is `@idempotent`; the others add or order something. */
const IDEMPOTENT_PAGES = new Set<string>(['home', 'product', 'view cart', 'set currency'])
/** Clocks are one machine's, but a kill is recorded a moment before or after it happens. */
const SLACK_MS = 50

interface Kill {
  process: string
  root: boolean
  at: number
  failures: Failure[]
}

const shop = deploy(boutique, '--placement', 'apart', ...flags)
const { url } = await shop.event('listener')
await shop.event('ready')

const generator = spawn(
  process.execPath,
  [
    join(boutique, 'load', 'main.ts'),
    '--target',
    url,
    '--users',
    '16',
    '--think',
    '20',
    '--duration',
    seconds,
    '--max-errors',
    '1',
    '--json',
  ],
  { stdio: ['ignore', 'pipe', 'inherit'] },
)
let output = ''
generator.stdout.setEncoding('utf8').on('data', (text: string) => {
  output += text
})

const names = [
  ...new Set(shop.events.flatMap((event) => (event.type === 'process-started' ? [event.process] : []))),
].sort()
const kills: Kill[] = []
let turn = 0
const timer = setInterval(() => {
  const name = names[turn++ % names.length]!
  const started = shop.events
    .filter((event) => event.type === 'process-started')
    .findLast((event) => event.process === name)!
  kills.push({
    process: name,
    root: started.components.some((component) => /\.Shop$/.test(component)),
    at: Date.now(),
    failures: [],
  })
  process.kill(started.pid, 'SIGKILL')
}, Number(between) * 1000)

const ended = once(generator, 'close')
await Promise.race([
  ended,
  shop.exit.then((code) => Promise.reject(new Error(`the deployment ended with ${code}:\n${shop.errors()}`))),
])
clearInterval(timer)
const alive = (await fetch(url)).status === 200
await shop.stop()

const report = JSON.parse(output) as LoadReport
const strangers: Failure[] = []
for (const failure of report.failures) {
  // A customer's visit is one unit of work: whose cart died between two of its pages has lost what the killed process held.
  const from = report.beganAt + failure.visitMs - SLACK_MS
  const to = report.beganAt + failure.atMs + SLACK_MS
  const kill = kills.find(({ at }) => from <= at && at <= to)
  if (kill) kill.failures.push(failure)
  else strangers.push(failure)
}
const idempotentFailures = kills
  .filter(({ root }) => !root)
  .flatMap((kill) => kill.failures.filter(({ page }) => IDEMPOTENT_PAGES.has(page)))

const { total } = report
console.log(
  `${total.count} pages in ${seconds} s (${report.pagesPerSecond}/s), p50 ${total.p50Ms} ms, p99 ${total.p99Ms} ms, max ${total.maxMs} ms; ${kills.length} processes killed; ${total.errors} pages failed\n`,
)
console.log('| killed | pages that failed | which |\n| --- | ---: | --- |')
for (const { process: name, failures: own } of kills) {
  const pages = Object.entries(Object.groupBy(own, ({ page, kind }) => `${page} (${kind})`)).map(
    ([page, list]) => `${list!.length} × ${page}`,
  )
  console.log(`| ${name} | ${own.length} | ${pages.join(', ')} |`)
}
console.log(
  `\nup at the end: ${alive ? 'yes' : 'NO'}; failures that no killed process had in hand: ${strangers.length}; failures of pages made of idempotent calls while the frontend lived: ${idempotentFailures.length}`,
)
for (const failure of [...strangers, ...idempotentFailures]) console.log(JSON.stringify(failure))
process.exitCode = alive && strangers.length === 0 && idempotentFailures.length === 0 ? 0 : 1
