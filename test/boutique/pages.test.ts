import type { FastifyInstance, InjectOptions } from 'fastify'
import { afterEach, describe, expect, test } from 'vitest'
import { PrintedCatalog } from '../../fixtures/boutique/src/catalog/printed-catalog.ts'
import { OrderNotShipped } from '../../fixtures/boutique/src/checkout/checkout.ts'
import { money } from '../../fixtures/boutique/src/money.ts'
import type { Payment } from '../../fixtures/boutique/src/payment/payment.ts'
import { createServer } from '../../fixtures/boutique/src/shop/server.ts'
import type { Services } from '../../fixtures/boutique/src/shop/storefront.ts'
import { SHOP, wholeShop } from './fakes.ts'

const ANN = { 'shop_session-id': 'ann' }

const FORM = {
  email: 'ann@example.com',
  street_address: '12 Spindle Lane',
  zip_code: '94043',
  city: 'Mountain View',
  state: 'CA',
  country: 'United States',
  credit_card_number: '4432-8015-6152-0454',
  credit_card_expiration_month: '1',
  credit_card_expiration_year: '2027',
  credit_card_cvv: '672',
}

const open: FastifyInstance[] = []
afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close()))
})

async function openShop(replace: Partial<Services> & { payment?: Payment } = {}) {
  const { services, calls, log, now } = wholeShop(replace)
  const server = await createServer({ services, shop: SHOP, log, now })
  open.push(server)
  const send = (options: InjectOptions) => server.inject({ cookies: ANN, ...options })
  return {
    services,
    calls,
    log,
    send,
    get: (url: string, options: InjectOptions = {}) => send({ url, ...options }),
    post: (url: string, form: Record<string, string> = {}, options: InjectOptions = {}) =>
      send({
        url,
        method: 'POST',
        payload: new URLSearchParams(form).toString(),
        ...options,
        headers: { 'content-type': 'application/x-www-form-urlencoded', ...options.headers },
      }),
  }
}

/** A payment that counts. */
function till() {
  const charged: string[] = []
  const payment: Payment = {
    charge: async (_amount, card) => {
      charged.push(card.number)
      return 'transaction-1'
    },
  }
  return { charged, payment }
}

describe('the home page', () => {
  test('makes 13 calls', async () => {
    const { get, calls } = await openShop()
    expect((await get('/')).statusCode).toBe(200)
    expect(calls).toHaveLength(13)
    expect(calls.filter((call) => call === 'currency.convert')).toHaveLength(9)
    expect(new Set(calls)).toEqual(
      new Set(['currency.supported', 'catalog.list', 'cart.items', 'currency.convert', 'ads.ads']),
    )
  })

  test('shows every product with its price in the visitor’s currency', async () => {
    const { get } = await openShop()
    const dollars = await get('/')
    for (const { id, name } of await new PrintedCatalog().list()) {
      expect(dollars.body).toContain(`href="/product/${id}"`)
      expect(dollars.body).toContain(name.replace('&', '&amp;'))
    }
    expect(dollars.body).toContain('$129.00')
    const yen = await get('/', { cookies: { ...ANN, shop_currency: 'JPY' } })
    expect(yen.body).toContain('¥19,426')
    expect(yen.body).toContain('<option value="JPY" selected>')
  })

  test('offers only what there is a rate for', async () => {
    const { get, services } = await openShop()
    const { get: elsewhere } = await openShop({
      currency: {
        ...services.currency,
        convert: services.currency.convert,
        supported: async () => ['USD', 'JPY', 'CHF'],
      },
    })
    expect((await get('/')).body).toContain('<option value="EUR"')
    const body = (await elsewhere('/')).body
    expect(body).not.toContain('<option value="EUR"')
    expect(body).not.toContain('<option value="CHF"')
  })

  test('survives without ads, also when they came too late', async () => {
    const late = Object.assign(new Error('Ads.ads: no answer in 100 ms'), { code: 'WV_DEADLINE' })
    const { get, log } = await openShop({ ads: { ads: () => Promise.reject(late) } })
    const { statusCode, body } = await get('/')
    expect(statusCode).toBe(200)
    expect(body).toContain('Morning Mug')
    expect(body).not.toContain('Advertisement')
    expect(log.lines).toEqual([{ level: 'warn', message: 'page without advertising', fields: { error: late } }])
  })

  test('answers HEAD with the headers of GET', async () => {
    const { send } = await openShop()
    const { statusCode, headers, body } = await send({ url: '/', method: 'HEAD' })
    expect([statusCode, headers['content-type'], body]).toEqual([200, 'text/html; charset=utf-8', ''])
    expect(Number(headers['content-length'])).toBeGreaterThan(5000)
  })
})

