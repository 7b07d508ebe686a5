/** Whose the CPU of this process is, by V8's own profiler: components that burn known amounts of it, in the ways in which code runs. */
import { setTimeout as pause } from 'node:timers/promises'
import { afterEach, expect, test } from 'vitest'
import { LIMITS } from '../../runtime/limits.ts'
import type { StackNode } from '../../runtime/measure/attribute.ts'
import { type Inspector, openInspector } from '../../runtime/measure/inspector.ts'
import { Shares } from '../../runtime/measure/shares.ts'
import { FakeClock } from './fake-clock.ts'

function burn(ms: number): void {
  const end = performance.now() + ms
  while (performance.now() < end) Math.sqrt(end)
}

/** Not a component's: what it does after its own `await` has no frame of who called it. */
async function helper(ms: number): Promise<void> {
  burn(0.2)
  await pause(0)
  burn(ms)
}

class AtOnce {
  readonly ms: number

  constructor(ms = 6) {
    this.ms = ms
  }

  async work(): Promise<void> {
    burn(this.ms)
  }
}

class Later {
  async work(): Promise<void> {
    await pause(0)
    burn(3)
    await new Promise<void>((resolve) => setTimeout(() => resolve(burn(3)), 1))
  }
}

class Helped {
  async work(): Promise<void> {
    await helper(5.8)
  }
}

class Idle {
  async work(): Promise<void> {}
}

let inspector: Inspector | undefined
afterEach(() => inspector?.close())

test('work at once, after awaits, in timers and in helpers is found to be a third each', {
  timeout: 60_000,
}, async () => {
  inspector = await openInspector(1_000)
  const clock = new FakeClock()
  const shares = new Shares({ clock, root: undefined, runtime: [], scheduled: () => undefined })
  shares.begin(inspector, 0)
  const components = { AtOnce: new AtOnce(), Later: new Later(), Helped: new Helped(), Idle: new Idle() }
  for (const [name, component] of Object.entries(components)) shares.place(name, component)
  for (let round = 0; round < 80; round++) for (const component of Object.values(components)) await component.work()
  clock.advance(LIMITS.profileMs)
  const found = shares.take({ cpuUs: 1_200_000, heapBytes: 12e6 })
  const cpu = new Map(found.map(({ component, cpuUs }) => [component, cpuUs / 1_200_000]))
  expect(cpu.get('Idle')).toBeLessThan(0.02)
  for (const name of ['AtOnce', 'Later', 'Helped']) {
    expect(cpu.get(name), name).toBeGreaterThan(1 / 3 - 0.12)
    expect(cpu.get(name), name).toBeLessThan(1 / 3 + 0.12)
  }
})

test('a class is found where it stands, with a constructor and without', async () => {
  inspector = await openInspector(50_000)
  const lines = (made: unknown) => {
    const { fromLine, toLine } = inspector!.place(made as never)!
    return toLine - fromLine
  }
  expect(lines(AtOnce)).toBe(AtOnce.toString().split('\n').length - 1)
  expect(lines(Later)).toBe(Later.toString().split('\n').length - 1)
  expect(inspector!.place(Map as never)).toBeUndefined()
})

const leaf = (weight: number, lineNumber: number): StackNode => ({
  frame: { scriptId: '1', url: 'file:///app.js', functionName: 'f', lineNumber, columnNumber: 0 },
  weight,
  children: [],
})

/** Classes stand one a line, in the order in which they are asked for. */
function scripted(...stacks: StackNode[][]): Inspector {
  let asked = 0
  return {
    take: () => ({ ...leaf(0, 1_000), children: stacks.shift() ?? [] }),
    rest: () => ({ ...leaf(0, 1_000), children: stacks.shift() ?? [] }),
    resume: () => {},
    place: () => ({ scriptId: '1', fromLine: asked, fromColumn: 0, toLine: asked++, toColumn: 9 }),
    close: () => {},
  }
}

test('shares follow what is sampled: slowly while the load is the same, at once when it is another', () => {
  const clock = new FakeClock()
  const shares = new Shares({ clock, root: 'Shop', runtime: [], scheduled: () => undefined })
  const [even, other] = [
    [leaf(50, 0), leaf(50, 1)],
    [leaf(0, 0), leaf(100, 1)],
  ]
  shares.begin(scripted(even, other, other), 1e6)
  shares.place('Shop', new AtOnce())
  shares.place('Cart', new Later())
  const look = (cpuUs: number) => {
    clock.advance(LIMITS.profileMs)
    return shares.take({ cpuUs, heapBytes: 11e6 }).map((each) => Math.round((100 * each.cpuUs) / cpuUs))
  }
  expect(shares.take({ cpuUs: 1, heapBytes: 0 })).toEqual([])
  expect(look(1e6)).toEqual([50, 50])
  expect(look(1e6)).toEqual([22, 78])
  expect(look(9e6)).toEqual([3, 97])
})

