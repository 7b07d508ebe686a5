/**
 * What a call between two processes costs, ours beside the fastest that npm has, and beside what the machine allows: one server process and
 * one client process each, one connection, the same messages, everything in the same run. 64 calls in flight (calls/s, and the CPU of both
 * processes a call), and one at a time (p50). Rounds are interleaved; medians. Guards runtime/transport/socket, runtime/caller.ts and
 * runtime/dispatcher.ts. Peers and their settings are in bench/peers.
 *
 *     node bench/rpc.bench.ts [rounds] [peer,peer…]
 */
import { type ChildProcess, fork, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { installPeers } from './peers/install.ts'
import type { Address, Job, Message, Took } from './rpc/end.ts'

const ROUNDS = Number(process.argv[2] ?? 7)
const MANY_MS = 250
const ONE_MS = 100
const IN_FLIGHT = 64
const MESSAGES: readonly Message[] = ['tiny', 'order', 'list', 'users']
const BASE = 'grpc-js'

/** `module`: ./rpc or ./peers has it. */
interface Entry {
  name: string
  module: string
  socket: 'unix' | 'tcp'
  /** Both ends stay awake, each on a core of its own. */
  polling?: true
}

const ENTRIES: readonly Entry[] = [
  { name: 'weavets', module: 'ours', socket: 'unix' },
  { name: 'weavets', module: 'ours', socket: 'tcp' },
  { name: 'weavets, polling', module: 'ours', socket: 'unix', polling: true },
  { name: 'weavets, polling', module: 'ours', socket: 'tcp', polling: true },
  { name: 'floor (net echo)', module: 'floor', socket: 'unix' },
  { name: 'floor (net echo)', module: 'floor', socket: 'tcp' },
  { name: BASE, module: 'grpc', socket: 'unix' },
  { name: BASE, module: 'grpc', socket: 'tcp' },
  { name: 'Connect', module: 'connect', socket: 'tcp' },
  { name: 'rsocket', module: 'rsocket', socket: 'tcp' },
  { name: 'NestJS TCP', module: 'nest', socket: 'tcp' },
  { name: 'Moleculer TCP', module: 'moleculer', socket: 'tcp' },
  { name: "Cap'n Web", module: 'capnweb', socket: 'tcp' },
  { name: 'tRPC ws', module: 'trpc', socket: 'tcp' },
  { name: 'fastify + undici', module: 'fastify', socket: 'tcp' },
]

interface Running extends Entry {
  server: ChildProcess
  client: ChildProcess
  samples: Record<Message, { rate: number[]; cpu: number[]; p50: number[] }>
}

const children: ChildProcess[] = []

async function start(entry: Entry, address: Address): Promise<Running> {
  const child = async (role: string) => {
    const file = join(import.meta.dirname, 'rpc', 'end.ts')
    const env = { ...process.env, WEAVE_POLLING: entry.polling ? 'on' : 'off' }
    const forked = fork(file, [role, entry.module, JSON.stringify(address)], { env })
    // Two that poll on one core would wait for each other to sleep.
    if (entry.polling) spawnSync('taskset', ['-a', '-p', role === 'serve' ? '2' : '1', String(forked.pid)])
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
  return { ...entry, server, client, samples: samples as unknown as Running['samples'] }
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

async function measure({ server, client, samples }: Running, message: Message, keep: boolean): Promise<void> {
  const before = await cpuOf(server)
  const many = (await told(client, { message, inFlight: IN_FLIGHT, ms: MANY_MS })) as Took
  const cpu = many.cpuMicroseconds + (await cpuOf(server)) - before
  const one = (await told(client, { message, inFlight: 1, ms: ONE_MS })) as Took
  if (!keep) return
  const sample = samples[message]
  sample.rate.push(many.calls / many.seconds)
  sample.cpu.push(cpu / many.calls)
  sample.p50.push(one.p50)
}

function quantile(values: number[], at: number): number {
  return [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * at))]!
}

const median = (values: number[]): number => quantile(values, 0.5)

function print(all: readonly Running[]): void {
  console.log(
    '| message | transport | socket | calls/s, 64 in flight | p10–p90 | × grpc-js | µs CPU a call | p50 µs, one at a time | × grpc-js |',
  )
  console.log('| --- | --- | --- | ---: | --- | ---: | ---: | ---: | ---: |')
  for (const message of MESSAGES) {
    for (const { name, socket, samples } of all) {
      const { rate, cpu, p50 } = samples[message]
      const base = all.find((other) => other.name === BASE && other.socket === socket)?.samples[message]
      const thousands = (value: number) => Math.round(value).toLocaleString('en')
      const cells = [
        thousands(median(rate)),
        `${thousands(quantile(rate, 0.1))}–${thousands(quantile(rate, 0.9))}`,
        base ? (median(rate) / median(base.rate)).toFixed(1) : '',
        median(cpu).toFixed(2),
        median(p50).toFixed(1),
        base ? (median(p50) / median(base.p50)).toFixed(2) : '',
      ]
      console.log(`| ${message} | ${name} | ${socket} | ${cells.join(' | ')} |`)
    }
  }
}

const wanted = process.argv[3]?.split(',')
const entries = wanted ? ENTRIES.filter(({ module }) => wanted.includes(module)) : ENTRIES
if (entries.some(({ module }) => module !== 'ours' && module !== 'floor')) installPeers()
const folder = mkdtempSync(join(tmpdir(), 'weavets-bench-'))
const port = 20_000 + Math.floor(Math.random() * 10_000)
const all: Running[] = []
try {
  for (const [index, entry] of entries.entries()) {
    const path = entry.socket === 'unix' ? { path: join(folder, String(index)) } : {}
    all.push(await start(entry, { port: port + index * 4, ...path }))
  }
  for (let round = -1; round < ROUNDS; round++)
    for (const message of MESSAGES) for (const running of all) await measure(running, message, round >= 0)
  print(all)
} finally {
  for (const child of children) child.kill()
  rmSync(folder, { recursive: true })
}
