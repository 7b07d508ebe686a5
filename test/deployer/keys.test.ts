/** Who owns which routing keys, as the processes of a deployment are told: with replicas that come and go, and with load. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type DeployEvent, type Deployment, type DeployOptions, deploy } from '../../deployer/index.ts'
import { ownerTable } from '../../runtime/calls/slices.ts'
import { LIMITS } from '../../runtime/limits.ts'
import type { Manifest } from '../../runtime/manifest.ts'
import type { Replica } from '../../runtime/process/control.ts'
import { FakeClock } from '../runtime/fake-clock.ts'
import { manifestOf } from './manifests.ts'
import { type ScriptedProcess, Stage } from './scripted.ts'

const CART = 'src/cart.Cart'
const BUCKETS = LIMITS.keyBuckets

function manifest({ stateful = false } = {}): Manifest {
  const plain = manifestOf({ [CART]: {}, 'src/shop.Shop': { dependencies: [CART], listeners: ['web'] } })
  const components = plain.components.map((component) =>
    component.name === CART ? { ...component, routed: true, ...(stateful && { stateful: true as const }) } : component,
  )
  return { ...plain, components }
}

let directory: string
let clock: FakeClock
let stage: Stage
let events: DeployEvent[]
let deployment: Deployment

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'weave-test-'))
  writeFileSync(join(directory, 'main.mjs'), '')
  clock = new FakeClock()
  stage = new Stage()
  events = []
})
afterEach(async () => {
  deployment.kill()
  await deployment.finished
  rmSync(directory, { recursive: true })
})

/** Two replicas of Cart and the caller, which is given. */
async function start(options: Partial<DeployOptions> = {}): Promise<ScriptedProcess> {
  deployment = deploy({
    manifest: manifest(),
    directory,
    placement: 'apart',
    config: { replicas: { Cart: 2 } },
    clock,
    random: () => 0.5,
    spawn: stage.spawn,
    onEvent: (event) => void events.push(event),
    ...options,
  })
  const [, , main] = await stage.play('cart-1', 'cart-2', 'main-1')
  await deployment.ready
  return main!
}

/** The owner of each bucket, as the process knows it by now. */
function tableOf(process: ScriptedProcess): string[] {
  const told = process.received.flatMap((message) =>
    message.type === 'routes' && message.component === CART
      ? [message.replicas]
      : message.type === 'assign' && message.routes[CART]
        ? [message.routes[CART]]
        : [],
  )
  const replicas: Replica[] = told.at(-1)!
  const table = ownerTable(
    replicas,
    replicas.map(() => true),
  )
  return [...table].map((index) => replicas[index]!.process)
}

const differing = (a: string[], b: string[]) => a.flatMap((owner, bucket) => (owner === b[bucket] ? [] : [bucket]))

/** The caller tells what it has called, and a replica how busy it is, just before somebody looks at it. */
async function report(main: ScriptedProcess, replica: ScriptedProcess, buckets: number[], active: number) {
  clock.advance(LIMITS.keyedMs - 1_000)
  await Promise.all([heard(main), heard(replica)])
  const idle = { cpuUs: 0, delayUsP50: 0, delayUsP99: 0, delayUsMax: 0, rssBytes: 0, heapBytes: 0, gcUs: 0, startUs: 0 }
  const nothing = { ms: 1_000, edges: [], methods: [], components: [] }
  replica.say({ type: 'sample', sample: { ...nothing, names: [], process: { ...idle, active } } })
  main.say({ type: 'sample', sample: { ...nothing, names: [CART], keyed: [[0, ...buckets]] } })
}

async function reported(...told: Parameters<typeof report>): Promise<void> {
  await report(...told)
  await Promise.all([heard(told[0]), heard(told[1])])
  clock.advance(1_000)
}

let questions = 0

/** What the process has said before has come by then. */
async function heard(process: ScriptedProcess): Promise<void> {
  const number = ++questions
  process.say({ type: 'listen', listener: 'web', id: number })
  await process.message('bind', ({ id }) => id === number)
}

test('a replica that joins or leaves changes the owner of its keys alone', async () => {
  const main = await start()
  const two = tableOf(main)
  expect(two.filter((owner) => owner === 'cart-1')).toHaveLength(BUCKETS / 2)
  const scaled = deployment.scale('Cart', 3)
  // Until it is ready, everything is as it was.
  const third = await stage.process('cart-3')
  expect(tableOf(main)).toEqual(two)
  await third.play()
  await scaled
  await main.message('routes', ({ replicas }) => replicas.length === 3)
  const three = tableOf(main)
  const moved = differing(two, three)
  expect(moved.length).toBeGreaterThan(BUCKETS / 3 - 3)
  expect(moved.length).toBeLessThan(BUCKETS / 3 + 3)
  expect(new Set(moved.map((bucket) => three[bucket]))).toEqual(new Set(['cart-3']))
  const share = deployment.processes().map(({ process, keys }) => [process, keys?.share])
  expect(share).toEqual(
    [
      ['cart-1', expect.closeTo(1 / 3, 2)],
      ['cart-2', expect.closeTo(1 / 3, 2)],
      ['main-1', undefined],
      ['cart-3', expect.closeTo(1 / 3, 2)],
    ].sort(),
  )
  await deployment.scale('Cart', 2)
  await main.message('routes', ({ replicas }) => replicas.length === 2 && replicas[0]!.slots === 2)
  const again = tableOf(main)
  expect(differing(three, again)).toEqual(three.flatMap((owner, bucket) => (owner === 'cart-3' ? [bucket] : [])))
  // All of them have an owner again, and callers need not draw one.
  const owned = deployment.processes().flatMap(({ keys }) => keys?.share ?? [])
  expect(owned).toHaveLength(2)
  expect(owned[0]! + owned[1]!).toBeCloseTo(1)
})

