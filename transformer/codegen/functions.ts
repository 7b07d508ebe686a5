/** What the generators of one app share: facts about its shapes, and the names of the functions that are generated for definitions. */
import { createHash } from 'node:crypto'
import { inner } from '../../runtime/codec/traits.ts'
import type { Definitions, Shape } from '../../runtime/shape.ts'
import { Facts } from './facts.ts'
import { Identifiers } from './names.ts'

export type Verb = 'encode' | 'decode' | 'copy'

export class Functions {
  readonly facts: Facts
  /** The application has codecs of the user's, listed by `__weave_codecs`. */
  codecs = false
  readonly #identifiers = new Identifiers()
  readonly #fits = new Map<string, string>()
  /** By its JSON: a shape without a name that is met more than once. */
  readonly #shared = new Map<string, Shape>()
  readonly #texts = new WeakMap<Shape, string>()

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

  /** The key of a union's members that only a whole look tells apart, in the table that the application's text ends with. */
  fitKey(members: readonly Shape[]): string {
    const text = JSON.stringify(members)
    const key = createHash('sha256').update(text).digest('hex').slice(0, 8)
    this.#fits.set(key, text)
    return key
  }

  /** Key and JSON of each union that was met, in the keys' order. */
  fits(): [string, string][] {
    return [...this.#fits].sort(([a], [b]) => (a < b ? -1 : 1))
  }

  /**
   * Looks for shapes that nobody has named and that are met more than once: where they are large, they get functions of their own.
   * `shapes`: everything for which code will be generated.
   */
  share(shapes: Iterable<Shape>): void {
    const met = new Set<string>()
    const pending = [...shapes]
    for (let shape = pending.pop(); shape !== undefined; shape = pending.pop()) {
      const text = this.#textOf(shape)
      if (text !== undefined && met.has(text)) {
        // What it holds is in its function and needn't be looked at again.
        this.#shared.set(text, shape)
        continue
      }
      if (text !== undefined) met.add(text)
      pending.push(...inner(shape))
    }
  }

  /** Undefined for what is too small, or has a name. */
  #textOf(shape: Shape): string | undefined {
    if (shape.kind !== 'union' && shape.kind !== 'object' && shape.kind !== 'tuple') return undefined
    const known = this.#texts.get(shape)
    if (known !== undefined) return known === '' ? undefined : known
    const text = JSON.stringify(shape)
    const large = text.length >= SHARED_LENGTH_MIN
    this.#texts.set(shape, large ? text : '')
    return large ? text : undefined
  }

  /** The call of the function that is shared for `shape`, if there is one. */
  callShared(verb: Verb, shape: Shape, values: string, depth: string): string | undefined {
    const text = this.#shared.size === 0 ? undefined : this.#textOf(shape)
    if (text === undefined || !this.#shared.has(text)) return undefined
    const last = this.facts.isUnbounded(shape) ? `, ${depth}` : ''
    return `${sharedName(verb, text)}(${values}${last})`
  }

  /** In the order of their names. */
  shared(): SharedShape[] {
    const all = [...this.#shared].map(([text, shape]) => ({ shape, nameOf: (verb: Verb) => sharedName(verb, text) }))
    return all.sort((a, b) => (a.nameOf('encode') < b.nameOf('encode') ? -1 : 1))
  }

  /** Definitions that the given shapes need, in order of their names. */
  reached(shapes: Iterable<Shape>): string[] {
    return [...this.facts.reachedFrom(...shapes)].sort()
  }
}

/** In characters of its JSON. A smaller shape's code is hardly longer than a call. */
const SHARED_LENGTH_MIN = 300

export interface SharedShape {
  readonly shape: Shape
  nameOf(verb: Verb): string
}

function sharedName(verb: Verb, text: string): string {
  return `__weave_${verb}_shared_${createHash('sha256').update(text).digest('hex').slice(0, 10)}`
}

/** Text for the depth that a shared function passes on: it stands in the place of whoever calls it. */
export const DEPTH_SHARED = 'depth'
/** Text for the depth that a call out of a definition's function passes on. */
export const DEPTH_INSIDE = 'depth + 1'
/** The same for a method's arguments and result. */
export const DEPTH_OUTSIDE = '0'
