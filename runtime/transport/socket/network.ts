/**
 * The sockets that clients and servers are given, by the kind of address: Unix sockets, TCP, and TLS over it. Whoever tests
 * brings another `Network`. What a socket proves of its peer is asked of identity.ts.
 */
import { createServer, connect as netConnect, type Server, type Socket } from 'node:net'
import type { ConnectionOptions, TLSSocket, TlsOptions } from 'node:tls'
import { WeaveError } from '../../errors.ts'
import { LIMITS } from '../../limits.ts'
import { formatAddress, parseAddress } from '../address.ts'
import { CHUNK_BYTES } from './backlog.ts'
import type { Identity } from './identity.ts'

export interface Network {
  /**
   * Gives the socket at once; what it proves of its peer is known later (identity.ts). What comes goes to `received`, or to listeners of the socket's
   * `data`: never to both. The bytes are the receiver's until what their coming has led to is done, microtasks included.
   */
  connect(address: string, received: Received): Socket
  /** Resolves when `address` accepts connections. `failed`: somebody connected and got no further; a clause that says why. */
  listen(address: string, accept: (socket: Socket) => void, failed: (reason: string) => void): Promise<Listening>
}

export type Received = (bytes: Buffer) => void

/** The part of `net.Server` that is needed. */
export interface Listening {
  /** With the port that was given, where any would do. */
  readonly address: string
  close(): void
}

/** Calls are small and wait for each other: nothing is held back to fill a segment. Silent peers are heartbeat.ts's matter. */
const TCP_OPTIONS = { noDelay: true } as const
const CHUNK = { highWaterMark: CHUNK_BYTES } as const

/**
 * All plain sockets of clients read into this one: another 64 KiB for each read, cut to what has come, cost 7 µs (bench/README.md, rpc). Node has
 * that for sockets that connect, not for those that a server accepts, nor for TLS.
 */
const CHUNK_BUFFER = Buffer.allocUnsafeSlow(CHUNK_BYTES)

function readInto(received: Received) {
  const callback = (bytes: number, buffer: Uint8Array): boolean => {
    received(buffer.subarray(0, bytes) as Buffer)
    return true
  }
  return { onread: { buffer: CHUNK_BUFFER, callback } }
}

/** `identity`: needed for TLS, where each end proves who it is. */
export function systemNetwork(identity: Identity | undefined): Network {
  return {
    connect(text, received) {
      const address = parseAddress(text)
      if (address.kind === 'unix') return netConnect({ path: address.path, ...readInto(received) })
      const { host, port } = address
      if (address.kind === 'tcp') return netConnect({ host, port, ...TCP_OPTIONS, ...readInto(received) })
      return tls().connect({ host, port, ...TCP_OPTIONS, ...secured(identity, text) } as ConnectionOptions)
    },
    listen(text, accept, failed) {
      const address = parseAddress(text)
      if (address.kind === 'unix') return listening(createServer(CHUNK, accept), text, failed)
      if (address.kind === 'tcp') return listening(createServer({ ...CHUNK, ...TCP_OPTIONS }, accept), text, failed)
      const options: TlsOptions = {
        ...TCP_OPTIONS,
        ...secured(identity, text),
        requestCert: true,
        handshakeTimeout: LIMITS.handshakeMs,
      }
      const server = tls().createServer(options, accept)
      server.on('tlsClientError', (error: NodeJS.ErrnoException, socket: TLSSocket) => {
        socket.destroy()
        // Who only hangs up has changed its mind: its routes lead elsewhere by now.
        if (error.code !== 'ECONNRESET') failed(`the TLS handshake failed: ${error.message}`)
      })
      return listening(server, text, failed)
    },
  }
}

/** Only processes that use it load it. */
function tls(): typeof import('node:tls') {
  return process.getBuiltinModule('node:tls')
}

/**
 * `rejectUnauthorized: false` lets nobody in: node would cut the connection without a word. Both ends ask identity.ts before they
 * speak, and say to the other why they don't.
 */
function secured(identity: Identity | undefined, address: string): TlsOptions & ConnectionOptions {
  if (identity === undefined) {
    const text = `${address} needs TLS, and this process has no certificate; let the deployer start it with --transport tls.`
    throw new WeaveError(text, { code: 'WV_CONFIG' })
  }
  const { ca, certificate, key } = identity
  return {
    ca,
    cert: certificate,
    key,
    minVersion: 'TLSv1.3',
    rejectUnauthorized: false,
    checkServerIdentity: () => undefined,
  }
}

function listening(server: Server, text: string, failed: (reason: string) => void): Promise<Listening> {
  const address = parseAddress(text)
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(address.kind === 'unix' ? { path: address.path } : { host: address.host, port: address.port }, () => {
      server.off('error', reject)
      // Out of descriptors, as a rule: those that are connected go on.
      server.on('error', (error) => failed(`it could not be accepted: ${error.message}`))
      const bound = server.address()
      const port = typeof bound === 'object' && bound !== null ? bound.port : 0
      resolve({
        address: address.kind === 'unix' ? text : formatAddress({ ...address, port }),
        close: () => server.close(),
      })
    })
  })
}