describe('a visitor', () => {
  test('gets a session for 48 hours, once', async () => {
    const { get } = await openShop()
    const first = await get('/', { cookies: {} })
    expect(first.cookies).toEqual([
      expect.objectContaining({ name: 'shop_session-id', maxAge: 172_800, path: '/', httpOnly: true, sameSite: 'Lax' }),
    ])
    const session = first.cookies[0]!.value
    expect((await get('/', { cookies: { 'shop_session-id': session } })).cookies).toEqual([])
  })

  test.each(['', 'a b', 'x'.repeat(65), '<script>'])('with the session %j gets a new one', async (session) => {
    const { get } = await openShop()
    expect((await get('/', { cookies: { 'shop_session-id': session } })).cookies).toHaveLength(1)
  })

  test('with a currency that isn’t offered sees the shop’s own', async () => {
    const { get } = await openShop()
    expect((await get('/', { cookies: { ...ANN, shop_currency: 'XXX' } })).body).toContain('$129.00')
  })

  test('changes the currency and comes back to the page', async () => {
    const { post } = await openShop()
    const { statusCode, headers, cookies } = await post(
      '/setCurrency',
      { currency_code: 'EUR' },
      {
        headers: { host: 'shop.test', referer: 'http://shop.test/product/6E92ZMYYFZ?from=ad' },
      },
    )
    expect([statusCode, headers.location]).toEqual([302, '/product/6E92ZMYYFZ?from=ad'])
    expect(cookies).toEqual([expect.objectContaining({ name: 'shop_currency', value: 'EUR', maxAge: 172_800 })])
  })

  test.each([
    ['http://evil.test/', '/'],
    ['http://shop.test//evil.test/x', '/evil.test/x'],
    ['http://shop.test/\\evil.test', '/evil.test'],
    ['not a url', '/'],
    [undefined, '/'],
  ])('who came from %s is sent to %s', async (referer, location) => {
    const { post } = await openShop()
    const headers = { host: 'shop.test', ...(referer !== undefined && { referer }) }
    expect((await post('/setCurrency', { currency_code: 'EUR' }, { headers })).headers.location).toBe(location)
  })

  test('is told which currencies there are', async () => {
    const { post } = await openShop()
    const { statusCode, body, cookies } = await post('/setCurrency', { currency_code: 'XXX' })
    expect([statusCode, cookies]).toEqual([422, []])
    expect(body).toContain('Prices can be shown in USD, EUR, JPY.')
  })

  test('is forgotten on leaving', async () => {
    const { get } = await openShop()
    const { statusCode, headers, cookies } = await get('/logout')
    expect([statusCode, headers.location]).toEqual([302, '/'])
    expect(cookies.map(({ name, value, maxAge }) => [name, value, maxAge])).toEqual([
      ['shop_session-id', '', 0],
      ['shop_currency', '', 0],
    ])
  })
})

