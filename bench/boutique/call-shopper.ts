/**
 * The fixture's customers without HTTP and HTML: a step of a visit becomes the calls that its page makes (storefront.ts), so what is left of a
 * page's cost is the components and what is between them. Redirects are followed as a browser would: the page after a form is part of its step.
 */
import { randomUUID } from 'node:crypto'
import type { FailureKind } from '../../fixtures/boutique/load/shopper.ts'
import type { Step } from '../../fixtures/boutique/load/visits.ts'
import { parseCartInput, readCartInput } from '../../fixtures/boutique/src/shop/cart-form.ts'
import { parseCheckoutInput, readCheckoutInput } from '../../fixtures/boutique/src/shop/checkout-form.ts'
import type { Services, Storefront } from '../../fixtures/boutique/src/shop/storefront.ts'

export class CallShopper {
  readonly #services: Services
  readonly #storefront: Storefront
  readonly #id = randomUUID()
  #currencyCode = 'USD'

  constructor(services: Services, storefront: Storefront) {
    this.#services = services
    this.#storefront = storefront
  }

  async take(step: Step): Promise<FailureKind | undefined> {
    try {
      await this.#calls(step)
      return undefined
    } catch (error) {
      return (error as Error).name
    }
  }

  async #calls({ page, path, form }: Step): Promise<unknown> {
    const visitor = { id: this.#id, currencyCode: this.#currencyCode }
    switch (page) {
      case 'home':
        return this.#storefront.home(visitor)
      case 'set currency':
        this.#currencyCode = form!.currency_code!
        return this.#storefront.home({ id: this.#id, currencyCode: this.#currencyCode })
      case 'product':
        return this.#storefront.product(visitor, path.slice('/product/'.length))
      case 'add to cart': {
        const item = valid(parseCartInput(readCartInput(form)))
        await this.#services.catalog.get(item.productId)
        await this.#services.cart.add(this.#id, item)
        return this.#storefront.cart(visitor)
      }
      case 'view cart':
        return this.#storefront.cart(visitor)
      case 'check out': {
        const purchase = valid(parseCheckoutInput(readCheckoutInput(form)))
        await this.#services.checkout.placeOrder({ ...purchase, userId: this.#id, currencyCode: this.#currencyCode })
        return this.#storefront.frame(visitor)
      }
    }
  }
}

function valid<T>(parsed: { ok: true; value: T } | { ok: false; errors: object }): T {
  if (parsed.ok) return parsed.value
  throw new Error(`the form is wrong: ${JSON.stringify(parsed.errors)}`)
}
