/**
 * Types to shapes. In goes a type of a checker view; out comes a shape, with named and recursive types in `definitions`.
 * A type that can't cross becomes an `unsupported` shape, whose culprit (code, wording, where it is written) is kept
 * beside it for the report. Nothing is thrown, and nothing depends on the order in which a checker lists things.
 *
 * Long because it is one table: a case for each kind of type. Unions are settled at the end (`finish`), when every
 * definition is known: only then it shows what tells members apart.
 */
import type { TypeAnswer } from '../../runtime/configuration.ts'
import type { Definitions, Member, Shape, TupleElement, Unsupported } from '../../runtime/shape.ts'
import type {
  CheckerView,
  Member as DeclaredMember,
  Place,
  SourceFile,
  SymbolHandle,
  TypeDescription,
  TypeHandle,
} from '../checker/view.ts'
import type { Answers, Within } from './answers.ts'
import type { Crossing } from './builtins.ts'
import { byCodeUnits, canonicalText } from './canonical.ts'
import { Classifier } from './classify.ts'
import type { CodecResult, Codecs } from './codecs.ts'
import { Expansions, type Refused } from './expansions.ts'
import { keyPatterns } from './keys.ts'
import type { Markers } from './markers.ts'
import type { Names } from './names.ts'
import { insideOf } from './references.ts'
import {
  ANY,
  accessor,
  ambiguous,
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
import { strippedArray } from './stripped-array.ts'
import { collapse, discriminate } from './union.ts'
import { whyUnnamed } from './unnamed.ts'

/** Why a type can't cross, and where that is written. */
export interface Culprit extends Refusal {
  /** The type that can't cross, if it has a declaration: one report for all its uses. */
  readonly symbol: SymbolHandle | undefined
  /** The member or parameter that is declared so. */
  readonly at: Place | undefined
  /** The member by the named type around it, as weave.config.ts would name it; no member for what the type's index holds. */
  readonly within: Within | undefined
}

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

/** Of types in types that have no name: members of a union of 200 that each hold `Union | null` are met one inside the other. The stack has room for twice as many. */
const DEPTH_MAX = 600

/** Members that exist for the type checker only, in one part of an intersection: `{ a: string } & { __brand: 'Order' }`. */
const BRAND = /^(?:_brand|__(?:brand|tag|opaque|nominal|flavou?r)(?:__)?)$/

type ObjectShape = Shape & { kind: 'object' }
interface Open {
  name: string | undefined
  readonly order: number
}

export class Shapes {
  readonly definitions: Definitions = {}
  /** Places where `Key<T>` occurs inside data. */
  readonly keysInData: Place[] = []
  readonly #view: CheckerView
  readonly #markers: Markers
  readonly #names: Names
  readonly #classifier: Classifier
  readonly #answers: Answers
  readonly #codecs: Codecs
  readonly #componentName: ShapesInput['componentName']
  readonly #recalled: ShapesInput['recalled']
  /** Definitions that say more than their type does by itself, and so can't be kept for another analysis. */
  readonly doubtful = new Set<string>()
  /** Names of definitions that were taken from the last analysis; the definitions they refer to may be missing. */
  readonly recalled = new Set<string>()
  /** Counts what makes a shape more than its type: a refusal, a codec, an answer of the config, a name that the order decides. */
  #oddities = 0
  #settled = false
  #opened = 0
  /** The member that is being read. */
  #within: Within | undefined
  /** By type; what is left of a union without `undefined` has a key of its own. */
  readonly #defined = new Map<object, string>()
  /** Of these, those that the outermost type has led to. */
  readonly #fresh = new Map<object, string>()
  readonly #open = new Map<object, Open>()
  readonly #presentKeys = new Map<TypeHandle, object>()
  readonly #expansions: Expansions
  readonly #culprits = new WeakMap<Unsupported, Culprit>()
  /** Unions that wait for the definitions, with what a report needs to say about them. */
  readonly #unions = new WeakMap<object, Pick<Culprit, 'symbol' | 'at' | 'within'>>()

  #files: ReadonlyMap<string, SourceFile> | undefined

  constructor({ view, markers, names, answers, codecs, componentName, recalled }: ShapesInput) {
    this.#view = view
    this.#markers = markers
    this.#names = names
    this.#answers = answers
    this.#codecs = codecs
    this.#componentName = componentName
    this.#recalled = recalled
    this.#classifier = new Classifier(view, markers)
    this.#expansions = new Expansions((symbol) => view.symbolName(symbol))
  }

  culprit(shape: Unsupported): Culprit | undefined {
    return this.#culprits.get(shape)
  }

  /** `at`: where the type is written, as near to the culprit as is known. */
  shapeOf(type: TypeHandle, at: Place | undefined): Shape {
    const known = this.#known(type, type)
    if (known) return known
    if (this.#open.size > DEPTH_MAX) return this.#endless(type, at)
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
    return this.#present(type)
  }

  #present(type: TypeHandle): TypeHandle {
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
    if (present.length === 0 || this.#nameOf(type)) return this.shapeOf(type, at)
    const written = this.#writtenUnion(at, present)
    if (written !== undefined || present.length === parts.length) return this.shapeOf(written ?? type, at)
    if (present.length === 1) return this.shapeOf(present[0]!, at)
    const key = this.#presentKeys.get(type) ?? {}
    this.#presentKeys.set(type, key)
    return this.#known(key, type) ?? this.#composite(type, undefined, () => this.#union(type, present, at), key)
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
    if (type === undefined || this.#nameOf(type) === undefined) return undefined
    const description = view.describe(type)
    if (description.kind !== 'union' || description.parts.length !== parts.length) return undefined
    const own = new Set(description.parts)
    return parts.every((part) => own.has(part)) ? type : undefined
  }

  /** A reference to what is defined, or being defined; then it is recursive, and named if nobody has. */
  #known(key: object, type: TypeHandle): Shape | undefined {
    const defined = this.#defined.get(key)
    if (defined !== undefined) return { kind: 'ref', name: defined }
    const open = this.#open.get(key)
    if (!open) return undefined
    if (open.name === undefined) {
      // A named type in between ends the recursion: from wherever it is entered, this one is written out.
      if (this.#namedSince(open)) return undefined
      this.#oddities++
      open.name = this.#nameOf(type) ?? this.#names.ofAnonymous(key)
      this.doubtful.add(open.name)
    }
    return { kind: 'ref', name: open.name }
  }

  #namedSince(open: Open): boolean {
    for (const each of this.#open.values()) if (each.name !== undefined && each.order > open.order) return true
    return false
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
    this.#oddities++
    if (found.kind === 'refused') return this.#refuse(found.refusal, at, symbol)
    const name = this.#names.ofType(symbol, this.#view.typeArguments(type), type)
    return this.#composite(type, name, () => {
      const outer = this.#within
      this.#within = undefined
      const of = this.shapeOf(found.wire, found.at)
      this.#within = outer
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
        return this.#composite(type, this.#unionName(type, description.parts), () =>
          this.#union(type, description.parts, at),
        )
      case 'intersection':
        return this.#intersection(type, description.parts, at)
      case 'array':
      case 'tuple':
        return this.#composite(type, undefined, () => this.#list(description, type, at))
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
    const symbols = [this.#view.aliasOf(type)?.symbol ?? this.#view.symbolOf(type), this.#within?.symbol]
    const files = symbols.flatMap((symbol) => (symbol ? (this.#view.declarationsOf(symbol)[0]?.file ?? []) : []))
    for (const file of files) {
      const answer = this.#answers.ofPackage(file)
      if (answer !== undefined) return answer
    }
    return undefined
  }

  #refuse(refusal: Refusal, at: Place | undefined, symbol?: SymbolHandle): Unsupported {
    this.#oddities++
    const reason = refusal.says.replace(/\.$/, '')
    const shape: Unsupported = { kind: 'unsupported', reason, path: '', fix: refusal.fix }
    this.#culprits.set(shape, { ...refusal, symbol, at, within: this.#within })
    return shape
  }

  #endless(type: TypeHandle, at: Place | undefined): Unsupported {
    const symbol = this.#view.aliasOf(type)?.symbol ?? this.#view.symbolOf(type)
    return this.#refuse(endless(symbol ? this.#view.symbolName(symbol) : this.#view.text(type)), at, symbol)
  }

  /** A type that may contain itself: gets a definition if it has a name worth having, or when it turns out to be recursive. */
  #composite(type: TypeHandle, name: string | undefined, make: () => Shape, key: object = type): Shape {
    const open: Open = { name, order: this.#opened++ }
    const symbol = this.#view.aliasOf(type)?.symbol ?? this.#view.symbolOf(type)
    const size = name === undefined ? 0 : this.#names.sizeOf(type)
    const refused = symbol && name && this.#expansions.refused(symbol, size)
    if (refused) return this.#refuse(refused.refusal, undefined, refused.symbol)
    if (symbol && name !== undefined && key === type && this.#recall(type, symbol, name)) return { kind: 'ref', name }
    if (name !== undefined && this.#expansions.isDeep(this.#open.size)) return this.#putOff(type, name, make, key)
    if (this.#open.size === 0 && !this.#expansions.isEnding) this.#fresh.clear()
    const odd = this.oddities
    const outer = this.#open.get(key)
    this.#open.set(key, open)
    const shape = symbol ? this.#expansions.read(symbol, size, make) : make()
    this.#open.delete(key)
    if (outer) this.#open.set(key, outer)
    const stopped = this.#open.size === 0 ? this.#expansions.end() : undefined
    if (stopped) return this.#giveUp(stopped)
    if (open.name === undefined) return shape
    if (this.oddities !== odd) this.doubtful.add(open.name)
    // What is settled stays: it is the same type, of which another analysis said what it is.
    if (!this.#settled || !(open.name in this.definitions)) this.definitions[open.name] = shape
    this.#defined.set(key, open.name)
    this.#fresh.set(key, open.name)
    return { kind: 'ref', name: open.name }
  }

  /** Of what was read in vain nothing is kept, and who asks for a part of it alone may have it. */
  #giveUp({ refusal, symbol }: Refused): Shape {
    for (const [key, name] of this.#fresh) {
      this.#defined.delete(key)
      if (!this.#settled) delete this.definitions[name]
    }
    this.#fresh.clear()
    return this.#refuse(refusal, undefined, symbol)
  }

  /** What has a name is the same wherever it is met, so it can be read outside of all that it was met in. */
  #putOff(type: TypeHandle, name: string, make: () => Shape, key: object): Shape {
    const within = this.#within
    this.#defined.set(key, name)
    this.#expansions.putOff(() => {
      this.#defined.delete(key)
      const outer = this.#within
      this.#within = within
      const shape = this.#composite(type, name, make, key)
      this.#within = outer
      if (shape.kind === 'ref') return
      this.definitions[name] = shape
      this.doubtful.add(name)
      this.#fresh.set(key, name)
    })
    return { kind: 'ref', name }
  }

  #recall(type: TypeHandle, symbol: SymbolHandle, name: string): boolean {
    const shape = this.#recalled(name, this.#names.declaration(symbol)?.nameSpan)
    if (shape === undefined) return false
    this.definitions[name] ??= shape
    this.recalled.add(name)
    this.#defined.set(type, name)
    return true
  }

  /** How many there are so far: if it is the same before and after, what was read in between is what its types say. */
  get oddities(): number {
    return this.#oddities + this.#answers.met + this.keysInData.length
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
    return this.#hasObjects(parts) ? this.#nameOf(type) : undefined
  }

  #hasObjects(parts: readonly TypeHandle[]): boolean {
    return parts.some((part) => ['object', 'intersection'].includes(this.#view.describe(part).kind))
  }

  #union(type: TypeHandle, parts: readonly TypeHandle[], at: Place | undefined): Shape {
    const json = this.#markers.jsonParts()
    const hasJson = json.length > 0 && json.every((each) => parts.includes(each))
    const real = parts.filter((part) => !this.#isNever(part))
    const rest = hasJson ? real.filter((part) => !json.includes(part)) : this.#withoutEnums(real)
    const shapes: Shape[] = rest.map((part) => (typeof part === 'string' ? { kind: part } : this.shapeOf(part, at)))
    if (hasJson) shapes.push({ kind: 'json' })
    const members = collapse(shapes)
    if (members.length === 1) return members[0]!
    const union: Shape = { kind: 'union', members: members.map((shape) => ({ test: { by: 'kind' }, shape })) }
    this.#unions.set(union, { symbol: this.#view.aliasOf(type)?.symbol, at, within: this.#within })
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

  /** Parts that contradict each other, as `{ kind: 'a' } & { kind: 'b' }`: no value is of it. */
  #isNever(type: TypeHandle): boolean {
    const { kind } = this.#view.describe(type)
    return kind === 'never' || (kind === 'intersection' && this.#view.text(type) === 'never')
  }

  #intersection(type: TypeHandle, parts: readonly TypeHandle[], at: Place | undefined): Shape {
    if (this.#isNever(type)) return { kind: 'undefined' }
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
    const said = parts.filter((part, position) => !brands.includes(part) && kinds[position] !== 'nonPrimitive')
    const telling = said.filter((_, position) => !this.#saysNothing(said, position))
    // A name of its own says more of an object than the name of the part that tells.
    const named = this.#nameOf(type) !== undefined && telling.every((part) => this.#isPlain(part))
    const real = telling.length > 0 && !named ? telling : said
    const shared = (shape: Shape): Shape => (marked.has('shared') ? { kind: 'shared', of: shape } : shape)
    if (real.length === 1) return shared(this.#byItsAlias(type, this.shapeOf(real[0]!, at)))
    // `A[] & B[]`: each element is both.
    const element = real.every((part) => this.#view.describe(part).kind === 'array') && this.#view.indexes(type)[0]
    if (element) {
      return this.#composite(type, this.#nameOf(type), () => ({
        kind: 'array',
        of: this.shapeOf(element.type, at),
        ...(element.readonly && { readonly: true }),
      }))
    }
    const narrower = this.#narrowestTuple(real, at)
    if (narrower) return shared(narrower)
    const special = real.map((part) => this.#special(part, at)).filter((shape) => shape !== undefined)
    const refused = special.find((shape) => shape.kind === 'unsupported')
    if (refused) return refused
    if (special.some((shape) => shape.kind === 'error')) return { kind: 'error' }
    const [one] = special
    if (one && special.length === real.length && special.every((each) => canonicalText(each) === canonicalText(one))) {
      return shared(one)
    }
    if (one) return this.#refuse(furtherMembers(this.#view.text(type)), at)
    const hidden = new Set(brands.flatMap((part) => this.#view.members(part).map((member) => member.name)))
    return shared(this.#composite(type, this.#nameOf(type), () => this.#plain(type, at, hidden)))
  }

  /** A class is refused by the name that its package gives to its users: `Decimal`, which is `DecimalImpl & { … }`. */
  #byItsAlias(type: TypeHandle, shape: Shape): Shape {
    const culprit = shape.kind === 'unsupported' ? this.#culprits.get(shape) : undefined
    const alias = this.#view.aliasOf(type)?.symbol
    if (shape.kind !== 'unsupported' || culprit?.code !== 'WV2005' || !culprit.symbol || !alias) return shape
    if (this.#view.exportName(alias) === undefined) return shape
    const renamed: Unsupported = { ...shape }
    this.#culprits.set(renamed, { ...culprit, symbol: alias })
    return renamed
  }

  #isBrand(part: TypeHandle): boolean {
    const members = this.#view.members(part)
    return members.length > 0 && members.every((member) => member.key === 'symbol' || BRAND.test(member.name))
  }

  /**
   * It only says which members are never given, and the other parts have none of these: `Without<T, U>` of `Without<T, U> & U`, as
   * Prisma's `XOR` has it. Then `U` is what crosses, whether it is an object, an array or a date.
   */
  #saysNothing(parts: readonly TypeHandle[], position: number): boolean {
    const part = parts[position]!
    const view = this.#view
    if (!this.#isPlain(part)) return false
    const [members, indexes] = [view.members(part), view.indexes(part)]
    const neverGiven = indexes.every(({ type }) => ['never', 'undefined'].includes(view.describe(type).kind))
    if (!neverGiven || !members.every((member) => this.#isAbsent(member))) return false
    const absent = new Set(members.map(({ name }) => name))
    return parts.every(
      (each) =>
        each === part ||
        ((indexes.length === 0 || view.indexes(each).length === 0) &&
          view.members(each).every(({ name }) => !absent.has(name))),
    )
  }

  #isPlain(type: TypeHandle): boolean {
    return this.#view.describe(type).kind === 'object' && this.#classifier.classify(type).kind === 'plain'
  }

  #object(type: TypeHandle, at: Place | undefined): Shape {
    return this.#special(type, at) ?? this.#composite(type, this.#nameOf(type), () => this.#plain(type, at, new Set()))
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
    const shape = this.#composite(type, isList ? this.#nameOf(type) : undefined, () => this.shapeOf(of, at))
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
    const list = strippedArray(this.#view, declared, indexes)
    if (list) return 'code' in list ? this.#refuse(list, at) : this.#list(list, type, at)
    const members: Member[] = []
    let omitted = false
    const outer = this.#within
    const around = this.#around(type)
    for (const member of declared) {
      if (hidden.has(member.name) || this.#isAbsent(member)) continue
      this.#within = this.#withinOf(member, around, outer)
      const answer = this.#memberAnswer(member)
      if (answer === 'omit') {
        omitted = true
        continue
      }
      const shape = answer ?? this.#member(member)
      if (this.#packageAnswer(member.type) === 'omit' && this.#cannotCross(shape)) {
        omitted = true
        continue
      }
      members.push({
        name: member.name,
        shape,
        ...(member.optional && { optional: true }),
        ...(member.readonly && { readonly: true }),
      })
    }
    members.sort((a, b) => byCodeUnits(a.name, b.name))
    const shape: ObjectShape = { kind: 'object', members, ...(omitted && { omitted: true }) }
    const kept = indexes.some((each) => each.key === 'string')
      ? indexes.filter((each) => each.key === 'string')
      : indexes
    // What an index holds belongs to the type around it, of which weave.config.ts has no finer name.
    this.#within = around ? { symbol: around, path: [] } : outer
    if (kept.length > 0) shape.index = this.#index(kept, at)
    this.#within = outer
    return shape
  }

  /** Some part of it can't, not counting what named types hold. */
  #cannotCross(shape: Shape): boolean {
    return this.#isRefused(shape) || insideOf(shape).some((each) => this.#cannotCross(each))
  }

  #isRefused(shape: Shape): boolean {
    return (shape.kind === 'ref' ? this.definitions[shape.name] : shape)?.kind === 'unsupported'
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
  #withinOf(
    { name, symbol }: DeclaredMember,
    around: SymbolHandle | undefined,
    outer: Within | undefined,
  ): Within | undefined {
    if (around) return { symbol: around, path: [name] }
    const owner = this.#view.owner(symbol)
    if (outer && owner === outer.symbol) return { symbol: owner, path: [...outer.path, name] }
    if (owner && !this.#markers.isComponent(owner)) return { symbol: owner, path: [name] }
    return outer && { symbol: outer.symbol, path: [...outer.path, name] }
  }

  /** What weave.config.ts says of a member, or of the type that it has, where that is to be left out. */
  #memberAnswer(member: DeclaredMember): Shape | 'omit' | undefined {
    if (!this.#answers.any) return undefined
    const owner = this.#view.owner(member.symbol)
    const answer =
      (this.#within && this.#answers.ofMember(this.#within)) ??
      (owner && this.#answers.ofMember({ symbol: owner, path: [member.name] }))
    if (answer === 'json') return { kind: 'json', mutable: true }
    if (answer !== undefined && answer !== 'omit') {
      const type = this.#present(member.type)
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
    const members = collapse([shape, { kind: 'undefined' }])
    return { kind: 'union', members: members.map((each) => ({ test: { by: 'kind' }, shape: each })) }
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
    if (shapes.length === 1) return { of: shapes[0]!, ...mark }
    const union: Shape = { kind: 'union', members: shapes.map((shape) => ({ test: { by: 'kind' }, shape })) }
    this.#unions.set(union, { symbol: undefined, at, within: this.#within })
    return { of: union, ...mark }
  }

  /** Settles all definitions. What is asked for later doesn't change them. */
  settle(): void {
    const open = Object.entries(this.definitions).filter(([name]) => !this.recalled.has(name))
    const settled = open.map(([name, shape]) => [name, this.#settledDefinition(name, shape)] as const)
    for (const [name, shape] of settled) this.definitions[name] = shape
    this.#settled = true
  }

  #settledDefinition(name: string, shape: Shape): Shape {
    const odd = this.oddities
    const settled = this.finish(shape)
    if (this.oddities !== odd) this.doubtful.add(name)
    return settled
  }

  /** Settles the unions in `shape`; to be called when everything has been asked for, and for each definition too. */
  finish(shape: Shape): Shape {
    switch (shape.kind) {
      case 'array':
      case 'set':
      case 'shared':
      case 'stream':
      case 'custom':
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

    if (members.some((each) => this.#isRefused(each))) {
      return { kind: 'union', members: members.map((shape) => ({ test: { by: 'kind' as const }, shape })) }
    }
    const result = discriminate(members, this.definitions)
    if (!('ambiguous' in result)) return { kind: 'union', members: result.members }
    const source = this.#unions.get(union)
    this.#within = source?.within
    const refused = this.#refuse(ambiguous(result.ambiguous, result.opaque), source?.at, source?.symbol)
    this.#within = undefined
    return refused
  }
}
