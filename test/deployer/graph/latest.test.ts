/** What is asked of a group right now: calls wherever they are counted, beside those that have come to run. */
import { expect, test } from 'vitest'
import { Latest } from '../../../deployer/graph/latest.ts'
import { LIMITS } from '../../../runtime/limits.ts'
import { OUTSIDE } from '../../../runtime/measure/entries.ts'
import { FakeClock } from '../../runtime/fake-clock.ts'
import { CART, edge, IDLE, SHOP, samples } from './samples.ts'

const clock = new FakeClock()
const latest = new Latest(clock)
const told = (process: string, changes: Parameters<typeof samples>[0], rowsMax?: number) => {
  for (const sample of samples(changes, rowsMax)) latest.take(process, sample)
}
const cart = () => latest.asked([CART], ['cart-1', 'cart-2'])

test('calls to a group are those of others, and of its own those that leave the process; each replica says what has come to run', () => {
  told('shop-1', { ms: 2_000, edges: [edge({ calls: 600 }), edge({ callee: SHOP, calls: 50 })] })
  told('cart-1', { begun: 120, edges: [edge({ caller: CART, calls: 100, remote: 30 })] })
  told('cart-2', { begun: 90 })
  expect(cart()).toEqual({ made: 330, begun: 210 })
  expect(latest.asked([SHOP], ['shop-1'])).toEqual({ made: 0, begun: 0 })
})

test('requests from outside come and run where they are counted', () => {
  told('cart-2', { begun: 90, edges: [edge({ caller: OUTSIDE, calls: 40 })] })
  expect(cart()).toEqual({ made: 370, begun: 250 })
})

test('a sample of several lines counts once, in its own time', () => {
  const edges = Array.from({ length: 25 }, (_, index) => edge({ method: `m${index}`, calls: 4 }))
  told('shop-1', { ms: 500, edges }, 10)
  expect(cart().made).toBe(200 + 30 + 40)
})

test('what is told after a while without anything is of the last second, unless the loop was blocked', () => {
  told('shop-1', { ms: 9_000, edges: [edge({ calls: 600 })] })
  told('cart-1', { ms: 4_000, begun: 800, process: { ...IDLE, active: 0.9 } })
  told('cart-2', {})
  expect(cart()).toEqual({ made: 600, begun: 200 })
})

test('what nobody has told for a while is nothing; how busy it was then is still known', () => {
  told('cart-1', { begun: 10, process: { ...IDLE, active: 0.7 } })
  expect(latest.busy('cart-1')).toBe(0.7)
  clock.advance(3 * LIMITS.sampleMs + 1)
  expect(cart()).toEqual({ made: 0, begun: 0 })
  expect([latest.busy('cart-1'), latest.busyThen('cart-1')]).toEqual([undefined, 0.7])
})

test('what has ended is forgotten when another begins, since names are not used twice', () => {
  clock.advance(3 * LIMITS.sampleIdleMs)
  told('cart-2', {})
  expect(latest.busyThen('cart-1')).toBe(0.7)
  told('cart-3', {})
  expect([latest.busyThen('cart-1'), latest.busyThen('cart-2')]).toEqual([undefined, IDLE.active])
})
