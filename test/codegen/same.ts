/** Whether two values are equal, and what they hold. */
import type { Definitions, Shape } from '../../runtime/shape.ts'
import { isContainer } from './own.ts'
import { chosenOf } from './sites.ts'

/** Equal in every way that a program can see. */
export function isSame(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) return false
  if (a instanceof Date) return Object.is(a.getTime(), (b as Date).getTime())
  if (a instanceof URL) return a.href === (b as URL).href
  if (a instanceof RegExp) return String(a) === String(b) && a.lastIndex === (b as RegExp).lastIndex
  if (a instanceof Error) {
    const [one, other] = [a, b as Error].map((each) => [each.name, each.message, each.stack, each.cause])
    if (!isSame(one, other)) return false
  }
  if (a instanceof Map) return isSame([...a], [...(b as Map<unknown, unknown>)])
  if (a instanceof Set) return isSame([...a], [...(b as Set<unknown>)])
  if (Array.isArray(a) && a.length !== (b as unknown[]).length) return false
  if (a instanceof ArrayBuffer) return Buffer.from(a).equals(Buffer.from(b as ArrayBuffer))
  const names = Object.keys(a).sort()
  const others = Object.keys(b).sort()
  return (
    names.length === others.length &&
    names.every(
      (name, at) =>
        name === others[at] &&
        isSame(Object.getOwnPropertyDescriptor(a, name)?.value, Object.getOwnPropertyDescriptor(b, name)?.value),
    )
  )
}

/** Every object inside of `value`, itself included. */
export function objectsIn(value: unknown, found: Set<object> = new Set()): Set<object> {
  if (typeof value !== 'object' || value === null || found.has(value)) return found
  found.add(value)
  if (value instanceof Map) for (const entry of value) for (const each of entry) objectsIn(each, found)
  else if (value instanceof Set) for (const each of value) objectsIn(each, found)
  else if (!ArrayBuffer.isView(value))
    for (const name of Object.keys(value)) objectsIn(Object.getOwnPropertyDescriptor(value, name)?.value, found)
  return found
}

/** The objects inside of `value` that its type lets be changed, so that nobody else may hold them. */
export function changeable(shape: Shape, definitions: Definitions, value: unknown): object[] {
  const inside = (each: Shape, held: unknown) => changeable(each, definitions, held)
  if (typeof value !== 'object' || value === null) return []
  switch (shape.kind) {
    case 'ref':
      return inside(definitions[shape.name] as Shape, value)
    case 'union': {
      const chosen = chosenOf(shape.members, definitions, value)
      return chosen === undefined ? [] : inside(chosen.shape, value)
    }
    case 'custom':
      return isContainer(value) ? [value, ...inside(shape.of, value.content)] : []
    case 'json':
      return shape.mutable ? [...objectsIn(value)] : []
    case 'date':
    case 'url':
    case 'regexp':
    case 'bytes':
    case 'error':
      return [...objectsIn(value)]
    case 'array':
    case 'set':
      return [...own(shape, value), ...[...(value as Iterable<unknown>)].flatMap((each) => inside(shape.of, each))]
    case 'map': {
      const entries = [...(value as Map<unknown, unknown>)]
      return [
        ...own(shape, value),
        ...entries.flatMap(([key, item]) => [...inside(shape.key, key), ...inside(shape.value, item)]),
      ]
    }
    case 'tuple':
      return [
        ...own(shape, value),
        ...shape.elements.flatMap((each, at) => (each.rest ? [] : inside(each.shape, (value as unknown[])[at]))),
      ]
    case 'object':
      return [
        ...(shape.members.some((each) => !each.readonly) ? [value] : []),
        ...shape.members.flatMap((each) =>
          inside(each.shape, Object.getOwnPropertyDescriptor(value, each.name)?.value),
        ),
      ]
    default:
      return []
  }
}

const own = (shape: { readonly?: true }, value: object): object[] => (shape.readonly ? [] : [value])
