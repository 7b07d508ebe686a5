/**
 * Follows types for view7-ahead.ts, level by level: in go the types that cross a project's boundaries, and everything that the
 * analysis asks about them and about what they are made of is in `answers` afterwards. Two walks go side by side: while
 * the compiler answers one, the answers of the other are taken in.
 */

import type { Ahead7Input } from './view7-ahead.ts'
import type { Request } from './view7-answers.ts'
import type { Ast, Signature, TsSymbol, Type } from './view7-api.ts'

/** How far types are followed from an interface, and how many of one generic: one that contains itself anew is endless. */
const LEVELS_MAX = 400
const INSTANCES_MAX = 2000
/** As deep as the analysis follows base types. */
export const BASES_MAX = 64

/** Goes on when what it gave out has been answered. */
type Steps<Result> = Generator<readonly Request[], Result, void>

/** What a type response says beyond what `Type` declares; of its symbols, none needs no question. */
interface Details {
  readonly symbol?: unknown
  readonly aliasSymbol?: unknown
  readonly objectFlags?: number
  readonly typeParameters?: readonly number[]
}
const details = (type: Type): Details => type as Type & Details

/** To what it asks next; undefined at its end. */
function advance(walk: Steps<void>): readonly Request[] | undefined {
  for (;;) {
    const { done, value } = walk.next()
    if (done === true) return undefined
    if (value.length > 0) return value
  }
}

export class Walk7 {
  readonly #input: Ahead7Input
  readonly #answers: Ahead7Input['answers']
  readonly #seen = new Set<Type>()
  readonly #based = new Set<TsSymbol>()
  readonly #instances = new Map<TsSymbol, number>()

  constructor(input: Ahead7Input) {
    this.#input = input
    this.#answers = input.answers
  }

  /** Everything that types are made of, down to the library's own. */
  types(from: readonly Type[]): void {
    const [one, other]: [Type[], Type[]] = [[], []]
    for (const [at, type] of from.entries()) (at % 2 === 0 ? one : other).push(type)
    this.#sideBySide([this.#follow(one), this.#follow(other)])
  }

  /** Base types of base types. */
  bases(symbols: readonly TsSymbol[]): void {
    this.#sideBySide([this.#bases(symbols)])
  }

