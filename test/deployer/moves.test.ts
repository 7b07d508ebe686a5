/** A move as the deployer makes it, with processes that a test plays: order, failures at each step, deaths in the middle. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  DEPLOYER_LIMITS,
  type DeployEvent,
  type Deployment,
  type DeployOptions,
  deploy,
  StateFolder,
} from '../../deployer/index.ts'
import { Store } from '../../deployer/state/store.ts'
import { shortName } from '../../runtime/names.ts'
import type { ToProcess } from '../../runtime/process/control.ts'
import { FakeClock } from '../runtime/fake-clock.ts'
import { manifestOf } from './manifests.ts'
import { type ScriptedProcess, Stage } from './scripted.ts'

const CART = 'src/cart.Cart'
const PRICES = 'src/prices.Prices'
const CHECKOUT = 'src/checkout.Checkout'
const SHOP = 'src/shop.Shop'

/** Shop → Checkout → Cart → Prices; Shop has a listener. */
const manifest = manifestOf({
  [PRICES]: {},
  [CART]: { dependencies: [PRICES] },
  [CHECKOUT]: { dependencies: [CART] },
  [SHOP]: { dependencies: [CHECKOUT], listeners: ['web'] },
})
const stateful = {
  ...manifest,
  components: manifest.components.map((each) => (each.name === CART ? { ...each, stateful: true as const } : each)),
}

let directory: string
let clock: FakeClock
let stage: Stage
let events: DeployEvent[]
let deployment: Deployment
/** By process. */
let processes: Map<string, ScriptedProcess>
/** What was asked of whom, in order; one at a time. */
let asked: string[]
/** `process type` → what the process makes of it. */
let reactions: Map<string, (process: ScriptedProcess) => 'done' | 'silence' | { failed: string }>

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'weave-test-'))
  writeFileSync(join(directory, 'main.mjs'), '')
  clock = new FakeClock()
  stage = new Stage()
  events = []
  processes = new Map()
  asked = []
  reactions = new Map()
})
afterEach(async () => {
  deployment?.kill()
  await deployment?.finished
  rmSync(directory, { recursive: true })
})

const APART = ['prices-1', 'cart-1', 'checkout-1', 'main-1']

async function start(names = APART, options: Partial<DeployOptions> = {}): Promise<void> {
  deployment = deploy({
    manifest,
    directory,
    placement: 'apart',
    environment: {},
    clock,
    random: () => 0.5,
    spawn: stage.spawn,
    onEvent: (event) => void events.push(event),
    ...options,
  })
  await play(...names)
  await deployment.ready
}

async function play(...names: string[]): Promise<void> {
  for (const name of names) await playLife(name, 1)
}

async function playLife(name: string, life: number): Promise<ToProcess> {
  const process = await stage.process(name, life)
  processes.set(name, process)
  process.answers = (message) => {
    const what = 'component' in message ? ` ${message.component.split('.')[1]}` : ''
    const where = message.type === 'routes' ? ` → ${message.replicas.map((replica) => replica.process).join(' ')}` : ''
    asked.push(`${name}: ${message.type}${what}${where}`)
    return reactions.get(`${name} ${message.type}`)?.(process) ?? 'done'
  }
  await process.play()
  return process.received[0]!
}

