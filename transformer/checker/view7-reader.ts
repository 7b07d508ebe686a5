/**
 * Reads the syntax trees of TypeScript 7 for view7.ts: what a file declares, marks, calls, imports and exports. In go files, whose text
 * decides whether a tree is fetched at all; out come nodes and plain values. What a name stands for is asked through `answers`.
 */
import { readDocTags } from './doc-tags.ts'
import type { ArgumentSymbol, Declared, Place, SourceFile, SymbolHandle } from './view.ts'
import type { Answers7 } from './view7-answers.ts'
import type { Ast, Node, Ts7, TsSymbol } from './view7-api.ts'
import { type Files7, placeOf } from './view7-files.ts'
import type { Types7 } from './view7-types.ts'

/**
 * Whether a file's text can hold a call that `Reader.calls` finds. `map.get(key)` is in most files, and none of ours is written
 * like that: without type arguments, with arguments, on something that isn't a namespace import.
 */
export function written(names: ReadonlySet<string>): (file: SourceFile) => boolean {
  const name = `(?:${[...names].map((each) => each.replaceAll('$', '\\$')).join('|')})`
  const plain = new RegExp(`(?<![\\w$]|\\.\\s*)${name}\\s*[<(]`)
  const member = new RegExp(`\\.\\s*${name}\\s*(?:<|\\(\\s*(?:\\)|/[*/]))`)
  const onNamespace = new RegExp(`\\.\\s*${name}\\s*\\(`)
  return ({ text }) => plain.test(text) || member.test(text) || (/\bimport\s*\*/.test(text) && onNamespace.test(text))
}

interface ReaderInput {
  readonly ts7: Ts7
  readonly answers: Answers7
  readonly files: Files7
  readonly types: Types7
}

/** An `import` or `export` list with `as` in it; anything else that looks like one costs a tree, and no more. */
const RENAMES =
  /\b(?:import|export)(?:\s|\/\*[\s\S]*?\*\/)*(?:type\b)?(?:\s*[\w$]+\s*,)?(?:\s|\/\*[\s\S]*?\*\/)*\{(?:\/\*[\s\S]*?\*\/|[^}])*\bas\b/

type DeclaredNode = Ast.InterfaceDeclaration | Ast.ClassDeclaration

/** Reads syntax trees: what a file declares, calls and imports. */
export class Reader {
  readonly #ast: Ts7['ast']
  readonly #sync: Ts7['sync']
  readonly #answers: Answers7
  readonly #files: Files7
  readonly #types: Types7
  readonly #calls = new Map<string, readonly Ast.CallExpression[]>()

  constructor({ ts7, answers, files, types }: ReaderInput) {
    this.#ast = ts7.ast
    this.#sync = ts7.sync
    this.#answers = answers
    this.#files = files
    this.#types = types
  }

  /** Interfaces and classes at the top level. */
  declared(file: SourceFile): readonly DeclaredNode[] {
    if (!/\b(?:interface|class)\b/.test(file.text)) return []
    const { isInterfaceDeclaration, isClassDeclaration } = this.#ast
    return [...this.#files.tree(file.path).statements].filter(
      (node): node is DeclaredNode => isInterfaceDeclaration(node) || isClassDeclaration(node),
    )
  }