test('one that does little is judged by as many samples as others, however long that takes and however its CPU wavers', () => {
  const clock = new FakeClock()
  const shares = new Shares({ clock, root: 'Shop', runtime: [], scheduled: () => undefined })
  shares.begin(scripted(...Array.from({ length: 7 }, (_, look) => [leaf(1, look % 2)])), 1e6)
  shares.place('Shop', new AtOnce())
  shares.place('Cart', new Later())
  let found: number[] = []
  for (let look = 0; look < 7; look++) {
    clock.advance(LIMITS.profileMs)
    found = shares.take({ cpuUs: 10_000 + 50_000 * (look % 2), heapBytes: 11e6 }).map(({ cpuUs }) => cpuUs / 60_000)
  }
  expect(found[0]! / found[1]!).toBeCloseTo(4 / 3, 1)
})

/** What became of it, as told once a second: `cpu` of a core used. */
function resting() {
  const clock = new FakeClock()
  const done: string[] = []
  const inspector: Inspector = {
    ...scripted([leaf(30, 0), leaf(10, 1)]),
    rest: () => leaf(0, 1_000 + done.push('rest')),
    resume: () => void done.push('resume'),
  }
  const shares = new Shares({ clock, root: undefined, runtime: [], scheduled: () => undefined })
  shares.begin(inspector, 0)
  shares.place('Shop', new AtOnce())
  shares.place('Cart', new Later())
  const seconds = (count: number, cpu: number, heapBytes = 10e6) => {
    for (let second = 0; second < count; second++) {
      clock.advance(1_000)
      shares.take({ cpuUs: cpu * 1e6, heapBytes })
    }
    return done.splice(0).join()
  }
  return { clock, shares, seconds }
}
const REST_SECONDS = LIMITS.profileRestMs / 1_000

test('stacks are not sampled where little is done, until more is; what was found before is good meanwhile', () => {
  const { shares, seconds } = resting()
  expect(seconds(REST_SECONDS - 1, 0.01)).toBe('')
  expect(seconds(1, 0.09)).toBe('')
  expect(seconds(REST_SECONDS - 1, 0.07)).toBe('')
  expect(seconds(1, 0.01)).toBe('rest')
  expect(seconds(100, 0.09)).toBe('')
  expect(shares.take({ cpuUs: 400, heapBytes: 10e6 }).map(({ cpuUs }) => cpuUs)).toEqual([300, 100])
  expect(seconds(4, 0.1)).toBe('')
  expect(seconds(1, 0.1)).toBe('resume')
  expect(seconds(REST_SECONDS, 0.01)).toBe('rest')
  expect(seconds(1, 0.6)).toBe('resume')
})

test('a burst is no reason to walk the heap', () => {
  const { seconds } = resting()
  expect(seconds(REST_SECONDS, 0.01)).toBe('rest')
  for (let burst = 0; burst < 10; burst++) {
    expect(seconds(3, 0.15)).toBe('')
    expect(seconds(1, 0.01)).toBe('')
  }
})

test('they are again when another component runs here, and when the loop waits without using CPU', () => {
  const { clock, shares, seconds } = resting()
  expect(seconds(REST_SECONDS, 0.01)).toBe('rest')
  shares.place('Ads', new Helped())
  expect(seconds(1, 0.01)).toBe('resume')
  expect(seconds(REST_SECONDS, 0.01)).toBe('rest')
  clock.pass(500)
  expect(seconds(1, 0.01)).toBe('resume')
})

test('they always are where the heap is large, since to begin again would walk it', () => {
  const { seconds } = resting()
  const large = LIMITS.profileRestHeapBytesMax
  expect(seconds(10 * REST_SECONDS, 0.01, large)).toBe('')
  expect(seconds(1, 0.01)).toBe('rest')
  expect(seconds(1, 0.01, large)).toBe('resume')
})