/** All that happens by itself has happened. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate)
}

const groups = () => {
  const byProcess = deployment
    .processes()
    .map(({ process, components }) => [process, components.map((name) => name.split('.')[1])])
  return Object.fromEntries(byProcess)
}
const asks = (type: string) => asked.filter((each) => each.includes(`: ${type}`))
const reasons = () => events.flatMap((event) => (event.type === 'move-undone' ? [event.reason] : []))

describe('a move', () => {
  test('admits, hosts, switches all callers, and only then retires; the empty group goes', async () => {
    await start()
    const status = await deployment.move(['Cart'], 'checkout')
    expect(status).toMatchObject({
      components: [CART],
      from: 'cart',
      to: 'checkout',
      isNew: false,
      state: { kind: 'done' },
    })
    const steps = asked.map((each) => each.split(' ')[1])
    expect(steps).toEqual([
      ...Array(4).fill('admit'),
      'host',
      ...Array(4).fill('routes'),
      'retire',
      ...Array(4).fill('admit'),
    ])
    expect(asks('host')).toEqual(['checkout-1: host Cart'])
    expect(new Set(asks('routes'))).toEqual(new Set(APART.map((name) => `${name}: routes Cart → checkout-1`)))
    expect(asks('retire')).toEqual(['cart-1: retire Cart'])
    await settle()
    expect(groups()).toEqual({ 'prices-1': ['Prices'], 'checkout-1': ['Cart', 'Checkout'], 'main-1': ['Shop'] })
    const moving = events.filter(({ type }) => type === 'moving' || type === 'moved')
    expect(moving).toMatchObject([
      { type: 'moving', components: [CART], from: 'cart', to: 'checkout' },
      { type: 'moved', components: [CART], from: 'cart', to: 'checkout' },
    ])
  })

  test('tells a process that comes later where things are by then', async () => {
    await start()
    await deployment.move(['Cart'], 'checkout')
    processes.get('checkout-1')!.exit(1)
    await settle()
    clock.advance(DEPLOYER_LIMITS.backoffMs)
    const assigned = await playLife('checkout-1', 2)
    expect(assigned).toMatchObject({ components: [CART, CHECKOUT], admitted: { main: [CHECKOUT] } })
    const prices = processes.get('prices-1')!.received.findLast((message) => message.type === 'admit')
    expect(prices).toMatchObject({ admitted: { checkout: [PRICES] } })
  })

  test('while it is on the way may be called and may call in both places', async () => {
    await start()
    const admitted: unknown[] = []
    reactions.set('checkout-1 host', () => {
      for (const name of ['prices-1', 'checkout-1']) {
        const message = processes.get(name)!.received.findLast(({ type }) => type === 'admit')
        admitted.push(message?.type === 'admit' && message.admitted)
      }
      return 'done'
    })
    await deployment.move(['Cart'], 'checkout')
    expect(admitted).toEqual([
      { prices: [PRICES], cart: [PRICES], checkout: [PRICES] },
      { checkout: [CHECKOUT, CART], main: [CHECKOUT] },
    ])
  })

  test('is written down when it begins, and its switch before anybody is told', async () => {
    const stateRoot = join(directory, 'state')
    const seen: unknown[] = []
    const look = () => {
      const store = new Store(new StateFolder('shop', stateRoot).database)
      const { groups, moving } = store.deployment()!
      store.close()
      seen.push([groups.map(({ components }) => components.map((name) => name.split('.')[1])), moving])
      return 'done' as const
    }
    reactions.set('checkout-1 host', look)
    reactions.set('prices-1 routes', look)
    await start(APART, { stateRoot })
    await deployment.move(['Cart'], 'checkout')
    look()
    const moving = { components: [CART], from: 'cart', to: 'checkout' }
    expect(seen).toEqual([
      [[['Prices'], ['Cart'], ['Checkout'], ['Shop']], moving],
      [[['Prices'], [], ['Cart', 'Checkout'], ['Shop']], moving],
      [[['Prices'], ['Cart', 'Checkout'], ['Shop']], undefined],
    ])
  })

  test('of several goes in the order in which they need each other, to a new group', async () => {
    await start(['prices-1', 'main-1'], { placement: { groups: [['Prices'], ['Cart', 'Checkout', 'Shop']] } })
    const moved = deployment.move(['Checkout', 'Cart'], 'new')
    await play('cart-1')
    expect(await moved).toMatchObject({ from: 'main', to: 'cart', isNew: true })
    expect(asks('host')).toEqual(['cart-1: host Cart', 'cart-1: host Checkout'])
    expect(groups()).toEqual({ 'prices-1': ['Prices'], 'main-1': ['Shop'], 'cart-1': ['Cart', 'Checkout'] })
  })

  test('goes to all replicas and leaves all', async () => {
    const names = ['prices-1', 'cart-1', 'cart-2', 'checkout-1', 'checkout-2', 'checkout-3', 'main-1']
    await start(names, { config: { replicas: { Cart: 2, Checkout: 3 } } })
    await deployment.move(['Cart'], 'Checkout')
    expect(asks('host')).toHaveLength(3)
    expect(new Set(asks('retire'))).toEqual(new Set(['cart-1: retire Cart', 'cart-2: retire Cart']))
    expect(asks('routes')[0]).toContain('→ checkout-1 checkout-2 checkout-3')
  })

  test('is one at a time; scale and restart wait for it', async () => {
    await start()
    reactions.set('checkout-1 host', () => 'silence')
    const moved = deployment.move(['Cart'], 'checkout')
    await settle()
    const error = await deployment.move(['Prices'], 'main').catch((thrown) => thrown)
    expect(error.message).toBe('Cart is on the way to "checkout"; one move is made at a time. Try again in a moment.')
    let isScaled = false
    const scaled = deployment.scale('prices', 2).then(() => {
      isScaled = true
    })
    await settle()
    expect(isScaled).toBe(false)
    const [, id] = [0, (processes.get('checkout-1')!.received.find(({ type }) => type === 'host') as { id: number }).id]
    processes.get('checkout-1')!.say({ type: 'done', id, failed: undefined })
    await moved
    await play('prices-2')
    await scaled
  })
})

describe('a move is undone', () => {
  afterEach(async () => {
    await settle()
    expect(groups()).toEqual({
      'prices-1': ['Prices'],
      'cart-1': ['Cart'],
      'checkout-1': ['Checkout'],
      'main-1': ['Shop'],
    })
    expect(asks('routes')).toEqual([])
    // Who may call whom is as it was.
    const last = processes.get('prices-1')!.received.findLast(({ type }) => type === 'admit')
    expect(last).toMatchObject({ admitted: { cart: [PRICES] } })
  })

  test('when a component can not start there', async () => {
    await start()
    reactions.set('checkout-1 host', () => ({ failed: 'src/cart.Cart could not be started: no database' }))
    const error = await deployment.move(['Cart'], 'checkout').catch((thrown) => thrown)
    expect(error).toMatchObject({
      code: 'WV_DEPLOY',
      message:
        'Cart could not move to "checkout": in "checkout-1" src/cart.Cart could not be started: no database. Everything is as it was.',
    })
    expect(reasons()).toEqual(['in "checkout-1" src/cart.Cart could not be started: no database.'])
    expect(asks('retire')).toEqual(['checkout-1: retire Cart'])
    const leaving = processes.get('cart-1')!.received.filter((message) => message.type === 'leaving')
    expect(leaving).toEqual([true, false].map((expected) => ({ type: 'leaving', component: CART, expected })))
  })

  test('when the process dies in which it starts', async () => {
    await start()
    reactions.set('checkout-1 host', (process) => {
      process.exit(null, 'SIGKILL')
      return 'silence'
    })
    await expect(deployment.move(['Cart'], 'checkout')).rejects.toThrow(
      'process "checkout-1" ended while Cart was starting in it.',
    )
    await settle()
    clock.advance(DEPLOYER_LIMITS.backoffMs)
    expect(await playLife('checkout-1', 2)).toMatchObject({ components: [CHECKOUT] })
  })

  test('when it takes too long to start', async () => {
    await start()
    reactions.set('checkout-1 host', () => 'silence')
    const moved = deployment.move(['Cart'], 'checkout').catch((thrown) => thrown)
    await settle()
    clock.advance(DEPLOYER_LIMITS.hostMs)
    expect((await moved).message).toContain('Cart had not started in "checkout-1" after 65 s.')
  })

  test('when the processes of a new group do not come', async () => {
    await start()
    await deployment.move(['Cart'], 'checkout')
    const moved = deployment.move(['Cart'], 'new').catch((thrown) => thrown)
    for (let life = 1; life <= DEPLOYER_LIMITS.crashesMax; life++) {
      const process = await stage.process('cart-1', life + 1)
      process.exit(1)
      await settle()
      if (life < DEPLOYER_LIMITS.crashesMax) clock.advance(DEPLOYER_LIMITS.backoffMsMax)
    }
    expect((await moved).message).toContain(
      'process "cart-1" crashes again and again; the last time it exited with code 1.',
    )
    await settle()
    expect(groups()).not.toHaveProperty('cart-1')
    // Back, for what is expected of all of these.
    const back = deployment.move(['Cart'], 'new')
    await playLife('cart-1', DEPLOYER_LIMITS.crashesMax + 2)
    await back
    asked = []
  })
})

describe('a death in the middle', () => {
  test('of a caller while it is told: its next life is told anew', async () => {
    await start()
    reactions.set('main-1 routes', (process) => {
      process.exit(null, 'SIGKILL')
      return 'silence'
    })
    expect(await deployment.move(['Cart'], 'checkout')).toMatchObject({ state: { kind: 'done' } })
    clock.advance(DEPLOYER_LIMITS.backoffMs)
    const assigned = await playLife('main-1', 2)
    expect(assigned.type === 'assign' && assigned.routes[CART]?.[0]?.process).toBe('checkout-1')
  })

  test('of the old process before it has retired', async () => {
    await start()
    reactions.set('cart-1 retire', (process) => {
      process.exit(null, 'SIGKILL')
      return 'silence'
    })
    expect(await deployment.move(['Cart'], 'checkout')).toMatchObject({ state: { kind: 'done' } })
    await settle()
    expect(groups()).not.toHaveProperty('cart-1')
  })

  test('of the new process after the switch: it comes back with the component', async () => {
    await start()
    reactions.set('checkout-1 routes', (process) => {
      process.exit(null, 'SIGKILL')
      return 'silence'
    })
    await deployment.move(['Cart'], 'checkout')
    clock.advance(DEPLOYER_LIMITS.backoffMs)
    expect(await playLife('checkout-1', 2)).toMatchObject({ components: [CART, CHECKOUT] })
  })

  test('a process that does not take its routes is started again', async () => {
    await start()
    reactions.set('main-1 routes', () => 'silence')
    const moved = deployment.move(['Cart'], 'checkout')
    await settle()
    clock.advance(DEPLOYER_LIMITS.answerMs)
    await moved
    expect(processes.get('main-1')!.killed).toBe(true)
  })

  test('the end of the application ends a move too', async () => {
    await start()
    reactions.set('checkout-1 host', () => 'silence')
    const moved = deployment.move(['Cart'], 'checkout').catch((thrown) => thrown)
    await settle()
    await deployment.stop()
    expect((await moved).code).toBe('WV_DEPLOY')
    expect(clock.timers).toBe(0)
  })
})

describe('what hands its state over', () => {
  const handing = {
    ...manifest,
    components: stateful.components.map((each) => (each.stateful ? { ...each, handsOver: true as const } : each)),
  }
  const steps = () => asked.filter((each) => !each.includes('admit') && !each.includes('routes'))

  test('goes with it: held, taken over, given up, and only then switched; the file is gone', async () => {
    await start(APART, { manifest: handing })
    const paths: string[] = []
    for (const [name, type] of [
      ['cart-1', 'hand-over'],
      ['checkout-1', 'take-over'],
    ] as const)
      reactions.set(`${name} ${type}`, (process) => {
        const message = process.received.findLast((each) => each.type === type) as { path: string }
        paths.push(message.path)
        writeFileSync(message.path, 'state')
        return 'done'
      })
    expect(await deployment.move(['Cart'], 'checkout')).toMatchObject({ state: { kind: 'done' } })
    const order = asked.filter((each) => !each.includes('admit')).map((each) => each.replace(/ →.*/, ''))
    expect(order).toEqual([
      'checkout-1: host Cart',
      'cart-1: hand-over Cart',
      'checkout-1: take-over Cart',
      'cart-1: give-up Cart',
      ...APART.map((name) => `${name}: routes Cart`),
      'cart-1: retire Cart',
    ])
    expect(paths[0]).toBe(paths[1])
    expect(existsSync(paths[0]!)).toBe(false)
    const told = events.flatMap((event) => (event.type === 'move-step' ? [event.step] : []))
    expect(told).toEqual(['preparing', 'starting', 'handing', 'switching', 'draining', 'done'])
  })

  test.each([
    ['cart-1 hand-over', 'in "cart-1" no ink.', 'checkout-1: retire Cart'],
    ['checkout-1 take-over', 'in "checkout-1" no ink.', 'checkout-1: retire Cart'],
  ])('stays when %s fails: it serves again before the new one is stopped', async (what, reason, last) => {
    await start(APART, { manifest: handing })
    reactions.set(what, () => ({ failed: 'no ink' }))
    await expect(deployment.move(['Cart'], 'checkout')).rejects.toThrow(`Cart could not move to "checkout": ${reason}`)
    expect(steps().slice(-2)).toEqual(['cart-1: keep Cart', last])
    expect(reasons()).toEqual([reason])
    expect(asks('routes')).toEqual([])
  })

  test('stays when it takes too long', async () => {
    await start(APART, { manifest: handing })
    reactions.set('cart-1 hand-over', () => 'silence')
    const moved = deployment.move(['Cart'], 'checkout').catch((thrown) => thrown)
    await settle()
    clock.advance(DEPLOYER_LIMITS.handOverMs)
    expect((await moved).message).toContain('Cart had not handed its state over in "cart-1" after 15 s.')
    expect(asks('keep')).toEqual(['cart-1: keep Cart'])
  })

  test('stays when the new process dies with the state', async () => {
    await start(APART, { manifest: handing })
    reactions.set('checkout-1 take-over', (process) => {
      process.exit(null, 'SIGKILL')
      return 'silence'
    })
    await expect(deployment.move(['Cart'], 'checkout')).rejects.toThrow(
      'process "checkout-1" ended while Cart was getting its state there.',
    )
    expect(asks('keep')).toEqual(['cart-1: keep Cart'])
  })

  test('stays, and is started again, when the old process does not say that it serves again', async () => {
    await start(APART, { manifest: handing })
    reactions.set('checkout-1 take-over', () => ({ failed: 'no ink' }))
    reactions.set('cart-1 keep', () => 'silence')
    const moved = deployment.move(['Cart'], 'checkout').catch((thrown) => thrown)
    await settle()
    clock.advance(DEPLOYER_LIMITS.answerMs)
    expect((await moved).code).toBe('WV_DEPLOY')
    expect(processes.get('cart-1')!.killed).toBe(true)
  })

  test('goes on when the old process does not give it up, which is then killed', async () => {
    await start(APART, { manifest: handing })
    reactions.set('cart-1 give-up', () => 'silence')
    const moved = deployment.move(['Cart'], 'checkout')
    await settle()
    clock.advance(DEPLOYER_LIMITS.answerMs)
    expect(await moved).toMatchObject({ state: { kind: 'done' } })
    expect(processes.get('cart-1')!.killed).toBe(true)
  })

  test('is refused where there are several states, or would be', async () => {
    const names = ['prices-1', 'cart-1', 'checkout-1', 'checkout-2', 'main-1']
    await start(names, { manifest: handing, config: { replicas: { Checkout: 2 } } })
    await expect(deployment.move(['Cart'], 'checkout')).rejects.toThrow(
      'Cart is @stateful, and "checkout" has 2 replicas; a state moves from one process to one. Scale that group to 1 first.',
    )
  })

  test('is refused where it has several replicas itself', async () => {
    await start(['prices-1', 'cart-1', 'cart-2', 'checkout-1', 'main-1'], {
      manifest: handing,
      config: { replicas: { Cart: 2 } },
    })
    await expect(deployment.move(['Cart'], 'checkout')).rejects.toThrow(
      'Cart is @stateful, and "cart" has 2 replicas; a state moves from one process to one. Set "replicas" to 1 in weave.config.ts, and deploy again when what they keep may be lost.',
    )
  })
})

