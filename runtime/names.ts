/**
 * Names of components as people write them (`Cart`) → full names (`src/cart.Cart`), with "did you mean" for the rest.
 * A leaf: the deployer and the CLI use it too.
 */
import { WeaveError } from './errors.ts'

/** `src/cart.Cart` → `Cart`. */
export function shortName(fullName: string): string {
  return fullName.slice(fullName.lastIndexOf('.') + 1)
}

/** A name that nothing has, or more than one: `there is no component "Crat"`, `did you mean "Cart"?` */
export interface UnknownName {
  readonly what: string
  readonly fix: string
}

/** The one of `fullNames` that `name` means: itself, or the only one of that short name. */
export function findComponentName(name: string, fullNames: readonly string[]): string | UnknownName {
  if (fullNames.includes(name)) return name
  const matches = fullNames.filter((full) => shortName(full) === name)
  if (matches.length === 1) return matches[0]!
  if (matches.length > 1)
    return { what: `"${name}" is the name of ${matches.length} components`, fix: `write one of ${quoteAll(matches)}.` }
  return describeUnknown('component', name, [...fullNames.map(shortName), ...fullNames])
}

/** The same, where the name has to be known: throws `WV_CONFIG` otherwise. `where` begins the sentence: `weave.config.ts: config`. */
export function resolveComponentName(name: string, fullNames: readonly string[], where = 'weave.config.ts'): string {
  const found = findComponentName(name, fullNames)
  if (typeof found === 'string') return found
  throw new WeaveError(`${where}: ${found.what}; ${found.fix}`, { code: 'WV_CONFIG' })
}

/** `weave.config.ts: there is no component "Crat"; did you mean "Cart"?` */
export function unknownName(unknown: {
  where: string
  kind: string
  name: string
  known: readonly string[]
}): WeaveError {
  const { what, fix } = describeUnknown(unknown.kind, unknown.name, unknown.known)
  return new WeaveError(`${unknown.where}: ${what}; ${fix}`, { code: 'WV_CONFIG' })
}

export function describeUnknown(kind: string, name: string, known: readonly string[]): UnknownName {
  const near = didYouMean(name, known)
  const short = known.filter((each) => !each.includes('/'))
  const list = short.length > 0 ? short : known
  const fix =
    near !== undefined
      ? `did you mean "${near}"?`
      : list.length === 0
        ? 'the application has none.'
        : `there are ${quoteAll(list)}.`
  return { what: `there is no ${kind} "${name}"`, fix }
}

/** The nearest of `known`, when it is near: a third of the letters wrong at most, case apart. */
export function didYouMean(name: string, known: readonly string[]): string | undefined {
  let best: string | undefined
  let bestDistance = Math.max(1, Math.floor(name.length / 3)) + 1
  for (const candidate of known) {
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase(), bestDistance)
    if (distance < bestDistance) {
      best = candidate
      bestDistance = distance
    }
  }
  return best
}

/** Insertions, deletions, replacements and swaps of neighbours that make `b` of `a`; `limit` when there are as many. */
function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) >= limit) return limit
  let beforeLast: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const replaced = last[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)
      let distance = Math.min(last[j]! + 1, row[j - 1]! + 1, replaced)
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        distance = Math.min(distance, beforeLast[j - 2]! + 1)
      row.push(distance)
    }
    beforeLast = last
    last = row
  }
  return Math.min(last[b.length]!, limit)
}

function quoteAll(names: readonly string[]): string {
  return names.map((name) => `"${name}"`).join(', ')
}