describe('the page of a product', () => {
  test('shows it, and five more', async () => {
    const { get } = await openShop()
    const { body } = await get('/product/1YMWWN1N4O')
    expect(body).toContain('<h1>Meridian Watch</h1>')
    expect(body.match(/class="card"/g)).toHaveLength(5)
  })

  test('advertises something else', async () => {
    const { get } = await openShop()
    const { body } = await get('/product/L9ECAV7KIM')
    expect(body.match(/class="banner" href="([^"]*)"/)?.[1]).not.toBe('/product/L9ECAV7KIM')
  })

  test.each(['/product/NOPE', '/product/__proto__', '/nowhere', '/static/nothing.css'])(
    '%s is a 404 page',
    async (url) => {
      const { get, log } = await openShop()
      const { statusCode, headers, body } = await get(url)
      expect([statusCode, headers['content-type']]).toEqual([404, 'text/html; charset=utf-8'])
      expect(body).toContain('Back to the shop')
      expect(log.lines).toEqual([])
    },
  )

  test('does without recommendations', async () => {
    const { get } = await openShop({ recommendations: { recommend: () => Promise.reject(new Error('not now')) } })
    const { statusCode, body } = await get('/product/1YMWWN1N4O')
    expect(statusCode).toBe(200)
    expect(body).not.toContain('Goes well with it')
  })

  test('escapes what comes from elsewhere', async () => {
    const nasty = `"><script>alert('&')</script>`
    const product = {
      id: 'x',
      name: nasty,
      summary: nasty,
      description: nasty,
      picture: nasty,
      price: money('USD', 1),
      categories: [nasty],
    }
    const catalog = { list: async () => [product], get: async () => product, search: async () => [] }
    const { get } = await openShop({ catalog, ads: { ads: async () => [{ text: nasty, href: nasty }] } })
    for (const url of ['/', '/product/x', '/cart']) {
      const { statusCode, body } = await get(url)
      expect(statusCode).toBe(200)
      expect(body).not.toContain('<script>')
    }
    expect((await get('/')).body).toContain('&quot;&gt;&lt;script&gt;alert(&#39;&amp;&#39;)&lt;/script&gt;')
  })
})

describe('the cart', () => {
  test('takes what is added', async () => {
    const { get, post } = await openShop()
    const added = await post('/cart', { product_id: '6E92ZMYYFZ', quantity: '3' })
    expect([added.statusCode, added.headers.location]).toEqual([302, '/cart'])
    const { body } = await get('/cart')
    expect(body).toContain('3 × $16.00')
    expect(body).toContain('<dd>$48.00</dd>')
    expect(body).toContain('<dd>$8.99</dd>')
    expect(body).toContain('<dd>$56.99</dd>')
    expect((await get('/cart', { cookies: { 'shop_session-id': 'bob' } })).body).toContain(
      'There is nothing in it yet.',
    )
  })

  test('is emptied', async () => {
    const { get, post } = await openShop()
    await post('/cart', { product_id: '6E92ZMYYFZ', quantity: '3' })
    const emptied = await post('/cart/empty')
    expect([emptied.statusCode, emptied.headers.location]).toEqual([302, '/'])
    expect((await get('/cart')).body).toContain('There is nothing in it yet.')
  })

  test.each(['0', '11', '-1', '1.5', 'many', '', '1e1', '９'])(
    'refuses a quantity of %j and keeps it in the field',
    async (quantity) => {
      const { post, services } = await openShop()
      const { statusCode, body } = await post('/cart', { product_id: '6E92ZMYYFZ', quantity })
      expect(statusCode).toBe(422)
      expect(body).toContain('Choose a number from 1 to 10.')
      expect(body).toContain(`value="${quantity}" aria-invalid="true" aria-describedby="quantity-error"`)
      expect(await services.cart.items('ann')).toEqual([])
    },
  )

  test('refuses a product that there isn’t, and one that isn’t named', async () => {
    const { post, services } = await openShop()
    expect((await post('/cart', { product_id: 'NOPE', quantity: '1' })).statusCode).toBe(404)
    expect((await post('/cart', { quantity: '1' })).statusCode).toBe(422)
    expect(await services.cart.items('ann')).toEqual([])
  })

  test.each([
    ['a field twice', 'product_id=6E92ZMYYFZ&quantity=1&quantity=2', 'application/x-www-form-urlencoded', 422],
    ['JSON of the wrong types', '{"product_id":{},"quantity":[1]}', 'application/json', 422],
    ['broken JSON', '{', 'application/json', 400],
    ['something else', '<a/>', 'text/xml', 415],
    ['too much', `product_id=${'x'.repeat(20_000)}`, 'application/x-www-form-urlencoded', 413],
  ])('answers a body of %s with a page', async (_what, payload, type, status) => {
    const { send, log } = await openShop()
    const { statusCode, headers } = await send({
      url: '/cart',
      method: 'POST',
      payload,
      headers: { 'content-type': type },
    })
    expect([statusCode, headers['content-type']]).toEqual([status, 'text/html; charset=utf-8'])
    expect(log.lines).toEqual([])
  })
})

