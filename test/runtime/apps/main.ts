/** A program that is started as a process of its own: `node main.ts MODE`. The descriptor stands for what the transformer appends. */
import { createServer } from 'node:http'
import type { Dependency, ImplementationClass } from '../../../runtime/boundary.ts'
import { run } from '../../../runtime/index.ts'
import type { Listener } from '../../../runtime/types.ts'
import { CART, type Cart, MemoryCart, SHOP, shopDescriptor } from '../shop.ts'

const mode = process.argv[2] ?? 'returns'

class LoudCart extends MemoryCart {
  constructor() {
    super()
    console.log('cart constructed')
    if (mode === 'broken') throw new TypeError('no database')
  }

  /** Until it gets the signal, where it is slow. */
  async start(): Promise<void> {
    if (mode !== 'slow') return
    await new Promise((resolve) => process.once('SIGUSR2', resolve))
    console.log('cart started')
  }

  async stop(): Promise<void> {
    console.log('cart stopped')
  }
}

class Shop {
  readonly #cart: Cart
  readonly #web: Listener

  constructor(cart: Cart, web: Listener) {
    this.#cart = cart
    this.#web = web
  }

  async main(signal: AbortSignal): Promise<void> {
    await this.#cart.add('ada', { productId: 'mug', quantity: 2 })
    console.log('items', JSON.stringify(await this.#cart.items('ada')))
    const aborted = () => new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()))
    switch (mode) {
      case 'throws':
        throw new RangeError('main is unhappy', { cause: 'the weather' })
      case 'waits':
        console.log('waiting')
        await aborted()
        console.log('asked to stop')
        return
      case 'rethrows':
        console.log('waiting')
        await aborted()
        throw signal.reason
      case 'stubborn':
        console.log('waiting')
        await new Promise(() => setInterval(() => {}, 1_000))
        return
      case 'forgets':
        setInterval(() => {}, 1_000)
        return
      case 'listens': {
        const url = await this.#web.listen(createServer((_, response) => response.end('hello')))
        console.log('listening', url)
        await aborted()
        return
      }
    }
  }
}

const dependencies: Dependency[] = [
  { kind: 'component', component: CART },
  { kind: 'listener', name: 'web' },
]

function app() {
  const descriptor = shopDescriptor()
  const cart = { ...descriptor.components[0]!, load: async () => LoudCart as ImplementationClass }
  const root = {
    name: SHOP,
    load: async () => Shop as ImplementationClass,
    dependencies,
    reaches: [],
    boundary: undefined,
  }
  return { ...descriptor, components: [cart, root] }
}

await run((mode === 'untransformed' ? Shop : app) as typeof Shop)
console.log('after run')
