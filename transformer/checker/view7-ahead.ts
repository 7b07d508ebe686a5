/**
 * Fetches ahead what the analysis is going to ask: which declarations are marked, what the project declares, and the types
 * that cross its boundaries, level by level. Nothing depends on it but time: what isn't fetched here is asked one by one,
 * at 70 µs each, and what is fetched in vain is forgotten with the view. 300 files are some forty round trips.
 */
import type { CheckerView, SourceFile } from './view.ts'
import type { Answers7 } from './view7-answers.ts'
import type { Ast, Node, Signature, Ts7, TsSymbol, Type } from './view7-api.ts'
import type { Files7 } from './view7-files.ts'
import type { Reader } from './view7-reader.ts'
import type { Types7 } from './view7-types.ts'

/** How far types are followed from an interface, and how many of one generic: one that contains itself anew is endless. */
const LEVELS_MAX = 400
const INSTANCES_MAX = 2000
/** As deep as the analysis follows base types. */
const BASES_MAX = 64

export interface Ahead7Input {
  readonly ts7: Ts7
  readonly answers: Answers7
  readonly files: Files7
  readonly types: Types7
  readonly reader: Reader
}

type Marked = ReturnType<CheckerView['marked']>

export interface Ahead7 {
  marked(): Marked
  /** From then on `declarations` and what follows from them ask little. */
  declarations(): void
}

export function createAhead7(input: Ahead7Input): Ahead7 {
  const { answers, files, types, reader } = input
  let marked: Marked | undefined
  let fetched = false

  function findMarked(): Marked {
    const own = files.list.filter((file) => file.origin === 'project' && !file.declaration)
    const carriers = files.list.filter(
      ({ origin, text }) => origin !== 'lib' && origin !== 'node' && text.includes('@weaveMarker'),
    )
    answers.load(files.trees([...carriers, ...own.filter(declaresBoundary)].map(({ path }) => path)))
    const found = carriers.flatMap((file) => reader.marked(file))
    answers.load(answers.symbolAt.requests(found.map(({ name }) => name)))
    return found.flatMap(({ marker, name }) => {
      const symbol = answers.symbolAt.get(name)
      return symbol ? [{ marker, symbol: types.asSymbol(symbol) }] : []
    })
  }

  return {
    marked() {
      marked ??= findMarked()
      return marked
    },
    declarations() {
      if (fetched) return
      fetched = true
      marked ??= findMarked()
      const components = new Set(
        marked.filter(({ marker }) => marker === 'component').map(({ symbol }) => types.ofSymbol(symbol)),
      )
      new Walk(input).declarations(components)
    },
  }
}

/** A file without one of these declares neither a component nor a class; its tree isn't needed for that. */
function declaresBoundary({ text }: SourceFile): boolean {
  return /\bclass\b/.test(text) || (/\binterface\b/.test(text) && /\bextends\b/.test(text))
}

/** What a type response says of its symbols: none needs no question. */
interface References {
  readonly symbol?: unknown
  readonly aliasSymbol?: unknown
}

class Walk {
  readonly #input: Ahead7Input
  readonly #answers: Answers7
  readonly #seen = new Set<Type>()
  readonly #based = new Set<TsSymbol>()
  readonly #instances = new Map<TsSymbol, number>()

  constructor(input: Ahead7Input) {
    this.#input = input
    this.#answers = input.answers
  }

