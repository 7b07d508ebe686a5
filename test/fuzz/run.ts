/**
 * Fuzzes what reads bytes of others: `node test/fuzz/run.ts [TARGET…] [--runs N | --minutes M] [--seed S] [--keep]`.
 *
 * Without a target all of them, one after the other. Exits with 1 and writes the input when one fails: `--input FILE` runs just that.
 * The same seed and runs give the same inputs on any machine. `--keep` writes to the corpus what ran a block of its own.
 */
import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { readCorpus, writeCorpus } from './corpus.ts'
import { Coverage } from './coverage.ts'
import { fuzz, type Outcome, type Target } from './loop.ts'
import { seeded } from './mutate.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    runs: { type: 'string', default: '' },
    minutes: { type: 'string', default: '' },
    seed: { type: 'string', default: '1' },
    input: { type: 'string' },
    keep: { type: 'boolean', default: false },
  },
})

/** Before the targets are loaded: functions that were optimised before it began are counted by function only. */
const coverage = new Coverage((url) => url.includes('/runtime/') || url.startsWith('weave:'))
const { TARGETS } = await import('./targets.ts')

const chosen = positionals.length === 0 ? TARGETS : positionals.map(targetOf)
if (values.input === undefined) for (const target of chosen) await run(target)
else for (const target of chosen) await target.run(readFileSync(values.input))
coverage.stop()

function targetOf(name: string): Target {
  const found = TARGETS.find((each) => each.name === name)
  if (found === undefined)
    throw new Error(`There is no target "${name}"; there are ${TARGETS.map((each) => each.name).join(', ')}.`)
  return found
}

async function run(target: Target): Promise<void> {
  const minutes = values.minutes === '' ? undefined : Number(values.minutes)
  const runsMax =
    values.runs === '' ? (minutes === undefined ? 100_000 : Number.POSITIVE_INFINITY) : Number(values.runs)
  const started = performance.now()
  const enough = () => minutes !== undefined && performance.now() - started > minutes * 60_000
  const options = { coverage, random: seeded(Number(values.seed)), corpus: readCorpus(target.name), runsMax, enough }
  report(target, await fuzz(target, options), performance.now() - started)
}

function report(target: Target, outcome: Outcome, ms: number): void {
  const { runs, blocks, kept, failure } = outcome
  const rate = Math.round(runs / (ms / 1000))
  console.log(`${target.name}: ${runs} inputs (${rate}/s), ${blocks} blocks, ${kept.length} inputs kept`)
  if (values.keep) writeCorpus(target, kept)
  if (failure === undefined) return
  const name = `fuzz-${target.name}-${createHash('sha256').update(failure.input).digest('hex').slice(0, 8)}.bin`
  writeFileSync(join(process.cwd(), name), failure.input)
  console.error(`${target.name} failed on ${failure.input.length} bytes, written to ${name}:`)
  console.error(`  ${Buffer.from(failure.input).toString('hex')}`)
  console.error(failure.error)
  process.exitCode = 1
}
