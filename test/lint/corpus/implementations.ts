/** The other side: implementations, in memory, over a generic repository, as handlers of commands, and over callbacks. */
import { EventEmitter } from 'node:events'
import type { Audit, Line, Mail, Order, Orders, Page, Stock, User, Users } from './boundary.ts'

export abstract class Repository<T extends { id: string }> {
  protected readonly rows = new Map<string, T>()
  insert(row: T) {
    this.rows.set(row.id, row)
    return row
  }
}

export class MemoryUsers extends Repository<User> implements Users {
  #me: User | undefined
  readonly #watched = new Set<User>()

  async get(id: string) {
    return this.rows.get(id)!
  }
  // case: a string in a map
  async find(email: string) {
    return [...this.rows.values()].find(({ name }) => name === email)
  }
  async all() {
    return [...this.rows.values()]
  }
  async page(_cursor: string | undefined): Promise<Page<User>> {
    return { items: await this.all(), next: undefined }
  }
  // case: a normalised argument that is returned
  async save(user: User) {
    user.name = user.name.trim()
    return this.insert(user)
  }
  // case: an argument sorted in place
  async saveAll(users: User[]) {
    users.sort((a, b) => a.id.localeCompare(b.id)) //! WV2011
    for (const user of users) this.insert({ ...user })
  }
  async remove(id: string) {
    this.rows.delete(id)
  }
  async roles() {
    return new Set(['admin'])
  }
  // case: no part of the interface
  touch(user: User) {
    user.createdAt.setTime(Date.now())
    return user === this.#me || this.#watched.has(user)
  }
}

export class OrderCommands extends EventEmitter implements Orders {
  readonly #orders: Order[] = []
  readonly #audit: Audit
  constructor(audit: Audit) {
    super()
    this.#audit = audit
  }
  async get(id: string) {
    return this.#orders.find((order) => order.id === id)!
  }
  async of(userId: string) {
    return this.#orders.filter(({ user }) => user.id === userId)
  }
  // case: an argument looked for among the stored, and its date changed
  async place(order: Order) {
    if (this.#orders.includes(order)) throw new Error('twice') //! WV2012
    order.user.createdAt.setHours(0) //! WV2011
    const stored = structuredClone(order)
    this.#orders.push(stored)
    return stored
  }
  // case: an event whose listener drops the promise
  async cancel(id: string) {
    this.once('cancelled', () => this.#audit.note(id)) //! WV3007
    this.emit('cancelled')
  }
  async byStatus() {
    return new Map([['open', this.#orders]])
  }
}

export class ShelfStock implements Stock {
  readonly #lines: Line[] = []
  readonly #waiting = new Map<Line, () => void>()

  async count(sku: string) {
    return this.#lines.find((line) => line.sku === sku)?.quantity ?? 0
  }
  async counts(skus: string[]) {
    return Object.fromEntries(await Promise.all(skus.map(async (sku) => [sku, await this.count(sku)] as const)))
  }
  // case: a key of a map that an earlier call has put in
  async reserve(line: Line) {
    this.#waiting.set(line, () => {})
    return true
  }
  async release(line: Line) {
    this.#waiting.get(line)?.() //! WV2012
  }
  async snapshot() {
    return this.#lines
  }
  // case: what is shared is seen by others
  async shrink(stock: Stock) {
    const lines = await stock.snapshot()
    lines.length = 0 //! WV2030
  }
}

export class QueueMail implements Mail {
  readonly #queue: { to: string; text: string }[] = []
  // case: its own state changes
  async send(to: string, text: string) {
    this.#queue.push({ to, text })
    this.#queue.sort((a, b) => a.to.localeCompare(b.to))
  }
  async *inbox(user: string) {
    for (const { to, text } of this.#queue) if (to === user) yield text
  }
}

/** A legacy client with callbacks. */
export class CallbackAudit implements Audit {
  // case: a promise around a callback
  note(text: string) {
    return new Promise<void>((resolve, reject) => {
      setImmediate(() => (text === '' ? reject(new Error('empty')) : resolve()))
    })
  }
}

// case: a callback of a legacy function that drops the promise
export function legacy(audit: Audit, read: (done: (error: Error | null, text: string) => void) => void) {
  read((error, text) => {
    if (error) return
    audit.note(text) //! WV3007
  })
}

// case: a callback that gives the promise to somebody unknown
export function given(audit: Audit, use: (work: () => Promise<void>) => void) {
  use(() => audit.note('used'))
}

// case: a local async function that is called without waiting
export function start(audit: Audit) {
  const flush = async () => {
    await audit.note('flush') //? WV3007
  }
  flush()
}

// case: compared through another function
export async function sameUser(users: Users, one: User) {
  const equal = (a: User, b: User) => a === b //? WV2012
  return equal(one, await users.get(one.id))
}

// case: a loop through recursion
export async function recurse(stock: Stock, lines: Line[]): Promise<void> {
  const [line, ...rest] = lines
  if (!line) return
  await stock.release(line) //? WV3016
  return recurse(stock, rest)
}
