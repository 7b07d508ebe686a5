/** Functions over modules: generics, partial application, decorators of components, class members that are functions, switch-driven code. */
import { type Component, get } from 'weavets'
import type { Audit, Line, Mail, Order, Orders, Stock, User, Users } from './boundary.ts'

type Use<C extends Component, T> = (component: C) => Promise<T>

// case: a component behind a type parameter
export async function withUsers<C extends Users>(users: C, ids: string[]) {
  const names: string[] = []
  for (const id of ids) names.push((await users.get(id)).name) //? WV3016
  return names
}

// case: get at the call
export async function noteNow(text: string) {
  get<Audit>().note(text) //! WV3007
}

// case: partial application keeps the promise
export const noteWith =
  (audit: Audit): ((text: string) => Promise<void>) =>
  (text) =>
    audit.note(text)

// case: a function that runs something with a component
export const using = <T>(users: Users, use: Use<Users, T>): Promise<T> => use(users)

// case: a decorator that logs and passes on
export class LoggingStock implements Stock {
  readonly #inner: Stock
  readonly #audit: Audit
  constructor(inner: Stock, audit: Audit) {
    this.#inner = inner
    this.#audit = audit
  }
  count = (sku: string) => this.#inner.count(sku)
  counts = async (skus: string[]) => this.#inner.counts(skus)
  async reserve(line: Line) {
    void this.#audit.note(`reserve ${line.sku}`)
    return this.#inner.reserve(line)
  }
  // case: finally without waiting
  async release(line: Line) {
    try {
      await this.#inner.release(line)
    } finally {
      this.#audit.note(`release ${line.sku}`) //! WV3007
    }
  }
  async snapshot() {
    return this.#inner.snapshot()
  }
}

// case: an object of handlers whose promises the caller gets
export const handlersOf = (orders: Orders) => ({
  cancel: (id: string) => orders.cancel(id),
  get: (id: string) => orders.get(id),
})

// case: commands by name
export async function dispatch(orders: Orders, command: { kind: 'cancel' | 'get'; id: string }) {
  switch (command.kind) {
    case 'cancel':
      orders.cancel(command.id) //! WV3007
      break
    case 'get':
      return orders.get(command.id)
  }
  return undefined
}

// case: a for loop that starts calls in its head
export async function countdown(audit: Audit) {
  for (let i = 3; i > 0; audit.note(String(i)), i--); //! WV3007
}

// case: comma, where the last one is handed on
export const last = (audit: Audit, mail: Mail) => {
  // biome-ignore lint/complexity/noCommaOperator: that is the case
  return audit.note('a').catch(() => {}), mail.send('ann', 'b')
}

// case: nested lists
export async function everything(orders: Orders, users: User[]) {
  const all = await Promise.all(users.map(async ({ id }) => ({ id, orders: await orders.of(id) })))
  return new Map(all.map(({ id, orders: own }) => [id, own]))
}

// case: a group of results is changed and read
export async function withTotals(orders: Orders, id: string) {
  const all = await orders.of(id)
  for (const order of all) order.total = order.lines.length
  return all.filter(({ total }) => total > 0)
}

// case: an element of a result is changed for nobody
export async function markPaid(orders: Orders, id: string) {
  const all = await orders.of(id)
  for (const order of all) order.paid = true //? WV2030
}

// case: a result by status, changed for nobody
export async function open(orders: Orders, order: Order) {
  const byStatus = await orders.byStatus()
  byStatus.get('open')?.push(order) //! WV2030
}

// case: the result is logged, then changed for nobody
export async function logged(users: Users, id: string) {
  const user = await users.get(id)
  console.log('renaming', user)
  user.name = 'nobody' //! WV2030
}

// case: the result is stored in a list, then changed
export async function collected(users: Users, id: string, all: User[]) {
  const user = await users.get(id)
  all.push(user)
  user.roles.push('listed')
}

// case: the result is spread into another one first, whose parts are shared
export async function spread(users: Users, id: string, keep: (user: User) => void) {
  const user = await users.get(id)
  keep({ ...user })
  user.roles.push('kept')
}

// case: identity of a component
export const sameService = (one: Users, two: Users) => one === two

// case: findIndex by identity among another call's results
export async function position(users: Users, id: string) {
  const all = await users.all()
  const one = await users.get(id)
  // biome-ignore lint/complexity/useIndexOf: that is the case
  return all.findIndex((each) => each === one) //! WV2012
}

// case: without the element that was taken from the list itself
export async function others(users: Users) {
  const all = await users.all()
  const [first] = all
  return all.filter((each) => each !== first)
}

// case: without the one that was sent
export async function without(users: Users, user: User) {
  const saved = await users.save(user)
  return [user].filter((each) => each !== saved)
}

// case: delete from a local set what another call gave
export async function minus(users: Users) {
  const left = new Set(await users.all())
  for (const gone of (await users.page(undefined)).items) left.delete(gone) //! WV2012
  return left.size
}

// case: undefined and null
export async function missing(users: Users, email: string) {
  const user = await users.find(email)
  return user === undefined || user === null
}

// case: the dropped promise in an arrow of an event map
export const events = (audit: Audit): Record<string, () => unknown> => ({
  opened: () => audit.note('opened'),
  closed: () => {
    audit.note('closed') //! WV3007
  },
})

// case: allSettled in a loop over chunks
export async function inWaves(mail: Mail, waves: User[][]) {
  for (const wave of waves) await Promise.allSettled(wave.map((user) => mail.send(user.id, 'wave')))
}
