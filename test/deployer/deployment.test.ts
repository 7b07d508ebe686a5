import { createPrivateKey, X509Certificate } from 'node:crypto'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { DEPLOYER_LIMITS, type DeployEvent, type Deployment, type DeployOptions, deploy } from '../../deployer/index.ts'
import { ENV_CONTROL, ENV_RUN } from '../../runtime/process/control.ts'
import type { Shape } from '../../runtime/shape.ts'
import { FakeClock } from '../runtime/fake-clock.ts'
import { rejection } from '../runtime/shop.ts'
import { manifestOf, shop } from './manifests.ts'
import { type ScriptedProcess, Stage } from './scripted.ts'

let directory: string
let clock: FakeClock
let stage: Stage
let events: DeployEvent[]
let deployment: Deployment
let watching: Set<() => void>
const servers: Server[] = []

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'weave-test-'))
  writeFileSync(join(directory, 'main.mjs'), '')
  clock = new FakeClock()
  stage = new Stage()
  events = []
  watching = new Set()
})
afterEach(async () => {
  for (const server of servers.splice(0)) server.close()
  deployment?.kill()
  await deployment?.finished
  rmSync(directory, { recursive: true })
})

function start(options: Partial<DeployOptions> = {}): Deployment {
  deployment = deploy({
    manifest: shop,
    directory,
    placement: 'apart',
    environment: { [ENV_RUN]: '{}', HOME: '/home' },
    clock,
    random: () => 0.5,
    spawn: stage.spawn,
    onEvent(event) {
      events.push(event)
      for (const look of [...watching]) look()
    },
    ...options,
  })
  return deployment
}
function event<T extends DeployEvent['type']>(
  type: T,
  fits: (event: Extract<DeployEvent, { type: T }>) => boolean = () => true,
): Promise<Extract<DeployEvent, { type: T }>> {
  return new Promise((resolve) => {
    const look = () => {
      const found = events.find((each) => each.type === type && fits(each as Extract<DeployEvent, { type: T }>))
      if (!found) return
      watching.delete(look)
      resolve(found as Extract<DeployEvent, { type: T }>)
    }
    watching.add(look)
    look()
  })
}
const types = () => events.map(({ type }) => type)
const routesTo = (process: ScriptedProcess, component: string) =>
  process.received.flatMap((message) =>
    message.type === 'routes' && message.component === component
      ? [message.replicas.map((replica) => `${replica.process}:${replica.slot}/${replica.slots}`)]
      : [],
  )

test('starts all, calls main when all are ready, ends with main', async () => {
  start()
  const [cart, checkout, main] = await stage.play('cart-1', 'checkout-1', 'main-1')
  await deployment.ready
  await main!.message('main')
  expect(cart!.received.map(({ type }) => type)).not.toContain('main')
  main!.say({ type: 'finished', exitCode: 0 })
  expect(await deployment.finished).toBe(0)
  expect(types().filter((type) => !type.startsWith('process-'))).toEqual([
    'deploying',
    'listener',
    'ready',
    'main-finished',
    'stopping',
    'stopped',
  ])
  const ended = events.filter((each) => each.type === 'process-exited')
  expect(ended.map((each) => [each.process, each.expected, each.code])).toEqual([
    ['main-1', true, 0],
    ['checkout-1', true, 0],
    ['cart-1', true, 0],
  ])
  expect(checkout!.environment).toMatchObject({ HOME: '/home' })
  expect(checkout!.environment[ENV_RUN]).toBe(undefined)
})

test('an assignment says what is hosted, where the others are, and the config of what is hosted', async () => {
  const config: Shape = {
    kind: 'object',
    members: [{ name: 'size', shape: { kind: 'number' } }],
  }
  const manifest = manifestOf({
    'a.Cart': { config },
    'a.Shop': { dependencies: ['a.Cart'], config },
  })
  start({ manifest, config: { name: 'my shop', config: { Cart: { size: 1 }, Shop: { size: 2 } } } })
  const cart = await stage.process('cart-1')
  const assigned = await cart.hello()
  expect(assigned).toEqual({
    type: 'assign',
    application: 'my shop',
    calls: {},
    group: 'cart',
    address: assigned.address,
    admitted: { cart: ['a.Cart'], main: ['a.Cart'] },
    exitNote: `${assigned.address}.exit`,
    components: ['a.Cart'],
    routes: { 'a.Shop': [] },
    config: { 'a.Cart': { size: 1 } },
    orphan: 'drain',
    life: 1,
  })
  const folder = dirname(assigned.address)
  expect(statSync(folder).mode & 0o777).toBe(0o700)
  expect(folder).toBe(dirname(cart.environment[ENV_CONTROL]!))
  cart.say({ type: 'serving', address: assigned.address })
  // One that serves is known while none is ready, so that groups which need each other can start.
  const main = await stage.process('main-1')
  await event('process-started', ({ process }) => process === 'main-1')
  cart.say({ type: 'ready' })
  await event('process-ready', ({ process }) => process === 'cart-1')
  const { routes } = await main.hello()
  expect(routes).toEqual({
    'a.Cart': [{ slot: 0, slots: 1, process: 'cart-1', group: 'cart', address: assigned.address }],
  })
})

