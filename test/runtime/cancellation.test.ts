/** What an `AbortSignal` means, on every placement alike. */
import { getEventListeners } from 'node:events'
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest'
import { withDeadline } from '../../runtime/context.ts'
import type { WeaveError } from '../../runtime/errors.ts'
import { type Feed, type FeedApps, item, numbers, startFeed, upTo } from './feed.ts'
import { OutOfStock, PLACEMENTS, rejection } from './shop.ts'
import { removeTemporaryFolders } from './temporary.ts'

afterAll(removeTemporaryFolders)

/** Ends as most do: with the reason of its signal. */
function untilAborted(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_, reject) => {
    if (signal?.aborted) reject(signal.reason)
    signal?.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
}

for (const placement of PLACEMENTS) {
  describe(`an AbortSignal, ${placement}`, () => {
    let apps: FeedApps
    let feed: Feed
    let own: Partial<Feed>
    let called: PromiseWithResolvers<void>
    beforeEach(async () => {
      apps = await startFeed(placement)
      feed = apps.feed
      own = apps.implementation
      called = Promise.withResolvers()
      own.wait = (_, signal) => {
        called.resolve()
        return untilAborted(signal)
      }
    })
    afterEach(() => apps.stop())

    test('reaches the callee, whose reason comes back as the same object', async () => {
      const reasons = [
        new OutOfStock('mug'),
        new DOMException('enough', 'AbortError'),
        'because',
        undefined,
        { own: 1 },
      ]
      for (const reason of reasons) {
        let seen: unknown
        called = Promise.withResolvers()
        own.wait = async (_, signal) => {
          called.resolve()
          try {
            return await untilAborted(signal)
          } finally {
            seen = signal?.reason
          }
        }
        const controller = new AbortController()
        const failed = rejection(feed.wait('x', controller.signal))
        await called.promise
        controller.abort(reason)
        expect(await failed).toBe(controller.signal.reason)
        expect(seen).toEqual(controller.signal.reason)
        if (reason instanceof Error) {
          expect((seen as Error).name).toBe(reason.name)
          expect((seen as Error).message).toBe(reason.message)
          expect(seen).toBeInstanceOf(reason.constructor)
        }
        expect(getEventListeners(controller.signal, 'abort')).toEqual([])
      }
    })

    test('leaves it to the callee what becomes of the call', async () => {
      own.wait = async (text, signal) => {
        called.resolve()
        await untilAborted(signal).catch(() => {})
        return `${text} all the same`
      }
      const controller = new AbortController()
      const answer = feed.wait('done', controller.signal)
      await called.promise
      controller.abort()
      expect(await answer).toBe('done all the same')
      own.wait = async (_, signal) => {
        await untilAborted(signal).catch(() => {})
        throw new OutOfStock('mug')
      }
      expect(await rejection(feed.wait('x', controller.signal))).toBeInstanceOf(OutOfStock)
    })

    test('that has aborted before is aborted when the callee is called', async () => {
      const reason = new OutOfStock('mug')
      let seen: boolean | undefined
      own.wait = async (_, signal) => {
        seen = signal?.aborted
        signal?.throwIfAborted()
        return 'not'
      }
      expect(await rejection(feed.wait('x', AbortSignal.abort(reason)))).toBe(reason)
      expect(seen).toBe(true)
      expect(await feed.wait('x', new AbortController().signal)).toBe('not')
    })

    test('is there for the callee also where the caller has none, and aborts when nobody waits any more', async () => {
      const signals: (AbortSignal | undefined)[] = []
      own.open = async (_, signal) => {
        signals.push(signal)
        return upTo(1)
      }
      own.waitBriefly = (signal) => {
        signals.push(signal)
        return untilAborted(signal)
      }
      await numbers(await feed.open('x'))
      expect(await rejection(feed.waitBriefly())).toMatchObject({ code: 'WV_DEADLINE' })
      await expect
        .poll(() => signals.map((signal) => signal?.reason), { timeout: 10_000 })
        .toMatchObject([undefined, { code: 'WV_DEADLINE' }])
      expect(signals.map((signal) => signal?.aborted)).toEqual([false, true])
    })

    test('that aborts after the answer disturbs nobody', async () => {
      own.wait = async (text) => text
      const controller = new AbortController()
      expect(await feed.wait('done', controller.signal)).toBe('done')
      expect(getEventListeners(controller.signal, 'abort')).toEqual([])
      controller.abort()
      expect(await feed.wait('on')).toBe('on')
    })

    test('of many calls leaves no listeners, and warns of none', async () => {
      const warnings: Error[] = []
      const warned = (warning: Error) => void warnings.push(warning)
      process.on('warning', warned)
      const controller = new AbortController()
      const calls = Array.from({ length: 50 }, () => rejection(feed.wait('x', controller.signal)))
      await called.promise
      own.watch = () => upTo(1)
      const streams = Array.from({ length: 50 }, () => feed.watch('x', controller.signal))
      await Promise.all(streams.map(numbers))
      controller.abort('all')
      expect(new Set(await Promise.all(calls))).toEqual(new Set(['all']))
      // Warnings come at a later tick.
      await new Promise((resolve) => setImmediate(resolve))
      process.off('warning', warned)
      // Co-located, the callee has the signal itself; what it adds is its own.
      if (placement !== 'local') expect(warnings).toEqual([])
      expect(getEventListeners(controller.signal, 'abort')).toEqual([])
    })

    test('goes on to those whom the callee calls', async () => {
      const controller = new AbortController()
      const reason = new OutOfStock('mug')
      const failed = rejection(apps.hub.wait('x', controller.signal))
      await called.promise
      controller.abort(reason)
      expect(await failed).toBe(reason)
    })

    test('ends a stream', async () => {
      let cleaned = false
      own.watch = async function* (_, signal) {
        try {
          yield item(1)
          await untilAborted(signal)
        } finally {
          cleaned = true
        }
      }
      own.open = async (topic, signal) => own.watch!(topic, signal)
      for (const open of [feed.watch.bind(feed), feed.open.bind(feed), apps.hub.watch.bind(apps.hub)]) {
        const controller = new AbortController()
        const stream = (await open('all', controller.signal))[Symbol.asyncIterator]()
        expect((await stream.next()).value.n).toBe(1)
        const next = rejection(stream.next())
        controller.abort('enough')
        expect(await next).toBe('enough')
        expect(cleaned).toBe(true)
        cleaned = false
        expect(getEventListeners(controller.signal, 'abort')).toEqual([])
      }
    })

    test('goes on while a stream is read, and no longer', async () => {
      own.open = async (_, signal) =>
        (async function* () {
          yield item(1)
          yield item(signal?.aborted ? 2 : 0)
        })()
      const controller = new AbortController()
      expect(await numbers(await feed.open('all', controller.signal))).toEqual([1, 0])
      expect(getEventListeners(controller.signal, 'abort')).toEqual([])
    })

    test('aborts at the deadline of the call', async () => {
      const reasons: unknown[] = []
      own.waitBriefly = async (signal) => {
        signal?.addEventListener('abort', () => reasons.push(signal.reason))
        return untilAborted(signal)
      }
      own.wait = (_, signal) => own.waitBriefly!(signal)
      own.open = async () => upTo(1)
      // The deadline shall not pass while the connection is being made.
      await numbers(await feed.open('connected'))
      const { signal } = new AbortController()
      const late = (await rejection(feed.waitBriefly(signal))) as WeaveError
      expect(late).toMatchObject({ code: 'WV_DEADLINE', executed: 'maybe' })
      expect(await rejection(withDeadline(200, () => feed.wait('x', signal)))).toMatchObject({ code: 'WV_DEADLINE' })
      await expect
        .poll(() => reasons, { timeout: 10_000 })
        .toMatchObject([{ code: 'WV_DEADLINE' }, { code: 'WV_DEADLINE' }])
      expect(getEventListeners(signal, 'abort')).toEqual([])
    })

    test('that is none is refused before the call', async () => {
      const error = (await rejection(feed.wait('x', {} as never))) as WeaveError
      expect(error).toMatchObject({ code: 'WV_VALUE' })
      expect(error.message).toMatch(/^Feed\.wait: signal must be/)
    })
  })
}

test('an abort ends a call that waits for a replica', async () => {
  const apps = await startFeed('unix')
  const { feed } = apps
  apps.app('src/hub.Hub').route('src/feed.Feed', [])
  const controller = new AbortController()
  const reason = new OutOfStock('mug')
  const waiting = [rejection(feed.wait('x', controller.signal)), rejection(numbers(feed.watch('x', controller.signal)))]
  controller.abort(reason)
  expect(await Promise.all(waiting)).toEqual([reason, reason])
  await apps.stop()
})
