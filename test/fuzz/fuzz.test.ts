/** A few hundred thousand hostile inputs for everything that reads bytes of others. `npm run fuzz -- --minutes 60` for as long as you like. */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { Coverage } from './coverage.ts'
import { fuzz } from './loop.ts'
import { seeded } from './mutate.ts'
import { planted } from './planted.ts'

test('the loop finds what is hidden behind four exact bytes, and makes it small', async () => {
  const coverage = new Coverage((url) => url.includes('planted'))
  const target = { name: 'planted', seeds: [new Uint8Array(8)], tokens: [], run: planted }
  const { failure } = await fuzz(target, { coverage, random: seeded(1), corpus: [], runsMax: 1_000_000 })
  coverage.stop()
  expect(String(failure?.error)).toBe('Error: The planted mistake was found.')
  expect([...failure!.input]).toEqual([0xc0, 0xff, 0x1e, 0x57])
})

test('an input that is refused for its time or memory is a failure too', async () => {
  const coverage = new Coverage(() => false)
  const options = { coverage, random: seeded(1), corpus: [], runsMax: 1 }
  const held: Uint8Array[] = []
  const greedy = { name: 'greedy', seeds: [Uint8Array.of(200)], tokens: [], run: grow }
  function grow([megabytes = 0]: Uint8Array): void {
    for (let at = 0; at < megabytes * 4; at++) held.push(new Uint8Array(1024 * 1024))
  }
  const { failure } = await fuzz(greedy, options)
  coverage.stop()
  expect(String(failure?.error)).toMatch(/^Error: It took \d+ bytes of memory\.$/)
})

// The same seed and the same runs: what this does on one machine it does on all of them.
test.each([
  ['frames', 200_000],
  ['codec', 150_000],
  ['server', 5_000],
  ['client', 3_000],
])(
  '%s: any bytes give a value or a protocol error',
  (target, runs) => {
    const run = join(import.meta.dirname, 'run.ts')
    const { status, stderr } = spawnSync(process.execPath, [run, target, '--runs', String(runs)], { encoding: 'utf8' })
    expect(stderr).toBe('')
    expect(status).toBe(0)
  },
  240_000,
)
