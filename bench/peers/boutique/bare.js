/**
 * What the machine allows between processes of Node: Unix sockets of `net` with lines of JSON, written once a tick, and nothing else. No types, no check of
 * what comes, no deadlines, cancel, tracing, measuring, limits, retries or word when a peer is gone. Nobody would run a shop on it.
 */
import { createServer, connect as netConnect } from 'node:net'
import { argumentsOf, resultOf } from './json.js'

/** Nobody has to remove it: an abstract one. */
const pathOf = (port) => `\0weave-bench-${port}`

/** Calls `line` with each whole line that comes. */
function lines(socket, line) {
  let rest = ''
  socket.setEncoding('utf8')
  socket.on('data', (text) => {
    const whole = (rest + text).split('\n')
    rest = whole.pop()
    for (const each of whole) line(JSON.parse(each))
  })
  let out = ''
  return (message) => {
    if (out === '') {
      process.nextTick(() => {
        socket.write(out)
        out = ''
      })
    }
    out += `${JSON.stringify(message)}\n`
  }
}

export async function serve({ service, port, implementation, errorData }) {
  const server = createServer((socket) => {
    const answer = lines(socket, async ({ id, method, args }) => {
      try {
        answer({ id, result: await implementation[method](...argumentsOf(service, method, args)) })
      } catch (error) {
        answer({ id, failure: errorData(error) })
      }
    })
  })
  await new Promise((resolve) => server.listen(pathOf(port), resolve))
}

export async function connect({ service, methods, port, errorFrom }) {
  const calls = new Map()
  let send
  let last = 0
  // When it is first used, as the other peers do: the service may not be up yet.
  const open = () =>
    lines(netConnect(pathOf(port)), ({ id, result, failure }) => {
      const { method, resolve, reject } = calls.get(id)
      calls.delete(id)
      if (failure) reject(errorFrom(failure))
      else resolve(resultOf(service, method, result))
    })
  const call =
    (method) =>
    (...args) =>
      new Promise((resolve, reject) => {
        send ??= open()
        calls.set(++last, { method, resolve, reject })
        send({ id: last, method, args })
      })
  return Object.fromEntries(methods.map((method) => [method, call(method)]))
}
