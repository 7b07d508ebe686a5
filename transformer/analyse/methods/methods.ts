/**
 * A component interface to the methods of the model. In go the interface's members; out come methods in code unit order with
 * raw shapes (unions not yet settled) and, beside each shape, where it crosses. What makes a method impossible is reported
 * here; what makes its data impossible stays in the shapes. A method with an error stays in the list, so that the stub of a
 * broken component can throw the diagnostic under every name.
 */
import type { Shape } from '../../../runtime/shape.ts'
import type { CheckerView, Member, Parameter, Place, Signature, TypeHandle } from '../../checker/view.ts'
import type { Code } from '../../diagnostics/catalogue.ts'
import type { Diagnostic, Fix } from '../../diagnostics/diagnostic.ts'
import type { FoundComponent } from '../declared/find.ts'
import type { Markers } from '../declared/markers.ts'
import { meantPolicy, readPolicy } from '../declared/tags.ts'
import type { Fixes } from '../report/fixes.ts'
import type { Crossing, Reporter } from '../report/report.ts'
import { byCodeUnits } from '../types/canonical.ts'
import type { Shapes } from '../types/shape.ts'

export interface FoundMethod {
  readonly name: string
  readonly parameters: readonly { name: string; shape: Shape; optional: boolean; rest: boolean; crossing: Crossing }[]
  readonly result: { shape: Shape; crossing: Crossing }
  readonly idempotent: boolean
  readonly timeoutMs: number | undefined
  readonly key: number | undefined
  readonly nameSpan: Place | undefined
  /** The result is a stream, and not a promise of one. */
  readonly directStream: boolean
}

export interface FoundMethods {
  readonly methods: readonly FoundMethod[]
  /** The first error of the interface itself. */
  readonly error: Diagnostic | undefined
}

/** Why a name can't be a method's, if it can't. */
/** Of the language's symbols, written `[Symbol.dispose]`, members are named `[dispose]`. */
const WELL_KNOWN = /^\[(?:async)?(?:iterator|Iterator|dispose|Dispose)\]$|^\[(?:toPrimitive|toStringTag|hasInstance)\]$/

function badName(member: Member): string | undefined {
  const { name } = member
  if (member.key === 'symbol') return 'another process has other symbols'
  if (name === 'then') return 'awaiting the component would call it'
  if (name === 'constructor' || name === '__proto__') return 'the name means something else on every object'
  if (name === 'start' || name === 'stop') return 'the runtime calls it when the component starts or stops'
  if (name.startsWith('$') || name.startsWith('__weave')) return "names like this are the stub's own"
  return undefined
}

export class MethodReader {
  readonly #view: CheckerView
  readonly #markers: Markers
  readonly #shapes: Shapes
  readonly #reporter: Reporter
  readonly #fixes: Fixes

  constructor(input: { view: CheckerView; markers: Markers; shapes: Shapes; reporter: Reporter; fixes: Fixes }) {
    this.#view = input.view
    this.#markers = input.markers
    this.#shapes = input.shapes
    this.#reporter = input.reporter
    this.#fixes = input.fixes
  }