test('what keeps state in memory has the replicas that it was deployed with, since each has its own', async () => {
  await start(APART, { manifest: stateful })
  await expect(deployment.scale('Cart', 2)).rejects.toThrow(
    'Cart is @stateful, and what it keeps in memory would be lost for callers who are sent to another process; "cart" stays at 1. Set "replicas" in weave.config.ts, and deploy again when it may be lost.',
  )
  await deployment.scale('Cart', 1)
})

test('what keeps state in memory and does not hand it over stays', async () => {
  await start(APART, { manifest: stateful })
  const error = await deployment.move(['Cart'], 'checkout').catch((thrown) => thrown)
  expect(error).toMatchObject({ code: 'WV_CONFIG', message: expect.stringContaining('Cart is @stateful') })
})

test('a new group has as many replicas as weave.config.ts asks for', async () => {
  const options = { config: { replicas: { Cart: 2 } }, placement: { groups: [['Prices', 'Cart']] } }
  await start(['prices-1', 'prices-2', 'checkout-1', 'main-1'], options)
  const moved = deployment.move(['Cart'], 'new')
  await play('cart-1', 'cart-2')
  expect((await moved).isNew).toBe(true)
  expect(deployment.groups().map(({ components, replicas }) => [components.map(shortName), replicas])).toContainEqual([
    ['Cart'],
    2,
  ])
})

