/** What an edge counts: every call, and of one in so many how long it took and whether it failed. */
import { expect, test } from 'vitest'
import { EdgeCounts, LATENCY_BUCKETS } from '../../runtime/edge-counts.ts'
import { LIMITS } from '../../runtime/limits.ts'
import { countsOf, Stub } from '../../runtime/stub.ts'

const { callsPerSample } = LIMITS

/** As a generated stub counts. */
class CartStub extends Stub {
  add(id: string): Promise<unknown> {
    if (--this.$due[1]! === 0) return this.$sample(1, 'add', [id] as never[])
    return (this.$target.add as (id: string) => Promise<unknown>)(id)
  }
}

function stubOf(add: (id: string) => Promise<unknown>, now: () => number): CartStub {
  const stub = new CartStub()
  stub.$target = { add }
  countsOf(stub, new EdgeCounts('src/shop.Shop', 'src/cart.Cart', ['items', 'add'], now))
  return stub
}

test('every call is counted, one in so many is timed', async () => {
  let ms = 0
  const stub = stubOf(
    async (id) => {
      ms += 0.003
      return id
    },
    () => ms,
  )
  const calls = callsPerSample * 3 + 5
  for (let call = 0; call < calls; call++) expect(await stub.add(`${call}`)).toBe(`${call}`)
  const latency = Array.from({ length: LATENCY_BUCKETS }, (_, bucket) =>
    2 ** bucket <= 3000 && 3000 < 2 ** (bucket + 1) ? 3 : 0,
  )
  expect(stub.$edge.samples()).toEqual([
    { caller: 'src/shop.Shop', callee: 'src/cart.Cart', method: 'add', calls, errors: 0, timed: 3, latency },
  ])
})

test('a failed call that was looked at stands for as many as there are calls per sample, and fails as it is', async () => {
  const error = new Error('sold out')
  const rejecting = stubOf(
    async () => Promise.reject(error),
    () => 0,
  )
  const throwing = stubOf(
    () => {
      throw error
    },
    () => 0,
  )
  for (let call = 0; call < callsPerSample; call++) {
    await expect(rejecting.add('x')).rejects.toBe(error)
    expect(() => throwing.add('x')).toThrow(error)
  }
  for (const stub of [rejecting, throwing]) {
    expect(stub.$edge.samples()).toMatchObject([{ calls: callsPerSample, errors: callsPerSample, timed: 1 }])
  }
})

test('the longest call is in the last bucket, and what is counted outlives the target', async () => {
  let ms = 0
  const stub = stubOf(
    async () => {
      ms += 1e12
    },
    () => ms,
  )
  for (let call = 0; call < callsPerSample; call++) await stub.add('x')
  stub.$target = { add: async () => {} }
  await stub.add('x')
  const [sample] = stub.$edge.samples()
  expect(sample?.calls).toBe(callsPerSample + 1)
  expect(sample?.latency.at(-1)).toBe(1)
  expect(Object.keys(stub)).toEqual(['$target'])
})