  read(component: FoundComponent): FoundMethods {
    const methods: FoundMethod[] = []
    const errors: Diagnostic[] = []
    const type = this.#view.declaredType(component.symbol)
    this.#refuseOtherSignatures(component, type, errors)
    const members = this.#view.members(type)
    for (const member of [...members].sort((a, b) => byCodeUnits(a.name, b.name))) {
      if (member.key === 'symbol' && this.#markers.isMarkerMember(member)) continue
      const context = new MethodContext(component, member, this.#reporter, errors)
      const signature = this.#signature(member, context)
      if (signature) methods.push(this.#method(member, signature, context))
    }
    return { methods, error: errors[0] }
  }

  /** What an interface may declare besides members has no name that a stub could have. */
  #refuseOtherSignatures(component: FoundComponent, type: TypeHandle, errors: Diagnostic[]): void {
    const report = (what: string, fix: string): void => {
      const message = `'${component.shortName}' has ${what}; only methods can be called across a boundary.`
      const why = "callers hold a stub in the component's place, which has its named methods and nothing else"
      errors.push(this.#reporter.add('WV1002', component.nameSpan, { message, why, fix }))
    }
    if (this.#view.callSignatures(type).length > 0) {
      report('a call signature', "give it a name: 'call(…): Promise<…>'")
    }
    if (this.#view.isConstructable(type)) {
      report('a construct signature', "declare a method that creates what is meant: 'create(…): Promise<…>'")
    }
    if (this.#view.indexes(type).length > 0) {
      report('an index signature', 'declare each method by its name, or one that takes the name as a parameter')
    }
  }

  /** The member's only signature; reports and gives undefined where there is none to make a stub from. */
  #signature(member: Member, context: MethodContext): Signature | undefined {
    const { shortName } = context.component
    const signatures = this.#view.callSignatures(member.type)
    const bad = badName(member)
    if (bad) {
      const why = `callers hold a stub in the component's place: ${bad}`
      const name = WELL_KNOWN.test(member.name) ? member.name.replace('[', '[Symbol.') : member.name
      const fix = member.key === 'symbol' ? 'give it a name that is no symbol' : 'give it another name'
      context.report('WV1006', `A component cannot have a method named '${name}'.`, why, fix)
      return undefined
    }
    const optional = member.optional && this.#isFunctionOrUndefined(member)
    if (optional) {
      const what = `'${shortName}.${member.name}?' is optional, and a component's method cannot be.`
      context.report(
        'WV1009',
        what,
        'a stub cannot know whether the other side has it',
        `declare '${member.name}' without '?'`,
        [this.#fixes.required(member)],
      )
      return undefined
    }
    if (signatures.length === 0 || member.kind === 'accessor') {
      const what = `'${shortName}.${member.name}' is a property; only methods can be called across a boundary.`
      const fix = `make it a method: ${member.name}(): Promise<${this.#view.text(member.type)}>`
      context.report('WV1002', what, 'reading a property cannot wait for another process', fix, [
        this.#fixes.makeMethod(member),
      ])
      return undefined
    }
    if (signatures.length > 1) {
      const what = `'${shortName}.${member.name}' has ${signatures.length} signatures; a component's method has one.`
      const why = 'which one a call means is known to the type checker only'
      context.report('WV1003', what, why, 'use a union for the parameter, or two names', [
        this.#fixes.uniteOverloads(member, signatures),
      ])
    } else if (signatures[0]!.typeParameters > 0) {
      const what = `'${shortName}.${member.name}' has type parameters, and what they stand for only the caller knows.`
      context.report('WV1004', what, 'its codec is made when the program is built', 'write the types that are meant')
    }
    return signatures[0]
  }

  #isFunctionOrUndefined(member: Member): boolean {
    if (member.kind === 'method') return true
    const description = this.#view.describe(member.type)
    const parts = description.kind === 'union' ? description.parts : [member.type]
    return parts.some((part) => this.#view.callSignatures(part).length > 0)
  }

  #method(member: Member, signature: Signature, context: MethodContext): FoundMethod {
    const tags = this.#view.docTags(member.symbol)
    for (const tag of tags) {
      const meant = meantPolicy(tag)
      if (meant === undefined) continue
      const what = `'@${tag.name}' is no policy of a method; did you mean '@${meant}'?`
      const fix = `write '@${meant}', or give the tag a name that cannot be mistaken for it`
      context.reportAt(
        context.placeOr(tag),
        'WV1015',
        what,
        'a misspelt policy would be silently without effect',
        fix,
        [this.#fixes.renamePolicy(tag, meant)],
      )
    }
    const policy = readPolicy(tags)
    if (policy.malformed) {
      const { tag, says } = policy.malformed
      const written = `@timeout ${tag.text.split('\n')[0]}`.trim()
      context.reportAt(
        context.placeOr(tag),
        'WV1010',
        `'${written}' ${says}`,
        'a call would go without the deadline that was meant',
        "write a number and a unit: '@timeout 500ms', '2s' or '1m'",
        this.#fixes.timeoutUnit(tag),
      )
    }
    // Errors of the signature make its types meaningless: more reports would only repeat them.
    const parameters = signature.parameters.map((parameter, position) =>
      this.#parameter(parameter, position, position === signature.parameters.length - 1, context),
    )
    const { directStream, ...result } = this.#result(signature, context)
    return {
      name: member.name,
      parameters: context.refused ? [] : parameters,
      result,
      directStream: directStream === true,
      idempotent: policy.idempotent,
      timeoutMs: policy.timeoutMs,
      key: this.#key(signature.parameters, context),
      nameSpan: member.origin === 'project' ? member.nameSpan : undefined,
    }
  }

  #parameter(
    parameter: Parameter,
    position: number,
    last: boolean,
    context: MethodContext,
  ): FoundMethod['parameters'][number] {
    const name = parameter.name ?? `arg${position}`
    const place = context.placeOr(parameter.typeSpan ?? parameter.nameSpan)
    const carried = this.#carried(parameter, last, place)
    if (carried)
      return { name, ...carried, rest: false, crossing: context.crossing(`${context.member.name}(${name})`, place) }
    const optional = parameter.optional || parameter.hasDefault
    const shape = this.#hasKey(parameter)
      ? this.#shapes.shapeOfKey(parameter.type, place)
      : optional && !parameter.rest
        ? this.#shapes.optionalShapeOf(parameter.type, place)
        : this.#shapes.shapeOf(parameter.type, place)
    const subject = `${context.member.name}(${parameter.rest ? '...' : ''}${name})`
    return { name, shape, optional, rest: parameter.rest, crossing: context.crossing(subject, place) }
  }

  /** A stream, or the signal that is the last parameter; `T | undefined` is as good as `?`. */
  #carried(parameter: Parameter, last: boolean, place: Place): { shape: Shape; optional: boolean } | undefined {
    if (parameter.rest) return undefined
    const present = this.#shapes.present(parameter.type)
    const shape = this.#shapes.carried(present, place)
    if (!shape || (shape.kind === 'signal' && !last)) return undefined
    return { shape, optional: parameter.optional || parameter.hasDefault || present !== parameter.type }
  }

  #result(signature: Signature, context: MethodContext): FoundMethod['result'] & { directStream?: boolean } {
    const place = context.placeOr(signature.resultSpan)
    const crossing = context.crossing(`${context.member.name}()`, place)
    const none: Shape = { kind: 'undefined' }
    if (context.refused) return { shape: none, crossing }
    const stream = (type: TypeHandle): Shape | undefined => {
      const shape = this.#shapes.carried(type, place)
      return shape?.kind === 'stream' ? shape : undefined
    }
    const direct = stream(signature.result)
    if (direct) return { shape: direct, crossing, directStream: true }
    const symbol = this.#view.symbolOf(signature.result)
    if (symbol && this.#view.symbolName(symbol) === 'Promise') {
      const [value] = this.#view.typeArguments(signature.result)
      if (value) return { shape: stream(value) ?? this.#shapes.shapeOf(value, place), crossing }
    }
    const name = symbol ? this.#view.symbolName(symbol) : ''
    // A stream and what the type checker couldn't make out have reports of their own.
    const kind = this.#view.describe(signature.result).kind
    if (kind === 'any' || /^(?:Async(?:Iter|Generator)|Readable)/.test(name)) {
      return { shape: this.#shapes.shapeOf(signature.result, place), crossing }
    }
    const text = this.#view.text(signature.result)
    const what = `Method '${context.member.name}' of component '${context.component.shortName}' must return a Promise, but it returns '${text}'.`
    const fix = `declare it as 'Promise<${this.#awaited(signature.result)}>', make the method of the class 'async', and 'await' it where it is called`
    const { component, member } = context
    const promise =
      member.origin === 'project'
        ? this.#fixes.returnPromise(component, member, signature, this.#promisedText(signature.result))
        : undefined
    context.reportAt(place, 'WV1001', what, 'the component may run in another process', fix, [promise])
    return { shape: none, crossing }
  }

  /** What `await` would make of it, as text: `number` of `PromiseLike<number>`, `void | undefined` of `Promise<void> | undefined`. */
  #awaited(type: TypeHandle): string {
    const description = this.#view.describe(type)
    if (description.kind === 'union') {
      const inner = description.parts.map((part) => this.#thenable(part))
      if (inner.every((each) => each === undefined)) return this.#view.text(type)
      const texts = description.parts.map((part, at) => this.#view.text(inner[at] ?? part))
      return [...new Set(texts)].sort(byCodeUnits).join(' | ')
    }
    return this.#view.text(this.#thenable(type) ?? type)
  }

  /** Where it isn't just the type as it is written. */
  #promisedText(type: TypeHandle): string | undefined {
    const awaited = this.#awaited(type)
    return awaited === this.#view.text(type) ? undefined : awaited
  }

  #thenable(type: TypeHandle): TypeHandle | undefined {
    if (this.#view.describe(type).kind !== 'object') return undefined
    const then = this.#view.members(type).some((member) => member.name === 'then' && member.kind === 'method')
    return then ? this.#view.typeArguments(type)[0] : undefined
  }

  #key(parameters: readonly Parameter[], context: MethodContext): number | undefined {
    const keys = parameters.flatMap((parameter, position) => (this.#hasKey(parameter) ? [{ parameter, position }] : []))
    const [first, second] = keys
    if (!first) return undefined
    if (second) {
      const what = `'${context.component.shortName}.${context.member.name}' has ${keys.length} parameters of type 'Key<T>'.`
      context.reportAt(
        context.placeOr(second.parameter.typeSpan),
        'WV1011',
        what,
        'one value decides which replica serves the call',
        "leave 'Key' on one of them; a compound key is one string",
        this.#keepOneKey([first.parameter, second.parameter], keys.length),
      )
      return undefined
    }
    const bad = this.#badKey(first.parameter)
    if (!bad) return first.position
    const what = `'${first.parameter.name ?? 'the pattern'}' cannot be a routing key: it is ${bad}.`
    context.reportAt(
      context.placeOr(first.parameter.typeSpan),
      'WV1012',
      what,
      'its value chooses the replica, in every call',
      'use a required parameter that is a string, number, bigint or boolean',
      [first.parameter.typeSpan && this.#fixes.removeKey(first.parameter.typeSpan, "Remove 'Key'", false)],
    )
    return undefined
  }

  /** Either of two may be meant. */
  #keepOneKey(pair: readonly [Parameter, Parameter], count: number): (Fix | undefined)[] {
    if (count > 2) return []
    return pair.map(({ name }, at) => {
      const other = pair[1 - at]!.typeSpan
      return other && this.#fixes.removeKey(other, `Route by '${name}' alone`, false)
    })
  }

  #hasKey({ type }: Parameter): boolean {
    if (this.#markers.is('key', type)) return true
    const description = this.#view.describe(type)
    if (description.kind === 'array') return this.#markers.is('key', description.element)
    return description.kind === 'union' && description.parts.some((part) => this.#markers.is('key', part))
  }

  #badKey(parameter: Parameter): string | undefined {
    if (parameter.rest) return 'a rest parameter'
    if (parameter.optional) return 'optional'
    const shape = this.#shapes.shapeOfKey(parameter.type, undefined)
    const shapes = shape.kind === 'union' ? shape.members.map((each) => each.shape) : [shape]
    const fits = ['string', 'number', 'bigint', 'boolean', 'literal', 'literals']
    if (shapes.every(({ kind }) => fits.includes(kind))) return undefined
    const other = shapes.find(({ kind }) => !fits.includes(kind))!.kind
    return other === 'undefined' || other === 'null' ? `'${other}' at times` : `'${this.#view.text(parameter.type)}'`
  }
}

/** One method while it is read: where reports go when a place lies outside the project, and what they are counted against. */
class MethodContext {
  readonly component: FoundComponent
  readonly member: Member
  refused = false
  readonly #reporter: Reporter
  readonly #errors: Diagnostic[]

  constructor(component: FoundComponent, member: Member, reporter: Reporter, errors: Diagnostic[]) {
    this.component = component
    this.member = member
    this.#reporter = reporter
    this.#errors = errors
  }

  /** A method inherited from a package's interface is reported at the name of the component. */
  placeOr(place: Place | undefined): Place {
    return place && this.member.origin === 'project' ? place : this.component.nameSpan
  }

  crossing(subject: string, place: Place): Crossing {
    return { subject, place, within: this.component.span }
  }

  /** An error of the method's form, at its name. */
  report(code: Code, message: string, why: string, fix: string, fixes: readonly (Fix | undefined)[] = []): void {
    this.refused = true
    this.reportAt(this.placeOr(this.member.nameSpan), code, message, why, fix, fixes)
  }

  reportAt(
    place: Place,
    code: Code,
    message: string,
    why: string,
    fix: string,
    fixes: readonly (Fix | undefined)[] = [],
  ): void {
    this.#errors.push(this.#reporter.add(code, place, { message, why, fix, fixes }))
  }
}
