/**
 * Names of components as people write them (`Cart`) → full names (`src/cart.Cart`), with "did you mean" for the rest.
 * A leaf: the deployer and the CLI use it too.
 */
import { WeaveError } from './errors.ts'

/** `src/cart.Cart` → `Cart`. */
export function shortName(fullName: string): string {
  return fullName.slice(fullName.lastIndexOf('.') + 1)
}

/**
 * The one of `fullNames` that `name` means: itself, or the only one of that short name. Throws `WV_CONFIG` otherwise.
 * `where` begins the sentence: `weave.config.ts: config`.
 */
export function resolveComponentName(name: string, fullNames: readonly string[], where = 'weave.config.ts'): string {
  if (fullNames.includes(name)) return name
  const matches = fullNames.filter((full) => shortName(full) === name)
  if (matches.length === 1) return matches[0]!
  if (matches.length > 1) {
    throw new WeaveError(
      `${where}: "${name}" is the name of ${matches.length} components; write one of ${quoteAll(matches)}.`,
      {
        code: 'WV_CONFIG',
      },
    )
  }
  throw unknownName({ where, kind: 'component', name, known: [...fullNames.map(shortName), ...fullNames] })
}

/** `weave.config.ts: there is no component "Crat"; did you mean "Cart"?` */
export function unknownName(unknown: {
  where: string
  kind: string
  name: string
  known: readonly string[]
}): WeaveError {
  const near = didYouMean(unknown.name, unknown.known)
  const short = unknown.known.filter((name) => !name.includes('/'))
  const list = short.length > 0 ? short : unknown.known
  const hint =
    near !== undefined
      ? `did you mean "${near}"?`
      : list.length === 0
        ? `the application has none.`
        : `there are ${quoteAll(list)}.`
  return new WeaveError(`${unknown.where}: there is no ${unknown.kind} "${unknown.name}"; ${hint}`, {
    code: 'WV_CONFIG',
  })
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
