/**
 * `npm run bench:boutique`: the same shop as gRPC, HTTP/JSON and NestJS microservices, and as one weave program placed apart and together.
 * Variants take turns within a round, so that a slow minute of the machine hits all of them. README.md's table is this command's output.
 *
 * `--add` adds the rounds to those of bench/results/boutique.json, for a machine that can't be had for so long in one go.
 *
 *   node bench/boutique/run.ts [--rounds 5] [--seconds 8] [--rates 40,100] [--parts page,calls] [--only NAME;…] [--no-hold] [--write] [--add]
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { installPeers } from '../peers/install.ts'
import { load, machineMs, rateHeld, sample } from './measure.ts'
import { plot } from './plot.ts'
import { added, type Results, short, tables, type VariantResults, writeBetween } from './results.ts'
import { build, type Part, VARIANTS, type Variant } from './variants.ts'

const BASE = VARIANTS[0]!.name
/** So that what is measured is optimised code, as in a shop that is open for more than a minute. */
const WARM_UP = { rate: 100, seconds: 10 }
const HOLD_SECONDS = 4
const P99_MAX_MS = 50

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '8' },
    rates: { type: 'string', default: '40,100' },
    parts: { type: 'string', default: 'page,calls' },
    only: { type: 'string' },
    'no-hold': { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
    add: { type: 'boolean', default: false },
  },
})
const rounds = Number(values.rounds)
const seconds = Number(values.seconds)
const rates = values.rates.split(',').map(Number)
const parts = values.parts.split(',') as Part[]
const chosen = VARIANTS.filter(({ name }) => values.only === undefined || values.only.split(';').includes(name))
if (chosen.length === 0) throw new Error(`--only must name some of: ${VARIANTS.map(({ name }) => name).join(', ')}`)

await build()
const machine: number[] = []
const variants = new Map<Variant, VariantResults>(
  chosen.map((variant) => [variant, { name: variant.name, startMs: [], held: [], samples: [] }]),
)
for (let round = 0; round < rounds; round++) {
  for (const part of parts) for (const [variant, results] of variants) await measure(variant, results, part)
}

async function measure(variant: Variant, results: VariantResults, part: Part): Promise<void> {
  machine.push(machineMs())
  await using running = await variant.start(part)
  if (part === 'page') results.startMs.push(running.startMs)
  const warmUp = () => load(running, WARM_UP.rate, WARM_UP.seconds)
  await (variant.warmUp?.(part, running, warmUp) ?? warmUp())
  for (const visitsPerSecond of rates) {
    const found = await sample(running, visitsPerSecond, seconds)
    results.samples.push({ part, visitsPerSecond, sample: found })
    console.error(`${variant.name}, ${part}, ${visitsPerSecond}/s: ${JSON.stringify(found)}`)
  }
  if (part === 'page' && !values['no-hold'])
    results.held.push(await rateHeld(running, rates[0]!, P99_MAX_MS, HOLD_SECONDS))
}

const measured: Results = {
  date: new Date().toISOString().slice(0, 10),
  node: process.version,
  machine: `${cpus().length} × ${cpus()[0]?.model ?? 'unknown CPU'}, ${Math.round(totalmem() / 2 ** 30)} GiB`,
  rounds,
  secondsPerSample: seconds,
  machineNoise: Math.max(...machine) / Math.min(...machine),
  variants: [...variants.values()],
}
const folder = join(import.meta.dirname, '..', 'results')
const file = join(folder, 'boutique.json')
const results = values.add && existsSync(file) ? added(JSON.parse(readFileSync(file, 'utf8')), measured) : measured
const text = `${results.date}, Node ${results.node}, ${results.machine}; medians of ${results.rounds} interleaved rounds of ${seconds} s (least–greatest); a fixed piece of work took up to ${results.machineNoise.toFixed(2)} × its shortest time between samples. Ratios: how many times less than ${BASE}.

${tables(results, BASE)}`
console.log(text)

if (values.write || values.add) {
  mkdirSync(folder, { recursive: true })
  writeFileSync(file, `${JSON.stringify(results, undefined, 1)}\n`)
  writeFileSync(join(folder, 'boutique.svg'), plot(installPeers(), results, rates.at(-1)!))
  writeBetween(join(import.meta.dirname, '..', 'README.md'), 'bench:boutique', text)
  writeBetween(
    join(import.meta.dirname, '..', '..', 'README.md'),
    'bench:boutique',
    short(results, BASE, rates.at(-1)!),
  )
}
