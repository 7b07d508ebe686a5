/**
 * What an implementation that says `@stateful` hands over when it moves. In: its class. Out: the type of what `handOver` gives and
 * `takeOver` takes, or a report of a pair that doesn't fit. Without either method there is nothing to report: such a component stays.
 */
import type { Shape } from '../../../runtime/shape.ts'
import type { CheckerView, Member, Place, Signature, TypeHandle } from '../../checker/view.ts'
import type { Diagnostic } from '../../diagnostics/diagnostic.ts'
import type { FoundClass } from '../declared/find.ts'
import type { Crossing, Reporter } from '../report/report.ts'
import type { Shapes } from '../types/shape.ts'

export interface FoundState {
  /** Raw: unions aren't settled. */
  readonly given: Shape
  readonly taken: Shape
  readonly crossing: Crossing
  /** Reports that the two differ. */
  differ(): Diagnostic
}

export interface FoundHandOver {
  state?: FoundState
  error?: Diagnostic
}

export class HandOver {
  readonly #view: CheckerView
  readonly #shapes: Shapes
  readonly #reporter: Reporter

  constructor({ view, shapes, reporter }: { view: CheckerView; shapes: Shapes; reporter: Reporter }) {
    this.#view = view
    this.#shapes = shapes
    this.#reporter = reporter
  }

  read({ declared }: FoundClass): FoundHandOver {
    const members = this.#view.members(this.#view.declaredType(declared.symbol))
    const named = (name: string) => members.find((member) => member.key === 'string' && member.name === name)
    const [gives, takes] = [named('handOver'), named('takeOver')]
    if (gives === undefined && takes === undefined) return {}
    const className = declared.name || 'default'
    const placeOf = (member: Member | undefined): Place =>
      member?.origin === 'project' && member.nameSpan ? member.nameSpan : declared.nameSpan
    const report = (member: Member | undefined, message: string, why: string, fix: string) => ({
      error: this.#reporter.add('WV3018', placeOf(member), { message, why, fix }),
    })
    if (gives === undefined || takes === undefined) {
      const [has, lacks] = gives ? ['handOver', 'takeOver'] : ['takeOver', 'handOver']
      const form = gives ? 'takeOver(state: …): Promise<void>' : 'handOver(): Promise<…>'
      return report(
        gives ?? takes,
        `'${className}' has '${has}' and no '${lacks}', so its state cannot go with it.`,
        "a @stateful component moves by what 'handOver' gives here and 'takeOver' gets where it goes",
        `add '${form}', or remove '${has}': the component then stays in its process`,
      )
    }
    const given = this.#only(gives, 0)
    if (given === undefined)
      return report(
        gives,
        `'${className}.handOver' is not a public method without parameters.`,
        'the runtime calls it when the component moves, and has nothing to give',
        "declare it as 'handOver(): Promise<…>'",
      )
    const taken = this.#only(takes, 1)
    if (taken === undefined)
      return report(
        takes,
        `'${className}.takeOver' is not a public method with one parameter.`,
        "the runtime calls it with what 'handOver' gave",
        "declare it as 'takeOver(state: …): Promise<void>'",
      )
    const place = gives.origin === 'project' ? (given.resultSpan ?? placeOf(gives)) : placeOf(gives)
    const parameter = taken.parameters[0]!
    const [givenType, takenType] = [this.#awaited(given.result), parameter.type]
    return {
      state: {
        given: this.#shapes.shapeOf(givenType, place),
        taken: this.#shapes.shapeOf(takenType, parameter.typeSpan ?? placeOf(takes)),
        crossing: { subject: 'handOver()', place, within: declared.span },
        differ: () =>
          report(
            takes,
            `'takeOver' takes '${this.#view.text(takenType)}', and 'handOver' gives '${this.#view.text(givenType)}'.`,
            'one codec carries the state from the one to the other',
            `let 'takeOver' take '${this.#view.text(givenType)}'`,
          ).error,
      },
    }
  }

  /** The signature of a public method that has one, and that can be called with so many arguments. */
  #only(member: Member, count: number): Signature | undefined {
    const [signature, second] = this.#view.callSignatures(member.type)
    if (member.private || member.optional || signature === undefined || second !== undefined) return undefined
    if (signature.typeParameters > 0 || signature.parameters.some(({ rest }) => rest)) return undefined
    const required = signature.parameters.filter(({ optional, hasDefault }) => !optional && !hasDefault).length
    return required <= count && signature.parameters.length >= count ? signature : undefined
  }

  #awaited(type: TypeHandle): TypeHandle {
    const symbol = this.#view.symbolOf(type)
    const isPromise = symbol !== undefined && this.#view.symbolName(symbol) === 'Promise'
    return (isPromise ? this.#view.typeArguments(type)[0] : undefined) ?? type
  }
}
