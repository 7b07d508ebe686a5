/**
 * `npm run bench:boutique`: the same shop as gRPC, HTTP/JSON and NestJS microservices, and as one weave program placed apart, by itself and together. Four
 * parts: `page` and `calls`, samples at constant rates; `start`, how long each takes to start and what memory it has; `held`, the highest rate of pages. In
 * all but `start` every shop is open and warm from the beginning, and they take turns within a round, so that a slow minute of the machine hits all of them.
 * README.md's table is this command's output.
 *
 * Each part takes less than seven minutes, for a machine that can't be had for longer: `--add` adds what is measured to bench/results/boutique.json, and
 * `--print` makes tables and plots of what is there. Without either all is measured anew; `--write` keeps it.
 *
 *   node bench/boutique/run.ts [--parts page,calls,start,held] [--rounds 5] [--seconds 3] [--rates 40,100] [--only NAME;…] [--write | --add | --print]
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { installPeers } from '../peers/install.ts'
import { usage } from './kernel.ts'
import { load, machineMs, rateHeld, sample } from './measure.ts'
import { plot } from './plot.ts'
import { added, median, type Results, short, tables, type VariantResults, writeBetween } from './results.ts'
import { build, type Part, type Running, VARIANTS, type Variant } from './variants.ts'

const BASE = VARIANTS[0]!.name
/** All shops at once, so that what is measured is optimised code, as in a shop that has been open for some minutes. */
const WARM_UP = { rate: 40, seconds: 70 }
/** Before memory is looked at. */
const USED = { rate: 40, seconds: 3 }
const P99_MAX_MS = 50

const { values } = parseArgs({
  options: {
    parts: { type: 'string', default: 'page,calls,start,held' },
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '3' },
    rates: { type: 'string', default: '40,100' },
    only: { type: 'string' },
    write: { type: 'boolean', default: false },
    add: { type: 'boolean', default: false },
    print: { type: 'boolean', default: false },
  },
})
const rounds = Number(values.rounds)
const seconds = Number(values.seconds)
const rates = values.rates.split(',').map(Number)
const chosen = VARIANTS.filter(({ name }) => values.only === undefined || values.only.split(';').includes(name))
if (chosen.length === 0) throw new Error(`--only must name some of: ${VARIANTS.map(({ name }) => name).join(', ')}`)

const folder = join(import.meta.dirname, '..', 'results')
const file = join(folder, 'boutique.json')
const before = (values.add || values.print) && existsSync(file) ? readResults() : undefined

const machine: number[] = []
const variants = new Map<Variant, VariantResults>(
  chosen.map((variant) => [variant, { name: variant.name, startMs: [], memoryMiB: [], held: [], samples: [] }]),
)
const settled = before?.settled ?? []

const PARTS: Record<string, () => Promise<void>> = {
  page: () => samples('page'),
  calls: () => samples('calls'),
  start: starts,
  held: highestRates,
}

if (!values.print) {
  await build()
  for (const part of values.parts.split(',')) {
    const measure = PARTS[part]
    if (measure === undefined) throw new Error(`--parts must name some of: ${Object.keys(PARTS).join(', ')}`)
    await measure()
  }
}
report()

async function samples(part: Part): Promise<void> {
  await using shops = await opened(part)
  for (let round = 0; round < rounds; round++)
    for (const visitsPerSecond of rates)
      for (const [variant, running] of shops.running) {
        machine.push(machineMs())
        const found = await sample(running, visitsPerSecond, seconds)
        variants.get(variant)!.samples.push({ part, visitsPerSecond, sample: found })
        console.error(`${variant.name}, ${part}, ${visitsPerSecond}/s: ${JSON.stringify(found)}`)
      }
}

/** Alone, since memory that processes share counts for each in part. */
async function starts(): Promise<void> {
  for (let round = 0; round < rounds; round++)
    for (const [variant, results] of variants) {
      machine.push(machineMs())
      await using running = await variant.start('page', settledAs('page'))
      results.startMs.push(running.startMs)
      await load(running, USED.rate, USED.seconds)
      results.memoryMiB.push(usage(running.pids()).memoryBytes / 2 ** 20)
      console.error(`${variant.name}: started in ${running.startMs.toFixed(0)} ms, ${results.memoryMiB.at(-1)} MiB`)
    }
}

/** Later rounds look around what was held before. */
async function highestRates(): Promise<void> {
  await using shops = await opened('page')
  for (let round = 0; round < rounds; round++)
    for (const [variant, running] of shops.running) {
      machine.push(machineMs())
      const { held } = variants.get(variant)!
      const known = [...(before?.variants.find(({ name }) => name === variant.name)?.held ?? []), ...held]
      const from =
        known.length > 0 ? { visits: median(known.map(({ visits }) => visits)), step: 2 ** (1 / 4) } : undefined
      held.push(await rateHeld(running, from ?? { visits: rates[0]!, step: 2 }, P99_MAX_MS, seconds))
      console.error(`${variant.name} holds ${JSON.stringify(held.at(-1))}`)
    }
}

/** All shops, open and warm. One that places itself has settled. */
async function opened(part: Part): Promise<AsyncDisposable & { running: ReadonlyMap<Variant, Running> }> {
  const running = new Map<Variant, Running>()
  const close = async () => {
    await Promise.all([...running.values()].map((each) => each[Symbol.asyncDispose]()))
  }
  try {
    for (const variant of variants.keys()) {
      const groups = settledAs(part)
      const shop = await variant.start(part, groups)
      running.set(variant, shop)
      if (groups === undefined && variant.settle) settled.push({ part, ...(await variant.settle(shop)) })
    }
    await Promise.all([...running.values()].map((shop) => load(shop, WARM_UP.rate, WARM_UP.seconds)))
  } catch (error) {
    await close()
    throw error
  }
  return { running, [Symbol.asyncDispose]: close }
}

/** What an earlier run has found for the shop that places itself: it begins there, as one does that was open yesterday. */
function settledAs(part: Part): string[][] | undefined {
  return settled.find((each) => each.part === part)?.groups
}

function readResults(): Results {
  return JSON.parse(readFileSync(file, 'utf8')) as Results
}

function report(): void {
  const measured: Results = {
    date: new Date().toISOString().slice(0, 10),
    node: process.version,
    machine: `${cpus().length} × ${cpus()[0]?.model ?? 'unknown CPU'}, ${Math.round(totalmem() / 2 ** 30)} GiB`,
    secondsPerSample: seconds,
    machineNoise: machine.length > 0 ? Math.max(...machine) / Math.min(...machine) : 1,
    settled,
    variants: [...variants.values()],
  }
  const results = before ? (values.print ? before : added(before, measured)) : measured
  const text = tables(results, BASE)
  console.log(text)
  if (!values.write && !values.add && !values.print) return
  mkdirSync(folder, { recursive: true })
  writeFileSync(file, `${JSON.stringify(results, undefined, 1)}\n`)
  const rate = Math.max(...results.variants.flatMap((variant) => variant.samples.map((each) => each.visitsPerSecond)))
  // A run of one part has nothing for them yet.
  if (!Number.isFinite(rate)) return
  writeFileSync(join(folder, 'boutique.svg'), plot(installPeers(), results, rate))
  writeBetween(join(import.meta.dirname, '..', 'README.md'), 'bench:boutique', text)
  writeBetween(join(import.meta.dirname, '..', '..', 'README.md'), 'bench:boutique', short(results, BASE, rate))
}
