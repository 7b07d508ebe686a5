/**
 * `CheckerView` over a TypeScript 6 (or 5.6+) namespace and a `Program` that the host hands in: a ts-patch program
 * transformer passes its own, `openProgram6` makes one. Everything is asked of the checker when the analysis asks;
 * only syntax is kept, by source file, since a warm program shares its source files with the next one.
 * Types and symbols: view6-types.ts.
 */
import { links6 } from './links6.ts'
import { mayAwaitAtTop } from './module-kind.ts'
import type { SyntaxNode } from './syntax.ts'
import { syntax6 } from './syntax6.ts'
import type { ArgumentSymbol, Call, CallHandle, CheckerView, Declared, Place, SourceFile } from './view.ts'
import { type Ast, type Checker, createTypes6, originOf, place, type Ts } from './view6-types.ts'

export function createView6(ts: Ts, program: Ast.Program, _root: string): CheckerView {
  const checker = program.getTypeChecker()
  const types = createTypes6(ts, program, checker)
  const options = program.getCompilerOptions()
  let files: SourceFile[] | undefined
  const source = (file: SourceFile): Ast.SourceFile => parsed.get(file)!

  return {
    ...types.view,
    strictNullChecks: options.strictNullChecks ?? options.strict ?? Number.parseInt(ts.version, 10) >= 6,
    files() {
      files ??= program
        .getSourceFiles()
        .map((file) => plainFile(program, file))
        .sort((a, b) => (a.path < b.path ? -1 : 1))
      return files
    },
    marked() {
      const found: { marker: string; symbol: ReturnType<typeof types.asSymbol> }[] = []
      for (const file of program.getSourceFiles()) {
        if (program.isSourceFileDefaultLibrary(file)) continue
        for (const { marker, name } of markedNodes(ts, file)) {
          const symbol = checker.getSymbolAtLocation(name)
          if (symbol) found.push({ marker, symbol: types.asSymbol(symbol) })
        }
      }
      return found
    },
    syntaxErrors: (file) =>
      program.getSyntacticDiagnostics(source(file)).map(({ start, length, messageText }) => ({
        file: file.path,
        start,
        end: start + length,
        message: ts.flattenDiagnosticMessageText(messageText, ' '),
      })),
    links: () => links6(ts, program, checker),
    declarations: (file) => declarations(ts, source(file), types),
    calls: (file, names) =>
      callsOf(ts, source(file)).flatMap(({ node, callee }): Call[] => {
        if (!names.has(callee.text)) return []
        const typeArguments = (node.typeArguments ?? []).map((argument) => ({
          type: types.asType(checker.getTypeFromTypeNode(argument)),
          span: place(argument),
        }))
        const handle = node as unknown as CallHandle
        return [{ handle, ...place(node), callee: place(callee), arguments: node.arguments.map(place), typeArguments }]
      }),
    renames: (file) => renames(ts, source(file)),
    callee(call) {
      const name = calleeName(ts, ofCall(call))
      const symbol = name && checker.getSymbolAtLocation(name)
      return symbol && types.asSymbol(types.resolve(symbol))
    },
    argumentSymbol: (call, position) => argumentSymbol(ts, checker, types, ofCall(call), position),
    exportedNames: (file) =>
      exportedValues(ts, checker, types, source(file))
        .map((symbol) => symbol.name)
        .sort(),
    exportedValue(file, name) {
      const exported = exportedValues(ts, checker, types, source(file)).find((symbol) => symbol.name === name)
      const symbol = exported && types.resolve(exported)
      const node = symbol?.valueDeclaration
      if (!symbol || !node) return undefined
      return {
        type: types.asType(checker.getTypeOfSymbol(symbol)),
        nameSpan: place(ts.getNameOfDeclaration(node) ?? node),
      }
    },
    syntax: (file) => syntax6(ts, source(file)),
    topLevelAwait: (file) => mayAwaitAtTop(file.path, options.module, source(file).impliedNodeFormat),
    symbolsAt: (nodes) =>
      nodes.map((node) => {
        const symbol = checker.getSymbolAtLocation(ofSyntax(node))
        return symbol && types.asSymbol(types.resolve(symbol))
      }),
    typesAt: (nodes) => nodes.map((node) => types.asType(checker.getTypeAtLocation(ofSyntax(node)))),
    declarationsAt(file, offset) {
      const name = nameAt(ts, source(file), offset)
      const symbol = name && checker.getSymbolAtLocation(name)
      return symbol ? types.view.declarationsOf(types.asSymbol(types.resolve(symbol))).map((each) => each.nameSpan) : []
    },
  }
}

type Types = ReturnType<typeof createTypes6>

/** The cast is the view's own: handles are the checker's objects. */
const ofCall = (call: CallHandle): Ast.CallExpression => call as unknown as Ast.CallExpression

