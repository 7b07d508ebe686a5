/** Plans over load that changes: noise moves nothing, a real change does, and a load at the bound doesn't make a component go to and fro. */
import { describe, expect, test } from 'vitest'
import type { CallGraph, Placement } from '../../deployer/planner/model.ts'
import { propose } from '../../deployer/planner/propose.ts'
import { Random } from '../../deployer/planner/random.ts'
import { generate } from './graphs.ts'
import { APART, placed, requestOf, shopGraph, shown, TOGETHER } from './shop.ts'

/** As another minute of the same load might be measured: each rate and CPU off by up to `share`, and by what random arrivals are off. */
function noisy(graph: CallGraph, random: Random, share: number): CallGraph {
  const off = () => 1 + share * (2 * random.next() - 1)
  return {
    ...graph,
    components: graph.components.map((each) => ({ ...each, cpuMsPerSecond: each.cpuMsPerSecond * off() })),
    edges: graph.edges.map((each) => ({
      ...each,
      callsPerSecond: each.callsPerSecond * off() * arrivals(each.callsPerSecond),
    })),
    entries: graph.entries.map((each) => ({ ...each, requestsPerSecond: each.requestsPerSecond * off() })),
  }
  function arrivals(rate: number): number {
    const normal = [...Array(12).keys()].reduce((sum) => sum + random.next(), -6)
    return Math.max(0, 1 + normal / Math.sqrt(Math.max(1, rate * graph.windowSeconds)))
  }
}

/** Plans again and again, each on what the one before made. Gives how many moves there were in each. */
function replay(graphs: readonly CallGraph[], start: Placement): { moves: number[]; placement: Placement } {
  let placement = start
  const moves = graphs.map((graph) => {
    const plan = propose({ ...requestOf(graph, placement), effort: 50 })
    placement = plan.placement
    return plan.moves.length
  })
  return { moves, placement }
}

describe('under noisy load', () => {
  test('a shop is placed once and then stays for 200 minutes', () => {
    const random = new Random(1)
    const graphs = Array.from({ length: 200 }, () => noisy(shopGraph(), random, 0.1))
    const { moves } = replay(graphs, APART)
    expect(moves[0]).toBe(5)
    expect(moves.slice(1).every((count) => count === 0)).toBe(true)
  })

  test('of a hundred components that were placed, hardly any moves again in 20 minutes', () => {
    const random = new Random(2)
    const graph = generate('clustered', 100, 4)
    const apart = graph.components.map(({ name }, v) => ({ name: `c${v}`, components: [name], replicas: 1 }))
    const graphs = Array.from({ length: 20 }, () => noisy(graph, random, 0.05))
    const { moves } = replay([graph, graph, ...graphs], apart)
    expect(moves[0]).toBeGreaterThan(50)
    expect(moves.slice(2).reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(2)
  })

  test('a group at the bound is left alone, and split when it is well over', () => {
    const single = { Cart: { replicasMax: 1 } }
    // 0.70 and 0.02 either way; then 0.85.
    const at = (cpu: number) => shopGraph({ ...single, Catalog: { cpuMsPerSecond: cpu, blockMs: 0.01 } })
    const random = new Random(3)
    const around = Array.from({ length: 50 }, () => at(469 + 20 * (2 * random.next() - 1)))
    expect(replay(around, TOGETHER).moves.every((count) => count === 0)).toBe(true)
    const split = replay([at(620)], TOGETHER)
    expect(shown(split.placement)).toBe('Cart Checkout Email | Shop Catalog Ads')
    // And doesn't come back for as long as it doesn't fit.
    expect(
      replay(
        around.slice(0, 10).map(() => at(500)),
        split.placement,
      ).moves.every((count) => count === 0),
    ).toBe(true)
  })
})

test('a real change moves what it concerns: Ads, once it is called a hundred times less, is not worth a process', () => {
  const quiet = shopGraph({ Cart: { replicasMax: 1 } })
  const heavy = shopGraph({ Cart: { replicasMax: 1 }, Ads: { cpuMsPerSecond: 400, blockMs: 5 } })
  const { moves, placement } = replay([quiet, heavy, heavy, quiet, quiet], TOGETHER)
  expect(moves).toEqual([0, 1, 0, 1, 0])
  expect(shown(placement)).toBe('Shop Cart Checkout Catalog Ads Email')
})

test('after a short window the same gain is not believed', () => {
  const graph = shopGraph({ Cart: { replicasMax: 1 } })
  const today = placed(['Shop', 'Cart', 'Checkout', 'Catalog', 'Email'], ['Ads'])
  // Between seconds its calls go up and down by ten times.
  const wild = (windowSeconds: number) => ({
    ...graph,
    windowSeconds,
    edges: graph.edges.map((edge) => ({ ...edge, deviation: edge.callsPerSecond * 2 })),
  })
  expect(propose(requestOf(wild(600), today)).moves).toHaveLength(1)
  expect(propose(requestOf(wild(1), today)).moves).toHaveLength(0)
})
