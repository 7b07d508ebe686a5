/**
 * What happens when a value isn't of its declared type. Generated encoders and copiers only notice *that* it isn't and throw
 * a `Mismatch` (signal.ts), which carries nothing; whoever called them then asks `explain` (check.ts) *where*, and gets the
 * `WeaveError` to throw from `argumentError` or `resultError`. The slow, wordy part is thus paid by wrong values only.
 *
 * What each kind of value becomes on the other side, for the codec and for the co-located copier alike:
 *
 * | given                                           | result                                                        |
 * | ----------------------------------------------- | ------------------------------------------------------------- |
 * | number                                          | the same, also -0, NaN and the infinities                     |
 * | string                                          | the same UTF-16 units, lone surrogates included               |
 * | boxed primitive (`new Number(1)`)               | mismatch                                                      |
 * | array                                           | plain array of its elements 0 … length-1; other properties go |
 * | hole of a sparse array                          | a hole where the element type allows `undefined`, else mismatch |
 * | object (any prototype, none, a class instance)  | plain object of the declared members, read once, by name;     |
 * |                                                 | own and inherited, getters included; `Object.prototype` isn't looked at |
 * | object without a prototype                      | the same, where the type has an index signature, and in `Json` |
 * | instance of a built-in class as an object whose | mismatch, unless it has one of the members                    |
 * | members may all be absent                       |                                                               |
 * | member that isn't declared                      | left out, unless the type has an index signature              |
 * | index signature                                 | own enumerable string keys; `__proto__` is a key like others; |
 * |                                                 | keys that don't fit its template (or aren't numbers) are left out |
 * | value with a codec of the user's                | what `decode` makes of what `encode` gave; the class counts   |
 * | component                                       | the receiver's stub; only stubs and implementations are given |
 * | template literal type                           | a string; whether it fits isn't looked at                     |
 * | optional member: absent / present and undefined | told apart, both arrive as they were                          |
 * | required member missing                         | `undefined` where its type allows it, else mismatch           |
 * | optional parameter                              | absent and `undefined` are the same, as in JavaScript         |
 * | `Map`, `Set`, `Date`, `URL`, `RegExp`, bytes    | of the built-in class, also when given a subclass (`Buffer` → `Uint8Array`, unless a `Buffer` is declared) |
 * | a subclass that shows other entries or times    | what it has, not what it shows                                |
 * | proxy                                           | as what it stands for: of an object or array; of an instance of |
 * |                                                 | a built-in class, mismatch                                    |
 * | invalid `Date`                                  | invalid `Date`                                                |
 * | object that fits two members of a union         | mismatch, where the data of one would be lost                 |
 * | `Json`                                          | plain objects and arrays only; `undefined`, `Date`, … are a mismatch |
 * | the same object twice                           | two equal objects                                             |
 * | a cycle, or nesting beyond `LIMITS.depthMax`    | mismatch that names the path                                  |
 * | symbol keys, property attributes, frozenness    | gone                                                          |
 */
import type { Method, ParameterShape } from '../boundary.ts'
import { type Edge, WeaveError } from '../errors.ts'
import type { Definitions } from '../shape.ts'
import { explain } from './check.ts'
import type { Codecs } from './custom.ts'
import { type Problem, problemText } from './problem.ts'
import { Mismatch } from './signal.ts'

export { type CheckOptions, checkValue, explain } from './check.ts'
export { type Problem, problemText } from './problem.ts'
export { Mismatch } from './signal.ts'

export interface BadValue {
  /** Full name of the component that is called. */
  component: string
  method: Method
  definitions: Definitions
  /** Full name of the component that calls, where that is known. */
  caller?: string | undefined
  /** What was thrown; anything but a `Mismatch` (a getter of the user's threw, say) is handed back as it is. */
  thrown: unknown
}

/** The error for arguments that `encodeArguments` or a copier refused: `Cart.add: item.quantity must be number; it is the string "3".` */
export function argumentError(bad: BadValue, args: readonly unknown[]): unknown {
  if (!(bad.thrown instanceof Mismatch)) return bad.thrown
  const { parameters, codecs } = bad.method.shapes()
  const problem = firstProblem(parameters, args, { ...bad, codecs })
  const text = problem ? problemText(problem) : unexplained('its arguments', bad.thrown)
  return new WeaveError(`${shortName(bad.component)}.${bad.method.name}: ${text}`, {
    code: 'WV_VALUE',
    edge: edgeOf(bad),
    executed: 'no',
  })
}

/** The same for a result: `Cart.items: the result[0].quantity must be number; it is undefined.` */
export function resultError(bad: BadValue, result: unknown): unknown {
  if (!(bad.thrown instanceof Mismatch)) return bad.thrown
  const shapes = bad.method.shapes()
  const problem = explain(shapes.result, bad.definitions, result, 'the result', shapes.codecs)
  const text = problem ? problemText(problem) : unexplained('its result', bad.thrown)
  return new WeaveError(`${shortName(bad.component)}.${bad.method.name}: ${text}`, {
    code: 'WV_VALUE',
    edge: edgeOf(bad),
  })
}

/**
 * The same for an item of a stream, that of a parameter (by position) or of the result: `Feed.watch: the result[].price must be
 * number; it is undefined.`
 */
export function itemError(bad: BadValue, item: unknown, parameter: number | undefined): unknown {
  if (!(bad.thrown instanceof Mismatch)) return bad.thrown
  const { parameters, result, codecs } = bad.method.shapes()
  const declared = parameter === undefined ? result : parameters[parameter]?.shape
  const path = parameter === undefined ? 'the result[]' : `${parameters[parameter]?.name}[]`
  const problem = declared?.kind === 'stream' ? explain(declared.of, bad.definitions, item, path, codecs) : undefined
  const text = problem ? problemText(problem) : unexplained(`an item of ${path.slice(0, -2)}`, bad.thrown)
  return new WeaveError(`${shortName(bad.component)}.${bad.method.name}: ${text}`, {
    code: 'WV_VALUE',
    edge: edgeOf(bad),
  })
}

const edgeOf = ({ caller, component, method }: BadValue): Edge | undefined =>
  caller === undefined ? undefined : { caller, callee: component, method: method.name }

function firstProblem(
  parameters: readonly ParameterShape[],
  args: readonly unknown[],
  bad: BadValue & { codecs: Codecs | undefined },
): Problem | undefined {
  for (const [position, parameter] of parameters.entries()) {
    const value = parameter.rest ? args.slice(position) : args[position]
    if (value === undefined && parameter.optional) continue
    const problem = explain(parameter.shape, bad.definitions, value, parameter.name, bad.codecs)
    if (problem) return problem
  }
  return undefined
}

/** The walk found nothing: the value has changed since, as a getter or a proxy may. */
function unexplained(subject: string, thrown: Mismatch): string {
  return thrown.tooDeep
    ? `${subject} are nested too deeply.`
    : `${subject} did not fit the declared type when read first, and did when read again; does a getter or a proxy give changing values?`
}

function shortName(component: string): string {
  return component.slice(component.lastIndexOf('.') + 1)
}
