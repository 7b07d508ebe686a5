/**
 * What `weave init` writes: into a folder without sources a shop with a cart, a web page and one test, into a project a config and,
 * where there is none, an entry. Text only; file names are relative to the project.
 */
import { posix } from 'node:path'

export interface NewFile {
  path: string
  text: string
}

export type Change =
  | { kind: 'create'; path: string; text: string }
  | { kind: 'edit'; path: string; before: string; after: string }

export interface Proposal {
  changes: Change[]
  /** What to know of what is there; each a line. */
  notes: string[]
  /** What only its owner can decide, each with the edit to make. */
  left: string[]
  /** What to type when it is done. */
  next: string
}

export function create(file: NewFile): Change {
  return { kind: 'create', path: file.path, text: file.text }
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

/** For a project that has a program already. `.mts` where `.ts` would be CommonJS. */
export function emptyConfig(entry: string, commonjs: boolean): NewFile {
  return {
    path: commonjs ? 'weave.config.mts' : 'weave.config.ts',
    text: `import { defineConfig } from 'weavets'

export default defineConfig({
  entry: ${JSON.stringify(entry)}, // the file that calls run
})
`,
  }
}

/** For a project whose entry doesn't exist: a root that takes nothing yet. */
export function emptyEntry(path: string, isModule: boolean): NewFile {
  return {
    path,
    text: `import { type Main, run } from 'weavets'

/** The root: components that it needs are parameters of its constructor. */
class App implements Main {
  async main(): Promise<void> {
    console.log('It runs.')
  }
}

${isModule ? 'await' : 'void'} run(App)
`,
  }
}

const SCRIPTS = { dev: 'weave dev', start: 'weave run', check: 'weave check && tsc --noEmit', test: 'vitest run' }
const DEV_DEPENDENCIES = { '@types/node': '^24', typescript: '^6.0.3', vitest: '^5.1.1' }
/** What `npm init` writes where there are no tests. */
const NPM_PLACEHOLDER = 'echo "Error: no test specified" && exit 1'

export function packageJson(name: string, version: string): NewFile {
  const content = {
    name,
    private: true,
    type: 'module',
    scripts: SCRIPTS,
    dependencies: { weavets: `^${version}` },
    devDependencies: DEV_DEPENDENCIES,
  }
  return { path: 'package.json', text: `${JSON.stringify(content, null, 2)}\n` }
}

/** A package.json that `npm init` or `npm install` has made, with what the app needs; what is there is kept, as npm keeps it. */
export function completedPackageJson(text: string, version: string): string {
  const content = JSON.parse(text) as Record<string, Record<string, string> | undefined>
  const { scripts = {}, dependencies = {}, devDependencies = {} } = content
  const { test, ...otherScripts } = scripts
  const declared = 'weavets' in dependencies || 'weavets' in devDependencies
  const missing = Object.entries(DEV_DEPENDENCIES).filter(([name]) => !(name in dependencies))
  const completed = {
    ...content,
    // "commonjs" is what `npm init` writes today; the app is written in modules.
    type: 'module',
    scripts: { ...SCRIPTS, ...otherScripts, ...(test === undefined || test === NPM_PLACEHOLDER ? {} : { test }) },
    dependencies: declared ? dependencies : { ...dependencies, weavets: `^${version}` },
    devDependencies: { ...Object.fromEntries(missing), ...devDependencies },
  }
  const indent = /^[\t ]+(?=")/m.exec(text)?.[0] ?? '  '
  return `${JSON.stringify(completed, null, indent)}\n`
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
    "skipLibCheck": true,
    "plugins": [{ "name": "weavets/language-service", "transform": "weavets/transform", "transformProgram": true }]
  },
  "include": ["src", "test", "*.ts"]
}
`

/** For a project that has a program and no tsconfig: all its TypeScript, which something else compiles. In CommonJS imports aren't written as they run. */
export function projectTsconfig(isModule: boolean): NewFile {
  const modules = isModule ? TSCONFIG : TSCONFIG.replace(/ *"verbatimModuleSyntax".*\n/, '')
  return { path: 'tsconfig.json', text: modules.replace(/,\n {2}"include".*/, '') }
}

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
    const items = this.#carts.get(userId) ?? []
    this.#carts.set(userId, [...items, item])
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

function main(entry: string): NewFile {
  const shop = posix.relative(posix.dirname(entry), 'src/shop.ts')
  const text = `import { run } from 'weavets'
import { Shop } from '${shop.startsWith('.') ? shop : `./${shop}`}'

await run(Shop)
`
  return { path: entry, text }
}

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

/** Its package.json apart. `entry`: where the config, if there is one, says that the program begins. */
export function wholeApp(entry: string): NewFile[] {
  return [
    { path: 'tsconfig.json', text: TSCONFIG },
    CONFIG_FILE,
    { path: 'src/cart.ts', text: CART },
    { path: 'src/cart-memory.ts', text: MEMORY_CART },
    { path: 'src/shop.ts', text: SHOP },
    main(entry),
    { path: 'test/cart.test.ts', text: TEST },
    { path: 'vitest.config.ts', text: VITEST },
    { path: '.gitignore', text: GITIGNORE },
  ]
}
