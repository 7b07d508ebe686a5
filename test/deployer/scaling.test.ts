/** Replicas follow load: what a deployment does with what its processes tell, and what weave.config.ts allows. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type DeployEvent, type Deployment, type DeployOptions, deploy } from '../../deployer/index.ts'
import type { Manifest } from '../../runtime/manifest.ts'
import { FakeClock } from '../runtime/fake-clock.ts'
import { manifestOf } from './manifests.ts'
import { type ScriptedProcess, Stage } from './scripted.ts'

const CART = 'src/cart.Cart'

function manifest({ stateful = false } = {}): Manifest {
  const plain = manifestOf({ [CART]: {}, 'src/shop.Shop': { dependencies: [CART] } })
  const components = plain.components.map((component) =>
    component.name === CART && stateful ? { ...component, stateful: true as const } : component,
  )
  return { ...plain, components }
}

let directory: string
let clock: FakeClock
let stage: Stage
let events: DeployEvent[]
let deployment: Deployment | undefined

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'weave-test-'))
  writeFileSync(join(directory, 'main.mjs'), '')
  clock = new FakeClock()
  stage = new Stage()
  events = []
})
afterEach(async () => {
  deployment?.kill()
  await deployment?.finished
  deployment = undefined
  rmSync(directory, { recursive: true })
})

function start(options: Partial<DeployOptions> = {}): Deployment {
  deployment = deploy({
    manifest: manifest(),
    directory,
    placement: 'apart',
    config: { replicas: { Cart: { min: 1, max: 3 } } },
    clock,
    random: () => 0.5,
    spareCores: () => 4,
    spawn: stage.spawn,
    onEvent: (event) => void events.push(event),
    ...options,
  })
  return deployment
}

let questions = 0

/** A second in which each of these was so busy. */
async function second(busy: number, ...processes: ScriptedProcess[]): Promise<void> {
  await secondOf(processes.map((process) => ({ process, busy })))
}

/** The same; and so many calls were made to the cart, or have come to run. */
async function secondOf(
  told: { process: ScriptedProcess; busy: number; made?: number; begun?: number }[],
): Promise<void> {
  for (const { process, busy, made = 0, begun = 0 } of told) {
    const idle = { delayUsP50: 0, delayUsP99: 0, delayUsMax: 0, rssBytes: 0, heapBytes: 0, gcUs: 0, startUs: 0 }
    const edges = made > 0 ? [[0, 1, 2, made, 0, 0, made, 0, 0, 0, 0, 0]] : []
    const names = ['src/shop.Shop', CART, 'items']
    const sample = { ms: 1_000, process: { cpuUs: 0, active: busy, ...idle }, begun, names, edges, methods: [] }
    process.say({ type: 'sample', sample: { ...sample, components: [] } })
    const number = ++questions
    process.say({ type: 'listen', listener: 'none', id: number })
    await process.message('bind', ({ id }) => id === number)
  }
  clock.advance(1_000)
}

const scalings = () => events.flatMap((event) => (event.type === 'scaling' ? [event] : []))

test('where more calls are made than run, there are at once as many replicas as the calls ask for', async () => {
  start({ config: { replicas: { Cart: { min: 1, max: 8 } } } })
  const [cart, main] = (await stage.play('cart-1', 'main-1')) as [ScriptedProcess, ScriptedProcess]
  await deployment!.ready
  for (let each = 0; each < 5; each++)
    await secondOf([
      { process: cart, busy: 1, begun: 200 },
      { process: main, busy: 0.1, made: 500 },
    ])
  const why = 'loop 100 % busy for 5 s, and work comes for 2.5'
  expect(scalings()).toEqual([{ type: 'scaling', group: 'cart', from: 1, to: 5, why }])
})

test('a busy loop gets more replicas, and idle ones go', async () => {
  start()
  const [cart, main] = (await stage.play('cart-1', 'main-1')) as [ScriptedProcess, ScriptedProcess]
  await deployment!.ready
  for (let each = 0; each < 4; each++) await second(0.93, cart, main)
  expect(scalings()).toEqual([])
  await second(0.93, cart, main)
  expect(scalings()).toEqual([{ type: 'scaling', group: 'cart', from: 1, to: 2, why: 'loop 93 % busy for 5 s' }])
  const [other] = (await stage.play('cart-2')) as [ScriptedProcess]
  await expect.poll(() => deployment!.processes().find(({ process }) => process === 'cart-2')?.state).toBe('ready')
  for (let each = 0; each < 30; each++) await second(0.1, cart, other, main)
  expect(scalings()[1]).toEqual({
    type: 'scaling',
    group: 'cart',
    from: 2,
    to: 1,
    why: 'loop at most 10 % busy for 30 s',
  })
  await other.message('drain')
})

test.each([
  { name: 'a number is a number', options: { config: { replicas: { Cart: 1 } } } },
  { name: 'there is no core for another', options: { spareCores: () => 0.1 } },
  {
    name: 'the component is a singleton',
    options: { config: { replicas: { min: 1, max: 3 }, singletons: ['Cart'] } },
  },
  {
    name: 'the component is @stateful',
    options: { config: { replicas: { min: 1, max: 3 } }, manifest: manifest({ stateful: true }) },
  },
])('$name: nothing changes', async ({ options }) => {
  start(options)
  const processes = await stage.play('cart-1', 'main-1')
  await deployment!.ready
  for (let each = 0; each < 10; each++) await second(1, ...processes)
  expect(scalings()).toEqual([])
})

describe('weave.config.ts', () => {
  const refusal = (replicas: unknown, more: Partial<DeployOptions> = {}) => {
    try {
      start({ config: { replicas } as NonNullable<DeployOptions['config']>, ...more })
    } catch (error) {
      return (error as Error).message
    }
    return undefined
  }

  test('says what is wrong with a range', () => {
    expect(refusal({ min: 3, max: 1 })).toBe(
      'weave.config.ts: "replicas.max" must be no less than "replicas.min", 3; it is 1.',
    )
    expect(refusal({ Cart: { min: 1 } })).toBe(
      'weave.config.ts: "replicas.Cart.max" must be a whole number from 1 to 64; it is undefined.',
    )
    expect(refusal({ Cart: { min: 0, max: 100 } })?.split('\n')).toHaveLength(2)
    expect(refusal({ Cart: { min: 1, max: 2, mix: 3 } })).toContain('"replicas.Cart.mix" is not a setting')
    expect(refusal({ Crat: { min: 1, max: 2 } })).toContain('did you mean "Cart"?')
  })

  test('gives no range to what there may be one of, nor to what keeps state', () => {
    expect(refusal({ Shop: { min: 1, max: 2 } })).toContain(
      '"replicas.Shop" is 2, but Shop is the root, and each replica would run main once more.',
    )
    expect(refusal({ Cart: { min: 1, max: 2 } }, { manifest: manifest({ stateful: true }) })).toBe(
      'weave.config.ts: "replicas.Cart" is { min: 1, max: 2 }, but Cart is @stateful, and what a replica keeps would be lost when it goes. Give a number.',
    )
  })
})
