/** Which group may call what: of the manifest's edges. */
import { expect, test } from 'vitest'
import { admittedTo } from '../../deployer/admission.ts'
import { type Group, planGroups } from '../../deployer/placement.ts'
import type { Manifest } from '../../runtime/manifest.ts'
import { manifestOf, shop } from './manifests.ts'

function admitted(manifest: Manifest, groups: Group[]): Record<string, Record<string, string[]>> {
  return Object.fromEntries(groups.map((group) => [group.name, admittedTo(group, groups, manifest)]))
}

test('a group may call what one of its components depends on, and its own replicas', () => {
  expect(admitted(shop, planGroups(shop, 'apart', 1))).toEqual({
    cart: { cart: ['src/cart.Cart'], checkout: ['src/cart.Cart'], main: ['src/cart.Cart'] },
    checkout: { checkout: ['src/checkout.Checkout'], main: ['src/checkout.Checkout'] },
    main: { main: ['src/shop.Shop'] },
  })
})

test('components that share a process share what they may', () => {
  const groups = planGroups(shop, { groups: [['Cart', 'Checkout']] }, 1)
  expect(admitted(shop, groups).cart).toEqual({
    cart: ['src/cart.Cart', 'src/checkout.Checkout'],
    main: ['src/cart.Cart', 'src/checkout.Checkout'],
  })
})

test('what somebody asks for by get may be called from everywhere, since the code that asks may run anywhere', () => {
  const manifest = manifestOf({
    'a.Rates': {},
    'a.Cart': {},
    'a.Ads': {},
    'a.Shop': { dependencies: ['a.Cart', 'a.Ads', 'a.Rates'] },
  })
  const root = manifest.components.at(-1)!
  const asking = { ...manifest, components: [...manifest.components.slice(0, -1), { ...root, reaches: ['a.Rates'] }] }
  const groups = planGroups(asking, 'apart', 1)
  expect(admitted(asking, groups).rates).toEqual({
    rates: ['a.Rates'],
    cart: ['a.Rates'],
    ads: ['a.Rates'],
    main: ['a.Rates'],
  })
  expect(Object.keys(admitted(asking, groups).cart!)).toEqual(['cart', 'main'])
})
