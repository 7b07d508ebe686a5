/**
 * Tells plain objects from everything else that has members: built-in classes, errors, functions, instances of classes,
 * components. In goes an object type; out comes what it is, decided by its declaration and never by its name alone.
 */
import type { CheckerView, Member, SymbolHandle, TypeHandle } from '../../checker/view.ts'
import type { Markers } from '../declared/markers.ts'
import { BOUND, BOUND_OTHER, CROSSING, type Crossing, ERRORS, STREAMS } from './builtins.ts'
import {
  anyComponent,
  boundValue,
  errorClass,
  functionValue,
  implementationValue,
  instance,
  type Refusal,
  subtype,
} from './refusals.ts'

export type Classified =
  | { readonly kind: 'plain' }
  | { readonly kind: 'error' }
  | { readonly kind: 'builtIn'; readonly crossing: Crossing }
  /** Another name for `of`: `Readonly<Date>`, `interface Names extends Array<string> {}`. */
  | { readonly kind: 'same'; readonly of: TypeHandle; readonly readonly: boolean }
  | { readonly kind: 'component'; readonly symbol: SymbolHandle }
  /** `refusal`: unless it brings a codec. */
  | { readonly kind: 'class'; readonly symbol: SymbolHandle; readonly refusal: Refusal }
  | { readonly kind: 'refused'; readonly refusal: Refusal; readonly symbol: SymbolHandle | undefined }

const BASES_DEPTH_MAX = 32
const LISTS: ReadonlySet<string> = new Set(['Array', 'ReadonlyArray'])

function sameNames(some: readonly Member[], others: readonly Member[]): boolean {
  const names = new Set(others.map(({ name }) => name))
  return some.length === others.length && some.every(({ name }) => names.has(name))
}

export class Classifier {
  readonly #view: CheckerView
  readonly #markers: Markers

  constructor(view: CheckerView, markers: Markers) {
    this.#view = view
    this.#markers = markers
  }

