/**
 * The Online Boutique apart, under load, with one process killed by SIGKILL every ten seconds; each process has its turn.
 * Checks and reports: the application stays up; each failed request was under way when a process died (so that process
 * may have had it in hand); pages made of idempotent calls alone fail only when the process that serves HTTP itself dies.
 *
 *   node bench/chaos.ts [seconds=120] [secondsBetweenKills=10] [flags for weave deploy …]
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { deploy, repository } from '../test/e2e/deployment.ts'

const [seconds = '120', between = '10', ...flags] = process.argv.slice(2)
const boutique = join(repository, 'fixtures', 'boutique')
/** Pages whose every call is `@idempotent`; the others place, add or empty something. */
const IDEMPOTENT_PAGES = new Set(['home', 'product', 'view cart', 'setCurrency'])
/** A request that ended this long before the kill was recorded can't have been in its hands; clocks are one machine's. */
const SLACK_MS = 50

interface Failure {
  page: string
  startedAt: number
  endedAt: number
  kind: string
}
interface Kill {
  process: string
  root: boolean
  at: number
  failures: Failure[]
}

const shop = deploy(boutique, '--placement', 'apart', ...flags)
const { url } = await shop.event('listener')
await shop.event('ready')

const scratch = mkdtempSync(join(tmpdir(), 'weave-chaos-'))
const failuresFile = join(scratch, 'failures.jsonl')
const generator = spawn(
  process.execPath,
  [join(boutique, 'load', 'main.ts'), url, '--users', '16', '--think', '20ms', '--duration', `${seconds}s`, '--json', '--failures', failuresFile],
  { stdio: ['ignore', 'pipe', 'inherit'] },
)
let output = ''
generator.stdout.setEncoding('utf8').on('data', (text: string) => {
  output += text
})

const names = [...new Set(shop.events.flatMap((event) => (event.type === 'process-started' ? [event.process] : [])))].sort()
const kills: Kill[] = []
let turn = 0
const timer = setInterval(() => {
  const name = names[turn++ % names.length]!
  const started = shop.events.filter((event) => event.type === 'process-started').findLast((event) => event.process === name)!
  kills.push({ process: name, root: started.components.some((component) => /\.Shop$/.test(component)), at: Date.now(), failures: [] })
  process.kill(started.pid, 'SIGKILL')
}, Number(between) * 1000)

const ended = once(generator, 'close')
await Promise.race([ended, shop.exit.then((code) => Promise.reject(new Error(`the deployment ended with ${code}:\n${shop.errors()}`)))])
clearInterval(timer)
const alive = (await fetch(url)).status === 200
await shop.stop()

const report = JSON.parse(output) as { requests: number; rate: number; p50: number; p99: number; max: number; errors: number }
const failures = readFileSync(failuresFile, 'utf8').trim().split('\n').filter(Boolean).map((line) => JSON.parse(line) as Failure)
rmSync(scratch, { recursive: true })
const strangers: Failure[] = []
for (const failure of failures) {
  const kill = kills.find(({ at }) => failure.startedAt <= at + SLACK_MS && failure.endedAt >= at - SLACK_MS)
  if (kill) kill.failures.push(failure)
  else strangers.push(failure)
}
const idempotentFailures = kills.filter(({ root }) => !root).flatMap((kill) => kill.failures.filter(({ page }) => IDEMPOTENT_PAGES.has(page)))

console.log(`${report.requests} requests in ${seconds} s (${report.rate.toFixed(0)}/s), p50 ${report.p50.toFixed(1)} ms, p99 ${report.p99.toFixed(1)} ms, max ${report.max.toFixed(0)} ms; ${kills.length} processes killed; ${failures.length} requests failed\n`)
console.log('| killed | requests that failed | pages |\n| --- | ---: | --- |')
for (const { process: name, failures: own } of kills) {
  const pages = Object.entries(Object.groupBy(own, ({ page, kind }) => `${page} (${kind})`)).map(([page, list]) => `${list!.length} × ${page}`)
  console.log(`| ${name} | ${own.length} | ${pages.join(', ')} |`)
}
console.log(`\nup at the end: ${alive ? 'yes' : 'NO'}; failures that no killed process had in hand: ${strangers.length}; failures of pages made of idempotent calls while the frontend lived: ${idempotentFailures.length}`)
for (const failure of [...strangers, ...idempotentFailures]) console.log(JSON.stringify(failure))
process.exitCode = alive && strangers.length === 0 && idempotentFailures.length === 0 ? 0 : 1
