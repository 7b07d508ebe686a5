/**
 * Names that don't depend on the folder, the machine or the type checker: `src/cart.CartItem`, `src/list.Node<string>`,
 * `zod/types.Infer<…>` for what a package declares. In go symbols and type arguments; out come unique, stable names.
 */

import { createHash } from 'node:crypto'
import { posix } from 'node:path'
import type { CheckerView, Declaration, Place, SymbolHandle, TypeHandle } from '../../checker/view.ts'
import { fromRoot } from '../../from-root.ts'
import { byCodeUnits } from '../types/canonical.ts'
import { Packages } from './packages.ts'

/** Nesting of type arguments that is spelt out. Beyond it two different types could get one name, and get a number. */
const ARGUMENT_DEPTH_MAX = 5
/** Longer type arguments appear as their hash. */
const ARGUMENTS_LENGTH_MAX = 120

/** `src/cart`: the path from the root without its extension; of another package, that package's name and the path from there. */
export function moduleName(root: string, file: string, packages: Packages = new Packages(root)): string {
  return fromPackage(root, file, packages).replace(/(\.d)?\.[cm]?[jt]sx?$/, '')
}

/** TypeScript 7 has its library in a package for each platform. */
export const NATIVE_LIBRARY = /^@typescript\/typescript-[^/]+\//

/** With forward slashes; a package's path begins at its name, wherever it is installed or linked from. */
function fromPackage(root: string, file: string, packages: Packages): string {
  const at = file.lastIndexOf('/node_modules/')
  if (at !== -1) return file.slice(at + '/node_modules/'.length).replace(NATIVE_LIBRARY, 'typescript/')
  const path = fromRoot(root, file)
  const other = path.startsWith('../') ? packages.of(file) : undefined
  return other === undefined ? path : posix.join(other.name, posix.relative(other.folder, file))
}

export class Names {
  readonly #view: CheckerView
  readonly #root: string
  readonly #packages: Packages
  /** Who has a name: a second symbol (or an argument that couldn't be spelt out) with the same one gets `~2`. */
  readonly #owners = new Map<string, unknown[]>()
  readonly #first = new Map<string, Place | undefined>()
  /** Asked for again and again: arguments may be unions of hundreds. */
  readonly #ofSymbols = new Map<SymbolHandle, string>()
  readonly #ofTypes = new Map<TypeHandle, string>()
  readonly #sizes = new Map<TypeHandle, number>()
  #numbered = false

  constructor(view: CheckerView, root: string, packages: Packages) {
    this.#view = view
    this.#root = root
    this.#packages = packages
  }

  /** Where it is declared, for choosing whether it deserves a name. */
  declaration(symbol: SymbolHandle): Declaration | undefined {
    return this.#view.declarationsOf(symbol)[0]
  }

  /** `src/cart.CartItem`, without type arguments. */
  ofSymbol(symbol: SymbolHandle): string {
    let name = this.#ofSymbols.get(symbol)
    if (name === undefined) {
      name = this.#newName(symbol)
      this.#ofSymbols.set(symbol, name)
    }
    return name
  }

