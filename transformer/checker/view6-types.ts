/**
 * The half of the TypeScript 6 view that answers about symbols and types. Flags and internal names of TypeScript end here.
 * What TypeScript doesn't offer publicly (is a mapped member readonly?) is read guardedly, with the public answer as fallback.
 */
import type * as Ast from 'typescript'
import type { Literal } from '../../runtime/shape.ts'
import { readDocTags } from './doc-tags.ts'
import { memberName, typeText } from './type-text.ts'
import type {
  CheckerView,
  Constructor,
  Declaration,
  DocTag,
  Index,
  Member,
  Origin,
  Parameter,
  Place,
  Signature,
  SymbolHandle,
  TypeDescription,
  TypeHandle,
  ValueDeclared,
} from './view.ts'

export type { Ast }
export type Ts = typeof Ast
export type Checker = Ast.TypeChecker

/** TypeScript's internal `CheckFlags.Readonly`, on members of mapped and intersection types. */
const CHECK_FLAG_READONLY = 8

type AboutFiles =
  | 'strictNullChecks'
  | 'files'
  | 'marked'
  | 'declarations'
  | 'calls'
  | 'renames'
  | 'callee'
  | 'argumentSymbol'
  | 'declarationsAt'
  | 'exportedNames'
  | 'exportedValue'
  | 'syntax'
  | 'topLevelAwait'
  | 'symbolsAt'
  | 'typesAt'
  | 'syntaxErrors'
  | 'links'

export function place(node: Ast.Node): Place {
  const file = node.getSourceFile()
  return { file: file.fileName, start: node.getStart(file), end: node.end }
}

export function originOf(program: Ast.Program, file: Ast.SourceFile): Origin {
  if (program.isSourceFileDefaultLibrary(file)) return 'lib'
  const at = file.fileName.lastIndexOf('/node_modules/')
  if (at === -1) return 'project'
  const path = file.fileName.slice(at + '/node_modules/'.length)
  return path.startsWith('@types/node/') || path.startsWith('undici-types/') ? 'node' : 'package'
}