  declarations(markers: ReadonlySet<TsSymbol>): void {
    const { files, reader, types } = this.#input
    const { ClassDeclaration } = this.#input.ts7.ast.SyntaxKind
    const answers = this.#answers
    const nodes = files.list
      .filter((file) => file.origin === 'project' && !file.declaration && declaresBoundary(file))
      .flatMap((file) => reader.declared(file))
    const entries: Node[] = nodes
      .filter(({ kind }) => kind === ClassDeclaration)
      .flatMap((node) => (node.heritageClauses ?? []).flatMap((clause) => [...clause.types]))
    answers.load(answers.symbolOfDeclaration.requests(nodes), answers.typeAt.requests(entries))
    const withHeritage = nodes.filter((node) => (node.heritageClauses?.length ?? 0) > 0)
    const symbols = withHeritage.flatMap((node) => answers.symbolOfDeclaration.get(node) ?? [])
    const classes = symbols.filter((symbol) => symbol.flags & this.#input.ts7.sync.SymbolFlags.Class)
    answers.load(
      answers.declaredType.requests(symbols),
      answers.typeOfSymbol.requests(classes),
      answers.symbol.requests(entries.map((entry) => answers.typeAt.get(entry))),
    )
    this.#bases(symbols)
    const isComponent = (symbol: TsSymbol): boolean => this.#reaches(symbol, markers, 0)
    const components = symbols.filter((symbol) => !classes.includes(symbol) && isComponent(symbol))
    const implementing = classes.filter((symbol) => types.heritage(symbol).some((entry) => entry.implements))
    const constructors = implementing.map((symbol) => answers.typeOfSymbol.get(symbol))
    answers.load(
      answers.constructSignatures.requests(constructors),
      answers.properties.requests(implementing.map((symbol) => answers.declaredType.get(symbol))),
    )
    const injected = this.#signatures(constructors.flatMap((type) => answers.constructSignatures.get(type)))
    this.types([...components.map((symbol) => answers.declaredType.get(symbol)), ...injected])
  }

  /** Base types of base types, a level at a time. */
  #bases(symbols: readonly TsSymbol[]): void {
    const answers = this.#answers
    const isNew = (symbol: TsSymbol): boolean => !this.#based.has(symbol)
    let level = [...new Set(symbols)].filter(isNew)
    for (let depth = 0; level.length > 0 && depth < BASES_MAX; depth++) {
      for (const symbol of level) this.#based.add(symbol)
      answers.load(answers.declaredType.requests(level))
      const declared = level
        .map((symbol) => answers.declaredType.get(symbol))
        .filter((type) => type.isClassOrInterface())
      answers.load(answers.bases.requests(declared))
      const above = declared.flatMap((type) => answers.bases.get(type) ?? [])
      answers.load(answers.symbol.requests(above))
      level = [...new Set(above.flatMap((type) => answers.symbol.get(type) ?? []))].filter(isNew)
    }
  }

