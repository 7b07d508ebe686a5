/**
 * One process of a variant that isn't ours: a service of the boutique, its front, or its front with customers in place of HTTP. Started by peers.ts,
 * which tells it by its one argument, a JSON `PeerProcess`; it sends `ready` when it can be called.
 */
import { createServer } from '../../fixtures/boutique/src/shop/server.ts'
import type { Services } from '../../fixtures/boutique/src/shop/storefront.ts'
import { serveCalls } from './call-load.ts'
import { errorData, errorFrom, FRONT, type Implementation, logOf, SERVICES } from './services.ts'

export type PeerKind = 'grpc' | 'http' | 'nest' | 'bare'

export interface PeerProcess {
  kind: PeerKind
  /** A service's name, or the front. */
  role: 'web' | 'calls' | (string & {})
  /** Service → TCP port; the front's as `web`. */
  ports: Record<string, number>
  /** Where the bench is, for `calls`. */
  socket?: string
}

interface Peer {
  serve(options: {
    service: string
    methods: readonly string[]
    port: number
    implementation: Implementation
    errorData: typeof errorData
  }): Promise<void>
  connect(options: {
    service: string
    methods: readonly string[]
    port: number
    errorFrom: typeof errorFrom
    timeouts: Record<string, number>
  }): Promise<object>
}

const PEERS: Record<PeerKind, () => Promise<unknown>> = {
  // @ts-expect-error: plain JavaScript, so that the repository needn't install what it imports.
  grpc: () => import('../peers/boutique/grpc.js'),
  // @ts-expect-error
  http: () => import('../peers/boutique/http.js'),
  // @ts-expect-error
  nest: () => import('../peers/boutique/nest.js'),
  // @ts-expect-error
  bare: () => import('../peers/boutique/bare.js'),
}

/** As the fixture's doc tags say; everything else waits as long as the transport's default. */
const TIMEOUTS: Record<string, Record<string, number>> = { ads: { ads: 100 } }

const { kind, role, ports, socket } = JSON.parse(process.argv[2]!) as PeerProcess
const peer = (await PEERS[kind]()) as Peer

async function clients(names: readonly string[]): Promise<Record<string, object>> {
  const connected = names.map(async (service) => {
    const { methods } = SERVICES[service]!
    const client = await peer.connect({
      service,
      methods,
      port: ports[service]!,
      errorFrom,
      timeouts: TIMEOUTS[service] ?? {},
    })
    return [service, client] as const
  })
  return Object.fromEntries(await Promise.all(connected))
}

async function front(): Promise<Services> {
  return (await clients(FRONT)) as unknown as Services
}

const log = logOf(role)
if (role === 'web') {
  const shop = {
    title: 'Heddle',
    tagline: 'Everyday things, well made',
    currencies: ['USD', 'EUR', 'CAD', 'JPY', 'GBP', 'TRY'],
    demoCheckout: true,
  }
  const server = await createServer({ services: await front(), shop, log, now: () => new Date() })
  await server.listen({ host: '127.0.0.1', port: ports.web! })
} else if (role === 'calls') {
  void serveCalls(socket!, await front(), log).then(() => process.exit())
} else {
  const { methods, dependencies, make } = SERVICES[role]!
  const implementation = make(await clients(dependencies), log) as Implementation
  await peer.serve({ service: role, methods, port: ports[role]!, implementation, errorData })
}
process.send?.('ready')
process.on('disconnect', () => process.exit())
