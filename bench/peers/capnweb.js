/** Cap'n Web over one WebSocket (`ws` at both ends). */
import { newWebSocketRpcSession, RpcTarget } from 'capnweb'
import { WebSocket, WebSocketServer } from 'ws'

export async function serve({ port }, catalog) {
  class Catalog extends RpcTarget {
    tiny(id) {
      return catalog.tiny(id)
    }
    order(order) {
      return catalog.order(order)
    }
    list() {
      return catalog.list()
    }
    users() {
      return catalog.users()
    }
  }
  const server = new WebSocketServer({ host: '127.0.0.1', port, perMessageDeflate: false })
  server.on('connection', (socket) => newWebSocketRpcSession(socket, new Catalog()))
  await new Promise((resolve) => server.on('listening', resolve))
}

export async function connect({ port }) {
  const socket = new WebSocket(`ws://127.0.0.1:${port}`, { perMessageDeflate: false })
  const session = newWebSocketRpcSession(socket)
  return {
    tiny: (id) => session.tiny(id),
    order: (order) => session.order(order),
    list: () => session.list(),
    users: () => session.users(),
  }
}
