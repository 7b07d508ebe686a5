/**
 * HTTP and JSON microservices: fastify, and undici with connections that are kept alive, without pipelining: calls of a page run beside each other,
 * and one that waits behind another on its connection costs more latency than a second connection costs.
 */
import Fastify from 'fastify'
import { Pool } from 'undici'
import { argumentsOf, resultOf } from './json.js'

const CONNECTIONS = 32

export async function serve({ service, methods, port, implementation, errorData }) {
  const server = Fastify({ keepAliveTimeout: 60_000 })
  for (const method of methods) {
    server.post(`/${service}/${method}`, async ({ body }, reply) => {
      try {
        const result = await implementation[method](...argumentsOf(service, method, body.args))
        return JSON.stringify({ result })
      } catch (error) {
        return reply.code(500).send(JSON.stringify(errorData(error)))
      }
    })
  }
  await server.listen({ host: '127.0.0.1', port })
}

export async function connect({ service, methods, port, errorFrom, timeouts }) {
  const pool = new Pool(`http://127.0.0.1:${port}`, {
    connections: CONNECTIONS,
    pipelining: 1,
    keepAliveTimeout: 60_000,
  })
  const headers = { 'content-type': 'application/json' }
  const call =
    (method) =>
    async (...args) => {
      const { statusCode, body } = await pool.request({
        path: `/${service}/${method}`,
        method: 'POST',
        headers,
        body: JSON.stringify({ args }),
        headersTimeout: timeouts[method] ?? 30_000,
      })
      const answer = JSON.parse(await body.text())
      if (statusCode !== 200) throw errorFrom(answer)
      return resultOf(service, method, answer.result)
    }
  return Object.fromEntries(methods.map((method) => [method, call(method)]))
}
