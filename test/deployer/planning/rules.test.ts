/** What the planner is told of a deployment beside what was measured: what stays, how many replicas there may be. */
import { expect, test } from 'vitest'
import type { CallGraph } from '../../../deployer/planner/model.ts'
import { withRules } from '../../../deployer/planning/planning.ts'
import { stays } from '../../../deployer/planning/stays.ts'
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

function replicas(singletons: string[], ranges: Record<string, { min: number; max: number }> = {}) {
  const of = ({ name }: { name: string }) => ranges[name]
  const { components } = withRules(graph, { manifest: shop, groups, singletons: new Set(singletons), ranges: { of } })
  return Object.fromEntries(components.map(({ name, replicasMin, replicasMax }) => [name, [replicasMin, replicasMax]]))
}

test('replicas are those that run, or that load may ask for, and one of what there may be one of', () => {
  expect(replicas([])).toMatchObject({ [CART]: [2, 3], [CHECKOUT]: [2, 2] })
  expect(replicas([], { cart: { min: 1, max: 8 } })).toMatchObject({ [CART]: [1, 8], [CHECKOUT]: [1, 2] })
  expect(replicas([CHECKOUT])[CHECKOUT]![1]).toBe(1)
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
  const options = { manifest, groups, singletons: new Set<string>(), ranges: { of: () => undefined } }
  const fixed = withRules(graph, options).components.filter((each) => each.fixed)
  expect(fixed.map(({ name }) => name)).toEqual([CART, shop.root])
  expect(stays(manifest)).toEqual([
    'Cart stays: its class keeps #carts in memory; say @stateful with handOver and takeOver to let it move, or @stateless if it may begin empty.',
  ])
})

test('what can not move is fixed', () => {
  const { components } = withRules(graph, {
    manifest: shop,
    groups,
    singletons: new Set(),
    ranges: { of: () => undefined },
  })
  expect(components.filter(({ fixed }) => fixed).map(({ name }) => name)).toEqual([shop.root])
})
