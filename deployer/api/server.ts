/**
 * The HTTP API of a deployment: JSON over a Unix socket that only its user can reach. In: requests. Out: what the resources answer, one
 * file each; errors as `{ "error": { "code", "message" } }`. CLI and dashboard ask the same resources, so that they can't disagree. A
 * resource that goes on answering gives lines, each a JSON value.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { WeaveError } from '../../runtime/errors.ts'
import { DEPLOYER_LIMITS } from '../limits.ts'

export interface ApiRequest {
  query: URLSearchParams
  /** What was sent, parsed; undefined when nothing was. */
  body: unknown
  /** Aborts when the client has gone or the server closes. */
  signal: AbortSignal
}

export interface Resource {
  method: 'GET' | 'POST'
  /** `/v1/status` */
  path: string
  /** The answer's JSON value. May throw: a `WeaveError` is the client's to mend. */
  answer?: (request: ApiRequest) => unknown
  /** Instead: JSON values, a line each. */
  lines?: (request: ApiRequest) => AsyncIterable<unknown>
}

export class ApiServer {
  readonly #server: Server
  readonly #resources: readonly Resource[]
  readonly #closing = new AbortController()

  constructor(resources: readonly Resource[]) {
    this.#resources = resources
    this.#server = createServer((request, response) => void this.#serve(request, response))
    this.#server.maxConnections = DEPLOYER_LIMITS.apiConnectionsMax
  }

  listen(path: string): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    this.#server.once('error', reject)
    this.#server.listen(path, () => {
      this.#server.off('error', reject)
      // An accept that fails costs that client its answer.
      this.#server.on('error', () => {})
      resolve()
    })
    return promise
  }

  /** Answers that are under way are given; what goes on answering ends. */
  close(): void {
    this.#closing.abort()
    this.#server.close()
    this.#server.closeIdleConnections()
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    // The socket may be reached through a forwarded port one day: a page of a browser must not.
    if (request.headers.origin !== undefined) return answerError(response, 403, 'WV_CONFIG', 'Pages have no access.')
    const { pathname, searchParams: query } = new URL(request.url ?? '/', 'http://deployer')
    const there = this.#resources.filter(({ path }) => path === pathname)
    const resource = there.find(({ method }) => method === request.method)
    if (!resource) {
      const known = this.#resources.map(({ method, path }) => `${method} ${path}`).join(', ')
      const text = `There is no ${request.method} ${pathname}; there are ${known}.`
      return answerError(response, there.length > 0 ? 405 : 404, 'WV_NO_METHOD', text)
    }
    const gone = new AbortController()
    response.once('close', () => gone.abort())
    const signal = AbortSignal.any([gone.signal, this.#closing.signal])
    try {
      const body = await bodyOf(request)
      if (resource.lines) await answerLines(response, resource.lines({ query, body, signal }))
      else answerJson(response, 200, await resource.answer!({ query, body, signal }))
    } catch (error) {
      if (error instanceof WeaveError)
        answerError(response, error.code === 'WV_CONFIG' ? 400 : 409, error.code, error.message)
      else answerError(response, 500, 'WV_DEPLOY', `The deployer failed: ${String(error)}.`)
    }
  }
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > DEPLOYER_LIMITS.apiBodyBytesMax) {
      const text = `The request is longer than ${DEPLOYER_LIMITS.apiBodyBytesMax} bytes.`
      throw new WeaveError(text, { code: 'WV_CONFIG' })
    }
    chunks.push(chunk)
  }
  if (bytes === 0) return undefined
  try {
    return JSON.parse(Buffer.concat(chunks).toString())
  } catch (cause) {
    throw new WeaveError('The request is not JSON.', { code: 'WV_CONFIG', cause })
  }
}

function answerJson(response: ServerResponse, status: number, value: unknown): void {
  if (response.destroyed || response.headersSent) return void response.destroy()
  response.writeHead(status, { 'content-type': 'application/json', connection: 'close' })
  response.end(`${JSON.stringify(value)}\n`)
}

function answerError(response: ServerResponse, status: number, code: string, message: string): void {
  answerJson(response, status, { error: { code, message } })
}

async function answerLines(response: ServerResponse, values: AsyncIterable<unknown>): Promise<void> {
  response.writeHead(200, { 'content-type': 'application/jsonl', connection: 'close' })
  response.flushHeaders()
  for await (const value of values) {
    if (response.destroyed) return
    if (response.write(`${JSON.stringify(value)}\n`)) continue
    const drained = Promise.withResolvers<void>()
    response.once('drain', drained.resolve).once('close', drained.resolve)
    await drained.promise
  }
  response.end()
}