test('tcp: each process binds a port of this machine, and the routes lead to the one that it says', async () => {
  start({ transport: 'tcp' })
  const cart = await stage.process('cart-1')
  const { address, identity, exitNote } = await cart.hello()
  expect([address, identity]).toEqual(['tcp://127.0.0.1:0', undefined])
  expect(dirname(exitNote)).toBe(dirname(cart.environment[ENV_CONTROL]!))
  cart.say({ type: 'serving', address: 'tcp://127.0.0.1:4711' })
  cart.say({ type: 'ready' })
  await event('process-ready')
  const { routes } = await (await stage.process('main-1')).hello()
  expect(routes['src/cart.Cart']).toMatchObject([{ group: 'cart', address: 'tcp://127.0.0.1:4711' }])
})

test("tls: each group has a certificate of the deployment, in files that are the user's alone", async () => {
  start({ transport: 'tls', config: { replicas: { Cart: 2 } } })
  const processes = await Promise.all(['cart-1', 'cart-2', 'checkout-1'].map((name) => stage.process(name)))
  const assigned = await Promise.all(processes.map((process) => process.hello()))
  const [first, second, checkout] = assigned.map(({ identity }) => identity!)
  expect(second).toEqual(first)
  expect(assigned[0]!.address).toBe('tls://127.0.0.1:0')
  const folder = dirname(processes[0]!.environment[ENV_CONTROL]!)
  for (const path of [...Object.values(first!), ...Object.values(checkout!)]) {
    expect(dirname(path)).toBe(folder)
    expect(statSync(path).mode & 0o777).toBe(0o600)
  }
  const [cart, other] = [first!, checkout!].map(({ certificate }) => new X509Certificate(readFileSync(certificate)))
  expect([cart!.subjectAltName, other!.subjectAltName]).toEqual([
    'URI:spiffe://shop/group/cart',
    'URI:spiffe://shop/group/checkout',
  ])
  const authority = new X509Certificate(readFileSync(first!.ca))
  expect(cart!.checkIssued(authority) && cart!.verify(authority.publicKey)).toBe(true)
  expect(other!.verify(authority.publicKey)).toBe(true)
  const key = readFileSync(first!.key, 'utf8')
  expect(cart!.checkPrivateKey(createPrivateKey(key))).toBe(true)
  const given = processes.flatMap(({ environment, received }) => [
    JSON.stringify(environment),
    JSON.stringify(received),
  ])
  for (const text of given) expect(text).not.toContain('PRIVATE KEY')
})

test('routes: serving counts while none is ready, then ready ones; gone at the exit, back when ready', async () => {
  start({ replicas: 2 })
  const main = await stage.process('main-1')
  await main.hello()
  const first = await stage.process('cart-1')
  const second = await stage.process('cart-2')
  const { address } = await first.hello()
  first.say({ type: 'serving', address })
  await main.message('routes', ({ component, replicas }) => component.endsWith('.Cart') && replicas.length === 1)
  const other = await second.hello()
  second.say({ type: 'serving', address: other.address })
  await main.message('routes', ({ component, replicas }) => component.endsWith('.Cart') && replicas.length === 2)
  second.say({ type: 'ready' })
  await event('process-ready')
  first.say({ type: 'ready' })
  await event('process-ready', ({ process }) => process === 'cart-1')
  first.exit(null, 'SIGKILL')
  await event('process-exited')
  clock.advance(75)
  const again = await stage.process('cart-1', 2)
  const assigned = await again.hello()
  expect(assigned.address).not.toBe(address)
  expect(assigned.routes['src/shop.Shop']).toEqual([])
  again.say({ type: 'serving', address: assigned.address })
  again.say({ type: 'ready' })
  await main.message('routes', ({ replicas }) => replicas.some((replica) => replica.address === assigned.address))
  expect(routesTo(main, 'src/cart.Cart')).toEqual([
    ['cart-1:0/2'],
    ['cart-1:0/2', 'cart-2:1/2'],
    ['cart-2:1/2'],
    ['cart-1:0/2', 'cart-2:1/2'],
    ['cart-2:1/2'],
    ['cart-1:0/2', 'cart-2:1/2'],
  ])
  // Its own group isn't told: those components are at home.
  expect(routesTo(second, 'src/cart.Cart')).toEqual([])
})