  /** `type` is described as `object`. */
  classify(type: TypeHandle): Classified {
    const symbol = this.#view.symbolOf(type)
    const refuse = (refusal: Refusal): Classified => ({ kind: 'refused', refusal, symbol })
    if (this.#view.isConstructable(type)) return { kind: 'refused', refusal: functionValue('class'), symbol: undefined }
    if (this.#view.callSignatures(type).length > 0) {
      return { kind: 'refused', refusal: functionValue('function'), symbol: undefined }
    }
    const kind = symbol && this.#view.symbolKind(symbol)
    if (!symbol || (kind !== 'interface' && kind !== 'class')) return this.#mapped(type)
    const name = this.#view.symbolName(symbol)
    const marker = this.#markers.of(symbol)
    if (marker === 'component') return refuse(anyComponent)
    if (this.#markers.isComponent(symbol)) return { kind: 'component', symbol }
    if (marker === 'listener' || marker === 'logger') return refuse(boundValue(name, BOUND_OTHER))
    const platform = this.#isPlatform(symbol)
    const crossing = platform ? CROSSING.get(name) : undefined
    if (crossing) return { kind: 'builtIn', crossing }
    const bound = platform ? BOUND.get(name) : undefined
    if (bound) return refuse(boundValue(name, bound))
    const bases = this.#platformBases(type)
    if ([...bases, ...(platform ? [name] : [])].some((each) => ERRORS.has(each))) {
      return kind === 'interface' || platform ? { kind: 'error' } : this.#errorClass(symbol, name)
    }
    if (platform && (kind === 'class' || this.#hasMethods(type))) return refuse(boundValue(name, BOUND_OTHER))
    if (kind === 'class') return { kind: 'class', symbol, refusal: this.#classRefusal(symbol, name) }
    const list = this.#list(type)
    if (list) return { kind: 'same', of: list, readonly: false }
    const base = bases.find((each) => LISTS.has(each) || CROSSING.has(each) || STREAMS.has(each))
    return base === undefined ? this.#mapped(type) : refuse(subtype(name, base))
  }

  /** The array or tuple that an interface extends without a member of its own: how recursive lists used to be written. */
  #list(type: TypeHandle): TypeHandle | undefined {
    const [base, second] = this.#view.bases(type)
    if (!base || second) return undefined
    const isList = ['array', 'tuple'].includes(this.#view.describe(base).kind)
    const adds = this.#view.members(type).length - this.#view.members(base).length
    return isList && adds === 0 ? base : undefined
  }

  /**
   * `Readonly<Date>`, and what `{ readonly [K in keyof T]: … }` makes of a built-in class somewhere in a deep type: all its methods under
   * their names, or all but those that change it. At run time it is what it was.
   */
  #mapped(type: TypeHandle): Classified {
    const alias = this.#view.aliasOf(type)
    const [of, second] = alias?.typeArguments ?? []
    const members = this.#view.members(type)
    if (alias && of && !second) {
      const name = this.#platformName(of)
      const crosses = name !== undefined && (CROSSING.has(name) || ERRORS.has(name))
      if (crosses && sameNames(members, this.#view.members(of))) {
        const isLib = this.#view.declarationsOf(alias.symbol).some(({ origin }) => origin === 'lib')
        return { kind: 'same', of, readonly: isLib && this.#view.symbolName(alias.symbol) === 'Readonly' }
      }
    }
    const first = members.find(({ origin }) => origin === 'lib' || origin === 'node')
    const owner = first && this.#view.owner(first.symbol)
    const crossing = owner && CROSSING.get(this.#view.symbolName(owner))
    if (!owner || crossing?.kind !== 'whole' || !this.#isPlatform(owner)) return { kind: 'plain' }
    const all = this.#view.members(this.#view.declaredType(owner))
    const left = new Set(members.map(({ name }) => name))
    const whole =
      members.every(({ symbol }) => this.#view.owner(symbol) === owner) &&
      all.every(({ name }) => left.has(name) || name.startsWith('set'))
    return whole ? { kind: 'builtIn', crossing } : { kind: 'plain' }
  }

  /** An implementation of a component may be meant as the component itself. */
  #classRefusal(symbol: SymbolHandle, name: string): Refusal {
    const component = this.#view
      .implemented(symbol)
      .map(({ type }) => this.#view.symbolOf(type))
      .find((each) => each !== undefined && this.#markers.isComponent(each))
    const inProject = this.#view.declarationsOf(symbol)[0]?.origin === 'project'
    return component ? implementationValue(name, this.#view.symbolName(component)) : instance(name, inProject)
  }

  /** `T` of `AsyncIterable<T>` and its like; other asynchronous things are refused with advice of their own. */
  streamItem(type: TypeHandle): TypeHandle | undefined {
    const name = this.#platformName(type)
    return name !== undefined && STREAMS.has(name) ? this.#view.typeArguments(type)[0] : undefined
  }

  isSignal(type: TypeHandle): boolean {
    return this.#platformName(type) === 'AbortSignal'
  }

  #platformName(type: TypeHandle): string | undefined {
    if (this.#view.describe(type).kind !== 'object') return undefined
    const symbol = this.#view.symbolOf(type)
    return symbol && this.#isPlatform(symbol) ? this.#view.symbolName(symbol) : undefined
  }

  #errorClass(symbol: SymbolHandle, name: string): Classified {
    const inProject = this.#view.declarationsOf(symbol)[0]?.origin === 'project'
    if (inProject && this.#view.exportName(symbol) !== undefined) return { kind: 'error' }
    return { kind: 'refused', refusal: errorClass(name, inProject), symbol }
  }

  #isPlatform(symbol: SymbolHandle): boolean {
    return this.#view.declarationsOf(symbol).some(({ origin }) => origin === 'lib' || origin === 'node')
  }

  #hasMethods(type: TypeHandle): boolean {
    return this.#view.members(type).some((member) => member.kind === 'method')
  }

  /** Names of the language's and Node's own types that it extends, at any distance. */
  #platformBases(type: TypeHandle, depth = 0): string[] {
    if (depth > BASES_DEPTH_MAX) return []
    return this.#view.bases(type).flatMap((base) => {
      const symbol = this.#view.symbolOf(base)
      const own = symbol && this.#isPlatform(symbol) ? [this.#view.symbolName(symbol)] : []
      return [...own, ...this.#platformBases(base, depth + 1)]
    })
  }
}
