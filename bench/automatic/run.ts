/**
 * Placement that decides by itself, on the Online Boutique under its load. Two parts:
 *
 *   apart   begins with each component in a process of its own, and ends within a tenth of what a page costs together, which is measured before and after
 *   heavy   begins together, with advertising that takes 5 ms of CPU a call: that is split out under load, and comes back when the load goes
 *
 * Prints each trial with what was predicted and what was measured. Exits with 1 when a page failed, or a part did not end as it should.
 *
 *   node bench/automatic/run.ts [apart|heavy] [--rate visits a second] [--seconds 75]
 */
import { execFileSync } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { Outcome } from '../../deployer/automatic/outcome.ts'
import { shortName } from '../../runtime/names.ts'
import { repository, weave } from '../../test/e2e/deployment.ts'
import { median, Shop, type Window } from './shop.ts'

const BOUTIQUE = join(repository, 'fixtures', 'boutique')
const BUILD = ['--build', join('.weave', 'build')]
const WINDOW_SECONDS = 5
/** Each side of the comparison, after V8 has compiled what is hot. */
const WARM_SECONDS = 10
const WINDOWS = 4
const HEAVY_MS = 5

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { rate: { type: 'string' }, seconds: { type: 'string', default: '75' } },
})
const part = positionals[0] ?? 'apart'
const seconds = Number(values.seconds)
async function apart(): Promise<boolean> {
  const rate = Number(values.rate ?? 60)
  build(BOUTIQUE)
  const before = await together(rate)
  const shop = await Shop.open(BOUTIQUE, rate, '--placement', 'apart', '--auto', ...BUILD)
  while (shop.seconds < seconds) await shop.window(WINDOW_SECONDS)
  printTrials(shop)
  // Up to the first window during which something moved; and those after the last move was judged.
  const moved = shop.trials.find(({ trial }) => trial.state === 'moving')?.atSeconds ?? Number.POSITIVE_INFINITY
  const placed = shop.trials.findLast(({ trial }) => trial.state === 'measuring')?.atSeconds ?? 0
  const first = shop.windows.filter(({ atSeconds }) => atSeconds < moved)
  const last = shop.windows.filter(({ atSeconds }) => atSeconds > placed + 2 * WINDOW_SECONDS)
  const processes = shop.placement().length
  await shop.close()
  const after = await together(rate)
  const all = [...before.windows, ...after.windows]
  const ratio = cost(last) / cost(all)
  console.log(
    `\n${rate} visits a second, ${all.length} and ${last.length} windows of ${WINDOW_SECONDS} s, node ${process.version}\n`,
  )
  console.log(
    '| | CPU a page, ms | spread | p50, p99 ms | processes | failed |\n| --- | ---: | --- | --- | ---: | ---: |',
  )
  row('together, before and after', all, 1, before.failed + after.failed)
  row('apart, at first', first, 11, 0)
  row('automatic, at the end', last, processes, shop.failed)
  const failed = shop.failed + before.failed + after.failed
  console.log(
    `\nautomatic / together: ${ratio.toFixed(2)}; placed ${placed.toFixed(0)} s after the load began; ${failed} pages failed`,
  )
  return ratio <= 1.1 && failed === 0
}

async function together(rate: number): Promise<{ windows: Window[]; failed: number }> {
  const shop = await Shop.open(BOUTIQUE, rate, '--placement', 'together', ...BUILD)
  await shop.window(WARM_SECONDS)
  for (let window = 0; window < WINDOWS; window++) await shop.window(WINDOW_SECONDS)
  await shop.close()
  return { windows: shop.windows.slice(1), failed: shop.failed }
}