test('a pin of weave.config.ts is kept, and one that is broken already does not hold what leaves it as it is', async () => {
  const pins = { together: [['Prices', 'Cart']], apart: [['Checkout', 'Shop']] }
  await start(['cart-1', 'checkout-1', 'main-1'], { config: { pins }, placement: { groups: [['Cart'], ['Checkout']] } })
  const refusal = (components: string[], to: string) =>
    deployment.move(components, to).then(
      () => 'moved',
      ({ message }: Error) => message,
    )
  expect(await refusal(['Checkout'], 'main')).toBe(
    'weave.config.ts does not allow it. With that move: Checkout and Shop share main, though they are pinned apart.',
  )
  expect(await refusal(['Cart'], 'new')).toBe(
    'weave.config.ts does not allow it. With that move: Prices is in cart and Cart in cart-2, though they are pinned together.',
  )
  expect(asked).toEqual([])
  expect(await refusal(['Prices', 'Cart'], 'main')).toBe('moved')
})

test.each([
  [['Shop'], 'checkout', 'Shop is the root: its main runs, so it stays where it is. Move others to it.'],
  [['Cart'], 'cart', 'Cart is in group "cart" already.'],
  [['Cart'], 'new', 'Cart has a group of its own already, "cart".'],
  [
    ['Cart', 'Prices'],
    'checkout',
    'Prices, Cart are in different groups, "prices" and "cart"; move them one after the other.',
  ],
  [['Crat'], 'checkout', 'shop: there is no component "Crat"; did you mean "Cart"?'],
  [['Cart'], 'chekout', 'did you mean "checkout"?'],
  [['Cart'], 'checkout-2x', 'there is no process, group or component "checkout-2x"'],
])('%s to %s: %s', async (components, to, message) => {
  await start()
  const error = await deployment.move(components, to).catch((thrown) => thrown)
  expect(error).toMatchObject({ code: 'WV_CONFIG', message: expect.stringContaining(message) })
  expect(asked).toEqual([])
})
