/**
 * Types to shapes. In go a type of a checker view; out comes a shape, with named and recursive types in `definitions` (named-types.ts).
 * A type that can't cross becomes an `unsupported` shape (refused.ts). Nothing is thrown, and nothing depends on the order in which a
 * checker lists things.
 *
 * Long because it is one table: a case for each kind of type. Unions are settled at the end (settle.ts), when every definition is
 * known: only then it shows what tells members apart.
 */
import type { TypeAnswer } from '../../../runtime/config/configuration.ts'
import type { Definitions, Member, Shape, TupleElement, Unsupported } from '../../../runtime/shape.ts'
import type {
  CheckerView,
  Member as DeclaredMember,
  Place,
  SourceFile,
  SymbolHandle,
  TypeDescription,
  TypeHandle,
} from '../../checker/view.ts'
import type { Markers } from '../declared/markers.ts'
import type { Names } from '../declared/names.ts'
import { whyUnnamed } from '../declared/unnamed.ts'
import { insideOf } from '../methods/references.ts'
import type { Answers, Within } from './answers.ts'
import type { Crossing } from './builtins.ts'
import { byCodeUnits, canonicalText } from './canonical.ts'
import { Classifier } from './classify.ts'
import type { CodecResult, Codecs } from './codecs.ts'
import { isAbsent, isNever, meaningOf } from './intersection.ts'
import { keyPatterns } from './keys.ts'
import { NamedTypes } from './named-types.ts'
import {
  ANY,
  accessor,
  endless,
  furtherMembers,
  instance,
  omittedType,
  openParameter,
  type Refusal,
  SYMBOL,
  SYMBOL_INDEX,
  SYMBOL_KEY,
  UNRESOLVED,
  unnamedComponent,
  unresolvedGeneric,
  vague,
} from './refusals.ts'
import { type Culprit, Refused } from './refused.ts'
import { isRefused, Unions, untold } from './settle.ts'
import { strippedArray } from './stripped-array.ts'
import { collapse } from './union.ts'

/** What settles a type otherwise than by its structure. */
export interface ShapesInput {
  readonly view: CheckerView
  readonly markers: Markers
  readonly names: Names
  readonly answers: Answers
  readonly codecs: Codecs
  /** Full name of a component of the application. */
  readonly componentName: (symbol: SymbolHandle) => string | undefined
  /** The shape that a type had in the last analysis and still has, settled. */
  readonly recalled: (name: string, declared: Place | undefined) => Shape | undefined
}

/** Types that say nothing of their values. */
const OPEN_KINDS: ReadonlySet<TypeDescription['kind']> = new Set(['any', 'unknown', 'nonPrimitive'])

type ObjectShape = Shape & { kind: 'object' }
export class Shapes {
  /** Places where `Key<T>` occurs inside data. */
  readonly keysInData: Place[] = []
  readonly #view: CheckerView
  readonly #markers: Markers
  readonly #names: Names
  readonly #classifier: Classifier
  readonly #answers: Answers
  readonly #codecs: Codecs
  readonly #componentName: ShapesInput['componentName']
  readonly #refused = new Refused()
  readonly #named: NamedTypes
  readonly #unions: Unions
  readonly #presentKeys = new Map<TypeHandle, object>()
  #files: ReadonlyMap<string, SourceFile> | undefined

  constructor({ view, markers, names, answers, codecs, componentName, recalled }: ShapesInput) {
    this.#view = view
    this.#markers = markers
    this.#names = names
    this.#answers = answers
    this.#codecs = codecs
    this.#componentName = componentName
    this.#classifier = new Classifier(view, markers)
    this.#named = new NamedTypes({ view, names, refused: this.#refused, recalled, oddities: () => this.oddities })
    this.#unions = new Unions(this.#named.definitions, this.#refused)
  }

  get definitions(): Definitions {
    return this.#named.definitions
  }

  /** Names of definitions that say more than their type does by itself, and so can't be kept for another analysis. */
  get doubtful(): Set<string> {
    return this.#named.doubtful
  }

  /** Names of definitions that were taken from the last analysis; the definitions they refer to may be missing. */
  get recalled(): Set<string> {
    return this.#named.recalled
  }

  /** How many there are so far: if it is the same before and after, what was read in between is what its types say. */
  get oddities(): number {
    return this.#refused.oddities + this.#answers.met + this.keysInData.length
  }

