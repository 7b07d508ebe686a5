/** Values of a config against what they must be: collects problems of the form `"x" must be …; it is …`. */
import { didYouMean } from '../../runtime/names.ts'
import { type ConfigProblem, unknown, wrong } from './problem.ts'

export class ShapeCheck {
  readonly problems: ConfigProblem[] = []

  must(path: string, what: string, found: unknown, fix?: string): void {
    this.problems.push(wrong(path, `"${path}" must be ${what}; it is ${describe(found)}`, fix))
  }

  text(value: unknown, path: string): void {
    if (typeof value !== 'string' || value === '') this.must(path, 'a string that is not empty', value)
  }

  integer(value: unknown, path: string, least: number, most: number): void {
    if (!Number.isInteger(value) || (value as number) < least || (value as number) > most) {
      this.must(path, `a whole number from ${least} to ${most}`, value)
    }
  }

  /** A list of `least` component names or more. */
  names(value: unknown, path: string, least = 0): void {
    if (!Array.isArray(value) || value.length < least)
      this.must(path, least > 1 ? `a list of ${least} component names or more` : 'a list of component names', value)
    else for (const [index, name] of value.entries()) this.text(name, `${path}[${index}]`)
  }

  object(value: unknown, path: string): value is Record<string, unknown> {
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return true
    this.must(path, 'an object', value)
    return false
  }

  /** An object with known keys only; undefined when it isn't an object. */
  record<K extends string>(value: unknown, path: string, keys: readonly K[]): Partial<Record<K, unknown>> | undefined {
    if (path === '' && (typeof value !== 'object' || value === null || Array.isArray(value))) {
      this.problems.push(wrong(path, `the config must be an object; it is ${describe(value)}`))
      return undefined
    }
    if (!this.object(value, path)) return undefined
    for (const key of Object.keys(value)) {
      if ((keys as readonly string[]).includes(key)) continue
      const at = path === '' ? key : `${path}.${key}`
      const near = didYouMean(key, keys)
      const fix =
        near === undefined ? `there are ${keys.map((known) => `"${known}"`).join(', ')}.` : `did you mean "${near}"?`
      this.problems.push(unknown(at, { what: `"${at}" is not a setting`, fix }))
    }
    return value as Partial<Record<K, unknown>>
  }

  /** The entries of an object with any keys; none when it isn't one. */
  entries(value: unknown, path: string, what: string): [string, unknown][] {
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return Object.entries(value)
    this.must(path, `an object of ${what}`, value)
    return []
  }
}

function describe(value: unknown): string {
  if (typeof value === 'string') return `the string ${JSON.stringify(value)}`
  if (value === null || value === undefined || typeof value === 'number' || typeof value === 'boolean')
    return String(value)
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list'
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}
