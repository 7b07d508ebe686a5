/**
 * What a page of the Online Boutique costs on each placement: requests per second and p50/p99 under a closed loop of users, with the load
 * generator of the fixture. Placements take turns within each round, so that a slow minute of the machine hits all of
 * them; medians over the rounds, ratios against the first one. `polling off`: as the placement before, with `WEAVE_POLLING=off`.
 *
 *     node bench/page.bench.ts [rounds] [placement;placement…] [flags for the load generator …]
 */
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { LoadReport } from '../fixtures/boutique/load/tally.ts'
import { deploy, repository } from '../test/e2e/deployment.ts'
import { claim } from './ratios.ts'

const boutique = join(repository, 'fixtures', 'boutique')
const ROUNDS = Number(process.argv[2] ?? 5)
const SECONDS = 6
const USERS = 16
interface Placement {
  name: string
  flags: string[]
  polling?: 'off'
}

const ALL: readonly Placement[] = [
  { name: 'together', flags: ['--placement', 'together'] },
  { name: 'apart', flags: ['--placement', 'apart'] },
  { name: 'apart, polling off', flags: ['--placement', 'apart'], polling: 'off' },
  { name: 'apart, 2 replicas', flags: ['--placement', 'apart', '--replicas', '2'] },
]
const wanted = process.argv[3]?.split(';')
const PLACEMENTS = wanted ? ALL.filter(({ name }) => wanted.includes(name)) : ALL

interface Sample {
  rate: number
  p50: number
  p99: number
  cpuMsPerPage: number
}

/** CPU of the application's processes so far, in ms, from /proc (Linux); user and system, in ticks of 10 ms. */
function cpuMs(pids: readonly number[]): number {
  let ticks = 0
  for (const pid of pids) {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ')
    ticks += Number(fields[11]) + Number(fields[12])
  }
  return ticks * 10
}

async function load(url: string): Promise<LoadReport> {
  const flags = ['--target', url, '--users', `${USERS}`, '--duration', `${SECONDS}`, '--json', ...process.argv.slice(4)]
  const { stdout } = await promisify(execFile)(process.execPath, [join(boutique, 'load', 'main.ts'), ...flags])
  return JSON.parse(stdout) as LoadReport
}

function median(values: number[]): number {
  return values.sort((a, b) => a - b)[values.length >> 1]!
}

async function measure({ flags, polling }: Placement): Promise<Sample> {
  process.env.WEAVE_POLLING = polling ?? 'auto'
  const shop = deploy(boutique, ...flags)
  try {
    const { url } = await shop.event('listener')
    await shop.event('ready')
    const pids = shop.events.flatMap((event) => (event.type === 'process-started' ? [event.pid] : []))
    await load(url) // warm-up
    const before = cpuMs(pids)
    const { pagesPerSecond, total } = await load(url)
    return {
      rate: pagesPerSecond,
      p50: total.p50Ms,
      p99: total.p99Ms,
      cpuMsPerPage: (cpuMs(pids) - before) / total.count,
    }
  } finally {
    await shop.stop()
  }
}

const samples = new Map<string, Sample[]>(PLACEMENTS.map(({ name }) => [name, []]))
for (let round = 0; round < ROUNDS; round++)
  for (const placement of PLACEMENTS) samples.get(placement.name)!.push(await measure(placement))

const cpuOf = (name: string) => samples.get(name)!.map(({ cpuMsPerPage }) => cpuMsPerPage)
for (const { name } of PLACEMENTS.slice(1))
  claim(`page: CPU, ${PLACEMENTS[0]!.name} against ${name}`, cpuOf(PLACEMENTS[0]!.name), cpuOf(name))

const rows = PLACEMENTS.map(({ name }) => {
  const of = (field: keyof Sample) => median(samples.get(name)!.map((sample) => sample[field]))
  return { name, rate: of('rate'), p50: of('p50'), p99: of('p99'), cpu: of('cpuMsPerPage') }
})
const base = rows[0]!
console.log(
  `${USERS} users in a closed loop without think time, ${SECONDS} s a sample, medians of ${ROUNDS} interleaved rounds\n`,
)
console.log(
  '| placement | pages/s | p50 ms | p99 ms | CPU ms a page | CPU against the first |\n| --- | ---: | ---: | ---: | ---: | ---: |',
)
for (const { name, rate, p50, p99, cpu } of rows)
  console.log(
    `| ${name} | ${rate.toFixed(0)} | ${p50.toFixed(1)} | ${p99.toFixed(1)} | ${cpu.toFixed(2)} | ${(cpu / base.cpu).toFixed(2)} × |`,
  )
