/**
 * Who may call what here. In: the deployer's list of groups and the components of this process that each declares as dependencies.
 * Out, for one group: the components, by index, that it may call. Without a list (one process, tests) everybody may call everything.
 */
import { WeaveError } from '../errors.ts'
import { shortName } from '../names.ts'

/** Group → full names of the components here that it may call. */
export type Admitted = Readonly<Record<string, readonly string[]>>

/** What one caller may do. */
export interface Admission {
  readonly group: string
  /** By index in the descriptor. */
  readonly components: readonly boolean[]
}

export class Admissions {
  readonly #names: readonly string[]
  readonly #admitted: Admitted | undefined

  /** `names`: full names of all components, in the descriptor's order. */
  constructor(names: readonly string[], admitted: Admitted | undefined) {
    this.#names = names
    this.#admitted = admitted
  }

  /** Undefined: it may call everything. */
  of(group: string): Admission | undefined {
    if (this.#admitted === undefined) return undefined
    const may = Object.hasOwn(this.#admitted, group) ? new Set(this.#admitted[group]) : new Set<string>()
    return { group, components: this.#names.map((name) => may.has(name)) }
  }
}

export function notAdmitted({ group }: Admission, component: string, method: string): WeaveError {
  const short = shortName(component)
  const text = `Group "${group}" may not call ${short}.${method}: no component in it takes ${short} as a constructor parameter.`
  return new WeaveError(text, { code: 'WV_FORBIDDEN', executed: 'no' })
}
