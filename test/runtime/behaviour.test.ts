/** What a call means, on every placement alike. */
import { AsyncLocalStorage } from 'node:async_hooks'
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest'
import { withDeadline, withMetadata, withTrace } from '../../runtime/context.ts'
import { WeaveError } from '../../runtime/errors.ts'
import { isRemote, OutOfStock, PLACEMENTS, REMOTE, rejection, type Started, startShop } from './shop.ts'
import { removeTemporaryFolders } from './temporary.ts'

afterAll(removeTemporaryFolders)

const ITEM = { productId: 'mug', quantity: 1 }
const TRACEPARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'

for (const placement of PLACEMENTS) {
  describe(`calls, ${placement}`, () => {
    let shop: Started
    beforeEach(async () => {
      shop = await startShop(placement)
    })
    afterEach(() => shop.stop())

    test('values go and come back', async () => {
      await shop.cart.add('ada', { productId: 'mug', quantity: 2 })
      expect(await shop.cart.items('ada')).toEqual([{ productId: 'mug', quantity: 2 }])
      expect(await shop.cart.items('bob')).toEqual([])
    })

    test('values are passed by value', async () => {
      const item = { productId: 'mug', quantity: 2 }
      const added = shop.cart.add('ada', item)
      item.quantity = 99
      await added
      const [received] = await shop.cart.items('ada')
      expect(received).toEqual({ productId: 'mug', quantity: 2 })
      received!.quantity = 50
      expect(shop.implementation.carts.get('ada')).toEqual([{ productId: 'mug', quantity: 2 }])
    })

    test('an error keeps class, message, fields and cause', async () => {
      const error = (await rejection(shop.checkout.fail('own'))) as OutOfStock
      expect(error).toBeInstanceOf(OutOfStock)
      expect(error.message).toBe('mug is out of stock')
      expect(error.productId).toBe('mug')
      expect(error.cause).toBeInstanceOf(RangeError)
      expect((error.cause as Error).message).toBe('0 left')
      const plain = (await rejection(shop.cart.fail('plain'))) as Error
      expect(plain).toBeInstanceOf(TypeError)
      expect(plain.message).toBe('a plain one')
    })

    test('the stack shows both sides and the hop', async () => {
      async function pressedTheButton(): Promise<void> {
        await shop.checkout.fail('own')
      }
      const { stack } = (await rejection(pressedTheButton())) as Error
      const order = ['OutOfStock: mug is out of stock', 'MemoryCart.fail', 'RealCheckout.fail', 'pressedTheButton']
      if (shop.hop !== undefined) order.splice(2, 0, `\n    at Cart.fail (${shop.hop})`)
      const places = order.map((text) => stack!.indexOf(text))
      expect(places, stack).not.toContain(-1)
      expect([...places].sort((a, b) => a - b)).toEqual(places)
    })

    test('a thrown value that is no error arrives as it was', async () => {
      expect(await rejection(shop.cart.fail('value'))).toEqual({ reason: 'no error at all' })
    })

    test('metadata and trace reach the callee of the callee', async () => {
      const seen = await withTrace(TRACEPARENT, () => withMetadata({ tenant: 'blue' }, () => shop.checkout.seen()))
      expect(seen).toMatchObject({ metadata: { tenant: 'blue' }, traceparent: TRACEPARENT })
      const plain = await shop.checkout.seen()
      expect(plain.metadata).toEqual({})
      expect(plain.traceparent).toBeUndefined()
    })

    test('a deadline shrinks along the chain', async () => {
      const { remainingMs } = await withDeadline(5_000, () => shop.checkout.seen())
      expect(remainingMs).toBeGreaterThan(0)
      expect(remainingMs).toBeLessThanOrEqual(5_000)
      const nested = await withDeadline(5_000, () => withDeadline(60_000, () => shop.checkout.seen()))
      expect(nested.remainingMs).toBeLessThanOrEqual(5_000)
    })

    test('an explicit deadline is kept', async () => {
      // It shall not pass while the connection is being made.
      await shop.cart.items('ada')
      const error = (await rejection(withDeadline(10, () => shop.cart.hang()))) as WeaveError
      expect(error).toBeInstanceOf(WeaveError)
      expect(error).toMatchObject({ code: 'WV_DEADLINE', executed: 'maybe' })
    })

    test('a call after the deadline has passed is not made', async () => {
      const passed = Promise.withResolvers<void>()
      const late = Promise.withResolvers<unknown>()
      const deadline = withDeadline(1, async () => {
        await passed.promise
        const outside = withMetadata({ tenant: 'blue' }, () => rejection(shop.cart.add('ada', ITEM)))
        const within = withDeadline(60_000, () => rejection(shop.cart.add('ada', ITEM)))
        late.resolve(Promise.all([rejection(shop.cart.add('ada', ITEM)), outside, within]))
      })
      await rejection(deadline)
      passed.resolve()
      const atOnce = await rejection(withDeadline(0, () => shop.cart.add('ada', ITEM)))
      for (const error of [atOnce, ...((await late.promise) as unknown[])]) {
        expect(error).toBeInstanceOf(WeaveError)
        expect(error).toMatchObject({
          code: 'WV_DEADLINE',
          executed: 'no',
          message: 'Cart.add was not called: the deadline had passed; it came from withDeadline.',
          edge: { callee: 'src/cart.Cart', method: 'add' },
        })
        expect((error as WeaveError).edge?.caller).toMatch(/./)
      }
      expect(shop.implementation.carts.size).toBe(0)
    })

    test('@timeout is kept', async () => {
      await shop.cart.items('ada')
      const error = (await rejection(shop.cart.slow())) as WeaveError
      expect(error).toMatchObject({ code: 'WV_DEADLINE', executed: 'maybe' })
      const peer = {
        local: /no result/,
        isolated: /no answer/,
        moving: /no result|no answer from process "(cart-1|cart-2|checkout-1)"/,
      }
      const said = isRemote(placement) ? /no answer from process "cart-1"/ : peer[placement]
      expect(error.message).toMatch(
        new RegExp(`^Cart\\.slow: (?:${said.source}) in 20 ms; the deadline came from @timeout\\.$`),
      )
    })

    test('many calls at once are told apart', async () => {
      await Promise.all(
        Array.from({ length: 500 }, (_, n) => shop.cart.add(`u${n}`, { productId: `p${n}`, quantity: n })),
      )
      const carts = await Promise.all(Array.from({ length: 500 }, (_, n) => shop.cart.items(`u${n}`)))
      expect(carts.map(([item]) => item?.quantity)).toEqual(Array.from({ length: 500 }, (_, n) => n))
    })

    test('after the stop nothing is called', async () => {
      await shop.stop()
      if (placement === 'local') return
      expect(await rejection(shop.cart.items('ada'))).toMatchObject({ code: 'WV_STOPPING', executed: 'no' })
    })
  })
}

