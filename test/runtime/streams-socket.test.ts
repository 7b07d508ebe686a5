/** What becomes of streams and signals when time passes, processes end, limits are met, and peers lie. */
import { connect as netConnect, type Socket } from 'node:net'
import { afterAll, afterEach, describe, expect, test } from 'vitest'
import { Writer } from '../../runtime/codec/writer.ts'
import { withDeadline } from '../../runtime/context.ts'
import type { WeaveError } from '../../runtime/errors.ts'
import { LIMITS } from '../../runtime/limits.ts'
import { FRAME } from '../../runtime/transport/socket/frames.ts'
import { writeGreeting } from '../../runtime/transport/socket/handshake.ts'
import type { Received } from '../../runtime/transport/socket/network.ts'
import { FakeClock } from './fake-clock.ts'
import { FEED, type FeedApps, HUB, type Item, item, numbers, startFeed, upTo } from './feed.ts'
import { plainNetwork, REMOTE, rejection, replica, socketPath } from './shop.ts'
import { removeTemporaryFolders } from './temporary.ts'

afterAll(removeTemporaryFolders)

let apps: FeedApps | undefined
afterEach(() => apps?.stop())

type Start = Parameters<typeof startFeed>

async function start(...options: Start): Promise<FeedApps> {
  apps = await startFeed(...options)
  return apps
}

interface Stepped {
  stream: AsyncGenerator<Item>
  step: (n: number) => void
  fail: (error: unknown) => void
  closed: Promise<void>
}

/** A producer that a test steps by hand, and asks how it ended. */
function stepped(): Stepped {
  const closed = Promise.withResolvers<void>()
  const steps: PromiseWithResolvers<number>[] = []
  const at = (index: number) => (steps[index] ??= Promise.withResolvers())
  let next = 0
  const stream = (async function* () {
    try {
      for (let index = 0; ; index++) yield item(await at(index).promise)
    } finally {
      closed.resolve()
    }
  })()
  return {
    stream,
    step: (n) => at(next++).resolve(n),
    fail: (error) => at(next++).reject(error),
    closed: closed.promise,
  }
}

/** Lets time pass so that peers are heard in it. */
async function pass(clock: FakeClock, ms: number, { feed }: FeedApps): Promise<void> {
  for (let passed = 0; passed < ms; passed += LIMITS.silenceMs / 5) {
    clock.advance(LIMITS.silenceMs / 5)
    await feed.wait('heard')
  }
}

for (const placement of ['isolated', ...REMOTE] as const) {
  describe(`the default deadline, ${placement}`, () => {
    test('does not end a stream that has opened, nor what its producer calls', async () => {
      const clock = new FakeClock()
      const { feed, hub, implementation } = await start(placement, { clock })
      const { stream, step, fail } = stepped()
      implementation.watch = (_, signal) => {
        signal?.addEventListener('abort', () => fail(signal.reason))
        return stream
      }
      implementation.wait = async (text) => text
      const through = hub.watch('all')[Symbol.asyncIterator]()
      step(1)
      expect((await through.next()).value.n).toBe(1)
      await pass(clock, LIMITS.deadlineMsDefault * 3, apps!)
      step(2)
      expect((await through.next()).value.n).toBe(2)
      await through.return?.()
      const { stream: items, step: give } = stepped()
      implementation.collect = async (given) => {
        for await (const { n } of given) if (n === 9) return n
        return 0
      }
      const collected = feed.collect(items)
      give(1)
      await pass(clock, LIMITS.deadlineMsDefault * 3, apps!)
      give(9)
      expect(await collected).toBe(9)
    })

    test('guards the opening', async () => {
      const clock = new FakeClock()
      const { feed, implementation } = await start(placement, { clock })
      const called = Promise.withResolvers<AbortSignal | undefined>()
      implementation.open = (_, signal) => {
        called.resolve(signal)
        return new Promise(() => {})
      }
      const { signal } = new AbortController()
      implementation.wait = async (text) => text
      const failed = rejection(feed.open('all', signal))
      const theirs = await called.promise
      await pass(clock, LIMITS.deadlineMsDefault, apps!)
      expect(await failed).toMatchObject({ code: 'WV_DEADLINE', executed: 'maybe' })
      await expect.poll(() => theirs?.aborted, { timeout: 10_000 }).toBe(true)
      expect(theirs?.reason).toMatchObject({ code: 'WV_DEADLINE' })
    })
  })
}