async function heavy(): Promise<boolean> {
  const rate = Number(values.rate ?? 150)
  const project = heavyShop()
  try {
    build(project)
    const shop = await Shop.open(project, rate, '--placement', 'together', '--auto', ...BUILD)
    const phase = async (name: string, is: () => boolean) => {
      const begun = shop.seconds
      const windows: Window[] = []
      while (shop.seconds - begun < seconds && !(is() && settled(shop))) windows.push(await shop.window(WINDOW_SECONDS))
      const placed = shop.trials.findLast(({ trial }) => trial.state === 'measuring')?.atSeconds ?? begun
      console.log(`${name}: ${is() ? `in ${(placed - begun).toFixed(0)} s` : 'NOT'}; ${shown(shop)}`)
      if (windows.length > 0) {
        console.log(
          '| | CPU a page, ms | spread | p50, p99 ms | processes | failed |\n| --- | ---: | --- | --- | ---: | ---: |',
        )
        row('at first', windows.slice(0, 2), 0, 0)
        row('at the end', windows.slice(-2), shop.placement().length, 0)
      }
      return is()
    }
    const alone = () => shop.placement().some((group) => group.length === 1 && group[0]!.endsWith('.Ads'))
    const out = await phase(`under ${rate} visits a second advertising is alone`, alone)
    shop.load.rate = rate / 10
    const back = await phase(`under ${rate / 10} visits a second all is together`, () => shop.placement().length === 1)
    printTrials(shop)
    console.log(`${shop.failed} pages failed`)
    await shop.close()
    return out && back && shop.failed === 0
  } finally {
    rmSync(project, { recursive: true, force: true })
  }
}

/** The last trial has come to an end. */
function settled({ trials }: Shop): boolean {
  const last = trials.at(-1)?.trial.state
  return last === 'kept' || last === 'undone'
}

function build(project: string): void {
  execFileSync(process.execPath, [weave, 'build'], { cwd: project, stdio: ['ignore', 2, 2] })
}

/** Beside the fixture, so that it finds the package. */
function heavyShop(): string {
  const project = mkdtempSync(join(repository, 'fixtures', 'heavy-boutique-'))
  for (const name of ['src', 'static', 'tsconfig.json', 'weave.config.ts'])
    cpSync(join(BOUTIQUE, name), join(project, name), { recursive: true })
  writeFileSync(join(project, 'src', 'ads', 'house-ads.ts'), HEAVY_ADS)
  return project
}

const HEAVY_ADS = `import type { Ad, Ads } from './ads.ts'

/** As if it asked a model which advertisement fits. */
export class HeavyAds implements Ads {
  async ads(): Promise<readonly Ad[]> {
    const { user, system } = process.cpuUsage()
    for (;;) {
      const now = process.cpuUsage()
      if (now.user + now.system - user - system >= ${HEAVY_MS * 1000}) return []
    }
  }
}
`

function cost(windows: readonly Window[]): number {
  return median(windows.map(({ cpuMsPerPage }) => cpuMsPerPage))
}

function row(name: string, windows: readonly Window[], processes: number, failed: number): void {
  if (windows.length === 0) {
    console.log(`| ${name} | – | – | – | – | – |`)
    return
  }
  const cpu = windows.map(({ cpuMsPerPage }) => cpuMsPerPage)
  const spread = `${Math.min(...cpu).toFixed(2)}–${Math.max(...cpu).toFixed(2)}`
  const latency = `${median(windows.map(({ p50Ms }) => p50Ms)).toFixed(1)}, ${median(windows.map(({ p99Ms }) => p99Ms)).toFixed(1)}`
  console.log(`| ${name} | ${cost(windows).toFixed(2)} | ${spread} | ${latency} | ${processes} | ${failed} |`)
}

function shown(shop: Shop): string {
  return shop
    .placement()
    .map((group) => group.map(shortName).join(' '))
    .join(' | ')
}

function printTrials({ trials }: Shop): void {
  const text = ({ requestsPerSecond, cpuMsPerRequest, latencyMs }: Outcome) =>
    `${cpuMsPerRequest.toFixed(2)} ms of CPU and ${latencyMs?.toFixed(2) ?? '–'} ms at ${requestsPerSecond.toFixed(0)}/s`
  for (const { atSeconds, trial } of trials) {
    const { id, state, why, moves, before, predicted, measured } = trial
    console.log(`${atSeconds.toFixed(1)} s  trial ${id} ${state}. ${why}`)
    if (state === 'moving') {
      for (const { reason } of moves) console.log(`    ${reason}`)
      console.log(`    before ${text(before)}; predicted ${text(predicted)}`)
    }
    if (measured !== null) console.log(`    measured ${text(measured)}`)
  }
}

const parts: Record<string, () => Promise<boolean>> = { apart, heavy }
const run = parts[part]
if (run === undefined) throw new Error(`no part is called ${part}; there are ${Object.keys(parts).join(', ')}`)
process.exitCode = (await run()) ? 0 : 1
