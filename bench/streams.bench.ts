/**
 * What a stream costs: items one by one, as a result and as a parameter, beside the same items as an array in one call, and beside a stream of
 * @grpc/grpc-js. One server process and one client process; the producer has its items ready and the reader does nothing with them, one stream at a time and
 * 16 at once. Rounds are interleaved; medians, p10–p90, and ratios of the rounds. Guards runtime/streams.
 *
 *     node bench/streams.bench.ts [rounds]
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as grpc from '@grpc/grpc-js'
import protobuf from 'protobufjs'
import { App } from '../runtime/app.ts'
import { PortBinder } from '../runtime/listener.ts'
import { claim } from './ratios.ts'
import { BenchTicker, listOf, TICKER, type Tick, type Ticker, tickerDescriptor, ticksOf } from './ticker.ts'

const ROUNDS = Number(process.argv[2] ?? 7)
const MS = 50
const MANY = 16
/** Items of a stream, and characters of each. */
const SIZES = [
  [1, 10],
  [10, 10],
  [100, 10],
  [10_000, 10],
  [1_000, 3_000],
] as const
type Size = (typeof SIZES)[number]
/** With more items at once than this a sample of grpc-js takes seconds. */
const PLAIN_ITEMS_MAX = 20_000
const SOCKETS = ['unix', 'tcp'] as const

const PROTO = `syntax = "proto3";
message Wanted { int32 count = 1; int32 length = 2; }
message Tick { int32 id = 1; string text = 2; }
message Count { int32 count = 1; }`

const { root } = protobuf.parse(PROTO, { keepCase: true })

function plainMethod(name: string, request: string, response: string): grpc.MethodDefinition<object, object> {
  const [requestType, responseType] = [root.lookupType(request), root.lookupType(response)]
  return {
    path: `/Ticker/${name}`,
    requestStream: name === 'absorb',
    responseStream: name === 'watch',
    requestSerialize: (value) => requestType.encode(value).finish() as Buffer,
    requestDeserialize: (bytes) => requestType.decode(bytes),
    responseSerialize: (value) => responseType.encode(value).finish() as Buffer,
    responseDeserialize: (bytes) => responseType.decode(bytes),
  }
}

const PLAIN = { absorb: plainMethod('absorb', 'Tick', 'Count'), watch: plainMethod('watch', 'Wanted', 'Tick') }

/** As its own examples do it, and no faster than the other end takes it. */
async function writeAll(
  stream: { write(item: object): boolean; end(): void } & NodeJS.EventEmitter,
  ticks: AsyncIterable<Tick>,
) {
  for await (const tick of ticks) if (!stream.write(tick)) await once(stream, 'drain')
  stream.end()
}

async function servePlain(): Promise<string> {
  const server = new grpc.Server()
  const watch: grpc.handleServerStreamingCall<{ count: number; length: number }, Tick> = (call) => {
    void writeAll(call, ticksOf(call.request.count, call.request.length))
  }
  const absorb: grpc.handleClientStreamingCall<Tick, { count: number }> = (call, done) => {
    let count = 0
    call.on('data', () => count++)
    call.on('end', () => done(null, { count }))
  }
  server.addService(PLAIN, { absorb, watch })
  return new Promise((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, port) =>
      error ? reject(error) : resolve(`127.0.0.1:${port}`),
    )
  })
}

async function appOf(hosted: string[], name: string): Promise<App> {
  return new App({
    descriptor: await tickerDescriptor(),
    application: 'bench',
    process: name,
    hosted: new Set(hosted),
    isolated: false,
    config: {},
    binder: new PortBinder({}),
    provided: () => () => new BenchTicker(),
  })
}

async function serve(folder: string): Promise<void> {
  const addresses: Record<string, string> = { plain: await servePlain() }
  for (const socket of SOCKETS) {
    const app = await appOf([TICKER], 'server')
    addresses[socket] = await app.serve(socket === 'unix' ? join(folder, 'unix') : 'tcp://127.0.0.1:0')
    await app.start()
  }
  process.on('disconnect', () => process.exit())
  process.send!(addresses)
}

/** Reads, or gives, so many items; gives how many there were. */
type Run = (count: number, length: number) => Promise<number>
type Kind = 'result' | 'parameter'

async function countOf(ticks: AsyncIterable<unknown>): Promise<number> {
  let count = 0
  for await (const _ of ticks) count++
  return count
}

function ourRuns(ticker: Ticker): Record<Kind, { stream: Run; array: Run }> {
  return {
    result: {
      stream: (count, length) => countOf(ticker.watch(count, length)),
      array: async (count, length) => (await ticker.list(count, length)).length,
    },
    parameter: {
      stream: (count, length) => ticker.absorb(ticksOf(count, length)),
      array: (count, length) => ticker.take(listOf(count, length)),
    },
  }
}

