/** One process of a deployment, against a deployer that a test plays: the conversation of control.ts. */
import { get as httpGet } from 'node:http'
import { createServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import { afterAll, afterEach, beforeEach, expect, test } from 'vitest'
import {
  type Assignment,
  ENV_CONTROL,
  ENV_PROCESS,
  type ToDeployer,
  type ToProcess,
} from '../../runtime/process/control.ts'
import { Child } from './child.ts'
import { CART, replica, SHOP } from './shop.ts'
import { removeTemporaryFolders, temporaryFolder } from './temporary.ts'

afterAll(removeTemporaryFolders)

/** The deployer's end of one process. */
class Peer {
  readonly child: Child
  readonly folder: string
  /** Components that it has said it is starting. */
  readonly starting: string[] = []
  #socket: Socket | undefined
  readonly #messages: ToDeployer[] = []
  #look = () => {}

  constructor(child: Child, folder: string) {
    this.child = child
    this.folder = folder
  }

  attach(socket: Socket, first: ToDeployer): void {
    this.#socket = socket
    this.receive(first)
  }

  receive(message: ToDeployer): void {
    if (message.type === 'starting') {
      this.starting.push(message.component)
      return
    }
    this.#messages.push(message)
    this.#look()
  }

  say(message: ToProcess): void {
    this.#socket!.write(`${JSON.stringify(message)}\n`)
  }

  /** The next message, which must be of this type. */
  async hears<T extends ToDeployer['type']>(type: T): Promise<Extract<ToDeployer, { type: T }>> {
    while (this.#messages.length === 0) {
      await new Promise<void>((resolve) => {
        this.#look = resolve
      })
    }
    const message = this.#messages.shift()!
    expect(message.type, JSON.stringify(message)).toBe(type)
    return message as Extract<ToDeployer, { type: T }>
  }

  hangUp(): void {
    this.#socket!.destroy()
  }

  address(name: string): string {
    return join(this.folder, name)
  }

  async assigned(more: Partial<Assignment> & Pick<Assignment, 'components'>): Promise<void> {
    await this.hears('hello')
    this.assign(more)
    expect((await this.hears('serving')).address).toBe(more.address ?? this.address('data'))
    await this.hears('ready')
  }

  assign(more: Partial<Assignment> & Pick<Assignment, 'components'>): void {
    const address = this.address('data')
    const exitNote = this.address('exit')
    const defaults = { group: 'all', admitted: { all: [CART], shop: [CART] }, routes: {}, config: {}, calls: {} }
    this.say({ type: 'assign', application: 'shop', address, exitNote, orphan: 'drain', life: 1, ...defaults, ...more })
  }
}

let control: string
let server: Server
const peers = new Map<string, Peer>()
const sockets = new Set<Socket>()

beforeEach(async () => {
  control = join(temporaryFolder(), 'control')
  server = createServer((socket) => {
    sockets.add(socket)
    let rest = ''
    let peer: Peer | undefined
    socket.on('error', () => {})
    socket.on('data', (chunk) => {
      const lines = (rest + chunk.toString()).split('\n')
      rest = lines.pop()!
      for (const line of lines) {
        const message = JSON.parse(line) as ToDeployer
        if (message.type === 'hello') {
          peer = peers.get(message.process)
          peer!.attach(socket, message)
        } else peer!.receive(message)
      }
    })
  })
  await new Promise<void>((resolve) => server.listen(control, resolve))
})

afterEach(async () => {
  for (const { child } of peers.values()) {
    child.process.kill('SIGKILL')
    await child.ended
  }
  peers.clear()
  for (const socket of sockets) socket.destroy()
  sockets.clear()
  server.close()
})

function start(name: string, mode: string): Peer {
  const child = new Child(mode, { [ENV_CONTROL]: control, [ENV_PROCESS]: name })
  const peer = new Peer(child, temporaryFolder())
  peers.set(name, peer)
  return peer
}

test('two processes run the program: calls cross, main returns, a drain ends each with exit code 0', async () => {
  const cart = start('cart-1', 'returns')
  const shop = start('shop-1', 'returns')
  await cart.assigned({ components: [CART] })
  await shop.assigned({ components: [SHOP] })
  shop.say({ type: 'main' })
  shop.say({ type: 'routes', component: CART, replicas: [replica(cart.address('data'))] })
  expect(await shop.hears('finished')).toEqual({ type: 'finished', exitCode: 0 })
  shop.say({ type: 'drain' })
  cart.say({ type: 'drain' })
  expect(await shop.child.ended).toEqual({
    code: 0,
    signal: null,
    stdout: 'items [{"productId":"mug","quantity":2}]\nafter run\n',
    stderr: '',
  })
  expect(await cart.child.ended).toEqual({
    code: 0,
    signal: null,
    stdout: 'cart constructed\ncart stopped\n',
    stderr: '',
  })
})

test('the environment of the conversation is gone for the application, and the hello says who it is', async () => {
  const peer = start('cart-1', 'returns')
  const hello = await peer.hears('hello')
  expect(hello).toEqual({ type: 'hello', process: 'cart-1', pid: peer.child.process.pid, version: 'v1' })
})

test('main throws: it is printed, and finished says exit code 1', async () => {
  const peer = start('all-1', 'throws')
  await peer.assigned({ components: [CART, SHOP] })
  peer.say({ type: 'main' })
  expect(await peer.hears('finished')).toEqual({ type: 'finished', exitCode: 1 })
  peer.say({ type: 'drain' })
  const { code, stderr } = await peer.child.ended
  expect(code).toBe(1)
  expect(stderr).toContain('RangeError: main is unhappy')
})

test('a component that fails to start: failed, exit code 1', async () => {
  const peer = start('cart-1', 'broken')
  await peer.hears('hello')
  peer.assign({ components: [CART], orphan: 'serve' })
  await peer.hears('serving')
  expect((await peer.hears('failed')).message).toContain('src/cart.Cart could not be started: no database')
  expect(await peer.child.ended).toMatchObject({ code: 1, stderr: expect.stringContaining('no database') })
})

for (const [what, ask] of [
  ['drain', (peer: Peer) => peer.say({ type: 'drain' })],
  ['SIGTERM', (peer: Peer) => peer.child.process.kill('SIGTERM')],
] as const) {
  test(`${what} while main runs: main is asked to return, then all ends`, async () => {
    const peer = start('all-1', 'waits')
    await peer.assigned({ components: [CART, SHOP] })
    peer.say({ type: 'main' })
    await peer.child.printed('waiting')
    // Ctrl-C goes to every process of a terminal; it is the deployer's affair.
    peer.child.process.kill('SIGINT')
    ask(peer)
    expect(await peer.hears('finished')).toEqual({ type: 'finished', exitCode: 0 })
    expect(await peer.child.ended).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('asked to stop\ncart stopped\n'),
    })
  })
}

