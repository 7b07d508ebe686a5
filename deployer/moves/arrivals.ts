/**
 * Who may call whom while components are on the way: for that time they are in two groups, so that they can call what they need from
 * the new one before anybody calls them there. In: the groups, and what is about to arrive where. Out: for the processes of a group,
 * which group may call which of their components.
 */
import type { Manifest } from '../../runtime/manifest.ts'
import { admittedTo } from '../admission.ts'
import type { Group } from '../placement.ts'

export class Arrivals {
  readonly #groups: readonly Group[]
  readonly #manifest: Manifest
  readonly #expected = new Map<Group, readonly string[]>()

  /** `groups` is read at each question. */
  constructor(groups: readonly Group[], manifest: Manifest) {
    this.#groups = groups
    this.#manifest = manifest
  }

  expect(group: Group, components: readonly string[]): void {
    this.#expected.set(group, components)
  }

  /** They are there, or will not come. */
  arrived(group: Group): void {
    this.#expected.delete(group)
  }

  admittedTo(group: Group): Record<string, string[]> {
    const seen = new Map(this.#groups.map((each) => [each, this.#withExpected(each)]))
    return admittedTo(seen.get(group) ?? group, [...seen.values()], this.#manifest)
  }

  #withExpected(group: Group): Group {
    const expected = this.#expected.get(group) ?? []
    return { ...group, components: [...group.components, ...expected] }
  }
}
