/** The records of a deployment, and the lock, which the kernel must drop when its holder is killed. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { DEPLOYER_LIMITS } from '../../deployer/limits.ts'
import { DeployerLock } from '../../deployer/state/lock.ts'
import { pidStart, runsStill } from '../../deployer/state/pid.ts'
import { Store, trialsIn } from '../../deployer/state/store.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'weave-test-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const record = {
  application: 'shop',
  version: 'v1',
  detached: true,
  sockets: '/tmp/weave-1',
  directory: '/app',
  config: { replicas: 2 },
  deployer: { pid: 1, start: '5' },
  sinceMs: 1,
  groups: [{ name: 'cart', components: ['a.Cart'], replicas: 2 }],
}
const process_ = (name: string, lives: number) => ({
  process: name,
  group: 'cart',
  slot: 0,
  index: 0,
  lives,
  state: 'ready' as const,
  pid: 7,
  start: '9',
  address: '/a',
  mainFinished: false,
  listens: { web: '/l1' },
})

test('what is written is found by whoever opens it next, the newest of each process', () => {
  const path = join(folder, 'state.db')
  const store = new Store(path)
  expect(store.deployment()).toBe(undefined)
  store.saveDeployment(record)
  for (const lives of [1, 2]) store.saveProcess(process_('cart-1', lives))
  store.saveProcess(process_('cart-2', 1))
  store.removeProcess('cart-2')
  // As after SIGKILL: nothing has been closed.
  const next = new Store(path)
  expect(next.deployment()).toEqual(record)
  expect(next.processes()).toEqual([process_('cart-1', 2)])
  next.end()
  expect(next.deployment()).toBe(undefined)
  next.close()
  store.close()
})

test('events are bounded; the newest are kept, with their numbers', () => {
  const store = new Store(join(folder, 'state.db'))
  const count = DEPLOYER_LIMITS.eventsMax + 150
  for (let number = 1; number <= count; number++) store.saveEvent({ type: 'ready', durationMs: number }, number)
  expect(store.events(0, count).length).toBeLessThanOrEqual(DEPLOYER_LIMITS.eventsMax + 100)
  expect(store.events(0, 2).map(({ id }) => id)).toEqual([count - 1, count])
  expect(store.events(count - 1, 10)).toEqual([
    { id: count, timeMs: count, event: { type: 'ready', durationMs: count } },
  ])
  store.close()
})

test('one deployer has the lock, until it is killed', async () => {
  const path = join(folder, 'lock.db')
  const module = join(import.meta.dirname, '..', '..', 'deployer', 'state', 'lock.ts')
  const text = `
    import { DeployerLock } from ${JSON.stringify(module)}
    console.log(DeployerLock.take(${JSON.stringify(path)}) === undefined ? 'refused' : 'taken')
    setInterval(() => {}, 1000)
  `
  const child = spawn(process.execPath, ['--input-type=module', '-e', text], { stdio: ['ignore', 'pipe', 'pipe'] })
  let warned = ''
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    warned += chunk
  })
  const [said] = (await once(child.stdout, 'data')) as [Buffer]
  expect(said.toString().trim()).toBe('taken')
  expect(DeployerLock.take(path)).toBe(undefined)
  child.kill('SIGKILL')
  await once(child, 'close')
  expect(warned).toBe('')
  const lock = DeployerLock.take(path)
  expect(lock).toBeDefined()
  expect(DeployerLock.take(path)).toBe(undefined)
  lock!.release()
  DeployerLock.take(path)!.release()
})

test('a process is its number and its beginning', async () => {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'])
  const start = pidStart(child.pid!)!
  expect(runsStill({ pid: child.pid!, start })).toBe(true)
  expect(runsStill({ pid: process.pid, start })).toBe(false)
  child.kill('SIGKILL')
  await once(child, 'exit')
  expect(runsStill({ pid: child.pid!, start })).toBe(false)
  expect(pidStart(2 ** 22 + 1)).toBe(undefined)
})

test('trials are kept by number, the newest first, also when all has ended; those that nobody measures any more say so', () => {
  const path = join(folder, 'state.db')
  const store = new Store(path)
  const trial = (id: number, state: 'measuring' | 'kept') => ({
    id,
    atMs: id,
    moves: [],
    before: { requestsPerSecond: 1, cpuMsPerRequest: 2, latencyMs: 3 },
    predicted: { requestsPerSecond: 1, cpuMsPerRequest: 2, latencyMs: 3 },
    measured: null,
    state,
    why: '',
  })
  store.saveTrial(trial(1, 'measuring'))
  store.saveTrial(trial(1, 'kept'))
  store.saveTrial(trial(2, 'measuring'))
  expect(store.trials(10).map(({ id, state }) => [id, state])).toEqual([
    [2, 'measuring'],
    [1, 'kept'],
  ])
  store.trialsEnded()
  store.end()
  store.close()
  expect(trialsIn(path, 1)).toMatchObject([{ id: 2, state: 'unmeasured', why: 'It ended before it was measured.' }])
  const again = new Store(path)
  again.saveTrial(trial(2 + DEPLOYER_LIMITS.trialsMax, 'kept'))
  expect(again.trials(10)).toHaveLength(1)
  again.close()
})
