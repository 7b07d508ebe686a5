/** Replicas that follow load, against a world in which they take time to start and their loops can't be more than busy. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { DEPLOYER_LIMITS } from '../../deployer/limits.ts'
import { decide, NOTHING } from '../../deployer/scaling/controller.ts'
import { comingTo } from '../../deployer/scaling/demand.ts'
import type { ReplicaRange } from '../../runtime/config/configuration.ts'

const { scaleOutBusy, scaleInBusy, scaleToBusy, scaleInSeconds, scaleOutSeconds } = DEPLOYER_LIMITS
const START_SECONDS = 2

interface World {
  range: ReplicaRange
  /** In replicas' worth of work, second by second. */
  load: (second: number) => number
  seconds: number
  first?: number
  spareCores?: number
  /**
   * Callers have so much work under way at the most, in replicas times seconds, and keep the rest for later: that nobody sees. Undefined: they wait for
   * their answers, so calls are made as they are answered, and no backlog grows.
   */
  underWayMax?: number
}

interface Change {
  second: number
  from: number
  to: number
  why: string
}

interface Story {
  changes: Change[]
  replicas: number[]
  /** At the end of each second, wherever it waits. */
  backlog: number[]
}

/** Calls each take a hundredth of a second. */
const CALLS = 100

function simulate({ range, load, seconds, first = range.min, spareCores = 8, underWayMax }: World): Story {
  const changes: Change[] = []
  const counts: number[] = []
  const backlog: number[] = []
  let remembered = NOTHING
  let replicas = first
  let settledAt = 0
  let [withCallers, underWay] = [0, 0]
  for (let second = 0; second < seconds; second++) {
    const settled = second >= settledAt
    const serving = settled ? replicas : Math.min(replicas, changes.at(-1)?.from ?? replicas)
    withCallers += load(second)
    const done = Math.min(serving, withCallers + underWay)
    const made = underWayMax === undefined ? done : Math.min(withCallers, underWayMax - underWay + done)
    withCallers = underWayMax === undefined ? 0 : withCallers - made
    underWay += made - done
    backlog.push(withCallers + underWay)
    // Those that have just started have told nothing yet.
    const told = second === settledAt ? Math.min(replicas, changes.at(-1)?.from ?? replicas) : serving
    const busy = Array.from({ length: serving }, (_, slot) => (slot < told ? done / serving : 0))
    const calls = { made: made * CALLS, begun: done * CALLS }
    const decision = decide(remembered, { range, replicas, settled, busy, spareCores, ...calls })
    remembered = decision.remembered
    if (decision.to !== undefined) {
      changes.push({ second, from: replicas, to: decision.to, why: decision.why })
      settledAt = second + START_SECONDS
      replicas = decision.to
    }
    counts.push(replicas)
  }
  return { changes, replicas: counts, backlog }
}

const range = fc
  .tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 20 }))
  .map(([min, more]) => ({ min, max: min + more }))
const load = fc.double({ min: 0, max: 16, noNaN: true })

describe('load that stays', () => {
  test('ends where every loop has room, or where no more is allowed; it gets there on one way', () => {
    fc.assert(
      fc.property(range, load, load, (allowed, before, after) => {
        const steps = (second: number) => (second < 300 ? before : after)
        const { changes, replicas } = simulate({ range: allowed, load: steps, seconds: 900 })
        for (const count of replicas) {
          expect(count).toBeGreaterThanOrEqual(allowed.min)
          expect(count).toBeLessThanOrEqual(allowed.max)
        }
        const last = replicas.at(-1)!
        expect(after / last < scaleOutBusy || last === allowed.max).toBe(true)
        expect(last === allowed.min || after / (last - 1) > scaleInBusy).toBe(true)
        for (const phase of [
          changes.filter(({ second }) => second < 300),
          changes.filter(({ second }) => second >= 300),
        ])
          expect(new Set(phase.map(({ from, to }) => Math.sign(to - from))).size).toBeLessThan(2)
        expect(changes.filter(({ second }) => second >= 300 + 8 * scaleInSeconds)).toEqual([])
      }),
    )
  })

  test('never are there more than the load asks for', () => {
    fc.assert(
      fc.property(range, load, (allowed, after) => {
        const { replicas } = simulate({ range: allowed, load: (second) => (second < 20 ? 0.1 : after), seconds: 300 })
        expect(Math.max(...replicas)).toBeLessThanOrEqual(Math.max(allowed.min, Math.ceil(after / scaleToBusy + 1e-9)))
      }),
    )
  })

  test('that wavers by a tenth is followed outwards at most, once it is near the bound', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.2, max: 12, noNaN: true }), fc.nat(), (mean, seed) => {
        let state = (seed % 2_147_483_646) + 1
        const noise = () => {
          state = (state * 16_807) % 2_147_483_647
          return 0.9 + (0.2 * state) / 2_147_483_647
        }
        const { changes } = simulate({ range: { min: 1, max: 32 }, load: () => mean * noise(), seconds: 1_800 })
        const late = changes.filter(({ second }) => second > 300)
        expect(late.length).toBeLessThan(2)
        expect(changes.filter(({ from, to }) => to < from)).toEqual([])
      }),
      { numRuns: 50 },
    )
  })
})

