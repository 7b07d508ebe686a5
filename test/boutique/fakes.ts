/** What the boutique's tests share: a logger that remembers, and the whole shop put together by hand. */
import { HouseAds } from '../../fixtures/boutique/src/ads/house-ads.ts'
import { CartStore } from '../../fixtures/boutique/src/cart/cart-store.ts'
import { LruCartCache } from '../../fixtures/boutique/src/cart/lru-cart-cache.ts'
import { PrintedCatalog } from '../../fixtures/boutique/src/catalog/printed-catalog.ts'
import { CheckoutDesk } from '../../fixtures/boutique/src/checkout/checkout-desk.ts'
import { ReferenceCurrency } from '../../fixtures/boutique/src/currency/reference-currency.ts'
import { LoggedEmail } from '../../fixtures/boutique/src/email/logged-email.ts'
import { CardPayment } from '../../fixtures/boutique/src/payment/card-payment.ts'
import type { CreditCard, Payment } from '../../fixtures/boutique/src/payment/payment.ts'
import { CatalogRecommendations } from '../../fixtures/boutique/src/recommendations/catalog-recommendations.ts'
import { FlatRateShipping } from '../../fixtures/boutique/src/shipping/flat-rate-shipping.ts'
import type { ShopConfig } from '../../fixtures/boutique/src/shop/pages/layout.ts'
import type { Services } from '../../fixtures/boutique/src/shop/storefront.ts'

export const NOW = new Date('2026-06-15T12:00:00Z')

export const CARD: CreditCard = { number: '4432-8015-6152-0454', cvv: '672', expirationMonth: 1, expirationYear: 2027 }

export const SHOP: ShopConfig = {
  title: 'Heddle',
  tagline: 'Everyday things, well made',
  currencies: ['USD', 'EUR', 'JPY'],
  demoCheckout: true,
}

export interface LogLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error'
  readonly message: string
  readonly fields: Readonly<Record<string, unknown>>
}

export function rememberingLog() {
  const lines: LogLine[] = []
  const at =
    (level: LogLine['level']) =>
    (message: string, fields: Readonly<Record<string, unknown>> = {}) => {
      lines.push({ level, message, fields })
    }
  return { lines, debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
}

/** The real components, wired with `new`. `calls` lists every call that the front of the shop makes. */
export function wholeShop(replace: Partial<Services> & { payment?: Payment } = {}) {
  const log = rememberingLog()
  const now = () => NOW
  const half = () => 0.5
  const { payment = new CardPayment(log, now), ...replaced } = replace
  const cart = replaced.cart ?? new CartStore(new LruCartCache({ cartsMax: 100 }))
  const catalog = replaced.catalog ?? new PrintedCatalog()
  const currency = replaced.currency ?? new ReferenceCurrency()
  const shipping = replaced.shipping ?? new FlatRateShipping(log, half)
  const services: Services = {
    ads: new HouseAds(half),
    cart,
    catalog,
    currency,
    shipping,
    checkout: new CheckoutDesk(cart, catalog, currency, new LoggedEmail(log), payment, shipping, log, now),
    recommendations: new CatalogRecommendations(catalog, half),
    ...replaced,
  }
  const calls: string[] = []
  const counted = Object.fromEntries(
    Object.entries(services).map(([name, component]) => [
      name,
      counting(component, (method) => calls.push(`${name}.${method}`)),
    ]),
  ) as unknown as Services
  return { services: counted, calls, log, now }
}

function counting<T extends object>(component: T, called: (method: string) => void): T {
  return new Proxy(component, {
    get: (target, name) => {
      const method: unknown = Reflect.get(target, name)
      if (typeof method !== 'function') return method
      return (...args: unknown[]): unknown => {
        called(String(name))
        return Reflect.apply(method, target, args)
      }
    },
  })
}
