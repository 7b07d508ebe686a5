/**
 * Between the boutique's calls and the messages of shop.proto, as a team writes it by hand: for each method, arguments to the request and
 * back, the result to the reply and back. Messages are used as they are decoded wherever they have what the shop reads.
 */
import protobuf from 'protobufjs'
import proto from './shop.proto'

// 64-bit integers as numbers: amounts are safe integers, and Long objects cost more.
protobuf.util.Long = undefined
protobuf.configure()

export const { root } = protobuf.parse(proto, { keepCase: true })

const itself = (value) => value
const nothing = () => ({})
const user = { request: (userId) => ({ userId }), args: ({ userId }) => [userId] }
const addItem = { request: (userId, item) => ({ userId, item }), args: ({ userId, item }) => [userId, item] }
const none = { request: nothing, args: () => [] }
const empty = { reply: nothing, result: () => undefined }
const products = { reply: (list) => ({ products: list }), result: ({ products: list }) => list }
const parcel = {
  request: (items, address) => ({ items, address }),
  args: ({ items, address }) => [items, address ?? undefined],
}
const same = { reply: itself, result: itself }

const orderMessage = (order) => {
  const ms = order.placedAt.getTime()
  return { ...order, placedAt: { seconds: Math.floor(ms / 1000), nanos: (ms % 1000) * 1e6 } }
}
const orderFrom = ({ id, placedAt, transactionId, trackingId, lines, shippingCost, shippingAddress, total }) => ({
  id,
  placedAt: new Date(placedAt.seconds * 1000 + placedAt.nanos / 1e6),
  transactionId,
  trackingId,
  lines,
  shippingCost,
  shippingAddress,
  total,
})

/** Service → method → how its call crosses. */
export const MESSAGES = {
  ads: {
    ads: {
      request: (keywords) => ({ keywords }),
      args: ({ keywords }) => [keywords],
      reply: (ads) => ({ ads }),
      result: ({ ads }) => ads,
    },
  },
  cart: {
    items: { ...user, reply: (items) => ({ items }), result: ({ items }) => items },
    add: { ...addItem, ...empty },
    empty: { ...user, ...empty },
  },
  cartCache: {
    add: { ...addItem, reply: (items) => ({ found: true, items }), result: ({ items }) => items },
    get: {
      ...user,
      reply: (items) => (items === undefined ? { found: false } : { found: true, items }),
      result: ({ found, items }) => (found ? items : undefined),
    },
    remove: { ...user, reply: (removed) => ({ removed }), result: ({ removed }) => removed },
  },
  catalog: {
    list: { ...none, ...products },
    get: { request: (productId) => ({ productId }), args: ({ productId }) => [productId], ...same },
    search: { request: (query) => ({ query }), args: ({ query }) => [query], ...products },
  },
  checkout: {
    placeOrder: { request: itself, args: (request) => [request], reply: orderMessage, result: orderFrom },
  },
  currency: {
    supported: { ...none, reply: (codes) => ({ codes }), result: ({ codes }) => codes },
    convert: {
      request: (amount, currencyCode) => ({ amount, currencyCode }),
      args: ({ amount, currencyCode }) => [amount, currencyCode],
      ...same,
    },
  },
  email: {
    sendConfirmation: {
      request: (recipient, order) => ({ recipient, order: orderMessage(order) }),
      args: ({ recipient, order }) => [recipient, orderFrom(order)],
      ...empty,
    },
  },
  payment: {
    charge: {
      request: (amount, card) => ({ amount, card }),
      args: ({ amount, card }) => [amount, card],
      reply: (transactionId) => ({ transactionId }),
      result: ({ transactionId }) => transactionId,
    },
  },
  recommendations: {
    recommend: {
      request: (userId, productIds) => ({ userId, productIds }),
      args: ({ userId, productIds }) => [userId, productIds],
      reply: (productIds) => ({ productIds }),
      result: ({ productIds }) => productIds,
    },
  },
  shipping: {
    quote: { ...parcel, ...same },
    ship: { ...parcel, reply: (trackingId) => ({ trackingId }), result: ({ trackingId }) => trackingId },
  },
}
