import { describe, expect, test } from 'vitest'
import { checkReplicas, drainOrder, planGroups } from '../../deployer/placement.ts'
import type { Pins } from '../../deployer/planner/model.ts'
import { NO_PINS } from '../../deployer/planner/pins.ts'
import type { PlacementConfig } from '../../runtime/config/configuration.ts'
import { manifestOf, shop } from './manifests.ts'

describe('groups', () => {
  test('together: one group, named main', () => {
    expect(planGroups(shop, 'together', 2)).toEqual([
      { name: 'main', components: ['src/cart.Cart', 'src/checkout.Checkout', 'src/shop.Shop'], replicas: 2 },
    ])
  })

  test('apart: one group a component', () => {
    expect(planGroups(shop, 'apart', { Cart: 3 })).toEqual([
      { name: 'cart', components: ['src/cart.Cart'], replicas: 3 },
      { name: 'checkout', components: ['src/checkout.Checkout'], replicas: 1 },
      { name: 'main', components: ['src/shop.Shop'], replicas: 1 },
    ])
  })

  test('groups: named after the component that is listed first; components of none are alone; the most replicas win', () => {
    const groups = planGroups(shop, { groups: [['Checkout', 'src/cart.Cart']] }, { Cart: 2, Checkout: 4 })
    expect(groups).toEqual([
      { name: 'checkout', components: ['src/cart.Cart', 'src/checkout.Checkout'], replicas: 4 },
      { name: 'main', components: ['src/shop.Shop'], replicas: 1 },
    ])
  })

  test('names are unique, also for components of the same short name or one called Main', () => {
    const manifest = manifestOf({
      'a/x.CartCache': {},
      'b/x.CartCache': {},
      'a.Main': {},
      'a.HTTPServer2Go': {},
      'src/shop.Shop': {},
    })
    expect(planGroups(manifest, 'apart', 1).map(({ name }) => name)).toEqual([
      'a-x-cart-cache',
      'b-x-cart-cache',
      'a-main',
      'http-server2-go',
      'main',
    ])
  })

  test('more processes than one machine should run are refused', () => {
    const components = Object.fromEntries(
      Array.from({ length: 9 }, (_, index) => [`src/c.C${index}`, { listeners: [`web${index}`] }]),
    )
    expect(() => planGroups(manifestOf(components), 'apart', 64)).toThrow(
      'The placement makes 576 processes; at most 512 run on one machine. Put more components together, or ask for fewer replicas.',
    )
  })
})

describe("replicas of the root's group", () => {
  const script = manifestOf({
    'src/a.A': {},
    'src/b.B': {},
    'src/main.Root': { dependencies: ['src/a.A', 'src/b.B'] },
  })
  const replicas = (...input: Parameters<typeof planGroups>) =>
    Object.fromEntries(planGroups(...input).map((group) => [group.name, group.replicas]))

  test('one, so that main runs once, where nothing listens', () => {
    expect(replicas(script, 'together', 3)).toEqual({ main: 1 })
    expect(replicas(script, 'apart', 3)).toEqual({ a: 3, b: 3, main: 1 })
    expect(replicas(script, { groups: [['A', 'Root']] }, 3)).toEqual({ main: 1, b: 3 })
  })

  test('as many as asked for where one of its components listens', () => {
    expect(replicas(shop, 'apart', 3)).toEqual({ cart: 3, checkout: 3, main: 3 })
    const beside = manifestOf({ 'a.Web': { listeners: ['web'] }, 'a.Root': { dependencies: ['a.Web'] } })
    expect(replicas(beside, 'together', 3)).toEqual({ main: 3 })
    expect(replicas(beside, 'apart', 3)).toEqual({ web: 3, main: 1 })
  })

  test('naming one of them is refused, with the reason', () => {
    expect(() => planGroups(script, 'apart', { Root: 2 })).toThrow(
      'weave.config.ts: "replicas.Root" is 2, but Root is the root, and each replica would run main once more. Only a root whose process opens a Listener has replicas; leave it out, or give Root a Listener.',
    )
    expect(() => planGroups(script, 'together', { A: 2 })).toThrow(
      'weave.config.ts: "replicas.A" is 2, but A shares a process with the root, Root, and each replica would run main once more. Only a root whose process opens a Listener has replicas; place A in another group, or give Root a Listener.',
    )
    expect(replicas(script, 'apart', { A: 2, Root: 1 })).toEqual({ a: 2, b: 1, main: 1 })
  })
})

