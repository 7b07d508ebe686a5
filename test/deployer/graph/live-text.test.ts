/** The measured graph as text: whole screens, wide and narrow. */
import { stripVTControlCharacters } from 'node:util'
import { expect, test } from 'vitest'
import { liveText } from '../../../cli/output/graph-live.ts'
import type { GraphReport } from '../../../deployer/graph/report.ts'

const stream = (columns: number) => ({ columns, write: () => true, once: () => {}, off: () => {} })
const text = (report: GraphReport, columns = 100) => stripVTControlCharacters(liveText('shop', report, stream(columns)))

const REPORT: GraphReport = {
  seconds: 60,
  edges: [
    {
      caller: 'src/shop.Shop',
      callee: 'src/cart.Cart',
      method: 'add',
      callsPerSecond: 1234.5,
      errorsPerSecond: 12,
      errorsPerSecondDeviation: 3.25,
      remoteShare: 0.5,
      latencyMs: { mean: 2, p50: 0.05, p99: 12.3 },
      requestBytes: 44,
      replyBytes: 2642,
    },
    {
      caller: null,
      callee: 'src/shop.Shop',
      method: 'web GET /product',
      callsPerSecond: 35.94,
      errorsPerSecond: 0,
      errorsPerSecondDeviation: 0,
      remoteShare: 0,
      latencyMs: null,
      requestBytes: null,
      replyBytes: null,
    },
  ],
  costs: {
    callerUs: 9,
    calleeUs: 8,
    callerKibUs: 0.5,
    calleeKibUs: 0.4,
    roundTripUs: 60,
    localUs: 0.01,
    spread: 0.1,
    caller: 'main-1',
    callee: 'cart-1',
    atMs: 0,
  },
  components: [{ name: 'src/cart.Cart', cpuMsPerSecond: 3.5, heapBytes: 12_345_678, processes: ['cart-1', 'cart-2'] }],
  processes: [
    {
      name: 'cart-1',
      cpuMsPerSecond: 250,
      utilisation: 0.256,
      delayMs: { p50: 0.4, p99: 15, max: 39 },
      gcMsPerSecond: 0.004,
      rssBytes: 77_258_752,
      heapBytes: 11_000_000,
    },
  ],
}

test('what comes from outside, calls, components, processes', () => {
  expect(text(REPORT)).toBe(`shop  35.9 requests/s · 1,235 calls/s, 617 between processes · 250 ms CPU/s · last 60 s

  from outside               /s  errors/s  p50  p99  request  reply  remote
  web GET /product → Shop  35.9         –    –    –        –      –

  calls               /s    errors/s    p50    p99  request   reply  remote
  Shop → Cart.add  1,235  12.0 ±3.25  50 µs  12 ms     44 B  2.6 KB    50 %

  components  cpu ms/s   heap              in
  Cart            3.50  12 MB  cart-1, cart-2

  processes  cpu ms/s  loop  wait p50  wait p99  gc ms/s  memory
  cart-1          250  26 %    0.4 ms     15 ms    <0.01   77 MB

  a call between processes: 9.00 + 8.00 µs CPU, 0.50 + 0.40 µs a KiB, 60.0 µs there and back (main-1, cart-1)
`)
})

test('no line is wider than the terminal', () => {
  for (const columns of [80, 90, 120]) {
    for (const line of text({ ...REPORT, costs: null }, columns)
      .split('\n')
      .slice(1))
      expect(line.length).toBeLessThanOrEqual(columns)
  }
})

test('where nothing was called it says so', () => {
  const idle = { ...REPORT, edges: [], components: [], processes: [], costs: null }
  expect(text(idle)).toBe('shop  no calls in the last 60 s\n')
})
