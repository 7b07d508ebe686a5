/** Components move while calls run, for real: each call is counted at both ends. bench/moves.ts does the same for longer, and kills processes. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { type RunningLedger, startLedger } from './ledger.ts'

let ledger: RunningLedger | undefined
afterEach(async () => {
  await ledger?.deployment.stop()
  ledger = undefined
})

const MOVES: [component: string, to: string][] = [
  ['Ledger', 'desk'],
  ['Ledger', 'main'],
  ['Desk', 'main'],
  ['Ledger', 'new'],
  ['Desk', 'Ledger'],
  ['Ledger', 'new'],
  ['Counter', 'main'],
  ['Counter', 'new'],
  ['Desk', 'main'],
  ['Counter', 'Ledger'],
]

describe.each(['unix', 'tls', 'grpc'] as const)('over %s', (transport) => {
  test('no call is lost, none runs twice, every stream is whole', { timeout: 120_000 }, async () => {
    ledger = await startLedger({ transport, workers: 8 })
    const { deployment, errors, made } = ledger
    for (const [component, to] of MOVES) {
      const before = made()
      expect((await deployment.move([component], to)).state, errors()).toEqual({ kind: 'done' })
      // The next one begins when calls have gone where this one has led.
      await expect.poll(made, { timeout: 30_000 }).toBeGreaterThan(before + 100)
    }
    const { books, exitCode } = await ledger.close()
    const { made: calls, done, streams, counts, ...wrong } = books
    // What is kept in memory went along each time.
    expect(counts).toMatchObject({ wrong: [], failed: [] })
    expect(counts.counted).toBeGreaterThan(100)
    expect(wrong, errors()).toEqual({ lost: [], twice: [], refused: [], untrue: [], unknown: [], unfinished: [] })
    expect(streams).toMatchObject({ broken: [], cut: [] })
    expect(done).toBe(calls)
    expect(streams.whole).toBeGreaterThan(0)
    expect(exitCode).toBe(0)
  })
})

describe('what keeps its state in memory', () => {
  test.each(['handOver', 'takeOver'])(
    'serves on where it is when %s fails, and goes when it does not',
    { timeout: 60_000 },
    async (stage) => {
      ledger = await startLedger({ workers: 2 })
      const { deployment, folder, events } = ledger
      writeFileSync(join(folder, `fail-at-${stage}`), 'no ink')
      const error = await deployment.move(['Counter'], 'desk').catch((thrown) => thrown)
      const place = stage === 'handOver' ? 'counter-1' : 'desk-1'
      expect(error.message).toBe(`Counter could not move to "desk": in "${place}" no ink. Everything is as it was.`)
      expect(events).toContainEqual(expect.objectContaining({ type: 'move-undone', reason: `in "${place}" no ink.` }))
      expect(deployment.processes().find(({ process }) => process === 'counter-1')).toMatchObject({
        state: 'ready',
        restarts: 0,
      })
      await deployment.move(['Counter'], 'desk')
      const { books, exitCode } = await ledger.close()
      expect(books.counts).toMatchObject({ wrong: [], failed: [] })
      expect(books.counts.counted).toBeGreaterThan(0)
      expect(exitCode).toBe(0)
    },
  )
})

describe('a process is killed in the middle of a move', () => {
  test.each([
    ['starting', 'ledger-1', 'undone or done'],
    ['starting', 'desk-1', 'undone'],
    ['switching', 'ledger-1', 'done'],
    ['switching', 'desk-1', 'done'],
    ['draining', 'ledger-1', 'done'],
    ['draining', 'desk-1', 'done'],
    ['draining', 'main-1', 'done'],
  ] as const)(
    'at %s, %s: %s; what it had in hand may have run, and nothing else fails',
    { timeout: 60_000 },
    async (step, victim, outcome) => {
      let killed = false
      ledger = await startLedger({
        workers: 8,
        onEvent: (event) => {
          if (killed || event.type !== 'move-step' || event.step !== step) return
          killed = true
          process.kill(ledger!.deployment.processes().find(({ process }) => process === victim)!.pid!, 'SIGKILL')
        },
      })
      const { deployment, made } = ledger
      const state = await deployment.move(['Ledger'], 'desk').then(
        ({ state }) => state.kind,
        () => 'undone',
      )
      expect(outcome).toContain(state)
      await expect
        .poll(() => deployment.processes().every(({ state }) => state === 'ready'), { timeout: 30_000 })
        .toBe(true)
      const before = made()
      await expect.poll(made, { timeout: 30_000 }).toBeGreaterThan(before + 100)
      // Not to main: groups that call each other are stopped together, and then calls between them are refused.
      expect((await deployment.move(['Ledger'], state === 'done' ? 'new' : 'desk')).state).toEqual({ kind: 'done' })
      const { books, exitCode } = await ledger.close()
      const { lost, twice, untrue, refused, streams, counts } = books
      expect({ lost, twice, untrue, refused, broken: streams.broken }).toEqual({
        lost: [],
        twice: [],
        untrue: [],
        refused: [],
        broken: [],
      })
      // Where the caller was killed, nobody knows what it had counted.
      expect(counts).toMatchObject({ wrong: [], failed: [] })
      expect(exitCode).toBe(0)
    },
  )
})