  declaration(node: DeclaredNode): Declared {
    const { SyntaxKind } = this.#ast
    const file = node.getSourceFile()
    const start = node.getStart(file)
    const has = (kind: number): boolean => node.modifiers?.some((modifier) => modifier.kind === kind) ?? false
    const [types, answers] = [this.#types, this.#answers]
    // Only of an error is there no symbol: two default exports.
    const symbol = (): SymbolHandle => types.asSymbol(answers.symbolOfDeclaration.get(node)!)
    const plainExport = has(SyntaxKind.ExportKeyword) && !has(SyntaxKind.DefaultKeyword) && node.name !== undefined
    return {
      kind: this.#ast.isClassDeclaration(node) ? 'class' : 'interface',
      name: node.name?.text ?? '',
      get symbol() {
        return symbol()
      },
      nameSpan: node.name
        ? placeOf(node.name, file)
        : { file: file.fileName, start, end: start + 'export default class'.length },
      span: placeOf(node, file),
      get exportName() {
        // Its own name is taken where there are several, so nothing else has to be looked at.
        return plainExport ? node.name!.text : types.view.exportName(symbol())
      },
      abstract: has(SyntaxKind.AbstractKeyword),
      typeParameters: node.typeParameters?.length ?? 0,
      hasHeritage: (node.heritageClauses?.length ?? 0) > 0,
    }
  }

  /** Declarations whose doc comment has `@weaveMarker NAME`, with the node to ask for the symbol. */
  marked(file: SourceFile): { marker: string; name: Node }[] {
    const tree = this.#files.tree(file.path)
    const found: { marker: string; name: Node }[] = []
    for (const { index } of file.text.matchAll(/@weaveMarker\b/g)) {
      const node = this.#declaredAfter(tree, index)
      const name = node && (node as { name?: Node }).name
      const tag = node && readDocTags(file.text, node.pos, node.getStart(tree)).find((each) => each.start === index)
      const marker = tag?.text.match(/^\w+/)?.[0]
      if (name && marker) found.push({ marker, name })
    }
    return found
  }

  /** The declaration before whose first token `offset` is. */
  #declaredAfter(tree: Ast.SourceFile, offset: number): Node | undefined {
    let found: Node | undefined
    const visit = (node: Node): void => {
      if (found || offset < node.pos || offset >= node.end) return
      if (offset >= node.getStart(tree)) node.forEachChild((child) => void visit(child))
      else if (this.#ast.isVariableStatement(node)) found = node.declarationList.declarations[0]
      else found = node
    }
    tree.forEachChild((child) => void visit(child))
    return found
  }

  /**
   * Calls that may be of a marked function: by a plain name, or by a member name when the call is written in one of the forms
   * that ours have (view6.ts).
   */
  calls(file: SourceFile): readonly Ast.CallExpression[] {
    const known = this.#calls.get(file.path)
    if (known) return known
    const { isImportDeclaration, isNamespaceImport, isCallExpression, isIdentifier, isPropertyAccessExpression } =
      this.#ast
    const tree = this.#files.tree(file.path)
    const namespaces = new Set<string>()
    for (const statement of tree.statements) {
      const bindings = isImportDeclaration(statement) ? statement.importClause?.namedBindings : undefined
      if (bindings && isNamespaceImport(bindings)) namespaces.add(bindings.name.text)
    }
    const calls: Ast.CallExpression[] = []
    const visit = (node: Node): void => {
      if (isCallExpression(node)) {
        const { expression } = node
        if (isIdentifier(expression)) calls.push(node)
        else if (isPropertyAccessExpression(expression)) {
          const on = expression.expression
          const plain = node.typeArguments !== undefined || node.arguments.length === 0
          if (plain || (isIdentifier(on) && namespaces.has(on.text))) calls.push(node)
        }
      }
      node.forEachChild((child) => void visit(child))
    }
    visit(tree)
    this.#calls.set(file.path, calls)
    return calls
  }

  calleeName(call: Ast.CallExpression): Ast.Identifier | undefined {
    const { expression } = call
    const { isIdentifier, isPropertyAccessExpression } = this.#ast
    if (isIdentifier(expression)) return expression
    return isPropertyAccessExpression(expression) && isIdentifier(expression.name) ? expression.name : undefined
  }

  /** The import or export that a name stands for, which has to be followed. */
  aliasAt(name: Node): TsSymbol[] {
    const symbol = this.#answers.symbolAt.get(name)
    return symbol && symbol.flags & this.#sync.SymbolFlags.Alias ? [symbol] : []
  }

  renames(file: SourceFile): { from: string; to: string }[] {
    if (!RENAMES.test(file.text)) return []
    const { isImportDeclaration, isExportDeclaration, isNamedImports, isNamedExports } = this.#ast
    const found: { from: string; to: string }[] = []
    for (const statement of this.#files.tree(file.path).statements) {
      const bindings = isImportDeclaration(statement)
        ? statement.importClause?.namedBindings
        : isExportDeclaration(statement)
          ? statement.exportClause
          : undefined
      if (!bindings || !(isNamedImports(bindings) || isNamedExports(bindings))) continue
      for (const { propertyName, name } of bindings.elements) {
        if (propertyName) found.push({ from: propertyName.text, to: name.text })
      }
    }
    return found
  }

  exportedValues(file: SourceFile): readonly TsSymbol[] {
    const module = this.#answers.module.get(file.path)
    if (!module) return []
    const { Alias, Value } = this.#sync.SymbolFlags
    const exported = this.#answers.exports.get(module)
    this.#answers.load(this.#answers.aliased.requests(exported.filter((symbol) => symbol.flags & Alias)))
    return exported.filter((symbol) => (this.#types.resolve(symbol).flags & Value) !== 0)
  }

  argumentSymbol(call: Ast.CallExpression, position: number): ArgumentSymbol | undefined {
    const argument = this.#bare(call.arguments[position])
    if (!argument || !(this.#ast.isIdentifier(argument) || this.#ast.isPropertyAccessExpression(argument)))
      return undefined
    const symbol = this.#answers.symbolAt.get(argument)
    if (!symbol) return undefined
    return { symbol: this.#types.asSymbol(this.#types.resolve(symbol)), soleImport: this.#soleImport(argument) }
  }

  /** Without the parentheses and casts around it. */
  #bare(expression: Ast.Expression | undefined): Ast.Expression | undefined {
    const { isParenthesizedExpression, isAsExpression, isTypeAssertion, isSatisfiesExpression } = this.#ast
    let inner = expression
    while (
      inner &&
      (isParenthesizedExpression(inner) ||
        isAsExpression(inner) ||
        isTypeAssertion(inner) ||
        isSatisfiesExpression(inner))
    ) {
      inner = inner.expression
    }
    return inner
  }

  /** The import of `argument`'s first identifier, when no other expression of the file reads that or anything else which it binds. */
  #soleImport(argument: Ast.Expression): Place | undefined {
    const ast = this.#ast
    const base = ast.isPropertyAccessExpression(argument) ? argument.expression : argument
    if (!ast.isIdentifier(base)) return undefined
    const binding = this.#answers.symbolAt.get(base)?.declarations[0]
    let node: Node | undefined = binding && this.#files.resolve(binding)
    while (node && !ast.isImportDeclaration(node)) node = node.parent
    const declaration = node
    const clause = declaration?.importClause
    if (!declaration || !clause || clause.phaseModifier === ast.SyntaxKind.TypeKeyword) return undefined
    if (!ast.isStringLiteral(declaration.moduleSpecifier)) return undefined
    const named = clause.namedBindings
    // It can't be written as one import of types.
    if (clause.name && named && ast.isNamespaceImport(named)) return undefined
    const parts = named === undefined ? [] : ast.isNamespaceImport(named) ? [named] : named.elements
    const names = new Set([clause.name, ...parts.map((part) => part.name)].map((name) => name?.text))
    let uses = 0
    const visit = (each: Node): void => {
      // `class X extends Shop` is a type node to TypeScript, and yet it reads the value.
      if (each === declaration || (ast.isTypeNode(each) && !ast.isExpressionWithTypeArguments(each))) return
      if (ast.isIdentifier(each) && names.has(each.text) && !this.#isMemberName(each)) uses++
      each.forEachChild((child) => void visit(child))
    }
    visit(base.getSourceFile())
    return uses === 1 ? placeOf(declaration) : undefined
  }

  #isMemberName(node: Ast.Identifier): boolean {
    const { parent } = node
    const { isPropertyAccessExpression, isPropertyAssignment } = this.#ast
    return (isPropertyAccessExpression(parent) || isPropertyAssignment(parent)) && parent.name === node
  }

  /** The identifier that `offset` is in, or just behind. */
  nameAt(tree: Ast.SourceFile, offset: number): Node | undefined {
    let found: Node | undefined
    const visit = (node: Node): void => {
      if (node.pos > offset || node.end < offset) return
      const isName = this.#ast.isIdentifier(node) || this.#ast.isPrivateIdentifier(node)
      if (isName && node.getStart(tree) <= offset) found = node
      else node.forEachChild((child) => void visit(child))
    }
    visit(tree)
    return found
  }
}
