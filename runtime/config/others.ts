/**
 * A project may have several applications, each with an entry of its own, and one weave.config.ts. In goes what that says; out comes
 * the part that is about this application: what names only components or listeners of the others is left out. A name that nobody
 * has stays, and is reported by whoever checks it.
 */

import { shortName } from '../names.ts'
import { isRange, type PinsConfig, type WeaveConfig } from './configuration.ts'

/** What the project's other applications have and this one has not; absent where there is nothing. */
export interface Others {
  /** Full names, their roots included. */
  readonly components: readonly string[]
  readonly listeners: readonly string[]
}

export function withoutOthers<C extends WeaveConfig>(config: C, own: readonly string[], others: Others | undefined): C {
  if (others === undefined) return config
  const means = (name: string, names: readonly string[]): boolean =>
    names.some((full) => full === name || shortName(full) === name)
  const isOwn = (name: string): boolean => means(name, own) || !means(name, others.components)
  const only = <T>(table: Readonly<Record<string, T>>, keep: (name: string) => boolean): Record<string, T> =>
    Object.fromEntries(Object.entries(table).filter(([name]) => keep(name)))
  const { config: sections, implementations, listeners, placement, replicas, singletons, pins } = config
  return {
    ...config,
    ...(sections && { config: only(sections, isOwn) }),
    ...(implementations && { implementations: only(implementations, isOwn) }),
    ...(listeners && { listeners: only(listeners, (name) => !others.listeners.includes(name)) }),
    ...(typeof replicas === 'object' && !isRange(replicas) && { replicas: only(replicas, isOwn) }),
    ...(singletons && { singletons: singletons.filter(isOwn) }),
    ...(pins && { pins: ownPins(pins, isOwn) }),
    ...(typeof placement === 'object' && {
      placement: {
        groups: placement.groups.map((group) => group.filter(isOwn)).filter((group) => group.length > 0),
      },
    }),
  }
}

/** A list of one says nothing. */
function ownPins({ together, apart, alone }: PinsConfig, isOwn: (name: string) => boolean): PinsConfig {
  const lists = (of: string[][]) => of.map((list) => list.filter(isOwn)).filter((list) => list.length > 1)
  return {
    ...(together && { together: lists(together) }),
    ...(apart && { apart: lists(apart) }),
    ...(alone && { alone: alone.filter(isOwn) }),
  }
}
