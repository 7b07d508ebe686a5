/**
 * Which component a sampled stack belongs to. In: a tree of stacks with weights (V8's profile of CPU, or of allocations that are alive), and where
 * in the sources each component's class stands. Out: weight by owner.
 *
 * A stack belongs to the innermost frame that has an owner: a component's method, a function within one, or the runtime's part in a call
 * between processes. So helpers and libraries count for who calls them. A stack without any, such as what a helper does after an `await`
 * of its own, is an orphan: it goes to those for whom its outermost function worked elsewhere in the tree; else to the application's only
 * component here, or its root; else it stays nobody's. Stacks of Node alone, and the collector's, are shared out by what the others weigh.
 */

export interface Frame {
  readonly scriptId: string
  readonly url: string
  readonly functionName: string
  /** Of the function's beginning, from 0. */
  readonly lineNumber: number
  readonly columnNumber: number
}

export interface StackNode {
  readonly frame: Frame
  readonly weight: number
  readonly children: readonly StackNode[]
}

/** Where a class stands: from its first character to its last. */
export interface Place {
  readonly scriptId: string
  readonly fromLine: number
  readonly fromColumn: number
  readonly toLine: number
  readonly toColumn: number
}

/** The runtime, for its part in calls between processes. */
export const RUNTIME = ''

export interface OwnedPlace extends Place {
  /** Full name of a component, or `RUNTIME`. */
  readonly owner: string
}

export interface AttributeOptions {
  places: readonly OwnedPlace[]
  /** Whose an orphan is of whose function nothing is known. */
  heir: string | undefined
}

/** Weight by owner; what is nobody's has none. */
export function attribute(root: StackNode, { places, heir }: AttributeOptions): Map<string, number> {
  const byScript = new Map<string, OwnedPlace[]>()
  for (const place of places) byScript.set(place.scriptId, [...(byScript.get(place.scriptId) ?? []), place])
  const owned = new Map<string, number>()
  /** Outermost function → weight of stacks that are nobody's. */
  const orphans = new Map<string, number>()
  /** Function → owner → weight of stacks of that owner in which it is. */
  const seen = new Map<string, Map<string, number>>()
  const walk = (node: StackNode, outer: Owner | undefined, functions: readonly string[]): void => {
    const { frame, weight, children } = node
    const own = ownerOf(frame, byScript)
    const isOurs = frame.url !== '' && !frame.url.startsWith('node:')
    const key = `${frame.scriptId} ${frame.lineNumber} ${frame.columnNumber}`
    const owner = own !== undefined ? { name: own } : (outer ?? (isOurs ? { orphan: key } : undefined))
    // What an owner's own functions call, and who called those, says nothing of helpers.
    const helpers = own !== undefined ? [] : isOurs ? [...functions, key] : functions
    if (weight > 0 && owner !== undefined) {
      if ('orphan' in owner) add(orphans, owner.orphan, weight)
      else {
        add(owned, owner.name, weight)
        for (const helper of helpers) add(mapOf(seen, helper), owner.name, weight)
      }
    }
    for (const child of children) walk(child, owner, helpers)
  }
  walk(root, undefined, [])
  for (const [key, weight] of orphans)
    share(owned, weight, seen.get(key) ?? (heir === undefined ? new Map() : new Map([[heir, 1]])))
  return owned
}

type Owner = { name: string } | { orphan: string }

function ownerOf(frame: Frame, byScript: ReadonlyMap<string, readonly OwnedPlace[]>): string | undefined {
  return byScript.get(frame.scriptId)?.find((place) => holds(place, frame))?.owner
}

function holds({ fromLine, fromColumn, toLine, toColumn }: Place, { lineNumber, columnNumber }: Frame): boolean {
  if (lineNumber < fromLine || lineNumber > toLine) return false
  return (lineNumber > fromLine || columnNumber >= fromColumn) && (lineNumber < toLine || columnNumber <= toColumn)
}

function share(owned: Map<string, number>, weight: number, parts: ReadonlyMap<string, number>): void {
  const total = [...parts.values()].reduce((sum, part) => sum + part, 0)
  for (const [owner, part] of parts) add(owned, owner, (weight * part) / total)
}

function add(weights: Map<string, number>, key: string, weight: number): void {
  weights.set(key, (weights.get(key) ?? 0) + weight)
}

function mapOf(maps: Map<string, Map<string, number>>, key: string): Map<string, number> {
  const known = maps.get(key) ?? new Map<string, number>()
  maps.set(key, known)
  return known
}
