/**
 * Who is at the other end of a socket. In: a socket that connects or has connected. Out: what it proves. A Unix socket and plain TCP
 * prove nothing (the folder of the one is the user's alone, the port of the other is open to who can reach it); TLS proves
 * a group of this deployment, by a certificate of its authority, or is refused with the reason.
 *
 * The name in a certificate is a URI, `spiffe://<application>/group/<group>`, the form that meshes use.
 */
import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'

/** What a process has to prove who it is; everything is PEM. The key never leaves the process. */
export interface Identity {
  /** The deployment's authority, the only one that is believed. */
  readonly ca: string
  readonly certificate: string
  readonly key: string
}

export type Proof =
  | { readonly kind: 'none' }
  | { readonly kind: 'group'; readonly application: string; readonly group: string }
  /** `reason`: a clause, "its certificate has expired". */
  | { readonly kind: 'bad'; readonly reason: string }

const NONE: Proof = { kind: 'none' }

export function identityUri(application: string, group: string): string {
  return `spiffe://${encodeURIComponent(application)}/group/${encodeURIComponent(group)}`
}

/** Calls `known` once, with what the socket proves; at once where that is known already. Never, when it doesn't come to that. */
export function whenProven(socket: Socket, known: (proof: Proof) => void): void {
  if (!isSecure(socket)) known(NONE)
  else socket.once('secureConnect', () => known(proofOf(socket)))
}

/** Of a socket that was accepted; its TLS handshake is over. */
export function proofOf(socket: Socket): Proof {
  if (!isSecure(socket)) return NONE
  const certificate = socket.getPeerX509Certificate()
  if (certificate === undefined) return { kind: 'bad', reason: 'it has no certificate' }
  if (!socket.authorized) return { kind: 'bad', reason: whyUnauthorized(socket, certificate.validTo) }
  const uris = (certificate.subjectAltName ?? '').split(', ').filter((name) => name.startsWith('URI:spiffe://'))
  const parts = /^URI:spiffe:\/\/([^/]+)\/group\/([^/]+)$/.exec(uris[0] ?? '')
  if (parts === null || uris.length > 1) return { kind: 'bad', reason: 'its certificate names no group' }
  try {
    return { kind: 'group', application: decodeURIComponent(parts[1]!), group: decodeURIComponent(parts[2]!) }
  } catch {
    return { kind: 'bad', reason: 'its certificate names no group' }
  }
}

/** Why a peer that proves this is not `expected`; undefined when it is, or when its kind of socket proves nothing. */
export function mistaken(proof: Proof, expected: { application: string; group: string }): string | undefined {
  if (proof.kind === 'none') return undefined
  if (proof.kind === 'bad') return proof.reason
  if (proof.application !== expected.application)
    return `its certificate is of application "${proof.application}", and it should be "${expected.application}"`
  if (proof.group !== expected.group)
    return `its certificate is of group "${proof.group}", and it should be "${expected.group}"`
  return undefined
}

/** `TLSSocket` is not named here, so that processes without TLS don't load it. */
function isSecure(socket: Socket): socket is TLSSocket {
  return (socket as Partial<TLSSocket>).encrypted === true
}

function whyUnauthorized(socket: TLSSocket, validTo: string): string {
  const error = socket.authorizationError as unknown
  const code = error instanceof Error ? ((error as NodeJS.ErrnoException).code ?? error.message) : String(error)
  if (code === 'CERT_HAS_EXPIRED') return `its certificate has expired, on ${validTo}`
  if (code === 'CERT_NOT_YET_VALID') return 'its certificate is not valid yet; compare the clocks of the two machines'
  return `its certificate is not of this deployment's authority (${code})`
}
