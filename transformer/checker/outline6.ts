/**
 * The outline of a module (outline.ts) from TypeScript 6's tree of it: which names it declares, imports and exports, and what each declaration
 * uses. Nothing is asked of a checker. What isn't known to be harmless counts as a use of all that the name stands for.
 */
import { type DeclaredName, EVERYTHING, type ModuleOutline, type Use, type UsedFor } from './outline.ts'
import type { Ast, Ts } from './view6-types.ts'

const known = new WeakMap<Ast.SourceFile, ModuleOutline>()

export function outline6(ts: Ts, file: Ast.SourceFile): ModuleOutline {
  let outline = known.get(file)
  if (outline === undefined) {
    outline = new OutlineReader(ts, file).read()
    known.set(file, outline)
  }
  return outline
}

/** Generic types of the language that hold values of their arguments and say nothing else of them. */
const CONTAINERS: ReadonlySet<string> = new Set([
  'Array',
  'ReadonlyArray',
  'Map',
  'ReadonlyMap',
  'Set',
  'ReadonlySet',
  'Promise',
])

class OutlineReader {
  readonly #ts: Ts
  readonly #file: Ast.SourceFile
  readonly #statements = new Map<string, Ast.Statement[]>()
  readonly #imports = new Map<string, { specifier: string; name: string }>()
  readonly #namespaces = new Map<string, string>()
  readonly #exports = new Map<string, string>()
  readonly #reexports = new Map<string, { specifier: string; name: string }>()
  readonly #stars: string[] = []
  readonly #unclear = new Set<string>()

  constructor(ts: Ts, file: Ast.SourceFile) {
    this.#ts = ts
    this.#file = file
  }