test('a step to eight times as much has its replicas in half a minute, and loses them again', () => {
  const { changes } = simulate({
    range: { min: 1, max: 10 },
    load: (second) => (second >= 60 && second < 200 ? 4 : 0.5),
    seconds: 500,
  })
  expect(changes.map(({ second, to, why }) => [second, to, why])).toEqual([
    [64, 2, 'loop 100 % busy for 5 s'],
    [71, 4, 'loop 100 % busy for 5 s'],
    [78, 7, 'loop 100 % busy for 5 s'],
    // Of the five seconds before that, three were before the load went.
    [226, 5, 'loop at most 37 % busy for 30 s'],
    [257, 3, 'loop at most 10 % busy for 30 s'],
    [288, 2, 'loop at most 17 % busy for 30 s'],
    [319, 1, 'loop at most 25 % busy for 30 s'],
  ])
})

test('a peak of a few seconds is none', () => {
  const { changes } = simulate({
    range: { min: 1, max: 4 },
    load: (second) => (second % 20 < scaleOutSeconds - 1 ? 1 : 0.6),
    seconds: 600,
  })
  expect(changes).toEqual([])
})

/** From a tenth of a replica's work to so much, from one second to the next; seconds are counted from there. */
function step(after: number, underWayMax: number): Story {
  const load = (second: number) => (second < BEFORE ? 0.1 : after)
  const { changes, replicas, backlog } = simulate({
    range: { min: 1, max: 24 },
    spareCores: 24,
    load,
    seconds: 200,
    underWayMax,
  })
  return {
    changes: changes.map((change) => ({ ...change, second: change.second - BEFORE })),
    replicas: replicas.slice(BEFORE),
    backlog: backlog.slice(BEFORE),
  }
}
const BEFORE = 20

describe('callers that do not wait for their answers pile up work', () => {
  const work = fc.double({ min: 1.5, max: 12, noNaN: true })
  const enough = (load: number) => Math.ceil(load / scaleToBusy - 1e-9)

  test('and all replicas that it asks for are added at once, where it waits here', () => {
    fc.assert(
      fc.property(work, (load) => {
        const { changes, backlog } = step(load, Number.POSITIVE_INFINITY)
        expect(changes.map(({ second, to }) => [second, to])).toEqual([[scaleOutSeconds - 1, enough(load)]])
        // A second more until it is gone than six seconds' worth takes at 60 %.
        expect(backlog.findLastIndex((waits) => waits > 0)).toBeLessThan(scaleOutSeconds + START_SECONDS + 10)
      }),
    )
  })

  test('and none are added for what has piled up, where callers keep what is more than a second of it', () => {
    fc.assert(
      fc.property(work, fc.double({ min: 1, max: 4, noNaN: true }), (load, seconds) => {
        const { changes, replicas, backlog } = step(load, load * seconds)
        expect(Math.max(...replicas)).toBeLessThanOrEqual(enough(load))
        expect(changes.length).toBeLessThan(3)
        expect(backlog.at(-1)).toBe(0)
      }),
    )
  })

  test('and where they keep nearly all of it, nothing is known but that loops are busy', () => {
    const { changes } = step(6, 0.01)
    expect(changes.slice(0, 3).map(({ second, to }) => [second, to])).toEqual([
      [4, 2],
      [11, 4],
      [18, 7],
    ])
  })

  test('as the bench has it, whose callers have 512 calls of 5 ms under way at the most', () => {
    const { changes, backlog } = step(3, 2.56)
    expect(changes.map(({ second, to, why }) => [second, to, why])).toEqual([
      [4, 5, 'loop 100 % busy for 5 s, and work comes for 3.0'],
    ])
    expect(backlog.findLastIndex((waits) => waits > 0)).toBe(10)
  })

  test('a burst every few seconds is not taken for work that stays', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 4 }), fc.double({ min: 0.85, max: 1.2, noNaN: true }), (every, mean) => {
        const { replicas } = simulate({
          range: { min: 1, max: 24 },
          load: (second) => (second % every === 0 ? mean * every : 0),
          seconds: 300,
          underWayMax: Number.POSITIVE_INFINITY,
        })
        expect(Math.max(...replicas)).toBeLessThanOrEqual(4)
      }),
    )
  })
})