describe('a connection that breaks', () => {
  test('in the middle of a stream: an error for the reader, the end for the producer', async () => {
    const { feed, implementation, kill } = await start('unix')
    const { stream, step, closed } = stepped()
    let theirs: AbortSignal | undefined
    implementation.watch = (_, signal) => {
      theirs = signal
      return stream
    }
    const reader = feed.watch('all', new AbortController().signal)[Symbol.asyncIterator]()
    step(1)
    await reader.next()
    const failed = rejection(reader.next())
    kill()
    expect(await failed).toMatchObject({ code: 'WV_UNAVAILABLE', executed: 'maybe' })
    // A generator ends when the item has come that it waits for.
    step(2)
    await closed
    expect(theirs?.reason).toMatchObject({ code: 'WV_UNAVAILABLE' })
    expect(await reader.next()).toEqual({ done: true, value: undefined })
  })

  test('says what was under way', async () => {
    const { feed, implementation, kill } = await start('unix')
    implementation.watch = async function* () {
      yield item(1)
      await new Promise(() => {})
    }
    const reader = feed.watch('all')[Symbol.asyncIterator]()
    await reader.next()
    kill()
    expect(await rejection(reader.next())).toMatchObject({
      code: 'WV_UNAVAILABLE',
      executed: 'maybe',
      message:
        'Feed.watch: process "p1" was gone before its stream had ended; the call may have run; a method marked @idempotent would be tried again.',
    })
  })

  test('closes the streams of the caller, and the callee that reads them gets an error', async () => {
    const { feed, implementation, kill } = await start('unix')
    const { stream, step, closed } = stepped()
    const seen = Promise.withResolvers<unknown>()
    const first = Promise.withResolvers<void>()
    implementation.collect = async (items) => {
      try {
        for await (const _ of items) first.resolve()
      } catch (error) {
        seen.resolve(error)
      }
      return 0
    }
    const failed = rejection(feed.collect(stream))
    step(1)
    await first.promise
    kill()
    expect(await failed).toMatchObject({ code: 'WV_UNAVAILABLE', executed: 'maybe' })
    expect(await seen.promise).toMatchObject({ code: 'WV_UNAVAILABLE' })
    step(2)
    await closed
  })

  test('an idempotent call of which nothing was used up is made again, its stream with it', async () => {
    const { feed, implementation, app, kill } = await start('unix', { random: () => 0 })
    let calls = 0
    const called = Promise.withResolvers<void>()
    implementation.again = async (items) => {
      calls++
      if (calls === 1) {
        called.resolve()
        await new Promise(() => {})
      }
      return items!
    }
    const answer = feed.again(upTo(3))
    await called.promise
    const address = socketPath()
    kill()
    await app(FEED).serve(address)
    app(HUB).route(FEED, [replica(address, { process: 'p1' })])
    expect(await numbers(await answer)).toEqual([0, 1, 2])
    expect(calls).toBe(2)
  })
})

test('a call that no byte was written of goes elsewhere, with its streams', async () => {
  const connected: Socket[] = []
  const network = {
    ...plainNetwork,
    connect(path: string, received: Received) {
      const socket = plainNetwork.connect(path, received)
      connected.push(socket)
      return socket
    },
  }
  const { feed, implementation, app } = await start('unix', { network })
  implementation.join = async function* (left) {
    for await (const each of left) yield each
  }
  implementation.wait = async (text) => text
  await feed.wait('warm')
  const address = socketPath()
  await app(FEED).serve(address)
  // In one tick: the request and what was asked of its stream are in the output buffer, and the socket is gone before that is flushed.
  const reading = numbers(feed.join(upTo(3)))
  for (const socket of connected) socket.emit('close')
  app(HUB).route(FEED, [replica(address, { process: 'p1' })])
  expect(await reading).toEqual([0, 1, 2])
})

