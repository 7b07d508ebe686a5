/** When a process stays awake for what may come next, and that it costs nothing otherwise. */
import { describe, expect, test } from 'vitest'
import { Awake, type Polling, pollingOf } from '../../runtime/transport/socket/awake.ts'

/** A loop whose turns take two microseconds. */
function loop(polling: Polling, cores = 8) {
  let now = 0
  const work: (() => void)[] = []
  const awake = new Awake({ polling, cores, now: () => now, nextTurn: (next) => work.push(next) })
  return {
    awake,
    /** Lets time pass, and gives how many turns the loop made of its own will. */
    pass(ms: number): number {
      const end = now + ms
      let turns = 0
      while (work.length > 0 && now < end) {
        now += 0.002
        turns++
        work.shift()!()
      }
      now = Math.max(now, end)
      return turns
    },
    hear: () => awake.heard(now),
  }
}

describe('on', () => {
  test('stays awake for a moment after what has come, then sleeps', () => {
    const { pass, hear } = loop('on', 1)
    hear()
    expect(pass(0.1)).toBeGreaterThan(40)
    hear()
    expect(pass(10)).toBeLessThanOrEqual(101)
    expect(pass(1_000)).toBe(0)
  })

  test('sleeps although the clock stands still', () => {
    const work: (() => void)[] = []
    const awake = new Awake({ polling: 'on', cores: 8, now: () => 0, nextTurn: (next) => work.push(next) })
    awake.heard(0)
    let turns = 0
    for (let next = work.shift(); next; next = work.shift()) {
      next()
      turns++
    }
    expect(turns).toBe(1_000)
    expect(awake.polling).toBe(false)
  })
})

describe('auto', () => {
  test('sleeps between things that come now and then', () => {
    const { pass, hear } = loop('auto')
    let turns = 0
    for (let count = 0; count < 1_000; count++) {
      hear()
      turns += pass(1)
    }
    expect(turns).toBe(0)
  })

  test('stays awake while one thing follows the other, and stops when that ends', () => {
    const { awake, pass, hear } = loop('auto')
    for (let count = 0; count < 50; count++) {
      hear()
      pass(0.05)
    }
    expect(awake.polling).toBe(true)
    hear()
    expect(pass(1_000)).toBeLessThanOrEqual(101)
    expect(awake.polling).toBe(false)
    let turns = 0
    for (let count = 0; count < 1_000; count++) {
      hear()
      turns += pass(1)
    }
    // Some before it has learned that the pauses are long again.
    expect(turns).toBeLessThan(20 * 101)
  })

  test('never where there are few cores, and neither when it is off', () => {
    for (const { pass, hear } of [loop('auto', 2), loop('off')]) {
      let turns = 0
      for (let count = 0; count < 1_000; count++) {
        hear()
        turns += pass(0.02)
      }
      expect(turns).toBe(0)
    }
  })
})

test('WEAVE_POLLING says which', () => {
  expect([undefined, '', 'on', 'off', 'auto'].map(pollingOf)).toEqual(['auto', 'auto', 'on', 'off', 'auto'])
  expect(() => pollingOf('yes')).toThrow('WEAVE_POLLING must be "auto", "on" or "off"; it is "yes".')
})
