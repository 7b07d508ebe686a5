import { stripVTControlCharacters } from 'node:util'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { duration, isWell, statusText } from '../../cli/output/status-text.ts'
import type { ProcessSnapshot } from '../../deployer/members.ts'
import type { Status } from '../../deployer/status.ts'

const stream = (columns: number) => ({ columns, write: () => true, once: () => {}, off: () => {} })
const process_ = (process: string, more: Partial<ProcessSnapshot> = {}): ProcessSnapshot => ({
  process,
  group: process.slice(0, -2),
  slot: 0,
  components: ['src/cart.Cart'],
  state: 'ready',
  pid: 4242,
  restarts: 0,
  starting: undefined,
  stateMs: 65_000,
  ageMs: 65_000,
  delayMs: undefined,
  problem: undefined,
  lastLines: [],
  ...more,
})
const status = (...processes: ProcessSnapshot[]): Status => ({
  application: 'shop',
  version: 'abcdef0123456789',
  state: 'running',
  detached: true,
  deployer: { pid: 4100, sinceMs: Date.now() - 7_200_000 },
  directory: '/app',
  groups: [],
  processes,
  listeners: [{ listener: 'web', url: 'http://127.0.0.1:8080' }],
  move: null,
  automatic: null,
})

beforeEach(() => {
  vi.useFakeTimers({ now: 1_800_000_000_000, toFake: ['Date'] })
})
afterEach(() => {
  vi.useRealTimers()
})

test('a terminal without a size is taken to be as wide as what is no terminal', () => {
  const one = status(
    process_('cart-1', { components: ['src/a.FirstOfSeveral', 'src/b.SecondOfSeveral', 'src/c.ThirdOfSeveral'] }),
  )
  expect(stripVTControlCharacters(statusText(one, stream(0)))).toContain(
    'FirstOfSeveral, SecondOfSeveral, ThirdOfSeveral',
  )
})

test('of a process that serves again it says for a while why it was started again', () => {
  const crashed = (agoMs: number) => {
    const lastCrash = { reason: 'exited with code 3', agoMs, lastLines: ['about to die'] }
    return stripVTControlCharacters(statusText(status(process_('cart-1', { restarts: 1, lastCrash })), stream(80)))
  }
  expect(crashed(42_000)).toContain(`
  cart-1  ready  4242  65 s ↻1  Cart
    42 s ago it exited with code 3
      about to die

`)
  expect(crashed(600_001)).not.toContain('exited')
})

test('all is well', () => {
  const text = statusText(status(process_('cart-1'), process_('main-1', { restarts: 2, stateMs: 900 })), stream(80))
  expect(
    stripVTControlCharacters(text),
  ).toBe(`shop  running  2 processes ready · for 2 h · detached, pid 4100 · abcdef012345

  cart-1  ready  4242    65 s  Cart
  main-1  ready  4242  0 s ↻2  Cart

  web     http://127.0.0.1:8080
`)
})

test('what is wrong is under its process, and no line is wider than the terminal', () => {
  const broken = process_('cart-1', {
    state: 'crash-looping',
    pid: undefined,
    problem: 'exited with code 1, 5 times in a row; starts again in 8 s',
    lastLines: ['1', '2', 'Error: no database'.padEnd(200, '.'), '    at main.mjs:3', 'Node.js v24'],
    components: Array.from({ length: 30 }, (_, index) => `src/c.Component${index}`),
  })
  const text = stripVTControlCharacters(statusText(status(broken, process_('main-1')), stream(60)))
  expect(text).toContain('shop  running  1 of 2 processes ready')
  expect(text).toContain(`    exited with code 1, 5 times in a row; starts again in 8…
      2
      Error: no database...................................…
          at main.mjs:3
      Node.js v24
`)
  for (const line of text.split('\n').slice(1)) expect(line.length).toBeLessThanOrEqual(60)
  expect(isWell(status(broken))).toBe(false)
})

test('of a long stack the line that names the error is shown', () => {
  const lastLines = ["Error: Cannot find module '/x/main.js'", ...'12345'.split(''), "  code: 'MODULE_NOT_FOUND',", '}']
  const broken = process_('cart-1', { state: 'backoff', problem: 'exited with code 1', lastLines })
  expect(stripVTControlCharacters(statusText(status(broken), stream(60)))).toContain(`    exited with code 1
      Error: Cannot find module '/x/main.js'
      5
        code: 'MODULE_NOT_FOUND',
      }
`)
})

test('where load decides, it says what it has decided and why', () => {
  const keys = { slices: 3, share: 0.412, callsPerSecond: 120 }
  const shown = status(process_('cart-1', { keys }), process_('cart-2', { keys: { ...keys, slices: 1, share: 0.588 } }))
  const group = { components: ['src/cart.Cart'], replicas: 2, ready: 2 }
  const scaling = {
    min: 1,
    max: 8,
    busy: 0.934,
    why: 'loop 93 % busy for 7 s; the machine has no core to spare for another',
  }
  shown.groups = [
    { ...group, group: 'cart', scaling, keys: { imbalance: 1.42, why: 'not rebalanced: its loop is 31 % busy' } },
    { ...group, group: 'main', scaling: { min: 1, max: 3, busy: null, why: '' }, keys: { imbalance: null, why: '' } },
    { ...group, group: 'none' },
  ]
  const text = stripVTControlCharacters(statusText(shown, stream(120)))
  expect(text.split('\n').slice(2)).toEqual([
    '  cart-1  ready  4242  65 s  Cart · 41 % of keys in 3 slices, 120 calls/s',
    '  cart-2  ready  4242  65 s  Cart · 59 % of keys in 1 slice, 120 calls/s',
    '',
    '  web     http://127.0.0.1:8080',
    '',
    '  cart',
    '    2 of 1 to 8 replicas, loop 93 % busy',
    '    loop 93 % busy for 7 s; the machine has no core to spare for another',
    '    the busiest replica has 1.42 times the mean load by key',
    '    not rebalanced: its loop is 31 % busy',
    '  main',
    '    2 of 1 to 3 replicas',
    '',
  ])
  for (const line of stripVTControlCharacters(statusText(shown, stream(60)))
    .split('\n')
    .slice(1))
    expect(line.length).toBeLessThanOrEqual(60)
})

test('durations have two of their unit at least', () => {
  expect([0, 1_999, 119_000, 120_000, 7_199_000, 7_200_000, 172_800_000].map(duration)).toEqual([
    '0 s',
    '1 s',
    '119 s',
    '2 min',
    '119 min',
    '2 h',
    '2 d',
  ])
})

test('replicas of the same load are not told apart', () => {
  const shown = status(process_('cart-1', {}), process_('cart-2', {}))
  const group = { group: 'cart', components: ['src/cart.Cart'], replicas: 2, ready: 2 }
  shown.groups = [{ ...group, keys: { imbalance: 1, why: '' } }]
  const text = stripVTControlCharacters(statusText(shown, stream(120)))
  expect(text).toContain('its replicas have the same load by key')
  expect(text).not.toContain('1 times')
})
