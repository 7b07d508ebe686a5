/**
 * What weave.config.ts answers for types that the application can't change: `types: { 'luxon.DateTime': { codec: … }, 'Event.data':
 * 'json' }`. In go symbols as the analysis meets them, and members by the way to them; out come answers, and at the end a report of
 * each name that met nothing, or two types.
 */
import type { TypeAnswer } from '../../../runtime/config/configuration.ts'
import { didYouMean } from '../../../runtime/names.ts'
import type { CheckerView, SymbolHandle } from '../../checker/view.ts'
import { moduleName, NATIVE_LIBRARY, type Names } from '../declared/names.ts'
import type { Packages } from '../declared/packages.ts'
import type { Reporter } from '../report/report.ts'
import { byCodeUnits } from './canonical.ts'

/** A member by the named type around it, `Event` and `data`, `object` for what is declared inside of it. */
export interface Within {
  readonly symbol: SymbolHandle
  readonly path: readonly string[]
}

export interface AnswersInput {
  readonly view: CheckerView
  readonly root: string
  readonly names: Names
  readonly packages: Packages
  readonly types: Readonly<Record<string, TypeAnswer>>
}

export class Answers {
  readonly #view: CheckerView
  readonly #root: string
  readonly #names: Names
  readonly #packages: Packages
  readonly #types: Readonly<Record<string, TypeAnswer>>
  readonly #candidates = new Map<SymbolHandle, readonly string[]>()
  /** Key of the config → full names of what it was met for. */
  readonly #met = new Map<string, Set<string>>()
  /** Everything that could have been named, for "did you mean". */
  readonly #known = new Set<string>()
  readonly any: boolean
  /** How often the config had an answer. */
  met = 0

  constructor({ view, root, names, packages, types }: AnswersInput) {
    this.#view = view
    this.#root = root
    this.#names = names
    this.#packages = packages
    this.#types = types
    this.any = Object.keys(types).length > 0
  }

  ofType(symbol: SymbolHandle): TypeAnswer | undefined {
    return this.any ? this.#lookUp(symbol, '', this.#names.ofSymbol(symbol)) : undefined
  }

  ofMember({ symbol, path }: Within): TypeAnswer | undefined {
    if (!this.any || path.length === 0) return undefined
    const suffix = `.${path.join('.')}`
    return this.#lookUp(symbol, suffix, this.#names.ofSymbol(symbol) + suffix)
  }

  /** What a package as a whole is answered, by a file of it: for all that its types leave open. */
  ofPackage(file: string): TypeAnswer | undefined {
    const short = this.any ? packageOf(file) : undefined
    if (short === undefined) return undefined
    this.#known.add(short)
    const name = [short, installedAs(short)].find((each) => Object.hasOwn(this.#types, each))
    if (name === undefined) return undefined
    this.#met.set(name, new Set([name]))
    this.met++
    return this.#types[name]
  }

  #lookUp(symbol: SymbolHandle, suffix: string, full: string): TypeAnswer | undefined {
    const names = this.#namesOf(symbol)
    this.#known.add((names[0] ?? full) + suffix)
    for (const name of [full, ...names.map((each) => each + suffix)]) {
      if (!Object.hasOwn(this.#types, name)) continue
      this.#met.set(name, (this.#met.get(name) ?? new Set()).add(full))
      this.met++
      return this.#types[name]
    }
    return undefined
  }

  /** `Stripe.Event`, `Event`, and with the package or the module in front, the longest first. */
  #namesOf(symbol: SymbolHandle): readonly string[] {
    const known = this.#candidates.get(symbol)
    if (known) return known
    const parts = [...this.#view.namespaces(symbol), this.#view.symbolName(symbol)]
    const suffixes = parts.map((_, at) => parts.slice(at).join('.'))
    const file = this.#view.declarationsOf(symbol)[0]?.file
    const homes =
      file === undefined
        ? []
        : [
            packageOf(file) ?? moduleName(this.#root, file, this.#packages),
            moduleName(this.#root, file, this.#packages),
          ]
    const names = [...new Set(homes)].flatMap((home) => suffixes.map((each) => `${home}.${each}`))
    const all = [...names, ...suffixes]
    this.#candidates.set(symbol, all)
    return all
  }

  /** How a config would name it: `stripe.Stripe.Event.data`. */
  nameFor({ symbol, path }: Within): string {
    return [this.#namesOf(symbol)[0] ?? this.#view.symbolName(symbol), ...path].join('.')
  }

  /** Some name of the config has met nothing so far. */
  get missing(): boolean {
    return Object.keys(this.#types).some((key) => !this.#met.has(key))
  }

  report(reporter: Reporter): void {
    const fail = (message: string, fix: string) =>
      reporter.add('WV3008', undefined, {
        message: `weave.config.ts: types: ${message}`,
        why: 'a misspelt name would be silently without effect',
        fix,
      })
    for (const key of Object.keys(this.#types)) {
      const met = [...(this.#met.get(key) ?? [])].sort(byCodeUnits)
      if (met.length > 1) {
        fail(
          `'${key}' is the name of ${met.length} types.`,
          `write one of ${met.map((each) => `'${each}'`).join(', ')}`,
        )
      }
      if (met.length > 0) continue
      const near = didYouMean(key, [
        ...this.#known,
        ...[...this.#known].map((each) => each.slice(each.lastIndexOf('/') + 1)),
      ])
      const fix =
        near === undefined
          ? 'remove it, or write the name as a report about the type shows it'
          : `did you mean '${near}'?`
      fail(`no type or member '${key}' crosses a boundary.`, fix)
    }
  }
}

/** `luxon` → `@types/luxon`, where its types may come from. */
const installedAs = (name: string): string => `@types/${name.replace('@', '').replace('/', '__')}`

/** `@types/luxon/src/datetime.d.ts` → `luxon`; undefined for the project's own. */
export function packageOf(file: string): string | undefined {
  const at = file.lastIndexOf('/node_modules/')
  if (at === -1) return undefined
  const [first = '', second = ''] = file
    .slice(at + '/node_modules/'.length)
    .replace(NATIVE_LIBRARY, 'typescript/')
    .split('/')
  if (!first.startsWith('@')) return first
  if (first !== '@types') return `${first}/${second}`
  return second.includes('__') ? `@${second.replace('__', '/')}` : second
}
