/**
 * For generated code: which member of a union a value is of, where only a whole look tells (fit.ts). The shapes of such unions are
 * in one table of the application; they are compiled when a value of theirs is first met.
 */
import type { Definitions, Shape } from '../shape.ts'
import { fitterOf } from './check.ts'
import type { Codecs } from './custom.ts'
import type { Fitter } from './fit.ts'

export interface Unions {
  readonly definitions: () => Definitions
  /** By key: the members that are told apart by a whole look, in the union's order. */
  readonly members: Readonly<Record<string, readonly Shape[]>>
  readonly codecs?: Codecs
}

interface Compiled {
  readonly unions: Unions
  readonly fitter: Fitter
}

const compiled = new WeakMap<() => Unions, Compiled>()

/** Position among the members under `key`; negative when the value is of none, or of two that would each lose something else. */
export function chooseByFit(table: () => Unions, key: string, value: unknown): number {
  let known = compiled.get(table)
  if (known === undefined) {
    const unions = table()
    known = { unions, fitter: fitterOf(unions.definitions(), unions.codecs) }
    compiled.set(table, known)
  }
  known.fitter.epoch++
  return known.fitter.bestOf(known.unions.members[key]!).index(value)
}
