/**
 * The questions that the analysis may ask of a type checker, and nothing else: no TypeScript type, enum or flag passes
 * here, so TypeScript 6 in this process (view6.ts) and TypeScript 7.1 in another one can both stand behind it.
 *
 * Handles are opaque and live as long as the view. Two rules bind every implementation: equal types (symbols) have the
 * same handle, and whatever a checker orders by its own ids (union members, members of library types) comes back in any
 * order: the analysis sorts. Answers are plain data, so that an out-of-process view can fetch them in batches.
 */
import type { Literal } from '../../runtime/shape.ts'
import type { ModuleOutline } from './outline.ts'
import type { SyntaxNode } from './syntax.ts'

declare const handle: unique symbol
export interface TypeHandle {
  readonly [handle]: 'type'
}
export interface SymbolHandle {
  readonly [handle]: 'symbol'
}
export interface CallHandle {
  readonly [handle]: 'call'
}

/** A place in a file: absolute path with forward slashes, UTF-16 offsets. */
export interface Place {
  readonly file: string
  readonly start: number
  readonly end: number
}

/**
 * Who wrote a file. `project`: the user; `node`: @types/node; `lib`: TypeScript's own library; `package`: anything else in
 * node_modules. Only `project` files are analysed; built-in classes are recognised only when `lib` or `node` declares them.
 */
export type Origin = 'project' | 'package' | 'node' | 'lib'

export interface SourceFile {
  readonly path: string
  readonly text: string
  readonly origin: Origin
  /** A `.d.ts` (also `.d.mts`, `.d.cts`). */
  readonly declaration: boolean
}

export interface SyntaxError extends Place {
  readonly message: string
}

/** An interface or class at the top level of a module. */
export interface Declared {
  readonly kind: 'interface' | 'class'
  /** Empty for an anonymous `export default class`. */
  readonly name: string
  readonly symbol: SymbolHandle
  /** Its name, or the keyword of an anonymous class. */
  readonly nameSpan: Place
  readonly span: Place
  /** Under which name its own module exports it; its own name where there are several. */
  readonly exportName: string | undefined
  readonly abstract: boolean
  readonly typeParameters: number
  /** It has an `extends` or `implements` clause; one that has none can't be of interest, and nothing has to be resolved. */
  readonly hasHeritage: boolean
}

export interface Declaration extends Place {
  readonly nameSpan: Place
  readonly origin: Origin
}

export type SymbolKind = 'interface' | 'class' | 'alias' | 'enum' | 'parameter' | 'other'

export interface DocTag extends Place {
  readonly name: string
  readonly text: string
}

export interface Parameter {
  /** Undefined when it is a pattern. */
  readonly name: string | undefined
  readonly type: TypeHandle
  readonly optional: boolean
  readonly rest: boolean
  readonly hasDefault: boolean
  /** Absent when a library's signature has no declaration. */
  readonly nameSpan: Place | undefined
  readonly typeSpan: Place | undefined
}

export interface Signature {
  readonly parameters: readonly Parameter[]
  readonly result: TypeHandle
  readonly typeParameters: number
  readonly resultSpan: Place | undefined
}

export interface Constructor {
  readonly access: 'public' | 'protected' | 'private'
  readonly signatures: readonly Signature[]
}

export interface Member {
  readonly symbol: SymbolHandle
  /** As it is at run time; `[brand]` for a symbol key. */
  readonly name: string
  readonly key: 'string' | 'symbol'
  readonly kind: 'property' | 'method' | 'accessor'
  readonly optional: boolean
  readonly readonly: boolean
  readonly private: boolean
  /** Under `exactOptionalPropertyTypes` without the `undefined` that stands for "absent". */
  readonly type: TypeHandle
  readonly origin: Origin
  readonly nameSpan: Place | undefined
  readonly typeSpan: Place | undefined
}

/** `` `user-${string}` ``: texts with types between them; one text more than types. */
export interface Template {
  readonly texts: readonly string[]
  readonly types: readonly TypeHandle[]
}

