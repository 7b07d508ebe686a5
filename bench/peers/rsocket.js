/** RSocket over TCP, request-response, JSON in its binary frames (its own JSON serializers encode as strings first, and are slower). */
import core from 'rsocket-core'
import tcpClient from 'rsocket-tcp-client'
import tcpServer from 'rsocket-tcp-server'

const METHODS = ['tiny', 'order', 'list', 'users']
const setup = {
  dataMimeType: 'application/octet-stream',
  metadataMimeType: 'application/octet-stream',
  keepAlive: 60_000,
  lifetime: 180_000,
}

export async function serve({ port }, catalog) {
  const { Single } = await import('rsocket-flowable').then((module) => module.default)
  const server = new core.RSocketServer({
    transport: new tcpServer.default({ host: '127.0.0.1', port }, core.BufferEncoders),
    getRequestHandler: () => ({
      requestResponse: ({ data, metadata }) =>
        new Single((subscriber) => {
          subscriber.onSubscribe()
          const argument = data === null || data.length === 0 ? undefined : JSON.parse(data.toString())
          catalog[METHODS[metadata[0]]](argument).then((value) =>
            subscriber.onComplete({ data: Buffer.from(JSON.stringify(value)) }),
          )
        }),
    }),
  })
  server.start()
}

export async function connect({ port }) {
  const client = new core.RSocketClient({
    setup,
    transport: new tcpClient.default({ host: '127.0.0.1', port }, core.BufferEncoders),
  })
  const socket = await client.connect()
  const call = (index) => (argument) =>
    new Promise((onComplete, onError) => {
      const data = Buffer.from(argument === undefined ? '' : JSON.stringify(argument))
      socket.requestResponse({ data, metadata: Buffer.of(index) }).subscribe({
        onComplete: ({ data }) => onComplete(JSON.parse(data.toString())),
        onError,
      })
    })
  return Object.fromEntries(METHODS.map((name, index) => [name, call(index)]))
}