describe('why nothing changes', () => {
  const calls = { made: 0, begun: 0 }
  const remembered = {
    ...NOTHING,
    looks: Array.from({ length: scaleOutSeconds }, () => ({ busy: 0.93, replicas: 2, made: 0, begun: 0 })),
  }
  const seen = { range: { min: 1, max: 4 }, replicas: 2, settled: true, busy: [0.93, 0.93], spareCores: 8, ...calls }

  test('there are as many as there may be', () => {
    expect(decide(remembered, { ...seen, range: { min: 1, max: 2 } })).toMatchObject({
      to: undefined,
      why: 'loop 93 % busy for 6 s; 2 is the most that it may have',
    })
  })

  test('another replica would have no core', () => {
    expect(decide(remembered, { ...seen, spareCores: 0.1 }).why).toBe(
      'loop 93 % busy for 6 s; the machine has no core to spare for another',
    )
  })

  test('a second in which little was made, and one in which callers came to their bound: the latter counts too', () => {
    const look = (made: number, begun: number) => ({ busy: 1, replicas: 1, made, begun })
    const flat = Array.from({ length: 3 }, () => look(200, 200))
    expect(comingTo([look(100, 150), look(500, 200), ...flat])).toBeGreaterThan(1.5)
  })

  test('but that in one second less was made than ran, some time ago, holds nothing back', () => {
    const looks = remembered.looks.map((look, second) => ({ ...look, made: second === 2 ? 120 : 200, begun: 200 }))
    expect(decide({ ...remembered, looks }, { ...seen, busy: [1, 1], made: 200, begun: 200 }).to).toBe(4)
  })

  test('more is done than comes', () => {
    const looks = remembered.looks.map((look) => ({ ...look, made: 120, begun: 200 }))
    const now = { ...seen, busy: [1, 1], made: 120, begun: 200 }
    expect(decide({ ...remembered, looks }, now)).toMatchObject({
      to: undefined,
      why: 'loop 94 % busy for 6 s; what has piled up is being worked off',
    })
  })

  test('those that were asked for are not there yet', () => {
    expect(decide(remembered, { ...seen, settled: false })).toEqual({ remembered: NOTHING, to: undefined, why: '' })
  })
})

test('no more are added at once than there are cores for', () => {
  expect(
    simulate({ range: { min: 1, max: 24 }, load: () => 6, seconds: 5, spareCores: 3.5, underWayMax: 100 }).replicas.at(
      -1,
    ),
  ).toBe(4)
})

test('what is remembered is bounded', () => {
  let remembered = NOTHING
  const calls = { made: 0, begun: 0 }
  const seen = { range: { min: 1, max: 4 }, replicas: 2, settled: true, busy: [0.7, 0.6], spareCores: 8, ...calls }
  for (let second = 0; second < 1_000; second++) remembered = decide(remembered, seen).remembered
  expect(remembered.looks).toHaveLength(scaleInSeconds)
})
