/**
 * What a call between two processes costs, ours beside the fastest that npm has, and beside what the machine allows: one server process and
 * one client process each, one connection, the same messages, everything in the same run. 64 calls in flight (calls/s, and the CPU of both
 * processes a call), and one at a time (p50). Rounds are interleaved; medians. Guards runtime/transport/socket, runtime/calls/caller.ts and
 * runtime/calls/dispatcher.ts. Peers and their settings are in bench/peers.
 *
 *     node bench/rpc.bench.ts [rounds] [row,row…] [message,message…] [--one-core] [--keep file]
 *     node bench/rpc.bench.ts --print file
 *
 * All rows at once take longer than a shared machine can be kept quiet for. So a run may be of some of them (`ENTRIES` has their keys), and keep
 * its samples in a file (also when `timeout` ends it), to which the next one adds its own; `--print` makes one table of them. A ratio is always to the grpc-js of the same run.
 * `--one-core` has all processes on one core, so that it makes no difference where the kernel would put them: what is held to the baseline.
 */
import { type ChildProcess, fork, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { installPeers } from './peers/install.ts'
import { claim } from './ratios.ts'
import type { Address, Job, Message, Took } from './rpc/end.ts'
import { Others } from './rpc/others.ts'

const MANY_MS = 250
const ONE_MS = 250
/** Each load runs for so long before it is measured: V8, the kernel and those who stay awake only where it pays have made up their minds by then. */
const SETTLE_MS = 150
const IN_FLIGHT = 64
/** Times that a sample is taken anew when others had the machine. */
const AGAIN_MAX = 1
const MESSAGES: readonly Message[] = ['tiny', 'order', 'list', 'users']
const BASE = 'grpc'

/** `module`: ./rpc or ./peers has it, by `key` where it isn't said. */
interface Entry {
  key: string
  name: string
  module?: string
  socket: 'unix' | 'tcp'
  /** `WEAVE_POLLING` of both ends. `on`: and each is on a core of its own. */
  polling?: 'auto' | 'off' | 'on'
}

const ENTRIES: readonly Entry[] = [
  ...(['unix', 'tcp'] as const).flatMap((socket): Entry[] => [
    { key: 'ours', name: 'weavets', socket, polling: 'auto' },
    { key: 'off', name: 'weavets, polling off', module: 'ours', socket, polling: 'off' },
    { key: 'on', name: 'weavets, polling on, pinned', module: 'ours', socket, polling: 'on' },
    { key: 'floor', name: 'floor (net echo)', socket },
    { key: BASE, name: 'grpc-js', socket },
  ]),
  { key: 'connect', name: 'Connect', socket: 'tcp' },
  { key: 'rsocket', name: 'rsocket', socket: 'tcp' },
  { key: 'nest', name: 'NestJS TCP', socket: 'tcp' },
  { key: 'moleculer', name: 'Moleculer TCP', socket: 'tcp' },
  { key: 'capnweb', name: "Cap'n Web", socket: 'tcp' },
  { key: 'trpc', name: 'tRPC ws', socket: 'tcp' },
  { key: 'fastify', name: 'fastify + undici', socket: 'tcp' },
]

type Samples = Record<Message, { rate: number[]; cpu: number[]; p50: number[] }>

interface Running extends Entry {
  server: ChildProcess
  client: ChildProcess
  samples: Samples
}

/** By SIGTERM, as `timeout` sends it: what has been measured counts. */
let stopped = false
process.once('SIGTERM', () => {
  stopped = true
})

/** What is kept of a row of a run. */
interface Kept {
  run: number
  key: string
  socket: Entry['socket']
  samples: Samples
}

const children: ChildProcess[] = []

/** A mask for `taskset`. Two that poll on one core would wait for each other to sleep. */
function coresOf({ polling }: Entry, role: string): string | undefined {
  if (values['one-core']) return '1'
  if (polling === 'on') return role === 'serve' ? '2' : '1'
  return undefined
}

async function start(entry: Entry, address: Address): Promise<Running> {
  const child = async (role: string) => {
    const file = join(import.meta.dirname, 'rpc', 'end.ts')
    const env = { ...process.env, WEAVE_POLLING: entry.polling }
    const forked = fork(file, [role, entry.module ?? entry.key, JSON.stringify(address)], { env, detached: true })
    // `timeout` ends a whole group of processes: theirs is another (detached), and they leave with this one (end.ts).
    const cores = coresOf(entry, role)
    if (cores !== undefined) spawnSync('taskset', ['-a', '-p', cores, String(forked.pid)])
    children.push(forked)
    const failed = once(forked, 'exit').then(() => {
      throw new Error(`the process that should ${role} ${entry.name} has ended`)
    })
    await Promise.race([once(forked, 'message'), failed])
    failed.catch(() => {})
    return forked
  }
  const server = await child('serve')
  const client = await child('call')
  const samples = Object.fromEntries(MESSAGES.map((message) => [message, { rate: [], cpu: [], p50: [] }]))
  return { ...entry, server, client, samples: samples as unknown as Samples }
}

async function told(child: ChildProcess, job: Job | 'cpu'): Promise<unknown> {
  child.send(job)
  const [answer] = await once(child, 'message')
  return answer
}

async function cpuOf(server: ChildProcess): Promise<number> {
  const { user, system } = (await told(server, 'cpu')) as NodeJS.CpuUsage
  return user + system
}

interface Sample {
  rate: number
  cpu: number
  p50: number
  /** Others had the machine meanwhile. */
  disturbed: boolean
}

async function measure({ server, client }: Running, message: Message): Promise<Sample> {
  const others = new Others()
  await told(client, { message, inFlight: IN_FLIGHT, ms: SETTLE_MS })
  const before = await cpuOf(server)
  others.begin()
  const many = (await told(client, { message, inFlight: IN_FLIGHT, ms: MANY_MS })) as Took
  const serverCpu = (await cpuOf(server)) - before
  const settling = (await told(client, { message, inFlight: 1, ms: SETTLE_MS })) as Took
  const one = (await told(client, { message, inFlight: 1, ms: ONE_MS })) as Took
  const oursMs =
    ((await cpuOf(server)) - before + many.cpuMicroseconds + settling.cpuMicroseconds + one.cpuMicroseconds) / 1_000
  return {
    rate: many.calls / many.seconds,
    cpu: (many.cpuMicroseconds + serverCpu) / many.calls,
    p50: one.p50,
    disturbed: others.wereBusy(oursMs),
  }
}

/** Again when others had the machine, within bounds; says whether they had it in the end. */
async function measureAlone(running: Running, message: Message, keep: boolean): Promise<boolean> {
  let sample = await measure(running, message)
  for (let again = 0; again < AGAIN_MAX && sample.disturbed; again++) sample = await measure(running, message)
  if (keep) for (const field of ['rate', 'cpu', 'p50'] as const) running.samples[message][field].push(sample[field])
  return sample.disturbed
}

function quantile(values: number[], at: number): number {
  return [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * at))]!
}

