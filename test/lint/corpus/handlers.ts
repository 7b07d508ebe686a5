/** HTTP handlers as functions over their dependencies, in the manner of Express, Fastify and Hono. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Audit, Mail, Order, Orders, Stock, User, Users } from './boundary.ts'

interface Deps {
  users: Users
  orders: Orders
  stock: Stock
  mail: Mail
  audit: Audit
}
type Handler = (request: IncomingMessage, response: ServerResponse) => Promise<void>
declare function bodyOf(request: IncomingMessage): Promise<Order>
declare function userOf(request: IncomingMessage): User

// case: fire and forget after the response
export const createOrder =
  ({ orders, audit }: Deps): Handler =>
  async (request, response) => {
    const order = await orders.place(await bodyOf(request))
    response.end(JSON.stringify(order))
    audit.note(`order ${order.id}`) //! WV3007
  }

// case: the same, with the failure handled
export const createOrderSafely =
  ({ orders, audit }: Deps): Handler =>
  async (request, response) => {
    const order = await orders.place(await bodyOf(request))
    response.end(JSON.stringify(order))
    audit.note(`order ${order.id}`).catch((error) => console.error(error))
  }

// case: stock asked line by line
export const checkStock =
  ({ stock }: Deps): Handler =>
  async (request, response) => {
    const { lines } = await bodyOf(request)
    const missing: string[] = []
    for (const line of lines) {
      if ((await stock.count(line.sku)) < line.quantity) missing.push(line.sku) //! WV3016
    }
    response.end(JSON.stringify(missing))
  }

// case: stock asked at once
export const checkStockAtOnce =
  ({ stock }: Deps): Handler =>
  async (request, response) => {
    const { lines } = await bodyOf(request)
    const counts = await stock.counts(lines.map(({ sku }) => sku))
    response.end(JSON.stringify(lines.filter(({ sku, quantity }) => (counts[sku] ?? 0) < quantity)))
  }

// case: reserve until one is missing
export const reserve =
  ({ stock }: Deps): Handler =>
  async (request, response) => {
    for (const line of (await bodyOf(request)).lines) {
      if (!(await stock.reserve(line))) {
        response.statusCode = 409
        return
      }
    }
    response.end()
  }

// case: reserve, and fail at the first that is missing
export const reserveOrThrow =
  ({ stock }: Deps): Handler =>
  async (request) => {
    for (const line of (await bodyOf(request)).lines) {
      const ok = await stock.reserve(line)
      if (!ok) throw new Error(`no ${line.sku}`)
    }
  }

// case: the listener's promise goes nowhere
export const watchClose = ({ audit }: Deps, request: IncomingMessage) => {
  request.on('close', async () => {
    await audit.note('closed') //! WV3007
  })
}

// case: the listener handles it
export const watchCloseSafely = ({ audit }: Deps, request: IncomingMessage) => {
  request.on('close', () => {
    audit.note('closed').catch(() => {})
  })
}

// case: is the requester one of the admins, by identity
export const isAdmin = async ({ users }: Deps, me: User) => {
  const admins = await users.all()
  return admins.includes(me) //! WV2012
}

// case: is the requester one of the admins, by id
export const isAdminById = async ({ users }: Deps, me: User) => {
  const admins = await users.all()
  return admins.some(({ id }) => id === me.id)
}

// case: the result is sorted for the page
export const listUsers =
  ({ users }: Deps): Handler =>
  async (_request, response) => {
    const all = await users.all()
    all.sort((a, b) => a.name.localeCompare(b.name))
    response.end(JSON.stringify(all))
  }

// case: a change of the result that was meant for the component
export const rename =
  ({ users }: Deps, name: string): Handler =>
  async (request, response) => {
    const user = await users.get(userOf(request).id)
    user.name = name //! WV2030
    response.end()
  }

// case: the change is sent back
export const renameAndSave =
  ({ users }: Deps, name: string): Handler =>
  async (request, response) => {
    const user = await users.get(userOf(request).id)
    user.name = name
    await users.save(user)
    response.end()
  }

// case: the object was put into the response's locals before it was changed
export const attach = async ({ users }: Deps, locals: { user?: User }, id: string) => {
  const user = await users.get(id)
  locals.user = user
  user.roles.push('guest')
}

// case: the object was passed on before it was changed
export const present = async ({ users }: Deps, show: (user: User) => void, id: string) => {
  const user = await users.get(id)
  show(user)
  user.name = user.name.trim()
}

// case: mails side by side, nobody waits
export const notifyAll = async ({ users, mail }: Deps, text: string) => {
  const all = await users.all()
  Promise.all(all.map(({ id }) => mail.send(id, text))) //! WV3007
}

// case: mails side by side
export const notifyAllAndWait = async ({ users, mail }: Deps, text: string) => {
  const all = await users.all()
  await Promise.all(all.map(({ id }) => mail.send(id, text)))
}

// case: a list of promises is awaited, which waits for none
export const notifyAllWrongly = async ({ users, mail }: Deps, text: string) => {
  const all = await users.all()
  await all.map(({ id }) => mail.send(id, text)) //! WV3007
}
