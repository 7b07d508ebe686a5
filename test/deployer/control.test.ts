import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type ControlPeer, ControlServer, parseMessage } from '../../deployer/control.ts'
import { DEPLOYER_LIMITS } from '../../deployer/limits.ts'
import type { ToProcess } from '../../runtime/process/control.ts'
import { FakeClock } from '../runtime/fake-clock.ts'

let directory: string
let server: ControlServer
let clock: FakeClock
let refused: PromiseWithResolvers<string>
let broke: PromiseWithResolvers<string>
let messages: unknown[]
let received: PromiseWithResolvers<void>
let send: (message: ToProcess) => void
const sockets: Socket[] = []

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'weave-test-'))
  clock = new FakeClock()
  refused = Promise.withResolvers()
  broke = Promise.withResolvers()
  messages = []
  received = Promise.withResolvers()
  const peer: ControlPeer = {
    receive(message) {
      messages.push(message)
      received.resolve()
    },
    broke: (reason) => broke.resolve(reason),
    disconnected: () => {},
  }
  server = new ControlServer({
    path: join(directory, 'control'),
    clock,
    accept(hello, channel) {
      send = (message) => channel.send(message)
      return hello.process === 'cart-1' ? peer : 'nobody knows it'
    },
    onRefused: (reason) => refused.resolve(reason),
  })
  await server.listen()
})
afterEach(() => {
  server.close()
  for (const socket of sockets.splice(0)) socket.destroy()
  rmSync(directory, { recursive: true })
})

async function open(): Promise<Socket> {
  const socket = connect(join(directory, 'control')).on('error', () => {})
  sockets.push(socket)
  await once(socket, 'connect')
  return socket
}
const HELLO = '{"type":"hello","process":"cart-1","pid":1,"version":"v1"}\n'

test.each([
  ['{"type":"ready"}\n', 'a connection to the control socket said "ready" before "hello"'],
  [HELLO.replace('cart-1', 'x'), 'a connection to the control socket was refused: nobody knows it'],
  ['GET / HTTP/1.1\r\n\r\n', 'a connection to the control socket sent a control message that is not JSON'],
  [
    'x'.repeat(DEPLOYER_LIMITS.controlLineMax + 1),
    'a connection to the control socket sent a control line of more than 1048576 characters',
  ],
])('a stranger that begins with %.40j is refused', async (text, reason) => {
  const socket = await open()
  socket.write(text)
  expect(await refused.promise).toBe(reason)
  await once(socket, 'close')
})

test('a stranger that says nothing is refused in time', async () => {
  const socket = await open()
  const closed = once(socket, 'close')
  // The server has it when it has answered another one.
  const other = await open()
  other.write('{"type":"ready"}\n')
  await once(other, 'close')
  refused = Promise.withResolvers()
  clock.advance(DEPLOYER_LIMITS.helloMs)
  await closed
  expect(await refused.promise).toBe('a connection to the control socket said nothing for 5 s')
})

test('more strangers than there may be are refused', async () => {
  await Promise.all(Array.from({ length: DEPLOYER_LIMITS.strangersMax }, open))
  // The last of them has been accepted when this one, which comes after it, is refused.
  const socket = await open()
  await once(socket, 'close')
  expect(await refused.promise).toBe('64 connections have not said who they are, which is the limit')
})

test.each([
  [HELLO, 'said "hello" twice'],
  ['{"type":"serving"}\n', 'sent a control message that has no string "address" in "serving"'],
  ['[1]\n', 'sent a control message that is not an object'],
  ['\n', 'sent a control message that is not JSON'],
  [
    `{"type":"ready","x":"${'x'.repeat(DEPLOYER_LIMITS.controlLineMax)}"}\n`,
    'sent a control line of more than 1048576 characters',
  ],
])('a process that says %.40j breaks the protocol', async (text, reason) => {
  const socket = await open()
  socket.write(HELLO + text)
  expect(await broke.promise).toBe(reason)
  await once(socket, 'close')
})

test('lines may come in pieces, also inside a character', async () => {
  const socket = await open()
  const bytes = Buffer.from(`${HELLO}{"type":"failed","message":"é"}\n{"type":"finished","exitCode":3}\n[]\n`)
  for (const byte of bytes) socket.write(Buffer.of(byte))
  await broke.promise
  expect(messages).toEqual([
    { type: 'failed', message: 'é' },
    { type: 'finished', exitCode: 3 },
  ])
})

test('a process that does not read is given up', async () => {
  const socket = await open()
  socket.pause()
  socket.write(`${HELLO}{"type":"ready"}\n`)
  await received.promise
  const message: ToProcess = { type: 'bind', id: 1, path: 'x'.repeat(1024 * 1024), url: '' }
  for (let count = 0; count < 20; count++) send(message)
  expect(await broke.promise).toMatch(/^left \d+ bytes of its control connection unread$/)
})

test.each([
  ['null', 'is not an object'],
  ['{"type":"toString"}', 'has an unknown type'],
  ['{"type":"hello","process":"a","pid":1.5,"version":"v"}', 'has no integer "pid" in "hello"'],
  ['{"type":"finished","exitCode":"0"}', 'has no integer "exitCode" in "finished"'],
])('%s %s', (line, problem) => {
  expect(parseMessage(line)).toBe(problem)
})