  #newName(symbol: SymbolHandle): string {
    const declared = this.declaration(symbol)
    const path = [...this.#view.namespaces(symbol), this.#view.symbolName(symbol)].join('.')
    const module = !declared
      ? ''
      : declared.origin === 'lib'
        ? 'lib.'
        : `${moduleName(this.#root, declared.file, this.#packages)}.`
    const name = module + path
    if (!this.#first.has(name)) this.#first.set(name, declared?.nameSpan)
    return this.#unique(name, symbol)
  }

  /** Of an instantiated type. `type` tells apart what the text of its arguments doesn't. */
  ofType(symbol: SymbolHandle, typeArguments: readonly TypeHandle[], type: TypeHandle): string {
    if (typeArguments.length === 0) return this.ofSymbol(symbol)
    let name = this.#ofTypes.get(type)
    if (name === undefined) {
      name = this.#instantiated(symbol, typeArguments, type)
      this.#ofTypes.set(type, name)
    }
    return name
  }

  /** How long the text of its arguments is; endless where they are too deep to spell out, 0 where it has none. */
  sizeOf(type: TypeHandle): number {
    return this.#sizes.get(type) ?? 0
  }

  #instantiated(symbol: SymbolHandle, typeArguments: readonly TypeHandle[], type: TypeHandle): string {
    const base = this.ofSymbol(symbol)
    const texts = typeArguments.map((each) => this.#argument(each, 0))
    const text = texts.join(', ')
    this.#sizes.set(type, text.includes('…') ? Number.POSITIVE_INFINITY : text.length)
    const hash = () =>
      `#${createHash('sha256').update(text).digest('hex').slice(0, 12)}${text.includes('…') ? '…' : ''}`
    const name = `${base}<${text.length > ARGUMENTS_LENGTH_MAX ? hash() : text}>`
    return name.includes('…') ? this.#unique(name, type) : name
  }

  /** Some name was given twice, and who got it first depends on the order in which types were met. */
  get numbered(): boolean {
    return this.#numbered
  }

  /** Every name that was given, with the place of the type that has it. */
  places(): Map<string, Place | undefined> {
    return new Map(this.#first)
  }

  /** Of a recursive type that nobody has named. */
  ofAnonymous(type: object): string {
    return this.#unique('anonymous', type)
  }

  #unique(name: string, owner: unknown): string {
    const owners = this.#owners.get(name) ?? []
    if (owners.length === 0) this.#owners.set(name, owners)
    if (!owners.includes(owner)) owners.push(owner)
    const at = owners.indexOf(owner)
    if (at > 0) this.#numbered = true
    return at === 0 ? name : `${name}~${at + 1}`
  }

  #argument(type: TypeHandle, depth: number): string {
    if (depth > ARGUMENT_DEPTH_MAX) return '…'
    const next = (each: TypeHandle) => this.#argument(each, depth + 1)
    const description = this.#view.describe(type)
    switch (description.kind) {
      case 'literal': {
        const { literal } = description
        return literal.type === 'bigint' ? `${literal.value}n` : JSON.stringify(literal.value)
      }
      case 'union':
        return this.#named(type, depth) ?? description.parts.map(next).sort(byCodeUnits).join(' | ')
      case 'intersection':
        return this.#named(type, depth) ?? description.parts.map(next).sort(byCodeUnits).join(' & ')
      case 'array':
        return `${description.readonly ? 'readonly ' : ''}(${next(description.element)})[]`.replace(
          /\(([\w./"-]+)\)/,
          '$1',
        )
      case 'tuple':
        return `[${description.elements.map((each) => `${each.kind === 'required' ? '' : `${each.kind} `}${next(each.type)}`).join(', ')}]`
      case 'object':
        return this.#named(type, depth) ?? this.#members(type, depth)
      default:
        return description.kind
    }
  }

  #named(type: TypeHandle, depth: number): string | undefined {
    const alias = this.#view.aliasOf(type)
    const symbol = alias?.symbol ?? this.#view.symbolOf(type)
    if (!symbol || (!alias && !['interface', 'class'].includes(this.#view.symbolKind(symbol)))) return undefined
    const texts = (alias?.typeArguments ?? this.#view.typeArguments(type)).map((each) =>
      this.#argument(each, depth + 1),
    )
    const base = this.ofSymbol(symbol)
    return texts.length === 0 ? base : `${base}<${texts.join(', ')}>`
  }

  #members(type: TypeHandle, depth: number): string {
    const members = this.#view.members(type).map((member) => {
      const mark = `${member.readonly ? 'readonly ' : ''}${JSON.stringify(member.name)}${member.optional ? '?' : ''}`
      return `${mark}: ${this.#argument(member.type, depth + 1)}`
    })
    const indexes = this.#view.indexes(type).map((each) => `[${each.key}]: ${this.#argument(each.type, depth + 1)}`)
    // A function says nothing here; it is refused elsewhere.
    const signature = this.#view.callSignatures(type).length > 0 ? ['…'] : []
    return `{ ${[...members.sort(byCodeUnits), ...indexes.sort(byCodeUnits), ...signature].join('; ')} }`
  }
}