  culprit(shape: Unsupported): Culprit | undefined {
    return this.#refused.culprit(shape)
  }

  /** `at`: where the type is written, as near to the culprit as is known. */
  shapeOf(type: TypeHandle, at: Place | undefined): Shape {
    const known = this.#named.known(type, type)
    if (known) return known
    if (this.#named.isTooDeep) return this.#endless(type, at)
    const alias = this.#view.aliasOf(type)
    const answered = this.#answered(type, alias?.symbol ?? this.#view.symbolOf(type), at)
    if (answered) return answered
    const marker = alias && this.#markers.of(alias.symbol)
    const inner = alias?.typeArguments[0]
    if (marker === 'json') return { kind: 'json' }
    if (marker === 'shared' && inner) return { kind: 'shared', of: this.shapeOf(inner, at) }
    if (marker === 'key' && inner) return this.#keyInData(at, this.shapeOf(inner, at))
    return this.#described(type, this.#view.describe(type), at)
  }

  /** A whole parameter or result that is carried beside the call; undefined when `type` is nothing of the kind. */
  carried(type: TypeHandle, at: Place | undefined): Shape | undefined {
    const item = this.#classifier.streamItem(type)
    if (item) return { kind: 'stream', of: this.shapeOf(item, at) }
    return this.#classifier.isSignal(type) ? { kind: 'signal' } : undefined
  }

  /** Without the `undefined` of an optional parameter. */
  present(type: TypeHandle): TypeHandle {
    const description = this.#view.describe(type)
    if (description.kind !== 'union') return type
    const [only, second] = description.parts.filter((part) => this.#view.describe(part).kind !== 'undefined')
    return only && !second ? only : type
  }

  /** Of something optional: that it may be `undefined` is said by that already, and its codec needn't say it again. */
  optionalShapeOf(type: TypeHandle, at: Place | undefined): Shape {
    const description = this.#view.describe(type)
    const parts = description.kind === 'union' ? description.parts : []
    const present = parts.filter((part) => this.#view.describe(part).kind !== 'undefined')
    if (present.length === 0 || this.#named.nameOf(type)) return this.shapeOf(type, at)
    const written = this.#writtenUnion(at, present)
    if (written !== undefined || present.length === parts.length) return this.shapeOf(written ?? type, at)
    if (present.length === 1) return this.shapeOf(present[0]!, at)
    const key = this.#presentKeys.get(type) ?? {}
    this.#presentKeys.set(type, key)
    return this.#named.known(key, type) ?? this.#named.read(type, undefined, () => this.#union(type, present, at), key)
  }

  /**
   * With its `undefined` an optional member's type may lose its name, and what has no name is written out wherever it is met: of a recursive union
   * of hundreds, in each of its members. Where the annotation is nothing but that name, it is found again.
   */
  #writtenUnion(at: Place | undefined, parts: readonly TypeHandle[]): TypeHandle | undefined {
    const view = this.#view
    if (at === undefined || parts.length < 2 || !this.#hasObjects(parts)) return undefined
    this.#files ??= new Map(view.files().map((file) => [file.path, file]))
    const file = this.#files.get(at.file)
    let node = file && view.syntax(file).at(at.start)
    while (node !== undefined && node.kind !== 'type-reference')
      node = node.parent?.start === at.start ? node.parent : undefined
    const type = node?.end === at.end ? view.typesAt([node])[0] : undefined
    if (type === undefined || this.#named.nameOf(type) === undefined) return undefined
    const description = view.describe(type)
    if (description.kind !== 'union' || description.parts.length !== parts.length) return undefined
    const own = new Set(description.parts)
    return parts.every((part) => own.has(part)) ? type : undefined
  }

  /** What weave.config.ts says of a type. */
  #answered(type: TypeHandle, symbol: SymbolHandle | undefined, at: Place | undefined): Shape | undefined {
    if (!this.#answers.any || !symbol || !this.#deservesAnswer(symbol)) return undefined
    const answer = this.#answers.ofType(symbol)
    if (answer === 'json') return { kind: 'json', mutable: true }
    if (answer === 'omit') return this.#refuse(omittedType(this.#view.symbolName(symbol)), at, symbol)
    return answer && this.#custom(type, symbol, this.#codecs.configured(answer.codec, symbol), at)
  }

  #deservesAnswer(symbol: SymbolHandle): boolean {
    return ['interface', 'class', 'alias', 'enum'].includes(this.#view.symbolKind(symbol))
  }

  /** The wire form may hold the type again, so the codec is found first and named. */
  #custom(type: TypeHandle, symbol: SymbolHandle, found: CodecResult, at: Place | undefined): Shape {
    this.#refused.oddities++
    if (found.kind === 'refused') return this.#refuse(found.refusal, at, symbol)
    const name = this.#names.ofType(symbol, this.#view.typeArguments(type), type)
    return this.#named.read(type, name, () => {
      const of = this.#refused.reading(undefined, () => this.shapeOf(found.wire, found.at))
      return { kind: 'custom', codec: found.name, of, ...(found.tells && { tells: true }) }
    })
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
        return this.#named.read(type, this.#unionName(type, description.parts), () =>
          this.#union(type, description.parts, at),
        )
      case 'intersection':
        return this.#intersection(type, description.parts, at)
      case 'array':
      case 'tuple':
        return this.#named.read(type, undefined, () => this.#list(description, type, at))
      case 'object':
        return this.#object(type, at)
      default:
        return this.#withoutShape(type, description, at)
    }
  }

