/**
 * What a TypeScript 7 checker has been asked, and its answers. Every question crosses to another process (70 µs, whatever is
 * asked), so each is put once, and `load` puts many in one go: a batch of a thousand costs about as much as ten alone.
 * In go symbols, types and nodes of one snapshot; the answers live as long as it does.
 */
import type { Checker, Node, Program, Request, Signature, Sync, TsSymbol, Type } from './view7-api.ts'

type Generated<Answer> = Sync.APIRequestGenerator<Answer>

interface Ways<Subject, Answer> {
  now(subject: Subject): Answer
  /** What to send for one subject, in a batch. */
  one(subject: Subject): Generated<Answer>
  /** One request for many subjects, where the API has that. */
  many?(subjects: readonly Subject[]): Generated<readonly Answer[]>
}

/** One kind of question: `get` asks now if it must, `requests` is what to send for those that nobody asked about yet. */
export class Question<Subject, Answer> {
  readonly #known = new Map<Subject, Answer>()
  readonly #ways: Ways<Subject, Answer>

  constructor(ways: Ways<Subject, Answer>) {
    this.#ways = ways
  }

  get(subject: Subject): Answer {
    const known = this.#known.get(subject)
    if (known !== undefined || this.#known.has(subject)) return known as Answer
    const answer = this.#ways.now(subject)
    this.#known.set(subject, answer)
    return answer
  }

  /** An answer that follows from what is known already. */
  assume(subject: Subject, answer: Answer): void {
    this.#known.set(subject, answer)
  }

  has(subject: Subject): boolean {
    return this.#known.has(subject)
  }

  requests(subjects: Iterable<Subject>): Request[] {
    const missing = new Set<Subject>()
    for (const subject of subjects) if (!this.#known.has(subject)) missing.add(subject)
    if (missing.size === 0) return []
    return this.#ways.many ? [this.#fetchAll([...missing])] : Array.from(missing, (subject) => this.#fetch(subject))
  }

  *#fetch(subject: Subject): Generated<void> {
    this.#known.set(subject, yield* this.#ways.one(subject))
  }

  *#fetchAll(subjects: readonly Subject[]): Generated<void> {
    const answers = yield* this.#ways.many!(subjects)
    for (const [at, subject] of subjects.entries()) this.#known.set(subject, answers[at]!)
  }
}

/** As many generators as one call may have; a batch with more is cut in pieces. */
const BATCH_MAX = 4000

export type Answers7 = ReturnType<typeof createAnswers7>

export function createAnswers7(api: Sync.API, program: Program, checker: Checker) {
  const asked = <Subject, Answer>(ways: Ways<Subject, Answer>) => new Question(ways)
  /** Of a method that takes no arguments. */
  const of = <Subject, Answer>(method: (subject: Subject) => { (): Answer; gen(): Generated<Answer> }) =>
    new Question<Subject, Answer>({
      now: (subject) => method(subject)(),
      one: (subject) => method(subject).gen(),
    })
  return {
    typeOfSymbol: asked<TsSymbol, Type>({
      now: (symbol) => checker.getTypeOfSymbol(symbol),
      one: (symbol) => checker.getTypeOfSymbol.gen(symbol),
      many: (symbols) => checker.getTypeOfSymbol.gen(symbols),
    }),
    declaredType: asked<TsSymbol, Type>({
      now: (symbol) => checker.getDeclaredTypeOfSymbol(symbol),
      one: (symbol) => checker.getDeclaredTypeOfSymbol.gen(symbol),
    }),
    aliased: asked<TsSymbol, TsSymbol>({
      now: (symbol) => checker.getAliasedSymbol(symbol),
      one: (symbol) => checker.getAliasedSymbol.gen(symbol),
    }),
    parent: asked<TsSymbol, TsSymbol | undefined>({
      now: (symbol) => checker.getParentOfSymbol(symbol),
      one: (symbol) => checker.getParentOfSymbol.gen(symbol),
    }),
    exports: asked<TsSymbol, readonly TsSymbol[]>({
      now: (symbol) => checker.getExportsOfModule(symbol),
      one: (symbol) => checker.getExportsOfModule.gen(symbol),
    }),
    module: asked<string, TsSymbol | undefined>({
      now: (path) => checker.getSymbolOfSourceFile(path),
      one: (path) => checker.getSymbolOfSourceFile.gen(path),
    }),
    symbolAt: asked<Node, TsSymbol | undefined>({
      now: (node) => checker.getSymbolAtLocation(node),
      one: (node) => checker.getSymbolAtLocation.gen(node),
      many: (nodes) => checker.getSymbolAtLocation.gen(nodes),
    }),
    symbolOfDeclaration: asked<Node, TsSymbol | undefined>({
      now: (node) => checker.getSymbolOfNode(node),
      one: (node) => checker.getSymbolOfNode.gen(node),
    }),
    typeAt: asked<Node, Type>({
      now: (node) => checker.getTypeAtLocation(node),
      one: (node) => checker.getTypeAtLocation.gen(node),
      many: (nodes) => checker.getTypeAtLocation.gen(nodes),
    }),
    properties: of((type: Type) => type.getProperties),
    indexes: of((type: Type) => type.getIndexInfos),
    callSignatures: of((type: Type) => type.getCallSignatures),
    constructSignatures: of((type: Type) => type.getConstructSignatures),
    /** Of unions and intersections. */
    parts: of((type: Type) => (type as Sync.UnionOrIntersectionType).getTypes),
    bases: of((type: Type) => type.getBaseTypes),
    symbol: of((type: Type) => type.getSymbol),
    aliasSymbol: of((type: Type) => type.getAliasSymbol),
    aliasArguments: of((type: Type) => type.getAliasTypeArguments),
    /** Of references. */
    target: of((type: Type) => (type as Sync.TypeReference).getTarget),
    typeArguments: asked<Type, readonly Type[]>({
      now: (type) => checker.getTypeArguments(type as Sync.TypeReference),
      one: (type) => checker.getTypeArguments.gen(type as Sync.TypeReference),
    }),
    parameters: of((signature: Signature) => signature.getParameters),
    result: of((signature: Signature) => signature.getReturnType),
    syntaxErrors: asked<string, readonly Sync.Diagnostic[]>({
      now: (path) => program.getSyntacticDiagnostics(path),
      one: (path) => program.getSyntacticDiagnostics.gen(path),
      *many(paths) {
        const found = Map.groupBy(
          yield* program.getSyntacticDiagnostics.gen(paths),
          ({ fileName }) => fileName as string,
        )
        return paths.map((path) => found.get(path) ?? [])
      },
    }),
    load(...requests: readonly Request[][]): void {
      const all = requests.flat()
      for (let from = 0; from < all.length; from += BATCH_MAX) api.batch(...all.slice(from, from + BATCH_MAX))
    },
  }
}
