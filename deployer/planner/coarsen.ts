/**
 * Heavy links first: puts nodes together that call each other most, in clusters far smaller than a process, so that whole blocks can then be
 * moved at once (Karypis and Kumar's multilevel scheme, with clusters in place of pairs). In: a problem, and optionally a grouping that no
 * cluster may cross. Out: the cluster of each node, numbered from 0, and how many there are.
 */
import { CPU, LOAD_FIELDS, MEMORY } from './costs.ts'
import { LINK_FIELDS, type Problem, SAVED_COST } from './problem.ts'
import type { Random } from './random.ts'

export interface Clusters {
  clusterOf: Int32Array
  count: number
}

/** `fill`: the share of a process that a cluster may fill. */
export function cluster(problem: Problem, fill: number, random: Random, groupOf?: Int32Array): Clusters {
  const { size, first, other, links } = problem
  const weight = weights(problem)
  const clusterOf = Int32Array.from({ length: size }, (_, v) => v)
  const weightOf = weight.slice()
  const nodes = new Int32Array(size).fill(1)
  const toCluster = new Float64Array(size)
  const near: number[] = []
  for (const v of heaviestFirst(problem, weight, random)) {
    if (nodes[clusterOf[v]!]! > 1) continue
    near.length = 0
    for (let link = first[v]!; link < first[v + 1]!; link++) {
      const u = other[link]!
      if (groupOf !== undefined && groupOf[u] !== groupOf[v]) continue
      const c = clusterOf[u]!
      if (toCluster[c] === 0) near.push(c)
      toCluster[c]! += links[link * LINK_FIELDS + SAVED_COST]!
    }
    let best = -1
    let bestRating = 0
    for (const c of near) {
      const saved = toCluster[c]!
      toCluster[c] = 0
      if (weightOf[c]! + weight[v]! > fill) continue
      // Heavy clusters attract everything; what counts is how much is saved for the room that it takes.
      const rating = (saved * (0.8 + 0.4 * random.next())) / Math.sqrt(weightOf[c]! * weight[v]!)
      if (rating > bestRating) {
        best = c
        bestRating = rating
      }
    }
    if (best < 0) continue
    weightOf[best]! += weight[v]!
    nodes[best]!++
    nodes[clusterOf[v]!]!--
    clusterOf[v] = best
  }
  return numbered(clusterOf)
}

/** Nodes by what the heaviest of their links saves for the room that they take, roughly: chance makes each search another one. */
function heaviestFirst({ size, first, links }: Problem, weight: Float64Array, random: Random): Int32Array {
  const rating = new Float64Array(size)
  for (let v = 0; v < size; v++) {
    let heaviest = 0
    for (let link = first[v]!; link < first[v + 1]!; link++) {
      heaviest = Math.max(heaviest, links[link * LINK_FIELDS + SAVED_COST]!)
    }
    rating[v] = (heaviest / weight[v]!) * (0.5 + random.next())
  }
  return random.permutation(size).sort((a, b) => rating[b]! - rating[a]!)
}

/** The share of a process that each node fills, of whatever it needs most; never nothing. */
function weights({ size, loads, prices }: Problem): Float64Array {
  const weight = new Float64Array(size)
  for (let v = 0; v < size; v++) {
    const at = v * LOAD_FIELDS
    const share = Math.max(loads[at + CPU]! / prices.cpuMax, loads[at + MEMORY]! / prices.memoryMax)
    weight[v] = Math.max(share, 1e-3)
  }
  return weight
}

/** The same parts with numbers from 0. */
export function numbered(partOf: Int32Array): Clusters {
  const numbers = new Int32Array(partOf.reduce((most, part) => Math.max(most, part), -1) + 1).fill(-1)
  const clusterOf = new Int32Array(partOf.length)
  let count = 0
  for (let v = 0; v < partOf.length; v++) {
    const part = partOf[v]!
    if (numbers[part] === -1) numbers[part] = count++
    clusterOf[v] = numbers[part]!
  }
  return { clusterOf, count }
}
