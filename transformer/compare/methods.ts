/**
 * One method, as an old manifest has it and as it is today: its parameters (by position, as they are sent), its result and its
 * policies. Out come changes of data and changes of policy; a method that only takes more and gives less has none.
 */
import { notation } from '../../runtime/codec/notation.ts'
import type { ManifestMethod, ManifestParameter } from '../../runtime/manifest.ts'
import type { Definitions, Shape } from '../../runtime/shape.ts'
import type { Method, Parameter } from '../model.ts'
import type { Change, Site } from './change.ts'
import { ShapeComparison, withoutUndefined } from './shapes.ts'

export type PolicyChange =
  | { readonly kind: 'idempotent' }
  | { readonly kind: 'key'; readonly was: string | undefined; readonly now: string | undefined }
  | { readonly kind: 'timeout'; readonly was: number | undefined; readonly now: number }

export interface MethodChanges {
  readonly changes: readonly Change[]
  readonly policies: readonly PolicyChange[]
}

export function compareMethods(
  old: ManifestMethod,
  now: Method,
  definitions: { readonly old: Definitions; readonly now: Definitions },
): MethodChanges {
  const comparison = new ShapeComparison(definitions.old, definitions.now)
  const reordered = orderOf(old.parameters, now.parameters)
  if (reordered) comparison.changes.push(reordered(old.name))
  else compareParameters(old, now, comparison)
  comparison.compare(old.result, now.result, 'out', siteOf(`${now.name}()`, undefined))
  return { changes: comparison.changes, policies: policiesOf(old, now) }
}

const siteOf = (path: string, member: string | undefined): Site => ({ path, definition: undefined, inner: '', member })

function compareParameters(old: ManifestMethod, now: Method, comparison: ShapeComparison): void {
  const site = ({ name, rest }: { name: string; rest?: boolean }) =>
    siteOf(`${now.name}(${rest ? '...' : ''}${name})`, name)
  const count = Math.max(old.parameters.length, now.parameters.length)
  for (let at = 0; at < count; at++) {
    const was = old.parameters[at]
    const is = now.parameters[at]
    const open = now.parameters.find((each) => each.rest)
    if (was && is && !was.rest === !is.rest) {
      if (was.optional && !is.optional && !is.rest && !takesUndefined(is.shape)) {
        comparison.changes.push(required(site(is), `?: ${notation(was.shape)}`, `: ${notation(is.shape)}`))
      }
      comparison.compare(was.optional ? withoutUndefined(was.shape) : was.shape, is.shape, 'in', site(is))
    } else if (was && !was.rest && open) {
      const of = open.shape.kind === 'array' ? open.shape.of : open.shape
      comparison.compare(was.shape, of, 'in', site(open))
    } else if (was) {
      const shape = `${was.rest ? '...' : ''}${was.name}: ${notation(was.shape)}`
      comparison.changes.push({ kind: 'type', flow: 'in', site: site(was), was: shape, now: is && notation(is.shape) })
    } else if (is && !is.optional && !is.rest && !takesUndefined(is.shape)) {
      comparison.changes.push(required(site(is), undefined, notation(is.shape)))
    }
  }
}

const required = (site: Site, was: string | undefined, now: string): Change => ({
  kind: 'required',
  flow: 'in',
  site,
  was,
  now,
})

function takesUndefined(shape: Shape): boolean {
  if (shape.kind === 'union') return shape.members.some((each) => takesUndefined(each.shape))
  return shape.kind === 'undefined'
}

/** The same parameters in another order: the types may even fit, and each value would arrive as another one. */
function orderOf(
  old: readonly ManifestParameter[],
  now: readonly Parameter[],
): ((method: string) => Change) | undefined {
  const [before, after] = [old, now].map((list) => list.map((each) => each.name))
  const sorted = (names: readonly string[]) => [...names].sort().join('\n')
  if (before!.join('\n') === after!.join('\n') || sorted(before!) !== sorted(after!)) return undefined
  const text = (list: readonly { readonly name: string; readonly shape: Shape }[]) =>
    `(${list.map(({ name, shape }) => `${name}: ${notation(shape)}`).join(', ')})`
  return (method) => ({
    kind: 'type',
    flow: 'in',
    site: siteOf(`${method}(…)`, undefined),
    was: text(old),
    now: text(now),
  })
}

function policiesOf(old: ManifestMethod, now: Method): PolicyChange[] {
  const changes: PolicyChange[] = []
  if (old.idempotent && !now.idempotent) changes.push({ kind: 'idempotent' })
  if (old.key !== now.key) {
    const name = (list: readonly { readonly name: string }[], key: number | undefined) =>
      key === undefined ? undefined : list[key]?.name
    changes.push({ kind: 'key', was: name(old.parameters, old.key), now: name(now.parameters, now.key) })
  }
  if (now.timeoutMs !== undefined && now.timeoutMs < (old.timeoutMs ?? Number.POSITIVE_INFINITY)) {
    changes.push({ kind: 'timeout', was: old.timeoutMs, now: now.timeoutMs })
  }
  return changes
}
