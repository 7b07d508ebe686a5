/** The messages of the benches of codecs and copiers: their shapes, and values in two kinds of text, ASCII and with characters beyond Latin-1. */
import type { Definitions, Shape } from '../runtime/shape.ts'

const STRING: Shape = { kind: 'string' }
const NUMBER: Shape = { kind: 'number' }
const ref = (name: string): Shape => ({ kind: 'ref', name })
const list = (of: Shape): Shape => ({ kind: 'array', of })
const object = (members: Record<string, Shape>): Shape => ({
  kind: 'object',
  members: Object.keys(members)
    .sort()
    .map((name) => ({ name, shape: members[name]! })),
})

export const definitions: Definitions = {
  Money: object({ currencyCode: STRING, units: NUMBER, nanos: NUMBER }),
  Address: object({ street: STRING, city: STRING, state: STRING, country: STRING, zip: NUMBER }),
  Item: object({ productId: STRING, quantity: NUMBER, price: ref('Money') }),
  Order: object({
    userId: STRING,
    email: STRING,
    currency: STRING,
    address: ref('Address'),
    items: list(ref('Item')),
    paid: { kind: 'boolean' },
  }),
  Product: object({
    id: STRING,
    name: STRING,
    description: STRING,
    picture: STRING,
    price: ref('Money'),
    categories: list(STRING),
  }),
  Friend: object({ id: NUMBER, name: STRING }),
  User: object({
    id: NUMBER,
    name: STRING,
    email: STRING,
    score: NUMBER,
    active: { kind: 'boolean' },
    tags: list(STRING),
    address: ref('Address'),
    friends: list(ref('Friend')),
  }),
}

/** Members that peers with typed numbers have as doubles; all others as integers of 32 bits, which is best for them. */
export const DOUBLES: ReadonlySet<string> = new Set(['score'])

interface Words {
  id: string
  street: string
  city: string
  country: string
  name: (at: number) => string
  lens: string
  description: string
  tags: string[]
}

const ASCII: Words = {
  id: 'OLJCESPC7Z',
  street: '1600 Amphitheatre Parkway',
  city: 'Mountain View',
  country: 'United States',
  name: (at) => `User Number ${at}`,
  lens: 'Vintage Camera Lens',
  description: "You won't have a camera to use it and it probably doesn't work anyway, but it looks good on a shelf. ",
  tags: ['alpha', 'beta', 'gamma'],
}

const BEYOND: Words = {
  id: 'ŁÓDŹ-7Z',
  street: 'Überseeallee 1 – Häuserblock „Süd“',
  city: '東京都',
  country: 'Česká republika',
  name: (at) => `Jürgen Łukasz ${at}`,
  lens: 'Vintage-Objektiv – 日本製',
  description:
    'You won’t have a camera to use it – and it probably doesn’t work anyway; but it looks “good” on a shelf… ',
  tags: ['größe', 'βήτα', 'gamma'],
}

const money = (units: number) => ({ currencyCode: 'USD', units, nanos: 990_000_000 })

const addressOf = (words: Words) => ({
  street: words.street,
  city: words.city,
  state: 'CA',
  country: words.country,
  zip: 94_043,
})

const orderOf = (words: Words) => ({
  userId: '5f2b9d0e-6a1c-4b57-9f3e-0c8d7a6b5e4f',
  email: 'someone@example.com',
  currency: 'EUR',
  address: addressOf(words),
  items: ['OLJCESPC7Z', '66VCHSJNUP', '1YMWWN1N4O'].map((productId, at) => ({
    productId,
    quantity: at + 1,
    price: money(19 + at),
  })),
  paid: false,
})

const productOf = (words: Words, at: number) => ({
  id: `PRODUCT-${at}`,
  name: `${words.lens} ${at}`,
  description: words.description.repeat(1 + (at % 3)),
  picture: `/static/img/products/camera-lens-${at}.jpg`,
  price: money(12 + at),
  categories: ['photography', 'vintage'],
})

const userOf = (words: Words, at: number) => ({
  id: at,
  name: words.name(at),
  email: `user${at}@example.com`,
  score: at * 1.37,
  active: at % 2 === 0,
  tags: words.tags,
  address: addressOf(words),
  friends: Array.from({ length: 4 }, (_, friend) => ({ id: at * 4 + friend, name: `Friend ${friend} of ${at}` })),
})

export interface Message {
  readonly name: string
  readonly shape: Shape
  readonly value: unknown
}

const messagesOf = (kind: string, words: Words): Message[] => [
  { name: `tiny${kind}`, shape: STRING, value: words.id },
  { name: `order${kind}`, shape: ref('Order'), value: orderOf(words) },
  {
    name: `list${kind}`,
    shape: list(ref('Product')),
    value: Array.from({ length: 9 }, (_, at) => productOf(words, at)),
  },
  { name: `users${kind}`, shape: list(ref('User')), value: Array.from({ length: 100 }, (_, at) => userOf(words, at)) },
]

/** Read anew from JSON, as values come from outside: strings of one piece, objects of one form. */
export const messages: Message[] = [...messagesOf('', ASCII), ...messagesOf(', beyond', BEYOND)].map((message) => ({
  ...message,
  value: JSON.parse(JSON.stringify(message.value)),
}))
