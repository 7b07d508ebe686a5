/** What the planner is told of a deployment beside what was measured: what stays, how many replicas there may be. */
import { expect, test } from 'vitest'
import { PLAN_RULES } from '../../../deployer/planner/defaults.ts'
import type { CallGraph, ComponentLoad } from '../../../deployer/planner/model.ts'
import { propose } from '../../../deployer/planner/propose.ts'
import { withRules } from '../../../deployer/planning/planning.ts'
import { type Decisions, stays } from '../../../deployer/planning/stays.ts'
import { Ranges } from '../../../deployer/scaling/ranges.ts'
import type { Replicas } from '../../../runtime/config/configuration.ts'
import type { Manifest } from '../../../runtime/manifest.ts'
import { shop } from '../manifests.ts'

const graph = {
  components: shop.components.map(({ name }) => ({ name, cpuMsPerSecond: 1, memoryBytes: 1 })),
} as CallGraph
const [CART, CHECKOUT] = ['src/cart.Cart', 'src/checkout.Checkout']
const others = shop.components.map(({ name }) => name).filter((name) => name !== CART && name !== CHECKOUT)

const groups = [
  { name: 'cart', components: [CART], replicas: 3 },
  { name: 'checkout', components: [CHECKOUT], replicas: 2 },
  { name: 'main', components: others, replicas: 2 },
]

/** What the planner is told, where weave.config.ts says this of replicas and people have done that. */
function told({ replicas = 1, singletons = [], decisions = {}, manifest = shop }: Told) {
  const single = new Set(singletons)
  const ranges = new Ranges({ manifest, replicas, singletons: single })
  return withRules(graph, { manifest, groups, singletons: single, ranges, decisions }).components
}

interface Told {
  replicas?: Replicas
  singletons?: string[]
  decisions?: Decisions
  manifest?: Manifest
}

function replicas(rules: Told) {
  const components = told(rules)
  return Object.fromEntries(components.map(({ name, replicasMin, replicasMax }) => [name, [replicasMin, replicasMax]]))
}

test('replicas are those that run, or that load may ask for, and one of what there may be one of', () => {
  expect(replicas({})).toMatchObject({ [CART]: [1, 3], [CHECKOUT]: [1, 2] })
  expect(replicas({ replicas: { Cart: { min: 1, max: 8 } } })).toMatchObject({ [CART]: [1, 8], [CHECKOUT]: [1, 2] })
  expect(replicas({ singletons: [CHECKOUT] })[CHECKOUT]![1]).toBe(1)
})

test('no plan has fewer replicas than weave.config.ts asks for, nor than a person does', () => {
  expect(replicas({ replicas: { Cart: 3, Checkout: { min: 2, max: 4 } } })).toMatchObject({
    [CART]: [3, 3],
    [CHECKOUT]: [2, 4],
  })
  // It runs with fewer already: then that holds nothing up.
  expect(replicas({ replicas: { Checkout: 5 } })[CHECKOUT]).toEqual([2, 2])
  expect(replicas({ decisions: { [CART]: 'scaled' } })).toMatchObject({ [CART]: [3, 3], [CHECKOUT]: [1, 2] })
})

test('two replicas that weave.config.ts asks for are not put into a process of which there is one, however much that would save', () => {
  /** Cart in two processes, Checkout and the root, which stays, in one each, and many calls between all of them. */
  const moved = (decided: ComponentLoad[]) => {
    const calls = { callsPerSecond: 2_000, requestBytes: 100, replyBytes: 100 }
    const [cart, checkout] = [CART, CHECKOUT].map((name) => decided.find((each) => each.name === name)!)
    const main = decided.find(({ name }) => name === shop.root)!
    const measured: CallGraph = {
      application: 'shop',
      windowSeconds: 10,
      components: [cart!, checkout!, main],
      edges: [
        { caller: shop.root, callee: CART, method: 'items', ...calls },
        { caller: shop.root, callee: CHECKOUT, method: 'order', ...calls },
      ],
      methods: [],
      entries: [],
      costs: {
        remoteCallUs: { caller: 12, callee: 12 },
        remoteKibUs: { caller: 1, callee: 1 },
        localCallUs: 0.03,
        localKibUs: 0.1,
        hopUs: 70,
        processCpuMsPerSecond: 1,
        processMemoryBytes: 6e7,
        moveCpuMs: 500,
      },
    }
    const { moves } = propose({ graph: measured, rules: PLAN_RULES, today })
    return moves.map(({ components, to }) => `${components} to ${to}`)
  }
  const today = [
    { name: 'cart', components: [CART], replicas: 2 },
    { name: 'checkout', components: [CHECKOUT], replicas: 1 },
    { name: 'main', components: [shop.root], replicas: 1 },
  ]
  const loads = (asked: Replicas) => {
    const ranges = new Ranges({ manifest: shop, replicas: asked, singletons: new Set() })
    return withRules(graph, { manifest: shop, groups: today, singletons: new Set(), ranges, decisions: {} }).components
  }
  expect(moved(loads({ Cart: 2 }))).toEqual([`${CHECKOUT} to main`])
  expect(moved(loads(1)).toSorted()).toEqual([`${CART} to main`, `${CHECKOUT} to main`])
})

test('what a person has moved or scaled stays, with all of its group, and says so', () => {
  const decisions: Decisions = { [CART]: 'scaled' }
  const fixed = told({ decisions }).filter((each) => each.fixed)
  expect(fixed.map(({ name }) => name)).toEqual([CART, shop.root])
  expect(stays(shop, groups, decisions)).toEqual(['Cart stays: scaled by hand.'])
  const shared = [{ name: 'cart', components: [CART, CHECKOUT], replicas: 1 }]
  expect(stays(shop, shared, { [CHECKOUT]: 'moved' })).toEqual(['Cart and Checkout stay: Checkout was moved by hand.'])
})

test('what keeps something that nobody has spoken of stays too, and says what would let it move', () => {
  const keeping = (name: string, more: object) => ({ ...shop.components.find((each) => each.name === name)!, ...more })
  const manifest = {
    ...shop,
    components: shop.components.map((each) =>
      each.name === CART
        ? keeping(CART, { keeps: '#carts' })
        : each.name === CHECKOUT
          ? keeping(CHECKOUT, { stateful: true, handsOver: true })
          : each,
    ),
  }
  const fixed = told({ manifest }).filter((each) => each.fixed)
  expect(fixed.map(({ name }) => name)).toEqual([CART, shop.root])
  expect(stays(manifest, groups, {})).toEqual([
    'Cart stays: its class keeps #carts in memory; say @stateful with handOver and takeOver to let it move, or @stateless if it may begin empty.',
  ])
})

test('what can not move is fixed', () => {
  expect(
    told({})
      .filter(({ fixed }) => fixed)
      .map(({ name }) => name),
  ).toEqual([shop.root])
})
