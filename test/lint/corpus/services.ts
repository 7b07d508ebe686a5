/** Service classes with private fields, in the manner of NestJS and of plain object orientation. */
import type { Audit, Line, Mail, Order, Orders, Stock, User, Users } from './boundary.ts'

export class CheckoutService {
  readonly #orders: Orders
  readonly #stock: Stock
  readonly #mail: Mail
  readonly #audit: Audit
  readonly #running = new Set<Order>()
  readonly #lastByUser = new Map<string, Order>()
  #last: Order | undefined

  constructor(orders: Orders, stock: Stock, mail: Mail, audit: Audit) {
    this.#orders = orders
    this.#stock = stock
    this.#mail = mail
    this.#audit = audit
  }

  // case: an optional dependency whose promise is dropped behind a condition
  async pay(order: Order, loud: boolean) {
    await this.#orders.place(order)
    loud && this.#mail.send(order.user.id, 'paid') //! WV3007
  }

  // case: a ternary of two calls
  async settle(order: Order) {
    order.paid
      ? this.#audit.note('paid') //! WV3007
      : this.#mail.send(order.user.id, 'please pay') //! WV3007
  }

  // case: handed to the caller
  release(line: Line) {
    return this.#stock.release(line)
  }

  // case: forEach with an async callback
  async releaseAll(lines: Line[]) {
    lines.forEach(async (line) => {
      await this.#stock.release(line) //! WV3007
    })
  }

  // case: filter with an async callback
  async available(lines: Line[]) {
    return lines.filter(async (line) => (await this.#stock.count(line.sku)) > 0) //! WV3007
  }

  // case: identity among running orders that it has put there
  async run(order: Order) {
    this.#running.add(order)
    try {
      await this.#orders.place(order)
    } finally {
      this.#running.delete(order)
    }
  }

  // case: what came back is looked for among what was sent
  async confirm(order: Order) {
    this.#running.add(order)
    const placed = await this.#orders.place(order)
    this.#running.delete(placed) //! WV2012
  }

  // case: the answer of a call compared with that of another one
  async changed(id: string) {
    const before = await this.#orders.get(id)
    await this.#orders.cancel(id)
    const after = await this.#orders.get(id)
    return before !== after //! WV2012
  }

  // case: a cache, and a change of what it holds
  async cached(id: string) {
    const order = await this.#orders.get(id)
    this.#lastByUser.set(order.user.id, order)
    order.paid = true
  }

  // case: identity of what it has cached in the same method
  async remember(id: string) {
    const order = await this.#orders.get(id)
    this.#last = order
    return this.#last === order
  }

  // case: members that are primitives
  async same(id: string) {
    const order = await this.#orders.get(id)
    return order.id === this.#last?.id && order.total === this.#last.total
  }

  // case: dates are objects
  async sameDate(id: string, user: User) {
    const order = await this.#orders.get(id)
    return order.user.createdAt === user.createdAt //! WV2012
  }

  // case: switch over an object
  async kind(id: string) {
    switch (await this.#orders.get(id)) {
      case this.#last: //! WV2012
        return 'again'
      default:
        return 'new'
    }
  }

  // case: chain without a handler of failures
  async report(id: string) {
    this.#orders //! WV3007
      .get(id)
      .then((order) => this.#mail.send(order.user.id, 'report'))
  }

  // case: chain with one
  async reportSafely(id: string) {
    this.#orders
      .get(id)
      .then((order) => this.#mail.send(order.user.id, 'report'))
      .catch(() => {})
  }

  // case: an async function that is called at once
  async background(id: string) {
    ;(async () => {
      const order = await this.#orders.get(id) //! WV3007
      await this.#mail.send(order.user.id, 'hello')
    })()
  }

  // case: the same, on purpose
  async backgroundOnPurpose(id: string) {
    void (async () => {
      const order = await this.#orders.get(id)
      await this.#mail.send(order.user.id, 'hello')
    })()
  }

  // case: the same, with the failure handled inside
  async backgroundSafely(id: string) {
    ;(async () => {
      try {
        await this.#mail.send(id, 'hello')
      } catch (error) {
        console.error(error)
      }
    })()
  }

  // case: an optional callee
  async maybe(audit: Audit | undefined) {
    audit?.note('maybe') //! WV3007
  }

  // case: kept and awaited later
  async overlap(order: Order) {
    const sent = this.#mail.send(order.user.id, 'soon')
    await this.#orders.place(order)
    await sent
  }

  // case: a promise that is a value in a field
  #pending: Promise<void> | undefined
  flush() {
    this.#pending = this.#audit.note('flush')
    return this.#pending
  }
}

export class UsersService {
  readonly users: Users
  constructor(users: Users) {
    this.users = users
  }

  // case: a repeated question with the same answer
  async names(ids: string[]) {
    const names: string[] = []
    for (const id of ids) names.push((await this.users.get(id)).name) //! WV3016
    return names
  }

  // case: the accumulator of a reduce
  async totals(ids: string[]) {
    return ids.reduce(async (before, id) => {
      const all = await before
      return [...all, (await this.users.get(id)).name] //! WV3016
    }, Promise.resolve<string[]>([]))
  }

  // case: roles put into a set that nobody reads
  async grant(role: string) {
    const roles = await this.users.roles()
    if (roles.has(role)) return
    roles.add(role) //! WV2030
  }

  // case: a set that is read afterwards
  async rolesWith(role: string) {
    const roles = await this.users.roles()
    roles.add(role)
    return [...roles]
  }

  // case: a nested member of a result
  async move(id: string, city: string) {
    const { address } = await this.users.get(id)
    address.city = city //! WV2030
  }

  // case: a copy for the caller
  async moved(id: string, city: string) {
    const user = await this.users.get(id)
    user.address.city = city
    return user
  }

  // case: a change in a closure
  async later(id: string) {
    const user = await this.users.get(id)
    const rename = (name: string) => {
      user.name = name
      return user
    }
    return rename
  }
}
