/** What an edge counts: every call; of some how long they took, whether they failed and what they would weigh. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Writer } from '../../runtime/codec/writer.ts'
import { LIMITS } from '../../runtime/limits.ts'
import { EdgeCounts, type EdgeSample, type Observer } from '../../runtime/measure/edge-counts.ts'
import { bucketOf } from '../../runtime/measure/latency.ts'
import { Recorder } from '../../runtime/measure/recorder.ts'
import { Sizes } from '../../runtime/measure/sizes.ts'
import { countsOf, Stub } from '../../runtime/stub.ts'

const write = (writer: Writer, value: unknown) => writer.string(value)
const METHODS = ['items', 'add'].map((name) => ({
  name,
  encodeArguments: (writer: Writer, [id]: readonly unknown[]) => write(writer, id),
  encodeResult: write,
}))

/** As a generated stub counts. */
class CartStub extends Stub {
  add(id: string): Promise<unknown> {
    if (--this.$due[1]! === 0) return this.$sample(1, 'add', [id] as never[])
    return (this.$target.add as (id: string) => Promise<unknown>)(id)
  }
}

interface Clock {
  ms: number
}

function stubOf(add: (id: string) => Promise<unknown>, clock: Clock, observer?: Observer): CartStub {
  const stub = new CartStub()
  stub.$target = { add }
  countsOf(
    stub,
    new EdgeCounts(
      'src/shop.Shop',
      'src/cart.Cart',
      METHODS,
      () => clock.ms,
      () => observer,
    ),
  )
  return stub
}

function sumsOf(samples: readonly EdgeSample[]): Omit<EdgeSample, 'caller' | 'callee' | 'method' | 'latency'> {
  const sums = { calls: 0, errors: 0, errorsVariance: 0, remote: 0, timed: 0, timedNs: 0, sized: 0, requestBytes: 0 }
  const all = { ...sums, replyBytes: 0 }
  for (const sample of samples) for (const name of Object.keys(all) as (keyof typeof all)[]) all[name] += sample[name]
  return all
}

test('every call is counted, and those that come seldom are all timed', async () => {
  const clock = { ms: 0 }
  const stub = stubOf(async (id) => {
    clock.ms += 0.003
    return id
  }, clock)
  for (let call = 0; call < 20; call++) {
    expect(await stub.add(`${call}`)).toBe(`${call}`)
    clock.ms += 100
  }
  const [sample] = stub.$edge.samples()
  expect(sample).toMatchObject({ caller: 'src/shop.Shop', callee: 'src/cart.Cart', method: 'add' })
  expect(sample).toMatchObject({ calls: 20, errors: 0, errorsVariance: 0, remote: 0, timed: 20 })
  expect(sample?.latency[bucketOf(3000)]).toBe(20)
})

test('of calls that come often one in so many is timed, and of those that come seldom again each', async () => {
  const clock = { ms: 0 }
  const stub = stubOf(async () => {
    clock.ms += 0.01
  }, clock)
  const looks = async (calls: number, pauseMs: number) => {
    const before = stub.$edge.samples()[0]?.timed ?? 0
    for (let call = 0; call < calls; call++) {
      await stub.add('x')
      clock.ms += pauseMs
    }
    return stub.$edge.samples()[0]!.timed - before
  }
  await looks(50_000, 0)
  const often = await looks(100_000, 0)
  expect(100_000 / often).toBeGreaterThan(LIMITS.callsPerLook * 0.8)
  expect(100_000 / often).toBeLessThan(LIMITS.callsPerLook * 1.2)
  for (let second = 0; second < 5; second++) {
    clock.ms += 1_000
    stub.$edge.take(clock.ms)
  }
  expect(await looks(100, 100)).toBeGreaterThan(98)
  expect(stub.$edge.samples()[0]?.calls).toBe(150_100)
})

test('a failed call that was looked at stands for those since the last look, and fails as it is', async () => {
  const error = new Error('sold out')
  const clock = { ms: 0 }
  const rejecting = stubOf(async () => Promise.reject(error), clock)
  const throwing = stubOf(() => {
    throw error
  }, clock)
  for (let call = 0; call < 10_000; call++) {
    await expect(rejecting.add('x')).rejects.toBe(error)
    expect(() => throwing.add('x')).toThrow(error)
    clock.ms += 0.1
  }
  for (const stub of [rejecting, throwing]) {
    const [{ calls, errors, errorsVariance } = {} as EdgeSample] = stub.$edge.samples()
    expect(calls).toBe(10_000)
    // All failed, so those since the last look are missing and nothing else.
    expect(calls - errors).toBeLessThan(2 * LIMITS.callsPerLook)
    expect(errorsVariance).toBeGreaterThan(0)
  }
})