  /** What signatures consist of. */
  signatures(signatures: readonly Signature[]): Type[] {
    let found: Type[] = []
    const steps = this.#signatures(signatures)
    this.#sideBySide([
      (function* () {
        found = yield* steps
      })(),
    ])
    return found
  }

  #sideBySide(walks: readonly Steps<void>[]): void {
    const answers = this.#answers
    const waiting = [...walks]
    let asked: { walk: Steps<void>; requests: readonly Request[] } | undefined
    do {
      const walk = waiting.shift()
      const requests = walk && advance(walk)
      const next = walk && requests && { walk, requests }
      // The compiler has answered `asked`: it gets the next work before the answers are looked at.
      if (next) answers.send(next.requests)
      if (asked) {
        answers.load(asked.requests)
        waiting.push(asked.walk)
      }
      asked = next
    } while (asked !== undefined || waiting.length > 0)
  }

  *#follow(from: readonly Type[]): Steps<void> {
    let level = from
    for (let depth = 0; level.length > 0 && depth < LEVELS_MAX; depth++) {
      for (const type of level) this.#seen.add(type)
      level = [...new Set(yield* this.#level(level))].filter((type) => !this.#seen.has(type))
    }
  }

  *#level(level: readonly Type[]): Steps<Type[]> {
    const answers = this.#answers
    const { TypeFlags, ObjectFlags } = this.#input.ts7.sync
    const composite = level.filter(({ flags }) => flags & TypeFlags.UnionOrIntersection)
    const objects = level.filter(({ flags }) => flags & TypeFlags.Object)
    const references = objects.filter((type) => (details(type).objectFlags ?? 0) & ObjectFlags.Reference)
    const instances = references.filter((type) => !type.isClassOrInterface())
    yield [
      ...answers.symbol.requests(level.filter((type) => details(type).symbol !== undefined)),
      ...answers.aliasSymbol.requests(level.filter((type) => details(type).aliasSymbol !== undefined)),
      ...answers.parts.requests(composite),
      ...answers.target.requests(instances),
    ]
    const aliased = level.filter((type) => answers.aliasSymbol.get(type) !== undefined)
    for (const type of objects) this.#inferMethod(type)
    const inside = objects.filter((type) => this.#isOpen(type) && this.#counts(type))
    const generic = references.filter((type) => !type.isClassOrInterface() || this.#hasParameters(type))
    const enums = level
      .filter(({ flags }) => flags & TypeFlags.EnumLiteral)
      .flatMap((type) => answers.symbol.get(type) ?? [])
    const declaring = objects.flatMap((type) => answers.symbol.get(type) ?? [])
    yield [
      ...answers.aliasArguments.requests(aliased),
      ...answers.typeArguments.requests(generic),
      ...answers.properties.requests(inside),
      ...answers.parent.requests(enums),
      ...this.#input.files.trees(declaring.flatMap((symbol) => this.#pathOf(symbol) ?? [])),
    ]
    for (const type of objects) this.#infer(type)
    yield* this.#bases(objects.flatMap((type) => this.#interfaceOf(type)))
    const members = inside.flatMap((type) => answers.properties.get(type))
    const written = members.filter((symbol) => this.#pathOf(symbol) !== undefined)
    const targets = [...new Set(instances.map((type) => answers.target.get(type)))]
    const others = objects.filter((type) => !instances.includes(type))
    yield [
      ...answers.typeOfSymbol.requests(members),
      ...answers.indexes.requests(inside),
      ...answers.callSignatures.requests([...others, ...targets]),
      ...answers.constructSignatures.requests([...others, ...targets]),
      ...this.#input.files.trees(written.map((symbol) => this.#pathOf(symbol)!)),
    ]
    for (const type of instances) this.#inferInstance(type)
    const owners = written.flatMap((symbol) => this.#input.types.ownerNode(symbol) ?? [])
    const signed = yield* this.#signatures(
      inside.flatMap((type) => answers.callSignatures.get(type)),
      answers.symbolOfDeclaration.requests(owners),
    )
    return [
      ...composite.flatMap((type) => answers.parts.get(type)),
      ...aliased.flatMap((type) => answers.aliasArguments.get(type)),
      ...generic.flatMap((type) => answers.typeArguments.get(type)),
      ...inside.flatMap((type) => answers.indexes.get(type).map(({ valueType }) => valueType)),
      ...members.map((symbol) => answers.typeOfSymbol.get(symbol)),
      ...signed,
    ]
  }

  /** `more` goes along with the first step. */
  *#signatures(signatures: readonly Signature[], more: readonly Request[] = []): Steps<Type[]> {
    const answers = this.#answers
    yield [...more, ...answers.parameters.requests(signatures), ...answers.result.requests(signatures)]
    const parameters = signatures.flatMap((signature) => answers.parameters.get(signature))
    yield answers.typeOfSymbol.requests(parameters)
    return [
      ...parameters.map((symbol) => answers.typeOfSymbol.get(symbol)),
      ...signatures.map((signature) => answers.result.get(signature)),
    ]
  }

  /** A level of base types at a time. */
  *#bases(symbols: readonly TsSymbol[]): Steps<void> {
    const answers = this.#answers
    const isNew = (symbol: TsSymbol): boolean => !this.#based.has(symbol)
    let level = [...new Set(symbols)].filter(isNew)
    for (let depth = 0; level.length > 0 && depth < BASES_MAX; depth++) {
      for (const symbol of level) this.#based.add(symbol)
      yield answers.declaredType.requests(level)
      const declared = level
        .map((symbol) => answers.declaredType.get(symbol))
        .filter((type) => type.isClassOrInterface())
      yield answers.bases.requests(declared)
      const above = declared.flatMap((type) => answers.bases.get(type) ?? [])
      yield answers.symbol.requests(above)
      level = [...new Set(above.flatMap((type) => answers.symbol.get(type) ?? []))].filter(isNew)
    }
  }

  /** The type of a method has call signatures and nothing else. */
  #inferMethod(type: Type): void {
    const { MethodSignature, MethodDeclaration } = this.#input.ts7.ast.SyntaxKind
    const symbol = this.#answers.symbol.get(type)
    if (!symbol || !(symbol.flags & this.#input.ts7.sync.SymbolFlags.Method)) return
    if (!symbol.declarations.every(({ kind }) => kind === MethodSignature || kind === MethodDeclaration)) return
    this.#answers.properties.assume(type, [])
    this.#answers.indexes.assume(type, [])
    this.#answers.constructSignatures.assume(type, [])
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

  /** An instance of a generic without signatures has none either. */
  #inferInstance(type: Type): void {
    const { target, callSignatures, constructSignatures } = this.#answers
    for (const signatures of [callSignatures, constructSignatures]) {
      if (signatures.get(target.get(type)).length === 0) signatures.assume(type, [])
    }
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
    return (details(type).typeParameters?.length ?? 0) > 0
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
