/**
 * NestJS microservices over TCP, by its transport alone: controllers, pipes and interceptors, which an application would have, only cost more.
 * Without Nagle's algorithm, which NestJS leaves on: with it a call now and then waits 40 ms for an acknowledgement.
 */
import 'reflect-metadata'
import { ClientTCP, ServerTCP } from '@nestjs/microservices'
import { lastValueFrom, timeout } from 'rxjs'
import { argumentsOf, resultOf } from './json.js'

class PromptServer extends ServerTCP {
  bindHandler(socket) {
    socket.setNoDelay(true)
    super.bindHandler(socket)
  }
}

class PromptClient extends ClientTCP {
  createSocket() {
    const socket = super.createSocket()
    socket.netSocket.setNoDelay(true)
    return socket
  }
}

export async function serve({ service, methods, port, implementation, errorData }) {
  const server = new PromptServer({ host: '127.0.0.1', port })
  for (const method of methods) {
    server.addHandler(`${service}.${method}`, async ({ args }) => {
      try {
        return { result: await implementation[method](...argumentsOf(service, method, args)) }
      } catch (error) {
        return { failure: errorData(error) }
      }
    })
  }
  await new Promise((resolve) => server.listen(resolve))
}

export async function connect({ service, methods, port, errorFrom, timeouts }) {
  const client = new PromptClient({ host: '127.0.0.1', port })
  const call =
    (method) =>
    async (...args) => {
      const answers = client.send(`${service}.${method}`, { args })
      const limit = timeouts[method]
      const { result, failure } = await lastValueFrom(limit === undefined ? answers : answers.pipe(timeout(limit)))
      if (failure) throw errorFrom(failure)
      return resultOf(service, method, result)
    }
  return Object.fromEntries(methods.map((method) => [method, call(method)]))
}
