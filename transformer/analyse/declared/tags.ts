/**
 * Policy in doc tags: of methods `@idempotent` and `@timeout 500ms`, of a component `@stateful`, `@stateless` and `@background`. Other tags are the user's, unless they
 * are so near to one of a method's that they must be meant for it.
 */
import { didYouMean } from '../../../runtime/names.ts'
import type { DocTag } from '../../checker/view.ts'

const MS = { ms: 1, s: 1_000, m: 60_000 } as const
/** The longest time that a timer of Node.js can wait. */
const TIMEOUT_MS_MAX = 2 ** 31 - 1

export interface Policy {
  readonly idempotent: boolean
  readonly timeoutMs: number | undefined
  /** A `@timeout` that can't be read, and why. */
  readonly malformed: { readonly tag: DocTag; readonly says: string } | undefined
}

/** On an implementing class, or its interface: it keeps state in memory that its calls depend on, so it stays in its process. */
export const isStateful = (tag: DocTag): boolean => tag.name === 'stateful'

/** On an implementing class, or its interface: what it keeps may be lost at any time, as of a cache, so it may begin empty elsewhere. */
export const isStateless = (tag: DocTag): boolean => tag.name === 'stateless'

/** On a component's interface: it runs in every application of the project, also where nobody takes it. */
export const isBackground = (tag: DocTag): boolean => tag.name === 'background'

const POLICIES: readonly string[] = ['idempotent', 'timeout']

export const isPolicy = (tag: DocTag): boolean => POLICIES.includes(tag.name)

/** Also by another case, which is a mistake of its own where policies are read. */
export const isLikePolicy = (tag: DocTag): boolean => POLICIES.includes(tag.name.toLowerCase())

/** The policy that a tag was probably meant to be: `@timeOut`, `@idempotnt`. */
export function meantPolicy(tag: DocTag): string | undefined {
  return isPolicy(tag) ? undefined : didYouMean(tag.name, POLICIES)
}

export function readPolicy(tags: readonly DocTag[]): Policy {
  const idempotent = tags.some((tag) => tag.name === 'idempotent')
  const timeouts = tags.filter((tag) => tag.name === 'timeout')
  const [tag, second] = timeouts
  if (!tag) return { idempotent, timeoutMs: undefined, malformed: undefined }
  if (second)
    return { idempotent, timeoutMs: undefined, malformed: { tag: second, says: 'is the second one of its method.' } }
  const timeoutMs = milliseconds(tag.text)
  if (typeof timeoutMs === 'number') return { idempotent, timeoutMs, malformed: undefined }
  return { idempotent, timeoutMs: undefined, malformed: { tag, says: timeoutMs.says } }
}

/** What follows the time on the tag's further lines is prose. */
function milliseconds(text: string): number | { says: string } {
  const [time = ''] = text.split('\n')
  const match = /^(\d+(?:\.\d+)?)\s*([a-z]*)(?:\s|$)/i.exec(time.trim())
  if (!match) return { says: time.trim() ? 'is not a time.' : 'has no time.' }
  const [, amount, unit] = match
  if (!Object.hasOwn(MS, unit!)) return { says: unit ? `has the unknown unit '${unit}'.` : 'has no unit.' }
  const ms = Math.round(Number(amount) * MS[unit as keyof typeof MS])
  if (ms < 1) return { says: 'is no time at all.' }
  return ms > TIMEOUT_MS_MAX ? { says: 'is longer than a timer can wait.' } : ms
}