test('a process that dies later is started again, and main is called again in the root', async () => {
  start()
  const [cart, , main] = await stage.play('cart-1', 'checkout-1', 'main-1')
  await deployment.ready
  cart!.stderr.write('oops\n')
  cart!.exit(1)
  expect(await event('process-exited')).toEqual({
    type: 'process-exited',
    process: 'cart-1',
    pid: cart!.pid,
    code: 1,
    signal: null,
    expected: false,
    reason: 'exited with code 1',
    lastLines: ['oops'],
    restartInMs: 75,
  })
  main!.exit(null, 'SIGSEGV')
  await event('process-exited', ({ process }) => process === 'main-1')
  clock.advance(75)
  const next = await stage.process('main-1', 2)
  await next.play()
  await next.message('main')
  expect(deployment.processes()).toMatchObject([
    { process: 'cart-1', slot: 0, state: 'starting', restarts: 1 },
    { process: 'checkout-1', state: 'ready', restarts: 0 },
    { process: 'main-1', state: 'ready', restarts: 1, pid: next.pid },
  ])
})

test('one that never comes up ends the deployment and says why in one line', async () => {
  start({ placement: { groups: [['Cart', 'Checkout']] } })
  const main = await stage.process('main-1')
  await main.play()
  for (let life = 1; life <= 3; life++) {
    const cart = await stage.process('cart-1', life)
    await cart.hello()
    cart.say({ type: 'failed', message: 'Cart could not be constructed' })
    cart.stderr.write('Error: no such host\n    at Cart\n')
    cart.exit(1)
    await event('process-exited', ({ pid }) => pid === cart.pid)
    clock.advance(10_000)
  }
  await expect(deployment.ready).rejects.toThrow(
    'Process "cart-1" (Cart, Checkout) crashed 3 times in a row before the application was ready; the last time it failed: Cart could not be constructed.',
  )
  // It has been handed on as it came, and is in the event.
  expect(await deployment.finished).toBe(1)
  expect(events.findLast((each) => each.type === 'process-exited' && each.process === 'cart-1')).toMatchObject({
    restartInMs: null,
    lastLines: ['Error: no such host', '    at Cart'],
  })
  expect(stage.started).toHaveLength(4)
})

test('processes that are not ready are named, with what they are starting, at growing intervals', async () => {
  start()
  await stage.play('main-1')
  await (await stage.process('checkout-1')).connect()
  const cart = await stage.process('cart-1')
  const { address } = await cart.hello()
  cart.say({ type: 'serving', address })
  cart.say({ type: 'starting', component: 'src/cart.Cart' })
  // Read after what cart-1 has said, as it came first on the way.
  await (await stage.process('main-1')).message('routes', ({ component }) => component === 'src/cart.Cart')
  await event('process-ready', ({ process }) => process === 'main-1')
  await expect.poll(() => deployment.processes()[0]!.starting).toBe('src/cart.Cart')
  const waiting = () => events.filter((each) => each.type === 'waiting')
  clock.advance(4_999)
  expect(waiting()).toEqual([])
  clock.advance(1)
  const processes = [
    { process: 'cart-1', component: 'src/cart.Cart' },
    { process: 'checkout-1', component: null },
  ]
  expect(waiting()).toEqual([{ type: 'waiting', durationMs: 5_000, processes }])
  clock.advance(35_000)
  expect(waiting().map(({ durationMs }) => durationMs)).toEqual([5_000, 10_000, 20_000, 40_000])
})

