/**
 * Both ends of a connection under a peer that lies. Input: what the peer sends, after a first byte that seeds how it is cut into chunks.
 * `server`: somebody connects to a process and speaks like a client. `client`: a process with calls in flight is answered by somebody.
 *
 * Whatever comes: nothing is thrown that nobody catches, what is sent back is frames, nothing is left of the connection once it is gone, and
 * every call ends. The seeds are a real conversation with streams, signals, references and errors, recorded on both sides.
 */
import type { Socket } from 'node:net'
import { setImmediate } from 'node:timers/promises'
import { Frames } from '../../runtime/transport/socket/frames.ts'
import { FakeClock } from '../runtime/fake-clock.ts'
import { FEED, type Feed, type FeedApps, HUB, item, startFeed, upTo } from '../runtime/feed.ts'
import { OutOfStock, replica } from '../runtime/shop.ts'
import { frameOf } from './frames.ts'
import type { Target } from './loop.ts'
import { MemoryNetwork } from './memory-network.ts'
import { type Random, seeded } from './mutate.ts'

/** Longer than any deadline that nobody named, and the pauses between attempts. */
const LATER_MS = 120_000
const STEP_MS = 2_000
/** Feed's process, as `startFeed` numbers them. */
const FEED_PROCESS = 'p1'

const clock = new FakeClock()
const network = new MemoryNetwork()
const apps = await startFeed('unix', { clock, network, random: () => 0.5 }, implementation())
const uncaught: unknown[] = []
process.on('unhandledRejection', (error) => uncaught.push(error))
process.on('uncaughtException', (error) => uncaught.push(error))
process.on('exit', () => {
  for (const error of uncaught) console.error(error)
  if (uncaught.length > 0) process.exitCode = 1
})

const recorded = await record()

function implementation(): Partial<Feed> {
  return {
    watch: () => upTo(3),
    open: async () => upTo(200),
    brief: () => upTo(1),
    join: (left) => left,
    async absorb(items) {
      for await (const _ of items);
    },
    async collect(items, signal) {
      let count = 0
      for await (const _ of items) if (++count > 3 || signal?.aborted) break
      return count
    },
    async wait(text, signal) {
      if (text === 'fail') throw new OutOfStock('mug', { cause: new RangeError('0 left') })
      if (text === 'hang' && signal) await new Promise((_, reject) => signal.addEventListener('abort', reject))
      return text
    },
    waitBriefly: async () => 'brief',
    async again(items) {
      return items ?? upTo(2)
    },
    async subscribe(listeners) {
      return listeners.map(({ name }) => name)
    },
    first: () => Promise.resolve(apps.listener),
    async *listeners() {
      yield { listener: apps.listener }
    },
  }
}

/** Calls of every kind, all under way at once; each ends whatever becomes of it. */
function calls({ feed, listener }: FeedApps): Promise<unknown>[] {
  const aborted = new AbortController()
  const ended = Promise.allSettled([
    feed.wait('hello'),
    feed.wait('fail'),
    feed.wait('hang', aborted.signal),
    all(feed.watch('a')),
    feed.open('b').then(all),
    all(feed.join(upTo(4))),
    feed.collect(upTo(9)),
    feed.absorb(upTo(150)),
    feed.again(),
    feed.subscribe([{ name: 'x', listener }]),
    feed.first(),
    all(feed.listeners()),
    first(feed.watch('c')),
    feed.collect(failing(), aborted.signal),
  ])
  queueMicrotask(() => aborted.abort())
  return [ended]
}

async function all(stream: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of stream);
}

async function first(stream: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of stream) return
}

async function* failing() {
  yield item(1)
  throw new OutOfStock('cup')
}

interface Recorded {
  readonly address: string
  readonly fromClient: Buffer
  readonly fromServer: Buffer
}