test('a component comes to a running process and leaves it again', async () => {
  const shop = start('shop-1', 'waits')
  const cart = start('cart-1', 'waits')
  await cart.assigned({ components: [CART], group: 'cart' })
  const replicas = [replica(cart.address('data'), { group: 'cart' })]
  await shop.assigned({ components: [SHOP], group: 'shop', routes: { [CART]: replicas } })
  shop.say({ type: 'main' })
  await shop.child.printed('waiting')
  cart.say({ type: 'admit', id: 1, admitted: { shop: [CART] } })
  expect(await cart.hears('done')).toEqual({ type: 'done', id: 1 })
  cart.say({ type: 'leaving', component: CART, expected: true })
  shop.say({ type: 'host', id: 2, component: CART, config: undefined })
  expect(await shop.hears('done')).toEqual({ type: 'done', id: 2 })
  await shop.child.printed('cart constructed')
  const own = [replica(shop.address('data'), { process: 'shop-1', group: 'shop' })]
  for (const peer of [cart, shop]) {
    peer.say({ type: 'routes', id: 3, component: CART, replicas: own })
    expect(await peer.hears('done')).toEqual({ type: 'done', id: 3 })
  }
  cart.say({ type: 'retire', id: 4, component: CART })
  expect(await cart.hears('done')).toEqual({ type: 'done', id: 4 })
  await cart.child.printed('cart stopped')
  shop.say({ type: 'host', id: 5, component: CART, config: undefined })
  expect(await shop.hears('done')).toEqual({ type: 'done', id: 5 })
})

test('a component that can not come does not hurt the process', async () => {
  const peer = start('other-1', 'broken')
  await peer.assigned({ components: [] })
  peer.say({ type: 'host', id: 1, component: CART, config: undefined })
  expect((await peer.hears('done')).failed).toContain('src/cart.Cart could not be started: no database')
  peer.say({ type: 'retire', id: 2, component: CART })
  expect((await peer.hears('done')).failed).toBe('src/cart.Cart does not run here.')
  peer.say({ type: 'drain' })
  expect(await peer.child.ended).toMatchObject({ code: 0 })
})

