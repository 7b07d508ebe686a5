/**
 * Nodes of a problem in groups, with the cost of it kept up to date: the state of every search. A group is a number from 0 up to the number of
 * nodes; an empty one costs nothing. `total` is what the placement costs, beside what calls would cost if all of them left.
 *
 * Hot path: `look`, `leaving`, `joining`, of which a search of 10,000 components makes tens of millions (bench/plan.bench.ts).
 */
import { groupCost, LOAD_FIELDS, lonerPenalty, replicasFor } from './costs.ts'
import { addLoad, LINK_FIELDS, type Problem, SAVED_COST, takeLoad } from './problem.ts'
import { Ranges } from './ranges.ts'

const NO_LINK = new Float64Array(LINK_FIELDS)
const NO_LOAD = new Float64Array(LOAD_FIELDS)

export class Grouping {
  readonly problem: Problem
  readonly groupOf: Int32Array
  /** How many nodes each group has. */
  readonly nodes: Int32Array
  /** The first node of each group, and of each node the next one in its group and the one before it; −1 where there is none. */
  readonly firstIn: Int32Array
  readonly nextOf: Int32Array
  readonly #previousOf: Int32Array
  /** Groups that the last `look` found links to. */
  readonly near: number[] = []
  readonly #loads: Float64Array
  readonly #ranges: Ranges
  readonly #components: Int32Array
  readonly #loners: Int32Array
  readonly #cost: Float64Array
  /** Numbers of groups that are empty, and perhaps of some that aren't any more. */
  readonly #empty: number[] = []
  /** What is saved inside groups, and what groups cost. */
  #saved = 0
  #costs = 0
  /** Links of the node that was looked at, summed by group; those of `near` are valid. */
  readonly #toGroup: Float64Array
  readonly #isNear: Uint8Array
  readonly #scratch = new Float64Array(LOAD_FIELDS)

  /** How many numbers of groups there are. */
  readonly #groups: number

  /** `groupOf` is taken over. Without it, each node is a group. `groups`: as many numbers as nodes, or more. */
  constructor(problem: Problem, groupOf?: Int32Array, groups = problem.size) {
    const { size } = problem
    this.#groups = groups
    this.problem = problem
    this.groupOf = groupOf ?? Int32Array.from({ length: size }, (_, v) => v)
    this.nodes = new Int32Array(groups)
    this.firstIn = new Int32Array(groups).fill(-1)
    this.nextOf = new Int32Array(size)
    this.#previousOf = new Int32Array(size)
    this.#loads = new Float64Array(groups * LOAD_FIELDS)
    this.#ranges = new Ranges(problem, groups)
    this.#components = new Int32Array(groups)
    this.#loners = new Int32Array(groups)
    this.#cost = new Float64Array(groups)
    this.#toGroup = new Float64Array(groups * LINK_FIELDS)
    this.#isNear = new Uint8Array(groups)
    this.#fill()
  }

