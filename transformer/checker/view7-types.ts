/**
 * The half of the TypeScript 7 view that answers about symbols and types; view6-types.ts is its twin, and both must say the
 * same of the same program. Handles are the API's own objects, which it keeps one of for each symbol and type of a snapshot.
 * Whatever needs a syntax tree (spans, modifiers) is read when it is asked for; the rest is a look into `answers`.
 */
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
  Parameter,
  Place,
  Signature as SignatureView,
  SymbolHandle,
  TypeDescription,
  TypeHandle,
  ValueDeclared,
} from './view.ts'
import type { Answers7 } from './view7-answers.ts'
import type { Ast, Checker, Node, Signature, Sync, Ts7, TsSymbol, Type } from './view7-api.ts'
import { type Files7, placeOf } from './view7-files.ts'

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
  | 'syntaxErrors'
  | 'syntax'
  | 'topLevelAwait'
  | 'symbolsAt'
  | 'typesAt'
  | 'links'
  | 'expect'

export interface Types7Input {
  readonly ts7: Ts7
  readonly checker: Checker
  readonly answers: Answers7
  readonly files: Files7
}

/** What a type response carries beyond what `Type` declares; read guardedly. */
interface Details {
  readonly objectFlags?: number
  readonly intrinsicName?: string
  readonly value?: unknown
  readonly typeParameters?: readonly number[]
}

export type Types7 = ReturnType<typeof createTypes7>

