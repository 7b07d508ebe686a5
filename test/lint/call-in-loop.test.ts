/** WV3016: loops whose rounds could be one call, and loops that are what they must be. */
import { describe, expect, test } from 'vitest'
import { analyseFiles, expectNothing, expectReports, PRELUDE } from './project.ts'

const inShop = (body: string): string => `
import { setTimeout as sleep } from 'node:timers/promises'
declare const items: Item[]
declare const ids: string[]
declare const stream: AsyncIterable<Item>
export class Shop {
  constructor(readonly cart: Cart) {}
  async buy(): Promise<unknown> {
${body}
    return undefined
  }
  async *all() {
    for (const id of ids) yield await this.cart.find('ann', id)
  }
}
`

describe('reported', () => {
  test.for([
    ['for-of', 'for (const item of items) await [|this.cart.add|]("ann", item)'],
    [
      'with a part of the element',
      'for (const { id } of items) { const found = await [|this.cart.find|]("ann", id); console.log(found) }',
    ],
    [
      'derived in the loop',
      'for (const item of items) { const id = item.id.trim(); await [|this.cart.find|]("ann", id) }',
    ],
    ['for', 'for (let i = 0; i < ids.length; i++) await [|this.cart.find|]("ann", ids[i]!)'],
    ['for-in', 'for (const id in { a: 1 }) await [|this.cart.find|]("ann", id)'],
    ['of what a call gave', 'for (const item of await this.cart.items("ann")) await [|this.cart.add|]("bob", item)'],
    ['pushed', 'const all: unknown[] = []; for (const id of ids) all.push(await [|this.cart.find|]("ann", id))'],
    [
      'caught',
      'for (const id of ids) { try { await [|this.cart.find|]("ann", id) } catch (error) { console.log(error) } }',
    ],
    [
      'a failure that is caught in the round',
      'for (const id of ids) { try { if (id === "") throw new Error(id); await [|this.cart.find|]("ann", id) } catch (error) { console.log(error) } }',
    ],
    ['entries', 'for (const [, id] of ids.entries()) await [|this.cart.find|]("ann", id)'],
    ['a set', 'for (const id of new Set(ids)) await [|this.cart.find|]("ann", id)'],
    ['a map', 'for (const id of new Map([["a", 1]]).keys()) await [|this.cart.find|]("ann", id)'],
    ['backwards', 'for (let i = ids.length - 1; i >= 0; i -= 1) await [|this.cart.find|]("ann", ids[i]!)'],
    ['continue', 'for (const id of ids) { if (id === "") continue; await [|this.cart.find|]("ann", id) }'],
    [
      'a break of a switch',
      'for (const id of ids) { switch (id) { case "": break; default: await [|this.cart.find|]("ann", id) } }',
    ],
    [
      'once, in the inner of two loops',
      'for (const user of ids) for (const item of items) await [|this.cart.add|](user, item)',
    ],
    [
      'a pair at a time',
      'for (const id of ids) await Promise.all([[|this.cart.find|]("ann", id), [|this.cart.find|]("bob", id)])',
    ],
    ['for await over an array', 'for await (const item of items) await [|this.cart.add|]("ann", item)'],
    [
      'an async reduce',
      'await ids.reduce(async (before, id) => { await before; await [|this.cart.find|]("ann", id) }, Promise.resolve())',
    ],
    [
      'a chain of then',
      'await ids.reduce<Promise<unknown>>((before, id) => before.then(() => [|this.cart.find|]("ann", id)), Promise.resolve())',
    ],
  ])('%s', ([, body]) => {
    expectReports('WV3016', inShop(body!))
  })
})

