/**
 * What each transport costs: the same calls over Unix sockets, TCP, TLS and gRPC, and over @grpc/grpc-js used plainly, without a deadline
 * and with the one that each of our calls has. One server process, one client process, the same messages; 64 calls in flight (calls/s,
 * CPU of both processes a call) and one at a time (p50). Rounds are interleaved; medians, and the spread of the CPU figures. Guards
 * runtime/transport/grpc, whose target is at most 1.1 × the CPU of plain grpc-js.
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as grpc from '@grpc/grpc-js'
import protobuf from 'protobufjs'
import { Authority } from '../deployer/certificates.ts'
import { App } from '../runtime/app.ts'
import { PortBinder } from '../runtime/listener.ts'
import type { Identity } from '../runtime/transport/socket/identity.ts'
import { BenchCatalog, CATALOG, type Catalog, catalogDescriptor, ORDER, type Order } from './catalog.ts'
import { claim } from './ratios.ts'

const ROUNDS = Number(process.env.ROUNDS ?? 7)
const MS = Number(process.env.MS ?? 300)
const MESSAGES = (process.env.MESSAGES?.split(',') ?? ['tiny', 'order', 'list']) as ('tiny' | 'order' | 'list')[]
const IN_FLIGHT = 64
const TRANSPORTS = ['unix', 'tcp', 'tls', 'grpc'] as const
const DEADLINE_MS = 30_000

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

function plainService(): grpc.ServiceDefinition {
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

async function appOf(hosted: string[], name: string, identity: Identity | undefined): Promise<App> {
  return new App({
    descriptor: await catalogDescriptor(),
    application: 'bench',
    process: name,
    hosted: new Set(hosted),
    isolated: false,
    config: {},
    binder: new PortBinder({}),
    provided: () => undefined,
    identity,
  })
}

async function serve(folder: string, identity: Identity): Promise<void> {
  const addresses: Record<string, string> = {}
  for (const transport of TRANSPORTS) {
    const app = await appOf([CATALOG], 'server', identity)
    addresses[transport] = await app.serve(transport === 'unix' ? join(folder, 'unix') : `${transport}://127.0.0.1:0`)
    await app.start()
  }
  const catalog = new BenchCatalog()
  const server = new grpc.Server()
  const unary =
    <Request>(reply: (request: Request) => Promise<object>): grpc.handleUnaryCall<Request, object> =>
    (call, done) => {
      void reply(call.request).then((value) => done(null, value))
    }
  server.addService(plainService(), {
    tiny: unary(async ({ id }: { id: string }) => ({ price: await catalog.tiny(id) })),
    order: unary((order: Order) => catalog.order(order)),
    list: unary(async () => ({ products: await catalog.list() })),
  })
  const port = await new Promise((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    )
  })
  process.on('message', () => process.send!(process.cpuUsage()))
  process.send!({ ...addresses, plain: `127.0.0.1:${port}` })
}

type Run = () => Promise<unknown>
interface Sample {
  rate: number[]
  cpu: number[]
  p50: number[]
}

async function measure(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'weavets-bench-'))
  const authority = Authority.make('bench')
  const server = fork(import.meta.filename, ['serve', folder], { serialization: 'json' })
  server.send({ identity: authority.identity('server') })
  const [addresses] = (await once(server, 'message')) as [Record<string, string>]
  const serverCpu = async () => {
    server.send('cpu')
    const [{ user, system }] = (await once(server, 'message')) as [NodeJS.CpuUsage]
    return user + system
  }
  const apps: App[] = []
  const calls: Record<string, { tiny: Run; order: Run; list: Run }> = {}
  for (const transport of TRANSPORTS) {
    const app = await appOf([], 'client', authority.identity('client'))
    apps.push(app)
    const address = addresses[transport]!
    app.route(CATALOG, [{ slot: 0, slots: 1, process: 'server', group: 'server', address }])
    const catalog = app.get(CATALOG, 'bench') as unknown as Catalog
    calls[transport] = {
      tiny: () => catalog.tiny('OLJCESPC7Z'),
      order: () => catalog.order(ORDER),
      list: () => catalog.list(),
    }
  }
  const PlainClient = grpc.makeGenericClientConstructor(plainService(), 'Catalog')
  const client = new PlainClient(addresses.plain!, grpc.credentials.createInsecure())
  type Done = (error: unknown, value: unknown) => void
  type Unary = (request: object, metadata: grpc.Metadata, options: grpc.CallOptions, done: Done) => void
  const plain = (method: string, request: object, deadline: boolean) => () =>
    new Promise((resolve, reject) => {
      const call = (client as unknown as Record<string, Unary>)[method]!
      const options = deadline ? { deadline: Date.now() + DEADLINE_MS } : {}
      call.call(client, request, new grpc.Metadata(), options, (error, value) =>
        error ? reject(error) : resolve(value),
      )
    })
  for (const [name, deadline] of [
    ['grpc-js', false],
    ['grpc-js, deadline', true],
  ] as const) {
    calls[name] = {
      tiny: plain('tiny', { id: 'OLJCESPC7Z' }, deadline),
      order: plain('order', ORDER, deadline),
      list: plain('list', {}, deadline),
    }
  }
  const samples = new Map<string, Sample>()
  const only = process.argv.slice(2)
  for (let round = -1; round < ROUNDS; round++) {
    for (const message of MESSAGES) {
      for (const [name, runs] of Object.entries(calls)) {
        if (only.length > 0 && !only.includes(name)) continue
        const key = `${message}|${name}`
        const sample = samples.get(key) ?? { rate: [], cpu: [], p50: [] }
        samples.set(key, sample)
        await sampleOf(runs[message], serverCpu, round < 0 ? undefined : sample)
      }
    }
  }
  print(samples)
  for (const app of apps) await app.stop()
  client.close()
  server.kill()
  rmSync(folder, { recursive: true })
}

/** `into`: undefined to warm up. */
async function sampleOf(run: Run, serverCpu: () => Promise<number>, into: Sample | undefined): Promise<void> {
  const before = process.cpuUsage()
  const serverBefore = await serverCpu()
  const { calls, seconds } = await manyAtOnce(run)
  const { user, system } = process.cpuUsage(before)
  const cpu = (user + system + (await serverCpu()) - serverBefore) / calls
  const p50 = await oneAtATime(run)
  into?.rate.push(calls / seconds)
  into?.cpu.push(cpu)
  into?.p50.push(p50)
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
  return quantile(times, 0.5)
}

