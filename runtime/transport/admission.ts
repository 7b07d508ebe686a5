/**
 * Who may call what here. In: the deployer's list of groups and the components of this process that each declares as dependencies.
 * Out, for one group: the components, by index, that it may call. Without a list (one process, tests) everybody may call everything.
 */
import { WeaveError } from '../errors.ts'
import { shortName } from '../names.ts'

/** Group → full names of the components here that it may call. */
export type Admitted = Readonly<Record<string, readonly string[]>>

/** What one caller may do; asked with each of its calls, also after the lists have changed. */
export class Admission {
  readonly group: string
  readonly #admissions: Admissions
  #components: readonly boolean[] = []
  #version = -1

  constructor(admissions: Admissions, group: string) {
    this.group = group
    this.#admissions = admissions
  }

  /** By index in the descriptor. */
  get components(): readonly boolean[] {
    const { version } = this.#admissions
    if (this.#version !== version) {
      this.#version = version
      this.#components = this.#admissions.componentsFor(this.group)
    }
    return this.#components
  }
}

export class Admissions {
  readonly #names: readonly string[]
  #admitted: Admitted | undefined
  /** Raised by each change. */
  version = 0

  /** `names`: full names of all components, in the descriptor's order. */
  constructor(names: readonly string[], admitted: Admitted | undefined) {
    this.#names = names
    this.#admitted = admitted
  }

  /** Undefined: it may call everything. */
  of(group: string): Admission | undefined {
    return this.#admitted === undefined ? undefined : new Admission(this, group)
  }

  componentsFor(group: string): readonly boolean[] {
    const admitted = this.#admitted ?? {}
    const may = Object.hasOwn(admitted, group) ? new Set(admitted[group]) : new Set<string>()
    // Beyond the application's is the echo (measure/probe.ts), which tells nobody anything.
    return [...this.#names.map((name) => may.has(name)), true]
  }

  /** From now on, on connections that there are too. Where everybody may call everything that stays so. */
  update(admitted: Admitted): void {
    if (this.#admitted === undefined) return
    this.#admitted = admitted
    this.version++
  }
}

export function notAdmitted({ group }: Admission, component: string, method: string): WeaveError {
  const short = shortName(component)
  const text = `Group "${group}" may not call ${short}.${method}: no component in it takes ${short} as a constructor parameter.`
  return new WeaveError(text, { code: 'WV_FORBIDDEN', executed: 'no' })
}
