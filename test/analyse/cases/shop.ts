// EXPECT Cart.add(key userId: string, item: CartItem): undefined
// EXPECT Cart.items(key userId: string): CartItem[] idempotent 500ms
// EXPECT Cart.remove(key userId: string, productId: string): boolean 2000ms
// EXPECT Cart by MemoryCart(Catalog, logger log)
// EXPECT Catalog by JsonCatalog(config settings { file: string; limits?: Limits }, default cache)
// EXPECT run Shop Shop(Cart, listener web): Catalog, Cart
// EXPECT type CartItem = { productId: string; quantity: number }
// EXPECT error OutOfStock export OutOfStock
import { type Component, type Config, type Key, type Listener, type Logger, type Main, run } from 'weavets'

export interface CartItem {
  quantity: number
  productId: string
}

export interface Cart extends Component {
  /** @idempotent @timeout 500ms */
  items(userId: Key<string>): Promise<CartItem[]>
  add(userId: Key<string>, item: CartItem): Promise<void>
  /**
   * Takes a product out.
   * @timeout 2s the store is slow
   * @returns whether it was there
   */
  remove(userId: Key<string>, productId: string): Promise<boolean>
}

export interface Catalog extends Component {
  list(): Promise<string[]>
}

export class OutOfStock extends Error {
  constructor(readonly productId: string) {
    super(`${productId} is out of stock`)
  }
}

export class MemoryCart implements Cart {
  constructor(
    readonly catalog: Catalog,
    readonly log: Logger,
  ) {}
  async items() {
    return []
  }
  async add() {}
  async remove() {
    return true
  }
}

interface Limits {
  most: number
}

export class JsonCatalog implements Catalog {
  constructor(
    readonly settings: Config<{ file: string; limits?: Limits }>,
    readonly cache = new Map<string, string>(),
  ) {}
  async list() {
    return []
  }
}

export class Shop implements Main {
  constructor(
    readonly cart: Cart,
    readonly web: Listener,
  ) {}
  async main() {}
}

await run(Shop)
