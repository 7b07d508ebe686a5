/** A process that hosts Cart at an address: told so by a line on stdin, it prints where it listens, and each call that comes to `heldOnce`. */
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { App } from '../../../runtime/app.ts'
import type { Identity } from '../../../runtime/transport/socket/identity.ts'
import { appOptions, CART, MemoryCart, shopDescriptor } from '../shop.ts'

export interface ServedOptions {
  address: string
  identity: Identity
  silenceMs: number
}

class PrintingCart extends MemoryCart {
  override heldOnce(name: string): Promise<string> {
    console.log(`held ${name}`)
    return super.heldOnce(name)
  }
}

const [line] = (await once(createInterface({ input: process.stdin }), 'line')) as [string]
const { address, identity, silenceMs } = JSON.parse(line) as ServedOptions
const cart = new PrintingCart()
const app = new App(
  appOptions(shopDescriptor({ cart: () => cart }), {
    hosted: new Set([CART]),
    process: 'cart-1',
    group: 'cart',
    identity,
    calls: { silenceMs },
  }),
)
console.log(await app.serve(address))
await app.start()
