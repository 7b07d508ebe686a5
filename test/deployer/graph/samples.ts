/** Samples that a test makes up, sent as a process sends them. */
import { type ReadSample, readSample } from '../../../deployer/graph/read.ts'
import type { EdgeDelta, EdgeSample } from '../../../runtime/measure/edge-counts.ts'
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

/** `latency`: a count for each bucket. */
export function edge(changes: Partial<EdgeSample> = {}): EdgeDelta {
  const { latency = [] } = changes
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
    ...changes,
    latency: latency.flatMap((count, bucket) => (count > 0 ? [bucket, count] : [])),
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
