/** How the time of a call is made up: which calls it waits for, by the order in which they ended. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { LIMITS } from '../../runtime/limits.ts'
import { EdgeCounts } from '../../runtime/measure/edge-counts.ts'
import { Child, criticalPath, Recorder } from '../../runtime/measure/recorder.ts'

const METHODS = [{ name: 'add', encodeArguments: () => {}, encodeResult: () => {} }]

function child(begun: number, ended: number): Child {
  const made = new Child('src/cart.Cart', 'add')
  made.begin(begun)
  made.end(ended)
  return made
}

test('of calls at once the longest is waited for, of calls in a row each', () => {
  const [first, longest, short] = [child(1, 3), child(4, 9), child(4, 6)]
  expect(criticalPath([first, longest, short], 0, 10)).toEqual(new Set([longest, first]))
})

test('a call that goes on after the end, or began before, was not waited for', () => {
  const done = child(1, 3)
  expect(criticalPath([done, child(2, Number.POSITIVE_INFINITY), child(2, 11), child(-1, 2)], 0, 10)).toEqual(
    new Set([done]),
  )
})

test('calls on the critical path never overlap, and something of the path ends as late as anything that ended', () => {
  const interval = fc.tuple(fc.double({ min: 0, max: 100, noNaN: true }), fc.double({ min: 0, max: 50, noNaN: true }))
  fc.assert(
    fc.property(fc.array(interval, { maxLength: 30 }), (intervals) => {
      const children = intervals.map(([begun, ms]) => child(begun, begun + ms))
      const path = [...criticalPath(children, 0, 100)].sort((a, b) => a.begun - b.begun)
      for (const [index, each] of path.entries()) {
        expect(each.ended).toBeLessThanOrEqual(path[index + 1]?.begun ?? 100)
      }
      const ended = children.filter((each) => each.ended <= 100)
      const last = Math.max(...ended.map((each) => each.ended))
      if (ended.length > 0) expect(path.at(-1)?.ended).toBe(last)
    }),
  )
})

interface Played {
  clock: { ms: number }
  edge: EdgeCounts
  recorder: Recorder
}

function play(): Played {
  const clock = { ms: 0 }
  const now = () => clock.ms
  const edge = new EdgeCounts('src/shop.Shop', 'src/cart.Cart', METHODS, now)
  return { clock, edge, recorder: new Recorder({ edges: () => [edge], now }) }
}

test('a recorded call tells of its own time and of its children', () => {
  const { clock, recorder } = play()
  const recording = recorder.begin('src/shop.Shop', 'page')!
  clock.ms = 2
  const calls = [1, 2].map(() => recording.child('src/shop.Shop', 'src/cart.Cart', 'add')!)
  for (const call of calls) call.begin(2)
  calls[0]!.end(5)
  calls[1]!.end(9)
  expect(recording.child('src/cart.Cart', 'src/store.Store', 'get')).toBeUndefined()
  clock.ms = 10
  recording.end()
  const children = [{ component: 'src/cart.Cart', method: 'add', calls: 2, totalMs: 10, criticalMs: 7 }]
  const record = { component: 'src/shop.Shop', method: 'page', calls: 1, totalMs: 10, ownMs: 3, children }
  expect(recorder.take()).toEqual([record])
  expect(recorder.take()).toEqual([])
})

test('while a call is recorded every call of its component is looked at, and no longer', () => {
  const { clock, edge, recorder } = play()
  const make = (calls: number) => {
    let looks = 0
    for (let call = 0; call < calls; call++) {
      if (--edge.due[0]! > 0) continue
      looks++
      edge.look(0, clock.ms)
    }
    return looks
  }
  make(100_000)
  expect(make(6400)).toBeLessThan(200)
  const recording = recorder.begin('src/shop.Shop', 'page')!
  expect(make(500)).toBe(500)
  recording.end()
  expect(make(6400)).toBeLessThan(200)
  expect(edge.calls(0)).toBe(113_300)
})

test('one call in a while is recorded, and a handful at once', () => {
  const { clock, recorder } = play()
  expect(recorder.begin('src/shop.Shop', 'page')).toBeDefined()
  expect(recorder.begin('src/shop.Shop', 'page')).toBeUndefined()
  clock.ms += LIMITS.recordingEveryMs
  expect(recorder.begin('src/shop.Shop', 'page')).toBeDefined()
  const more = Array.from({ length: 20 }, (_, index) => recorder.begin('src/shop.Shop', `page${index}`))
  expect(more.filter((each) => each !== undefined)).toHaveLength(LIMITS.recordingsMax - 2)
})

test('a call that takes too long, or calls too much, is dropped', () => {
  const { clock, edge, recorder } = play()
  const long = recorder.begin('src/shop.Shop', 'long')!
  clock.ms += LIMITS.recordedMs + 1
  recorder.take()
  long.end()
  const busy = recorder.begin('src/shop.Shop', 'busy')!
  for (let call = 0; call < LIMITS.recordedCallsMax; call++) {
    expect(busy.child('src/shop.Shop', 'src/cart.Cart', 'add')).toBeDefined()
  }
  expect(busy.child('src/shop.Shop', 'src/cart.Cart', 'add')).toBeUndefined()
  busy.end()
  const beside = recorder.begin('src/shop.Shop', 'beside')!
  for (let call = 0; call <= LIMITS.armedLooksMax; call++) edge.look(0, clock.ms)
  beside.end()
  expect(recorder.take()).toEqual([])
})