describe('pins', () => {
  const [CART, CHECKOUT, SHOP] = ['src/cart.Cart', 'src/checkout.Checkout', 'src/shop.Shop']
  const groups = (placement: PlacementConfig, pins: Partial<Pins>) =>
    planGroups(shop, placement, 1, new Set(), { ...NO_PINS, ...pins }).map(({ name, components }) => [
      name,
      ...components,
    ])

  test('together is in as few groups as they let it, the root in the first', () => {
    for (const placement of ['together', 'auto'] as const) {
      expect(groups(placement, { alone: [CART] })).toEqual([
        ['main', CHECKOUT, SHOP],
        ['cart', CART],
      ])
      expect(groups(placement, { alone: [SHOP] })).toEqual([
        ['main', SHOP],
        ['cart', CART, CHECKOUT],
      ])
      expect(groups(placement, { apart: [[CART, CHECKOUT, SHOP]] })).toHaveLength(3)
    }
  })

  test('apart keeps together what is pinned so, and so do groups that name only one of them', () => {
    const together = [
      [CART, CHECKOUT],
      [CHECKOUT, CART],
    ]
    expect(groups('apart', { together })).toEqual([
      ['cart', CART, CHECKOUT],
      ['main', SHOP],
    ])
    expect(groups({ groups: [['Shop', 'Cart']] }, { together })).toEqual([['main', CART, CHECKOUT, SHOP]])
    expect(groups({ groups: [['Shop']] }, { together })).toEqual([
      ['main', SHOP],
      ['cart', CART, CHECKOUT],
    ])
  })
})

describe('singletons', () => {
  const once = new Set(['src/cart.Cart'])

  test('their groups have one process, whatever is asked for all', () => {
    const counts = (...input: Parameters<typeof planGroups>) => planGroups(...input).map(({ replicas }) => replicas)
    expect(counts(shop, 'apart', 3, once)).toEqual([1, 3, 3])
    expect(counts(shop, 'together', 3, once)).toEqual([1])
  })

  test('more of one is refused, in the config and while it runs', () => {
    expect(() => planGroups(shop, 'apart', { Cart: 2 }, once)).toThrow(
      'weave.config.ts: "replicas.Cart" is 2, but "singletons" names it. Leave one of the two out.',
    )
    const together = { groups: [['Cart', 'Checkout']] }
    expect(() => planGroups(shop, together, { Checkout: 2 }, once)).toThrow(
      'weave.config.ts: "replicas.Checkout" is 2, but it shares a process with Cart, which is a singleton. Leave one of the two out, or place Cart in another group.',
    )
    const groups = planGroups(shop, 'apart', 1, once)
    expect(() => checkReplicas(groups[0]!, 2, { groups, manifest: shop, singletons: once })).toThrow(
      '"cart" holds Cart, which is a singleton: weave.config.ts says so.',
    )
  })
})

describe('drain order', () => {
  test('callers before callees', () => {
    expect(drainOrder(planGroups(shop, 'apart', 1), shop)).toEqual([['main'], ['checkout'], ['cart']])
  })

  test('groups that need each other go together', () => {
    const manifest = manifestOf({
      'a.A': {},
      'a.B': { dependencies: ['a.A'] },
      'a.C': { dependencies: ['a.B'] },
      'a.Root': { dependencies: ['a.C'] },
    })
    const groups = planGroups(manifest, { groups: [['A', 'C'], ['B']] }, 1)
    expect(drainOrder(groups, manifest)).toEqual([['main'], ['a', 'b']])
  })

  test('of a circle those go first to which work comes from outside', () => {
    const manifest = manifestOf({
      cart: {},
      checkout: { dependencies: ['cart'] },
      admin: { dependencies: ['checkout'], listeners: ['admin'] },
      shop: { dependencies: ['checkout', 'cart', 'admin'], listeners: ['web'] },
    })
    const order = (...lists: string[][]) => drainOrder(planGroups(manifest, { groups: lists }, 1), manifest)
    expect(order(['shop', 'cart'], ['checkout'])).toEqual([['main', 'admin'], ['checkout']])
    expect(order(['shop', 'cart'], ['admin', 'checkout'])).toEqual([['main', 'admin']])
  })

  test('what a circle of groups needs outlives it', () => {
    const manifest = manifestOf({
      'a.Store': {},
      'a.A': { dependencies: ['a.B', 'a.Store'] },
      'a.B': { dependencies: ['a.A'] },
      'a.Root': { dependencies: ['a.A'] },
    })
    expect(drainOrder(planGroups(manifest, 'apart', 1), manifest)).toEqual([['main'], ['a', 'b'], ['store']])
  })
})
