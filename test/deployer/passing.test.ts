/** Connections passed to a process: an ingress here, and behind it real processes that take them. */
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { type IncomingMessage, request } from 'node:http'
import { connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Ingress } from '../../deployer/ingress.ts'
import { DEPLOYER_LIMITS } from '../../deployer/limits.ts'
import type { Passage } from '../../deployer/passing.ts'
import { type SpawnedProcess, spawnProcess } from '../../deployer/spawn.ts'
import { FakeClock } from '../runtime/fake-clock.ts'

const root = join(import.meta.dirname, '..', '..')

/** What a process of an application does about a listener, and nothing else; it obeys lines on its control socket. */
const TAKER = `
import { createServer } from 'node:http'
import { connect } from 'node:net'
import { createInterface } from 'node:readline'
import { Listeners } from ${JSON.stringify(join(root, 'runtime', 'listener.ts'))}
import { systemClock } from ${JSON.stringify(join(root, 'runtime', 'clock.ts'))}
import { receiveConnections } from ${JSON.stringify(join(root, 'runtime', 'process', 'passing.ts'))}

const [name, path, control, mode] = process.argv.slice(2)
const listeners = new Listeners({ bind: async () => ({ at: { path }, url: () => path }), listening() {} }, systemClock)
const waiting = []
const server = createServer((request, response) => {
  const answer = () => response.end(JSON.stringify({ name, from: request.socket.remoteAddress ?? 'a pipe' }))
  if (request.url === '/slow') waiting.push(answer)
  else answer()
})
if (mode === 'one at most') server.maxConnections = 1
receiveConnections((listener, connection, ended) => mode !== 'takes nothing' && listeners.take(listener, connection, ended))
await listeners.listener('web', 'a.Web').listen(server)
const socket = connect(control)
socket.write('listens\\n')
for await (const line of createInterface({ input: socket })) {
  if (line === 'last requests') {
    void listeners.lastRequests().then(() => socket.write('none left\\n'))
    socket.write('says so\\n')
  }
  if (line === 'close') void listeners.close().then(() => socket.write('closed\\n'))
  if (line === 'answer') for (const each of waiting.splice(0)) each()
}
process.exit()
`

let directory: string
let clock: FakeClock
let ingress: Ingress
const takers = new Map<string, Taker>()
const sockets: Socket[] = []

/** Connections of which a process has said that they are over. */
let ended: number

function counted(passage: Passage | undefined): Pick<Passage, 'pass'> | undefined {
  if (passage === undefined) return undefined
  return {
    pass(listener, socket, passed) {
      const ends = () => {
        ended++
        passed.ended()
      }
      passage.pass(listener, socket, { settled: passed.settled, ended: ends })
    },
  }
}

interface Taker {
  backend: { process: string; path: string }
  spawned: SpawnedProcess
  tell(line: string): void
  /** Resolves with the next line that it says. */
  said(): Promise<string>
}

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'weave-test-'))
  writeFileSync(join(directory, 'taker.mts'), TAKER)
  clock = new FakeClock()
  ended = 0
  ingress = new Ingress({
    listener: 'web',
    host: '127.0.0.1',
    port: 0,
    clock,
    passage: (process) => counted(takers.get(process)?.spawned.passage),
  })
  await ingress.open()
})
afterEach(async () => {
  ingress.close()
  for (const socket of sockets.splice(0)) socket.destroy()
  for (const { spawned } of takers.values()) spawned.kill()
  await Promise.all([...takers.values()].map(({ spawned }) => spawned.exited))
  takers.clear()
  rmSync(directory, { recursive: true })
})

async function taker(name: string, mode = ''): Promise<Taker> {
  const [path, control] = [join(directory, name), join(directory, `${name}.control`)]
  const server = createServer().listen(control)
  const connected = once(server, 'connection')
  const entry = join(directory, 'taker.mts')
  const spawned = spawnProcess({
    entry,
    command: process.execPath,
    args: [entry, name, path, control, mode],
    environment: process.env,
    workingDirectory: root,
    passage: true,
  })
  spawned.stderr.pipe(process.stderr)
  const [socket] = (await connected) as [Socket]
  socket.on('error', () => {})
  server.close()
  sockets.push(socket)
  const lines = createInterface({ input: socket })[Symbol.asyncIterator]()
  const made: Taker = {
    backend: { process: name, path },
    spawned,
    tell: (line) => void socket.write(`${line}\n`),
    said: async () => (await lines.next()).value as string,
  }
  expect(await made.said()).toBe('listens')
  takers.set(name, made)
  return made
}