const ofSyntax = (node: SyntaxNode): Ast.Node => node.handle as unknown as Ast.Node

function declarations(ts: Ts, file: Ast.SourceFile, types: Types): Declared[] {
  const found: Declared[] = []
  for (const node of file.statements) {
    if (!ts.isInterfaceDeclaration(node) && !ts.isClassDeclaration(node)) continue
    const symbol = types.symbolOfDeclaration(node)
    if (!symbol) continue
    const handle = types.asSymbol(symbol)
    const start = node.getStart(file)
    found.push({
      kind: ts.isClassDeclaration(node) ? 'class' : 'interface',
      name: node.name?.text ?? '',
      symbol: handle,
      nameSpan: node.name
        ? place(node.name)
        : { file: file.fileName, start, end: start + 'export default class'.length },
      span: place(node),
      get exportName() {
        return types.view.exportName(handle)
      },
      abstract: node.modifiers?.some((modifier) => modifier.kind === ts.SyntaxKind.AbstractKeyword) ?? false,
      typeParameters: node.typeParameters?.length ?? 0,
      hasHeritage: (node.heritageClauses?.length ?? 0) > 0,
    })
  }
  return found
}

/** What has been gathered of a source file; a warm program hands the same object in again. */
const plainByFile = new WeakMap<Ast.SourceFile, SourceFile>()
const parsed = new WeakMap<SourceFile, Ast.SourceFile>()
const callsByFile = new WeakMap<Ast.SourceFile, readonly NamedCall[]>()
const renamesByFile = new WeakMap<Ast.SourceFile, readonly { from: string; to: string }[]>()
const markedByFile = new WeakMap<Ast.SourceFile, readonly { marker: string; name: Ast.Node }[]>()

/** The same object as long as the file is parsed as it was, so that others can keep what they know of it beside it. */
function plainFile(program: Ast.Program, file: Ast.SourceFile): SourceFile {
  const known = plainByFile.get(file)
  const origin = originOf(program, file)
  if (known?.origin === origin) return known
  const { fileName: path, text, isDeclarationFile: declaration } = file
  const plain = { path, text, declaration, origin }
  plainByFile.set(file, plain)
  parsed.set(plain, file)
  return plain
}

interface NamedCall {
  readonly node: Ast.CallExpression
  readonly callee: Ast.Identifier
}

/**
 * Calls that may be of a marked function: by a plain name, or by a member name when the call is written in one of the
 * forms that ours have (with type arguments, without arguments, or on a namespace import). Asking the checker for the
 * callee of every `x.get(…)` of a project would check most of its function bodies.
 */
function callsOf(ts: Ts, file: Ast.SourceFile): readonly NamedCall[] {
  const known = callsByFile.get(file)
  if (known) return known
  const namespaces = new Set<string>()
  for (const statement of file.statements) {
    const bindings = ts.isImportDeclaration(statement) ? statement.importClause?.namedBindings : undefined
    if (bindings && ts.isNamespaceImport(bindings)) namespaces.add(bindings.name.text)
  }
  const calls: Ast.CallExpression[] = []
  const visit = (node: Ast.Node): void => {
    if (ts.isCallExpression(node)) {
      const { expression } = node
      if (ts.isIdentifier(expression)) calls.push(node)
      else if (ts.isPropertyAccessExpression(expression)) {
        const on = expression.expression
        const plain = node.typeArguments !== undefined || node.arguments.length === 0
        if (plain || (ts.isIdentifier(on) && namespaces.has(on.text))) calls.push(node)
      }
    }
    ts.forEachChild(node, visit)
  }
  visit(file)
  const named = calls.flatMap((node) => {
    const callee = calleeName(ts, node)
    return callee ? [{ node, callee }] : []
  })
  callsByFile.set(file, named)
  return named
}

function calleeName(ts: Ts, call: Ast.CallExpression): Ast.Identifier | undefined {
  const { expression } = call
  if (ts.isIdentifier(expression)) return expression
  return ts.isPropertyAccessExpression(expression) && ts.isIdentifier(expression.name) ? expression.name : undefined
}

function exportedValues(ts: Ts, checker: Checker, types: Types, file: Ast.SourceFile): Ast.Symbol[] {
  const module = checker.getSymbolAtLocation(file)
  if (!module) return []
  return checker
    .getExportsOfModule(module)
    .filter((symbol) => (types.resolve(symbol).flags & ts.SymbolFlags.Value) !== 0)
}