test('the errors that are told are off by what their variance says', async () => {
  let outside = 0
  const rounds = 60
  let seed = 1
  for (let round = 0; round < rounds; round++) {
    const clock = { ms: 0 }
    let failed = 0
    const stub = stubOf(async () => {
      seed = (Math.imul(seed, 48_271) + 11) >>> 0
      if ((seed >>> 8) % 10 > 0) return
      failed++
      throw new Error('one in ten')
    }, clock)
    for (let call = 0; call < 8_000; call++) {
      await stub.add('x').catch(() => {})
      clock.ms += 0.05
    }
    const [{ errors, errorsVariance } = {} as EdgeSample] = stub.$edge.samples()
    if (Math.abs(errors - failed) > 2 * Math.sqrt(errorsVariance)) outside++
  }
  // Two deviations: one in twenty.
  expect(outside).toBeLessThan(rounds * 0.2)
})

test('what is taken adds up to what was counted', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ calls: fc.nat(300), pauseMs: fc.double({ min: 0, max: 3000, noNaN: true }) }), {
        maxLength: 12,
      }),
      async (bursts) => {
        const clock = { ms: 0 }
        let made = 0
        const stub = stubOf(async () => {
          clock.ms += 0.02
          if (++made % 7 === 0) throw new Error('the seventh')
        }, clock)
        const taken: EdgeSample[] = []
        for (const { calls, pauseMs } of bursts) {
          for (let call = 0; call < calls; call++) await stub.add('x').catch(() => {})
          clock.ms += pauseMs
          taken.push(...stub.$edge.take(clock.ms))
        }
        for (const sample of taken) {
          for (const value of [...Object.values(sumsOf([sample])), ...sample.latency])
            expect(value).toBeGreaterThanOrEqual(0)
        }
        const sums = sumsOf(taken)
        expect(sums.calls).toBe(made)
        const { timedNs, ...counts } = sumsOf(stub.$edge.samples())
        expect(sums).toMatchObject(counts)
        expect(sums.timedNs).toBeCloseTo(timedNs, 0)
        expect(stub.$edge.take(clock.ms)).toEqual([])
      },
    ),
    { numRuns: 50 },
  )
})

test('calls inside the process are measured for what they would weigh, as far as time is left for it', async () => {
  const clock = { ms: 1 }
  const now = () => clock.ms
  const observer = { sizes: new Sizes(now), recorder: new Recorder({ edges: () => [], now }) }
  const stub = stubOf(async (id) => `${id}${id}`, clock, observer)
  stub.$edge.isLocal = true
  await stub.add('abcd')
  await stub.add('a'.repeat(LIMITS.sizedBytesMax))
  expect(stub.$edge.samples()).toMatchObject([
    { sized: 2, requestBytes: 5 + LIMITS.sizedBytesMax, replyBytes: 9 + LIMITS.sizedBytesMax },
  ])
  await (stub.add as (id: unknown) => Promise<unknown>)(7)
  expect(stub.$edge.samples()[0]?.sized).toBe(2)
})

test('measuring for length rests so many times as long as it took', () => {
  const clock = { ms: 0 }
  const sizes = new Sizes(() => clock.ms)
  const slow = { ...METHODS[0]!, encodeArguments: () => (clock.ms += 2) }
  expect(sizes.isDue(clock.ms)).toBe(true)
  sizes.request(slow as never, [])
  expect(sizes.isDue(2 + 2 * LIMITS.sizedEvery - 1)).toBe(false)
  expect(sizes.isDue(2 + 2 * LIMITS.sizedEvery)).toBe(true)
})

test('what is counted outlives the target, and nothing of it shows', async () => {
  const clock = { ms: 0 }
  const stub = stubOf(async () => {}, clock)
  for (let call = 0; call < 3; call++) await stub.add('x')
  stub.$target = { add: async () => {} }
  await stub.add('x')
  expect(stub.$edge.samples()[0]?.calls).toBe(4)
  expect(Object.keys(stub)).toEqual(['$target'])
})