interface Answer {
  name: string
  from: string
  /** What the answer says of its connection. */
  connection: string | undefined
}

/** A connection of its own, which stays open; `answer` is of a request on it. */
function client(): { socket: Socket; ask(path?: string): Promise<Answer> } {
  const { hostname, port } = new URL(ingress.url)
  const socket = connect({ host: hostname, port: Number(port) }).on('error', () => {})
  sockets.push(socket)
  return {
    socket,
    async ask(path = '/') {
      const asked = request({ createConnection: () => socket, path, headers: { connection: 'keep-alive' } })
      asked.end()
      const [response] = (await once(asked, 'response')) as [IncomingMessage]
      let text = ''
      for await (const chunk of response) text += chunk
      return { ...JSON.parse(text), connection: response.headers.connection }
    },
  }
}

/** Until it holds, looked at with each turn of what others do. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve))
}

test('the process talks to the client itself, and the ingress holds nothing of it', async () => {
  const { backend } = await taker('a')
  ingress.setBackends([backend])
  const { ask } = client()
  expect(await ask()).toMatchObject({ name: 'a', from: '127.0.0.1' })
  await until(() => ingress.connections === 0)
  expect(await ask()).toMatchObject({ name: 'a', from: '127.0.0.1' })
})

test('each goes to the process that has the fewest, and those that have ended count no more', async () => {
  const [a, b] = [await taker('a'), await taker('b')]
  ingress.setBackends([a.backend, b.backend])
  const clients = Array.from({ length: 6 }, client)
  const names = await Promise.all(clients.map(async ({ ask }) => (await ask()).name))
  expect(names.filter((name) => name === 'a')).toHaveLength(3)
  for (const [index, { socket }] of clients.entries()) if (names[index] === 'a') socket.destroy()
  await until(() => ended === 3)
  const later = await Promise.all(Array.from({ length: 3 }, client).map(async ({ ask }) => (await ask()).name))
  expect(later).toEqual(['a', 'a', 'a'])
})

test('a process that stops ends what it has, and refuses what comes then: it goes elsewhere whole', async () => {
  const [a, b] = [await taker('a'), await taker('b')]
  ingress.setBackends([a.backend])
  const slow = client().ask('/slow')
  await until(() => ingress.connections === 1)
  await until(() => ingress.connections === 0)
  a.tell('close')
  // The ingress hasn't heard of it.
  const late = client().ask()
  ingress.setBackends([a.backend, b.backend])
  clock.advance(DEPLOYER_LIMITS.connectionRetryMs)
  expect((await late).name).toBe('b')
  a.tell('answer')
  expect((await slow).name).toBe('a')
  expect(await a.said()).toBe('closed')
})

test('before it closes, clients that keep their connections are told with an answer that it is the last', async () => {
  const a = await taker('a')
  ingress.setBackends([a.backend])
  const { ask, socket } = client()
  expect((await ask()).connection).toBe('keep-alive')
  a.tell('last requests')
  expect(await a.said()).toBe('says so')
  const closed = once(socket, 'close')
  expect((await ask()).connection).toBe('close')
  await closed
  expect(await a.said()).toBe('none left')
})

test('a process that dies before it has taken a connection has lost none', async () => {
  const [a, b] = [await taker('a'), await taker('b')]
  ingress.setBackends([a.backend])
  process.kill(a.spawned.pid!, 'SIGSTOP')
  const answers = Array.from({ length: 5 }, () => client().ask())
  await until(() => ingress.connections === 5)
  ingress.setBackends([b.backend])
  // However long it hung, they wait for another from its end on.
  clock.advance(DEPLOYER_LIMITS.connectionWaitMs + 1)
  a.spawned.kill()
  expect((await Promise.all(answers)).map(({ name }) => name)).toEqual(['b', 'b', 'b', 'b', 'b'])
})

test('where it takes none, they are piped to it', async () => {
  const { backend } = await taker('a', 'takes nothing')
  ingress.setBackends([backend])
  const { ask } = client()
  expect(await ask()).toMatchObject({ name: 'a', from: 'a pipe' })
  expect(ingress.connections).toBe(1)
})

test("the server's own limit holds", async () => {
  const { backend } = await taker('a', 'one at most')
  ingress.setBackends([backend])
  const first = client()
  expect((await first.ask()).name).toBe('a')
  const second = client()
  await once(second.socket, 'close')
  first.socket.destroy()
  // The process has seen that one end when the next is taken.
  let third: string | undefined
  while (third === undefined)
    third = await client()
      .ask()
      .then(
        ({ name }) => name,
        () => undefined,
      )
  expect(third).toBe('a')
})