  #withoutShape(type: TypeHandle, description: TypeDescription, at: Place | undefined): Shape {
    if (OPEN_KINDS.has(description.kind) && this.#packageAnswer(type) === 'json') return { kind: 'json', mutable: true }
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

  /** What weave.config.ts says of all that a package leaves open: of `type`, if the package declares it, or of the member that has it. */
  #packageAnswer(type: TypeHandle): TypeAnswer | undefined {
    if (!this.#answers.any) return undefined
    const symbols = [this.#view.aliasOf(type)?.symbol ?? this.#view.symbolOf(type), this.#refused.within?.symbol]
    const files = symbols.flatMap((symbol) => (symbol ? (this.#view.declarationsOf(symbol)[0]?.file ?? []) : []))
    for (const file of files) {
      const answer = this.#answers.ofPackage(file)
      if (answer !== undefined) return answer
    }
    return undefined
  }

  #refuse(refusal: Refusal, at: Place | undefined, symbol?: SymbolHandle): Unsupported {
    return this.#refused.refuse(refusal, at, symbol)
  }

  #endless(type: TypeHandle, at: Place | undefined): Unsupported {
    const symbol = this.#view.aliasOf(type)?.symbol ?? this.#view.symbolOf(type)
    return this.#refuse(endless(symbol ? this.#view.symbolName(symbol) : this.#view.text(type)), at, symbol)
  }

  /** `type Id = string | number` is as short as its name; a union of objects is worth a definition. */
  #unionName(type: TypeHandle, parts: readonly TypeHandle[]): string | undefined {
    return this.#hasObjects(parts) ? this.#named.nameOf(type) : undefined
  }

  #hasObjects(parts: readonly TypeHandle[]): boolean {
    return parts.some((part) => ['object', 'intersection'].includes(this.#view.describe(part).kind))
  }

  #union(type: TypeHandle, parts: readonly TypeHandle[], at: Place | undefined): Shape {
    const json = this.#markers.jsonParts()
    const hasJson = json.length > 0 && json.every((each) => parts.includes(each))
    const real = parts.filter((part) => !isNever(this.#view, part))
    const rest = hasJson ? real.filter((part) => !json.includes(part)) : this.#withoutEnums(real)
    const shapes: Shape[] = rest.map((part) => (typeof part === 'string' ? { kind: part } : this.shapeOf(part, at)))
    if (hasJson) shapes.push({ kind: 'json' })
    const members = collapse(shapes)
    if (members.length === 1) return members[0]!
    return this.#unions.of(members, at, this.#view.aliasOf(type)?.symbol)
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

  #list(description: TypeDescription & { kind: 'array' | 'tuple' }, type: TypeHandle, at: Place | undefined): Shape {
    const mark = description.readonly ? ({ readonly: true } as const) : {}
    if (description.kind === 'array') return { kind: 'array', of: this.shapeOf(description.element, at), ...mark }
    if (description.elements.some((each) => each.kind === 'variadic')) {
      return this.#withoutShape(type, { kind: 'deferred' }, at)
    }
    const elements = description.elements.map(
      ({ type: element, kind }): TupleElement => ({
        shape: kind === 'optional' ? this.optionalShapeOf(element, at) : this.shapeOf(element, at),
        ...(kind === 'optional' && { optional: true }),
        ...(kind === 'rest' && { rest: true }),
      }),
    )
    return { kind: 'tuple', elements, ...mark }
  }

  #intersection(type: TypeHandle, parts: readonly TypeHandle[], at: Place | undefined): Shape {
    const meaning = meaningOf(type, parts, {
      view: this.#view,
      markers: this.#markers,
      isPlain: (part) => this.#isPlain(part),
      isNamed: () => this.#named.nameOf(type) !== undefined,
    })
    switch (meaning.kind) {
      case 'never':
        return { kind: 'undefined' }
      case 'open':
        return this.shapeOf(meaning.part, at)
      case 'primitive': {
        const shape = this.shapeOf(meaning.part, at)
        return meaning.isKey ? this.#keyInData(at, shape) : shape
      }
      case 'object': {
        const shape = this.#intersected(type, meaning.parts, meaning.hidden, at)
        return meaning.isShared && shape.kind !== 'unsupported' ? { kind: 'shared', of: shape } : shape
      }
    }
  }

  #intersected(
    type: TypeHandle,
    parts: readonly TypeHandle[],
    hidden: ReadonlySet<string>,
    at: Place | undefined,
  ): Shape {
    const [first, second] = parts
    if (first && !second) return this.#byItsAlias(type, this.shapeOf(first, at))
    // `A[] & B[]`: each element is both.
    const element = parts.every((part) => this.#view.describe(part).kind === 'array') && this.#view.indexes(type)[0]
    if (element) {
      return this.#named.read(type, this.#named.nameOf(type), () => ({
        kind: 'array',
        of: this.shapeOf(element.type, at),
        ...(element.readonly && { readonly: true }),
      }))
    }
    const narrower = this.#narrowestTuple(parts, at)
    if (narrower) return narrower
    const special = parts.map((part) => this.#special(part, at)).filter((shape) => shape !== undefined)
    const refused = special.find((shape) => shape.kind === 'unsupported')
    if (refused) return refused
    if (special.some((shape) => shape.kind === 'error')) return { kind: 'error' }
    const [one] = special
    if (one && special.length === parts.length && special.every((each) => canonicalText(each) === canonicalText(one))) {
      return one
    }
    if (one) return this.#refuse(furtherMembers(this.#view.text(type)), at)
    return this.#named.read(type, this.#named.nameOf(type), () => this.#plain(type, at, hidden))
  }

  /** A class is refused by the name that its package gives to its users: `Decimal`, which is `DecimalImpl & { … }`. */
  #byItsAlias(type: TypeHandle, shape: Shape): Shape {
    const culprit = shape.kind === 'unsupported' ? this.#refused.culprit(shape) : undefined
    const alias = this.#view.aliasOf(type)?.symbol
    if (shape.kind !== 'unsupported' || culprit?.code !== 'WV2005' || !culprit.symbol || !alias) return shape
    return this.#view.exportName(alias) === undefined ? shape : this.#refused.renamed(shape, alias)
  }

