/**
 * How a difference between a value and its type is told: as data (`Problem`) and as a sentence.
 *
 * The content of a value is shown only where its kind isn't what is wrong, because messages end in logs and a string in the wrong
 * place may be a card number.
 */
import { types } from 'node:util'
import { LIMITS } from '../limits.ts'
import type { Literal } from '../shape.ts'
import { isObject, isPlain } from './kinds.ts'

export interface Problem {
  /** `missing` and `unknown`: the member `path` itself; `cycle`: it is an object that holds it; `ambiguous`: of a union; `codec`: it threw. */
  readonly kind: 'type' | 'missing' | 'unknown' | 'cycle' | 'depth' | 'ambiguous' | 'codec'
  /** `item.lines[3].price`. */
  readonly path: string
  /** The declared type, as people write it; for `unknown` the keys that there are, for `cycle` the path of the holder. */
  readonly declared: string
  /** What is there instead; for `ambiguous` the two members that it fits. */
  readonly found: string
  /** `unknown` only: the keys that there are, for a "did you mean". */
  readonly known?: readonly string[]
}

/** A sentence about one problem. */
export function problemText(problem: Problem): string {
  const path = shorten(problem.path)
  switch (problem.kind) {
    case 'type':
      return `${path} must be ${problem.declared}; it is ${problem.found}.`
    case 'missing':
      return `${path} is missing; it must be ${problem.declared}.`
    case 'unknown':
      return `${path} is not known; there is ${problem.declared}.`
    case 'cycle':
      return `${path} is the object that holds it (${shorten(problem.declared)}); what crosses a boundary must be a tree, so pass an id instead.`
    case 'ambiguous':
      return `${path} fits two members of the union, ${problem.found}; give them a literal member such as 'kind'.`
    case 'codec':
      return `${path} could not be encoded by the codec of ${problem.declared}: ${problem.found}`
    case 'depth':
      return `${path} is nested deeper than ${LIMITS.depthMax} levels; pass a flat list instead.`
  }
}

/** A path of a thousand members is told by its ends. */
function shorten(path: string): string {
  return path.length > 200 ? `${path.slice(0, 120)} … ${path.slice(-60)}` : path
}

/** What a value is. Its content is told where it is of the right type and only not one of `literals`. */
export function describe(value: unknown, literals: readonly Literal[] = []): string {
  try {
    const what = described(value, literals)
    return types.isProxy(value) ? `a proxy of ${what}` : what
  } catch {
    // A proxy that was revoked, or whose handler throws.
    return 'an object that cannot be read'
  }
}

function described(value: unknown, literals: readonly Literal[]): string {
  const type = typeof value
  if (literals.some((each) => each.type === type)) {
    return type === 'string' ? JSON.stringify((value as string).slice(0, 40)) : String(value)
  }
  if (value === null || value === undefined) return String(value)
  if (Array.isArray(value)) return `an array of ${value.length}`
  if (!isObject(value)) return `a ${type}`
  if (isPlain(value)) return 'an object'
  const name = (value as { constructor?: { name?: unknown } }).constructor?.name
  return typeof name === 'string' && name !== '' ? `an instance of ${name}` : 'an object'
}
