/**
 * Types to shapes. In goes a type of a checker view; out comes a shape, with named and recursive types in `definitions`.
 * A type that can't cross becomes an `unsupported` shape, whose culprit (code, wording, where it is written) is kept
 * beside it for the report. Nothing is thrown, and nothing depends on the order in which a checker lists things.
 *
 * Unions are settled at the end (`finish`), when every definition is known: only then it shows what tells members apart.
 */
import type { Definitions, Member, Shape, TupleElement, Unsupported } from '../../runtime/shape.ts'
import type {
  CheckerView,
  Member as DeclaredMember,
  Place,
  SymbolHandle,
  TypeDescription,
  TypeHandle,
} from '../checker/view.ts'
import type { Code } from '../diagnostics/catalogue.ts'
import { BOUND, BOUND_OTHER, type Bound, CROSSING, ERRORS } from './builtins.ts'
import { byCodeUnits } from './canonical.ts'
import type { Markers } from './markers.ts'
import type { Names } from './names.ts'
import { collapse, discriminate } from './union.ts'

/** Why a type can't cross, and where that is written. */
export interface Culprit {
  readonly code: Code
  /** Continues `'add(order).lines[]' …`. */
  readonly says: string
  readonly why: string
  readonly fix: string
  /** The type that can't cross, if it has a declaration: one report for all its uses. */
  readonly symbol: SymbolHandle | undefined
  /** The member or parameter that is declared so. */
  readonly at: Place | undefined
}

/** How often one generic type may contain itself with other arguments before it is taken to be endless. */
const EXPANSIONS_MAX = 24
const DEPTH_MAX = 200

/** Members that exist for the type checker only, in one part of an intersection: `{ a: string } & { __brand: 'Order' }`. */
const BRANDS = new Set(['__brand', '_brand', '__tag', '__opaque', '__nominal', '__flavor'])

type ObjectShape = Shape & { kind: 'object' }
interface Open {
  name: string | undefined
}

export class Shapes {
  readonly definitions: Definitions = {}
  /** Places where `Key<T>` occurs inside data. */
  readonly keysInData: Place[] = []
  readonly #view: CheckerView
  readonly #markers: Markers
  readonly #names: Names
  readonly #defined = new Map<TypeHandle, string>()
  readonly #open = new Map<TypeHandle, Open>()
  readonly #expanding: SymbolHandle[] = []
  /** Found to be endless: not tried again, since a type that branches would take for ever to fail everywhere. */
  readonly #endlessSymbols = new Set<SymbolHandle>()
  readonly #culprits = new WeakMap<Unsupported, Culprit>()
  /** Unions that wait for the definitions, with what a report needs to say about them. */
  readonly #unions = new WeakMap<object, { symbol: SymbolHandle | undefined; at: Place | undefined }>()

  constructor(view: CheckerView, markers: Markers, names: Names) {
    this.#view = view
    this.#markers = markers
    this.#names = names
  }

  culprit(shape: Unsupported): Culprit | undefined {
    return this.#culprits.get(shape)
  }

  /** `at`: where the type is written, as near to the culprit as is known. */
  shapeOf(type: TypeHandle, at: Place | undefined): Shape {
    const defined = this.#defined.get(type)
    if (defined !== undefined) return { kind: 'ref', name: defined }
    const open = this.#open.get(type)
    if (open) {
      open.name ??= this.#nameOf(type) ?? this.#names.ofAnonymous(type)
      return { kind: 'ref', name: open.name }
    }
    if (this.#open.size > DEPTH_MAX) return this.#endless(type, at)
    const alias = this.#view.aliasOf(type)
    const marker = alias && this.#markers.of(alias.symbol)
    const inner = alias?.typeArguments[0]
    if (marker === 'json') return { kind: 'json' }
    if (marker === 'shared' && inner) return { kind: 'shared', of: this.shapeOf(inner, at) }
    if (marker === 'key' && inner) return this.#keyInData(at, this.shapeOf(inner, at))
    return this.#described(type, this.#view.describe(type), at)
  }

  /** The parameter's own type, which may be a `Key<T>`. */
  shapeOfKey(type: TypeHandle, at: Place | undefined): Shape {
    const before = this.keysInData.length
    const shape = this.shapeOf(type, at)
    this.keysInData.length = before
    return shape
  }

  #keyInData(at: Place | undefined, shape: Shape): Shape {
    if (at) this.keysInData.push(at)
    return shape
  }

