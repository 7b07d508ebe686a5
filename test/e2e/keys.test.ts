/** Calls by routing key, for real: on every placement a key has one replica, and keeps it while others come and go under load. */
import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { bucketOf, hashKey } from '../../runtime/calls/slices.ts'
import { weave } from './deployment.ts'
import { type Answer, affinityOf, answersIn, movedKeys, type RunningTally, startTally } from './tally.ts'

let tally: RunningTally | undefined
afterEach(async () => {
  await tally?.close().catch(() => {})
  tally = undefined
})

const KEYS = 60

/** Each call of a key has come to one replica, one after the other. */
function expectOneReplicaEach(answers: ReturnType<typeof answersIn>, replicas: number): void {
  expect(affinityOf(answers)).toEqual({ calls: answers.length, failed: [], doubled: 0, moved: 0, byOthers: 0 })
  expect(new Set(answers.map(({ key }) => key)).size).toBe(KEYS)
  expect(new Set(answers.map(({ by }) => by)).size).toBe(replicas)
}

describe('a key has one replica', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'weave-keys-'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  test.each([
    { way: ['run'], replicas: 1 },
    { way: ['run', '--isolated'], replicas: 1 },
    { way: ['deploy', '--placement', 'together', '--replicas', '2'], replicas: 2 },
    { way: ['deploy', '--placement', 'apart', '--replicas', '3'], replicas: 3 },
    { way: ['deploy', '--placement', 'apart', '--replicas', '3', '--transport', 'tcp'], replicas: 3 },
    { way: ['deploy', '--placement', 'apart', '--replicas', '2', '--transport', 'grpc'], replicas: 2 },
  ])('$way', { timeout: 60_000 }, async ({ way, replicas }) => {
    const env = { ...process.env, TALLY: JSON.stringify({ folder }), WEAVE_STATE: join(folder, 'state') }
    const cwd = join(import.meta.dirname, 'apps', 'tally')
    const ended = Promise.withResolvers<string>()
    execFile(process.execPath, [weave, ...way], { cwd, env }, (error, stdout, stderr) =>
      error ? ended.reject(new Error(stdout + stderr)) : ended.resolve(stdout),
    )
    await ended.promise
    expectOneReplicaEach(answersIn(readFileSync(join(folder, 'answers'), 'utf8')), replicas)
  })
})

test('replicas come and go under load: no call fails, and only keys of who comes or goes have another', {
  timeout: 90_000,
}, async () => {
  tally = await startTally({ config: { replicas: { Tally: 2 } }, workers: 8, keys: 500 })
  const { deployment, answers, errors } = tally
  const more = (count: number) => {
    const before = answers().length
    return expect.poll(() => answers().length, { timeout: 30_000 }).toBeGreaterThan(before + count)
  }
  await more(2_000)
  for (const { replicas, changed } of [
    { replicas: 3, changed: 1 / 3 },
    { replicas: 2, changed: 1 / 3 },
  ]) {
    const from = answers().length
    await more(2_000)
    await deployment.scale('Tally', replicas)
    await more(4_000)
    const { failed, doubled, moved, byOthers, calls } = affinityOf(answers().slice(from))
    expect(failed, errors()).toEqual([])
    expect(doubled).toBe(0)
    expect(moved / 500).toBeLessThan(changed * 1.2)
    expect(moved / 500).toBeGreaterThan(changed * 0.7)
    // Callers hear of it at different times, some milliseconds apart.
    expect(byOthers / calls).toBeLessThan(0.01)
  }
  const keys = deployment.processes().flatMap((process) => (process.keys ? [process.keys.share] : []))
  expect(keys).toHaveLength(2)
  expect(keys[0]! + keys[1]!).toBeCloseTo(1)
  expect(await tally.close()).toBe(0)
  tally = undefined
})

/** Answers that came from a key's former owner when the new one had answered already. */
function afterOthers(answers: readonly Answer[]): number {
  const late = [...Map.groupBy(answers, ({ key }) => key).values()].map((own) => {
    const [first, last] = [own[0]!.by, own.at(-1)!.by]
    return first === last
      ? 0
      : own.slice(own.findIndex(({ by }) => by === last)).filter(({ by }) => by === first).length
  })
  return late.reduce((sum, each) => sum + each, 0)
}