export function createTypes7({ ts7, checker, answers, files }: Types7Input) {
  const { TypeFlags, SymbolFlags, ObjectFlags, ElementFlags, ModifierFlags, CheckFlags, TypeFormatFlags } = ts7.sync
  const { SyntaxKind } = ts7.ast
  const asType = (type: Type): TypeHandle => type as unknown as TypeHandle
  const ofType = (handle: TypeHandle): Type => handle as unknown as Type
  const asSymbol = (symbol: TsSymbol): SymbolHandle => symbol as unknown as SymbolHandle
  const ofSymbol = (handle: SymbolHandle): TsSymbol => handle as unknown as TsSymbol
  const details = (type: Type): Details => type as Type & Details
  const resolve = (symbol: TsSymbol): TsSymbol =>
    symbol.flags & SymbolFlags.Alias ? answers.aliased.get(symbol) : symbol

  const pathOf = (handle: Sync.NodeHandle): string => files.pathOf(handle.path)
  /** The cast says what a declaration's handle is of. */
  const declared = (handle: Sync.NodeHandle): Ast.Declaration => files.resolve(handle) as Ast.Declaration
  const nameNode = (node: Node): Node => ts7.ast.getNameOfDeclaration(node as Ast.Declaration) ?? node
  const combinedModifiers = (handle: Sync.NodeHandle): number => ts7.ast.getCombinedModifierFlags(declared(handle))

  /** Sorted by file and position: a handle's index grows with the position of its node. */
  const sortedHandles = (symbol: TsSymbol): readonly Sync.NodeHandle[] =>
    [...symbol.declarations].sort((a, b) => {
      const [left, right] = [pathOf(a), pathOf(b)]
      return left === right ? a.index - b.index : left < right ? -1 : 1
    })

  const declarations = new Map<TsSymbol, Declaration[]>()
  function declarationsOf(symbol: TsSymbol): Declaration[] {
    const known = declarations.get(symbol)
    if (known) return known
    const found = sortedHandles(symbol).map(declarationOf)
    declarations.set(symbol, found)
    return found
  }

  /** Who declares a thing is asked often, where exactly seldom. */
  function declarationOf(handle: Sync.NodeHandle): Declaration {
    const file = pathOf(handle)
    let span: Place | undefined
    const place = (): Place => {
      span ??= placeOf(files.resolve(handle))
      return span
    }
    return {
      file,
      origin: files.originOf(file),
      get start() {
        return place().start
      },
      get end() {
        return place().end
      },
      get nameSpan() {
        return placeOf(nameNode(files.resolve(handle)))
      },
    }
  }

  function docTags(symbol: TsSymbol): DocTag[] {
    return symbol.declarations.flatMap((handle) => {
      const file = files.get(pathOf(handle))
      if (!file || file.origin === 'lib' || !file.text.includes('@')) return []
      const node = files.resolve(handle)
      return readDocTags(file.text, node.pos, node.getStart()).map((tag) => ({ ...tag, file: file.path }))
    })
  }

  function exportName(symbol: TsSymbol): string | undefined {
    const [handle] = symbol.declarations
    const module = handle && answers.module.get(pathOf(handle))
    if (!module) return undefined
    const names: string[] = []
    for (const exported of answers.exports.get(module)) {
      if (exported === symbol || resolve(exported) === symbol) names.push(exported.name)
    }
    const own = symbol.name
    return names.includes(own) ? own : names.includes('default') ? 'default' : names.sort()[0]
  }

  function memberOf(symbol: TsSymbol): Member {
    const escaped = symbol.escapedName as string
    const isSymbol = escaped.startsWith('__@')
    const handle = symbol.valueDeclaration ?? symbol.declarations[0]
    // In interfaces and type literals there is nothing but `readonly`.
    const inClass = symbol.valueDeclaration !== undefined && !isSignatureKind(symbol.valueDeclaration.kind)
    const property = (symbol.flags & SymbolFlags.Property) !== 0
    const modifiers = (): number => (symbol.valueDeclaration ? combinedModifiers(symbol.valueDeclaration) : 0)
    return {
      symbol: asSymbol(symbol),
      name: memberName(escaped, symbol.name),
      key: isSymbol ? 'symbol' : 'string',
      kind:
        symbol.flags & SymbolFlags.Accessor ? 'accessor' : symbol.flags & SymbolFlags.Method ? 'method' : 'property',
      optional: (symbol.flags & SymbolFlags.Optional) !== 0,
      get readonly() {
        if (symbol.checkFlags & CheckFlags.Readonly) return true
        return property && (modifiers() & ModifierFlags.Readonly) !== 0
      },
      get private() {
        if (escaped.startsWith('__#')) return true
        return inClass && (modifiers() & (ModifierFlags.Private | ModifierFlags.Protected)) !== 0
      },
      get type() {
        return asType(answers.typeOfSymbol.get(symbol))
      },
      origin: handle ? files.originOf(pathOf(handle)) : 'project',
      get nameSpan() {
        return handle && placeOf(nameNode(files.resolve(handle)))
      },
      get typeSpan() {
        return handle && typeSpan(files.resolve(handle))
      },
    }
  }

  const isSignatureKind = (kind: number): boolean =>
    kind === SyntaxKind.PropertySignature || kind === SyntaxKind.MethodSignature

  function typeSpan(node: Node): Place | undefined {
    if (ts7.ast.isMethodSignatureDeclaration(node) || ts7.ast.isMethodDeclaration(node)) return undefined
    const { type } = node as Ast.PropertySignatureDeclaration
    return type && placeOf(type)
  }

  function parameterOf(symbol: TsSymbol): Parameter {
    const handle = symbol.valueDeclaration
    const isParameter = handle !== undefined && handle.kind === SyntaxKind.Parameter
    const node = (): Ast.ParameterDeclaration | undefined =>
      isParameter ? (files.resolve(handle) as Ast.ParameterDeclaration) : undefined
    return {
      get name() {
        const name = node()?.name
        return name && !ts7.ast.isIdentifier(name) ? undefined : symbol.name
      },
      get type() {
        return asType(answers.typeOfSymbol.get(symbol))
      },
      get optional() {
        return node()?.questionToken !== undefined
      },
      get rest() {
        return node()?.dotDotDotToken !== undefined
      },
      get hasDefault() {
        return node()?.initializer !== undefined
      },
      get nameSpan() {
        const name = node()?.name
        return name && placeOf(name)
      },
      get typeSpan() {
        const type = node()?.type
        return type && placeOf(type)
      },
    }
  }

  /** How many signatures there are is asked often, what is in them seldom. */
  function signatureOf(signature: Signature): SignatureView {
    let parameters: readonly Parameter[] | undefined
    return {
      get parameters() {
        parameters ??= answers.parameters.get(signature).map(parameterOf)
        return parameters
      },
      get result() {
        return asType(answers.result.get(signature))
      },
      typeParameters: signature.typeParameters?.length ?? 0,
      get resultSpan() {
        const { declaration } = signature
        const type = declaration && (files.resolve(declaration) as Ast.MethodSignatureDeclaration).type
        return type && placeOf(type)
      },
    }
  }

  /** The entries of a class's clauses, in all its declarations. */
  function heritage(symbol: TsSymbol): { implements: boolean; entry: Node }[] {
    return symbol.declarations
      .filter(({ kind }) => kind === SyntaxKind.ClassDeclaration || kind === SyntaxKind.ClassExpression)
      .flatMap((handle) =>
        ((files.resolve(handle) as Ast.ClassDeclaration).heritageClauses ?? []).flatMap((clause) =>
          clause.types.map((entry) => ({ implements: clause.token === SyntaxKind.ImplementsKeyword, entry })),
        ),
      )
  }

  function implemented(symbol: TsSymbol, seen: Set<TsSymbol>): { type: TypeHandle; span: Place }[] {
    if (seen.has(symbol)) return []
    seen.add(symbol)
    return heritage(symbol).flatMap(({ implements: named, entry }) => {
      const type = answers.typeAt.get(entry)
      if (named) return [{ type: asType(type), span: placeOf(entry) }]
      const above = answers.symbol.get(type)
      return above ? implemented(above, seen) : []
    })
  }

  function constructorOf(symbol: TsSymbol): Constructor {
    const signatures = answers.constructSignatures.get(answers.typeOfSymbol.get(symbol))
    const handle = signatures[0]?.declaration
    const modifiers = handle?.kind === SyntaxKind.Constructor ? combinedModifiers(handle) : 0
    const access =
      modifiers & ModifierFlags.Private ? 'private' : modifiers & ModifierFlags.Protected ? 'protected' : 'public'
    return { access, signatures: signatures.map(signatureOf) }
  }

  function literalOf(type: Type): Literal | undefined {
    const { value } = details(type)
    if (typeof value === 'string') return { type: 'string', value }
    if (typeof value === 'number') return { type: 'number', value }
    if (typeof value === 'bigint') return { type: 'bigint', value: `${value}` }
    return undefined
  }

  function enumOf(type: Type): SymbolHandle | undefined {
    if (!(type.flags & TypeFlags.EnumLiteral)) return undefined
    const symbol = answers.symbol.get(type)
    const parent = symbol && symbol.flags & SymbolFlags.EnumMember ? answers.parent.get(symbol) : symbol
    return parent && asSymbol(parent)
  }

  let undefinedType: Type | undefined
  /** Under `exactOptionalPropertyTypes` "absent" is an `undefined` of its own, which isn't the value. */
  function isMissing(type: Type): boolean {
    if (!(type.flags & TypeFlags.Undefined)) return false
    undefinedType ??= checker.getUndefinedType()
    return type !== undefinedType
  }

  const descriptions = new Map<Type, TypeDescription>()
  function described(type: Type): TypeDescription {
    const known = descriptions.get(type)
    if (known) return known
    const description = describe(type)
    descriptions.set(type, description)
    return description
  }

  function describe(type: Type): TypeDescription {
    const { flags } = type
    if (flags & TypeFlags.Any) return { kind: 'any', unresolved: isErrorType(type) }
    if (flags & TypeFlags.Unknown) return { kind: 'unknown' }
    if (flags & TypeFlags.Never) return { kind: 'never' }
    if (flags & (TypeFlags.Undefined | TypeFlags.Void)) return { kind: 'undefined' }
    if (flags & TypeFlags.Null) return { kind: 'null' }
    if (flags & TypeFlags.Boolean) return { kind: 'boolean' }
    if (flags & TypeFlags.BooleanLiteral) {
      return { kind: 'literal', literal: { type: 'boolean', value: details(type).value === true }, enum: undefined }
    }
    if (flags & TypeFlags.UnionOrIntersection) return describeParts(type)
    const literal = flags & TypeFlags.Literal ? literalOf(type) : undefined
    if (literal) return { kind: 'literal', literal, enum: enumOf(type) }
    // An enum member whose value is computed is any number.
    if (flags & (TypeFlags.NumberLike | TypeFlags.Enum | TypeFlags.EnumLiteral)) return { kind: 'number' }
    if (flags & TypeFlags.BigIntLike) return { kind: 'bigint' }
    if (flags & TypeFlags.ESSymbolLike) return { kind: 'symbol' }
    if (flags & TypeFlags.TypeParameter) return { kind: 'parameter' }
    if (flags & TypeFlags.Instantiable && !(flags & TypeFlags.StringLike)) return { kind: 'deferred' }
    if (flags & TypeFlags.StringLike) return { kind: 'string' }
    if (flags & TypeFlags.NonPrimitive) return { kind: 'nonPrimitive' }
    return describeObject(type)
  }

  function describeParts(type: Type): TypeDescription {
    const parts = answers.parts.get(type)
    if (type.flags & TypeFlags.Intersection) return { kind: 'intersection', parts: parts.map(asType) }
    return { kind: 'union', parts: parts.filter((part) => !isMissing(part)).map(asType) }
  }

  function describeObject(type: Type): TypeDescription {
    if (type.isTupleType()) {
      const target = answers.target.get(type) as Sync.TupleType
      const kinds = target.elementFlags
      const elements = answers.typeArguments.get(type).slice(0, kinds.length)
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
    const array = arrayName(type)
    if (array === undefined) return { kind: 'object' }
    const element = answers.typeArguments.get(type)[0]!
    return { kind: 'array', element: asType(element), readonly: array === 'ReadonlyArray' }
  }

  /** Asking the checker whether a type is an array would be a trip for each. */
  function arrayName(type: Type): string | undefined {
    if (!isReference(type)) return undefined
    const symbol = answers.symbol.get(type)
    if (symbol?.name !== 'Array' && symbol?.name !== 'ReadonlyArray') return undefined
    return symbol.declarations.some((handle) => files.originOf(pathOf(handle)) === 'lib') ? symbol.name : undefined
  }

  const isReference = (type: Type): boolean =>
    (type.flags & TypeFlags.Object) !== 0 && ((details(type).objectFlags ?? 0) & ObjectFlags.Reference) !== 0

  function isErrorType(type: Type): boolean {
    const { intrinsicName } = details(type)
    return intrinsicName === undefined ? type.isErrorType() : intrinsicName !== 'any'
  }

  /** The class or interface itself, of which a reference is an instance. */
  const genericOf = (type: Type): Type => (type.isClassOrInterface() ? type : answers.target.get(type))

  function typeArguments(type: Type): TypeHandle[] {
    if (!isReference(type)) return []
    // A class or interface has its own `this` as a further argument.
    const count = details(genericOf(type)).typeParameters?.length ?? 0
    return count === 0 ? [] : answers.typeArguments.get(type).slice(0, count).map(asType)
  }

  function bases(type: Type): TypeHandle[] {
    const generic = type.isClassOrInterface() || isReference(type) ? genericOf(type) : undefined
    return generic?.isClassOrInterface() ? (answers.bases.get(generic) ?? []).map(asType) : []
  }

  function indexOf(info: Sync.IndexInfo): Index {
    const { flags } = info.keyType
    const key =
      flags & TypeFlags.String
        ? 'string'
        : flags & TypeFlags.Number
          ? 'number'
          : flags & TypeFlags.ESSymbolLike
            ? 'symbol'
            : 'template'
    const template = flags & TypeFlags.TemplateLiteral ? (info.keyType as Sync.TemplateLiteralType) : undefined
    return {
      key,
      type: asType(info.valueType),
      readonly: info.isReadonly,
      ...(template && { template: { texts: template.texts, types: answers.parts.get(template).map(asType) } }),
    }
  }

  function valueDeclared(symbol: TsSymbol): ValueDeclared | undefined {
    const handle = symbol.valueDeclaration
    if (!handle) return undefined
    return { type: asType(answers.typeOfSymbol.get(symbol)), nameSpan: placeOf(nameNode(files.resolve(handle))) }
  }

  function staticMember(symbol: TsSymbol, name: string): ValueDeclared | undefined {
    const member = symbol.getExports().get(ts7.ast.escapeLeadingUnderscores(name))
    if (!member?.valueDeclaration) return undefined
    const hidden = ModifierFlags.Private | ModifierFlags.Protected
    return combinedModifiers(member.valueDeclaration) & hidden ? undefined : valueDeclared(member)
  }

  /** Above a declaration, from the inside out. */
  function* around(symbol: TsSymbol): Generator<Node> {
    const [handle] = symbol.declarations
    for (let node = handle && files.resolve(handle).parent; node; node = node.parent) yield node
  }

  function ownerNode(symbol: TsSymbol): Node | undefined {
    for (const node of around(symbol)) {
      if (ts7.ast.isInterfaceDeclaration(node) || ts7.ast.isTypeAliasDeclaration(node)) return node
    }
    return undefined
  }

  const members = new Map<Type, readonly Member[]>()
  const signatures = new Map<Type, readonly SignatureView[]>()

  const view: Omit<CheckerView, AboutFiles> = {
    symbolName: (symbol) => ofSymbol(symbol).name,
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
      for (const node of around(ofSymbol(symbol))) {
        if (ts7.ast.isModuleDeclaration(node) && ts7.ast.isIdentifier(node.name) && node.name.text !== 'global') {
          names.unshift(node.name.text)
        }
      }
      return names
    },
    declarationsOf: (symbol) => declarationsOf(ofSymbol(symbol)),
    docTags: (symbol) => docTags(ofSymbol(symbol)),
    owner(symbol) {
      const node = ownerNode(ofSymbol(symbol))
      const found = node && answers.symbolOfDeclaration.get(node)
      return found && asSymbol(found)
    },
    declaredType: (symbol) => asType(answers.declaredType.get(ofSymbol(symbol))),
    implemented: (symbol) => implemented(ofSymbol(symbol), new Set()),
    constructorOf: (symbol) => constructorOf(ofSymbol(symbol)),
    staticMember: (symbol, name) => staticMember(ofSymbol(symbol), name),
    exportName: (symbol) => exportName(ofSymbol(symbol)),
    describe: (type) => described(ofType(type)),
    symbolOf(type) {
      const symbol = answers.symbol.get(ofType(type))
      return symbol && asSymbol(symbol)
    },
    aliasOf(type) {
      const symbol = answers.aliasSymbol.get(ofType(type))
      return symbol && { symbol: asSymbol(symbol), typeArguments: answers.aliasArguments.get(ofType(type)).map(asType) }
    },
    typeArguments: (type) => typeArguments(ofType(type)),
    bases: (type) => bases(ofType(type)),
    members(type) {
      const known = members.get(ofType(type))
      if (known) return known
      const found = answers.properties.get(ofType(type)).map(memberOf)
      members.set(ofType(type), found)
      return found
    },
    indexes: (type) => answers.indexes.get(ofType(type)).map(indexOf),
    callSignatures(type) {
      const known = signatures.get(ofType(type))
      if (known) return known
      const found = answers.callSignatures.get(ofType(type)).map(signatureOf)
      signatures.set(ofType(type), found)
      return found
    },
    isConstructable: (type) => answers.constructSignatures.get(ofType(type)).length > 0,
    text: (type) => typeText(checker.typeToString(ofType(type), undefined, TypeFormatFlags.NoTruncation)),
  }
  return { view, asType, asSymbol, ofSymbol, resolve, heritage, valueDeclared, ownerNode }
}
