/** How often calls are made again. */
import { expect, test } from 'vitest'
import { pauseMs, RetryBudget } from '../../runtime/calls/retry.ts'
import { LIMITS } from '../../runtime/limits.ts'

function taken(budget: RetryBudget, now: number, calls: number): number {
  let count = 0
  while (budget.take(now, calls)) count++
  return count
}

test('a budget begins full, and is a share of the calls that are made', () => {
  const budget = new RetryBudget(0)
  expect(taken(budget, 0, 0)).toBe(LIMITS.retryBurst)
  expect(taken(budget, 0, 500)).toBe(500 * LIMITS.retryShare)
  expect(taken(budget, 0, 500)).toBe(0)
})

test('it holds no more than a burst, however many calls are made', () => {
  const budget = new RetryBudget(0)
  expect(taken(budget, 0, 1_000_000)).toBe(LIMITS.retryBurst)
})

test('an edge that makes few calls may repeat some each second', () => {
  const budget = new RetryBudget(0)
  taken(budget, 0, 0)
  expect(taken(budget, 3_000, 0)).toBe(3 * LIMITS.retriesPerSecond)
})

test('pauses double, are random, and end at a cap', () => {
  const longest = () => 1
  expect([1, 2, 3].map((attempt) => pauseMs(attempt, longest))).toEqual([10, 20, 40])
  expect(pauseMs(60, longest)).toBe(LIMITS.retryBackoffMsMax)
  expect(pauseMs(3, () => 0.25)).toBe(10)
})