test('V8 samples before a rest and after it, and not while it lasts', async () => {
  inspector = await openInspector(1_000)
  const before = () => burn(5)
  const resting = () => burn(50)
  const after = () => burn(5)
  const has = ({ frame, children }: StackNode, name: string): boolean =>
    frame.functionName === name || children.some((each) => has(each, name))
  // How soon V8's sampler has a core is the machine's to say.
  do before()
  while (!has(inspector!.take(), 'before'))
  inspector!.rest()
  resting()
  inspector!.resume()
  let stacks: StackNode
  do {
    after()
    stacks = inspector!.take()
    expect(has(stacks, 'resting')).toBe(false)
  } while (!has(stacks, 'after'))
})

test.each([
  { components: ['Cart'], heap: [10e6] },
  { components: ['Cart', 'Shop'], heap: [5e6, 5e6] },
])('heap is not nothing where no component was seen at work: $components', ({ components, heap }) => {
  const clock = new FakeClock()
  const shares = new Shares({ clock, root: undefined, runtime: [Idle], scheduled: () => undefined })
  // The runtime stands first, and is all that was seen.
  shares.begin(scripted([leaf(50, 0)]), 1e6)
  for (const component of components) shares.place(component, new AtOnce())
  clock.advance(LIMITS.profileMs)
  const found = shares.take({ cpuUs: 1_000, heapBytes: 11e6 })
  expect(found.map(({ cpuUs }) => cpuUs)).toEqual(components.map(() => 0))
  expect(found.map(({ heapBytes }) => heapBytes)).toEqual(heap)
})

test.each([
  { waited: 0, cart: 70 },
  // Of 100 samples 30 were taken while it waited: half of them in writes.
  { waited: 0.3, cart: 82 },
  { waited: 0.75, cart: 100 },
])('what a write waits for a core, having woken who reads, is not CPU: $waited', ({ waited, cart }) => {
  const clock = new FakeClock()
  const busyMs = 4_000
  const times = [0, busyMs].map((ms) => ({ ranMs: 1_000 + ms * (1 - waited), waitedMs: 500 + ms * waited }))
  const shares = new Shares({ clock, root: undefined, runtime: [Idle], scheduled: () => times.shift() })
  const { frame } = leaf(30, 0)
  const write: StackNode = { ...leaf(30, 0), frame: { ...frame, scriptId: '0', url: '', functionName: 'writeBuffer' } }
  shares.begin(scripted([{ ...leaf(0, 0), children: [write] }, leaf(70, 1)]), 0)
  shares.place('Cart', new AtOnce())
  clock.advance(LIMITS.profileMs)
  const [found] = shares.take({ cpuUs: 1e6, heapBytes: 0 })
  expect(Math.round((100 * found!.cpuUs) / 1e6)).toBe(cart)
})

test('a loop that is blocked in synchronous waits is seen on stacks, and not by the kernel', () => {
  const clock = new FakeClock()
  const times = [0, 400, 4_000].map((ranMs) => ({ ranMs, waitedMs: 0 }))
  const shares = new Shares({ clock, root: undefined, runtime: [], scheduled: () => times.shift() })
  const often = (0.9 * LIMITS.profileMs * 1_000) / LIMITS.profileSampleUs
  shares.begin(scripted([leaf(often, 0)], [leaf(often, 0)]), 0)
  shares.place('Cart', new AtOnce())
  const look = () => {
    clock.advance(LIMITS.profileMs)
    shares.take({ cpuUs: 1e6, heapBytes: 0 })
    return shares.blocked
  }
  expect(shares.blocked).toBe(0)
  expect(look()).toBeCloseTo(0.9 - 400 / LIMITS.profileMs)
  // It has run for as long as it was seen.
  expect(look()).toBe(0)
})

test('without samples nothing is told, and the heap before components is nobody’s', () => {
  const clock = new FakeClock()
  const shares = new Shares({ clock, root: 'Shop', runtime: [], scheduled: () => undefined })
  shares.begin(scripted([leaf(30, 0), leaf(10, 1)]), 1e6)
  shares.place('Shop', new AtOnce())
  shares.place('Cart', new Later())
  clock.advance(LIMITS.profileMs)
  expect(shares.take({ cpuUs: 400, heapBytes: 9e6 })).toEqual([
    { component: 'Shop', cpuUs: 300, heapBytes: 6e6 },
    { component: 'Cart', cpuUs: 100, heapBytes: 2e6 },
  ])
  const none = new Shares({ clock, root: 'Shop', runtime: [], scheduled: () => undefined })
  none.begin(undefined, 0)
  none.place('Shop', new AtOnce())
  clock.advance(LIMITS.profileMs)
  expect(none.take({ cpuUs: 400, heapBytes: 9e6 })).toEqual([])
})
