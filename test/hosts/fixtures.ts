/** What goes through the matrix: real applications, and one small one for each layout a project may have. */
import { cpSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { expectOk, Project, repository } from './project.ts'

export interface Fixture {
  open(): Project | Promise<Project>
  /** The file that calls `run`. */
  readonly entry: string
  readonly prints: string
  /** Hosts that it doesn't go through, and why. */
  readonly except?: Readonly<Record<string, string>>
  /** Beyond weave.config.ts's defaults. */
  readonly settings?: object
}

export const HELLO_PRINTS = `Good evening, Ada of 1815
1 came
Good evening, Ada of 1815, again
Good evening, Bob and Cyd and Dee
4 came
3 tea
1 cake
Ada at 2026-11-23T19:00:00.000Z, a map of gifts
HouseFull: 3 seats wanted, 1 free (bigint, because the house has four walls)
`

const HELLO_CONFIG = { config: { GuestBook: { seats: 5 }, Greeter: { greeting: 'Good evening' } } }

/** In the boutique's place of `main`: one customer, from the shelf to a declined card. */
const TOUR = `import type { Main } from 'weavets'
import { run } from 'weavets'
import type { Ads } from './ads/ads.ts'
import type { Cart } from './cart/cart.ts'
import type { Catalog } from './catalog/catalog.ts'
import { CartEmpty, type Checkout } from './checkout/checkout.ts'
import type { Currency } from './currency/currency.ts'
import { format, money } from './money.ts'
import type { Shipping } from './shipping/shipping.ts'

export class Tour implements Main {
  constructor(ads: Ads, cart: Cart, catalog: Catalog, checkout: Checkout, currency: Currency, shipping: Shipping) {
    this.shop = { ads, cart, catalog, checkout, currency, shipping }
  }
  readonly shop: { ads: Ads; cart: Cart; catalog: Catalog; checkout: Checkout; currency: Currency; shipping: Shipping }

  async main(): Promise<void> {
    const { ads, cart, catalog, checkout, currency, shipping } = this.shop
    const product = await catalog.get('OLJCESPC7Z')
    console.log(product.name, format(await currency.convert(product.price, 'EUR')))
    await cart.add('ada', { productId: product.id, quantity: 2 })
    console.log(await cart.items('ada'))
    console.log((await ads.ads(['kitchen'])).length, 'ads')
    console.log(format(money('USD', 8, 990_000_000)), typeof shipping.quote)
    const error = await checkout
      .placeOrder({
        userId: 'nobody',
        currencyCode: 'EUR',
        email: 'n@example.com',
        address: { streetAddress: '1', zipCode: '1', city: 'x', state: 'y', country: 'z' },
        card: { number: '4432-8015-6152-0454', cvv: '672', expirationYear: 2030, expirationMonth: 1 },
      })
      .catch((thrown) => thrown)
    console.log(error instanceof CartEmpty, error.message)
  }
}

await run(Tour)
`

const TOUR_PRINTS = `Lido Sunglasses €59.94
[ { productId: 'OLJCESPC7Z', quantity: 2 } ]
2 ads
$8.99 function
true There is nothing in the cart to order.
`

function boutique(): Project {
  const project = new Project('boutique')
  project.write('src/main.ts', TOUR)
  project.write('weave.config.ts', "export default { name: 'boutique', config: { CartCache: { cartsMax: 10 } } }\n")
  return project
}

const ESM_ONLY = {
  esbuild: 'it is told to write ES modules',
  vite: 'it writes ES modules',
  rollup: 'it reads ES modules',
  rolldown: 'it is told to write ES modules',
}

const STOCK_CONFIG = { config: { Stock: { left: 4 } } }

function prints(layout: string): string {
  return readFileSync(join(repository, 'fixtures', 'layouts', layout, 'expected.txt'), 'utf8')
}

/** Linked as npm does it: one node_modules at the top. */
function workspaces(): Project {
  const project = new Project('layouts/workspaces')
  for (const name of ['contracts', 'stock']) project.symlink(`node_modules/@layout/${name}`, `packages/${name}`)
  return project.inside('packages/app')
}

/** The same packages with their outputs for exports, as they are published; nothing is built yet. */
function published(project: Project): void {
  const types = (path: string) => ({ types: `./dist/${path}.d.ts`, default: `./dist/${path}.js` })
  const exports = { contracts: { './*': types('*') }, stock: { '.': types('index') } }
  for (const [name, each] of Object.entries(exports)) {
    const file = `packages/${name}/package.json`
    project.write(file, JSON.stringify({ ...project.json<object>(file), exports: each }))
  }
}

/** Workspaces whose packages are built by `tsc -b`. */
async function builtWorkspaces(): Promise<Project> {
  const project = new Project('layouts/workspaces')
  published(project)
  for (const name of ['contracts', 'stock']) project.symlink(`node_modules/@layout/${name}`, `packages/${name}`)
  const app = project.inside('packages/app')
  expectOk(await app.tspc('-b', '.'))
  return app
}

/** The application alone; the packages are installed, with nothing but their outputs. `store`: linked as pnpm does it. */
async function installed(store: boolean): Promise<Project> {
  const project = new Project('layouts/workspaces')
  published(project)
  for (const name of ['contracts', 'stock']) project.symlink(`node_modules/@layout/${name}`, `packages/${name}`)
  for (const name of ['contracts', 'stock']) expectOk(await project.tsc('-p', `packages/${name}`))
  project.remove('node_modules/@layout')
  for (const name of ['contracts', 'stock']) {
    const place = store
      ? `node_modules/.pnpm/@layout+${name}@1.0.0/node_modules/@layout/${name}`
      : `node_modules/@layout/${name}`
    for (const part of ['package.json', 'dist']) {
      cpSync(join(project.folder, 'packages', name, part), join(project.folder, place, part), { recursive: true })
    }
    rmSync(join(project.folder, place, 'dist', 'tsconfig.tsbuildinfo'), { force: true })
    project.remove(`packages/${name}`)
    if (!store) continue
    project.symlink(`packages/app/node_modules/@layout/${name}`, place)
    project.symlink(`node_modules/.pnpm/@layout+${name}@1.0.0/node_modules/weavets`, 'node_modules/weavets')
  }
  if (store) {
    project.symlink(
      'node_modules/.pnpm/@layout+stock@1.0.0/node_modules/@layout/contracts',
      'node_modules/.pnpm/@layout+contracts@1.0.0/node_modules/@layout/contracts',
    )
  }
  const app = project.inside('packages/app')
  const { references: _, ...tsconfig } = app.json<Record<string, unknown>>('tsconfig.json')
  app.write('tsconfig.json', JSON.stringify(tsconfig))
  return app
}

export const FIXTURES: Record<string, Fixture> = {
  hello: { open: () => new Project('hello'), entry: 'src/main.ts', prints: HELLO_PRINTS, settings: HELLO_CONFIG },
  boutique: {
    open: boutique,
    entry: 'src/main.ts',
    prints: TOUR_PRINTS,
    settings: { config: { CartCache: { cartsMax: 10 } } },
  },
  jsx: { open: () => new Project('layouts/jsx'), entry: 'src/main.tsx', prints: prints('jsx') },
  paths: {
    open: () => new Project('layouts/paths'),
    entry: 'src/main.ts',
    prints: prints('paths'),
    except: {
      tspc: 'tsc leaves aliases as they are',
      'weave tsc': 'tsc leaves aliases as they are',
      rollup: 'it knows no aliases without a plugin for them',
    },
  },
  commonjs: {
    open: () => new Project('layouts/commonjs'),
    entry: 'src/main.ts',
    prints: prints('commonjs'),
    except: {
      ...ESM_ONLY,
      'weave build': 'it writes ES modules',
      'weave generate, then esbuild': 'it is told to write ES modules',
      vitest: 'it ends with its test, and without await at the top nothing waits for the program',
    },
  },
  modules: {
    open: () => new Project('layouts/modules'),
    entry: 'src/main.mts',
    prints: prints('modules'),
    except: {
      rollup: 'it reads ES modules, and one of these is CommonJS',
      vitest: 'it reads ES modules, and one of these is CommonJS',
    },
  },
  references: {
    open: () => new Project('layouts/references'),
    entry: 'app/src/main.ts',
    prints: prints('references'),
    settings: STOCK_CONFIG,
  },
  'workspaces, linked sources': {
    open: workspaces,
    entry: 'src/main.ts',
    prints: prints('workspaces'),
    settings: STOCK_CONFIG,
    except: {
      tspc: 'packages whose exports are sources are for bundlers',
      'weave tsc': 'packages whose exports are sources are for bundlers',
    },
  },
  'workspaces, built by tsc -b': {
    open: builtWorkspaces,
    entry: 'src/main.ts',
    prints: prints('workspaces'),
    settings: STOCK_CONFIG,
  },
  'packages installed from tarballs': {
    open: () => installed(false),
    entry: 'src/main.ts',
    prints: prints('workspaces'),
    settings: STOCK_CONFIG,
  },
  "packages in pnpm's store": {
    open: () => installed(true),
    entry: 'src/main.ts',
    prints: prints('workspaces'),
    settings: STOCK_CONFIG,
  },
}
