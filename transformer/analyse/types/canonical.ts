/**
 * Our own order of everything. Checkers differ in the order of union members and of library
 * members; indices on the wire and hashes come from here, so that they are equal on every TypeScript and machine.
 */
import type { Literal, Shape } from '../../../runtime/shape.ts'

/** By UTF-16 code units, the order that `sort()` of strings has on every machine. */
export const byCodeUnits = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** JSON with the keys of every object in code unit order. */
export function canonicalText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalText).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  const object = value as Readonly<Record<string, unknown>>
  let members = ''
  for (const key of Object.keys(object).sort()) {
    const each = object[key]
    if (each !== undefined) members += `${members === '' ? '' : ','}${JSON.stringify(key)}:${canonicalText(each)}`
  }
  return `{${members}}`
}

const LITERAL_RANK: Record<Literal['type'], number> = { boolean: 0, number: 1, bigint: 2, string: 3 }

/** Booleans, numbers, bigints, strings; each by its value. */
export function compareLiterals(a: Literal, b: Literal): number {
  if (a.type !== b.type) return LITERAL_RANK[a.type] - LITERAL_RANK[b.type]
  if (a.type === 'string' && b.type === 'string') return byCodeUnits(a.value, b.value)
  if (a.type === 'bigint' && b.type === 'bigint') return Number(BigInt(a.value) > BigInt(b.value)) || -1
  return Number(a.value) - Number(b.value)
}

/** The order in which members of a union are tried and numbered: what costs least to test first, `json` last. */
export const KIND_RANK: Record<Shape['kind'], number> = {
  undefined: 0,
  null: 1,
  boolean: 2,
  literal: 3,
  literals: 3,
  number: 4,
  bigint: 5,
  string: 6,
  bytes: 7,
  date: 8,
  url: 9,
  regexp: 10,
  error: 11,
  map: 12,
  set: 13,
  array: 14,
  tuple: 15,
  component: 16,
  custom: 17,
  object: 18,
  shared: 18,
  ref: 18,
  union: 19,
  json: 20,
  stream: 21,
  signal: 21,
  unsupported: 22,
}