const median = (values: number[]): number => quantile(values, 0.5)

function print(all: readonly Kept[]): void {
  console.log(
    '| message | transport | socket | calls/s, 64 in flight | p10–p90 | × grpc-js | µs CPU a call | p50 µs, one at a time | × grpc-js |',
  )
  console.log('| --- | --- | --- | ---: | --- | ---: | ---: | ---: | ---: |')
  for (const message of MESSAGES) {
    for (const { key, name, socket } of ENTRIES) {
      const runs = all.filter(
        (each) => each.key === key && each.socket === socket && each.samples[message].rate.length > 0,
      )
      if (runs.length === 0) continue
      const of = (field: keyof Samples[Message]) => runs.flatMap(({ samples }) => samples[message][field])
      const ratio = (field: keyof Samples[Message]) => {
        const ratios = runs.flatMap(({ run, samples }) => {
          const base = all.find((each) => each.run === run && each.key === BASE && each.socket === socket)
          return base?.samples[message].rate.length
            ? [median(samples[message][field]) / median(base.samples[message][field])]
            : []
        })
        return ratios.length === 0 ? undefined : median(ratios)
      }
      const thousands = (value: number) => Math.round(value).toLocaleString('en')
      const cells = [
        thousands(median(of('rate'))),
        `${thousands(quantile(of('rate'), 0.1))}–${thousands(quantile(of('rate'), 0.9))}`,
        ratio('rate')?.toFixed(1) ?? '',
        median(of('cpu')).toFixed(2),
        median(of('p50')).toFixed(1),
        ratio('p50')?.toFixed(2) ?? '',
      ]
      console.log(`| ${message} | ${name} | ${socket} | ${cells.join(' | ')} |`)
    }
  }
}

