/** When a process stays awake for what may come next, that it stops where it is no win, and that it costs nothing otherwise. */
import { describe, expect, test } from 'vitest'
import { Awake, type Polling, pollingOf } from '../../runtime/transport/socket/awake.ts'

const TURN_MS = 0.002

/** A loop whose turns take two microseconds, of which others take `lost` when it is awake. */
function loop(polling: Polling, { lost = 0 } = {}) {
  let now = 0
  let cpu = 0
  let waited = 0
  const work: (() => void)[] = []
  const nextTurn = (next: () => void) => void work.push(next)
  const awake = new Awake({ polling, now: () => now, nextTurn, cpuMs: () => cpu, waitedMs: () => waited })
  const loop = {
    awake,
    /** A neighbour wants the core from now on, or no more. */
    lost,
    /** Lets time pass, and gives how many turns the loop made of its own will. */
    pass(ms: number): number {
      const end = now + ms
      let turns = 0
      while (work.length > 0 && now < end) {
        const took = TURN_MS / (1 - loop.lost)
        now += took
        cpu += TURN_MS
        waited += took - TURN_MS
        turns++
        work.shift()!()
      }
      now = Math.max(now, end)
      return turns
    },
    hear: () => awake.heard(now),
    /** A message every so often for a time; gives the share of it in which the loop was awake. */
    traffic(pauseMs: number, forMs: number): number {
      let turns = 0
      for (const end = now + forMs; now < end; ) {
        loop.hear()
        turns += loop.pass(pauseMs)
      }
      return (turns * TURN_MS) / (1 - loop.lost) / forMs
    },
  }
  return loop
}

describe('on', () => {
  test('stays awake for a moment after what has come, then sleeps', () => {
    const { pass, hear } = loop('on')
    hear()
    expect(pass(0.1)).toBeGreaterThan(40)
    hear()
    expect(pass(10)).toBeLessThanOrEqual(101)
    expect(pass(1_000)).toBe(0)
  })

  test('whatever it costs', () => {
    expect(loop('on', { lost: 0.5 }).traffic(0.1, 1_000)).toBeGreaterThan(0.95)
    expect(loop('on').traffic(1, 1_000)).toBeGreaterThan(0.19)
  })

  test('sleeps although the clock stands still', () => {
    const work: (() => void)[] = []
    const nextTurn = (next: () => void) => void work.push(next)
    const awake = new Awake({ polling: 'on', now: () => 0, nextTurn, cpuMs: () => 0, waitedMs: () => 0 })
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
    expect(loop('auto').traffic(1.1, 10_000)).toBe(0)
  })

  test('stays awake while one thing follows the other, and stops when that ends', () => {
    const { awake, traffic, pass, hear } = loop('auto')
    expect(traffic(0.05, 1_000)).toBeGreaterThan(0.95)
    expect(awake.polling).toBe(true)
    hear()
    expect(pass(1_000)).toBeLessThanOrEqual(101)
    expect(awake.polling).toBe(false)
    // Some before it has learned that the pauses are long again.
    expect(traffic(2, 1_000)).toBeLessThan(0.01)
  })

  test.each([0.15, 0.3, 0.9])('where %d ms pass between messages it is no win, and tried less and less', (pauseMs) => {
    const { traffic } = loop('auto')
    expect(traffic(pauseMs, 1_000)).toBeLessThan(0.12)
    expect(traffic(pauseMs, 59_000)).toBeLessThan(0.005)
    const later = traffic(pauseMs, 60_000)
    expect(later).toBeGreaterThan(0)
    expect(later).toBeLessThan(0.003)
  })

  test.each([0.2, 0.5, 0.9])('where others have %d of the core it is no win either', (lost) => {
    const { traffic } = loop('auto', { lost })
    expect(traffic(0.05, 1_000)).toBeLessThan(0.2)
    expect(traffic(0.05, 59_000)).toBeLessThan(0.005)
  })

  test('a neighbour that comes and goes is noticed both times', () => {
    const crowded = loop('auto')
    expect(crowded.traffic(0.05, 1_000)).toBeGreaterThan(0.95)
    crowded.lost = 0.5
    crowded.traffic(0.05, 1_000)
    expect(crowded.traffic(0.05, 1_000)).toBeLessThan(0.05)
    crowded.lost = 0
    crowded.traffic(0.05, 2_000)
    expect(crowded.traffic(0.05, 1_000)).toBeGreaterThan(0.95)
  })

  test('a neighbour that takes every third moment makes it rest for longer and longer', () => {
    const crowded = loop('auto')
    const shares: number[] = []
    for (let moment = 0; moment < 1_000; moment++) {
      crowded.lost = moment % 3 === 0 ? 0.5 : 0
      shares.push(crowded.traffic(0.05, 10))
    }
    const later = shares.slice(500)
    expect(later.reduce((sum, share) => sum + share, 0) / later.length).toBeLessThan(0.05)
  })

  test('a time slice of another thread now and then is nothing against it', () => {
    const compiling = loop('auto')
    let awakeShare = 0
    for (let each = 0; each < 100; each++) {
      compiling.lost = 0.4
      awakeShare += compiling.traffic(0.05, 10) / 600
      compiling.lost = 0
      awakeShare += (compiling.traffic(0.05, 50) * 5) / 600
    }
    expect(awakeShare).toBeGreaterThan(0.95)
  })

  test('bursts with long pauses in between cost little', () => {
    const { traffic, pass } = loop('auto')
    let awakeMs = 0
    for (let burst = 0; burst < 100; burst++) awakeMs += traffic(0.05, 0.5) * 0.5 + pass(100) * TURN_MS
    expect(awakeMs).toBeLessThan(100 * 0.8)
  })
})

test('off: never', () => {
  expect(loop('off').traffic(0.02, 1_000)).toBe(0)
})

test('WEAVE_POLLING says which', () => {
  expect([undefined, '', 'on', 'off', 'auto'].map(pollingOf)).toEqual(['auto', 'auto', 'on', 'off', 'auto'])
  expect(() => pollingOf('yes')).toThrow('WEAVE_POLLING must be "auto", "on" or "off"; it is "yes".')
})