async function record(): Promise<Recorded> {
  await Promise.all(calls(apps))
  const found = network.connections.find(({ near }) => Buffer.concat(near.written).length > 1000)!
  return {
    address: found.address,
    fromClient: Buffer.concat(found.near.written),
    fromServer: Buffer.concat(found.far.written),
  }
}

function framesOf(bytes: Buffer): Buffer[] {
  const found: Buffer[] = []
  for (let at = 0; at < bytes.length; ) {
    const length = 4 + bytes.readUInt32LE(at)
    found.push(bytes.subarray(at, at + length))
    at += length
  }
  return found
}

/** The whole conversation, the greeting alone, and the greeting with each frame behind it. */
function seedsOf(bytes: Buffer): Buffer[] {
  const [greeting, ...rest] = framesOf(bytes)
  return [bytes, greeting!, ...rest.map((frame) => Buffer.concat([greeting!, frame]))].map((each) =>
    Buffer.concat([Buffer.of(0), each]),
  )
}

const KINDS = Array.from({ length: 24 }, (_, kind) => frameOf(kind, kind % 4, Buffer.from([0, 1])))

export const server: Target = {
  name: 'server',
  seeds: seedsOf(recorded.fromClient),
  tokens: [...framesOf(recorded.fromClient), ...KINDS],
  async run(input) {
    const timers = clock.timers
    const socket = network.intrude(recorded.address)
    const sent = listenTo(socket)
    await say(socket, input)
    socket.destroy()
    await settled()
    readAll(sent)
    blame(clock.timers - timers, 'timers are left of the connection')
  },
}

export const client: Target = {
  name: 'client',
  seeds: seedsOf(recorded.fromServer),
  tokens: [...framesOf(recorded.fromServer), ...KINDS],
  async run(input) {
    const answered: Promise<void>[] = []
    const sent: Buffer[][] = []
    network.stranger = ({ far }) => {
      sent.push(listenTo(far))
      answered.push(say(far, input))
    }
    const app = apps.app(HUB)
    app.route(FEED, [replica('memory-nobody', { process: FEED_PROCESS })])
    let over = false
    const ended = Promise.all(calls(apps)).then(() => {
      over = true
    })
    await settled()
    await Promise.all(answered)
    network.stranger = undefined
    app.route(FEED, [])
    // In steps in which the peers that live are heard.
    for (let passed = 0; passed < LATER_MS && !over; passed += STEP_MS) {
      clock.advance(STEP_MS)
      await settled()
    }
    for (const each of sent) readAll(each)
    blame(over ? 0 : 1, 'batch of calls waits for ever')
    await ended
  },
}

function listenTo(socket: Socket): Buffer[] {
  const received: Buffer[] = []
  socket.on('data', (chunk: Buffer) => received.push(chunk))
  socket.on('error', () => {})
  return received
}

async function say(socket: Socket, input: Uint8Array): Promise<void> {
  const random = seeded(input[0] ?? 0)
  for (const chunk of chunksOf(Buffer.from(input.subarray(1)), random)) {
    if (socket.destroyed) return
    socket.write(chunk)
    if (random() < 0.3) await setImmediate()
  }
  await settled()
}

function* chunksOf(bytes: Buffer, random: Random): Generator<Buffer> {
  for (let at = 0; at < bytes.length; ) {
    const size = 1 + Math.floor(random() * (random() < 0.2 ? 8 : 2_000))
    yield bytes.subarray(at, at + size)
    at += size
  }
}

/** Promises, ticks and immediates that follow from each other. A stream's end takes a few rounds. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 4; turn++) await setImmediate()
  const error = uncaught.shift()
  if (error !== undefined) throw new Error('Nobody caught it.', { cause: error })
}

/** What a process says is always frames, but for one that its end has cut. */
function readAll(sent: readonly Buffer[]): void {
  const frames = new Frames(Number.POSITIVE_INFINITY, () => {})
  for (const chunk of sent) frames.push(chunk)
}

function blame(count: number, what: string): void {
  if (count > 0) throw new Error(`${count} ${what}.`)
}
