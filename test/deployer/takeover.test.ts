/**
 * A deployer that takes over what another has left: records as that would have written them, a real process for each pid, and the test speaks
 * for it on the control socket.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { statusOf } from '../../cli/deployments/deployments.ts'
import { type DeployEvent, type Deployment, deploy, StateFolder } from '../../deployer/index.ts'
import type { Group } from '../../deployer/placement.ts'
import { pidStart } from '../../deployer/state/pid.ts'
import { type DeploymentRecord, type ProcessRecord, Store } from '../../deployer/state/store.ts'
import type { Resume, ToDeployer, ToProcess } from '../../runtime/process/control.ts'
import { FakeClock } from '../runtime/fake-clock.ts'
import { manifestOf } from './manifests.ts'
import { Stage } from './scripted.ts'

const manifest = manifestOf({ 'a.Cart': {}, 'a.Shop': { dependencies: ['a.Cart'] } })
const groups: Group[] = [
  { name: 'cart', components: ['a.Cart'], replicas: 1 },
  { name: 'main', components: ['a.Shop'], replicas: 1 },
]

let directory: string
let sockets: string
let clock: FakeClock
let stage: Stage
let events: DeployEvent[]
let deployment: Deployment
const children: ChildProcess[] = []
const connections: Socket[] = []

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'weave-test-'))
  sockets = mkdtempSync(join(tmpdir(), 'weave-'))
  writeFileSync(join(directory, 'main.mjs'), '')
  clock = new FakeClock()
  stage = new Stage()
  events = []
  asked.length = 0
})
afterEach(async () => {
  deployment.kill()
  for (const child of children.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
  for (const socket of connections.splice(0)) socket.destroy()
  for (let look = 0; look < 3; look++) clock.advance(10_000)
  await deployment.finished
  for (const folder of [directory, sockets]) rmSync(folder, { recursive: true, force: true })
})

/** Something with a pid that lives until it is killed. */
function living(): number {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { detached: true, stdio: 'ignore' })
  children.push(child)
  return child.pid!
}

function record(process: string, index: number, more: Partial<ProcessRecord> = {}): ProcessRecord {
  const pid = more.pid === undefined ? living() : more.pid
  return {
    process,
    group: process.slice(0, -2),
    slot: 0,
    index,
    lives: 2,
    state: 'ready',
    start: pid === null ? null : (pidStart(pid) ?? null),
    address: join(sockets, `p${index}-2`),
    mainFinished: false,
    listens: {},
    ...more,
    pid,
  }
}

function takeOver(...processes: ProcessRecord[]): void {
  takeOverFrom({ groups }, ...processes)
}

function takeOverFrom(
  left: Pick<DeploymentRecord, 'groups' | 'moving' | 'automatic' | 'decisions'>,
  ...processes: ProcessRecord[]
): void {
  const root = join(directory, 'state')
  const folder = new StateFolder('shop', root)
  folder.create()
  const store = new Store(folder.database)
  const deployer = { pid: 1, start: 'long ago' }
  const about = {
    application: 'shop',
    version: 'v1',
    detached: true,
    sockets,
    directory,
    config: {},
    deployer,
    sinceMs: 1,
  }
  store.saveDeployment({ ...about, ...left })
  for (const process of processes) store.saveProcess(process)
  store.close()
  deployment = deploy({
    manifest,
    directory,
    stateRoot: root,
    detached: true,
    environment: {},
    clock,
    random: () => 0.5,
    spawn: stage.spawn,
    onEvent: (event) => void events.push(event),
  })
}

/** Speaks for a process that comes back. */
async function comeBack({ process, pid, lives, address }: ProcessRecord, more: Partial<Resume> = {}) {
  await expect.poll(() => events.some(({ type }) => type === 'taking-over')).toBe(true)
  const socket = connect(join(sockets, 'control'))
  connections.push(socket)
  socket.on('error', () => {})
  await once(socket, 'connect')
  const heard: ToProcess[] = []
  const say = (message: ToDeployer) => void socket.write(`${JSON.stringify(message)}\n`)
  createInterface({ input: socket }).on('line', (line) => {
    const message = JSON.parse(line) as ToProcess
    if (message.type === 'ping') return say({ type: 'pong', id: message.id, idle: false })
    heard.push(message)
    if (!('id' in message) || message.id === undefined || message.type === 'bind') return
    asked.push(`${process}: ${told(message)}`)
    say({ type: 'done', id: message.id, failed: undefined })
  })
  const components = groups.find(({ name }) => process.startsWith(name))!.components
  const main = process === 'main-1' ? ('running' as const) : ('idle' as const)
  const resume = { life: lives, address: address!, components, ready: true, main, exitCode: 0, listens: {}, ...more }
  say({ type: 'hello', process, pid: pid!, version: 'v1', application: undefined, resume })
  return { heard, socket }
}
/** What was asked of whom, in order. */
const asked: string[] = []
function told(message: ToProcess): string {
  if (message.type === 'routes') return `${message.component} is in ${message.replicas.map(({ process }) => process)}`
  if (message.type === 'admit') return `admit ${Object.keys(message.admitted)}`
  return 'component' in message ? `${message.type} ${message.component}` : message.type
}
const heardTypes = ({ heard }: { heard: ToProcess[] }) => heard.map(({ type }) => type)
const started = () => stage.started.map(({ name }) => name)

