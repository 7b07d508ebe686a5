/** How a channel stands with those who choose one, and when it connects again. */
import { expect, test } from 'vitest'
import { WeaveError } from '../../runtime/errors.ts'
import { LIMITS } from '../../runtime/limits.ts'
import type { PeerChannelOptions } from '../../runtime/transport/peer.ts'
import { Standing } from '../../runtime/transport/standing.ts'

function standing() {
  const lines: string[] = []
  let changes = 0
  const log = { warn: (text: string) => void lines.push(text), error: (text: string) => void lines.push(text) }
  const changed = () => {
    changes++
  }
  const options = { process: 'cart-1', address: '/run/cart-1', random: () => 1, log, changed }
  // The rest of the options is the transport's.
  return { standing: new Standing(options as unknown as PeerChannelOptions), lines, changes: () => changes }
}

const refusal = new WeaveError('Process "cart-1" is of another version.', { code: 'WV_VERSION' })

test('only what makes a difference to who chooses is told', () => {
  const { standing: it, changes } = standing()
  const seen = (['connecting', 'open', 'draining', 'paused', 'closed'] as const).map((kind) => {
    it.entered(kind)
    return [it.open, it.coming, changes()]
  })
  expect(seen).toEqual([
    [false, true, 1],
    [true, false, 2],
    [false, false, 3],
    [false, false, 3],
    [false, false, 3],
  ])
})

test('a second attempt is nothing that is waited for', () => {
  const { standing: it } = standing()
  it.entered('connecting')
  it.pauseMs()
  it.entered('connecting')
  expect(it.coming).toBe(false)
})

test('the first pause is none, those after it grow to a cap, and a good greeting forgets them', () => {
  const { standing: it } = standing()
  const pauses = Array.from({ length: 12 }, () => it.pauseMs())
  expect(pauses.slice(0, 4)).toEqual([0, LIMITS.reconnectMs, LIMITS.reconnectMs * 2, LIMITS.reconnectMs * 4])
  expect(pauses.at(-1)).toBe(LIMITS.reconnectMsMax)
  it.greeted()
  expect(it.pauseMs()).toBe(0)
})

test('a peer that refuses is asked again after the longest pause, and named in the log once for a reason', () => {
  const { standing: it, lines, changes } = standing()
  for (let attempt = 0; attempt < 3; attempt++) {
    it.refused(refusal)
    it.entered('paused')
  }
  expect(lines).toEqual(['a connection was refused'])
  // Told each time: calls that wait are failed for that reason.
  expect(changes()).toBe(3)
  it.pauseMs()
  expect(it.pauseMs()).toBe(LIMITS.reconnectMsMax)
  it.greeted()
  expect(it.refusal).toBeUndefined()
})

test('another process at the address is said', () => {
  const { standing: it, lines } = standing()
  expect([it.isExpected('cart-1'), it.isExpected('ads-1')]).toEqual([true, false])
  expect(lines).toEqual(['another process answers at an address'])
})