/** A constant or a static member: something with a type that isn't a type itself. */
export interface ValueDeclared {
  readonly type: TypeHandle
  readonly nameSpan: Place
}

export interface Index {
  readonly key: 'string' | 'number' | 'symbol' | 'template'
  readonly template?: Template
  readonly type: TypeHandle
  readonly readonly: boolean
}

export interface TupleElement {
  readonly type: TypeHandle
  readonly kind: 'required' | 'optional' | 'rest' | 'variadic'
}

export interface Alias {
  readonly symbol: SymbolHandle
  readonly typeArguments: readonly TypeHandle[]
}

/** What a type is at its top. */
export type TypeDescription =
  /** `unresolved`: it comes from an error that the compiler reports itself, such as an import that wasn't found. */
  | { readonly kind: 'any'; readonly unresolved: boolean }
  | {
      readonly kind: 'unknown' | 'never' | 'undefined' | 'null' | 'boolean' | 'number' | 'bigint' | 'string' | 'symbol'
    }
  /** `enum`: the enum that this is a member of. */
  | { readonly kind: 'literal'; readonly literal: Literal; readonly enum: SymbolHandle | undefined }
  | { readonly kind: 'union' | 'intersection'; readonly parts: readonly TypeHandle[] }
  | { readonly kind: 'array'; readonly element: TypeHandle; readonly readonly: boolean }
  | { readonly kind: 'tuple'; readonly elements: readonly TupleElement[]; readonly readonly: boolean }
  /** Anything with members or signatures: interface, class instance, object literal, mapped type, function. */
  | { readonly kind: 'object' }
  /** `object` itself. */
  | { readonly kind: 'nonPrimitive' }
  | { readonly kind: 'parameter' }
  /** A conditional, indexed or other type that depends on a type parameter. */
  | { readonly kind: 'deferred' }

export interface Call extends Place {
  readonly handle: CallHandle
  readonly arguments: readonly Place[]
  readonly typeArguments: readonly { readonly type: TypeHandle; readonly span: Place }[]
  readonly callee: Place
}

export interface ArgumentSymbol {
  /** Imports resolved. */
  readonly symbol: SymbolHandle
  /** The import declaration by which the argument came, when nothing that it binds has another use as a value. */
  readonly soleImport: Place | undefined
}

/** Which interfaces of components will be asked about. */
export interface ExpectedComponents {
  /** With everything that they are made of. */
  readonly whole: readonly SymbolHandle[]
  /** Their methods' results, for those who look at calls. */
  readonly known: readonly SymbolHandle[]
  /** Nobody will ask what the type of this name consists of, which is declared in this file. */
  isKnown(file: string, name: string): boolean
}

/** What answers about a file may depend on. */
export interface FileLinks {
  /** Equal (`===`) in two views of one project: the same text, parsed in the same way. */
  readonly version: unknown
  /** Paths of the files of the program that its imports and references lead to. */
  readonly imports: readonly string[]
  /** Of a package or a library; it isn't edited, and when it is, everything may be another. */
  readonly fixed: boolean
  /** It speaks of what nobody imports: a script, `declare global`, `declare module`. */
  readonly global: boolean
  // For telling which types an edit reaches; a view that can't tell reaches all of a file.
  /** Specifier of an import → path; undefined where it leads to several files. What is no file isn't there. */
  readonly modules?: ReadonlyMap<string, string | undefined>
  /** Files of the project to whose declarations its `declare module` adds. */
  readonly augments?: readonly string[]
  /** What stands at the top of it. */
  outline?(): ModuleOutline
}

export interface Links {
  /** By path, all files of the program. */
  readonly files: ReadonlyMap<string, FileLinks>
  /** Compiler and options. */
  readonly options: string
}

export interface CheckerView {
  // The program
  readonly strictNullChecks: boolean
  /** Sorted by path (code units). */
  files(): readonly SourceFile[]
  /** Everything whose doc comment has `@weaveMarker NAME`: interfaces, aliases, functions and methods, outside `lib`. */
  marked(): readonly { readonly marker: string; readonly symbol: SymbolHandle }[]

