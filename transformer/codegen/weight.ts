/**
 * How much code a type would make: the parts of its shape and of all that it refers to. In goes a shape, out comes whether functions
 * of its own are worth it, or a table does (runtime/codec/table). The answer is a property of the type alone: an unrelated type changes
 * nothing. Whatever a light type refers to is light as well, so one value is coded by functions or by the table, and never by both.
 */
import { inner } from '../../runtime/codec/traits.ts'
import type { Shape } from '../../runtime/shape.ts'
import { refsOf } from '../definitions.ts'

/**
 * In parts: members, elements, members of unions, each with what it is. A domain of fifty types of thirty members each that all refer to
 * each other makes half a megabyte of functions and is still below; FHIR (15,500), GitHub's webhooks (8,600) and the documents of OpenAPI
 * (13,000) are above. Beyond it, parsing the functions costs a start more than they save.
 */
export const WEIGHT_MAX = 2000

export class Weights {
  readonly #definition: (name: string) => Shape
  readonly #max: number
  /** By definition, what it weighs by itself. */
  readonly #own = new Map<string, number>()
  readonly #heavy = new WeakMap<Shape, boolean>()

  constructor(definition: (name: string) => Shape, max: number = WEIGHT_MAX) {
    this.#definition = definition
    this.#max = max
  }

  isHeavy(shape: Shape): boolean {
    let heavy = this.#heavy.get(shape)
    if (heavy === undefined) {
      heavy = this.#exceeds(shape)
      this.#heavy.set(shape, heavy)
    }
    return heavy
  }

  /** Looks no further than it must. */
  #exceeds(shape: Shape): boolean {
    let weight = partsOf(shape)
    const seen = new Set<string>()
    const pending = [...refsOf(shape, inner)]
    for (let name = pending.pop(); name !== undefined && weight <= this.#max; name = pending.pop()) {
      if (seen.has(name)) continue
      seen.add(name)
      const definition = this.#definition(name)
      const own = this.#own.get(name) ?? partsOf(definition)
      this.#own.set(name, own)
      weight += own
      pending.push(...refsOf(definition, inner))
    }
    return weight > this.#max
  }
}

function partsOf(shape: Shape): number {
  let parts = 1
  for (const part of inner(shape)) parts += partsOf(part)
  return parts
}
