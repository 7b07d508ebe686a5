/** Unix sockets of `node:net`, in the form that clients and servers are given them. */
import { createServer, connect as netConnect, type Socket } from 'node:net'
import type { Listening } from './server.ts'

export function connect(path: string): Socket {
  return netConnect({ path })
}

export function listen(path: string, accept: (socket: Socket) => void): Promise<Listening> {
  return new Promise((resolve, reject) => {
    const server = createServer({ highWaterMark: 64 * 1024 }, accept)
    server.once('error', reject)
    server.listen(path, () => {
      server.off('error', reject)
      resolve({ close: () => server.close() })
    })
  })
}