test('a process that main has left may still set the exit code', async () => {
  start()
  const [, , main] = await Promise.all([
    stage.process('cart-1').then((process) => process.play()),
    stage.process('checkout-1').then((process) => process.play()),
    stage.process('main-1').then(async (process) => {
      await process.play({ exitCode: 4 })
      return process
    }),
  ])
  await deployment.ready
  main.say({ type: 'finished', exitCode: 0 })
  expect(await deployment.finished).toBe(4)
})

test('later crashes never end it', async () => {
  start()
  await stage.play('cart-1', 'checkout-1', 'main-1')
  await deployment.ready
  for (let life = 1; life <= 6; life++) {
    const cart = await stage.process('cart-1', life)
    cart.exit(1)
    await event('process-exited', ({ pid }) => pid === cart.pid)
    clock.advance(10_000)
  }
  await stage.process('cart-1', 7)
  expect(events.filter(({ type }) => type === 'crash-looping')).toHaveLength(1)
  expect(types()).not.toContain('stopping')
})

test('an entry of another version is refused, and said so', async () => {
  start({ placement: 'together' })
  for (let life = 1; life <= 3; life++) {
    const main = await stage.process('main-1', life)
    void main.hello('v2')
    await event('process-exited', ({ pid }) => pid === main.pid)
    clock.advance(10_000)
  }
  await expect(deployment.ready).rejects.toThrow(
    'the last time it runs version v2 where the manifest says v1; build the application again.',
  )
})

test('main that fails in one replica ends the others, with its exit code', async () => {
  start({ placement: 'together', replicas: 2 })
  const [first, second] = await stage.play('main-1', 'main-2')
  await deployment.ready
  first!.say({ type: 'finished', exitCode: 0 })
  await event('main-finished')
  expect(types()).not.toContain('stopping')
  second!.say({ type: 'finished', exitCode: 7 })
  expect(await deployment.finished).toBe(7)
  expect(await event('stopping')).toEqual({ type: 'stopping', reason: 'main-failed' })
})

test('process.exit(0) of the root ends the application; of another process it is a crash', async () => {
  start()
  const [cart, , main] = await stage.play('cart-1', 'checkout-1', 'main-1')
  await deployment.ready
  cart!.exit(0)
  expect((await event('process-exited')).expected).toBe(false)
  main!.exit(0)
  expect(await deployment.finished).toBe(0)
  expect(await event('main-finished')).toEqual({ type: 'main-finished', process: 'main-1', exitCode: 0 })
})

test('stop drains callers before callees', async () => {
  start()
  const names = ['cart-1', 'checkout-1', 'main-1']
  const [cart, checkout, main] = await Promise.all(names.map((name) => stage.process(name)))
  for (const process of [cart!, checkout!, main!]) {
    const { address } = await process.hello()
    process.say({ type: 'serving', address })
    process.say({ type: 'ready' })
  }
  await deployment.ready
  const stopped = deployment.stop()
  await main!.message('drain')
  expect(checkout!.received.map(({ type }) => type)).not.toContain('drain')
  main!.exit(0)
  await checkout!.message('drain')
  expect(cart!.received.map(({ type }) => type)).not.toContain('drain')
  // What crashes while it waits for its turn is not needed any more when the turn comes.
  cart!.exit(1)
  await event('process-exited', ({ process }) => process === 'cart-1')
  checkout!.exit(0)
  await stopped
  expect(await deployment.finished).toBe(0)
  expect(stage.started).toHaveLength(3)
  expect(clock.timers).toBe(0)
})

test('one that ignores the drain is killed in time, and the exit code tells', async () => {
  start({ placement: 'together' })
  const main = await stage.process('main-1')
  const { address } = await main.hello()
  main.say({ type: 'serving', address })
  main.say({ type: 'ready' })
  await deployment.ready
  void deployment.stop()
  await main.message('drain')
  expect(main.killed).toBe(false)
  clock.advance(DEPLOYER_LIMITS.drainMs)
  expect(main.killed).toBe(true)
  expect(await deployment.finished).toBe(1)
})

