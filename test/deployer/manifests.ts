/** Small manifests by hand. */
import { MANIFEST_FORMAT, type Manifest } from '../../runtime/manifest.ts'
import type { Shape } from '../../runtime/shape.ts'

export interface Described {
  dependencies?: string[]
  listeners?: string[]
  config?: Shape
}

/** Components by full name, dependencies before dependents; the last one is the root. */
export function manifestOf(components: Record<string, Described>, entry = 'main.mjs'): Manifest {
  const names = Object.keys(components)
  return {
    format: MANIFEST_FORMAT,
    version: 'v1',
    application: 'shop',
    entry,
    root: names.at(-1)!,
    components: names.map((name) => ({
      name,
      implementation: `${name}Impl`,
      methods: [],
      dependencies: components[name]!.dependencies ?? [],
      listeners: components[name]!.listeners ?? [],
      routed: false,
      ...(components[name]!.config ? { config: components[name]!.config } : {}),
    })),
    edges: names.flatMap((caller) => (components[caller]!.dependencies ?? []).map((callee) => ({ caller, callee }))),
    definitions: {},
  }
}

/** Shop → Checkout → Cart, Shop → Cart; Shop has a listener. */
export const shop = manifestOf({
  'src/cart.Cart': {},
  'src/checkout.Checkout': { dependencies: ['src/cart.Cart'] },
  'src/shop.Shop': { dependencies: ['src/cart.Cart', 'src/checkout.Checkout'], listeners: ['web'] },
})