  read(): ModuleOutline {
    for (const statement of this.#file.statements) this.#readStatement(statement)
    for (const name of this.#statements.keys()) {
      if (this.#imports.has(name) || this.#namespaces.has(name)) this.#unclear.add(name)
    }
    const declared = new Map([...this.#statements].map(([name, each]) => [name, this.#declared(each)]))
    return {
      declared,
      imports: this.#imports,
      namespaces: this.#namespaces,
      exports: this.#exports,
      reexports: this.#reexports,
      stars: this.#stars,
      unclear: this.#unclear,
    }
  }

  #readStatement(statement: Ast.Statement): void {
    const ts = this.#ts
    if (ts.isImportDeclaration(statement)) this.#readImport(statement)
    else if (ts.isExportDeclaration(statement)) this.#readExport(statement)
    else if (ts.isImportEqualsDeclaration(statement)) this.#unclear.add(statement.name.text)
    else this.#readDeclaration(statement)
  }

  /** `export * as ns from` is found nowhere, and so what is used of it is unclear. */
  #readExport({ moduleSpecifier, exportClause }: Ast.ExportDeclaration): void {
    const ts = this.#ts
    const from = moduleSpecifier && ts.isStringLiteral(moduleSpecifier) ? moduleSpecifier.text : undefined
    if (exportClause === undefined) {
      if (from !== undefined) this.#stars.push(from)
      return
    }
    if (!ts.isNamedExports(exportClause)) return
    for (const { name: exported, propertyName } of exportClause.elements) {
      const name = (propertyName ?? exported).text
      if (from === undefined) this.#exports.set(exported.text, name)
      else this.#reexports.set(exported.text, { specifier: from, name })
    }
  }

  #readDeclaration(statement: Ast.Statement): void {
    const ts = this.#ts
    const modifiers = ts.canHaveModifiers(statement) ? (ts.getModifiers(statement) ?? []) : []
    const has = (kind: Ast.SyntaxKind) => modifiers.some((each) => each.kind === kind)
    const exported = has(ts.SyntaxKind.ExportKeyword)
    const isDefault = has(ts.SyntaxKind.DefaultKeyword)
    for (const name of namesOf(ts, statement)) {
      const same = this.#statements.get(name)
      if (same) same.push(statement)
      else this.#statements.set(name, [statement])
      if (exported) this.#exports.set(isDefault ? 'default' : name, name)
    }
  }

  #readImport({ importClause, moduleSpecifier }: Ast.ImportDeclaration): void {
    const ts = this.#ts
    if (!importClause || !ts.isStringLiteral(moduleSpecifier)) return
    const specifier = moduleSpecifier.text
    const bind = (local: string, name: string): void => {
      if (this.#imports.has(local)) this.#unclear.add(local)
      this.#imports.set(local, { specifier, name })
    }
    if (importClause.name) bind(importClause.name.text, 'default')
    const bindings = importClause.namedBindings
    if (bindings && ts.isNamespaceImport(bindings)) this.#namespaces.set(bindings.name.text, specifier)
    else if (bindings) {
      for (const { name, propertyName } of bindings.elements) bind(name.text, (propertyName ?? name).text)
    }
  }

  #declared(statements: readonly Ast.Statement[]): DeclaredName {
    const uses = new Uses(this.#ts, (name) => this.#isLocal(name))
    for (const statement of statements) uses.ofStatement(statement)
    const [only, second] = statements
    return {
      text: statements.map((each) => each.getFullText(this.#file)).join('\n'),
      spans: statements.map(({ pos, end }) => ({ start: pos, end })),
      record: second === undefined && this.#isRecord(only!),
      uses: uses.all(),
    }
  }

  #isLocal(name: string): boolean {
    return [this.#statements, this.#unclear, this.#imports, this.#namespaces].some((names) => names.has(name))
  }

  /** A marker makes something else of any type. */
  #isRecord(statement: Ast.Statement): boolean {
    const ts = this.#ts
    return (
      ts.isInterfaceDeclaration(statement) &&
      statement.typeParameters === undefined &&
      statement.heritageClauses === undefined &&
      statement.members.length > 0 &&
      statement.members.every((member) => ts.isPropertySignature(member) && isPlainName(ts, member.name)) &&
      !statement.getFullText(this.#file).includes('@weaveMarker')
    )
  }
}

function namesOf(ts: Ts, statement: Ast.Statement): string[] {
  if (ts.isVariableStatement(statement))
    return statement.declarationList.declarations.flatMap(({ name }) => bound(ts, name))
  const { name } = statement as Ast.Statement & { name?: Ast.Node }
  if (name && ts.isIdentifier(name)) return [name.text]
  // `declare module 'x'` declares nothing here; `export default class {}` has no name to be used by.
  return []
}

function bound(ts: Ts, name: Ast.BindingName): string[] {
  if (ts.isIdentifier(name)) return [name.text]
  return name.elements.flatMap((each) => (ts.isBindingElement(each) ? bound(ts, each.name) : []))
}

const isPlainName = (ts: Ts, name: Ast.Node): boolean =>
  ts.isIdentifier(name) || ts.isStringLiteral(name) || ts.isNumericLiteral(name)

/** What declarations use, by the places where it is written. */
class Uses {
  readonly #ts: Ts
  readonly #isLocal: (name: string) => boolean
  readonly #found = new Map<string, UsedFor>()

  constructor(ts: Ts, isLocal: (name: string) => boolean) {
    this.#ts = ts
    this.#isLocal = isLocal
  }

  all(): Use[] {
    return [...this.#found].map(([name, used]) => ({ name, for: used }))
  }

  #add(name: string, used: UsedFor): void {
    if (name !== EVERYTHING && !this.#isLocal(name)) return
    const before = this.#found.get(name)
    if (before === undefined || RANK[used] > RANK[before]) this.#found.set(name, used)
  }

  ofStatement(statement: Ast.Statement): void {
    const ts = this.#ts
    if (ts.isInterfaceDeclaration(statement)) {
      for (const each of statement.typeParameters ?? []) this.#whole(each)
      for (const each of statement.heritageClauses?.flatMap(({ types }) => types) ?? []) this.#ofHeritage(each)
      for (const each of statement.members) this.#ofMember(each)
    } else if (ts.isTypeAliasDeclaration(statement)) {
      for (const each of statement.typeParameters ?? []) this.#whole(each)
      // Whoever uses an alias uses what it is at its top.
      this.#ofType(statement.type, 'shape')
    } else this.#whole(statement)
  }

  #ofHeritage({ expression, typeArguments }: Ast.ExpressionWithTypeArguments): void {
    if (typeArguments === undefined && this.#ts.isIdentifier(expression)) this.#add(expression.text, 'shape')
    else this.#whole(expression)
    for (const each of typeArguments ?? []) this.#whole(each)
  }

  #ofMember(member: Ast.TypeElement): void {
    const ts = this.#ts
    if (ts.isPropertySignature(member) && isPlainName(ts, member.name)) {
      if (member.type) this.#ofType(member.type, 'name')
    } else if (ts.isMethodSignature(member) && isPlainName(ts, member.name)) {
      for (const each of member.typeParameters ?? []) this.#whole(each)
      for (const { name, type } of member.parameters) {
        if (!ts.isIdentifier(name)) this.#whole(name)
        if (type) this.#ofType(type, 'name')
      }
      if (member.type) this.#ofType(member.type, 'name')
    } else this.#whole(member)
  }

  #ofType(type: Ast.TypeNode, used: 'name' | 'shape'): void {
    const ts = this.#ts
    if (ts.isTypeReferenceNode(type)) this.#ofReference(type, used)
    else if (ts.isArrayTypeNode(type)) this.#ofType(type.elementType, used)
    else if (ts.isParenthesizedTypeNode(type) || ts.isOptionalTypeNode(type) || ts.isNamedTupleMember(type))
      this.#ofType(type.type, used)
    else if (ts.isTypeOperatorNode(type) && type.operator === ts.SyntaxKind.ReadonlyKeyword)
      this.#ofType(type.type, used)
    else if (ts.isTupleTypeNode(type)) for (const each of type.elements) this.#ofType(each, used)
    else if (ts.isUnionTypeNode(type)) this.#ofUnion(type, used)
    else if (ts.isTypeLiteralNode(type)) for (const each of type.members) this.#ofMember(each)
    else this.#whole(type)
  }

  #ofReference(type: Ast.TypeReferenceNode, used: 'name' | 'shape'): void {
    const { typeName, typeArguments } = type
    const name = this.#ts.isIdentifier(typeName) ? typeName.text : undefined
    if (name === undefined) this.#whole(type)
    else if (typeArguments === undefined) this.#add(name, used)
    else if (CONTAINERS.has(name) && !this.#isLocal(name)) for (const each of typeArguments) this.#ofType(each, used)
    else this.#whole(type)
  }

  /** What tells the members of a union apart is found in what they are; a single one beside `null` needs no telling. */
  #ofUnion({ types }: Ast.UnionTypeNode, used: 'name' | 'shape'): void {
    const single = types.filter((each) => !this.#isSimple(each)).length < 2
    for (const each of types) this.#ofType(each, single ? used : 'shape')
  }

  #isSimple(type: Ast.TypeNode): boolean {
    return SIMPLE.has(this.#ts.SyntaxKind[type.kind])
  }

  /** Every identifier: one too many costs little. */
  #whole(node: Ast.Node): void {
    const ts = this.#ts
    if (ts.isIdentifier(node)) this.#add(node.text, 'whole')
    else if (seesModules(ts, node)) this.#add(EVERYTHING, 'whole')
    else ts.forEachChild(node, (child) => this.#whole(child))
  }
}

/** `import('x')` in types and expressions, `require('x')`, and JSX, whose types come from wherever the options say. */
function seesModules(ts: Ts, node: Ast.Node): boolean {
  if (ts.isImportTypeNode(node) || ts.isJsxElement(node) || ts.isJsxSelfClosingElement(node)) return true
  if (ts.isJsxFragment(node)) return true
  if (!ts.isCallExpression(node)) return false
  const { expression } = node
  return (
    expression.kind === ts.SyntaxKind.ImportKeyword || (ts.isIdentifier(expression) && expression.text === 'require')
  )
}

const RANK: Record<UsedFor, number> = { name: 0, shape: 1, whole: 2 }

/** Members of a union that are told from everything else by `typeof` or by themselves. */
const SIMPLE: ReadonlySet<string> = new Set([
  'StringKeyword',
  'NumberKeyword',
  'BooleanKeyword',
  'BigIntKeyword',
  'UndefinedKeyword',
  'LiteralType',
])
