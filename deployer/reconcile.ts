/**
 * What is to be done so that what is becomes what should be. In: the desired state of a deployment, and what is observed of each
 * process. Out: actions, in order. A pure function: called after every change of either, it needs no memory of what it asked
 * for before, since an action that is under way shows in what is observed. When all is as it should be there is nothing to do.
 *
 * Crashes are none of its business: a process that fails is started again by its supervisor, which knows when.
 */
import type { ProcessState } from './supervisor.ts'

export interface DesiredGroup {
  readonly name: string
  readonly replicas: number
}

export interface Desired {
  /** In the order in which processes are started. */
  readonly groups: readonly DesiredGroup[]
  /** Processes that are to be started again → the last of their lives that is to end. */
  readonly outdated: ReadonlyMap<string, number>
  /** Set when all is to end: names of groups, those first that are drained first. */
  readonly waves: readonly (readonly string[])[] | undefined
}

/**
 * | kind    | what is true of the process                                               |
 * | ------- | ------------------------------------------------------------------------- |
 * | idle    | it has never been started                                                 |
 * | coming  | it runs and isn't ready                                                   |
 * | ready   | it serves                                                                 |
 * | failed  | it crashed or hangs; its supervisor sees to it that it runs again         |
 * | leaving | it was asked to stop and hasn't yet                                       |
 * | stopped | it is gone, and stays so until it is started                              |
 */
export type ObservedKind = 'idle' | 'coming' | 'ready' | 'failed' | 'leaving' | 'stopped'

export interface Observed {
  readonly process: string
  readonly group: string
  readonly slot: number
  readonly kind: ObservedKind
  /** Lives so far, the present one included. */
  readonly lives: number
}

export type Action =
  /** There is no such process: make a place for it, which is then idle. */
  | { kind: 'add'; group: string; slot: number }
  | { kind: 'start'; process: string }
  | { kind: 'drain'; process: string }
  /** It has stopped and isn't wanted any more: forget it. */
  | { kind: 'remove'; process: string }

export function reconcile(desired: Desired, observed: readonly Observed[]): Action[] {
  return desired.waves === undefined ? running(desired, observed) : ending(desired.waves, observed)
}

/** All that is wanted is there, or on its way: nothing is left to do or to wait for. */
export function settled(desired: Desired, observed: readonly Observed[]): boolean {
  return reconcile(desired, observed).length === 0 && observed.every(({ kind }) => kind === 'ready')
}

function running({ groups, outdated }: Desired, observed: readonly Observed[]): Action[] {
  const replicas = new Map(groups.map((group) => [group.name, group.replicas]))
  const byGroup = Map.groupBy(observed, ({ group }) => group)
  const actions: Action[] = []
  for (const { name } of groups) {
    const taken = new Set(byGroup.get(name)?.map(({ slot }) => slot))
    for (let slot = 0; slot < replicas.get(name)!; slot++)
      if (!taken.has(slot)) actions.push({ kind: 'add', group: name, slot })
  }
  for (const [group, processes] of byGroup) {
    const wanted = processes.filter(({ slot }) => slot < (replicas.get(group) ?? 0))
    for (const one of processes) if (!wanted.includes(one)) actions.push(...farewell(one))
    for (const { process, kind } of wanted)
      if (kind === 'idle' || kind === 'stopped') actions.push({ kind: 'start', process })
    actions.push(...renewal(wanted, outdated))
  }
  return actions
}

function farewell({ process, kind }: Observed): Action[] {
  if (kind === 'leaving') return []
  return [{ kind: kind === 'stopped' ? 'remove' : 'drain', process }]
}

/**
 * Restarts within one group: those that don't serve at once, since nobody misses them; of those that serve one at a time,
 * and only while all others do.
 */
function renewal(processes: readonly Observed[], outdated: ReadonlyMap<string, number>): Action[] {
  const old = processes.filter(({ process, lives }) => lives <= (outdated.get(process) ?? 0))
  const drain = ({ process }: Observed): Action => ({ kind: 'drain', process })
  const idle = old.filter(({ kind }) => kind === 'coming' || kind === 'failed')
  if (idle.length > 0) return idle.map(drain)
  const next = old.find(({ kind }) => kind === 'ready')
  return next && processes.every(({ kind }) => kind === 'ready') ? [drain(next)] : []
}

/** Drains the first wave of which something is left. What belongs to no wave isn't wanted by anybody, so it goes at once. */
function ending(waves: readonly (readonly string[])[], observed: readonly Observed[]): Action[] {
  const placed = new Set(waves.flat())
  const left = observed.filter(({ kind }) => kind !== 'stopped')
  const strays = left.filter(({ group }) => !placed.has(group))
  const wave = waves.find((each) => left.some(({ group }) => each.includes(group))) ?? []
  return [...strays, ...left.filter(({ group }) => wave.includes(group))]
    .filter(({ kind }) => kind !== 'leaving')
    .map(({ process }): Action => ({ kind: 'drain', process }))
}

/** What the reconciler sees of a process's state. */
export function observedKind(state: ProcessState): ObservedKind {
  switch (state.kind) {
    case 'idle':
    case 'ready':
    case 'stopped':
      return state.kind
    case 'starting':
    case 'adopting':
    case 'assigned':
    case 'serving':
      return 'coming'
    case 'draining':
      return 'leaving'
    case 'exited':
      return state.expected ? 'leaving' : 'failed'
    case 'silent':
    case 'backoff':
    case 'crash-looping':
      return 'failed'
  }
}