for (const placement of ['isolated', ...REMOTE] as const) {
  describe(`through the codec, ${placement}`, () => {
    let shop: Started
    beforeEach(async () => {
      shop = await startShop(placement)
    })
    afterEach(() => shop.stop())

    test('an argument that is not of its type is an error at the caller, and nothing is sent', async () => {
      const item = { productId: 'mug', quantity: 'two' } as never
      const error = (await rejection(shop.cart.add('ada', item))) as WeaveError
      expect(error).toMatchObject({
        code: 'WV_VALUE',
        executed: 'no',
        edge: { caller: 'test', callee: 'src/cart.Cart', method: 'add' },
      })
      expect(error.message).toContain('Cart.add: item.quantity must be number')
      expect(shop.implementation.carts.size).toBe(0)
      await shop.cart.add('ada', { productId: 'mug', quantity: 1 })
    })

    test('a call without a deadline has the default one', async () => {
      const { remainingMs } = await shop.cart.seen()
      expect(remainingMs).toBeGreaterThan(29_000)
      expect(remainingMs).toBeLessThanOrEqual(30_000)
    })

    test("the callee does not see the caller's own async storage", async () => {
      const own = new AsyncLocalStorage<string>()
      let seen: string | undefined = 'not asked'
      shop.implementation.items = async () => {
        seen = own.getStore()
        return []
      }
      await own.run('caller', () => shop.cart.items('ada'))
      expect(seen).toBeUndefined()
    })

    test('a synchronous throw of the callee is a rejection', async () => {
      shop.implementation.items = () => {
        throw new RangeError('at once')
      }
      expect(await rejection(shop.cart.items('ada'))).toMatchObject({ message: 'at once' })
    })

    test('an argument whose getter makes a call does not mix the messages', async () => {
      let inner: Promise<unknown> | undefined
      const item = {
        productId: 'mug',
        get quantity() {
          inner ??= shop.cart.items('ada')
          return 1
        },
      }
      await shop.cart.add('ada', item)
      expect(await shop.cart.items('ada')).toEqual([{ productId: 'mug', quantity: 1 }])
      expect(Array.isArray(await inner)).toBe(true)
    })
  })
}
