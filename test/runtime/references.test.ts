/** What a component among values means, on every placement alike. */
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest'
import { encodeReference } from '../../runtime/calls/references.ts'
import { Writer } from '../../runtime/codec/writer.ts'
import type { WeaveError } from '../../runtime/errors.ts'
import { FEED, type FeedApps, LISTENER, type Listener, startFeed } from './feed.ts'
import { isRemote, PLACEMENTS, rejection } from './shop.ts'
import { removeTemporaryFolders } from './temporary.ts'

afterAll(removeTemporaryFolders)

for (const placement of PLACEMENTS) {
  describe(`references, ${placement}`, () => {
    let apps: FeedApps
    beforeEach(async () => {
      apps = await startFeed(placement)
    })
    afterEach(() => apps.stop())

    test('work from a receiver that does not depend on the component', async () => {
      apps.implementation.subscribe = async (listeners) =>
        Promise.all(listeners.map(({ name, listener }) => listener.tell(name)))
      expect(await apps.hub.subscribe()).toEqual(['heard hub'])
      const twice = ['a', 'b'].map((name) => ({ name, listener: apps.listener }))
      expect(await apps.feed.subscribe(twice)).toEqual(['heard a', 'heard b'])
      expect(apps.listenerImplementation.told).toEqual(['hub', 'a', 'b'])
    })

    test('are the stub that the receiver would have been constructed with', async () => {
      const received: Listener[] = []
      apps.implementation.subscribe = async (listeners) => {
        received.push(...listeners.map(({ listener }) => listener))
        return []
      }
      await apps.feed.subscribe([{ name: 'a', listener: apps.listener }])
      await apps.hub.subscribe()
      const own = apps.homes.map((app) => app.get(LISTENER, FEED))
      expect(received).toHaveLength(2)
      for (const listener of received) expect(own).toContain(listener)
    })

    test('come back as the own stub, from a result and from a stream', async () => {
      let kept: Listener | undefined
      apps.implementation.subscribe = async ([first]) => {
        kept = first?.listener
        return []
      }
      apps.implementation.first = async () => kept!
      apps.implementation.listeners = async function* () {
        yield { listener: kept! }
      }
      await apps.feed.subscribe([{ name: 'a', listener: apps.listener }])
      const returned = await apps.feed.first()
      expect(returned).toBe(apps.listener)
      expect(await returned.tell('back')).toBe('heard back')
      for await (const { listener } of apps.feed.listeners()) expect(listener).toBe(apps.listener)
    })

    test('an implementation passes itself', async () => {
      if (isRemote(placement)) return
      apps.implementation.subscribe = async (listeners) =>
        Promise.all(listeners.map(({ name, listener }) => listener.tell(name)))
      // As `this` in a method of the listener.
      const listener = apps.listenerImplementation
      expect(await apps.feed.subscribe([{ name: 'itself', listener }])).toEqual(['heard itself'])
    })

    test('anything else is refused, by its path', async () => {
      apps.implementation.subscribe = async () => []
      for (const wrong of [{ tell: async () => '' }, apps.feed, null, 'src/listener.Listener']) {
        const error = (await rejection(
          apps.feed.subscribe([
            { name: 'a', listener: apps.listener },
            { name: 'b', listener: wrong as never },
          ]),
        )) as WeaveError
        expect(error).toMatchObject({ code: 'WV_VALUE' })
        expect(error.message).toMatch(/^Feed\.subscribe: listeners\[1\]\.listener must be/)
      }
    })
  })
}

test('an implementation passes itself to another process', async () => {
  const apps = await startFeed('unix')
  apps.implementation.subscribe = async (listeners) =>
    Promise.all(listeners.map(({ name, listener }) => listener.tell(name)))
  const feed = apps.app(LISTENER).get(FEED, LISTENER) as unknown as FeedApps['feed']
  const listener = apps.listenerImplementation
  expect(await feed.subscribe([{ name: 'itself', listener }])).toEqual(['heard itself'])
  // One that lives elsewhere is no reference: only its stub is.
  expect(() => encodeReference(new Writer(), new (class {})(), LISTENER)).toThrow()
  await apps.stop()
})
