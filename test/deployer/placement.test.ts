import { describe, expect, test } from 'vitest'
import { drainOrder, planGroups } from '../../deployer/placement.ts'
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
    const components = Object.fromEntries(Array.from({ length: 9 }, (_, index) => [`src/c.C${index}`, {}]))
    expect(() => planGroups(manifestOf(components), 'apart', 64)).toThrow(
      'The placement makes 576 processes; at most 512 run on one machine. Put more components together, or ask for fewer replicas.',
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
})