test('nothing is started, main is not called again, and each is told where the others are before they have come back', async () => {
  const [cart, main] = [record('cart-1', 0), record('main-1', 1)]
  takeOver(cart, main)
  const shop = await comeBack(main)
  await expect.poll(() => heardTypes(shop)).toEqual(['resumed'])
  expect(shop.heard[0]).toMatchObject({ routes: { 'a.Cart': [{ process: 'cart-1', address: cart.address }] } })
  expect(events.some(({ type }) => type === 'ready')).toBe(false)
  const other = await comeBack(cart)
  await deployment.ready
  await expect.poll(() => heardTypes(other)).toEqual(['resumed'])
  expect(heardTypes(shop)).toEqual(['resumed'])
  expect(started()).toEqual([])
  expect(deployment.processes()).toMatchObject([
    { process: 'cart-1', state: 'ready', restarts: 1, pid: cart.pid },
    { process: 'main-1', state: 'ready', restarts: 1, pid: main.pid },
  ])
})

test('what people have moved and scaled holds under the next deployer too, and what they do now is added', async () => {
  const [cart, main] = [record('cart-1', 0), record('main-1', 1)]
  takeOverFrom({ groups, automatic: true, decisions: { 'a.Cart': 'moved' } }, cart, main)
  await comeBack(main)
  await comeBack(cart)
  await deployment.ready
  const folder = new StateFolder('shop', join(directory, 'state'))
  const stays = async () => (await statusOf(folder)).automatic!.stays
  expect(await stays()).toEqual(['Cart stays: moved by hand.'])
  await deployment.scale('cart', 1)
  expect(await stays()).toEqual(['Cart stays: scaled by hand.'])
  const store = new Store(folder.database)
  expect(store.deployment()!.decisions).toEqual({ 'a.Cart': 'scaled' })
  store.close()
})

test('a number that is another process by now is nobody of ours', async () => {
  takeOver(record('cart-1', 0), record('main-1', 1, { pid: process.pid, start: 'another' }))
  await stage.process('main-1')
  expect(started()).toEqual(['main-1'])
})

test('one that does not come back is replaced', async () => {
  const [cart, main] = [record('cart-1', 0), record('main-1', 1)]
  takeOver(cart, main)
  const shop = await comeBack(main)
  await expect.poll(() => heardTypes(shop)).toEqual(['resumed'])
  clock.advance(30_000)
  await expect.poll(() => children[0]!.signalCode).toBe('SIGKILL')
  // It is looked at until it is gone, and then started after a pause.
  const later = () => {
    clock.advance(100)
    return started()
  }
  await expect.poll(later).toEqual(['cart-1'])
})

test('one that hosts less than it should gets a new life', async () => {
  const [cart, main] = [record('cart-1', 0), record('main-1', 1)]
  takeOver(cart, main)
  await comeBack(main)
  const other = await comeBack(cart, { components: [] })
  await expect.poll(() => heardTypes(other)).toEqual(['resumed', 'drain'])
})

