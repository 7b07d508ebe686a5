/**
 * Where a process can be reached, as text that travels in routes: the path of a Unix socket, or `tcp://host:port`, `tls://host:port`,
 * `grpc://host:port`. What is written otherwise is refused with `WV_CONFIG`. Port 0 asks for any free one.
 */
import { WeaveError } from '../errors.ts'

/** How calls are carried between processes. */
export type TransportKind = 'unix' | 'tcp' | 'tls' | 'grpc'

export const TRANSPORT_KINDS: readonly TransportKind[] = ['unix', 'tcp', 'tls', 'grpc']

export type Address =
  | { kind: 'unix'; path: string }
  | { kind: Exclude<TransportKind, 'unix'>; host: string; port: number }

export function parseAddress(text: string): Address {
  const parts = /^(tcp|tls|grpc):\/\/(?:\[([^\]]+)\]|([^:/[\]]+)):(\d{1,5})$/.exec(text)
  if (parts === null) {
    if (text.includes('://') || text === '') throw malformed(text)
    return { kind: 'unix', path: text }
  }
  const port = Number(parts[4])
  if (port > 65_535) throw malformed(text)
  return { kind: parts[1] as 'tcp' | 'tls' | 'grpc', host: (parts[2] ?? parts[3])!, port }
}

export function formatAddress(address: Address): string {
  return address.kind === 'unix' ? address.path : `${address.kind}://${hostAndPort(address)}`
}

/** `127.0.0.1:80`, `[::1]:80`. */
export function hostAndPort({ host, port }: { host: string; port: number }): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}

function malformed(text: string): WeaveError {
  const forms = 'a path, tcp://host:port, tls://host:port or grpc://host:port'
  return new WeaveError(`${JSON.stringify(text)} is not the address of a process; write ${forms}.`, {
    code: 'WV_CONFIG',
  })
}
