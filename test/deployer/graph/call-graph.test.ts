/** The planner's input out of what was measured: rates, how time is made up, what calls cost; and what is assumed until it is known. */
import { expect, test } from 'vitest'
import { callGraph } from '../../../deployer/graph/call-graph.ts'
import { GraphStore } from '../../../deployer/graph/store.ts'
import type { CallGraph } from '../../../deployer/planner/model.ts'
import type { Taken } from '../../../runtime/measure/sample.ts'
import { FakeClock } from '../../runtime/fake-clock.ts'
import { shop } from '../manifests.ts'
import { edge, IDLE, samples } from './samples.ts'

const ROOT = shop.root
const [CALLEE] = shop.components.map(({ name }) => name).filter((name) => name !== ROOT)

function graphOf(taken: Partial<Taken>[], calibrated?: Parameters<typeof callGraph>[0]['calibrated']): CallGraph {
  const clock = new FakeClock()
  const store = new GraphStore(clock)
  for (const each of taken) {
    for (const sample of samples(each)) store.take('main-1', sample)
    clock.advance(1_000)
  }
  const graph = callGraph({ application: 'shop', manifest: shop, store, totals: store.window(60), calibrated })
  store.stop()
  return graph
}

const call = (changes: Parameters<typeof edge>[0] = {}) => edge({ caller: ROOT, callee: CALLEE!, ...changes })
const entry = (calls: number) =>
  edge({ caller: '', callee: ROOT, method: 'web GET /', calls, timed: calls, timedNs: calls * 10e6 })

test('edges have rates and their deviation, and the bytes of one call', () => {
  const graph = graphOf(
    [10, 30].map((calls) => ({ edges: [call({ calls, sized: 2, requestBytes: 88, replyBytes: 12 })] })),
  )
  expect(graph).toMatchObject({ application: 'shop', windowSeconds: 2 })
  expect(graph.edges).toMatchObject([
    { caller: ROOT, callee: CALLEE, method: 'add', callsPerSecond: 20, deviation: 10, requestBytes: 44, replyBytes: 6 },
  ])
})

test('calls of code that is no component count for the root, as in the manifest', () => {
  const graph = graphOf([{ edges: [call({ calls: 30 }), call({ caller: 'get', calls: 10 })] }])
  expect(graph.edges).toMatchObject([{ caller: ROOT, callee: CALLEE, callsPerSecond: 40 }])
})

test('entry points and methods: own time, calls of one call, what of them is waited for', () => {
  const children = [{ component: CALLEE!, method: 'add', calls: 6, totalMs: 12, criticalMs: 4 }]
  const methods = [{ component: ROOT, method: 'web GET /', calls: 2, totalMs: 20, ownMs: 16, children }]
  const graph = graphOf([{ edges: [entry(5), call({ calls: 15, timed: 3, timedNs: 6e6 })], methods }])
  expect(graph.entries).toEqual([
    { name: 'web GET /', component: ROOT, method: 'web GET /', requestsPerSecond: 5, meanMs: 10 },
  ])
  expect(graph.methods).toEqual([
    {
      component: ROOT,
      method: 'web GET /',
      ownMs: 8,
      calls: [{ component: CALLEE, method: 'add', perCall: 3, criticalShare: 1 / 3 }],
    },
    // Not recorded yet: it takes what its calls took.
    { component: CALLEE, method: 'add', ownMs: 2, calls: [] },
  ])
})

test('a root that nobody asks from outside goes on call by call', () => {
  const graph = graphOf([{ edges: [call({ calls: 30 }), call({ method: 'items', calls: 10 })] }])
  expect(graph.entries).toEqual([{ name: 'main', component: ROOT, method: '(main)', requestsPerSecond: 40 }])
  expect(graph.methods.find(({ method }) => method === '(main)')).toEqual({
    component: ROOT,
    method: '(main)',
    ownMs: 0,
    calls: [
      { component: CALLEE, method: 'add', perCall: 0.75, criticalShare: 1 },
      { component: CALLEE, method: 'items', perCall: 0.25, criticalShare: 1 },
    ],
  })
})

test('CPU and memory are what was measured of each; until then CPU is shared out by calls served', () => {
  const busy = { process: { ...IDLE, cpuUs: 300_000 }, edges: [entry(10), call({ calls: 20 })] }
  const assumed = new Map(graphOf([busy]).components.map(({ name, cpuMsPerSecond }) => [name, cpuMsPerSecond]))
  expect(assumed.get(ROOT)).toBeCloseTo(100)
  expect(assumed.get(CALLEE!)).toBeCloseTo(200)
  const components = [{ component: CALLEE!, cpuUs: 50_000, heapBytes: 3e6 }]
  const measured = graphOf([
    { ...busy, components },
    { ...busy, components: [{ ...components[0]!, cpuUs: 70_000 }] },
  ])
  expect(measured.components.find(({ name }) => name === CALLEE)).toEqual({
    name: CALLEE,
    cpuMsPerSecond: 60,
    cpuDeviation: 10,
    memoryBytes: 3e6,
  })
  expect(measured.components.find(({ name }) => name === ROOT)).toMatchObject({ cpuMsPerSecond: 0, fixed: true })
})

test('costs are those that two processes have found, and of processes what the least of them takes', () => {
  const process = { ...IDLE, cpuUs: 3_000, rssBytes: 60e6, startUs: 400_000 }
  const found = {
    callerUs: 9,
    calleeUs: 8,
    callerKibUs: 0.5,
    calleeKibUs: 0.4,
    roundTripUs: 61,
    localUs: 1,
    spread: 0.1,
  }
  const components = [{ component: CALLEE!, cpuUs: 0, heapBytes: 4e6 }]
  const { costs } = graphOf([{ process, components }], { ...found, caller: 'main-1', callee: 'cart-1', atMs: 0 })
  expect(costs).toEqual({
    remoteCallUs: { caller: 9, callee: 8 },
    remoteKibUs: { caller: 0.5, callee: 0.4 },
    localCallUs: 1,
    localKibUs: 0.1,
    hopUs: 60,
    processCpuMsPerSecond: 3,
    processMemoryBytes: 56e6,
    moveCpuMs: 400,
  })
})

test('where nothing has been measured all is nothing, and costs are those of another machine', () => {
  const graph = graphOf([])
  expect(graph).toMatchObject({ edges: [], methods: [], entries: [] })
  expect(graph.components.every(({ cpuMsPerSecond }) => cpuMsPerSecond === 0)).toBe(true)
  expect(graph.costs.hopUs).toBeGreaterThan(0)
})
