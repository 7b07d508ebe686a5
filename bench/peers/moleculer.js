/** Moleculer's TCP transporter with fixed peers; no metrics, tracing, heartbeats' discovery or cacher. */
import { ServiceBroker } from 'moleculer'

const METHODS = ['tiny', 'order', 'list', 'users']

function broker(nodeID, port) {
  return new ServiceBroker({
    nodeID,
    logger: false,
    metrics: false,
    tracing: false,
    transporter: {
      type: 'TCP',
      options: {
        udpDiscovery: false,
        port: nodeID === 'server' ? port : port + 1,
        urls: [`127.0.0.1:${port}/server`, `127.0.0.1:${port + 1}/client`],
      },
    },
  })
}

export async function serve({ port }, catalog) {
  const server = broker('server', port)
  server.createService({
    name: 'catalog',
    actions: Object.fromEntries(METHODS.map((name) => [name, ({ params }) => catalog[name](params.argument)])),
  })
  await server.start()
}

export async function connect({ port }) {
  const client = broker('client', port)
  await client.start()
  await client.waitForServices('catalog')
  const call = (name) => (argument) => client.call(`catalog.${name}`, { argument })
  return Object.fromEntries(METHODS.map((name) => [name, call(name)]))
}
