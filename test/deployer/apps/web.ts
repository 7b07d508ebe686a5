/**
 * An application as the transformer would leave it, written by hand: `Web`, the root, answers `/` with its own pid and the
 * pid of `Cart`. `/finish` and `/fail` end `main`. Each process holds a connection to the socket `WATCH`, which ends with it.
 */
import { createServer } from 'node:http'
import { connect } from 'node:net'
import { type AppDescriptor, BOUNDARY_FORMAT } from '../../../runtime/boundary.ts'
import { run } from '../../../runtime/index.ts'
import type { Listener, Main } from '../../../runtime/types.ts'
import { boundaryOf, method } from '../../runtime/shop.ts'

const { WATCH, WEAVE_PROCESS } = process.env
if (WATCH !== undefined) connect(WATCH).unref().write(`${WEAVE_PROCESS}\n`)

interface Cart {
  pid(): Promise<number>
}

class PidCart implements Cart {
  async pid(): Promise<number> {
    return process.pid
  }
}

class Web implements Main {
  readonly #cart: Cart
  readonly #web: Listener

  constructor(cart: Cart, web: Listener) {
    this.#cart = cart
    this.#web = web
  }

  async main(signal: AbortSignal): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    signal.addEventListener('abort', () => resolve())
    const server = createServer(async ({ url }, response) => {
      response.setHeader('connection', 'close')
      if (url === '/') {
        response.end(JSON.stringify({ web: process.pid, cart: await this.#cart.pid() }))
        return
      }
      response.end('bye')
      response.once('close', () => (url === '/finish' ? resolve() : reject(new Error('asked to fail'))))
    })
    await this.#web.listen(server)
    console.log(`open in ${WEAVE_PROCESS}`)
    await promise
  }
}

function app(): AppDescriptor {
  return {
    format: BOUNDARY_FORMAT,
    version: 'v1',
    root: 'app/web.Web',
    components: [
      {
        name: 'app/cart.Cart',
        load: async () => PidCart,
        dependencies: [],
        reaches: [],
        boundary: boundaryOf('app/cart.Cart', [method('pid', { idempotent: true })]),
      },
      {
        name: 'app/web.Web',
        load: async () => Web,
        dependencies: [
          { kind: 'component', component: 'app/cart.Cart' },
          { kind: 'listener', name: 'web' },
        ],
        reaches: [],
        boundary: undefined,
      },
    ],
    errors: [],
    definitions: () => ({}),
  }
}

await run(app as never)