  #reaches(symbol: TsSymbol, markers: ReadonlySet<TsSymbol>, depth: number): boolean {
    if (depth > BASES_MAX) return false
    const type = this.#answers.declaredType.get(symbol)
    if (!type.isClassOrInterface()) return false
    return (this.#answers.bases.get(type) ?? []).some((base) => {
      const above = this.#answers.symbol.get(base)
      return above !== undefined && (markers.has(above) || this.#reaches(above, markers, depth + 1))
    })
  }

  /** Everything that types are made of, down to the library's own. */
  types(from: readonly Type[]): void {
    let level = from
    for (let depth = 0; level.length > 0 && depth < LEVELS_MAX; depth++) {
      for (const type of level) this.#seen.add(type)
      level = [...new Set(this.#level(level))].filter((type) => !this.#seen.has(type))
    }
  }

  #level(level: readonly Type[]): Type[] {
    const answers = this.#answers
    const { TypeFlags, ObjectFlags } = this.#input.ts7.sync
    const objectFlags = (type: Type): number => (type as { objectFlags?: number }).objectFlags ?? 0
    const composite = level.filter(({ flags }) => flags & TypeFlags.UnionOrIntersection)
    const objects = level.filter(({ flags }) => flags & TypeFlags.Object)
    const references = objects.filter((type) => objectFlags(type) & ObjectFlags.Reference)
    answers.load(
      answers.symbol.requests(level.filter((type) => (type as References).symbol !== undefined)),
      answers.aliasSymbol.requests(level.filter((type) => (type as References).aliasSymbol !== undefined)),
      answers.parts.requests(composite),
      answers.target.requests(references.filter((type) => !type.isClassOrInterface())),
    )
    const aliased = level.filter((type) => answers.aliasSymbol.get(type) !== undefined)
    const inside = objects.filter((type) => this.#isOpen(type) && this.#counts(type))
    const generic = references.filter((type) => !type.isClassOrInterface() || this.#hasParameters(type))
    const enums = level
      .filter(({ flags }) => flags & TypeFlags.EnumLiteral)
      .flatMap((type) => answers.symbol.get(type) ?? [])
    const declaring = objects.flatMap((type) => answers.symbol.get(type) ?? [])
    answers.load(
      answers.aliasArguments.requests(aliased),
      answers.typeArguments.requests(generic),
      answers.properties.requests(inside),
      answers.parent.requests(enums),
      this.#input.files.trees(declaring.flatMap((symbol) => this.#pathOf(symbol) ?? [])),
    )
    for (const type of objects) this.#infer(type)
    this.#bases(objects.flatMap((type) => this.#interfaceOf(type)))
    const members = inside.flatMap((type) => answers.properties.get(type))
    const written = members.filter((symbol) => this.#pathOf(symbol) !== undefined)
    const places = written.map((symbol) => this.#pathOf(symbol)!)
    answers.load(
      answers.typeOfSymbol.requests(members),
      answers.indexes.requests(inside),
      answers.callSignatures.requests(objects),
      answers.constructSignatures.requests(objects),
      this.#input.files.trees(places),
    )
    const owners = written.flatMap((symbol) => this.#input.types.ownerNode(symbol) ?? [])
    answers.load(answers.symbolOfDeclaration.requests(owners))
    return [
      ...composite.flatMap((type) => answers.parts.get(type)),
      ...aliased.flatMap((type) => answers.aliasArguments.get(type)),
      ...generic.flatMap((type) => answers.typeArguments.get(type)),
      ...inside.flatMap((type) => answers.indexes.get(type).map(({ valueType }) => valueType)),
      ...members.map((symbol) => answers.typeOfSymbol.get(symbol)),
      ...this.#signatures(inside.flatMap((type) => answers.callSignatures.get(type))),
    ]
  }

  /**
   * An interface or type literal that is written with properties and methods only, and extends nothing, has no signatures: that is
   * most of all types, and three questions less for each.
   */
  #infer(type: Type): void {
    const { files, ts7 } = this.#input
    const { InterfaceDeclaration, TypeLiteral, PropertySignature, MethodSignature } = ts7.ast.SyntaxKind
    const answers = this.#answers
    const symbol = answers.symbol.get(type)
    if (!symbol || symbol.declarations.length === 0) return
    if (type.isClassOrInterface()) answers.declaredType.assume(symbol, type)
    const plain = symbol.declarations.every((handle) => {
      if (handle.kind !== InterfaceDeclaration && handle.kind !== TypeLiteral) return false
      if (['lib', 'node'].includes(files.originOf(files.pathOf(handle.path)))) return false
      const node = files.resolve(handle) as Ast.InterfaceDeclaration
      if ((node.heritageClauses?.length ?? 0) > 0) return false
      return node.members.every(({ kind }) => kind === PropertySignature || kind === MethodSignature)
    })
    if (!plain) return
    if (type.isClassOrInterface()) answers.bases.assume(type, [])
    answers.indexes.assume(type, [])
    answers.callSignatures.assume(type, [])
    answers.constructSignatures.assume(type, [])
  }

  #signatures(signatures: readonly Signature[]): Type[] {
    const answers = this.#answers
    answers.load(answers.parameters.requests(signatures), answers.result.requests(signatures))
    const parameters = signatures.flatMap((signature) => answers.parameters.get(signature))
    answers.load(answers.typeOfSymbol.requests(parameters))
    return [
      ...parameters.map((symbol) => answers.typeOfSymbol.get(symbol)),
      ...signatures.map((signature) => answers.result.get(signature)),
    ]
  }

  /** The analysis asks of each whether it is a component. */
  #interfaceOf(type: Type): TsSymbol[] {
    const symbol = this.#answers.symbol.get(type)
    return symbol && symbol.flags & this.#input.ts7.sync.SymbolFlags.Interface ? [symbol] : []
  }

  #counts(type: Type): boolean {
    const symbol = this.#answers.aliasSymbol.get(type) ?? this.#answers.symbol.get(type)
    // Object literals share a symbol with nobody, or have none.
    if (!symbol) return true
    const count = (this.#instances.get(symbol) ?? 0) + 1
    this.#instances.set(symbol, count)
    return count <= INSTANCES_MAX
  }

  #hasParameters(type: Type): boolean {
    return ((type as { typeParameters?: readonly number[] }).typeParameters?.length ?? 0) > 0
  }

  /** Its members are of interest: it isn't a class or interface of the library, which are known by their names. */
  #isOpen(type: Type): boolean {
    if (type.isTupleType()) return false
    const symbol = this.#answers.symbol.get(type)
    const { Class, Interface } = this.#input.ts7.sync.SymbolFlags
    if (!symbol || !(symbol.flags & (Class | Interface))) return true
    const { files } = this.#input
    return !symbol.declarations.some(({ path }) => ['lib', 'node'].includes(files.originOf(files.pathOf(path))))
  }

  /** The file whose tree will be read, for modifiers and for what is around a member. */
  #pathOf({ declarations: [handle] }: TsSymbol): string | undefined {
    if (!handle) return undefined
    const { files } = this.#input
    const path = files.pathOf(handle.path)
    return files.originOf(path) === 'lib' ? undefined : path
  }
}
