/** The API of a deployment, over its socket, and the state that it is found by. Processes are played. */
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import {
  type Deployment,
  type DeployOptions,
  deploy,
  type EventRecord,
  StateFolder,
  type Status,
  stateFolders,
} from '../../deployer/index.ts'
import { FakeClock } from '../runtime/fake-clock.ts'
import { shop } from './manifests.ts'
import { Stage } from './scripted.ts'

let directory: string
let stage: Stage
let clock: FakeClock
let deployment: Deployment

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'weave-test-'))
  writeFileSync(join(directory, 'main.mjs'), '')
  stage = new Stage()
  clock = new FakeClock()
})
afterEach(async () => {
  deployment.kill()
  await deployment.finished
  rmSync(directory, { recursive: true })
})

const stateRoot = () => join(directory, 'state')

async function start(options: Partial<DeployOptions> = {}): Promise<StateFolder> {
  deployment = deploy({
    manifest: shop,
    directory,
    placement: 'apart',
    environment: {},
    stateRoot: stateRoot(),
    clock,
    random: () => 0.5,
    spawn: stage.spawn,
    ...options,
  })
  for (const name of ['cart-1', 'cart-2', 'checkout-1', 'main-1'])
    void (async () => {
      for (let life = 1; ; life++) await (await stage.process(name, life)).play()
    })()
  await deployment.ready
  return new StateFolder('shop', stateRoot())
}

function ask(
  folder: StateFolder,
  method: string,
  path: string,
  body?: string,
  headers = {},
): Promise<[number, unknown]> {
  return new Promise((resolve, reject) => {
    const sent = request({ socketPath: folder.api!, method, path, headers, agent: false }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk
      })
      response.once('end', () => resolve([response.statusCode!, JSON.parse(text)]))
    })
    sent.once('error', reject)
    sent.end(body)
  })
}

test('under automatic placement status says what stays because a person has scaled or moved it', async () => {
  const folder = await start({ automatic: true })
  const stays = async () => ((await ask(folder, 'GET', '/v1/status'))[1] as Status).automatic!.stays
  expect(await stays()).toEqual([])
  await ask(folder, 'POST', '/v1/scale', JSON.stringify({ group: 'Cart', replicas: 2 }))
  expect(await stays()).toEqual(['Cart stays: scaled by hand.'])
})

test('status, scale and restart answer when all is as it should be', async () => {
  const folder = await start()
  expect(statSync(folder.path).mode & 0o777).toBe(0o700)
  const [code, status] = (await ask(folder, 'GET', '/v1/status')) as [number, Status]
  expect(code).toBe(200)
  expect(status).toMatchObject({
    application: 'shop',
    version: 'v1',
    state: 'running',
    detached: false,
    deployer: { pid: process.pid },
    groups: [
      { group: 'cart', components: ['src/cart.Cart'], replicas: 1, ready: 1 },
      { group: 'checkout', replicas: 1, ready: 1 },
      { group: 'main', replicas: 1, ready: 1 },
    ],
    listeners: [{ listener: 'web' }],
  })
  expect(status.processes.map(({ process, state }) => `${process} ${state}`)).toEqual([
    'cart-1 ready',
    'checkout-1 ready',
    'main-1 ready',
  ])
  const scaled = await ask(folder, 'POST', '/v1/scale', '{"group":"Cart","replicas":2}')
  expect(scaled).toMatchObject([200, { groups: [{ group: 'cart', replicas: 2, ready: 2 }, {}, {}] }])
  const [, restarted] = (await ask(folder, 'POST', '/v1/restart', '{"name":"cart"}')) as [number, Status]
  expect(restarted.processes.map(({ restarts }) => restarts)).toEqual([1, 1, 0, 0])
})

test('what does not fit is answered with what is wrong', async () => {
  const folder = await start()
  const wrong: [string, string, string | undefined, number, string][] = [
    ['POST', '/v1/scale', '{"group":"crt","replicas":2}', 400, 'there is no group or component "crt"; did you mean'],
    ['POST', '/v1/scale', '{"group":"cart","replicas":"2"}', 400, '"replicas" must be a whole number; it is "2".'],
    [
      'POST',
      '/v1/scale',
      '{"groop":1}',
      400,
      '"groop" is not a member of this request; there are "group", "replicas".',
    ],
    ['POST', '/v1/scale', '[', 400, 'The request is not JSON.'],
    ['POST', '/v1/scale', '7', 400, 'The request must be a JSON object.'],
    ['POST', '/v1/scale', `"${'x'.repeat(1024 * 1024)}"`, 400, 'The request is longer than 1048576 bytes.'],
    ['GET', '/v1/scale', undefined, 405, 'There is no GET /v1/scale; there are GET /v1/status, POST /v1/scale'],
    ['GET', '/v2', undefined, 404, 'There is no GET /v2; there are'],
  ]
  for (const [method, path, body, code, message] of wrong)
    expect(await ask(folder, method, path, body)).toEqual([
      code,
      { error: { code: expect.any(String), message: expect.stringContaining(message) } },
    ])
  expect(await ask(folder, 'GET', '/v1/status', undefined, { origin: 'http://evil.example' })).toMatchObject([403, {}])
  expect(deployment.processes()).toHaveLength(3)
})

test('events: what has been, then what happens, until it ends', async () => {
  const folder = await start()
  const lines: EventRecord[] = []
  const ended = new Promise<void>((resolve) => {
    request({ socketPath: folder.api!, path: '/v1/events?follow=1', agent: false }, (response) => {
      let rest = ''
      response.setEncoding('utf8').on('data', (chunk: string) => {
        const parts = (rest + chunk).split('\n')
        rest = parts.pop()!
        lines.push(...parts.map((line) => JSON.parse(line) as EventRecord))
      })
      response.once('end', resolve)
    }).end()
  })
  await expect.poll(() => lines.at(-1)?.event.type).toBe('ready')
  await deployment.scale('cart', 2)
  await deployment.stop()
  await ended
  const types = lines.map(({ event }) => event.type)
  expect(types[0]).toBe('deploying')
  expect(types).toContain('scaling')
  expect(types.at(-1)).toBe('stopped')
  expect(lines.map(({ id }) => id)).toEqual(lines.map((_, index) => index + 1))
})

test('stop answers with the exit code when nothing runs any more, and nobody finds it afterwards', async () => {
  const folder = await start()
  expect(stateFolders(stateRoot()).map(({ application }) => application)).toEqual(['shop'])
  expect(await ask(folder, 'POST', '/v1/stop', '{}')).toEqual([200, { exitCode: 0 }])
  await deployment.finished
  expect(folder.api).toBe(undefined)
})

test('a second deployer is refused, also where the names differ only in what a folder can not have', async () => {
  await start()
  expect(() => deploy({ manifest: shop, directory, stateRoot: stateRoot(), spawn: stage.spawn })).toThrow(
    `The application "shop" is deployed already: its deployer has pid ${process.pid}; "weave stop shop" ends it.`,
  )
  const config = { name: '../shop' }
  const other = deploy({
    manifest: shop,
    directory,
    stateRoot: stateRoot(),
    config,
    placement: 'together',
    clock,
    spawn: stage.spawn,
  })
  await other.stop()
  expect(stateFolders(stateRoot()).map(({ path }) => path)).toEqual([
    join(stateRoot(), '%2E%2E%2Fshop'),
    join(stateRoot(), 'shop'),
  ])
})
