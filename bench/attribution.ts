/**
 * Whose the CPU of a process is: what runtime/measure says of components against what they have used, which they count themselves around each stretch
 * of work. They do it by the clock, which is true while the machine has a core for them: the kernel's account of a thread is only as fine as its tick, 4 ms,
 * and read around stretches of a millisecond it is wrong by several times. Where the loop was busy for longer than CPU was used, there was no core.
 * Each workload is a process of its own, in which the profiler runs as it does under a deployer; after 20 s, readings of 10 s each. `Runtime` writes to
 * a socket that another process reads, as the runtime does after each call; `--beside=4` has as many processes beside it that need a core.
 * Guards runtime/measure/{attribute,inspector,shares}.ts.
 *
 *     node bench/attribution.ts [workload…] [--busy=0.5] [--readings=4] [--beside=0] [--sample-us=50000]
 */
import { type ChildProcess, fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { gzipSync } from 'node:zlib'
import { systemClock } from '../runtime/clock.ts'
import { LIMITS } from '../runtime/limits.ts'
import { openInspector } from '../runtime/measure/inspector.ts'
import { scheduled } from '../runtime/measure/loop.ts'
import { NodeVitals } from '../runtime/measure/sampler.ts'
import { Shares } from '../runtime/measure/shares.ts'

const WARM_SECONDS = 20
const READING_SECONDS = 10

/** By component, milliseconds of its stretches. */
const truth = new Map<string, number>()

function stretch(component: string, work: () => void): void {
  const before = performance.now()
  work()
  truth.set(component, (truth.get(component) ?? 0) + performance.now() - before)
}

function burn(ms: number): void {
  const end = performance.now() + ms
  while (performance.now() < end) for (let each = 0; each < 200; each++) Math.sqrt(each)
}

/** Not a component's: after its own `await` no frame says for whom it works. */
async function helper(component: string, ms: number): Promise<void> {
  stretch(component, () => burn(ms / 10))
  await pause(0)
  stretch(component, () => burn((ms * 9) / 10))
}

interface Worker {
  work(ms: number): Promise<void>
}

class Sync implements Worker {
  async work(ms: number): Promise<void> {
    stretch('Sync', () => burn(ms))
  }
}

class Awaiting implements Worker {
  async work(ms: number): Promise<void> {
    await pause(0)
    stretch('Awaiting', () => burn(ms / 2))
    await Promise.resolve()
    stretch('Awaiting', () => burn(ms / 2))
  }
}

class Timers implements Worker {
  async work(ms: number): Promise<void> {
    await new Promise<void>((resolve) => {
      setTimeout(() => {
        stretch('Timers', () => burn(ms))
        resolve()
      }, 1)
    })
  }
}

class Helped implements Worker {
  async work(ms: number): Promise<void> {
    await helper('Helped', ms)
  }
}

/** Makes much that lives for a while, so that the collector copies it. */
class Allocating implements Worker {
  #held: object[][] = []

  async work(ms: number): Promise<void> {
    stretch('Allocating', () => {
      for (const end = performance.now() + ms; performance.now() < end; ) {
        this.#held.push(Array.from({ length: 500 }, (_, index) => ({ index, text: `line ${index}` })))
        if (this.#held.length > 400) this.#held = this.#held.slice(200)
      }
    })
  }
}

const LINES = JSON.stringify(Array.from({ length: 200 }, (_, index) => ({ index, text: `line ${index}` })))

/** Its work is done by functions that aren't written in JavaScript. */
class Native implements Worker {
  async work(ms: number): Promise<void> {
    stretch('Native', () => {
      for (const end = performance.now() + ms; performance.now() < end; ) gzipSync(LINES, { level: 1 })
    })
  }
}

/** Wakes another process. */
class Runtime implements Worker {
  readonly #reader: ChildProcess

  constructor() {
    this.#reader = spawn(process.execPath, ['-e', 'process.stdin.resume()'], { stdio: ['pipe', 'ignore', 'ignore'] })
  }

  async work(): Promise<void> {
    stretch('Runtime', () => void this.#reader.stdin!.write('answer'))
  }
}

const WORKERS = { Sync, Awaiting, Timers, Helped, Allocating, Native, Runtime }

/** By component, milliseconds of each call. */
const WORKLOADS: Record<string, Partial<Record<keyof typeof WORKERS, number>>> = {
  sync: { Sync: 2, Native: 3, Awaiting: 1 },
  async: { Awaiting: 4, Timers: 2, Helped: 2 },
  mixed: { Sync: 2, Awaiting: 2, Timers: 2, Helped: 2, Native: 1 },
  collected: { Allocating: 4, Sync: 4, Awaiting: 2 },
  served: { Sync: 2, Runtime: 0 },
}

interface Wish {
  workload: string
  /** Of a core, about. */
  busy: number
  readings: number
  sampleUs: number
}

interface Reading {
  component: string
  truth: number
  found: number
}

interface Told {
  readings: Reading[][]
  /** How long its loop was busy, and CPU of the process: of the time. */
  busy: number
  used: number
  /** Of the CPU, what the collector has taken on the main thread. */
  collected: number
}

async function run({ workload, busy, readings: count, sampleUs }: Wish): Promise<Told> {
  const shares = new Shares({ clock: systemClock, root: undefined, runtime: [Runtime], scheduled })
  const vitals = new NodeVitals()
  shares.begin(await openInspector(sampleUs), process.memoryUsage().heapUsed)
  const parts = Object.entries(WORKLOADS[workload]!).map(([name, ms]) => {
    const worker: Worker = new WORKERS[name as keyof typeof WORKERS]()
    if (name !== 'Runtime') shares.place(name, worker)
    return { name, worker, ms }
  })
  const roundMs = parts.reduce((sum, { ms }) => sum + ms, 0)
  const driving = (async () => {
    for (;;) {
      for (const { worker, ms } of parts) await worker.work(ms)
      // At random, as load is: what has a rhythm may beat with the sampler's.
      await pause(2 * Math.random() * roundMs * (1 / busy - 1))
    }
  })()
  driving.catch(() => process.exit(1))
  const found = new Map<string, number>()
  let [processUs, activeMs, collectedUs] = [0, 0, 0]
  setInterval(() => {
    const taken = vitals.take()
    processUs += taken.cpuUs
    activeMs += taken.active * LIMITS.sampleMs
    collectedUs += taken.gcUs
    let left = taken.cpuUs
    for (const { component, cpuUs } of shares.take(taken)) {
      found.set(component, (found.get(component) ?? 0) + cpuUs)
      left -= cpuUs
    }
    found.set('Runtime', (found.get('Runtime') ?? 0) + left)
  }, LIMITS.sampleMs)
  await pause(WARM_SECONDS * 1_000)
  const readings: Reading[][] = []
  let [wholeUs, beganMs] = [0, activeMs]
  collectedUs = 0
  for (let reading = 0; reading < count; reading++) {
    truth.clear()
    found.clear()
    processUs = 0
    await pause(READING_SECONDS * 1_000)
    const usedUs = processUs
    wholeUs += usedUs
    readings.push(
      parts.map(({ name }) => ({
        component: name,
        truth: ((truth.get(name) ?? 0) * 1_000) / usedUs,
        found: (found.get(name) ?? 0) / usedUs,
      })),
    )
  }
  const allMs = count * READING_SECONDS * 1_000
  return {
    readings,
    busy: (activeMs - beganMs) / allMs,
    used: wholeUs / 1_000 / allMs,
    collected: collectedUs / wholeUs,
  }
}

const percent = (share: number) => `${(100 * share).toFixed(1)} %`

function row(workload: string, { used, busy, collected }: Told, component: string, all: readonly Reading[]): string {
  const mean = (of: (reading: Reading) => number) => all.reduce((sum, each) => sum + of(each), 0) / all.length
  const off = all.map((each) => 100 * Math.abs(each.found - each.truth))
  const cells = [
    workload,
    `${percent(busy)}, ${percent(used)}`,
    percent(collected),
    component,
    percent(mean((each) => each.truth)),
    percent(mean((each) => each.found)),
    (off.reduce((sum, each) => sum + each, 0) / off.length).toFixed(1),
    Math.max(...off).toFixed(1),
  ]
  return `| ${cells.join(' | ')} |`
}

const { values, positionals } = parseArgs({
  options: {
    busy: { type: 'string', default: '0.5' },
    readings: { type: 'string', default: '4' },
    beside: { type: 'string', default: '0' },
    'sample-us': { type: 'string', default: String(LIMITS.profileSampleUs) },
  },
  allowPositionals: true,
})

if (process.send) {
  const wish = {
    busy: Number(values.busy),
    readings: Number(values.readings),
    sampleUs: Number(values['sample-us']),
  }
  process.send(await run({ workload: positionals[0]!, ...wish }))
  process.exit()
} else {
  const beside = Array.from({ length: Number(values.beside) }, () => spawn(process.execPath, ['-e', 'for (;;);']))
  console.log('| workload | loop busy, CPU | collector | component | truth | found | off by, points: mean | worst |')
  console.log('| --- | ---: | ---: | --- | ---: | ---: | ---: | ---: |')
  for (const workload of positionals.length > 0 ? positionals : Object.keys(WORKLOADS)) {
    const flags = Object.entries(values).map(([name, value]) => `--${name}=${value}`)
    const [told] = (await once(fork(import.meta.filename, [workload, ...flags]), 'message')) as [Told]
    for (const component of Object.keys(WORKLOADS[workload]!)) {
      const all = told.readings.flat().filter((each) => each.component === component)
      console.log(row(workload, told, component, all))
    }
  }
  for (const each of beside) each.kill()
}
