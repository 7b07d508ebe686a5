/** What the generators of one app share: facts about its shapes, and the names of the functions that are generated for definitions. */
import type { Definitions, Shape } from '../../runtime/shape.ts'
import { Facts } from './facts.ts'
import { Identifiers } from './names.ts'

export type Verb = 'encode' | 'decode' | 'copy'

export class Functions {
  readonly facts: Facts
  readonly #identifiers = new Identifiers()

  constructor(definitions: Definitions) {
    this.facts = new Facts(definitions)
    // Names are given in order, so that they don't depend on what is generated first.
    for (const name of Object.keys(definitions).sort()) this.#identifiers.of(name)
  }

  /** The function that does `verb` for a definition: `__weave_encode_CartItem`. */
  nameOf(verb: Verb, definition: string): string {
    return `__weave_${verb}_${this.#identifiers.of(definition)}`
  }

  /** A call of it; `depth` is the text of the caller's depth. */
  call(verb: Verb, definition: string, values: string, depth: string): string {
    const last = this.facts.takesDepth(definition) ? `, ${depth}` : ''
    return `${this.nameOf(verb, definition)}(${values}${last})`
  }

  /** Definitions that the given shapes need, in order of their names. */
  reached(shapes: Iterable<Shape>): string[] {
    const names = new Set<string>()
    for (const shape of shapes) for (const name of this.facts.reachedFrom(shape)) names.add(name)
    return [...names].sort()
  }
}

/** Text for the depth that a call out of a definition's function passes on. */
export const DEPTH_INSIDE = 'depth + 1'
/** The same for a method's arguments and result. */
export const DEPTH_OUTSIDE = '0'
