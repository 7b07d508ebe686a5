/** HTTP: fastify, and undici with four connections of sixteen pipelined requests each, which is what serves 64 in flight best. */
import Fastify from 'fastify'
import { Pool } from 'undici'

const METHODS = ['tiny', 'order', 'list', 'users']

export async function serve({ port }, catalog) {
  const server = Fastify()
  for (const name of METHODS)
    server.post(`/${name}`, async ({ body }) => ({ value: await catalog[name](body.argument) }))
  await server.listen({ host: '127.0.0.1', port })
}

export async function connect({ port }) {
  const pool = new Pool(`http://127.0.0.1:${port}`, { connections: 4, pipelining: 16 })
  const headers = { 'content-type': 'application/json' }
  const call = (name) => async (argument) => {
    const { body } = await pool.request({
      path: `/${name}`,
      method: 'POST',
      headers,
      body: JSON.stringify({ argument }),
      idempotent: true,
    })
    return (await body.json()).value
  }
  return Object.fromEntries(METHODS.map((name) => [name, call(name)]))
}