function quantile(values: readonly number[], q: number): number {
  return [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * q))]!
}

function print(samples: Map<string, Sample>): void {
  console.log(
    '| message | transport | calls/s, 64 in flight | × grpc-js | µs CPU a call (p10–p90) | × grpc-js | p50 µs, one at a time |',
  )
  console.log('| --- | --- | ---: | ---: | ---: | ---: | ---: |')
  for (const [key, { rate, cpu, p50 }] of samples) {
    const [message, name] = key.split('|') as [string, string]
    const base = samples.get(`${message}|grpc-js`)
    if (base && !name.startsWith('grpc-js'))
      claim(`transports: ${message}, ${name}, CPU a call, against grpc-js`, cpu, base.cpu)
    const ratio = (mine: number[], other: number[] | undefined) =>
      other ? (quantile(mine, 0.5) / quantile(other, 0.5)).toFixed(2) : ''
    const spread = `${quantile(cpu, 0.1).toFixed(1)}–${quantile(cpu, 0.9).toFixed(1)}`
    const cells = [
      Math.round(quantile(rate, 0.5)).toLocaleString('en'),
      ratio(rate, base?.rate),
      `${quantile(cpu, 0.5).toFixed(1)} (${spread})`,
      ratio(cpu, base?.cpu),
      quantile(p50, 0.5).toFixed(0),
    ]
    console.log(`| ${message} | ${name} | ${cells.join(' | ')} |`)
  }
}

if (process.argv[2] === 'serve') {
  const [{ identity }] = (await once(process, 'message')) as [{ identity: Identity }]
  await serve(process.argv[3]!, identity)
} else await measure()
