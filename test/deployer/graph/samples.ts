/** Samples that a test makes up, sent as a process sends them. */
import { type ReadSample, readSample } from '../../../deployer/graph/read.ts'
import type { EdgeSample } from '../../../runtime/edge-counts.ts'
import { LATENCY_BUCKETS } from '../../../runtime/measure/latency.ts'
import { encodeSamples, type Taken } from '../../../runtime/measure/sample.ts'

export const CART = 'src/cart.Cart'
export const SHOP = 'src/shop.Shop'

export const IDLE: Taken['process'] = {
  cpuUs: 0,
  active: 0,
  delayUsP50: 0,
  delayUsP99: 0,
  delayUsMax: 0,
  rssBytes: 50e6,
  heapBytes: 8e6,
  gcUs: 0,
  startUs: 0,
}

export function edge(changes: Partial<EdgeSample> = {}): EdgeSample {
  return {
    caller: SHOP,
    callee: CART,
    method: 'add',
    calls: 1,
    errors: 0,
    errorsVariance: 0,
    remote: 0,
    timed: 0,
    timedNs: 0,
    sized: 0,
    requestBytes: 0,
    replyBytes: 0,
    latency: Array<number>(LATENCY_BUCKETS).fill(0),
    ...changes,
  }
}

/** Over the wire, as lines of JSON. */
export function samples(changes: Partial<Taken> = {}, rowsMax = 1_000): ReadSample[] {
  const taken = { ms: 1_000, process: IDLE, edges: [], methods: [], components: [], ...changes }
  return encodeSamples(taken, rowsMax).map((sample) => {
    const read = readSample(JSON.parse(JSON.stringify(sample)))
    if (read === undefined) throw new Error(`not a sample: ${JSON.stringify(sample)}`)
    return read
  })
}
