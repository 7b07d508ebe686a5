/**
 * How names from a user's types appear in generated text: as property keys, accesses and string literals, whatever
 * characters they have, and as parts of our own identifiers.
 */
import type { ObjectTest } from '../../runtime/codec/traits.ts'
import type { Literal } from '../../runtime/shape.ts'

/** Read from any object, these find something of `Object.prototype`; generated code looks them up with care. */
const OBJECT_PROTOTYPE = new Set(Object.getOwnPropertyNames(Object.prototype))

const IDENTIFIER = /^[\p{ID_Start}$_][\p{ID_Continue}$\u200c\u200d]*$/u

/** A string literal that is valid in a source of any ECMAScript version, and can't end a `<script>`. */
export function quote(text: string): string {
  return JSON.stringify(text).replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029').replaceAll('</', '<\\/')
}

/** JSON that is also an expression in any JavaScript. */
export function json(value: unknown): string {
  return JSON.stringify(value).replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029').replaceAll('</', '<\\/')
}

/** The key of a member in an object literal or class: computed for the names that have a meaning of their own there. */
export function keyText(name: string): string {
  if (name === '__proto__' || name === 'constructor') return `[${quote(name)}]`
  return IDENTIFIER.test(name) ? name : quote(name)
}

/** `object.name`, `object["odd name"]`. */
export function access(object: string, name: string): string {
  return IDENTIFIER.test(name) ? `${object}.${name}` : `${object}[${quote(name)}]`
}

/** Reads a data member: names of `Object.prototype` must not find what every object inherits. */
export function readMember(object: string, name: string): string {
  return OBJECT_PROTOTYPE.has(name) ? `__weave.member(${object}, ${quote(name)})` : access(object, name)
}

export function hasMember(object: string, name: string): string {
  return OBJECT_PROTOTYPE.has(name) ? `__weave.hasMember(${object}, ${quote(name)})` : `${quote(name)} in ${object}`
}

/** Sets an own property; an assignment to `__proto__` would set the prototype. */
export function setMember(object: string, name: string, value: string): string {
  return name === '__proto__'
    ? `__weave.setKey(${object}, "__proto__", ${value})`
    : `${access(object, name)} = ${value}`
}

/** A statement that refuses what is no object of the type (runtime/codec/traits.ts). */
export function objectCheck(value: string, { record, indexed, names }: ObjectTest): string {
  if (!record) return `__weave.object(${value})`
  const tests = [`!__weave.isRecord(${value})`]
  if (indexed) tests.push(`!__weave.isIndexed(${value})`)
  if (names.length > 0) tests.push(`!__weave.hasOneOf(${value}, [${names.map(quote).join(', ')}])`)
  return `if (${tests.join(' && ')}) __weave.mismatch()`
}

export function literalText(literal: Literal): string {
  switch (literal.type) {
    case 'string':
      return quote(literal.value)
    case 'number':
      return Object.is(literal.value, -0) ? '-0' : String(literal.value)
    case 'boolean':
      return String(literal.value)
    case 'bigint':
      return `${literal.value}n`
  }
}

/** Whether `key` fits one of the patterns of an index signature. */
export function keyTest(patterns: readonly string[], key: string): string {
  const tests = patterns.map((pattern) => `/${pattern.replaceAll('/', '\\/')}/.test(${key})`)
  return tests.length === 1 ? (tests[0] as string) : `(${tests.join(' || ')})`
}

/** What the wire's index of one of `values` points into: their texts, and where 0 is one of them, the zero of the other sign. */
export function literalTable(values: readonly Literal[]): string[] {
  const texts = values.map(literalText)
  const zero = texts.find((text) => text === '0' || text === '-0')
  return zero === undefined ? texts : [...texts, zero === '0' ? '-0' : '0']
}

/** Identifiers for things with long names: `src/cart.CartItem` → `CartItem`; the second of that name gets `CartItem_2`. */
export class Identifiers {
  readonly #byName = new Map<string, string>()
  readonly #taken = new Set<string>()

  /** The order of first calls decides who gets the number; callers ask in code unit order of the names. */
  of(name: string): string {
    const known = this.#byName.get(name)
    if (known !== undefined) return known
    const short = lastPart(name).replace(/[^A-Za-z0-9]+/g, '_')
    const stem = short === '' || short === '_' ? 'anonymous' : short
    let identifier = stem
    for (let count = 2; this.#taken.has(identifier); count++) identifier = `${stem}_${count}`
    this.#taken.add(identifier)
    this.#byName.set(name, identifier)
    return identifier
  }
}

/** What follows the last dot that is not in type arguments: `src/list.Node<src/a.B>` → `Node<src/a.B>`. */
function lastPart(name: string): string {
  const arguments_ = name.indexOf('<')
  const head = arguments_ < 0 ? name : name.slice(0, arguments_)
  return head.slice(head.lastIndexOf('.') + 1) + (arguments_ < 0 ? '' : name.slice(arguments_))
}
