/** Reads the members of a request's body. Whatever doesn't fit is a sentence, as `WV_CONFIG`. */
import { WeaveError } from '../../runtime/errors.ts'

export class Fields {
  readonly #values: Record<string, unknown>

  constructor(body: unknown, known: readonly string[]) {
    if (body !== undefined && (typeof body !== 'object' || body === null || Array.isArray(body)))
      throw new WeaveError('The request must be a JSON object.', { code: 'WV_CONFIG' })
    this.#values = (body ?? {}) as Record<string, unknown>
    const unknown = Object.keys(this.#values).find((name) => !known.includes(name))
    if (unknown === undefined) return
    const names = known.map((name) => `"${name}"`).join(', ')
    throw new WeaveError(`"${unknown}" is not a member of this request; there are ${names}.`, { code: 'WV_CONFIG' })
  }

  text(name: string): string {
    return this.optionalText(name) ?? this.#must(name, 'a string')
  }

  texts(name: string): string[] {
    const value = this.#values[name]
    const isList = Array.isArray(value) && value.every((each) => typeof each === 'string')
    return isList ? value : this.#must(name, 'a list of strings')
  }

  optionalText(name: string): string | undefined {
    const value = this.#values[name]
    return value === undefined || typeof value === 'string' ? value : this.#must(name, 'a string')
  }

  integer(name: string): number {
    const value = this.#values[name]
    return Number.isSafeInteger(value) ? (value as number) : this.#must(name, 'a whole number')
  }

  flag(name: string): boolean {
    const value = this.#values[name] ?? false
    return typeof value === 'boolean' ? value : this.#must(name, 'true or false')
  }

  #must(name: string, what: string): never {
    const found = JSON.stringify(this.#values[name]) ?? 'missing'
    throw new WeaveError(`"${name}" must be ${what}; it is ${found.slice(0, 100)}.`, { code: 'WV_CONFIG' })
  }
}
