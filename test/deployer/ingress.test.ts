import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Ingress } from '../../deployer/ingress.ts'
import { DEPLOYER_LIMITS } from '../../deployer/limits.ts'
import { FakeClock } from '../runtime/fake-clock.ts'

let directory: string
let clock: FakeClock
let ingress: Ingress
const cleanups: (() => void)[] = []

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'weave-test-'))
  clock = new FakeClock()
  ingress = new Ingress({ listener: 'web', host: '127.0.0.1', port: 0, clock })
  await ingress.open()
})
afterEach(() => {
  ingress.close()
  for (const cleanup of cleanups.splice(0)) cleanup()
  rmSync(directory, { recursive: true })
})

/** A replica: a server on a Unix socket. */
async function replica(
  name: string,
  serve: (socket: Socket) => void,
): Promise<{ process: string; path: string; server: Server }> {
  const path = join(directory, name)
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    cleanups.push(() => socket.destroy())
    socket.on('error', () => {})
    serve(socket)
  })
  server.listen(path)
  await once(server, 'listening')
  cleanups.push(() => server.close())
  return { process: name, path, server }
}
function client(): Socket {
  const { hostname, port } = new URL(ingress.url)
  const socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true }).on('error', () => {})
  cleanups.push(() => socket.destroy())
  return socket
}
/** Says its name and stays open. */
const namesItself = (name: string) => replica(name, (socket) => socket.write(name))
const firstWords = async (socket: Socket) => String((await once(socket, 'data'))[0])

test('connections go to the replica that has the fewest', async () => {
  ingress.setBackends([await namesItself('a'), await namesItself('b'), await namesItself('c')])
  const sockets = Array.from({ length: 6 }, client)
  const names = await Promise.all(sockets.map(firstWords))
  expect([...names].sort()).toEqual(['a', 'a', 'b', 'b', 'c', 'c'])
  // The next one takes the place of one that leaves.
  const gone = sockets[names.indexOf('b')]!
  gone.end()
  expect(await firstWords(client())).not.toBe('')
})

test('each half of a connection ends on its own, and nothing is lost before, between and after', async () => {
  ingress.setBackends([
    await replica('a', async (socket) => {
      const question = await text(socket)
      socket.end(`you said ${question.length} bytes`)
    }),
  ])
  const socket = client()
  const long = 'x'.repeat(3_000_000)
  socket.write('hello ')
  socket.end(long)
  expect(await text(socket)).toBe(`you said ${long.length + 6} bytes`)
})

test('a slow reader slows the writer down', async () => {
  const written = Promise.withResolvers<number>()
  ingress.setBackends([
    await replica('a', (socket) => {
      let bytes = 0
      while (socket.write(Buffer.alloc(65_536))) bytes += 65_536
      // Kernel buffers and our own take a while to fill; then `drain` no longer comes.
      const more = () => {
        while (bytes < 64 * 1024 * 1024 && socket.write(Buffer.alloc(65_536))) bytes += 65_536
      }
      socket.on('drain', more)
      socket.once('close', () => written.resolve(bytes))
      socket.on('end', () => socket.destroy())
    }),
  ])
  const socket = client()
  await once(socket, 'connect')
  socket.pause()
  await ping()
  socket.destroy()
  expect(await written.promise).toBeLessThan(64 * 1024 * 1024)
})

/** Enough turns of the loop, with real sockets, for what is under way on this machine to happen. */
async function ping(): Promise<void> {
  const echo = await replica(`ping-${cleanups.length}`, (socket) => socket.pipe(socket))
  const socket = connect(echo.path)
  for (let turn = 0; turn < 200; turn++) {
    socket.write('.')
    await once(socket, 'data')
  }
  socket.destroy()
}

test('a replica that refuses is passed over, with every byte for the next', async () => {
  const dead = await namesItself('dead')
  dead.server.close()
  await once(dead.server, 'close')
  const echo = await replica('echo', (socket) => socket.pipe(socket))
  ingress.setBackends([dead, echo])
  for (let number = 0; number < 4; number++) {
    const socket = client()
    socket.write(`number ${number}`)
    expect(await firstWords(socket)).toBe(`number ${number}`)
  }
})

