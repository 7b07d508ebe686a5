/**
 * What lies between two processes, in the hands of a test: a relay of bytes at an address of the same kind. It passes everything on, TLS
 * and HTTP/2 too; it can be cut, as by the death of the process behind it, and it can fall silent, as a network that drops everything.
 */
import { rmSync } from 'node:fs'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { formatAddress, parseAddress } from '../../runtime/transport/address.ts'
import { listenAt, type Remote } from './shop.ts'

export interface Cable {
  /** What a route leads to instead of the target. */
  readonly address: string
  /** Connections so far. */
  readonly connections: number
  /** Ends all connections, and refuses new ones until `mend`. */
  cut(): void
  /** From now on nothing arrives, and nobody is told. */
  silence(): void
  mend(): Promise<void>
  close(): void
}

export async function cable(kind: Remote, target: string): Promise<Cable> {
  const far = parseAddress(target)
  const near = parseAddress(listenAt(kind))
  const pairs = new Set<[Socket, Socket]>()
  let isSilent = false
  let connections = 0
  let server: Server | undefined
  const pass = (from: Socket, to: Socket) => {
    from.on('data', (bytes) => {
      if (!isSilent) to.write(bytes)
    })
    from.on('error', () => {})
    from.on('close', () => {
      if (!isSilent) to.end()
    })
  }
  const listen = () =>
    new Promise<void>((resolve) => {
      server = createServer((accepted) => {
        connections++
        const further = far.kind === 'unix' ? connect(far.path) : connect(far.port, far.host)
        pairs.add([accepted, further])
        pass(accepted, further)
        pass(further, accepted)
      })
      if (near.kind === 'unix') server.listen(near.path, resolve)
      else {
        server.listen(near.port, near.host, () => {
          const { port } = server!.address() as { port: number }
          near.port = port
          resolve()
        })
      }
    })
  await listen()
  const end = () => {
    server?.close()
    if (near.kind === 'unix') rmSync(near.path, { force: true })
    for (const pair of pairs) for (const socket of pair) socket.destroy()
    pairs.clear()
  }
  return {
    get address() {
      return formatAddress(near)
    },
    get connections() {
      return connections
    },
    cut: end,
    silence() {
      isSilent = true
    },
    async mend() {
      isSilent = false
      await listen()
    },
    close: end,
  }
}
