/**
 * One process of the bench: a peer's server, or its client, which runs what it is told and says what that took. Forked by rpc.bench.ts.
 *
 *     end.ts serve|call <peer> <address as JSON>
 */
import { BenchCatalog, type Catalog, ORDER, PRODUCTS, RECEIPT, USERS } from '../catalog.ts'
import { Floor } from './floor.ts'

export type Message = 'tiny' | 'order' | 'list' | 'users'

/** `path`: of a Unix socket; without it, the port is meant. */
export interface Address {
  path?: string
  port: number
}

/** What the client is told to do. */
export interface Job {
  message: Message
  inFlight: number
  ms: number
  /** One after the other at this pace, instead of as many as go. */
  callsPerSecond?: number
}

/** What a job took: calls, and the median of their times where it was one after the other. */
export interface Took {
  calls: number
  seconds: number
  cpuMicroseconds: number
  p50: number
}

interface Peer {
  serve(address: Address, catalog: Catalog): Promise<void>
  connect(address: Address): Promise<Catalog | Floor>
}

const [role, name, address] = process.argv.slice(2)
if (role !== undefined) await begin(name!, JSON.parse(address!) as Address)

async function begin(name: string, address: Address): Promise<void> {
  const isOwn = name === 'ours' || name === 'floor'
  const peer = (await import(isOwn ? `./${name}.ts` : `../peers/${name}.js`)) as Peer
  if (role === 'serve') {
    await peer.serve(address, new BenchCatalog())
    process.on('message', () => process.send!(process.cpuUsage()))
  } else {
    const client = await peer.connect(address)
    if (!(client instanceof Floor)) await checkAnswers(client)
    process.on('message', (job: Job) => void run(client, job).then((took) => process.send!(took)))
  }
  process.on('disconnect', () => process.exit())
  process.send!('ready')
}

async function run(client: Catalog | Floor, job: Job): Promise<Took> {
  const { message, inFlight, ms } = job
  const before = process.cpuUsage()
  const start = performance.now()
  const { calls, times } = client instanceof Floor ? await echo(client, message, inFlight, ms) : await call(client, job)
  const seconds = (performance.now() - start) / 1_000
  const { user, system } = process.cpuUsage(before)
  const p50 = times.sort((a, b) => a - b)[Math.floor(times.length / 2)] ?? 0
  return { calls, seconds, cpuMicroseconds: user + system, p50 }
}

interface Calls {
  calls: number
  /** Microseconds of each, where they came one after the other. */
  times: number[]
}

async function echo(floor: Floor, message: Message, inFlight: number, ms: number): Promise<Calls> {
  const end = performance.now() + ms
  if (inFlight > 1) return { calls: await floor.echo(message, inFlight, () => performance.now() >= end), times: [] }
  const times: number[] = []
  let last = performance.now()
  const calls = await floor.echo(message, 1, () => {
    const now = performance.now()
    times.push((now - last) * 1_000)
    last = now
    return now >= end
  })
  return { calls, times }
}

async function call(catalog: Catalog, { message, inFlight, ms, callsPerSecond }: Job): Promise<Calls> {
  const runs: Record<Message, () => Promise<unknown>> = {
    tiny: () => catalog.tiny('OLJCESPC7Z'),
    order: () => catalog.order(ORDER),
    list: () => catalog.list(),
    users: () => catalog.users(),
  }
  const one = runs[message]
  const end = performance.now() + ms
  const times: number[] = []
  if (callsPerSecond !== undefined) {
    const start = performance.now()
    for (let now = start; now < end; now = performance.now()) {
      if (times.length > ((now - start) / 1_000) * callsPerSecond) {
        await new Promise((resolve) => setTimeout(resolve, 1))
        continue
      }
      await one()
      times.push((performance.now() - now) * 1_000)
    }
    return { calls: times.length, times }
  }
  if (inFlight === 1) {
    for (let last = performance.now(); last < end; ) {
      await one()
      const now = performance.now()
      times.push((now - last) * 1_000)
      last = now
    }
    return { calls: times.length, times }
  }
  let calls = 0
  const lane = async () => {
    // The clock is looked at now and then: it costs more than a small part of a tiny call.
    while (calls % 16 !== 0 || performance.now() < end) {
      await one()
      calls++
    }
  }
  await Promise.all(Array.from({ length: inFlight }, lane))
  return { calls, times }
}

/** A bench that measures wrong answers measures nothing. */
async function checkAnswers(catalog: Catalog): Promise<void> {
  if ((await catalog.tiny('OLJCESPC7Z')) !== 10) throw new Error('the answer is not what was sent')
  check(await catalog.order(ORDER), RECEIPT)
  check(await catalog.list(), PRODUCTS)
  check(await catalog.users(), USERS)
}

function check(found: object, expected: object): void {
  if (JSON.stringify(sorted(found)) !== JSON.stringify(sorted(expected)))
    throw new Error('the answer is not what was sent')
}

function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(sorted)
  // A decoder of Protocol Buffers leaves out what has the default value, or has it on its prototype.
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key, member]) => member !== 0 && member !== false && key !== '$typeName')
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, member]) => [key, sorted(member)]),
  )
}
