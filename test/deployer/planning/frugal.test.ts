/** The planner's thread is asked only where its answer could be another than the last. */
import { beforeEach, expect, test } from 'vitest'
import { DEPLOYER_LIMITS } from '../../../deployer/limits.ts'
import { PLAN_RULES } from '../../../deployer/planner/defaults.ts'
import type { CallGraph, Placement, Plan } from '../../../deployer/planner/model.ts'
import { Frugal } from '../../../deployer/planning/frugal.ts'
import { FakeClock } from '../../runtime/fake-clock.ts'

const [SHOP, CART, ADS] = ['src/shop.Shop', 'src/cart.Cart', 'src/ads.Ads']
const together: Placement = [{ name: 'main', components: [SHOP, CART, ADS], replicas: 1 }]
const apart: Placement = [SHOP, CART, ADS].map((name, place) => ({
  name: `g${place}`,
  components: [name],
  replicas: 1,
}))

let clock: FakeClock
let asked: number
let frugal: Frugal

beforeEach(() => {
  clock = new FakeClock()
  asked = 0
  const ask = async () => ({ moves: [], summary: `answer ${++asked}` }) as unknown as Plan
  frugal = new Frugal({ clock, ask })
})

/** Advertising computes for `adsMs` at a time. */
function graph(load: { rate?: number; adsMs?: number; cartRate?: number } = {}): CallGraph {
  const { rate = 100, adsMs = 0.1, cartRate = rate } = load
  const component = (name: string, cpuMsPerSecond: number) => ({ name, cpuMsPerSecond, memoryBytes: 2 ** 20 })
  const call = (callee: string, callsPerSecond: number) => ({ callee, callsPerSecond })
  return {
    application: 'shop',
    windowSeconds: 10,
    components: [component(SHOP, rate * 0.2), component(CART, cartRate * 0.1), component(ADS, rate * adsMs)],
    edges: [call(CART, cartRate), call(ADS, rate)].map((each) => ({
      caller: SHOP,
      method: 'get',
      requestBytes: 100,
      replyBytes: 100,
      ...each,
    })),
    methods: [
      {
        component: SHOP,
        method: '(web)',
        ownMs: 0.2,
        calls: [CART, ADS].map((name) => ({ component: name, method: 'get', perCall: 1, criticalShare: 1 })),
      },
      { component: CART, method: 'get', ownMs: 0.1, calls: [] },
      { component: ADS, method: 'get', ownMs: adsMs, calls: [] },
    ],
    entries: [{ name: 'web', component: SHOP, method: '(web)', requestsPerSecond: rate }],
    costs: {
      remoteCallUs: { caller: 12, callee: 12 },
      remoteKibUs: { caller: 0.6, callee: 0.6 },
      localCallUs: 0.03,
      localKibUs: 0.1,
      hopUs: 70,
      processCpuMsPerSecond: 2,
      processMemoryBytes: 64 * 2 ** 20,
      moveCpuMs: 100,
    },
  }
}

const plan = (today: Placement, load = graph()) =>
  frugal.plan({ graph: load, rules: PLAN_RULES, today }).then(({ summary }) => summary)

test('not where all is together and does not wait', async () => {
  expect(await plan(together)).toMatch(/^Nothing moves: all is in one process, /)
  expect(asked).toBe(0)
})

test('where all is together and one keeps the others waiting, or breaks a pin', async () => {
  expect(await plan(together, graph({ adsMs: 5 }))).toBe('answer 1')
  const rules = { ...PLAN_RULES, pins: { ...PLAN_RULES.pins, alone: [ADS] } }
  await frugal.plan({ graph: graph(), rules, today: together })
  expect(asked).toBe(2)
})

test('once, while neither load nor placement change, and again after a while', async () => {
  expect(await plan(apart)).toBe('answer 1')
  expect(await plan(apart, graph({ rate: 105 }))).toBe('answer 1')
  clock.advance(DEPLOYER_LIMITS.planAgainMs)
  expect(await plan(apart)).toBe('answer 2')
})

test('again when the load has changed: all of it, whose CPU it is, or who is called', async () => {
  await plan(apart)
  expect(await plan(apart, graph({ rate: 200 }))).toBe('answer 2')
  expect(await plan(apart, graph({ rate: 200, adsMs: 0.6 }))).toBe('answer 3')
  expect(await plan(apart, graph({ rate: 200, adsMs: 0.6, cartRate: 600 }))).toBe('answer 4')
})

test('again when the placement has changed', async () => {
  await plan(apart)
  const [shop, ...others] = apart
  expect(await plan([{ ...shop!, replicas: 2 }, ...others])).toBe('answer 2')
})
