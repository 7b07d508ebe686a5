/**
 * Follows types for view7-ahead.ts, level by level: in go the types that cross a project's boundaries, and everything that the
 * analysis asks about them and about what they are made of is in `answers` afterwards. Two walks go side by side: while
 * the compiler answers one, the answers of the other are taken in.
 */

import type { ExpectedComponents } from './view.ts'
import type { Ahead7Input } from './view7-ahead.ts'
import type { Request } from './view7-answers.ts'
import type { Signature, TsSymbol, Type } from './view7-api.ts'
import { inferInstance, inferMethod, inferPlain } from './view7-infer.ts'

/** How far types are followed from an interface, and how many of one generic: one that contains itself anew is endless. */
const LEVELS_MAX = 400
const INSTANCES_MAX = 2000
/** As deep as the analysis follows base types. */
export const BASES_MAX = 64

type IsKnown = ExpectedComponents['isKnown']

/** Goes on when what it gave out has been answered. */
type Steps<Result> = Generator<readonly Request[], Result, void>

/** What a type response says beyond what `Type` declares; of its symbols, none needs no question. */
interface Details {
  readonly symbol?: unknown
  readonly aliasSymbol?: unknown
  readonly objectFlags?: number
  readonly typeParameters?: readonly number[]
  readonly aliasTypeArguments?: readonly number[]
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
  #isKnown: IsKnown = () => false

  constructor(input: Ahead7Input) {
    this.#input = input
    this.#answers = input.answers
  }

  /** Everything that types are made of, down to the library's own and to what is known by its name. */
  types(from: readonly Type[], isKnown: IsKnown): void {
    this.#isKnown = isKnown
    const [one, other]: [Type[], Type[]] = [[], []]
    for (const [at, type] of from.entries()) (at % 2 === 0 ? one : other).push(type)
    this.#sideBySide([this.#follow(one), this.#follow(other)])
  }

  /** Base types of base types. */
  bases(symbols: readonly TsSymbol[]): void {
    this.#sideBySide([this.#bases(symbols)])
  }

  /** What a look at a call of an interface's method asks, and not what its data consist of. */
  methods(interfaces: readonly Type[]): void {
    this.#sideBySide([this.#methods(interfaces)])
  }

  *#methods(interfaces: readonly Type[]): Steps<void> {
    const answers = this.#answers
    yield answers.properties.requests(interfaces)
    const members = interfaces.flatMap((type) => answers.properties.get(type))
    yield answers.typeOfSymbol.requests(members)
    const types = members.map((symbol) => answers.typeOfSymbol.get(symbol))
    yield answers.callSignatures.requests(types)
    const signatures = types.flatMap((type) => answers.callSignatures.get(type))
    yield answers.result.requests(signatures)
    const results = signatures.map((signature) => answers.result.get(signature))
    yield [
      ...answers.symbol.requests(results.filter((type) => details(type).symbol !== undefined)),
      ...answers.typeArguments.requests(results.filter((type) => this.#isReference(type))),
    ]
  }

  /** Types of parameters. */
  parameters(signatures: readonly Signature[]): Type[] {
    const answers = this.#answers
    answers.load(answers.parameters.requests(signatures))
    const parameters = signatures.flatMap((signature) => answers.parameters.get(signature))
    answers.load(answers.typeOfSymbol.requests(parameters))
    return parameters.map((symbol) => answers.typeOfSymbol.get(symbol))
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
    const { TypeFlags } = this.#input.ts7.sync
    yield [
      ...answers.symbol.requests(level.filter((type) => details(type).symbol !== undefined)),
      ...answers.aliasSymbol.requests(level.filter((type) => details(type).aliasSymbol !== undefined)),
      ...answers.parts.requests(level.filter(({ flags }) => flags & TypeFlags.UnionOrIntersection)),
      ...answers.target.requests(level.filter((type) => this.#isReference(type) && !type.isClassOrInterface())),
    ]
    const named = level.filter((type) => this.#isNamed(type))
    if (named.length > 0) yield* this.#outside(named)
    return yield* this.#inside(level.filter((type) => !named.includes(type)))
  }

  /** What is asked before a type is known by its name. */
  *#outside(named: readonly Type[]): Steps<void> {
    const answers = this.#answers
    const objects = named.filter(({ flags }) => flags & this.#input.ts7.sync.TypeFlags.Object)
    const symbols = objects.flatMap((type) => answers.symbol.get(type) ?? [])
    yield this.#input.files.trees(symbols.flatMap((symbol) => this.#pathOf(symbol) ?? []))
    for (const type of objects) inferPlain(this.#input, type)
    yield [...answers.callSignatures.requests(objects), ...answers.constructSignatures.requests(objects)]
    yield* this.#bases(objects.flatMap((type) => this.#interfaceOf(type)))
  }

  /** What they consist of. */
  *#inside(level: readonly Type[]): Steps<Type[]> {
    const answers = this.#answers
    const { TypeFlags } = this.#input.ts7.sync
    const composite = level.filter(({ flags }) => flags & TypeFlags.UnionOrIntersection)
    const objects = level.filter(({ flags }) => flags & TypeFlags.Object)
    const references = objects.filter((type) => this.#isReference(type))
    const instances = references.filter((type) => !type.isClassOrInterface())
    const aliased = level.filter((type) => answers.aliasSymbol.get(type) !== undefined)
    for (const type of objects) inferMethod(this.#input, type)
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
    for (const type of objects) inferPlain(this.#input, type)
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
    for (const type of instances) inferInstance(this.#input, type)
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

  #isReference(type: Type): boolean {
    const { TypeFlags, ObjectFlags } = this.#input.ts7.sync
    const { objectFlags = 0 } = details(type)
    return (type.flags & TypeFlags.Object) !== 0 && (objectFlags & ObjectFlags.Reference) !== 0
  }

  /** It has a name without type arguments, and is known by it. */
  #isNamed(type: Type): boolean {
    const alias = this.#answers.aliasSymbol.get(type)
    const isOwn = type.isClassOrInterface() && !this.#hasParameters(type)
    const symbol = alias ?? (isOwn ? this.#answers.symbol.get(type) : undefined)
    if (symbol === undefined || (alias !== undefined && (details(type).aliasTypeArguments?.length ?? 0) > 0))
      return false
    const path = this.#pathOf(symbol)
    return path !== undefined && this.#isKnown(path, symbol.name)
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
