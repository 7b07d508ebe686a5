/**
 * What pins say. In: pins, with full names of components. Out: what they contradict each other in, which components have to share a process, and what of it a
 * placement breaks.
 */
import type { PinsConfig } from '../../runtime/config/configuration.ts'
import { resolveComponentName, shortName } from '../../runtime/names.ts'
import type { Pins, Placement } from './model.ts'

export const NO_PINS: Pins = { together: [], apart: [], alone: [] }

/** With full names. Throws `WV_CONFIG`, a sentence that begins with `where`, for a name that nothing has. */
export function resolvedPins(
  { together = [], apart = [], alone = [] }: PinsConfig,
  names: readonly string[],
  where: string,
): Pins {
  const resolve = (name: string) => resolveComponentName(name, names, where)
  return {
    together: together.map((list) => list.map(resolve)),
    apart: apart.map((list) => list.map(resolve)),
    alone: alone.map(resolve),
  }
}

/** By component, all that share its process, itself included: who is together with one is together with all of whom that one is. */
export function companions(together: readonly (readonly string[])[]): Map<string, ReadonlySet<string>> {
  const all = new Map<string, Set<string>>()
  for (const list of together) {
    const joined = new Set(list.flatMap((name) => [...(all.get(name) ?? [name])]))
    for (const name of joined) all.set(name, joined)
  }
  return all
}

export interface Contradiction {
  /** Of the pin that can't be kept beside others: `apart[0]`, `alone[1]`. */
  path: string
  /** A sentence without its end. */
  text: string
}

export function* contradictions({ together, apart, alone }: Pins): Generator<Contradiction> {
  const shared = companions(together)
  for (const [place, list] of apart.entries()) {
    for (const [one, two] of pairsOf(list)) {
      if (shared.get(one)?.has(two))
        yield { path: `apart[${place}]`, text: `${shortName(one)} and ${shortName(two)} are pinned together and apart` }
    }
  }
  for (const [place, name] of alone.entries()) {
    if ((shared.get(name)?.size ?? 1) > 1)
      yield {
        path: `alone[${place}]`,
        text: `${shortName(name)} is pinned to a process of its own and together with others`,
      }
  }
}

/** A sentence for each pin that it breaks. */
export function* pinsBroken({ together, apart, alone }: Pins, placement: Placement): Generator<string> {
  const groupOf = new Map(placement.flatMap((group) => group.components.map((name) => [name, group] as const)))
  for (const list of together) {
    for (const name of list.slice(1)) {
      const [one, two] = [groupOf.get(list[0]!)!, groupOf.get(name)!]
      if (one !== two) {
        yield `${shortName(list[0]!)} is in ${one.name} and ${shortName(name)} in ${two.name}, though they are pinned together.`
      }
    }
  }
  for (const list of apart) {
    for (const [one, two] of pairsOf(list)) {
      const group = groupOf.get(one)!
      if (group === groupOf.get(two))
        yield `${shortName(one)} and ${shortName(two)} share ${group.name}, though they are pinned apart.`
    }
  }
  for (const name of alone) {
    const group = groupOf.get(name)!
    if (group.components.length > 1)
      yield `${shortName(name)} shares ${group.name}, though it is pinned to a process of its own.`
  }
}

function* pairsOf(list: readonly string[]): Generator<[string, string]> {
  for (const [place, one] of list.entries()) for (const two of list.slice(place + 1)) yield [one, two]
}
