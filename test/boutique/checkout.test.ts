import { describe, expect, test } from 'vitest'
import type { CartItem } from '../../fixtures/boutique/src/cart/cart.ts'
import { PrintedCatalog } from '../../fixtures/boutique/src/catalog/printed-catalog.ts'
import type { OrderRequest } from '../../fixtures/boutique/src/checkout/checkout.ts'
import { CheckoutDesk } from '../../fixtures/boutique/src/checkout/checkout-desk.ts'
import { ReferenceCurrency } from '../../fixtures/boutique/src/currency/reference-currency.ts'
import { confirmation } from '../../fixtures/boutique/src/email/confirmation.ts'
import { format, type Money, money, multiply, sum } from '../../fixtures/boutique/src/money.ts'
import { InvalidCardNumber } from '../../fixtures/boutique/src/payment/payment.ts'
import { CARD, NOW, rememberingLog } from './fakes.ts'

const REQUEST: OrderRequest = {
  userId: 'ann',
  currencyCode: 'EUR',
  email: 'ann@example.com',
  address: {
    streetAddress: '12 Spindle Lane',
    zipCode: '94043',
    city: 'Mountain View',
    state: 'CA',
    country: 'United States',
  },
  card: CARD,
}

/** A desk among fakes that write down what happened, in order; `fail` names what doesn't work. */
function desk({
  fail = {},
  items = [{ productId: '6E92ZMYYFZ', quantity: 3 }],
}: {
  fail?: Record<string, Error>
  items?: CartItem[]
} = {}) {
  const happened: string[] = []
  const charges: Money[] = []
  const happen = async (what: string) => {
    happened.push(what)
    if (fail[what] !== undefined) throw fail[what]
  }
  const log = rememberingLog()
  const checkout = new CheckoutDesk(
    { items: async () => items, add: () => happen('add'), empty: () => happen('empty') },
    new PrintedCatalog(),
    new ReferenceCurrency(),
    { sendConfirmation: () => happen('email') },
    {
      charge: async (amount) => {
        await happen('charge')
        charges.push(amount)
        return 'transaction-1'
      },
    },
    { quote: async () => money('USD', 8, 990_000_000), ship: async () => happen('ship').then(() => 'HD-1') },
    log,
    () => NOW,
  )
  return { checkout, happened, charges, log }
}

describe('an order', () => {
  test('charges the sum of its lines and the shipping, in the customer’s currency', async () => {
    const items = [
      { productId: '6E92ZMYYFZ', quantity: 3 },
      { productId: '9SIQT8TOJO', quantity: 1 },
    ]
    const { checkout, charges } = desk({ items })
    const order = await checkout.placeOrder(REQUEST)
    for (const line of order.lines) expect(line.cost).toEqual(multiply(line.unitPrice, line.quantity))
    const total = sum('EUR', [...order.lines.map((line) => line.cost), order.shippingCost])
    expect([order.total, ...charges]).toEqual([total, total])
    expect(format(total)).toBe('€64.33')
    expect(order).toMatchObject({ transactionId: 'transaction-1', trackingId: 'HD-1', placedAt: NOW })
  })

  test('charges, then empties the cart, ships and writes', async () => {
    const { checkout, happened } = desk()
    await checkout.placeOrder(REQUEST)
    expect(happened).toEqual(['charge', 'empty', 'ship', 'email'])
  })

  test('of nothing is refused before anything happens', async () => {
    const { checkout, happened } = desk({ items: [] })
    await expect(checkout.placeOrder(REQUEST)).rejects.toMatchObject({ name: 'CartEmpty' })
    expect(happened).toEqual([])
  })

  test('of something that can’t be priced is refused before anything happens', async () => {
    const { checkout, happened } = desk({ items: [{ productId: 'NOPE', quantity: 1 }] })
    await expect(checkout.placeOrder(REQUEST)).rejects.toMatchObject({ name: 'ProductNotFound' })
    await expect(desk().checkout.placeOrder({ ...REQUEST, currencyCode: 'XXX' })).rejects.toMatchObject({
      name: 'UnknownCurrency',
    })
    expect(happened).toEqual([])
  })

  test('keeps the cart when the card is declined', async () => {
    const { checkout, happened } = desk({ fail: { charge: new InvalidCardNumber() } })
    await expect(checkout.placeOrder(REQUEST)).rejects.toBeInstanceOf(InvalidCardNumber)
    expect(happened).toEqual(['charge'])
  })

  test('that is paid but can’t be shipped says so, with its transaction and its cause', async () => {
    const strike = new Error('the carrier is on strike')
    const { checkout, happened } = desk({ fail: { ship: strike } })
    await expect(checkout.placeOrder(REQUEST)).rejects.toMatchObject({
      name: 'OrderNotShipped',
      transactionId: 'transaction-1',
      cause: strike,
    })
    expect(happened).toEqual(['charge', 'empty', 'ship'])
  })

  test.each(['empty', 'email'])('stands when the step "%s" fails', async (step) => {
    const { checkout, log } = desk({ fail: { [step]: new Error('not now') } })
    expect(await checkout.placeOrder(REQUEST)).toMatchObject({ trackingId: 'HD-1' })
    expect(log.lines).toHaveLength(1)
  })
})

test('the confirmation says what was bought and where it goes', async () => {
  const order = await desk().checkout.placeOrder(REQUEST)
  const message = confirmation(order)
  expect(message.subject).toBe(`Your order ${order.id}`)
  expect(message.body).toContain('3 × Morning Mug  €44.28')
  expect(message.body).toContain('94043 Mountain View, CA')
})
