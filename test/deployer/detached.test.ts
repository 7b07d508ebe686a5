/**
 * Detached deployments of real processes, from the command line down: what happens when the deployer is killed, and what others then may do.
 * Everything waits for an answer of `weave status`, for a connection or for an exit; failures of calls are counted from the first to the last.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { stripVTControlCharacters } from 'node:util'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Status } from '../../deployer/index.ts'
import { manifestOf } from './manifests.ts'

const ENTRY = join(import.meta.dirname, 'apps', 'web.ts')
const CLI = join(import.meta.dirname, '..', '..', 'cli', 'main.ts')

// A dozen CLIs and as many processes each, on a machine that others use too.
vi.setConfig({ testTimeout: 240_000 })

let state: string
let watch: Server
/** A connection of every process of every application that lives. */
const living = new Set<Socket>()
const folders: string[] = []

beforeEach(async () => {
  state = mkdtempSync(join(tmpdir(), 'weave-state-'))
  folders.push(state)
  watch = createServer((socket) => {
    living.add(socket)
    socket.on('error', () => {})
    socket.resume().once('close', () => living.delete(socket))
  })
  watch.listen(join(state, 'watch'))
  await once(watch, 'listening')
})
afterEach(async () => {
  for (const name of ['shop', 'other']) await weave(state, 'purge', '--force', name)
  await eventually(() => living.size).toBe(0)
  watch.close()
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

/** A folder with a build, and a weave.config.ts for it. */
function application(config: object = {}, version = 'v1', entry = ENTRY): string {
  const folder = mkdtempSync(join(tmpdir(), 'weave-test-'))
  folders.push(folder)
  const components = {
    'app/cart.Cart': {},
    'app/web.Web': { dependencies: ['app/cart.Cart'], listeners: ['web'] },
  }
  const manifest = { ...manifestOf(components, relative(folder, entry)), version }
  writeFileSync(join(folder, 'weave.manifest.json'), JSON.stringify(manifest))
  writeFileSync(join(folder, 'weave.config.ts'), `export default ${JSON.stringify(config)}\n`)
  return folder
}

interface Result {
  code: number | null
  out: string
  err: string
}

async function weave(folder: string, ...args: string[]): Promise<Result> {
  const child = spawn(process.execPath, [CLI, ...args], {
    cwd: folder,
    env: { ...process.env, WEAVE_STATE: state, WATCH: join(state, 'watch') },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let [out, err] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text
  })
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, out: stripVTControlCharacters(out), err: stripVTControlCharacters(err) }
}

/** A CLI is started for each look, and the machine may be busy. */
const eventually = <T>(look: () => T) => expect.poll(look, { timeout: 30_000 })
const detach = (folder: string, ...flags: string[]) =>
  weave(folder, 'deploy', '--detach', '--build', folder, '--placement', 'apart', ...flags)
async function status(name = 'shop'): Promise<Status> {
  const { out, err } = await weave(state, 'status', name, '--json')
  expect(err).toBe('')
  return JSON.parse(out) as Status
}
const pidsOf = ({ processes }: Status) => Object.fromEntries(processes.map(({ process, pid }) => [process, pid]))

async function killDeployer(name = 'shop'): Promise<Status> {
  const before = await status(name)
  process.kill(before.deployer.pid, 'SIGKILL')
  await eventually(async () => (await weave(state, 'status', name)).out).toContain('the deployer is gone')
  return before
}

/** Pages, several at a time, each with a call to another process in it. `stop` says how it went. */
function load(url: string): { answered: () => number; stop(): Promise<string[]> } {
  const failures: string[] = []
  let answered = 0
  let stopped = false
  const one = async () => {
    while (!stopped) {
      try {
        const response = await fetch(url)
        const text = await response.text()
        if (response.status !== 200 || JSON.parse(text).cart === undefined) failures.push(text)
        answered++
      } catch (error) {
        failures.push(String(error))
        await turn()
      }
    }
  }
  const clients = Array.from({ length: 4 }, one)
  return {
    answered: () => answered,
    async stop() {
      stopped = true
      await Promise.all(clients)
      return failures
    },
  }
}

test('the deployer is killed under load and another takes over: nothing restarts, no page and no call fails', async () => {
  const folder = application({ replicas: 2 })
  const begun = await detach(folder)
  expect(begun.code, begun.err).toBe(0)
  expect(begun.out).toContain('ready in')
  const { url } = (await status()).listeners[0]!
  const pages = load(url)
  const more = async (count = 100) => {
    const enough = pages.answered() + count
    await eventually(() => pages.answered()).toBeGreaterThan(enough)
  }
  await more()
  const before = await killDeployer()
  await more()
  const taken = await detach(folder)
  expect(taken.code, taken.err).toBe(0)
  expect(taken.out).toContain('shop v1  taking over what runs')
  const after = await status()
  expect(pidsOf(after)).toEqual(pidsOf(before))
  expect(after.listeners).toEqual(before.listeners)
  expect(after.processes.every(({ state, restarts }) => state === 'ready' && restarts === 0)).toBe(true)
  await more()
  // It manages what it has found as its own.
  expect((await weave(state, 'scale', 'cart', '3')).code).toBe(0)
  await more()
  expect((await weave(state, 'restart', 'cart-1')).code).toBe(0)
  await more()
  // A group that is emptied goes; who is asked about components is not the ingress.
  const renewed = pidsOf(await status())
  expect(await weave(state, 'move', 'Cart', '--to', 'Web')).toMatchObject({ code: 0, err: '' })
  await more()
  expect(await pages.stop()).toEqual([])
  expect(renewed).toMatchObject({ 'cart-3': expect.any(Number) })
  expect(renewed['cart-1']).not.toBe(pidsOf(before)['cart-1'])
  const { 'ingress-1': ingress, 'main-1': main, 'main-2': second } = pidsOf(before)
  expect(pidsOf(await status())).toEqual({ 'ingress-1': ingress, 'main-1': main, 'main-2': second })
  const ended = await weave(state, 'stop')
  expect(ended).toEqual({ code: 0, out: 'shop stopped\n', err: '' })
  expect(living.size).toBe(0)
})

test('what ended while there was no deployer is started again by the next one', async () => {
  const folder = application()
  await detach(folder)
  const before = await killDeployer()
  process.kill(pidsOf(before)['cart-1']!, 'SIGKILL')
  await eventually(() => living.size).toBe(1)
  await detach(folder)
  await eventually(async () => pidsOf(await status())['cart-1']).toEqual(expect.any(Number))
  const after = await status()
  expect(pidsOf(after)['main-1']).toBe(pidsOf(before)['main-1'])
  expect(after.processes.find(({ process }) => process === 'cart-1')).toMatchObject({ restarts: 1 })
  // An adopted one that dies is seen, though it isn't the deployer's child.
  process.kill(pidsOf(after)['main-1']!, 'SIGKILL')
  await eventually(async () => (await status()).processes.find(({ process }) => process === 'main-1')?.restarts).toBe(1)
})

test('main that returns while there is no deployer ends the application when there is one', async () => {
  const folder = application()
  await detach(folder)
  const { listeners } = await killDeployer()
  expect(await (await fetch(`${listeners[0]!.url}/finish`)).text()).toBe('bye')
  const { code, err } = await detach(folder)
  expect(code).toBe(1)
  expect(err).toContain(
    'error The application has ended: in "main-1" main returned while there was no deployer, with exit code 0.',
  )
  await eventually(() => living.size).toBe(0)
  await eventually(async () => (await weave(state, 'status', 'shop')).err).toContain('Nothing is deployed')
})

test('who else wants to deploy it is refused, with what to do', async () => {
  const folder = application()
  await detach(folder)
  const { deployer } = await status()
  const already = `error The application "shop" is deployed already: its deployer has pid ${deployer.pid}; "weave stop shop" ends it.`
  expect(await detach(folder)).toMatchObject({ code: 1, err: expect.stringContaining(already) })
  const inFront = ['deploy', '--build', folder]
  expect(await weave(folder, ...inFront)).toMatchObject({ code: 1, err: expect.stringContaining(already) })
  await killDeployer()
  expect((await weave(folder, ...inFront)).err).toContain(
    'error The application "shop" runs without a deployer; "weave deploy --detach" takes it over, "weave stop shop" ends it.',
  )
  expect(await weave(state, 'scale', 'cart', '2')).toEqual({
    code: 1,
    out: '',
    err: 'error The deployer of "shop" is gone.\n  next  "weave deploy --detach" takes over what runs, and finishes or takes back what was under way.\n',
  })
  expect((await detach(application({}, 'v2'))).err).toContain(
    'error The application "shop" runs in version v1, without a deployer, and this is version v2; "weave stop shop" ends it.',
  )
  expect((await weave(state, 'purge', 'shop')).err).toContain('error "shop" runs: 3 processes.')
  expect(living.size).toBe(2)
  expect(await weave(state, 'stop', 'shop')).toEqual({ code: 0, out: 'shop stopped\n', err: '' })
  expect(living.size).toBe(0)
})

test('two applications side by side; each by its name', async () => {
  const other = application({ name: 'other' })
  const [first, second] = await Promise.all([detach(application()), detach(other, '--replicas', '2')])
  expect([first.code, second.code]).toEqual([0, 0])
  const all = await weave(state, 'status')
  expect(all.code).toBe(0)
  expect(all.out).toMatch(/^other {2}running {2}5 processes ready.*^shop {2}running {2}3 processes ready/ms)
  expect(await weave(state, 'stop')).toMatchObject({
    code: 2,
    err: 'error 2 applications run: other, shop.\n  next  Say which one, after the command.\n',
  })
  expect((await weave(state, 'stop', 'other')).code).toBe(0)
  expect(living.size).toBe(2)
  expect((await weave(state, 'logs', '--app', 'other', 'main-1')).out).toBe('main-1 │ open in main-1\n')
  expect(await weave(state, 'purge', 'other')).toMatchObject({ code: 0, out: 'other is purged\n' })
  expect(readdirSync(state).filter((name) => name !== 'watch')).toEqual(['shop'])
})

test('one that never comes up: exit code 1, why, and what it printed', async () => {
  const folder = application()
  writeFileSync(join(folder, 'broken.mjs'), "console.error('no database')\nprocess.exit(3)\n")
  const broken = application({}, 'v1', join(folder, 'broken.mjs'))
  const { code, err } = await detach(broken)
  expect(code).toBe(1)
  expect(err).toContain(
    'crashed 3 times in a row before the application was ready; the last time it exited with code 3.',
  )
  expect(err).toMatch(/^ {2}\w+-1 │ no database$/m)
  expect((await weave(state, 'status', 'shop')).err).toContain('Nothing is deployed')
})

test('a port in use: exit code 1, and nothing is left', async () => {
  const taken = createServer()
  taken.listen(0, '127.0.0.1')
  await once(taken, 'listening')
  const { port } = taken.address() as { port: number }
  const { code, out, err } = await detach(application({ listeners: { web: { port } } }))
  taken.close()
  expect(code).toBe(1)
  expect(out).not.toContain('is in use')
  expect(err).toContain(`Listener "web": 127.0.0.1:${port} is in use by another program; stop it`)
  expect(err.match(/is in use/g)).toHaveLength(1)
  expect(living.size).toBe(0)
})

test('a process that is stopped is seen, left alone by others, and replaced', async () => {
  const folder = application({ replicas: 2, health: { silentMs: 2_000, killMs: 6_000 } })
  await detach(folder)
  const before = await status()
  const { url } = before.listeners[0]!
  const stopped = pidsOf(before)['cart-1']!
  process.kill(stopped, 'SIGSTOP')
  await eventually(async () => (await status()).processes.find(({ process }) => process === 'cart-1')?.state).toBe(
    'silent',
  )
  const { out, code } = await weave(state, 'status', 'shop')
  expect(code).toBe(1)
  expect(out).toMatch(/cart-1 +silent.*has not answered for \d s/s)
  // Its calls go to the other one.
  for (let page = 0; page < 20; page++) {
    const { cart } = (await (await fetch(url)).json()) as { cart: number }
    expect(cart).not.toBe(stopped)
  }
  await eventually(async () => (await status()).processes.find(({ process }) => process === 'cart-1')).toMatchObject({
    state: 'ready',
    restarts: 1,
  })
})
