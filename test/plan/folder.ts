/** A small project in a temporary folder, for tests of planning: types of weavets and a library that parse fast. */
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { openPlan, type Plan, type PlanOptions } from '../../transformer/plan.ts'

export const repository = join(import.meta.dirname, '..', '..')

export const TSCONFIG = {
  compilerOptions: {
    target: 'es2024',
    // Parsed in no time; what it lacks matters to no test here.
    lib: ['es2015'],
    module: 'nodenext',
    types: [] as string[],
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    allowImportingTsExtensions: true,
  },
  include: ['src'],
}

export const SHOP: Readonly<Record<string, string>> = {
  'package.json': '{ "name": "shop", "type": "module" }',
  'src/main.ts': `import { run } from 'weavets'
import { Shop } from './shop.ts'

await run(Shop)
`,
  'src/shop.ts': `import type { Main } from 'weavets'
import type { Cart } from './cart.ts'

export class Shop implements Main {
  readonly #cart: Cart
  constructor(cart: Cart) {
    this.#cart = cart
  }
  async main(): Promise<void> {
    await this.#cart.items()
  }
}
`,
  'src/cart.ts': `import type { Component } from 'weavets'
import type { Item } from './item.ts'

export interface Cart extends Component {
  items(): Promise<Item[]>
}
`,
  'src/item.ts': 'export interface Item { id: string; amount: number }\n',
  'src/memory-cart.ts': `import type { Cart } from './cart.ts'
import type { Item } from './item.ts'

export class MemoryCart implements Cart {
  async items(): Promise<Item[]> {
    return []
  }
}
`,
}

/** What an application's types need of it; it stands still while this repository is built. */
const WEAVETS: Readonly<Record<string, string>> = {
  'node_modules/weavets/package.json': '{ "name": "weavets", "version": "0.0.0", "types": "index.d.ts" }',
  'node_modules/weavets/index.d.ts': `declare const component: unique symbol
/** @weaveMarker component */
export interface Component { readonly [component]?: never }
/** @weaveMarker main */
export interface Main { main(): Promise<void> }
/** @weaveMarker run */
export declare function run(root: new (...dependencies: never[]) => Main): Promise<void>
`,
}

export class Folder {
  readonly root = realpathSync(mkdtempSync(join(tmpdir(), 'weave-plan-')))

  constructor(files: Readonly<Record<string, string>> = SHOP) {
    this.write({ 'tsconfig.json': JSON.stringify(TSCONFIG), ...files })
    this.write(WEAVETS)
    mkdirSync(join(this.root, 'node_modules'), { recursive: true })
    symlinkSync(join(repository, 'node_modules/typescript'), join(this.root, 'node_modules/typescript'))
  }

  path(name: string): string {
    return join(this.root, name)
  }

  read(name: string): string {
    return readFileSync(this.path(name), 'utf8')
  }

  write(files: Readonly<Record<string, string>>): void {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(this.path(name)), { recursive: true })
      writeFileSync(this.path(name), text)
    }
  }

  edit(name: string, from: string, to: string): void {
    const text = this.read(name)
    if (!text.includes(from)) throw new Error(`${name} has no "${from}" to replace`)
    this.write({ [name]: text.replace(from, to) })
  }

  remove(name = '.'): void {
    rmSync(this.path(name), { recursive: true, force: true })
  }

  /** As a build in a process of its own would have it. */
  plan(options: Partial<PlanOptions> = {}): Plan {
    this.#settle()
    const planner = openPlan({ from: this.root, ...options })
    try {
      return planner.refresh()
    } finally {
      planner.close()
    }
  }

  /** The cache keeps nothing that changed within a tick of the file system's clock before it looked. */
  #settle(): void {
    const probe = this.path('.probe')
    writeFileSync(probe, '')
    const since = statSync(probe).ctimeMs
    while (statSync(probe).ctimeMs < since + 15) writeFileSync(probe, '')
  }
}

/** All that hosts get of a plan. */
export function shown(plan: Plan): object {
  const { analysis, version, entry, name, folders } = plan
  const files = [...plan.files].map(([path, file]) => [path, file.apply('source'), file.apply('output')])
  return JSON.parse(
    JSON.stringify({ analysis, version, entry, name, folders, files, manifest: plan.manifestText('main.js') }),
  )
}