export function createTypes6(ts: Ts, program: Ast.Program, checker: Checker) {
  const { TypeFlags, SymbolFlags, ObjectFlags, ElementFlags, ModifierFlags } = ts
  // Handles are the checker's own objects: it interns types and symbols, so equal ones have the same handle.
  const asType = (type: Ast.Type): TypeHandle => type as unknown as TypeHandle
  const ofType = (handle: TypeHandle): Ast.Type => handle as unknown as Ast.Type
  const asSymbol = (symbol: Ast.Symbol): SymbolHandle => symbol as unknown as SymbolHandle
  const ofSymbol = (handle: SymbolHandle): Ast.Symbol => handle as unknown as Ast.Symbol
  const resolve = (symbol: Ast.Symbol): Ast.Symbol =>
    symbol.flags & SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol

  function symbolOfDeclaration(node: Ast.Declaration): Ast.Symbol | undefined {
    const name = ts.getNameOfDeclaration(node)
    // An anonymous default export has no name to ask about; its type leads to the symbol.
    return name ? checker.getSymbolAtLocation(name) : checker.getTypeAtLocation(node).symbol
  }

  const declarations = new Map<Ast.Symbol, Declaration[]>()
  function declarationsOf(symbol: Ast.Symbol): Declaration[] {
    const known = declarations.get(symbol)
    if (known) return known
    const found = readDeclarations(symbol)
    declarations.set(symbol, found)
    return found
  }

  function readDeclarations(symbol: Ast.Symbol): Declaration[] {
    return (symbol.declarations ?? [])
      .map((node) => ({
        ...place(node),
        nameSpan: place(ts.getNameOfDeclaration(node) ?? node),
        origin: originOf(program, node.getSourceFile()),
      }))
      .sort((a, b) => (a.file === b.file ? a.start - b.start : a.file < b.file ? -1 : 1))
  }

  function docTags(symbol: Ast.Symbol): DocTag[] {
    return (symbol.declarations ?? []).flatMap((node) => {
      const file = node.getSourceFile()
      // Nobody writes policies there, and another process would have to fetch the files.
      if (program.isSourceFileDefaultLibrary(file)) return []
      return readDocTags(file.text, node.pos, node.getStart(file)).map((tag) => ({ ...tag, file: file.fileName }))
    })
  }

  function exportName(symbol: Ast.Symbol): string | undefined {
    const file = symbol.declarations?.[0]?.getSourceFile()
    const module = file && checker.getSymbolAtLocation(file)
    if (!module) return undefined
    const names: string[] = []
    for (const exported of checker.getExportsOfModule(module)) {
      if (exported === symbol || resolve(exported) === symbol) names.push(nameOf(exported))
    }
    const own = nameOf(symbol)
    return names.includes(own) ? own : names.includes('default') ? 'default' : names.sort()[0]
  }

  const nameOf = (symbol: Ast.Symbol): string => ts.unescapeLeadingUnderscores(symbol.escapedName)

  function memberOf(symbol: Ast.Symbol): Member {
    const escaped = symbol.escapedName as string
    const isSymbol = escaped.startsWith('__@')
    const node = symbol.valueDeclaration ?? symbol.declarations?.[0]
    const modifiers = symbol.valueDeclaration ? ts.getCombinedModifierFlags(symbol.valueDeclaration) : 0
    const internal = symbol as Ast.Symbol & { links?: { checkFlags?: number } }
    const checkFlags = internal.links?.checkFlags ?? 0
    const property = (symbol.flags & SymbolFlags.Property) !== 0
    return {
      symbol: asSymbol(symbol),
      name: memberName(escaped, nameOf(symbol)),
      key: isSymbol ? 'symbol' : 'string',
      kind:
        symbol.flags & SymbolFlags.Accessor ? 'accessor' : symbol.flags & SymbolFlags.Method ? 'method' : 'property',
      optional: (symbol.flags & SymbolFlags.Optional) !== 0,
      readonly: (checkFlags & CHECK_FLAG_READONLY) !== 0 || (property && (modifiers & ModifierFlags.Readonly) !== 0),
      private: escaped.startsWith('__#') || (modifiers & (ModifierFlags.Private | ModifierFlags.Protected)) !== 0,
      // Resolves all that is written there; whoever looks for a name or a tag needs none of it.
      get type() {
        return asType(checker.getTypeOfSymbol(symbol))
      },
      origin: node ? originOf(program, node.getSourceFile()) : 'project',
      // Needed for reports only, and not cheap.
      get nameSpan() {
        return node && place(ts.getNameOfDeclaration(node as Ast.Declaration) ?? node)
      },
      get typeSpan() {
        return node && typeNodeOf(node)
      },
    }
  }

  function typeNodeOf(node: Ast.Node): Place | undefined {
    const type = (node as Ast.PropertySignature).type
    return ts.isMethodSignature(node) || ts.isMethodDeclaration(node) || !type ? undefined : place(type)
  }

  function parameterOf(symbol: Ast.Symbol): Parameter {
    const node = symbol.valueDeclaration
    const declared = node && ts.isParameter(node) ? node : undefined
    return {
      name: declared && !ts.isIdentifier(declared.name) ? undefined : nameOf(symbol),
      get type() {
        return asType(checker.getTypeOfSymbol(symbol))
      },
      optional: declared?.questionToken !== undefined,
      rest: declared?.dotDotDotToken !== undefined,
      hasDefault: declared?.initializer !== undefined,
      nameSpan: declared && place(declared.name),
      typeSpan: declared?.type && place(declared.type),
    }
  }

  function signatureOf(signature: Ast.Signature): Signature {
    const node: Ast.Node | undefined = signature.getDeclaration()
    const result = node && (node as Ast.MethodSignature).type
    return {
      parameters: signature.getParameters().map(parameterOf),
      get result() {
        return asType(signature.getReturnType())
      },
      typeParameters: signature.getTypeParameters()?.length ?? 0,
      resultSpan: result && place(result),
    }
  }

  function implemented(symbol: Ast.Symbol, seen: Set<Ast.Symbol>): { type: TypeHandle; span: Place }[] {
    if (seen.has(symbol)) return []
    seen.add(symbol)
    return (symbol.declarations ?? []).filter(ts.isClassLike).flatMap((node) =>
      (node.heritageClauses ?? []).flatMap((clause) =>
        clause.types.flatMap((entry) => {
          const type = checker.getTypeAtLocation(entry)
          if (clause.token === ts.SyntaxKind.ImplementsKeyword) return [{ type: asType(type), span: place(entry) }]
          return type.symbol ? implemented(type.symbol, seen) : []
        }),
      ),
    )
  }

  function constructorOf(symbol: Ast.Symbol): Constructor {
    const signatures = checker.getSignaturesOfType(checker.getTypeOfSymbol(symbol), ts.SignatureKind.Construct)
    const node: Ast.Declaration | undefined = signatures[0]?.getDeclaration()
    const modifiers = node ? ts.getCombinedModifierFlags(node) : 0
    const access =
      modifiers & ModifierFlags.Private ? 'private' : modifiers & ModifierFlags.Protected ? 'protected' : 'public'
    return { access, signatures: signatures.map(signatureOf) }
  }

  function literalOf(type: Ast.Type): Literal | undefined {
    const { value } = type as Ast.LiteralType
    if (typeof value === 'string') return { type: 'string', value }
    if (typeof value === 'number') return { type: 'number', value }
    if (typeof value === 'object') return { type: 'bigint', value: `${value.negative ? '-' : ''}${value.base10Value}` }
    return undefined
  }

  function enumOf(type: Ast.Type): SymbolHandle | undefined {
    if (!(type.flags & TypeFlags.EnumLiteral)) return undefined
    const declaration = type.symbol.declarations?.find((node) => ts.isEnumMember(node) || ts.isEnumDeclaration(node))
    const parent = declaration && ts.isEnumMember(declaration) ? declaration.parent : declaration
    const symbol = parent && symbolOfDeclaration(parent)
    return symbol && asSymbol(symbol)
  }

  /** Under `exactOptionalPropertyTypes` "absent" is an `undefined` of its own, which isn't the value. */
  const isMissing = (type: Ast.Type): boolean =>
    (type.flags & TypeFlags.Undefined) !== 0 && type !== checker.getUndefinedType()

  function describe(type: Ast.Type): TypeDescription {
    const { flags } = type
    if (flags & TypeFlags.Any) return { kind: 'any', unresolved: isErrorType(type) }
    if (flags & TypeFlags.Unknown) return { kind: 'unknown' }
    if (flags & TypeFlags.Never) return { kind: 'never' }
    if (flags & (TypeFlags.Undefined | TypeFlags.Void)) return { kind: 'undefined' }
    if (flags & TypeFlags.Null) return { kind: 'null' }
    if (flags & TypeFlags.Boolean) return { kind: 'boolean' }
    if (flags & TypeFlags.BooleanLiteral) {
      return {
        kind: 'literal',
        literal: { type: 'boolean', value: checker.typeToString(type) === 'true' },
        enum: undefined,
      }
    }
    if (flags & TypeFlags.UnionOrIntersection) return describeParts(type as Ast.UnionOrIntersectionType)
    if (flags & (TypeFlags.StringLiteral | TypeFlags.NumberLiteral | TypeFlags.BigIntLiteral)) {
      const literal = literalOf(type)
      if (literal) return { kind: 'literal', literal, enum: enumOf(type) }
    }
    // An enum member whose value is computed is any number.
    if (flags & (TypeFlags.NumberLike | TypeFlags.Enum | TypeFlags.EnumLiteral)) return { kind: 'number' }
    if (flags & TypeFlags.BigIntLike) return { kind: 'bigint' }
    if (flags & TypeFlags.ESSymbolLike) return { kind: 'symbol' }
    if (flags & TypeFlags.TypeParameter) return { kind: 'parameter' }
    if (flags & TypeFlags.Instantiable && !(flags & TypeFlags.StringLike)) {
      return flags & TypeFlags.InstantiablePrimitive && flags & (TypeFlags.TemplateLiteral | TypeFlags.StringMapping)
        ? { kind: 'string' }
        : { kind: 'deferred' }
    }
    if (flags & (TypeFlags.StringLike | TypeFlags.TemplateLiteral | TypeFlags.StringMapping)) return { kind: 'string' }
    if (flags & TypeFlags.NonPrimitive) return { kind: 'nonPrimitive' }
    return describeObject(type)
  }

  function describeParts(type: Ast.UnionOrIntersectionType): TypeDescription {
    if (type.flags & TypeFlags.Intersection) return { kind: 'intersection', parts: type.types.map(asType) }
    return { kind: 'union', parts: type.types.filter((part) => !isMissing(part)).map(asType) }
  }

  function describeObject(type: Ast.Type): TypeDescription {
    if (checker.isTupleType(type)) {
      const { target } = type as Ast.TupleTypeReference
      const kinds = target.elementFlags
      const elements = checker.getTypeArguments(type as Ast.TupleTypeReference).slice(0, kinds.length)
      return {
        kind: 'tuple',
        readonly: target.readonly,
        elements: elements.map((element, position) => ({
          type: asType(element),
          kind:
            kinds[position]! & ElementFlags.Variadic
              ? 'variadic'
              : kinds[position]! & ElementFlags.Rest
                ? 'rest'
                : kinds[position]! & ElementFlags.Optional
                  ? 'optional'
                  : 'required',
        })),
      }
    }
    if (checker.isArrayType(type)) {
      const element = checker.getTypeArguments(type as Ast.TypeReference)[0]!
      return { kind: 'array', element: asType(element), readonly: type.symbol.name === 'ReadonlyArray' }
    }
    return { kind: 'object' }
  }

  function isErrorType(type: Ast.Type): boolean {
    const { intrinsicName } = type as Ast.Type & { intrinsicName?: string }
    return intrinsicName === undefined ? type !== checker.getAnyType() : intrinsicName !== 'any'
  }

  function typeArguments(type: Ast.Type): TypeHandle[] {
    if (!(type.flags & TypeFlags.Object && (type as Ast.ObjectType).objectFlags & ObjectFlags.Reference)) return []
    const reference = type as Ast.TypeReference
    // A class or interface has its own `this` as a further argument.
    const count = reference.target.typeParameters?.length ?? 0
    return checker.getTypeArguments(reference).slice(0, count).map(asType)
  }

  function bases(type: Ast.Type): TypeHandle[] {
    const declared = type.isClassOrInterface() ? type : (type as Ast.TypeReference).target
    return declared?.isClassOrInterface() ? checker.getBaseTypes(declared).map(asType) : []
  }

  function indexOf(info: Ast.IndexInfo): Index {
    const { flags } = info.keyType
    const key =
      flags & TypeFlags.String
        ? 'string'
        : flags & TypeFlags.Number
          ? 'number'
          : flags & TypeFlags.ESSymbolLike
            ? 'symbol'
            : 'template'
    const template = flags & TypeFlags.TemplateLiteral ? (info.keyType as Ast.TemplateLiteralType) : undefined
    return {
      key,
      type: asType(info.type),
      readonly: info.isReadonly,
      ...(template && { template: { texts: template.texts, types: template.types.map(asType) } }),
    }
  }

  function staticMember(symbol: Ast.Symbol, name: string): ValueDeclared | undefined {
    const member = symbol.exports?.get(ts.escapeLeadingUnderscores(name))
    const node = member?.valueDeclaration
    if (!member || !node) return undefined
    if (ts.getCombinedModifierFlags(node) & (ModifierFlags.Private | ModifierFlags.Protected)) return undefined
    return { type: asType(checker.getTypeOfSymbol(member)), nameSpan: place(ts.getNameOfDeclaration(node) ?? node) }
  }

  const view: Omit<CheckerView, AboutFiles> = {
    symbolName: (symbol) => nameOf(ofSymbol(symbol)),
    symbolKind(symbol) {
      const { flags } = ofSymbol(symbol)
      if (flags & SymbolFlags.Class) return 'class'
      if (flags & SymbolFlags.Interface) return 'interface'
      if (flags & SymbolFlags.TypeAlias) return 'alias'
      if (flags & SymbolFlags.Enum) return 'enum'
      return flags & SymbolFlags.TypeParameter ? 'parameter' : 'other'
    },
    namespaces(symbol) {
      const names: string[] = []
      for (let node = ofSymbol(symbol).declarations?.[0]?.parent; node; node = node.parent) {
        if (ts.isModuleDeclaration(node) && ts.isIdentifier(node.name) && node.name.text !== 'global') {
          names.unshift(node.name.text)
        }
      }
      return names
    },
    declarationsOf: (symbol) => declarationsOf(ofSymbol(symbol)),
    docTags: (symbol) => docTags(ofSymbol(symbol)),
    owner(symbol) {
      const node = ofSymbol(symbol).declarations?.[0]
      const owner =
        node?.parent &&
        ts.findAncestor(node.parent, (each) => ts.isInterfaceDeclaration(each) || ts.isTypeAliasDeclaration(each))
      const found = owner && symbolOfDeclaration(owner as Ast.DeclarationStatement)
      return found && asSymbol(found)
    },
    declaredType: (symbol) => asType(checker.getDeclaredTypeOfSymbol(ofSymbol(symbol))),
    implemented: (symbol) => implemented(ofSymbol(symbol), new Set()),
    constructorOf: (symbol) => constructorOf(ofSymbol(symbol)),
    staticMember: (symbol, name) => staticMember(ofSymbol(symbol), name),
    exportName: (symbol) => exportName(ofSymbol(symbol)),
    describe: (type) => describe(ofType(type)),
    symbolOf(type) {
      const symbol = ofType(type).getSymbol()
      return symbol && asSymbol(symbol)
    },
    aliasOf(type) {
      const { aliasSymbol, aliasTypeArguments } = ofType(type)
      return aliasSymbol && { symbol: asSymbol(aliasSymbol), typeArguments: (aliasTypeArguments ?? []).map(asType) }
    },
    typeArguments: (type) => typeArguments(ofType(type)),
    bases: (type) => bases(ofType(type)),
    members: (type) => checker.getPropertiesOfType(ofType(type)).map(memberOf),
    indexes: (type) => checker.getIndexInfosOfType(ofType(type)).map(indexOf),
    callSignatures: (type) => checker.getSignaturesOfType(ofType(type), ts.SignatureKind.Call).map(signatureOf),
    isConstructable: (type) => checker.getSignaturesOfType(ofType(type), ts.SignatureKind.Construct).length > 0,
    text: (type) => typeText(checker.typeToString(ofType(type), undefined, ts.TypeFormatFlags.NoTruncation)),
  }
  return { view, asType, asSymbol, resolve, symbolOfDeclaration }
}
