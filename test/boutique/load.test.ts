import { once } from 'node:events'
import { Agent, createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { Histogram } from '../../fixtures/boutique/load/histogram.ts'
import { parseOptions } from '../../fixtures/boutique/load/options.ts'
import { closedLoop, openLoop, type Pace } from '../../fixtures/boutique/load/pace.ts'
import { seeded } from '../../fixtures/boutique/load/random.ts'
import { Shopper } from '../../fixtures/boutique/load/shopper.ts'
import { Tally } from '../../fixtures/boutique/load/tally.ts'
import { user } from '../../fixtures/boutique/load/users.ts'
import { chooseVisit, HOME, type Step } from '../../fixtures/boutique/load/visits.ts'

describe('options', () => {
  test('have defaults', () => {
    expect(parseOptions([])).toMatchObject({ durationMs: 30_000, users: 10, rate: undefined, maxErrors: 0 })
    expect(parseOptions(['--rate', '50'])).toMatchObject({ rate: 50, users: 200, arrivals: 'poisson' })
  })

  test.each([
    [['--target', 'http://192.0.2.1'], '192.0.2.1 is another machine; if it is yours, say --allow-remote.'],
    [['--target', 'http://127.0.0.1.example.com'], '127.0.0.1.example.com is another machine'],
    [['--target', 'https://127.0.0.1'], '--target must be an http: address'],
    [['--rate', 'fast'], '--rate must be a number from 0.001 to 100000, not "fast".'],
    [['--duration', ''], '--duration must be a number'],
    [['--arrivals', 'often'], '--arrivals must be poisson or fixed, not often.'],
  ])('%j are refused', (args, sentence) => {
    expect(() => parseOptions(args)).toThrow(sentence)
  })

  test.each(['http://127.0.0.1:1', 'http://localhost:1', 'http://[::1]:1', 'http://127.8.8.8'])(
    '%s is this machine',
    (url) => {
      expect(parseOptions(['--target', url])).toMatchObject({ target: new URL(url) })
    },
  )

  test('let another machine be asked when told so', () => {
    expect(parseOptions(['--target', 'http://192.0.2.1', '--allow-remote'])).toMatchObject({ maxErrors: 0 })
  })
})

test('visits come by their weights', () => {
  const random = seeded(7)
  const counts = new Map<string, number>()
  const visits = 19_000
  for (let index = 0; index < visits; index++) {
    const last = chooseVisit(random).at(-1)!.page
    counts.set(last, (counts.get(last) ?? 0) + 1)
  }
  for (const [page, weight] of [
    ['home', 1],
    ['set currency', 2],
    ['product', 10],
    ['add to cart', 2],
    ['view cart', 3],
    ['check out', 1],
  ] as const) {
    expect(Math.abs(counts.get(page)! - weight * 1000), page).toBeLessThan(200)
  }
})

describe('pace', () => {
  test('fixed arrivals are evenly spaced, random ones are so on average', () => {
    const fixed = openLoop(100, 'fixed', seeded(1))
    expect([fixed(), fixed(), fixed()]).toEqual([0, 10, 20])
    const poisson = openLoop(100, 'poisson', seeded(1))
    let last = 0
    for (let index = 0; index <= 10_000; index++) last = poisson()
    expect(last).toBeGreaterThan(95_000)
    expect(last).toBeLessThan(105_000)
  })

  test('users of a closed loop think after they have looked', () => {
    expect(closedLoop(() => 500, 0, seeded(1))()).toBe(500)
    expect(
      closedLoop(
        () => 500,
        100,
        () => 0.5,
      )(),
    ).toBe(600)
  })
})

test('percentiles are right to a percent', () => {
  const histogram = new Histogram()
  for (let ms = 1; ms <= 1000; ms++) histogram.record(ms)
  for (const [fraction, exact] of [
    [0.5, 500],
    [0.9, 900],
    [0.99, 990],
    [1, 1000],
  ] as const) {
    expect(Math.abs(histogram.percentileMs(fraction) / exact - 1)).toBeLessThan(0.011)
  }
  expect(histogram.maxMs).toBe(1000)
  expect(new Histogram().percentileMs(0.99)).toBe(0)
})

describe('a user', () => {
  /** A shop that takes `serviceMs` for a page, on a clock that only this shop moves. */
  async function visitShop(serviceMs: number, ratePerSecond: number, kind?: string) {
    return visitShopAt(serviceMs, openLoop(ratePerSecond, 'fixed', seeded(1)), kind)
  }

  async function visitShopAt(serviceMs: number, pace: Pace, kind?: string) {
    let now = 0
    const tally = new Tally()
    const take = async () => {
      now += serviceMs
      return kind
    }
    await user({
      first: HOME,
      shopper: { take },
      pace,
      random: () => 0, // which always chooses the home page
      tally,
      nowMs: () => now,
      durationMs: 1000,
      signal: new AbortController().signal,
    })
    return tally.report(now, 0)
  }

  test('whose timer is early is not told that the shop took less', async () => {
    const moments = [1, 1_001]
    // Its clock says 0 still when the timer for 1 fires.
    const { total } = await visitShopAt(3, () => moments.shift()!)
    expect(total.p50Ms).toBeCloseTo(3, 1)
  })

  test('who is late counts the time since the visit was meant to start', async () => {
    // Ten visits a second at 200 ms each: the last is meant for 900 ms and ends at 2000 ms.
    const { visits, total } = await visitShop(200, 10)
    expect([visits, total.maxMs]).toEqual([10, 1100])
  })

  test('counts failures by kind, with when they happened', async () => {
    const { errorRate, total, failures } = await visitShop(250, 4, 'status 500')
    expect(errorRate).toBe(1)
    expect(total.kinds).toEqual({ 'status 500': 4 })
    expect(failures[0]).toEqual({ visitMs: 0, startMs: 0, atMs: 250, page: 'home', kind: 'status 500' })
  })
})

describe('a shopper', () => {
  const closing: (() => Promise<unknown>)[] = []
  afterEach(async () => {
    await Promise.all(closing.splice(0).map((close) => close()))
  })

  async function shopperAt(answer: (request: IncomingMessage, response: ServerResponse) => void) {
    const server = createServer(answer).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const agent = new Agent({ keepAlive: true })
    closing.push(async () => {
      agent.destroy()
      server.closeAllConnections()
      server.close()
    })
    const target = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
    return new Shopper({ target, agent, timeoutMs: 5000 })
  }

  const step = (path: string): Step => ({ page: 'home', method: 'GET', path })

  test('keeps cookies, forgets those that are taken back, follows redirects', async () => {
    const seen: string[] = []
    const shopper = await shopperAt((request, response) => {
      seen.push(`${request.method} ${request.url} ${request.headers.cookie ?? '-'}`)
      if (request.url === '/in') response.setHeader('set-cookie', ['a=1; Path=/; HttpOnly', 'b=2=3'])
      if (request.url === '/out') response.setHeader('set-cookie', 'a=; Max-Age=0; Path=/')
      if (request.method === 'POST') response.writeHead(302, { location: '/after' })
      response.end()
    })
    const post: Step = { page: 'add to cart', method: 'POST', path: '/out', form: { x: '1' } }
    for (const next of [step('/in'), post]) expect(await shopper.take(next)).toBeUndefined()
    expect(seen).toEqual(['GET /in -', 'POST /out a=1; b=2=3', 'GET /after b=2=3'])
  })

  test.each([
    ['/500', 'status 500'],
    ['/404', 'status 404'],
    ['/reset', 'ECONNRESET'],
    ['/half', 'ECONNRESET'],
    ['/loop', 'too many redirects'],
    ['/away', 'redirect to another site'],
  ])('%s: %s', async (path, kind) => {
    const shopper = await shopperAt((request, response) => {
      if (request.url === '/reset') request.socket.destroy()
      else if (request.url === '/half')
        response.writeHead(200, { 'content-length': 10 }).write('half', () => request.socket.destroy())
      else if (request.url === '/loop') response.writeHead(302, { location: '/loop' }).end()
      else if (request.url === '/away') response.writeHead(302, { location: 'http://192.0.2.1/' }).end()
      else response.writeHead(Number(request.url?.slice(1))).end()
    })
    expect(await shopper.take(step(path))).toBe(kind)
  })
})
