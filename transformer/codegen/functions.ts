/** What the generators of one app share: facts about its shapes, and the names of the functions that are generated for definitions. */
import { createHash } from 'node:crypto'
import { inner } from '../../runtime/codec/traits.ts'
import type { Definitions, Shape } from '../../runtime/shape.ts'
import type { Parameter } from '../model.ts'
import { Facts } from './facts.ts'
import { Identifiers } from './names.ts'
import { Table } from './table.ts'
import { Weights } from './weight.ts'

export type Verb = 'encode' | 'decode' | 'copy'

export class Functions {
  readonly facts: Facts
  readonly #weights: Weights
  readonly #table: Table
  /** The application has codecs of the user's, listed by `__weave_codecs`. */
  codecs = false
  readonly #identifiers = new Identifiers()
  readonly #fits = new Map<string, readonly number[]>()
  /** By its JSON: a shape without a name that is met more than once. */
  readonly #shared = new Map<string, Shape>()
  readonly #texts = new WeakMap<Shape, string>()

  /** `names`: the definitions that the application needs, whose lines come first in its table of types. */
  constructor(definitions: Definitions, names: readonly string[], weightMax?: number) {
    this.facts = new Facts(definitions)
    this.#weights = new Weights((name) => this.facts.definition(name), weightMax)
    this.#table = new Table(definitions, names, this.facts)
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

  /** No functions are made for it: its values are coded by the table of types. */
  isHeavy(shape: Shape): boolean {
    return this.#weights.isHeavy(shape)
  }

  /** The call that does `verb` for a heavy type by the table; undefined for others. Only whole arguments, results and items are heavy. */
  callTable(verb: Verb, shape: Shape, values: string): string | undefined {
    // One by itself may be written in place, where the table bundles.
    if (shape.kind === 'string' || !this.isHeavy(shape)) return undefined
    return `__weave.table${verb[0]!.toUpperCase()}${verb.slice(1)}(__weave_types, ${this.#table.numberOf(shape)}, ${values})`
  }

  /** A shape in the notation of the table of types. */
  shapeText(shape: Shape): string {
    return this.#table.text(shape)
  }

  parametersText(parameters: readonly Parameter[]): string {
    return this.#table.parameters(parameters)
  }

  types(): { named: number; lines: string[] } {
    return { named: this.#table.named, lines: this.#table.lines() }
  }

  /** The key of a union's members that only a whole look tells apart, in the table that the application's text ends with. */
  fitKey(members: readonly Shape[]): string {
    const key = createHash('sha256').update(JSON.stringify(members)).digest('hex').slice(0, 8)
    if (!this.#fits.has(key))
      this.#fits.set(
        key,
        members.map((shape) => this.#table.numberOf(shape)),
      )
    return key
  }

  /** Key and members' lines of each union that was met, in the keys' order. */
  fits(): [string, readonly number[]][] {
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
