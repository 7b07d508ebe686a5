/** Components move while calls run, for real: each call is counted at both ends. bench/moves.ts does the same for longer, and kills processes. */
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
  ['Desk', 'main'],
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
    const { made: calls, done, streams, ...wrong } = books
    expect(wrong, errors()).toEqual({ lost: [], twice: [], refused: [], untrue: [], unknown: [], unfinished: [] })
    expect(streams).toMatchObject({ broken: [], cut: [] })
    expect(done).toBe(calls)
    expect(streams.whole).toBeGreaterThan(0)
    expect(exitCode).toBe(0)
  })
})