describe('checking out', () => {
  async function withGoods(replace: Parameters<typeof openShop>[0] = {}) {
    const shop = await openShop(replace)
    await shop.services.cart.add('ann', { productId: '6E92ZMYYFZ', quantity: 3 })
    return shop
  }

  test('begins with a form that a demonstration has filled in', async () => {
    const { get } = await withGoods()
    const { body } = await get('/cart')
    for (const value of ['4432-8015-6152-0454', '672', 'someone@example.com'])
      expect(body).toContain(`value="${value}"`)
    expect(body).toContain('<option value="2027" selected>')
    expect(body).toContain('Place order · $56.99')
  })

  test('ends with the order, its ids and what it cost, and an empty cart', async () => {
    const { post, get } = await withGoods()
    const { statusCode, body } = await post('/cart/checkout', FORM)
    expect(statusCode).toBe(200)
    expect(body).toMatch(/<code>[\da-f-]{36}<\/code>/)
    expect(body).toContain('<code>HD-500-500-500</code>')
    for (const text of ['ann@example.com', '<dd>$8.99</dd>', '<dd>$56.99</dd>', 'June 15, 2026'])
      expect(body).toContain(text)
    expect((await get('/cart')).body).toContain('There is nothing in it yet.')
  })

  test('charges once what is in the cart', async () => {
    const { charged, payment } = till()
    const { post } = await withGoods({ payment })
    await post('/cart/checkout', FORM)
    expect(charged).toEqual([FORM.credit_card_number])
  })

  test.each([
    ['email', 'nobody', 'Enter an e-mail address such as name@example.com.'],
    ['street_address', '  ', 'Enter a street and a number.'],
    ['street_address', 'x'.repeat(513), 'Use at most 512 characters.'],
    ['zip_code', '!', 'Enter a ZIP or postal code.'],
    ['city', '', 'Enter a city.'],
    ['state', '', 'Enter a state or region.'],
    ['country', '', 'Enter a country.'],
    ['credit_card_number', 'my card', 'Enter the number on the front of the card.'],
    ['credit_card_number', '4432-8015-6152-0455', 'This is not a card number; a digit may be missing or mistyped.'],
    ['credit_card_number', '378282246310005', 'We accept Visa and Mastercard, not American Express.'],
    ['credit_card_expiration_month', '13', 'Choose the month in which the card expires.'],
    ['credit_card_expiration_year', '27', 'Choose the year in which the card expires.'],
    ['credit_card_cvv', 'abc', 'Enter the three digits on the back of the card.'],
    ['credit_card_cvv', '1234', 'The security code is the three digits on the back of the card.'],
  ])('says what is wrong with %s %j, and charges nothing', async (name, value, sentence) => {
    const { post, log, services } = await withGoods()
    const { statusCode, body } = await post('/cart/checkout', { ...FORM, [name]: value })
    expect(statusCode).toBe(422)
    expect(body).toContain(`<p class="error" id="${name}-error">${sentence}</p>`)
    expect(body).toContain('Nothing was charged.')
    expect(log.lines).toEqual([])
    expect(await services.cart.items('ann')).toHaveLength(1)
  })

  test('says when a card has expired', async () => {
    const { post } = await withGoods()
    const { statusCode, body } = await post('/cart/checkout', { ...FORM, credit_card_expiration_year: '2025' })
    expect(statusCode).toBe(422)
    expect(body).toContain('The card that ends in 0454 expired in 1/2025.')
    expect(body).toContain('<option value="2025" selected>')
  })

  test('says all that is wrong at once, and Payment isn’t asked', async () => {
    const { charged, payment } = till()
    const { post } = await withGoods({ payment })
    const { body } = await post('/cart/checkout', {})
    expect(body.match(/class="error"/g)).toHaveLength(10)
    expect(charged).toEqual([])
  })

  test('keeps what was typed, but nothing of the card’s secrets', async () => {
    const { post } = await withGoods()
    const { body } = await post('/cart/checkout', { ...FORM, city: '"><b>Bath', zip_code: '', credit_card_cvv: '981' })
    expect(body).toContain('value="12 Spindle Lane"')
    expect(body).toContain('value="&quot;&gt;&lt;b&gt;Bath"')
    expect(body).not.toContain('4432')
    expect(body).not.toContain('981')
  })

  test('an empty cart says that it is empty', async () => {
    const { post } = await openShop()
    const { statusCode, body } = await post('/cart/checkout', FORM)
    expect(statusCode).toBe(422)
    expect(body).toContain('There is nothing in the cart to order.')
  })

  test('shows the order even when the rest of the page fails: it is paid', async () => {
    const { services } = await withGoods()
    const failing = { ...services.currency, supported: () => Promise.reject(new Error('gone')) }
    const { post, log } = await openShop({ checkout: services.checkout, currency: failing })
    const { statusCode, body } = await post('/cart/checkout', FORM)
    expect(statusCode).toBe(200)
    expect(body).toContain('HD-500-500-500')
    expect(log.lines.map((line) => line.message)).toEqual(['page without currencies and cart'])
  })

  test('says that an order is paid when only the parcel failed', async () => {
    const placeOrder = () => Promise.reject(new OrderNotShipped('order-1', 'transaction-1', new Error('strike')))
    const { post } = await withGoods({ checkout: { placeOrder } })
    const { statusCode, body } = await post('/cart/checkout', FORM)
    expect(statusCode).toBe(500)
    expect(body).toContain('Please don’t order again')
    expect(body).toContain('<code>transaction-1</code>')
  })

  test('doesn’t promise what it can’t know', async () => {
    const { post } = await withGoods({ checkout: { placeOrder: () => Promise.reject(new Error('connection lost')) } })
    expect((await post('/cart/checkout', FORM)).body).toContain('We can’t say whether your order went through.')
  })

  test('its address leads to the cart for whoever comes back', async () => {
    const { get } = await openShop()
    expect((await get('/cart/checkout')).headers.location).toBe('/cart')
  })
})

