/**
 * A value and a shape → whether the value itself is of the shape's kind: the primitive, the built-in class, the number of elements; not
 * what it holds. For the walk of check.ts, and for telling the members of unions apart (choice.ts).
 */
import { isReference } from '../calls/references.ts'
import type { Literal, Shape } from '../shape.ts'
import { type Codecs, isCustom } from './custom.ts'
import { isBytes, isDate, isError, isMap, isObject, isRegExp, isSet, isSignal, isStream, isUrl } from './kinds.ts'

/** `codecs`: absent where no value crosses by a codec of the user's. */
export function isOfKind(shape: Shape, value: unknown, codecs: Codecs | undefined): boolean {
  switch (shape.kind) {
    case 'boolean':
    case 'number':
    case 'bigint':
    case 'string':
      return typeof value === shape.kind
    case 'null':
      return value === null
    case 'undefined':
      return value === undefined
    case 'literal':
      return isOneOf(value, [shape.literal])
    case 'literals':
      return isOneOf(value, shape.values)
    case 'array':
      return Array.isArray(value)
    case 'tuple': {
      if (!Array.isArray(value)) return false
      const rest = shape.elements.some((element) => element.rest)
      const required = shape.elements.filter((element) => !element.optional && !element.rest).length
      return value.length >= required && (rest || value.length <= shape.elements.length)
    }
    case 'object':
      return isObject(value)
    case 'map':
      return isMap(value)
    case 'set':
      return isSet(value)
    case 'date':
      return isDate(value)
    case 'url':
      return isUrl(value)
    case 'regexp':
      return isRegExp(value)
    case 'bytes':
      return isBytes(value, shape.type)
    case 'error':
      return isError(value)
    case 'component':
      return isReference(value, shape.component)
    case 'custom':
      return codecs !== undefined && isCustom(codecs, shape.codec, value)
    case 'stream':
      return isStream(value)
    case 'signal':
      return isSignal(value)
    case 'json':
      return value !== undefined
    default:
      return false
  }
}

export function isOneOf(value: unknown, literals: readonly Literal[]): boolean {
  return literals.some((each) => (each.type === 'bigint' ? value === BigInt(each.value) : value === each.value))
}

export function literalValue({ type, value }: Literal): string | number | boolean | bigint {
  return type === 'bigint' ? BigInt(value) : value
}
