/**
 * Who owns which routing keys outlives the deployer: from the command line, over TLS, slices that load has split are the same after it was killed
 * and another one has taken over, and replicas can be added and taken away then. Calls are made all the time and audited at the end.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Status } from '../../deployer/index.ts'
import { bucketOf, hashKey } from '../../runtime/calls/slices.ts'
import { weave } from './deployment.ts'
import { affinityOf, answersIn, movedKeys } from './tally.ts'

const PROJECT = join(import.meta.dirname, 'apps', 'tally')
const KEYS = 300

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'weave-keys-'))
})
afterEach(async () => {
  await cli('purge', '--force', 'tally')
  rmSync(folder, { recursive: true })
})

// In a row, and all owned by the first of two replicas at the start.
const hot = Array.from({ length: 2_000 }, (_, index) => `hot-${index}`)
  .filter((key) => bucketOf(hashKey(key)) < 48)
  .slice(0, 60)

async function cli(...args: string[]): Promise<{ code: number | null; out: string }> {
  const desk = { folder, workers: 8, keys: KEYS, calls: 0, hot, holdMs: 3, replicas: { Tally: 2 } }
  const env = { ...process.env, TALLY: JSON.stringify(desk), WEAVE_STATE: join(folder, 'state') }
  const child = spawn(process.execPath, [weave, ...args], { cwd: PROJECT, env, stdio: ['ignore', 'pipe', 'pipe'] })
  let out = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      out += text
    })
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, out }
}

async function status(): Promise<Status> {
  return JSON.parse((await cli('status', '--json', 'tally')).out)
}

const deploy = () => cli('deploy', '--detach', '--placement', 'apart', '--transport', 'tls')
const answers = () => answersIn(readFileSync(join(folder, 'answers'), 'utf8'))
const ownedIn = ({ processes }: Status) =>
  processes.map(({ process, pid, keys }) => [process, pid, keys?.share, keys?.slices])

async function more(count: number): Promise<void> {
  const before = answers().length
  await expect.poll(() => answers().length, { timeout: 60_000 }).toBeGreaterThan(before + count)
}

test('slices are the same after a takeover, and replicas come and go then, over TLS', {
  timeout: 240_000,
}, async () => {
  expect(await deploy()).toMatchObject({ code: 0 })
  const keysStatus = async () => (await status()).groups.find(({ group }) => group === 'tally')!.keys!
  await expect.poll(async () => (await keysStatus()).why, { timeout: 60_000 }).toContain('of keys moved')
  expect((await cli('status', 'tally')).out).toMatch(/\d+ % of keys in [2-9] slices, \d+ calls\/s/)
  // So that all callers know of it.
  await more(500)
  const from = answers().length
  const before = await status()
  process.kill(before.deployer.pid, 'SIGKILL')
  await more(500)
  expect((await cli('status', 'tally')).out).toContain('the deployer is gone')
  expect(await deploy()).toMatchObject({ code: 0 })
  await more(500)
  const after = await status()
  expect(after.deployer.pid).not.toBe(before.deployer.pid)
  expect(ownedIn(after)).toEqual(ownedIn(before))
  const calls = answers().slice(from)
  expect(affinityOf(calls)).toEqual({ calls: calls.length, failed: [], doubled: 0, moved: 0, byOthers: 0 })

  for (const replicas of [3, 2]) {
    const at = answers().length
    await more(3 * KEYS)
    expect(await cli('scale', 'Tally', String(replicas))).toMatchObject({ code: 0 })
    await more(3 * KEYS)
    const { failed, doubled } = affinityOf(answers().slice(at))
    expect([failed, doubled]).toEqual([[], 0])
    const moved = movedKeys(answers().slice(at)).filter((key) => key.startsWith('key'))
    expect(moved.length / KEYS).toBeLessThan(1.2 / 3)
    // Fewer than a third where some of them are hot.
    expect(moved.length).toBeGreaterThan(0)
    const { processes } = await status()
    const owned = processes.flatMap(({ keys }) => keys ?? [])
    expect(owned).toHaveLength(replicas)
    expect(owned.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 2)
  }
  expect(await cli('stop', 'tally')).toMatchObject({ code: 0 })
  expect(affinityOf(answers()).doubled).toBe(0)
})