test('however long the chain of groups, all are killed in time', async () => {
  const names = Array.from({ length: 5 }, (_, index) => `a.C${index}`)
  start({
    manifest: manifestOf(
      Object.fromEntries(names.map((name, index) => [name, { dependencies: names.slice(0, index) }])),
    ),
  })
  const processes = await Promise.all(['c0-1', 'c1-1', 'c2-1', 'c3-1', 'main-1'].map((name) => stage.process(name)))
  for (const process of processes) {
    const { address } = await process.hello()
    process.say({ type: 'serving', address })
    process.say({ type: 'ready' })
  }
  await deployment.ready
  void deployment.stop()
  await processes[4]!.message('drain')
  for (const [index, process] of processes.toReversed().slice(0, 2).entries()) {
    clock.advance(DEPLOYER_LIMITS.drainMs)
    expect(process.killed).toBe(true)
    await processes[3 - index]!.message('drain')
  }
  expect(processes.map(({ killed }) => killed)).toEqual([false, false, false, true, true])
  clock.advance(DEPLOYER_LIMITS.stopMs - 2 * DEPLOYER_LIMITS.drainMs)
  expect(processes.every(({ killed }) => killed)).toBe(true)
  expect(await deployment.finished).toBe(1)
})

test('kill ends all at once', async () => {
  start({ replicas: 2 })
  await stage.process('main-2')
  void deployment.stop()
  deployment.kill()
  expect(await deployment.finished).toBe(130)
  expect(stage.started.every(({ killed }) => killed)).toBe(true)
})

test('stopped before it is ready: exit code 0, ready rejects', async () => {
  start()
  await stage.process('main-1')
  await deployment.stop()
  expect(await deployment.finished).toBe(0)
  await expect(deployment.ready).rejects.toThrow('The deployment was stopped before it was ready.')
})

test('stopped before it has begun', async () => {
  start()
  await deployment.stop()
  expect(types()).toEqual(['stopping', 'stopped'])
})

test('nothing is left behind', async () => {
  start()
  const main = await stage.process('main-1')
  const folder = dirname(main.environment[ENV_CONTROL]!)
  expect(readdirSync(folder)).toEqual(['control', 'owner'])
  await deployment.stop()
  expect(existsSync(folder)).toBe(false)
})

test('a listener: bound per process, one address for the world', async () => {
  start({ replicas: 2 })
  const [, , , , first, second] = await stage.play('cart-1', 'cart-2', 'checkout-1', 'checkout-2', 'main-1', 'main-2')
  await deployment.ready
  const { url } = await event('listener')
  for (const process of [first!, second!]) {
    process.say({ type: 'listen', listener: 'web', id: 5 })
    const bind = await process.message('bind')
    expect(bind).toEqual({ type: 'bind', id: 5, path: bind.path, url })
    const server = createServer((_, response) => response.end(process.name))
    servers.push(server)
    await new Promise<void>((resolve) => server.listen(bind.path, resolve))
    process.say({ type: 'listening', listener: 'web' })
  }
  const page = () => fetch(url, { headers: { connection: 'close' } }).then((response) => response.text())
  // A connection before anybody listens waits; then both replicas get their share.
  const pages = new Set(await Promise.all([page(), page(), page(), page()]))
  while (pages.size < 2) pages.add(await page())
  expect([...pages].sort()).toEqual(['main-1', 'main-2'])
  first!.exit(null, 'SIGKILL')
  await event('process-exited')
  expect(await Promise.all([page(), page(), page()])).toEqual(['main-2', 'main-2', 'main-2'])
  void deployment.stop()
  await event('stopping')
  const refused = new Promise((resolve) => connect(Number(new URL(url).port), '127.0.0.1').once('error', resolve))
  expect(await refused).toMatchObject({ code: 'ECONNREFUSED' })
})

test('a process that listens before it is ready gets connections when it is', async () => {
  start({ placement: 'together' })
  const main = await stage.process('main-1')
  const { address } = await main.hello()
  main.say({ type: 'listen', listener: 'web', id: 1 })
  const { path, url } = await main.message('bind')
  let connections = 0
  const server = createServer((_, response) => response.end('hello')).on('connection', () => connections++)
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(path, resolve))
  main.say({ type: 'listening', listener: 'web' })
  const page = fetch(url, { headers: { connection: 'close' } })
  // A round trip on the same connections: what was sent before has been read.
  for (let id = 2; id < 20; id++) {
    main.say({ type: 'listen', listener: 'none', id })
    await main.message('bind', (message) => message.id === id)
  }
  expect(connections).toBe(0)
  main.say({ type: 'serving', address })
  main.say({ type: 'ready' })
  expect(await (await page).text()).toBe('hello')
})

test('a listener that the process does not have', async () => {
  start()
  const [cart] = await stage.play('cart-1', 'checkout-1', 'main-1')
  cart!.say({ type: 'listen', listener: 'web', id: 1 })
  expect(await cart!.message('bind')).toMatchObject({
    id: 1,
    error: 'No component of process "cart-1" has a listener "web".',
  })
})