describe('not reported', () => {
  test.for([
    ['side by side', 'await Promise.all(items.map((item) => this.cart.add("ann", item)))'],
    [
      'started in a loop, awaited after it',
      'const all: Promise<void>[] = []; for (const item of items) all.push(this.cart.add("ann", item)); await Promise.all(all)',
    ],
    [
      'a retry',
      'for (let attempt = 0; attempt < 3; attempt++) { try { return await this.cart.find("ann", String(attempt)) } catch {} }',
    ],
    ['a search', 'for (const id of ids) { const found = await this.cart.find("ann", id); if (found) return found }'],
    [
      'a search with break',
      'let found; for (const id of ids) { found = await this.cart.find("ann", id); if (found) break } return found',
    ],
    [
      'a labelled break',
      'out: for (const id of ids) { for (const _ of ids) { if (await this.cart.find("ann", id)) break out } }',
    ],
    [
      'failing early',
      'for (const id of ids) { const found = await this.cart.find("ann", id); if (!found) throw new Error(id) }',
    ],
    [
      'a queue that is emptied',
      'const queue = [...ids]; while (queue.length > 0) { const id = queue.pop()!; await this.cart.find("ann", id) }',
    ],
    ['chunks', 'for (let i = 0; i < items.length; i += 10) await this.cart.addAll("ann", items.slice(i, i + 10))'],
    [
      'chunks, one by one counted',
      'for (let i = 0; i < 3; i++) { const some = items.slice(i * 10, i * 10 + 10); await this.cart.addAll("ann", some) }',
    ],
    ['batches', 'const batches: Item[][] = []; for (const batch of batches) await this.cart.addAll("ann", batch)'],
    [
      'a pool that shares an iterator',
      'const rest = ids.values(); const work = async () => { for (const id of rest) await this.cart.find("ann", id) }; await Promise.all([work(), work()])',
    ],
    [
      'a pool in lanes',
      'await Promise.all([ids, ids].map(async (lane) => { for (const id of lane) await this.cart.find("ann", id) }))',
    ],
    [
      'a pool that shares an index',
      'let next = 0; await Promise.all(Array.from({ length: 4 }, async () => { for (let i = next++; i < ids.length; i = next++) await this.cart.find("ann", ids[i]!) }))',
    ],
    [
      'workers by name',
      'const work = async (lane: string[]) => { for (const id of lane) await this.cart.find("ann", id) }; const all: Promise<void>[] = []; for (const lane of [ids, ids]) all.push(work(lane)); await Promise.all(all)',
    ],
    ['a generator of work', 'function* jobs() { yield* ids } for (const id of jobs()) await this.cart.find("ann", id)'],
    [
      'a labelled continue',
      'out: for (const user of ids) for (const id of ids) { if (await this.cart.find(user, id)) continue out }',
    ],
    ['a cursor', 'let cursor = ""; do { cursor = await this.cart.next(cursor) } while (cursor !== "")'],
    ['pages', 'for (let page = 0, more = true; more; page++) { more = (await this.cart.next(String(page))) !== "" }'],
    [
      'pages until nothing comes',
      'for (let page = 0; ; page++) { if ((await this.cart.next(String(page))) === "") break }',
    ],
    [
      'what a round leaves for the next',
      'let last = ""; for (const id of ids) { last = await this.cart.next(last + id) }',
    ],
    [
      'state in an object',
      'const state = { last: "" }; for (const id of ids) { state.last = await this.cart.next(state.last + id) }',
    ],
    ['polling', 'while ((await this.cart.items("ann")).length === 0) await sleep(100)'],
    ['on purpose slowly', 'for (const id of ids) { await this.cart.find("ann", id); await sleep(100) }'],
    ['a stream', 'for await (const item of stream) await this.cart.add("ann", item)'],
    ['a few that are written there', 'for (const id of ["a", "b"]) await this.cart.find("ann", id)'],
    [
      'a walk through what only the call knows',
      'const queue = [...ids]; for (const id of queue) { const next = await this.cart.next(id); queue.push(next) }',
    ],
    [
      'a walk with while',
      'const queue = [...ids]; while (queue.length > 0) { const next = await this.cart.next(queue.shift()!); queue.push(next) }',
    ],
    ['the same question each round', 'for (const item of items) console.log(item, await this.cart.items("ann"))'],
    ['in the head of the loop', 'for (const item of await this.cart.items("ann")) console.log(item)'],
    [
      'in a function of its own',
      'for (const item of items) { const later = async () => { await this.cart.add("ann", item) }; console.log(later) }',
    ],
    ['for ever', 'while (true) { const items = await this.cart.items("ann"); console.log(items) }'],
    [
      'a reduce that waits for nothing',
      'await Promise.all(ids.reduce<Promise<unknown>[]>((all, id) => [...all, this.cart.find("ann", id)], []))',
    ],
    [
      'a reduce over results',
      'await ids.reduce(async (before, id) => this.cart.next((await before) + id), Promise.resolve(""))',
    ],
  ])('%s', ([, body]) => {
    expectNothing(inShop(body!))
  })

  test('in tests, benches and scripts', () => {
    const text =
      "import type { Log } from '../src/shop.ts'\nexport const go = async (log: Log, ids: string[]) => { for (const id of ids) await log.note(id) }\n"
    const found = analyseFiles({
      'src/shop.ts': PRELUDE,
      'test/a.ts': text,
      'src/scripts/b.ts': text.replace('../src', '..'),
      'src/b.bench.ts': text.replace('../src', '.'),
    })
    expect(found.map(({ code }) => code)).toEqual([])
  })
})
