/**
 * What `weave init` writes into an empty folder: a shop with a cart, a web page and one test. Text only; file names are
 * relative to the project.
 */

export interface NewFile {
  path: string
  text: string
}

export const CONFIG_FILE: NewFile = {
  path: 'weave.config.ts',
  text: `import { defineConfig } from 'weavets'

export default defineConfig({
  config: {
    Shop: { title: 'Corner shop' },
  },
  listeners: {
    web: { port: 8080 },
  },
})
`,
}

/** For a project that has a program already. */
export function emptyConfig(entry: string): NewFile {
  return {
    path: 'weave.config.ts',
    text: `import { defineConfig } from 'weavets'

export default defineConfig({
  entry: ${JSON.stringify(entry)}, // the file that calls run
})
`,
  }
}

export function packageJson(name: string, version: string): NewFile {
  const content = {
    name,
    private: true,
    type: 'module',
    scripts: { dev: 'weave dev', start: 'weave run', check: 'weave check && tsc --noEmit', test: 'vitest run' },
    dependencies: { weavets: `^${version}` },
    devDependencies: { '@types/node': '^24', typescript: '^6.0.3', vitest: '^5.1.1' },
  }
  return { path: 'package.json', text: `${JSON.stringify(content, null, 2)}\n` }
}

const TSCONFIG = `{
  "compilerOptions": {
    "target": "es2024",
    "lib": ["es2024", "esnext.disposable"],
    "module": "nodenext",
    "types": ["node"],
    "strict": true,
    "noEmit": true,
    "verbatimModuleSyntax": true,
    "allowImportingTsExtensions": true,
    "skipLibCheck": true
  },
  "include": ["src", "test", "*.ts"]
}
`

const CART = `import type { Component, Key } from 'weavets'

export interface CartItem {
  readonly productId: string
  readonly quantity: number
}

/** A component: whoever takes a Cart doesn't know in which process it lives. */
export interface Cart extends Component {
  /** @idempotent @timeout 500ms */
  items(userId: Key<string>): Promise<readonly CartItem[]>
  add(userId: Key<string>, item: CartItem): Promise<void>
}
`

const MEMORY_CART = `import type { Cart, CartItem } from './cart.ts'

export class MemoryCart implements Cart {
  readonly #carts = new Map<string, readonly CartItem[]>()

  async items(userId: string): Promise<readonly CartItem[]> {
    return this.#carts.get(userId) ?? []
  }

  async add(userId: string, item: CartItem): Promise<void> {
    this.#carts.set(userId, [...(await this.items(userId)), item])
  }
}
`

const SHOP = `import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { Config, Listener, Main } from 'weavets'
import type { Cart } from './cart.ts'

export class Shop implements Main {
  readonly #cart: Cart
  readonly #web: Listener
  readonly #config: Config<{ title: string }>

  constructor(cart: Cart, web: Listener, config: Config<{ title: string }>) {
    this.#cart = cart
    this.#web = web
    this.#config = config
  }

  async main(signal: AbortSignal): Promise<void> {
    const server = createServer((request, response) => {
      this.#answer(request, response).catch((error) => response.writeHead(500).end(String(error)))
    })
    console.log(\`\${this.#config.title} is open at \${await this.#web.listen(server)}\`)
    if (!signal.aborted) await once(signal, 'abort')
  }

  /** \`/?add=mug\` puts something into the cart; every page shows it. */
  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const product = new URL(request.url ?? '/', 'http://shop').searchParams.get('add')
    if (product !== null) await this.#cart.add('visitor', { productId: product, quantity: 1 })
    const items = await this.#cart.items('visitor')
    const lines = items.map((item) => \`\${item.quantity} × \${item.productId}\\n\`)
    response.setHeader('content-type', 'text/plain; charset=utf-8')
    response.end(\`\${this.#config.title}\\n\${lines.length > 0 ? lines.join('') : 'The cart is empty; try /?add=mug\\n'}\`)
  }
}
`

const MAIN = `import { run } from 'weavets'
import { Shop } from './shop.ts'

await run(Shop)
`

const TEST = `import { expect, onTestFinished, test } from 'vitest'
import { startApp } from 'weavets/testing'
import type { Cart } from '../src/cart.ts'

test('a cart keeps its items', async () => {
  const app = await startApp()
  onTestFinished(() => app.stop())
  const cart = app.get<Cart>()
  await cart.add('ada', { productId: 'mug', quantity: 2 })
  expect(await cart.items('ada')).toEqual([{ productId: 'mug', quantity: 2 }])
})
`

const VITEST = `import { defineConfig } from 'vitest/config'
import { weave } from 'weavets/vite'

export default defineConfig({ plugins: [weave()] })
`

export const GITIGNORE = 'node_modules/\n.weave/\n'

export function wholeApp(name: string, version: string): NewFile[] {
  return [
    packageJson(name, version),
    { path: 'tsconfig.json', text: TSCONFIG },
    CONFIG_FILE,
    { path: 'src/cart.ts', text: CART },
    { path: 'src/cart-memory.ts', text: MEMORY_CART },
    { path: 'src/shop.ts', text: SHOP },
    { path: 'src/main.ts', text: MAIN },
    { path: 'test/cart.test.ts', text: TEST },
    { path: 'vitest.config.ts', text: VITEST },
    { path: '.gitignore', text: GITIGNORE },
  ]
}
