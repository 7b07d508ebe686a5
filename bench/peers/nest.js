/** NestJS's TCP transport by itself: no controllers, pipes or interceptors, which would only cost more. */
import 'reflect-metadata'
import { ClientTCP, ServerTCP } from '@nestjs/microservices'
import { lastValueFrom } from 'rxjs'

const METHODS = ['tiny', 'order', 'list', 'users']

export async function serve({ port }, catalog) {
  const server = new ServerTCP({ host: '127.0.0.1', port })
  for (const name of METHODS) server.addHandler(name, (data) => catalog[name](data))
  await new Promise((resolve) => server.listen(resolve))
}

export async function connect({ port }) {
  const client = new ClientTCP({ host: '127.0.0.1', port })
  await client.connect()
  const call = (name) => (argument) => lastValueFrom(client.send(name, argument ?? {}))
  return Object.fromEntries(METHODS.map((name) => [name, call(name)]))
}
