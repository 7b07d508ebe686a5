/**
 * The Online Boutique begins apart and places itself, under its own load. Prints each trial with what was predicted and what was measured, when
 * nothing moved any more, and what a page costs then beside what it costs together. Exits with 1 when a page failed, or costs more than a tenth
 * more than together.
 *
 *   node bench/automatic.ts [seconds=150]
 */
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { type DeployEvent, deploy } from '../deployer/index.ts'
import type { LoadReport } from '../fixtures/boutique/load/tally.ts'
import { loadConfigFile } from '../runtime/config-file.ts'
import { parseManifest } from '../runtime/manifest.ts'
import { shortName } from '../runtime/names.ts'
import { repository, weave } from '../test/e2e/deployment.ts'

const [seconds = '150'] = process.argv.slice(2)
const boutique = join(repository, 'fixtures', 'boutique')
const build = join(boutique, '.weave', 'build')
const WINDOW_SECONDS = 20

interface Run {
  cpuMsPerPage: number
  meanMs: number
  processes: number
  report: LoadReport
  trials: { atSeconds: number; event: Extract<DeployEvent, { type: 'trial' }> }[]
}

async function run(placement: 'apart' | 'together', automatic: boolean, lengthSeconds: number): Promise<Run> {
  const trials: Run['trials'] = []
  const ready = Promise.withResolvers<string>()
  let beganMs = 0
  const deployment = deploy({
    manifest: parseManifest(readFileSync(join(build, 'weave.manifest.json'), 'utf8')),
    directory: build,
    config: loadConfigFile(boutique),
    placement,
    automatic,
    environment: { ...process.env, PORT: '0' },
    onEvent: (event) => {
      if (event.type === 'listener') ready.resolve(event.url)
      if (event.type === 'trial') trials.push({ atSeconds: (performance.now() - beganMs) / 1000, event })
    },
  })
  await deployment.ready
  beganMs = performance.now()
  const load = ['--target', await ready.promise, '--users', '16', '--think', '20', '--max-errors', '1', '--json']
  const generator = spawn(
    process.execPath,
    [join(boutique, 'load', 'main.ts'), ...load, '--duration', String(lengthSeconds)],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  let output = ''
  generator.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text
  })
  const ended = once(generator, 'close')
  await sleep((lengthSeconds - 2) * 1000)
  const { processes, edges } = deployment.graph(WINDOW_SECONDS)
  await ended
  const outside = edges.filter(({ caller }) => caller === null)
  const pages = outside.reduce((sum, { callsPerSecond }) => sum + callsPerSecond, 0)
  const cpu = processes.reduce((sum, { cpuMsPerSecond }) => sum + cpuMsPerSecond, 0)
  const count = deployment.processes().length
  await deployment.stop()
  const report = JSON.parse(output) as LoadReport
  return { cpuMsPerPage: cpu / pages, meanMs: report.total.p50Ms, processes: count, report, trials }
}

await promisify(execFile)(process.execPath, [weave, 'build'], { cwd: boutique })
const together = await run('together', false, 40)
const apart = await run('apart', false, 40)
const automatic = await run('apart', true, Number(seconds))

for (const { atSeconds, event } of automatic.trials) {
  const moves = event.moves.map(({ components, to }) => `${components.map(shortName).join(' ')} → ${to}`).join(', ')
  const costs = { before: event.before, predicted: event.predicted, measured: event.measured }
  console.log(`${atSeconds.toFixed(1)} s trial ${event.id} ${event.state} ${event.why} ${moves}`)
  if (event.state !== 'moving') console.log(`   ${JSON.stringify(costs)}`)
}
console.log('\n| | CPU a page | median page | processes | pages | failed |\n| --- | ---: | ---: | ---: | ---: | ---: |')
for (const [name, { cpuMsPerPage, meanMs, processes, report }] of Object.entries({ together, apart, automatic })) {
  const { count, errors } = report.total
  console.log(`| ${name} | ${cpuMsPerPage.toFixed(2)} ms | ${meanMs} ms | ${processes} | ${count} | ${errors} |`)
}
const ratio = automatic.cpuMsPerPage / together.cpuMsPerPage
const last = automatic.trials.findLast(({ event }) => event.state === 'measuring')
console.log(
  `\nautomatic / together: ${ratio.toFixed(2)}; the last moves were made ${last?.atSeconds.toFixed(0) ?? '–'} s after the start`,
)
process.exitCode = automatic.report.total.errors === 0 && ratio <= 1.1 ? 0 : 1