test('a port in use ends it before any process starts', async () => {
  const other = createServer()
  servers.push(other)
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
  const { port } = other.address() as { port: number }
  start({ config: { listeners: { web: { port } } } })
  await expect(deployment.ready).rejects.toThrow(
    `Listener "web": 127.0.0.1:${port} is in use by another program; stop it`,
  )
  expect(await deployment.finished).toBe(1)
  expect(stage.started).toEqual([])
})

test('hostile processes are dropped, and the rest goes on', async () => {
  start()
  const [cart] = await stage.play('cart-1', 'checkout-1', 'main-1')
  await deployment.ready
  cart!.say({ type: 'finished', exitCode: 0 })
  expect(await event('process-exited')).toMatchObject({
    process: 'cart-1',
    reason: 'said that main had finished, which it was not asked to run',
    expected: false,
  })
  clock.advance(75)
  const again = await stage.process('cart-1', 2)
  const socket = await again.connect()
  socket.write('{"type":"hello","process":"cart-9","pid":1,"version":"v1"}\n')
  expect(await event('refused')).toEqual({
    type: 'refused',
    process: null,
    reason: 'a connection to the control socket was refused: there is no process "cart-9" in this deployment',
  })
  expect(types()).not.toContain('stopping')
})

test('what can not fit is refused before anything starts', () => {
  expect(() => start({ config: { replicas: 100, entri: '' } as object })).toThrow(
    [
      'weave.config.ts: "entri" is not a setting; did you mean "entry"?',
      'weave.config.ts: "replicas" must be a whole number from 1 to 64; it is 100.',
    ].join('\n'),
  )
  expect(() => start({ placement: { groups: [['Crat']] }, placementSource: 'p.json' })).toThrow(
    'p.json: placement: there is no component "Crat"; did you mean "Cart"?',
  )
  expect(() => start({ replicas: 0 })).toThrow('"replicas" must be a whole number from 1 to 64; it is 0.')
  expect(() => start({ directory: '/nowhere' })).toThrow(
    'The manifest names /nowhere/main.mjs, which is not there; build the application again.',
  )
  expect(stage.started).toEqual([])
})

/** Each life of these processes becomes ready, and exits well when it is drained. */
async function playLives(...names: string[]): Promise<void> {
  for (const name of names)
    void (async () => {
      for (let life = 1; ; life++) await (await stage.process(name, life)).play()
    })()
}

test('scale: added replicas are known to callers when they are ready, and callers hear of it before one is drained', async () => {
  start()
  const main = await stage.process('main-1')
  await playLives('cart-1', 'cart-2', 'cart-3', 'checkout-1', 'main-1')
  await deployment.ready
  await deployment.scale('Cart', 3)
  expect(deployment.processes().map(({ process, state }) => `${process} ${state}`)).toEqual([
    'cart-1 ready',
    'cart-2 ready',
    'cart-3 ready',
    'checkout-1 ready',
    'main-1 ready',
  ])
  await main.message('routes', ({ replicas }) => replicas.length === 3)
  await deployment.scale('cart', 1)
  expect(deployment.processes().map(({ process }) => process)).toEqual(['cart-1', 'checkout-1', 'main-1'])
  expect(events.filter(({ type }) => type === 'scaling')).toEqual([
    { type: 'scaling', group: 'cart', from: 1, to: 3 },
    { type: 'scaling', group: 'cart', from: 3, to: 1 },
  ])
  expect(await event('process-exited', ({ process }) => process === 'cart-3')).toMatchObject({ expected: true })
  await expect.poll(() => routesTo(main, 'src/cart.Cart').at(-1)).toEqual(['cart-1:0/1'])
  expect(types()).not.toContain('stopping')
})

test('a replica of the root that is scaled away ends its main and not the application', async () => {
  start({ placement: 'together', replicas: 2 })
  const [first, second] = await Promise.all([stage.process('main-1'), stage.process('main-2')])
  await first.play()
  const { address } = await second.hello()
  second.say({ type: 'serving', address })
  second.say({ type: 'ready' })
  await deployment.ready
  const scaled = deployment.scale('main', 1)
  await second.message('drain')
  second.say({ type: 'finished', exitCode: 0 })
  // As a `main` that throws when it is interrupted: reported, and no end either.
  second.exit(1)
  await scaled
  expect(types()).not.toContain('stopping')
  expect(types()).not.toContain('main-finished')
  await deployment.stop()
  expect(await deployment.finished).toBe(0)
})