test('one that crashes keeps its keys: others serve them until it is back', async () => {
  const main = await start()
  const before = tableOf(main)
  const cart = await stage.process('cart-2')
  cart.exit(1)
  await main.message('routes', ({ replicas }) => replicas.length === 1)
  expect(new Set(tableOf(main))).toEqual(new Set(['cart-1']))
  await expect.poll(() => events.some(({ type }) => type === 'process-exited')).toBe(true)
  clock.advance(1_000)
  await (await stage.process('cart-2', 2)).play()
  await expect.poll(() => tableOf(main)).toEqual(before)
})

test('keys of a busy replica move to another, and nothing else does', async () => {
  const main = await start()
  const before = tableOf(main)
  const cart = await stage.process('cart-1')
  const hot = Array.from({ length: 20 }, (_, at) => [at, 100]).flat()
  await reported(main, cart, hot, 0.9)
  const [rebalanced] = events.filter((event) => event.type === 'rebalanced')
  expect(rebalanced).toMatchObject({ group: 'cart', from: expect.closeTo(1.9, 1), to: expect.any(Number) })
  expect(rebalanced!.to).toBeLessThan(1.2)
  await main.message('routes', ({ replicas }) => String(replicas[0]!.owns) !== `0,${BUCKETS / 2}`)
  const after = tableOf(main)
  const moved = differing(before, after)
  expect(moved.length).toBeLessThan(BUCKETS / 10)
  expect(new Set(moved.map((bucket) => before[bucket]))).toEqual(new Set(['cart-1']))
  expect(moved.filter((bucket) => bucket < 20).length).toBeGreaterThan(6)
})

const rebalancings = () => events.filter((event) => event.type === 'rebalanced')
const hotBuckets = (calls: number, count = 20) => Array.from({ length: count }, (_, at) => [at, calls]).flat()

test.each([
  { name: 'nobody is busy', active: 0.3, calls: 100, options: {}, why: 'its loop is 30 % busy' },
  { name: 'it may be chance', active: 0.9, calls: 10, options: {}, why: 'so few calls that it may be chance' },
  {
    name: 'the component is @stateful',
    active: 0.9,
    calls: 100,
    options: { manifest: manifest({ stateful: true }) },
    why: 'Cart is @stateful',
  },
  {
    name: 'rebalancing is off',
    active: 0.9,
    calls: 100,
    options: { config: { replicas: { Cart: 2 }, routing: { rebalance: false } } },
    why: 'routing.rebalance is false in weave.config.ts',
  },
])('keys stay where they are while $name', async ({ active, calls, options, why }) => {
  const main = await start(options)
  const cart = await stage.process('cart-1')
  await reported(main, cart, hotBuckets(calls), active)
  expect(rebalancings()).toEqual([])
  expect(deployment.groups().map(({ group, keys }) => [group, keys])).toEqual([
    ['cart', { imbalance: expect.closeTo(1.9, 1), why: `not rebalanced: ${why}` }],
    ['main', undefined],
  ])
})

test('a single key that is too hot stays alone', async () => {
  const main = await start()
  const cart = await stage.process('cart-1')
  let times = 0
  for (; times < 20; times++) {
    await reported(main, cart, [7, 2_000], 0.9)
    await reported(main, cart, [7, 2_000], 0.9)
    if (rebalancings().length <= times) break
  }
  expect(times).toBeLessThan(6)
  expect(deployment.groups()[0]!.keys!.why).toBe('not rebalanced: a few keys are too hot for any replica')
})

test('weave.config.ts says how much moves at once, and how often', async () => {
  const routing = { churnMax: 0.01, rebalanceEveryMs: 15_000 }
  const main = await start({ config: { replicas: { Cart: 2 }, routing } })
  const cart = await stage.process('cart-1')
  const seen: number[] = []
  for (let look = 0; look < 7; look++) {
    const before = tableOf(main)
    const happened = rebalancings().length
    await reported(main, cart, hotBuckets(100, 200), 0.9)
    if (rebalancings().length === happened) {
      expect(deployment.groups()[0]!.keys!.why).toMatch(/^not rebalanced: not again for (5|10) s$/)
      continue
    }
    seen.push(look)
    await expect.poll(() => differing(before, tableOf(main)).length).toBeGreaterThan(0)
    expect(differing(before, tableOf(main)).length).toBeLessThanOrEqual(BUCKETS / 100)
    expect(deployment.groups()[0]!.keys!.why).toMatch(
      /^1 % of keys moved, since the busiest replica had 1\.\d+ times the mean load; now 1\.\d+$/,
    )
  }
  expect(seen).toEqual([0, 3, 6])
})

test('a bucket that there is not makes no sense', async () => {
  const main = await start()
  await report(main, await stage.process('cart-1'), [BUCKETS, 1], 0)
  await expect
    .poll(() => events.find((event) => event.type === 'process-exited' && event.process === 'main-1'))
    .toMatchObject({ reason: 'told of its calls in a way that makes no sense' })
})
