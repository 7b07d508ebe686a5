/** @grpc/grpc-js with protobufjs reflection codecs (faster than those of @grpc/proto-loader, which converts to plain objects). */
import * as grpc from '@grpc/grpc-js'
import { called, METHODS, root, served } from './schema.js'

const service = Object.fromEntries(
  Object.entries(METHODS).map(([name, [request, response]]) => {
    const [requestType, responseType] = [root.lookupType(request), root.lookupType(response)]
    const method = {
      path: `/bench.Catalog/${name}`,
      requestStream: false,
      responseStream: false,
      requestSerialize: (value) => requestType.encode(value).finish(),
      requestDeserialize: (bytes) => requestType.decode(bytes),
      responseSerialize: (value) => responseType.encode(value).finish(),
      responseDeserialize: (bytes) => responseType.decode(bytes),
    }
    return [name, method]
  }),
)

const target = ({ path, port }) => (path ? `unix:${path}` : `127.0.0.1:${port}`)

export async function serve(address, catalog) {
  const server = new grpc.Server()
  const unary = (work) => (call, done) => {
    work(call.request).then((value) => done(null, value))
  }
  server.addService(
    service,
    Object.fromEntries(Object.entries(served(catalog)).map(([name, work]) => [name, unary(work)])),
  )
  await new Promise((resolve, reject) => {
    server.bindAsync(target(address), grpc.ServerCredentials.createInsecure(), (error) =>
      error ? reject(error) : resolve(),
    )
  })
}

export async function connect(address) {
  const Client = grpc.makeGenericClientConstructor(service, 'Catalog')
  const client = new Client(target(address), grpc.credentials.createInsecure())
  return called(
    (name, request) =>
      new Promise((resolve, reject) => {
        client[name](request, (error, value) => (error ? reject(error) : resolve(value)))
      }),
  )
}