describe('drain', () => {
  test('waits for streams that are under way', async () => {
    const { feed, implementation, app } = await start('unix')
    const { stream, step } = stepped()
    implementation.watch = () => stream
    const reader = feed.watch('all')[Symbol.asyncIterator]()
    step(1)
    await reader.next()
    let stopped = false
    const stopping = app(FEED)
      .stop()
      .then(() => {
        stopped = true
      })
    step(2)
    expect((await reader.next()).value.n).toBe(2)
    expect(stopped).toBe(false)
    await reader.return?.()
    await stopping
  })

  test('says what it waits for, and before it cuts a call aborts its signal', async () => {
    const clock = new FakeClock()
    const { feed, implementation, app, logs } = await start('unix', { clock })
    const ended: unknown[] = []
    const begun = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    implementation.watch = async function* (topic, signal) {
      try {
        yield item(1)
        begun[Number(topic)]?.resolve()
        await new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason)))
      } finally {
        ended.push(signal?.reason)
      }
    }
    const readers = [feed.watch('0'), feed.watch('1')].map((stream) => stream[Symbol.asyncIterator]())
    await Promise.all(readers.map((reader) => reader.next()))
    const failed = readers.map((reader) => rejection(reader.next()))
    await Promise.all(begun.map(({ promise }) => promise))
    const stopping = app(FEED).stop()
    await Promise.resolve()
    clock.advance(LIMITS.drainWarningMs)
    expect(logs).toMatchObject([
      { level: 'warn', message: 'waiting up to 10 s for calls to end: 2 of Feed.watch', component: 'weavets' },
    ])
    clock.advance(LIMITS.drainMs - LIMITS.drainWarningMs - LIMITS.interruptedMs)
    const reason = {
      code: 'WV_STOPPING',
      message: 'The call of Feed.watch has not ended in the 10 s that it had: its component stops.',
    }
    expect(await Promise.all(failed)).toMatchObject([reason, reason])
    expect(ended).toMatchObject([reason, reason])
    await stopping
  })

  test('no longer than its time', async () => {
    const clock = new FakeClock()
    const { feed, implementation, app } = await start('unix', { clock })
    let theirs: AbortSignal | undefined
    implementation.watch = async function* (_, signal) {
      theirs = signal
      yield item(1)
      await new Promise(() => {})
    }
    const reader = feed.watch('all', new AbortController().signal)[Symbol.asyncIterator]()
    await reader.next()
    const stopping = app(FEED).stop()
    await Promise.resolve()
    clock.advance(LIMITS.drainMs)
    await stopping
    expect(await rejection(reader.next())).toMatchObject({ code: 'WV_UNAVAILABLE', executed: 'maybe' })
    expect(theirs?.aborted).toBe(true)
  })
})

describe('limits', () => {
  for (const placement of ['isolated', ...REMOTE] as const) {
    test(`of streams under way, ${placement}: the next call is refused, not run; places come free`, async () => {
      const { feed, implementation } = await start(placement)
      let calls = 0
      implementation.open = async () => {
        calls++
        return upTo(2)
      }
      const open = await Promise.all(Array.from({ length: LIMITS.streamsMax }, () => feed.open('all')))
      expect(await rejection(feed.open('all'))).toMatchObject({ code: 'WV_OVERLOADED', executed: 'no' })
      expect(calls).toBe(LIMITS.streamsMax)
      await Promise.all(open.map(numbers))
      expect(await numbers(await feed.open('all'))).toEqual([0, 1])
      // Also those of calls that were given up before they had a stream.
      implementation.open = () => new Promise(() => {})
      const openBriefly = () => rejection(withDeadline(20, () => feed.open('all')))
      const late = await Promise.all(Array.from({ length: LIMITS.streamsMax }, openBriefly))
      expect(new Set(late.map((error) => (error as WeaveError).code))).toEqual(new Set(['WV_DEADLINE']))
      implementation.open = async () => upTo(2)
      const openAll = async () => {
        const opened = await Promise.allSettled(Array.from({ length: LIMITS.streamsMax }, () => feed.open('all')))
        await Promise.all(opened.map((each) => each.status === 'fulfilled' && numbers(each.value)))
        return opened.every(({ status }) => status === 'fulfilled')
      }
      // The connection's own look at its deadlines may come a moment later.
      await expect.poll(openAll, { timeout: 30_000 }).toBe(true)
    })
  }

  test('a connection survives many calls that carry streams, one after the other', async () => {
    const { feed, implementation, logs } = await start('unix')
    implementation.collect = async (items) => {
      for await (const { n } of items) if (n > 1) return n
      return 0
    }
    implementation.join = async function* (left) {
      for await (const each of left) yield each
    }
    // Neither reads nor waits for what it is given.
    implementation.absorb = async () => {}
    for (let round = 0; round < 300; round++) {
      await feed.absorb(upTo(400))
      expect(await feed.collect(upTo(400))).toBe(2)
      if (round % 3 === 0) for await (const _ of feed.join(upTo(400))) break
    }
    expect(logs).toEqual([])
  })

  test('an item longer than a message may be is an error of the stream', async () => {
    const { feed, implementation } = await start('unix')
    implementation.watch = async function* () {
      yield item(1)
      yield { n: 2, tags: ['x'.repeat(LIMITS.messageBytesMax)] }
    }
    const error = (await rejection(numbers(feed.watch('all')))) as Error
    expect(error).toMatchObject({ code: 'WV_VALUE' })
    expect(error.message).toContain(`a message may have ${LIMITS.messageBytesMax}`)
    implementation.watch = () => upTo(1)
    expect(await numbers(feed.watch('all'))).toEqual([0])
  })
})

