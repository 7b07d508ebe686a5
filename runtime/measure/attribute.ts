/**
 * Which component a sampled stack belongs to. In: a tree of stacks with weights (V8's profile of CPU, or of allocations that are alive), and where
 * in the sources each component's class stands. Out: weight by owner.
 *
 * A stack belongs to the innermost frame that has an owner: a component's method, a function within one, or the runtime's part in a call
 * between processes. So helpers and libraries count for who calls them. A stack without any, such as what a helper does after an `await`
 * of its own, is an orphan: it goes to those for whom its outermost function was seen to work (`Helpers`); else to the application's only
 * component here, or its root; else it stays nobody's. Stacks of Node alone, and the collector's, are shared out by what the others weigh.
 *
 * Stacks are sampled by the clock, so where a process waits for a core it is sampled too: in proportion to what runs, but for writes, which wake
 * another process that then takes the core. A single one can so seem to take half of the time. `calmed` takes that away.
 */
import { LIMITS } from '../limits.ts'

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

/**
 * For whom functions that are nobody's have worked: function → owner → weight of stacks of that owner in which it was. What it does before its own `await`
 * is seldom sampled, so it is kept from one look to the next, older ones counting less.
 */
export class Helpers {
  readonly #seen = new Map<string, Map<string, number>>()

  saw(helper: string, owner: string, weight: number): void {
    let owners = this.#seen.get(helper)
    if (owners === undefined) {
      if (this.#seen.size >= LIMITS.helpersMax) return
      owners = new Map()
      this.#seen.set(helper, owners)
    }
    add(owners, owner, weight)
  }

  ownersOf(helper: string): ReadonlyMap<string, number> | undefined {
    return this.#seen.get(helper)
  }

  /** Of owners that are not here any more nothing is kept. */
  age(isHere: (owner: string) => boolean): void {
    for (const [helper, owners] of this.#seen) {
      for (const [owner, weight] of owners)
        if (isHere(owner) && weight * HELPERS_KEPT >= HELPERS_LEAST) owners.set(owner, weight * HELPERS_KEPT)
        else owners.delete(owner)
      if (owners.size === 0) this.#seen.delete(helper)
    }
  }
}

/** At each look, some five seconds apart: half of it in a minute and a bit. */
const HELPERS_KEPT = 0.95
const HELPERS_LEAST = 0.05

export interface AttributeOptions {
  places: readonly OwnedPlace[]
  helpers: Helpers
  /** Whose an orphan is of whose function nothing is known. */
  heir: string | undefined
}

/** What Node's streams write with. */
const WRITES: ReadonlySet<string> = new Set([
  'writeBuffer',
  'writev',
  'writeUtf8String',
  'writeAsciiString',
  'writeLatin1String',
  'writeUcs2String',
])

/** Of what a process waits for a core, the share that is sampled in writes, where there are some (bench/attribution.ts, served, beside others). */
const WAITED_IN_WRITES = 0.5

/** The tree without what it waited in writes. `waited`: share of the samples that were taken while the process waited for a core, 0 to 1. */
export function calmed(root: StackNode, waited: number): StackNode {
  const sums = { all: 0, writes: 0 }
  const count = (node: StackNode): void => {
    sums.all += node.weight
    if (isWrite(node)) sums.writes += node.weight
    for (const child of node.children) count(child)
  }
  count(root)
  if (sums.writes === 0) return root
  const kept = 1 - Math.min(1, (WAITED_IN_WRITES * waited * sums.all) / sums.writes)
  const of = (node: StackNode): StackNode => ({
    ...node,
    weight: isWrite(node) ? node.weight * kept : node.weight,
    children: node.children.map(of),
  })
  return of(root)
}

function isWrite({ frame }: StackNode): boolean {
  return frame.url === '' && WRITES.has(frame.functionName)
}

/** Weight by owner; what is nobody's has none. */
export function attribute(root: StackNode, { places, helpers: known, heir }: AttributeOptions): Map<string, number> {
  const byScript = new Map<string, OwnedPlace[]>()
  for (const place of places) byScript.set(place.scriptId, [...(byScript.get(place.scriptId) ?? []), place])
  const owned = new Map<string, number>()
  /** Outermost function → weight of stacks that are nobody's. */
  const orphans = new Map<string, number>()
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
        for (const helper of helpers) known.saw(helper, owner.name, weight)
      }
    }
    for (const child of children) walk(child, owner, helpers)
  }
  walk(root, undefined, [])
  for (const [key, weight] of orphans)
    share(owned, weight, known.ownersOf(key) ?? (heir === undefined ? new Map() : new Map([[heir, 1]])))
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
