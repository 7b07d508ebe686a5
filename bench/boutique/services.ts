/**
 * The boutique's components as services for the variants that aren't ours: the fixture's own classes, made with clients where the components
 * have stubs. So every variant runs the same business logic, and only what is between the services differs.
 */
import { HouseAds } from '../../fixtures/boutique/src/ads/house-ads.ts'
import { InvalidQuantity } from '../../fixtures/boutique/src/cart/cart.ts'
import { CartStore } from '../../fixtures/boutique/src/cart/cart-store.ts'
import { LruCartCache } from '../../fixtures/boutique/src/cart/lru-cart-cache.ts'
import { ProductNotFound } from '../../fixtures/boutique/src/catalog/catalog.ts'
import { PrintedCatalog } from '../../fixtures/boutique/src/catalog/printed-catalog.ts'
import { CartEmpty, OrderNotShipped } from '../../fixtures/boutique/src/checkout/checkout.ts'
import { CheckoutDesk } from '../../fixtures/boutique/src/checkout/checkout-desk.ts'
import { UnknownCurrency } from '../../fixtures/boutique/src/currency/currency.ts'
import { ReferenceCurrency } from '../../fixtures/boutique/src/currency/reference-currency.ts'
import { LoggedEmail } from '../../fixtures/boutique/src/email/logged-email.ts'
import { CardPayment } from '../../fixtures/boutique/src/payment/card-payment.ts'
import {
  CardExpired,
  InvalidCardNumber,
  InvalidSecurityCode,
  UnacceptedCard,
} from '../../fixtures/boutique/src/payment/payment.ts'
import { CatalogRecommendations } from '../../fixtures/boutique/src/recommendations/catalog-recommendations.ts'
import { FlatRateShipping } from '../../fixtures/boutique/src/shipping/flat-rate-shipping.ts'
import type { Services } from '../../fixtures/boutique/src/shop/storefront.ts'

/** What the classes want of a logger. */
type Log = ConstructorParameters<typeof LoggedEmail>[0]

export type Implementation = Record<string, (...args: never[]) => Promise<unknown>>

// biome-ignore lint/suspicious/noExplicitAny: a client is made for each by name, and has its interface.
type Clients = Record<string, any>

interface Service {
  methods: readonly string[]
  dependencies: readonly string[]
  make(clients: Clients, log: Log): object
}

export const SERVICES: Readonly<Record<string, Service>> = {
  ads: { methods: ['ads'], dependencies: [], make: () => new HouseAds() },
  cart: {
    methods: ['items', 'add', 'empty'],
    dependencies: ['cartCache'],
    make: ({ cartCache }) => new CartStore(cartCache),
  },
  cartCache: {
    methods: ['add', 'get', 'remove'],
    dependencies: [],
    make: () => new LruCartCache({ cartsMax: 100_000 } as ConstructorParameters<typeof LruCartCache>[0]),
  },
  catalog: { methods: ['list', 'get', 'search'], dependencies: [], make: () => new PrintedCatalog() },
  checkout: {
    methods: ['placeOrder'],
    dependencies: ['cart', 'catalog', 'currency', 'email', 'payment', 'shipping'],
    make: ({ cart, catalog, currency, email, payment, shipping }, log) =>
      new CheckoutDesk(cart, catalog, currency, email, payment, shipping, log),
  },
  currency: { methods: ['supported', 'convert'], dependencies: [], make: () => new ReferenceCurrency() },
  email: { methods: ['sendConfirmation'], dependencies: [], make: (_, log) => new LoggedEmail(log) },
  payment: { methods: ['charge'], dependencies: [], make: (_, log) => new CardPayment(log) },
  recommendations: {
    methods: ['recommend'],
    dependencies: ['catalog'],
    make: ({ catalog }) => new CatalogRecommendations(catalog),
  },
  shipping: { methods: ['quote', 'ship'], dependencies: [], make: (_, log) => new FlatRateShipping(log) },
}

/** What the front calls. */
export const FRONT: readonly (keyof Services)[] = [
  'ads',
  'cart',
  'catalog',
  'checkout',
  'currency',
  'recommendations',
  'shipping',
]

/** One JSON line on stderr, as the components' own logger writes them. */
export function logOf(component: string): Log {
  const write = (level: string) => (message: string, fields?: object) => {
    process.stderr.write(
      `${JSON.stringify({ time: new Date().toISOString(), level, message, component, ...(fields && { fields }) })}\n`,
    )
  }
  return { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') }
}

const ERRORS = new Map<string, { prototype: Error }>(
  Object.entries({
    CardExpired,
    CartEmpty,
    InvalidCardNumber,
    InvalidQuantity,
    InvalidSecurityCode,
    OrderNotShipped,
    ProductNotFound,
    UnacceptedCard,
    UnknownCurrency,
  }),
)

/** An error as data, for transports that know none of our classes. */
export interface ErrorData {
  name: string
  message: string
  fields: Record<string, unknown>
}

export function errorData(error: unknown): ErrorData {
  if (!(error instanceof Error)) return { name: 'Error', message: String(error), fields: {} }
  return { name: error.name, message: error.message, fields: { ...error } }
}

export function errorFrom({ name, message, fields }: ErrorData): Error {
  const known = ERRORS.get(name)
  if (known === undefined) return new Error(message)
  const error: Error = Object.create(known.prototype)
  return Object.assign(error, { message, stack: `${name}: ${message}` }, fields)
}
