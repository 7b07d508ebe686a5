/**
 * The component that benches call, as the transformer describes and generates it: `tiny` (a product id in, a price out), `order` (a
 * request and reply of about half a kilobyte as JSON), `list` (nine products, about 3.6 KB as JSON), `users` (a hundred with nested members,
 * about 40 KB as JSON and half of that as bytes), `large` (text of the length that is asked for), `held` (never answered), `work` (keeps its
 * process busy for so long).
 */
import type { AppDescriptor } from '../runtime/boundary.ts'
import type { Shape } from '../runtime/shape.ts'
import type { AppModel, Component, Method } from '../transformer/model.ts'
import { descriptorOf } from './descriptor.ts'

export const CATALOG = 'src/catalog.Catalog'

export interface Money {
  currencyCode: string
  units: number
  nanos: number
}

export interface Order {
  userId: string
  email: string
  currencyCode: string
  address: { street: string; city: string; state: string; country: string; zipCode: number }
  card: { number: string; cvv: number; year: number; month: number }
  lines: { productId: string; quantity: number }[]
}

export interface Receipt {
  orderId: string
  trackingId: string
  shipping: Money
  address: Order['address']
  lines: { productId: string; quantity: number; cost: Money }[]
}

export interface Product {
  id: string
  name: string
  description: string
  picture: string
  price: Money
  categories: string[]
}

export interface User {
  id: number
  name: string
  email: string
  score: number
  active: boolean
  tags: string[]
  address: Order['address']
  friends: { id: number; name: string }[]
}

export interface Catalog {
  held(): Promise<void>
  large(bytes: number): Promise<string>
  list(): Promise<Product[]>
  order(order: Order): Promise<Receipt>
  tiny(id: string): Promise<number>
  users(): Promise<User[]>
  work(microseconds: number): Promise<void>
}

const address = {
  street: '1600 Amphitheatre Parkway',
  city: 'Mountain View',
  state: 'CA',
  country: 'United States',
  zipCode: 94043,
}

export const ORDER: Order = {
  userId: 'c4f1a8e2-6e0e-4b57-9f0a-5b8c2d7e9a11',
  email: 'someone@example.com',
  currencyCode: 'USD',
  address,
  card: { number: '4432801561520454', cvv: 672, year: 2039, month: 1 },
  lines: [
    { productId: 'OLJCESPC7Z', quantity: 2 },
    { productId: '66VCHSJNUP', quantity: 1 },
    { productId: '1YMWWN1N4O', quantity: 3 },
  ],
}

export const RECEIPT: Receipt = {
  orderId: '3f1c7a52-9d0e-4c3b-8a57-0d6b1f2e4c99',
  trackingId: 'NU-26109-210843217',
  shipping: { currencyCode: 'USD', units: 8, nanos: 990_000_000 },
  address,
  lines: ORDER.lines.map((line) => ({ ...line, cost: { currencyCode: 'USD', units: 19, nanos: 990_000_000 } })),
}

export const PRODUCTS: Product[] = Array.from({ length: 9 }, (_, index) => ({
  id: `PRODUCT${index}XYZ`,
  name: `A product with number ${index}`,
  description:
    'Add a modern touch to your outfits with these, which are made to last and to be looked at; in several colours. '.repeat(
      2,
    ),
  picture: `/static/img/products/product-${index}.jpg`,
  price: { currencyCode: 'USD', units: 10 + index, nanos: 990_000_000 },
  categories: ['accessories', 'home'],
}))

export const USERS: User[] = Array.from({ length: 100 }, (_, at) => ({
  id: at,
  name: `User Number ${at}`,
  email: `user${at}@example.com`,
  score: at * 1.37,
  active: at % 2 === 0,
  tags: ['alpha', 'beta', 'gamma'],
  address,
  friends: Array.from({ length: 4 }, (_, friend) => ({ id: at * 4 + friend, name: `Friend ${friend} of ${at}` })),
}))

export class BenchCatalog implements Catalog {
  readonly #held = Promise.withResolvers<void>()
  #large = ''

  held(): Promise<void> {
    return this.#held.promise
  }

  async large(bytes: number): Promise<string> {
    if (this.#large.length !== bytes) this.#large = 'x'.repeat(bytes)
    return this.#large
  }

  async list(): Promise<Product[]> {
    return PRODUCTS
  }

  async order(_order: Order): Promise<Receipt> {
    return RECEIPT
  }

  async tiny(id: string): Promise<number> {
    return id.length
  }

  async users(): Promise<User[]> {
    return USERS
  }

  async work(microseconds: number): Promise<void> {
    for (const end = performance.now() + microseconds / 1_000; performance.now() < end; );
  }
}

const STRING: Shape = { kind: 'string' }
const NUMBER: Shape = { kind: 'number' }
const BOOLEAN: Shape = { kind: 'boolean' }
const ref = (name: string): Shape => ({ kind: 'ref', name })
const array = (of: Shape): Shape => ({ kind: 'array', of })

function object(members: Record<string, Shape>): Shape {
  const names = Object.keys(members).sort()
  return { kind: 'object', members: names.map((name) => ({ name, shape: members[name]! })) }
}

function method(name: string, parameters: Record<string, Shape>, result: Shape): Method {
  const list = Object.entries(parameters).map(([parameter, shape]) => ({
    name: parameter,
    shape,
    optional: false,
    rest: false,
  }))
  return { name, parameters: list, result, idempotent: false, timeoutMs: undefined, key: undefined, hash: name }
}

const nowhere = { file: 'src/catalog.ts', start: 0, end: 0 }
const component: Component = {
  name: CATALOG,
  shortName: 'Catalog',
  declaration: nowhere,
  methods: [
    method('held', {}, { kind: 'undefined' }),
    method('large', { bytes: NUMBER }, STRING),
    method('list', {}, array(ref('Product'))),
    method('order', { order: ref('Order') }, ref('Receipt')),
    method('tiny', { id: STRING }, NUMBER),
    method('users', {}, array(ref('User'))),
    method('work', { microseconds: NUMBER }, { kind: 'undefined' }),
  ],
  implementation: undefined,
  provided: true,
  broken: undefined,
}
const line = object({ productId: STRING, quantity: NUMBER })
const model: AppModel = {
  components: [component],
  apps: [],
  codecs: [],
  errors: [],
  rewrites: [],
  definitions: {
    Address: object({ street: STRING, city: STRING, state: STRING, country: STRING, zipCode: NUMBER }),
    Money: object({ currencyCode: STRING, units: NUMBER, nanos: NUMBER }),
    Order: object({
      userId: STRING,
      email: STRING,
      currencyCode: STRING,
      address: ref('Address'),
      card: object({ number: STRING, cvv: NUMBER, year: NUMBER, month: NUMBER }),
      lines: array(line),
    }),
    Product: object({
      id: STRING,
      name: STRING,
      description: STRING,
      picture: STRING,
      price: ref('Money'),
      categories: array(STRING),
    }),
    Receipt: object({
      orderId: STRING,
      trackingId: STRING,
      shipping: ref('Money'),
      address: ref('Address'),
      lines: array(object({ productId: STRING, quantity: NUMBER, cost: ref('Money') })),
    }),
    User: object({
      id: NUMBER,
      name: STRING,
      email: STRING,
      score: NUMBER,
      active: BOOLEAN,
      tags: array(STRING),
      address: ref('Address'),
      friends: array(object({ id: NUMBER, name: STRING })),
    }),
  },
}

export const catalogDescriptor = (): Promise<AppDescriptor> => descriptorOf(model, BenchCatalog)
