import { describe, expect, test } from 'vitest'
import { HouseAds } from '../../fixtures/boutique/src/ads/house-ads.ts'
import { CartStore } from '../../fixtures/boutique/src/cart/cart-store.ts'
import { Lru } from '../../fixtures/boutique/src/cart/lru.ts'
import { LruCartCache } from '../../fixtures/boutique/src/cart/lru-cart-cache.ts'
import { PrintedCatalog } from '../../fixtures/boutique/src/catalog/printed-catalog.ts'
import { ReferenceCurrency } from '../../fixtures/boutique/src/currency/reference-currency.ts'
import { money } from '../../fixtures/boutique/src/money.ts'
import { cardScheme, isCardNumber } from '../../fixtures/boutique/src/payment/card-number.ts'
import { CardPayment } from '../../fixtures/boutique/src/payment/card-payment.ts'
import { CatalogRecommendations } from '../../fixtures/boutique/src/recommendations/catalog-recommendations.ts'
import { FlatRateShipping } from '../../fixtures/boutique/src/shipping/flat-rate-shipping.ts'
import { CARD, NOW, rememberingLog } from './fakes.ts'

describe('ads', () => {
  test('are about the keywords when there are any, and two in any case', async () => {
    const ads = new HouseAds(() => 0)
    expect((await ads.ads(['footwear']))[0]?.href).toBe('/product/L9ECAV7KIM')
    for (const keywords of [[], ['kitchen', 'home'], ['__proto__'], ['nothing like it']]) {
      expect(await ads.ads(keywords)).toHaveLength(2)
    }
  })

  test('lead to products that exist', async () => {
    const catalog = new PrintedCatalog()
    for (let step = 0; step < 1; step += 0.05) {
      for (const { href } of await new HouseAds(() => step).ads([])) await catalog.get(href.replace('/product/', ''))
    }
  })
})

describe('cart', () => {
  const cart = () => new CartStore(new LruCartCache({ cartsMax: 10 }))

  test('keeps one line a product, in the order of arrival, for each user', async () => {
    const store = cart()
    await store.add('ann', { productId: 'mug', quantity: 2 })
    await store.add('ann', { productId: 'jar', quantity: 1 })
    await store.add('ann', { productId: 'mug', quantity: 3 })
    expect(await store.items('ann')).toEqual([
      { productId: 'mug', quantity: 5 },
      { productId: 'jar', quantity: 1 },
    ])
    expect(await store.items('bob')).toEqual([])
    await store.empty('ann')
    expect(await store.items('ann')).toEqual([])
  })

  test('loses nothing when items are added at once', async () => {
    const cache = new LruCartCache({ cartsMax: 10 })
    const replicas = [new CartStore(cache), new CartStore(cache)] as const
    await Promise.all(
      Array.from({ length: 20 }, (_, index) => replicas[index % 2]!.add('ann', { productId: `${index}`, quantity: 1 })),
    )
    expect(await replicas[0].items('ann')).toHaveLength(20)
  })

  test.each([0, -1, 11, 1.5, Number.NaN])('refuses a quantity of %d', async (quantity) => {
    const store = cart()
    await expect(store.add('ann', { productId: 'mug', quantity })).rejects.toMatchObject({
      name: 'InvalidQuantity',
      quantity,
    })
    expect(await store.items('ann')).toEqual([])
  })
})

describe('least recently used', () => {
  test('goes first; reading is using', () => {
    const lru = new Lru<string, number>(2)
    lru.set('a', 1)
    lru.set('b', 2)
    expect(lru.get('a')).toBe(1)
    lru.set('c', 3)
    expect([lru.get('a'), lru.get('b'), lru.get('c'), lru.size]).toEqual([1, undefined, 3, 2])
  })

  test('writing an entry anew forgets no other', () => {
    const lru = new Lru<string, number>(2)
    lru.set('a', 1)
    lru.set('b', 2)
    lru.set('a', 3)
    expect([lru.get('a'), lru.get('b')]).toEqual([3, 2])
    expect(lru.delete('a')).toBe(true)
    expect(lru.delete('a')).toBe(false)
  })

  test.each([0, -1, 1.5])('has no size of %d', (size) => {
    expect(() => new Lru(size)).toThrow(RangeError)
  })
})

describe('catalog', () => {
  const catalog = new PrintedCatalog()

  test('has the nine products that clients know', async () => {
    expect((await catalog.list()).map((product) => product.id)).toEqual(
      'OLJCESPC7Z 66VCHSJNUP 1YMWWN1N4O L9ECAV7KIM 2ZYFJ3GM2N 0PUK6V6EV0 LS4PSXUNUM 9SIQT8TOJO 6E92ZMYYFZ'.split(' '),
    )
  })

  test.each(['NOPE', '', '__proto__', 'oljcespc7z'])('has no product %j', async (productId) => {
    await expect(catalog.get(productId)).rejects.toMatchObject({ name: 'ProductNotFound', productId })
  })

  test('search finds every word, in any order and case', async () => {
    const names = async (query: string) => (await catalog.search(query)).map((product) => product.name)
    expect(await names('GLASS jar')).toEqual(['Pantry Bamboo Glass Jar'])
    expect(await names('kitchen')).toHaveLength(3)
    expect(await names('glass loafers')).toEqual([])
    expect(await names('  ')).toEqual([])
  })
})

