/**
 * How many replicas each group may have: the most of its nodes' minima, the least of their maxima, also when a node leaves. In: nodes that join
 * and leave. There are few different numbers, so each group counts its nodes by number.
 *
 * Hot path: `without` (bench/plan.bench.ts).
 */
import type { Nodes } from './problem.ts'

export class Ranges {
  readonly min: Int32Array
  readonly max: Int32Array
  minWithout = 1
  maxWithout = 1
  readonly #mins: Levels
  readonly #maxs: Levels

  constructor(nodes: Nodes, groups: number) {
    // Both as "the least counts": the most of the minima is the least of their negatives.
    this.#mins = new Levels(
      nodes.min.map((value) => -value),
      groups,
    )
    this.#maxs = new Levels(nodes.max, groups)
    this.min = new Int32Array(groups).fill(1)
    this.max = new Int32Array(groups).fill(NO_MAXIMUM)
  }

  join(g: number, v: number): void {
    this.#mins.change(g, v, 1)
    this.#maxs.change(g, v, 1)
    this.#update(g)
  }

  leave(g: number, v: number): void {
    this.#mins.change(g, v, -1)
    this.#maxs.change(g, v, -1)
    this.#update(g)
  }

  /** Leaves the answer in `minWithout` and `maxWithout`. */
  without(g: number, v: number): void {
    this.minWithout = Math.max(1, -this.#mins.least(g, v))
    this.maxWithout = this.#maxs.least(g, v)
  }

  #update(g: number): void {
    this.min[g] = Math.max(1, -this.#mins.least(g, -1))
    this.max[g] = this.#maxs.least(g, -1)
  }
}

export const NO_MAXIMUM = 2 ** 31 - 1

/** The least of numbers that come and go, of which few differ. */
class Levels {
  readonly #levels: Int32Array
  readonly #levelOf: Int32Array
  readonly #counts: Int32Array

  constructor(values: Int32Array, groups: number) {
    this.#levels = Int32Array.from(new Set(values)).sort()
    const places = new Map([...this.#levels].map((value, place) => [value, place]))
    this.#levelOf = values.map((value) => places.get(value)!)
    this.#counts = new Int32Array(groups * this.#levels.length)
  }

  change(g: number, v: number, by: number): void {
    this.#counts[g * this.#levels.length + this.#levelOf[v]!]! += by
  }

  /** Of group `g`, node `v` left out. */
  least(g: number, v: number): number {
    const left = v < 0 ? -1 : this.#levelOf[v]!
    const at = g * this.#levels.length
    for (let level = 0; level < this.#levels.length; level++) {
      if (this.#counts[at + level]! > (level === left ? 1 : 0)) return this.#levels[level]!
    }
    return NO_MAXIMUM
  }
}
