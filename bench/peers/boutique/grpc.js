/**
 * gRPC microservices as Node teams write them: @grpc/grpc-js, one channel a service for the life of the process, protobufjs' own encoders
 * (faster than @grpc/proto-loader's, which convert every message to a plain object and back), errors as status and trailing metadata.
 */
import * as grpc from '@grpc/grpc-js'
import { MESSAGES, root } from './messages.js'

function definition(service) {
  return Object.fromEntries(
    Object.values(root.lookupService(`boutique.${service}`).methods).map((method) => {
      const [request, reply] = [
        method.parent.parent.lookupType(method.requestType),
        method.parent.parent.lookupType(method.responseType),
      ]
      return [
        method.name,
        {
          path: `/boutique.${service}/${method.name}`,
          requestStream: false,
          responseStream: false,
          requestSerialize: (value) => request.encode(value).finish(),
          requestDeserialize: (bytes) => request.decode(bytes),
          responseSerialize: (value) => reply.encode(value).finish(),
          responseDeserialize: (bytes) => reply.decode(bytes),
        },
      ]
    }),
  )
}

export async function serve({ service, port, implementation, errorData }) {
  const messages = MESSAGES[service]
  const fail = (done) => (error) => {
    const data = errorData(error)
    const metadata = new grpc.Metadata()
    metadata.set('error-bin', Buffer.from(JSON.stringify(data)))
    done({ code: grpc.status.UNKNOWN, details: data.message, metadata })
  }
  const handlers = Object.entries(messages).map(([name, { args, reply }]) => [
    name,
    (call, done) => {
      implementation[name](...args(call.request)).then((value) => done(null, reply(value)), fail(done))
    },
  ])
  const server = new grpc.Server()
  server.addService(definition(service), Object.fromEntries(handlers))
  await new Promise((resolve, reject) => {
    server.bindAsync(`127.0.0.1:${port}`, grpc.ServerCredentials.createInsecure(), (error) =>
      error ? reject(error) : resolve(),
    )
  })
}

/** `timeouts`: method → milliseconds, where the shop's interface says so. */
export async function connect({ service, port, errorFrom, timeouts }) {
  const Client = grpc.makeGenericClientConstructor(definition(service), service)
  const client = new Client(`127.0.0.1:${port}`, grpc.credentials.createInsecure())
  const error = (failure) => {
    const [data] = failure.metadata?.get('error-bin') ?? []
    return data === undefined ? failure : errorFrom(JSON.parse(data.toString()))
  }
  return Object.fromEntries(
    Object.entries(MESSAGES[service]).map(([name, { request, result }]) => [
      name,
      (...args) =>
        new Promise((resolve, reject) => {
          const options = { deadline: Date.now() + (timeouts[name] ?? 30_000) }
          client[name](request(...args), options, (failure, value) =>
            failure ? reject(error(failure)) : resolve(result(value)),
          )
        }),
    ]),
  )
}
