/**
 * What a TypeScript 7 checker has been asked, and its answers. Every question crosses to another process (70 µs, whatever is
 * asked), so each is put once, and `load` puts many in one go: a batch of a thousand costs about as much as ten alone.
 * In go symbols, types and nodes of one snapshot; the answers live as long as it does.
 */
import type { Checker, Node, Program, Signature, Sync, TsSymbol, Type } from './view7-api.ts'
import type { Wire7 } from './wire7.ts'

type Generated<Answer> = Sync.APIRequestGenerator<Answer>

interface Ways<Subject, Answer> {
  now(subject: Subject): Answer
  /** What to send for one subject, in a batch. */
  one(subject: Subject): Generated<Answer>
  /** One request for many subjects, where the API has that. */
  many?(subjects: readonly Subject[]): Generated<readonly Answer[]>
}

/** One question of a batch: what the API says to ask it, and what is done with the answer. */
export class Request {
  readonly #messages: Generated<unknown>
  readonly #keep: (answer: unknown) => void
  #first: IteratorResult<unknown> | undefined

  private constructor(messages: Generated<unknown>, keep: (answer: unknown) => void) {
    this.#messages = messages
    this.#keep = keep
  }

  static of<Answer>(messages: Generated<Answer>, keep: (answer: Answer) => void): Request {
    // What is kept is what the messages end with.
    return new Request(messages, keep as (answer: unknown) => void)
  }

  /** What it will send first, before it is asked to; undefined when the API knows the answer. */
  first(): unknown {
    this.#first ??= this.next(undefined)
    return this.#first.done === true ? undefined : this.#first.value
  }

  // As the API goes through it.
  next(answer: unknown): IteratorResult<unknown> {
    const first = this.#first
    this.#first = undefined
    if (first !== undefined) return first
    const step = this.#messages.next(answer)
    if (step.done === true) this.#keep(step.value)
    return step
  }
  throw(error: unknown): IteratorResult<unknown> {
    return this.#messages.throw(error)
  }
  return(value: unknown): IteratorResult<unknown> {
    return this.#messages.return(value)
  }
  [Symbol.iterator](): this {
    return this
  }
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

  requests(asked: Iterable<Subject>): Request[] {
    const missing = new Set<Subject>()
    for (const subject of asked) if (!this.#known.has(subject)) missing.add(subject)
    if (missing.size === 0) return []
    const { one, many } = this.#ways
    if (many === undefined) {
      return Array.from(missing, (subject) => Request.of(one(subject), (answer) => this.#known.set(subject, answer)))
    }
    const subjects = [...missing]
    const keep = (answers: readonly Answer[]): void => {
      for (const [at, subject] of subjects.entries()) this.#known.set(subject, answers[at]!)
    }
    return [Request.of(many(subjects), keep)]
  }
}

/** As many generators as one call may have; a batch with more is cut in pieces. */
const BATCH_MAX = 4000

export type Answers7 = ReturnType<typeof createAnswers7>

export function createAnswers7(api: Sync.API, program: Program, checker: Checker, wire: Wire7) {
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
      many: (paths) => checker.getSymbolOfSourceFile.gen(paths),
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
    /** Sends what `load` of the same will ask; the compiler works on it until then. */
    send: (requests: readonly Request[]) => sendBatch(wire, requests),
    load: (...requests: readonly (readonly Request[])[]) => loadBatch(api, requests.flat()),
  }
}

export function loadBatch(api: Sync.API, requests: readonly Request[]): void {
  for (let from = 0; from < requests.length; from += BATCH_MAX) {
    // They are gone through as generators are.
    api.batch(...(requests.slice(from, from + BATCH_MAX) as unknown as Sync.APIRequestGenerator[]))
  }
}

/** What `loadBatch` of the same will ask. */
export function sendBatch(wire: Wire7, requests: readonly Request[]): void {
  const messages = requests.slice(0, BATCH_MAX).flatMap((request) => request.first() ?? [])
  if (messages.length > 0 && messages.every(isPlain)) wire.send('batchRequests', { requests: messages })
}

/** One message, and not a group of them or a word to whoever runs the batch. */
function isPlain(message: unknown): boolean {
  const { method } = message as { method?: unknown }
  return typeof method === 'string' && !method.startsWith('__')
}
