/**
 * Types to shapes. In goes a type of a checker view; out comes a shape, with named and recursive types in `definitions`.
 * A type that can't cross becomes an `unsupported` shape, whose culprit (code, wording, where it is written) is kept
 * beside it for the report. Nothing is thrown, and nothing depends on the order in which a checker lists things.
 *
 * Long because it is one table: a case for each kind of type. Unions are settled at the end (`finish`), when every
 * definition is known: only then it shows what tells members apart.
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
import type { Crossing } from './builtins.ts'
import { byCodeUnits } from './canonical.ts'
import { Classifier } from './classify.ts'
import type { Markers } from './markers.ts'
import type { Names } from './names.ts'
import {
  ANY,
  accessor,
  ambiguous,
  endless,
  furtherMembers,
  instance,
  openParameter,
  type Refusal,
  SYMBOL,
  SYMBOL_INDEX,
  SYMBOL_KEY,
  UNRESOLVED,
  unresolvedGeneric,
  vague,
} from './refusals.ts'
import { collapse, discriminate } from './union.ts'

/** Why a type can't cross, and where that is written. */
export interface Culprit extends Refusal {
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
  readonly #classifier: Classifier
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
    this.#classifier = new Classifier(view, markers)
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
    switch (description.kind) {
      case 'any':
        return this.#refuse(description.unresolved ? UNRESOLVED : ANY, at)
      case 'symbol':
        return this.#refuse(SYMBOL, at)
      case 'parameter':
        return this.#refuse(openParameter(text), at)
      case 'deferred':
        return this.#refuse(unresolvedGeneric(text), at)
      default:
        return this.#refuse(vague(text), at)
    }
  }

  #refuse(refusal: Refusal, at: Place | undefined, symbol?: SymbolHandle): Unsupported {
    const reason = refusal.says.replace(/\.$/, '')
    const shape: Unsupported = { kind: 'unsupported', reason, path: '', fix: refusal.fix }
    this.#culprits.set(shape, { ...refusal, symbol, at })
    return shape
  }

  #endless(type: TypeHandle, at: Place | undefined): Unsupported {
    const symbol = this.#view.aliasOf(type)?.symbol ?? this.#view.symbolOf(type)
    return this.#refuse(endless(symbol ? this.#view.symbolName(symbol) : this.#view.text(type)), at, symbol)
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
    if (special.length > 0) return this.#refuse(furtherMembers(this.#view.text(type)), at)
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
    if (this.#view.describe(type).kind !== 'object') return this.shapeOf(type, at)
    const classified = this.#classifier.classify(type)
    if (classified.kind === 'plain') return undefined
    if (classified.kind === 'error') return { kind: 'error' }
    if (classified.kind === 'refused') return this.#refuse(classified.refusal, at, classified.symbol)
    const { crossing } = classified
    return crossing.kind === 'whole' ? crossing.shape : this.#collection(type, crossing, at)
  }

  #collection(type: TypeHandle, crossing: Crossing & { kind: 'map' | 'set' }, at: Place | undefined): Shape {
    const mark = crossing.readonly ? ({ readonly: true } as const) : {}
    return this.#composite(type, undefined, () => {
      const [first, second] = this.#view.typeArguments(type).map((each) => this.shapeOf(each, at))
      const none: Shape = { kind: 'undefined' }
      return crossing.kind === 'map'
        ? { kind: 'map', key: first ?? none, value: second ?? none, ...mark }
        : { kind: 'set', of: first ?? none, ...mark }
    })
  }

  /** An object that is nothing but its members. `hidden`: names that brands have brought in. */
  #plain(type: TypeHandle, at: Place | undefined, hidden: ReadonlySet<string>): Shape {
    const declared = this.#view.members(type)
    const indexes = this.#view.indexes(type)
    if (declared.length === 0 && indexes.length === 0) return this.#withoutShape(type, { kind: 'nonPrimitive' }, at)
    if (declared.some((member) => member.private)) {
      const symbol = this.#view.symbolOf(type)
      if (symbol) return this.#refuse(instance(this.#view.text(type)), at, symbol)
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
    if (member.key === 'symbol') return this.#refuse(SYMBOL_KEY, at)
    if (member.kind === 'accessor') return this.#refuse(accessor(member.name), at)
    return this.shapeOf(member.type, at)
  }

  #index(indexes: ReturnType<CheckerView['indexes']>, at: Place | undefined): NonNullable<ObjectShape['index']> {
    const mark = indexes.every((each) => each.readonly) ? ({ readonly: true } as const) : {}
    if (indexes.some((each) => each.key === 'symbol')) return { of: this.#refuse(SYMBOL_INDEX, at), ...mark }
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

    if (members.some((each) => each.kind === 'unsupported')) {
      return { kind: 'union', members: members.map((shape) => ({ test: { by: 'kind' as const }, shape })) }
    }
    const result = discriminate(members, this.definitions)
    if (!('ambiguous' in result)) return { kind: 'union', members: result.members }
    const source = this.#unions.get(union)
    return this.#refuse(ambiguous(result.ambiguous), source?.at, source?.symbol)
  }
}