describe('when something breaks', () => {
  test('the page has a number, the log has it too, and the reason is not on the page', async () => {
    const broken = new Error('secret: the cache is on fire')
    const { get, log } = await openShop({
      cart: { items: () => Promise.reject(broken), add: async () => {}, empty: async () => {} },
    })
    const { statusCode, headers, body } = await get('/')
    expect(statusCode).toBe(500)
    expect(body).toContain(`<code>${headers['x-request-id']}</code>`)
    expect(body).not.toContain('secret')
    expect(log.lines).toEqual([
      {
        level: 'error',
        message: 'request failed',
        fields: { requestId: headers['x-request-id'], route: 'GET /', error: broken },
      },
    ])
  })
})

describe('around the shop', () => {
  test.each([
    ['/_healthz', 'text/plain; charset=utf-8', 'ok\n'],
    ['/robots.txt', 'text/plain; charset=utf-8', 'User-agent: *\nDisallow: /\n'],
  ])('%s', async (url, type, text) => {
    const { get, calls } = await openShop()
    const { statusCode, headers, body, cookies } = await get(url)
    expect([statusCode, headers['content-type'], body, cookies]).toEqual([200, type, text, []])
    expect(calls).toEqual([])
  })

  test('everything that a page points to is there', async () => {
    const { get } = await openShop()
    const { body } = await get('/')
    const paths = [...body.matchAll(/(?:src|href)="(\/static\/[^"]+)"/g)].map((match) => match[1]!)
    expect(paths.length).toBeGreaterThan(10)
    for (const path of new Set(paths)) expect((await get(path)).statusCode, path).toBe(200)
  })

  test('pages forbid what they don’t need', async () => {
    const { get } = await openShop()
    const { headers } = await get('/')
    expect(headers['content-security-policy']).toContain("default-src 'self'")
    expect(headers['x-content-type-options']).toBe('nosniff')
    expect(headers['cache-control']).toBe('private, no-cache')
  })
})
