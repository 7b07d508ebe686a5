/** Gives each of what is counted a small number, the same for as long as the deployer runs. Bounded: an application's build has so many and no more. */
import { DEPLOYER_LIMITS } from '../limits.ts'

export class Names {
  readonly #names: string[] = []
  readonly #numbers = new Map<string, number>()
  readonly #max: number

  constructor(max: number = DEPLOYER_LIMITS.graphNamesMax) {
    this.#max = max
  }

  /** Undefined where there are too many: it isn't counted then. `parts` hold no NUL. */
  number(...parts: string[]): number | undefined {
    const name = parts.join('\0')
    const known = this.#numbers.get(name)
    if (known !== undefined) return known
    if (this.#names.length >= this.#max) return undefined
    const number = this.#names.push(name) - 1
    this.#numbers.set(name, number)
    return number
  }

  parts(number: number): string[] {
    return this.#names[number]!.split('\0')
  }

  get size(): number {
    return this.#names.length
  }
}
