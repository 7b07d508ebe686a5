/**
 * `npm run bench [name …]`: runs the benches one after the other (never side by side: two cores), prints their tables with the machine that they were made
 * on, and at the end what they claim. What is committed in bench/README.md is this output.
 *
 *   --check   ends with 1 when a ratio is worse than bench/baseline.json's by more than the noise of both
 *   --write   makes these the baseline; of benches that weren't run it keeps the old
 */
import { spawnSync } from 'node:child_process'
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir, totalmem } from 'node:os'
import { basename, join } from 'node:path'
import { parseArgs } from 'node:util'
import { ENV_RATIOS, isWorse, joined, type Ratio } from './ratios.ts'

const BASELINE = join(import.meta.dirname, 'baseline.json')

/**
 * Those that measure in one process, or one pair of them. V8 makes something else of the same code in each (ratios of one process differ by 15 % from the
 * next's), so they run several times, where that matters.
 */
const ALONE: ReadonlySet<string> = new Set(['call', 'copy', 'rpc'])
const PROCESSES = 3
/**
 * Rounds and rows of those that take minutes: what is held to the baseline is ours against the floor, where a change of ours shows most, and without
 * staying awake, which has two outcomes (awake or not). On one core, since the kernel's choice of cores makes a pair of processes up to three times as fast.
 */
const CHECKED: Readonly<Record<string, readonly string[]>> = { rpc: ['2', 'off,floor', 'tiny,list', '--one-core'] }

const { values, positionals: wanted } = parseArgs({
  options: { check: { type: 'boolean', default: false }, write: { type: 'boolean', default: false } },
  allowPositionals: true,
})
const benches = globSync('*.bench.ts', { cwd: import.meta.dirname })
  .map((file) => basename(file, '.bench.ts'))
  .sort()
const unknown = wanted.filter((name) => !benches.includes(name))
if (unknown.length > 0) {
  console.error(`no bench is called ${unknown.join(', ')}; there are ${benches.join(', ')}`)
  process.exit(2)
}

const gibibytes = Math.round(totalmem() / 2 ** 30)
console.log(
  `Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model ?? 'unknown CPU'}, ${gibibytes} GiB, ${new Date().toISOString().slice(0, 10)}`,
)
const claims = run(wanted.length > 0 ? wanted : benches)
const baseline: Ratio[] = existsSync(BASELINE) ? JSON.parse(readFileSync(BASELINE, 'utf8')) : []
const worse = summary(claims, baseline)
if (values.check && worse.length > 0) {
  console.error(`\nworse than bench/baseline.json by more than the noise: ${worse.join(', ')}`)
  process.exitCode = 1
}
if (values.write) {
  const names = new Set(claims.map(({ name }) => name))
  const all = [...baseline.filter(({ name }) => !names.has(name)), ...claims]
  const sorted = all.sort((a, b) => (a.name < b.name ? -1 : 1))
  writeFileSync(BASELINE, `[\n${sorted.map((ratio) => `  ${JSON.stringify(ratio)}`).join(',\n')}\n]\n`)
}

function run(names: readonly string[]): Ratio[] {
  const folder = mkdtempSync(join(tmpdir(), 'weave-bench-'))
  const file = join(folder, 'ratios')
  writeFileSync(file, '')
  try {
    for (const name of names) {
      const isHeld = values.check || values.write
      const processes = ALONE.has(name) && isHeld ? PROCESSES : 1
      const rows = isHeld ? (CHECKED[name] ?? []) : []
      for (let number = 0; number < processes; number++) {
        console.log(`\n## ${name}\n`)
        const { status } = spawnSync(process.execPath, [join(import.meta.dirname, `${name}.bench.ts`), ...rows], {
          stdio: 'inherit',
          env: { ...process.env, [ENV_RATIOS]: file },
        })
        if (status !== 0) process.exitCode = 1
      }
    }
    const lines = readFileSync(file, 'utf8').split('\n').filter(Boolean)
    return joined(lines.map((line) => JSON.parse(line) as Ratio)).map(rounded)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function rounded({ name, times, low, high }: Ratio): Ratio {
  const round = (value: number) => Number(value.toPrecision(3))
  return { name, times: round(times), low: round(low), high: round(high) }
}

/** Prints all claims in one table; gives the names of those that are worse than the baseline's. */
function summary(claims: readonly Ratio[], baseline: readonly Ratio[]): string[] {
  const before = new Map(baseline.map((ratio) => [ratio.name, ratio]))
  console.log('\n## summary: how many times less it costs\n')
  console.log('| claim | times (p10–p90) | baseline | |\n| --- | ---: | ---: | --- |')
  const worse: string[] = []
  for (const claim of claims) {
    const then = before.get(claim.name)
    const isNow = then !== undefined && isWorse(claim, then)
    if (isNow) worse.push(claim.name)
    const was = then === undefined ? '' : `${then.times} (${then.low}–${then.high})`
    console.log(
      `| ${claim.name} | ${claim.times} (${claim.low}–${claim.high}) | ${was} | ${isNow ? 'worse' : then === undefined ? 'new' : ''} |`,
    )
  }
  return worse
}
