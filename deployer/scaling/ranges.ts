/**
 * How many replicas weave.config.ts allows. In: its `replicas`, as written; what may have but one. Out: the range of each component and of a group. A group has
 * as many as the component that asks for most, as with fixed numbers.
 */
import { isRange, type ReplicaCount, type ReplicaRange, type Replicas } from '../../runtime/config/configuration.ts'
import { WeaveError } from '../../runtime/errors.ts'
import type { Manifest } from '../../runtime/manifest.ts'
import { resolveComponentName, shortName } from '../../runtime/names.ts'
import { type Group, onlyOnce } from '../placement.ts'

export function rangeOf(count: ReplicaCount): ReplicaRange {
  return typeof count === 'number' ? { min: count, max: count } : count
}

/** To begin with: the least that is asked for. */
export function leastOf(replicas: Replicas): number | Record<string, number> {
  if (typeof replicas === 'number' || isRange(replicas)) return rangeOf(replicas).min
  return Object.fromEntries(Object.entries(replicas).map(([name, count]) => [name, rangeOf(count).min]))
}

/** In the end: the most. */
export function mostOf(replicas: Readonly<Record<string, ReplicaCount>>): Record<string, number> {
  return Object.fromEntries(Object.entries(replicas).map(([name, count]) => [name, rangeOf(count).max]))
}

export interface RangesOptions {
  manifest: Manifest
  replicas: Replicas
  /** Full names. */
  singletons: ReadonlySet<string>
}

export class Ranges {
  readonly #options: RangesOptions
  readonly #byComponent: ReadonlyMap<string, ReplicaRange>

  /** Throws `WV_CONFIG` where a component is given a range by its name that can't have one. */
  constructor(options: RangesOptions) {
    this.#options = options
    const { manifest, replicas } = options
    const names = manifest.components.map(({ name }) => name)
    const isForAll = typeof replicas === 'number' || isRange(replicas)
    const given = isForAll ? names.map((name) => [name, replicas] as const) : Object.entries(replicas)
    this.#byComponent = new Map(
      given.map(([name, count]) => [resolveComponentName(name, names), rangeOf(count)] as const),
    )
    if (isForAll) return
    for (const [name, { min, max }] of this.#byComponent) {
      if (min >= max || !this.#isStateful(name)) continue
      const short = shortName(name)
      const text = `weave.config.ts: "replicas.${short}" is { min: ${min}, max: ${max} }, but ${short} is @stateful, and what a replica keeps would be lost when it goes. Give a number.`
      throw new WeaveError(text, { code: 'WV_CONFIG' })
    }
  }

  /** Load decides about some group. */
  get any(): boolean {
    return [...this.#byComponent.values()].some(({ min, max }) => min < max)
  }

  /** How many a group of these begins with: what the config says of them, where one instance is not all there may be. */
  least(components: readonly string[]): number {
    const { manifest, singletons } = this.#options
    if (onlyOnce(manifest, [components], singletons).size > 0) return 1
    return Math.max(1, ...components.flatMap((name) => this.#byComponent.get(name)?.min ?? []))
  }

  /** Undefined: their number is fixed. */
  of(group: Group): ReplicaRange | undefined {
    const { manifest, singletons } = this.#options
    const ranges = group.components.flatMap((name) => this.#byComponent.get(name) ?? [])
    const min = Math.max(1, ...ranges.map((range) => range.min))
    const max = Math.max(1, ...ranges.map((range) => range.max))
    if (min >= max || group.components.some((name) => this.#isStateful(name))) return undefined
    return onlyOnce(manifest, [group.components], singletons).size > 0 ? undefined : { min, max }
  }

  #isStateful(name: string): boolean {
    return this.#options.manifest.components.some((component) => component.name === name && component.stateful === true)
  }
}
