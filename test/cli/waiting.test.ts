/** What a command that waits for a change says meanwhile. */
import { expect, test } from 'vitest'
import { waitingText } from '../../cli/deployments/deployments.ts'
import type { Status } from '../../deployer/status.ts'

function status(states: string[], move: object | null = null): Status {
  const processes = states.map((state, index) => ({ process: `cart-${index + 1}`, state }))
  return { application: 'shop', processes, move } as unknown as Status
}

test('processes that are not ready, and where calls have time to end, how long and where they are named', () => {
  expect(waitingText(status(['ready', 'starting']))).toBe('waiting for cart-2 (starting)')
  expect(waitingText(status(['draining', 'ready']))).toBe(
    'waiting for cart-1 (draining); calls have 10 s to end, "weave logs shop" names them',
  )
})

test('a move, where it stands; nothing when all is there', () => {
  const move = { components: ['src/cart.Cart'], from: 'main', to: 'cart', state: { kind: 'draining' } }
  expect(waitingText(status(['ready'], move))).toBe(
    'waiting for Cart to move from main to cart (draining); calls have 10 s to end, "weave logs shop" names them',
  )
  expect(waitingText(status(['ready'], { ...move, state: { kind: 'done' } }))).toBeUndefined()
})