  #isPlain(type: TypeHandle): boolean {
    return this.#view.describe(type).kind === 'object' && this.#classifier.classify(type).kind === 'plain'
  }

  #object(type: TypeHandle, at: Place | undefined): Shape {
    return (
      this.#special(type, at) ??
      this.#named.read(type, this.#named.nameOf(type), () => this.#plain(type, at, new Set()))
    )
  }

  /** Whatever isn't just members: arrays, built-in classes, functions, class instances, components. */
  #special(type: TypeHandle, at: Place | undefined): Shape | undefined {
    if (this.#view.describe(type).kind !== 'object') return this.shapeOf(type, at)
    const classified = this.#classifier.classify(type)
    if (classified.kind === 'plain') return undefined
    if (classified.kind === 'same') return this.#same(type, classified.of, classified.readonly, at)
    if (classified.kind === 'component') return this.#component(type, classified.symbol, at)
    if (classified.kind === 'class') {
      const codec = this.#codecs.ofClass(classified.symbol)
      return codec
        ? this.#custom(type, classified.symbol, codec, at)
        : this.#refuse(classified.refusal, at, classified.symbol)
    }
    if (classified.kind === 'error') return { kind: 'error' }
    if (classified.kind === 'refused') {
      const { refusal, symbol } = classified
      // The type is right and its place is wrong, so that each place is a mistake of its own.
      const misplaced = refusal.code === 'WV2015' || refusal.code === 'WV2016'
      return this.#refuse(refusal, at, misplaced ? undefined : symbol)
    }
    const { crossing } = classified
    return crossing.kind === 'whole' ? crossing.shape : this.#collection(type, crossing, at)
  }

  #same(type: TypeHandle, of: TypeHandle, readonly: boolean, at: Place | undefined): Shape {
    const isList = this.#view.describe(of).kind !== 'object'
    const shape = this.#named.read(type, isList ? this.#named.nameOf(type) : undefined, () => this.shapeOf(of, at))
    const marked = readonly && (shape.kind === 'map' || shape.kind === 'set')
    return marked ? { ...shape, readonly: true } : shape
  }

  #component(type: TypeHandle, symbol: SymbolHandle, at: Place | undefined): Shape {
    const name = this.#componentName(symbol)
    if (name !== undefined) return { kind: 'component', component: name }
    return this.#refuse(unnamedComponent(this.#view.text(type), whyUnnamed(this.#view, symbol, type)), at, symbol)
  }

  #collection(type: TypeHandle, crossing: Crossing & { kind: 'map' | 'set' }, at: Place | undefined): Shape {
    const mark = crossing.readonly ? ({ readonly: true } as const) : {}
    return this.#named.read(type, undefined, () => {
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
    const list = strippedArray(this.#view, declared, indexes)
    if (list) return 'code' in list ? this.#refuse(list, at) : this.#list(list, type, at)
    const members: Member[] = []
    let omitted = false
    const around = this.#around(type)
    for (const each of declared) {
      if (hidden.has(each.name) || isAbsent(each, this.#view, this.#markers)) continue
      const member = this.#refused.reading(this.#withinOf(each, around), () => this.#member(each))
      if (member) members.push(member)
      else omitted = true
    }
    members.sort((a, b) => byCodeUnits(a.name, b.name))
    const shape: ObjectShape = { kind: 'object', members, ...(omitted && { omitted: true }) }
    const byString = indexes.filter((each) => each.key === 'string')
    const kept = byString.length > 0 ? byString : indexes
    // What an index holds belongs to the type around it, of which weave.config.ts has no finer name.
    const within = around ? { symbol: around, path: [] } : this.#refused.within
    if (kept.length > 0) shape.index = this.#refused.reading(within, () => this.#index(kept, at))
    return shape
  }

  /** Undefined when weave.config.ts leaves it out. */
  #member(declared: DeclaredMember): Member | undefined {
    const answer = this.#memberAnswer(declared)
    if (answer === 'omit') return undefined
    const shape = answer ?? this.#memberShape(declared)
    if (this.#packageAnswer(declared.type) === 'omit' && this.#cannotCross(shape)) return undefined
    return {
      name: declared.name,
      shape,
      ...(declared.optional && { optional: true }),
      ...(declared.readonly && { readonly: true }),
    }
  }

  /** Some part of it can't, not counting what named types hold. */
  #cannotCross(shape: Shape): boolean {
    return isRefused(shape, this.definitions) || insideOf(shape).some((each) => this.#cannotCross(each))
  }

  /** The named type whose members are read; what is declared inside of a member is named by that. */
  #around(type: TypeHandle): SymbolHandle | undefined {
    const alias = this.#view.aliasOf(type)?.symbol
    if (alias && this.#names.declaration(alias)?.origin !== 'lib') return alias
    const symbol = this.#view.symbolOf(type)
    return symbol && this.#view.symbolKind(symbol) === 'interface' ? symbol : undefined
  }

  /** `A[] & [A, ...A[]]`, which says "at least one": the tuple, where the arrays allow what it holds. */
  #narrowestTuple(parts: readonly TypeHandle[], at: Place | undefined): Shape | undefined {
    const described = parts.map((part) => this.#view.describe(part))
    const tuples = parts.filter((_, position) => described[position]!.kind === 'tuple')
    if (tuples.length !== 1 || described.some(({ kind }) => kind !== 'tuple' && kind !== 'array')) return undefined
    const tuple = this.shapeOf(tuples[0]!, at)
    if (tuple.kind !== 'tuple') return undefined
    const allowed = described.flatMap((each) => (each.kind === 'array' ? [this.shapeOf(each.element, at)] : []))
    const texts = new Set([...allowed, ...tuple.elements.map(({ shape }) => shape)].map(canonicalText))
    return texts.size === 1 ? tuple : undefined
  }

  /** By the type that is read, by the member around an anonymous one, or by the type that a mapped or an intersection type has it from. */
  #withinOf({ name, symbol }: DeclaredMember, around: SymbolHandle | undefined): Within | undefined {
    const outer = this.#refused.within
    if (around) return { symbol: around, path: [name] }
    const owner = this.#view.owner(symbol)
    if (outer && owner === outer.symbol) return { symbol: owner, path: [...outer.path, name] }
    if (owner && !this.#markers.isComponent(owner)) return { symbol: owner, path: [name] }
    return outer && { symbol: outer.symbol, path: [...outer.path, name] }
  }

  /** What weave.config.ts says of a member, or of the type that it has, where that is to be left out. */
  #memberAnswer(member: DeclaredMember): Shape | 'omit' | undefined {
    if (!this.#answers.any) return undefined
    const { within } = this.#refused
    const owner = this.#view.owner(member.symbol)
    const answer =
      (within && this.#answers.ofMember(within)) ??
      (owner && this.#answers.ofMember({ symbol: owner, path: [member.name] }))
    if (answer === 'json') return { kind: 'json', mutable: true }
    if (answer !== undefined && answer !== 'omit') {
      const type = this.present(member.type)
      const symbol = this.#view.aliasOf(type)?.symbol ?? this.#view.symbolOf(type) ?? member.symbol
      const codec = this.#custom(type, symbol, this.#codecs.configured(answer.codec, symbol), member.typeSpan)
      return type === member.type ? codec : this.#orUndefined(codec)
    }
    return answer ?? (this.#isOmitted(member.type) ? 'omit' : undefined)
  }

  /** It is of a type that is left out, or that or nothing: `K`, `K | null`, `K | L | undefined` where both are. */
  #isOmitted(type: TypeHandle): boolean {
    const symbol = this.#view.aliasOf(type)?.symbol ?? this.#view.symbolOf(type)
    if (symbol && this.#deservesAnswer(symbol) && this.#answers.ofType(symbol) === 'omit') return true
    const description = this.#view.describe(type)
    if (description.kind !== 'union') return false
    const parts = description.parts.filter((part) => !['undefined', 'null'].includes(this.#view.describe(part).kind))
    return parts.length > 0 && parts.every((part) => this.#isOmitted(part))
  }

  #orUndefined(shape: Shape): Shape {
    return untold(collapse([shape, { kind: 'undefined' }]))
  }

  #memberShape(member: DeclaredMember): Shape {
    const at = member.typeSpan ?? member.nameSpan
    if (member.key === 'symbol') return this.#refuse(SYMBOL_KEY, at)
    if (member.kind === 'accessor') return this.#refuse(accessor(member.name), at)
    return member.optional ? this.optionalShapeOf(member.type, at) : this.shapeOf(member.type, at)
  }

  #index(indexes: ReturnType<CheckerView['indexes']>, at: Place | undefined): NonNullable<ObjectShape['index']> {
    const keys = keyPatterns(this.#view, indexes)
    const mark = {
      ...(keys && { keys }),
      ...(indexes.every((each) => each.readonly) && ({ readonly: true } as const)),
    }
    if (indexes.some((each) => each.key === 'symbol')) return { of: this.#refuse(SYMBOL_INDEX, at), ...mark }
    const shapes = collapse(indexes.map((each) => this.shapeOf(each.type, at)))
    return { of: shapes.length === 1 ? shapes[0]! : this.#unions.of(shapes, at, undefined), ...mark }
  }

  /** Settles all definitions. What is asked for later doesn't change them. */
  settle(): void {
    const open = Object.entries(this.definitions).filter(([name]) => !this.recalled.has(name))
    const settled = open.map(([name, shape]) => [name, this.#settledDefinition(name, shape)] as const)
    for (const [name, shape] of settled) this.definitions[name] = shape
    this.#named.isSettled = true
  }

  #settledDefinition(name: string, shape: Shape): Shape {
    const odd = this.oddities
    const settled = this.finish(shape)
    if (this.oddities !== odd) this.doubtful.add(name)
    return settled
  }

  /** Settles the unions in `shape`; to be called when everything has been asked for, and for each definition too. */
  finish(shape: Shape): Shape {
    return this.#unions.finish(shape)
  }
}