  #fill(): void {
    const { problem, groupOf } = this
    const { size, first, other, links } = problem
    for (let v = 0; v < size; v++) {
      const g = groupOf[v]!
      this.#enter(v, g)
      addLoad(this.#loads, g * LOAD_FIELDS, problem.loads, v * LOAD_FIELDS, NO_LINK, 0)
      for (let link = first[v]!; link < first[v + 1]!; link++) {
        const u = other[link]!
        if (u <= v || groupOf[u] !== g) continue
        addLoad(this.#loads, g * LOAD_FIELDS, NO_LOAD, 0, links, link * LINK_FIELDS)
        this.#saved += links[link * LINK_FIELDS + SAVED_COST]!
      }
    }
    for (let g = this.#groups - 1; g >= 0; g--) {
      if (this.nodes[g] === 0) this.#empty.push(g)
      else this.#account(g)
    }
  }

  get total(): number {
    return this.#costs - this.#saved
  }

  /** What `g` costs beside its calls to others, less what it saves. */
  costOfGroup(g: number): number {
    return this.#cost[g]!
  }

  replicasOfGroup(g: number): number {
    const { min, max } = this.#ranges
    return replicasFor(this.problem.prices, this.#loads, g * LOAD_FIELDS, min[g]!, max[g]!)
  }

  get processes(): number {
    let sum = 0
    for (let g = 0; g < this.#groups; g++) if (this.nodes[g]! > 0) sum += this.replicasOfGroup(g)
    return sum
  }

  /** A group without nodes; undefined when each node is alone. */
  emptyGroup(): number | undefined {
    while (this.#empty.length > 0) {
      const g = this.#empty.at(-1)!
      if (this.nodes[g] === 0) return g
      this.#empty.pop()
    }
    return undefined
  }

  /** To be called before `leaving`, `joining` and `move` are asked about `v`, and again after a move. */
  look(v: number): void {
    const { first, other, links } = this.problem
    const { near, groupOf } = this
    const sums = this.#toGroup
    const isNear = this.#isNear
    for (let i = 0; i < near.length; i++) isNear[near[i]!] = 0
    near.length = 0
    for (let link = first[v]!; link < first[v + 1]!; link++) {
      const g = groupOf[other[link]!]!
      const at = g * LINK_FIELDS
      const from = link * LINK_FIELDS
      if (isNear[g] === 0) {
        isNear[g] = 1
        near.push(g)
        for (let f = 0; f < LINK_FIELDS; f++) sums[at + f] = links[from + f]!
      } else {
        for (let f = 0; f < LINK_FIELDS; f++) sums[at + f]! += links[from + f]!
      }
    }
  }

  /** What all costs less when `v` is taken out of its group and calls the others there from elsewhere. */
  leaving(v: number): number {
    const g = this.groupOf[v]!
    const { problem } = this
    const near = this.#isNear[g] === 1
    const saved = near ? this.#toGroup : NO_LINK
    const savedAt = near ? g * LINK_FIELDS : 0
    const savedCost = saved[savedAt + SAVED_COST]!
    if (this.nodes[g] === 1) return this.#cost[g]! - savedCost
    this.#toScratch(g)
    takeLoad(this.#scratch, 0, problem.loads, v * LOAD_FIELDS, saved, savedAt)
    const components = this.#components[g]! - problem.components[v]!
    const loners = this.#loners[g]! - problem.loners[v]!
    this.#ranges.without(g, v)
    const { minWithout, maxWithout } = this.#ranges
    const without = this.#costOf(this.#scratch, 0, minWithout, maxWithout, components, loners)
    return this.#cost[g]! - without - savedCost
  }

  /** What all costs more when `v` joins group `g`, in which it isn't, or an empty one. */
  joining(v: number, g: number): number {
    const { problem } = this
    const near = this.#isNear[g] === 1
    const saved = near ? this.#toGroup : NO_LINK
    const savedAt = near ? g * LINK_FIELDS : 0
    this.#toScratch(g)
    addLoad(this.#scratch, 0, problem.loads, v * LOAD_FIELDS, saved, savedAt)
    const components = this.#components[g]! + problem.components[v]!
    const loners = this.#loners[g]! + problem.loners[v]!
    const min = Math.max(this.#ranges.min[g]!, problem.min[v]!)
    const max = Math.min(this.#ranges.max[g]!, problem.max[v]!)
    const withIt = this.#costOf(this.#scratch, 0, min, max, components, loners)
    return withIt - this.#cost[g]! - saved[savedAt + SAVED_COST]!
  }

  /** Moves `v`, which was looked at, into another group or an empty one. */
  move(v: number, to: number): void {
    const from = this.groupOf[v]!
    this.#unaccount(from)
    this.#unaccount(to)
    const { problem } = this
    const loads = this.#loads
    const nearFrom = this.#isNear[from] === 1
    const left = nearFrom ? this.#toGroup : NO_LINK
    const leftAt = nearFrom ? from * LINK_FIELDS : 0
    takeLoad(loads, from * LOAD_FIELDS, problem.loads, v * LOAD_FIELDS, left, leftAt)
    const nearTo = this.#isNear[to] === 1
    const joined = nearTo ? this.#toGroup : NO_LINK
    const joinedAt = nearTo ? to * LINK_FIELDS : 0
    addLoad(loads, to * LOAD_FIELDS, problem.loads, v * LOAD_FIELDS, joined, joinedAt)
    this.#saved += joined[joinedAt + SAVED_COST]! - left[leftAt + SAVED_COST]!
    this.#exit(v, from)
    this.#enter(v, to)
    this.groupOf[v] = to
    if (this.nodes[from] === 0) {
      loads.fill(0, from * LOAD_FIELDS, (from + 1) * LOAD_FIELDS)
      this.#empty.push(from)
    } else this.#account(from)
    this.#account(to)
  }

  #toScratch(g: number): void {
    for (let f = 0; f < LOAD_FIELDS; f++) this.#scratch[f] = this.#loads[g * LOAD_FIELDS + f]!
  }

  /** Puts `v` on the list of `g`, and counts what it brings beside its load. */
  #enter(v: number, g: number): void {
    const { problem, firstIn } = this
    const second = firstIn[g]!
    this.nextOf[v] = second
    this.#previousOf[v] = -1
    if (second >= 0) this.#previousOf[second] = v
    firstIn[g] = v
    this.nodes[g]!++
    this.#components[g]! += problem.components[v]!
    this.#loners[g]! += problem.loners[v]!
    this.#ranges.join(g, v)
  }

  #exit(v: number, g: number): void {
    const { problem } = this
    const [previous, next] = [this.#previousOf[v]!, this.nextOf[v]!]
    if (previous >= 0) this.nextOf[previous] = next
    else this.firstIn[g] = next
    if (next >= 0) this.#previousOf[next] = previous
    this.nodes[g]!--
    this.#components[g]! -= problem.components[v]!
    this.#loners[g]! -= problem.loners[v]!
    this.#ranges.leave(g, v)
  }

  #account(g: number): void {
    const { min, max } = this.#ranges
    const at = g * LOAD_FIELDS
    this.#cost[g] = this.#costOf(this.#loads, at, min[g]!, max[g]!, this.#components[g]!, this.#loners[g]!)
    this.#costs += this.#cost[g]!
  }

  #unaccount(g: number): void {
    this.#costs -= this.#cost[g]!
    this.#cost[g] = 0
  }

  #costOf(loads: Float64Array, at: number, min: number, max: number, components: number, loners: number): number {
    return groupCost(this.problem.prices, loads, at, min, max) + lonerPenalty(components, loners)
  }
}
