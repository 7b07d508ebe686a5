/**
 * What it costs a process to be measured: to tell its deployer once a second what was counted, at 10, 100 and 1,000 components that each
 * call three others, all of them busy in every second; and to take that in, at the deployer. Milliseconds of CPU a second, which are
 * thousandths of a core. Guards runtime/measure and deployer/graph.
 */
import { readSample } from '../deployer/graph/read.ts'
import { GraphStore } from '../deployer/graph/store.ts'
import type { Clock, Timer } from '../runtime/clock.ts'
import { LIMITS } from '../runtime/limits.ts'
import { EdgeCounts } from '../runtime/measure/edge-counts.ts'
import { encodeSamples, type ProcessSample } from '../runtime/measure/sample.ts'

const ROUNDS = Number(process.argv[2] ?? 9)
const EDGES_EACH = 3
const METHOD = { name: 'items', encodeArguments: () => {}, encodeResult: () => {} }
const PROCESS: ProcessSample = {
  cpuUs: 500_000,
  active: 0.5,
  delayUsP50: 100,
  delayUsP99: 2_000,
  delayUsMax: 5_000,
  rssBytes: 90e6,
  heapBytes: 30e6,
  gcUs: 5_000,
  startUs: 300_000,
}

let now = 0
/** What the store does when its second is over. */
let tick = () => {}
const timer: Timer = { cancel() {}, unref: () => timer }
const clock: Clock = {
  now: () => now,
  busy: () => 0,
  setTimeout(callback) {
    tick = callback
    return timer
  },
}

function edgesOf(components: number): EdgeCounts[] {
  const name = (index: number) => `src/part-${index % components}.Part${index % components}`
  return Array.from({ length: components * EDGES_EACH }, (_, index) => {
    const caller = Math.floor(index / EDGES_EACH)
    return new EdgeCounts(name(caller), name(caller + 1 + (index % EDGES_EACH)), [METHOD], () => now)
  })
}

/** A second in the life of an edge: a few hundred calls, a look at 32 of them. */
function second(edges: readonly EdgeCounts[]): void {
  for (const edge of edges) {
    for (let look = 0; look < LIMITS.looksPerSecond; look++) {
      edge.look(0, now)
      edge.timed(0, 20_000 + look * 4_000)
    }
    edge.sized(0, 120, 640)
  }
  now += 1_000
}

function timed<T>(work: () => T): [T, number] {
  const { user, system } = process.cpuUsage()
  const result = work()
  const after = process.cpuUsage()
  return [result, (after.user + after.system - user - system) / 1e3]
}

const median = (values: number[]) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!

console.log('| components | edges | a sample: ms | KB | the deployer takes it in: ms | keeps, KB an edge in 15 min |')
console.log('| ---: | ---: | ---: | ---: | ---: | ---: |')
for (const components of [10, 100, 1_000]) {
  const edges = edgesOf(components)
  const process_: number[] = []
  const deployer: number[] = []
  let bytes = 0
  let kept = 0
  for (let round = -2; round < ROUNDS; round++) {
    second(edges)
    const [lines, told] = timed(() => {
      const taken = {
        ms: 1_000,
        process: PROCESS,
        edges: edges.flatMap((edge) => edge.take(now)),
        methods: [],
        components: [],
      }
      return encodeSamples(taken, LIMITS.sampleRowsMax).map((sample) => JSON.stringify({ type: 'sample', sample }))
    })
    const store = new GraphStore(clock)
    const [, taken] = timed(() => {
      for (const line of lines) store.take('main-1', readSample((JSON.parse(line) as { sample: unknown }).sample)!)
      now += 1_000
      tick()
    })
    kept = store.bytes
    bytes = lines.reduce((sum, line) => sum + line.length, 0)
    if (round < 0) continue
    process_.push(told)
    deployer.push(taken)
  }
  const cells = [
    components,
    edges.length,
    median(process_).toFixed(1),
    (bytes / 1e3).toFixed(0),
    median(deployer).toFixed(1),
  ]
  console.log(`| ${[...cells, (((kept / edges.length) * 900) / 1e3).toFixed(0)].join(' | ')} |`)
}
