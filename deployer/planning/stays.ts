/**
 * What automatic placement and plans leave where it is though a person may move it. In: the manifest, the groups, what people have decided. Out: which groups
 * and components, and why as sentences for people. Who wins: a person, then weave.config.ts, then what is measured.
 */
import type { Manifest, ManifestComponent } from '../../runtime/manifest.ts'
import { shortName } from '../../runtime/names.ts'
import { whyFixed } from '../moves/wish.ts'
import type { Group } from '../placement.ts'
import { listed } from '../planner/figures.ts'

/** Full name of a component → what a person has done to it or to its group; it holds until the next deployment. */
export type Decisions = Readonly<Record<string, 'moved' | 'scaled'>>

/** Groups with a component that a person has moved or scaled: nothing leaves them, nothing comes to them, and as many replicas run. */
export function heldGroups(groups: readonly Group[], decisions: Decisions): Group[] {
  return groups.filter(({ components }) => components.some((name) => Object.hasOwn(decisions, name)))
}

/** Nobody has said what becomes of what its class keeps: moved, it begins empty, which is for a person to decide. */
export function keepsState({ keeps }: Pick<ManifestComponent, 'keeps'>): boolean {
  return keeps !== undefined
}

/** Not of those that nobody can move. */
export function stays(manifest: Manifest, groups: readonly Group[], decisions: Decisions): string[] {
  const held = heldGroups(groups, decisions)
  const known = new Set(held.flatMap(({ components }) => components))
  const keeping = manifest.components.filter(
    (each) => keepsState(each) && !known.has(each.name) && whyFixed(each.name, manifest) === undefined,
  )
  return [...held.map((group) => heldText(group, decisions)), ...keeping.map(keptText)]
}

/** `Series stays: scaled by hand.`; with others in its group, whose doing it is: `Series and Units stay: Series was moved by hand.` */
function heldText({ components }: Group, decisions: Decisions): string {
  const clauses = (['moved', 'scaled'] as const).flatMap((what) => {
    const names = components.filter((name) => decisions[name] === what).map(shortName)
    if (names.length === 0) return []
    const whose = names.length === components.length ? '' : `${listed(names)} ${names.length === 1 ? 'was' : 'were'} `
    return [`${whose}${what} by hand`]
  })
  const stay = components.length === 1 ? 'stays' : 'stay'
  return `${listed(components.map(shortName))} ${stay}: ${clauses.join(', ')}.`
}

function keptText({ name, keeps }: ManifestComponent): string {
  return `${shortName(name)} stays: its class keeps ${keeps} in memory; say @stateful with handOver and takeOver to let it move, or @stateless if it may begin empty.`
}
