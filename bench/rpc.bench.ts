/**
 * What a call between two processes costs: ours over a Unix socket against @grpc/grpc-js over one, in the same run, the same
 * messages, the same machine; one server process, one client process. 64 calls in flight (calls/s, CPU of both processes a call) and
 * one at a time (p50). Rounds are interleaved; medians. Guards runtime/transport/socket, runtime/caller.ts and runtime/dispatcher.ts.
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
import {
  BenchCatalog,
  CATALOG,
  type Catalog,
  catalogDescriptor,
  ORDER,
  type Order,
  PRODUCTS,
  RECEIPT,
} from './catalog.ts'

const ROUNDS = 7
const MS = 400
const IN_FLIGHT = 64

const PROTO = `syntax = "proto3";
message Id { string id = 1; }
message Price { int32 price = 1; }
message Empty {}
message Address { string street = 1; string city = 2; string state = 3; string country = 4; int32 zipCode = 5; }
message Card { string number = 1; int32 cvv = 2; int32 year = 3; int32 month = 4; }
message Line { string productId = 1; int32 quantity = 2; Money cost = 3; }
message Money { string currencyCode = 1; int64 units = 2; int32 nanos = 3; }
message Order { string userId = 1; string email = 2; string currencyCode = 3; Address address = 4; Card card = 5; repeated Line lines = 6; }
message Receipt { string orderId = 1; string trackingId = 2; Money shipping = 3; Address address = 4; repeated Line lines = 5; }
message Product { string id = 1; string name = 2; string description = 3; string picture = 4; Money price = 5; repeated string categories = 6; }
message Products { repeated Product products = 1; }`

function grpcService(): grpc.ServiceDefinition {
  const { root } = protobuf.parse(PROTO, { keepCase: true })
  const method = (path: string, request: string, response: string) => {
    const [requestType, responseType] = [root.lookupType(request), root.lookupType(response)]
    return {
      path: `/Catalog/${path}`,
      requestStream: false as const,
      responseStream: false as const,
      requestSerialize: (value: object) => requestType.encode(value).finish() as Buffer,
      requestDeserialize: (bytes: Buffer) => requestType.decode(bytes),
      responseSerialize: (value: object) => responseType.encode(value).finish() as Buffer,
      responseDeserialize: (bytes: Buffer) => responseType.decode(bytes),
    }
  }
  return {
    tiny: method('tiny', 'Id', 'Price'),
    order: method('order', 'Order', 'Receipt'),
    list: method('list', 'Empty', 'Products'),
  }
}

async function appOf(hosted: string[], name: string): Promise<App> {
  const descriptor = await catalogDescriptor()
  const binder = new PortBinder({})
  return new App({
    descriptor,
    application: 'bench',
    process: name,
    hosted: new Set(hosted),
    isolated: false,
    config: {},
    binder,
    provided: () => undefined,
  })
}

async function serve(folder: string): Promise<void> {
  const app = await appOf([CATALOG], 'server')
  await app.serve(join(folder, 'weavets'))
  await app.start()
  const catalog = new BenchCatalog()
  const server = new grpc.Server()
  const unary =
    <Request>(reply: (request: Request) => Promise<object>): grpc.handleUnaryCall<Request, object> =>
    (call, done) => {
      void reply(call.request).then((value) => done(null, value))
    }
  server.addService(grpcService(), {
    tiny: unary(async ({ id }: { id: string }) => ({ price: await catalog.tiny(id) })),
    order: unary((order: Order) => catalog.order(order)),
    list: unary(async () => ({ products: await catalog.list() })),
  })
  await new Promise((resolve, reject) => {
    server.bindAsync(`unix:${join(folder, 'grpc')}`, grpc.ServerCredentials.createInsecure(), (error, port) =>
      error ? reject(error) : resolve(port),
    )
  })
  process.on('message', () => process.send!(process.cpuUsage()))
  process.send!('ready')
}

type Run = () => Promise<unknown>

async function measure(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'weavets-bench-'))
  const server = fork(import.meta.filename, ['serve', folder])
  await once(server, 'message')
  const serverCpu = async () => {
    server.send('cpu')
    const [{ user, system }] = (await once(server, 'message')) as [NodeJS.CpuUsage]
    return user + system
  }

  const app = await appOf([], 'client')
  app.route(CATALOG, [{ slot: 0, slots: 1, process: 'server', group: 'server', address: join(folder, 'weavets') }])
  const catalog = app.get(CATALOG, 'bench') as unknown as Catalog
  const GrpcClient = grpc.makeGenericClientConstructor(grpcService(), 'Catalog')
  const client = new GrpcClient(`unix:${join(folder, 'grpc')}`, grpc.credentials.createInsecure())
  const unary = (method: string, request: object) => () =>
    new Promise((resolve, reject) => {
      const call = (
        client as unknown as Record<string, (request: object, done: (error: unknown, value: unknown) => void) => void>
      )[method]!
      call.call(client, request, (error, value) => (error ? reject(error) : resolve(value)))
    })
  const runs: [string, string, Run][] = [
    ['tiny', 'weavets', () => catalog.tiny('OLJCESPC7Z')],
    ['tiny', 'grpc-js', unary('tiny', { id: 'OLJCESPC7Z' })],
    ['order', 'weavets', () => catalog.order(ORDER)],
    ['order', 'grpc-js', unary('order', ORDER)],
    ['list', 'weavets', () => catalog.list()],
    ['list', 'grpc-js', unary('list', {})],
  ]
  check((await runs[2]![2]()) as object, RECEIPT)
  check((await runs[4]![2]()) as object, PRODUCTS)

  const samples = new Map<string, { rate: number[]; cpu: number[]; p50: number[] }>()
  for (let round = -1; round < ROUNDS; round++) {
    for (const [message, name, run] of runs) {
      const key = `${message} ${name}`
      const sample = samples.get(key) ?? { rate: [], cpu: [], p50: [] }
      samples.set(key, sample)
      const before = process.cpuUsage()
      const serverBefore = await serverCpu()
      const { calls, seconds } = await manyAtOnce(run)
      const { user, system } = process.cpuUsage(before)
      const cpu = (user + system + (await serverCpu()) - serverBefore) / calls
      const p50 = await oneAtATime(run)
      if (round < 0) continue
      sample.rate.push(calls / seconds)
      sample.cpu.push(cpu)
      sample.p50.push(p50)
    }
  }
  print(samples)
  await app.stop()
  client.close()
  server.kill()
  rmSync(folder, { recursive: true })
}

/** A bench that measures wrong answers measures nothing. */
function check(found: object, expected: object): void {
  if (JSON.stringify(sorted(found)) !== JSON.stringify(sorted(expected)))
    throw new Error('the answer is not what was sent')
}

