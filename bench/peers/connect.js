/** Connect's own protocol over HTTP/2, binary, one session. */
import { createServer } from 'node:http2'
import { createFileRegistry, fromBinary } from '@bufbuild/protobuf'
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt'
import { createClient } from '@connectrpc/connect'
import { connectNodeAdapter, createConnectTransport } from '@connectrpc/connect-node'
import descriptor from 'protobufjs/ext/descriptor/index.js'
import { called, root, served } from './schema.js'

const types = root.toDescriptor('proto3')
// protobufjs names types relatively, which the other doesn't resolve.
for (const { field } of types.file[0].messageType)
  for (const each of field)
    if (each.typeName && !each.typeName.startsWith('.')) each.typeName = `.bench.${each.typeName}`
const set = descriptor.FileDescriptorSet.encode(types).finish()
const service = createFileRegistry(fromBinary(FileDescriptorSetSchema, set)).getService('bench.Catalog')

export async function serve({ port }, catalog) {
  const handler = connectNodeAdapter({ routes: (router) => router.service(service, served(catalog)) })
  await new Promise((resolve) => createServer(handler).listen(port, '127.0.0.1', resolve))
}

export async function connect({ port }) {
  const transport = createConnectTransport({
    baseUrl: `http://127.0.0.1:${port}`,
    httpVersion: '2',
    useBinaryFormat: true,
  })
  const client = createClient(service, transport)
  return called((name, request) => client[name](request))
}