describe('a deployer that was killed in the middle of a move', () => {
  const moving = { components: ['a.Cart'], from: 'cart', to: 'main' }
  const steps = () => asked.filter((each) => !each.includes('admit'))
  const outcome = () => events.filter(({ type }) => type === 'moved' || type === 'move-undone')

  test('before anything was started: nothing is asked of anybody, and calls are no longer counted', async () => {
    const [cart, main] = [record('cart-1', 0), record('main-1', 1)]
    takeOverFrom({ groups, moving }, cart, main)
    await comeBack(main)
    const other = await comeBack(cart)
    await deployment.ready
    expect(asked).toEqual([])
    await expect.poll(() => other.heard).toContainEqual({ type: 'leaving', component: 'a.Cart', expected: false })
    expect(outcome()).toMatchObject([{ type: 'move-undone', ...moving }])
  })

  test('while it started there: callers are told where it is, and only then it is stopped there', async () => {
    const [cart, main] = [record('cart-1', 0), record('main-1', 1)]
    takeOverFrom({ groups, moving }, cart, main)
    await comeBack(main, { components: ['a.Cart', 'a.Shop'] })
    await comeBack(cart)
    await deployment.ready
    expect(steps()).toEqual([
      'cart-1: a.Cart is in cart-1',
      'main-1: a.Cart is in cart-1',
      'main-1: host a.Cart',
      'main-1: retire a.Cart',
    ])
    // What ends in main-1 might have called; then everything is as it was.
    expect(asked.filter((each) => each.startsWith('cart-1: admit'))).toEqual([
      'cart-1: admit cart,main',
      'cart-1: admit cart,main',
    ])
    expect(outcome()).toEqual([
      { type: 'move-undone', ...moving, reason: 'The deployer that moved it was gone before callers had been told.' },
    ])
    expect(deployment.processes().map(({ components }) => components)).toEqual([['a.Cart'], ['a.Shop']])
    expect(started()).toEqual([])
  })

  test('after it had switched: all are told, and only then the old one stops; its group goes', async () => {
    const [cart, main] = [record('cart-1', 0), record('main-1', 1)]
    const switched = [
      { name: 'cart', components: [], replicas: 1 },
      { name: 'main', components: ['a.Cart', 'a.Shop'], replicas: 1 },
    ]
    takeOverFrom({ groups: switched, moving }, cart, main)
    await comeBack(main, { components: ['a.Cart', 'a.Shop'] })
    const old = await comeBack(cart, { components: ['a.Cart'] })
    await expect.poll(() => heardTypes(old)).toContain('drain')
    expect(steps()).toEqual([
      'cart-1: a.Cart is in main-1',
      'main-1: a.Cart is in main-1',
      'cart-1: host a.Cart',
      'cart-1: retire a.Cart',
    ])
    expect(events.some(({ type }) => type === 'ready')).toBe(false)
    await end(children[0]!, old)
    await expect.poll(gone).toEqual(['main-1'])
    await deployment.ready
    expect(outcome()).toMatchObject([{ type: 'moved', ...moving }])
    expect(started()).toEqual([])
  })

  test('while the old processes were draining: they are drained and forgotten', async () => {
    const [cart, main] = [record('cart-1', 0), record('main-1', 1)]
    const after = [{ name: 'main', components: ['a.Cart', 'a.Shop'], replicas: 1 }]
    takeOverFrom({ groups: after, moving }, cart, main)
    const old = await comeBack(cart, { components: [] })
    await expect.poll(() => heardTypes(old)).toContain('drain')
    await comeBack(main, { components: ['a.Cart', 'a.Shop'] })
    await deployment.ready
    expect(asked).toEqual([])
    await end(children[0]!, old)
    await expect.poll(gone).toEqual(['main-1'])
    expect(outcome()).toMatchObject([{ type: 'moved', ...moving }])
  })

  test('while a new group was started: it goes again', async () => {
    const [cart, main, late] = [record('cart-1', 0), record('main-1', 1), record('cart-2-1', 2)]
    const begun = [...groups, { name: 'cart-2', components: [], replicas: 1 }]
    takeOverFrom({ groups: begun, moving: { ...moving, to: 'cart-2' } }, cart, main, late)
    await comeBack(main)
    await comeBack(cart)
    const other = await comeBack(late, { components: [] })
    await expect.poll(() => heardTypes(other)).toContain('drain')
    await end(children[2]!, other)
    await expect.poll(gone).toEqual(['cart-1', 'main-1'])
    await deployment.ready
    expect(outcome()).toMatchObject([{ type: 'move-undone', components: ['a.Cart'], from: 'cart', to: 'cart-2' }])
  })

  async function end(child: ChildProcess, { socket }: { socket: Socket }): Promise<void> {
    child.kill('SIGKILL')
    await once(child, 'exit')
    socket.destroy()
  }

  /** Adopted ones are looked at until they are gone. */
  function gone() {
    clock.advance(1_000)
    return deployment.processes().map(({ process }) => process)
  }
})

test('main that has returned meanwhile ends the application, which was never taken over', async () => {
  const [cart, main] = [record('cart-1', 0), record('main-1', 1)]
  takeOver(cart, main)
  const other = await comeBack(cart)
  await expect.poll(() => heardTypes(other)).toEqual(['resumed'])
  const shop = await comeBack(main, { main: 'finished', exitCode: 4 })
  await expect.poll(() => heardTypes(shop)).toContain('drain')
  expect(events).toContainEqual({ type: 'main-finished', process: 'main-1', exitCode: 4 })
  expect(events.some(({ type }) => type === 'ready')).toBe(false)
})

test('who comes back and is not expected is told to end', async () => {
  const main = record('main-1', 1)
  takeOver(main, record('cart-1', 0))
  const stranger = await comeBack({ ...main, process: 'cart-7' })
  await expect.poll(() => heardTypes(stranger)).toEqual(['drain'])
  const older = await comeBack({ ...main, lives: 1 })
  await expect.poll(() => heardTypes(older)).toEqual(['drain'])
  await expect.poll(() => older.socket.closed || older.socket.readableEnded).toBe(true)
})