test('a listener binds where the deployer says, and has the address that it says', async () => {
  const peer = start('all-1', 'listens')
  await peer.assigned({ components: [CART, SHOP] })
  peer.say({ type: 'main' })
  const { listener, id } = await peer.hears('listen')
  expect(listener).toBe('web')
  const socketPath = peer.address('web')
  peer.say({ type: 'bind', id, path: socketPath, url: 'http://shop.example' })
  await peer.hears('listening')
  await peer.child.printed('listening http://shop.example\n')
  const answer = await new Promise((resolve, reject) => {
    httpGet({ socketPath, path: '/' }, (response) => response.setEncoding('utf8').on('data', resolve)).on(
      'error',
      reject,
    )
  })
  expect(answer).toBe('hello')
  peer.say({ type: 'drain' })
  expect(await peer.child.ended).toMatchObject({ code: 0 })
})

test('a listener that the deployer refuses is an error of listen', async () => {
  const peer = start('all-1', 'listens')
  await peer.assigned({ components: [CART, SHOP] })
  peer.say({ type: 'main' })
  const { id } = await peer.hears('listen')
  peer.say({ type: 'bind', id, path: '', url: '', error: 'Listener "web": 127.0.0.1:80 is in use.' })
  expect(await peer.hears('finished')).toMatchObject({ exitCode: 1 })
  await peer.child.printed('Listener "web": 127.0.0.1:80 is in use.', 'stderr')
})

test('a listener that is refused because the application stops says so', async () => {
  const peer = start('all-1', 'listens')
  await peer.assigned({ components: [CART, SHOP] })
  expect(peer.starting).toEqual([CART, SHOP])
  peer.say({ type: 'main' })
  const { id } = await peer.hears('listen')
  peer.say({ type: 'bind', id, path: '', url: '', error: 'The application is stopping.', stopping: true })
  await peer.hears('finished')
  await peer.child.printed("code: 'WV_STOPPING'", 'stderr')
})

test('without its deployer a process goes on serving, if it is told so', async () => {
  const peer = start('all-1', 'waits')
  await peer.assigned({ components: [CART, SHOP], orphan: 'serve' })
  peer.say({ type: 'main' })
  await peer.child.printed('waiting')
  peer.hangUp()
  await peer.child.printed('the deployer is gone: serving on without it', 'stderr')
  expect(peer.child.process.exitCode).toBe(null)
  peer.child.process.kill('SIGTERM')
  expect(await peer.child.ended).toMatchObject({ code: 0, stdout: expect.stringContaining('cart stopped') })
})

test('what a deployer has asked that is gone is answered to nobody: the next one has the same numbers', async () => {
  const peer = start('all-1', 'slow')
  await peer.assigned({ components: [], orphan: 'serve' })
  peer.say({ type: 'host', component: CART, config: undefined, id: 1 })
  await peer.child.printed('cart constructed')
  peer.hangUp()
  expect((await peer.hears('hello')).resume).toMatchObject({ life: 1, ready: true, components: [CART] })
  peer.say({ type: 'resumed', routes: {} })
  peer.child.process.kill('SIGUSR2')
  await peer.child.printed('cart started')
  peer.say({ type: 'ping', id: 7 })
  // It tells that it is there before it answers for the first time.
  await peer.hears('sample')
  expect(await peer.hears('pong')).toMatchObject({ id: 7, idle: false })
  peer.say({ type: 'retire', component: CART, id: 1 })
  expect(await peer.hears('done')).toEqual({ type: 'done', id: 1 })
})

test('else it drains and exits', async () => {
  const peer = start('all-1', 'waits')
  await peer.assigned({ components: [CART, SHOP], orphan: 'drain' })
  peer.say({ type: 'main' })
  await peer.child.printed('waiting')
  peer.hangUp()
  expect(await peer.child.ended).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('asked to stop\ncart stopped\n'),
  })
})

test('a deployer that is not there: exit code 1', async () => {
  const child = new Child('returns', { [ENV_CONTROL]: `${control}-not-there`, [ENV_PROCESS]: 'cart-1' })
  expect(await child.ended).toMatchObject({ code: 1, stdout: '' })
})