  #described(type: TypeHandle, description: TypeDescription, at: Place | undefined): Shape {
    switch (description.kind) {
      case 'undefined':
      case 'null':
      case 'boolean':
      case 'number':
      case 'bigint':
      case 'string':
        return { kind: description.kind }
      // No value ever is there: a method that always throws, a member that must not be given.
      case 'never':
        return { kind: 'undefined' }
      case 'literal':
        return { kind: 'literal', literal: description.literal }
      case 'union':
        return this.#composite(type, this.#unionName(type, description.parts), () =>
          this.#union(type, description.parts, at),
        )
      case 'intersection':
        return this.#intersection(type, description.parts, at)
      case 'array':
        return this.#composite(type, undefined, () => ({
          kind: 'array',
          of: this.shapeOf(description.element, at),
          ...(description.readonly && { readonly: true }),
        }))
      case 'tuple':
        return this.#composite(type, undefined, () => this.#tuple(description, type, at))
      case 'object':
        return this.#object(type, at)
      default:
        return this.#withoutShape(type, description, at)
    }
  }

  #withoutShape(type: TypeHandle, description: TypeDescription, at: Place | undefined): Unsupported {
    const text = this.#view.text(type)
    const refuse = (code: Code, says: string, why: string, fix: string) => this.#refuse({ code, says, why, fix, at })
    switch (description.kind) {
      case 'any':
        return description.unresolved
          ? refuse(
              'WV2002',
              'has a type that could not be resolved.',
              'the compiler reports an error in it, such as an import that was not found',
              'repair that error first',
            )
          : refuse(
              'WV2001',
              "is 'any': its shape is not known at build time.",
              'codecs are made from types',
              "write its type, or use 'Json'",
            )
      case 'symbol':
        return refuse(
          'WV2006',
          "is a 'symbol', which cannot leave its process.",
          'another process has other symbols',
          'use a string literal',
        )
      case 'parameter':
        return refuse(
          'WV2008',
          `depends on the type parameter '${text}'.`,
          'it is another type at each use',
          'write the type that is meant',
        )
      case 'deferred':
        return refuse(
          'WV2008',
          `is '${text}', which does not resolve to one type.`,
          'it depends on a type parameter',
          'write the type that is meant',
        )
      default:
        return refuse(
          'WV2003',
          `is '${text}', which says too little to encode.`,
          'it accepts nearly every value, functions and sockets included',
          "name its members, or use 'Json'",
        )
    }
  }

  #refuse(culprit: Omit<Culprit, 'symbol'> & { symbol?: SymbolHandle | undefined }): Unsupported {
    const reason = culprit.says.replace(/\.$/, '')
    const shape: Unsupported = { kind: 'unsupported', reason, path: '', fix: culprit.fix }
    this.#culprits.set(shape, { ...culprit, symbol: culprit.symbol })
    return shape
  }

  #endless(type: TypeHandle, at: Place | undefined): Unsupported {
    const symbol = this.#view.aliasOf(type)?.symbol ?? this.#view.symbolOf(type)
    const name = symbol ? this.#view.symbolName(symbol) : this.#view.text(type)
    return this.#refuse({
      code: 'WV2009',
      says: `contains '${name}', which expands without end.`,
      why: 'each step contains itself with a bigger type argument, so it has no finite shape',
      fix: 'let it contain itself with the same type arguments',
      symbol,
      at,
    })
  }

  /** A type that may contain itself: gets a definition if it has a name worth having, or when it turns out to be recursive. */
  #composite(type: TypeHandle, name: string | undefined, make: () => Shape): Shape {
    const open: Open = { name }
    const symbol = this.#view.aliasOf(type)?.symbol ?? this.#view.symbolOf(type)
    if (symbol && name && this.#isEndless(symbol)) return this.#endless(type, undefined)
    this.#open.set(type, open)
    if (symbol) this.#expanding.push(symbol)
    const shape = make()
    if (symbol) this.#expanding.pop()
    this.#open.delete(type)
    if (open.name === undefined) return shape
    this.definitions[open.name] = shape
    this.#defined.set(type, open.name)
    return { kind: 'ref', name: open.name }
  }

  #isEndless(symbol: SymbolHandle): boolean {
    if (this.#expanding.filter((each) => each === symbol).length >= EXPANSIONS_MAX) this.#endlessSymbols.add(symbol)
    return this.#endlessSymbols.has(symbol)
  }

  /** The user's name of a type: an interface's, or an alias's that isn't TypeScript's own, such as `Partial<…>`. */
  #nameOf(type: TypeHandle): string | undefined {
    const alias = this.#view.aliasOf(type)
    if (alias && this.#names.declaration(alias.symbol)?.origin !== 'lib') {
      return this.#names.ofType(alias.symbol, alias.typeArguments, type)
    }
    const symbol = this.#view.symbolOf(type)
    if (!symbol || this.#view.symbolKind(symbol) !== 'interface') return undefined
    return this.#names.ofType(symbol, this.#view.typeArguments(type), type)
  }

  /** `type Id = string | number` is as short as its name; a union of objects is worth a definition. */
  #unionName(type: TypeHandle, parts: readonly TypeHandle[]): string | undefined {
    const objects = parts.some((part) => ['object', 'intersection'].includes(this.#view.describe(part).kind))
    return objects ? this.#nameOf(type) : undefined
  }

  #union(type: TypeHandle, parts: readonly TypeHandle[], at: Place | undefined): Shape {
    const json = this.#markers.jsonParts()
    const hasJson = json.length > 0 && json.every((each) => parts.includes(each))
    const rest = hasJson ? parts.filter((part) => !json.includes(part)) : this.#withoutEnums(parts)
    const shapes: Shape[] = rest.map((part) => (typeof part === 'string' ? { kind: part } : this.shapeOf(part, at)))
    if (hasJson) shapes.push({ kind: 'json' })
    const members = collapse(shapes)
    if (members.length === 1) return members[0]!
    const union: Shape = { kind: 'union', members: members.map((shape) => ({ test: { by: 'kind' }, shape })) }
    this.#unions.set(union, { symbol: this.#view.aliasOf(type)?.symbol, at })
    return union
  }

  /** Two members of one numeric enum mean the enum, and flags of an enum may be combined: any number. */
  #withoutEnums(parts: readonly TypeHandle[]): (TypeHandle | 'number')[] {
    const counts = new Map<SymbolHandle, number>()
    const enumOf = (part: TypeHandle): SymbolHandle | undefined => {
      const description = this.#view.describe(part)
      return description.kind === 'literal' && description.literal.type === 'number' ? description.enum : undefined
    }
    for (const part of parts) {
      const symbol = enumOf(part)
      if (symbol) counts.set(symbol, (counts.get(symbol) ?? 0) + 1)
    }
    return counts.size === 0
      ? [...parts]
      : parts.map((part) => ((counts.get(enumOf(part)!) ?? 0) > 1 ? 'number' : part))
  }

  #tuple(description: TypeDescription & { kind: 'tuple' }, type: TypeHandle, at: Place | undefined): Shape {
    if (description.elements.some((each) => each.kind === 'variadic')) {
      return this.#withoutShape(type, { kind: 'deferred' }, at)
    }
    const elements = description.elements.map(
      ({ type: element, kind }): TupleElement => ({
        shape: this.shapeOf(element, at),
        ...(kind === 'optional' && { optional: true }),
        ...(kind === 'rest' && { rest: true }),
      }),
    )
    return { kind: 'tuple', elements, ...(description.readonly && { readonly: true }) }
  }

  #intersection(type: TypeHandle, parts: readonly TypeHandle[], at: Place | undefined): Shape {
    const kinds = parts.map((part) => this.#view.describe(part).kind)
    const opaque = parts.findIndex((_, position) =>
      ['parameter', 'deferred', 'any', 'unknown'].includes(kinds[position]!),
    )
    if (opaque !== -1) return this.shapeOf(parts[opaque]!, at)
    const marked = this.#markers.markedParts(parts)
    // A primitive with members is a brand: the members exist for the type checker only.
    const primitive = parts.findIndex(
      (_, position) => !['object', 'array', 'tuple', 'nonPrimitive'].includes(kinds[position]!),
    )
    if (primitive !== -1) {
      const shape = this.shapeOf(parts[primitive]!, at)
      return marked.has('key') ? this.#keyInData(at, shape) : shape
    }
    const brands = parts.filter((part, position) => kinds[position] === 'object' && this.#isBrand(part))
    const real = parts.filter((part, position) => !brands.includes(part) && kinds[position] !== 'nonPrimitive')
    const shared = (shape: Shape): Shape => (marked.has('shared') ? { kind: 'shared', of: shape } : shape)
    if (real.length === 1) return shared(this.shapeOf(real[0]!, at))
    const special = real.map((part) => this.#special(part, at)).filter((shape) => shape !== undefined)
    const refused = special.find((shape) => shape.kind === 'unsupported')
    if (refused) return refused
    if (special.some((shape) => shape.kind === 'error')) return { kind: 'error' }
    if (special.length > 0) {
      return this.#refuse({
        code: 'WV2005',
        says: `is '${this.#view.text(type)}': the further members would be lost.`,
        why: 'an array or a built-in object crosses as what it is',
        fix: 'make it one member of an object, beside the others',
        at,
      })
    }
    const hidden = new Set(brands.flatMap((part) => this.#view.members(part).map((member) => member.name)))
    return shared(this.#composite(type, this.#nameOf(type), () => this.#plain(type, at, hidden)))
  }

  #isBrand(part: TypeHandle): boolean {
    const members = this.#view.members(part)
    return members.length > 0 && members.every((member) => member.key === 'symbol' || BRANDS.has(member.name))
  }

  #object(type: TypeHandle, at: Place | undefined): Shape {
    return this.#special(type, at) ?? this.#composite(type, this.#nameOf(type), () => this.#plain(type, at, new Set()))
  }

  /** Whatever isn't just members: arrays, built-in classes, functions, class instances, components. */
  #special(type: TypeHandle, at: Place | undefined): Shape | undefined {
    const description = this.#view.describe(type)
    if (description.kind !== 'object') return this.shapeOf(type, at)
    const symbol = this.#view.symbolOf(type)
    if (this.#view.callSignatures(type).length > 0 || this.#view.isConstructable(type)) return this.#function(type, at)
    if (!symbol) return undefined
    const kind = this.#view.symbolKind(symbol)
    if (kind !== 'interface' && kind !== 'class') return undefined
    const marker = this.#markers.of(symbol)
    const name = this.#view.symbolName(symbol)
    if (this.#markers.isComponent(symbol)) return this.#component(name, symbol, at)
    if (marker === 'listener' || marker === 'logger') return this.#bound(name, symbol, BOUND_OTHER, at)
    const origins = this.#view.declarationsOf(symbol).map((each) => each.origin)
    const platform = origins.some((origin) => origin === 'lib' || origin === 'node')
    if (platform) {
      const crossing = CROSSING.get(name)
      if (crossing) return this.#crossing(type, crossing, at)
      const bound = BOUND.get(name)
      if (bound) return this.#bound(name, symbol, bound, at)
    }
    if (this.#extendsError(type)) return this.#error(name, symbol, kind, platform, at)
    if (platform && (kind === 'class' || this.#view.members(type).some((member) => member.kind === 'method'))) {
      return this.#bound(name, symbol, this.#isStream(type) ? BOUND.get('AsyncIterable')! : BOUND_OTHER, at)
    }
    if (kind === 'class') return this.#instance(name, symbol, at)
    const base = this.#collectionBase(type)
    return base === undefined ? undefined : this.#subtype(name, base, symbol, at)
  }

  #crossing(
    type: TypeHandle,
    crossing: Exclude<ReturnType<typeof CROSSING.get>, undefined>,
    at: Place | undefined,
  ): Shape {
    if (crossing.kind === 'whole') return crossing.shape
    const mark = crossing.readonly ? ({ readonly: true } as const) : {}
    return this.#composite(type, undefined, () => {
      const [first, second] = this.#view.typeArguments(type).map((each) => this.shapeOf(each, at))
      const unknown: Shape = { kind: 'undefined' }
      return crossing.kind === 'map'
        ? { kind: 'map', key: first ?? unknown, value: second ?? unknown, ...mark }
        : { kind: 'set', of: first ?? unknown, ...mark }
    })
  }

  #function(type: TypeHandle, at: Place | undefined): Unsupported {
    return this.#refuse({
      code: 'WV2004',
      says: `is a ${this.#view.isConstructable(type) ? 'class' : 'function'}, which cannot leave its process.`,
      why: 'its code and what it closes over live in this process',
      fix: 'pass the data that it would work on, or make the receiver a component',
      at,
    })
  }

  #component(name: string, symbol: SymbolHandle, at: Place | undefined): Unsupported {
    return this.#refuse({
      code: 'WV2010',
      says: `is the component '${name}', and a component is not passed as a value.`,
      why: 'this version does not carry references to components',
      fix: `take '${name}' as a constructor parameter where it is used`,
      symbol,
      at,
    })
  }

  #bound(name: string, symbol: SymbolHandle, { code, why, fix }: Bound, at: Place | undefined): Unsupported {
    const says =
      code === 'WV2003'
        ? `is '${name}', which says too little to encode.`
        : code === 'WV2015' || code === 'WV2016'
          ? `is ${/^[AEIOU]/.test(name) ? 'an' : 'a'} '${name}', which this version cannot carry yet.`
          : `is ${/^[AEIOU]/.test(name) ? 'an' : 'a'} '${name}', which cannot leave its process.`
    return this.#refuse({ code, says, why, fix, symbol, at })
  }

  #error(name: string, symbol: SymbolHandle, kind: string, platform: boolean, at: Place | undefined): Shape {
    if (kind === 'interface' || platform) return { kind: 'error' }
    const inProject = this.#names.declaration(symbol)?.origin === 'project'
    if (inProject && this.#view.exportName(symbol)) return { kind: 'error' }
    return this.#refuse({
      code: 'WV2018',
      says: `is the error class '${name}', which the receiver cannot import.`,
      why: inProject ? 'it is not exported from its module' : 'it belongs to a package and not to this project',
      fix: inProject ? `export '${name}'` : `give the project an exported error class and set '${name}' as its cause`,
      symbol,
      at,
    })
  }

  #instance(name: string, symbol: SymbolHandle, at: Place | undefined): Unsupported {
    return this.#refuse({
      code: 'WV2005',
      says: `is an instance of the class '${name}', which would arrive without its methods and private state.`,
      why: 'only data crosses a boundary, and the class is not data',
      fix: `declare an interface with the data of '${name}' and pass that`,
      symbol,
      at,
    })
  }

  #subtype(name: string, base: string, symbol: SymbolHandle, at: Place | undefined): Unsupported {
    return this.#refuse({
      code: 'WV2005',
      says: `is '${name}', a kind of '${base}' that would arrive as a plain one.`,
      why: `what '${name}' adds would be lost`,
      fix: `use '${base}' itself, beside the further members in an object`,
      symbol,
      at,
    })
  }

  #baseNames(type: TypeHandle, depth = 0): string[] {
    if (depth > 32) return []
    return this.#view.bases(type).flatMap((base) => {
      const symbol = this.#view.symbolOf(base)
      const platform =
        symbol && this.#view.declarationsOf(symbol).some(({ origin }) => origin === 'lib' || origin === 'node')
      return [...(platform ? [this.#view.symbolName(symbol)] : []), ...this.#baseNames(base, depth + 1)]
    })
  }

  #extendsError(type: TypeHandle): boolean {
    const symbol = this.#view.symbolOf(type)!
    const own = this.#view.declarationsOf(symbol).some(({ origin }) => origin === 'lib')
      ? [this.#view.symbolName(symbol)]
      : []
    return [...own, ...this.#baseNames(type)].some((name) => ERRORS.has(name))
  }

  #isStream(type: TypeHandle): boolean {
    return this.#view.members(type).some((member) => member.name.startsWith('[asyncIterator'))
  }

  #collectionBase(type: TypeHandle): string | undefined {
    return this.#baseNames(type).find((name) => name === 'Array' || name === 'ReadonlyArray' || CROSSING.has(name))
  }

  /** An object that is nothing but its members. `hidden`: names that brands have brought in. */
  #plain(type: TypeHandle, at: Place | undefined, hidden: ReadonlySet<string>): Shape {
    const declared = this.#view.members(type)
    const indexes = this.#view.indexes(type)
    if (declared.length === 0 && indexes.length === 0) return this.#withoutShape(type, { kind: 'nonPrimitive' }, at)
    if (declared.some((member) => member.private)) {
      const symbol = this.#view.symbolOf(type)
      if (symbol) return this.#instance(this.#view.text(type), symbol, at)
    }
    const members: Member[] = []
    for (const member of declared) {
      if (hidden.has(member.name) || this.#isAbsent(member)) continue
      members.push({
        name: member.name,
        shape: this.#member(member),
        ...(member.optional && { optional: true }),
        ...(member.readonly && { readonly: true }),
      })
    }
    members.sort((a, b) => byCodeUnits(a.name, b.name))
    const shape: ObjectShape = { kind: 'object', members }
    const kept = indexes.some((each) => each.key === 'string')
      ? indexes.filter((each) => each.key === 'string')
      : indexes
    if (kept.length > 0) shape.index = this.#index(kept, at)
    return shape
  }

  /** It is there for the type checker only, or never given: `readonly [brand]?: never`, `other?: never`. */
  #isAbsent(member: DeclaredMember): boolean {
    if (member.key === 'symbol' && this.#markers.isMarkerMember(member)) return true
    if (!member.optional) return false
    const description = this.#view.describe(member.type)
    return (
      description.kind === 'never' ||
      description.kind === 'undefined' ||
      (description.kind === 'union' && description.parts.length === 0)
    )
  }

  #member(member: DeclaredMember): Shape {
    const at = member.typeSpan ?? member.nameSpan
    if (member.key === 'symbol') {
      return this.#refuse({
        code: 'WV2017',
        says: 'has a symbol as its key, which cannot leave its process.',
        why: 'another process has other symbols',
        fix: "use a string as its key; a brand is written '?: never', and is left out",
        at,
      })
    }
    if (member.kind === 'accessor') {
      return this.#refuse({
        code: 'WV2014',
        says: 'is an accessor, not data.',
        why: 'a getter runs code of its object whenever it is read, and the receiver has another object',
        fix: `declare it as a plain member, '${member.name}: …'`,
        at,
      })
    }
    return this.shapeOf(member.type, at)
  }

  #index(indexes: ReturnType<CheckerView['indexes']>, at: Place | undefined): NonNullable<ObjectShape['index']> {
    const mark = indexes.every((each) => each.readonly) ? ({ readonly: true } as const) : {}
    if (indexes.some((each) => each.key === 'symbol')) {
      const of = this.#refuse({
        code: 'WV2017',
        says: 'is indexed by symbols, which cannot leave their process.',
        why: 'another process has other symbols',
        fix: "use 'string' as the index",
        at,
      })
      return { of, ...mark }
    }
    const shapes = collapse(indexes.map((each) => this.shapeOf(each.type, at)))
    if (shapes.length === 1) return { of: shapes[0]!, ...mark }
    const union: Shape = { kind: 'union', members: shapes.map((shape) => ({ test: { by: 'kind' }, shape })) }
    this.#unions.set(union, { symbol: undefined, at })
    return { of: union, ...mark }
  }

  /** Settles the unions in `shape`; to be called when everything has been asked for, and for each definition too. */
  finish(shape: Shape): Shape {
    switch (shape.kind) {
      case 'array':
      case 'set':
      case 'shared':
        return { ...shape, of: this.finish(shape.of) }
      case 'map':
        return { ...shape, key: this.finish(shape.key), value: this.finish(shape.value) }
      case 'tuple':
        return { ...shape, elements: shape.elements.map((each) => ({ ...each, shape: this.finish(each.shape) })) }
      case 'object': {
        const members = shape.members.map((each) => ({ ...each, shape: this.finish(each.shape) }))
        return { ...shape, members, ...(shape.index && { index: { ...shape.index, of: this.finish(shape.index.of) } }) }
      }
      case 'union':
        return this.#settle(shape)
      default:
        return shape
    }
  }

  #settle(union: Shape & { kind: 'union' }): Shape {
    const members = union.members.map((each) => this.finish(each.shape))
    
    const result = discriminate(members, this.definitions)
    if (!('ambiguous' in result)) return { kind: 'union', members: result.members }
    const [a, b] = result.ambiguous.map(describeShape)
    const source = this.#unions.get(union)
    return this.#refuse({
      code: 'WV2007',
      says: `is a union in which nothing at run time tells ${a} from ${b}.`,
      why: 'the receiver must know which of them a value is',
      fix: "give each a literal member of its own, such as 'kind'",
      symbol: source?.symbol,
      at: source?.at,
    })
  }
}

/** A member of a union, for a message. */
function describeShape(shape: Shape): string {
  if (shape.kind === 'ref') return `'${shape.name.replace(/^[^<]*[/.](?=[^/.<]+(<|$))/, '')}'`
  if (shape.kind === 'object')
    return `'{ ${shape.members.map((each) => each.name + (each.optional ? '?' : '')).join(', ')} }'`
  if (shape.kind === 'shared') return describeShape(shape.of)
  return shape.kind === 'array' || shape.kind === 'tuple' ? `one ${shape.kind}` : `one '${shape.kind}'`
}
