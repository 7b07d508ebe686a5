/** `weave dev` as a developer sees it: starts, rebuilds on a change (also of a type only), survives an error, stops. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Project } from '../hosts/project.ts'
import { Running } from './process.ts'

const SERVER = `import { once } from 'node:events'
import { createServer } from 'node:http'
import type { Listener, Main } from 'weavets'
import type { Clock } from './clock.ts'

export class Server implements Main {
  readonly #clock: Clock
  readonly #web: Listener
  constructor(clock: Clock, web: Listener) {
    this.#clock = clock
    this.#web = web
  }
  async main(signal: AbortSignal): Promise<void> {
    const server = createServer((_, response) => void this.#clock.now().then((now) => response.end(JSON.stringify(now))))
    console.log('open', await this.#web.listen(server))
    if (!signal.aborted) await once(signal, 'abort')
    console.log('closed')
  }
}
`
const CLOCK = `import type { Component } from 'weavets'
export interface Now {
  hour: number
}
export interface Clock extends Component {
  now(): Promise<Now>
}
`
const IMPLEMENTATION = `import type { Clock, Now } from './clock.ts'
const now = { hour: 12, minute: 30 }
export class NoonClock implements Clock {
  async now(): Promise<Now> {
    return now
  }
}
`

let project: Project
beforeEach(() => {
  project = new Project()
  project.write('package.json', JSON.stringify({ name: 'dev', type: 'module' }))
  project.write(
    'tsconfig.json',
    JSON.stringify({
      compilerOptions: {
        target: 'es2024',
        module: 'nodenext',
        strict: true,
        types: ['node'],
        noEmit: true,
        allowImportingTsExtensions: true,
        skipLibCheck: true,
      },
      include: ['src'],
    }),
  )
  project.write('src/clock.ts', CLOCK)
  project.write('src/noon.ts', IMPLEMENTATION)
  project.write('src/server.ts', SERVER)
  project.write(
    'src/main.ts',
    "import { run } from 'weavets'\nimport { Server } from './server.ts'\n\nawait run(Server)\n",
  )
  project.link()
})
afterEach(() => project.remove())

test('weave dev', { timeout: 60_000 }, async () => {
  await using dev = new Running(project, 'dev')
  const [, url] = await dev.until(/open (http\S+)/)
  // Isolated: what the type doesn't declare stays behind, as it would between processes.
  expect(await (await fetch(url!)).json()).toEqual({ hour: 12 })
  expect(dev.stderr).toMatch(
    /^dev: 1 component in one process, every call through the codec\nweb: http:\/\/127\.0\.0\.1:\d+\nwatching src; Ctrl-C stops\n$/,
  )

  // A type alone changes: the codec is made anew, and the address stays.
  project.edit('src/clock.ts', 'hour: number', 'hour: number\n  minute: number')
  await dev.until(/clock\.ts → rebuilt, \d+ ms/)
  await dev.until(/closed/)
  const [, again] = await dev.until(/open (http\S+)/, 2)
  expect(again).toBe(url)
  expect(await (await fetch(url!)).json()).toEqual({ hour: 12, minute: 30 })

  // An error: printed with its code, and what ran goes on.
  project.edit('src/clock.ts', 'now(): Promise<Now>', 'now(): Promise<() => Now>')
  await dev.until(/WV2004/)
  await dev.until(/1 error; the last good build goes on running\. Correct the first one and save\./)
  expect(await (await fetch(url!)).json()).toEqual({ hour: 12, minute: 30 })
  project.edit('src/clock.ts', 'now(): Promise<() => Now>', 'now(): Promise<Now>')
  await dev.until(/open (http\S+)/, 3)

  // A config that appears is read.
  project.write('weave.config.ts', "export default { name: 'renamed' }\n")
  await dev.until(/weave\.config\.ts → rebuilt/)
  await dev.until(/open (http\S+)/, 4)

  // An error of TypeScript keeps nothing from running, and is shown all the same.
  project.edit('src/noon.ts', 'export class', "export const wrong: number = 'text'\nexport class")
  await dev.until(/open (http\S+)/, 5)
  await dev.until(/src\/noon\.ts\(\d+,\d+\): error TS2322: .*\n1 type error; the application runs all the same\./)
  project.edit('src/noon.ts', "export const wrong: number = 'text'\n", '')
  await dev.until(/open (http\S+)/, 6)
  await dev.until(/no type errors any more\./)

  expect(await dev.stop('SIGINT')).toBe(0)
  await dev.until(/closed/, 6)
})

test('weave dev, when something is wrong', { timeout: 60_000 }, async () => {
  // A value that doesn't fit, from the start: it waits, as it does later.
  project.write('weave.config.ts', 'export default { listeners: { web: { port: -1 } } }\n')
  await using dev = new Running(project, 'dev')
  await dev.until(/"listeners\.web\.port" must be .*\n {2}next {2}Correct it and save\.\nnothing runs yet\.\n/)
  project.write('weave.config.ts', 'export default {}\n')
  const [, url] = await dev.until(/open (http\S+)/)

  project.write('weave.config.ts', 'export default { listeners: { web: { port: -2 } } }\n')
  await dev.until(/it is -2\.\n {2}next {2}Correct it and save\.\nthe application goes on as it was\.\n/)
  expect((await fetch(url!)).status).toBe(200)

  project.write('weave.config.ts', 'export default {\n  listeners: {\n    web oops\n  },\n}\n')
  await dev.until(/could not be loaded: .* \(weave\.config\.ts:3\)\n {2}next {2}Correct it and save\./)
  await dev.until(/the application goes on with the config that it has\.\n/)
  expect(dev.stderr).not.toContain('weave check')

  // An application that has ended is not one that hasn't begun.
  const server = project.read('src/server.ts')
  project.write('weave.config.ts', 'export default {}\n')
  await dev.until(/open (http\S+)/, 2)
  project.edit('src/server.ts', "if (!signal.aborted) await once(signal, 'abort')", '')
  await dev.until(/main returned; waiting for a change/)
  project.edit('src/clock.ts', 'now(): Promise<Now>', 'now(): Promise<() => Now>')
  await dev.until(/1 error; the application has ended and is not started again yet\. Correct the first one and save\./)
  project.edit('src/clock.ts', 'now(): Promise<() => Now>', 'now(): Promise<Now>')

  // Nobody waits long for what hangs in `start`.
  await dev.until(/main returned; waiting for a change/, 2)
  const clock = project.read('src/noon.ts')
  project.edit(
    'src/noon.ts',
    'async now()',
    "start() { console.log('hanging'); return new Promise<void>(() => {}) }\n  async now()",
  )
  await dev.until(/hanging/)
  project.write('src/server.ts', server)
  project.write('src/noon.ts', clock)
  await dev.until(/waiting for the old application to stop; killed after 3 s/)
  await dev.until(/open (http\S+)/, 5)
})