test('a connection waits for a replica to come', async () => {
  const socket = client()
  socket.write('early')
  await ping()
  ingress.setBackends([await replica('echo', (upstream) => upstream.pipe(upstream))])
  expect(await firstWords(socket)).toBe('early')
})

test('but not for ever', async () => {
  const socket = client()
  const closed = new Promise((resolve) => socket.once('close', resolve))
  await ping()
  clock.advance(DEPLOYER_LIMITS.connectionWaitMs)
  await closed
  expect(clock.timers).toBe(0)
})

test('nor more than there may be', async () => {
  const sockets: Socket[] = []
  const closed = Promise.withResolvers<void>()
  while (sockets.length <= DEPLOYER_LIMITS.connectionsWaitingMax) {
    // Not all at once: the kernel's own queue is not what is tested.
    const batch = Array.from({ length: 41 }, () => client().once('close', closed.resolve))
    sockets.push(...batch)
    await Promise.all(batch.map((socket) => once(socket, 'connect')))
  }
  await closed.promise
  expect(sockets).toHaveLength(DEPLOYER_LIMITS.connectionsWaitingMax + 1)
  expect(sockets.filter(({ destroyed }) => destroyed)).toHaveLength(1)
})

test('a replica whose backlog was full is tried again', async () => {
  const path = join(directory, 'late')
  ingress.setBackends([{ process: 'late', path }])
  const socket = client()
  socket.write('again')
  await ping()
  // It waits; it doesn't knock again and again.
  expect(clock.timers).toBe(1)
  await replica('late', (upstream) => upstream.pipe(upstream))
  clock.advance(DEPLOYER_LIMITS.connectionRetryMs)
  expect(await firstWords(socket)).toBe('again')
})

test('the client sees the end when its replica dies, and can not hold its own half open for ever', async () => {
  const upstream = Promise.withResolvers<Socket>()
  ingress.setBackends([
    await replica('a', (socket) => {
      socket.write('hi')
      upstream.resolve(socket)
    }),
  ])
  const socket = client()
  await firstWords(socket)
  const ended = once(socket, 'end')
  ;(await upstream.promise).destroy()
  await ended
  await ping()
  expect(ingress.connections).toBe(1)
  clock.advance(DEPLOYER_LIMITS.lingerMs)
  await ping()
  expect(ingress.connections).toBe(0)
})

test('one that stops accepting refuses new connections and lets open ones go on', async () => {
  ingress.setBackends([await replica('echo', (socket) => socket.pipe(socket))])
  const open = client()
  open.write('one')
  expect(await firstWords(open)).toBe('one')
  ingress.stopAccepting()
  const late = client()
  const [error] = (await once(late, 'error')) as [NodeJS.ErrnoException]
  expect(error.code).toBe('ECONNREFUSED')
  open.write('two')
  expect(await firstWords(open)).toBe('two')
})

test('an address in use is said so', async () => {
  const port = Number(new URL(ingress.url).port)
  const second = new Ingress({ listener: 'web', host: '127.0.0.1', port, clock })
  await expect(second.open()).rejects.toThrow(
    `Listener "web": 127.0.0.1:${port} is in use by another program; stop it, or set "listeners.web.port" in weave.config.ts to another port (0 takes any free one).`,
  )
  const nowhere = new Ingress({ listener: 'web', host: '192.0.2.1', port: 0, clock })
  await expect(nowhere.open()).rejects.toThrow(
    'Listener "web": "192.0.2.1" is not an address of this machine; set "listeners.web.host" in weave.config.ts to one that is, such as 127.0.0.1 or 0.0.0.0.',
  )
})

test('a wildcard host is shown as an address that a browser can open', async () => {
  const wild = new Ingress({ listener: 'web', host: '0.0.0.0', port: 0, clock })
  expect(await wild.open()).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
  wild.close()
})
