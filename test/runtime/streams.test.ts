/** What a stream means, on every placement alike. */
import { getEventListeners } from 'node:events'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest'
import { context, withDeadline, withMetadata } from '../../runtime/context.ts'
import type { WeaveError } from '../../runtime/errors.ts'
import { LIMITS } from '../../runtime/limits.ts'
import { type Feed, type FeedApps, type Item, item, numbers, startFeed, upTo } from './feed.ts'
import { OutOfStock, PLACEMENTS, rejection } from './shop.ts'
import { removeTemporaryFolders } from './temporary.ts'

afterAll(removeTemporaryFolders)

for (const placement of PLACEMENTS) {
  describe(`streams, ${placement}`, () => {
    let apps: FeedApps
    let feed: Feed
    let own: Partial<Feed>
    beforeEach(async () => {
      apps = await startFeed(placement)
      feed = apps.feed
      own = apps.implementation
    })
    afterEach(() => apps.stop())

    test('a result that is a stream, given directly or promised', async () => {
      own.watch = () => upTo(500)
      own.open = async () => upTo(3)
      expect(await numbers(feed.watch('all'))).toEqual(Array.from({ length: 500 }, (_, n) => n))
      expect(await numbers(await feed.open('all'))).toEqual([0, 1, 2])
    })

    test('items are passed by value, both ways', async () => {
      const one = item(1)
      own.watch = async function* () {
        yield one
        expect(one.tags).toEqual(['t1'])
        one.n = 2
        yield one
      }
      own.collect = async (items) => {
        let sum = 0
        for await (const each of items) {
          sum += each.n
          each.n = 100
        }
        return sum
      }
      const received: Item[] = []
      for await (const each of feed.watch('all')) {
        each.tags.push('changed')
        received.push(each)
      }
      expect(received.map(({ n }) => n)).toEqual([1, 2])
      const mine = [item(1), item(2)]
      expect(await feed.collect(from(mine))).toBe(3)
      expect(mine).toEqual([item(1), item(2)])
    })

    test('the body of a generator begins when it is first read', async () => {
      let called = 0
      let begun = 0
      own.watch = () => {
        called++
        return (async function* () {
          begun++
          yield item(1)
        })()
      }
      own.wait = async (text) => text
      const stream = feed.watch('all')[Symbol.asyncIterator]()
      // Calls of one caller arrive in order.
      await feed.wait('in order')
      expect([called, begun]).toEqual([1, 0])
      expect(await stream.next()).toEqual({ done: false, value: item(1) })
      expect([called, begun]).toEqual([1, 1])
      expect(await stream.next()).toEqual({ done: true, value: undefined })
      expect(await stream.next()).toEqual({ done: true, value: undefined })
    })

    test('a reader that leaves the loop makes the producer clean up', async () => {
      const cleaned: string[] = []
      own.watch = async function* () {
        try {
          yield item(1)
          await new Promise(() => {})
        } finally {
          cleaned.push('never reached')
        }
      }
      own.open = async () =>
        (async function* () {
          try {
            for (let n = 0; ; n++) yield item(n)
          } finally {
            cleaned.push('open')
          }
        })()
      for await (const { n } of await feed.open('all')) if (n === 3) break
      expect(cleaned).toEqual(['open'])
      // A producer in the middle of its next item doesn't hold the reader.
      for await (const _ of feed.watch('all')) break
      const stream = await feed.open('all')
      await (stream as AsyncIterableIterator<Item>).return?.()
      expect(await numbers(stream)).toEqual([])
    })

    test('one that leaves after the first item makes the producer do no more than that, either way', async () => {
      const done: string[] = []
      const quiet = async function* () {
        try {
          yield item(1)
          done.push('begun')
          await new Promise(() => {})
        } finally {
          done.push('cleaned')
        }
      }
      own.watch = quiet
      own.collect = async (items) => {
        for await (const { n } of items) return n
        return 0
      }
      for await (const _ of feed.watch('all', new AbortController().signal)) break
      expect(done.splice(0)).toEqual(['cleaned'])
      expect(await feed.collect(quiet())).toBe(1)
      expect(done).toEqual(['cleaned'])
    })

    test('a producer is ahead of the n-th item by less than n', async () => {
      let made = 0
      own.watch = async function* () {
        for (;;) yield item(made++)
      }
      own.wait = async (text) => text
      const stream = feed.watch('all')[Symbol.asyncIterator]()
      for (let asked = 1; asked <= 40; asked++) {
        await stream.next()
        for (let call = 0; call < 3; call++) await feed.wait('settle')
        expect(made).toBeLessThan(2 * asked)
      }
      await stream.return?.()
    })

    test('one that leaves in the middle of a step aborts the signal of the callee, which cleans up', async () => {
      let begun = Promise.withResolvers<void>()
      const reasons: unknown[] = []
      own.watch = async function* (_, signal) {
        try {
          yield item(1)
          begun.resolve()
          await new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason)))
        } finally {
          await new Promise((resolve) => setImmediate(resolve))
          reasons.push(signal?.reason)
        }
      }
      own.open = async (topic, signal) => own.watch!(topic, signal)
      const { signal } = new AbortController()
      for (const open of [feed.watch.bind(feed), feed.open.bind(feed), apps.hub.watch.bind(apps.hub)]) {
        for (const given of [signal, undefined]) {
          begun = Promise.withResolvers()
          const stream = (await open('all', given))[Symbol.asyncIterator]()
          await stream.next()
          const next = stream.next()
          await begun.promise
          await stream.return?.()
          expect(await next).toEqual({ done: true, value: undefined })
          expect(reasons.splice(0)).toMatchObject([{ code: 'WV_LEFT' }])
          expect(signal.aborted).toBe(false)
          expect(getEventListeners(signal, 'abort')).toEqual([])
        }
      }
    })

    test('a step that ignores its signal, or has none, does not hold the reader that leaves', async () => {
      const begun = { open: Promise.withResolvers<void>(), join: Promise.withResolvers<void>() }
      const stuck = async function* (name: 'open' | 'join') {
        yield item(1)
        begun[name].resolve()
        await new Promise(() => {})
      }
      own.open = async () => stuck('open')
      own.join = () => stuck('join')
      for (const name of ['open', 'join'] as const) {
        const stream = (name === 'open' ? await feed.open('all') : feed.join(upTo(1)))[Symbol.asyncIterator]()
        await stream.next()
        const next = stream.next()
        await begun[name].promise
        await stream.return?.()
        expect(await next).toEqual({ done: true, value: undefined })
      }
    })

    test('an error of the clean-up reaches the reader that leaves', async () => {
      own.open = async () => {
        let n = 0
        return {
          [Symbol.asyncIterator]: () => ({
            next: async () => ({ done: false as const, value: item(n++) }),
            async return() {
              throw new RangeError('cannot close')
            },
          }),
        }
      }
      const leave = async () => {
        for await (const { n } of await feed.open('all')) if (n === 2) return
      }
      const thrown = await rejection(leave())
      expect(thrown).toBeInstanceOf(RangeError)
      expect(thrown).toMatchObject({ message: 'cannot close' })
    })

    test('an error that the producer ran into ahead of its reader is not of the clean-up', async () => {
      own.watch = async function* () {
        yield item(1)
        yield item(2)
        throw new OutOfStock('mug')
      }
      own.collect = async (items) => {
        for await (const { n } of items) return n
        return 0
      }
      for (let round = 0; round < 50; round++) {
        for await (const { n } of feed.watch('all')) {
          expect(n).toBe(1)
          // The error may have come by now, or be on its way.
          if (round % 2 === 0) await own.wait?.('')
          break
        }
        expect(await feed.collect(own.watch('all'))).toBe(1)
      }
    })

    test('an error in the middle comes after the items before it, with class and fields', async () => {
      own.watch = async function* () {
        yield item(1)
        yield item(2)
        throw new OutOfStock('mug', { cause: new RangeError('0 left') })
      }
      const stream = feed.watch('all')[Symbol.asyncIterator]()
      expect((await stream.next()).value).toEqual(item(1))
      expect((await stream.next()).value).toEqual(item(2))
      const error = (await rejection(stream.next())) as OutOfStock
      expect(error).toBeInstanceOf(OutOfStock)
      expect(error.productId).toBe('mug')
      expect(error.cause).toBeInstanceOf(RangeError)
      expect(error.stack).toContain('streams.test.ts')
      expect(await stream.next()).toEqual({ done: true, value: undefined })
    })

    test('an error before the stream is there: of the promise, or of the first item', async () => {
      own.open = async () => {
        throw new OutOfStock('mug')
      }
      own.watch = () => {
        throw new OutOfStock('mug')
      }
      expect(await rejection(feed.open('all'))).toBeInstanceOf(OutOfStock)
      expect(await rejection(numbers(feed.watch('all')))).toBeInstanceOf(OutOfStock)
      own.open = (async () => 3) as never
      const error = (await rejection(feed.open('all'))) as WeaveError
      expect(error).toMatchObject({ code: 'WV_VALUE' })
      expect(error.message).toMatch(/^Feed\.open: the result must be/)
    })

    test('a stream can be iterated once', async () => {
      own.open = async () => upTo(2)
      own.collect = async (items) => {
        await numbers(items)
        return (await numbers(items)).length
      }
      const stream = await feed.open('all')
      expect(await numbers(stream)).toEqual([0, 1])
      expect(() => stream[Symbol.asyncIterator]()).toThrow(
        'A stream that crossed a boundary can be iterated once, and this one has been; collect its items where they are needed twice.',
      )
      expect(await rejection(feed.collect(upTo(3)))).toBeInstanceOf(TypeError)
    })

    test('an iterator that was begun by hand can be looped over', async () => {
      own.watch = () => upTo(4)
      const iterator = feed.watch('all')[Symbol.asyncIterator]() as AsyncIterableIterator<Item>
      expect((await iterator.next()).value.n).toBe(0)
      expect(await numbers(iterator)).toEqual([1, 2, 3])
    })

    test('parameters, several at once, and a stream out of them', async () => {
      own.join = async function* (left, right) {
        const others = right?.[Symbol.asyncIterator]()
        for await (const each of left) {
          const other = await others?.next()
          yield { n: each.n * 10 + (other?.value?.n ?? 0), tags: [...each.tags, ...(other?.value?.tags ?? [])] }
        }
      }
      expect(await numbers(feed.join(upTo(300), upTo(300)))).toEqual(Array.from({ length: 300 }, (_, n) => n * 11))
      expect(await numbers(feed.join(upTo(3)))).toEqual([0, 10, 20])
      expect(await numbers(feed.join(upTo(2), undefined))).toEqual([0, 10])
    })

    test('a method without a result takes streams too', async () => {
      const taken: number[] = []
      own.absorb = async (items) => {
        taken.push(...(await numbers(items)))
        return 'nothing of this' as never
      }
      expect(await feed.absorb(upTo(3))).toBeUndefined()
      expect(taken).toEqual([0, 1, 2])
    })

    test('a conversation: each item answers the one before', async () => {
      own.join = async function* (left) {
        for await (const each of left) yield item(each.n + 1)
      }
      const answers = Array.from({ length: 50 }, () => Promise.withResolvers<number>())
      const questions = (async function* () {
        yield item(0)
        for (const { promise } of answers) yield item(await promise)
      })()
      const said: number[] = []
      for await (const { n } of feed.join(questions)) answers[said.push(n) - 1]?.resolve(n)
      expect(said).toEqual(Array.from({ length: 51 }, (_, n) => n + 1))
    })

    test('a callee that stops reading makes the caller clean up', async () => {
      let cleaned = false
      own.collect = async (items) => {
        for await (const { n } of items) if (n === 2) return n
        return -1
      }
      const endless = (async function* () {
        try {
          for (let n = 0; ; n++) yield item(n)
        } finally {
          cleaned = true
        }
      })()
      expect(await feed.collect(endless)).toBe(2)
      expect(cleaned).toBe(true)
    })

    test('an error of a parameter is thrown where the callee reads it, and comes back as the same object', async () => {
      const mine = new OutOfStock('cup')
      let seen: unknown
      own.collect = async (items) => {
        let sum = 0
        try {
          for await (const { n } of items) sum += n
        } catch (error) {
          seen = error
          throw error
        }
        return sum
      }
      const failing = (async function* () {
        yield item(1)
        throw mine
      })()
      expect(await rejection(feed.collect(failing))).toBe(mine)
      expect(seen).toBeInstanceOf(OutOfStock)
      expect((seen as OutOfStock).productId).toBe('cup')
    })

    test('the call ends the streams that it was given', async () => {
      const closed: string[] = []
      let kept: AsyncIterable<Item> | undefined
      own.collect = async (items) => {
        kept = items
        return 7
      }
      const unread: AsyncIterableIterator<Item> = {
        [Symbol.asyncIterator]: () => unread,
        next: async () => ({ done: false, value: item(1) }),
        async return() {
          closed.push('unread')
          return { done: true, value: undefined }
        },
      }
      expect(await feed.collect(unread)).toBe(7)
      await expect.poll(() => closed, { timeout: 10_000 }).toEqual(['unread'])
      const error = (await rejection(numbers(kept!))) as WeaveError
      expect(error).toMatchObject({ code: 'WV_UNAVAILABLE' })
      expect(error.message).toContain('The call of Feed.collect has ended')
    })

    test('an item that is not of its type ends the stream, and says which', async () => {
      const closed: string[] = []
      const wrong = async function* (where: string) {
        try {
          yield item(1)
          yield { n: 'two', tags: [] } as never
        } finally {
          closed.push(where)
        }
      }
      own.watch = () => wrong('result')
      own.collect = async (items) => (await numbers(items)).length
      const result = (await rejection(numbers(feed.watch('all')))) as WeaveError
      expect(result).toMatchObject({ code: 'WV_VALUE' })
      expect(result.message).toBe('Feed.watch: the result[].n must be number; it is a string.')
      const given = (await rejection(feed.collect(wrong('parameter')))) as WeaveError
      expect(given).toMatchObject({ code: 'WV_VALUE' })
      expect(given.message).toBe('Feed.collect: items[].n must be number; it is a string.')
      await expect.poll(() => closed, { timeout: 10_000 }).toEqual(['result', 'parameter'])
    })

    test('what is no stream is refused before the call', async () => {
      own.collect = async () => 1
      const error = (await rejection(feed.collect([item(1)] as never))) as WeaveError
      expect(error).toMatchObject({ code: 'WV_VALUE' })
      expect(error.message).toMatch(/^Feed\.collect: items must be/)
    })

    test('code in a stream runs in the context of its call', async () => {
      own.watch = async function* () {
        for (;;) yield { n: 0, tags: [context().metadata.tenant ?? 'none'] }
      }
      const given = withMetadata({ tenant: 'blue' }, () => feed.watch('all'))
      const reader = given[Symbol.asyncIterator]()
      for (let read = 0; read < 20; read++) {
        const { value } = await withMetadata({ tenant: 'red' }, () => reader.next())
        expect(value.tags).toEqual(['blue'])
      }
      await reader.return?.()
      const producer = (async function* () {
        yield { n: 0, tags: [context().metadata.tenant ?? 'none'] }
      })()
      own.collect = async (items) => {
        for await (const each of items) expect(each.tags).toEqual(['red'])
        return context().metadata.tenant === 'red' ? 1 : 0
      }
      expect(await withMetadata({ tenant: 'red' }, () => feed.collect(producer))).toBe(1)
    })

    test('a chain of streams passes items, and the end of its reader', async () => {
      let cleaned = false
      own.watch = async function* () {
        try {
          for (let n = 0; ; n++) yield item(n)
        } finally {
          cleaned = true
        }
      }
      const found: Item[] = []
      for await (const each of apps.hub.watch('all')) {
        found.push(each)
        if (found.length === 300) break
      }
      expect(found[299]).toEqual({ n: 299, tags: ['t299', 'hub'] })
      await expect.poll(() => cleaned, { timeout: 10_000 }).toBe(true)
    })

    test('an explicit deadline holds until the last item', async () => {
      let cleaned = 0
      const endless = async function* () {
        try {
          yield item(1)
          await new Promise((resolve) => setTimeout(resolve, 1_000))
          yield item(2)
        } finally {
          cleaned++
        }
      }
      own.wait = async (text) => text
      // The deadline shall not pass while the connection is being made.
      await feed.wait('connected')
      own.brief = endless
      own.watch = endless
      const timeout = (await rejection(numbers(feed.brief('all')))) as WeaveError
      expect(timeout).toMatchObject({ code: 'WV_DEADLINE', executed: 'maybe' })
      expect(timeout.message).toBe('Feed.brief: the stream had not ended in 200 ms; the deadline came from @timeout.')
      const stream = await withDeadline(200, async () => feed.watch('all'))
      const explicit = (await rejection(numbers(stream))) as WeaveError
      expect(explicit).toMatchObject({ code: 'WV_DEADLINE' })
      expect(explicit.message).toContain('the deadline came from withDeadline.')
      await expect.poll(() => cleaned, { timeout: 10_000 }).toBe(2)
    })

    test('after a deadline no stream is opened', async () => {
      let called = false
      own.watch = () => {
        called = true
        return upTo(1)
      }
      const late = await withDeadline(0, async () => rejection(numbers(feed.watch('all')))).catch((error) => error)
      expect(late).toMatchObject({ code: 'WV_DEADLINE' })
      expect(called).toBe(false)
    })

    test('a slow reader holds its producer', async () => {
      let made = 0
      own.watch = async function* () {
        for (let n = 0; ; n++) {
          made++
          yield item(n)
        }
      }
      own.wait = async (text) => text
      const stream = feed.watch('all')[Symbol.asyncIterator]()
      let taken = 0
      for (let round = 0; round < 5; round++) {
        for (let index = 0; index < 100; index++) {
          expect((await stream.next()).value.n).toBe(taken)
          taken++
        }
        for (let call = 0; call < 20; call++) await feed.wait('settle')
        expect(made - taken).toBeLessThanOrEqual(LIMITS.streamItemsMax)
      }
      await stream.return?.()
    })

    test('large items are held by their bytes, and none is too large', async () => {
      let made = 0
      const tag = 'x'.repeat(LIMITS.streamBytesMax / 4)
      own.watch = async function* () {
        for (let n = 0; ; n++) {
          made++
          yield { n, tags: [tag] }
        }
      }
      own.open = async () =>
        (async function* () {
          for (let n = 0; n < 3; n++) yield { n, tags: ['y'.repeat(LIMITS.streamBytesMax * 5)] }
        })()
      own.wait = async (text) => text
      const stream = feed.watch('all')[Symbol.asyncIterator]()
      await stream.next()
      for (let call = 0; call < 20; call++) await feed.wait('settle')
      expect(made).toBeLessThanOrEqual(6)
      await stream.return?.()
      expect(await numbers(await feed.open('all'))).toEqual([0, 1, 2])
    })

    test('many streams at once are told apart', async () => {
      own.watch = (topic) =>
        (async function* () {
          for (let n = 0; n < 40; n++) yield item(Number(topic) * 1_000 + n)
        })()
      const all = await Promise.all(Array.from({ length: 200 }, (_, index) => numbers(feed.watch(String(index)))))
      for (const [index, found] of all.entries())
        expect(found).toEqual(Array.from({ length: 40 }, (_, n) => index * 1_000 + n))
    })
  })
}

for (const placement of PLACEMENTS) {
  test(`a stream that is thrown away is closed at its producer, ${placement}`, async () => {
    setFlagsFromString('--expose-gc')
    const collect = runInNewContext('gc') as () => void
    const apps = await startFeed(placement)
    let cleaned = false
    apps.implementation.open = async () =>
      (async function* () {
        try {
          for (let n = 0; ; n++) yield item(n)
        } finally {
          cleaned = true
        }
      })()
    await (async () => {
      const stream = await apps.feed.open('all')
      await stream[Symbol.asyncIterator]().next()
    })()
    await expect
      .poll(
        () => {
          collect()
          return cleaned
        },
        { timeout: 10_000 },
      )
      .toBe(true)
    await apps.stop()
  })
}

function from(items: Item[]): AsyncIterable<Item> {
  return {
    async *[Symbol.asyncIterator]() {
      yield* items
    },
  }
}
