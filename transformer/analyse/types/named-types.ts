/**
 * Which types become definitions. In goes a type that may contain itself and a way to read it; out comes a reference where it has a name
 * worth having or turns out to be recursive, else its shape. Holds what is being read, one type inside the other, so that a type that is
 * met inside itself is a reference; takes from the last analysis what is the same; gives up what would expand for ever (expansions.ts).
 */
import type { Definitions, Shape } from '../../../runtime/shape.ts'
import type { CheckerView, Place, SymbolHandle, TypeHandle } from '../../checker/view.ts'
import type { Names } from '../declared/names.ts'
import { type Refused as Endless, Expansions } from './expansions.ts'
import type { Refused } from './refused.ts'

/** Of types in types that have no name: members of a union of 200 that each hold `Union | null` are met one inside the other. The stack has room for twice as many. */
const DEPTH_MAX = 600

/** A type that is being read. */
interface Open {
  name: string | undefined
  readonly order: number
}

interface NamedTypesInput {
  readonly view: CheckerView
  readonly names: Names
  readonly refused: Refused
  /** The shape that a type had in the last analysis and still has, settled. */
  readonly recalled: (name: string, declared: Place | undefined) => Shape | undefined
  /** Counts what makes a shape more than its type. */
  readonly oddities: () => number
}

export class NamedTypes {
  readonly definitions: Definitions = {}
  /** Names of definitions that say more than their type does by itself, and so can't be kept for another analysis. */
  readonly doubtful = new Set<string>()
  /** Names of definitions that were taken from the last analysis; the definitions they refer to may be missing. */
  readonly recalled = new Set<string>()
  /** From then on definitions stay as they are. */
  isSettled = false
  readonly #view: CheckerView
  readonly #names: Names
  readonly #refused: Refused
  readonly #recalled: NamedTypesInput['recalled']
  readonly #oddities: () => number
  readonly #expansions: Expansions
  #opened = 0
  readonly #open = new Map<object, Open>()
  /** By type; what is left of a union without `undefined` has a key of its own. */
  readonly #defined = new Map<object, string>()
  /** Of these, those that the outermost type has led to. */
  readonly #fresh = new Map<object, string>()

  constructor({ view, names, refused, recalled, oddities }: NamedTypesInput) {
    this.#view = view
    this.#names = names
    this.#refused = refused
    this.#recalled = recalled
    this.#oddities = oddities
    this.#expansions = new Expansions((symbol) => view.symbolName(symbol))
  }

  /** Types are met one inside the other beyond what a stack holds. */
  get isTooDeep(): boolean {
    return this.#open.size > DEPTH_MAX
  }

  /** The user's name of a type: an interface's, or an alias's that isn't TypeScript's own, such as `Partial<…>`. */
  nameOf(type: TypeHandle): string | undefined {
    const alias = this.#view.aliasOf(type)
    if (alias && this.#names.declaration(alias.symbol)?.origin !== 'lib') {
      return this.#names.ofType(alias.symbol, alias.typeArguments, type)
    }
    const symbol = this.#view.symbolOf(type)
    if (!symbol || this.#view.symbolKind(symbol) !== 'interface') return undefined
    return this.#names.ofType(symbol, this.#view.typeArguments(type), type)
  }

  /** A reference to what is defined, or being defined; then it is recursive, and named if nobody has. */
  known(key: object, type: TypeHandle): Shape | undefined {
    const defined = this.#defined.get(key)
    if (defined !== undefined) return { kind: 'ref', name: defined }
    const open = this.#open.get(key)
    if (!open) return undefined
    if (open.name === undefined) {
      // A named type in between ends the recursion: from wherever it is entered, this one is written out.
      if (this.#namedSince(open)) return undefined
      this.#refused.oddities++
      open.name = this.nameOf(type) ?? this.#names.ofAnonymous(key)
      this.doubtful.add(open.name)
    }
    return { kind: 'ref', name: open.name }
  }

  #namedSince(open: Open): boolean {
    for (const each of this.#open.values()) if (each.name !== undefined && each.order > open.order) return true
    return false
  }

  /** Reads a type that may contain itself. `key`: by what it is known again, if not by itself. */
  read(type: TypeHandle, name: string | undefined, make: () => Shape, key: object = type): Shape {
    const open: Open = { name, order: this.#opened++ }
    const symbol = this.#view.aliasOf(type)?.symbol ?? this.#view.symbolOf(type)
    const size = name === undefined ? 0 : this.#names.sizeOf(type)
    const refused = symbol && name && this.#expansions.refused(symbol, size)
    if (refused) return this.#refused.refuse(refused.refusal, undefined, refused.symbol)
    if (symbol && name !== undefined && key === type && this.#recall(type, symbol, name)) return { kind: 'ref', name }
    if (name !== undefined && this.#expansions.isDeep(this.#open.size)) return this.#putOff(type, name, make, key)
    if (this.#open.size === 0 && !this.#expansions.isEnding) this.#fresh.clear()
    const odd = this.#oddities()
    const outer = this.#open.get(key)
    this.#open.set(key, open)
    const shape = symbol ? this.#expansions.read(symbol, size, make) : make()
    this.#open.delete(key)
    if (outer) this.#open.set(key, outer)
    const stopped = this.#open.size === 0 ? this.#expansions.end() : undefined
    if (stopped) return this.#giveUp(stopped)
    if (open.name === undefined) return shape
    if (this.#oddities() !== odd) this.doubtful.add(open.name)
    // What is settled stays: it is the same type, of which another analysis said what it is.
    if (!this.isSettled || !(open.name in this.definitions)) this.definitions[open.name] = shape
    this.#defined.set(key, open.name)
    this.#fresh.set(key, open.name)
    return { kind: 'ref', name: open.name }
  }

  /** Of what was read in vain nothing is kept, and who asks for a part of it alone may have it. */
  #giveUp({ refusal, symbol }: Endless): Shape {
    for (const [key, name] of this.#fresh) {
      this.#defined.delete(key)
      if (!this.isSettled) delete this.definitions[name]
    }
    this.#fresh.clear()
    return this.#refused.refuse(refusal, undefined, symbol)
  }

  /** What has a name is the same wherever it is met, so it can be read outside of all that it was met in. */
  #putOff(type: TypeHandle, name: string, make: () => Shape, key: object): Shape {
    const { within } = this.#refused
    this.#defined.set(key, name)
    this.#expansions.putOff(() => {
      this.#defined.delete(key)
      const shape = this.#refused.reading(within, () => this.read(type, name, make, key))
      if (shape.kind === 'ref') return
      this.definitions[name] = shape
      this.doubtful.add(name)
      this.#fresh.set(key, name)
    })
    return { kind: 'ref', name }
  }

  #recall(type: TypeHandle, symbol: SymbolHandle, name: string): boolean {
    const shape = this.#recalled(name, this.#names.declaration(symbol)?.nameSpan)
    if (shape === undefined) return false
    this.definitions[name] ??= shape
    this.recalled.add(name)
    this.#defined.set(type, name)
    return true
  }
}