describe('currency', () => {
  const currency = new ReferenceCurrency()

  test('knows 33 currencies', async () => {
    const codes = await currency.supported()
    expect(new Set(codes).size).toBe(33)
    expect(codes).toEqual(expect.arrayContaining(['USD', 'EUR', 'CAD', 'JPY', 'GBP', 'TRY']))
  })

  test('converts to amounts that can be paid', async () => {
    expect(await currency.convert(money('EUR', 100), 'USD')).toEqual(money('USD', 108, 420_000_000))
    expect(await currency.convert(money('USD', 12, 750_000_000), 'USD')).toEqual(money('USD', 12, 750_000_000))
    expect((await currency.convert(money('USD', 12, 750_000_000), 'JPY')).nanos).toBe(0)
  })

  test.each(['XXX', '', 'usd', 'constructor'])('has no rate for %j', async (currencyCode) => {
    await expect(currency.convert(money('EUR', 1), currencyCode)).rejects.toMatchObject({
      name: 'UnknownCurrency',
      currencyCode,
    })
  })
})

describe('payment', () => {
  const payment = new CardPayment(rememberingLog(), () => NOW)
  const amount = money('USD', 10)

  test.each(['4432-8015-6152-0454', '4432 8015 6152 0454', '5555555555554444', '2223003122003222'])(
    'charges %s',
    async (number) => {
      expect(await payment.charge(amount, { ...CARD, number })).toMatch(/^[\da-f-]{36}$/)
    },
  )

  test('a card is good to the end of its month', async () => {
    await payment.charge(amount, { ...CARD, expirationMonth: 6, expirationYear: 2026 })
    await expect(payment.charge(amount, { ...CARD, expirationMonth: 5, expirationYear: 2026 })).rejects.toMatchObject({
      name: 'CardExpired',
      field: 'expiration',
      lastFour: '0454',
      message: 'The card that ends in 0454 expired in 5/2026.',
    })
    await expect(payment.charge(amount, { ...CARD, expirationMonth: 12, expirationYear: 2025 })).rejects.toThrow(
      'expired',
    )
  })

  test.each([
    ['4432-8015-6152-0455', 'InvalidCardNumber', 'number'],
    ['', 'InvalidCardNumber', 'number'],
    ['378282246310005', 'UnacceptedCard', 'number'],
    ['6011111111111117', 'UnacceptedCard', 'number'],
  ])('refuses the number %j: %s', async (number, name, field) => {
    await expect(payment.charge(amount, { ...CARD, number })).rejects.toMatchObject({ name, field })
  })

  test.each(['', '12', '1234', 'abc', '67２'])('refuses the security code %j', async (cvv) => {
    await expect(payment.charge(amount, { ...CARD, cvv })).rejects.toMatchObject({
      name: 'InvalidSecurityCode',
      field: 'cvv',
    })
  })

  test('says which scheme it doesn’t take', async () => {
    await expect(payment.charge(amount, { ...CARD, number: '378282246310005' })).rejects.toThrow(
      'We accept Visa and Mastercard, not American Express.',
    )
  })

  test('logs what it charged, and of the card no more than four digits', async () => {
    const log = rememberingLog()
    await new CardPayment(log, () => NOW).charge(amount, CARD)
    expect(log.lines).toEqual([
      {
        level: 'info',
        message: 'card charged',
        fields: { transactionId: expect.any(String), amount: '$10.00', scheme: 'Visa', lastFour: '0454' },
      },
    ])
  })

  test('knows the edges of Mastercard’s second range', () => {
    const ranges = ['2220', '2221', '2720', '2721', '50', '51', '55', '56'].map((first) =>
      cardScheme(first.padEnd(16, '0')),
    )
    expect(ranges).toEqual([
      undefined,
      'Mastercard',
      'Mastercard',
      undefined,
      undefined,
      'Mastercard',
      'Mastercard',
      undefined,
    ])
  })

  test('a card number has a checksum that a slip of one digit breaks', () => {
    const number = '4432801561520454'
    for (let place = 0; place < number.length; place++) {
      const slipped = number.slice(0, place) + ((Number(number[place]) + 1) % 10) + number.slice(place + 1)
      expect(isCardNumber(slipped)).toBe(false)
    }
  })
})

describe('recommendations', () => {
  test.each([0, 0.3, 0.7, 0.999])(
    'are five different ones that the user doesn’t look at (random %d)',
    async (random) => {
      const catalog = new PrintedCatalog()
      const ids = await new CatalogRecommendations(catalog, () => random).recommend('ann', ['6E92ZMYYFZ'])
      expect(new Set(ids).size).toBe(5)
      expect(ids).not.toContain('6E92ZMYYFZ')
    },
  )

  test('are fewer when there is less', async () => {
    const catalog = new PrintedCatalog()
    const all = (await catalog.list()).map((product) => product.id)
    expect(await new CatalogRecommendations(catalog).recommend('ann', all.slice(0, 7))).toHaveLength(2)
  })
})

describe('shipping', () => {
  const shipping = new FlatRateShipping(rememberingLog(), () => 0.0425)

  test('costs one rate, and nothing for nothing', async () => {
    expect(await shipping.quote([{ productId: 'mug', quantity: 9 }])).toEqual(money('USD', 8, 990_000_000))
    expect(await shipping.quote([])).toEqual(money('USD', 0))
  })

  test('gives a tracking id', async () => {
    const address = { streetAddress: '', zipCode: '', city: '', state: '', country: '' }
    expect(await shipping.ship([], address)).toBe('HD-042-042-042')
  })
})
