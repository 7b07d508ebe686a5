/**
 * Call graphs to plan for, by kind, size and seed: always the same for the same three. Rates and loads are log-normal, since measured ones are: a few
 * components and edges have most of it. Of ten components one holds state and has no replicas; of forty edges one has a key.
 */

import type { CallGraph, EdgeLoad, MethodTime } from '../../deployer/planner/model.ts'
import { Random } from '../../deployer/planner/random.ts'

export const KINDS = ['chain', 'star', 'random', 'power-law', 'clustered'] as const
export type Kind = (typeof KINDS)[number]

export function generate(kind: Kind, size: number, seed: number): CallGraph {
  const random = new Random(seed * 31 + KINDS.indexOf(kind))
  const pairs = PAIRS[kind](size, random)
  const edges = pairs.map(([a, b]): EdgeLoad => {
    const callsPerSecond = 60 * logNormal(random, 1.3)
    return {
      caller: nameOf(a),
      callee: nameOf(b),
      method: 'run',
      callsPerSecond,
      requestBytes: 100 * logNormal(random, 1),
      replyBytes: 400 * logNormal(random, 1.2),
      ...(random.below(40) === 0 ? { keyed: true } : {}),
    }
  })
  const roots = Math.max(1, Math.min(5, Math.floor(size / 4)))
  return {
    application: `${kind}-${size}`,
    windowSeconds: 60,
    components: Array.from({ length: size }, (_, v) => ({
      name: nameOf(v),
      cpuMsPerSecond: 12 * logNormal(random, 1),
      memoryBytes: 2 ** 20 * 4 * logNormal(random, 0.8),
      blockMs: 0.2 * logNormal(random, 1),
      ...(random.below(10) === 0 ? { replicasMax: 1 } : {}),
    })),
    edges,
    methods: methodsOf(edges, size, random),
    entries: Array.from({ length: roots }, (_, v) => ({
      name: `web${v}`,
      component: nameOf(v),
      method: 'run',
      requestsPerSecond: 50 * logNormal(random, 0.5),
    })),
    costs: {
      remoteCallUs: { caller: 8, callee: 7 },
      remoteKibUs: { caller: 1, callee: 1 },
      localCallUs: 0.1,
      localKibUs: 0.1,
      hopUs: 60,
      processCpuMsPerSecond: 2,
      processMemoryBytes: 45 * 2 ** 20,
      moveCpuMs: 200,
    },
  }
}

export const nameOf = (v: number) => `src/c${v}.C${v}`

/** Calls of a method are to higher numbers only, so that paths end. */
function methodsOf(edges: readonly EdgeLoad[], size: number, random: Random): MethodTime[] {
  const methods = Array.from(
    { length: size },
    (_, v): MethodTime => ({
      component: nameOf(v),
      method: 'run',
      ownMs: 0.3 * logNormal(random, 1),
      calls: [],
    }),
  )
  for (const { caller, callee } of edges) {
    const from = Number(caller.slice(caller.lastIndexOf('C') + 1))
    const to = Number(callee.slice(callee.lastIndexOf('C') + 1))
    if (to <= from) continue
    methods[from]!.calls.push({
      component: callee,
      method: 'run',
      perCall: 0.5 * random.next(),
      criticalShare: random.below(3) === 0 ? 0.5 : 1,
    })
  }
  return methods
}

/** Median 1. */
function logNormal(random: Random, sigma: number): number {
  const normal = Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next())
  return Math.exp(sigma * normal)
}

type Pair = readonly [number, number]

const PAIRS: Record<Kind, (size: number, random: Random) => Pair[]> = {
  chain: (size) => Array.from({ length: size - 1 }, (_, v) => [v, v + 1] as const),
  star: (size, random) => {
    const hubs = Math.max(1, Math.floor(size / 50))
    return Array.from({ length: size - hubs }, (_, i) => [random.below(hubs), hubs + i] as const)
  },
  random: (size, random) => distinct(size, 3 * size, () => [random.below(size), random.below(size)]),
  'power-law': (size, random) => {
    // Barabási and Albert: each node calls three that have many callers already.
    const ends: number[] = [0, 1]
    const pairs: Pair[] = size > 1 ? [[0, 1]] : []
    for (let v = 2; v < size; v++) {
      const callees = new Set<number>()
      for (let i = 0; i < Math.min(3, v); i++) callees.add(ends[random.below(ends.length)]!)
      for (const u of callees) {
        if (u === v) continue
        pairs.push([u, v])
        ends.push(u, v)
      }
    }
    return pairs
  },
  clustered: (size, random) => {
    const clusters = Math.max(1, Math.floor(size / 25))
    const inside = () => {
      const cluster = random.below(clusters)
      const member = () => Math.min(size - 1, cluster * 25 + random.below(25))
      return [member(), member()] as const
    }
    return distinct(size, 4 * size, () => (random.below(8) === 0 ? [random.below(size), random.below(size)] : inside()))
  },
}

/** `count` pairs as `draw` gives them, fewer when it keeps giving the same. */
function distinct(size: number, count: number, draw: () => Pair): Pair[] {
  const seen = new Set<number>()
  const pairs: Pair[] = []
  for (let tries = 0; pairs.length < count && tries < 4 * count; tries++) {
    const [a, b] = draw()
    if (a === b || seen.has(a * size + b)) continue
    seen.add(a * size + b)
    pairs.push([Math.min(a, b), Math.max(a, b)])
  }
  return pairs
}
