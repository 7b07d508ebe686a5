/**
 * What staying awake (runtime/transport/socket/awake.ts) is good for, and what it costs where it isn't: the same processes with
 * `WEAVE_POLLING=auto` and with `off`, in turns; tiny calls over Unix sockets, nothing pinned to a core. Idle, trickling, one at a time, many in flight, and with
 * more processes than cores. CPU is that of all the processes.
 *
 *     node bench/polling.bench.ts [rounds] [load]        (beside `taskset -c 0`: both ends on one core)
 */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { claim } from './ratios.ts'
import type { Job, Took } from './rpc/end.ts'
import { Others } from './rpc/others.ts'

const ROUNDS = Number(process.argv[2] ?? 5)
const only = process.argv[3]
/** Where others had the machine. */
const AGAIN_MAX = 2
const MODES = ['off', 'auto'] as const
type Mode = (typeof MODES)[number]

/** `servers` of them with as many clients each. Without a job they are idle. */
interface Load {
  name: string
  servers: number
  clients: number
  job?: Omit<Job, 'message' | 'ms'>
}

const paced = (callsPerSecond: number): NonNullable<Load['job']> => ({ inFlight: 1, callsPerSecond })

const LOADS: readonly Load[] = [
  { name: 'idle', servers: 1, clients: 1 },
  { name: '10 calls/s', servers: 1, clients: 1, job: paced(10) },
  { name: '100 calls/s', servers: 1, clients: 1, job: paced(100) },
  { name: '1,000 calls/s', servers: 1, clients: 1, job: paced(1_000) },
  { name: '1,000 calls/s of each of 4 clients', servers: 1, clients: 4, job: paced(1_000) },
  { name: 'one at a time', servers: 1, clients: 1, job: { inFlight: 1 } },
  { name: '8 in flight', servers: 1, clients: 1, job: { inFlight: 8 } },
  { name: '64 in flight', servers: 1, clients: 1, job: { inFlight: 64 } },
  { name: '4 clients, one at a time', servers: 1, clients: 4, job: { inFlight: 1 } },
  { name: '4 pairs, one at a time', servers: 4, clients: 1, job: { inFlight: 1 } },
  { name: '4 pairs, 64 in flight', servers: 4, clients: 1, job: { inFlight: 64 } },
]
const MS = 500

interface Group {
  servers: ChildProcess[]
  clients: ChildProcess[]
}

interface Sample {
  /** Others had the machine meanwhile. */
  disturbed: boolean
  calls: number
  seconds: number
  cpuMs: number
  p50: number
}

const children: ChildProcess[] = []
let sockets = 0
const folder = mkdtempSync(join(tmpdir(), 'weavets-bench-'))

async function child(role: string, path: string, mode: Mode): Promise<ChildProcess> {
  const env = { ...process.env, WEAVE_POLLING: mode }
  const forked = fork(join(import.meta.dirname, 'rpc', 'end.ts'), [role, 'ours', JSON.stringify({ path })], { env })
  children.push(forked)
  await once(forked, 'message')
  return forked
}

async function start(load: Load, mode: Mode): Promise<Group> {
  const servers: ChildProcess[] = []
  const clients: ChildProcess[] = []
  for (let server = 0; server < load.servers; server++) {
    const path = join(folder, `${sockets++}`)
    servers.push(await child('serve', path, mode))
    for (let client = 0; client < load.clients; client++) clients.push(await child('call', path, mode))
  }
  return { servers, clients }
}

async function told<Answer>(child: ChildProcess, what: Job | 'cpu'): Promise<Answer> {
  child.send(what)
  const [answer] = await once(child, 'message')
  return answer as Answer
}

async function cpuMs(servers: readonly ChildProcess[]): Promise<number> {
  const usages = await Promise.all(servers.map((server) => told<NodeJS.CpuUsage>(server, 'cpu')))
  return usages.reduce((sum, { user, system }) => sum + user + system, 0) / 1_000
}

async function sample({ servers, clients }: Group, job: Load['job']): Promise<Sample> {
  const others = new Others()
  const before = await cpuMs(servers)
  others.begin()
  let tooks: Took[] = []
  if (job === undefined) await new Promise((resolve) => setTimeout(resolve, MS))
  else tooks = await Promise.all(clients.map((client) => told<Took>(client, { ...job, message: 'tiny', ms: MS })))
  const cpu = (await cpuMs(servers)) - before + tooks.reduce((sum, took) => sum + took.cpuMicroseconds, 0) / 1_000
  const seconds = tooks.length > 0 ? Math.max(...tooks.map((took) => took.seconds)) : MS / 1_000
  const calls = tooks.reduce((sum, took) => sum + took.calls, 0)
  return { disturbed: others.wereBusy(cpu), calls, seconds, cpuMs: cpu, p50: median(tooks.map((took) => took.p50)) }
}

function median(values: number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN
}

function print(load: Load, samples: Record<Mode, Sample[]>): void {
  const cpuACall = (mode: Mode) => samples[mode].map(({ cpuMs, calls }) => cpuMs / calls)
  if (load.job !== undefined)
    claim(`polling: ${load.name}, CPU a call, auto against off`, cpuACall('auto'), cpuACall('off'))
  const of = (mode: Mode, figure: (sample: Sample) => number) => median(samples[mode].map(figure))
  const both = (figure: (sample: Sample) => number, digits: number) =>
    MODES.map((mode) => {
      const value = of(mode, figure)
      return value > 0 ? value.toLocaleString('en', { maximumFractionDigits: digits }) : ''
    })
      .join(' / ')
      .replace(/^ \/ $/, '')
  const cells = [
    both(({ calls, seconds }) => calls / seconds, 0),
    both(({ p50 }) => p50, 1),
    both(({ cpuMs, seconds }) => cpuMs / seconds, 1),
    both(({ cpuMs, calls }) => (calls === 0 ? 0 : (cpuMs * 1_000) / calls), 2),
  ]
  console.log(`| ${load.name} | ${cells.join(' | ')} |`)
}

try {
  let disturbed = 0
  console.log('| off / auto | calls/s | p50 µs | CPU ms a second | CPU µs a call |')
  console.log('| --- | ---: | ---: | ---: | ---: |')
  for (const load of LOADS) {
    if (only !== undefined && load.name !== only) continue
    const groups = { off: await start(load, 'off'), auto: await start(load, 'auto') }
    const samples: Record<Mode, Sample[]> = { off: [], auto: [] }
    for (let round = -1; round < ROUNDS; round++) {
      for (const mode of MODES) {
        let taken = await sample(groups[mode], load.job)
        for (let again = 0; again < AGAIN_MAX && taken.disturbed; again++) taken = await sample(groups[mode], load.job)
        if (taken.disturbed) disturbed++
        if (round >= 0) samples[mode].push(taken)
      }
    }
    print(load, samples)
    for (const each of children.splice(0)) each.kill()
  }
  if (disturbed > 0) console.error(`others had the machine in ${disturbed} of the samples`)
} finally {
  for (const each of children) each.kill()
  rmSync(folder, { recursive: true })
}
