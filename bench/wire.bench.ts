/**
 * What small calls wait for, and what connections and calls hold. One client and one server process, one connection. Small calls go one
 * after the other: alone, beside 10,000 calls that are in flight, and beside those and replies of 50 MB, one after the other with a pause;
 * then bytes that the processes hold for an idle connection and for a call in flight. Also how long the codec alone blocks a loop for 50 MB,
 * which nothing else of its process can pass. Guards runtime/transport/socket/parts.ts.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { Reader } from '../runtime/codec/reader.ts'
import { Writer } from '../runtime/codec/writer.ts'
import { BenchCatalog, CATALOG, type Catalog, catalogDescriptor } from './catalog.ts'
import { claim } from './ratios.ts'
import { connect, serve } from './rpc/ours.ts'

const ROUNDS = 5
const ROUND_MS = 1_500
const LARGE_BYTES = 50_000_000
const PAUSE_MS = 500
const HELD = 10_000
const CONNECTIONS = 500

setFlagsFromString('--expose-gc')
const gc = runInNewContext('gc') as () => void

/** Of what is reachable. */
function bytesHeld(): number {
  gc()
  gc()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

async function told(server: ChildProcess): Promise<number> {
  server.send('bytes')
  const [bytes] = (await once(server, 'message')) as [number]
  return bytes
}

async function smallCalls(catalog: Catalog, ms: number): Promise<number[]> {
  const times: number[] = []
  const end = performance.now() + ms
  for (let last = performance.now(); last < end; ) {
    await catalog.tiny('OLJCESPC7Z')
    const now = performance.now()
    times.push((now - last) * 1_000)
    last = now
  }
  return times
}

/** Until `done`; gives how long each took. */
async function largeReplies(catalog: Catalog, done: () => boolean): Promise<number[]> {
  const times: number[] = []
  while (!done()) {
    const start = performance.now()
    const text = await catalog.large(LARGE_BYTES)
    times.push(performance.now() - start)
    if (text.length !== LARGE_BYTES) throw new Error('the answer is not what was sent')
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
  }
  return times
}

function quantile(values: readonly number[], at: number): number {
  return [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * at))]!
}

const median = (values: readonly number[]): number => quantile(values, 0.5)

interface Row {
  p50: number[]
  p99: number[]
  max: number[]
}

const emptyRow = (): Row => ({ p50: [], p99: [], max: [] })

function keep(row: Row, times: readonly number[]): void {
  row.p50.push(median(times))
  row.p99.push(quantile(times, 0.99))
  row.max.push(quantile(times, 1))
}

async function codecMs(): Promise<{ encode: number; decode: number }> {
  const descriptor = await catalogDescriptor()
  const method = descriptor.components.find(({ name }) => name === CATALOG)!.boundary!().methods
  const large = method.find(({ name }) => name === 'large')!
  const value = 'x'.repeat(LARGE_BYTES)
  const times = { encode: [] as number[], decode: [] as number[] }
  for (let round = 0; round < ROUNDS; round++) {
    const writer = new Writer()
    const start = performance.now()
    large.encodeResult(writer, value)
    const encoded = performance.now()
    large.decodeResult(new Reader(writer.buffer, 0, writer.position))
    times.encode.push(encoded - start)
    times.decode.push(performance.now() - encoded)
  }
  return { encode: median(times.encode), decode: median(times.decode) }
}

async function measure(address: { path: string; port: number }, server: ChildProcess): Promise<void> {
  const catalog = await connect(address)
  await smallCalls(catalog, 200)
  const rows = { alone: emptyRow(), held: emptyRow(), large: emptyRow() }
  const largeMs: number[] = []
  for (let round = 0; round < ROUNDS; round++) keep(rows.alone, await smallCalls(catalog, ROUND_MS))
  const start = { client: bytesHeld(), server: await told(server) }
  for (let count = 0; count < HELD; count++) void catalog.held().catch(() => {})
  await catalog.tiny('x')
  const inFlight = { client: bytesHeld(), server: await told(server) }
  for (let round = 0; round < ROUNDS; round++) {
    keep(rows.held, await smallCalls(catalog, ROUND_MS))
    let over = false
    const large = largeReplies(catalog, () => over)
    keep(rows.large, await smallCalls(catalog, ROUND_MS))
    over = true
    largeMs.push(...(await large))
  }
  const idle = await told(server)
  for (let count = 0; count < CONNECTIONS; count++) await (await connect(address)).tiny('x')
  const perConnection = ((await told(server)) - idle) / CONNECTIONS
  const { encode, decode } = await codecMs()
  const beside = `beside ${HELD.toLocaleString('en')} calls in flight`
  claim(`wire: small calls ${beside}, p99, against alone`, rows.held.p99, rows.alone.p99)
  claim('wire: small calls beside those and replies of 50 MB, p99, against alone', rows.large.p99, rows.alone.p99)
  console.log('| small calls, one at a time | p50 µs | p99 µs | × alone | longest ms |')
  console.log('| --- | ---: | ---: | ---: | ---: |')
  for (const [name, row] of [
    ['alone', rows.alone],
    [beside, rows.held],
    ['beside those and replies of 50 MB', rows.large],
  ] as const) {
    const p99 = median(row.p99)
    const times = (p99 / median(rows.alone.p99)).toFixed(2)
    console.log(
      `| ${name} | ${median(row.p50).toFixed(1)} | ${p99.toFixed(1)} | ${times} | ${(median(row.max) / 1_000).toFixed(1)} |`,
    )
  }
  console.log(
    `\nA reply of 50 MB takes ${median(largeMs).toFixed(0)} ms beside small calls; of that its codec blocks the callee for ${encode.toFixed(0)} ms and the caller for ${decode.toFixed(0)} ms.`,
  )
  const perCall = (end: 'client' | 'server') => Math.round((inFlight[end] - start[end]) / HELD)
  console.log(
    `Bytes held: ${Math.round(perConnection).toLocaleString('en')} for an idle connection (server), ${perCall('client')} (client) and ${perCall('server')} (server) for a call in flight.`,
  )
}

if (process.argv[2] === 'serve') {
  await serve(JSON.parse(process.argv[3]!), new BenchCatalog())
  process.on('message', () => process.send!(bytesHeld()))
  process.send!('ready')
} else {
  const folder = mkdtempSync(join(tmpdir(), 'weavets-bench-'))
  const address = { path: join(folder, 'server'), port: 0 }
  const server = fork(import.meta.filename, ['serve', JSON.stringify(address)])
  try {
    await once(server, 'message')
    await measure(address, server)
  } finally {
    server.kill()
    rmSync(folder, { recursive: true })
  }
  process.exit()
}