test('what waits at a replica when its keys move is answered there, once, also by one that leaves', {
  timeout: 90_000,
}, async () => {
  // Some hundred calls wait in front of each replica, for a second.
  tally = await startTally({ config: { replicas: { Tally: 2 } }, workers: 400, keys: 400, holdMs: 3 })
  const { deployment, answers, errors } = tally
  await more(800)
  let late = 0
  for (const replicas of [3, 2]) {
    const from = answers().length
    await deployment.scale('Tally', replicas)
    await more(2_000)
    const since = answers().slice(from)
    const { failed, doubled } = affinityOf(since)
    expect([failed, doubled], errors()).toEqual([[], 0])
    late += afterOthers(since)
  }
  expect(late).toBeGreaterThan(0)
  expect(affinityOf(answers())).toMatchObject({ failed: [], doubled: 0 })
  expect(await tally.close()).toBe(0)
  tally = undefined
})

/** Where at least so many more calls have been answered. */
async function more(count: number): Promise<void> {
  const before = tally!.answers().length
  await expect.poll(() => tally!.answers().length, { timeout: 60_000 }).toBeGreaterThan(before + count)
}

/** Of the answers, how many times the mean the replica has that gave most. */
function imbalanceOf(answers: readonly Answer[]): number {
  const counts = [...Map.groupBy(answers, ({ by }) => by).values()].map(({ length }) => length)
  return (Math.max(...counts) * counts.length) / answers.length
}

test('a slice of hot keys is split between replicas under load, and each key goes on having one', {
  timeout: 180_000,
}, async () => {
  // In a row, and all owned by the first of two replicas at the start.
  const hot = Array.from({ length: 2_000 }, (_, index) => `hot-${index}`)
    .filter((key) => bucketOf(hashKey(key)) < 48)
    .slice(0, 60)
  // Once, so that all that moves later moves because a replica joins or leaves.
  const config = { replicas: { Tally: 2 }, routing: { rebalanceEveryMs: 600_000 } }
  tally = await startTally({ config, workers: 12, keys: 500, hot, holdMs: 3 })
  const { deployment, answers, errors, events } = tally
  const rebalanced = () => events.filter((event) => event.type === 'rebalanced')
  await expect.poll(() => rebalanced().length, { timeout: 60_000 }).toBe(1)
  const { keys, from, to } = rebalanced()[0]!
  expect(keys).toBeLessThanOrEqual(0.1)
  expect(from).toBeGreaterThan(1.3)
  expect(to).toBeLessThan(1.2)
  const before = answers()
  expect(imbalanceOf(before.slice(0, -200))).toBeGreaterThan(1.35)
  await more(2_000)
  const all = answers()
  expect(imbalanceOf(all.slice(-1_500))).toBeLessThan(1.25)
  const affinity = affinityOf(all)
  expect(affinity.failed, errors()).toEqual([])
  expect(affinity.doubled).toBe(0)
  expect(affinity.byOthers / affinity.calls).toBeLessThan(0.01)
  const moved = movedKeys(all)
  // Hot ones, and what lies between them.
  expect(moved.filter((key) => key.startsWith('hot')).length / hot.length).toBeGreaterThan(0.25)
  expect(moved.filter((key) => key.startsWith('key')).length / 500).toBeLessThan(2 * keys + 0.02)
  const [status] = deployment.groups()
  expect(status!.keys!.imbalance).toBeLessThan(1.25)
  expect(status!.keys!.why).toContain(`of keys moved, since the busiest replica had ${from} times the mean load`)
  const owned = deployment.processes().flatMap((process) => process.keys ?? [])
  expect(Math.max(...owned.map(({ slices }) => slices))).toBeGreaterThan(1)
  // What joins or leaves now changes no more than before.
  for (const replicas of [3, 2]) {
    const at = answers().length
    await more(1_500)
    await deployment.scale('Tally', replicas)
    await more(1_500)
    const after = answers().slice(at)
    const { failed, doubled } = affinityOf(after)
    expect(failed, errors()).toEqual([])
    expect(doubled).toBe(0)
    expect(movedKeys(after).filter((key) => key.startsWith('key')).length / 500).toBeLessThan(1.2 / 3)
  }
  expect(await tally.close()).toBe(0)
  tally = undefined
})