  /** For keeping answers from one view to the next (analyse/memory.ts). A view that can't tell keeps nothing. */
  links?(): Links | undefined

  /** What is going to be asked. Nothing depends on it; a view that waits for each answer can ask for many. */
  expect?(components: ExpectedComponents): void

  /** What the parser reports in a file of the project; everything read from such a file may be wrong. */
  syntaxErrors(file: SourceFile): readonly SyntaxError[]

  // A file
  declarations(file: SourceFile): readonly Declared[]
  /** Calls of a function, method or namespace member that is written with one of these names. */
  calls(file: SourceFile, names: ReadonlySet<string>): readonly Call[]
  /** `import { run as start }`, `export { run as start }`: from → to. */
  renames(file: SourceFile): readonly { readonly from: string; readonly to: string }[]

  /** Names under which a module exports values, in code unit order. */
  exportedNames(file: SourceFile): readonly string[]
  /** Re-exports followed. */
  exportedValue(file: SourceFile, name: string): ValueDeclared | undefined

  // A call
  callee(call: CallHandle): SymbolHandle | undefined
  argumentSymbol(call: CallHandle, position: number): ArgumentSymbol | undefined

  // Syntax, for lint (syntax.ts)
  /** The file's tree; its nodes are read when they are asked for. */
  syntax(file: SourceFile): SyntaxNode
  /** `await` may stand at the file's top level: what runs is an ES module. */
  topLevelAwait(file: SourceFile): boolean
  /** What names (identifiers) stand for, imports resolved, in the order of `nodes`. */
  symbolsAt(nodes: readonly SyntaxNode[]): readonly (SymbolHandle | undefined)[]
  /** Of expressions as they are there (narrowed), and of types where one is written, in the order of `nodes`. */
  typesAt(nodes: readonly SyntaxNode[]): readonly TypeHandle[]

  // A position, for editors
  /** Names of the declarations that the identifier at `offset` stands for, imports resolved; none when there is no identifier. */
  declarationsAt(file: SourceFile, offset: number): readonly Place[]

  // A symbol
  symbolName(symbol: SymbolHandle): string
  symbolKind(symbol: SymbolHandle): SymbolKind
  /** Names of the namespaces around it, outermost first; empty at the top level of a module. */
  namespaces(symbol: SymbolHandle): readonly string[]
  /** Sorted by file and position. */
  declarationsOf(symbol: SymbolHandle): readonly Declaration[]
  docTags(symbol: SymbolHandle): readonly DocTag[]
  /** The interface or type alias in whose declaration it is declared. */
  owner(symbol: SymbolHandle): SymbolHandle | undefined
  /** Of a class or interface (its own type parameters left open), or of an alias. */
  declaredType(symbol: SymbolHandle): TypeHandle
  /** What a class names in `implements`, its base classes' clauses included, with the place of the entry. */
  implemented(symbol: SymbolHandle): readonly { readonly type: TypeHandle; readonly span: Place }[]
  constructorOf(symbol: SymbolHandle): Constructor
  /** A public static member that the class itself declares. */
  staticMember(symbol: SymbolHandle, name: string): ValueDeclared | undefined
  /** The module exports a symbol under this name. */
  exportName(symbol: SymbolHandle): string | undefined

  // A type
  describe(type: TypeHandle): TypeDescription
  symbolOf(type: TypeHandle): SymbolHandle | undefined
  aliasOf(type: TypeHandle): Alias | undefined
  typeArguments(type: TypeHandle): readonly TypeHandle[]
  /** Direct bases of an interface or class. */
  bases(type: TypeHandle): readonly TypeHandle[]
  members(type: TypeHandle): readonly Member[]
  indexes(type: TypeHandle): readonly Index[]
  callSignatures(type: TypeHandle): readonly Signature[]
  isConstructable(type: TypeHandle): boolean
  /** For messages only: two checkers may word it differently. */
  text(type: TypeHandle): string
}
