/** Jobs, queues, retries, pagination: loops in which calls are one after the other for a reason, and some without. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Line, Mail, Orders, Stock, User, Users } from './boundary.ts'

// case: pagination by cursor
export async function* everyUser(users: Users): AsyncGenerator<User> {
  let cursor: string | undefined
  do {
    const page = await users.page(cursor)
    yield* page.items
    cursor = page.next
  } while (cursor !== undefined)
}

// case: pagination by cursor, with for
export async function countUsers(users: Users) {
  let count = 0
  for (let page = await users.page(undefined); page.next !== undefined; page = await users.page(page.next)) {
    count += page.items.length
  }
  return count
}

// case: retry
export async function getUser(users: Users, id: string) {
  for (let tries = 0; ; tries++) {
    try {
      return await users.get(id)
    } catch (error) {
      if (tries === 3) throw error
      await sleep(100 * tries)
    }
  }
}

// case: retry counted, the id changes
export async function firstFree(users: Users, base: string) {
  for (let number = 1; number < 100; number++) {
    const taken = await users.find(`${base}${number}`)
    if (!taken) return `${base}${number}`
  }
  throw new Error('none')
}

// case: chunks by index
export async function importUsers(users: Users, all: User[]) {
  for (let from = 0; from < all.length; from += 100) await users.saveAll(all.slice(from, from + 100))
}

// case: chunks by a function
declare function chunk<T>(all: T[], size: number): T[][]
export async function importChunks(users: Users, all: User[]) {
  for (const batch of chunk(all, 100)) await users.saveAll(batch)
}

// case: a pool of workers over one queue
export async function sendAll(mail: Mail, all: User[]) {
  const queue = [...all]
  const worker = async () => {
    while (queue.length > 0) {
      const user = queue.shift()!
      await mail.send(user.id, 'hello')
    }
  }
  await Promise.all([worker(), worker(), worker()])
}

// case: a pool of workers over one iterator
export async function sendShared(mail: Mail, all: User[]) {
  const rest = all.values()
  const worker = async () => {
    for (const user of rest) await mail.send(user.id, 'hello')
  }
  await Promise.all(Array.from({ length: 4 }, worker))
}

// case: lanes
export async function sendLanes(mail: Mail, all: User[]) {
  await Promise.all(
    chunk(all, 10).map(async (lane) => {
      for (const user of lane) await mail.send(user.id, 'hello')
    }),
  )
}

// case: chunks, side by side inside
export async function sendInChunks(mail: Mail, all: User[]) {
  for (const some of chunk(all, 20)) await Promise.all(some.map((user) => mail.send(user.id, 'hello')))
}

// case: draining a queue that others fill
export async function drain(orders: Orders, queue: string[]) {
  while (queue.length > 0) await orders.cancel(queue.pop()!)
}

// case: a plain loop of calls
export async function cancelAll(orders: Orders, ids: string[]) {
  for (const id of ids) await orders.cancel(id) //! WV3016
}

// case: a plain loop by index
export async function cancelByIndex(orders: Orders, ids: readonly string[]) {
  for (let i = 0; i < ids.length; i++) {
    await orders.cancel(ids[i]!) //! WV3016
  }
}

// case: a loop with a log of failures
export async function cancelWhatCan(orders: Orders, ids: Set<string>) {
  const failed: string[] = []
  for (const id of ids) {
    try {
      await orders.cancel(id) //! WV3016
    } catch {
      failed.push(id)
    }
  }
  return failed
}

// case: a balance that the next round needs
export async function spend(stock: Stock, lines: Line[], budget: number) {
  let left = budget
  for (const line of lines) {
    const count = await stock.count(`${line.sku}:${left}`)
    left -= count
  }
  return left
}

// case: stop when the budget is used up
export async function spendUntil(stock: Stock, lines: Line[], budget: number) {
  let left = budget
  for (const line of lines) {
    if (left <= 0) break
    left -= await stock.count(line.sku)
  }
}

// case: paced on purpose
export async function trickle(mail: Mail, all: User[]) {
  for (const user of all) {
    await mail.send(user.id, 'hello')
    await sleep(50)
  }
}

// case: a stream of a component
export async function forward(mail: Mail, users: Users, user: string) {
  for await (const text of mail.inbox(user)) await users.find(text)
}

// case: a tree, level by level
export async function descend(orders: Orders, root: string) {
  const open = [root]
  for (const id of open) {
    const order = await orders.get(id)
    open.push(...order.lines.map(({ sku }) => sku))
  }
}

// case: two calls a round
export async function both(users: Users, orders: Orders, ids: string[]) {
  const found: [User, number][] = []
  for (const id of ids) {
    const user = await users.get(id) //! WV3016
    const all = await orders.of(id) //! WV3016
    found.push([user, all.length])
  }
  return found
}

// case: a timer
export function everyMinute(orders: Orders, id: string) {
  return setInterval(async () => {
    await orders.cancel(id) //! WV3007
  }, 60_000)
}

// case: a timer that handles it
export function everyMinuteSafely(orders: Orders, id: string) {
  return setInterval(() => {
    orders.cancel(id).catch((error) => console.error(error))
  }, 60_000)
}

// case: two lists from two calls
export async function inBoth(users: Users) {
  const [all, page] = await Promise.all([users.all(), users.page(undefined)])
  return page.items.filter((user) => all.includes(user)) //! WV2012
}

// case: dedupe within one list
export async function unique(users: Users) {
  const all = await users.all()
  return all.filter((user, at) => all.indexOf(user) === at)
}

// case: dedupe of two lists, by identity
export async function merged(users: Users) {
  const seen = new Set(await users.all())
  const more = (await users.page(undefined)).items
  return more.filter((user) => !seen.has(user)) //! WV2012
}

// case: dedupe of two lists, by id
export async function mergedById(users: Users) {
  const seen = new Set((await users.all()).map(({ id }) => id))
  return (await users.page(undefined)).items.filter(({ id }) => !seen.has(id))
}

// case: an executor that is async
export function once(users: Users, id: string) {
  // biome-ignore lint/suspicious/noAsyncPromiseExecutor: that is the case
  return new Promise<string>(async (resolve) => {
    resolve((await users.get(id)).name) //! WV3007
  })
}

// case: a mutex in a loop
export async function oneAtATime(stock: Stock, lines: Line[], mutex: { acquire(): Promise<() => void> }) {
  for (const line of lines) {
    const release = await mutex.acquire()
    await stock.release(line)
    release()
  }
}
