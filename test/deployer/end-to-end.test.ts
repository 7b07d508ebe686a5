/** Real processes of a hand-written application, from the command line down: `weave deploy --build`. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { createInterface } from 'node:readline'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { DeployEvent } from '../../deployer/events.ts'
import { manifestOf } from './manifests.ts'

const ENTRY = join(import.meta.dirname, 'apps', 'web.ts')
const CLI = join(import.meta.dirname, '..', '..', 'cli', 'main.ts')

let directory: string
let watch: Server
/** Of every process of the application that lives. */
let living: Set<Socket>
let child: ChildProcess
let events: DeployEvent[]
let said: string
let watching: Set<() => void>

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'weave-test-'))
  const manifest = manifestOf(
    { 'app/cart.Cart': {}, 'app/web.Web': { dependencies: ['app/cart.Cart'], listeners: ['web'] } },
    relative(directory, ENTRY),
  )
  writeFileSync(join(directory, 'weave.manifest.json'), JSON.stringify(manifest))
  living = new Set()
  events = []
  said = ''
  watching = new Set()
  watch = createServer((socket) => {
    living.add(socket)
    socket.on('error', () => {})
    socket.resume().once('close', () => {
      living.delete(socket)
      look()
    })
  })
  watch.listen(join(directory, 'watch'))
  await once(watch, 'listening')
})
afterEach(async () => {
  child.kill('SIGINT')
  await until(() => living.size === 0)
  watch.close()
  rmSync(directory, { recursive: true })
})

function look(): void {
  for (const each of [...watching]) each()
}
/** Resolves when an event, output or an exit has made it so. */
function until(holds: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    const check = () => {
      if (!holds()) return
      watching.delete(check)
      resolve()
    }
    watching.add(check)
    check()
  })
}
async function event<T extends DeployEvent['type']>(type: T, past = 0): Promise<Extract<DeployEvent, { type: T }>> {
  const found = () => events.filter((each) => each.type === type)[past]
  await until(() => found() !== undefined)
  return found() as Extract<DeployEvent, { type: T }>
}

function deploy(...flags: string[]): Promise<[number | null, NodeJS.Signals | null]> {
  child = spawn(process.execPath, [CLI, 'deploy', '--build', directory, ...flags], {
    env: { ...process.env, WATCH: join(directory, 'watch') },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  createInterface({ input: child.stdout! }).on('line', (line) => {
    if (line.startsWith('{')) events.push(JSON.parse(line) as DeployEvent)
    else said += `${line}\n`
    look()
  })
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    said += text
    look()
  })
  return once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>
}
interface Pids {
  web: number
  cart: number
}
const page = async (path = '/') => (await fetch(`${(await event('listener')).url}${path}`)).text()
const pids = async () => JSON.parse(await page()) as Pids

const placements = [
  { name: 'together', flags: ['--placement', 'together'], processes: 1, webs: 1 },
  { name: 'apart', flags: ['--placement', 'apart'], processes: 2, webs: 1 },
  { name: 'together, 2 replicas', flags: ['--replicas', '2'], processes: 2, webs: 2 },
  { name: 'apart, 2 replicas', flags: ['--placement', 'apart', '--replicas', '2'], processes: 4, webs: 2 },
]
for (const { name, flags, processes, webs } of placements)
  describe(name, () => {
    test('serves at one address and stops on Ctrl-C', async () => {
      const exit = deploy('--json', ...flags)
      await event('ready')
      expect(events.filter(({ type }) => type === 'process-started')).toHaveLength(processes)
      const seen = new Set<number>()
      while (seen.size < webs) {
        const { web, cart } = await pids()
        seen.add(web)
        expect(cart === web).toBe(name.startsWith('together'))
      }
      child.kill('SIGINT')
      expect(await exit, said).toEqual([0, null])
      expect(living.size).toBe(0)
    })
  })

test('main that returns ends it with 0', async () => {
  const exit = deploy('--json', '--placement', 'apart')
  expect(await page('/finish')).toBe('bye')
  expect(await exit, said).toEqual([0, null])
})

test('main that throws ends it with 1, and the error is shown', async () => {
  const exit = deploy('--json', '--placement', 'apart')
  await page('/fail')
  expect(await exit).toEqual([1, null])
  expect(said).toMatch(/^main-1 +│ Error: asked to fail$/m)
})

test('a process that is killed comes back, and no idempotent call fails', async () => {
  const exit = deploy('--json', '--placement', 'apart')
  const first = await pids()
  process.kill(first.cart, 'SIGKILL')
  // This one waits for the process that takes the killed one's place.
  const second = await pids()
  expect(second.web).toBe(first.web)
  expect(second.cart).not.toBe(first.cart)
  process.kill(second.web, 'SIGKILL')
  await event('process-exited', 1)
  const third = await pids()
  expect(third.cart).toBe(second.cart)
  expect(third.web).not.toBe(first.web)
  child.kill('SIGTERM')
  expect(await exit, said).toEqual([0, null])
})

test('processes do not outlive a deployer that is killed', async () => {
  const exit = deploy('--json', '--placement', 'apart', '--replicas', '2')
  await pids()
  await until(() => living.size === 4)
  child.kill('SIGKILL')
  await exit
  await until(() => living.size === 0)
})

test('--raw hands the output on as it is; words of our own go to stderr', async () => {
  const exit = deploy('--raw')
  let stdout = ''
  child.stdout!.on('data', (chunk: Buffer) => {
    stdout += chunk
  })
  await until(() => said.includes('open in') && said.includes('ready in'))
  child.kill('SIGINT')
  expect(await exit).toEqual([0, null])
  expect(stdout).toBe('open in main-1\n')
})

test('without flags: a table, then the lines of the processes with their names', async () => {
  const exit = deploy('--placement', 'apart')
  let stdout = ''
  child.stdout!.on('data', (chunk: Buffer) => {
    stdout += chunk
  })
  await until(() => said.includes('open in'))
  child.kill('SIGINT')
  await exit
  expect(stdout.replace(/\d+ ms/, '7 ms').replace(/:\d{4,5}/, ':8080')).toBe(
    [
      'shop v1  starting 2 processes',
      '',
      '  cart-1  Cart',
      '  main-1  Web',
      '',
      '  web     http://127.0.0.1:8080',
      '',
      '  ready in 7 ms · Ctrl-C stops',
      '',
      'main-1 │ open in main-1',
      'stopping · Ctrl-C again kills what is left',
      'stopped',
      '',
    ].join('\n'),
  )
})