describe('hostile bytes', () => {
  const methods = ['absorb', 'again', 'brief', 'collect', 'first', 'join', 'listeners', 'open', 'subscribe', 'wait']

  function frame(kind: number, id: number, body: readonly number[] | Buffer = []): Buffer {
    const header = Buffer.alloc(9)
    header.writeUInt32LE(5 + body.length, 0)
    header[4] = kind
    header.writeUInt32LE(id, 5)
    return Buffer.concat([header, Buffer.from(body)])
  }

  function hello(): Buffer {
    const writer = new Writer()
    writeGreeting(writer, { application: 'shop', version: '0123', process: 'evil', group: 'evil' })
    return frame(FRAME.hello, 0, writer.take())
  }

  /** `more`: what follows the flags. */
  function request(id: number, name: string, more: readonly number[], flags = 0): Buffer {
    const writer = new Writer()
    for (const value of [0, methods.indexOf(name), 10_000]) writer.varint(value)
    return frame(FRAME.request, id, Buffer.concat([writer.take(), Buffer.from([flags, ...more])]))
  }

  /** `open('')`, without a signal; its result never comes. */
  const OPEN = [...text(), 0]
  const COLLECT = [1, 0]

  /** The empty string, and what surrounds it, as generated code has it. */
  function text(): number[] {
    return [0, 0, 0, 0, 1]
  }

  const window = (items: number, bytes: number) => {
    const writer = new Writer()
    for (const value of [0, items, bytes]) writer.varint(value)
    return writer.take()
  }

  const cases: [string, Buffer[]][] = [
    ['an item for a call that is not there', [frame(FRAME.item, 5, [1, 0])]],
    ['credit for a call that never was', [frame(FRAME.credit, 5, window(1, 1))]],
    ['credit for a call that has no stream', [request(0, 'wait', OPEN), frame(FRAME.credit, 0, window(1, 1))]],
    ['credit for a parameter of the caller', [request(0, 'collect', COLLECT), frame(FRAME.credit, 0, [1, 1, 1])]],
    [
      'more credit than a window',
      [request(0, 'open', OPEN), frame(FRAME.credit, 0, window(LIMITS.streamItemsMax + 1, 1))],
    ],
    [
      'more credit than a window, in two',
      [
        request(0, 'open', OPEN),
        frame(FRAME.credit, 0, window(1, LIMITS.streamBytesMax)),
        frame(FRAME.credit, 0, window(1, 1)),
      ],
    ],
    ['an item that nobody asked for', [request(0, 'collect', COLLECT), frame(FRAME.item, 0, [1, 0, 0, 0, 0])]],
    ['an item of a stream that the call does not have', [request(0, 'collect', COLLECT), frame(FRAME.item, 0, [2, 0])]],
    ['an item of the result', [request(0, 'open', OPEN), frame(FRAME.item, 0, [0, 0])]],
    ['two ends', [request(0, 'collect', COLLECT), frame(FRAME.end, 0, [1]), frame(FRAME.end, 0, [1])]],
    ['an item after the end', [request(0, 'collect', COLLECT), frame(FRAME.end, 0, [1]), frame(FRAME.item, 0, [1, 0])]],
    ['an end with something behind', [request(0, 'collect', COLLECT), frame(FRAME.end, 0, [1, 0])]],
    ['a failure that is none', [request(0, 'collect', COLLECT), frame(FRAME.fail, 0, [1, 99])]],
    ['a truncated credit', [request(0, 'open', OPEN), frame(FRAME.credit, 0, [0])]],
    ['a stop with something behind', [request(0, 'open', OPEN), frame(FRAME.stop, 0, [0, 0])]],
    ['an abort of a call without a signal', [request(0, 'wait', OPEN), frame(FRAME.abort, 0, [0])]],
    ['an abort without a reason', [request(0, 'wait', [...text(), 1]), frame(FRAME.abort, 0)]],
    ['two aborts', [request(0, 'wait', [...text(), 1]), frame(FRAME.abort, 0, [0]), frame(FRAME.abort, 0, [0])]],
    ['a request that was aborted but has no signal', [request(0, 'wait', [0, ...OPEN], 4)]],
    ['flags that are not known', [request(0, 'wait', OPEN, 16)]],
    ['a reference that is none', [request(0, 'subscribe', [0, 0, 0, 0, 1, 2])]],
    ['a frame that only servers send', [request(0, 'open', OPEN), frame(FRAME.opened, 0)]],
    [
      'the same id again before its streams have ended',
      [request(0, 'join', [1, 0]), frame(FRAME.stop, 0, [0]), request(0, 'join', [1, 0])],
    ],
    [
      'more streams than a connection may have',
      Array.from({ length: LIMITS.streamsMax + 1 }, (_, id) => request(id, 'open', OPEN)),
    ],
  ]

  for (const [what, frames] of cases) {
    test(`${what}: the connection closes, others are served`, async () => {
      const never = () => new Promise<never>(() => {})
      const { feed, implementation, app, logs } = await start(
        'unix',
        {},
        { open: never, collect: never, wait: never, join: () => upTo(1) },
      )
      const address = socketPath()
      await app(FEED).serve(address)
      const socket = netConnect(address)
      socket.on('error', () => {})
      socket.resume()
      const closed = new Promise((resolve) => socket.on('close', resolve))
      socket.write(Buffer.concat([hello(), ...frames]))
      await closed
      expect(logs).toMatchObject([{ level: 'error', message: 'a connection was closed', component: 'weavets' }])
      implementation.watch = () => upTo(2)
      expect(await numbers(feed.watch('all'))).toEqual([0, 1])
    })
  }

  const lies: [string, (answer: (frame: Buffer) => void) => void][] = [
    [
      'an item that was not asked for',
      (answer) => [frame(FRAME.opened, 0), frame(FRAME.item, 0, [0, 0])].forEach(answer),
    ],
    ['an item before the opening', (answer) => answer(frame(FRAME.item, 0, [0, 0]))],
    ['two openings', (answer) => [frame(FRAME.opened, 0), frame(FRAME.opened, 0)].forEach(answer)],
    ['an end without an opening', (answer) => answer(frame(FRAME.result, 0))],
    ['credit for a stream that there is not', (answer) => answer(frame(FRAME.credit, 0, [1, 1, 1]))],
    ['an error of the caller that there is not', (answer) => answer(frame(FRAME.own, 0, [0]))],
    ['an item of another call', (answer) => answer(frame(FRAME.item, 9, [0, 0]))],
  ]

  for (const [what, lie] of lies) {
    test(`from a server, ${what}: the connection closes and the call fails`, async () => {
      const { app, logs } = await start('unix')
      const address = socketPath()
      const sockets: Socket[] = []
      const writer = new Writer()
      writeGreeting(writer, { application: 'shop', version: '0123', process: 'liar', group: 'liar' })
      const greeting = frame(FRAME.hello, 0, writer.take())
      const liar = await plainNetwork.listen(
        address,
        (socket) => {
          sockets.push(socket)
          socket.on('error', () => {})
          socket.write(greeting)
          let asked = false
          socket.on('data', (chunk) => {
            if (asked || !chunk.includes(Buffer.from([FRAME.request, 0, 0, 0, 0]))) return
            asked = true
            lie((bytes) => socket.write(bytes))
          })
        },
        () => {},
      )
      app(HUB).route(FEED, [replica(address, { process: 'liar', group: 'liar' })])
      const feed = app(HUB).get(FEED, 'test') as unknown as FeedApps['feed']
      const failed = (await rejection(feed.open('all').then(numbers))) as WeaveError
      expect(failed.code).toMatch(/WV_UNAVAILABLE|WV_PROTOCOL/)
      expect(logs[0]).toMatchObject({ level: 'error', message: 'a connection was closed' })
      liar.close()
      for (const socket of sockets) socket.destroy()
    })
  }
})
