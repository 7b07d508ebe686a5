/** When a process tells its deployer how it does though it does nothing: in its first second, and now and then. */
import { expect, test } from 'vitest'
import { Sampler, type Vitals } from '../../runtime/measure/sampler.ts'
import { FakeClock } from './fake-clock.ts'

const VITALS: ReturnType<Vitals['take']> = {
  cpuUs: 0,
  active: 0,
  delayUsP50: 0,
  delayUsP99: 0,
  delayUsMax: 0,
  rssBytes: 50e6,
  heapBytes: 10e6,
  gcUs: 0,
  startUs: 0,
}

test('one that does nothing tells in its first second that it is there, and then every ten', () => {
  const clock = new FakeClock()
  const told: number[] = []
  const sampler = new Sampler({
    clock,
    take: () => ({ edges: [], methods: [] }),
    begun: () => 0,
    vitals: { look: () => 0, take: () => ({ ...VITALS }), close() {} },
    shares: { take: () => [], close() {}, blocked: 0 },
    canSend: () => true,
  })
  const began = clock.now()
  for (let second = 0; second < 25; second++) {
    clock.advance(1_000)
    if (sampler.look().length > 0) told.push(clock.now())
  }
  expect(told.map((at) => (at - began) / 1_000)).toEqual([1, 11, 21])
  sampler.stop()
})
