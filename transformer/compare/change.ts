/**
 * What a comparison finds: one change that callers built with the old version would stumble over, where in the types it is, and
 * what was there before. `flow` says who writes the value: callers (`in`: parameters) or the component (`out`: results); the same
 * change may break one and not the other.
 */
import type { Shape } from '../../runtime/shape.ts'

export type Flow = 'in' | 'out'

export type ChangeKind =
  /** A type that the other side can't read. */
  | 'type'
  /** Required by the component, and not sent by old callers. */
  | 'required'
  /** Not in a result any more, or not always. */
  | 'missing'
  /** A result that old callers don't know, or an argument that isn't taken any more. */
  | 'values'

export interface Change {
  readonly kind: ChangeKind
  readonly flow: Flow
  readonly site: Site
  /** As people write them; undefined where there is nothing. */
  readonly was: string | undefined
  readonly now: string | undefined
}

/** A place inside the types of a method. */
export interface Site {
  /** `put(order).lines[].qty` */
  readonly path: string
  /** The innermost named type around it: `src/order.Line`; undefined in the method's own signature. */
  readonly definition: string | undefined
  /** From there (or from the parameter): `.qty`. */
  readonly inner: string
  /** Name of the member or parameter that was changed, for finding its declaration. */
  readonly member: string | undefined
}

export const step = (site: Site, suffix: string, member: string | undefined = site.member): Site => ({
  ...site,
  path: site.path + suffix,
  inner: site.inner + suffix,
  member,
})

export const enter = (site: Site, definition: string): Site => ({ ...site, definition, inner: '' })

/** `.qty`, or `["content-type"]` for what is no identifier. */
export function memberSuffix(name: string): string {
  return /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`
}

export type ObjectShape = Shape & { readonly kind: 'object' }
