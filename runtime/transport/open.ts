/** The transport that an address asks for. In: an address and what every transport needs. Out: one of two implementations. */
import type { Boundary } from '../boundary.ts'
import type { ErrorRegistry } from '../codec/error.ts'
import { parseAddress } from './address.ts'
import { GrpcClient } from './grpc/client.ts'
import { GrpcServer } from './grpc/server.ts'
import type { CallServer, CallServerOptions, PeerChannel, PeerChannelOptions } from './peer.ts'
import { Client } from './socket/client.ts'
import type { Network } from './socket/network.ts'
import { Server } from './socket/server.ts'

export function openPeer(options: PeerChannelOptions, network: Network): PeerChannel {
  if (parseAddress(options.address).kind === 'grpc') return new GrpcClient(options)
  return new Client({ ...options, connect: network.connect })
}

export interface OpenServerOptions extends CallServerOptions {
  address: string
  network: Network
  errors: ErrorRegistry
  /** What is hosted, by index in the descriptor. */
  hosted: () => ReadonlyMap<number, Boundary>
}

export function openServer({ address, network, errors, hosted, ...options }: OpenServerOptions): CallServer {
  if (parseAddress(address).kind === 'grpc')
    return new GrpcServer({ ...options, errors, hosted: hosted(), listen: network.listen })
  return new Server({ ...options, listen: network.listen })
}
