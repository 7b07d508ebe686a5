/**
 * Fetches ahead what the analysis is going to ask: which declarations are marked, what the project declares, and the types
 * that cross its boundaries (view7-walk.ts). Nothing depends on it but time: what isn't fetched here is asked one by one,
 * at 70 µs each, and what is fetched in vain is forgotten with the view. 300 files are some forty round trips.
 */
import type { CheckerView, ExpectedComponents, SourceFile, SymbolHandle } from './view.ts'
import type { Answers7 } from './view7-answers.ts'
import type { Node, Ts7, TsSymbol, Type } from './view7-api.ts'
import type { Files7 } from './view7-files.ts'
import type { Reader } from './view7-reader.ts'
import type { Types7 } from './view7-types.ts'
import { BASES_MAX, Walk7 } from './view7-walk.ts'

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
  components(expected: ExpectedComponents): void
}

export function createAhead7(input: Ahead7Input): Ahead7 {
  const { answers, files, types, reader } = input
  const walk = new Walk7(input)
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
      new Declarations(input, walk).fetch(components)
    },
    components({ whole, known, isKnown }) {
      const declared = (symbols: readonly SymbolHandle[]): Type[] => {
        const interfaces = symbols.map(types.ofSymbol)
        answers.load(answers.declaredType.requests(interfaces))
        return interfaces.map((symbol) => answers.declaredType.get(symbol))
      }
      walk.types(declared(whole), isKnown)
      walk.methods(declared(known))
    },
  }
}

/** A file without one of these declares neither a component nor a class; its tree isn't needed for that. */
function declaresBoundary({ text }: SourceFile): boolean {
  return /\bclass\b/.test(text) || (/\binterface\b/.test(text) && /\bextends\b/.test(text))
}

class Declarations {
  readonly #input: Ahead7Input
  readonly #answers: Answers7
  readonly #walk: Walk7

  constructor(input: Ahead7Input, walk: Walk7) {
    this.#input = input
    this.#answers = input.answers
    this.#walk = walk
  }

  fetch(markers: ReadonlySet<TsSymbol>): void {
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
    this.#walk.bases(symbols)
    const { Interface } = this.#input.ts7.sync.SymbolFlags
    const isComponent = (symbol: TsSymbol | undefined): boolean =>
      symbol !== undefined && (symbol.flags & Interface) !== 0 && this.#reaches(symbol, markers, 0)
    const implementing = classes.filter((symbol) => types.heritage(symbol).some((entry) => entry.implements))
    const constructors = implementing.map((symbol) => answers.typeOfSymbol.get(symbol))
    answers.load(
      answers.constructSignatures.requests(constructors),
      answers.properties.requests(
        [...implementing, ...symbols.filter(isComponent)].map((symbol) => answers.declaredType.get(symbol)),
      ),
    )
    const injected = this.#walk.parameters(constructors.flatMap((type) => answers.constructSignatures.get(type)))
    answers.load(answers.symbol.requests(injected))
    // Of components, only those are followed that will be read (`components`).
    const other = injected.filter((type) => !isComponent(answers.symbol.get(type)))
    this.#walk.types(other, () => false)
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
}
