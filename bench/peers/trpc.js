/** tRPC over one WebSocket; inputs aren't validated (a validator would only cost more). */
import { createTRPCClient, createWSClient, wsLink } from '@trpc/client'
import { initTRPC } from '@trpc/server'
import { applyWSSHandler } from '@trpc/server/adapters/ws'
import { WebSocket, WebSocketServer } from 'ws'

export async function serve({ port }, catalog) {
  const { procedure, router } = initTRPC.create()
  const input = (value) => value
  const server = new WebSocketServer({ host: '127.0.0.1', port, perMessageDeflate: false })
  applyWSSHandler({
    wss: server,
    router: router({
      tiny: procedure.input(input).query(({ input }) => catalog.tiny(input)),
      order: procedure.input(input).mutation(({ input }) => catalog.order(input)),
      list: procedure.query(() => catalog.list()),
      users: procedure.query(() => catalog.users()),
    }),
  })
  await new Promise((resolve) => server.on('listening', resolve))
}

export async function connect({ port }) {
  const client = createTRPCClient({
    links: [wsLink({ client: createWSClient({ url: `ws://127.0.0.1:${port}`, WebSocket }) })],
  })
  return {
    tiny: (id) => client.tiny.query(id),
    order: (order) => client.order.mutate(order),
    list: () => client.list.query(),
    users: () => client.users.query(),
  }
}
