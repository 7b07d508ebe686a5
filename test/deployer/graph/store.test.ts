/** The store of the measured graph: what goes in comes out, over seconds, minutes, restarts and replicas, in bounded memory. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readFrame, writeFrame } from '../../../deployer/graph/frame.ts'
import { graphReport } from '../../../deployer/graph/report.ts'
import { GraphStore } from '../../../deployer/graph/store.ts'
import { childOf, EDGE_SUMS, type EdgeTotals, Totals } from '../../../deployer/graph/totals.ts'
import { DEPLOYER_LIMITS } from '../../../deployer/limits.ts'
import type { EdgeSample } from '../../../runtime/measure/edge-counts.ts'
import { bucketOf, LATENCY_BUCKETS } from '../../../runtime/measure/latency.ts'
import { FakeClock } from '../../runtime/fake-clock.ts'
import { CART, edge, IDLE, SHOP, samples } from './samples.ts'

function started(): { clock: FakeClock; store: GraphStore; take: (process: string, ...edges: EdgeSample[]) => void } {
  const clock = new FakeClock()
  const store = new GraphStore(clock)
  const take = (process: string, ...edges: EdgeSample[]) => {
    for (const sample of samples({ edges })) store.take(process, sample)
  }
  return { clock, store, take }
}

const report = (store: GraphStore, seconds: number) => graphReport(store, store.window(seconds))

const amount = fc.oneof(fc.nat(5), fc.nat(1e6), fc.maxSafeNat())
const edgeTotals = fc.record({
  number: fc.nat(40_000),
  sums: fc.record(Object.fromEntries(EDGE_SUMS.map((name) => [name, amount]))),
  latency: fc.array(fc.tuple(fc.nat(LATENCY_BUCKETS - 1), fc.nat(1e6)), { maxLength: 20 }),
})

test('a second is the same after it was written as bytes and read again', () => {
  fc.assert(
    fc.property(fc.array(edgeTotals), fc.nat(100), (edges, other) => {
      const totals = new Totals()
      for (const { number, sums, latency } of edges) {
        const own = totals.edge(number)
        Object.assign(own.sums, sums)
        for (const [bucket, count] of latency) own.latency[bucket] = count
      }
      const method = totals.method(other)
      method.sums.calls = 7
      childOf(method, other + 1).criticalUs = 3
      totals.component(other, 1).cpuUs = 12
      totals.component(other, 0).heapBytes = 4e6
      totals.process(other).rssBytes = 5e7
      totals.close(1_000)
      const read = readFrame(writeFrame(totals))
      expect(read.methods).toEqual(totals.methods)
      expect(read.processes).toEqual(totals.processes)
      expect(read.components).toEqual(totals.components)
      const comparable = (map: ReadonlyMap<number, EdgeTotals>) =>
        [...map].sort(([a], [b]) => a - b).map(([number, { sums, latency }]) => ({ number, sums, latency }))
      expect(comparable(read.edges)).toEqual(comparable(totals.edges))
    }),
  )
})

test('the differences that came are what a window adds up to, however they are spread over seconds, processes and lines', () => {
  const sent = fc.record({
    process: fc.constantFrom('main-1', 'cart-1', 'cart-2'),
    pauseMs: fc.nat(2_500),
    edges: fc.array(
      fc.record({ method: fc.constantFrom('add', 'items', 'drop'), calls: fc.nat(1e6), us: fc.nat(1e6) }),
      { maxLength: 8 },
    ),
  })
  fc.assert(
    fc.property(fc.array(sent, { maxLength: 40 }), fc.integer({ min: 1, max: 5 }), (all, rowsMax) => {
      const clock = new FakeClock()
      const store = new GraphStore(clock)
      const expected = new Map<string, { calls: number; timed: number }>()
      for (const { process, pauseMs, edges } of all) {
        const rows = edges.map(({ method, calls, us }) => {
          const latency = Array<number>(LATENCY_BUCKETS).fill(0)
          latency[bucketOf(us * 1e3)] = 1
          const sums = expected.get(method) ?? { calls: 0, timed: 0 }
          expected.set(method, { calls: sums.calls + calls, timed: sums.timed + 1 })
          return edge({ method, calls, timed: 1, timedNs: us * 1e3, latency })
        })
        for (const sample of samples({ edges: rows }, rowsMax)) store.take(process, sample)
        clock.advance(pauseMs)
      }
      clock.advance(1_000)
      const window = store.window(DEPLOYER_LIMITS.graphSeconds)
      const found = new Map(
        [...window.edges].map(([number, { sums, latency }]) => {
          expect(latency.reduce((sum, count) => sum + count, 0)).toBe(sums.timed)
          return [store.edges.parts(number)[2]!, { calls: sums.calls, timed: sums.timed }]
        }),
      )
      expect(found).toEqual(expected)
    }),
    { numRuns: 60 },
  )
})

test('rates are of the time that was measured, also when the deployer was late', () => {
  const { clock, store, take } = started()
  take('main-1', edge({ calls: 100 }))
  clock.pass(3_000)
  clock.advance(1_000)
  expect(report(store, 60)).toMatchObject({ seconds: 4, edges: [{ callsPerSecond: 25 }] })
})

test('a process that begins again counts from nothing and takes nothing away', () => {
  const { clock, store, take } = started()
  take('cart-1', edge({ calls: 1_000_000 }))
  clock.advance(1_000)
  take('cart-1', edge({ calls: 3 }))
  clock.advance(1_000)
  expect(report(store, 60).edges).toMatchObject([{ callsPerSecond: 500_001.5 }])
})

test('an edge goes by its components, wherever these are', () => {
  const { clock, store, take } = started()
  take('main-1', edge({ calls: 10, remote: 10 }))
  clock.advance(1_000)
  take('cart-1', edge({ calls: 30 }))
  clock.advance(1_000)
  expect(report(store, 60).edges).toMatchObject([
    { caller: SHOP, callee: CART, method: 'add', callsPerSecond: 20, remoteShare: 0.25 },
  ])
})

test('a window is as long as was asked for, and after a quarter of an hour made of minutes', () => {
  const { clock, store, take } = started()
  for (let second = 0; second < 3_600; second++) {
    take('main-1', edge({ calls: second < 1_800 ? 10 : 20 }))
    clock.advance(1_000)
  }
  expect(report(store, 10)).toMatchObject({ seconds: 10, edges: [{ callsPerSecond: 20 }] })
  expect(report(store, 900)).toMatchObject({ seconds: 900, edges: [{ callsPerSecond: 20 }] })
  expect(report(store, 3_600)).toMatchObject({ seconds: 3_600, edges: [{ callsPerSecond: 15 }] })
})

test('the deviation of a rate is that of its seconds, minutes included', () => {
  const { clock, store, take } = started()
  for (let second = 0; second < 1_200; second++) {
    take('main-1', edge({ calls: second % 2 === 0 ? 10 : 30 }))
    clock.advance(1_000)
  }
  for (const seconds of [600, 1_200]) {
    const [totals] = store.window(seconds).edges.values()
    expect(totals!.callsSquared / seconds - 20 ** 2).toBeCloseTo(100, 6)
  }
})

test('memory is bounded: a busy method takes what limits.ts says, and the oldest go where there are too many', () => {
  const { clock, store } = started()
  const latency = Array<number>(LATENCY_BUCKETS).fill(0)
  for (let bucket = 40; bucket < 50; bucket++) latency[bucket] = 3
  const busy = { calls: 2_000, timed: 32, timedNs: 32e5, sized: 32, requestBytes: 3_200, replyBytes: 9_600, latency }
  const methods = 20
  const edges = Array.from({ length: methods }, (_, index) => edge({ method: `m${index}`, ...busy }))
  const [sample] = samples({ edges })
  for (let second = 0; second < 900; second++) {
    store.take('main-1', sample!)
    clock.advance(1_000)
  }
  const each = store.bytes / methods
  expect(each).toBeGreaterThan(20_000)
  expect(each).toBeLessThan(45_000)

  const bytesMax = 20_000
  const small = new GraphStore(clock, { bytesMax })
  for (let second = 0; second < 900; second++) {
    small.take('main-1', sample!)
    clock.advance(1_000)
  }
  expect(small.bytes).toBeLessThan(2 * bytesMax)
  expect(report(small, 900).seconds).toBeLessThan(60)
  expect(report(small, 20).edges).toHaveLength(methods)
})

test('names beyond the limit are not counted, and those that are known go on', () => {
  const { clock, store } = started()
  for (let batch = 0; batch < 60; batch++) {
    const edges = Array.from({ length: 1_000 }, (_, index) => edge({ method: `${batch}-${index}` }))
    for (const sample of samples({ edges })) store.take('main-1', sample)
  }
  clock.advance(1_000)
  expect(store.edges.size).toBe(DEPLOYER_LIMITS.graphNamesMax)
  expect(store.window(60).edges.size).toBe(DEPLOYER_LIMITS.graphNamesMax)
})

test('a process tells how it is: CPU, event loop, memory', () => {
  const { clock, store } = started()
  const process = { ...IDLE, cpuUs: 250_000, active: 0.5, delayUsP50: 100, delayUsP99: 4_000, delayUsMax: 9_000 }
  for (let second = 0; second < 4; second++) {
    const components = [{ component: CART, cpuUs: 100_000, heapBytes: 1e6 }]
    for (const sample of samples({ process: { ...process, delayUsMax: 9_000 - second }, components }))
      store.take('cart-1', sample)
    clock.advance(1_000)
  }
  expect(report(store, 60)).toMatchObject({
    processes: [
      {
        name: 'cart-1',
        cpuMsPerSecond: 250,
        utilisation: 0.5,
        delayMs: { p50: 0.1, p99: 4, max: 9 },
        rssBytes: 50e6,
      },
    ],
    components: [{ name: CART, cpuMsPerSecond: 100, heapBytes: 1e6, processes: ['cart-1'] }],
  })
})