function plainRuns(address: string): Record<Kind, Run> {
  const client = new grpc.Client(address, grpc.credentials.createInsecure())
  const { absorb, watch } = PLAIN
  return {
    result: (count, length) => {
      const call = client.makeServerStreamRequest(watch.path, watch.requestSerialize, watch.responseDeserialize, {
        count,
        length,
      })
      return countOf(call)
    },
    parameter: async (count, length) => {
      const answer = Promise.withResolvers<number>()
      const call = client.makeClientStreamRequest(
        absorb.path,
        absorb.requestSerialize,
        absorb.responseDeserialize,
        (error, value) => (error ? answer.reject(error) : answer.resolve((value as { count: number }).count)),
      )
      await writeAll(call, ticksOf(count, length))
      return answer.promise
    },
  }
}

async function sampleOf(run: Run, [count, length]: Size, atOnce: number): Promise<number> {
  let streams = 0
  const start = performance.now()
  const lane = async () => {
    do {
      if ((await run(count, length)) !== count) throw new Error('items are missing')
      streams++
    } while (performance.now() < start + MS)
  }
  await Promise.all(Array.from({ length: atOnce }, lane))
  return ((performance.now() - start) * 1_000) / streams
}

interface Row {
  kind: Kind
  size: Size
  atOnce: number
  /** Microseconds a stream, of each round. */
  samples: Record<string, number[]>
}

async function measure(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'weavets-bench-'))
  const server = fork(import.meta.filename, ['serve', folder])
  const [addresses] = (await once(server, 'message')) as [Record<string, string>]
  const runs: Record<Kind, Record<string, Run>> = { result: {}, parameter: {} }
  const plain = plainRuns(addresses.plain!)
  for (const socket of SOCKETS) {
    const app = await appOf([], 'client')
    app.route(TICKER, [{ slot: 0, slots: 1, process: 'server', group: 'server', address: addresses[socket]! }])
    const ours = ourRuns(app.get(TICKER, 'bench') as unknown as Ticker)
    for (const kind of ['result', 'parameter'] as const) {
      runs[kind][socket] = ours[kind].stream
      runs[kind][`array, ${socket}`] = ours[kind].array
      runs[kind]['grpc-js'] = plain[kind]
    }
  }
  const rows: Row[] = []
  for (const kind of ['result', 'parameter'] as const)
    for (const size of SIZES) for (const atOnce of [1, MANY]) rows.push({ kind, size, atOnce, samples: {} })
  for (let round = -1; round < ROUNDS; round++) {
    for (const { kind, size, atOnce, samples } of rows) {
      for (const [name, run] of Object.entries(runs[kind])) {
        if (name === 'grpc-js' && size[0] * atOnce > PLAIN_ITEMS_MAX) continue
        const sample = await sampleOf(run, size, atOnce)
        const kept = samples[name] ?? []
        if (round >= 0) kept.push(sample)
        samples[name] = kept
      }
    }
  }
  print(rows)
  server.kill()
  rmSync(folder, { recursive: true })
}

function quantile(values: readonly number[], q: number): number {
  return [...values].sort((a, b) => a - b)[Math.floor((values.length - 1) * q)]!
}

function print(rows: readonly Row[]): void {
  console.log('| stream | items | at once | socket | µs a stream (p10–p90) | µs an item | × array | × grpc-js |')
  console.log('| --- | ---: | ---: | --- | ---: | ---: | ---: | ---: |')
  for (const { kind, size, atOnce, samples } of rows) {
    const [count, length] = size
    const items = length < 1_000 ? count.toLocaleString('en') : `${count.toLocaleString('en')} of ${length / 1_000} KB`
    for (const socket of SOCKETS) {
      const mine = samples[socket]!
      const array = samples[`array, ${socket}`]!
      const plain = samples['grpc-js']
      const name = `streams: ${kind} of ${items}, ${atOnce} at once, ${socket}`
      claim(`${name}, against an array`, mine, array)
      if (plain) claim(`${name}, against grpc-js`, mine, plain)
      const median = quantile(mine, 0.5)
      const times = (other: number[]) =>
        quantile(
          mine.map((value, round) => value / other[round]!),
          0.5,
        ).toFixed(2)
      const spread = `${quantile(mine, 0.1).toFixed(0)}–${quantile(mine, 0.9).toFixed(0)}`
      const cells = [items, atOnce, socket, `${median.toFixed(0)} (${spread})`, (median / count).toFixed(2)]
      console.log(`| ${kind} | ${cells.join(' | ')} | ${times(array)} | ${plain ? times(plain) : ''} |`)
    }
  }
}

if (process.argv[2] === 'serve') await serve(process.argv[3]!)
else {
  await measure()
  process.exit()
}