/** The identifier that `offset` is in, or just behind. */
function nameAt(ts: Ts, file: Ast.SourceFile, offset: number): Ast.Node | undefined {
  let found: Ast.Node | undefined
  const visit = (node: Ast.Node): void => {
    if (node.pos > offset || node.end < offset) return
    const isName = ts.isIdentifier(node) || ts.isPrivateIdentifier(node)
    if (isName && node.getStart(file) <= offset) found = node
    else ts.forEachChild(node, visit)
  }
  visit(file)
  return found
}

function markedNodes(ts: Ts, file: Ast.SourceFile): readonly { marker: string; name: Ast.Node }[] {
  const known = markedByFile.get(file)
  if (known) return known
  const found: { marker: string; name: Ast.Node }[] = []
  const visit = (node: Ast.Node): void => {
    const name = (node as Ast.NamedDeclaration).name
    if (name && !ts.isParameter(node)) {
      const tag = ts.getJSDocTags(node).find((each) => each.tagName.text === 'weaveMarker')
      const marker = tag && ts.getTextOfJSDocComment(tag.comment)?.match(/^\w+/)?.[0]
      if (marker) found.push({ marker, name })
    }
    ts.forEachChild(node, visit)
  }
  if (file.text.includes('@weaveMarker')) visit(file)
  markedByFile.set(file, found)
  return found
}

function renames(ts: Ts, file: Ast.SourceFile): readonly { from: string; to: string }[] {
  const known = renamesByFile.get(file)
  if (known) return known
  const found: { from: string; to: string }[] = []
  for (const statement of file.statements) {
    const bindings = ts.isImportDeclaration(statement)
      ? statement.importClause?.namedBindings
      : ts.isExportDeclaration(statement)
        ? statement.exportClause
        : undefined
    if (!bindings || !(ts.isNamedImports(bindings) || ts.isNamedExports(bindings))) continue
    for (const { propertyName, name } of bindings.elements) {
      if (propertyName) found.push({ from: propertyName.text, to: name.text })
    }
  }
  renamesByFile.set(file, found)
  return found
}

function argumentSymbol(
  ts: Ts,
  checker: Checker,
  types: Types,
  call: Ast.CallExpression,
  position: number,
): ArgumentSymbol | undefined {
  const argument = bare(ts, call.arguments[position])
  if (!argument || !(ts.isIdentifier(argument) || ts.isPropertyAccessExpression(argument))) return undefined
  const symbol = checker.getSymbolAtLocation(argument)
  if (!symbol) return undefined
  return { symbol: types.asSymbol(types.resolve(symbol)), soleImport: soleImport(ts, checker, argument) }
}

/** Without the parentheses and casts around it. */
function bare(ts: Ts, expression: Ast.Expression | undefined): Ast.Expression | undefined {
  let inner = expression
  while (
    inner &&
    (ts.isParenthesizedExpression(inner) || ts.isAssertionExpression(inner) || ts.isSatisfiesExpression(inner))
  ) {
    inner = inner.expression
  }
  return inner
}

/** The import of `argument`'s first identifier, when no other expression of the file reads that or anything else which it binds. */
function soleImport(ts: Ts, checker: Checker, argument: Ast.Expression): Place | undefined {
  const base = ts.isPropertyAccessExpression(argument) ? argument.expression : argument
  if (!ts.isIdentifier(base)) return undefined
  const binding = checker.getSymbolAtLocation(base)?.declarations?.[0]
  const declaration = binding && ts.findAncestor(binding, ts.isImportDeclaration)
  const clause = declaration?.importClause
  if (!clause || clause.isTypeOnly || !ts.isStringLiteral(declaration.moduleSpecifier)) return undefined
  const named = clause.namedBindings
  // It can't be written as one import of types.
  if (clause.name && named && ts.isNamespaceImport(named)) return undefined
  const parts = named === undefined ? [] : ts.isNamespaceImport(named) ? [named] : named.elements
  const names = new Set([clause.name, ...parts.map((part) => part.name)].map((name) => name?.text))
  let uses = 0
  const visit = (node: Ast.Node): void => {
    if (node === declaration || ts.isTypeNode(node)) {
      // `class X extends Shop` is a TypeNode to TypeScript, and yet it reads the value; `implements` and interfaces don't.
      if (!ts.isExpressionWithTypeArguments(node) || !ts.isHeritageClause(node.parent)) return
      if (node.parent.token === ts.SyntaxKind.ImplementsKeyword || ts.isInterfaceDeclaration(node.parent.parent)) return
    }
    if (ts.isIdentifier(node) && names.has(node.text) && !isMemberName(ts, node)) uses++
    ts.forEachChild(node, visit)
  }
  visit(base.getSourceFile())
  return uses === 1 ? place(declaration) : undefined
}

function isMemberName(ts: Ts, node: Ast.Identifier): boolean {
  const { parent } = node
  return (ts.isPropertyAccessExpression(parent) || ts.isPropertyAssignment(parent)) && parent.name === node
}