test('restart: one of a group after the other, and main is called again', async () => {
  start({ placement: 'together', replicas: 2 })
  await playLives('main-1', 'main-2')
  await deployment.ready
  await deployment.restart()
  expect(deployment.processes().map(({ process, restarts }) => `${process} ${restarts}`)).toEqual([
    'main-1 1',
    'main-2 1',
  ])
  const lives = events.flatMap((each) =>
    each.type === 'process-ready' ? [`${each.process} ready`] : each.type === 'process-exited' ? [each.process] : [],
  )
  expect(lives.slice(2)).toEqual(['main-1', 'main-1 ready', 'main-2', 'main-2 ready'])
  await (await stage.process('main-2', 2)).message('main')
  expect(events.filter((each) => each.type === 'process-exited').every(({ expected }) => expected)).toBe(true)
})

test('restart of one that crash-loops tries at once', async () => {
  start()
  await stage.play('cart-1', 'checkout-1', 'main-1')
  await deployment.ready
  for (let life = 1; life <= 3; life++) {
    const cart = await stage.process('cart-1', life)
    cart.exit(1)
    await event('process-exited', ({ pid }) => pid === cart.pid)
    if (life < 3) clock.advance(10_000)
  }
  const restarted = deployment.restart('cart-1')
  await (await stage.process('cart-1', 4)).play()
  await restarted
  expect(deployment.processes()[0]).toMatchObject({ process: 'cart-1', state: 'ready', restarts: 3 })
})

test('changes that can not be are refused, and change nothing', async () => {
  start()
  await expect(deployment.scale('cart', 2)).rejects.toThrow(
    'The application is opening; it can be changed when it is running.',
  )
  await stage.play('cart-1', 'checkout-1', 'main-1')
  await deployment.ready
  await expect(deployment.scale('crat', 2)).rejects.toThrow('shop: there is no group or component "crat"; did you mean')
  await expect(deployment.restart('cart-2')).rejects.toThrow('shop: there is no process, group or component "cart-2"')
  await expect(deployment.scale('cart', 65)).rejects.toThrow(
    'The replicas of "cart" must be a whole number from 1 to 64; it is 65.',
  )
  expect(deployment.processes()).toHaveLength(3)
})

test('who waits for a change learns that a process crash-loops, and why', async () => {
  start()
  await stage.play('cart-1', 'checkout-1', 'main-1')
  await deployment.ready
  const restarted = rejection(deployment.restart('cart-1'))
  const before = await stage.process('cart-1')
  await before.message('drain')
  before.exit(0)
  for (let life = 2; life <= 4; life++) {
    const cart = await stage.process('cart-1', life)
    cart.stderr.write(`Error: Cannot find module 'x'\n${'    at node:internal\n'.repeat(9)}\n`)
    cart.exit(1)
    await event('process-exited', ({ pid }) => pid === cart.pid)
    clock.advance(10_000)
  }
  expect(await restarted).toMatchObject({
    code: 'WV_DEPLOY',
    message: `Process "cart-1" has crashed 3 times in a row; the last time it exited with code 1.
  Error: Cannot find module 'x'
      at node:internal
      at node:internal
      at node:internal`,
  })
  // It is started again all the same.
  await (await stage.process('cart-1', 5)).play()
  await event('process-ready', ({ process }) => process === 'cart-1')
})

test('a process whose build is gone is not started, and that is said', async () => {
  start()
  await stage.play('cart-1', 'checkout-1', 'main-1')
  await deployment.ready
  rmSync(join(directory, 'main.mjs'))
  ;(await stage.process('cart-1')).exit(1)
  await event('process-exited')
  clock.advance(10_000)
  const gone = `${join(directory, 'main.mjs')} is gone; build the application and deploy it again`
  const { pid } = await event('process-exited', ({ reason }) => reason === `could not be started: ${gone}`)
  expect(pid).toBeNull()
})

test('who waits for a change learns that the deployment stops', async () => {
  start()
  await stage.play('cart-1', 'checkout-1', 'main-1')
  await deployment.ready
  const scaled = deployment.scale('cart', 2)
  await stage.process('cart-2')
  void deployment.stop()
  await expect(scaled).rejects.toThrow('The deployment was stopped.')
})
