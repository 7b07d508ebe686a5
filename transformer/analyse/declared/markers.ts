/**
 * What the types of weavets are called inside a project: everything that carries `@weaveMarker`, found by its declaration.
 * A user's own `Component` or `Key` is never taken for ours, and ours is recognised under any import name.
 */
import type { CheckerView, Member, SymbolHandle, TypeHandle } from '../../checker/view.ts'

const BASES_DEPTH_MAX = 64

export class Markers {
  readonly #view: CheckerView
  readonly #bySymbol = new Map<SymbolHandle, string>()
  readonly #components = new Map<SymbolHandle, boolean>()
  #json: readonly TypeHandle[] | undefined

  constructor(view: CheckerView) {
    this.#view = view
    for (const { marker, symbol } of view.marked()) this.#bySymbol.set(symbol, marker)
  }

  get found(): boolean {
    return this.#bySymbol.size > 0
  }

  of(symbol: SymbolHandle): string | undefined {
    return this.#bySymbol.get(symbol)
  }

  symbols(): readonly { marker: string; symbol: SymbolHandle }[] {
    return [...this.#bySymbol].map(([symbol, marker]) => ({ marker, symbol }))
  }

  /** An interface below `Component`, at any distance; `Component` itself is none. */
  isComponent(symbol: SymbolHandle): boolean {
    const known = this.#components.get(symbol)
    if (known !== undefined) return known
    const is = this.#view.symbolKind(symbol) === 'interface' && this.#extendsMarked(symbol, 0)
    this.#components.set(symbol, is)
    return is
  }

  #extendsMarked(symbol: SymbolHandle, depth: number): boolean {
    if (depth > BASES_DEPTH_MAX) return false
    return this.#view.bases(this.#view.declaredType(symbol)).some((base) => {
      const above = this.#view.symbolOf(base)
      return above !== undefined && (this.of(above) === 'component' || this.#extendsMarked(above, depth + 1))
    })
  }

  /** The members of the union `Json`; a union that has them all contains it, whatever it is called. */
  jsonParts(): readonly TypeHandle[] {
    if (this.#json) return this.#json
    const json = [...this.#bySymbol].find(([, marker]) => marker === 'json')?.[0]
    const description = json && this.#view.describe(this.#view.declaredType(json))
    this.#json = description?.kind === 'union' ? description.parts : []
    return this.#json
  }

  /** `Key<T>` and its like are intersections with a member that a marked alias declares. */
  markedParts(parts: readonly TypeHandle[]): ReadonlySet<string> {
    const found = new Set<string>()
    for (const part of parts) {
      if (this.#view.describe(part).kind !== 'object') continue
      for (const member of this.#view.members(part)) {
        const marker = member.key === 'symbol' ? this.#ownerOf(member) : undefined
        if (marker) found.add(marker)
      }
    }
    return found
  }

  isMarkerMember(member: Member): boolean {
    return this.#ownerOf(member) !== undefined
  }

  #ownerOf(member: Member): string | undefined {
    const owner = this.#view.owner(member.symbol)
    return owner && this.of(owner)
  }

  /** `T` is `Key<…>`, `Config<…>` …: by its alias, or (through another alias) by its parts. */
  is(marker: string, type: TypeHandle): boolean {
    const alias = this.#view.aliasOf(type)
    if (alias && this.of(alias.symbol) === marker) return true
    const description = this.#view.describe(type)
    if (description.kind === 'intersection') return this.markedParts(description.parts).has(marker)
    // `Key<'a' | 'b'>` is a union of intersections.
    return (
      description.kind === 'union' &&
      description.parts.length > 0 &&
      description.parts.every((part) => this.#view.describe(part).kind === 'intersection' && this.is(marker, part))
    )
  }
}
