import type { Logger, Main } from 'weavets'
import type { Ads } from '../../../fixtures/boutique/src/ads/ads.ts'
import type { Cart } from '../../../fixtures/boutique/src/cart/cart.ts'
import type { Catalog } from '../../../fixtures/boutique/src/catalog/catalog.ts'
import type { Checkout } from '../../../fixtures/boutique/src/checkout/checkout.ts'
import type { Currency } from '../../../fixtures/boutique/src/currency/currency.ts'
import type { Recommendations } from '../../../fixtures/boutique/src/recommendations/recommendations.ts'
import type { Shipping } from '../../../fixtures/boutique/src/shipping/shipping.ts'
import type { Services } from '../../../fixtures/boutique/src/shop/storefront.ts'
import { serveCalls } from '../call-load.ts'

/** The boutique with customers in place of its front: argument 1 is the bench's socket. */
export class CallBench implements Main {
  readonly #services: Services
  readonly #log: Logger

  constructor(
    ads: Ads,
    cart: Cart,
    catalog: Catalog,
    checkout: Checkout,
    currency: Currency,
    recommendations: Recommendations,
    shipping: Shipping,
    log: Logger,
  ) {
    this.#services = { ads, cart, catalog, checkout, currency, recommendations, shipping }
    this.#log = log
  }

  async main(): Promise<void> {
    await serveCalls(process.argv.at(-1)!, this.#services, this.#log)
  }
}
