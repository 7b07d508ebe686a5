/** A project as an editor opens it: sources in a temporary folder, with TypeScript and weavets installed beside each other. */
import { execFile } from 'node:child_process'
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { repository } from '../hosts/project.ts'

const CONFIG = `import { defineConfig } from 'weavets'

export default defineConfig({
  config: {
    Shop: { title: 'Corner shop' },
  },
  implementations: { Cart: 'MemoryCart' },
})
`

const CART = `import type { Component, Key } from 'weavets'

export interface CartItem {
  readonly productId: string
  readonly quantity: number
}

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

export class EmptyCart implements Cart {
  async items(): Promise<readonly CartItem[]> {
    return []
  }

  async add(): Promise<void> {}
}
`

const SHOP = `import { type Config, get, type Listener, type Main } from 'weavets'
import type { Cart } from './cart.ts'

export class Shop implements Main {
  readonly #cart: Cart
  readonly #config: Config<{ title: string; open?: boolean }>

  constructor(cart: Cart, _web: Listener, config: Config<{ title: string; open?: boolean }>) {
    this.#cart = cart
    this.#config = config
  }

  async main(): Promise<void> {
    const items = await this.#cart.items('ada')
    console.log(this.#config.title, items.length, await get<Cart>().items('bob'))
  }
}
`

const MAIN = `import { run } from 'weavets'
import { Shop } from './shop.ts'

await run(Shop)
`

export const TSCONFIG = {
  compilerOptions: {
    target: 'es2024',
    lib: ['es2024', 'esnext.disposable'],
    module: 'nodenext',
    types: ['node'],
    strict: true,
    noEmit: true,
    verbatimModuleSyntax: true,
    allowImportingTsExtensions: true,
    skipLibCheck: true,
    plugins: [{ name: 'weavets/language-service', transform: 'weavets/transform', transformProgram: true }],
  },
  include: ['src', '*.ts'],
}

export class Workspace implements Disposable {
  readonly folder: string

  /** `typescript`: the package that is installed under this name; undefined for none. */
  constructor(typescript: 'typescript' | 'typescript-7' | undefined = undefined) {
    this.folder = realpathSync(mkdtempSync(join(tmpdir(), 'weave-editor-')))
    this.write(
      'package.json',
      JSON.stringify({ name: 'corner', private: true, type: 'module', dependencies: { weavets: '*' } }),
    )
    this.write('tsconfig.json', JSON.stringify(TSCONFIG))
    this.write('weave.config.ts', CONFIG)
    this.write('src/cart.ts', CART)
    this.write('src/cart-memory.ts', MEMORY_CART)
    this.write('src/shop.ts', SHOP)
    this.write('src/main.ts', MAIN)
    mkdirSync(join(this.folder, 'node_modules', '@types'), { recursive: true })
    this.#install('@types/node')
    if (typescript !== undefined) this.#install(typescript, 'typescript')
    this.#installWeave()
  }

  #install(name: string, as = name): void {
    symlinkSync(join(repository, 'node_modules', name), join(this.folder, 'node_modules', as))
  }

  /** As from the registry: its folder is a real one, what is in it are links. */
  #installWeave(): void {
    const installed = join(this.folder, 'node_modules', 'weavets')
    mkdirSync(join(installed, 'dist'), { recursive: true })
    for (const name of ['package.json', 'language-service', 'bin'])
      cpSync(join(repository, name), join(installed, name), { recursive: true })
    for (const name of readdirSync(join(repository, 'dist')))
      symlinkSync(join(repository, 'dist', name), join(installed, 'dist', name))
  }

  /** tsserver looks for plugins beside the TypeScript that it is of, so this one can't be a link; the plugin is the sources' as they are. */
  async installForServer(): Promise<string> {
    const typescript = join(this.folder, 'node_modules', 'typescript')
    rmSync(typescript, { recursive: true, force: true })
    const lib = join(repository, 'node_modules', 'typescript', 'lib')
    mkdirSync(join(typescript, 'lib'), { recursive: true })
    cpSync(join(lib, '..', 'package.json'), join(typescript, 'package.json'))
    for (const name of readdirSync(lib))
      if (/\.d\.ts$|^_?tsserver\.js$|^typescript\.js$|^typingsInstaller|^_typings/.test(name))
        cpSync(join(lib, name), join(typescript, 'lib', name))
    const bundle = join(this.folder, 'node_modules', 'weavets', 'dist')
    rmSync(join(bundle, 'language-service.cjs'), { force: true })
    await promisify(execFile)(process.execPath, [join(repository, 'scripts', 'language-service.js'), bundle])
    return join(typescript, 'lib', 'tsserver.js')
  }

  path(name: string): string {
    return join(this.folder, name)
  }

  read(name: string): string {
    return readFileSync(this.path(name), 'utf8')
  }

  write(name: string, text: string): void {
    mkdirSync(dirname(this.path(name)), { recursive: true })
    writeFileSync(this.path(name), text)
  }

  remove(name: string): void {
    rmSync(this.path(name), { recursive: true })
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true })
  }
}
