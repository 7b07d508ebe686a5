/**
 * Tells plain objects from everything else that has members: built-in classes, errors, functions, instances of classes,
 * components. In goes an object type; out comes what it is, decided by its declaration and never by its name alone.
 */
import type { CheckerView, SymbolHandle, TypeHandle } from '../checker/view.ts'
import { BOUND, BOUND_OTHER, CROSSING, type Crossing, ERRORS } from './builtins.ts'
import type { Markers } from './markers.ts'
import { boundValue, componentValue, errorClass, functionValue, instance, type Refusal, subtype } from './refusals.ts'

export type Classified =
  | { readonly kind: 'plain' }
  | { readonly kind: 'error' }
  | { readonly kind: 'builtIn'; readonly crossing: Crossing }
  | { readonly kind: 'refused'; readonly refusal: Refusal; readonly symbol: SymbolHandle | undefined }

const BASES_DEPTH_MAX = 32

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
    if (!symbol || (kind !== 'interface' && kind !== 'class')) return { kind: 'plain' }
    const name = this.#view.symbolName(symbol)
    const marker = this.#markers.of(symbol)
    if (marker === 'component' || this.#markers.isComponent(symbol)) return refuse(componentValue(name))
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
    if (kind === 'class') return refuse(instance(name))
    const base = bases.find((each) => each === 'Array' || each === 'ReadonlyArray' || CROSSING.has(each))
    return base === undefined ? { kind: 'plain' } : refuse(subtype(name, base))
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