function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(sorted)
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, member]) => [key, sorted(member)]),
  )
}

async function manyAtOnce(run: Run): Promise<{ calls: number; seconds: number }> {
  let calls = 0
  const start = performance.now()
  const end = start + MS
  const lane = async () => {
    while (performance.now() < end) {
      await run()
      calls++
    }
  }
  await Promise.all(Array.from({ length: IN_FLIGHT }, lane))
  return { calls, seconds: (performance.now() - start) / 1_000 }
}

async function oneAtATime(run: Run): Promise<number> {
  const times: number[] = []
  for (const end = performance.now() + MS / 4; performance.now() < end; ) {
    const start = performance.now()
    await run()
    times.push((performance.now() - start) * 1_000)
  }
  return median(times)
}

function median(values: number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!
}

function print(samples: Map<string, { rate: number[]; cpu: number[]; p50: number[] }>): void {
  console.log(
    '| message | transport | calls/s, 64 in flight | ratio | µs CPU a call | ratio | p50 µs, one at a time | ratio |',
  )
  console.log('| --- | --- | --- | --- | --- | --- | --- | --- |')
  for (const [key, { rate, cpu, p50 }] of samples) {
    const [message, name] = key.split(' ') as [string, string]
    const base = samples.get(`${message} grpc-js`)!
    const ratio = (mine: number[], other: number[]) => (median(mine) / median(other)).toFixed(2)
    const cells = [
      Math.round(median(rate)).toLocaleString('en'),
      ratio(rate, base.rate),
      median(cpu).toFixed(1),
      ratio(cpu, base.cpu),
      median(p50).toFixed(0),
      ratio(p50, base.p50),
    ]
    console.log(`| ${message} | ${name} | ${cells.join(' | ')} |`)
  }
}

if (process.argv[2] === 'serve') await serve(process.argv[3]!)
else await measure()