/** Of one run, in which rows took turns. Against the floor, where there is nothing but sockets, a change of ours shows most. */
function claims(all: readonly Kept[]): void {
  for (const message of MESSAGES)
    for (const { key, socket, samples } of all.filter((each) => each.key === 'ours' || each.key === 'off'))
      for (const base of all.filter((each) => each.socket === socket && (each.key === BASE || each.key === 'floor'))) {
        const [ours, against] = [key, base.key].map((each) => ENTRIES.find((entry) => entry.key === each)!.name)
        for (const [field, name] of [
          ['cpu', 'CPU a call'],
          ['p50', 'one at a time'],
        ] as const)
          if (samples[message][field].length > 0)
            claim(
              `rpc: ${message}, ${socket}, ${ours}, ${name}, against ${against}`,
              samples[message][field],
              base.samples[message][field],
            )
      }
}

/** The rows of one run, in a table or added to those of `file`. */
function keep(all: readonly Running[], file: string | undefined): void {
  const before = file !== undefined && existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Kept[]) : []
  const run = before.reduce((last, each) => Math.max(last, each.run), 0) + 1
  const rows = all.map(({ key, socket, samples }) => ({ run, key, socket, samples }))
  claims(rows)
  if (file === undefined) print(rows)
  else writeFileSync(file, JSON.stringify([...before, ...rows]))
}

async function measureAll(
  rounds: number,
  entries: readonly Entry[],
  messages: readonly Message[],
): Promise<readonly Running[]> {
  if (entries.some(({ module, key }) => module !== 'ours' && key !== 'ours' && key !== 'floor')) installPeers()
  const folder = mkdtempSync(join(tmpdir(), 'weavets-bench-'))
  const port = 20_000 + Math.floor(Math.random() * 10_000)
  const all: Running[] = []
  let disturbed = 0
  try {
    const starting = entries.map((entry, index) => {
      const path = entry.socket === 'unix' ? { path: join(folder, String(index)) } : {}
      return start(entry, { port: port + index * 4, ...path })
    })
    all.push(...(await Promise.all(starting)))
    for (const message of messages)
      for (let round = -1; round < rounds; round++)
        for (const running of all) if (!stopped && (await measureAlone(running, message, round >= 0))) disturbed++
    if (disturbed > 0) console.error(`others had the machine in ${disturbed} of the samples`)
    return all
  } finally {
    for (const child of children) child.kill()
    rmSync(folder, { recursive: true })
  }
}

const { values, positionals } = parseArgs({
  options: { keep: { type: 'string' }, print: { type: 'string' }, 'one-core': { type: 'boolean', default: false } },
  allowPositionals: true,
})
const wanted = positionals[1]?.split(',')
const unknown = wanted?.filter((key) => !ENTRIES.some((entry) => entry.key === key)) ?? []
if (unknown.length > 0) throw new Error(`there is no row called ${unknown.join(', ')}; see ENTRIES`)
const entries = wanted ? ENTRIES.filter(({ key }) => wanted.includes(key)) : ENTRIES
const messages =
  positionals[2] === undefined ? MESSAGES : MESSAGES.filter((each) => positionals[2]!.split(',').includes(each))
if (values.print !== undefined) print(JSON.parse(readFileSync(values.print, 'utf8')) as Kept[])
else keep(await measureAll(Number(positionals[0] ?? 7), entries, messages), values.keep)
