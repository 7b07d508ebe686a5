/**
 * The measured graph of the boutique, as real processes tell it: what a client did is what was counted, on every placement, to the call; how
 * pages are made up; whose the CPU is.
 */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import type { GraphReport } from '../../deployer/graph/report.ts'
import { deploy, repository, weave } from './deployment.ts'

const boutique = join(repository, 'fixtures', 'boutique')
const run = promisify(execFile)
const PAGES = 40
const VISITORS = 4

const placements = [
  { name: 'together', processes: 1, remote: 0 },
  { name: 'apart', processes: 11, remote: 1 },
]

async function live(state: string, ...flags: string[]): Promise<string> {
  const env = { ...process.env, WEAVE_STATE: state, NO_COLOR: '1' }
  const { stdout } = await run(process.execPath, [weave, 'graph', '--live', '--seconds', '800', ...flags], { env })
  return stdout
}

const report = async (state: string) => JSON.parse(await live(state, '--json')) as GraphReport

/** Calls by `callee.method`. */
function calls({ edges, seconds }: GraphReport): Record<string, number> {
  return Object.fromEntries(
    edges.map(({ callee, method, callsPerSecond }) => [
      `${callee.slice(callee.lastIndexOf('.') + 1)}.${method}`,
      Math.round(callsPerSecond * seconds * 1e3) / 1e3,
    ]),
  )
}

for (const { name, processes, remote } of placements)
  describe(`boutique, ${name}`, () => {
    test('the graph has counted what a client did', { timeout: 120_000 }, async () => {
      await using shop = deploy(boutique, '--placement', name)
      const { url } = await shop.event('listener')
      await shop.event('ready')
      const visit = async () => {
        for (let page = 0; page < PAGES / VISITORS; page++) expect((await fetch(url)).status).toBe(200)
      }
      await Promise.all(Array.from({ length: VISITORS }, visit))
      await expect
        .poll(async () => calls(await report(shop.state)), { timeout: 30_000, interval: 500 })
        .toEqual({
          'Shop.web GET /': PAGES,
          'Currency.supported': PAGES,
          'Catalog.list': PAGES,
          'Cart.items': PAGES,
          'CartCache.get': PAGES,
          'Currency.convert': 9 * PAGES,
          'Ads.ads': PAGES,
        })
      // Each tells in a second of its own.
      await expect
        .poll(async () => (await report(shop.state)).processes, { timeout: 30_000, interval: 500 })
        .toHaveLength(processes)
      const found = await report(shop.state)
      for (const edge of found.edges) {
        expect(edge.errorsPerSecond).toBe(0)
        expect(edge.latencyMs?.p50).toBeGreaterThan(0)
        if (edge.caller !== null) expect(edge.remoteShare).toBe(remote)
        if (edge.caller !== null && remote === 1) expect(edge.requestBytes! + edge.replyBytes!).toBeGreaterThan(0)
      }
      for (const each of found.processes) expect(each.rssBytes).toBeGreaterThan(20e6)
      const text = await live(shop.state)
      expect(text).toMatch(/web GET \/ → Shop .*\n/)
      expect(text).toMatch(/Shop → Currency\.convert .*\n/)
    })
  })

test('CPU is found to be whose it is, and two processes what a call between them costs', {
  timeout: 120_000,
}, async () => {
  await using shop = deploy(boutique, '--placement', 'apart')
  const { url } = await shop.event('listener')
  await shop.event('ready')
  let found = await report(shop.state)
  const end = Date.now() + 60_000
  const isKnown = () => found.costs !== null && found.components.some(({ name }) => name.endsWith('.Shop'))
  while (!isKnown() && Date.now() < end) {
    for (let page = 0; page < 10; page++) await (await fetch(url)).text()
    await pause(200)
    found = await report(shop.state)
  }
  const [first] = found.components
  expect(first?.name).toBe('src/shop/shop.Shop')
  expect(first?.cpuMsPerSecond).toBeGreaterThan(0)
  expect(found.costs?.caller).not.toBe(found.costs?.callee)
  for (const us of [found.costs?.callerUs, found.costs?.calleeUs, found.costs?.roundTripUs]) {
    expect(us).toBeGreaterThan(1)
    expect(us).toBeLessThan(20_000)
  }
})
